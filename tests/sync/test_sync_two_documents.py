"""Two documents of one wish, however they came about: a state that every list shows, and that a person resolves."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal

import pytest

from erpcore.errors import ErpcoreError, MissingRecordError
from erpcore.hookspecs import Context, hookimpl
from erpcore.models import DealRow, Invoice, Order, RecordRef, Ref
from erpcore.store import Run, get_run, intents_of, links_from, list_runs, live_link, put_link, uncertain_intents
from erpcore.sync import answers
from erpcore.sync.attempt import Attempt
from erpcore.sync.steps.telling import WriteBackNumber
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import MemoryErp
from tests.sync.world import SYNC, World

CHAIR = DealRow(article_id="p1", description="Chair", quantity=Decimal(2), unit_price=Decimal(100))


def slept_under_way(world: World, run_id: int, operation: str) -> Run:
    """A worker sends, and its request arrives after another worker has looked for it in vain and has sent again."""
    once = [operation]

    def meanwhile(asked: str) -> None:
        if asked in once:
            once.remove(asked)
            with ThreadPoolExecutor(1) as another:
                assert another.submit(world.work, run_id).result(60).state == "done"

    world.books.under_way = meanwhile
    world.work(run_id)
    world.books.under_way = lambda asked: None
    with world.store.read() as connection:
        return get_run(connection, run_id)


def twice(world: World, operation: str, kind: str = "deal") -> Run:
    """A record whose run was done when a second document turned up, looked at once more by a worker."""
    record = {"deal": "d1", "order": "o1", "company": "c1"}[kind]
    world.event(record, {"deal": "deal_won", "order": "order_ready", "company": "company_is_customer"}[kind])
    run = slept_under_way(world, world.open(record, kind), operation)
    assert run.state == "queued", "the record is to be looked at again"
    return world.work(run.id)


@pytest.fixture
def shop_with_two(shop: World) -> tuple[World, Run]:
    return shop, twice(shop, "create_order", "order")


def test_a_document_that_turns_up_late_asks_a_person(shop_with_two: tuple[World, Run]) -> None:
    shop, run = shop_with_two
    assert sorted(shop.books.orders) == ["1001", "1002"]
    assert (run.state, run.cause) == ("uncertain", "two_documents")
    assert "1001 and 1002" in str(run.summary)
    assert "“keep”" in str(run.advice)
    with shop.store.read() as connection:
        assert [listed.id for listed in list_runs(connection, states=["uncertain"])] == [run.id]
        (intent,) = uncertain_intents(connection, sync=SYNC)
    assert (intent.state, intent.number, intent.second) == ("done", "1001", "1002")
    order = shop.desk.orders["o1"]
    assert order.status == "error"
    assert "1001 and 1002" in str(order.message)
    assert "“keep”" in str(order.message)


def test_it_is_asked_until_somebody_answers(shop_with_two: tuple[World, Run]) -> None:
    shop, run = shop_with_two
    assert shop.retry(run).state == "uncertain"
    shop.change_order(status="readytobesent")
    again = shop.handle("o1", "order_ready")
    assert (again.state, again.cause) == ("uncertain", "two_documents")
    assert len(shop.books.orders) == 2
    shop.answer_keep(again, "1001")
    assert shop.retry(again).state == "done"


@pytest.mark.parametrize("kept", ["1001", "1002"])
def test_a_person_says_which_of_two_orders_counts(shop_with_two: tuple[World, Run], kept: str) -> None:
    shop, run = shop_with_two
    shop.answer_keep(run, kept)
    ended = shop.retry(run)
    assert (ended.state, ended.summary, ended.cause) == ("done", f"Order {kept}.", None)
    order = shop.desk.orders["o1"]
    assert (order.status, order.order_number, order.message) == ("synced", kept, None)
    assert len(shop.books.orders) == 2, "nothing more is made"
    with shop.store.read() as connection:
        assert uncertain_intents(connection) == []
        link = live_link(connection, sync=SYNC, source_kind="order", source_id="o1", target_kind="order")
        (intent,) = intents_of(connection, sync=SYNC, record="order o1", operation="create_order")
    assert link is not None
    assert (link.number, intent.number, intent.second, intent.decided_by) == (kept, kept, None, "Kim")
    assert shop.handle("o1", "order_ready").state == "nothing"


class Willing(MemoryErp):
    """An ERP that turns an order into an invoice as often as it is asked, and numbers orders as it does invoices."""

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        made = super().create_order(order, context)
        number = str(len(self.books.orders))
        self.books.orders[number] = self.books.orders.pop(made.number).model_copy(update={"number": number})
        return RecordRef(number=number)

    @hookimpl
    def convert_to_invoice(self, order_ref: Ref, context: Context) -> RecordRef:
        order_number = order_ref.number

        held = self.books.orders[order_number]

        def work() -> RecordRef:
            number = str(1 + len(self.books.invoices))
            self.books.invoices[number] = Invoice(number=number, order_number=order_number)
            self.books.orders[order_number] = held.model_copy(update={"invoices": (Ref(number=number),)})
            return RecordRef(number=number)

        return self._write("convert_to_invoice", work)


@pytest.mark.parametrize("kept", ["1", "2"])
@pytest.mark.parametrize("operation", ["create_invoice", "convert_to_invoice"])
def test_a_person_says_which_of_two_invoices_counts(make_world: MakeWorld, operation: str, kept: str) -> None:
    direct = operation == "create_invoice"
    world = make_world(erp_class=Willing, won_deal="invoice" if direct else "order", convert_to_invoice=not direct)
    world.company()
    world.deal()
    run = twice(world, operation)
    assert (run.state, run.cause, len(world.books.invoices)) == ("uncertain", "two_documents", 2)
    assert "1 and 2" in str(run.error_text)
    world.answer_keep(run, kept)
    assert world.retry(run).state in ("done", "nothing")
    told = world.desk.told[-1]
    assert told.invoice_number == kept
    assert told.erp_id == (kept if direct else "1"), "the order is the same"
    assert (len(world.books.orders), len(world.books.invoices)) == (0 if direct else 1, 2)
    with world.store.read() as connection:
        live = [
            link for link in links_from(connection, sync=SYNC, source_kind="deal", source_id="d1") if not link.cut_at
        ]
    assert {link.target_kind: link.number for link in live} == (
        {"invoice": kept} if direct else {"order": "1", "invoice": kept}
    )


def test_a_document_that_turns_up_while_the_run_is_at_work_is_asked_about_by_its_next_attempt(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker that has the run by now has made its own document and is about to tell the CRM."""
    made, turned_up = threading.Event(), threading.Event()
    told = WriteBackNumber.do

    def waits(step: WriteBackNumber, attempt: Attempt) -> str | None:
        made.set()
        assert turned_up.wait(30)
        return told(step, attempt)

    monkeypatch.setattr(WriteBackNumber, "do", waits)
    run_id = shop.open("o1", "order")
    others: list[Future[Run]] = []
    with ThreadPoolExecutor(1) as pool:

        def meanwhile(asked: str) -> None:
            if asked == "create_order" and not others:
                others.append(pool.submit(shop.work, run_id))
                assert made.wait(30)

        shop.books.under_way = meanwhile
        shop.work(run_id)
        assert sorted(shop.books.orders) == ["1001", "1002"]
        turned_up.set()
        run = others[0].result(30)
    assert (run.state, run.cause) == ("uncertain", "two_documents")
    assert shop.desk.orders["o1"].status == "error"


