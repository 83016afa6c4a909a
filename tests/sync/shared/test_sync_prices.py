"""Rows without a price: the article's price is put in where the rules say so, and discounts are taken off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erpcore.models import CrmOrderRow, DealRow
from erpcore.store import ShownArticle, note_shown
from tests.sync.conftest import MakeShop, MakeWorld
from tests.sync.world import SYNC, World

PRICED: dict[str, Any] = {"articles": "to_crm", "row_prices": "article"}


def read(world: World, **prices: Decimal) -> None:
    """A round has read articles in the ERP."""
    shown = [ShownArticle(number, {"description": number, "price": price}) for number, price in prices.items()]
    with world.store.begin() as connection:
        note_shown(connection, SYNC, "erp", shown, read_at=world.time.now(), whole=True)
    for number in prices:
        world.article(number)


def test_correct_pricing_information_by_the_deal_total_its_discount_and_each_product_value(
    make_world: MakeWorld,
) -> None:
    world = make_world(**PRICED)
    read(world, A1=Decimal("99.50"), A2=Decimal(40))
    world.company()
    rows = (
        DealRow(article_number="A1", description="Chair", quantity=Decimal(2), discount_percent=Decimal(10)),
        DealRow(article_number="A2", description="Desk", quantity=Decimal(1), unit_price=Decimal(35)),
        DealRow(article_number="A9", description="New", quantity=Decimal(1)),
    )
    world.deal(rows=rows, value=...)
    assert world.handle().state == "done"
    sent = [(row.article_number, row.unit_price, row.discount_percent) for row in world.only_order.rows]
    assert sent[:2] == [("A1", Decimal("99.50"), Decimal(10)), ("A2", Decimal(35), None)], "a price of the CRM's counts"
    assert sent[2][1] is None
    assert "article A1 costs 99.50" in world.told()
    assert "the rows come to 214.10" in world.told()
    assert [each.net for each in world.desk.told] == [Decimal("214.10")]


def test_an_order_s_row_gets_its_article_s_price_in_the_articles_currency_alone(make_shop: MakeShop) -> None:
    row = CrmOrderRow(article_number="A1", description="Chair", quantity=Decimal(2))
    for currency, price in (("SEK", Decimal(80)), ("EUR", None)):
        shop = make_shop(**PRICED, article_currency="SEK")
        read(shop, A1=Decimal(80))
        shop.change_order(rows=(row,), currency=currency)
        shop.ready()
        assert [each.unit_price for each in shop.only_order.rows] == [price]


def test_by_default_a_row_is_sent_as_the_crm_shows_it(make_world: MakeWorld) -> None:
    world = make_world(articles="to_crm")
    read(world, A1=Decimal(80))
    world.company()
    world.deal(rows=(DealRow(article_number="A1", description="Chair", quantity=Decimal(2)),), value=...)
    world.handle()
    assert [row.unit_price for row in world.only_order.rows] == [None]


def test_prices_of_articles_need_articles(make_world: MakeWorld) -> None:
    with pytest.raises(ValueError, match="set articles"):
        make_world(row_prices="article")
