"""Products and product groups of the simulated PowerOffice Go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
    assert company.ok("GET", f"/Products/{made['Id']}") == made


def test_products_are_filtered(company: Company) -> None:
    company.product("S1", Name="Stol")
    company.clock.advance(60)
    company.product("B,1", Name="Bord", ProductType="Service")
    company.product("L1", Name="Lampe", IsArchived=True)
    assert company.values("/Products", "Name", codes="s1, l1") == ["Stol", "Lampe"]
    assert company.values("/Products", "Name", codes="B,1") == []
    assert company.values("/Products", "Name", names="Bord,Stol") == ["Stol", "Bord"]
    assert company.values("/Products", "Name", type="Service") == ["Bord"]
    assert company.values("/Products", "Name", isArchived="true") == ["Lampe"]
    assert company.values("/Products", "Name", productGroupCodes="1,2") == ["Stol", "Bord", "Lampe"]
    since = {"lastChangedDateTimeOffsetGreaterThan": "2026-03-02T09:00:00Z"}
    assert company.values("/Products", "Name", **since) == ["Bord", "Lampe"]
    since = {"createdDateTimeOffsetGreaterThan": "2026-03-02T09:00:00Z"}
    assert company.values("/Products", "Name", **since) == ["Bord", "Lampe"]


@pytest.mark.parametrize(
    ("members", "status", "told"),
    [
        ({"Code": "s1"}, 400, "already in use"),
        ({"StandardSalesAccount": 9999}, 404, "General ledger account with account number = 9999 not found."),
        ({"ProductGroupCode": "X"}, 404, "Product group with code = 'X' not found."),
        ({"UnitOfMeasureCode": "stk"}, 400, "UnitOfMeasureCode"),
        ({"StockOnHand": 4}, 400, "IsStockItem"),
        ({"ProductType": "Thing"}, 400, "ProductType"),
        ({"Code": "x" * 101}, 400, "maximum length of 100"),
    ],
)
def test_what_does_not_fit_is_refused(company: Company, members: dict[str, Any], status: int, told: str) -> None:
    company.product("S1")
    assert told in company.refused("POST", "/Products", {"Name": "X", **members}, status)


def test_products_are_patched(company: Company) -> None:
    path = f"/Products/{company.product()['Id']}"
    company.clock.advance(60)
    changed = company.patch(path, replace("/name", "Krakk"), {"op": "copy", "from": "/unitPrice", "path": "/unitCost"})
    assert (changed["Name"], changed["UnitCost"]) == ("Krakk", 100)
    assert changed["LastChangedDateTimeOffset"] == "2026-03-02T09:01:00.0000000+00:00"
    assert "StandardSalesAccount'" in company.refused("PATCH", path, [replace("/StandardSalesAccount", 3000)])
    account = company.ok("GET", "/GeneralLedgerAccounts", accountNos="3040")[0]["Id"]
    assert company.patch(path, replace("/StandardSalesAccountId", account))["StandardSalesAccount"] == 3040


def test_stock(company: Company) -> None:
    company.customer()
    path = f"/Products/{company.product(IsStockItem=True, StockOnHand=10)['Id']}"
    before = company.ok("GET", path)
    assert (before["StockOnHand"], before["StockAvailable"]) == (10, 10)
    company.order(line(3), SalesOrderStatus="Confirmed")
    company.order(line(2))
    assert company.ok("GET", path)["StockAvailable"] == 7
    company.clock.advance(60)
    changed = company.patch(path, replace("/StockOnHand", 20))
    assert changed["LastChangedDateTimeOffset"] == before["LastChangedDateTimeOffset"]
    since = {"stockOnHandLastChangedDatetimeOffsetGreaterThan": before["StockOnHandLastChangedDatetimeOffset"]}
    assert company.values("/Products", "StockOnHand", **since) == [20]


def test_a_used_product_is_not_deleted() -> None:
    with furnished() as company:
        used, free = company.values("/Products", "Id")
        company.order(line())
        told = company.refused("DELETE", f"/Products/{used}", status=409)
        assert told == f"Product with id = {used} is in use and cannot be deleted."
        company.ok("DELETE", f"/Products/{free}")
        assert company.values("/Products", "Id") == [used]


def test_groups_give_what_a_product_lacks() -> None:
    with furnished() as company:
        group = company.ok(
            "POST",
            "/ProductGroups",
            {"Code": "BOK", "Name": "Bøker", "UnitPrice": 80, "UnitCost": 30, "StandardSalesAccount": 3040},
            201,
        )
        assert group["StandardSalesAccount"] == 3040
        company.product("B1", None, Name="Bok", ProductGroupCode="BOK")
        (made,) = company.order(line(2, "B1"))["SalesOrderLines"]
        assert (made["ProductUnitPrice"], made["ProductUnitCost"], made["VatRate"], made["NetAmount"]) == (
            80,
            30,
            0.12,
            160,
        )
        assert company.values("/ProductGroups", "Code", codes="bok") == ["BOK"]
        assert company.patch(f"/ProductGroups/{group['Id']}", replace("/Name", "Bok"))["Name"] == "Bok"
        assert "in use" in company.refused("DELETE", f"/ProductGroups/{group['Id']}", status=409)
