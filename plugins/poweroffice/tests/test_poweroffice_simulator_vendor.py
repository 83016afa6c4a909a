"""The simulated PowerOffice Go held to the vendor's own description of the API, where a copy is at hand.

``pytest --vendor-specs DIR`` with the description as ``DIR/poweroffice/openapi.yaml``, and that of tokens beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from erpcore_poweroffice.simulator import Behaviour, PowerOfficeSimulator, operations
from erpcore_poweroffice.simulator.choices import CHOICES
from erpcore_poweroffice.simulator.demo import APPLICATION_KEY, CLIENT_KEY
from erpcore_poweroffice.simulator.members import SHAPES
from openapi_schema_validator import OAS30Validator

from erpcore.simulator import Clock
from plugins.poweroffice.tests.poweroffice_simulator_stranger import PATCH, START, Company, connected, line, replace

# Where the simulator does not follow the description, and why.
STATUSES = {("POST", "/Products", 201): "seen on the demo system; the description says 200"}
MEMBERS = {("ClientIntegrationInformationDto", "AllowSendInvoice"): "seen in 2026, after the description was made"}
NOT_SHOWN = {("SalesOrderLineDto", "Accrual"): "accruals are not simulated"}
NOT_TAKEN = {("SalesOrderLinePostDto", "Accrual"): "accruals are not simulated"}
NULL_REASON = "an enumeration or object without a value is null; the description marks only plain members as nullable"
PARTS = {
    "ProjectDto": "only what orders need of a project is simulated",
    "VatCodeDto": "bases of mixed VAT are not simulated",
}
RESOURCE_PARAMETERS = {"PageNumber", "PageSize", "Fields", "OrderBy"}


@pytest.fixture(scope="module")
def description(request: pytest.FixtureRequest) -> dict[str, Any]:
    folder = request.config.getoption("--vendor-specs", default=None)
    if folder is None:
        pytest.skip("needs --vendor-specs DIR with the vendor's interface descriptions")
    path = Path(folder) / "poweroffice" / "openapi.yaml"
    if not path.exists():
        pytest.skip(f"there is no {path}")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 a safe loader, the fast one
    # Dates among the examples have become Python dates, which JSON tools do not know.
    described: dict[str, Any] = json.loads(json.dumps(loaded, default=str))
    return described


class Described:
    """A client that holds each request and reply to the description."""

    def __init__(self, description: dict[str, Any], company: Company) -> None:
        self.description = description
        self.company = company

    def __call__(self, method: str, path: str, body: object = None, **params: Any) -> Any:
        headers = PATCH if method == "PATCH" else {}
        response = self.company.http.request(method, path, json=body, params=params or None, headers=headers)
        template, operation = self._operation(method, path)
        self._check_request(operation, body, params)
        declared = operation["responses"]
        status = response.status_code
        if (method, template, status) in STATUSES:
            schema = next(iter(declared["200"]["content"].values()))["schema"]
        else:
            assert str(status) in declared, f"{method} {path} answered {status}, which is not declared: {response.text}"
            content = declared[str(status)].get("content")
            assert bool(content) == bool(response.content), f"{method} {path} {status}"
            if not response.content:
                return None
            schema = next(iter(content.values()))["schema"]
        reply = response.json()
        assert self.wrong(schema, reply) == [], f"{method} {path}"
        return reply

    def wrong(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Return where a value breaks the description in a way that no deviation explains."""
        whole = {**schema, "components": self.description["components"]}
        validator = OAS30Validator(whole, format_checker=OAS30Validator.FORMAT_CHECKER)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(_plain(value))]

    def _check_request(self, operation: dict[str, Any], body: object, params: dict[str, Any]) -> None:
        names = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"}
        allowed = (names - {"resourceParameter"}) | (RESOURCE_PARAMETERS if "resourceParameter" in names else set())
        assert params.keys() <= allowed
        if body is not None:
            schema = next(iter(operation["requestBody"]["content"].values()))["schema"]
            # The description has a patch's value as an object only, and text and numbers in its own examples.
            plain = [{**step, "value": {}} for step in body] if isinstance(body, list) else body
            assert self.wrong(schema, plain) == []

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        for template, item in sorted(self.description["paths"].items(), key=lambda entry: "{" in entry[0]):
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            # Addresses may be in any case: the description and the vendor's support write them differently.
            if method.lower() in item and re.fullmatch(pattern, path, re.IGNORECASE):
                return template, item[method.lower()]
        raise AssertionError(f"the description has no {method} {path}")


