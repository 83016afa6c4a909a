"""Orders of a CRM: each sentence of Lime's tables of order fields that concerns the flow, and the life of an order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from erpcore.models import Article, CrmOrderRow, Customer
from erpcore.store import live_link
from erpcore.sync import answers
from erpcore.sync.planned import in_words
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import Killed
from tests.sync.order_plugin import AddingErp, OrderCrm
from tests.sync.world import SYNC, World

MakeShop = Callable[..., World]


@pytest.fixture
def make_shop(make_world: MakeWorld) -> MakeShop:
    """A sync of orders: a company that is customer 50 in the ERP, and the article A1."""

    def make(**options: Any) -> World:
        world = make_world(**{"crm_class": OrderCrm, "erp_class": AddingErp, **options})
        world.company(erp_number="50")
        world.books.customers["50"] = Customer(number="50", name="Acme AB", organisation_number="556000-4615")
        world.article("A1")
        world.order(customer_number="50")
        return world

    return make


@pytest.fixture
def shop(make_shop: MakeShop) -> World:
    return make_shop()


def statuses(world: World, record_id: str = "o1") -> list[str | None]:
    return [values.status for values in world.desk.told if values.record_id == record_id]


# The head


def test_the_order_number_is_written_back(shop: World) -> None:
    run = shop.ready()
    assert (run.state, run.summary) == ("done", "Order 1001.")
    order = shop.desk.orders["o1"]
    assert (order.order_number, order.invoice_number, order.status, order.message) == ("1001", None, "synced", None)


def test_create_invoice_from_order_converts_the_order_and_writes_the_invoice_number_back(shop: World) -> None:
    shop.change_order(create_invoice=True)
    assert shop.ready().summary == "Order 1001, invoice 1."
    assert shop.books.orders["1001"].invoice_number == "1"
    assert shop.books.invoices["1"].booked is False
    order = shop.desk.orders["o1"]
    assert (order.order_number, order.invoice_number, order.status) == ("1001", "1", "synced")
    assert statuses(shop) == ["inprocess", "inprocess", "synced"], "it is not synced before it is an invoice"


def test_without_create_invoice_from_order_there_is_no_invoice(shop: World) -> None:
    shop.change_order(create_invoice=False)
    shop.ready()
    assert not shop.books.invoices


def test_the_erp_db_chooses_the_sync(make_shop: MakeShop) -> None:
    shop = make_shop(erp_db="se", erp_dbs=("se", "no"))
    shop.change_order(erp_db="no")
    run = shop.ready()
    assert (run.state, shop.desk.orders["o1"].status) == ("nothing", "readytobesent"), "the other sync takes it"
    assert "“no”, and this sync is for “se”" in str(run.summary)
    shop.change_order(erp_db="se")
    assert shop.ready().state == "done"


@pytest.mark.parametrize(("key", "words"), [("dk", "No sync is for"), (None, "does not say which ERP db")])
def test_an_erp_db_that_no_sync_is_for_is_told(make_shop: MakeShop, key: str | None, words: str) -> None:
    shop = make_shop(erp_db="se", erp_dbs=("se", "no"))
    shop.change_order(erp_db=key)
    run = shop.ready()
    assert run.state == "failed"
    assert words in str(shop.desk.orders["o1"].message)
    assert "There are no, se" in str(shop.desk.orders["o1"].message)


def test_a_sync_without_erp_db_takes_every_order(shop: World) -> None:
    shop.change_order(erp_db="whatever")
    assert shop.ready().state == "done"


def test_the_customer_number_is_the_key_to_the_customer(shop: World) -> None:
    shop.books.customers["51"] = Customer(number="51", name="Acme AB", organisation_number="556000-4615")
    shop.ready()
    assert shop.only_order.customer_number == "50", "although two have the company's organisation number"
    assert shop.books.calls["find_customers"] == 1
    assert shop.desk.companies["c1"].erp_number == "50"
    shop.order("o2", customer_number="50")
    shop.ready("o2")
    assert shop.books.calls["find_customers"] == 1, "known by its link now"
    assert shop.books.calls["update_customer"] == 0


def test_a_customer_number_goes_before_the_link(shop: World) -> None:
    shop.ready()
    shop.books.customers["60"] = Customer(number="60", name="Acme Syd AB")
    shop.order("o2", customer_number="60")
    shop.ready("o2")
    assert shop.books.orders["1002"].customer_number == "60"


def test_an_order_without_company_goes_by_its_customer_number(shop: World) -> None:
    shop.change_order(company_id=None)
    shop.ready()
    assert shop.only_order.customer_number == "50"


def test_an_order_without_customer_number_goes_by_the_organisation_number_of_its_company(shop: World) -> None:
    shop.company()
    shop.change_order(customer_number=None)
    shop.ready()
    assert shop.only_order.customer_number == "50"
    assert shop.desk.companies["c1"].erp_number == "50", "written back to the company"


def test_a_customer_that_the_erp_lacks_is_created_and_its_number_written_back(shop: World) -> None:
    shop.books.customers.clear()
    shop.company()
    shop.change_order(customer_number=None)
    shop.ready()
    assert shop.only_order.customer_number == "1"
    assert shop.books.customers["1"].organisation_number == "556000-4615"
    assert shop.desk.companies["c1"].erp_number == "1"


def test_a_customer_that_the_erp_lacks_stops_the_order_where_the_rule_says_so(make_shop: MakeShop) -> None:
    shop = make_shop(missing_customer="stop")
    shop.books.customers.clear()
    shop.change_order(customer_number=None)
    shop.company()
    run = shop.ready()
    assert (run.state, run.error_class) == ("failed", "MissingRecordError")
    assert not shop.books.customers
    shop.books.customers["9"] = Customer(number="9", name="Acme", organisation_number="556000-4615")
    assert shop.ready().state == "done"


def test_an_unknown_customer_number_goes_on_to_the_company_and_is_told(shop: World) -> None:
    shop.change_order(customer_number="4711")
    assert shop.ready().state == "done"
    assert shop.only_order.customer_number == "50"
    assert "customer number 4711, which the ERP has not" in shop.told("o1", "order")


def test_an_unknown_customer_number_stops_where_the_rule_says_so(make_shop: MakeShop) -> None:
    shop = make_shop(unknown_customer_number="stop")
    shop.change_order(customer_number="4711")
    run = shop.ready()
    assert (run.state, run.error_class) == ("failed", "MissingRecordError")
    assert "no customer 4711" in str(shop.desk.orders["o1"].message)
    assert not shop.books.orders


def test_an_unknown_customer_number_without_company_and_none_at_all_are_told(shop: World) -> None:
    shop.change_order(customer_number="4711", company_id=None)
    assert "names no company" in str(shop.ready().error_text)
    shop.change_order(customer_number=None)
    assert "neither a customer number nor a company" in str(shop.ready().error_text)


def test_customer_reference_coworker_date_and_currency_go_over(shop: World) -> None:
    shop.change_order(currency="EUR")
    shop.ready()
    order = shop.only_order
    assert (order.your_reference, order.our_reference) == ("Kim Kund", "Sam Säljare")
    assert (order.order_date, order.currency) == (date(2026, 11, 18), "EUR")


@pytest.mark.parametrize(
    ("rule", "sent"), [(("number",), "17"), (("email", "name"), "sam@seller.example"), (("name",), "Sam Säljare")]
)
def test_our_reference_is_what_the_erp_knows_its_employees_by(make_shop: MakeShop, rule: Any, sent: str) -> None:
    shop = make_shop(our_reference=rule)
    shop.ready()
    assert shop.only_order.our_reference == sent


def test_an_order_without_date_is_dated_today_and_an_unknown_currency_stops(make_shop: MakeShop) -> None:
    shop = make_shop(currencies=("SEK",))
    shop.change_order(order_date=None)
    shop.ready()
    assert shop.only_order.order_date == date(2026, 11, 20)
    shop.order("o2", customer_number="50", currency="USD")
    assert "The order's currency USD" in str(shop.ready("o2").error_text)


# The rows


def test_each_field_of_a_row_goes_over(shop: World) -> None:
    row = CrmOrderRow(
        row_id="7",
        article_number="A1",
        description="Chair, blue",
        quantity=Decimal("2.5"),
        unit="h",
        unit_price=Decimal("99.50"),
        vat_percent=Decimal(12),
        discount_amount=Decimal("10.25"),
        vat_account="2611",
        income_account="3001",
    )
    shop.change_order(rows=(row, CrmOrderRow(description="Only text")))
    shop.ready()
    first, text = shop.only_order.rows
    sent = {name: getattr(row, name) for name in type(row).model_fields if name not in ("row_id", "article_id")}
    assert {name: getattr(first, name) for name in sent} == sent
    assert first.row_id is None, "the ERP numbers its rows"
    assert (text.is_text, text.description) == (True, "Only text")


def test_an_article_that_the_erp_lacks_is_created_towards_the_rows_income_account(shop: World) -> None:
    row = CrmOrderRow(article_id="p9", description="Lamp", quantity=Decimal(1), income_account="3001")
    shop.change_order(rows=(row, row))
    shop.ready()
    assert len(shop.books.articles) == 2
    new = next(article for number, article in shop.books.articles.items() if number != "A1")
    assert (new.description, new.income_account, new.currency) == ("Lamp", "3001", "SEK")
    assert [row.article_number for row in shop.only_order.rows] == [new.number, new.number]


def test_an_article_that_the_erp_lacks_stops_the_order_where_the_rule_says_so_until_it_is_mended(
    make_shop: MakeShop,
) -> None:
    shop = make_shop(missing_article="stop")
    shop.books.articles.clear()
    run = shop.ready()
    assert run.state == "failed"
    order = shop.desk.orders["o1"]
    assert order.status == "error"
    assert "The article “Chair” (A1) of row 1 is not in the ERP" in str(order.message)
    assert "send the order again" in str(order.message)
    assert not shop.books.orders
    shop.books.articles["A1"] = Article(number="A1", description="Chair")
    assert shop.ready().state == "done"
    order = shop.desk.orders["o1"]
    assert (order.status, order.order_number, order.message) == ("synced", "1001", None)


@pytest.mark.parametrize("rows", [(), None, ...])
def test_an_order_without_rows_is_told(shop: World, rows: Any) -> None:
    shop.order(customer_number="50", rows=rows)
    run = shop.ready()
    assert run.error_class == "InvalidValueError"
    assert "rows" in str(shop.desk.orders["o1"].message)
    assert not shop.books.calls


# Order status and error message


def test_an_order_is_in_process_before_anything_is_read_that_is_sent(shop: World) -> None:
    write_back = shop.desk.calls

    class Edit:
        """Somebody changes the order after it was read first, and before it is read-only."""

        def __init__(self) -> None:
            self.fetch = OrderCrm.fetch_order

        def __call__(self) -> None:
            shop.change_order(rows=(CrmOrderRow(article_number="A1", quantity=Decimal(3), unit_price=Decimal(1)),))

    edit = Edit()
    before = shop.crm.write_back

    def late(values: Any, context: Any) -> bool:
        if values.status == "inprocess" and not write_back["write_back order"]:
            edit()
        return before(values, context)

    shop.crm.write_back = late  # type: ignore[method-assign]  # what happens in between
    shop.ready()
    assert shop.only_order.rows[0].quantity == Decimal(3)


@pytest.mark.parametrize("status", ["notready", "synced", "error"])
def test_an_order_that_is_not_ready_makes_nothing(shop: World, status: str) -> None:
    shop.change_order(status=status)
    run = shop.handle("o1", "order_ready")
    assert (run.state, shop.desk.orders["o1"].status) == ("nothing", status)
    assert f"“{status}”" in str(run.summary)
    assert not shop.books.calls
    assert not shop.desk.told


def test_a_crm_that_shows_no_status_is_believed_by_its_events(shop: World) -> None:
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
    assert answers.restore(shop.store, SYNC, "order", "o1") == "1001"
    assert shop.retry(run).state == "done"
    assert (shop.desk.orders["o1"].order_number, len(shop.books.orders)) == ("1001", 1)
    shop.change_order(order_number=None)
    run = shop.ready()
    answers.new_document(shop.store, SYNC, "order", "o1", "Kim")
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
        assert live_link(connection, sync=SYNC, kind="order", crm_id="7", erp_kind="order") is not None
        assert live_link(connection, sync=SYNC, kind="deal", crm_id="7", erp_kind="order") is None


def test_the_preview_tells_steps_and_losses_and_changes_nothing_in_either_system(shop: World) -> None:
    shop.change_order(
        create_invoice=True,
        rows=(CrmOrderRow(article_number="A1", description="x" * 60, quantity=Decimal(1), unit_price=Decimal(10)),),
    )
    plan = shop.ready_order.preview("o1")
    assert [step.step for step in plan.steps] == [
        "use_customer",
        "create_order",
        "compare_sums",
        "write_back",
        "convert_to_invoice",
        "write_back",
    ]
    assert [loss.field for loss in plan.losses] == ["rows[0].description"]
    assert all(in_words(step).endswith(".") for step in plan.steps)
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


# Faults, per write


@pytest.fixture
def busy(make_shop: MakeShop) -> World:
    """An order whose plan has every write: new customer, new article, order, conversion, write-backs to both."""
    shop = make_shop()
    shop.books.customers.clear()
    shop.company()
    rows = (CrmOrderRow(article_id="p1", description="Lamp", quantity=Decimal(2), unit_price=Decimal(100)),)
    shop.change_order(customer_number=None, create_invoice=True, rows=rows)
    return shop


ERP_WRITES = ("create_customer", "create_article", "create_order", "convert_to_invoice")


def one_of_each(world: World) -> None:
    books = world.books
    assert [len(each) for each in (books.customers, books.orders, books.invoices)] == [1, 1, 1]
    assert len(books.articles) == 2
    order = world.desk.orders["o1"]
    assert (order.order_number, order.invoice_number, order.status, order.message) == ("1001", "1", "synced", None)
    assert world.desk.companies["c1"].erp_number == "1"


@pytest.mark.parametrize("fault", ["after:lost", "after:garbage", "before:lost", "before:unreachable", "after:broken"])
@pytest.mark.parametrize("operation", ERP_WRITES)
def test_every_write_to_the_erp_under_every_fault_makes_one(busy: World, operation: str, fault: str) -> None:
    busy.books.faults[operation] = [fault]
    assert busy.ready().state == "done"
    one_of_each(busy)


@pytest.mark.parametrize(
    ("operation", "fault", "number"),
    [
        *(("write_back order", fault, number) for fault in ("after:lost", "before:unreachable") for number in range(3)),
        *(("write_back company", fault, 0) for fault in ("after:lost", "before:lost", "before:unreachable")),
        *(("fetch_order", "before:unreachable", number) for number in range(2)),
    ],
)
def test_every_call_to_the_crm_under_every_fault_changes_nothing(
    busy: World, operation: str, fault: str, number: int
) -> None:
    busy.desk.faults[operation] = [None] * number + [fault]
    assert busy.ready().state == "done"
    one_of_each(busy)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("operation", [*ERP_WRITES, "write_back order", "write_back company"])
def test_killed_around_a_write_and_started_again(busy: World, operation: str, when: str) -> None:
    faults = busy.desk.faults if operation.startswith("write_back") else busy.books.faults
    faults[operation] = [f"{when}:killed"]
    busy.event("o1", "order_ready")
    run_id = busy.open("o1", "order")
    with pytest.raises(Killed):
        busy.work(run_id)
    assert busy.work(run_id).state == "done"
    one_of_each(busy)


@pytest.mark.parametrize("operation", [*ERP_WRITES, "find_customers"])
def test_a_refusal_of_any_call_is_told_and_mended_by_setting_the_order_ready_again(busy: World, operation: str) -> None:
    busy.books.faults[operation] = ["before:refused"]
    run = busy.ready()
    assert (run.state, busy.desk.orders["o1"].status) == ("failed", "error")
    assert busy.ready().state == "done"
    one_of_each(busy)


def test_an_unsettled_order_that_is_taken_back_is_looked_for_and_not_made(busy: World) -> None:
    busy.books.faults["create_order"] = ["before:killed"]
    busy.event("o1", "order_ready")
    with pytest.raises(Killed):
        busy.work(busy.open("o1", "order"))
    busy.change_order(status="notready")
    run = busy.work(busy.open("o1", "order"))
    assert (run.state, len(busy.books.orders)) == ("nothing", 0)
    assert "had made nothing" in busy.told("o1", "order")


def test_an_order_that_is_gone_from_the_crm_fails_plainly(shop: World) -> None:
    shop.desk.orders.clear()
    run = shop.handle("o1", "order_ready")
    assert (run.state, run.error_class) == ("failed", "NotFoundError")


def test_an_order_whose_company_is_gone_fails_plainly(shop: World) -> None:
    shop.desk.companies.clear()
    assert "company c1 is not in the CRM" in str(shop.ready().error_text)
