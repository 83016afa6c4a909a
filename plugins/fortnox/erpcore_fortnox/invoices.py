"""Invoices: drafts that are made here, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from erpcore.errors import NotFoundError
from erpcore.fields import FieldMap, canonical
from erpcore.http import path_of
from erpcore.models import DocumentQuery, Invoice, Page, RecordRef
from erpcore_fortnox import values
from erpcore_fortnox.client import FortnoxClient, Record
from erpcore_fortnox.documents import document_payload, make_document, readable
from erpcore_fortnox.orders import carrying
from erpcore_fortnox.settings import FortnoxSettings

_PAYMENTS = "payments:"


class Invoices:
    """The register of invoices.

    Args:
        client: Fortnox.
        field_map: The table of invoices.
        settings: The connection's settings.
    """

    def __init__(self, client: FortnoxClient, field_map: FieldMap[Invoice], settings: FortnoxSettings) -> None:
        self._client = client
        self._map = field_map
        self._settings = settings

    def create(self, invoice: Invoice, reference: str | None) -> RecordRef:
        """Make a draft that carries our key. Fortnox books nothing by itself."""
        payload = document_payload(self._map, invoice, reference, "InvoiceRows", self._settings)
        return make_document(self._client, "invoices", "Invoice", payload)

    def find(self, query: DocumentQuery) -> list[Invoice]:
        """Find invoices; see `ErpHooks.find_invoices`. By our key: as `Orders.find`."""
        if query.number:
            numbers = [query.number]
        elif query.reference:
            numbers = carrying(self._client, "invoices", "Invoices", query.reference, self._settings.reference_field)
        else:
            return []
        found = [invoice for number in numbers if (invoice := self._read(number)) is not None]
        return [invoice for invoice in found if not query.reference or invoice.reference == query.reference]

    def fetch(self, changed_since: datetime | None, cursor: str | None) -> Page[Invoice]:
        """Read one page of invoices; see `ErpHooks.fetch_invoices`.

        After the pages of changed invoices come those of changed payments, because it is unconfirmed whether a payment
        counts as a change of its invoice.
        """
        if cursor is not None and cursor.startswith(_PAYMENTS):
            return self._paid(changed_since, cursor.removeprefix(_PAYMENTS))
        detailed = self._settings.invoice_rows
        found = self._client.page(
            "invoices",
            "Invoices",
            cursor,
            limit=self._settings.detailed_page_size if detailed else None,
            params={
                "lastmodified": self._client.changed_since(changed_since),
                "sortby": "documentnumber",
                "sortorder": "ascending",
            },
        )
        if detailed:
            items = self._read_all(str(item["DocumentNumber"]) for item in found.items)
        else:
            items = tuple(self._canonical(item) for item in found.items)
        return Page[Invoice](items=items, next_cursor=found.next_cursor or self._first_of_payments(changed_since))

    def _first_of_payments(self, changed_since: datetime | None) -> str | None:
        if changed_since is None or self._settings.settlements == "lastmodified":
            return None
        return f"{_PAYMENTS}1"

    def _paid(self, changed_since: datetime | None, cursor: str) -> Page[Invoice]:
        found = self._client.page(
            "invoicepayments",
            "InvoicePayments",
            cursor,
            limit=self._settings.detailed_page_size,
            params={"lastmodified": self._client.changed_since(changed_since)},
        )
        numbers = dict.fromkeys(str(item["InvoiceNumber"]) for item in found.items if item.get("InvoiceNumber"))
        following = found.next_cursor and f"{_PAYMENTS}{found.next_cursor}"
        return Page[Invoice](items=self._read_all(numbers), next_cursor=following)

    def _read_all(self, numbers: Iterable[str]) -> tuple[Invoice, ...]:
        return tuple(invoice for number in numbers if (invoice := self._read(number)) is not None)

    def _read(self, number: str) -> Invoice | None:
        try:
            return self._canonical(self._client.get(path_of("invoices", number), "Invoice"))
        except NotFoundError:
            return None

    def _canonical(self, record: Record) -> Invoice:
        number = values.text(record.get("DocumentNumber") or "")
        return canonical(self._map, readable(record, "InvoiceRows", self._settings), f"invoice {number}")
