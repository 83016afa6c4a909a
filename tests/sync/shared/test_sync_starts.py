"""What a system begins with at a day: refused, left out and told until then, and there from then on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from erpcore.errors import UnsupportedOperationError
from erpcore.fields import LossKind
from erpcore.hookspecs import Context
from erpcore.host import Host
from erpcore.models import Customer, CustomField, DealRow, Invoice, Order, OrderRow, Ref
from erpcore.starts import Start, left_out, not_yet
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.workable import cannot_work
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import MemoryErp
from tests.sync.world import World

DAY = date(2026, 11, 22)
TWO_DAYS = 2 * 86_400
PROJECT = CustomField(title="Project", value="7")


class Beginning(MemoryErp):
    """An ERP that gets projects, units of rows and direct invoices in two days."""

    starts: ClassVar = {
        "order.project": Start(DAY, "orders carry a project (the vendor's news)"),
        "order_row.unit": Start(DAY, "rows carry a unit (the vendor's news)"),
        "create_invoice": Start(DAY, "invoices are made directly (the vendor's news)"),
    }


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    world = make_world(erp_class=Beginning, field_mapping={"Project": "project"})
    world.erp.plugin.host = Host.in_memory("erp", clock=world.time.clock)
    world.company()
    world.article("A1")
    row = DealRow(article_number="A1", description="Lamp", quantity=Decimal(1), unit_price=Decimal(9), unit="st")
    world.deal(rows=(row,), custom_fields=(PROJECT,))
    return world


def test_until_the_day_a_field_is_left_out_and_told_and_from_then_on_it_is_sent(world: World) -> None:
    plan = world.won_deal.preview("d1")
    told = {loss.field: loss.reason for loss in plan.losses}
    assert told["project"] == "from 2026-11-22 on: orders carry a project (the vendor's news)"
    assert "rows[0].unit" in told
    assert world.handle().state == "done"
    sent = world.only_order
    assert (sent.project, sent.rows[0].unit if sent.rows else None) == (None, None)
    assert "2026-11-22" in world.told("d1")
    world.time.move(TWO_DAYS)
    world.deal("d2", rows=world.desk.deals["d1"].rows, custom_fields=(PROJECT,))
    assert world.handle("d2").state == "done"
    later = world.books.orders["1002"]
    assert (later.project, later.rows[0].unit if later.rows else None) == ("7", "st")
    assert "2026-11-22" not in world.told("d2")


def test_until_the_day_a_hook_is_not_offered_and_rules_that_need_it_are_refused(world: World) -> None:
    rules = SyncRules(won_deal="invoice")
    assert not world.erp.can("create_invoice")
    assert [error.setting for error in cannot_work("s", rules, world.crm, world.erp)] == ["syncs.s.won_deal"]
    with pytest.raises(UnsupportedOperationError, match="from 2026-11-22 on: invoices are made directly"):
        world.erp.create_invoice(Invoice(customer_number="1"), Context("test"))
    world.time.move(TWO_DAYS)
    assert world.erp.can("create_invoice")
    assert not cannot_work("s", rules, world.crm, world.erp)


def test_other_records_and_empty_values_are_no_losses() -> None:
    early = not_yet(Beginning.starts, date(2026, 11, 21))
    assert early.keys() == Beginning.starts.keys()
    assert not not_yet(Beginning.starts, DAY)
    customer = Customer(name="Acme")
    assert left_out(customer, early) == (customer, [])
    order, losses = left_out(Order(customer_number="1", project=None, rows=(OrderRow(quantity=Decimal(1)),)), early)
    assert (order.shown("project"), losses) == (False, [])
    rows: Any = (OrderRow(unit="st"), OrderRow(description="x"))
    order, losses = left_out(Order(rows=rows), early)
    assert [(loss.field, loss.kind, loss.value) for loss in losses] == [("rows[0].unit", LossKind.DROPPED, "st")]
    assert not (order.rows or ())[0].shown("unit")
    assert Ref(number="1") == left_out(Ref(number="1"), early)[0]
