"""Every write under every fault: one record in the ERP, and each recorded."""

from __future__ import annotations

import threading
from collections import Counter
from decimal import Decimal

import pytest

from erpcore.models import DealRow
from erpcore.store import intents_of, links_from, uncertain_intents
from erpcore.sync.attempt import Attempt
from erpcore.sync.steps.base import Step
from tests.sync.conftest import MakeWorld
from tests.sync.memory_crm import ReportingCrm
from tests.sync.memory_plugin import Killed
from tests.sync.world import SYNC, World, kinds_of_step

LOST = ("lost", "error", "garbage", "broken")
ERP_WRITES = ("create_customer", "create_article", "create_order", "convert_to_invoice")


@pytest.fixture
def busy(make_world: MakeWorld) -> World:
    """A deal whose plan has every write: new customer, new article, order, conversion, two write-backs."""
    world = make_world(convert_to_invoice=True)
    world.company()
    world.deal(rows=(DealRow(article_id="p1", description="Chair", quantity=Decimal(2), unit_price=Decimal(100)),))
    return world


def one_of_each(world: World) -> None:
    """The ERP has one of each, everything is linked, and the CRM knows the numbers."""
    books = world.books
    made = Counter(
        customers=len(books.customers), articles=len(books.articles), orders=len(books.orders), inv=len(books.invoices)
    )
    assert made == {"customers": 1, "articles": 1, "orders": 1, "inv": 1}
    with world.store.read() as connection:
        live = {
            link.target_kind: link.number
            for link in links_from(connection, sync=SYNC, source_kind="deal", source_id="d1")
        }
        assert not uncertain_intents(connection)
    assert live == {"order": "1001", "invoice": "1"}
    told = world.desk.told[-1]
    assert (told.erp_id, told.order_number, told.invoice_number) == ("1001", "1001", "1")


def test_a_plan_with_every_write_makes_one_of_each(busy: World) -> None:
    assert busy.handle().state == "done"
    one_of_each(busy)


@pytest.mark.parametrize("lag", [0, 2.5], ids=["shown at once", "shown late"])
@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("operation", ERP_WRITES)
def test_an_answer_lost_after_the_work_is_found_and_adopted(
    busy: World, operation: str, fault: str, lag: float
) -> None:
    busy.books.lag = lag
    busy.books.faults[operation] = [f"after:{fault}"]
    assert busy.handle().state == "done"
    one_of_each(busy)
    assert "had carried it out" in busy.told()
    assert busy.books.calls[operation] == 1


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("operation", ERP_WRITES)
def test_a_request_lost_before_the_work_is_sent_again_after_the_fence(busy: World, operation: str, fault: str) -> None:
    busy.books.faults[operation] = [f"before:{fault}"]
    begun = busy.time.at
    assert busy.handle().state == "done"
    one_of_each(busy)
    assert busy.books.calls[operation] == 2
    assert (busy.time.at - begun).total_seconds() >= 63, "the declared fence and the longest request"


@pytest.mark.parametrize("fault", ["unreachable", "too_fast"])
@pytest.mark.parametrize("operation", ERP_WRITES)
def test_a_request_that_did_not_leave_is_sent_again_without_a_look_up(busy: World, operation: str, fault: str) -> None:
    busy.books.faults[operation] = [f"before:{fault}", f"before:{fault}"]
    assert busy.handle().state == "done"
    one_of_each(busy)
    assert busy.books.calls["find_orders"] == 0


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("operation", [*ERP_WRITES, "write_back"])
def test_killed_around_a_write_and_started_again(busy: World, operation: str, when: str) -> None:
    faults = busy.desk.faults if operation == "write_back" else busy.books.faults
    faults[operation] = [f"{when}:killed"]
    busy.event("d1")
    run_id = busy.open("d1")
    with pytest.raises(Killed):
        busy.work(run_id)
    assert busy.work(run_id).state == "done"
    one_of_each(busy)


