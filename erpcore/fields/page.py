"""A vendor's or CRM maker's help page beside the field map that carries it out.

The lines of such a page are not the canonical fields: some exist in the CRM alone, some have another name, and the
page may show the system's older names. `page_table` prints the page's own lines, in its order, with what really goes
over the wire, taken from the map, so that page and code cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from erpcore.fields.map import FieldMap


@dataclass(frozen=True)
class PageLine:
    """A line of a help page.

    Attributes:
        label: The CRM's name of the field, as the page prints it.
        known_as: The system's name as the page prints it, ``N/A``, ``-`` and ``?`` included.
        field: The canonical field of the map that carries it out; None when the system never sees it.
        reason: Why it is so, for people; the map's own note is added.
    """

    label: str
    known_as: str
    field: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class PageTableLine:
    """A line to print: the page's two names, and what the map says of it."""

    label: str
    known_as: str
    native: str
    state: str
    note: str


def page_table(lines: Sequence[PageLine], field_map: FieldMap[Any]) -> list[PageTableLine]:
    """Put a help page's lines beside the map's.

    Args:
        lines: The page, in its order.
        field_map: The map that carries it out.

    Raises:
        ValueError: A line names a field that the map does not have.
    """
    mapped = {line.field: line for line in field_map.table()}
    table = []
    for line in lines:
        if line.field is None:
            table.append(PageTableLine(line.label, line.known_as, "-", "crm only", line.reason))
            continue
        if line.field not in mapped:
            raise ValueError(f"{line.label}: {field_map.model.__name__} has no line {line.field}")
        found = mapped[line.field]
        note = "; ".join(part for part in (line.reason, found.note) if part)
        table.append(PageTableLine(line.label, line.known_as, found.native, found.state, note))
    return table
