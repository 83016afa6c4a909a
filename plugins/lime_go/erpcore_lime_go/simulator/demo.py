"""The demo company that a simulator starts with, and how a seed (a dict, or a JSON or TOML file) is put in.

All people and companies are invented; organisation numbers have right check digits and belong to nobody known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erpcore.simulator.seeding import no_strangers, put_records

from . import actions
from .account import ERP_ID_TITLE, ROWS_TITLE, Account
from .records import CustomFieldDefinition
from .switches import KeyKind

API_KEYS: dict[str, KeyKind] = {
    "11111111-1111-4111-8111-111111111111": "full_access",
    "22222222-2222-4222-8222-222222222222": "company",
    "33333333-3333-4333-8333-333333333333": "personal",
}
"""The demo's classic API keys."""
FULL_ACCESS_KEY, COMPANY_KEY, PERSONAL_KEY = API_KEYS
CLIENT_ID = "demo-client"
CLIENT_SECRET = "demo-secret"  # noqa: S105 - the public secret of a local stand-in
TENANT = "demo"

DEMO: dict[str, Any] = {
    "coworkers": [
        {"name": "Anna Exempel", "email": "anna@nordverk.example", "phone": "08-000 00 01"},
        {"name": "Erik Provsson", "email": "erik@nordverk.example", "phone": "08-000 00 02"},
    ],
    "pipelines": [
        {
            "name": "Nyförsäljning",
            "stages": [
                {"name": "Kontakt", "probability": 10},
                {"name": "Offert", "probability": 50},
                {"name": "Order", "category": "won", "probability": 100},
                {"name": "Förlorad", "category": "lost", "probability": 0},
            ],
        },
        {
            "name": "Merförsäljning",
            "stages": [
                {"name": "Behov", "probability": 30},
                {"name": "Tilläggsorder", "category": "won", "probability": 100},
                {"name": "Avböjd", "category": "lost", "probability": 0},
            ],
        },
    ],
    "custom_fields": [
        {"title": ERP_ID_TITLE, "entity_type": "deals"},
        {"title": ROWS_TITLE, "entity_type": "deals"},
        {"title": "ERP status", "entity_type": "deals"},
        {"title": "ERP message", "entity_type": "deals"},
        {"title": "Projekt", "entity_type": "deals"},
        {"title": "Leveransvillkor", "entity_type": "deals"},
        {"title": "Kundgrupp", "entity_type": "companies"},
        {"title": "ERP customer number", "entity_type": "companies"},
    ],
    "companies": [
        {
            "name": "Granudden Bygg AB",
            "business_id": "559900-0014",
            "status": "prospect",
            "email": "faktura@granudden.example",
            "phone": "08-000 10 00",
            "domain": "granudden.example",
            "street": "Boxgatan 1",
            "postal_code": "111 22",
            "city": "Stockholm",
            "country": "SE",
            "owner": "anna@nordverk.example",
            "visiting_address": {
                "street": "Byggvägen 7",
                "postal_code": "112 33",
                "city": "Stockholm",
                "country": "SE",
            },
            "contacts": [{"name": "Karin Gran", "email": "karin@granudden.example", "phone": "070-000 10 01"}],
        },
        {
            "name": "Sjöstrand Redovisning AB",
            "business_id": "559900-0121",
            "status": "customer",
            "email": "info@sjostrand.example",
            "phone": "031-000 20 00",
            "street": "Hamngatan 2",
            "postal_code": "411 14",
            "city": "Göteborg",
            "country": "SE",
            "owner": "erik@nordverk.example",
            "contacts": [{"name": "Lars Sjö", "email": "lars@sjostrand.example"}],
        },
        {
            "name": "Åkerlund & Söner HB",
            "business_id": "969900-0122",
            "status": "lead",
            "email": "order@akerlund.example",
            "phone": "046-000 30 00",
            "street": "Åkervägen 3",
            "postal_code": "223 50",
            "city": "Lund",
            "country": "SE",
            "owner": "anna@nordverk.example",
            "contacts": [{"name": "Östen Åkerlund", "email": "osten@akerlund.example"}],
        },
    ],
    "deals": [
        {
            "name": "Ställningar etapp 1",
            "value": "12500.00",
            "company": "Granudden Bygg AB",
            "contact": "Karin Gran",
            "responsible": "anna@nordverk.example",
            "custom_fields": {"Projekt": "Etapp 1", "Leveransvillkor": "Fritt levererat"},
            "source": "Web",
        },
        {
            "name": "Licenser 2027",
            "company": "Sjöstrand Redovisning AB",
            "contact": "Lars Sjö",
            "responsible": "erik@nordverk.example",
            "rows": [
                {"article_number": "LIC-1", "text": "Licens, år", "quantity": "5", "price": "1200.00"},
                {"article_number": "SUP-1", "text": "Support, timme", "quantity": "2.5", "price": "950.00"},
            ],
        },
        {
            "name": "Specialbeslag",
            "company": "Åkerlund & Söner HB",
            "contact": "Östen Åkerlund",
            "responsible": "anna@nordverk.example",
            "rows": [
                {
                    "article_number": "BESLAG-77",
                    "text": "Beslag, special",
                    "quantity": "40",
                    "price": "89.50",
                    "discount": "10",
                }
            ],
        },
    ],
}


def put_in(account: Account, data: dict[str, Any]) -> None:
    """Add a seed's records, coworkers first and deals last.

    Args:
        account: where.
        data: ``coworkers`` (name, email, phone), ``pipelines`` (name, stages), ``custom_fields`` (title,
            entity_type, field_type), ``companies`` (with their ``contacts``), ``deals``; companies, contacts and
            coworkers are referred to by name, e-mail or number.

    Raises:
        ValueError: an entry does not fit; the message names the list and the entry.
    """
    adders: dict[str, Callable[[dict[str, Any]], object]] = {
        "coworkers": lambda e: actions.add_owner(account, **e),
        "pipelines": lambda e: actions.add_pipeline(account, **e),
        "custom_fields": lambda e: _add_custom_field(account, **e),
        "companies": lambda e: _add_company(account, **e),
        "deals": lambda e: actions.add_deal(account, **e),
    }
    no_strangers(data, adders)
    with account.lock:
        put_records(data, adders)


def _add_company(account: Account, *, contacts: Any = (), **values: Any) -> None:
    company = actions.add_company(account, **values)
    for contact in contacts:
        actions.add_contact(account, company=company.id, **contact)


def _add_custom_field(account: Account, title: str, entity_type: str, field_type: str = "text") -> None:
    definition: CustomFieldDefinition = account.custom_field(entity_type, title)
    definition.field_type = field_type
