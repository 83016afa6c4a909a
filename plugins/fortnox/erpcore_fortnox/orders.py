"""Orders, and the invoices that Fortnox makes of them."""

from __future__ import annotations

import logging

from erpcore.errors import ConflictError, NotFoundError, OutcomeUnknownError, RejectedError, RemoteError
from erpcore.fields import OMIT, FieldMap, canonical
from erpcore.http import path_of
from erpcore.models import DocumentQuery, Order, RecordRef
from erpcore_fortnox import values
from erpcore_fortnox.client import FortnoxClient, Record
from erpcore_fortnox.documents import document_payload, make_document, readable
from erpcore_fortnox.settings import FortnoxSettings

_LOG = logging.getLogger(__name__)


class Orders:
    """The register of orders.

    Args:
        client: Fortnox.
        field_map: The table of orders.
        settings: The connection's settings.
    """

    def __init__(self, client: FortnoxClient, field_map: FieldMap[Order], settings: FortnoxSettings) -> None:
        self._client = client
        self._map = field_map
        self._settings = settings

    def create(self, order: Order, reference: str | None) -> RecordRef:
        """Make an order that carries our key."""
        payload = document_payload(self._map, order, reference, "OrderRows", self._settings)
        return make_document(self._client, "orders", "Order", payload)

    def find(self, query: DocumentQuery) -> list[Order]:
        """Find orders; see `ErpHooks.find_orders`.

        By our key: one list request, and one for each order that carries exactly this key, because a list does not tell
        the invoice.
        """
        if query.number:
            numbers = [query.number]
        elif query.reference:
            numbers = carrying(self._client, "orders", "Orders", query.reference, self._settings.reference_field)
        else:
            return []
        found = [order for number in numbers if (order := self._read(number)) is not None]
        return [order for order in found if not query.reference or order.reference == query.reference]

    def convert(self, order_number: str) -> RecordRef:
        """Let Fortnox make an invoice of an order; see `ErpHooks.convert_to_invoice`."""
        place = path_of("orders", order_number)
        try:
            answer = self._client.act(f"{place}/createinvoice")
        except (RejectedError, ConflictError) as error:
            # Which code a second call gives is unconfirmed, so the order is asked.
            if (invoice := _invoice_of(self._client.get(place, "Order"))) is None:
                raise
            raise _already(order_number, invoice, error) from error
        number, total = _made(answer)
        if number is None:
            number = self._invoice_made(place, order_number)
        if self._settings.copy_reference_to_invoice:
            self._copy_reference(order_number, number)
        return RecordRef(number=number, total=None if total is OMIT else total, raw=answer)

    def _read(self, number: str) -> Order | None:
        try:
            record = self._client.get(path_of("orders", number), "Order")
        except NotFoundError:
            return None
        return canonical(self._map, readable(record, "OrderRows", self._settings), f"order {number}")

    def _invoice_made(self, place: str, order_number: str) -> str:
        """Ask the order for the invoice that Fortnox's answer does not name."""
        try:
            invoice = _invoice_of(self._client.get(place, "Order"))
        except RemoteError as error:
            raise _unnamed(order_number) from error
        if invoice is None:
            raise _unnamed(order_number)
        return invoice

    def _copy_reference(self, order_number: str, invoice_number: str) -> None:
        """Put the order's key on the invoice when Fortnox has not. The invoice stands whether that works or not."""
        member = self._settings.reference_field
        try:
            key = values.text(self._client.get(path_of("orders", order_number), "Order").get(member) or "")
            place = path_of("invoices", invoice_number)
            if key and values.text(self._client.get(place, "Invoice").get(member) or "") is None:
                self._client.put(place, "Invoice", {member: key})
        except RemoteError as error:
            _LOG.warning("Invoice %s was made, but it does not carry our key: %s", invoice_number, error)


def carrying(client: FortnoxClient, path: str, envelope: str, key: str, member: str) -> list[str]:
    """Find the numbers of the documents that carry exactly this key. A search finds those that merely hold it too.

    Args:
        client: Fortnox.
        path: The register.
        envelope: The member that holds the list.
        key: Our key.
        member: The field that carries it.
    """
    found = client.all(path, envelope, **{member.lower(): key})
    return [str(item["DocumentNumber"]) for item in found if values.text(item.get(member) or "") == key]


def _made(answer: Record) -> tuple[str | None, object]:
    """Read which invoice was made: descriptions differ on whether the order or the invoice is answered."""
    for envelope, member in (("Invoice", "DocumentNumber"), ("Order", "InvoiceReference")):
        record = answer.get(envelope)
        if isinstance(record, dict) and (number := values.document_number(record.get(member) or 0)):
            return number, values.number(record.get("Total"))
    return None, OMIT


def _invoice_of(order: Record) -> str | None:
    number: str | None = values.document_number(order.get("InvoiceReference") or 0)
    return number


def _already(order_number: str, invoice: str, error: RemoteError) -> ConflictError:
    return ConflictError(
        f"Order {order_number} was made into invoice {invoice} before.",
        record=f"order {order_number}",
        advice="Nothing needs to be done; go on with that invoice.",
        vendor_text=error.vendor_text,
        vendor_code=error.vendor_code,
        status=error.status,
        request_id=error.request_id,
    )


def _unnamed(order_number: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"Fortnox took the request to invoice order {order_number}, but does not tell the invoice.",
        record=f"order {order_number}",
    )
