"""Orders: made in one call with their rows, found again by number or by our own key, and turned into invoices."""

from __future__ import annotations

from typing import Any

from erpcore.errors import ConflictError, MissingRecordError, NotFoundError, RejectedError
from erpcore.fields import FieldMap
from erpcore.models import DocumentQuery, Order, RecordRef
from erpcore_visma_admin.adk.tables import ROWS
from erpcore_visma_admin.company import Company, Record
from erpcore_visma_admin.document_fields import INVOICE_NUMBER
from erpcore_visma_admin.documents import (
    VatRates,
    canonical,
    document_ref,
    is_number,
    prepared,
    readable,
)
from erpcore_visma_admin.settings import VismaAdminSettings
from erpcore_visma_admin.values import made_of_order

ORDERS, INVOICES = "ORDER_HEAD", "INVOICE_HEAD"
_NUMBER = "DOCUMENT_NUMBER"
_NO_CUSTOMER, _NO_ARTICLE = "49", "50"
_COPIED = (
    "CUSTOMER_NUMBER",
    "INCLUDING_VAT",
    "CURRENCY_CODE",
    "OUR_REFERENCE_NAME",
    "CUSTOMER_REFERENCE_NAME",
    "CUSTOMER_ORDER_NUMBER",
    "CODE_OF_TERMS_OF_PAYMENT",
    "PROJECT_CODE",
    "PROFIT_CENTRE",
    "DELIVERY_MAILING_ADDRESS1",
    "DELIVERY_MAILING_ADDRESS2",
    "DELIVERY_ZIPCODE",
    "DELIVERY_CITY",
    "DELIVERY_CODE_OF_COUNTRY",
    "TEXT1",
)
_COPIED_OF_ROWS = (
    "ARTICLE_NUMBER",
    "TEXT",
    "QUANTITY1",
    "QUANTITY2",
    "UNIT",
    "PRICE_EACH_CURRENT_CURRENCY",
    "DISCOUNT",
    "AMOUNT_DISCOUNT_FLAG",
    "VAT_CODE",
    "ACCOUNT_NUMBER",
)
"""What an invoice takes over where its rows are copied from the order."""


class Orders:
    """The register of orders.

    Args:
        company: The company.
        field_map: The table of orders.
        settings: The connection's settings.
    """

    def __init__(self, company: Company, field_map: FieldMap[Order], settings: VismaAdminSettings) -> None:
        self._company = company
        self._map = field_map
        self._settings = settings

    def create(self, order: Order, reference: str | None) -> RecordRef:
        """Make an order that carries our key.

        Raises:
            InvalidValueError: A row makes no sense.
            MissingRecordError: The customer, or an article, is not there.
        """
        rates = VatRates.read(self._company)
        today = self._company.today()
        fields, rows = prepared(order, self._map, reference, rates, self._settings, today=today)
        return document_ref(add_document(self._company, ORDERS, fields, rows))

    def find(self, query: DocumentQuery) -> list[Order]:
        """Find orders; see `ErpHooks.find_orders`."""
        records = held(self._company, ORDERS, query, self._settings)
        if not records:
            return []
        rates = VatRates.read(self._company)
        return [self._canonical(record, rates) for record in records]

    def convert(self, number: str) -> RecordRef:
        """Turn an order into an invoice that is neither printed nor in the ledger.

        Raises:
            NotFoundError: No such order.
            ConflictError: It was turned into an invoice before.
        """
        order = self._company.find(ORDERS, number, rows=True) if is_number(number) else None
        if order is None:
            raise NotFoundError(
                f"Visma Administration has no order {number}.",
                record=f"order {number}",
                advice="Check that the order still exists in Visma Administration.",
            )
        if (made := self._invoice_of(order)) is not None:
            raise ConflictError(
                f"Order {number} has become invoice {made} already.",
                record=f"order {number}",
                advice="Look at the invoice in Visma Administration.",
            )
        if self._settings.deliver_before_invoicing and not order.get("ORDER_DELIVERED"):
            self._company.change(ORDERS, number, {"ORDER_DELIVERED": True})
        fields, rows = self._invoice_fields(order)
        return document_ref(add_document(self._company, INVOICES, fields, rows))

    def _invoice_fields(self, order: Record) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        number = str(order[_NUMBER])
        remark: dict[str, Any] = {self._settings.reference_field: made_of_order(number)}
        if self._settings.invoicing == "connection":
            # Without rows of its own: the program takes them from the order.
            return {self._connection: number, **remark}, []
        fields = {name: order[name] for name in _COPIED if order.get(name) not in ("", None)}
        rows = [
            {name: row[name] for name in _COPIED_OF_ROWS if row.get(name) not in ("", None)}
            if row.get("ARTICLE_NUMBER")
            else {"TEXT": row.get("TEXT") or ""}
            for row in order[ROWS]
        ]
        return {**fields, **remark}, rows

    @property
    def _connection(self) -> str:
        return f"DOCUMENT_CONNECTION_NUMBER{self._settings.connection_field}"

    def _invoice_of(self, order: Record) -> str | None:
        """Find the invoice that an order became: the one that the order names, or one that names the order."""
        number = str(order[_NUMBER])
        named = str(order.get(self._connection) or "0")
        if named != "0":
            invoice = self._company.find(INVOICES, named)
            if invoice is not None and self._is_of(invoice, number):
                return named
        any_of = {self._connection: number, self._settings.reference_field: made_of_order(number)}
        found = self._company.search(INVOICES, any_of, most=self._settings.search_documents)
        return next((str(invoice[_NUMBER]) for invoice in found), None)

    def _is_of(self, invoice: Record, order: str) -> bool:
        remark = invoice.get(self._settings.reference_field)
        return str(invoice.get(self._connection)) == order or remark == made_of_order(order)

    def _canonical(self, record: Record, rates: VatRates) -> Order:
        read = readable(record, rates, self._settings)
        read[INVOICE_NUMBER] = self._invoice_of(record) or ""
        return canonical(self._map, read, f"order {record.get(_NUMBER)}")


def held(company: Company, table: str, query: DocumentQuery, settings: VismaAdminSettings) -> list[Record]:
    """Find documents by number or by our key, with their rows.

    Args:
        company: The company.
        table: Orders or invoices.
        query: What to find.
        settings: The connection's settings.
    """
    if query.number is not None:
        record = company.find(table, query.number, rows=True) if is_number(query.number) else None
        found: list[Record] = [] if record is None else [record]
    elif query.reference:
        any_of: dict[str, str] = {settings.reference_field: query.reference}
        found = company.search(table, any_of, most=settings.search_documents, rows=True)
    else:
        return []
    if query.reference is None:
        return found
    return [record for record in found if record.get(settings.reference_field) == query.reference]


def add_document(company: Company, table: str, fields: dict[str, Any], rows: list[dict[str, Any]]) -> Record:
    """Make an order or an invoice.

    Raises:
        MissingRecordError: The customer, or an article, is not there.
    """
    try:
        return company.add(table, fields, rows)
    except RejectedError as error:
        if error.vendor_code not in (_NO_CUSTOMER, _NO_ARTICLE):
            raise
        what = f"customer {fields.get('CUSTOMER_NUMBER')}" if error.vendor_code == _NO_CUSTOMER else "article of a row"
        raise MissingRecordError(
            f"Visma Administration refused the document: the {what} is not there ({error.vendor_text}).",
            advice="Make it in Visma Administration, or correct it in the CRM, then send the document again.",
        ) from error