@pytest.mark.parametrize("stop", range(6))
def test_killed_between_steps_and_started_again(busy: World, stop: int) -> None:
    def kill(index: int) -> None:
        if index == stop:
            raise Killed

    busy.event("d1")
    run_id = busy.open("d1")
    with pytest.raises(Killed):
        busy.work(run_id, before_step=kill)
    assert busy.work(run_id).state == "done"
    one_of_each(busy)


@pytest.mark.parametrize("operation", ERP_WRITES)
def test_a_step_that_is_repeated_changes_nothing(busy: World, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (kind,) = [kind for kind in kinds_of_step() if kind.name == operation]
    once = kind.do

    def twice(step: Step, attempt: Attempt) -> str | None:
        first = once(step, attempt)
        assert once(step, attempt) == first
        return first

    monkeypatch.setattr(kind, "do", twice)
    assert busy.handle().state == "done"
    assert busy.books.calls[operation] == 1
    one_of_each(busy)


@pytest.mark.parametrize("operation", ERP_WRITES)
def test_a_refusal_fails_plainly_and_is_sent_again_once_mended(busy: World, operation: str) -> None:
    busy.books.faults[operation] = ["before:refused"]
    run = busy.handle()
    assert run.state == "failed"
    assert run.error_class == "RejectedError"
    assert "Ogiltigt värde" in str(run.summary)
    assert busy.retry(run).state == "done"
    one_of_each(busy)


@pytest.mark.parametrize("operation", ERP_WRITES)
def test_a_plugin_that_breaks_before_sending_is_a_visible_uncertain_state(busy: World, operation: str) -> None:
    breaks = [operation]

    def gate(asked: str) -> None:
        if asked in breaks:
            breaks.remove(asked)
            raise ValueError("a fault in the plugin")

    busy.books.before_gate = gate
    run = busy.handle()
    assert (run.state, run.cause) == ("uncertain", "made_or_not")
    assert "a fault in the plugin" in str(run.error_text)
    assert busy.books.calls[operation] == 0
    with busy.store.read() as connection:
        assert [intent.operation for intent in uncertain_intents(connection)] == [operation]
    busy.time.move(120)
    assert busy.retry(run).state == "done"
    one_of_each(busy)


def test_an_update_whose_answer_is_lost_is_done_again(world: World) -> None:
    world.handle()
    world.company(phone="08-99")
    world.deal("d2")
    world.books.faults["update_customer"] = ["after:lost"]
    assert world.handle("d2").state == "done"
    assert world.books.customers["1"].phone == "08-99"
    assert world.books.calls["update_customer"] == 2


@pytest.mark.parametrize("fault", ["before:lost", "after:lost", "before:unreachable", "after:garbage"])
def test_a_write_back_that_fails_is_done_again_and_nothing_else(world: World, fault: str) -> None:
    world.desk.faults["write_back"] = [fault]
    assert world.handle().state == "done"
    assert len(world.books.orders) == world.books.calls["create_order"] == 1
    assert world.desk.deals["d1"].erp_id == "1001"


@pytest.mark.parametrize("fault", ["before:unreachable", "before:killed", "after:lost", "after:killed"])
def test_a_created_article_is_told_to_the_crm_whatever_breaks(make_world: MakeWorld, fault: str) -> None:
    world = make_world(crm_class=ReportingCrm, report_created_articles=True)
    world.company()
    world.deal(rows=(DealRow(article_id="p1", description="Chair", quantity=Decimal(2), unit_price=Decimal(100)),))
    world.desk.faults["store_article"] = [fault]
    run_id = world.open("d1")
    if fault.endswith("killed"):
        with pytest.raises(Killed):
            world.work(run_id)
    assert world.work(run_id).state == "done"
    assert (world.books.calls["create_article"], list(world.desk.articles)) == (1, ["A1"])
    told = world.desk.calls["store_article"]
    world.deal("d2", rows=world.desk.deals["d1"].rows)
    assert world.handle("d2").state == "done"
    assert world.desk.calls["store_article"] == told, "once it was told, it is not told again"


def test_an_erp_id_that_is_empty_because_the_write_back_failed_makes_only_the_write_back(world: World) -> None:
    world.desk.faults["write_back"] = ["before:forbidden"]
    assert world.handle().state == "failed"
    assert world.desk.deals["d1"].erp_id is None
    assert world.handle().state == "done"
    assert world.desk.deals["d1"].erp_id == "1001"
    assert world.books.calls["create_order"] == 1
    assert world.books.calls["find_customers"] == 1


@pytest.mark.parametrize("operation", ["find_customers", "find_articles"])
def test_a_look_up_that_fails_makes_nothing(busy: World, operation: str) -> None:
    busy.deal(rows=(DealRow(article_number="A1", description="Chair", quantity=Decimal(2), unit_price=Decimal(100)),))
    busy.books.faults[operation] = ["before:unreachable"]
    assert busy.handle().state == "done"
    one_of_each(busy)


def test_a_look_up_refused_after_a_lost_answer_is_uncertain_and_then_mended(world: World) -> None:
    world.books.faults["create_order"] = ["after:lost"]
    world.books.faults["find_orders"] = ["before:forbidden"]
    run = world.handle()
    assert run.state == "uncertain"
    assert "cannot be looked for" in str(run.summary)
    assert world.retry(run).state == "done"
    assert world.only_order.number == "1001"


def test_a_deal_that_is_no_longer_won_after_a_lost_answer_has_its_order_recorded(world: World) -> None:
    world.books.faults["create_order"] = ["after:killed"]
    world.event("d1")
    with pytest.raises(Killed):
        world.work(world.open("d1"))
    world.desk.change("d1", won=False)
    assert world.work(world.open("d1")).state == "done"
    assert world.desk.deals["d1"].erp_id == world.only_order.number


def test_a_deal_that_is_no_longer_won_after_a_lost_request_sends_nothing(world: World) -> None:
    world.books.faults["create_order"] = ["before:killed"]
    world.event("d1")
    with pytest.raises(Killed):
        world.work(world.open("d1"))
    world.desk.change("d1", won=False)
    run = world.work(world.open("d1"))
    assert run.state == "nothing"
    assert not world.books.orders
    assert "had made nothing" in world.told()
    with world.store.read() as connection:
        (intent,) = intents_of(connection, sync=SYNC, record="deal d1")
    assert intent.state == "planned"


def test_two_deals_of_one_new_company_at_once_make_one_customer(world: World) -> None:
    world.deal("d2", name="Maintenance")
    world.time.threads = True
    world.books.barrier = threading.Barrier(2)
    run_ids = [world.open(deal_id) for deal_id in ("d1", "d2")]
    states: list[str] = []
    threads = [
        threading.Thread(target=lambda run_id=run_id: states.append(world.work(run_id, attempts=300).state))
        for run_id in run_ids
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert states == ["done", "done"]
    assert len(world.books.customers) == 1
    assert {order.customer_number for order in world.books.orders.values()} == {"1"}
    assert len(world.books.orders) == 2


def test_two_workers_on_one_deal_make_one_order(world: World) -> None:
    world.event("d1")
    run_id = world.open("d1")
    world.time.threads = True
    world.books.barrier = threading.Barrier(2)
    states: list[str] = []
    threads = [threading.Thread(target=lambda: states.append(world.work(run_id).state)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(states) == 4, "whoever has lost the run goes away without a word"
    assert set(states) <= {"running", "waiting", "done"}
    # Whoever has it last waits where one that had it before has sent something; no time passes for the threads.
    world.time.threads = False
    assert world.work(run_id).state == "done"
    assert len(world.books.customers) == len(world.books.orders) == 1
    assert world.books.calls["create_order"] == 1
    assert world.desk.deals["d1"].erp_id == "1001"
