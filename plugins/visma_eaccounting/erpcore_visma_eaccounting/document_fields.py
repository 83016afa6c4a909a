"""The field maps of orders and invoices, and of their rows.

An invoice that is a draft and one that is booked have other names for the same members; the tables have those of the
booked one (`documents.readable`). VAT and accounts are nowhere in what is sent: they follow the article's account
coding and the customer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from erpcore.fields import (
    OMIT,
    Computed,
    Default,
    Entry,
    Field,
    FieldMap,
    Loss,
    LossKind,
    Rows,
    Unsupported,
    cut,
    rounded,
)
from erpcore.models import Invoice, InvoiceRow, Order, OrderRow, Ref
from erpcore_visma_eaccounting import discount, values
from erpcore_visma_eaccounting.fields import key_field
from erpcore_visma_eaccounting.settings import FieldChoices

REFERENCE = "Rows (text “Ref: …”)"
"""The member that stands for our own key, which is a row of text (`marks`)."""
ORDER_NUMBER = "Rows (text “Order …”)"
"""The member that stands for the number of an invoice's order, which is a row of text, or behind CreatedFromOrderId."""
DRAFT_KEY = "CreatedFromDraftId, Id"
"""The member that stands for an invoice's key: the id that it had as a draft, which is the one that was told first."""
CREDITED = "ReferringInvoiceId"
"""The member that names the invoice that a credit note credits; the whole invoice is read in its place."""
INVOICE_NUMBER = "CreatedFromOrderId, Rows (text “Order …”)"
"""The member that stands for the number of the invoice that an order has become."""

_NO_TEXT = "a document has no text of its own; a row without quantity and price becomes a row of text"
_VAT = "VAT follows the article's account coding and the customer, and cannot be sent"
_ACCOUNT = "the account follows the article's account coding and cannot be sent"
_CUSTOMERS = "a draft has the customer's, and another one cannot be sent"
_VISMA = "Visma alone sets it"


def order_map(choices: FieldChoices) -> FieldMap[Order]:
    """Build the table of orders.

    Args:
        choices: The settings that it follows.
    """
    return FieldMap(
        Order,
        [
            key_field("key"),
            _read("number", "Number", values.text, "Visma's own series; the id while the order is a draft"),
            *_shared(
                choices,
                Field("customer_name", "InvoiceCustomerName", narrow=[cut(50)], read=values.text),
                Field(
                    "currency",
                    "CurrencyCode",
                    read=values.text,
                    register="currency",
                    note="the customer's when not shown",
                ),
                _address("invoice_address", "Invoice"),
            ),
            _sum("net", "Amount, VatAmount, RoundingsAmount", _net("Amount", "VatAmount", "RoundingsAmount")),
            _read("vat", "VatAmount", values.number),
            _read("total", "Amount", values.number),
            Unsupported("cancelled", reason="an order is deleted, and then not there any more"),
            _date("order_date", "OrderDate"),
            Default("order_date", "OrderDate", date.isoformat, reason="Visma takes no order without a date"),
            _date("delivery_date", "DeliveryDate"),
            _read("invoices", INVOICE_NUMBER, _numbered, "with its id for a number while it is a draft"),
            Rows("rows", "Rows", ORDER_ROW),
        ],
    )


