"""Codes of registers: resolved once, and known to be wrong before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

import pytest

from erpcore.errors import InvalidValueError, PermissionDeniedError, UnsupportedOperationError
from erpcore.fields import Field, FieldMap, Rows
from erpcore.hookspecs import Context, hookimpl
from erpcore.models import DealRow, Order, OrderRow, RecordRef, Register, RegisterEntry
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import Books, MemoryErp
from tests.sync.world import World


def _with(field_map: FieldMap[object], *entries: Field | Rows) -> FieldMap[object]:
    names = {entry.name: entry for entry in entries}
    return FieldMap(field_map.model, [names.get(entry.name, entry) for entry in field_map.entries])


ROW = _with(MemoryErp.field_maps["order_row"], Field("unit", "unit", register="unit"))


class RegisteredErp(MemoryErp):
    """An ERP whose rows name units of a register."""

    field_maps: ClassVar = {
        **MemoryErp.field_maps,
        "order": _with(MemoryErp.field_maps["order"], Rows("rows", "rows", FieldMap(OrderRow, ROW.entries))),
    }

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self.units = {"st": "Stycken", "tim": "Timmar"}
        self.refused: Exception | None = None
        self.told: list[Context] = []

    @hookimpl
    def list_register(self, register: Register, context: Context) -> Sequence[RegisterEntry]:
        self._read("list_register")
        if self.refused is not None:
            raise self.refused
        return [RegisterEntry(code=code, key=f"key of {code}", name=name) for code, name in self.units.items()]

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        self.told.append(context)
        return MemoryErp.create_order(self, order, context)


@pytest.fixture
def registered(make_world: MakeWorld) -> World:
    world = make_world(erp_class=RegisteredErp)
    world.company()
    world.article("A1")
    deal(world, "d1", "st", "st")
    return world


def deal(world: World, deal_id: str, *units: str) -> None:
    rows = [
        DealRow(article_number="A1", description="Thing", quantity=Decimal(1), unit_price=Decimal(9), unit=unit)
        for unit in units
    ]
    world.deal(deal_id, rows=tuple(rows))


def test_an_unknown_code_stops_before_anything_is_sent_with_row_value_and_what_is_near(registered: World) -> None:
    deal(registered, "d1", "st", "timm")
    run = registered.handle()
    assert (run.state, run.error_class) == ("failed", "InvalidValueError")
    assert run.problem is not None
    assert "Row 2: Memory ERP has no “timm” among its units" in str(run.error_text)
    assert "Did you mean “tim”?" in str(run.problem.advice)
    assert run.problem.field == "rows[1].unit"
    assert not registered.books.customers


def test_the_preview_tells_it_too(registered: World) -> None:
    deal(registered, "d1", "xyz")
    with pytest.raises(InvalidValueError, match="no “xyz” among its units"):
        registered.won_deal.preview("d1")


def test_a_register_is_read_once_and_its_keys_go_along(registered: World) -> None:
    assert registered.handle().state == "done"
    deal(registered, "d2", "Timmar", "TIM")
    assert registered.handle("d2").state == "done"
    assert registered.books.calls["list_register"] == 1
    told = registered.erp.plugin.told  # type: ignore[attr-defined]
    assert told[-1].keys == {"unit": {"st": "key of st", "tim": "key of tim"}}
    registered.time.move(3601)
    deal(registered, "d3", "st")
    assert registered.handle("d3").state == "done"
    assert registered.books.calls["list_register"] == 2


def test_what_is_sent_is_the_code_however_people_write_it(registered: World) -> None:
    deal(registered, "d1", "Timmar", "ST", "tim")
    assert registered.handle().state == "done"
    assert [row.unit for row in registered.only_order.rows or ()] == ["tim", "st", "tim"]


def test_a_code_that_was_added_since_is_found(registered: World) -> None:
    assert registered.handle().state == "done"
    registered.erp.plugin.units["kg"] = "Kilo"  # type: ignore[attr-defined]
    deal(registered, "d2", "kg")
    assert registered.handle("d2").state == "done"
    assert registered.books.calls["list_register"] == 2


@pytest.mark.parametrize(
    "refused", [PermissionDeniedError("No licence."), UnsupportedOperationError("It is not read.")], ids=repr
)
def test_a_register_that_cannot_be_read_stops_nothing(registered: World, refused: Exception) -> None:
    registered.erp.plugin.refused = refused  # type: ignore[attr-defined]
    deal(registered, "d1", "anything")
    assert registered.handle().state == "done"
    deal(registered, "d2", "anything")
    assert registered.handle("d2").state == "done"
    assert registered.books.calls["list_register"] == 1
