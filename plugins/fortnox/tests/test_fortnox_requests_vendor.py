"""What the plugin sends, held to the vendor's own interface description, where a copy is at hand.

``pytest --vendor-specs DIR`` with the description as ``DIR/fortnox/openapi.json``.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from erpcore_fortnox.settings import SCOPES
from openapi_schema_validator import OAS30Validator

from erpcore.hookspecs import Context
from erpcore.models import (
    Address,
    Article,
    ArticleQuery,
    ContactPerson,
    Customer,
    CustomerQuery,
    DocumentQuery,
    Invoice,
    InvoiceRow,
    Order,
    OrderRow,
    Ref,
)
from erpcore.simulator import JournalEntry

EVERYWHERE = {"page", "limit", "sortby", "sortorder", "lastmodified"}
"""Parameters of the developer guide, Parameters, that hold for all lists; the description does not wire them."""

DEVIATIONS = {
    "AccountNumber: 0": "0 turns the filling in of the account off on text rows (production clients)",
    "API_BLANK": "empties a value of any kind (developer guide, Delete values)",
    "PUT: 'Name' is a required property": "an update is partial (the description's own text)",
}
ADDRESS = Address(street="Gatan 1", street2="c/o Ek", postal_code="111 22", city="Malmö", country_code="SE")
CUSTOMER = Customer(
    name="Kund AB",
    kind="company",
    organisation_number="556036-0793",
    vat_number="SE556036079301",
    email="a@example.com",
    invoice_email="b@example.com",
    phone="1",
    mobile_phone="2",
    website="example.com",
    invoice_address=ADDRESS,
    delivery_address=ADDRESS,
    visiting_address=Address(street="Gatan 1", postal_code="111 22", city="Malmö", country_code="SE"),
    currency="SEK",
    terms_of_payment="30",
    our_reference="Bo",
    your_reference="Anna",
    external_reference="k",
    active=True,
)
ARTICLE = Article(
    number="A-1",
    description="Stol",
    kind="goods",
    unit="st",
    price=Decimal("99.50"),
    cost_price=Decimal("10.25"),
    vat_percent=Decimal(25),
    income_account="3001",
    ean="7310865004703",
    note="a\nb",
    active=True,
)
DOCUMENT: dict[str, Any] = {
    "customer_number": "1",
    "customer_name": "Kund",
    "currency": "EUR",
    "our_reference": "Bo",
    "your_reference": "Anna",
    "your_order_number": "7",
    "remarks": "a\nb",
    "comments": "c",
    "delivery_address": ADDRESS,
    "terms_of_payment": "30",
    "delivery_date": date(2026, 12, 1),
}
ROWS: list[dict[str, Any]] = [
    {"description": "Text"},
    {
        "article_number": "A-1",
        "quantity": Decimal("1.5"),
        "unit_price": Decimal("9.99"),
        "discount_percent": Decimal("2.5"),
    },
    {
        "description": "x",
        "quantity": Decimal(1),
        "unit": "st",
        "unit_price": Decimal(1),
        "vat_percent": Decimal(25),
        "discount_amount": Decimal("0.5"),
        "income_account": "3001",
    },
]


@pytest.fixture(scope="module")
def description(request: pytest.FixtureRequest) -> dict[str, Any]:
    folder = request.config.getoption("--vendor-specs", default=None)
    if folder is None:
        pytest.skip("needs --vendor-specs DIR with the vendor's interface descriptions")
    path = Path(folder) / "fortnox" / "openapi.json"
    if not path.exists():
        pytest.skip(f"there is no {path}")
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def operation(description: dict[str, Any], entry: JournalEntry) -> dict[str, Any]:
    for template, item in description["paths"].items():
        if entry.method.lower() in item and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), entry.path):
            found: dict[str, Any] = item[entry.method.lower()]
            return found
    raise AssertionError(f"the description has no {entry.method} {entry.path}")


def wrong(description: dict[str, Any], entry: JournalEntry) -> list[str]:
    told = operation(description, entry)
    known = {parameter["name"] for parameter in told.get("parameters", [])} | EVERYWHERE
    problems = [f"parameter {name}" for name, _ in parse_qsl(entry.query) if name not in known]
    if not entry.body:
        return problems
    (media,) = told["requestBody"]["content"].values()
    body = json.loads(entry.body)
    validator = OAS30Validator({**media["schema"], "components": description["components"]})
    for error in validator.iter_errors(body):
        member = error.absolute_path[-1] if error.absolute_path else ""
        told_as = {f"{member}: {error.instance}", str(error.instance), f"{entry.method}: {error.message}"}
        if not told_as & DEVIATIONS.keys():
            problems.append(f"{error.json_path}: {error.message}")
    return [*problems, *(f"member {name}" for name in unknown(description, media["schema"], body))]


def unknown(description: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """Return the members that the description does not have."""
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        return [name for inner in value for name in unknown(description, schema.get("items", {}), inner)]
    if not isinstance(value, dict):
        return []
    members = schema.get("properties", {})
    strangers = [name for name in value if name not in members]
    return strangers + [
        n for name in value if name in members for n in unknown(description, members[name], value[name])
    ]


@pytest.mark.parametrize("empty_values", ["keep", "clear"])
def test_every_request_is_one_that_the_description_knows(
    connect: Any, description: dict[str, Any], empty_values: str
) -> None:
    company = connect(
        empty_values=empty_values, copy_reference_to_invoice=True, scopes=[*SCOPES, "project", "costcenter"]
    )
    fortnox, context = company.connection, Context("test", reference="k:1")
    fortnox.check_connection(context)
    fortnox.create_customer(CUSTOMER, context)
    fortnox.update_customer(Ref(number="1"), CUSTOMER, context)
    fortnox.update_customer(Ref(number="1"), Customer(phone=None, delivery_address=None), context)
    fortnox.find_customers(CustomerQuery(organisation_number="5560360793"), context)
    fortnox.find_customers(CustomerQuery(name="Kund AB", reference="k"), context)
    fortnox.create_contact_person(Ref(number="1"), ContactPerson(first_name="Anna"), context)
    (held,) = fortnox.find_contact_persons(Ref(number="1"), context)
    fortnox.update_contact_person(
        Ref(number="1"), Ref(number="Anna", key=held.key), ContactPerson(first_name="Ann"), context
    )
    fortnox.create_article(ARTICLE, context)
    fortnox.find_articles(ArticleQuery(description="Stol"), context)
    fortnox.sync_articles([Article(number="A-1", description="Bord", price=Decimal(1))], context)
    for register in ("terms_of_payment", "currency", "unit", "project", "cost_center"):
        fortnox.list_register(register, context)
    fortnox.create_order(
        Order(**DOCUMENT, order_date=date(2026, 11, 22), rows=tuple(OrderRow(**row) for row in ROWS)), context
    )
    fortnox.find_orders(DocumentQuery(reference="k:1"), context)
    fortnox.convert_to_invoice(Ref(number="1"), context)
    rows = tuple(InvoiceRow(**row) for row in ROWS)
    day = date(2026, 11, 22)
    fortnox.create_invoice(
        Invoice(**DOCUMENT, invoice_date=day, due_date=day, currency_rate=Decimal("11.2"), ocr="133", rows=rows),
        context,
    )
    fortnox.find_invoices(DocumentQuery(reference="k:1"), context)
    since = datetime(2026, 11, 1, tzinfo=UTC)
    page = fortnox.fetch_invoices(since, None, context)
    fortnox.fetch_invoices(since, page.next_cursor, context)
    fortnox.fetch_articles(since, None, context)
    asked = [entry for entry in company.simulator.journal.entries() if entry.path.startswith("/3/")]
    assert len(asked) > 35
    assert {
        f"{entry.method} {entry.path}": problems for entry in asked if (problems := wrong(description, entry))
    } == {}
