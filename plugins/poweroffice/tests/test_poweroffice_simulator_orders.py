"""Sales orders of the simulated PowerOffice Go: heads, lines, sums, references, and what locks them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plugins.poweroffice.tests.poweroffice_simulator_stranger import Company, furnished, line


@pytest.fixture
def company() -> Iterator[Company]:
    with furnished() as made:
        yield made


def test_an_order_is_made_complete_with_its_lines(company: Company) -> None:
    made = company.order(
        line(3, Allowance=25, UnitOfMeasureCode="HUR", Description="Arbeid", ExternalImportReference="r1"),
        {"LineType": "Text", "Description": "Hilsen"},
        line(2, "S2", ProductUnitPrice=12.5),
        ExternalImportReference="deal-1",
        CustomerReference="Deres ref",
        SalesPersonEmployeeNumber=2,
        SalesOrderDate="2026-02-03",
        CurrencyCode="NOK",
        ImportedOrderNo=77,
        PurchaseOrderReference="PO",
    )
    shown = {
        "SalesOrderNo": 5001,
        "SalesOrderStatus": "Draft",
        "CustomerNo": 10000,
        "CustomerReference": "Deres ref",
        "SalesPersonEmployeeNumber": 2,
        "SalesOrderDate": "2026-02-03",
        "ExternalImportReference": "deal-1",
        "ImportedOrderNo": 77,
        "NetAmount": 250,
        "TotalAmount": 312.5,
        "LineCount": 3,
        "IsCreatedByCurrentIntegration": True,
        "PaymentTerm": None,
    }
    assert made.items() >= shown.items()
    first, text, last = made["SalesOrderLines"]
    expected = {
        "Description": "Arbeid",
        "ProductUnitPrice": 100,
        "Allowance": 25,
        "NetAmount": 225,
        "VatAmount": 56.25,
        "TotalAmount": 281.25,
        "VatCode": "3",
        "VatRate": 0.25,
        "UnitOfMeasureCode": "HUR",
        "SortOrder": 0,
        "SalesOrderId": made["Id"],
    }
    assert first.items() >= expected.items()
    assert (text["NetAmount"], text["ProductCode"], text["VatRate"]) == (0, None, None)
    assert (last["Description"], last["NetAmount"], last["SortOrder"]) == ("Bord", 25, 2)
    assert company.ok("GET", f"/SalesOrders/{made['Id']}/Complete") == made
    header = company.ok("GET", f"/SalesOrders/{made['Id']}")
    assert header == {name: value for name, value in made.items() if name != "SalesOrderLines"}


def test_allowance_is_percent_and_sums_are_rounded_half_away_from_zero(company: Company) -> None:
    for quantity, price, allowance, net, vat in (
        (1, 99.99, 33.333333, 66.66, 16.67),
        (3, 0.335, 0, 1.01, 0.25),
        (1, 0.01, 50, 0.01, 0),
        (-1, 0.01, 50, -0.01, 0),
        (2, 100, -50, 300, 75),
        (2, 100, 100, 0, 0),
        (1.5, 33.33, 56.75, 21.62, 5.41),
    ):
        (made,) = company.order(line(quantity, ProductUnitPrice=price, Allowance=allowance))["SalesOrderLines"]
        assert (made["NetAmount"], made["VatAmount"]) == (net, vat)


def test_a_reference_is_used_once(company: Company) -> None:
    first = company.order(line(), ExternalImportReference="deal-1")
    body = {"CustomerNo": 10000, "ExternalImportReference": "deal-1"}
    told = company.refused("POST", "/SalesOrders/Complete", body)
    assert told == f"ExternalImportReference is already in use. 'deal-1' is used on Id = {first['Id']}."
    assert len(company.values("/SalesOrders", "Id")) == 1


def test_what_does_not_fit_makes_no_order(company: Company) -> None:
    for members, status, told in (
        ({"CustomerNo": 99}, 404, "Customer with number = 99 not found."),
        ({"CustomerId": 99}, 404, "Customer with id = 99 not found."),
        ({"SalesPersonEmployeeNumber": 99}, 404, "Employee with number = 99 not found."),
        ({"CurrencyCode": "XXX"}, 400, "XXX"),
        ({"DepartmentCode": "9"}, 404, "Department with code = '9' not found."),
        ({"LocationCode": "9"}, 404, "Location with code = '9' not found."),
        ({"ContactDeliveryAddressId": 9}, 404, "Contact delivery address with id = 9 not found."),
        ({"RelatedInvoiceNo": 9}, 404, "invoice number = 9 not found"),
        ({"SalesOrderStatus": "Lost"}, 400, "SalesOrderStatus"),
        ({"ExternalImportReference": "x" * 51}, 400, "50"),
        ({"SalesOrderLines": {}}, 400, "SalesOrderLines"),
        ({"SalesOrderLines": [line(code="S9")]}, 404, "Product with code = 'S9' not found."),
        ({"SalesOrderLines": [{"ProductCode": "S1"}]}, 400, "Quantity is required"),
        ({"SalesOrderLines": [line(Allowance=100.01)]}, 400, "Allowance"),
        ({"SalesOrderLines": [line(UnitOfMeasureCode="stk")]}, 400, "SalesOrderLines[0].UnitOfMeasureCode"),
        ({"SalesOrderLines": [line(Quantity="1")]}, 400, "SalesOrderLines[0].Quantity"),
        ({"SalesOrderLines": [line(ExternalImportReference="a")] * 2}, 400, "another line"),
        ({"SalesOrderLines": [line(LineType="Total")]}, 400, "LineType"),
    ):
        body = {"CustomerNo": 10000, **members}
        assert told in company.refused("POST", "/SalesOrders/Complete", body, status), members
    assert company.values("/SalesOrders", "Id") == []
    assert company.order()["SalesOrderNo"] == 5001


def test_vat_follows_the_account_and_the_customer(company: Company) -> None:
    company.customer(Number=10500, IsVatFree=True)
    company.product("L1", StandardSalesAccount=3040, OptionalSalesAccount=3030)
    body = [line(code="L1"), line(code="L1", UseStandardSalesAccount=False)]
    rates = [made["VatRate"] for made in company.order(*body)["SalesOrderLines"]]
    assert rates == [0.12, 0.15]
    free = company.order(line(code="L1"), line(code="L1", UseStandardSalesAccount=True), line(), CustomerNo=10500)
    assert [made["VatCode"] for made in free["SalesOrderLines"]] == ["31", "33", "52"]
    company.simulator.seed({"settings": {"IsVatRegistered": False}})
    assert company.order(line())["TotalAmount"] == 100


def test_a_contact_person_of_somebody_else_is_refused(company: Company) -> None:
    other = company.customer()["Id"]
    person = company.ok("POST", f"/ContactPersons/{other}", {"FirstName": "Eva", "LastName": "Ås"}, 201)["Id"]
    body = {"CustomerNo": 10000, "CustomerReferenceContactPersonId": person}
    assert "does not belong" in company.refused("POST", "/SalesOrders/Complete", body)
    made = company.order(CustomerNo=None, CustomerId=other, CustomerReferenceContactPersonId=person)
    assert made["CustomerReference"] == "Eva Ås"


def test_the_currency_is_the_customers(company: Company) -> None:
    company.customer(Number=10500, CurrencyCode="EUR")
    made = company.order(CustomerNo=10500)
    assert (made["CurrencyCode"], made["CurrencyExchangeRate"]) == ("EUR", 11.5)
    assert company.order(CurrencyCode="sek", CurrencyExchangeRate=0.9)["CurrencyExchangeRate"] == 0.9
