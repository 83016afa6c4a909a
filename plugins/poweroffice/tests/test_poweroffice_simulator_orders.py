"""Sales orders of the simulated PowerOffice Go: heads, lines, sums, references, and what locks them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plugins.poweroffice.tests.poweroffice_simulator_stranger import Company, furnished, line, replace


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
    assert company.values(f"/SalesOrders/{made['Id']}/Lines", "Description") == ["Arbeid", "Hilsen", "Bord"]


@pytest.mark.parametrize(
    ("quantity", "price", "allowance", "net", "vat"),
    [
        (1, 99.99, 33.333333, 66.66, 16.67),
        (3, 0.335, 0, 1.01, 0.25),
        (1, 0.01, 50, 0.01, 0),
        (-1, 0.01, 50, -0.01, 0),
        (2, 100, -50, 300, 75),
        (2, 100, 100, 0, 0),
        (1.5, 33.33, 56.75, 21.62, 5.41),
    ],
)
def test_allowance_is_percent_and_sums_are_rounded_half_away_from_zero(
    company: Company, quantity: float, price: float, allowance: float, net: float, vat: float
) -> None:
    (made,) = company.order(line(quantity, ProductUnitPrice=price, Allowance=allowance))["SalesOrderLines"]
    assert (made["NetAmount"], made["VatAmount"]) == (net, vat)


def test_a_reference_is_used_once(company: Company) -> None:
    first = company.order(line(), ExternalImportReference="deal-1")
    body = {"CustomerNo": 10000, "ExternalImportReference": "deal-1"}
    told = company.refused("POST", "/SalesOrders/Complete", body)
    assert told == f"ExternalImportReference is already in use. 'deal-1' is used on Id = {first['Id']}."
    assert len(company.values("/SalesOrders", "Id")) == 1
    second = company.order()
    assert "already in use" in company.refused(
        "PATCH", f"/SalesOrders/{second['Id']}", [replace("/ExternalImportReference", "deal-1")]
    )
    company.ok("DELETE", f"/SalesOrders/{first['Id']}")
    company.order(ExternalImportReference="deal-1")


@pytest.mark.parametrize(
    ("members", "status", "told"),
    [
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
    ],
)
def test_what_does_not_fit_makes_no_order(company: Company, members: dict[str, Any], status: int, told: str) -> None:
    assert told in company.refused("POST", "/SalesOrders/Complete", {"CustomerNo": 10000, **members}, status)
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


def test_inherited_values_are_shown_on_request() -> None:
    with furnished() as company:
        customer = company.ok("GET", "/Customers")[0]["Id"]
        person = company.ok(
            "POST", f"/ContactPersons/{customer}", {"FirstName": "Eva", "LastName": "Ås", "IsDefault": True}, 201
        )
        place = company.ok("POST", f"/ContactDeliveryAddresses/{customer}", {"City": "Oslo", "ZipCode": "0101"}, 201)
        employee = company.values("/Employees", "Id")[0]
        steps = [replace("/Allowance", 10), replace("/SalesPersonEmployeeId", employee)]
        company.patch(f"/Customers/{customer}", *steps)
        company.simulator.seed({"projects": [{"Code": "P", "Name": "P", "DepartmentCode": "2"}]})
        made = company.order(line(), line(Allowance=0, DepartmentCode="-1"), ProjectCode="P")
        assert (made["NetAmount"], made["PaymentTerm"], made["DepartmentCode"]) == (190, None, None)
        assert (made["ProjectCode"], made["SalesOrderLines"][0]["ProjectCode"]) == ("P", None)
        shown = company.ok("GET", f"/SalesOrders/{made['Id']}/Complete", showInherited="true")
        expected = {
            "PaymentTerm": 14,
            "DepartmentCode": "2",
            "SalesPersonEmployeeNumber": 1,
            "CustomerReference": "Eva Ås",
            "CustomerReferenceContactPersonId": person["Id"],
            "ContactDeliveryAddressId": place["Id"],
        }
        assert shown.items() >= expected.items()
        first, second = shown["SalesOrderLines"]
        assert (first["Allowance"], first["DepartmentCode"], first["SellersReferenceEmployeeNo"]) == (10, "2", 1)
        assert (second["Allowance"], second["DepartmentCode"], second["ProjectCode"]) == (0, "-1", "P")
        assert company.values("/SalesOrders", "PaymentTerm", showInherited="true") == [14]
        assert company.values("/SalesOrders", "PaymentTerm") == [None]


def test_a_contact_person_of_somebody_else_is_refused(company: Company) -> None:
    other = company.customer()["Id"]
    person = company.ok("POST", f"/ContactPersons/{other}", {"FirstName": "Eva", "LastName": "Ås"}, 201)["Id"]
    body = {"CustomerNo": 10000, "CustomerReferenceContactPersonId": person}
    assert "does not belong" in company.refused("POST", "/SalesOrders/Complete", body)
    company.order(CustomerNo=None, CustomerId=other, CustomerReferenceContactPersonId=person)
    assert "in use" in company.refused("DELETE", f"/ContactPersons/{other}/{person}", status=409)


def test_the_currency_is_the_customers(company: Company) -> None:
    company.customer(Number=10500, CurrencyCode="EUR")
    made = company.order(CustomerNo=10500)
    assert (made["CurrencyCode"], made["CurrencyExchangeRate"]) == ("EUR", 11.5)
    assert company.order(CurrencyCode="sek", CurrencyExchangeRate=0.9)["CurrencyExchangeRate"] == 0.9


def test_heads_are_patched_by_ids(company: Company) -> None:
    path = f"/SalesOrders/{company.order(line(), DeliveryTerm='Som avtalt')['Id']}"
    ten = company.values("/PaymentTerms", "Id")[1]
    company.clock.advance(60)
    steps = [
        replace("/CustomerReference", "Ny"),
        replace("/paymentTermId", ten),
        replace("/DeliveryDate", "2026-05-01"),
    ]
    changed = company.patch(path, *steps)
    expected = {
        "CustomerReference": "Ny",
        "PaymentTerm": 10,
        "DeliveryDate": "2026-05-01",
        "DeliveryTerm": "Som avtalt",
    }
    assert changed.items() >= expected.items()
    assert changed["LastChangedDateTimeOffset"] == "2026-03-02T09:01:00.0000000+00:00"
    told = company.refused("PATCH", path, [replace("/CustomerNo", 10000)])
    assert told == "SalesOrderPatchDto: The target location specified by path segment 'CustomerNo' was not found."
    assert "SalesOrderNo" in company.refused("PATCH", path, [replace("/SalesOrderNo", 1)])


def test_a_confirmed_order_is_locked(company: Company) -> None:
    made = company.order(line())
    path, own_line = f"/SalesOrders/{made['Id']}", made["SalesOrderLines"][0]["Id"]
    company.patch(path, replace("/SalesOrderStatus", "Confirmed"))
    assert "confirmed" in company.refused("PATCH", path, [replace("/CustomerReference", "Ny")])
    assert "confirmed" in company.refused("POST", f"{path}/Lines", line())
    assert "confirmed" in company.refused("DELETE", f"{path}/Lines/{own_line}")
    assert "confirmed" in company.refused("DELETE", path, status=409)
    changed = company.patch(path, replace("/SalesOrderStatus", "Draft"), replace("/CustomerReference", "Ny"))
    assert changed["CustomerReference"] == "Ny"
    company.ok("DELETE", path)
    company.refused("GET", path, status=404)


def test_lines_are_added_patched_and_deleted(company: Company) -> None:
    made = company.order(line())
    path = f"/SalesOrders/{made['Id']}/Lines"
    added = company.ok("POST", path, line(2, "S2", ProductUnitPrice=10, SortOrder=0), 201)
    assert company.ok("GET", f"{path}/{added['Id']}") == added
    assert company.ok("GET", f"/SalesOrders/{made['Id']}")["NetAmount"] == 120
    changed = company.patch(f"{path}/{added['Id']}", replace("/Allowance", 50), replace("/Quantity", 4))
    assert changed["NetAmount"] == 20
    first = company.values("/Products", "Id")[0]
    changed = company.patch(f"{path}/{added['Id']}", replace("/ProductId", first))
    assert (changed["ProductCode"], changed["ProductUnitPrice"]) == ("S1", 10)
    told = company.refused("PATCH", f"{path}/{added['Id']}", [replace("/ProductCode", "S1")])
    assert told == "SalesOrderLinePatchDto: The target location specified by path segment 'ProductCode' was not found."
    assert "VatId" in company.refused("PATCH", f"{path}/{added['Id']}", [replace("/VatId", 1)])
    company.ok("DELETE", f"{path}/{added['Id']}")
    company.refused("GET", f"{path}/{added['Id']}", status=404)
    assert company.ok("GET", f"/SalesOrders/{made['Id']}")["LineCount"] == 1