def invoice_map(choices: FieldChoices) -> FieldMap[Invoice]:
    """Build the table of invoices.

    Args:
        choices: The settings that it follows.
    """
    return FieldMap(
        Invoice,
        [
            key_field("key", DRAFT_KEY),
            _read("number", "InvoiceNumber", values.text, "Visma's own series; the id while it is a draft"),
            *_shared(
                choices,
                _derived("customer_name", "InvoiceCustomerName", values.text, _CUSTOMERS),
                _derived("currency", "CurrencyCode", values.text, _CUSTOMERS),
                [Unsupported("invoice_address", reason="it is the customer's", derived=True)],
            ),
            _sum(
                "net",
                "TotalAmountInvoiceCurrency, TotalVatAmountInvoiceCurrency, TotalRoundings",
                _net("TotalAmountInvoiceCurrency", "TotalVatAmountInvoiceCurrency", "TotalRoundings"),
            ),
            _read("vat", "TotalVatAmountInvoiceCurrency", values.number),
            _read("total", "TotalAmountInvoiceCurrency", values.number),
            Unsupported("cancelled", reason="a voided invoice is not told from another one"),
            Computed(
                "kind",
                "IsCreditInvoice",
                lambda _: OMIT,
                reason="new invoices are invoices; credit notes and cash invoices are made by hand in Visma",
                read=lambda record: {True: "credit", False: "invoice"}.get(record.get("IsCreditInvoice"), OMIT),
                loss=_kind_loss,
            ),
            Computed(
                "credits",
                CREDITED,
                lambda _: OMIT,
                reason="of a credit note; Visma alone sets it",
                read=_credited,
                loss=_credits_loss,
            ),
            _date("invoice_date", "InvoiceDate", "the day of booking when not shown, or when it has passed by then"),
            _date("due_date", "DueDate", "by the terms of payment when not shown"),
            _date("delivery_date", "DeliveryDate"),
            _read("order_number", ORDER_NUMBER, values.text, "the order that it was made of"),
            _read("booked", "VoucherId", bool, "drafts are not; a person books them"),
            _read("balance", "RemainingAmountInvoiceCurrency", values.number),
            _read("payment_date", "PaymentDate", values.day, "the last payment of an invoice that is paid in full"),
            _read("currency_rate", "CurrencyRate", values.number),
            _read("ocr", "PaymentReferenceNumber", values.text),
            Unsupported("sent", reason="it is not told"),
            Rows("rows", "Rows", INVOICE_ROW),
        ],
    )


def _numbered(raw: Any) -> tuple[Ref, ...]:
    number = str(raw)
    return (Ref(number=number, key=number if values.is_key(number) else None),)


def _address(name: str, native: str) -> list[Entry]:
    lines = (("street", "Address1", 50), ("street2", "Address2", 50), ("postal_code", "PostalCode", 10))
    return [
        *(
            Field(f"{name}.{part}", f"{native}{member}", narrow=[cut(length)], read=values.text)
            for part, member, length in (*lines, ("city", "City", 50))
        ),
        Field(f"{name}.country_code", f"{native}CountryCode", read=values.text),
    ]


def _shared(
    choices: FieldChoices, customer_name: Entry, currency: Entry, invoice_address: Sequence[Entry]
) -> list[Entry]:
    reference: Entry
    if choices.references == "text_row":
        reference = Field("reference", REFERENCE, read=values.text, note="a row of its own, the last one")
    else:
        reference = Unsupported("reference", reason="the setting references leaves it out")
    return [
        reference,
        Field("customer_number", "CustomerNumber", read=values.text, note="finds CustomerId, where that is not known"),
        Field("customer_key", "CustomerId", read=values.text),
        customer_name,
        currency,
        Field("our_reference", "OurReference", narrow=[cut(100)], read=values.text),
        Field("your_reference", "YourReference", narrow=[cut(100)], read=values.text),
        Unsupported("contact_person_key", reason="a document names a person by name alone: your_reference"),
        Field("your_order_number", "BuyersOrderReference", narrow=[cut(35)], read=values.text),
        Unsupported("remarks", reason=_NO_TEXT),
        Unsupported("comments", reason="notes are records of their own", not_built=True),
        *invoice_address,
        *_address("delivery_address", "Delivery"),
        Field(
            "terms_of_payment",
            "TermsOfPaymentId",
            read=values.text,
            register="terms_of_payment",
            note="id or name; the customer's when not shown",
        ),
        Unsupported("vat_treatment", reason=_VAT, derived=True),
        Unsupported("discount_percent", reason="discounts are on rows alone"),
        Unsupported("discount_amount", reason="discounts are on rows alone"),
        Unsupported("freight", reason="freight is a row with an article of its own"),
        Unsupported("fee", reason="a fee is a row with an article of its own"),
        Unsupported("project", reason="it stands on rows, by id", not_built=True),
        Unsupported("cost_center", reason="it stands on rows, by id", not_built=True),
    ]


