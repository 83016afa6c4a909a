"""What Fortnox is sent and shows, in its own words, beside the canonical record: written from its interface description
and its recorded answers, not by the field maps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from erpcore.models import Address, Article, ContactPerson, Customer, Invoice, InvoiceRow, Order, OrderRow, Ref
from erpcore.testing.witness import Witness

CUSTOMER = Witness(
    Customer(
        number="1001",
        name="Kvarnen Malmö AB",
        kind="company",
        organisation_number="556036-0793",
        vat_number="SE556036079301",
        vat_treatment="export",
        email="info@kvarnen.example",
        invoice_email="faktura@kvarnen.example",
        phone="040-12 34 56",
        mobile_phone="070-123 45 67",
        website="kvarnen.example",
        invoice_address=Address(
            street="Kvarngatan 1", street2="Box 2", postal_code="211 11", city="Malmö", country_code="SE"
        ),
        delivery_address=Address(
            street="Hamngatan 3", street2="Port 4", postal_code="0150", city="Oslo", country_code="NO"
        ),
        visiting_address=Address(street="Strandgade 5", postal_code="1401", city="København", country_code="DK"),
        currency="EUR",
        terms_of_payment="30",
        our_reference="Anna Exempel",
        your_reference="Bo Provsson",
        external_reference="erpcore:1",
        active=False,
    ),
    {
        "CustomerNumber": "1001",
        "Name": "Kvarnen Malmö AB",
        "Type": "COMPANY",
        "OrganisationNumber": "556036-0793",
        "VATNumber": "SE556036079301",
        "VATType": "EXPORT",
        "Email": "info@kvarnen.example",
        "EmailInvoice": "faktura@kvarnen.example",
        "Phone1": "040-12 34 56",
        "Phone2": "070-123 45 67",
        "WWW": "kvarnen.example",
        "Address1": "Kvarngatan 1",
        "Address2": "Box 2",
        "ZipCode": "211 11",
        "City": "Malmö",
        "CountryCode": "SE",
        "DeliveryAddress1": "Hamngatan 3",
        "DeliveryAddress2": "Port 4",
        "DeliveryZipCode": "0150",
        "DeliveryCity": "Oslo",
        "DeliveryCountryCode": "NO",
        "VisitingAddress": "Strandgade 5",
        "VisitingZipCode": "1401",
        "VisitingCity": "København",
        "VisitingCountryCode": "DK",
        "Currency": "EUR",
        "TermsOfPayment": "30",
        "OurReference": "Anna Exempel",
        "YourReference": "Bo Provsson",
        "ExternalReference": "erpcore:1",
        "Active": False,
    },
)
ARTICLE = Witness(
    Article(
        number="KV-1",
        description="Kvarnsten",
        kind="service",
        unit="st",
        price=Decimal("129.75"),
        cost_price=Decimal("57.25"),
        vat_percent=Decimal(12),
        income_account="3041",
        ean="7350053850019",
        note="Mals\ni två",
        active=False,
    ),
    {
        "ArticleNumber": "KV-1",
        "Description": "Kvarnsten",
        "Type": "SERVICE",
        "Unit": "st",
        "SalesPrice": Decimal("129.75"),
        "PurchasePrice": Decimal("57.25"),
        "VAT": Decimal(12),
        "SalesAccount": 3041,
        "EAN": "7350053850019",
        "Note": "Mals\ni två",
        "Active": False,
    },
)
HEAD: dict[str, Any] = {
    "reference": "erpcore:deal-7",
    "customer_number": "1001",
    "customer_name": "Kvarnen Lund AB",
    "currency": "NOK",
    "our_reference": "Anna Exempel",
    "your_reference": "Bo Provsson",
    "your_order_number": "PO-77",
    "remarks": "Leverans\nvecka 7",
    "comments": "Internt",
    "invoice_address": Address(
        street="Lundavägen 2", street2="c/o Ek", postal_code="222 22", city="Lund", country_code="FI"
    ),
    "delivery_address": Address(
        street="Hamngatan 3", street2="Port 4", postal_code="0150", city="Oslo", country_code="NO"
    ),
    "terms_of_payment": "20",
    "project": "P7",
    "cost_center": "KS7",
    "freight": Decimal("49.50"),
    "fee": Decimal("29.25"),
}
SENT_HEAD: dict[str, Any] = {
    "ExternalInvoiceReference1": "erpcore:deal-7",
    "CustomerNumber": "1001",
    "VATIncluded": False,
    "CustomerName": "Kvarnen Lund AB",
    "Currency": "NOK",
    "OurReference": "Anna Exempel",
    "YourReference": "Bo Provsson",
    "YourOrderNumber": "PO-77",
    "Remarks": "Leverans\nvecka 7",
    "Comments": "Internt",
    "Address1": "Lundavägen 2",
    "Address2": "c/o Ek",
    "ZipCode": "222 22",
    "City": "Lund",
    "Country": "Finland",
    "DeliveryAddress1": "Hamngatan 3",
    "DeliveryAddress2": "Port 4",
    "DeliveryZipCode": "0150",
    "DeliveryCity": "Oslo",
    "DeliveryCountry": "Norway",
    "TermsOfPayment": "20",
    "Project": "P7",
    "CostCenter": "KS7",
    "Freight": Decimal("49.50"),
    "AdministrationFee": Decimal("29.25"),
}
ROW: dict[str, Any] = {
    "article_number": "KV-1",
    "description": "Kvarnsten, grå",
    "quantity": Decimal("2.5"),
    "unit": "h",
    "unit_price": Decimal("117.25"),
    "vat_percent": Decimal(6),
    "discount_amount": Decimal("12.50"),
    "income_account": "3042",
}
SENT_ROW: dict[str, Any] = {
    "ArticleNumber": "KV-1",
    "Description": "Kvarnsten, grå",
    "DeliveredQuantity": "2.5",
    "Unit": "h",
    "Price": Decimal("117.25"),
    "VAT": Decimal(6),
    "Discount": Decimal("12.50"),
    "DiscountType": "AMOUNT",
    "AccountNumber": 3042,
}
PERCENT = {"description": "Rabatt", "quantity": Decimal(1), "unit_price": Decimal(10), "discount_percent": Decimal(8)}
SENT_PERCENT = {
    "Description": "Rabatt",
    "DeliveredQuantity": "1",
    "Price": Decimal(10),
    "Discount": Decimal(8),
    "DiscountType": "PERCENT",
}
ORDER = Witness(
    Order(
        **HEAD,
        order_date=date(2026, 11, 20),
        delivery_date=date(2026, 12, 1),
        rows=(OrderRow(**ROW), OrderRow(**PERCENT)),
    ),
    {
        **SENT_HEAD,
        "CopyRemarks": True,
        "DeliveryState": "delivery",
        "OrderDate": "2026-11-20",
        "DeliveryDate": "2026-12-01",
        "OrderRows": [{**SENT_ROW, "OrderedQuantity": "2.5"}, {**SENT_PERCENT, "OrderedQuantity": "1"}],
    },
)
INVOICE = Witness(
    Invoice(
        **HEAD,
        invoice_date=date(2026, 11, 21),
        due_date=date(2026, 12, 21),
        delivery_date=date(2026, 12, 2),
        currency_rate=Decimal("0.95"),
        ocr="8887776665",
        rows=(InvoiceRow(**ROW), InvoiceRow(**PERCENT)),
    ),
    {
        **SENT_HEAD,
        "InvoiceDate": "2026-11-21",
        "DueDate": "2026-12-21",
        "DeliveryDate": "2026-12-02",
        "CurrencyRate": Decimal("0.95"),
        "CurrencyUnit": 1,
        "OCR": "8887776665",
        "InvoiceRows": [SENT_ROW, SENT_PERCENT],
    },
    never_sent=frozenset({"credits", "kind"}),
)
# What Fortnox alone sets. An order is delivered in part, so that its two quantities differ.
SUMS = {"net": Decimal("293.13"), "vat": Decimal("17.59"), "total": Decimal(311)}
SHOWN_SUMS = {"Net": Decimal("293.13"), "TotalVAT": Decimal("17.59"), "Total": 311}
MADE_ORDER = Witness(
    Order(
        number="1001",
        **SUMS,
        cancelled=True,
        invoices=(Ref(number="31"),),
        rows=(OrderRow(row_id="7", quantity=Decimal(3)),),
    ),
    shown={
        "DocumentNumber": "1001",
        **SHOWN_SUMS,
        "Cancelled": True,
        "InvoiceReference": "31",
        "OrderRows": [{"RowId": 7, "OrderedQuantity": "3.00", "DeliveredQuantity": "1.00"}],
    },
)
BOOKED_INVOICE = Witness(
    Invoice(
        number="31",
        **SUMS,
        kind="invoice",
        cancelled=False,
        order_number="1001",
        booked=True,
        balance=Decimal("100.50"),
        payment_date=date(2026, 12, 24),
        rows=(InvoiceRow(row_id="8", amount=Decimal("280.63"), contribution_margin=Decimal("137.50")),),
    ),
    shown={
        "DocumentNumber": "31",
        **SHOWN_SUMS,
        "Cancelled": False,
        "Credit": "false",
        "OrderReference": "1001",
        "Booked": True,
        "Balance": Decimal("100.50"),
        "FinalPayDate": "2026-12-24",
        "InvoiceRows": [{"RowId": 8, "Total": Decimal("280.63"), "ContributionValue": "137.50"}],
    },
)
CREDIT_NOTE = Witness(
    Invoice(kind="credit", credits=Ref(number="31"), sent=True),
    shown={"Credit": "true", "CreditInvoiceReference": "31", "Sent": True},
)
CASH_INVOICE = Witness(Invoice(kind="cash"), shown={"Credit": "false", "InvoiceType": "CASHINVOICE"})
PERSON = Witness(
    ContactPerson(key="5", first_name="Bo Erik", last_name="Provsson"),
    {"Reference": "Bo Erik Provsson"},
    shown={"Id": 5, "Reference": "Bo Erik Provsson"},
)
WITNESSES: dict[str, tuple[Witness, ...]] = {
    "customer": (CUSTOMER,),
    "contact_person": (PERSON,),
    "article": (ARTICLE,),
    "order": (ORDER, MADE_ORDER),
    "invoice": (INVOICE, BOOKED_INVOICE, CREDIT_NOTE, CASH_INVOICE),
}
