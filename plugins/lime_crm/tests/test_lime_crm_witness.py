"""What Lime CRM is told, by the base solution's own names, beside the canonical record: written from Lime's tables of
fields, not by the field maps. What it shows is witnessed in `test_lime_crm_reading_witness`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from erpcore_lime_crm.settings import LimeCrmSettings
from erpcore_lime_crm.written_fields import article_map, invoice_map, invoice_standing_map, write_back_map

from erpcore.fields import FieldMap
from erpcore.models import Article, CanonicalModel, Invoice, InvoiceRow, InvoiceStanding, WriteBack
from erpcore.testing.witness import Witness, differences, unnoticed_swaps

SETTINGS = LimeCrmSettings.model_validate(
    {
        "url": "https://lime.invalid/demo",
        "api_key": "k",
        "deal": {"erp_id": "erp_ordernumber", "invoice_colour": "invoicecolour"},
        "order": {"invoice_colour": "invoicecolour"},
        "company": {"invoice_colour": "invoicecolour", "invoice_balance": "invoicebalance"},
        "invoice": {"currency_rate": "currencyrate", "colour": "colour"},
    }
)


def told(kind: str, fields: dict[str, Any], sent: dict[str, Any], model: type[CanonicalModel] = WriteBack) -> Witness:
    record = model.model_validate({"record_kind": kind, "record_id": "7", **fields})
    # What it is written to stands in the address.
    return Witness(record, sent, shown={})


PAID: dict[str, Any] = {
    "number": "20001",
    "customer_number": "10077",
    "your_reference": "Kim Kontrakt",
    "kind": "invoice",
    "invoice_date": date(2026, 11, 21),
    "due_date": date(2026, 12, 21),
    "currency": "NOK",
    "net": Decimal("280.63"),
    "vat": Decimal("70.16"),
    "total": Decimal("350.79"),
    "balance": Decimal("0.50"),
    "payment_date": date(2026, 12, 24),
    "cancelled": False,
    "currency_rate": Decimal("0.9512"),
    "rows": (
        InvoiceRow(
            row_id="8",
            article_number="KV-1",
            description="Kvarnsten",
            quantity=Decimal("2.5"),
            amount=Decimal("280.13"),
            contribution_margin=Decimal("137.50"),
        ),
    ),
}
PAID_INVOICE = Witness(
    # That it is booked is not told: only such are stored.
    Invoice(**PAID, booked=True),
    {
        "invoice_number": "20001",
        "customerid": "10077",
        "customer_reference": "Kim Kontrakt",
        "invoice_type": "Invoice",
        "invoice_date": "2026-11-21T00:00:00+01:00",
        "invoice_expires": "2026-12-21T00:00:00+01:00",
        "currency": "NOK",
        "invoice_sum": Decimal("280.63"),
        "invoice_vat": Decimal("70.16"),
        "invoice_total_sum": Decimal("350.79"),
        "invoice_balance": Decimal("0.50"),
        "paid": True,
        "paid_date": "2026-12-24T00:00:00+01:00",
        "invoice_shredded": False,
        "currencyrate": Decimal("0.9512"),
        "rows": [
            {
                "rowid": "8",
                "item": "KV-1",
                "description": "Kvarnsten",
                "units": Decimal("2.5"),
                "row_value": Decimal("280.13"),
                "row_margin": Decimal("137.50"),
            }
        ],
    },
    read=Invoice(**PAID),
    # Two relations, which are found by name.
    never_sent=frozenset({"our_reference", "order_number"}),
)
ARTICLE = Witness(
    Article(
        number="KV-1",
        description="Kvarnsten",
        unit="st",
        price=Decimal("129.75"),
        cost_price=Decimal("57.25"),
        vat_percent=Decimal(12),
        income_account="3041",
        active=False,
    ),
    {
        "articleno": "KV-1",
        "description": "Kvarnsten",
        "unit": "st",
        "price": Decimal("129.75"),
        "costprice": Decimal("57.25"),
        "vat": Decimal("0.12"),
        "incomeaccount": "3041",
        "active": False,
    },
    never_sent=frozenset({"group"}),
)
CHANGED = datetime(2026, 11, 20, 9, 30, 15, tzinfo=UTC)
KNOWN_ARTICLE = Witness(
    Article(key="9", group="Kvarnar", changed_at=CHANGED),
    shown={"_id": 9, "articlegroup/name": "Kvarnar", "_timestamp": "2026-11-20T09:30:15+00:00"},
)


def colour(kind: str, name: str) -> Witness:
    return told(kind, {"colour": "red"}, {name: {"key": "red"}}, InvoiceStanding)


STATED: dict[str, tuple[FieldMap[Any], *tuple[Witness, ...]]] = {
    "order": (
        write_back_map(SETTINGS, "order"),
        told(
            "order",
            {
                "order_number": "5002",
                "invoice_number": "20001",
                "customer_number": "10001",
                "erp_db": "1",
                "status": "error",
                "message": "Artikel saknas",
            },
            {
                "order_number": "5002",
                "invoice_number": "20001",
                "customer_number": "10001",
                "erp_db": "1",
                "order_status": {"key": "error"},
                "error_message": "Artikel saknas",
            },
        ),
    ),
    "company": (
        write_back_map(SETTINGS, "company"),
        told(
            "company",
            {"erp_id": "10001", "status": "error", "message": "Orgnr saknas"},
            {"erp_id": "10001", "erp_status": {"key": "error"}, "erp_errormessage": "Orgnr saknas"},
        ),
    ),
    "deal": (write_back_map(SETTINGS, "deal"), told("deal", {"erp_id": "5002"}, {"erp_ordernumber": "5002"})),
    "invoice": (invoice_map(SETTINGS), PAID_INVOICE),
    "article": (article_map(SETTINGS), ARTICLE, KNOWN_ARTICLE),
    "a deal's invoices": (invoice_standing_map(SETTINGS, "deal"), colour("deal", "invoicecolour")),
    "an order's invoices": (invoice_standing_map(SETTINGS, "order"), colour("order", "invoicecolour")),
    "an invoice's colour": (invoice_standing_map(SETTINGS, "invoice"), colour("invoice", "colour")),
    "a company's invoices": (
        invoice_standing_map(SETTINGS, "company"),
        told(
            "company",
            {"colour": "yellow", "balance": Decimal("99.50")},
            {"invoicecolour": {"key": "yellow"}, "invoicebalance": Decimal("99.50")},
            InvoiceStanding,
        ),
    ),
}


@pytest.mark.parametrize("name", STATED)
def test_what_is_told_stands_where_lime_says(name: str) -> None:
    assert differences(*STATED[name]) == []


@pytest.mark.parametrize("name", STATED)
def test_no_two_fields_can_be_exchanged_unnoticed(name: str) -> None:
    assert unnoticed_swaps(*STATED[name]) == []
