"""The right to write: a worker that was asleep, wherever it fell asleep, writes and sends nothing.

Every place at which a worker may fall asleep is tried with every kind of step, listed from the classes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.errors import TurnLostError
from erpcore.models import CrmOrderRow, DealRow
from erpcore.store import Run, intents_of, take_run
from erpcore.store.schema import intent_events, intents, links, runs, story
from erpcore.sync.steps.base import Step
from tests.sync.conftest import MakeShop, MakeWorld
from tests.sync.memory_crm import ReportingCrm
from tests.sync.memory_plugin import Killed
from tests.sync.order_plugin import AddingErp, OrderCrm
from tests.sync.steps.test_sync_person import world_of
from tests.sync.wish_world import asked, linked
from tests.sync.world import SYNC, World, kinds_of_step

CHAIR = DealRow(article_id="p1", description="Chair", quantity=Decimal(2), unit_price=Decimal(100))
WRITES = (
    "create_customer",
    "update_customer",
    "create_article",
    "create_order",
    "create_invoice",
    "convert_to_invoice",
)


def a_deal(make_world: MakeWorld, make_shop: MakeShop) -> tuple[World, int]:
    """A deal whose plan has every write of the common kind."""
    world = make_world(convert_to_invoice=True, report_created_articles=True, crm_class=ReportingCrm)
    world.company()
    world.deal(rows=(CHAIR,))
    world.event("d1")
    return world, world.open("d1")


def an_invoice(make_world: MakeWorld, make_shop: MakeShop) -> tuple[World, int]:
    world = make_world(won_deal="invoice")
    world.company()
    world.deal()
    return world, world.open("d1")


def of_a_known_company(make_world: MakeWorld, *, changed: bool) -> tuple[World, int]:
    world = make_world()
    world.company()
    world.deal()
    assert world.handle().state == "done"
    if changed:
        world.company(phone="08-99")
    world.deal("d2")
    return world, world.open("d2")


def taken_back(make_world: MakeWorld, make_shop: MakeShop) -> tuple[World, int]:
    """A deal that is not won any more, and whose order may have been made."""
    world = make_world()
    world.company()
    world.deal()
    run_id = world.open("d1")
    world.books.faults["create_order"] = ["after:killed"]
    with pytest.raises(Killed):
        world.work(run_id)
    world.desk.change("d1", won=False)
    return world, run_id


def an_order(make_world: MakeWorld, make_shop: MakeShop) -> tuple[World, int]:
    shop = make_shop()
    shop.change_order(
        create_invoice=True,
        rows=(CrmOrderRow(article_number="A9", description="Table", quantity=Decimal(1), unit_price=Decimal(10)),),
    )
    return shop, shop.open("o1", "order")


def a_company(make_world: MakeWorld, make_shop: MakeShop) -> tuple[World, int]:
    office = make_world(crm_class=OrderCrm, erp_class=AddingErp)
    office.company()
    return office, office.open("c1", "company")


def wished(make_world: MakeWorld, *, again: bool) -> tuple[World, int]:
    """A person asks for a contact person; again, when it was added before."""
    world = linked(make_world, with_person=again)
    return world, asked(world, "contact", "p1")


def of_a_person(make_world: MakeWorld) -> tuple[World, int]:
    world = world_of(make_world)
    return world, world.open("d1")


SCENARIOS: dict[str, Callable[[MakeWorld, MakeShop], tuple[World, int]]] = {
    "create_customer": a_deal,
    "create_article": a_deal,
    "create_order": a_deal,
    "convert_to_invoice": a_deal,
    "write_back": a_deal,
    "create_invoice": an_invoice,
    "use_customer": lambda make_world, _: of_a_known_company(make_world, changed=False),
    "update_customer": lambda make_world, _: of_a_known_company(make_world, changed=True),
    "create_contact_person": lambda make_world, _: wished(make_world, again=False),
    "update_contact_person": lambda make_world, _: wished(make_world, again=True),
    "find_contact_person": lambda make_world, _: of_a_person(make_world),
    "settle_document": taken_back,
    "compare_sums": an_order,
    "mark_in_process": a_company,
    "write_back_customer": a_company,
}
"""For each kind of step, a run whose plan has it."""


def test_every_kind_of_step_has_its_scenario() -> None:
    assert set(SCENARIOS) == {kind.name for kind in kinds_of_step()}


@contextmanager
def asleep(world: World, kind: str, place: str, meanwhile: Callable[[], object]) -> Iterator[list[str]]:
    """Let something happen at a place of an attempt, once; the list says that the place was reached."""
    reached: list[str] = []

    def happens() -> None:
        if not reached:
            reached.append(place)
            meanwhile()

    def at_gate(operation: str) -> None:
        happens()

    flow = world.flow(kind)
    with pytest.MonkeyPatch.context() as patch:
        if place in ("after reading", "after planning"):
            name = "_read" if place == "after reading" else "_plan"
            real = getattr(flow, name)

            def and_then(*arguments: Any) -> Any:
                found = real(*arguments)
                happens()
                return found

            patch.setattr(flow, name, and_then)
        elif place.startswith("gate of "):
            for side in (world.books, world.desk):
                patch.setattr(
                    side, "before_gate", lambda operation: happens() if place == f"gate of {operation}" else None
                )
        else:
            (step,) = [each for each in kinds_of_step() if each.name == place.removeprefix("before ")]
            once = step.do

            def do(this: Step, attempt: Any) -> Any:
                happens()
                return once(this, attempt)

            patch.setattr(step, "do", do)
        yield reached


def rows(world: World) -> dict[str, list[Any]]:
    """Give everything that a worker may write to the store."""
    with world.store.read() as connection:
        return {
            table.name: connection.execute(sa.select(table).order_by(table.c.id)).all()
            for table in (runs, links, intents, intent_events, story)
        }


def systems(world: World) -> Any:
    """Give everything that a worker may write to the two systems, and which writes they were asked for."""
    books, desk = world.books, world.desk
    asked = {
        name: count for name, count in (books.calls + desk.calls).items() if not name.startswith(("find_", "fetch_"))
    }
    kept = (books.customers, books.articles, books.orders, books.invoices, desk.deals, desk.companies, desk.orders)
    return copy.deepcopy((asked, kept, desk.articles, desk.told))


def take(world: World, run_id: int, worker: str = "another") -> Run:
    with world.store.begin() as connection:
        run = take_run(connection, run_id, 1, worker=worker)
    assert run is not None
    return run


PLACES = [
    *(
        pytest.param(name, place, id=f"{name} {place}")
        for name in SCENARIOS
        for place in ("after reading", "after planning")
    ),
    *(pytest.param(name, f"before {name}", id=f"before {name}") for name in SCENARIOS),
    *(
        pytest.param(name, f"gate of {name if name in WRITES else 'write_back'}", id=f"gate of {name}")
        for name in SCENARIOS
        if name in (*WRITES, "write_back", "mark_in_process")
    ),
    pytest.param("create_article", "gate of store_article", id="gate of store_article"),
]


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_who_has_lost_the_run_writes_nothing(make_world: MakeWorld, make_shop: MakeShop, name: str, place: str) -> None:
    world, run_id = SCENARIOS[name](make_world, make_shop)
    run = take(world, run_id, "asleep")
    before: list[Any] = []

    def taken_over() -> None:
        take(world, run_id)
        before.extend((rows(world), systems(world)))

    with asleep(world, run.record_kind, place, taken_over) as reached, pytest.raises(TurnLostError):
        world.flow(run.record_kind).carry_out(run)
    assert reached
    assert [rows(world), systems(world)] == before


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_who_was_asleep_while_another_worker_did_it_all_changes_nothing(
    make_world: MakeWorld, make_shop: MakeShop, name: str, place: str
) -> None:
    world, run_id = SCENARIOS[name](make_world, make_shop)
    after: list[Any] = []

    def done_meanwhile() -> None:
        with ThreadPoolExecutor(1) as another:  # in the same thread the sleeper's gate would be asked too
            assert another.submit(world.work, run_id).result(60).state in ("done", "nothing")
        after.extend((rows(world), systems(world)))

    with world.store.read() as connection:
        kind = connection.execute(sa.select(runs.c.record_kind).where(runs.c.id == run_id)).scalar_one()
    with asleep(world, kind, place, done_meanwhile) as reached:
        ended = world.work(run_id)
    assert reached
    assert ended.state in ("done", "nothing")
    assert [rows(world), systems(world)] == after
    assert "was cleared" not in str([row.text for row in after[0]["erpcore_story"]])
    assert len(world.books.orders) <= (2 if name in ("use_customer", "update_customer") else 1)


# How old a turn may be


def fences(world: World) -> list[Any]:
    with world.store.read() as connection:
        return [intent.fence_until for intent in intents_of(connection, sync=SYNC, record="deal d1")]


@pytest.mark.parametrize(("seconds", "moved"), [(5, False), (30, True)])
def test_a_turn_that_grew_old_before_its_request_left_is_renewed(world: World, seconds: float, moved: bool) -> None:
    """Sign-in and budget may take long: nobody may believe meanwhile that nothing is under way."""
    seen: list[Any] = []

    def wait(operation: str) -> None:
        if operation == "create_order":
            seen.extend(fences(world))
            world.time.move(seconds)

    def look(operation: str) -> None:
        if operation == "create_order":
            seen.extend(fences(world))

    world.books.before_gate, world.books.under_way = wait, look
    assert world.handle().state == "done"
    first, then = seen
    assert (then - first).total_seconds() == (seconds if moved else 0)
    assert world.books.calls["create_order"] == len(world.books.orders) == 1


def test_a_request_that_would_come_too_late_is_held_back_and_sent_by_the_next_attempt(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine was asleep in the very moment of asking."""
    times = [True]

    def slow(operation: str) -> None:
        if operation == "create_order" and times and times.pop():
            read = world.store.read

            def sleeping() -> Any:
                monkeypatch.undo()
                world.time.move(30)
                return read()

            monkeypatch.setattr(world.store, "read", sleeping)

    world.books.before_gate = slow
    run = world.handle()
    assert run.state == "done"
    assert world.books.calls["create_order"] == len(world.books.orders) == 1
    assert "nothing was sent" in world.told()
    assert world.books.calls["find_orders"] == 0, "what surely did not leave is not looked for"


# What counts as cleared


@pytest.mark.parametrize(("seconds", "documents"), [(-1, 1), (0, 1), (1, 2)])
@pytest.mark.parametrize("kind", ["deal", "order"])
def test_a_number_counts_as_cleared_only_where_that_was_read_after_it_was_told(
    make_world: MakeWorld, make_shop: MakeShop, kind: str, seconds: float, documents: int
) -> None:
    if kind == "deal":
        world, record = make_world(), "d1"
        world.company()
        world.deal()
        assert world.handle().state == "done"
        world.desk.change("d1", erp_id=None)
    else:
        world, record = make_shop(on_cleared_order_number="new_order"), "o1"
        assert world.ready().state == "done"
        world.change_order(order_number=None, status="inprocess")
    with world.store.read() as connection:
        told_at = connection.execute(sa.select(links.c.told_at).where(links.c.source_kind == kind)).scalar_one()
    world.time.move(10)
    run = take(world, world.open(record, kind))
    world.flow(kind).carry_out(replace(run, taken_at=told_at + timedelta(seconds=seconds)))
    assert len(world.books.orders) == documents
    assert ("was cleared" in world.told(record, kind)) == (documents == 2)
