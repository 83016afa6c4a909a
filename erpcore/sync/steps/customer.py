"""The steps that see to a company's customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import sqlalchemy as sa

from erpcore.connection import ErpConnection
from erpcore.errors import MissingRecordError, NotFoundError, UncertainEffectError
from erpcore.hookspecs import Context
from erpcore.models import Company, Customer, CustomerQuery, RecordRef, Ref, WriteBack, same_organisation
from erpcore.store import Intent, Link, cut_link, links_to, live_link, put_link
from erpcore.sync.effect import Carried, LookUp
from erpcore.sync.shared import customer_words, story
from erpcore.sync.shared.identity import KnownAs
from erpcore.sync.shared.reading import first_of_others, is_record
from erpcore.sync.shared.view import FoundBy
from erpcore.sync.steps.base import CustomerOf, Step

if TYPE_CHECKING:
    from erpcore.sync.attempt import Attempt

_FOUND = {
    "link": "its link",
    "customer_number": "its number in the CRM",
    "organisation_number": "its organisation number",
    "name": "its name",
}


class CustomerStep(Step):
    """What the steps share that give a company its customer.

    `settles` names, in the ledger, attempts to create the customer that have no answer: the customer is the answer.
    """

    company_id: str
    settles: str | None = None

    def _link_found(
        self, attempt: Attempt, ref: Ref, digest: str | None, words: str, known_as: KnownAs | None = None
    ) -> None:
        with attempt.begin() as connection:
            if self.settles is not None:
                attempt.adopt(connection, self.settles, "create_customer", ref.number)
            link_customer(connection, attempt.sides.sync, self.company_id, ref, digest, known_as)
            attempt.tell_in(connection, [("step", words, {"number": ref.number})])


class KnownCustomer(CustomerStep):
    """What the steps share whose customer is there; `known_as` is what the ERP calls it, where it was looked up."""

    customer_ref: Ref
    found_by: FoundBy
    known_as: KnownAs | None = None

    @property
    def number(self) -> str:
        """The customer's number."""
        return self.customer_ref.number


class UseCustomer(KnownCustomer):
    """Send to a customer as it is. `digest` is of what the CRM shows, when the ERP has the same already.

    `shared_with` is the CRM's key of the company whose customer it was first, where that is another one.
    """

    name: ClassVar[str] = "use_customer"
    digest: str | None = None
    shared_with: str | None = None

    def words(self) -> str:
        """Say which customer is used."""
        return f"Use customer {self.number}, found by {_FOUND[self.found_by]}; nothing to change."

    @property
    def stands(self) -> tuple[str, str, Mapping[str, object]] | None:
        """A linked customer with nothing to change needs nothing more."""
        if self.found_by != "link" or self.settles is not None:
            return None
        return "step", story.customer_found(self.number, self.found_by), {"number": self.number}

    def do(self, attempt: Attempt) -> str:
        """Link the company to it."""
        if self.stands is None:
            words = story.customer_found(self.number, self.found_by)
            self._link_found(attempt, self.customer_ref, self.digest, words, self.known_as)
        return self.number


