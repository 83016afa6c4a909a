"""Lists of the simulated PowerOffice Go: pages, chosen members, order and filters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from plugins.poweroffice.tests.poweroffice_simulator_stranger import START, Company, connected, furnished, line


@pytest.fixture
def company() -> Iterator[Company]:
    with connected() as made:
        yield made


@pytest.fixture
def five(company: Company) -> Company:
    for number, name in enumerate("DEBAC"):
        company.customer(Name=name, Number=10010 + number, ExternalNumber=500 + number)
        company.clock.advance(60)
    return company


def test_an_empty_list_has_no_body(company: Company) -> None:
    response = company.http.get("/Customers")
    assert (response.status_code, response.content) == (204, b"")


def test_the_header_leads_from_page_to_page(five: Company) -> None:
    seen, url = [], "/Customers?PageSize=2&OrderBy=Number"
    while url:
        response = five.http.get(url)
        seen.append([row["Number"] for row in response.json()])
        url = json.loads(response.headers["X-Pagination"])["nextPageLink"]
    assert seen == [[10010, 10011], [10012, 10013], [10014]]
    assert five.values("/Customers", "Number", PageSize=5) == [10010, 10011, 10012, 10013, 10014]
    assert five.values("/Customers", "Number", PageSize=2, PageNumber=4) == []


def test_pages_are_of_five_thousand_and_never_beyond_twenty(company: Company) -> None:
    company.simulator.seed({"currencies": [{"Code": f"D{number}"} for number in range(5000)]})
    assert len(company.values("/Currencies", "Code")) == 5000
    assert len(company.values("/Currencies", "Code", PageNumber=2)) == 5
    assert len(company.values("/Currencies", "Code", PageSize=20000)) == 5005
    assert "PageSize" in company.refused("GET", "/Currencies", PageSize=20001)
    for wrong in ({"PageNumber": 0}, {"PageSize": "x"}, {"$top": 5}, {"$skip": 5}):
        company.refused("GET", "/Currencies", **wrong)


def test_members_and_order_can_be_chosen(five: Company) -> None:
    rows = five.ok("GET", "/Customers", Fields="number, Name", OrderBy="Name desc", PageSize=2)
    assert rows == [{"Name": "E", "Number": 10011}, {"Name": "D", "Number": 10010}]
    assert five.values("/Customers", "Name", OrderBy="IsPerson,Name") == ["A", "B", "C", "D", "E"]
    told = five.refused("GET", "/Customers", Fields="Id,Colour")
    assert told == "Fields property in resourceParameter is not formatted correct."
    assert "OrderBy" in five.refused("GET", "/Customers", OrderBy="Colour")
    assert "OrderBy" in five.refused("GET", "/Customers", OrderBy="Name sideways")


def test_numbers_are_filtered_by_ranges(five: Company) -> None:
    assert five.values("/Customers", "Number", customerNos="10010-10011, 10013-") == [10010, 10011, 10013, 10014]
    assert five.values("/Customers", "Number", customerNos="10012") == [10012]
    assert five.values("/Customers", "Number", customerNos=" ") == [10010, 10011, 10012, 10013, 10014]
    five.refused("GET", "/Customers", customerNos="10010;10011")


def test_ids_are_filtered_by_commas_only(five: Company) -> None:
    assert "'-' is not allowed" in five.refused("GET", "/ContactPersons", contactIds="1-5")


def test_moments_are_exclusive(company: Company) -> None:
    for code in "ABC":
        company.product(code)
        company.clock.advance(60)
    stamps = company.values("/Products", "LastChangedDateTimeOffset")
    assert stamps[1] == "2026-03-02T09:01:00.0000000+00:00"
    spaced = (START + timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S.%f+00:00")
    for since in (stamps[1], spaced, "2026-03-02T10:01:30+01:00"):
        assert company.values("/Products", "Code", lastChangedDateTimeOffsetGreaterThan=since) == ["C"], since
    company.refused("GET", "/Products?lastChangedDateTimeOffsetGreaterThan=2026-03-02T09:00:00+00:00")


def test_settings_are_listed_and_filtered(company: Company) -> None:
    assert company.values("/GeneralLedgerAccounts", "VatCode", accountNos="3000-3030") == ["3", "31"]
    assert company.values("/PaymentTerms", "CreditDays") == [0, 10, 14, 30, 45]
    assert company.values("/Employees", "FirstName", employeeNos="2") == ["Ola"]
    assert company.values("/Currencies", "IsActive") == [True, True, True, False, False]


def test_now_is_norwegian() -> None:
    with furnished() as company:
        company.clock.advance((datetime(2026, 3, 31, 23, 30, tzinfo=UTC) - START).total_seconds())
        with Company(company.simulator).http as later:
            company.http = later
            assert company.invoice(line())["VoucherDate"] == "2026-04-01"
