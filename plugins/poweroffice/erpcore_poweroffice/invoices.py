"""Invoices: what was sent, what is left to pay, and when it was paid.

A list of changed invoices there is not. Two lists together tell the same: those sent since, and those whose balance has
changed since (interface description, outgoing invoices: filters). The day of payment is in the customer ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from erpcore.errors import InvalidValueError, NotFoundError
from erpcore.fields import OMIT, FieldMap, canonical
from erpcore.http import path_of
from erpcore.models import DocumentQuery, Invoice, Page
from erpcore_poweroffice import values
from erpcore_poweroffice.client import PowerOfficeClient, Record, members
from erpcore_poweroffice.customers import Customers
from erpcore_poweroffice.document_fields import CUSTOMER_NAME, LINES, OUR_REFERENCE_NAME
from erpcore_poweroffice.employees import employee_names
from erpcore_poweroffice.settings import PowerOfficeSettings

_INVOICE_TYPES = frozenset({"OutgoingInvoice", "OutgoingCreditNote"})
_TEXT_LINE = ("Id", "Description")
_COMPARED = members(("Id", "ExternalImportReference"))
_BALANCE = "balance:"
_SENT_SINCE = "sentDateTimeOffsetGreaterThan"
_CHANGED_SINCE = "balanceLastChangedDateTimeOffsetGreaterThan"


class Invoices:
    """The register of outgoing invoices.

    Args:
        client: PowerOffice.
        field_map: The table of invoices.
        customers: The register of customers.
        settings: The connection's settings.
    """

    def __init__(
        self,
        client: PowerOfficeClient,
        field_map: FieldMap[Invoice],
        customers: Customers,
        settings: PowerOfficeSettings,
    ) -> None:
        self._client = client
        self._map = field_map
        self._customers = customers
        self._settings = settings

    def find(self, query: DocumentQuery) -> list[Invoice]:
        """Find invoices; see `ErpHooks.find_invoices`. Drafts are orders here, and are not among them.

        By number or PowerOffice's key: one request. By our key, those sent within `search_days` are read through.
        """
        if query.key:
            found = [record] if (record := self._read(query.key)) is not None else []
        elif query.number:
            if not values.is_number(query.number):
                return []
            listed = self._client.all("OutgoingInvoices", invoiceNos=query.number)
            found = [record for record in listed if str(record.get("InvoiceNo")) == query.number]
        elif query.reference:
            found = self._carrying(values.fitting_reference(query.reference))
        else:
            return []
        invoices = self._canonical(found)
        if query.reference is None:
            return invoices
        key = values.fitting_reference(query.reference)
        return [
            invoice.model_copy(update={"reference": query.reference})
            for invoice in invoices
            if invoice.reference == key
        ]

    def fetch(self, changed_since: datetime | None, cursor: str | None) -> Page[Invoice]:
        """Read one page of invoices; see `ErpHooks.fetch_invoices`.

        After the pages of those sent since come those whose balance changed since, imported ones among them.
        """
        by_balance = cursor is not None and cursor.startswith(_BALANCE)
        if by_balance and changed_since is None:
            raise InvalidValueError(
                f"“{cursor}” is the cursor of a question for changes.", advice="Start again without a cursor."
            )
        params: dict[str, str | int | None] = {"OrderBy": "VoucherNo"}
        if changed_since is not None:
            since = values.moment(changed_since, self._settings.overlap_seconds)
            params[_CHANGED_SINCE if by_balance else _SENT_SINCE] = since
        detailed = self._settings.detailed_page_size
        place = cursor.removeprefix(_BALANCE) if cursor else None
        found = self._client.page("OutgoingInvoices", place, size=detailed, params=params)
        following = found.next_cursor
        if by_balance and following:
            following = f"{_BALANCE}{following}"
        elif not (by_balance or following or changed_since is None):
            following = f"{_BALANCE}1"
        return Page[Invoice](items=tuple(self._canonical(found.items)), next_cursor=following)

    def _carrying(self, key: str) -> list[Record]:
        sent_after = values.days_back(self._client.host.clock.now(), self._settings.search_days)
        listed = self._client.all("OutgoingInvoices", **{_SENT_SINCE: sent_after}, Fields=_COMPARED)
        ids = [str(record["Id"]) for record in listed if record.get("ExternalImportReference") == key]
        return [record for invoice_id in ids if (record := self._read(invoice_id)) is not None]

    def _read(self, invoice_id: str) -> Record | None:
        try:
            return self._client.get(path_of("OutgoingInvoices", invoice_id))
        except NotFoundError:
            return None

    def _canonical(self, records: Sequence[Record]) -> list[Invoice]:
        """Translate invoices, with what other registers know of them: names, days of payment, rows."""
        numbers = {str(record["CustomerNo"]) for record in records if record.get("CustomerNo") is not None}
        names = self._customers.names(numbers)
        sellers = employee_names(self._client, (record.get("SellersReferenceEmployeeNo") for record in records))
        invoices = []
        for record in records:
            full: dict[str, Any] = dict(record)
            if name := names.get(str(record.get("CustomerNo"))):
                full[CUSTOMER_NAME] = name
            if seller := sellers.get(str(record.get("SellersReferenceEmployeeNo"))):
                full[OUR_REFERENCE_NAME] = seller
            full["PostingDate"] = self._payment_day(record)
            if self._settings.invoice_rows:
                full[LINES] = self._lines(record)
            invoices.append(canonical(self._map, full, f"invoice {record.get('InvoiceNo')}"))
        return invoices

    def _payment_day(self, invoice: Record) -> str | None:
        """Read the day of the last payment of an invoice that is paid in full.

        Entries that are matched with the invoice share its key of matching; those that are invoices themselves or
        write-offs are no payments (developer portal, Retrieving invoice payments).
        """
        left, match_id = values.number(invoice.get("Balance")), invoice.get("MatchId")
        if left is OMIT or left != 0 or match_id is None:
            return None
        entries = self._client.all("Customerledger/EntriesByMatchId", matchId=int(match_id))
        days = [
            str(entry["PostingDate"])
            for entry in entries
            if entry.get("PostingDate")
            and not entry.get("IsWriteOff")
            and entry.get("VoucherType") not in _INVOICE_TYPES
        ]
        return max(days, default=None)

    def _lines(self, invoice: Record) -> list[Record]:
        lines = list(self._client.all(f"{path_of('OutgoingInvoices', str(invoice['Id']))}/Lines"))
        lines.sort(key=lambda line: line.get("SortOrder") or 0)
        return [
            {name: line[name] for name in _TEXT_LINE if name in line} if line.get("LineType") == "Text" else line
            for line in lines
        ]
