"""A deal or an order whose currency the CRM does not show."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from erpcore.models import DealRow
from erpcore.sync.shared.rules import SyncRules
from tests.sync.conftest import MakeShop, MakeWorld

NOTE = "does not show the deal's currency"


@pytest.mark.parametrize("currency", [..., None])
def test_the_erps_own_currency_is_told(make_world: MakeWorld, currency: object) -> None:
    world = make_world()
    world.company()
    world.deal(currency=currency)
    assert NOTE in " ".join(world.won_deal.preview("d1").notes)
    assert world.handle().state == "done"
    assert world.only_order.currency is None
    assert NOTE in world.told()


def test_a_currency_that_is_shown_is_sent_without_a_word(make_world: MakeWorld) -> None:
    world = make_world(currency_not_shown="stop")
    world.company()
    world.deal(currency="EUR")
    assert world.handle().state == "done"
    assert world.only_order.currency == "EUR"
    assert NOTE not in world.told()


def test_the_rules_may_stop_before_anything_is_sent(make_world: MakeWorld) -> None:
    world = make_world(currency_not_shown="stop")
    world.company()
    world.deal()
    run = world.handle()
    assert (run.state, run.error_class) == ("failed", "InvalidValueError")
    assert NOTE in str(run.error_text)
    assert not world.books.calls


def test_the_rules_may_say_which_currency_all_amounts_are_in(make_world: MakeWorld) -> None:
    world = make_world(currency_not_shown="EUR", free_row="article")
    world.company()
    world.deal(rows=(DealRow(description="New", unit_price=1),))
    assert world.handle().state == "done"
    assert world.only_order.currency == "EUR"
    assert [article.currency for article in world.books.articles.values()] == ["EUR"]
    assert NOTE not in world.told()


def test_the_currency_of_the_rules_must_be_one_of_the_sync() -> None:
    with pytest.raises(ValidationError, match="EUR” is none of the currencies SEK"):
        SyncRules(currency_not_shown="EUR", currencies=("SEK",))


def test_it_holds_for_orders_too(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.change_order(currency=None)
    assert shop.ready().state == "done"
    assert "does not show the order's currency" in shop.told("o1", "order")
    stopped = make_shop(currency_not_shown="stop")
    stopped.change_order(currency=None)
    assert stopped.ready().state == "failed"


@pytest.mark.parametrize("word", ["sek", "kronor", ""])
def test_what_is_no_currency_is_refused(word: str) -> None:
    with pytest.raises(ValidationError):
        SyncRules(currency_not_shown=word)
