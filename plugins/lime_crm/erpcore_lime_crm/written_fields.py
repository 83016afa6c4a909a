"""The field maps of what is written: numbers and status back, invoices, articles. Built from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from erpcore.errors import InvalidValueError
from erpcore.fields import OMIT, Computed, Entry, Field, FieldMap, Rows, Unsupported, currency_code, cut, exact, flag
from erpcore.fields.entries import Narrowing
from erpcore.models import Article, Invoice, InvoiceRow, InvoiceStanding, WriteBack

from .fields import NOT_THERE, vat_held, vat_percent
from .names import Names
from .settings import LimeCrmSettings
from .values import day, day_written, text

ROWS = "rows"
"""The member of an invoice's payload that holds its rows; they are stored as objects of their own."""
ROW_ID_LENGTH = 32
"""Room for the key of an invoice row (ERP connector documentation, Table and Field Definitions)."""
_MESSAGE, _ORDER_NUMBER = 512, 64
_IN_ADDRESS = "part of the address"
_PLURALS = {"order": "orders", "company": "companies", "deal": "deals"}


def _write(name: str, native: str, length: int | None = None, **options: Any) -> Entry:
    if not native:
        return Unsupported(name, reason=NOT_THERE)
    narrow: list[Narrowing] = [] if length is None else [cut(length)]
    return Field(name, native, narrow=narrow, read=options.pop("read", text), blank=options.pop("blank", ""), **options)


def _number(name: str, native: str) -> Entry:
    return _write(name, native, read=exact, blank=None)


def _day(name: str, native: str, settings: LimeCrmSettings) -> Entry:
    zone, alone = settings.zone, settings.write_days_as == "date"

    def written(value: date) -> str:
        return day_written(value, zone, date_alone=alone)

    return _write(name, native, write=written, read=lambda raw: day(raw, zone), blank=None)


def _status(native: str, keys: Names, kind: str) -> Entry:
    known = dict(keys)

    def written(word: str) -> dict[str, str]:
        if word not in known:
            raise InvalidValueError(
                f"The status of {kind} in Lime CRM cannot be “{word}”; it can be {', '.join(known)}.", field="status"
            )
        return {"key": known[word]}

    words = {key: word for word, key in known.items()}
    return _write("status", native, write=written, read=lambda key: words.get(str(key), OMIT), blank=OMIT)


def write_back_map(settings: LimeCrmSettings, kind: Literal["order", "company", "deal"]) -> FieldMap[WriteBack]:
    """Build the table of what goes back to an order, a company or a deal.

    Args:
        settings: The connection's settings.
        kind: Which record.
    """
    nowhere = f"Lime CRM has no such field on {_PLURALS[kind]}"
    order, company = settings.order, settings.company
    entries: dict[str, list[Entry]] = {
        "order": [
            Unsupported("erp_id", reason="an order has its order number for this"),
            _write("order_number", order.order_number, _ORDER_NUMBER),
            _write("invoice_number", order.invoice_number, _ORDER_NUMBER),
            # Neither is cut: half of it would be somebody else's.
            _write("customer_number", order.customer_number),
            _write("erp_db", order.erp_db),
            _number("net", order.rows_sum),
            _status(order.status, settings.order_status_keys, "an order"),
            _write("message", order.message, _MESSAGE),
        ],
        "company": [
            # Not cut either.
            _write("erp_id", company.erp_id),
            *(
                Unsupported(name, reason=nowhere)
                for name in ("order_number", "invoice_number", "customer_number", "erp_db", "net")
            ),
            _status(company.erp_status, settings.company_status_keys, "a company"),
            _write("message", company.erp_message, _MESSAGE),
        ],
        "deal": [
            _write("erp_id", settings.deal.erp_id),
            *(
                Unsupported(name, reason=nowhere)
                for name in ("order_number", "invoice_number", "customer_number", "erp_db", "status", "message")
            ),
            _number("net", settings.deal.rows_sum),
        ],
    }
    address: list[Entry] = [Unsupported(name, reason=_IN_ADDRESS) for name in ("record_kind", "record_id")]
    return FieldMap(WriteBack, [*address, *entries[kind]])


