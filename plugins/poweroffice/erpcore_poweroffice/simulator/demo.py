"""What a new simulated company has, and the keys that open it."""

from __future__ import annotations

from typing import Any

APPLICATION_KEY = "11111111-1111-4111-8111-111111111111"
CLIENT_KEY = "22222222-2222-4222-8222-222222222222"
SECOND_CLIENT_KEY = "33333333-3333-4333-8333-333333333333"
SUBSCRIPTION_KEY = "0123456789abcdef0123456789abcdef"
"""The demo's application, its two companies, and the subscription that they share."""

COMPANIES = {CLIENT_KEY: "Demobedriften AS", SECOND_CLIENT_KEY: "Søsterbedriften AS"}

PRIVILEGES = (
    "CommonServices_Full",
    "ContactDeliveryAddress_Full",
    "ContactGroup_Full",
    "ContactPerson_Full",
    "Customer_Full",
    "CustomerLedger_Full",
    "Department_Full",
    "Employee",
    "GeneralLedgerAccount",
    "OutgoingInvoice_Full",
    "Product_Full",
    "Project_Full",
    "SalesOrders_Full",
)
"""What the demo's application may do: everything that is simulated."""

DEMO: dict[str, Any] = {
    "vat_codes": [
        {"Code": "3", "Name": "Utgående merverdiavgift, høy sats", "Rate": 0.25, "IsActive": True},
        {"Code": "31", "Name": "Utgående merverdiavgift, middels sats", "Rate": 0.15, "IsActive": True},
        {"Code": "33", "Name": "Utgående merverdiavgift, lav sats", "Rate": 0.12, "IsActive": True},
        {"Code": "5", "Name": "Ingen utgående merverdiavgift", "Rate": 0, "IsActive": True},
        {"Code": "52", "Name": "Utførsel av varer og tjenester", "Rate": 0, "IsActive": True},
    ],
    "accounts": [
        {"AccountNo": 3000, "Name": "Salgsinntekt, avgiftspliktig", "VatCode": "3", "IsActive": True},
        {"AccountNo": 3030, "Name": "Salgsinntekt, middels sats", "VatCode": "31", "IsActive": True},
        {"AccountNo": 3040, "Name": "Salgsinntekt, lav sats", "VatCode": "33", "IsActive": True},
        {"AccountNo": 3100, "Name": "Salgsinntekt, avgiftsfri", "VatCode": "52", "IsActive": True},
    ],
    "settings": {
        "StandardSalesAccount": 3000,
        "OptionalSalesAccount": 3100,
        "IsVatRegistered": True,
        "VatNumber": "999999999",
        "rates": {"NOK": 1, "SEK": 0.98, "EUR": 11.5, "DKK": 1.54, "USD": 10.6},
    },
    "currencies": [
        {"Code": code, "IsActive": code in ("NOK", "SEK", "EUR")} for code in ("NOK", "SEK", "EUR", "DKK", "USD")
    ],
    "payment_terms": [
        {"Name": f"{days} dager", "CreditDays": days, "IsDefault": days == 14, "IsActive": True}
        for days in (0, 10, 14, 30, 45)
    ],
    "delivery_terms": [{"Name": name, "IsDefault": False} for name in ("DAP", "EXW", "FCA")],
    "branding_themes": [{"Code": "1", "Name": "Standard", "IsDefault": True, "LanguageCode": "nb"}],
    "series": [
        {
            "Name": "Kunder",
            "SubLedgerNumberSeriesType": "Customer",
            "FromInclusive": 10000,
            "ToInclusive": 19999,
            "GeneralLedgerAccountNo": 1500,
            "IsDefault": True,
            "IsClientTrust": False,
        }
    ],
    "departments": [
        {"Code": "1", "Name": "Salg", "IsActive": True},
        {"Code": "2", "Name": "Service", "IsActive": True},
    ],
    "employees": [
        {
            "Number": 1,
            "FirstName": "Kari",
            "LastName": "Nordmann",
            "EmailAddress": "kari@example.com",
            "IsArchived": False,
        },
        {"Number": 2, "FirstName": "Ola", "LastName": "Hansen", "EmailAddress": "ola@example.com", "IsArchived": False},
    ],
    "product_groups": [{"Code": "1", "Name": "Varer", "StandardSalesAccount": 3000, "OptionalSalesAccount": 3100}],
}
"""What a new company has; customers, products and documents come with a seed."""
