"""The field maps of orders and invoices, and of their rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from erpcore.fields import (
    OMIT,
    Computed,
    Entry,
    Field,
    FieldMap,
    Loss,
    LossKind,
    Rows,
    Unsupported,
    account_number,
    cut,
    rounded,
)
from erpcore.models import Address, Document, DocumentRow, Invoice, InvoiceRow, Order, OrderRow, Ref
from erpcore_fortnox import values
from erpcore_fortnox.countries import country_code, country_name
from erpcore_fortnox.fields import LINES, NUMBERED, code_field, text_field, two_decimals
from erpcore_fortnox.settings import FieldChoices


def order_map(choices: FieldChoices) -> FieldMap[Order]:
    """Build the table of orders.

    Args:
        choices: The settings that it follows.
    """
    state = {} if choices.delivery_state == "not_sent" else {"DeliveryState": choices.delivery_state}
    return FieldMap(
        Order,
        [
            *_shared(choices, state, remarks={"CopyRemarks": True}),
            _date("order_date", "OrderDate"),
            _date("delivery_date", "DeliveryDate"),
            Field(
                "invoices",
                "InvoiceReference",
                read=_numbered,
                direction="read",
                note="set when Fortnox makes an invoice of the order",
            ),
            Rows("rows", "OrderRows", order_row_map(choices)),
        ],
    )


def order_row_map(choices: FieldChoices) -> FieldMap[OrderRow]:
    """Build the table of order rows.

    Both quantities are sent: Fortnox computes all money from the delivered one, which is 0 when it is not sent (seen in
    recorded replies).
    """
    return FieldMap(OrderRow, _row(choices, "OrderedQuantity", "DeliveredQuantity"))


def invoice_map(choices: FieldChoices) -> FieldMap[Invoice]:
    """Build the table of invoices.

    Args:
        choices: The settings that it follows.
    """
    return FieldMap(
        Invoice,
        [
            *_shared(choices),
            Computed(
                "kind",
                "InvoiceType",
                lambda _: OMIT,
                reason="new invoices are invoices; credit notes and cash invoices are made by hand in Fortnox",
                read=_kind,
                loss=_kind_loss,
            ),
            Computed(
                "credits",
                "CreditInvoiceReference",
                lambda _: OMIT,
                reason="of a credit note; Fortnox alone sets it",
                read=lambda record: _credited(record),
                loss=lambda invoice: _unsent("credits", invoice.credits and invoice.credits.number),
            ),
            _date("invoice_date", "InvoiceDate"),
            _date("due_date", "DueDate"),
            _date("delivery_date", "DeliveryDate"),
            _result("order_number", "OrderReference", values.document_number, "the order that it was made of"),
            _result("booked", "Booked", values.flag, "new invoices are drafts; a person books them"),
            _result("balance", "Balance", values.number),
            _result("payment_date", "FinalPayDate", values.day),
            Field(
                "currency_rate",
                "CurrencyRate",
                also={"CurrencyUnit": 1},
                read=values.number,
                note="read per unit of the currency",
            ),
            code_field("ocr", "OCR"),
            _result("sent", "Sent", values.flag),
            Rows("rows", "InvoiceRows", invoice_row_map(choices)),
        ],
    )


def invoice_row_map(choices: FieldChoices) -> FieldMap[InvoiceRow]:
    """Build the table of invoice rows, whose quantity is ``DeliveredQuantity``."""
    return FieldMap(
        InvoiceRow,
        [
            *_row(choices, "DeliveredQuantity"),
            _result("amount", "Total", values.number),
            _result("contribution_margin", "ContributionValue", values.number),
        ],
    )


def _shared(
    choices: FieldChoices, also: Mapping[str, Any] | None = None, remarks: Mapping[str, Any] | None = None
) -> list[Entry]:
    """What orders and invoices share; `remarks` goes along with the text, which an invoice has of its order only so."""
    return [
        Unsupported("key", reason=NUMBERED, derived=True),
        Field(
            "number",
            "DocumentNumber",
            read=values.text,
            direction="read",
            note="Fortnox numbers documents in its own series",
        ),
        code_field("reference", choices.reference_field, note="at most 80 characters, or the document is not sent"),
        Field(
            "customer_number",
            "CustomerNumber",
            read=values.text,
            also={"VATIncluded": False, **(also or {})},
            note="prices are excluding VAT",
        ),
        Unsupported("customer_key", reason=NUMBERED, derived=True),
        text_field("customer_name", "CustomerName", 1024),
        code_field("currency", "Currency", register="currency"),
        text_field("our_reference", "OurReference", 50),
        text_field("your_reference", "YourReference", 50),
        Unsupported("contact_person_key", reason="a document names a person by name alone: your_reference"),
        text_field("your_order_number", "YourOrderNumber", 75),
        Field("remarks", "Remarks", also=remarks, narrow=[LINES, cut(1024)], read=values.text),
        Field("comments", "Comments", narrow=[LINES, cut(1024)], read=values.text),
        *_address("invoice_address", ""),
        *_address("delivery_address", "Delivery"),
        code_field("terms_of_payment", "TermsOfPayment", register="terms_of_payment"),
        Field("project", "Project", read=values.document_number, register="project", note="0 is none"),
        code_field("cost_center", "CostCenter", register="cost_center"),
        Unsupported("vat_treatment", reason="the customer's VAT type decides it", derived=True),
        Unsupported("discount_percent", reason="Fortnox has discounts on rows alone"),
        Unsupported("discount_amount", reason="Fortnox has discounts on rows alone"),
        Field("freight", "Freight", narrow=[rounded(2)], read=values.number),
        Field("fee", "AdministrationFee", narrow=[rounded(2)], read=values.number, note="Expeditionsavgift"),
        _result("net", "Net", values.number),
        _result("vat", "TotalVAT", values.number),
        _result("total", "Total", values.number),
        _result("cancelled", "Cancelled", values.flag),
    ]


def _address(name: str, native: str) -> list[Entry]:
    def code_of(document: Document) -> str | None:
        address: Address | None = getattr(document, name)
        return None if address is None else address.country_code

    def written(document: Document) -> Any:
        code = code_of(document)
        return (country_name(code) if code else None) or OMIT

    def read(payload: Mapping[str, Any]) -> Any:
        if f"{native}Country" not in payload:
            return OMIT
        word = values.text(payload[f"{native}Country"] or "")
        return None if word is None else country_code(word) or OMIT

    def loss(document: Document) -> Loss | None:
        code = code_of(document)
        if not code or country_name(code):
            return None
        reason = "documents carry names of countries, and this one's is not known; the customer's own is used"
        return Loss(f"{name}.country_code", LossKind.DROPPED, code, None, reason)

    return [
        text_field(f"{name}.street", f"{native}Address1", 1024),
        text_field(f"{name}.street2", f"{native}Address2", 1024),
        text_field(f"{name}.postal_code", f"{native}ZipCode", 10),
        text_field(f"{name}.city", f"{native}City", 1024),
        Computed(
            f"{name}.country_code",
            f"{native}Country",
            written,
            reason="documents carry names of countries",
            read=read,
            loss=loss,
        ),
    ]


def _row(choices: FieldChoices, *quantities: str) -> list[Entry]:
    per_unit = choices.discount_amount_per == "unit"
    return [
        Field("row_id", "RowId", read=values.text, direction="read", note="new ones at every update"),
        code_field("article_number", "ArticleNumber"),
        Unsupported("article_key", reason=NUMBERED, derived=True),
        text_field("description", "Description", 255),
        Field("quantity", *quantities, narrow=[rounded(2)], write=values.digits, read=values.number),
        code_field("unit", "Unit", register="unit"),
        Field("unit_price", "Price", narrow=[rounded(2)], read=values.number, note="excluding VAT"),
        Field("vat_percent", "VAT", read=values.number, note="one of the company's rates"),
        Unsupported("vat_code", reason="what VATCode of a row takes is unconfirmed", not_built=True),
        Computed(
            "discount_amount",
            "Discount",
            lambda row: _discount(row, per_unit=per_unit),
            reason="Discount with DiscountType AMOUNT; a priced row without a discount says 0, so that the "
            "customer's own discount is not taken off",
            read=lambda row: _amount_read(row, per_unit=per_unit),
            loss=lambda row: _amount_loss(row, per_unit=per_unit),
        ),
        Computed(
            "discount_percent",
            "DiscountType",
            _discount_type,
            reason="Discount with DiscountType PERCENT; the amount goes first where a row has both",
            read=_percent_read,
            loss=_percent_loss,
        ),
        Unsupported("vat_account", reason="the VAT rate and the customer's VAT type decide it", derived=True),
        Field("income_account", "AccountNumber", write=account_number, read=values.account),
    ]


def _date(name: str, native: str) -> Field:
    return Field(name, native, write=date.isoformat, read=values.day)


def _result(name: str, native: str, read: Any, note: str = "Fortnox alone sets it") -> Field:
    return Field(name, native, read=read, direction="read", note=note)


def _kind(payload: Mapping[str, Any]) -> Any:
    """A credit of a cash invoice is a credit note; lists show no Credit, but they show InvoiceType."""
    credit = values.flag(payload.get("Credit"))
    if credit is True:
        return "credit"
    if payload.get("InvoiceType") == "CASHINVOICE":
        return "cash"
    return OMIT if credit is OMIT else "invoice"


def _numbered(raw: Any) -> tuple[Ref, ...]:
    number = values.document_number(raw)
    return () if number is None else (Ref(number=number),)


def _credited(invoice: Mapping[str, Any]) -> Any:
    """The other side of a credit names it too: the invoice its credit note (developer guide, invoices)."""
    number = values.document_number(invoice.get("CreditInvoiceReference") or 0)
    return Ref(number=number) if number is not None and _kind(invoice) == "credit" else OMIT


def _unsent(name: str, value: Any) -> Loss | None:
    return None if value is None else Loss(name, LossKind.DROPPED, value, None, "Fortnox alone sets it")


def _kind_loss(invoice: Invoice) -> Loss | None:
    if invoice.kind in (None, "invoice"):
        return None
    reason = f"an invoice of kind {invoice.kind} is made by hand in Fortnox"
    return Loss("kind", LossKind.DEFAULTED, invoice.kind, "invoice", reason)


def _discount(row: DocumentRow, *, per_unit: bool) -> Any:
    if row.discount_amount:
        return two_decimals(_amount_sent(row, per_unit=per_unit))
    if row.discount_percent:
        return two_decimals(row.discount_percent)
    return OMIT if _discount_type(row) is OMIT else Decimal(0)


def _discount_type(row: DocumentRow) -> Any:
    """Give the member DiscountType, which goes along with each Discount: alone, that counts as an amount."""
    if row.discount_amount:
        return "AMOUNT"
    if row.unit_price is None and row.discount_amount is None and row.discount_percent is None:
        return OMIT
    return "PERCENT"


def _amount_sent(row: DocumentRow, *, per_unit: bool) -> Decimal:
    amount = row.discount_amount or Decimal(0)
    return amount / row.quantity if per_unit and row.quantity else amount


def _amount_loss(row: DocumentRow, *, per_unit: bool) -> Loss | None:
    if not row.discount_amount:
        return None
    sent = two_decimals(_amount_sent(row, per_unit=per_unit))
    arrives = sent * row.quantity if per_unit and row.quantity else sent
    if arrives == row.discount_amount:
        return None
    return Loss("discount_amount", LossKind.ROUNDED, row.discount_amount, arrives, "2 decimals")


def _percent_loss(row: DocumentRow) -> Loss | None:
    percent = row.discount_percent
    if not percent:
        return None
    if row.discount_amount:
        gross = (row.quantity or Decimal(0)) * (row.unit_price or Decimal(0))
        if two_decimals(gross * percent / 100) == two_decimals(row.discount_amount):
            return None
        return Loss("discount_percent", LossKind.DROPPED, percent, None, "a row has one discount; the amount is sent")
    sent = two_decimals(percent)
    return None if sent == percent else Loss("discount_percent", LossKind.ROUNDED, percent, sent, "2 decimals")


def _amount_read(row: Mapping[str, Any], *, per_unit: bool) -> Any:
    if row.get("DiscountType") != "AMOUNT" or (found := values.number(row.get("Discount"))) is OMIT:
        return OMIT
    quantity = values.number(row.get("DeliveredQuantity"))
    return found * quantity if per_unit and quantity is not OMIT else found


def _percent_read(row: Mapping[str, Any]) -> Any:
    return values.number(row.get("Discount")) if row.get("DiscountType") == "PERCENT" else OMIT
