"""A deal with very many rows: the story says it all, in few lines and few transactions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.errors import FieldLossError
from erpcore.models import DealRow
from erpcore.sync.plan import PlannedLoss
from erpcore.sync.shared.losses import grouped
from tests.sync.world import World


def lost(field: str, value: str = "x", record: str = "order") -> PlannedLoss:
    return PlannedLoss(
        record=record, field=field, kind="dropped", value=value, becomes=None, reason="no room", policy="warn"
    )


def fields(*losses: PlannedLoss) -> list[str]:
    return [each.field for each in grouped(losses)]


def test_losses_that_differ_in_their_row_alone_are_one() -> None:
    rows = [lost(f"rows[{row}].{name}") for row in (0, 1, 2, 7, 9, 10) for name in ("unit", "vat")]
    assert fields(*rows) == ["rows[0-2, 7, 9-10].unit", "rows[0-2, 7, 9-10].vat"]


def test_losses_that_differ_in_anything_else_are_told_one_by_one() -> None:
    each = [
        lost("name"),
        lost("rows[3].unit"),
        lost("rows[4].unit", "y"),
        lost("rows[5].unit", record="invoice"),
        lost("name", record="invoice"),
    ]
    assert grouped(each) == each


def plan(world: World, texts: list[str]) -> tuple[int, list[str]]:
    """Plan a deal with rows of these texts: how many transactions that took, and the losses as they are told."""
    row = DealRow(quantity=Decimal(1), unit_price=Decimal(10))
    world.desk.change("d1", rows=tuple(row.model_copy(update={"description": text}) for text in texts))
    run_id = world.open("d1")
    crm = world.won_deal.read_crm(run_id)
    commits: list[object] = []
    sa.event.listen(world.store.engine, "commit", commits.append)
    world.won_deal.make_plan(run_id, crm)
    taken = len(commits)
    world.won_deal.make_plan(run_id, crm)
    return taken, [line.text for line in world.story() if line.kind == "loss"]


def test_the_same_loss_in_every_row_is_one_line(world: World) -> None:
    _, told = plan(world, ["W" * 51] * 300)
    assert [text.partition(":")[0] for text in told] == ["order, rows[0-299].description"]
    assert "is cut" in told[0]


def test_a_long_story_is_written_in_one_transaction_and_once(world: World) -> None:
    taken, told = plan(world, [f"{number:03}" + "W" * 50 for number in range(300)])
    assert len(told) == 300, "each is another value"
    assert taken < 5


def test_a_stop_names_the_rows_together(make_world: Any) -> None:
    world = make_world(on_loss_of={"rows.description": "block"})
    world.company()
    world.deal()
    with pytest.raises(FieldLossError) as stopped:
        plan(world, ["W" * 51] * 300)
    assert "order, rows[0-299].description" in str(stopped.value)
    assert len(str(stopped.value)) < 1000
