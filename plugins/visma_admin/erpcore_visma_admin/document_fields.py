"""The field maps of orders and invoices, and of their rows.

VAT goes as a code of the company's four rates; the map has the rate, and the documents' own code puts the code in its
place and back. A discount is an amount or a percentage, which a flag tells apart; the map has two members for it.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    digits,
    rounded,
)
from erpcore.models import DocumentRow, Invoice, InvoiceRow, Order, OrderRow, Ref
from erpcore_visma_admin import values
from erpcore_visma_admin.adk.tables import ROWS
from erpcore_visma_admin.fields import NUMBERED, address_fields, number_field, terms_field, text_field
from erpcore_visma_admin.settings import FieldChoices

DISCOUNT = "DISCOUNT"
DISCOUNT_PERCENT = "DISCOUNT (percent)"
"""Where the maps put the two kinds of discount, of which the program has one and a flag."""
INVOICE_NUMBER = "INVOICE"
ORDER_NUMBER = "ORDER"
BALANCE = "(balance)"
BOOKED = "(booked)"
"""Members that are put beside a document's own when it is read."""

_DATED = "a document is of a day"
_ALONE = "the program alone sets it"
_NAMED = "Namn; the one in the customer register is printed"
_SYSTEM_SUM = "the program computes it"
CREDIT = "K"
_DISCOUNT_DECIMALS = 2
_ROUND = rounded(_DISCOUNT_DECIMALS)


def _read(name: str, native: str, read: Any, note: str = _ALONE) -> Field:
    return Field(name, native, read=read, direction="read", note=note)


def _numbered(raw: Any) -> tuple[Ref, ...]:
    return (Ref(number=str(raw)),) if raw else ()


def order_map(choices: FieldChoices) -> FieldMap[Order]:
    """Build the table of orders.

    Args:
        choices: The settings that it follows.
    """
    return FieldMap(
        Order,
        [
            *_head(choices),
            Field("order_date", "DOCUMENT_DATE1", write=_day, read=values.day, note="Orderdatum"),
            Default("order_date", "DOCUMENT_DATE1", date.isoformat, reason=_DATED),
            Field("delivery_date", "DOCUMENT_DATE2", write=_day, read=values.day, note="Leveransdatum"),
            _read("invoices", INVOICE_NUMBER, _numbered, "looked for among the invoices"),
            Rows("rows", ROWS, order_row_map(choices)),
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
            *_head(choices),
            Computed(
                "kind",
                "TYPE_OF_INVOICE",
                lambda _: OMIT,
                reason="new invoices are invoices; a credit note is made of an invoice in the program",
                read=lambda record: "credit" if record.get("TYPE_OF_INVOICE") == CREDIT else "invoice",
                loss=_kind_loss,
            ),
            Unsupported("credits", reason="which invoice it credits is not read yet", not_built=True),
            Field("invoice_date", "DOCUMENT_DATE1", write=_day, read=values.day, note="Fakturadatum"),
            Default("invoice_date", "DOCUMENT_DATE1", date.isoformat, reason=_DATED),
            Field("due_date", "DOCUMENT_DATE2", write=_day, read=values.day, note="Förfallodatum; by the terms else"),
            Unsupported("delivery_date", reason="an invoice has none"),
            _read("order_number", ORDER_NUMBER, values.text, "the connected order's number"),
            _read("booked", BOOKED, values.flag, "printed and finished, or in the ledger: setting booked_by"),
            _read("balance", BALANCE, values.number, f"{choices.balance_field}, Saldo"),
            _read("payment_date", "LAST_PAYMENT", values.day, "Slutbetald; of an invoice that is paid in full"),
            _read("currency_rate", "CURRENCY_RATE", values.number),
            _read("ocr", "OCR_NUMBER", values.text),
            _read("sent", "DOCUMENT_PRINTED", values.flag, "printed or sent (Skickad)"),
            Rows("rows", ROWS, invoice_row_map(choices)),
        ],
    )


def order_row_map(choices: FieldChoices) -> FieldMap[OrderRow]:
    """Build the table of order rows.

    Args:
        choices: The settings that it follows.
    """
    return FieldMap(OrderRow, _row(choices, "QUANTITY2", "QUANTITY1"))


def invoice_row_map(choices: FieldChoices) -> FieldMap[InvoiceRow]:
    """Build the table of invoice rows.

    Args:
        choices: The settings that it follows.
    """
    return FieldMap(
        InvoiceRow,
        [
            *_row(choices, "QUANTITY1", "QUANTITY2"),
            _read("amount", "AMOUNT_CURRENT_CURRENCY", values.number, "Summa, excluding VAT"),
            _read("contribution_margin", "CONTRIBUTION_MARGIN", values.number, "TB"),
        ],
    )


