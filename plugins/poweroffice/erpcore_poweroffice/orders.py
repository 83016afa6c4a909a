"""Sales orders: made in one request with their rows, and found again also when they have become invoices.

An order that is invoiced leaves the register of orders and is an invoice from then on, with the same key (interface
description, outgoing invoices). Neither register can be asked by order number or by our key, so both are read through
with the few members that are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from erpcore.errors import ConflictError, MissingRecordError, NotFoundError, RejectedError
from erpcore.fields import OMIT, FieldMap, canonical, require_sense, senseless
from erpcore.http import path_of
from erpcore.models import DocumentQuery, Order, OrderRow, RecordRef
from erpcore_poweroffice import addresses, discount, values
from erpcore_poweroffice.client import PowerOfficeClient, Record, members
from erpcore_poweroffice.customers import Customers
from erpcore_poweroffice.employees import employee_number
from erpcore_poweroffice.errors import is_used_reference
from erpcore_poweroffice.fields import DELIVERY_ADDRESS
from erpcore_poweroffice.settings import PowerOfficeSettings

ORDER_LINES = "SalesOrderLines"
_COMPARED = members(("Id", "SalesOrderNo", "ExternalImportReference"))
_COMPARED_INVOICE = members(("Id", "OrderNo", "ExternalImportReference", "InvoiceNo"))
_TEXT_LINE = ("Id", "Description", "SortOrder")


@dataclass(frozen=True)
class Place:
    """Where an order is.

    Attributes:
        id: PowerOffice's key, which stays when the order becomes an invoice.
        invoice_number: Number of the invoice that it has become; None while it is an order.
    """

    id: str
    invoice_number: str | None


class Orders:
    """The register of sales orders.

    Args:
        client: PowerOffice.
        field_map: The table of orders.
        customers: The register of customers.
        settings: The connection's settings.
    """

    def __init__(
        self,
        client: PowerOfficeClient,
        field_map: FieldMap[Order],
        customers: Customers,
        settings: PowerOfficeSettings,
    ) -> None:
        self._client = client
        self._map = field_map
        self._customers = customers
        self._settings = settings

    def create(self, order: Order, reference: str | None) -> RecordRef:
        """Make an order that carries our key. A second one with the key is refused, and the first is given back.

        Raises:
            InvalidValueError: A row makes no sense, or has no article although it has a price.
            MissingRecordError: The customer, or something that a row names, is not there.
        """
        payload = self._payload(order, reference)
        try:
            return _ref(self._client.post("SalesOrders/Complete", payload, key="SalesOrderNo"))
        except (ConflictError, RejectedError) as error:
            # The words that a used key is refused with are unconfirmed for orders, so the registers are asked.
            key = payload.get("ExternalImportReference")
            if is_used_reference(error):
                first = self._client.in_time(lambda: self._first_with(key))
            else:
                first = self._first_with(key)
            if first is None:
                raise
            return first
        except NotFoundError as error:
            raise MissingRecordError(
                f"PowerOffice refused the order: something that it names is not there ({error.vendor_text}).",
                advice="Make it in PowerOffice, or correct it in the CRM, then send the order again.",
            ) from error

    def find(self, query: DocumentQuery) -> list[Order]:
        """Find orders; see `ErpHooks.find_orders`. Deleted orders are not there any more.

        Without PowerOffice's own key, both registers are read through.
        """
        key = None if query.reference is None else values.fitting_reference(query.reference)
        if not (query.number or key or query.key):
            return []
        places = self.places(query.number, key) if query.key is None else filter(None, [self.place(query.key)])
        found = [order for place in places if (order := self._read(place)) is not None]
        found = [order for order in found if key in (None, order.reference)]
        if query.reference is None:
            return found
        return [order.model_copy(update={"reference": query.reference}) for order in found]

    def place(self, key: str) -> Place | None:
        """Find where the order of a key is; None when there is none any more. One request, or two for an invoice."""
        try:
            return Place(str(self._client.get(path_of("SalesOrders", key))["Id"]), None)
        except NotFoundError:
            pass
        try:
            return Place(key, str(self._client.get(path_of("OutgoingInvoices", key))["InvoiceNo"]))
        except NotFoundError:
            return None

    def places(self, number: str | None, key: str | None) -> Iterator[Place]:
        """Find where the orders are that have a number and carry a key, among orders first and invoices then.

        Args:
            number: Order number; None for any.
            key: Our key as PowerOffice holds it; None for any.
        """
        seen = set()
        for record in self._client.all("SalesOrders", Fields=_COMPARED):
            if _is(record, "SalesOrderNo", number) and _is(record, "ExternalImportReference", key):
                seen.add(str(record["Id"]))
                yield Place(str(record["Id"]), None)
        if seen:
            return
        sent_after = values.days_back(self._client.host.clock.now(), self._settings.search_days)
        # Not only those that this integration made: one that a person sent counts as that person's.
        for record in self._client.all(
            "OutgoingInvoices", sentDateTimeOffsetGreaterThan=sent_after, Fields=_COMPARED_INVOICE
        ):
            if _is(record, "OrderNo", number) and _is(record, "ExternalImportReference", key):
                yield Place(str(record["Id"]), str(record["InvoiceNo"]))

    def _payload(self, order: Order, reference: str | None) -> dict[str, Any]:
        rows = order.rows or ()
        for index, row in enumerate(rows):
            self._require_sense(row, index)
        if order.our_reference:
            number = employee_number(self._client, self._settings, order.our_reference)
            order = order.model_copy(update={"our_reference": number})
        payload = self._map.to_native(order)
        if reference is not None:
            payload["ExternalImportReference"] = values.fitting_reference(reference)
        for index, (row, line) in enumerate(zip(rows, payload.get(ORDER_LINES, ()), strict=True)):
            line |= {"LineType": "Text" if row.is_text else "Normal", "SortOrder": index}
            if not row.is_text:
                line.setdefault("ProductCode", self._settings.default_product)
        if (address := payload.pop(DELIVERY_ADDRESS, None)) is not None:
            customer = self._customers.held(order.customer_number or "", order.customer_key)
            payload["ContactDeliveryAddressId"] = addresses.ensure_delivery_address(
                self._client, int(customer["Id"]), address
            )
        return payload

    def _require_sense(self, row: OrderRow, index: int) -> None:
        require_sense(row, index)
        if row.is_text:
            return
        if not (row.article_number or self._settings.default_product):
            raise senseless(
                index,
                "has a price but no article, and PowerOffice takes VAT and account from the article",
                "article_number",
                "Choose an article in the CRM, or name one in the setting default_product",
            )
        if row.discount_amount and discount.from_amount(row, self._settings.discount_decimals) is OMIT:
            raise senseless(
                index,
                f"has a discount of {row.discount_amount} that cannot be told in percent of its sum",
                "discount_amount",
                "Correct quantity, price or discount",
            )

    def _first_with(self, key: str | None) -> RecordRef | None:
        if key is None:
            return None
        for place in self.places(None, key):
            if place.invoice_number is None:
                return _ref(self._client.get(path_of("SalesOrders", place.id)))
            return _ref(_as_order(self._client.get(path_of("OutgoingInvoices", place.id)), []))
        return None

    def _read(self, place: Place) -> Order | None:
        try:
            if place.invoice_number is None:
                record = self._client.get(f"{path_of('SalesOrders', place.id)}/Complete")
            else:
                invoice = path_of("OutgoingInvoices", place.id)
                record = _as_order(self._client.get(invoice), list(self._client.all(f"{invoice}/Lines")))
        except NotFoundError:
            return None  # deleted, or turned into an invoice between the two questions
        address = self._delivery_address(record)
        return canonical(self._map, _readable(record, address), f"order {record.get('SalesOrderNo')}")

    def _delivery_address(self, record: Record) -> Record | None:
        address_id, contact_id = record.get("ContactDeliveryAddressId"), record.get("CustomerId")
        if address_id is None or contact_id is None:
            return None
        try:
            return self._client.get(path_of("ContactDeliveryAddresses", contact_id, address_id))
        except NotFoundError:
            return None


def _as_order(invoice: Record, lines: list[Record]) -> Record:
    """Give an invoice the names of the order that it was."""
    address = {
        "AddressLine1": invoice.get("DeliveryAddress1"),
        "AddressLine2": invoice.get("DeliveryAddress2"),
        "ZipCode": invoice.get("DeliveryAddressZipCode"),
        "City": invoice.get("DeliveryAddressCity"),
        "CountryCode": invoice.get("DeliveryAddressCountryCode"),
    }
    return {
        **invoice,
        "SalesOrderNo": invoice.get("OrderNo"),
        "SalesOrderDate": invoice.get("OrderDate"),
        "SalesPersonEmployeeNumber": invoice.get("SellersReferenceEmployeeNo"),
        ORDER_LINES: lines,
        **({DELIVERY_ADDRESS: address} if any(address.values()) else {}),
    }


def _readable(record: Record, address: Record | None) -> Record:
    """Give an order in the form that the field map reads: rows in their order, text rows with their text alone."""
    lines = [line for line in record.get(ORDER_LINES) or [] if isinstance(line, Mapping)]
    lines.sort(key=lambda line: line.get("SortOrder") or 0)
    readable = [
        {name: line[name] for name in _TEXT_LINE if name in line} if line.get("LineType") == "Text" else line
        for line in lines
    ]
    return {**record, ORDER_LINES: readable, **({DELIVERY_ADDRESS: address} if address else {})}


def _is(record: Record, member: str, wanted: str | None) -> bool:
    return wanted is None or str(record.get(member)) == wanted


def document_ref(number: str, key: str | None, record: Record) -> RecordRef:
    """Give what identifies a document, with the sums that PowerOffice computed.

    Args:
        number: What people call it.
        key: PowerOffice's key.
        record: As PowerOffice sent it.
    """
    net, total = values.number(record.get("NetAmount")), values.number(record.get("TotalAmount"))
    return RecordRef(
        number=number,
        key=key,
        net=None if net is OMIT else net,
        vat=None if net is OMIT or total is OMIT else total - net,
        total=None if total is OMIT else total,
        currency=values.text(record.get("CurrencyCode") or ""),
        raw=record,
    )


def _ref(record: Record) -> RecordRef:
    return document_ref(str(record["SalesOrderNo"]), str(record.get("Id") or "") or None, record)
