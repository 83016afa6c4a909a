"""What the invoice of an order could not say is told before the order is made (Visma eAccounting's drafts)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.agreed.vendor_shop import Shop, row, words
from tests.agreed.vendor_world import EAccountingBooks


@pytest.fixture
def shop(make_shop: Any) -> Shop:
    made: Shop = make_shop(EAccountingBooks, "order", convert_to_invoice=True)
    made.company()
    return made


def test_an_order_in_another_currency_than_the_customers_is_refused_before_it_is_made(shop: Shop) -> None:
    run = shop.win(rows=(row("1", "1000"),), currency="EUR")
    assert run.state == "failed"
    assert "EUR" in words(run)
    assert "customer's currency" in words(run)
    assert shop.documents() == 0
    shop.world.rules(convert_to_invoice=False)
    assert shop.world.retry(run).state == "done"


def test_a_quantity_that_a_draft_does_not_keep_gets_a_form_that_it_keeps(shop: Shop) -> None:
    run = shop.win(rows=(row("0.125", "1200"),), value=Decimal(150))
    assert run.state == "done", run.error_text
    assert shop.held().net == 150
    assert shop.documents() == 2
    assert "0.125" in shop.told()


def test_an_order_that_becomes_no_invoice_keeps_its_quantity(make_shop: Any) -> None:
    shop: Shop = make_shop(EAccountingBooks, "order")
    shop.company()
    assert shop.win(rows=(row("0.1254", "1000"),), value=Decimal("125.4")).state == "done"
    assert shop.held().net == Decimal("125.40")
