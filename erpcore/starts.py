"""What a system begins with at a day: before it, a hook is not there and a field is not sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from erpcore.fields import Loss, LossKind

if TYPE_CHECKING:
    from erpcore.models import CanonicalModel

_R = TypeVar("_R", bound="CanonicalModel")


@dataclass(frozen=True)
class Start:
    """The beginning of something in a system.

    Attributes:
        day: The first day on which it holds, of the company's own zone.
        reason: What begins, and where the vendor says so, for people.
    """

    day: date
    reason: str

    @property
    def words(self) -> str:
        """When and why, for people."""
        return f"from {self.day.isoformat()} on: {self.reason}"


def not_yet(starts: Mapping[str, Start], today: date) -> Mapping[str, Start]:
    """Give what has not begun.

    Args:
        starts: As a plugin states them (`Plugin.starts`).
        today: The company's day.
    """
    return {name: start for name, start in starts.items() if today < start.day}


def left_out(record: _R, early: Mapping[str, Start]) -> tuple[_R, list[Loss]]:
    """Take the fields that have not begun out of a record.

    Args:
        record: The record, its rows included.
        early: From `not_yet`; those of hooks and of other records are passed over.

    Returns:
        The record without them, and what is lost so.
    """
    return _without(record, early, "") if early else (record, [])


def _without(record: _R, early: Mapping[str, Start], place: str) -> tuple[_R, list[Loss]]:
    shown: dict[str, Any] = {name: getattr(record, name) for name in record.model_fields_set}
    losses: list[Loss] = []
    for name, value in list(shown.items()):
        start = early.get(f"{record_name(record)}.{name}")
        if start is not None:
            del shown[name]
            if value not in (None, "", ()):
                losses.append(Loss(place + name, LossKind.DROPPED, value, None, start.words))
        elif name == "rows" and value is not None:
            rows = [_without(row, early, f"{place}rows[{index}].") for index, row in enumerate(value)]
            shown[name] = tuple(row for row, _ in rows)
            losses += [loss for _, lost in rows for loss in lost]
    return record if shown.keys() == record.model_fields_set and not losses else type(record)(**shown), losses


def record_name(record: CanonicalModel) -> str:
    """Give the name of a record's kind in small letters, such as ``order_row``."""
    name = type(record).__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
