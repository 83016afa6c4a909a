"""Invoices: drafts that are made here, and what became of them.

Drafts and booked invoices are two registers, of other names for some members. A draft has no number, so its id stands
for it; when it is booked, it is gone, and the invoice tells its id in ``CreatedFromDraftId``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from erpcore.errors import InvalidValueError, NotFoundError
from erpcore.fields import FieldMap, canonical
from erpcore.http import path_of
from erpcore.models import DocumentQuery, Invoice, Page, RecordRef
from erpcore_visma_eaccounting import documents, finding, marks, values
from erpcore_visma_eaccounting.client import Record, VismaClient, instant
from erpcore_visma_eaccounting.document_fields import CREDITED, DRAFT_KEY, ORDER_NUMBER
from erpcore_visma_eaccounting.settings import VismaEAccountingSettings

DRAFTS, INVOICES, OPENING = "customerinvoicedrafts", "customerinvoices", "customerledgeritems"
SETTLED = "settled"
"""In a cursor: invoices by their day of payment, for a company where a payment is no change of its invoice."""
DRAFT_DECIMALS = 2
"""Decimals of a quantity that a draft keeps."""
REVERSED = "ReversedConstructionServicesVatFree"
"""The member of a draft's row that says that the buyer pays its VAT."""

_PAID, _INVOICED = 0, 4
_OF_DRAFT = {
    "CurrencyCode": "InvoiceCurrencyCode",
    "TotalAmountInvoiceCurrency": "TotalAmount",
    "TotalVatAmountInvoiceCurrency": "TotalVatAmount",
}
"""An invoice's names for what a draft has too."""
_OF_OPENING = {
    "TotalVatAmountInvoiceCurrency": "VATAmountInvoiceCurrency",
    "TotalRoundings": "RoundingsAmountInvoiceCurrency",
}
"""An invoice's names for what a receivable without an invoice has too."""


