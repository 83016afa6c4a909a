"""What Visma eAccounting is sent and shows, in its own words, beside the canonical record: written from its interface
description, not by the field maps."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from erpcore.models import Address, Article, ContactPerson, Customer, Invoice, InvoiceRow, Order, OrderRow, Ref
from erpcore.testing.witness import Witness

HOME = Address(street="Ekgatan 1", street2="Box 2", postal_code="352 31", city="Växjö", country_code="SE")
STORE = Address(street="Hamngatan 3", street2="Port 4", postal_code="0150", city="Oslo", country_code="NO")
CUSTOMER_FIELDS: dict[str, Any] = {
    "number": "1001",
    "name": "Ek AB",
    "kind": "person",
    "organisation_number": "556036-0793",
    "vat_number": "SE556036079301",
    "phone": "0470-1 23 45",
    "mobile_phone": "070-123 45 67",
    "website": "ek.example",
    "invoice_address": HOME,
    "delivery_address": STORE,
    "currency": "EUR",
    "terms_of_payment": "11111111-2222-4333-8444-555555555555",
    "active": False,
}
SENT_CUSTOMER: dict[str, Any] = {
    "CustomerNumber": "1001",
    "Name": "Ek AB",
    "IsPrivatePerson": True,
    "CorporateIdentityNumber": "556036-0793",
    "VatNumber": "SE556036079301",
    "EmailAddress": "faktura@ek.example",
    "Telephone": "0470-1 23 45",
    "MobilePhone": "070-123 45 67",
    "WwwAddress": "ek.example",
    "InvoiceAddress1": "Ekgatan 1",
    "InvoiceAddress2": "Box 2",
    "InvoicePostalCode": "352 31",
    "InvoiceCity": "Växjö",
    "InvoiceCountryCode": "SE",
    "DeliveryAddress1": "Hamngatan 3",
    "DeliveryAddress2": "Port 4",
    "DeliveryPostalCode": "0150",
    "DeliveryCity": "Oslo",
    "DeliveryCountryCode": "NO",
    "CurrencyCode": "EUR",
    "TermsOfPaymentId": "11111111-2222-4333-8444-555555555555",
    "IsActive": False,
}
INBOX = "faktura@ek.example"
CUSTOMER = Witness(
    Customer(**CUSTOMER_FIELDS, email="info@ek.example", invoice_email=INBOX),
    SENT_CUSTOMER,
    shown={**SENT_CUSTOMER, "Id": "a1"},
    read=Customer(key="a1", **CUSTOMER_FIELDS, email=INBOX, invoice_email=INBOX),
)
PERSON = Witness(
    ContactPerson(
        first_name="Anna", last_name="Ek", email="anna@ek.example", phone="08-1 23 45", mobile_phone="070-765 43 21"
    ),
    {
        "ContactPersonName": "Anna Ek",
        "ContactPersonEmail": "anna@ek.example",
        "ContactPersonPhone": "08-1 23 45",
        "ContactPersonMobile": "070-765 43 21",
    },
)
ARTICLE = Witness(
    Article(
        number="EK-1",
        description="Ekplanka",
        unit="st",
        price=Decimal("129.75"),
        cost_price=Decimal("57.25"),
        vat_percent=Decimal(12),
        income_account="3041",
        note="Torkad",
        active=False,
    ),
    {
        "Number": "EK-1",
        "Name": "Ekplanka",
        "UnitAbbreviation": "st",
        "NetPrice": Decimal("129.75"),
        "PurchasePrice": Decimal("57.25"),
        "Coding": {"VatRatePercent": Decimal(12), "DomesticSalesSubjectToVatAccountNumber": 3041},
        "Note": "Torkad",
        "IsActive": False,
    },
    never_sent=frozenset({"kind"}),
)
CHANGED = datetime(2026, 11, 20, 9, 30, 15, 250000, tzinfo=UTC)
KNOWN_ARTICLE = Witness(
    Article(key="a2", kind="service", changed_at=CHANGED),
    shown={"Id": "a2", "IsServiceArticle": True, "ChangedUtc": "2026-11-20T09:30:15.2500000Z"},
)
HEAD: dict[str, Any] = {
    "reference": "erpcore:deal-7",
    "customer_number": "1001",
    "customer_key": "c0ffee00-0000-4000-8000-000000000007",
    "our_reference": "Anna Exempel",
    "your_reference": "Bo Provsson",
    "your_order_number": "PO-77",
    "delivery_address": STORE,
    "terms_of_payment": "11111111-2222-4333-8444-555555555555",
    "delivery_date": date(2026, 12, 1),
}
SENT_HEAD: dict[str, Any] = {
    "Rows (text “Ref: …”)": "erpcore:deal-7",
    "CustomerNumber": "1001",
    "CustomerId": "c0ffee00-0000-4000-8000-000000000007",
    "OurReference": "Anna Exempel",
    "YourReference": "Bo Provsson",
    "BuyersOrderReference": "PO-77",
    "DeliveryAddress1": "Hamngatan 3",
    "DeliveryAddress2": "Port 4",
    "DeliveryPostalCode": "0150",
    "DeliveryCity": "Oslo",
    "DeliveryCountryCode": "NO",
    "TermsOfPaymentId": "11111111-2222-4333-8444-555555555555",
    "DeliveryDate": "2026-12-01",
}
ROW: dict[str, Any] = {
    "article_number": "EK-1",
    "article_key": "a0ffee00-0000-4000-8000-000000000009",
    "description": "Ekplanka, bred",
    "quantity": Decimal("2.5"),
    "unit_price": Decimal("117.25"),
    "discount_percent": Decimal(8),
}
SENT_ROW: dict[str, Any] = {
    "ArticleNumber": "EK-1",
    "ArticleId": "a0ffee00-0000-4000-8000-000000000009",
    "Text": "Ekplanka, bred",
    "Quantity": Decimal("2.5"),
    "UnitPrice": Decimal("117.25"),
    "DiscountPercentage": Decimal("0.08"),
}
DERIVED = {"rows.unit", "rows.vat_percent"}
ORDER = Witness(
    Order(
        **HEAD,
        customer_name="Ek i Lund AB",
        currency="NOK",
        invoice_address=HOME,
        order_date=date(2026, 11, 20),
        rows=(OrderRow(**ROW),),
    ),
    {
        **SENT_HEAD,
        "InvoiceCustomerName": "Ek i Lund AB",
        "CurrencyCode": "NOK",
        "InvoiceAddress1": "Ekgatan 1",
        "InvoiceAddress2": "Box 2",
        "InvoicePostalCode": "352 31",
        "InvoiceCity": "Växjö",
        "InvoiceCountryCode": "SE",
        "OrderDate": "2026-11-20",
        "Rows": [SENT_ROW],
    },
    never_sent=frozenset({*DERIVED, "rows.discount_amount"}),
)
INVOICE = Witness(
    Invoice(**HEAD, invoice_date=date(2026, 11, 21), due_date=date(2026, 12, 21), rows=(InvoiceRow(**ROW),)),
    {**SENT_HEAD, "InvoiceDate": "2026-11-21", "DueDate": "2026-12-21", "Rows": [SENT_ROW]},
    never_sent=frozenset(
        {*DERIVED, "rows.discount_amount", "customer_name", "currency", "kind", "credits", "order_number"}
    ),
)
# What Visma alone sets.
MADE_ORDER = Witness(
    Order(
        key="0e0ffee0-0000-4000-8000-000000000001",
        number="41",
        net=Decimal("269.68"),
        vat=Decimal("67.42"),
        total=Decimal(337),
        invoices=(Ref(number="77", key=None),),
        rows=(OrderRow(row_id="r1", unit="st", vat_percent=Decimal(25)),),
    ),
    shown={
        "Id": "0e0ffee0-0000-4000-8000-000000000001",
        "Number": 41,
        "Amount": Decimal(337),
        "VatAmount": Decimal("67.42"),
        "RoundingsAmount": Decimal("-0.10"),
        "CreatedFromOrderId, Rows (text “Order …”)": "77",
        "Rows": [{"Id": "r1", "UnitAbbreviation": "st", "VatRate": Decimal("0.25")}],
    },
)
BOOKED_INVOICE = Witness(
    Invoice(
        key="1e0ffee0-0000-4000-8000-000000000002",
        number="77",
        customer_name="Ek i Lund AB",
        currency="NOK",
        net=Decimal("269.68"),
        vat=Decimal("67.42"),
        total=Decimal(337),
        kind="invoice",
        order_number="41",
        booked=True,
        balance=Decimal("100.50"),
        payment_date=date(2026, 12, 24),
        currency_rate=Decimal("0.9512"),
        ocr="1234567897",
        rows=(
            InvoiceRow(
                row_id="r2",
                unit="h",
                vat_percent=Decimal(12),
                amount=Decimal("240.79"),
                contribution_margin=Decimal("97.55"),
            ),
        ),
    ),
    shown={
        "CreatedFromDraftId, Id": "1e0ffee0-0000-4000-8000-000000000002",
        "InvoiceNumber": 77,
        "InvoiceCustomerName": "Ek i Lund AB",
        "CurrencyCode": "NOK",
        "TotalAmountInvoiceCurrency": Decimal(337),
        "TotalVatAmountInvoiceCurrency": Decimal("67.42"),
        "TotalRoundings": Decimal("-0.10"),
        "IsCreditInvoice": False,
        "Rows (text “Order …”)": "41",
        "VoucherId": "2e0ffee0-0000-4000-8000-000000000003",
        "RemainingAmountInvoiceCurrency": Decimal("100.50"),
        "PaymentDate": "2026-12-24T00:00:00",
        "CurrencyRate": Decimal("0.9512"),
        "PaymentReferenceNumber": "1234567897",
        "Rows": [
            {
                "Id": "r2",
                "UnitAbbreviation": "h",
                "VatRate": Decimal("0.12"),
                "AmountNoVat": Decimal("240.79"),
                "ContributionMargin": {"Amount": Decimal("97.55")},
            }
        ],
    },
)
CREDIT_NOTE = Witness(
    Invoice(kind="credit", credits=Ref(number="1001", key="2e0ffee0-0000-4000-8000-000000000001")),
    shown={
        "IsCreditInvoice": True,
        "ReferringInvoiceId": {"InvoiceNumber": 1001, "Id": "2e0ffee0-0000-4000-8000-000000000001"},
    },
)
WITNESSES: dict[str, tuple[Witness, ...]] = {
    "customer": (CUSTOMER,),
    "contact_person": (PERSON,),
    "article": (ARTICLE, KNOWN_ARTICLE),
    "order": (ORDER, MADE_ORDER),
    "invoice": (INVOICE, BOOKED_INVOICE, CREDIT_NOTE),
}
