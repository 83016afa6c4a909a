"""What the numbers of the ADK are numbers of: fields with their types, and result codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The type of a field, by the number that the ADK gives it; `MOMENT` is ours for dates that hold a time too."""

    TEXT = 2
    NUMBER = 4
    FLAG = 1
    DAY = 5
    MOMENT = "5 with a time"
    ROWS = 6

    @property
    def native(self) -> int:
        """The ADK's own number of the type."""
        return 5 if self is Kind.MOMENT else int(self.value)


@dataclass(frozen=True)
class NativeField:
    """A field of a table.

    Attributes:
        name: The ADK's name without its group.
        id: Its number.
        kind: Its type.
        meaning: What it holds, with the word that Visma Administration shows.
    """

    name: str
    id: int
    kind: Kind
    meaning: str


@dataclass(frozen=True)
class Result:
    """A result code.

    Attributes:
        code: Its number.
        name: The ADK's name, misspellings included.
        meaning: What it means, in plain words that follow “because”.
    """

    code: int
    name: str
    meaning: str


def fields(*each: NativeField) -> Mapping[str, NativeField]:
    """Give fields by name."""
    return {field.name: field for field in each}


def results(*each: Result) -> Mapping[int, Result]:
    """Give result codes by number."""
    return {result.code: result for result in each}
