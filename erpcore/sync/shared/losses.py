"""What would not arrive as it is. Losses that differ only in their row are told as one: an order of a thousand rows
would bury everything else. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from pydantic import BaseModel

from erpcore.fields import Loss
from erpcore.sync.shared.rule_fields import LossPolicy
from erpcore.sync.shared.view import Seen

_ROW = re.compile(r"(\w+)\[(\d+)\](.*)", re.DOTALL)


class PlannedLoss(Seen):
    """A value that would not arrive as it is."""

    record: str
    field: str
    kind: str
    value: str
    becomes: str | None
    reason: str
    policy: LossPolicy

    @classmethod
    def of(cls, record: str, loss: Loss, policy: LossPolicy) -> PlannedLoss:
        """Make one from what a field map tells.

        Args:
            record: What kind of record loses it: customer, article, order, invoice.
            loss: From the field map.
            policy: From the rules.
        """
        becomes: Any = loss.becomes
        return cls(
            record=record,
            field=loss.field,
            kind=str(loss.kind),
            value=_words(loss.value),
            becomes=None if becomes is None else _words(becomes),
            reason=loss.reason,
            policy=policy,
        )


def _words(value: Any) -> str:
    """Write a value for people; of a record, what it shows."""
    if isinstance(value, BaseModel):
        return ", ".join(str(part) for part in dict(value).values() if part)
    return "" if value is None else str(value)


def grouped(losses: Sequence[PlannedLoss]) -> list[PlannedLoss]:
    """Join losses that are the same in every row that has them.

    Args:
        losses: In the order of the plan.

    Returns:
        In the same order, by the first of each group; the field of a joined one names all of its rows, such as
        ``rows[0-2, 7].description``.
    """
    groups: dict[PlannedLoss, tuple[PlannedLoss, list[int]]] = {}
    for lost in losses:
        found = _ROW.fullmatch(lost.field)
        in_any_row = lost if found is None else lost.model_copy(update={"field": f"{found[1]}[*]{found[3]}"})
        rows = groups.setdefault(in_any_row, (lost, []))[1]
        if found is not None:
            rows.append(int(found[2]))
    return [
        first
        if len(rows) < 2
        else first.model_copy(update={"field": in_any_row.field.replace("[*]", f"[{_ranges(rows)}]", 1)})
        for in_any_row, (first, rows) in groups.items()
    ]


def _ranges(rows: Sequence[int]) -> str:
    # Within a run of neighbours, a number less its place is the same.
    placed = enumerate(sorted(set(rows)))
    runs = [[row for _, row in run] for _, run in groupby(placed, key=lambda each: each[1] - each[0])]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