def _plain(value: Any) -> Any:
    """Drop members that are null (`NULL_REASON`) or later than the description (`MEMBERS`)."""
    late = {member for _, member in MEMBERS}
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if inner is not None and name not in late}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


@pytest.fixture
def call(description: dict[str, Any]) -> Iterator[Described]:
    with connected() as company:
        yield Described(description, company)


CUSTOMER = {
    "Name": "Kunde AS",
    "OrganizationNumber": "999999999",
    "EmailAddress": "post@example.com",
    "InvoiceEmailAddress": "faktura@example.com",
    "MailAddress": {"AddressLine1": "Storgata 1", "City": "Oslo", "ZipCode": "0101", "CountryCode": "NO"},
    "PaymentTerm": 30,
    "SalesPersonEmployeeNumber": 1,
    "ExternalImportReference": "crm-1",
    "Allowance": 2.5,
}


def test_customers_are_as_described(call: Described) -> None:
    made = call("POST", "/Customers", CUSTOMER)
    path = f"/Customers/{made['Id']}"
    call("GET", "/Customers", externalImportReference="crm-1", PageSize=1, PageNumber=1, OrderBy="Number")
    call("GET", "/Customers", customerNos="5-6")
    call("POST", "/Customers", CUSTOMER)
    call("POST", "/Customers", {"Name": "X", "DepartmentCode": "9"})
    call("PATCH", path, [replace("/phoneNumber", "1"), replace("/WebsiteUrl", None)])
    call("PATCH", path, [replace("/abc", "1")])
    for address, body in (
        ("/ContactPersons", {"FirstName": "Eva", "LastName": "Ås", "EmailAddress": "e@example.com", "IsDefault": True}),
        ("/ContactDeliveryAddresses", {"City": "Oslo", "ZipCode": "0101", "CountryCode": "NO", "IsPrimary": True}),
    ):
        part = call("POST", f"{address}/{made['Id']}", body)
        call("GET", address, contactIds=str(made["Id"]))
        call("GET", address, contactIds="7")
        call("POST", f"{address}/5", body)
    call("GET", f"/ContactDeliveryAddresses/{made['Id']}/{part['Id']}")
    call("GET", f"/ContactDeliveryAddresses/{made['Id']}/5")


def test_products_are_as_described(call: Described) -> None:
    body = {"Name": "Stol", "Code": "S1", "UnitPrice": 12.5, "UnitOfMeasureCode": "EA", "StandardSalesAccount": 3000}
    made = call("POST", "/Products", body)
    call("POST", "/Products", body)
    call("GET", "/Products", codes="S1", Fields="Id,Code")
    call("GET", "/Products", Fields="Colour")
    call("GET", "/Products", codes="none")
    call("PATCH", f"/Products/{made['Id']}", [replace("/name", "Krakk")])
    call("GET", "/ProductGroups")


def test_settings_are_as_described(call: Described) -> None:
    for path in ("/ClientIntegrationInformation", "/Currencies", "/PaymentTerms"):
        call("GET", path)
    call("GET", "/GeneralLedgerAccounts", accountNos="3000-3999")
    call("GET", "/Employees", employeeNos="1")


