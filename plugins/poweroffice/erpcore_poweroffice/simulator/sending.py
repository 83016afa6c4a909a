"""From order to invoice: a wish that is queued, a state that is polled, and an invoice or an error at its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from erpcore_poweroffice.simulator import invoices, lists
from erpcore_poweroffice.simulator.books import Books, Record, Sending
from erpcore_poweroffice.simulator.calls import NOT_FOUND, Answer, Call, Operation, Refused, writing
from erpcore_poweroffice.simulator.inheritance import effective_header
from erpcore_poweroffice.simulator.members import read, read_body, show
from erpcore_poweroffice.simulator.sales_shapes import ORDER, SENDING, SENT_STATE
from erpcore_poweroffice.simulator.standing import own_order
from erpcore_poweroffice.simulator.terms import days

FAULTS = frozenset({"sending_fails", "sending_stuck"})
"""The fault kinds that strike CreateAndSendInvoice: it ends in an error, or it never ends."""

STATE_ADDRESS = "/SalesOrders/SentState"
_FAILURE = "The invoice could not be delivered. Please try again later."


def operations() -> list[Operation]:
    """Return the addresses."""
    write = writing("SalesOrders")
    return [
        Operation("GET", STATE_ADDRESS, write, sent_state),
        Operation("POST", "/SalesOrders/{id}/CreateAndSendInvoice", write, create_and_send),
    ]


def create_and_send(books: Books, call: Call) -> Answer:
    """Queue an order to be made an invoice.

    Raises:
        Refused: The integration may not send (seen in a reply), there is no such order, or it is under way.
    """
    if not books.integration.may_send:
        told = "The integration does not have the required privileges to send invoices."
        raise Refused(400, "Missing privilege", told)
    order = own_order(books, call)
    wanted = {"DeliveryType": "Auto", **read_body(SENDING, call.body, books.behaviour, optional=True)}
    wanted["DeliveryType"] = wanted["DeliveryType"] or "Auto"
    known = books.sendings.get(str(order.id))
    if known is not None and known.processing:
        if books.behaviour.send_twice == "refused":
            raise ORDER.refused(f"Sales order with id = {order.id} is already being processed.")
    else:
        done_at = books.now() + timedelta(seconds=books.behaviour.sending_seconds)
        fault = books.faults.take(FAULTS, call.method, call.path)
        stuck = fault is not None and fault.kind == "sending_stuck"
        fails_with = _FAILURE if fault is not None and not stuck else ""
        sending = Sending(wanted, None if stuck else done_at, call.application, fails_with=fails_with)
        books.sendings[str(order.id)] = sending
    location = {"Location": f"{call.root}{STATE_ADDRESS}?id={order.id}"}
    return Answer(show(SENDING, {**wanted, "Id": order.id}), 202, location)


def sent_state(books: Books, call: Call) -> Answer:
    """Tell how far an order is, or all that were ever queued."""
    wanted = lists.text(call, "id")
    if wanted is None:
        every = [_state(books, order_id) for order_id in books.sendings]
        return Answer(every) if every else Answer(status=204)
    try:
        order_id = read("uuid", wanted)
    except ValueError:
        errors = {"id": [f"The value '{wanted}' is not valid."]}
        raise Refused(400, "One or more validation errors occurred.", errors=errors) from None
    if order_id not in books.tables["orders"]:
        raise Refused(404, NOT_FOUND, f"Sales order with id = {order_id} not found.")
    if order_id not in books.sendings and books.behaviour.unsent_state == "no_content":
        return Answer(status=204)
    state = _state(books, order_id)
    return Answer([state] if books.behaviour.sent_state_form == "array" else state)


def settle(books: Books) -> None:
    """Finish what is due: make invoices, or note why not."""
    for order_id, sending in books.sendings.items():
        if not sending.processing or sending.done_at is None or sending.done_at > books.now():
            continue
        order = books.tables["orders"][order_id]
        sending.error = sending.fails_with or _obstacle(books, order, sending.wanted)
        sending.processing = False
        if not sending.error:
            _finish(books, order, sending.wanted, sending.by)


def send_by_hand(books: Books, order: Record, asked: Mapping[str, Any], *, by: str = "") -> Record:
    """Send an order as a person in the program does, at once; the invoice then is the person's.

    Args:
        books: The company's.
        order: The order.
        asked: Members of a send request.
        by: The application key that the invoice shall count as sent by.

    Raises:
        Refused: It cannot be sent; the message says why.
    """
    body = json.dumps(dict(asked), default=str).encode()
    wanted = {"DeliveryType": "Auto", **read_body(SENDING, body, books.behaviour)}
    if obstacle := _obstacle(books, order, wanted):
        raise ORDER.refused(obstacle)
    books.sendings[str(order.id)] = Sending(wanted, books.now(), by, processing=False)
    return _finish(books, order, wanted, by)


def _finish(books: Books, order: Record, wanted: dict[str, Any], by: str) -> Record:
    header = effective_header(books, order.values)
    voucher_date: date = wanted.get("VoucherDate") or books.today()
    due = wanted.get("OverrideDueDate") or _later(voucher_date, days(books, header) or 0)
    delivery = _delivery(books, header, wanted)
    return invoices.post(books, order, header, invoices.Issue(voucher_date, due, delivery, by))


def _later(day: date, number: int) -> date:
    try:
        return day + timedelta(days=number)
    except OverflowError:  # an invoice of the last year that there is
        return date.max


def _obstacle(books: Books, order: Record, wanted: dict[str, Any]) -> str:
    """Return why an order cannot be sent; "" when it can."""
    if order.values.get("CustomerId") is None:
        return "The sales order has no customer."
    if not any(line.get("ProductId") for line in order.lines):
        return "The sales order has no lines with a product."
    header = effective_header(books, order.values)
    if _delivery(books, header, wanted) == "PdfByEmail" and not _receiver(books, header, wanted):
        return "The customer has no e-mail address for invoices."
    return ""


def _delivery(books: Books, header: dict[str, Any], wanted: dict[str, Any]) -> str:
    if wanted["DeliveryType"] == "PdfPrintForDownload":
        return "Print"
    number = books.value("customers", header["CustomerId"], "OrganizationNumber")
    return "EHF" if wanted["DeliveryType"] == "Auto" and number in books.receivers else "PdfByEmail"


def _receiver(books: Books, header: dict[str, Any], wanted: dict[str, Any]) -> str | None:
    invoice_address = books.value("customers", header["CustomerId"], "InvoiceEmailAddress")
    receiver: str | None = wanted.get("EmailAddress") or invoice_address
    return receiver


def _state(books: Books, order_id: str) -> dict[str, Any]:
    sending = books.sendings.get(order_id)
    invoice = books.tables["invoices"].get(order_id)
    state: dict[str, Any] = {"Id": order_id, "IsInvoiceBeingProcessed": sending is not None and sending.processing}
    if sending is not None and sending.error:
        state["LastErrorMessage"] = sending.error
    if invoice is not None:
        same = ("InvoiceNo", "DueDate", "InvoiceDeliveryType", "SentDateTimeOffset")
        state |= {member: invoice.values[member] for member in same}
    return show(SENT_STATE, state)
