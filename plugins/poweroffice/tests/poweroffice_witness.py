"""What PowerOffice is sent and shows, in its own words, beside the canonical record: written from its interface
description, not by the field maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from erpcore.models import Address, Article, ContactPerson, Customer, Invoice, InvoiceRow, Order, OrderRow, Ref
from erpcore.testing.witness import Witness

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
KNOWN_PERSON = Witness(ContactPerson(key="5512"), shown={"Id": 5512})
ARTICLE_FIELDS: dict[str, Any] = {
    "number": "FJORDKROK",
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
    "Code": "FJORDKROK",
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
CHANGED = datetime(2026, 11, 20, 9, 30, 15, 250000, tzinfo=UTC)
KNOWN_ARTICLE = Witness(
    Article(key="90001", changed_at=CHANGED),
    shown={"Id": 90001, "LastChangedDateTimeOffset": "2026-11-20T09:30:15.2500000+00:00"},
)
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
    "article_number": "FJORDKROK",
    "description": "Fiskekrok, stor",
    "quantity": Decimal("2.5"),
    "unit_price": Decimal("117.25"),
}
SENT_ROW = {
    "ProductCode": "FJORDKROK",
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
    never_sent=frozenset({"rows.row_id"}),
)
PERSONS_ORDER = Witness(
    Order(customer_number="10001", contact_person_key="5512"),
    {"CustomerNo": 10001, "CustomerReferenceContactPersonId": 5512},
)
# What PowerOffice alone sets, beside what it shows of an order that has become an invoice.
MADE_ORDER = Witness(
    Order(
        key="60001",
        number="5002",
        net=Decimal("269.68"),
        vat=Decimal("67.42"),
        total=Decimal("337.10"),
        invoices=(Ref(number="20001"),),
        rows=(OrderRow(row_id="5"),),
    ),
    shown={
        "Id": 60001,
        "SalesOrderNo": 5002,
        "NetAmount": Decimal("269.68"),
        "TotalAmount": Decimal("337.10"),
        "InvoiceNo": 20001,
        "SalesOrderLines": [{"Id": 5}],
    },
)
INVOICE = Witness(
    Invoice(
        key="80001",
        number="20001",
        reference="erpcore:order-7",
        customer_number="10001",
        customer_name="Fjord AS",
        currency="SEK",
        our_reference="Kari Selger",
        your_reference="Kari Nordmann",
        contact_person_key="5512",
        your_order_number="PO-77",
        delivery_address=STORE,
        terms_of_payment="14",
        project="P7",
        cost_center="KS7",
        net=Decimal("269.68"),
        vat=Decimal("67.42"),
        total=Decimal("337.10"),
        cancelled=False,
        kind="invoice",
        invoice_date=date(2026, 11, 21),
        due_date=date(2026, 12, 5),
        delivery_date=date(2026, 12, 1),
        order_number="5002",
        booked=True,
        # In the ledger's currency 125.00 is left of 345.00, which is 337.10 in the invoice's own.
        balance=Decimal("122.14"),
        payment_date=date(2026, 12, 24),
        currency_rate=Decimal("1.0234"),
        ocr="1234567897",
        sent=True,
        rows=(
            InvoiceRow(
                row_id="5",
                article_number="FJORDKROK",
                description="Fiskekrok",
                quantity=Decimal("2.5"),
                unit="EA",
                unit_price=Decimal("117.25"),
                vat_percent=Decimal(15),
                vat_code="31",
                discount_percent=Decimal(8),
                income_account="3030",
                amount=Decimal("269.68"),
                contribution_margin=Decimal("126.55"),
            ),
        ),
    ),
    shown={
        "Id": 80001,
        "InvoiceNo": 20001,
        "ExternalImportReference": "erpcore:order-7",
        "CustomerNo": 10001,
        "CustomerName": "Fjord AS",
        "CurrencyCode": "SEK",
        "SellersReferenceName": "Kari Selger",
        "CustomerReference": "Kari Nordmann",
        "CustomerReferenceContactPersonId": 5512,
        "PurchaseOrderReference": "PO-77",
        "DeliveryAddress1": "Lagerveien 3",
        "DeliveryAddress2": "Port 4",
        "DeliveryAddressZipCode": "5003",
        "DeliveryAddressCity": "Bergen",
        "DeliveryAddressCountryCode": "SE",
        "PaymentTermId": 14,
        "ProjectCode": "P7",
        "DepartmentCode": "KS7",
        "NetAmount": Decimal("269.68"),
        "TotalAmount": Decimal("337.10"),
        "TotalPostedAmount": Decimal("345.00"),
        "IsReversed": False,
        "VoucherType": "OutgoingInvoice",
        "VoucherDate": "2026-11-21",
        "DueDate": "2026-12-05",
        "DeliveryDate": "2026-12-01",
        "OrderNo": 5002,
        "VoucherNo": 40001,
        "Balance": Decimal("125.00"),
        "PostingDate": "2026-12-24",
        "CurrencyExchangeRate": Decimal("1.0234"),
        "Cid": "1234567897",
        "SentDateTimeOffset": "2026-11-21T09:00:00.0000000+00:00",
        "Lines": [
            {
                "Id": 5,
                "ProductCode": "FJORDKROK",
                "Description": "Fiskekrok",
                "Quantity": Decimal("2.5"),
                "UnitOfMeasureCode": "EA",
                "ProductUnitPrice": Decimal("117.25"),
                "ProductUnitCost": Decimal("57.25"),
                "VatRate": Decimal("0.15"),
                "VatCode": "31",
                "Allowance": Decimal(8),
                "AccountNo": 3030,
                "NetAmount": Decimal("269.68"),
            }
        ],
    },
)
CREDIT_NOTE = Witness(
    Invoice(kind="credit", credits=Ref(number="20001"), booked=True, sent=False, cancelled=True),
    shown={
        "VoucherType": "OutgoingCreditNote",
        "RelatedInvoiceNo": 20001,
        "VoucherNo": 40002,
        "SentDateTimeOffset": None,
        "IsReversed": True,
    },
)


def _without_vat(told: Witness) -> Witness:
    """A customer of a company that leaves it to PowerOffice who buys free of VAT, which is the default."""

    def shown(record: Any) -> Customer:
        return Customer(**{name: getattr(record, name) for name in record.model_fields_set - {"vat_treatment"}})

    def plain(members: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return members and {name: value for name, value in members.items() if name != "IsVatFree"}

    read = None if told.read is None else shown(told.read)
    return replace(told, record=shown(told.record), sent=plain(told.sent), shown=plain(told.shown), read=read)


WITNESSES: dict[str, tuple[Witness, ...]] = {
    "customer": (_without_vat(CUSTOMER), _without_vat(ABROAD)),
    "contact_person": (PERSON, KNOWN_PERSON),
    "article": (ARTICLE, KNOWN_ARTICLE),
    "order": (ORDER, PERSONS_ORDER, MADE_ORDER),
    "invoice": (INVOICE, CREDIT_NOTE),
}
WITNESSES_WITH_VAT = {**WITNESSES, "customer": (CUSTOMER, ABROAD)}
"""Where the setting `vat_free_customers` tells PowerOffice who buys free of VAT."""
