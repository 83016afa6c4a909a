"""The simulated Fortnox held to the vendor's own interface description, where a copy is at hand.

``pytest --vendor-specs DIR`` with the description as ``DIR/fortnox/openapi.json``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_fortnox.simulator import FortnoxSimulator
from openapi_schema_validator import OAS30Validator

from erpcore.testing.straight import Straight

# Where recorded replies differ from the description, the simulator follows the replies. A path in a reply (lists as
# []) and the JSON type that stands there, with the reason.
DEVIATIONS: dict[tuple[str, str], str] = {
    ("PaymentWay", ""): "recorded as empty text, which is not in the description's list of values",
    ("InvoicePeriodStart", ""): "recorded as empty text instead of a date",
    ("InvoicePeriodEnd", ""): "recorded as empty text instead of a date",
    ("CurrencyRate", "string"): "a string in recorded lists of invoices",
    ("SalesAccount", "integer"): "a number in the recorded reply to a customer's creation",
    ("DeliveryDate", ""): "recorded as empty text in lists of orders",
    ("ContractReference", "string"): "a string in recorded replies of invoices",
    ("QuantityInStock", "string"): "a string in recorded lists of articles",
}
NULL_REASON = "recorded replies hold null where nothing was set; the description marks almost nothing as nullable"


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


class Described:
    """A client that holds each request and reply to the description."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.description = description
        self.simulator = FortnoxSimulator(rate_limit=None)
        headers = {"Authorization": f"Bearer {self.simulator.tokens().access_token}"}
        self.http = httpx.Client(base_url="http://fortnox/3", headers=headers, transport=Straight(self.simulator))
        self.operations: set[tuple[str, str]] = set()

    def __call__(self, method: str, path: str, body: object = None, **params: str) -> Any:
        response = self.http.request(method, path, json=body, params=params)
        template, operation = self._operation(method, path)
        self.operations.add((method, template))
        declared = operation["responses"]
        status = str(response.status_code)
        if response.status_code >= 400:
            status = status if status in declared else "default"
        assert status in declared, f"{method} {path} answered {status}, which is not declared"
        if body is not None:
            (media,) = operation["requestBody"]["content"].values()
            assert self.wrong(media["schema"], body) == []
        if not response.content:
            return None
        reply = response.json()
        schema = next(iter(declared[status]["content"].values()))["schema"]
        assert self.wrong(schema, reply) == [], f"{method} {path}"
        return reply

    def wrong(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Return where a value breaks the description in a way that no deviation explains."""
        whole = {**schema, "components": self.description["components"]}
        errors = OAS30Validator(whole, format_checker=OAS30Validator.FORMAT_CHECKER).iter_errors(_without_null(value))
        return [f"{error.json_path}: {error.message}" for error in errors if not _is_known(error)]

    def unknown_members(self, schema_name: str, reply: dict[str, Any]) -> set[str]:
        return reply.keys() - self.description["components"]["schemas"][schema_name]["properties"].keys()

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        for template, item in self.description["paths"].items():
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            if method.lower() in item and re.fullmatch(pattern, "/3" + path):
                return template, item[method.lower()]
        raise AssertionError(f"the description has no {method} {path}")


def _without_null(value: Any) -> Any:
    """Drop members that are null (`NULL_REASON`)."""
    if isinstance(value, dict):
        return {name: _without_null(inner) for name, inner in value.items() if inner is not None}
    return [_without_null(inner) for inner in value] if isinstance(value, list) else value


def _is_known(error: Any) -> bool:
    member = next((step for step in reversed(error.absolute_path) if isinstance(step, str)), "")
    kind = "" if error.instance == "" else {str: "string", int: "integer"}.get(type(error.instance), "other")
    return (member, kind) in DEVIATIONS


@pytest.fixture
def call(description: dict[str, Any]) -> Described:
    return Described(description)


ROW = {"ArticleNumber": "A1", "DeliveredQuantity": "2", "Price": 12.5, "Discount": 1, "DiscountType": "AMOUNT"}


def test_customers_are_as_described(call: Described) -> None:
    body = {
        "Name": "Kund AB",
        "OrganisationNumber": "556036-0793",
        "CountryCode": "SE",
        "SalesAccount": "3001",
        "InvoiceDiscount": 5,
        "Email": "a@b.se",
        "TermsOfPayment": "30",
    }
    made = call("POST", "/customers", {"Customer": body})["Customer"]
    call("PUT", "/customers/1", {"Customer": {"Name": "Kund 2 AB"}})
    single = call("GET", "/customers/1")["Customer"]
    (entry,) = call("GET", "/customers", name="kund")["Customers"]
    assert call.unknown_members("fortnox_Kf_CustomerSingleItem", made | single) == set()
    assert call.unknown_members("fortnox_Kf_CustomerListItem", entry) == set()
    call("GET", "/customers/9")
    call("GET", "/customers", filter="sold")
    call("POST", "/customerreferences", {"CustomerReferenceRow": {"CustomerNumber": "1", "Reference": "Bo"}})
    call("GET", "/customerreferences")


def test_every_member_of_the_description_is_shown(call: Described) -> None:
    call("POST", "/customers", {"Customer": {"Name": "Kund AB"}})
    call("POST", "/articles", {"Article": {"ArticleNumber": "A1", "Description": "Stol"}})
    order = {"CustomerNumber": "1", "DeliveryState": "delivery", "OrderRows": [{**ROW, "OrderedQuantity": "2"}]}
    invoice = {"CustomerNumber": "1", "InvoiceRows": [ROW]}
    shown = {
        "fortnox_Kf_CustomerSingleItem": call("GET", "/customers/1")["Customer"],
        "fortnox_ArticleSingleItem": call("GET", "/articles/A1")["Article"],
        "fortnox_Order_OrderSingleItem": call("POST", "/orders", {"Order": order})["Order"],
        "fortnox_Kf_InvoiceSingleItem": call("POST", "/invoices", {"Invoice": invoice})["Invoice"],
    }
    shown["fortnox_Order_OrderRowSingleItem"] = shown["fortnox_Order_OrderSingleItem"]["OrderRows"][0]
    shown["fortnox_Kf_InvoiceRowSingleItem"] = shown["fortnox_Kf_InvoiceSingleItem"]["InvoiceRows"][0]
    never_recorded = {"InvoicePeriodReference"}
    for schema, reply in shown.items():
        declared = call.description["components"]["schemas"][schema]["properties"].keys()
        assert declared - never_recorded == reply.keys(), schema


def test_orders_are_as_described(call: Described) -> None:
    call("POST", "/customers", {"Customer": {"Name": "Kund AB"}})
    call("POST", "/articles", {"Article": {"ArticleNumber": "A1", "Description": "Stol", "Unit": "st"}})
    body = {
        "CustomerNumber": "1",
        "ExternalInvoiceReference1": "deal-1",
        "DeliveryState": "delivery",
        "OrderRows": [{**ROW, "OrderedQuantity": "2"}],
    }
    call("POST", "/orders", {"Order": body})
    call("POST", "/orders", {"Order": {"CustomerNumber": "1"}})
    call("GET", "/orders/1")
    call("GET", "/orders/9")
    call("PUT", "/orders/1/createinvoice")
    call("PUT", "/orders/1/createinvoice")
    entries = call("GET", "/orders")["Orders"]
    assert len(entries) == 2
    assert call.unknown_members("fortnox_Order_OrderListItem", entries[0]) == set()


def test_invoices_and_payments_are_as_described(call: Described) -> None:
    call("POST", "/customers", {"Customer": {"Name": "Kund AB"}})
    call("POST", "/articles", {"Article": {"ArticleNumber": "A1", "Description": "Stol"}})
    body = {"CustomerNumber": "1", "YourOrderNumber": "PO", "InvoiceRows": [ROW]}
    for _ in range(3):
        call("POST", "/invoices", {"Invoice": body})
    call("PUT", "/invoices/1", {"Invoice": {"CustomerNumber": "1", "ExternalInvoiceReference1": "x"}})
    call.simulator.book_invoice(1)
    call.simulator.cancel_invoice(2)
    call.simulator.pay_invoice(1, amount=10)
    call.simulator.credit_invoice(1)
    (paid,) = call("GET", "/invoicepayments")["InvoicePayments"]
    assert call.unknown_members("fortnox_Kf_InvoicePaymentListItem", paid) == set()
    entries = call("GET", "/invoices")["Invoices"]
    assert len(entries) == 4
    assert call.unknown_members("fortnox_Kf_InvoiceListItem", entries[0]) == set()
    for number in (1, 2, 4, 99):
        call("GET", f"/invoices/{number}")


def test_articles_and_prices_are_as_described(call: Described) -> None:
    made = call("POST", "/articles", {"Article": {"ArticleNumber": "A1", "Description": "Stol", "Unit": "st"}})
    assert call.unknown_members("fortnox_ArticleSingleItem", made["Article"]) == set()
    call("PUT", "/articles/A1", {"Article": {"Description": "Pall", "VAT": 12}})
    price = {"ArticleNumber": "A1", "PriceList": "A", "FromQuantity": 10, "Price": 99.5}
    call("POST", "/prices", {"Price": price})
    call("PUT", "/prices/A/A1", {"Price": {"ArticleNumber": "A1", "PriceList": "A", "Price": 120}})
    call("GET", "/prices/A/A1")
    (entry,) = call("GET", "/articles")["Articles"]
    assert call.unknown_members("fortnox_ArticleListItem", entry) == set()
    call("GET", "/articles/X")


def test_registers_and_company_are_as_described(call: Described) -> None:
    for path in ("/currencies", "/termsofpayments", "/pricelists"):
        call("GET", path)
    reply = call("GET", "/companyinformation")["CompanyInformation"]
    answers = call.description["paths"]["/3/companyinformation"]["get"]["responses"]["200"]["content"].values()
    wrap = call.description["components"]["schemas"][next(iter(answers))["schema"]["$ref"].rsplit("/", 1)[1]]
    inner = wrap["properties"]["CompanyInformation"]["$ref"].rsplit("/", 1)[1]
    assert call.unknown_members(inner, reply) == set()


def test_it_simulates_no_address_that_the_description_lacks(call: Described) -> None:
    described = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path.removeprefix("/3")))
        for path, item in call.description["paths"].items()
        for method in item
    }
    simulated = {
        (operation.method, re.sub(r"\{\w+\}", "{}", operation.path))
        for operation in call.simulator.resources.operations()
    }
    assert simulated <= described


def test_a_deviation_that_nobody_knows_is_found(call: Described) -> None:
    schema = {"$ref": "#/components/schemas/fortnox_Order_OrderResponse_Wrap"}
    assert call.wrong(schema, {"Order": {"CustomerNumber": "1", "Total": "12"}}) != []
    assert call.wrong(schema, {"Order": {}}) != []
