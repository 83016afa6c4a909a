"""What PowerOffice is sent and shows, in its own words, beside the canonical record: written from its interface
description, not by the field maps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from erpcore_poweroffice.document_fields import invoice_map, order_map
from erpcore_poweroffice.fields import CONTACT_PERSON, article_map, customer_map
from erpcore_poweroffice.settings import FieldChoices

from erpcore.fields import FieldMap
from erpcore.models import Address, Article, ContactPerson, Customer, Invoice, InvoiceRow, Order, OrderRow
from erpcore.testing.witness import Witness, differences, unnoticed_swaps

HOME = Address(street="Fjordveien 1", street2="Postboks 2", postal_code="0150", city="Oslo", country_code="NO")
STORE = Address(street="Lagerveien 3", street2="Port 4", postal_code="5003", city="Bergen", country_code="SE")
SENT_HOME = {
    "AddressLine1": "Fjordveien 1",
    "AddressLine2": "Postboks 2",
    "ZipCode": "0150",
    "City": "Oslo",
    "CountryCode": "NO",
}
SENT_STORE = {
    "AddressLine1": "Lagerveien 3",
    "AddressLine2": "Port 4",
    "ZipCode": "5003",
    "City": "Bergen",
    "CountryCode": "SE",
}
CUSTOMER_FIELDS: dict[str, Any] = {
    "number": "10001",
    "name": "Fjord AS",
    "kind": "company",
    "organisation_number": "923609016",
    "email": "post@fjord.example",
    "invoice_email": "faktura@fjord.example",
    "phone": "22 11 11 11",
    "website": "fjord.example",
    "vat_treatment": "domestic",
    "invoice_address": HOME,
    "currency": "EUR",
    "terms_of_payment": "7",
    "our_reference": "101",
    "external_reference": "erpcore:1",
    "active": False,
}
SENT_CUSTOMER: dict[str, Any] = {
    "Number": 10001,
    "Name": "Fjord AS",
    "IsPerson": False,
    "OrganizationNumber": "923609016",
    "EmailAddress": "post@fjord.example",
    "InvoiceEmailAddress": "faktura@fjord.example",
    "PhoneNumber": "22 11 11 11",
    "WebsiteUrl": "fjord.example",
    "IsVatFree": False,
    "MailAddress": SENT_HOME,
    "CurrencyCode": "EUR",
    "PaymentTermId": 7,
    "SalesPersonEmployeeNumber": 101,
    "ExternalImportReference": "erpcore:1",
    "IsArchived": True,
}
CUSTOMER = Witness(
    Customer(**CUSTOMER_FIELDS, delivery_address=STORE),
    # The delivery address travels in a request of its own, to the customer's addresses.
    {**SENT_CUSTOMER, "ContactDeliveryAddress": SENT_STORE},
    shown={**SENT_CUSTOMER, "Id": 70001},
    read=Customer(key="70001", **CUSTOMER_FIELDS),
)
ABROAD = Witness(
    Customer(kind="company", vat_treatment="export", active=True),
    {"IsPerson": False, "IsVatFree": True, "IsArchived": False},
)
"""Three members that are true or false: of two of them that say the same in one record, this one tells."""
PERSON = Witness(
    ContactPerson(
        first_name="Kari", last_name="Nordmann", email="kari@fjord.example", phone="99 88 77 66", active=False
    ),
    {
        "FirstName": "Kari",
        "LastName": "Nordmann",
        "EmailAddress": "kari@fjord.example",
        "PhoneNumber": "99 88 77 66",
        "IsActive": False,
    },
)
ARTICLE_FIELDS: dict[str, Any] = {
    "number": "FJ-1",
    "description": "Fiskekrok",
    "kind": "service",
    "price": Decimal("129.75"),
    "cost_price": Decimal("57.25"),
    "group": "7",
    "income_account": "3041",
    "ean": "7350053850019",
    "note": "Rustfri",
    "active": False,
}
SENT_ARTICLE: dict[str, Any] = {
    "Code": "FJ-1",
    "Name": "Fiskekrok",
    "ProductType": "Service",
    "UnitOfMeasureCode": "HUR",
    "UnitPrice": Decimal("129.75"),
    "UnitCost": Decimal("57.25"),
    "ProductGroupCode": "7",
    "StandardSalesAccount": 3041,
    "Gtin": "7350053850019",
    "Description": "Rustfri",
    "IsArchived": True,
}
ARTICLE = Witness(Article(**ARTICLE_FIELDS, unit="timer"), SENT_ARTICLE, read=Article(**ARTICLE_FIELDS, unit="HUR"))
ORDER_FIELDS: dict[str, Any] = {
    "reference": "erpcore:order-7",
    "customer_number": "10001",
    "currency": "SEK",
    "our_reference": "102",
    "your_order_number": "PO-77",
    "delivery_address": STORE,
    "terms_of_payment": "14",
    "project": "P7",
    "cost_center": "KS7",
    "order_date": date(2026, 11, 20),
    "delivery_date": date(2026, 12, 1),
}
SENT_ORDER: dict[str, Any] = {
    "ExternalImportReference": "erpcore:order-7",
    "CustomerNo": 10001,
    "CurrencyCode": "SEK",
    "SalesPersonEmployeeNumber": 102,
    "PurchaseOrderReference": "PO-77",
    "ContactDeliveryAddress": SENT_STORE,
    "PaymentTermId": 14,
    "ProjectCode": "P7",
    "DepartmentCode": "KS7",
    "SalesOrderDate": "2026-11-20",
    "DeliveryDate": "2026-12-01",
}
ROW = {
    "article_number": "FJ-1",
    "description": "Fiskekrok, stor",
    "quantity": Decimal("2.5"),
    "unit_price": Decimal("117.25"),
}
SENT_ROW = {
    "ProductCode": "FJ-1",
    "Description": "Fiskekrok, stor",
    "Quantity": Decimal("2.5"),
    "UnitOfMeasureCode": "HUR",
    "ProductUnitPrice": Decimal("117.25"),
}
ORDER = Witness(
    Order(
        **ORDER_FIELDS,
        your_reference="Kari Nordmann",
        rows=(
            OrderRow(**ROW, unit="timer", discount_percent=Decimal(8)),
            OrderRow(article_number="X", quantity=Decimal(4), unit_price=Decimal(100), discount_amount=Decimal(20)),
        ),
    ),
    {
        **SENT_ORDER,
        "CustomerReference": "Kari Nordmann",
        "SalesOrderLines": [
            {**SENT_ROW, "Allowance": Decimal(8)},
            {"ProductCode": "X", "Quantity": Decimal(4), "ProductUnitPrice": Decimal(100), "Allowance": Decimal(5)},
        ],
    },
    read=Order(
        **ORDER_FIELDS,
        your_reference="Kari Nordmann",
        rows=(
            OrderRow(**ROW, unit="HUR", discount_percent=Decimal(8)),
            OrderRow(article_number="X", quantity=Decimal(4), unit_price=Decimal(100), discount_percent=Decimal(5)),
        ),
    ),
    never_sent=frozenset({"rows.row_id", "contact_person_key"}),
)
ELSEWHERE = [
    *(f"delivery_address.{name}" for name in Address.model_fields),
    *(f"rows.{name}" for name in OrderRow.model_fields),
]
PERSONS_ORDER = Witness(
    Order(customer_number="10001", contact_person_key="5512"),
    {"CustomerNo": 10001, "CustomerReferenceContactPersonId": 5512},
    never_sent=frozenset({*ORDER_FIELDS, "your_reference", *ELSEWHERE}),
)
INVOICE_SHOWN: dict[str, Any] = {
    "InvoiceNo": 20001,
    "CustomerNo": 10001,
    "CurrencyCode": "SEK",
    "NetAmount": Decimal("269.68"),
    "TotalAmount": Decimal("337.10"),
    "Lines": [
        {
            "Id": 5,
            "ProductCode": "FJ-1",
            "Description": "Fiskekrok",
            "Quantity": Decimal("2.5"),
            "UnitOfMeasureCode": "EA",
            "ProductUnitPrice": Decimal("117.25"),
            "VatRate": Decimal("0.25"),
            "VatCode": "3",
            "Allowance": Decimal(8),
            "AccountNo": 3000,
            "NetAmount": Decimal("269.68"),
        }
    ],
}
CHOICES = FieldChoices(vat_free_customers="export")
STATED: dict[str, tuple[FieldMap[Any], Witness]] = {
    "customer": (customer_map(CHOICES), CUSTOMER),
    "contact_person": (CONTACT_PERSON, PERSON),
    "article": (article_map(CHOICES), ARTICLE),
    "order": (order_map(CHOICES), ORDER),
    "order of a person": (order_map(CHOICES), PERSONS_ORDER),
}


@pytest.mark.parametrize("name", STATED)
def test_the_map_says_what_poweroffice_says(name: str) -> None:
    assert differences(*STATED[name]) == []


@pytest.mark.parametrize("name", ["customer", "contact_person", "article", "order"])
def test_no_two_fields_can_be_exchanged_unnoticed(name: str) -> None:
    table, witness = STATED[name]
    told = ABROAD.record.model_fields_set if name == "customer" else set()
    left = [pair for pair in unnoticed_swaps(table, witness) if not told.issuperset(pair)]
    assert left == []
    noticed_not = unnoticed_swaps(table, ABROAD) if told else []
    assert not set(unnoticed_swaps(table, witness)) & set(noticed_not)


def test_a_customer_abroad_is_told_as_poweroffice_says() -> None:
    table = customer_map(CHOICES)
    assert table.to_native(ABROAD.record) == ABROAD.sent
    assert table.from_native(ABROAD.sent or {}) == ABROAD.record


def test_an_invoice_is_read_as_poweroffice_shows_it() -> None:
    read = invoice_map().from_native(INVOICE_SHOWN)
    assert (read.number, read.customer_number, read.currency) == ("20001", "10001", "SEK")
    assert (read.net, read.vat, read.total) == (Decimal("269.68"), Decimal("67.42"), Decimal("337.10"))
    assert isinstance(read, Invoice)
    assert read.rows == (
        InvoiceRow(
            row_id="5",
            article_number="FJ-1",
            description="Fiskekrok",
            quantity=Decimal("2.5"),
            unit="EA",
            unit_price=Decimal("117.25"),
            vat_percent=Decimal(25),
            vat_code="3",
            discount_percent=Decimal(8),
            income_account="3000",
            amount=Decimal("269.68"),
        ),
    )
