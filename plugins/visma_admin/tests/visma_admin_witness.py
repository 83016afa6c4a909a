"""What Visma Administration is given and shows, by its own names, beside the canonical record: written from the list of
its native fields, not by the field maps."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from erpcore_visma_admin.settings import FieldChoices

from erpcore.models import Address, Article, ContactPerson, Customer, Invoice, InvoiceRow, Order, OrderRow, Ref
from erpcore.testing.witness import Witness

HOME = Address(street="Åvägen 1", street2="Box 2", postal_code="662 31", city="Åmål", country_code="SE")
STORE = Address(street="Hamngatan 3", street2="Port 4", postal_code="0150", city="Oslo", country_code="NO")
MARKS = "EXPORT, EU_CUSTOMER"
INBOX = "faktura@amal.example"
CUSTOMER_FIELDS: dict[str, Any] = {
    "number": "1001",
    "name": "Åmål AB",
    "organisation_number": "556036-0793",
    "vat_number": "SE556036079301",
    "vat_treatment": "export",
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
        MARKS: {"EXPORT": True, "EU_CUSTOMER": False},
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
EU_CUSTOMER = Witness(Customer(vat_treatment="eu"), {MARKS: {"EXPORT": False, "EU_CUSTOMER": True}})
HOME_CUSTOMER = Witness(Customer(vat_treatment="domestic"), {MARKS: {"EXPORT": False, "EU_CUSTOMER": False}})
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
CHANGED = datetime(2026, 11, 20, 10, 30, 15, tzinfo=timezone(timedelta(hours=1)))
KNOWN_ARTICLE = Witness(Article(changed_at=CHANGED), shown={"TIMESTAMP": "2026-11-20T10:30:15+01:00"})
PERSON = Witness(
    ContactPerson(
        first_name="Bo",
        last_name="Provsson",
        email="bo@amal.example",
        phone="0532-7 65 43",
        mobile_phone="070-765 43 21",
    ),
    {
        "NAME": "Bo Provsson",
        "EMAIL": "bo@amal.example",
        "TELEPHONE": "0532-7 65 43",
        "MOBILEPHONE": "070-765 43 21",
    },
    shown={"ID": 12, "EMAIL": "bo@amal.example", "TELEPHONE": "0532-7 65 43", "MOBILEPHONE": "070-765 43 21"},
    read=ContactPerson(key="12", email="bo@amal.example", phone="0532-7 65 43", mobile_phone="070-765 43 21"),
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
# What the program alone sets. An order is delivered in part, so that its two quantities differ.
SUMS = {"net": Decimal("280.63"), "vat": Decimal("70.16"), "total": Decimal(351)}
SHOWN_SUMS = {"EXCLUDING_OF_VAT": "280.63", "VAT_AMOUNT": "70.16", "TOTAL_AMOUNT": "351"}
MADE_ORDER = Witness(
    Order(
        number="41",
        customer_name="Åmål i Lund AB",
        **SUMS,
        cancelled=True,
        invoices=(Ref(number="77"),),
        rows=(OrderRow(row_id="1", quantity=Decimal(3)),),
    ),
    shown={
        "DOCUMENT_NUMBER": 41,
        "CUSTOMER_NAME": "Åmål i Lund AB",
        **SHOWN_SUMS,
        "DOCUMENT_CANCELLED": True,
        "INVOICE": 77,
        "ROWS": [{"ROWNUMBER": 1, "QUANTITY2": "3", "QUANTITY1": "1"}],
    },
)
PRINTED_INVOICE = Witness(
    Invoice(
        number="77",
        customer_name="Åmål i Lund AB",
        **SUMS,
        kind="invoice",
        cancelled=False,
        order_number="41",
        booked=True,
        balance=Decimal("100.50"),
        payment_date=date(2026, 12, 24),
        currency_rate=Decimal("0.9512"),
        ocr="1234567897",
        rows=(
            InvoiceRow(
                row_id="1", quantity=Decimal(1), amount=Decimal("270.13"), contribution_margin=Decimal("137.50")
            ),
        ),
    ),
    shown={
        "DOCUMENT_NUMBER": 77,
        "CUSTOMER_NAME": "Åmål i Lund AB",
        **SHOWN_SUMS,
        "TYPE_OF_INVOICE": "F",
        "DOCUMENT_CANCELLED": False,
        "ORDER": 41,
        "(booked)": True,
        "(balance)": "100.50",
        "LAST_PAYMENT": "2026-12-24",
        "CURRENCY_RATE": "0.9512",
        "OCR_NUMBER": "1234567897",
        "ROWS": [
            {
                "ROWNUMBER": 1,
                "QUANTITY2": "3",
                "QUANTITY1": "1",
                "AMOUNT_CURRENT_CURRENCY": "270.13",
                "CONTRIBUTION_MARGIN": "137.50",
            }
        ],
    },
)
CREDIT_NOTE = Witness(Invoice(kind="credit", sent=True), shown={"TYPE_OF_INVOICE": "K", "DOCUMENT_PRINTED": True})
WITNESSES: dict[str, tuple[Witness, ...]] = {
    "customer": (CUSTOMER, EU_CUSTOMER, HOME_CUSTOMER),
    "contact_person": (PERSON,),
    "article": (ARTICLE, KNOWN_ARTICLE),
    "order": (ORDER, MADE_ORDER),
    "invoice": (INVOICE, PRINTED_INVOICE, CREDIT_NOTE),
}
