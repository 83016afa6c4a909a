"""The demo installation that a simulator starts with, and how a seed (a dict, or a JSON or TOML file) is put in.

All people and companies are invented; organisation numbers have right check digits and belong to nobody known.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from erpcore.simulator.seeding import no_strangers, put_records

from . import actions
from .account import Account
from .api import ApiUser

DATABASE = "demo"
API_KEY = "lime-crm-demo-key"
READ_ONLY_KEY = "lime-crm-read-only-key"
API_USER = 2
API_KEYS = {API_KEY: ApiUser(API_USER), READ_ONLY_KEY: ApiUser(4, webhooks=False, may_write=False)}
"""The demo's API keys and their users."""

SEED_KEYS = ("coworkers", "companies", "persons", "articlegroups", "articles", "deals", "orders")

DEMO: dict[str, Any] = {
    "coworkers": [
        {"name": "Anna Exempel", "firstname": "Anna", "lastname": "Exempel", "email": "anna@nordverk.example"}
        | {"employeeno": "101"},
        {"name": "Erik Provsson", "firstname": "Erik", "lastname": "Provsson", "email": "erik@nordverk.example"}
        | {"employeeno": "102"},
    ],
    "companies": [
        {
            "name": "Fjellvik Bygg AS",
            "registrationno": "910 000 012",
            "phone": "22 00 00 01",
            "emailinvoice": "faktura@fjellvik.example",
            "country": "Norge",
            "postaladdress1": "Postboks 1",
            "postalzipcode": "0150",
            "postalcity": "Oslo",
            "visitingaddress1": "Havnegata 7",
            "visitingzipcode": "0152",
            "visitingcity": "Oslo",
            "coworker": "Anna Exempel",
            "erp_id": "10001",
            "erp_status": "synced",
        },
        {
            "name": "Sundet Handel AS",
            "registrationno": "910 000 020",
            "phone": "55 00 00 02",
            "emailinvoice": "post@sundet.example",
            "country": "Norge",
            "postaladdress1": "Strandkaien 2",
            "postalzipcode": "5013",
            "postalcity": "Bergen",
            "coworker": "Erik Provsson",
        },
        {
            "name": "Granudden Bygg AB",
            "registrationno": "559900-0014",
            "phone": "08-000 10 00",
            "emailinvoice": "faktura@granudden.example",
            "country": "Sverige",
            "postaladdress1": "Boxgatan 1",
            "postalzipcode": "111 22",
            "postalcity": "Stockholm",
            "invoiceaddress1": "Fakturagatan 9",
            "invoicezipcode": "111 99",
            "invoicecity": "Stockholm",
            "coworker": "Anna Exempel",
        },
    ],
    "persons": [
        {
            "name": "Kari Fjell",
            "firstname": "Kari",
            "lastname": "Fjell",
            "email": "kari@fjellvik.example",
            "mobilephone": "400 00 001",
            "company": "Fjellvik Bygg AS",
        }
    ],
    "articlegroups": [{"name": "Kurs", "active": True}, {"name": "Programvare", "active": True}],
    "articles": [
        {
            "articleno": "KURS-1",
            "description": "Kurs, heldag",
            "price": "4500.00",
            "unit": "stk",
            "vat": "0.25",
            "incomeaccount": "3000",
            "active": True,
            "articlegroup": "Kurs",
        },
        {
            "articleno": "LIS-1",
            "description": "Lisens, år",
            "price": "1200.00",
            "unit": "stk",
            "vat": "0.25",
            "incomeaccount": "3020",
            "active": True,
            "articlegroup": "Programvare",
        },
        {
            "articleno": "TIME-1",
            "description": "Konsulent, time",
            "price": "950.00",
            "unit": "time",
            "vat": "0.25",
            "active": True,
            "articlegroup": "Kurs",
        },
    ],
    "deals": [
        {"name": "Kurspakke høst", "value": "22500.00", "company": "Fjellvik Bygg AS", "person": "Kari Fjell"}
        | {"coworker": "Anna Exempel"},
    ],
    "orders": [
        {
            "company": "Fjellvik Bygg AS",
            "customer_reference": "Kari Fjell",
            "order_date": "2026-11-20",
            "currency": "NOK",
            "rows": [
                {"article": "KURS-1", "quantity": "2", "discount": "450.00"},
                {"description": "Sal og lunsj etter avtale"},
            ],
        },
        {
            "company": "Sundet Handel AS",
            "customer_reference": "Innkjøp",
            "order_date": "2026-11-21",
            "currency": "NOK",
            "create_invoice_from_order": True,
            "rows": [
                {"article": "LIS-1", "quantity": "5"},
                {"article": "TIME-1", "quantity": "2.5", "discount": "95.00"},
            ],
        },
        {
            "company": "Fjellvik Bygg AS",
            "order_date": "2026-11-21",
            "currency": "NOK",
            "rows": [
                {
                    "articleno": "MANGLER-9",
                    "description": "Spesialbeslag",
                    "quantity": "40",
                    "unit": "stk",
                    "price": "89.50",
                    "vat": "0.25",
                }
            ],
        },
    ],
}


def put_in(account: Account, data: dict[str, Any]) -> None:
    """Add a seed's objects, each list in the order of ``SEED_KEYS``.

    Args:
        account: Where.
        data: Lists of objects by standard names; orders with their ``rows``. Relations by id or name. What the
            installation lacks is left out.

    Raises:
        ValueError: An entry does not fit; the message names the list and the entry.
    """
    no_strangers(data, SEED_KEYS)
    there = [name for name in SEED_KEYS if _limetype(name) in account.model.limetypes()]
    with account.lock:
        put_records(data, {name: partial(_add, account, name) for name in there})


def _add(account: Account, name: str, given: Mapping[str, Any]) -> None:
    entry = dict(given)
    if name == "orders":
        actions.add_order(account, entry.pop("company"), entry.pop("rows", []), **entry)
    else:
        actions.add(account, _limetype(name), **entry)


def _limetype(name: str) -> str:
    return {"companies": "company"}.get(name, name.removesuffix("s"))
