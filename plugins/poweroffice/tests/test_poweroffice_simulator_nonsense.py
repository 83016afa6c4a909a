"""Nonsense that is sent to the simulated PowerOffice Go: it is refused or taken, and never breaks the simulator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from erpcore_poweroffice.simulator import operations
from erpcore_poweroffice.simulator.calls import Operation
from erpcore_poweroffice.simulator.members import SHAPES
from hypothesis import HealthCheck, given, settings, strategies as st

from plugins.poweroffice.tests.poweroffice_simulator_stranger import PATCH, Company, furnished, line

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "x", "-1", "S1", "NOK", "Draft", "Confirmed", "Text", "PdfPrintForDownload", "9999-12-31"]),
    st.sampled_from([1e14, -1e14, 1e-300, 100, -1000, 10000]),
)
MEMBERS = sorted({member for shape in SHAPES.values() for member in shape.members})
FLAT = st.dictionaries(st.sampled_from(MEMBERS), VALUES, max_size=6)
BODIES = st.one_of(
    VALUES,
    st.lists(VALUES, max_size=3),
    FLAT,
    st.builds(lambda body, lines: {**body, "SalesOrderLines": lines}, FLAT, st.lists(FLAT, max_size=3)),
    st.builds(lambda body, more: {**body, "MailAddress": more}, FLAT, FLAT),
)
SENSIBLE = {
    "Name": "X",
    "Code": None,
    "CreditDays": 5,
    "City": "Oslo",
    "ZipCode": "1",
    "FirstName": "A",
    "LastName": "B",
}
PATHS = st.sampled_from(MEMBERS).map(lambda member: f"/{member}") | st.sampled_from(
    ["", "/", "//", "/MailAddress/City", "/Name/x/y", "/~1"]
)
STEPS = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["replace", "replace", "replace", "add"]), "path": PATHS},
        optional={"value": VALUES | st.lists(VALUES, max_size=2) | FLAT},
    ),
    max_size=4,
)
QUERIES = st.dictionaries(
    st.sampled_from(
        [
            "PageSize",
            "PageNumber",
            "Fields",
            "OrderBy",
            "customerNos",
            "contactIds",
            "codes",
            "matchId",
            "id",
            "lastChangedDateTimeOffsetGreaterThan",
            "invoiceNos",
        ]
    ),
    st.sampled_from(["", "1", "-1", "x", "1-2,5-", "true", "2026-01-01", "Id,Name", "Id desc", "1,2", "9" * 30]),
    max_size=5,
)


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    with furnished() as made:
        yield made


def filled(company: Company, operation: Operation) -> str:
    """Return an address with ids that are there as far as there are any."""
    books = company.simulator.books
    area = operation.path.split("/")[1]
    tables = {
        "Customers": "customers",
        "Products": "products",
        "SalesOrders": "orders",
        "OutgoingInvoices": "invoices",
        "ContactPersons": "contact_persons",
        "ContactDeliveryAddresses": "delivery_addresses",
    }
    newest = next(reversed(books.tables.get(tables.get(area, ""), {})), "5")
    contact = next(iter(books.tables["customers"]), 5)
    return re.sub(r"\{(\w+)\}", lambda found: str(contact if found[1] == "contactId" else newest), operation.path)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(operations()), BODIES, st.booleans(), STEPS, QUERIES)
def test_nothing_breaks_it(
    company: Company, operation: Operation, body: Any, sensible: bool, steps: Any, query: dict[str, str]
) -> None:
    if operation.method == "PATCH":
        body = steps
    elif sensible and isinstance(body, dict):
        body = {**SENSIBLE, "CustomerNo": 10000, **body}
    headers = PATCH if operation.method == "PATCH" else {}
    response = company.http.request(
        operation.method,
        filled(company, operation),
        json=None if operation.method in ("GET", "DELETE") else body,
        params=query or None,
        headers=headers,
    )
    assert response.status_code < 500
    company.clock.advance(0.1)
    if company.clock.now().minute % 10 == 0:
        company.http.headers["Authorization"] = f"Bearer {company.simulator.token()}"
    assert company.simulator.state()["customers"] is not None


def test_the_largest_values_are_computed() -> None:
    with furnished() as company:
        made = company.order(line(9e14, ProductUnitPrice=9e14, Allowance=-1000))
        assert made["NetAmount"] == 891 * 10**28
