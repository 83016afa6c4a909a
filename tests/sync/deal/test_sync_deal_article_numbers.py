"""An article number of the CRM that is written otherwise than the ERP's is no second article."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erpcore.models import DealRow
from tests.sync.conftest import MakeWorld
from tests.sync.world import World

ROW = {"article_number": None, "description": "Chair", "quantity": Decimal(1), "unit_price": Decimal(100)}


@pytest.mark.parametrize(("ours", "theirs"), [("abc-1", "ABC-1"), ("Abc-1", "ABC-1"), ("ABC-1", "abc-1")])
@pytest.mark.parametrize("rule", ["create", "stop", "text_row"])
def test_an_article_number_in_other_letters_is_the_article_that_the_erp_has(
    make_world: MakeWorld, ours: str, theirs: str, rule: str
) -> None:
    world = make_world(missing_article=rule)
    world.company()
    world.article(theirs)
    for deal in ("d1", "d2"):  # the second time it is known
        world.deal(deal, rows=(DealRow(**{**ROW, "article_number": ours}),))
        assert world.handle(deal).state == "done"
        assert f"names the article {ours}, which is {theirs} in the ERP" in world.told(deal)
    assert list(world.books.articles) == [theirs]
    assert [order.rows[0].article_number for order in world.books.orders.values()] == [theirs] * 2


@pytest.mark.parametrize("pasted", ["\u200bA9", "A9\ufeff", " A\u00ad9\u200b "])
def test_an_article_number_is_what_people_see_of_it(world: World, pasted: str) -> None:
    world.article("A9")
    world.desk.change("d1", rows=(DealRow(**{**ROW, "article_number": pasted}),))
    assert world.handle().state == "done"
    assert list(world.books.articles) == ["A9"]
    assert world.only_order.rows[0].article_number == "A9"


def test_an_article_number_goes_to_the_article_that_has_it_letter_by_letter(world: World) -> None:
    world.article("ABC-1")
    world.article("abc-1")
    world.desk.change("d1", rows=(DealRow(**{**ROW, "article_number": "abc-1"}),))
    assert world.handle().state == "done"
    assert world.only_order.rows[0].article_number == "abc-1"
    assert "names the article" not in world.told()
