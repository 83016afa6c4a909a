"""Products and product groups of the simulated PowerOffice Go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plugins.poweroffice.tests.poweroffice_simulator_stranger import Company, connected, furnished, line, replace


@pytest.fixture
def company() -> Iterator[Company]:
    with connected() as made:
        yield made


def test_a_product_needs_only_a_name(company: Company) -> None:
    made = company.ok("POST", "/Products", {"Name": "Stol"}, 201)
    shown = {"Code": None, "ProductType": "Product", "IsArchived": False, "ProductGroupCode": "1", "UnitPrice": None}
    assert made.items() >= shown.items()
    assert "Name" in company.refused("POST", "/Products", {"Code": "S"})
    assert company.ok("GET", "/Products") == [made]


def test_products_are_filtered(company: Company) -> None:
    company.product("S1", Name="Stol")
    company.clock.advance(60)
    company.product("B,1", Name="Bord", ProductType="Service")
    company.product("L1", Name="Lampe", IsArchived=True)
    assert company.values("/Products", "Name", codes="s1, l1") == ["Stol", "Lampe"]
    assert company.values("/Products", "Name", codes="B,1") == []
    assert company.values("/Products", "Name", names="Bord,Stol") == ["Stol", "Bord"]
    since = {"lastChangedDateTimeOffsetGreaterThan": "2026-03-02T09:00:00Z"}
    assert company.values("/Products", "Name", **since) == ["Bord", "Lampe"]


def test_what_does_not_fit_is_refused(company: Company) -> None:
    company.product("S1")
    for members, status, told in (
        ({"Code": "s1"}, 400, "already in use"),
        ({"StandardSalesAccount": 9999}, 404, "General ledger account with account number = 9999 not found."),
        ({"ProductGroupCode": "X"}, 404, "Product group with code = 'X' not found."),
        ({"UnitOfMeasureCode": "stk"}, 400, "UnitOfMeasureCode"),
        ({"ProductType": "Thing"}, 400, "ProductType"),
        ({"Code": "x" * 101}, 400, "maximum length of 100"),
    ):
        assert told in company.refused("POST", "/Products", {"Name": "X", **members}, status), members


def test_products_are_patched(company: Company) -> None:
    path = f"/Products/{company.product()['Id']}"
    company.clock.advance(60)
    changed = company.patch(path, replace("/name", "Krakk"), replace("/unitCost", "100"))
    assert (changed["Name"], changed["UnitCost"]) == ("Krakk", 100)
    assert changed["LastChangedDateTimeOffset"] == "2026-03-02T09:01:00.0000000+00:00"
    assert "StandardSalesAccount'" in company.refused("PATCH", path, [replace("/StandardSalesAccount", 3000)])
    account = company.ok("GET", "/GeneralLedgerAccounts", accountNos="3040")[0]["Id"]
    assert company.patch(path, replace("/StandardSalesAccountId", account))["StandardSalesAccount"] == 3040


def test_groups_give_what_a_product_lacks() -> None:
    with furnished() as company:
        group = {"Code": "BOK", "Name": "Bøker", "UnitPrice": 80, "UnitCost": 30, "StandardSalesAccount": 3040}
        company.simulator.seed({"product_groups": [group]})
        assert company.values("/ProductGroups", "StandardSalesAccount") == [3000, 3040]
        company.product("B1", None, Name="Bok", ProductGroupCode="BOK")
        (made,) = company.order(line(2, "B1"))["SalesOrderLines"]
        shown = {"ProductUnitPrice": 80, "ProductUnitCost": 30, "VatRate": 0.12, "NetAmount": 160}
        assert made.items() >= shown.items()
