"""Every write of an order under every fault: one record in the ERP, and the CRM knows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erpcore.models import CrmOrderRow
from tests.sync.conftest import MakeShop
from tests.sync.memory_plugin import Killed
from tests.sync.order_plugin import HeadCrm, OrderCrm
from tests.sync.world import World


@pytest.fixture(params=[OrderCrm, HeadCrm])
def busy(make_shop: MakeShop, request: pytest.FixtureRequest) -> World:
    """An order whose plan has every write: new customer, new article, order, conversion, write-backs to both."""
    shop = make_shop(crm_class=request.param)
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
        ("fetch_order_head", "before:unreachable", 0),
        ("rows", "before:unreachable", 0),
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
