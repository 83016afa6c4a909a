"""What every attempt does: the requests that it costs, what it tells, and the preview that sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from erpcore.hookspecs import Context, hookimpl
from erpcore.models import Article, DealRow, Ref
from erpcore.store import Store, open_store, story_of_run, upgrade
from erpcore.sync.shared.known_articles import KnownArticles
from erpcore.sync.shared.reading import look_up
from erpcore.sync.shared.recognising import Asked
from erpcore.sync.shared.view import ErpView
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import Killed, MemoryErp
from tests.sync.world import World

ROWS = tuple(
    DealRow(article_number=f"A{n}", description=f"Thing {n}", quantity=Decimal(n), unit_price=Decimal(10))
    for n in (1, 2, 3)
)


def test_the_requests_of_a_won_deal(world: World) -> None:
    """New customer, three known articles: the figures that erpcore promises."""
    for n in (1, 2, 3):
        world.article(f"A{n}")
    world.desk.change("d1", rows=ROWS)
    world.deal("d2", rows=ROWS)
    world.handle("d1")
    assert world.books.calls == {"find_customers": 1, "create_customer": 1, "find_articles": 3, "create_order": 1}
    assert world.desk.calls == {"fetch_deal": 1, "fetch_customer": 1, "write_back": 1}
    world.books.calls.clear()
    world.handle("d2")
    assert world.books.calls == {"create_order": 1}


def test_a_deal_with_nothing_to_do_costs_one_read(world: World) -> None:
    world.handle()
    world.books.calls.clear()
    world.desk.calls.clear()
    world.handle()
    assert world.desk.calls == {"fetch_deal": 1}
    assert not world.books.calls


def test_each_step_tells_its_requests(make_world: MakeWorld) -> None:
    world = make_world()
    world.company()
    world.deal()
    world.won_deal._requests = lambda: {"erp": world.books.calls.total()}
    world.handle()
    spent = {line.data["operation"]: line.data["requests"] for line in world.story() if "requests" in (line.data or {})}
    assert spent == {"create_customer": {"erp": 1}, "create_order": {"erp": 1}}


def test_a_missing_article_is_not_remembered() -> None:
    now = 0.0
    known = KnownArticles(seconds=10, size=2, monotonic=lambda: now)
    assert known.get("A") is None
    known.add("A", Ref(number="A", key="key of A"))
    assert known.get("A") == Ref(number="A", key="key of A")
    now = 11
    assert known.get("A") is None
    for number in "BCD":
        known.add(number, Ref(number=f"{number}2"))
    assert [number for number in "BCD" if known.get(number)] == ["C", "D"]
    known.discard("D2")
    known.discard("C")
    assert not [number for number in "CD" if known.get(number)]


def test_the_preview_tells_steps_and_losses_and_sends_nothing(world: World) -> None:
    world.desk.change(
        "d1", name="W" * 60, rows=(DealRow(article_id="p1", description="New thing", unit_price=Decimal(1)),)
    )
    plan = world.won_deal.preview("d1")
    assert [step.name for step in plan.steps] == [
        "create_customer",
        "create_article",
        "create_order",
        "compare_sums",
        "write_back",
    ]
    assert plan.notes
    assert set(world.books.calls) <= {"find_customers", "find_articles"}
    assert not world.story()
    assert world.handle().state == "done"
    assert world.won_deal.preview("d1").steps == ()


def test_the_preview_shows_what_would_be_blocked(make_world: MakeWorld) -> None:
    world = make_world(on_loss="block")
    world.company()
    world.deal(name="W" * 60)
    (loss,) = world.won_deal.preview("d1").losses
    assert (loss.record, loss.field, loss.policy) == ("order", "rows[0].description", "block")


def test_a_continuation_does_not_tell_the_same_twice(world: World) -> None:
    world.books.faults["create_order"] = ["before:unreachable"] * 5
    run = world.handle()
    with world.store.read() as connection:
        lines = story_of_run(connection, run.id)
    texts = [line.text for line in lines if line.kind != "waiting"]
    assert len(texts) == len(set(texts))
    assert len(lines) - len(texts) == 5, "each wait is told"


@pytest.fixture
def postgres_store(postgres_url: str) -> Any:
    upgrade(postgres_url)
    opened: Store = open_store(postgres_url)
    yield opened
    opened.close()


@pytest.mark.parametrize("fault", [None, "after:lost", "after:killed"])
def test_the_same_on_postgresql(postgres_store: Store, fault: str | None) -> None:
    world = World("", store=postgres_store, convert_to_invoice=True)
    world.company()
    world.deal(rows=(DealRow(description="Chair", quantity=Decimal(2), unit_price=Decimal(100)),))
    world.books.faults["create_order"] = [fault]
    world.event("d1")
    run_id = world.open("d1")
    try:
        run = world.work(run_id)
    except Killed:
        run = world.work(run_id)
    assert run.summary == "Order 1001, invoice 1."
    assert world.desk.deals["d1"].erp_id == "1001"
    assert len(world.books.orders) == 1
    assert world.handle().state == "nothing"


class ManyErp(MemoryErp):
    """An ERP that finds several articles at once."""

    @hookimpl
    def find_many_articles(self, wanted: Sequence[Ref], context: Context) -> Sequence[Article]:
        self._read("find_many_articles")
        held = self.books.articles
        return [held[ref.number] for ref in reversed(wanted) if ref.number in held]


@pytest.mark.parametrize(
    ("erp", "asked"),
    [(MemoryErp, {"find_articles": 10 + 1}), (ManyErp, {"find_many_articles": 1, "find_articles": 1})],
    ids=["one at a time", "many"],
)  # the one that is missing is asked for in small letters too
def test_ten_articles_are_looked_up_together_where_the_erp_can(
    make_world: MakeWorld, erp: type[MemoryErp], asked: dict[str, int]
) -> None:
    world = make_world(erp_class=erp)
    world.company()
    for number in range(9):
        world.article(f"A{number}")
    world.books.articles["A3"] = world.books.articles["A3"].model_copy(update={"active": False})
    rows = [DealRow(article_number=f"A{number}", quantity=Decimal(1), unit_price=Decimal(9)) for number in range(10)]
    world.deal(rows=tuple(rows))
    deal = world.desk.deals["d1"]
    view = look_up(world.won_deal.sides, Asked("c1", rows=deal.rows or ()), ErpView(), Context("test"))
    assert world.books.calls == asked
    assert (view.missing_articles, view.inactive_articles) == ({"A9"}, {"A3"})
    assert set(view.known_articles) == {f"A{number}" for number in range(9)} - {"A3"}
    again = look_up(world.won_deal.sides, Asked("c1", rows=(deal.rows or ())[:3]), ErpView(), Context("test"))
    assert (world.books.calls, len(again.known_articles)) == (asked, 3), "what is known is not asked for again"
