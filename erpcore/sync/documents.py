"""The steps that make the document of a deal or an order, turn it into an invoice, and tell the CRM its number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

import sqlalchemy as sa

from erpcore.errors import ErpcoreError, InvalidValueError, MissingRecordError, NotFoundError, RejectedError
from erpcore.models import DocumentQuery, DocumentRow, Invoice, Order, RecordRef
from erpcore.store import cut_link, installation_id, links_from, plan_intent, put_link
from erpcore.sync import lookups, mapping, story
from erpcore.sync.customers import customer_exists, cut_company, linked_customer, plan_again
from erpcore.sync.decision import write_back_of
from erpcore.sync.effects import Carried, LookUp, settle
from erpcore.sync.handling import Handling
from erpcore.sync.history import told_mark
from erpcore.sync.plan import (
    CompareSums,
    ConvertToInvoice,
    CreateInvoice,
    CreateOrder,
    SettleDocument,
    WriteBackNumber,
)
from erpcore.sync.reading import article_link
from erpcore.sync.reference import reference
from erpcore.sync.sums import HasSums, Sums, differences
from erpcore.sync.view import LinkedDocument

R = TypeVar("R", bound=DocumentRow)


def create_order(at: Handling, step: CreateOrder) -> dict[str, Any]:
    """Make the order, once, and link the record to it."""
    erp = at.sides.erp
    intent = at.intent(at.record, "create_order", step.generation)
    context = at.context(intent.reference)
    number = linked_customer(at, step.company_id)
    order = step.order.model_copy(
        update={
            "reference": intent.reference,
            "customer_number": number,
            "rows": _numbered(at, step.order.rows or (), step.new_articles),
        }
    )
    look_up = lookups.order_by_reference(erp, intent.reference, context)
    carried = _while_customer_exists(
        at, step.company_id, order, lambda: at.carry_out(intent, lambda: erp.create_order(order, context), look_up)
    )
    _link_document(at, "order", carried.ref, step.generation, convert=step.convert)
    return _result(carried.ref, carried.how)


def create_invoice(at: Handling, step: CreateInvoice) -> dict[str, Any]:
    """Make the invoice draft, once, and link the record to it."""
    erp = at.sides.erp
    intent = at.intent(at.record, "create_invoice", step.generation)
    context = at.context(intent.reference)
    number = linked_customer(at, step.company_id)
    invoice = step.invoice.model_copy(
        update={
            "reference": intent.reference,
            "customer_number": number,
            "rows": _numbered(at, step.invoice.rows or (), step.new_articles),
        }
    )
    look_up = lookups.invoice_by_reference(erp, intent.reference, context)
    carried = _while_customer_exists(
        at,
        step.company_id,
        invoice,
        lambda: at.carry_out(intent, lambda: erp.create_invoice(invoice, context), look_up),
    )
    _link_document(at, "invoice", carried.ref, step.generation)
    return _result(carried.ref, carried.how)


def convert_to_invoice(at: Handling, step: ConvertToInvoice) -> dict[str, Any]:
    """Turn the order that was made into an invoice, once, and link the record to it.

    Raises:
        MissingRecordError: The order was unlinked meanwhile.
    """
    erp = at.sides.erp
    with at.sides.store.read() as connection:
        document = at.history(connection).document
    if document is None or document.kind != "order" or document.generation != step.generation:
        raise MissingRecordError(
            "The order that was to become an invoice is no longer this record's.",
            record=at.record,
            advice=f"Send the {at.run.record_kind} again.",
        )
    order_number = document.number
    intent = at.intent(at.record, "convert_to_invoice", step.generation)
    context = at.context(intent.reference)
    carried = at.carry_out(
        intent,
        lambda: erp.convert_to_invoice(order_number, context),
        lookups.invoice_of_order(erp, order_number, context),
    )
    with at.sides.store.begin() as connection:
        _put(at, connection, "invoice", carried.ref, step.generation)
    return _result(carried.ref, carried.how)


def settle_document(at: Handling, step: SettleDocument) -> dict[str, Any]:
    """Find out whether an unanswered attempt made a document, and link the record to it if so. Sends nothing.

    Raises:
        InvalidValueError: It did, and the CRM shows the number of another one.
    """
    erp = at.sides.erp
    intent = at.intent(at.record, step.operation, step.generation)
    context = at.context(intent.reference)
    look_up: LookUp
    if step.operation == "create_order":
        look_up = lookups.order_by_reference(erp, intent.reference, context)
    else:
        look_up = lookups.invoice_by_reference(erp, intent.reference, context)
    carried = settle(intent, look_up, at.window)
    if carried is None:
        at.tell("step", story.not_made())
        return {"number": None}
    _link_document(at, "order" if step.operation == "create_order" else "invoice", carried.ref, step.generation)
    at.tell("step", story.made(step.operation, carried.ref.number, carried.how))
    kind, number = at.run.record_kind, carried.ref.number
    if step.number_in_crm not in (None, number):
        made = "order" if step.operation == "create_order" else "invoice"
        raise InvalidValueError(
            f"An earlier attempt has made {made} {number} in the ERP, and the {kind} has the number "
            f"{step.number_in_crm} in the CRM.",
            connection=erp.name,
            record=at.record,
            advice=f"If both are there, annul one of them in the ERP. Then put the right number on the {kind}.",
        )
    return _result(carried.ref, carried.how)


def write_back(at: Handling, step: WriteBackNumber) -> dict[str, Any]:
    """Tell the CRM the number of the document; unless the step says again, not what it was told before.

    Whether the CRM took it is kept: a number that never stood there cannot have been cleared.
    """
    with at.sides.store.read() as connection:
        history = at.history(connection)
    document = history.document
    if document is None:
        return {"number": None}
    values = write_back_of(at.run.record_kind, at.run.record_id, document, history.invoice_number, step.status)
    told = mapping.digest(values)
    if step.again or document.told_digest != told:
        # The message is for who reads it now; what the CRM was told is the same with and without it.
        stored = at.write_back(values.model_copy(update={"message": step.message}), "telling the CRM the number")
        with at.sides.store.begin() as connection:
            put_link(
                connection,
                sync=at.sides.sync,
                kind=at.run.record_kind,
                crm_id=at.run.record_id,
                erp_kind=document.kind,
                erp_number=document.number,
                generation=document.generation,
                sent_digest=told_mark(told, stands=stored or document.stood_in_crm),
            )
        at.tell("step", story.written_back(document.number, history.invoice_number, stored=stored))
        if not stored and document.told_digest == told:
            return {"number": None}  # the same as before: nothing came of it
    return {"number": document.number, "invoice_number": history.invoice_number}


def compare_sums(at: Handling, step: CompareSums) -> dict[str, Any]:
    """Compare what the CRM's rows come to with what the ERP computed; a difference is told, and nothing is changed.

    An ERP that told the sums when it made the order is not asked again. The order is made by now: that the ERP cannot
    be read is told too, and keeps nobody from the order's number.
    """
    erp = at.sides.erp
    with at.sides.store.read() as connection:
        document = at.history(connection).document
    if document is None:
        return {"differs": []}
    theirs: HasSums | None = _sums_told(at, document)
    currency = step.currency
    if theirs is None:
        try:
            found = erp.find_orders(DocumentQuery(number=document.number), at.context())
        except ErpcoreError as error:
            at.tell("note", story.sums_not_compared(str(error)))
            return {"differs": []}
        order = next((order for order in found if order.number == document.number), None)
        if order is None:
            at.tell("note", story.sums_not_compared("it does not show the order yet."))
            return {"differs": []}
        theirs, currency = order, order.currency or currency
    differs = list(differences(step, theirs, at.sides.rules))
    for each in differs:
        words = story.sums_differ(each, currency)
        at.tell("warning", words, {"sum": each.name, "crm": str(each.ours), "erp": str(each.theirs)})
    return {"differs": [each.name for each in differs]}


def _sums_told(at: Handling, document: LinkedDocument) -> Sums | None:
    """Give the sums that the ERP told when it made the order; None when it did not tell them."""
    intent = at.intent(at.record, "create_order", document.generation)
    told = intent.result or {}
    net, vat, total = (None if told.get(name) is None else Decimal(str(told[name])) for name in ("net", "vat", "total"))
    if intent.erp_number != document.number or net is None or vat is None or total is None:
        return None
    return Sums(net, vat, total)


def _while_customer_exists(
    at: Handling, company_id: str, document: Order | Invoice, make: Callable[[], Carried]
) -> Carried:
    """Make a document; a refusal because the customer is gone has the company matched anew."""
    try:
        return make()
    except (RejectedError, NotFoundError) as error:
        for row in document.rows or ():
            # Perhaps the refusal is about an article that is gone: the next attempt asks for them again.
            at.sides.articles.discard(row.article_number or "")
        number = str(document.customer_number)
        if not at.sides.erp.can("find_customers") or customer_exists(at, number):
            raise
        cut_company(at, company_id, number)
        raise plan_again(at, number) from error


def _numbered(at: Handling, rows: tuple[R, ...], new_articles: Mapping[int, str]) -> tuple[R, ...]:
    """Put in the numbers of articles that the steps before have created."""
    if not new_articles:
        return rows
    built: list[R] = []
    with at.sides.store.read() as connection:
        for index, row in enumerate(rows):
            key = new_articles.get(index)
            link = None if key is None else article_link(connection, at.sides.sync, key)
            built.append(row if link is None else row.model_copy(update={"article_number": link.erp_number}))
    return tuple(built)


def _link_document(at: Handling, kind: str, ref: RecordRef, generation: int, *, convert: bool = False) -> None:
    """Link the record to its document, in place of an earlier one, and note that it is to become an invoice."""
    sync = at.sides.sync
    with at.sides.store.begin() as connection:
        for link in links_from(connection, sync=sync, kind=at.run.record_kind, crm_id=at.run.record_id):
            if link.cut_at is None and link.generation != generation:
                cut_link(connection, link.id, reason=story.document_replaced(ref.number))
        _put(at, connection, kind, ref, generation)
        if convert:
            record, effect = at.record, at.sides.erp.effect("convert_to_invoice")
            plan_intent(
                connection,
                sync=sync,
                record=record,
                operation="convert_to_invoice",
                reference=reference(installation_id(connection), sync, record, generation, "convert_to_invoice"),
                fence_seconds=at.window.fence_seconds(effect),
                generation=generation,
            )


def _put(at: Handling, connection: sa.Connection, kind: str, ref: RecordRef, generation: int) -> None:
    put_link(
        connection,
        sync=at.sides.sync,
        kind=at.run.record_kind,
        crm_id=at.run.record_id,
        erp_kind=kind,
        erp_number=ref.number,
        erp_id=ref.id,
        generation=generation,
    )


def _result(ref: RecordRef, how: str) -> dict[str, Any]:
    return {"number": ref.number, "how": how, "total": None if ref.total is None else str(ref.total)}
