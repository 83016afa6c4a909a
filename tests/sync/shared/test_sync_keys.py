"""What erpcore has been told a record's key of is never searched again, and a link survives a change of number."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erpcore.models import DealRow, DocumentQuery
from erpcore.store import live_link
from tests.sync.conftest import MakeWorld
from tests.sync.keyed_plugin import KeyedErp, NumberedErp
from tests.sync.world import SYNC, World

ROWS = tuple(
    DealRow(article_number=f"A{n}", description=f"Thing {n}", quantity=Decimal(n), unit_price=Decimal(10))
    for n in (1, 2, 3)
)


@pytest.fixture
def keyed(make_world: MakeWorld) -> World:
    """An ERP of keys, with three articles, a customer that was made and an order."""
    return furnished(make_world(erp_class=KeyedErp))


def furnished(world: World) -> World:
    world.company()
    for row in ROWS:
        world.article(str(row.article_number))
    world.deal("d1", rows=ROWS)
    assert world.handle("d1").state == "done"
    world.deal("d2", rows=ROWS)
    world.books.calls.clear()
    return world


def erp_of(world: World) -> Any:
    return world.erp.plugin


def link_of(world: World, source_kind: str, source_id: str, target_kind: str) -> Any:
    with world.store.read() as connection:
        return live_link(connection, sync=SYNC, source_kind=source_kind, source_id=source_id, target_kind=target_kind)


def test_an_order_of_a_known_customer_and_three_known_articles_is_one_request(keyed: World) -> None:
    assert keyed.handle("d2").state == "done"
    assert dict(keyed.books.calls) == {"create_order": 1}
    assert [row.article_number for row in keyed.books.orders["1002"].rows or ()] == ["A1", "A2", "A3"]


def test_without_keys_the_same_order_costs_a_look_up_for_each_record(keyed: World) -> None:
    order = keyed.books.orders["1001"]
    sent = order.model_copy(update={"customer_key": None, "rows": tuple(_keyless(row) for row in order.rows or ())})
    keyed.erp.create_order(sent, keyed.won_deal._attempt(keyed.work(keyed.open("d2"))).context("another"))
    assert keyed.books.calls["look_up"] == 4


def test_a_customer_with_a_new_number_stays_the_customer(keyed: World) -> None:
    erp_of(keyed).renumber("customers", "1", "9001")
    assert keyed.handle("d2").state == "done"
    assert keyed.books.orders["1002"].customer_number == "9001"
    assert dict(keyed.books.calls) == {"create_order": 1}


def test_a_link_follows_the_number_that_an_update_gives_back(keyed: World) -> None:
    erp_of(keyed).renumber("customers", "1", "9001")
    keyed.company(phone="08-1")
    assert keyed.handle("d2").state == "done"
    assert keyed.books.customers["9001"].phone == "08-1"
    link = link_of(keyed, "company", "c1", "customer")
    assert (link.number, link.key) == ("9001", erp_of(keyed).key("customers", "9001"))
    assert "look_up" not in keyed.books.calls


def test_where_documents_name_the_number_a_link_follows_the_customer_that_is_found_by_key(
    make_world: MakeWorld,
) -> None:
    world = furnished(make_world(erp_class=NumberedErp))
    erp_of(world).renumber("customers", "1", "9001")
    run = world.handle("d2")
    assert run.state == "done"
    assert "Customer 1 has the number 9001 in the ERP now" in (run.error_text or "") + world.told("d2")
    assert world.books.orders["1002"].customer_number == "9001"
    assert link_of(world, "company", "c1", "customer").number == "9001"
    assert len(world.books.customers) == 1


def test_a_link_follows_an_article_with_a_new_number(keyed: World) -> None:
    made = (DealRow(description="Made here", quantity=Decimal(1), unit_price=Decimal(7)),)
    keyed.rules(free_row="article")
    keyed.deal("d2", rows=made)
    assert keyed.handle("d2").state == "done"
    number = str((keyed.books.orders["1002"].rows or ())[0].article_number)
    erp_of(keyed).renumber("articles", number, "MOVED")
    keyed.time.move(3601)  # what is remembered of articles has run out
    keyed.deal("d3", rows=made)
    assert keyed.handle("d3").state == "done"
    assert (keyed.books.orders["1003"].rows or ())[0].article_number == "MOVED"
    assert link_of(keyed, "article", "name made here", "article").number == "MOVED"
    assert "MOVED" in keyed.books.articles
    assert number not in keyed.books.articles


def test_an_order_is_invoiced_and_looked_for_by_its_key(make_world: MakeWorld) -> None:
    world = make_world(erp_class=KeyedErp, convert_to_invoice=True)
    world.company()
    world.deal("d1")
    world.books.faults["convert_to_invoice"] = ["before:refused"]
    failed = world.handle("d1")
    assert failed.state == "failed"
    erp_of(world).renumber("orders", "1001", "5001")
    assert world.retry(failed).state == "done"
    (order,) = world.erp.find_orders(DocumentQuery(number="5001"), world.won_deal._attempt(failed).context())
    assert [each.number for each in order.invoices] == ["1"]


def _keyless(row: Any) -> Any:
    return row.model_copy(update={"article_key": None})
