"""What was told and what stands in the CRM are two facts: only what stood there can have been cleared."""

from __future__ import annotations

from typing import Any

import pytest

from erpcore.store import Run, intents_of, live_link, record_done, reopen_run
from tests.sync.conftest import MakeShop, MakeWorld
from tests.sync.memory_plugin import Killed
from tests.sync.world import SYNC, World


@pytest.fixture
def deaf(world: World) -> World:
    """The CRM shows an ERP ID on its deals and does not take one."""
    world.desk.takes_numbers = False
    return world


@pytest.mark.parametrize("rule", ["new_document", "ask", "nothing"])
@pytest.mark.parametrize("convert", [False, True])
def test_a_number_that_the_crm_never_took_was_not_cleared(make_world: MakeWorld, rule: str, convert: bool) -> None:
    world = make_world(on_cleared_erp_id=rule, convert_to_invoice=convert)
    world.desk.takes_numbers = False
    world.company()
    world.deal()
    assert world.handle().state == "done"
    for kind in ("deal_won", "deal_changed", "deal_won"):
        run = world.handle(kind=kind)
        assert run.state == "nothing"
        assert "never stood in the CRM" in str(run.summary)
    assert len(world.books.orders) == 1
    assert "was cleared" not in world.told()


def test_a_deal_that_is_lost_and_won_again_has_one_document_where_no_number_stands(deaf: World) -> None:
    deaf.handle()
    deaf.desk.change("d1", won=False)
    deaf.handle(kind="deal_changed")
    deaf.desk.change("d1", won=True)
    assert deaf.handle().state == "nothing"
    assert len(deaf.books.orders) == 1


def test_once_the_crm_takes_numbers_the_next_look_writes_it_and_clearing_it_counts(deaf: World) -> None:
    deaf.handle()
    deaf.desk.takes_numbers = True
    assert deaf.handle(kind="deal_changed").state == "done"
    assert deaf.desk.deals["d1"].erp_id == deaf.only_order.number
    deaf.desk.change("d1", erp_id=None)
    assert deaf.handle().state == "done"
    assert len(deaf.books.orders) == 2


def test_a_person_may_have_the_number_written_once_the_crm_takes_it(deaf: World) -> None:
    deaf.handle()
    deaf.desk.takes_numbers = True
    assert deaf.send("d1", "deal").state == "done"
    assert deaf.desk.deals["d1"].erp_id == "1001"
    assert len(deaf.books.orders) == 1


def test_a_number_entered_by_hand_stands_and_clearing_it_counts(deaf: World) -> None:
    deaf.handle()
    deaf.desk.change("d1", erp_id="1001")
    assert deaf.handle(kind="deal_changed").state == "nothing"
    deaf.desk.change("d1", erp_id=None)
    assert deaf.handle().state == "done"
    assert list(deaf.books.orders) == ["1001", "1002"]


def test_a_number_that_stood_once_can_be_cleared_though_the_crm_takes_none_any_more(make_world: MakeWorld) -> None:
    world = make_world()
    world.company()
    world.deal()
    world.handle()
    world.desk.takes_numbers = False
    world.desk.change("d1", erp_id=None)
    assert world.handle().state == "done"
    assert list(world.books.orders) == ["1001", "1002"]
    # The second one's number never stood there.
    assert world.handle().state == "nothing"
    assert len(world.books.orders) == 2


def test_a_new_document_that_was_refused_is_still_wanted_when_the_deal_is_changed(world: World) -> None:
    world.handle()
    world.desk.change("d1", erp_id=None)
    world.books.faults["create_order"] = ["before:refused"]
    assert world.handle().state == "failed"
    assert world.handle(kind="deal_changed").state == "done"
    assert list(world.books.orders) == ["1001", "1002"]


def test_an_answer_that_it_was_a_mistake_holds_where_the_number_cannot_be_written(make_world: MakeWorld) -> None:
    world = make_world(on_cleared_erp_id="ask")
    world.company()
    world.deal()
    world.handle()
    world.desk.takes_numbers = False
    world.desk.change("d1", erp_id=None)
    run = world.handle()
    assert run.state == "uncertain"
    assert world.answer_restore(run) == "1001"
    assert world.retry(run).state == "done"
    assert world.handle().state == "nothing"
    assert len(world.books.orders) == 1


@pytest.mark.parametrize("rule", ["ask", "new_order", "restore"])
def test_an_order_number_that_the_crm_never_took_was_not_cleared(make_shop: MakeShop, rule: str) -> None:
    shop = make_shop(on_cleared_order_number=rule)
    shop.desk.takes_numbers = False
    assert shop.ready().state == "done"
    for _ in range(2):
        run: Any = shop.ready()
        assert run.state == "nothing"
    assert len(shop.books.orders) == 1
    assert "was cleared" not in shop.told("o1", "order")
    shop.desk.takes_numbers = True
    assert shop.ready().state == "done"
    assert shop.desk.orders["o1"].order_number == shop.only_order.number


