"""Lists of the simulated PowerOffice Go: pages, chosen members, order and filters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from plugins.poweroffice.tests.poweroffice_simulator_stranger import START, Company, connected, furnished, line, replace


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
    company.simulator.seed({"departments": [{"Code": f"D{number}", "Name": "X"} for number in range(5000)]})
    assert len(company.values("/Departments", "Code")) == 5000
    assert len(company.values("/Departments", "Code", PageNumber=2)) == 2
    assert len(company.values("/Departments", "Code", PageSize=20000)) == 5002
    assert "PageSize" in company.refused("GET", "/Departments", PageSize=20001)
    for wrong in ({"PageNumber": 0}, {"PageSize": "x"}, {"$top": 5}, {"$skip": 5}):
        company.refused("GET", "/Departments", **wrong)


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
    assert five.values("/Customers", "Number", externalNos="503-") == [10013, 10014]
    assert five.values("/Customers", "Number", customerNos=" ") == [10010, 10011, 10012, 10013, 10014]
    five.refused("GET", "/Customers", customerNos="10010;10011")


def test_ids_are_filtered_by_commas_only(five: Company) -> None:
    assert "'-' is not allowed" in five.refused("GET", "/Customers", contactGroupIds="1-5")
    five.simulator.seed({"contact_groups": [{"Name": "Viktige"}]})
    (group,) = five.values("/ContactGroups", "Id")
    assert "= 9, 8." in five.refused("GET", "/Customers", contactGroupIds=f"9,8,{group}", status=404)
    chosen = five.ok("GET", "/Customers", customerNos="10012")[0]["Id"]
    five.patch(f"/Customers/{chosen}", {"op": "add", "path": "/contactGroupIds/-", "value": str(group)})
    assert five.values("/Customers", "Number", contactGroupIds=group) == [10012]


def test_moments_are_exclusive(five: Company) -> None:
    stamps = five.values("/Customers", "LastChangedDateTimeOffset")
    assert stamps[1] == "2026-03-02T09:01:00.0000000+00:00"
    later = {"lastChangedDateTimeOffsetGreaterThan": stamps[2]}
    assert five.values("/Customers", "Number", **later) == [10013, 10014]
    spaced = (START + timedelta(minutes=2)).strftime("%Y-%m-%d %H:%M:%S.%f+00:00")
    assert five.values("/Customers", "Number", lastChangedDateTimeOffsetGreaterThan=spaced) == [10013, 10014]
    created = {"customerCreatedDateTimeOffsetGreaterThan": "2026-03-02T10:02:30+01:00"}
    assert five.values("/Customers", "Number", **created) == [10013, 10014]
    five.refused("GET", "/Customers?lastChangedDateTimeOffsetGreaterThan=2026-03-02T09:00:00+00:00")


def test_a_change_of_the_address_alone_is_not_told(five: Company) -> None:
    customer = five.ok("GET", "/Customers", customerNos="10010")[0]
    address = {"City": "Oslo", "ZipCode": "0101"}
    changed = five.patch(f"/Customers/{customer['Id']}", {"op": "add", "path": "/MailAddress", "value": address})
    assert changed["LastChangedDateTimeOffset"] == customer["LastChangedDateTimeOffset"]
    assert changed["MailAddress"]["LastChangedDateTimeOffset"] == "2026-03-02T09:05:00.0000000+00:00"
    changed = five.patch(f"/Customers/{customer['Id']}", replace("/Name", "Ny"))
    assert changed["LastChangedDateTimeOffset"] == "2026-03-02T09:05:00.0000000+00:00"


def test_orders_are_filtered() -> None:
    with furnished() as company:
        company.customer(Number=10500)
        first = company.order(line(), DepartmentCode="1")
        company.clock.advance(60)
        second = company.order(line(), CustomerNo=10500, SalesOrderStatus="Confirmed")
        company.simulator.seed({"orders": [{"CustomerNo": 10000}]})
        third = company.values("/SalesOrders", "Id")[2]
        assert company.values("/SalesOrders", "Id", customerNos="10000-10400") == [first["Id"], third]
        assert company.values("/SalesOrders", "Id", orderStatus="confirmed") == [second["Id"]]
        assert company.values("/SalesOrders", "Id", departmentCodes="1,2") == [first["Id"]]
        assert company.values("/SalesOrders", "Id", departmentCodes="-1") == [second["Id"], third]
        own = {"onlyCreatedByCurrentIntegration": "true"}
        assert company.values("/SalesOrders", "Id", **own) == [first["Id"], second["Id"]]
        since = first["LastChangedDateTimeOffset"]
        later = company.values("/SalesOrders", "Id", lastChangedDateTimeOffsetGreaterThan=since)
        assert later == [second["Id"], third]
        company.refused("GET", "/SalesOrders", orderStatus="Lost")
        company.refused("GET", "/SalesOrders", onlyCreatedByCurrentIntegration="maybe")


def test_settings_are_listed_and_filtered(company: Company) -> None:
    assert company.values("/GeneralLedgerAccounts", "VatCode", accountNos="3000-3030") == ["3", "31"]
    assert company.values("/PaymentTerms", "CreditDays") == [0, 10, 14, 30, 45]
    assert company.values("/Employees", "FirstName", employeeNos="2") == ["Ola"]
    assert company.values("/Currencies", "Code", isActive="true") == ["NOK", "SEK", "EUR"]
    assert company.values("/Currencies", "Code", currencyCode="sek") == ["SEK"]
    assert company.values("/VatCodes", "Rate", isActive="true") == [0.25, 0.15, 0.12, 0, 0]
    assert company.values("/SubLedgerNumberSeries", "FromInclusive", subLedgerNumberSeriesType="Customer") == [10000]
    assert company.values("/SubLedgerNumberSeries", "Id", subLedgerNumberSeriesType="customer") == []
    assert company.values("/DeliveryTerms", "Name") == ["DAP", "EXW", "FCA"]
    assert company.values("/Departments", "Name", codes="2") == ["Service"]
    assert company.values("/BrandingThemes", "Code") == ["1"]
    assert company.ok("GET", "/VatSettings") == {"IsVatRegistered": True, "VatNumber": "999999999"}
    company.simulator.seed({"vat_codes": [{"Code": "9", "Rate": 0.2, "IsActive": True, "ValidTo": "2020-01-01"}]})
    assert "9" not in company.values("/VatCodes", "Code")
    assert "9" in company.values("/VatCodes", "Code", includeExpired="true")
    (employee,) = company.values("/Employees", "Id", employeeNos="1")
    assert company.ok("GET", f"/Employees/{employee}")["EmailAddress"] == "kari@example.com"
    (series,) = company.values("/SubLedgerNumberSeries", "Id")
    assert company.ok("GET", f"/SubLedgerNumberSeries/{series}")["IsDefault"] is True


def test_payment_terms_can_be_made_and_deleted(company: Company) -> None:
    made = company.ok("POST", "/PaymentTerms", {"Name": "60 dager", "CreditDays": 60, "IsDefault": True}, 201)
    assert company.values("/PaymentTerms", "IsDefault") == [False, False, False, False, False, True]
    company.customer(PaymentTermId=made["Id"])
    assert "in use" in company.refused("DELETE", f"/PaymentTerms/{made['Id']}", status=409)
    assert company.patch(f"/PaymentTerms/{made['Id']}", replace("/Name", "To måneder"))["Name"] == "To måneder"
    company.ok("DELETE", f"/PaymentTerms/{company.values('/PaymentTerms', 'Id')[0]}", status=201)
    assert company.values("/PaymentTerms", "CreditDays") == [10, 14, 30, 45, 60]
    assert "CreditDays" in company.refused("POST", "/PaymentTerms", {"Name": "X"})


def test_now_is_norwegian() -> None:
    with furnished() as company:
        company.clock.advance((datetime(2026, 3, 31, 23, 30, tzinfo=UTC) - START).total_seconds())
        with Company(company.simulator).http as later:
            company.http = later
            assert company.invoice(line())["VoucherDate"] == "2026-04-01"