class UpdateCustomer(KnownCustomer):
    """Overwrite a customer with what the CRM shows. `digest` is of that; None when only a part of it is sent."""

    name: ClassVar[str] = "update_customer"
    hook: ClassVar[str | None] = "update_customer"
    customer: Customer
    digest: str | None

    @property
    def sends(self) -> Customer:
        """The customer."""
        return self.customer

    @property
    def changes(self) -> bool:
        """An empty field clears what the ERP has."""
        return True

    def words(self) -> str:
        """Say which customer is updated."""
        return f"Update customer {self.number}, found by {_FOUND[self.found_by]}, with what the CRM shows."

    def do(self, attempt: Attempt) -> str:
        """Update it, and link the company to it.

        Raises:
            ComeBackLater: The linked customer is gone, or is another organisation now; its link is cut and the company
                is matched anew.
            MissingRecordError: Nobody can tell whether the linked customer still is the company's.
        """
        erp = attempt.sides.erp
        held = self._look_first(attempt) or self.known_as or KnownAs()
        try:
            updated = attempt.repeatable(
                f"the update of customer {self.number}",
                lambda: erp.update_customer(self.customer_ref, self.customer, attempt.context()),
            )
        except NotFoundError as error:
            cut_company(attempt, self.company_id, self.number)
            raise attempt.plan_again(story.link_cut(self.number)) from error
        ref = Ref(number=updated.number, key=updated.key or self.customer_ref.key)
        sent = KnownAs.of(self.customer) or KnownAs()
        words = story.customer_updated(ref.number, self.found_by)
        self._link_found(attempt, ref, self.digest, words, held.model_copy(update=sent.kept()))
        return ref.number

    def _look_first(self, attempt: Attempt) -> KnownAs | None:
        """Look at the customer before it is overwritten: its number may have been given to somebody else.

        What the ERP calls it is given back, where it was read.

        That it becomes another organisation by this is noted: whoever has older invoices of it should know.
        """
        becomes = self.customer.organisation_number
        linked_as = _linked_as(attempt, self.company_id, self.customer_ref) if self.found_by == "link" else None
        held = find_customer(attempt, self.customer_ref) if becomes or linked_as else None
        now = KnownAs.of(held)
        if held is None or now is None:
            return linked_as
        if linked_as is not None:
            self._require_same(attempt, linked_as, now)
        before = held.organisation_number
        if before and becomes and before != becomes and not same_organisation(before, becomes):
            attempt.tell("note", customer_words.organisation_changes(self.number, before, becomes))
        return now

    def _require_same(self, attempt: Attempt, linked_as: KnownAs, now: KnownAs) -> None:
        verdict, shown = linked_as.judge(now), KnownAs.of(self.customer)
        # What the CRM shows by now may stand in the ERP already.
        if verdict == "same" or (shown is not None and shown.judge(now) == "same"):
            return
        named = (self.number, linked_as.words(), now.words())
        if verdict == "another":
            words = customer_words.number_of_another(*named)
            cut_company(attempt, self.company_id, self.number, words)
            raise attempt.plan_again(words)
        raise MissingRecordError(
            customer_words.name_of_another(*named),
            connection=attempt.sides.erp.name,
            record=attempt.record,
            advice="Nothing was sent. If it is the same customer, say so with “erpcore link SYNC COMPANY --kind "
            f"company --to {self.number}”; else cut the link with --cut. Then send it again.",
        ).about("customer", self.number)


class CreateCustomer(CustomerStep):
    """Create the company's customer. `key` names the customer in the ledger, over all its records."""

    name: ClassVar[str] = "create_customer"
    hook: ClassVar[str | None] = "create_customer"
    key: str
    customer: Customer
    digest: str

    @property
    def sends(self) -> Customer:
        """The customer."""
        return self.customer

    @property
    def sees_to(self) -> CustomerOf:
        """The company became a customer by this."""
        return CustomerOf(self.company_id, self.digest)

    def words(self) -> str:
        """Say which customer is created."""
        number = self.customer.organisation_number
        return f"Create the customer “{self.customer.name}”" + (f" ({number})." if number else ".")

    def do(self, attempt: Attempt) -> str:
        """Create it, once over all its records, and link the company to it.

        Raises:
            ComeBackLater: Another company of the same organisation has it meanwhile: whether the two share it, and what
                the document says then, is planned anew.
        """
        erp = attempt.sides.erp
        owners = list[str]()  # the other company that has it, if one has
        generation = attempt.generation_of(self.key, self.name, lambda made: self._still_there(attempt, made))

        def send(intent: Intent) -> RecordRef:
            customer = self.customer.model_copy(update={"external_reference": intent.reference})
            return erp.create_customer(customer, attempt.context(intent.reference))

        def look_up(intent: Intent) -> RecordRef | None:
            context = attempt.context(intent.reference)
            return created_customer(erp, self.customer, intent.reference, context)()

        def link(connection: sa.Connection, carried: Carried) -> None:
            if carried.how != "sent" and erp.can("find_customers"):
                number, key = carried.ref.number, carried.ref.key
                held = links_to(connection, sync=attempt.sides.sync, target_kind="customer", number=number)
                if (other := first_of_others(held, self.company_id, number, key)) is not None:
                    owners.append(other)
                    return
            # Another record of the company may have sent something else; only our own is noted as sent.
            digest, known_as = self.digest if carried.how == "sent" else None, KnownAs.of(self.customer)
            link_customer(connection, attempt.sides.sync, self.company_id, carried.ref, digest, known_as)

        number = attempt.carry_out(self.key, self.name, generation, send, look_up, link).ref.number
        if owners:
            raise attempt.plan_again(customer_words.created_for_another(number, owners[0]))
        return number

    def _still_there(self, attempt: Attempt, made: Ref) -> bool:
        """Tell whether a customer that was made before is there, and its number nobody else's."""
        held = find_customer(attempt, made)
        ours, now = KnownAs.of(self.customer), KnownAs.of(held)
        return held is not None and (ours is None or now is None or ours.judge(now) != "another")


