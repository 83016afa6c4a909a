"""Invoices: made as drafts, found, and brought home with their state and payments."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from erpcore.fields import FieldMap
from erpcore.models import DocumentQuery, Invoice, Page, RecordRef
from erpcore_visma_admin.changes import Beside, page
from erpcore_visma_admin.company import Company, Record
from erpcore_visma_admin.document_fields import BALANCE, BOOKED, ORDER_NUMBER
from erpcore_visma_admin.documents import VatRates, canonical, document_ref, prepared, readable
from erpcore_visma_admin.orders import INVOICES, add_document, held
from erpcore_visma_admin.registers import of_one
from erpcore_visma_admin.settings import VismaAdminSettings

_PAYMENTS = Beside("CUSTOMERPAYMENT", "INVOICE_NUMBER")
"""Whether a payment counts as a change of its invoice is not published, so payments are read too."""


class Invoices:
    """The register of customer invoices.

    Args:
        company: The company.
        field_map: The table of invoices.
        settings: The connection's settings.
    """

    def __init__(self, company: Company, field_map: FieldMap[Invoice], settings: VismaAdminSettings) -> None:
        self._company = company
        self._map = field_map
        self._settings = settings

    def create(self, invoice: Invoice, reference: str | None) -> RecordRef:
        """Make an invoice that is neither printed nor in the ledger, and carries our key.

        Raises:
            InvalidValueError: A row makes no sense.
            MissingRecordError: The customer, or an article, is not there.
        """
        rates = VatRates.read(self._company)
        today = self._company.today()
        fields, rows = prepared(invoice, self._map, reference, rates, self._settings, today=today)
        return document_ref(add_document(self._company, INVOICES, fields, rows))

    def find(self, query: DocumentQuery) -> list[Invoice]:
        """Find invoices; see `ErpHooks.find_invoices`."""
        return self._canonical(held(self._company, INVOICES, query, self._settings))

    def fetch(self, changed_since: datetime | None, cursor: str | None) -> Page[Invoice]:
        """Read one page of invoices; see `ErpHooks.fetch_invoices`."""
        records, following = page(self._company, self._settings, INVOICES, _PAYMENTS, changed_since, cursor, rows=True)
        return Page[Invoice](items=tuple(self._canonical(records)), next_cursor=following)

    def _canonical(self, records: list[Any]) -> list[Invoice]:
        if not records:
            return []
        rates = VatRates.read(self._company)
        return [
            canonical(self._map, self._readable(each, rates), f"invoice {each.get('DOCUMENT_NUMBER')}")
            for each in records
        ]

    def _readable(self, record: Record, rates: VatRates) -> dict[str, Any]:
        read = readable(record, rates, self._settings)
        connected = str(record.get(f"DOCUMENT_CONNECTION_NUMBER{self._settings.connection_field}") or "0")
        if connected != "0":
            read[ORDER_NUMBER] = connected
        read[BALANCE] = read.get(self._settings.balance_field)
        read[BOOKED] = self._is_booked(record)
        read["LAST_PAYMENT"] = None if Decimal(read[BALANCE] or 0) else self._payment_day(record)
        read["CURRENCY_RATE"] = self._rate(record)
        return read

    def _rate(self, record: Record) -> str | None:
        """Give what one unit of an invoice's currency is worth.

        Whether the program fills it in on an invoice that was not made by hand is not published: where it says
        nothing, or 1, of another currency than the company's, the register of currencies says it.
        """
        rate, unit = (Decimal(record.get(name) or 0) for name in ("CURRENCY_RATE", "CURRENCY_UNIT"))
        code = str(record.get("CURRENCY_CODE") or self._settings.currency)
        if rate in (0, 1) and unit in (0, 1) and code != self._settings.currency:
            currency = self._company.find("CODE_OF_CURRENCY", code)
            told = None if currency is None else of_one(currency, self._settings.currency_rate.upper())
            if told is not None:
                return format(told, "f")
        return format(rate / (unit or 1), "f") if rate else None

    def _payment_day(self, record: Record) -> str | None:
        """Read the day of the last payment of an invoice that is paid in full."""
        if self._settings.payment_day == "last_payment":
            return record.get("LAST_PAYMENT")
        payments = self._company.select(_PAYMENTS.table, str(record["DOCUMENT_NUMBER"]))
        days = [str(payment["DATE"]) for payment in payments if payment["DATE"] and not payment["CANCELLED"]]
        return max(days, default=None)

    def _is_booked(self, record: Record) -> bool:
        if self._settings.booked_by == "ledger":
            number = str(record["DOCUMENT_NUMBER"])
            return self._company.find(INVOICES, number, in_ledger=True) is not None
        return bool(record.get("DOCUMENT_PRINTED")) and not record.get("DOCUMENT_NOT_DONE")
