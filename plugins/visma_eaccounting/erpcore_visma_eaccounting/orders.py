"""Orders."""

from __future__ import annotations

from collections.abc import Iterator

from erpcore.errors import NotFoundError
from erpcore.fields import FieldMap, canonical
from erpcore.models import DocumentQuery, Order, RecordRef
from erpcore_visma_eaccounting import documents, finding, marks
from erpcore_visma_eaccounting.client import Record, VismaClient
from erpcore_visma_eaccounting.document_fields import INVOICE_NUMBER
from erpcore_visma_eaccounting.invoices import Invoices, require_draft
from erpcore_visma_eaccounting.registers import Registers
from erpcore_visma_eaccounting.settings import VismaEAccountingSettings

REVERSED = "EligibleForReverseChargeOnVat"
"""The member of an order's row that says that the buyer pays its VAT."""
ONGOING = 2
"""The state of an order that is no draft (interface description, orders)."""


class Orders:
    """The register of orders.

    Args:
        client: Visma.
        field_map: The table of orders.
        invoices: The register of invoices, where it is told what orders have become.
        settings: The connection's settings.
    """

    def __init__(
        self,
        client: VismaClient,
        field_map: FieldMap[Order],
        invoices: Invoices,
        settings: VismaEAccountingSettings,
    ) -> None:
        self._client = client
        self._map = field_map
        self._invoices = invoices
        self._settings = settings

    def create(self, order: Order, reference: str | None, *, becomes_invoice: bool = False) -> RecordRef:
        """Make an order that carries our key.

        Raises:
            InvalidValueError: It `becomes_invoice`, and a draft of one cannot say what it says.
        """
        built = documents.build(self._client, self._settings, self._map, order, reference, REVERSED)
        payload = built.payload
        if "CurrencyCode" not in payload:
            own = built.customer.get("CurrencyCode")
            payload["CurrencyCode"] = own or Registers(self._client, self._settings).company.get("CurrencyCode")
        if becomes_invoice and self._settings.order_becomes != "invoice":
            require_draft(payload["CurrencyCode"], built.rows, built.customer)
        payload |= {
            "Status": ONGOING,
            "ReverseChargeOnConstructionServices": any(row[REVERSED] for row in built.rows),
            "Rows": [{**row, "LineNumber": line, "IsWorkCost": False} for line, row in enumerate(built.rows)],
        }
        record = documents.make(self._client, "orders", payload)
        return documents.document_ref(
            finding.number_of(record), record, total="Amount", vat="VatAmount", rounding="RoundingsAmount"
        )

    def find(self, query: DocumentQuery) -> list[Order]:
        """Find orders; see `ErpHooks.find_orders`. Deleted orders are not there any more.

        By our key: Visma is asked for the text of rows, and when it refuses that, the orders of the last `search_days`
        are read through.
        """
        if query.number or query.key:
            try:
                found: Iterator[Record] = iter([finding.order(self._client, query.number or "", query.key)])
            except NotFoundError:
                return []
        elif query.reference:
            found = self._carrying(query.reference)
        else:
            return []
        orders = [self._canonical(record) for record in found]
        return [order for order in orders if query.reference in (None, order.reference)]

    def _carrying(self, reference: str) -> Iterator[Record]:
        text = marks.reference_text(reference)
        filters = [marks.row_filter(text), *finding.made_since(self._client, self._settings.search_days)]
        return self._client.all("orders", *filters, fits=lambda order: marks.carries(order, text))

    def _canonical(self, record: Record) -> Order:
        number = finding.number_of(record)
        invoice = self._invoices.of_order(record)
        shown = documents.readable(record)
        shown |= {"Number": number, INVOICE_NUMBER: invoice}
        return canonical(self._map, shown, f"order {number}")