class Invoices:
    """The registers of drafts and of booked invoices.

    Args:
        client: Visma.
        field_map: The table of invoices.
        settings: The connection's settings.
    """

    def __init__(self, client: VismaClient, field_map: FieldMap[Invoice], settings: VismaEAccountingSettings) -> None:
        self._client = client
        self._map = field_map
        self._settings = settings

    def create(self, invoice: Invoice, reference: str | None) -> RecordRef:
        """Make a draft that carries our key. Visma books nothing by itself.

        Raises:
            InvalidValueError: Its currency is another than the customer's, which every draft has.
        """
        built = documents.build(self._client, self._settings, self._map, invoice, reference, REVERSED)
        require_currency(invoice.currency, built.customer)
        return self.draft({**built.payload, "Rows": built.rows})

    def draft(self, payload: dict[str, Any]) -> RecordRef:
        """Make a draft: one request."""
        record = documents.make(self._client, DRAFTS, payload)
        return documents.document_ref(
            str(record["Id"]), record, total="TotalAmount", vat="TotalVatAmount", rounding="TotalRoundings"
        )

    def find(self, query: DocumentQuery) -> list[Invoice]:
        """Find invoices; see `ErpHooks.find_invoices`. A draft is found by its id, booked or not."""
        if query.number or query.key:
            found: Iterable[Record] = self._numbered(query.key or query.number or "")
        elif query.reference:
            found = self._with_text(marks.reference_text(query.reference))
        else:
            return []
        invoices = [self._canonical(record) for record in found]
        return [invoice for invoice in invoices if query.reference in (None, invoice.reference)]

    def fetch(self, changed_since: datetime | None, cursor: str | None) -> Page[Invoice]:
        """Read one page of drafts, after them of booked invoices, and where the settings say so of those that were
        paid, and of receivables without an invoice; see `ErpHooks.fetch_invoices`.

        Visma does not tell when a draft was changed, so those that were made since come; a draft that is booked comes
        as an invoice then.
        """
        register, _, page = (cursor or f"{DRAFTS}:1").partition(":")
        since = None if changed_since is None else values.since(changed_since, self._settings.overlap_seconds)
        items: Sequence[Record]
        after: str | None
        if register == DRAFTS:
            found = self._client.page(DRAFTS, page, [] if since is None else [f"CreatedUtc ge {instant(since)}"])
            items = [item for item in found.items if since is None or _made(item, since) >= since]
            after = f"{INVOICES}:1"
        elif register == INVOICES:
            params = {"modifiedSinceUtc": None if since is None else instant(since)}
            found = self._client.page(INVOICES, page, (), params)
            items, after = found.items, self._after_changed(since)
        elif register == SETTLED and since is not None:
            first = since.date() - timedelta(days=self._settings.settlement_days)
            found = self._client.page(
                INVOICES, page, [f"PaymentDate ge {instant(datetime.combine(first, time(), UTC))}"]
            )
            items, after = found.items, self._after_settled()
        elif register == OPENING:
            changed = [] if since is None else [f"ModifiedUtc ge {instant(since)}"]
            found = self._client.page(OPENING, page, changed)
            items = [self._opening(item) for item in found.items if since is None or _changed(item, since) >= since]
            after = None
        else:
            raise InvalidValueError(f"“{cursor}” is no cursor of this plugin.", advice="Start again without a cursor.")
        following = f"{register}:{found.next_cursor}" if found.next_cursor else after
        return Page[Invoice](items=tuple(self._canonical(item) for item in items), next_cursor=following)

    def _after_changed(self, since: datetime | None) -> str | None:
        if since is not None and self._settings.settlements == "payment_date":
            return f"{SETTLED}:1"
        return self._after_settled()

    def _after_settled(self) -> str | None:
        return f"{OPENING}:1" if self._settings.opening_receivables else None

    def _opening(self, item: Record) -> Record:
        """Give a receivable the names of an invoice."""
        customer = self._client.get(path_of("customers", str(item["CustomerId"])))
        named = {name: item.get(member) for name, member in _OF_OPENING.items()}
        paid = item.get("RemainingAmountInvoiceCurrency") == 0
        return {
            **item,
            **named,
            "CustomerNumber": customer.get("CustomerNumber"),
            "InvoiceCustomerName": customer.get("Name"),
            "PaymentStatus": _PAID if paid else None,
            "Rows": [],
        }

    def of_order(self, order: Record) -> str | None:
        """Give the number of the invoice that an order has become, be it a draft; None when it has not.

        A draft that was made of it names it in a row of text. Visma's own way from an order to an invoice leaves
        ``CreatedFromOrderId``, and sets the order's state.
        """
        text = marks.order_text(finding.number_of(order))
        for record in self._with_text(text):
            if record.get("CustomerId") == order.get("CustomerId"):
                return number_of(record)
        if order.get("Status") != _INVOICED:
            return None
        key = str(order["Id"])
        made = self._client.all(
            INVOICES,
            f"CreatedFromOrderId eq {key}",
            fits=lambda invoice: invoice.get("CreatedFromOrderId") == key,
            params=self._recent(),
        )
        return next((number_of(invoice) for invoice in made), None)

    def _numbered(self, number: str) -> Iterator[Record]:
        if values.is_key(number):
            yield from self._keyed(number)
        elif number.isascii() and number.isdigit():
            text = f"InvoiceNumber eq {number}"

            def fits(each: Record) -> bool:
                return str(each.get("InvoiceNumber")) == number

            yield from self._client.all(INVOICES, text, fits=fits)
            if self._settings.opening_receivables:
                yield from map(self._opening, self._client.all(OPENING, text, fits=fits))

    def _keyed(self, key: str) -> list[Record]:
        """Read a draft, or what became of it, or an invoice that was never one."""
        if (draft := self._one(DRAFTS, key)) is not None:
            return [draft]
        became = self._client.all(
            INVOICES,
            f"CreatedFromDraftId eq {key}",
            fits=lambda each: each.get("CreatedFromDraftId") == key,
            params=self._recent(),
        )
        found = list(became)
        invoice = None if found else self._one(INVOICES, key)
        return found if invoice is None else [invoice]

    def _one(self, register: str, key: str) -> Record | None:
        try:
            return self._client.get(path_of(register, key))
        except NotFoundError:
            return None

    def _with_text(self, text: str) -> list[Record]:
        """Read the invoices and drafts that have a row of exactly this text; a draft that is booked only as that."""
        wanted = marks.row_filter(text)
        booked = list(
            self._client.all(INVOICES, wanted, fits=lambda each: marks.carries(each, text), params=self._recent())
        )
        became = {each.get("CreatedFromDraftId") for each in booked}
        drafts = self._client.all(
            DRAFTS, wanted, fits=lambda each: marks.carries(each, text) and each.get("Id") not in became
        )
        return [*drafts, *booked]

    def _recent(self) -> dict[str, str | int | None]:
        first = finding.not_before(self._client, self._settings.search_days)
        return {"modifiedSinceUtc": None if first is None else instant(first)}

    def _canonical(self, record: Record) -> Invoice:
        number = number_of(record)
        shown = documents.readable(record)
        if "InvoiceNumber" not in record:
            shown |= {name: record.get(draft) for name, draft in _OF_DRAFT.items()}
            shown["VoucherId"] = ""
        shown |= {"InvoiceNumber": number, DRAFT_KEY: record.get("CreatedFromDraftId") or record["Id"]}
        if shown[ORDER_NUMBER] is None:
            shown[ORDER_NUMBER] = self._order_number(record.get("CreatedFromOrderId"))
        if record.get("IsCreditInvoice"):
            shown[CREDITED] = self._one(INVOICES, str(record[CREDITED])) if record.get(CREDITED) else None
        if record.get("PaymentStatus") != _PAID:
            shown["PaymentDate"] = None
        return canonical(self._map, shown, f"invoice {number}")

    def _order_number(self, key: Any) -> str | None:
        """Give the number of the order that an invoice was made of Visma's own way."""
        if not key:
            return None
        try:
            return finding.number_of(self._client.get(path_of("orders", str(key))))
        except NotFoundError:
            return None


