"""Turning an order into an invoice, which PowerOffice does by itself after it was asked to.

The request is answered at once, and what became of it is asked for with growing pauses (developer portal, Transferring
orders). PowerOffice posts and, if told so, delivers the invoice; there is no way back but a credit note.
"""

from __future__ import annotations

from erpcore.errors import ConflictError, NotFoundError, OutcomeUnknownError, RejectedError, RemoteError
from erpcore.http import path_of
from erpcore.models import RecordRef, Ref
from erpcore_poweroffice.client import PowerOfficeClient, Record
from erpcore_poweroffice.orders import Orders, Place, document_ref
from erpcore_poweroffice.settings import PowerOfficeSettings

_STATE = "SalesOrders/SentState"


def convert_to_invoice(
    client: PowerOfficeClient,
    orders: Orders,
    settings: PowerOfficeSettings,
    order_ref: Ref,
) -> RecordRef:
    """Have an order turned into an invoice, and wait for the invoice's number.

    Args:
        client: PowerOffice.
        orders: The register of orders.
        settings: How to deliver, and how long to wait.
        order_ref: The order. Without its key, the registers are read through for its number.

    Raises:
        ConflictError: It was turned into an invoice before.
        NotFoundError: No such order.
        PermissionDeniedError: The integration may not send invoices.
        RejectedError: PowerOffice tried and failed; the order is an order still.
        OutcomeUnknownError: It is not known yet what became of it.
    """
    order_number = order_ref.number
    place = client.in_time(
        lambda: orders.place(order_ref.key) if order_ref.key else next(orders.places(order_number, None), None)
    )
    if place is None:
        raise NotFoundError(
            f"PowerOffice has no order {order_number}.",
            record=f"order {order_number}",
            advice="Check that the order still exists in PowerOffice.",
        )
    before = None if place.invoice_number else _state(client, place)
    if invoice_number := place.invoice_number or _invoice_number(before):
        raise _already(order_number, invoice_number)
    if not (before and before.get("IsInvoiceBeingProcessed")):
        # A request whose answer was lost may be at work; then it is waited for, and nothing is sent.
        client.act(f"{path_of('SalesOrders', place.id)}/CreateAndSendInvoice", {"DeliveryType": settings.delivery_type})
    told_before = before.get("LastErrorMessage") if before else None
    return _waited_for(client, settings, order_number, place, told_before)


def _waited_for(
    client: PowerOfficeClient,
    settings: PowerOfficeSettings,
    order_number: str,
    place: Place,
    told_before: object,
) -> RecordRef:
    last = len(settings.sent_state_waits) - 1
    for attempt, seconds in enumerate(settings.sent_state_waits):
        client.host.clock.sleep(seconds)
        state = _result(client, place, order_number)
        if number := _invoice_number(state):
            return _made(client, place, number)
        if state is None or state.get("IsInvoiceBeingProcessed"):
            continue
        problem = state.get("LastErrorMessage")
        # Until this request is taken up, the problem of an earlier one may still be shown.
        if problem and (attempt == last or problem != told_before):
            client.host.had_no_effect()  # PowerOffice has said so, later than others do
            raise RejectedError(
                f"PowerOffice could not turn order {order_number} into an invoice.",
                record=f"order {order_number}",
                advice="Mend what PowerOffice says, on the order or the customer there, then send the order again.",
                vendor_text=str(problem),
            )
    raise OutcomeUnknownError(
        f"PowerOffice has taken the request to invoice order {order_number}, but has not done it within "
        f"{sum(settings.sent_state_waits):g} seconds.",
        record=f"order {order_number}",
    )


def _state(client: PowerOfficeClient, place: Place) -> Record | None:
    try:
        return client.state(_STATE, id=place.id)
    except NotFoundError:
        return None


def _result(client: PowerOfficeClient, place: Place, order_number: str) -> Record | None:
    """Ask what became of a request that was taken: that the question fails says nothing about it."""
    try:
        return _state(client, place)
    except RemoteError as error:
        raise OutcomeUnknownError(
            f"PowerOffice has taken the request to invoice order {order_number}, but what became of it could not be "
            f"asked: {error.message}",
            record=f"order {order_number}",
            vendor_text=error.vendor_text,
            status=error.status,
        ) from error


def _invoice_number(state: Record | None) -> str | None:
    """Give the invoice's number once it is there; it stands only on invoices that were sent and posted."""
    if state is None or not state.get("SentDateTimeOffset") or state.get("InvoiceNo") is None:
        return None
    return str(state["InvoiceNo"])


def _made(client: PowerOfficeClient, place: Place, number: str) -> RecordRef:
    """Give the invoice, with its sums where they can be read. It stands whether that works or not."""
    try:
        record = client.get(path_of("OutgoingInvoices", place.id))
    except RemoteError:
        record = {}
    return document_ref(number, place.id, record)


def _already(order_number: str, invoice_number: str) -> ConflictError:
    return ConflictError(
        f"Order {order_number} was made into invoice {invoice_number} before.",
        record=f"order {order_number}",
        advice="Nothing needs to be done; go on with that invoice.",
    )
