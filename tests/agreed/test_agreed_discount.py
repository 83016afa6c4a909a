"""A discount on the whole deal has the VAT of what it is on, in each ERP."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erpcore.models import DealRow
from tests.agreed.vendor_shop import everywhere, row
from tests.agreed.vendor_world import VENDORS, EAccountingBooks, Vendor

proof = pytest.mark.proof


def of_two_rates(vendor: type[Vendor], *, shown: bool) -> tuple[DealRow, ...]:
    """Rows of 1000 and 500, of two rates; the CRM shows the rates, or they are the articles' alone."""
    high, low = vendor.rates[:2]
    vat = [{"vat_percent": Decimal(rate)} if shown else {} for rate in (high, low)]
    return (
        row("4", "250", article_number=f"A{high}", **vat[0]),
        row("1", "500", article_number=f"A{low}", **vat[1]),
    )


@everywhere(9)
def test_a_discount_over_two_rates_is_divided_by_rate(make_shop: Any, vendor: type[Vendor], made: str) -> None:
    shop = make_shop(vendor, made, value_differs="discount_row")
    shop.company()
    run = shop.win(rows=of_two_rates(vendor, shown=True), value=Decimal(1350))
    assert run.state == "done", run.error_text
    held = shop.held()
    assert held.net == 1350
    high, low = vendor.rates[:2]
    assert abs(held.vat - (900 * Decimal(high) + 450 * Decimal(low)) / 100) <= Decimal("0.02")
    assert "150.00" in shop.told()


@pytest.mark.parametrize("vendor", [pytest.param(each, marks=proof) for each in VENDORS[:3]])
def test_a_discount_has_the_rates_of_the_articles_where_the_crm_shows_none(
    make_shop: Any, vendor: type[Vendor]
) -> None:
    shop = make_shop(vendor, "order", value_differs="discount_row")
    shop.company()
    run = shop.win(rows=of_two_rates(vendor, shown=False), value=Decimal(1350))
    assert run.state == "done", run.error_text
    held = shop.held()
    assert held.net == 1350
    high, low = vendor.rates[:2]
    assert abs(held.vat - (900 * Decimal(high) + 450 * Decimal(low)) / 100) <= Decimal("0.02")


def test_a_discount_stays_a_row_of_its_own_where_that_has_the_same_rate(make_shop: Any) -> None:
    shop = make_shop(EAccountingBooks, "order", value_differs="discount_row")
    shop.company()
    assert shop.win(rows=(row("1", "1000"), row("2", "100")), value=Decimal(1100)).state == "done"
    assert (shop.held().net, shop.held().vat) == (1100, 275)
    assert "“Rabatt” takes 100.00" in shop.told()


@pytest.mark.parametrize("rows", [(row("1", "100"), row("1", "-100")), (row("1", "100"),)], ids=["nothing", "less"])
def test_a_deal_that_is_worth_less_than_nothing_gets_no_discount(make_shop: Any, rows: tuple[DealRow, ...]) -> None:
    shop = make_shop(EAccountingBooks, "order", value_differs="discount_row")
    shop.company()
    run = shop.win(rows=rows, value=Decimal(-100))
    assert run.state == "failed"
    assert "-100.00" in str(run.error_text)
    assert shop.documents() == 0