def _made(record: Record, otherwise: datetime) -> datetime:
    return values.moment(record.get("CreatedUtc")) or otherwise


def _changed(record: Record, otherwise: datetime) -> datetime:
    return values.moment(record.get("ModifiedUtc")) or otherwise


def number_of(record: Record) -> str:
    """Give an invoice's number; the id of a draft."""
    return str(record.get("InvoiceNumber") or record["Id"])


def require_draft(currency: str | None, rows: Sequence[Record], customer: Record) -> None:
    """Refuse an order that a draft of an invoice could not say, before it is made.

    Args:
        currency: The order's.
        rows: The order's, as they are sent.
        customer: The customer, as Visma holds it.

    Raises:
        InvalidValueError: It is in another currency than the customer's, or a quantity has more decimals than a draft
            keeps.
    """
    require_currency(currency, customer)
    for index, row in enumerate(rows):
        quantity = values.number(row.get("Quantity") or 0)
        if round(quantity, DRAFT_DECIMALS) != quantity:
            raise InvalidValueError(
                f"Row {index + 1} has a quantity of {quantity}, and the draft of an invoice that the order is to "
                f"become keeps {DRAFT_DECIMALS} decimals.",
                field=f"rows[{index}].quantity",
                advice="Give the row a quantity that fits in the CRM, such as one piece that costs "
                "the sum, and send it again; or have the order made alone, without an invoice.",
            )


def require_currency(currency: str | None, customer: Record) -> None:
    """Refuse a draft in another currency than the customer's, which cannot be sent.

    Raises:
        InvalidValueError: It is another one.
    """
    held = customer.get("CurrencyCode")
    if currency and held and currency != held:
        raise InvalidValueError(
            f"The invoice is in {currency}, but customer {customer.get('CustomerNumber')} has {held} in Visma "
            "eAccounting, and a draft is always in the customer's currency.",
            field="currency",
            advice="Change the customer's currency in Visma eAccounting, or the currency in the CRM, and send it "
            "again; or have an order made alone, without an invoice.",
        )
