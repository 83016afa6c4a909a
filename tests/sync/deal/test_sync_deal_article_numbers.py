"""An article number of the CRM that is written otherwise than the ERP's is no second article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal

import pytest

from erpcore.hookspecs import Context
from erpcore.models import Article, ArticleQuery, DealRow
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import Killed
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


@pytest.mark.parametrize(("ours", "theirs"), [("A 25", "A25"), ("a-25", "A25"), ("A25", "A 25"), ("A\u00a025", "A-25")])
def test_an_article_number_with_other_spaces_or_hyphens_is_asked_about(
    make_world: MakeWorld, ours: str, theirs: str
) -> None:
    world = make_world()
    world.company()
    world.article(theirs, text="Chair")
    world.deal(rows=(DealRow(**{**ROW, "article_number": ours}),))
    run = world.handle()
    assert run.state == "failed"
    assert f"it has {theirs}" in str(run.error_text)
    assert "article_of_like_number" in str(run.advice)
    world.rules(article_of_like_number="use")
    assert world.retry(run).state == "done"
    assert list(world.books.articles) == [theirs]
    assert world.only_order.rows[0].article_number == theirs
    assert "differs by spaces or hyphens alone. It is used." in world.told()
    world.rules(article_of_like_number="create")
    world.deal("d2", rows=(DealRow(**{**ROW, "article_number": ours}),))
    assert world.handle("d2").state == "done"
    assert len(world.books.articles) == 2


def test_a_number_that_is_like_none_is_looked_for_once_more_at_most(world: World) -> None:
    world.article("110")
    world.desk.change("d1", rows=(DealRow(**{**ROW, "article_number": "1110"}),))
    assert world.handle().state == "done"
    assert world.books.calls["find_articles"] == 2


@pytest.mark.parametrize(
    ("now", "told"), [("Screw M8", True), ("CHAIR ", False), ("Blue chair", False)], ids=["another", "same", "renamed"]
)
def test_an_article_that_is_called_otherwise_may_be_another_one(world: World, now: str, told: bool) -> None:
    made = DealRow(**{**ROW, "article_id": "p1"})
    world.desk.change("d1", rows=(made,), value=Decimal(100))
    assert world.handle().state == "done"
    (number,) = world.books.articles
    world.books.articles[number] = world.books.articles[number].model_copy(update={"description": now})
    world.time.move(4000)
    world.deal("d2", rows=(made.model_copy(update={"description": "Blue chair" if now == "Blue chair" else "Chair"}),))
    assert world.handle("d2").state == "done"
    assert ("its number may be another's" in world.told("d2")) is told
    if told:
        world.rules(on_loss_of={"rows.article_number": "block"})
        world.deal("d3", rows=(made,))
        assert world.handle("d3").state == "failed"
        assert len(world.books.orders) == 2


@pytest.mark.parametrize("killed", [False, True], ids=["made", "in the making"])
@pytest.mark.parametrize("row", [{"article_number": "A-25"}, {"article_id": "p1"}], ids=["of a number", "of a product"])
def test_an_article_that_another_deal_makes_between_two_looks_is_the_rows(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, row: dict[str, str], killed: bool
) -> None:
    world = make_world(article_of_same_name="stop")
    world.company()
    for deal in ("d1", "d2"):
        world.deal(deal, rows=(DealRow(**{**ROW, **row}),))
    world.books.faults["create_article"] = ["after:killed"] * killed
    looks = Counter[str]()
    find = world.erp.find_articles

    def made_before_its_text_is_looked_for(query: ArticleQuery, context: Context) -> Sequence[Article]:
        looks["text"] += query.description is not None
        if looks["text"] == 1 and not looks["made"]:
            looks["made"] = 1
            with suppress(Killed):
                world.handle("d2")
        return find(query, context)

    monkeypatch.setattr(world.erp, "find_articles", made_before_its_text_is_looked_for)
    run = world.handle("d1")
    assert run.state == "done", run.error_text
    assert looks["made"] == 1
    world.handle("d2")
    assert len(world.books.articles) == 1
    assert [order.rows[0].article_number for order in world.books.orders.values()] == list(world.books.articles) * 2