def _head(choices: FieldChoices) -> list[Entry]:
    """What orders and invoices share. The customer comes first: it brings its own terms along."""
    comments: Entry = (
        Unsupported("comments", reason="the internal note holds our own key (setting reference_field)")
        if choices.reference_field == "LOCAL_REMARK"
        else text_field("comments", "LOCAL_REMARK", 120)
    )
    return [
        Unsupported("key", reason=NUMBERED, derived=True),
        _read("number", "DOCUMENT_NUMBER", values.text, "the program's own series"),
        text_field("customer_number", "CUSTOMER_NUMBER", note="Kundnr"),
        Unsupported("customer_key", reason=NUMBERED, derived=True),
        text_field("reference", choices.reference_field, note="our own key, by which it is found again"),
        Computed(
            "customer_name",
            "CUSTOMER_NAME",
            lambda _: OMIT,
            reason=_NAMED,
            read=_customer_name,
            loss=_customer_name_loss,
        ),
        Unsupported("invoice_address", reason="the address in the customer register is printed", derived=True),
        Field(
            "currency",
            "CURRENCY_CODE",
            read=values.currency(choices.currency),
            register="currency",
            note="Valuta; the customer's when not shown",
        ),
        text_field("our_reference", "OUR_REFERENCE_NAME", 25, note="Vår referens"),
        text_field("your_reference", "CUSTOMER_REFERENCE_NAME", 50, note="Er referens"),
        Unsupported("contact_person_key", reason="a document names a person by name alone: your_reference"),
        text_field("your_order_number", "CUSTOMER_ORDER_NUMBER", 20, note="Ert ordernr"),
        text_field("remarks", "TEXT1", 60, note="one printed line"),
        comments,
        *address_fields(
            "delivery_address",
            (
                "DELIVERY_MAILING_ADDRESS1",
                "DELIVERY_MAILING_ADDRESS2",
                "DELIVERY_ZIPCODE",
                "DELIVERY_CITY",
                "DELIVERY_CODE_OF_COUNTRY",
            ),
        ),
        terms_field(),
        Unsupported("vat_treatment", reason="the customer's VAT type decides it", derived=True),
        Unsupported("discount_percent", reason="a document's own discount is not written yet", not_built=True),
        Unsupported("discount_amount", reason="a document's own discount is not written yet", not_built=True),
        Unsupported("freight", reason="freight is not written yet", not_built=True),
        Unsupported("fee", reason="the fee is not written yet", not_built=True),
        text_field("project", "PROJECT_CODE", register="project"),
        text_field("cost_center", "PROFIT_CENTRE", register="cost_center", note="a profit centre (resultatenhet)"),
        _read("net", "EXCLUDING_OF_VAT", values.number, _SYSTEM_SUM),
        _read("vat", "VAT_AMOUNT", values.number, _SYSTEM_SUM),
        _read("total", "TOTAL_AMOUNT", values.number, _SYSTEM_SUM),
        _read("cancelled", "DOCUMENT_CANCELLED", values.flag, "Makulerad, by a person in the program"),
    ]


def _row(choices: FieldChoices, *quantities: str) -> list[Entry]:
    """What rows of orders and of invoices share. Of `quantities` the first is read: an order is worth what is ordered,
    an invoice what is delivered.
    """
    return [
        _read("row_id", "ROWNUMBER", values.text, "the row's place, counted by the program"),
        text_field("article_number", "ARTICLE_NUMBER", note="Artikelnummer; must be there, at most 16 characters"),
        Unsupported("article_key", reason=NUMBERED, derived=True),
        text_field("description", "TEXT", 60, note="Benämning; the article's name when not shown"),
        number_field(
            "quantity",
            quantities[0],
            choices.quantity_decimals,
            *quantities[1:],
            note="Beställt and Levererat antal: a row that is not delivered is not invoiced",
        ),
        text_field("unit", "UNIT", register="unit", note="Enhet"),
        number_field(
            "unit_price",
            "PRICE_EACH_CURRENT_CURRENCY",
            choices.price_decimals,
            note="A-pris excluding VAT; the price list's when not shown",
        ),
        Field(
            "vat_percent",
            "VAT_CODE",
            write=digits,
            read=values.number,
            note="Moms: the code of the company's rate; a rate that it has not is refused",
        ),
        Unsupported("vat_code", reason="a row has one code for each of the company's rates: vat_percent", derived=True),
        Field(
            "discount_amount",
            DISCOUNT,
            narrow=[rounded(_DISCOUNT_DECIMALS)],
            write=digits,
            read=values.number,
            also={"AMOUNT_DISCOUNT_FLAG": choices.amount_discount_flag},
            note="Rabatt on the whole row",
        ),
        Computed(
            "discount_percent",
            DISCOUNT_PERCENT,
            _percent,
            reason="Rabatt in percent; the amount goes first where a row has both",
            read=lambda record: values.number(record[DISCOUNT_PERCENT]) if DISCOUNT_PERCENT in record else OMIT,
            loss=_percent_loss,
        ),
        Unsupported("vat_account", reason="the VAT code and the article's coding decide it", derived=True),
        Unsupported(
            "income_account",
            reason="the article's coding decides it; an article that is not there is made towards the coding with "
            "this number",
            default=choices.accounting_code,
        ),
    ]


def _customer_name(record: Mapping[str, Any]) -> Any:
    return values.text(record["CUSTOMER_NAME"]) if record.get("CUSTOMER_NAME") else OMIT


def _customer_name_loss(document: Order | Invoice) -> Loss | None:
    name = document.customer_name
    return None if name is None else Loss("customer_name", LossKind.DERIVED, name, None, _NAMED)


def _day(value: Any) -> str:
    day: str = value.isoformat()
    return day


def _percent(row: DocumentRow) -> Any:
    if not row.shown("discount_percent") or row.discount_percent is None or row.discount_amount is not None:
        return OMIT
    return digits(_ROUND.apply(row.discount_percent))


def _percent_loss(row: DocumentRow) -> Loss | None:
    percent = row.discount_percent
    if percent is None:
        return None
    if row.discount_amount is not None:
        return Loss("discount_percent", LossKind.DROPPED, percent, None, "the row has an amount beside it")
    kept = _ROUND.apply(percent)
    return None if kept == percent else Loss("discount_percent", LossKind.ROUNDED, percent, kept, _ROUND.reason)


def _kind_loss(invoice: Invoice) -> Loss | None:
    if invoice.kind in (None, "invoice"):
        return None
    return Loss("kind", LossKind.DEFAULTED, invoice.kind, "invoice", "a person makes other kinds in the program")
