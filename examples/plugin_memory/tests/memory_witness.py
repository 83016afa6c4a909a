"""What the program is sent and shows, in its own words, beside the canonical record; not written by the field maps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from erpcore import Address, Article, ContactPerson, Customer, Invoice, InvoiceRow, Order, OrderRow, Ref
from erpcore.testing.contract import Witness

CUSTOMER = Witness(
    Customer(
        number="1001",
        name="Kvarnen Malmö AB",
        kind="person",
        organisation_number="556036-0793",
        vat_treatment="export",
        email="info@kvarnen.example",
        phone="040-12 34 56",
        invoice_address=Address(
            street="Kvarngatan 1", street2="Box 2", postal_code="211 11", city="Malmö", country_code="SE"
        ),
        currency="EUR",
        terms_of_payment="30",
        your_reference="Bo Provsson",
        external_reference="erpcore:1",
        active=False,
    ),
    {
        "No": "1001",
        "Name": "Kvarnen Malmö AB",
        "Person": True,
        "OrgNo": "556036-0793",
        "VatZone": "export",
        "Mail": "info@kvarnen.example",
        "Phone": "040-12 34 56",
        "Street": "Kvarngatan 1",
        "Street2": "Box 2",
        "Zip": "211 11",
        "City": "Malmö",
        "Country": "SE",
        "Currency": "EUR",
        "Terms": "30",
        "Contact": "Bo Provsson",
        "Key": "erpcore:1",
        "Active": False,
    },
)
PERSON_FIELDS: dict[str, Any] = {
    "first_name": "Anna",
    "last_name": "Ek",
    "email": "anna@kvarnen.example",
    "phone": "040-12",
    "active": False,
}
SENT_PERSON = {"First": "Anna", "Last": "Ek", "Mail": "anna@kvarnen.example", "Phone": "040-12", "Active": False}
PERSON = Witness(
    ContactPerson(**PERSON_FIELDS),
    SENT_PERSON,
    {**SENT_PERSON, "No": "12"},
    ContactPerson(**PERSON_FIELDS, key="12"),
)
ARTICLE = Witness(
    Article(
        number="KV-1",
        description="Kvarnsten",
        unit="st",
        price=Decimal("129.75"),
        cost_price=Decimal("57.25"),
        vat_percent=Decimal(12),
        vat_code="MP2",
        income_account="3041",
        ean="7350053850019",
        note="Mals i två",
        active=False,
    ),
    {
        "No": "KV-1",
        "Text": "Kvarnsten",
        "Unit": "st",
        "Price": "129.75",
        "Cost": "57.25",
        "Vat": "12",
        "VatCode": "MP2",
        "Account": "3041",
        "Ean": "7350053850019",
        "Note": "Mals i två",
        "Active": False,
    },
)
ROW: dict[str, Any] = {
    "article_number": "KV-1",
    "description": "Kvarnsten, stor",
    "quantity": Decimal(3),
    "unit": "h",
    "unit_price": Decimal("100.50"),
    "vat_percent": Decimal(25),
    "vat_code": "MP1",
}
SENT_ROW = {
    "Article": "KV-1",
    "Text": "Kvarnsten, stor",
    "Delivered": "3",
    "Unit": "h",
    "Price": "100.50",
    "Vat": "25",
    "VatCode": "MP1",
    "Percent": "8.00",
}
HEAD: dict[str, Any] = {
    "reference": "erpcore:deal-7",
    "customer_number": "1001",
    "currency": "NOK",
    "our_reference": "Anna Exempel",
    "your_reference": "Bo Provsson",
    "contact_person_key": "12",
    "your_order_number": "PO-77",
    "remarks": "Leverans vecka 7",
    "terms_of_payment": "20",
    "project": "P7",
    "vat_treatment": "eu",
    "discount_percent": Decimal("2.50"),
    "freight": Decimal("49.50"),
    "fee": Decimal("29.25"),
}
SENT_HEAD: dict[str, Any] = {
    "Key": "erpcore:deal-7",
    "Customer": "1001",
    "Currency": "NOK",
    "Ours": "Anna Exempel",
    "Yours": "Bo Provsson",
    "Person": "12",
    "YourOrder": "PO-77",
    "Remarks": "Leverans vecka 7",
    "Terms": "20",
    "Project": "P7",
    "VatZone": "eu",
    "Percent": "2.50",
    "Freight": "49.50",
    "Fee": "29.25",
}
SUMS = {"net": Decimal("277.38"), "vat": Decimal("69.35"), "total": Decimal("425.48"), "cancelled": True}
SHOWN_SUMS = {"Net": "277.38", "VatSum": "69.35", "Total": "425.48", "Annulled": True}
ORDER_DAYS: dict[str, Any] = {"order_date": date(2026, 11, 20), "delivery_date": date(2026, 12, 4)}
SENT_ORDER_DAYS = {"Date": "2026-11-20", "Delivery": "2026-12-04"}
ORDER = Witness(
    Order(**HEAD, **ORDER_DAYS, rows=(OrderRow(**ROW, discount_amount=Decimal("24.12")),)),
    {**SENT_HEAD, **SENT_ORDER_DAYS, "Rows": [{**SENT_ROW, "Ordered": "3"}]},
    shown={},
)
MADE_ORDER = Witness(
    Order(
        number="70001",
        **HEAD,
        **SUMS,
        **ORDER_DAYS,
        invoices=(Ref(number="50001"),),
        rows=(OrderRow(**ROW, discount_percent=Decimal("8.00")),),
    ),
    shown={
        "No": "70001",
        **SENT_HEAD,
        **SHOWN_SUMS,
        **SENT_ORDER_DAYS,
        "Invoice": "50001",
        "Rows": [{**SENT_ROW, "Ordered": "5"}],
    },
)
INVOICE_DAYS: dict[str, Any] = {
    "invoice_date": date(2026, 11, 21),
    "due_date": date(2026, 12, 11),
    "delivery_date": date(2026, 12, 5),
}
SENT_INVOICE_DAYS = {"Date": "2026-11-21", "Due": "2026-12-11", "Delivery": "2026-12-05"}
INVOICE = Witness(
    Invoice(**HEAD, **INVOICE_DAYS, rows=(InvoiceRow(**ROW, discount_amount=Decimal("24.12")),)),
    {**SENT_HEAD, **SENT_INVOICE_DAYS, "Rows": [SENT_ROW]},
    shown={},
)
MADE_INVOICE = Witness(
    Invoice(
        number="50001",
        **HEAD,
        **SUMS,
        **INVOICE_DAYS,
        order_number="70001",
        booked=False,
        rows=(InvoiceRow(**ROW, discount_percent=Decimal("8.00"), amount=Decimal("277.37")),),
    ),
    shown={
        "No": "50001",
        **SENT_HEAD,
        **SHOWN_SUMS,
        **SENT_INVOICE_DAYS,
        "Order": "70001",
        "Booked": False,
        "Rows": [{**SENT_ROW, "Amount": "277.37"}],
    },
)
BOOKED = Witness(Invoice(booked=True), shown={"Booked": True})
WITNESSES: dict[str, tuple[Witness, ...]] = {
    "customer": (CUSTOMER,),
    "contact_person": (PERSON,),
    "article": (ARTICLE,),
    "order": (ORDER, MADE_ORDER),
    "invoice": (INVOICE, MADE_INVOICE, BOOKED),
}
