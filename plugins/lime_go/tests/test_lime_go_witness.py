"""What Lime Go shows through both of its APIs, and what it is told, in its own words, beside the canonical record:
written from the published list of GraphQL fields, Lime's import format and the Agentic API's description, not by the
field maps. What settings name stands under erpcore's own member."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from erpcore_lime_go import fields
from erpcore_lime_go.settings import LimeGoSettings

from erpcore.fields import FieldMap
from erpcore.models import (
    Company,
    CompanyAddress,
    Coworker,
    CustomField,
    Deal,
    DealRow,
    InvoiceStanding,
    Person,
    WriteBack,
)
from erpcore.testing.witness import Witness, differences, unnoticed_swaps

HOME: dict[str, Any] = {"street": "Postgatan 4", "postal_code": "222 33", "city": "Lund"}
GUILD = (CustomField(title="Kundgrupp", value="Guld"),)
SHOWN_GUILD = [{"title": "Kundgrupp", "value": "Guld"}]
COMPANY: dict[str, Any] = {
    "name": "Kontraktsbolaget AB",
    "organisation_number": "559900-0246",
    "email": "post@kontrakt.example",
    "phone": "08-111 22 33",
    "website": "kontrakt.example",
    "erp_number": "10077",
    "is_customer": True,
    "custom_fields": GUILD,
}
OURS_OF_COMPANY = {"erp_number": "10077", "is_customer": True, "custom_fields": SHOWN_GUILD}
KIM: dict[str, Any] = {
    "name": "Kim Kontrakt",
    "email": "kim@kontrakt.example",
    "phone": "08-111 22 44",
    "mobile_phone": "070-111 22 55",
}
ERIK: dict[str, Any] = {"name": "Erik Provsson", "email": "erik@nordverk.example"}

CLASSIC_COMPANY = Witness(
    Company(
        id="pase12345",
        **COMPANY,
        postal_address=CompanyAddress(**HOME, country_code="SE", country="SE"),
        visiting_address=CompanyAddress(
            street="Havnegata 7", postal_code="0152", city="Oslo", country_code="NO", country="Norge"
        ),
        responsible=Coworker(id="3", **ERIK),
    ),
    shown={
        "id": "pase12345",
        "name": "Kontraktsbolaget AB",
        "organizationNumber": "559900-0246",
        "email": "post@kontrakt.example",
        "phoneNumber": ["08-111 22 33", "08-111 22 99"],
        "webSite": "kontrakt.example",
        "postalAddress": {"street": "Postgatan 4", "zipCode": "222 33", "city": "Lund", "countryCode": "SE"},
        "visitAddress": {"street": "Havnegata 7", "zipCode": "0152", "city": "Oslo", "countryCode": "Norge"},
        "responsibleCoworker": {"id": 3, **ERIK},
        "erpcore": OURS_OF_COMPANY,
    },
)
AGENTIC_COMPANY = Witness(
    Company(
        id="c0ffee00-0000-4000-8000-000000000007",
        **COMPANY,
        postal_address=CompanyAddress(**HOME, country_code="SE", country="SE"),
        responsible=Coworker(id="0e0ffee0-0000-4000-8000-000000000003", **ERIK),
    ),
    shown={
        "id": "c0ffee00-0000-4000-8000-000000000007",
        "name": "Kontraktsbolaget AB",
        "business_id": "559900-0246",
        "email": "post@kontrakt.example",
        "phone": "08-111 22 33",
        "domain": "kontrakt.example",
        **HOME,
        "country": "SE",
        "owner": {"id": "0e0ffee0-0000-4000-8000-000000000003", **ERIK},
        "erpcore": OURS_OF_COMPANY,
    },
)
CLASSIC_PERSON = Witness(
    Person(id="77", **KIM),
    shown={
        "id": 77,
        "name": "Kim Kontrakt",
        "email": "kim@kontrakt.example",
        "phoneNumber": ["08-111 22 44"],
        "mobilePhoneNumber": ["070-111 22 55"],
    },
)
AGENTIC_PERSON = Witness(Person(id="p1", **KIM), shown={"id": "p1", **KIM})
DEAL: dict[str, Any] = {
    "name": "Stora avtalet",
    "won": True,
    "status": "Avtal tecknat",
    "value": Decimal("8750.50"),
    "currency": "NOK",
    "rows": (DealRow(description="Licens, år", quantity=Decimal("3.5")),),
    "custom_fields": (CustomField(title="Projekt", value="Etapp 9"),),
    "erp_id": "90017",
}
OURS_OF_DEAL = {
    "won": True,
    "rows": [{"description": "Licens, år", "quantity": "3.5"}],
    "custom_fields": [{"title": "Projekt", "value": "Etapp 9"}],
    "erp_id": "90017",
}
CLASSIC_DEAL = Witness(
    Deal(
        id="850000",
        **DEAL,
        company_id="pase12345",
        contact=Person(id="77", **KIM),
        responsible=Coworker(id="3", **ERIK),
    ),
    shown={
        "id": 850000,
        "name": "Stora avtalet",
        "status": "Avtal tecknat",
        "value": "8750.50",
        "currency": "NOK",
        "customer": {"id": "pase12345"},
        "customerContact": {
            "id": 77,
            "name": "Kim Kontrakt",
            "email": "kim@kontrakt.example",
            "phoneNumber": ["08-111 22 44"],
            "mobilePhoneNumber": ["070-111 22 55"],
        },
        "responsibleCoworker": {"id": 3, **ERIK},
        "erpcore": OURS_OF_DEAL,
    },
)
AGENTIC_DEAL = Witness(
    Deal(
        id="d1",
        **DEAL,
        company_id="c1",
        contact=Person(id="p1", **KIM),
        responsible=Coworker(id="o1", **ERIK),
        revision=7,
    ),
    shown={
        "id": "d1",
        "name": "Stora avtalet",
        "stage": {"name": "Avtal tecknat"},
        "value": "8750.50",
        "currency": "NOK",
        "company": {"id": "c1"},
        "contact": {"id": "p1", **KIM},
        "owner": {"id": "o1", **ERIK},
        "revision": 7,
        "erpcore": OURS_OF_DEAL,
    },
)
ROW = Witness(
    DealRow(
        article_id="P-5",
        article_number="LIC-9",
        description="Licens, år",
        quantity=Decimal("3.5"),
        unit="st",
        unit_price=Decimal("1250.25"),
        vat_percent=Decimal(12),
        discount_amount=Decimal("40.75"),
        discount_percent=Decimal(6),
    ),
    shown={
        "article_id": "P-5",
        "article_number": "LIC-9",
        "text": "Licens, år",
        "quantity": "3.5",
        "unit": "st",
        "price": "1250.25",
        "vat": "12",
        "discount_amount": "40.75",
        "discount": "6",
    },
)

COLOURS = {"green": "grön", "yellow": "gul", "red": "röd"}
SETTINGS = LimeGoSettings.model_validate(
    {
        "api": "agentic",
        "base_url": "https://lime-go.invalid",
        "client_id": "c",
        "client_secret": "s",
        "erp_id_field": "ERP ID",
        "order_number_field": "Ordernr",
        "invoice_number_field": "Fakturanr",
        "status_field": "ERP status",
        "message_field": "ERP message",
        "company_erp_number_field": "Kundnr",
        "invoices_field": "Fakturor",
        "invoice_colour_field": "Färg",
        "invoice_total_field": "Summa",
        "invoice_balance_field": "Kvar",
        "invoice_due_field": "Förfaller",
        "invoice_paid_field": "Betald",
        "company_invoice_colour_field": "Bolagets färg",
        "company_balance_field": "Skuld",
        "company_due_field": "Bolagets förfallodag",
        "invoice_colour_texts": COLOURS,
    }
)


def told(kind: str, values: dict[str, Any], sent: dict[str, str]) -> Witness:
    """What is told of a record, by the setting that names the custom field; it is never read back by a map."""
    model = InvoiceStanding if values.keys() & {"colour", "balance"} else WriteBack
    return Witness(model.model_validate({"record_kind": kind, "record_id": "7", **values}), sent, shown={})


TOLD_DEAL = told(
    "deal",
    {
        "erp_id": "5002",
        "order_number": "5003",
        "invoice_number": "20001",
        "status": "error",
        "message": "Artikel saknas",
    },
    {
        "erp_id_field": "5002",
        "order_number_field": "5003",
        "invoice_number_field": "20001",
        "status_field": "error",
        "message_field": "Artikel saknas",
    },
)
TOLD_COMPANY = told("company", {"erp_id": "10077"}, {"company_erp_number_field": "10077"})
STANDING_OF_DEAL = told(
    "deal",
    {
        "numbers": "20001, 20002",
        "colour": "red",
        "total": Decimal("1250.5"),
        "balance": Decimal(100),
        "due_date": date(2026, 12, 21),
        "paid_date": date(2026, 12, 24),
    },
    {
        "invoices_field": "20001, 20002",
        "invoice_colour_field": "röd",
        "invoice_total_field": "1250.50",
        "invoice_balance_field": "100.00",
        "invoice_due_field": "2026-12-21",
        "invoice_paid_field": "2026-12-24",
    },
)
STANDING_OF_COMPANY = told(
    "company",
    {"colour": "yellow", "balance": Decimal("99.5"), "due_date": date(2026, 12, 21)},
    {
        "company_invoice_colour_field": "gul",
        "company_balance_field": "99.50",
        "company_due_field": "2026-12-21",
    },
)
STATED: dict[str, tuple[FieldMap[Any], *tuple[Witness, ...]]] = {
    "company": (fields.COMPANY, CLASSIC_COMPANY),
    "company, Agentic": (fields.COMPANY_AGENTIC, AGENTIC_COMPANY),
    "person": (fields.PERSON, CLASSIC_PERSON),
    "person, Agentic": (fields.PERSON_AGENTIC, AGENTIC_PERSON),
    "deal": (fields.DEAL, CLASSIC_DEAL),
    "deal, Agentic": (fields.DEAL_AGENTIC, AGENTIC_DEAL),
    "row": (fields.DEAL_ROW, ROW),
    "told of a deal": (fields.write_back_map("deal", SETTINGS), TOLD_DEAL),
    "told of a company": (fields.write_back_map("company", SETTINGS), TOLD_COMPANY),
    "a deal's invoices": (fields.invoice_standing_map("deal", SETTINGS), STANDING_OF_DEAL),
    "a company's invoices": (fields.invoice_standing_map("company", SETTINGS), STANDING_OF_COMPANY),
}


@pytest.mark.parametrize("name", STATED)
def test_the_map_says_what_lime_go_says(name: str) -> None:
    assert differences(*STATED[name]) == []


@pytest.mark.parametrize("name", STATED)
def test_no_two_fields_can_be_exchanged_unnoticed(name: str) -> None:
    assert unnoticed_swaps(*STATED[name]) == []