@pytest.mark.parametrize(("rule", "orders"), [("ask", 1), ("new_order", 2), ("restore", 1)])
def test_an_order_number_that_stood_was_cleared(make_shop: MakeShop, rule: str, orders: int) -> None:
    shop = make_shop(on_cleared_order_number=rule)
    shop.ready()
    shop.change_order(order_number=None)
    shop.ready()
    assert len(shop.books.orders) == orders
    assert "was cleared" in shop.told("o1", "order")


@pytest.mark.parametrize(("by_hand", "state"), [("7", "uncertain"), ("1001", "done")])
def test_a_number_entered_by_hand_after_a_lost_attempt_is_not_written_over(
    world: World, by_hand: str, state: str
) -> None:
    world.books.faults["create_order"] = ["after:killed"]
    world.event("d1")
    with pytest.raises(Killed):
        world.work(world.open("d1"))
    world.desk.change("d1", erp_id=by_hand)
    run = world.work(world.open("d1"))
    assert (run.state, world.desk.deals["d1"].erp_id) == (state, by_hand)
    if state == "uncertain":
        assert run.cause == "two_documents"
        assert "1001 and 7" in str(run.error_text)
        assert world.retry(run).state == "uncertain", "it is asked until somebody answers"
    assert len(world.books.orders) == 1


@pytest.mark.parametrize("kept", ["7", "1001"])
def test_a_person_says_whether_the_number_entered_by_hand_counts(world: World, kept: str) -> None:
    world.books.faults["create_order"] = ["after:killed"]
    world.event("d1")
    with pytest.raises(Killed):
        world.work(world.open("d1"))
    world.desk.change("d1", erp_id="7")
    run = world.work(world.open("d1"))
    world.answer_keep(run, kept)
    assert world.retry(run).state in ("done", "nothing")
    assert world.desk.deals["d1"].erp_id == "7", "what a person entered is a person's to change"
    world.desk.change("d1", erp_id=kept)
    assert world.handle().state in ("done", "nothing")
    assert (world.desk.deals["d1"].erp_id, len(world.books.orders)) == (kept, 1)
    with world.store.read() as connection:
        link = live_link(connection, sync=SYNC, source_kind="deal", source_id="d1", target_kind="order")
    assert link is not None
    assert link.number == kept


def late_second_document(world: World, run: Run) -> Run:
    """Have a worker that slept in the last moment say what it has made; the record is then looked at again."""
    with world.store.begin() as connection:
        (intent,) = (
            intent
            for intent in intents_of(connection, sync=SYNC, record=run.record, operation="create_order")
            if intent.state == "done"
        )
        record_done(connection, intent.id, attempt=intent.attempts, number="2002")
        again = reopen_run(connection, run.id, states=("done",))
        world.queue.enqueue(connection, again, attempt=again.attempt + 1)
    return world.work(run.id)


@pytest.mark.parametrize("kept", ["1001", "2002"])
def test_the_crm_is_told_the_one_of_two_documents_that_counts(world: World, kept: str) -> None:
    world.deal()
    done = world.handle()
    assert world.desk.deals["d1"].erp_id == "1001"
    asking = late_second_document(world, done)
    assert (asking.state, asking.cause) == ("uncertain", "two_documents")
    world.answer_keep(asking, kept)
    assert world.retry(asking).state == "done", "that all is well is told, even where the number stands"
    assert world.desk.deals["d1"].erp_id == kept
    assert "Somebody changed it" not in world.told()
    other = {"1001": "2002", "2002": "1001"}[kept]
    world.desk.change("d1", erp_id=other)
    assert world.handle().state == "nothing"
    assert world.desk.deals["d1"].erp_id == other, "from here on, what a person enters stays"
    assert len(world.books.orders) == 1


@pytest.mark.parametrize("kept", ["1001", "2002"])
def test_an_order_is_told_the_one_of_two_documents_that_counts(make_shop: MakeShop, kept: str) -> None:
    shop = make_shop()
    asking = late_second_document(shop, shop.ready())
    assert (asking.state, asking.cause, shop.desk.orders["o1"].status) == ("uncertain", "two_documents", "error")
    shop.answer_keep(asking, kept)
    assert shop.retry(asking).state == "done"
    assert (shop.desk.orders["o1"].order_number, shop.desk.orders["o1"].status) == (kept, "synced")
