"""What Visma Administration is given and shows, by its own names, beside the canonical record: written from the list of
its native fields, not by the field maps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from erpcore_visma_admin.document_fields import invoice_map, order_map
from erpcore_visma_admin.fields import article_map, customer_map
from erpcore_visma_admin.settings import FieldChoices

from erpcore.fields import FieldMap
from erpcore.models import Address, Article, Customer, Invoice, InvoiceRow, Order, OrderRow
from erpcore.testing.witness import Witness, differences, unnoticed_swaps

HOME = Address(street="Åvägen 1", street2="Box 2", postal_code="662 31", city="Åmål", country_code="SE")
STORE = Address(street="Hamngatan 3", street2="Port 4", postal_code="0150", city="Oslo", country_code="NO")
INBOX = "faktura@amal.example"
CUSTOMER_FIELDS: dict[str, Any] = {
    "number": "1001",
    "name": "Åmål AB",
    "organisation_number": "556036-0793",
    "vat_number": "SE556036079301",
    "phone": "0532-1 23 45",
    "mobile_phone": "070-123 45 67",
    "invoice_address": HOME,
    "delivery_address": STORE,
    "visiting_address": Address(street="Torget 5"),
    "currency": "EUR",
    "terms_of_payment": "30",
    "your_reference": "Bo Provsson",
    "external_reference": "erpcore:1",
    "active": False,
}
CUSTOMER = Witness(
    Customer(**CUSTOMER_FIELDS, email="info@amal.example", invoice_email=INBOX),
    {
        "NUMBER": "1001",
        "NAME": "Åmål AB",
        "ORGANISATION_NUMBER": "556036-0793",
        "VAT_NUMBER": "SE556036079301",
        "EMAIL": INBOX,
        "TELEPHONE": "0532-1 23 45",
        "MOBILE_PHONE": "070-123 45 67",
        "MAILING_ADDRESS": "Åvägen 1",
        "MAILING_ADDRESS2": "Box 2",
        "ZIPCODE": "662 31",
        "CITY": "Åmål",
        "CODE_OF_COUNTRY": "SE",
        "DELIVERY_ADDRESS": "Hamngatan 3",
        "DELIVERY_ADDRESS2": "Port 4",
        "DELIVERY_ZIPCODE": "0150",
        "DELIVERY_CITY": "Oslo",
        "DELIVERY_CODE_OF_COUNTRY": "NO",
        "VISITING_ADDRESS": "Torget 5",
        "CODE_OF_CURRENCY": "EUR",
        "CODE_OF_TERMS_OF_PAYMENT": "30",
        "REFERENCE": "Bo Provsson",
        FieldChoices().customer_reference_field: "erpcore:1",
        "INACTIVE": True,
    },
    read=Customer(**CUSTOMER_FIELDS, email=INBOX, invoice_email=INBOX),
)
ARTICLE = Witness(
    Article(
        number="AM-1",
        description="Åkdyna",
        kind="service",
        unit="st",
        price=Decimal("129.75"),
        cost_price=Decimal("57.25"),
        group="7",
        ean="7350053850019",
        note="Mjuk",
        active=False,
    ),
    {
        "NUMBER": "AM-1",
        "NAME": "Åkdyna",
        "STOCK_GOODS": False,
        "UNIT_CODE": "st",
        "PRICE": "129.75",
        "ESTIMATED_PURCHASE_PRICE": "57.25",
        "GROUP": "7",
        "BAR_CODE": "7350053850019",
        "REMARK1": "Mjuk",
        "INACTIVE": True,
    },
)
HEAD: dict[str, Any] = {
    "customer_number": "1001",
    "reference": "erpcore:deal-7",
    "currency": "NOK",
    "our_reference": "Anna Exempel",
    "your_reference": "Bo Provsson",
    "your_order_number": "PO-77",
    "remarks": "Leverans vecka 7",
    "delivery_address": STORE,
    "terms_of_payment": "20",
    "project": "P7",
    "cost_center": "KS7",
}
SENT_HEAD: dict[str, Any] = {
    "CUSTOMER_NUMBER": "1001",
    FieldChoices().reference_field: "erpcore:deal-7",
    "CURRENCY_CODE": "NOK",
    "OUR_REFERENCE_NAME": "Anna Exempel",
    "CUSTOMER_REFERENCE_NAME": "Bo Provsson",
    "CUSTOMER_ORDER_NUMBER": "PO-77",
    "TEXT1": "Leverans vecka 7",
    "DELIVERY_MAILING_ADDRESS1": "Hamngatan 3",
    "DELIVERY_MAILING_ADDRESS2": "Port 4",
    "DELIVERY_ZIPCODE": "0150",
    "DELIVERY_CITY": "Oslo",
    "DELIVERY_CODE_OF_COUNTRY": "NO",
    "CODE_OF_TERMS_OF_PAYMENT": "20",
    "PROJECT_CODE": "P7",
    "PROFIT_CENTRE": "KS7",
}
ROW: dict[str, Any] = {
    "article_number": "AM-1",
    "description": "Åkdyna, röd",
    "quantity": Decimal("2.5"),
    "unit": "h",
    "unit_price": Decimal("117.25"),
    "vat_percent": Decimal(25),
    "discount_amount": Decimal("12.50"),
}
FLAG = {"AMOUNT_DISCOUNT_FLAG": FieldChoices().amount_discount_flag}
SENT_ROW: dict[str, Any] = {
    "ARTICLE_NUMBER": "AM-1",
    "TEXT": "Åkdyna, röd",
    "QUANTITY1": "2.5",
    "QUANTITY2": "2.5",
    "UNIT": "h",
    "PRICE_EACH_CURRENT_CURRENCY": "117.25",
    "VAT_CODE": "25",
    **FLAG,
}
PERCENT = {"description": "Rabatt", "quantity": Decimal(1), "unit_price": Decimal(10), "discount_percent": Decimal(8)}
SENT_ROWS = [
    {**SENT_ROW, "DISCOUNT": "12.50"},
    {
        "TEXT": "Rabatt",
        "QUANTITY1": "1",
        "QUANTITY2": "1",
        "PRICE_EACH_CURRENT_CURRENCY": "10",
        "DISCOUNT (percent)": "8",
    },
]
ORDER = Witness(
    Order(
        **HEAD,
        order_date=date(2026, 11, 20),
        delivery_date=date(2026, 12, 1),
        rows=(OrderRow(**ROW), OrderRow(**PERCENT)),
    ),
    {**SENT_HEAD, "DOCUMENT_DATE1": "2026-11-20", "DOCUMENT_DATE2": "2026-12-01", "ROWS": SENT_ROWS},
    never_sent=frozenset({"customer_name"}),
)
INVOICE = Witness(
    Invoice(
        **HEAD,
        invoice_date=date(2026, 11, 21),
        due_date=date(2026, 12, 21),
        rows=(InvoiceRow(**ROW), InvoiceRow(**PERCENT)),
    ),
    {**SENT_HEAD, "DOCUMENT_DATE1": "2026-11-21", "DOCUMENT_DATE2": "2026-12-21", "ROWS": SENT_ROWS},
    read=Invoice(
        **HEAD,
        kind="invoice",
        invoice_date=date(2026, 11, 21),
        due_date=date(2026, 12, 21),
        rows=(InvoiceRow(**ROW), InvoiceRow(**PERCENT)),
    ),
    never_sent=frozenset({"kind", "customer_name"}),
)
CHOICES = FieldChoices()
STATED: dict[str, tuple[FieldMap[Any], Witness]] = {
    "customer": (customer_map(CHOICES), CUSTOMER),
    "article": (article_map(CHOICES), ARTICLE),
    "order": (order_map(CHOICES), ORDER),
    "invoice": (invoice_map(CHOICES), INVOICE),
}


@pytest.mark.parametrize("name", STATED)
def test_the_map_says_what_the_program_says(name: str) -> None:
    assert differences(*STATED[name]) == []


@pytest.mark.parametrize("name", STATED)
def test_no_two_fields_can_be_exchanged_unnoticed(name: str) -> None:
    assert unnoticed_swaps(*STATED[name]) == []