def _row(quantity_decimals: int) -> list[Entry]:
    return [
        _read("row_id", "Id", values.text, "a new one at every change of a draft"),
        Field("article_number", "ArticleNumber", read=values.text, note="written as ArticleId; a priced row needs one"),
        Field("article_key", "ArticleId", read=values.text, note="goes before the number"),
        Field("description", "Text", narrow=[cut(2000)], read=values.text, note="the article's name when not shown"),
        Field("quantity", "Quantity", narrow=[rounded(quantity_decimals)], read=values.number),
        _derived("unit", "UnitAbbreviation", values.text, "the article's unit is used"),
        Field(
            "unit_price",
            "UnitPrice",
            narrow=[rounded(2)],
            read=values.number,
            note="excluding VAT; sent including it where Visma counts so, and the article's when not shown",
        ),
        _derived("vat_percent", "VatRate", values.percent, _VAT),
        Unsupported("vat_code", reason=_VAT, derived=True),
        Computed(
            "discount_amount",
            "DiscountPercentage",
            discount.of_row,
            reason="the amount on the whole row, as a fraction of quantity times price; a loss is told when the row's "
            "sum would differ by more than 0.01",
            loss=discount.amount_loss,
        ),
        Computed(
            "discount_percent",
            "DiscountPercentage",
            discount.of_row,
            reason="as a fraction (0.1 is 10 percent); the amount goes first where a row has both",
            read=discount.percent_read,
            loss=discount.percent_loss,
        ),
        Unsupported("vat_account", reason=_ACCOUNT, derived=True),
        Unsupported("income_account", reason=_ACCOUNT, derived=True),
    ]


def _read(name: str, native: str, read: Any, note: str = _VISMA) -> Field:
    return Field(name, native, read=read, direction="read", note=note)


def _date(name: str, native: str, note: str = "") -> Field:
    return Field(name, native, write=date.isoformat, read=values.day, note=note)


def _sum(name: str, native: str, read: Any) -> Computed:
    def loss(record: Any) -> Loss | None:
        value = getattr(record, name)
        return None if value is None else Loss(name, LossKind.DROPPED, value, None, _VISMA)

    return Computed(name, native, lambda _: OMIT, reason="the total less VAT and rounding", read=read, loss=loss)


def _derived(name: str, native: str, read: Any, reason: str) -> Computed:
    """Declare a field that Visma has from elsewhere: it is read, and what it is to be cannot be said."""

    def shown(record: Mapping[str, Any]) -> Any:
        value = record.get(native, OMIT)
        return value if value is OMIT or value is None else read(value)

    def loss(record: Any) -> Loss | None:
        value = getattr(record, name)
        return None if value is None else Loss(name, LossKind.DERIVED, value, None, reason)

    return Computed(name, native, lambda _: OMIT, reason=reason, read=shown, loss=loss)


def _net(total: str, vat: str, rounding: str) -> Any:
    def net(record: Mapping[str, Any]) -> Any:
        found = [values.number(record.get(name)) for name in (total, vat)]
        if OMIT in found:
            return OMIT
        off = values.number(record.get(rounding))
        return found[0] - found[1] - (0 if off is OMIT else off)

    return net


def _credited(note: Mapping[str, Any]) -> Any:
    invoice = note.get(CREDITED)
    if not isinstance(invoice, Mapping):
        return OMIT
    return Ref(number=str(invoice["InvoiceNumber"]), key=invoice.get("CreatedFromDraftId") or invoice["Id"])


def _credits_loss(invoice: Invoice) -> Loss | None:
    if invoice.credits is None:
        return None
    return Loss("credits", LossKind.DROPPED, invoice.credits.number, None, "Visma alone sets it")


def _kind_loss(invoice: Invoice) -> Loss | None:
    if invoice.kind in (None, "invoice"):
        return None
    reason = f"an invoice of kind {invoice.kind} is made by hand in Visma"
    return Loss("kind", LossKind.DEFAULTED, invoice.kind, "invoice", reason)


ORDER_ROW: FieldMap[OrderRow] = FieldMap(OrderRow, _row(quantity_decimals=4))
"""The table of order rows."""

INVOICE_ROW: FieldMap[InvoiceRow] = FieldMap(
    InvoiceRow,
    [
        *_row(quantity_decimals=2),
        _read("amount", "AmountNoVat", values.number, "told of booked invoices"),
        _read("contribution_margin", "ContributionMargin.Amount", values.number),
    ],
)
"""The table of invoice rows; a draft keeps fewer decimals of a quantity than an order."""
