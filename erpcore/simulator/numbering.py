"""Numbers that a system gives out: a series for each kind of record, and none given twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class SeriesExhausted(LookupError):
    """A series has no free number left."""


class Numbering:
    """Number series by name. A number that was given out is not given again, whatever became of its record.

    Whether a number that a person asks for is free, and what is said when it is not, is the simulator's to know; the
    series only passes it over.

    Args:
        first: The first number of a series, where it is not 1.
    """

    def __init__(self, first: Mapping[str, int] | None = None) -> None:
        self._first = dict(first or {})
        self._last: dict[str, int] = {}

    def next(self, series: str) -> int:
        """Give out the next number of a series."""
        self._last[series] = self._following(series)
        return self._last[series]

    def next_free(self, series: str, is_taken: Callable[[int], bool], within: range | None = None) -> int:
        """Give out the next number of a series that nobody has.

        Args:
            series: The series.
            is_taken: Tells whether somebody has a number, by having asked for it.
            within: The numbers that the series has; without it, all from the first on.

        Raises:
            SeriesExhausted: There is none left within these; the series stays where it was.
        """
        number = self._following(series)
        if within is not None:
            number = max(number, within.start)
        while is_taken(number) and (within is None or number < within.stop):
            number += 1
        if within is not None and number >= within.stop:
            raise SeriesExhausted(f"The series {series} has no free number up to {within.stop - 1}.")
        self._last[series] = number
        return number

    def clear(self) -> None:
        """Let every series begin anew."""
        self._last.clear()

    def memory(self) -> dict[str, Any]:
        """Return the last number given out of each series."""
        return dict(self._last)

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        self._last = dict(memory)

    def _following(self, series: str) -> int:
        return self._last.get(series, self._first.get(series, 1) - 1) + 1