class WriteBackCustomer(Step):
    """Tell the CRM the number of the company's customer; `shared`: another company has the number already.

    `seen` is the company as the CRM showed it, where it was read.
    """

    name: ClassVar[str] = "write_back_customer"
    company_id: str
    shared: bool = False
    seen: Company | None = None

    def words(self) -> str:
        """Say so."""
        return "Write the customer number back to the CRM."

    def do(self, attempt: Attempt) -> None:
        """Tell it, where the CRM has a field for it."""
        number = linked_customer(attempt, self.company_id).number
        told = {"status": story.SYNCED, "message": None} | ({} if self.shared else {"erp_id": number})
        values = WriteBack.model_validate({"record_kind": "company", "record_id": self.company_id, **told})
        if attempt.write_back(values, f"telling the CRM the customer number {number}", self.seen):
            attempt.tell("step", story.customer_written_back(number, shared=self.shared))


def created_customer(erp: ErpConnection, customer: Customer, reference: str, context: Context) -> LookUp:
    """Search a customer that may have been created: by organisation number, else by name and our reference.

    Where its making has several writes (`Effect.finishes`), what is found by our reference is given all that it was to
    hold: the others may not have been sent.

    Args:
        erp: Where.
        customer: As it was sent.
        reference: Our own reference.
        context: The calls' context.
    """
    if customer.organisation_number:
        query = CustomerQuery(organisation_number=customer.organisation_number)
    else:
        query = CustomerQuery(name=customer.name, reference=reference)

    def look_up() -> RecordRef | None:
        found = [match for match in erp.find_customers(query, context) if match.number]
        if len(found) > 1:
            raise UncertainEffectError(
                f"{len(found)} customers in the ERP fit the one that was being created: "
                f"{'; '.join(story.candidate(match) for match in found)}.",
                advice="Merge them in the ERP, then say which one it is.",
            )
        if not found:
            return None
        ref = RecordRef(number=str(found[0].number), key=found[0].key)
        if erp.effect("create_customer").finishes:
            ours = erp.find_customers(CustomerQuery(reference=reference), context)
            if any(match.number == ref.number for match in ours):  # not what a person made meanwhile
                erp.update_customer(Ref(number=ref.number, key=ref.key), customer, context)
        return ref

    return look_up


def find_customer(attempt: Attempt, wanted: Ref) -> Customer | None:
    """Ask the ERP for a customer that it had; None when it has it no more. Its number may be another one by now."""
    query = CustomerQuery(number=wanted.number, key=wanted.key)
    for customer in attempt.sides.erp.find_customers(query, attempt.context()):
        if customer.number and is_record(customer, wanted):
            return customer
    return None


def link_customer(
    connection: sa.Connection,
    sync: str,
    company_id: str,
    ref: Ref,
    digest: str | None = None,
    known_as: KnownAs | None = None,
) -> None:
    """Link a company to its customer; a live link follows the customer's new number."""
    put_link(
        connection,
        sync=sync,
        source_kind="company",
        source_id=company_id,
        target_kind="customer",
        number=ref.number,
        key=ref.key,
        sent_digest=digest,
        # A system's own key is never given twice: there, nothing needs to be held against it.
        known_as=known_as.kept() or None if known_as is not None and ref.key is None else None,
        instead=lambda _: story.matched_anew(ref.number),
    )


def cut_company(attempt: Attempt, company_id: str, number: str, words: str | None = None) -> None:
    """End the company's link to a customer that is no longer in the ERP, or that is another one now, as `words` say."""
    with attempt.begin() as connection:
        link = company_link(connection, attempt.sides.sync, company_id)
        if link is not None and link.number == number:
            cut_link(connection, link.id, reason=words or story.customer_gone(number))
    attempt.tell("note", f"{words} {customer_words.MATCHED_ANEW}" if words else story.link_cut(number))


def _linked_as(attempt: Attempt, company_id: str, ref: Ref) -> KnownAs | None:
    """Give what the ERP called a linked customer, where its number alone is known: a key is never given twice."""
    if ref.key is not None:
        return None
    with attempt.sides.store.read() as connection:
        link = company_link(connection, attempt.sides.sync, company_id)
    return None if link is None or link.known_as is None else KnownAs.model_validate(link.known_as)


def linked_customer(attempt: Attempt, company_id: str) -> Link:
    """Give the link to the customer that the steps before have seen to.

    Raises:
        ComeBackLater: Another run has cut the link meanwhile; the plan is made anew.
    """
    with attempt.sides.store.read() as connection:
        link = company_link(connection, attempt.sides.sync, company_id)
    if link is None:
        raise attempt.plan_again(story.link_lost(company_id))
    return link


def company_link(connection: sa.Connection, sync: str, company_id: str) -> Link | None:
    """Give the live link of a company to its customer."""
    return live_link(connection, sync=sync, source_kind="company", source_id=company_id, target_kind="customer")