def test_orders_invoices_and_the_ledger(call: Described) -> None:
    number = call("POST", "/Customers", CUSTOMER)["Number"]
    call("POST", "/Products", {"Name": "Stol", "Code": "S1", "UnitPrice": 100})
    body = {
        "CustomerNo": number,
        "ExternalImportReference": "deal-1",
        "CustomerReference": "Ref",
        "SalesPersonEmployeeNumber": 1,
        "SalesOrderDate": "2026-03-02",
        "CurrencyCode": "EUR",
        "SalesOrderLines": [
            line(2.5, Allowance=33.333333, UnitOfMeasureCode="HUR"),
            {"LineType": "Text", "Description": "A"},
        ],
    }
    order = call("POST", "/SalesOrders/Complete", body)
    path = f"/SalesOrders/{order['Id']}"
    call("POST", "/SalesOrders/Complete", body)
    call("POST", "/SalesOrders/Complete", {"CustomerNo": 5})
    call("GET", "/SalesOrders", Fields="Id,ExternalImportReference")
    call("GET", path)
    call("GET", f"{path}/Complete")
    call("GET", "/SalesOrders/SentState", id=order["Id"])
    wanted = {"DeliveryType": "PdfPrintForDownload", "VoucherDate": "2026-03-02"}
    call("POST", f"{path}/CreateAndSendInvoice", wanted)
    call("GET", "/SalesOrders/SentState", id=order["Id"])
    call.company.clock.advance(1)
    (state,) = call("GET", "/SalesOrders/SentState", id=order["Id"])
    call("POST", f"{path}/CreateAndSendInvoice", wanted)
    call.company.simulator.seed({"payments": [{"InvoiceNo": state["InvoiceNo"], "Amount": 10}]})
    (invoice,) = call("GET", "/OutgoingInvoices", invoiceNos=str(state["InvoiceNo"]))
    call("GET", "/OutgoingInvoices", invoiceNos="5")
    call("GET", f"/OutgoingInvoices/{order['Id']}")
    call("GET", f"/OutgoingInvoices/{order['Id']}/Lines")
    call("GET", "/OutgoingInvoices/00000000-0000-4000-8000-000000000000")
    call("GET", "/Customerledger/EntriesByMatchId", matchId=invoice["MatchId"])
    call("GET", path)


def test_tokens_are_as_their_own_description_says(request: pytest.FixtureRequest, description: dict[str, Any]) -> None:
    folder = Path(request.config.getoption("--vendor-specs"))
    tokens = json.loads((folder / "poweroffice" / "auth-endpoint.json").read_text(encoding="utf-8"))
    declared = tokens["paths"]["/Token"]["post"]["responses"]
    # The window's statusCode is text there, and a number in replies that were seen; a switch decides.
    behaviour = Behaviour(throttle_code_as_text=True)
    simulator = PowerOfficeSimulator(rate_limit=2, clock=Clock(START, ticking=False), behaviour=behaviour)
    client, url = Company(simulator).http, "http://poweroffice/Demo/OAuth/Token"
    for client_key, status in ((CLIENT_KEY, 200), ("wrong", 400), (CLIENT_KEY, 429)):
        form = {"grant_type": "client_credentials"}
        response = client.post(url, data=form, auth=(APPLICATION_KEY, client_key))
        assert response.status_code == status
        schema = declared[str(status)]["content"]["application/json"]["schema"]
        whole = {**schema, "components": tokens["components"]}
        assert list(OAS30Validator(whole).iter_errors(response.json())) == []
        assert response.json().keys() == declared[str(status)]["content"]["application/json"]["example"].keys()


def test_it_simulates_no_address_that_the_description_lacks(description: dict[str, Any]) -> None:
    def place(method: str, path: str) -> tuple[str, str]:
        return method.upper(), re.sub(r"\{\w+\}", "{}", path).lower()

    described = {place(method, path) for path, item in description["paths"].items() for method in item}
    assert {place(operation.method, operation.path) for operation in operations()} <= described


def test_every_member_of_the_description_is_known(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    model = {"SalesOrder": "SalesOrderComplete"}
    for shape in SHAPES.values():
        name = model.get(shape.name, shape.name)
        reply = f"{name}Dto"
        shown = {member.name for member in shape.members.values() if member.shown}
        declared = schemas[reply]["properties"].keys()
        if reply in PARTS:
            assert shown < declared, reply
        else:
            assert shown == declared - {member for model_name, member in NOT_SHOWN if model_name == reply}, reply
        request = f"{name}PostDto"
        taken = {member.name for member in shape.members.values() if member.create}
        if taken:
            lacking = {member for model_name, member in NOT_TAKEN if model_name == request}
            assert taken == schemas[request]["properties"].keys() - lacking, request
            needed = {member.name for member in shape.members.values() if member.needed}
            assert needed == set(schemas[request].get("required") or ()), request


def test_closed_lists_are_those_of_the_description(description: dict[str, Any]) -> None:
    for name, values in CHOICES.items():
        assert list(values) == description["components"]["schemas"][name]["enum"], name


def test_a_deviation_that_nobody_knows_is_found(call: Described) -> None:
    schema = {"$ref": "#/components/schemas/SalesOrderDto"}
    assert call.wrong(schema, {"NetAmount": "12"}) != []
    assert call.wrong(schema, {"Colour": 1}) != []
    assert call.wrong(schema, {"SalesOrderDate": "today"}) != []
