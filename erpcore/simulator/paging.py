"""One page of a list. What its parameters are called, and what a wrong one gives, is the simulator's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page.

    Attributes:
        items: What is on it.
        number: Which page it is, from 1; it may lie beyond the last.
        pages: How many there are; 0 for an empty list.
        total: How many items the whole list has.
    """

    items: Sequence[Item]
    number: int
    pages: int
    total: int

    @property
    def has_more(self) -> bool:
        """Whether a page follows."""
        return self.number < self.pages


def page_of(found: Sequence[Item], number: int, size: int) -> Page[Item]:
    """Cut one page out of a list.

    Args:
        found: The whole list.
        number: Which page, from 1.
        size: Items per page, at least 1.

    Raises:
        ValueError: There can be no such page.
    """
    if number < 1 or size < 1:
        raise ValueError(f"There is no page {number} of {size} items.")
    start = (number - 1) * size
    return Page(found[start : start + size], number, -(-len(found) // size), len(found))
