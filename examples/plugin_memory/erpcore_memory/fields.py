"""The field maps: what the program has a place for, and what happens to the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from erpcore import (
    OMIT,
    Article,
    Computed,
    ContactPerson,
    Customer,
    Default,
    DocumentRow,
    Entry,
    Field,
    FieldMap,
    Invoice,
    InvoiceRow,
    Loss,
    LossKind,
    Order,
    OrderRow,
    Ref,
    RegisterEntry,
    Rows,
    Unsupported,
    cut,
    digits,
    rounded,
)

_NO_PLACE = "the program has no place for it"
_BY_NUMBER = "the program knows its records by their numbers alone"


def _amount(name: str, native: str) -> Field:
    return Field(name, native, narrow=[rounded(2)], write=digits, read=Decimal)


def _date(name: str, native: str) -> Field:
    return Field(name, native, write=date.isoformat, read=date.fromisoformat)


def _sum(name: str, native: str) -> Field:
    return Field(name, native, read=Decimal, direction="read", note="the program computes it")


CUSTOMER = FieldMap(
    Customer,
    [
        Unsupported("key", reason=_BY_NUMBER, derived=True),
        Field("number", "No"),
        Field("name", "Name", narrow=[cut(60)], blank=OMIT, required=True),
        Field("kind", "Person", write=lambda kind: kind == "person", read=lambda yes: "person" if yes else "company"),
        Field("organisation_number", "OrgNo", blank=""),
        Unsupported("vat_number", reason=_NO_PLACE),
        Field("vat_treatment", "VatZone"),
        Field("email", "Mail", blank=""),
        Unsupported("invoice_email", reason="invoices go to the one e-mail address"),
        Field("phone", "Phone", narrow=[cut(20)], blank=""),
        Unsupported("mobile_phone", reason="there is one telephone"),
        Unsupported("website", reason=_NO_PLACE),
        Field("invoice_address.street", "Street", narrow=[cut(60)]),
        Field("invoice_address.street2", "Street2", narrow=[cut(60)]),
        Field("invoice_address.postal_code", "Zip"),
        Field("invoice_address.city", "City"),
        Field("invoice_address.country_code", "Country"),
        Unsupported("delivery_address", reason="a customer has one address"),
        Unsupported("visiting_address", reason="a customer has one address"),
        Field("currency", "Currency", register="currency"),
        Field("terms_of_payment", "Terms", register="terms_of_payment"),
        Unsupported("our_reference", reason="it stands on documents only"),
        Field("your_reference", "Contact", narrow=[cut(40)], blank=""),
        Field("external_reference", "Key"),
        Field("active", "Active"),
    ],
)

CONTACT_PERSON = FieldMap(
    ContactPerson,
    [
        Field("key", "No", direction="read", note="the program numbers persons"),
        Field("first_name", "First"),
        Field("last_name", "Last"),
        Field("email", "Mail"),
        Field("phone", "Phone"),
        Unsupported("mobile_phone", reason="there is one telephone"),
        Field("active", "Active"),
    ],
)

ARTICLE = FieldMap(
    Article,
    [
        Unsupported("key", reason=_BY_NUMBER, derived=True),
        Field("number", "No"),
        Field("description", "Text", narrow=[cut(50)], required=True),
        Unsupported("kind", reason="the program keeps no stock", default="service"),
        Field("unit", "Unit", register="unit"),
        _amount("price", "Price"),
        _amount("cost_price", "Cost"),
        Unsupported("currency", reason="prices are in the company's own currency", default="SEK"),
        Field("vat_percent", "Vat", write=digits, read=Decimal),
        Field("vat_code", "VatCode", register="vat_code"),
        Unsupported("group", reason="not built into this example", not_built=True),
        Field("income_account", "Account"),
        Default("income_account", "Account", "1", reason="the program sells nothing without an account"),
        Field("ean", "Ean"),
        Field("note", "Note"),
        Unsupported("external_reference", reason="articles are known by their number"),
        Field("active", "Active"),
        Unsupported("changed_at", reason="the program notes no times", derived=True),
    ],
)


def _percent(row: DocumentRow) -> Decimal | None:
    """The discount in percent, exactly; None without one. The program knows discounts in percent only."""
    gross = (row.quantity or Decimal(0)) * (row.unit_price or Decimal(0))
    if row.discount_amount and gross:
        return row.discount_amount / gross * 100
    return row.discount_percent


def _percent_sent(row: DocumentRow) -> Any:
    exact = _percent(row)
    return OMIT if exact is None else digits(rounded(2).apply(exact))


def _amount_loss(row: DocumentRow) -> Loss | None:
    exact = _percent(row)
    if not row.discount_amount or exact is None:
        return None
    narrow = rounded(2).apply(exact)
    if narrow == exact:
        return None
    gross = (row.quantity or Decimal(0)) * (row.unit_price or Decimal(0))
    becomes = rounded(2).apply(gross * narrow / 100)
    return Loss("discount_amount", LossKind.ROUNDED, row.discount_amount, becomes, "sent as percent with 2 decimals")


def _percent_loss(row: DocumentRow) -> Loss | None:
    percent = row.discount_percent
    if not percent:
        return None
    if row.discount_amount:
        return Loss("discount_percent", LossKind.DROPPED, percent, None, "a row has one discount; the amount is sent")
    narrow = rounded(2).apply(percent)
    return None if narrow == percent else Loss("discount_percent", LossKind.ROUNDED, percent, narrow, "2 decimals")


def _percent_read(row: Mapping[str, Any]) -> Any:
    return Decimal(row["Percent"]) if "Percent" in row else OMIT


def _row(*quantities: str) -> list[Entry]:
    return [
        Unsupported("row_id", reason="rows have no key"),
        Field("article_number", "Article"),
        Unsupported("article_key", reason=_BY_NUMBER, derived=True),
        Field("description", "Text", narrow=[cut(50)]),
        Field("quantity", *quantities, narrow=[rounded(3)], write=digits, read=Decimal),
        Field("unit", "Unit", register="unit"),
        _amount("unit_price", "Price"),
        Field("vat_percent", "Vat", write=digits, read=Decimal),
        Field("vat_code", "VatCode", register="vat_code"),
        Computed("discount_amount", "Percent", _percent_sent, "percent of quantity times price", loss=_amount_loss),
        Computed("discount_percent", "", lambda _: OMIT, "stands with the amount", _percent_read, _percent_loss),
        Unsupported("vat_account", reason="the VAT rate decides it", derived=True),
        Unsupported("income_account", reason="the article decides it", default="1"),
    ]


ORDER_ROW = FieldMap(OrderRow, _row("Delivered", "Ordered"))
INVOICE_ROW = FieldMap(
    InvoiceRow, [*_row("Delivered"), _sum("amount", "Amount"), Unsupported("contribution_margin", reason=_NO_PLACE)]
)


def _document() -> list[Entry]:
    return [
        Unsupported("key", reason=_BY_NUMBER, derived=True),
        Field("number", "No", direction="read", note="the program's own series"),
        Field("reference", "Key"),
        Field("customer_number", "Customer"),
        Unsupported("customer_key", reason=_BY_NUMBER, derived=True),
        Unsupported("customer_name", reason="the customer's own name is printed", derived=True),
        Unsupported("invoice_address", reason="the customer's own address is printed", derived=True),
        Field("currency", "Currency", register="currency"),
        Field("our_reference", "Ours", narrow=[cut(40)]),
        Field("your_reference", "Yours", narrow=[cut(40)]),
        Field("contact_person_key", "Person"),
        Field("your_order_number", "YourOrder"),
        Field("remarks", "Remarks"),
        Unsupported("comments", reason=_NO_PLACE),
        Unsupported("delivery_address", reason=_NO_PLACE),
        Field("terms_of_payment", "Terms", register="terms_of_payment"),
        Field("project", "Project"),
        Unsupported("cost_center", reason=_NO_PLACE),
        Field("vat_treatment", "VatZone"),
        _amount("discount_percent", "Percent"),
        Unsupported("discount_amount", reason="a document's discount is in percent"),
        _amount("freight", "Freight"),
        _amount("fee", "Fee"),
        _sum("net", "Net"),
        _sum("vat", "VatSum"),
        _sum("total", "Total"),
        Field("cancelled", "Annulled", direction="read", note="a person annuls documents"),
    ]


ORDER = FieldMap(
    Order,
    [
        *_document(),
        _date("order_date", "Date"),
        Default("order_date", "Date", date.isoformat, reason="the program takes no document without a date"),
        _date("delivery_date", "Delivery"),
        Field(
            "invoices",
            "Invoice",
            read=lambda number: (Ref(number=number),),
            direction="read",
            note="set when the order is invoiced, which happens once",
        ),
        Rows("rows", "Rows", ORDER_ROW),
    ],
)

INVOICE = FieldMap(
    Invoice,
    [
        *_document(),
        Unsupported("kind", reason="credit notes are made by a person", default="invoice"),
        Unsupported("credits", reason="credit notes are made by a person"),
        _date("invoice_date", "Date"),
        Default("invoice_date", "Date", date.isoformat, reason="the program takes no document without a date"),
        _date("due_date", "Due"),
        _date("delivery_date", "Delivery"),
        Field("order_number", "Order", direction="read", note="the order that it was made of"),
        Field("booked", "Booked", direction="read", note="a person books invoices"),
        Unsupported("balance", reason=_NO_PLACE),
        Unsupported("payment_date", reason=_NO_PLACE),
        Unsupported("currency_rate", reason="the program's own rates are used"),
        Unsupported("ocr", reason=_NO_PLACE),
        Unsupported("sent", reason=_NO_PLACE),
        Rows("rows", "Rows", INVOICE_ROW),
    ],
)


def register_entry(held: Mapping[str, Any]) -> RegisterEntry:
    """Read an entry of a register.

    Args:
        held: As the program shows it.
    """
    names = {"code": "Code", "name": "Text", "days": "Days", "percent": "Percent", "rate": "Rate"}
    return RegisterEntry.model_validate({name: held.get(member) for name, member in names.items()})