def invoice_map(settings: LimeCrmSettings) -> FieldMap[Invoice]:
    """Build the table of invoices (ERP connector documentation, Invoice: booked invoices, read-only in Lime CRM)."""
    names = settings.invoice
    texts = {"invoice": settings.invoice_text, "credit": settings.credit_text, "cash": settings.cash_text}
    kinds = {held: kind for kind, held in texts.items()}
    return FieldMap(
        Invoice,
        [
            _write("number", names.number),
            _write("customer_number", names.customer_number, 128),
            Unsupported("customer_name", reason="the relation to the company shows it"),
            _write("your_reference", names.your_reference, 256),
            Computed(
                "our_reference",
                names.coworker,
                lambda _: OMIT,
                "the relation to the coworker of this name, when there is exactly one",
            ),
            _write("kind", names.kind, write=texts.__getitem__, read=lambda held: kinds.get(str(held), OMIT)),
            _day("invoice_date", names.invoice_date, settings),
            _day("due_date", names.due_date, settings),
            _write("currency", names.currency, read=currency_code),
            _number("net", names.net),
            _number("vat", names.vat),
            _number("total", names.total),
            _number("balance", names.balance),
            _day("payment_date", names.payment_date, settings),
            _write("cancelled", names.cancelled, read=flag, blank=OMIT),
            _number("currency_rate", names.currency_rate),
            Computed(
                "booked",
                names.paid,
                _paid,
                "tells whether it is paid; only booked invoices are stored",
            ),
            Computed("order_number", settings.order.invoice, lambda _: OMIT, "the order's relation to the invoice"),
            Rows("rows", ROWS, invoice_row_map(settings)),
            *(
                Unsupported(name, reason="Lime CRM's invoice has no field for it")
                for name in (
                    "key",
                    "customer_key",
                    "contact_person_key",
                    "vat_treatment",
                    "discount_percent",
                    "discount_amount",
                    "freight",
                    "fee",
                    "credits",
                    "reference",
                    "your_order_number",
                    "remarks",
                    "comments",
                    "invoice_address",
                    "delivery_address",
                    "terms_of_payment",
                    "project",
                    "cost_center",
                    "delivery_date",
                    "ocr",
                    "sent",
                )
            ),
        ],
    )


def invoice_standing_map(
    settings: LimeCrmSettings, kind: Literal["deal", "order", "company", "invoice"]
) -> FieldMap[InvoiceStanding]:
    """Build the table of what a record shows of its invoices. Of that, an invoice itself lacks the colour alone.

    Args:
        settings: The connection's settings.
        kind: Which record.
    """
    colours = {
        "deal": settings.deal.invoice_colour,
        "order": settings.order.invoice_colour,
        "company": settings.company.invoice_colour,
        "invoice": settings.invoice.colour,
    }
    keys = dict(settings.colour_keys)

    def written(colour: str) -> dict[str, str]:
        return {"key": keys[colour]}

    balance = settings.company.invoice_balance if kind == "company" else ""
    return FieldMap(
        InvoiceStanding,
        [
            *(Unsupported(name, reason=_IN_ADDRESS) for name in ("record_kind", "record_id")),
            _write("colour", colours[kind], write=written, blank=written("none")),
            _number("balance", balance),
            *(
                Unsupported(name, reason="the invoices that are related to it show it")
                for name in ("numbers", "total", "due_date", "paid_date")
            ),
        ],
    )


def _paid(invoice: Invoice) -> Any:
    if invoice.kind == "cash" or (invoice.kind != "credit" and invoice.payment_date is not None):
        return True
    if invoice.balance is None:
        return OMIT
    return invoice.balance >= 0 if invoice.kind == "credit" else invoice.balance <= 0


def invoice_row_map(settings: LimeCrmSettings) -> FieldMap[InvoiceRow]:
    """Build the table of invoice rows."""
    names = settings.invoice_row
    return FieldMap(
        InvoiceRow,
        [
            _write("row_id", names.row_id, note="invoice number and place where the ERP's key is missing or too long"),
            _write("article_number", names.article_number, 128),
            _write("description", names.description, 128),
            _number("quantity", names.quantity),
            _number("amount", names.amount),
            _number("contribution_margin", names.contribution_margin),
            *(
                Unsupported(name, reason="Lime CRM's invoice row has no field for it")
                for name in (
                    "article_key",
                    "vat_code",
                    "unit",
                    "unit_price",
                    "vat_percent",
                    "discount_amount",
                    "discount_percent",
                    "vat_account",
                    "income_account",
                )
            ),
        ],
    )


def article_map(settings: LimeCrmSettings) -> FieldMap[Article]:
    """Build the table of articles."""
    names, stands_as = settings.article, settings.article_vat_as

    def vat(raw: Any) -> Decimal | None:
        return vat_percent(exact(raw), stands_as)

    def write_vat(percent: Decimal) -> Decimal:
        return vat_held(percent, stands_as)

    group = f"{names.group}/{settings.article_group.name}" if names.group else ""

    def read_group(payload: Mapping[str, Any]) -> Any:
        if group not in payload:
            return OMIT
        return None if payload[group] is None else text(payload[group])

    return FieldMap(
        Article,
        [
            _write("number", names.number),
            _write("description", names.description, settings.article_description_length),
            _write("unit", names.unit, 32),
            _number("price", names.price),
            _number("cost_price", names.cost_price),
            _write("vat_percent", names.vat, write=write_vat, read=vat, blank=None),
            Computed(
                "group",
                group,
                lambda _: OMIT,
                "the relation to the group of this name, which is made where it is missing",
                read=read_group,
            ),
            _write("income_account", names.income_account, 32),
            _write("active", names.active, read=flag, blank=OMIT),
            Field("key", "_id", read=text, direction="read", note="Lime CRM gives it"),
            Field("changed_at", "_timestamp", direction="read", note="Lime CRM sets it"),
            *(
                Unsupported(name, reason="Lime CRM's article has no field for it")
                for name in ("vat_code", "kind", "currency", "ean", "note", "external_reference")
            ),
        ],
    )
