"""The life of an order of a CRM: its status, its error message, and what the ERP is master of."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from erpcore.errors import OutcomeUnknownError
from erpcore.models import CrmOrderRow
from erpcore.store import live_link
from tests.sync.conftest import MakeShop
from tests.sync.memory_plugin import Killed
from tests.sync.order_plugin import HeadCrm, OrderCrm
from tests.sync.world import SYNC, World

# Order status and error message


def test_an_order_is_in_process_before_anything_is_read_that_is_sent(shop: World) -> None:
    write_back = shop.crm.write_back

    def edited_just_before(values: Any, context: Any) -> bool:
        if values.status == "inprocess":
            row = CrmOrderRow(article_number="A1", quantity=Decimal(3), unit_price=Decimal(1))
            shop.change_order(rows=(row,))
        return write_back(values, context)

    shop.crm.write_back = edited_just_before  # type: ignore[method-assign]  # what happens in between
    shop.ready()
    assert shop.only_order.rows[0].quantity == Decimal(3)


def test_an_order_that_shows_itself_when_it_is_taken_is_sent_as_it_was_then(make_shop: MakeShop) -> None:
    shop = make_shop(crm_class=HeadCrm)
    take_order = shop.crm.take_order

    def edited_just_before(order: Any, context: Any) -> Any:
        row = CrmOrderRow(article_number="A1", quantity=Decimal(3), unit_price=Decimal(1))
        shop.change_order(rows=(row,), your_reference="Somebody else")
        return take_order(order, context)

    shop.crm.take_order = edited_just_before  # type: ignore[method-assign]  # what happens in between
    shop.ready()
    assert shop.only_order.rows[0].quantity == Decimal(3)
    assert shop.only_order.your_reference == "Somebody else"


@pytest.mark.parametrize("crm", [OrderCrm, HeadCrm])
@pytest.mark.parametrize("status", ["notready", "synced", "error"])
def test_an_order_that_is_not_ready_makes_nothing(make_shop: MakeShop, status: str, crm: type[OrderCrm]) -> None:
    shop = make_shop(crm_class=crm)
    shop.change_order(status=status)
    run = shop.handle("o1", "order_ready")
    assert (run.state, shop.desk.orders["o1"].status) == ("nothing", status)
    assert f"“{status}”" in str(run.summary)
    assert not shop.books.calls
    assert not shop.desk.told


@pytest.mark.parametrize("crm", [OrderCrm, HeadCrm])
def test_a_crm_that_shows_no_status_is_believed_by_its_events(make_shop: MakeShop, crm: type[OrderCrm]) -> None:
    shop = make_shop(crm_class=crm)
    shop.order(customer_number="50", status=...)
    assert shop.handle("o1", "order_ready").state == "done"


def test_a_refusal_is_on_the_record_in_words_and_set_back_to_ready_the_order_goes_again(shop: World) -> None:
    shop.books.faults["create_order"] = ["before:refused"]
    run = shop.ready()
    order = shop.desk.orders["o1"]
    assert (run.state, order.status, order.order_number) == ("failed", "error", None)
    assert "The values are refused" in str(order.message)
    assert "Ogiltigt värde" in str(order.message)
    assert shop.handle("o1", "order_ready").state == "nothing", "an old event does not send what is in error"
    assert shop.ready().state == "done"
    assert len(shop.books.orders) == 1
    assert shop.desk.orders["o1"].message is None


@pytest.mark.parametrize("broken", [OutcomeUnknownError("The answer is lost."), Killed()])
def test_an_order_that_shows_our_own_error_is_gone_on_with_without_an_answer(
    shop: World, broken: BaseException
) -> None:
    write_back = shop.crm.write_back

    def unanswered(values: Any, context: Any) -> bool:
        told = write_back(values, context)
        if values.status == "error":
            shop.crm.write_back = write_back  # type: ignore[method-assign]  # once
            raise broken
        return told

    shop.crm.write_back = unanswered  # type: ignore[method-assign]  # what happens in between
    shop.books.faults["create_order"] = ["before:refused", "before:refused"]
    shop.change_order(status="readytobesent")
    shop.event("o1", "order_ready")
    run_id = shop.open("o1", "order")
    with suppress(Killed):
        shop.work(run_id)
    run = shop.work(run_id)
    order = shop.desk.orders["o1"]
    assert (run.state, order.status) == ("failed", "error"), "the same end as if it had been answered"
    assert "The values are refused" in str(run.summary)


def test_what_failed_goes_again_when_a_person_sends_it_again_in_erpcore(shop: World) -> None:
    shop.books.faults["create_order"] = ["before:refused"]
    run = shop.ready()
    assert shop.retry(run).state == "done"
    assert shop.desk.orders["o1"].status == "synced"
    shop.order("o2", customer_number="50", status="error")
    assert shop.send("o2", "order").state == "done", "by hand, without any run before"


def test_a_conversion_that_failed_is_all_that_is_done_when_the_order_is_set_ready_again(shop: World) -> None:
    shop.change_order(create_invoice=True)
    shop.books.faults["convert_to_invoice"] = ["before:refused"]
    assert shop.ready().state == "failed"
    order = shop.desk.orders["o1"]
    assert (order.order_number, order.status) == ("1001", "error")
    assert shop.ready().summary == "Order 1001, invoice 1."
    assert (shop.books.calls["create_order"], len(shop.books.invoices)) == (1, 1)
    assert shop.desk.orders["o1"].status == "synced"


def test_a_conversion_that_failed_is_dropped_when_the_wish_is_taken_back(shop: World) -> None:
    shop.change_order(create_invoice=True)
    shop.books.faults["convert_to_invoice"] = ["before:refused"]
    shop.ready()
    shop.change_order(create_invoice=False)
    assert shop.ready().summary == "Order 1001."
    assert not shop.books.invoices
    assert shop.desk.orders["o1"].status == "synced"


# After success the ERP is master


def test_changes_after_success_are_not_sent(shop: World) -> None:
    shop.ready()
    shop.change_order(your_reference="Another")
    run = shop.handle("o1", "order_ready")
    assert run.state == "nothing"
    assert "which is its master now" in str(run.summary)
    assert shop.only_order.your_reference == "Kim Kund"


def test_an_order_in_the_erp_that_is_set_ready_again_is_only_told_so(shop: World) -> None:
    shop.ready()
    shop.change_order(create_invoice=True)
    assert shop.ready().state == "done"
    assert (len(shop.books.orders), len(shop.books.invoices)) == (1, 0)
    assert shop.desk.orders["o1"].status == "synced", "not ready for ever"


@pytest.mark.parametrize("made", [True, False], ids=["another than ours", "none of ours"])
def test_an_order_number_that_erpcore_did_not_write_makes_nothing_and_is_told(shop: World, made: bool) -> None:
    if made:
        shop.ready()
    shop.change_order(order_number="by hand")
    orders = len(shop.books.orders)
    run = shop.ready()
    assert (run.state, run.error_class) == ("failed", "InvalidValueError")
    assert "by hand, which erpcore did not write" in str(shop.desk.orders["o1"].message)
    shop.change_order(status="synced")
    assert shop.handle("o1", "order_ready").state == "nothing"
    assert len(shop.books.orders) == orders


def test_a_cleared_order_number_asks_a_person(shop: World) -> None:
    shop.ready()
    shop.change_order(order_number=None)
    run = shop.ready()
    assert (run.state, shop.desk.orders["o1"].status) == ("uncertain", "error")
    assert shop.answer_restore(run) == "1001"
    assert shop.retry(run).state == "done"
    assert (shop.desk.orders["o1"].order_number, len(shop.books.orders)) == ("1001", 1)
    shop.change_order(order_number=None)
    run = shop.ready()
    shop.answer_new_document(run)
    assert shop.retry(run).state == "done"
    assert (shop.desk.orders["o1"].order_number, len(shop.books.orders)) == ("1002", 2)


@pytest.mark.parametrize(("rule", "number"), [("new_order", "1002"), ("restore", "1001")])
def test_a_cleared_order_number_where_a_rule_answers(make_shop: MakeShop, rule: str, number: str) -> None:
    shop = make_shop(on_cleared_order_number=rule)
    shop.ready()
    shop.change_order(order_number=None)
    assert shop.ready().state == "done"
    assert shop.desk.orders["o1"].order_number == number


def test_an_order_and_a_deal_of_the_same_id_are_two(shop: World) -> None:
    shop.order("7", customer_number="50")
    shop.ready("7")
    with shop.store.read() as connection:
        assert live_link(connection, sync=SYNC, source_kind="order", source_id="7", target_kind="order") is not None
        assert live_link(connection, sync=SYNC, source_kind="deal", source_id="7", target_kind="order") is None


def test_the_preview_tells_steps_and_losses_and_changes_nothing_in_either_system(shop: World) -> None:
    shop.change_order(
        create_invoice=True,
        rows=(CrmOrderRow(article_number="A1", description="x" * 60, quantity=Decimal(1), unit_price=Decimal(10)),),
    )
    plan = shop.ready_order.preview("o1")
    assert [step.name for step in plan.steps] == [
        "use_customer",
        "create_order",
        "compare_sums",
        "write_back",
        "convert_to_invoice",
        "compare_sums",
        "write_back",
    ]
    assert [loss.field for loss in plan.losses] == ["rows[0].description"]
    assert all(step.words().endswith(".") for step in plan.steps)
    assert set(shop.books.calls) == {"find_customers", "find_articles"}
    assert not shop.desk.told
    assert (plan.record, plan.reason) == ("order o1", "order_ready")


def test_the_requests_of_an_order(shop: World) -> None:
    shop.ready()
    assert shop.books.calls == {"find_customers": 1, "find_articles": 1, "create_order": 1, "find_orders": 1}
    assert shop.desk.calls == {"fetch_order": 2, "write_back order": 2, "fetch_customer": 1}
    shop.books.calls.clear()
    shop.desk.calls.clear()
    shop.order("o2", customer_number="50")
    shop.ready("o2")
    assert shop.books.calls == {"create_order": 1, "find_orders": 1}
    assert shop.desk.calls == {"fetch_order": 2, "write_back order": 2}


def test_the_requests_of_an_order_that_shows_itself_when_it_is_taken(make_shop: MakeShop) -> None:
    shop = make_shop(crm_class=HeadCrm)
    shop.ready()
    read = {"fetch_order_head": 1, "rows": 1, "write_back order": 2}
    assert shop.desk.calls == {**read, "fetch_customer": 1}
    shop.desk.calls.clear()
    shop.order("o2", customer_number="50")
    shop.ready("o2")
    assert shop.desk.calls == read
    shop.desk.calls.clear()
    assert shop.ready_order.preview("o2").reason == "order_in_erp"
    assert shop.desk.calls == {"fetch_order_head": 1}, "no rows are read where none are needed"
