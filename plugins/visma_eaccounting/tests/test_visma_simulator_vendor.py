"""The simulated Visma eAccounting held to the vendor's own descriptions, where copies are at hand.

``pytest --vendor-specs DIR`` with the interface description as ``DIR/visma_eaccounting/v2.json`` (Swagger 2.0), and
the table of the newest members beside it as ``fields_2026-09.json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from erpcore_visma_eaccounting.simulator import Behaviour, VismaEAccountingSimulator, shapes
from erpcore_visma_eaccounting.simulator.seed import CODING_BUILDING
from openapi_schema_validator import OAS30Validator

from plugins.visma_eaccounting.tests.visma_simulator_stranger import (
    ARTICLE,
    CUSTOMER,
    Company,
    connected,
    draft_row,
    order_row,
)

SHAPES: Mapping[str, shapes.Shape] = {
    "CustomerApi": shapes.CUSTOMER,
    "ArticleApi": shapes.ARTICLE,
    "OrderApi": shapes.ORDER,
    "OrderRowApi": shapes.ORDER_ROW,
    "CustomerInvoiceDraftApi": shapes.DRAFT,
    "CustomerInvoiceDraftRowApi": shapes.DRAFT_ROW,
    "CustomerInvoiceApi": shapes.INVOICE,
    "CustomerInvoiceRowApi": shapes.INVOICE_ROW,
    "CustomerLedgerItemApi": shapes.LEDGER_ITEM,
    "TermsOfPaymentApi": shapes.TERMS_OF_PAYMENT,
    "UnitApi": shapes.UNIT,
    "ArticleAccountCodingApi": shapes.CODING,
}
KINDS = {"string": "str", "number": "num", "object": "obj", "TermsOfPaymentApi": "obj", "datetime": "day"}

# Where the simulator does not follow the newest table, and why.
SET_BY_VISMA = {
    ("OrderApi", name): "sums are computed, whatever is sent"
    for part in ("", "Delivered")
    for name in (f"{part}Amount", f"{part}VatAmount", f"{part}RoundingsAmount" if part else "RoundingsAmount")
} | {("OrderRowApi", "Amount"): "as above"}
MAY_BE_NULL = {("CustomerInvoiceApi", "TermsOfPaymentId"): "an invoice's is always filled in from the customer"}
LIMITS = {("OrderApi", "InvoiceCity"): "the table has no limit; a draft's has 50"}

# Where the older description is not followed, and why.
LATER = "came after the description was made"
STATUSES = {
    201: "the newest description answers what is made with 201",
    401: "not described, but published beside it",
    403: "as above",
}
PATHS = {"/v2/orders/{key}/completed": LATER}


def load(request: pytest.FixtureRequest, name: str) -> Any:
    folder = request.config.getoption("--vendor-specs", default=None)
    if folder is None:
        pytest.skip("needs --vendor-specs DIR with the vendor's interface descriptions")
    path = Path(folder) / "visma_eaccounting" / name
    if not path.exists():
        pytest.skip(f"there is no {path}")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Any:
    return load(request, "fields_2026-09.json")["schemas"]


@pytest.fixture
def description(request: pytest.FixtureRequest) -> Any:
    return load(request, "v2.json")


@pytest.mark.parametrize("name", SHAPES)
def test_every_member_is_the_newest_table_s(table: Any, name: str) -> None:
    shape = SHAPES[name]
    assert set(shape) == {line["name"] for line in table[name]}
    for line in table[name]:
        member, where = shape[line["name"]], (name, line["name"])
        kind = line["type"].rstrip("?")
        kind = "list" if kind.endswith("[]") else KINDS.get(kind, kind)
        assert member.kind == kind or {member.kind, kind} == {"day", "time"}, where
        if where not in SET_BY_VISMA:
            assert member.read_only == bool(line["read_only"]), where
        assert member.required == bool(line["required"]), where
        if where not in MAY_BE_NULL:
            assert member.nullable == line["type"].endswith("?"), where
        if not member.read_only and where not in LIMITS:
            longest = re.fullmatch(r"max (\d+)", line["limits"])
            assert member.most == (int(longest[1]) if longest else None), where
            bounds = re.fullmatch(r"(\d+)\.\.(\d+)", line["limits"])
            if bounds:
                assert member.bounds == (int(bounds[1]), int(bounds[2])), where


class Described:
    """A company whose every reply is held to the older description; the newest table knows what came later."""

    def __init__(self, company: Company, description: dict[str, Any], table: dict[str, Any]) -> None:
        self.company = company
        self.description = description
        self.later = {
            name: {line["name"]: {"nullable": line["type"].endswith("?")} for line in lines}
            for name, lines in table.items()
        }
        self.asked: set[tuple[str, str]] = set()
        self._real = company.ask
        company.ask = self.ask  # type: ignore[method-assign] # it listens

    def ask(self, method: str, path: str, body: object = None, **params: Any) -> Any:
        response = self._real(method, path, body, **params)
        template = self._template(method, f"/v2{path}")
        self.asked.add((method, template))
        if response.status_code < 400 and template not in PATHS:
            operation = self.description["paths"][self._described(template)][method.lower()]
            known = operation["responses"]
            assert str(response.status_code) in known or response.status_code in STATUSES
            schema = known.get(str(response.status_code), known.get("200"))["schema"]
            assert self.wrong(schema, response.json()) == [], f"{method} {path}"
        return response

    def wrong(self, schema: dict[str, Any], value: Any) -> list[str]:
        definitions = {name: self._plain(name, each) for name, each in self.description["definitions"].items()}
        validator = OAS30Validator({**schema, "definitions": definitions})
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    def _plain(self, name: str, definition: dict[str, Any]) -> dict[str, Any]:
        """A definition as JSON Schema: Swagger 2.0 has no word for null, and later members are unknown to it."""
        later = self.later.get(name, {})
        properties = {}
        for member, each in definition.get("properties", {}).items():
            nullable = later.get(member, {"nullable": True})["nullable"] or "$ref" in each
            each = {word: said for word, said in each.items() if word not in ("readOnly", "enum", "format")}
            properties[member] = (
                {"anyOf": [each, {"enum": [None]}]} if nullable or each.get("type") == "object" else each
            )
        allowed = {member: {} for member in later if member not in properties}
        return {"type": "object", "properties": properties | allowed, "additionalProperties": not later}

    @staticmethod
    def _template(method: str, path: str) -> str:
        routes = [route for route in VismaEAccountingSimulator().routes() if getattr(route, "path", "") == "/v2"]
        for route in getattr(routes[0], "routes", []):
            pattern = re.sub(r"\{\w+\}", "[^/]+", getattr(route, "path", ""))
            if method in (getattr(route, "methods", None) or ()) and re.fullmatch(f"/v2{pattern}", path):
                return f"/v2{route.path}"
        return path

    def _described(self, template: str) -> str:
        wanted = re.sub(r"\{\w+\}", "{}", template)
        return next(path for path in self.description["paths"] if re.sub(r"\{\w+\}", "{}", path) == wanted)


@pytest.fixture(params=["fraction", "percent"])
def described(request: pytest.FixtureRequest, description: Any, table: Any) -> Iterator[Described]:
    with connected(Behaviour(vat_scale=request.param)) as company:
        yield Described(company, description, table)


def test_every_reply_is_one_that_the_description_knows(described: Described) -> None:
    company = described.company
    for path in ("/companysettings", "/termsofpayments", "/units", "/articleaccountcodings", "/currencies"):
        company.ok("GET", path)
    customer = company.customer(EmailAddress="a@example.com", VatNumber="SE556036079301", CurrencyCode="EUR")
    article = company.article(CodingId=CODING_BUILDING, PurchasePrice=9.5)
    company.ok("PUT", f"/customers/{customer['Id']}", CUSTOMER)
    company.ok("PUT", f"/articles/{article['Id']}", {**ARTICLE, "Number": "A1", "NetPrice": 10.5})
    company.ok("GET", f"/customers/{customer['Id']}")
    company.ok("GET", f"/articles/{article['Id']}")
    receivable = {"InvoiceNumber": 7, "InvoiceDate": "2026-01-02", "DueDate": "2026-02-01", "CurrencyCode": "SEK"}
    receivable |= {"TotalAmountInvoiceCurrency": 125, "RemainingAmountInvoiceCurrency": 125, "IsCreditInvoice": False}
    receivable |= {"CustomerId": customer["Id"], "VoucherId": customer["Id"]}
    company.simulator.seed({"customerledgeritems": [receivable]})
    rows = (order_row(article, 1, Quantity=1.2345, UnitPrice=9.99), order_row(None, 2, Text="Text"))
    order = company.order(*rows, CustomerId=customer["Id"], DeliveryDate="2026-12-01")
    company.ok("GET", f"/orders/{order['Id']}")
    company.ok("PUT", f"/orders/{order['Id']}", {**order, "YourReference": "Anna"})
    company.ok("POST", f"/orders/{order['Id']}/completed")
    company.ok("POST", f"/orders/{order['Id']}/convert", {})
    drafted = draft_row(article, Quantity=2, DiscountPercentage=0.1)
    draft = company.draft(drafted, draft_row(None, Text="Text"), CustomerId=customer["Id"], InvoiceDate="2026-11-30")
    company.ok("GET", f"/customerinvoicedrafts/{draft['Id']}")
    invoice = company.ok("POST", f"/customerinvoicedrafts/{draft['Id']}/convert", status=201)
    company.simulator.pay_invoice(invoice["InvoiceNumber"])
    company.ok("GET", f"/customerinvoices/{invoice['Id']}")
    for path in (
        "/customers",
        "/articles",
        "/orders",
        "/customerinvoicedrafts",
        "/customerinvoices",
        "/customerledgeritems",
    ):
        company.ok("GET", path)
    operations = {
        (next(iter((route.methods or set()) - {"HEAD"})), f"/v2{route.path}")
        for route in described.company.simulator.routes()[-1].routes  # type: ignore[attr-defined] # it is a mount
        if getattr(route, "methods", None)
    }
    assert operations - described.asked == set(), "not every address was asked"


def test_the_company_s_settings_are_members_of_the_newest_table(table: Any) -> None:
    with connected() as company:
        known = {line["name"] for line in table["CompanySettingsApi"]}
        assert set(company.ok("GET", "/companysettings")) <= known


def test_a_refusal_has_the_members_of_the_newest_table(table: Any) -> None:
    with connected() as company:
        told = company.refused("POST", "/customers", {})
        assert set(told) == {line["name"] for line in table["CommonExtendedBadRequest"]}
