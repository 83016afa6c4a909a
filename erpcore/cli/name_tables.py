"""Tables of names, which are there to be read whole: none is cut, however narrow the window."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

STYLES = {
    "supported": "green",
    "read only": "cyan",
    "lossy": "yellow",
    "computed": "cyan",
    "derived": "cyan",
    "crm only": "dim",
}
NOTE_WIDTH, LEAST_NOTE_WIDTH = 20, 12
"""Columns that a note needs to be read with ease, and what it must do with where names are very long."""
UNBOUNDED = 10_000


def open_console() -> Console:
    """Give a console as wide as its window, or as COLUMNS says; a file or another program has no width of its own."""
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = UNBOUNDED
    return console


def name_table(title: str, names: Sequence[str], lines: Sequence[Sequence[str]], width: int) -> Table:
    """Make a table of fields.

    Args:
        title: What stands above it.
        names: What the systems are called whose names stand in the first columns.
        lines: A field each: its name in each system, its state, its note.
        width: Columns of the window. Where the names do not fit in beside each other, they stand below each other.

    Returns:
        The table. Its names go on in the next line only where the window is narrower than one of them.
    """
    rows = [(tuple(line[:-2]), line[-2], line[-1]) for line in lines]
    stacked = _needed([names, *(row[0] for row in rows)], NOTE_WIDTH) > width
    if stacked:
        names = ["\n".join(names)]
        rows = [(("\n".join(each),), state, note) for each, state, note in rows]
    table = Table(title=escape(title), title_justify="left", show_lines=stacked)
    # Several names of one field may stand below each other; a single one is cut only where the window is narrower.
    single = [names, *(tuple(cell.replace(", ", "\n") for cell in row[0]) for row in rows)]
    whole = _needed(single, LEAST_NOTE_WIDTH) <= width
    for name, least in zip(names, _widths(single), strict=True):
        table.add_column(escape(name), min_width=least if whole else None, overflow="fold")
    table.add_column("State", no_wrap=whole, overflow="fold")
    table.add_column("Note", overflow="fold")
    for each, state, note in rows:
        table.add_row(*map(escape, each), f"[{STYLES.get(state, 'red')}]{state}[/]", escape(note))
    return table


def _needed(rows: Sequence[Sequence[str]], note_width: int) -> int:
    columns = _widths(rows)
    borders = 3 * (len(columns) + 2) + 1
    return sum(columns) + len("unsupported") + note_width + borders


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(cell_len(line) for cell in column for line in cell.split("\n")) for column in zip(*rows, strict=True)]
