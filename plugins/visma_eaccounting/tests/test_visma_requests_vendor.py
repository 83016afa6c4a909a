"""What the plugin sends, held to the vendor's own descriptions, where copies are at hand.

``pytest --vendor-specs DIR`` with the descriptions as ``DIR/visma_eaccounting/v2.json`` and ``fields_2026-09.json``.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from erpcore.hookspecs import Context
from erpcore.models import (
    Address,
    Article,
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

MODELS = {
    "customers": "CustomerApi",
    "articles": "ArticleApi",
    "orders": "OrderApi",
    "customerinvoicedrafts": "CustomerInvoiceDraftApi",
}
ROWS = {"orders": "OrderRowApi", "customerinvoicedrafts": "CustomerInvoiceDraftRowApi"}
LATER = {"/v2/orders/{}/completed": "came after the description was made"}
OF_LISTS = {"$page", "$pagesize", "$orderby", "$filter"}
ADDRESS = Address(street="Gatan 1", street2="c/o Ek", postal_code="352 31", city="Växjö", country_code="SE")
CUSTOMER = Customer(
    name="Kund AB",
    kind="company",
    organisation_number="556036-0793",
    vat_number="SE556036079301",
    email="a@example.com",
    phone="1",
    mobile_phone="2",
    website="example.com",
    invoice_address=ADDRESS,
    delivery_address=ADDRESS,
    currency="SEK",
    active=True,
)


@pytest.fixture
def vendor(request: pytest.FixtureRequest) -> dict[str, Any]:
    folder = request.config.getoption("--vendor-specs", default=None)
    if folder is None:
        pytest.skip("needs --vendor-specs DIR with the vendor's interface descriptions")
    path = Path(folder) / "visma_eaccounting"
    if not (path / "v2.json").exists():
        pytest.skip(f"there is no {path}/v2.json")
    table = json.loads((path / "fields_2026-09.json").read_text(encoding="utf-8"))["schemas"]
    return {"paths": json.loads((path / "v2.json").read_text(encoding="utf-8"))["paths"], "table": table}


def wrong(vendor: dict[str, Any], entry: JournalEntry) -> list[str]:
    """What of a request the descriptions do not know."""
    described: dict[str, dict[str, Any]] = {}
    for path, item in vendor["paths"].items():  # one address may stand there twice, with other names of its places
        described.setdefault(re.sub(r"\{\w+\}", "{}", path), {}).update(item)
    template = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{}", entry.path)
    if template in LATER:
        return []
    operation = described.get(template, {}).get(entry.method.lower())
    if operation is None:
        return ["there is no such address"]
    known = {parameter["name"] for parameter in operation.get("parameters", ())}
    listed = "Paginated" in json.dumps(operation["responses"])
    problems = [
        f"parameter {name}"
        for name, _ in parse_qsl(entry.query)
        if name not in known and not (listed and name in OF_LISTS)
    ]
    register = entry.path.split("/")[2]
    if not entry.body or entry.path.endswith("/convert"):
        return problems
    sent = json.loads(entry.body)
    problems += members(vendor["table"][MODELS[register]], sent, new=entry.method == "POST")
    for row in sent.get("Rows") or []:
        problems += members(vendor["table"][ROWS[register]], row, new=entry.method == "POST")
    return problems


def members(lines: list[dict[str, Any]], sent: dict[str, Any], *, new: bool) -> list[str]:
    """What a new record's members break; a changed one is sent as it came."""
    known = {line["name"]: line for line in lines}
    problems = [f"there is no {name}" for name in sent.keys() - known.keys()]
    problems += [f"{name} is missing" for name, line in known.items() if line["required"] and sent.get(name) is None]
    for name in sent.keys() & known.keys() if new else ():
        longest = re.fullmatch(r"max (\d+)", known[name]["limits"])
        if known[name]["read_only"]:
            problems.append(f"{name} is read-only")
        if longest and sent[name] is not None and len(sent[name]) > int(longest[1]):
            problems.append(f"{name} is too long")
    return problems


@pytest.mark.parametrize("order_becomes", ["draft", "invoice"])
def test_every_request_is_one_that_the_descriptions_know(connect: Any, vendor: Any, order_becomes: str) -> None:
    company = connect(empty_values="clear", default_article="A-1", order_becomes=order_becomes)
    visma, context = company.connection, Context("test", reference="k:1")
    terms = visma.list_register("terms_of_payment", context)[0].code
    visma.check_connection(context)
    number = visma.create_customer(CUSTOMER.model_copy(update={"terms_of_payment": terms}), context).number
    visma.update_customer(
        Ref(number=number), Customer(phone=None, invoice_address=Address(street="Nygatan 2")), context
    )
    for query in (CustomerQuery(organisation_number="556036-0793"), CustomerQuery(name="Kund AB")):
        assert visma.find_customers(query, context)
    visma.create_contact_person(
        Ref(number=number), ContactPerson(first_name="Anna", last_name="Ek", phone="1"), context
    )
    article = Article(number="A-1", description="Stol", price=Decimal("99.50"), cost_price=Decimal(9), note="n")
    visma.create_article(article, context)
    visma.sync_articles([Article(number="A-1", description="Bord", unit="tim", vat_percent=Decimal(12))], context)
    priced = {"quantity": Decimal("2.25"), "unit_price": Decimal("9.99"), "discount_amount": Decimal("0.5")}
    shared: dict[str, Any] = {
        "customer_number": number,
        "our_reference": "Kari",
        "your_reference": "Anna",
        "your_order_number": "7",
        "delivery_address": ADDRESS,
        "terms_of_payment": terms,
        "delivery_date": date(2026, 12, 1),
    }
    rows = (OrderRow(description="Text"), OrderRow(**priced), OrderRow(article_number="A-1", **priced))
    made = visma.create_order(Order(**shared, currency="SEK", order_date=date(2026, 11, 22), rows=rows), context)
    visma.find_orders(DocumentQuery(reference="k:1"), context)
    invoice = visma.convert_to_invoice(Ref(number=made.number), context).number
    visma.find_orders(DocumentQuery(number=made.number), context)
    billed = (InvoiceRow(description="Text"), InvoiceRow(article_number="A-1", **priced))
    draft = visma.create_invoice(Invoice(**shared, invoice_date=date(2026, 11, 22), rows=billed), context).number
    company.simulator.book_draft(draft)
    for each in (invoice, draft, "1001"):
        visma.find_invoices(DocumentQuery(number=each), context)
    visma.find_invoices(DocumentQuery(reference="k:1"), context)
    since = datetime.now(UTC) - timedelta(days=1)
    page = visma.fetch_invoices(since, None, context)
    visma.fetch_invoices(since, page.next_cursor, context)
    visma.fetch_articles(since, None, context)
    asked = [entry for entry in company.simulator.journal.entries() if entry.path.startswith("/v2/")]
    assert len(asked) > 40
    found = {f"{entry.method} {entry.path}": problems for entry in asked if (problems := wrong(vendor, entry))}
    assert found == {}