@pytest.mark.parametrize("operation", ["create_customer", "create_article"])
def test_two_customers_or_articles_are_listed(make_world: MakeWorld, operation: str) -> None:
    world = make_world()
    world.company()
    world.deal(rows=(CHAIR,))
    twice(world, operation)
    with world.store.read() as connection:
        (intent,) = uncertain_intents(connection, sync=SYNC)
    assert (intent.operation, intent.state) == (operation, "done")
    assert intent.second is not None
    assert len(world.books.orders) == 1


@pytest.mark.parametrize("kept", ["1", "2"])
def test_two_customers_of_one_company_are_two_documents_too(make_world: MakeWorld, kept: str) -> None:
    world = make_world()
    world.company()
    world.deal()
    run = twice(world, "create_customer")
    assert (run.state, run.cause, len(world.books.customers)) == ("uncertain", "two_documents", 2)
    world.answer_keep(run, kept)
    assert world.retry(run).state in ("done", "nothing")
    with world.store.read() as connection:
        assert uncertain_intents(connection) == []
        link = live_link(connection, sync=SYNC, source_kind="company", source_id="c1", target_kind="customer")
    assert link is not None
    assert link.number == kept


def test_two_articles_of_one_product_are_two_documents_too(make_world: MakeWorld) -> None:
    world = make_world()
    world.company()
    world.deal(rows=(CHAIR,))
    run = twice(world, "create_article")
    assert (run.state, run.cause, len(world.books.articles)) == ("uncertain", "two_documents", 2)
    world.answer_keep(run, "A2")
    assert world.retry(run).state in ("done", "nothing")
    with world.store.read() as connection:
        assert uncertain_intents(connection) == []


def test_a_company_that_became_two_customers_asks_too(make_world: MakeWorld) -> None:
    world = make_world()
    world.company()
    run = twice(world, "create_customer", "company")
    assert (run.state, run.cause) == ("uncertain", "two_documents")
    assert "customers 1 and 2" in str(run.summary)
    world.answer_keep(run, "2")
    assert world.retry(run).state == "done"
    assert len(world.books.customers) == 2, "nothing more is made"


def test_the_answer_holds_for_every_record_that_shares_the_customer(make_world: MakeWorld) -> None:
    world = make_world()
    world.company()
    world.deal()
    run = twice(world, "create_customer")
    other = {"sync": SYNC, "source_kind": "company", "source_id": "c2", "target_kind": "customer"}
    with world.store.begin() as connection:
        put_link(connection, **other, number="1")
    world.answer_keep(run, "2")
    with world.store.read() as connection:
        link = live_link(connection, **other)
    assert link is not None
    assert link.number == "2"


def test_only_one_of_the_two_can_be_kept(shop_with_two: tuple[World, Run]) -> None:
    shop, run = shop_with_two
    with pytest.raises(ErpcoreError, match="1001 and 1002"):
        shop.answer_keep(run, "7")
    for given in (
        lambda connection: answers.settle(connection, run, "Kim", number="1001"),
        lambda connection: answers.settle(connection, run, "Kim", number=None),
        lambda connection: answers.new_document(connection, run, "Kim"),
        lambda connection: answers.restore(connection, run),
    ):
        with pytest.raises(MissingRecordError), shop.store.begin() as connection:
            given(connection)
    assert shop.retry(run).state == "uncertain"
