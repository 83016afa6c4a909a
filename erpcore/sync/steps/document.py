"""The steps that make the document of a deal or an order, turn it into an invoice, or settle one that may be there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

import sqlalchemy as sa
from pydantic import Field

from erpcore.connection import ErpConnection
from erpcore.errors import (
    ConflictError,
    ErpcoreError,
    InvalidValueError,
    MissingRecordError,
    NotFoundError,
    NotSentError,
    RejectedError,
    UncertainEffectError,
)
from erpcore.hookspecs import Context
from erpcore.host import asking_before_writes
from erpcore.models import ContactPerson, Customer, Document, DocumentQuery, DocumentRow, Invoice, Order, RecordRef, Ref
from erpcore.store import Intent, Link, cut_link, links_from, put_link, record_done
from erpcore.sync.effect import LookUp, settle, two_documents
from erpcore.sync.shared import customer_words, story
from erpcore.sync.shared.reading import article_link, is_record
from erpcore.sync.shared.refused import refused_values
from erpcore.sync.shared.rows import rows_words
from erpcore.sync.steps.base import Step
from erpcore.sync.steps.customer import cut_company, find_customer, link_customer, linked_customer
from erpcore.sync.steps.person import cut_person, person_key, person_link

if TYPE_CHECKING:
    from erpcore.sync.attempt import Attempt

D = TypeVar("D", Order, Invoice)
R = TypeVar("R", bound=DocumentRow)


class MakeDocument(Step):
    """What making an order and making an invoice share.

    `new_articles` names, per row index, the article whose number is known once it is created. `replaces` is the number
    of an earlier document that no longer counts. `person` is named by the document, where the customer has them.
    """

    company_id: str
    generation: int
    new_articles: Mapping[int, str] = Field(default_factory=dict)
    replaces: str | None = None
    person: ContactPerson | None = None

    @property
    def new_rows(self) -> Collection[int]:
        """Rows whose article is made first."""
        return self.new_articles.keys()

    def _make(
        self,
        attempt: Attempt,
        document: D,
        send: Callable[[D, Context], RecordRef],
        look_for: LookFor,
        link: Callable[[sa.Connection, RecordRef], None],
    ) -> str:
        """Make it, once; a refusal because the customer is gone has the company matched anew."""
        linked = linked_customer(attempt, self.company_id)
        customer = Ref(number=linked.number, key=linked.key)
        rows = _numbered(attempt, document.rows or (), self.new_articles)
        found: dict[str, Any] = {"customer_number": customer.number, "rows": rows}
        if customer.key is not None:
            found["customer_key"] = customer.key
        person = None if self.person is None else person_key(customer, self.person)
        if person is not None and (key := _person(attempt, person)) is not None:
            found["contact_person_key"] = key

        def send_whole(intent: Intent) -> RecordRef:
            whole = document.model_copy(update={**found, "reference": intent.reference})
            return send(whole, attempt.context(intent.reference))

        def look_up(intent: Intent) -> RecordRef | None:
            return look_for(attempt.sides.erp, intent.reference, attempt.context(intent.reference))()

        try:
            carried = attempt.carry_out(
                attempt.record,
                self.name,
                self.generation,
                send_whole,
                look_up,
                lambda connection, carried: link(connection, carried.ref),
            )
        except (RejectedError, NotFoundError, MissingRecordError, InvalidValueError) as error:
            if named := refused_values(document.model_copy(update=found), error):
                error.message = f"{error.message} {named}"
            if isinstance(error, InvalidValueError):
                raise
            for row in rows:
                # Perhaps the refusal is about an article that is gone: the next attempt asks for them again.
                attempt.sides.articles.discard(row.article_number or "")
            if person is not None:
                with attempt.begin() as connection:
                    cut_person(connection, attempt.sides.sync, person)
            if not attempt.sides.erp.can("find_customers"):
                raise
            there = find_customer(attempt, customer)
            if there is None:
                cut_company(attempt, self.company_id, customer.number)
                raise attempt.plan_again(story.link_cut(customer.number)) from error
            if there.active is False:
                raise _inactive(attempt, there) from error
            if there.number == customer.number:
                raise
            with attempt.begin() as connection:
                known = Ref(number=str(there.number), key=there.key or customer.key)
                link_customer(connection, attempt.sides.sync, self.company_id, known)
            raise attempt.plan_again(story.customer_renumbered(customer.number, known.number)) from error
        return carried.ref.number

    def _beside(self) -> str:
        return f" (a new one, beside {self.replaces})" if self.replaces else ""


def _person(attempt: Attempt, key: str) -> str | None:
    with attempt.sides.store.read() as connection:
        link = person_link(connection, attempt.sides.sync, key)
    return None if link is None else link.key


class CreateOrder(MakeDocument):
    """Make the order; `convert`: it is to become an invoice afterwards."""

    name: ClassVar[str] = "create_order"
    hook: ClassVar[str | None] = "create_order"
    order: Order
    convert: bool = False

    @property
    def sends(self) -> Order:
        """The order."""
        return self.order

    def words(self) -> str:
        """Say what the order is."""
        text = f"Create an order{self._beside()} with {rows_words(self.order)}."
        return text + (" Turn it into an invoice draft afterwards." if self.convert else "")

    def do(self, attempt: Attempt) -> str:
        """Make it, once, and link the record to it."""

        def send(order: Order, context: Context) -> RecordRef:
            return attempt.sides.erp.create_order(order, replace(context, becomes_invoice=self.convert))

        def link(connection: sa.Connection, ref: RecordRef) -> None:
            link_document(attempt, connection, "order", ref, self.generation)
            if self.convert:
                attempt.plan_intent(connection, attempt.record, "convert_to_invoice", self.generation)

        return self._make(attempt, self.order, send, order_by_reference, link)


class CreateInvoice(MakeDocument):
    """Make the invoice draft."""

    name: ClassVar[str] = "create_invoice"
    hook: ClassVar[str | None] = "create_invoice"
    invoice: Invoice

    @property
    def sends(self) -> Invoice:
        """The invoice."""
        return self.invoice

    def words(self) -> str:
        """Say what the invoice is."""
        return f"Create an invoice draft{self._beside()} with {rows_words(self.invoice)}."

    def do(self, attempt: Attempt) -> str:
        """Make it, once, and link the record to it."""

        def link(connection: sa.Connection, ref: RecordRef) -> None:
            link_document(attempt, connection, "invoice", ref, self.generation)

        return self._make(attempt, self.invoice, attempt.sides.erp.create_invoice, invoice_by_reference, link)


class ConvertToInvoice(Step):
    """Turn the order that was made into an invoice draft."""

    name: ClassVar[str] = "convert_to_invoice"
    hook: ClassVar[str | None] = "convert_to_invoice"
    generation: int

    def words(self) -> str:
        """Say so."""
        return "Turn the order into an invoice draft."

    def do(self, attempt: Attempt) -> str:
        """Turn it into one, once, and link the record to it.

        Raises:
            MissingRecordError: The order was unlinked meanwhile.
        """
        erp = attempt.sides.erp
        document, _ = attempt.document()
        if document is None or document.kind != "order" or document.generation != self.generation:
            raise MissingRecordError(
                "The order that was to become an invoice is no longer this record's.",
                record=attempt.record,
                advice=f"Send the {attempt.run.record_kind} again.",
            )
        order = document.ref

        def look_up(intent: Intent) -> RecordRef | None:
            context = attempt.context(intent.reference)
            invoice = invoice_of_order(erp, order, context)()
            if invoice is not None and erp.effect(self.name).finishes:
                _finish_conversion(erp, order, context)
            return invoice

        carried = attempt.carry_out(
            attempt.record,
            self.name,
            self.generation,
            lambda intent: erp.convert_to_invoice(order, attempt.context(intent.reference)),
            look_up,
            lambda connection, carried: _put(attempt, connection, "invoice", carried.ref, self.generation),
        )
        attempt.note_document(None)
        return carried.ref.number


class SettleDocument(Step):
    """Find out whether a document was made that nobody wants any more; send nothing.

    `number_in_crm` is what stands in the place of its number: another document's is not written over.
    """

    name: ClassVar[str] = "settle_document"
    operation: Literal["create_order", "create_invoice"]
    generation: int
    number_in_crm: str | None = None

    def words(self) -> str:
        """Say so."""
        return "Find out whether an earlier attempt made a document; make none."

    def do(self, attempt: Attempt) -> str | None:
        """Look for it, and link the record to it if it is there.

        Raises:
            UncertainEffectError: It is there, and the CRM shows the number of another one.
        """
        intent = attempt.intent(attempt.record, self.operation, self.generation)
        kind = "order" if self.operation == "create_order" else "invoice"
        look_for = order_by_reference if kind == "order" else invoice_by_reference
        look_up = look_for(attempt.sides.erp, intent.reference, attempt.context(intent.reference))
        carried = settle(intent, look_up, attempt.window)
        if carried is None:
            attempt.tell("step", story.not_made())
            return None
        number = carried.ref.number
        another = self.number_in_crm not in (None, number)
        with attempt.begin() as connection:
            link_document(attempt, connection, kind, carried.ref, self.generation)
            attempt.tell_in(connection, [("step", story.made(self.operation, number, carried.how), None)])
            if another:
                # Noted beside ours, so that it is asked until a person has answered which one counts.
                record_done(connection, intent.id, attempt=intent.attempts, number=str(self.number_in_crm))
        if another:
            raise two_documents(attempt.record, self.operation, number, str(self.number_in_crm))
        return number


LookFor = Callable[[ErpConnection, str, Context], LookUp]
"""Makes the search for a document by our reference."""


def order_by_reference(erp: ErpConnection, reference: str, context: Context) -> LookUp:
    """Search an order by our reference."""
    return lambda: _one(erp.find_orders(DocumentQuery(reference=reference), context), "order", reference)


def invoice_by_reference(erp: ErpConnection, reference: str, context: Context) -> LookUp:
    """Search an invoice by our reference."""
    return lambda: _one(erp.find_invoices(DocumentQuery(reference=reference), context), "invoice", reference)


def invoice_of_order(erp: ErpConnection, wanted: Ref, context: Context) -> LookUp:
    """Read whether an order was turned into an invoice."""

    def look_up() -> RecordRef | None:
        for order in erp.find_orders(DocumentQuery(number=wanted.number, key=wanted.key), context):
            if is_record(order, wanted) and order.invoices:
                return RecordRef(number=order.invoices[0].number, key=order.invoices[0].key)
        return None

    return look_up


def _finish_conversion(erp: ErpConnection, order: Ref, context: Context) -> None:
    """Finish what was left half done of a conversion that has made its invoice.

    Raises:
        NotSentError: The ERP does not show the invoice any more, and would make another one.
    """

    def refuse() -> None:
        raise NotSentError(f"The invoice of order {order.number} is not shown any more. It is looked for again.")

    with asking_before_writes(refuse, repeatable=False), suppress(ConflictError):
        erp.convert_to_invoice(order, context)


def link_document(attempt: Attempt, connection: sa.Connection, kind: str, ref: RecordRef, generation: int) -> None:
    """Link the record to its document, in place of an earlier one."""
    sync, run = attempt.sides.sync, attempt.run
    # The first document takes no other one's place.
    known = generation > 1 and links_from(connection, sync=sync, source_kind=run.record_kind, source_id=run.record_id)
    for each in known or ():
        if each.cut_at is None and each.generation != generation:
            cut_link(connection, each.id, reason=story.document_replaced(ref.number))
    link = _put(attempt, connection, kind, ref, generation)
    attempt.note_document(link if generation == 1 else None)


def _put(attempt: Attempt, connection: sa.Connection, kind: str, ref: RecordRef, generation: int) -> Link:
    return put_link(
        connection,
        sync=attempt.sides.sync,
        source_kind=attempt.run.record_kind,
        source_id=attempt.run.record_id,
        target_kind=kind,
        number=ref.number,
        key=ref.key,
        generation=generation,
    )


def _numbered(attempt: Attempt, rows: tuple[R, ...], new_articles: Mapping[int, str]) -> tuple[R, ...]:
    """Put in the numbers of articles that the steps before have created."""
    if not new_articles:
        return rows
    built: list[R] = []
    with attempt.sides.store.read() as connection:
        for index, row in enumerate(rows):
            key = new_articles.get(index)
            link = None if key is None else article_link(connection, attempt.sides.sync, key)
            found = {} if link is None else {"article_number": link.number, "article_key": link.key}
            built.append(row.model_copy(update={name: value for name, value in found.items() if value is not None}))
    return tuple(built)


def _one(found: Sequence[Document], kind: str, reference: str) -> RecordRef | None:
    """Give the one document that counts.

    Raises:
        UncertainEffectError: There are several, or only annulled ones, which is no answer for a person's document.
    """
    living = [document for document in found if not document.cancelled and document.number]
    if len(living) > 1:
        numbers = ", ".join(str(document.number) for document in living)
        raise UncertainEffectError(
            f"The ERP has {len(living)} {kind}s with our reference {reference}: {numbers}.",
            cause="two_documents",
            advice=story.HOW_TO_ANSWER["two_documents"],
        )
    if living:
        document = living[0]
        total = {} if document.total is None else {"total": document.total}
        return RecordRef(number=str(document.number), key=document.key, **total)
    if found:
        numbers = ", ".join(str(document.number) for document in found)
        raise UncertainEffectError(
            f"The {kind} {numbers} was made before, and was annulled in the ERP since.",
            advice="Say “not made” to have a new one made, or “made” with its number to leave it at that.",
        )
    return None


def _inactive(attempt: Attempt, customer: Customer) -> ErpcoreError:
    """Make a customer active that refuses documents, where the rules say so; give what stops this attempt."""
    ref = Ref(number=str(customer.number), key=customer.key)
    if attempt.sides.rules.inactive_customer == "activate":
        again = Customer(active=True)
        attempt.repeatable(
            f"making customer {ref.number} active",
            lambda: attempt.sides.erp.update_customer(ref, again, attempt.context()),
        )
        return attempt.plan_again(customer_words.customer_activated(ref.number))
    return MissingRecordError(
        customer_words.customer_inactive(story.candidate(customer)),
        record=attempt.record,
        advice="Make it active in the ERP and send it again, or set inactive_customer = “activate”.",
    ).about("customer", ref.number)
