"""What the ERP has from elsewhere is no loss: only VAT that nobody will compare is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erpcore.models import CrmOrderRow, DealRow
from tests.sync.conftest import MakeShop, MakeWorld
from tests.sync.order_plugin import DerivingErp

ROW = {"article_number": "A1", "quantity": Decimal(1), "unit_price": Decimal(100), "vat_percent": Decimal(25)}


def test_what_the_erp_has_from_elsewhere_stops_no_order(make_shop: MakeShop) -> None:
    shop = make_shop(erp_class=DerivingErp, on_loss="block")
    shop.change_order(rows=(CrmOrderRow(**ROW),))
    assert shop.ready().state == "done"
    assert [line for line in shop.story("o1", "order") if line.kind == "loss"] == []


def test_what_the_erp_has_from_elsewhere_stops_no_deal(make_world: MakeWorld) -> None:
    world = make_world(erp_class=DerivingErp, on_loss="block")
    world.company()
    world.article("A1")
    world.deal(rows=(DealRow(**{**ROW, "vat_percent": None}),))
    assert world.handle().state == "done"


@pytest.mark.parametrize(("rule", "state"), [("warn", "done"), ("block", "failed")])
def test_vat_that_nobody_compares_is_told_beforehand(make_shop: MakeShop, rule: str, state: str) -> None:
    shop = make_shop(erp_class=DerivingErp, on_loss=rule, compare_sums=False)
    shop.change_order(rows=(CrmOrderRow(**ROW),))
    assert shop.ready().state == state
    told = [line.text for line in shop.story("o1", "order") if line.kind == "loss"]
    assert told == ["order, rows[0].vat_percent: “25” is the ERP's own (the article decides it)."]
