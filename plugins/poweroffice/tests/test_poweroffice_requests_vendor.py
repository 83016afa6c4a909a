"""What the plugin sends, held to the vendor's own interface description, where a copy is at hand.

``pytest --vendor-specs DIR`` with the description as ``DIR/poweroffice/openapi.yaml``.
"""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import yaml
from erpcore_poweroffice.units import CODES
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
    Order,
    OrderRow,
    Ref,
)
from erpcore.simulator import JournalEntry

PATCHABLE = {
    "ContactPersons": {"FirstName", "LastName", "EmailAddress", "PhoneNumber", "IsActive"},
    "Customers": {
        "Name",
        "FirstName",
        "LastName",
        "IsPerson",
        "OrganizationNumber",
        "EmailAddress",
        "InvoiceEmailAddress",
        "PhoneNumber",
        "WebsiteUrl",
        "MailAddress",
        "CurrencyCode",
        "PaymentTermId",
        "SalesPersonEmployeeId",
        "ExternalImportReference",
        "IsArchived",
    },
    "Products": {
        "Code",
        "Name",
        "ProductType",
        "UnitOfMeasureCode",
        "UnitPrice",
        "UnitCost",
        "ProductGroupId",
        "StandardSalesAccountId",
        "Gtin",
        "Description",
        "IsArchived",
    },
}
"""Members that a patch may name: keys, not codes and numbers. The description's copy lost these models."""

ADDRESS = Address(street="Gata 1", street2="c/o Ek", postal_code="0150", city="Oslo", country_code="NO")
CUSTOMER = Customer(
    name="Kunde AS",
    kind="company",
    organisation_number="923609016",
    email="a@example.com",
    invoice_email="b@example.com",
    phone="1",
    website="example.com",
    invoice_address=ADDRESS,
    delivery_address=ADDRESS,
    currency="NOK",
    our_reference="1",
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
    group="1",
    income_account="3000",
    ean="7310865004703",
    note="a\nb",
    active=True,
)


@cache
def loaded(path: Path) -> dict[str, Any]:
    # Safe loaders both; the one in C reads the large file in a tenth of the time.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    read: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 see above
    return read


@pytest.fixture
def description(request: pytest.FixtureRequest) -> dict[str, Any]:
    folder = request.config.getoption("--vendor-specs", default=None)
    if folder is None:
        pytest.skip("needs --vendor-specs DIR with the vendor's interface descriptions")
    path = Path(folder) / "poweroffice" / "openapi.yaml"
    if not path.exists():
        pytest.skip(f"there is no {path}")
    return loaded(path)


def operation(description: dict[str, Any], entry: JournalEntry) -> dict[str, Any]:
    asked = entry.path.partition("/v2")[2]
    # Paths are in any case; addresses without a place go first.
    for template, item in sorted(description["paths"].items(), key=lambda pair: "{" in pair[0]):
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if entry.method.lower() in item and re.fullmatch(pattern, asked, re.IGNORECASE):
            found: dict[str, Any] = item[entry.method.lower()]
            return found
    raise AssertionError(f"the description has no {entry.method} {asked}")


def wrong(description: dict[str, Any], entry: JournalEntry) -> list[str]:
    told = operation(description, entry)
    known = {parameter["name"] for parameter in told.get("parameters", [])}
    if "resourceParameter" in known:
        known |= set(description["components"]["schemas"]["ResourceParameters"]["properties"])
    problems = [f"parameter {name}" for name, _ in parse_qsl(entry.query) if name not in known]
    if not entry.body:
        return problems
    body = json.loads(entry.body)
    if entry.method == "PATCH":
        members = PATCHABLE[entry.path.split("/")[2]]
        return [*problems, *(f"patch of {step['path']}" for step in body if step["path"].lstrip("/") not in members)]
    schema = told["requestBody"]["content"]["application/json"]["schema"]
    validator = OAS30Validator({**schema, "components": description["components"]})
    return [*problems, *(f"{error.json_path}: {error.message}" for error in validator.iter_errors(body))]


def test_every_request_is_one_that_the_description_knows(connect: Any, description: dict[str, Any]) -> None:
    company = connect(empty_values="clear", default_product="A-1")
    poweroffice, context = company.connection, Context("test", reference="k:1")
    terms = poweroffice.list_register("terms_of_payment", context)[0].code
    for register in ("currency", "vat_code", "account", "project", "cost_center"):
        poweroffice.list_register(register, context)
    poweroffice.check_connection(context)
    customer = CUSTOMER.model_copy(update={"terms_of_payment": terms})
    number = poweroffice.create_customer(customer, context).number
    poweroffice.create_customer(customer, context)
    poweroffice.update_customer(Ref(number=number), customer, context)
    poweroffice.update_customer(Ref(number=number), Customer(phone=None, invoice_address=Address(street=None)), context)
    for query in (CustomerQuery(organisation_number="923609016"), CustomerQuery(reference="k")):
        assert poweroffice.find_customers(query, context)
    poweroffice.create_contact_person(
        Ref(number=number), ContactPerson(first_name="Anna", last_name="Ek", phone="1"), context
    )
    (held,) = poweroffice.find_contact_persons(Ref(number=number), context)
    person = ContactPerson(first_name="Anna", last_name="By", email="a@example.com", phone="2", active=True)
    poweroffice.update_contact_person(Ref(number=number), Ref(number=str(held.key)), person, context)
    poweroffice.create_article(ARTICLE, context)
    poweroffice.find_articles(ArticleQuery(description="Stol"), context)
    change = Article(number="A-1", description="Bord", price=Decimal(1), kind="service", unit="tim", active=True)
    poweroffice.sync_articles([change], context)
    order = Order(
        customer_number=number,
        currency="NOK",
        our_reference="kari@example.com",
        your_reference="Anna",
        your_order_number="7",
        delivery_address=ADDRESS,
        terms_of_payment=terms,
        cost_center="1",
        order_date=date(2026, 11, 22),
        delivery_date=date(2026, 12, 1),
        rows=(
            OrderRow(description="Tekst"),
            OrderRow(description="Uten vare", quantity=Decimal(1), unit_price=Decimal(10)),
            OrderRow(
                article_number="A-1",
                quantity=Decimal(3),
                unit="st",
                unit_price=Decimal("9.99"),
                discount_amount=Decimal("0.5"),
            ),
        ),
    )
    made = poweroffice.create_order(order, context).number
    poweroffice.create_order(order, context)
    poweroffice.find_orders(DocumentQuery(reference="k:1"), context)
    invoice = poweroffice.convert_to_invoice(Ref(number=made), context).number
    poweroffice.find_orders(DocumentQuery(number=made), context)
    company.pay(invoice, None, date(2026, 12, 1))
    poweroffice.find_invoices(DocumentQuery(reference="k:1"), context)
    poweroffice.find_invoices(DocumentQuery(number=invoice), context)
    since = company.simulator.clock.now() - timedelta(days=1)
    page = poweroffice.fetch_invoices(since, None, context)
    poweroffice.fetch_invoices(since, page.next_cursor, context)
    poweroffice.fetch_articles(since, None, context)
    asked = [entry for entry in company.simulator.journal.entries() if "/v2/" in entry.path]
    assert len(asked) > 40
    assert {
        f"{entry.method} {entry.path}": problems for entry in asked if (problems := wrong(description, entry))
    } == {}


def test_the_units_are_the_descriptions(description: dict[str, Any]) -> None:
    assert set(description["components"]["schemas"]["UnitOfMeasureType"]["enum"]) == CODES
