"""Large reads: a page of changed records or events is one piece of work, with an outcome per record.

What a page holds, and the cursor behind it, commit together. So a read that breaks off goes on with the page that was
in hand, nothing is lost between two pages, and memory holds one page. Only what needs a story becomes a run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from erpcore.store import Store, get_cursor, put_cursor

MOST_PAGES = 100
"""Pages that one call reads at most; the rest waits for the next one, so that other lists get their turn."""


@dataclass(frozen=True)
class TakenIn:
    """What became of the records or events of one page or more.

    Attributes:
        new: How many were not known as they are.
        known: How many were.
        runs: How many runs were opened for them.
        later: How many are kept, and are taken in one after the other.
    """

    new: int = 0
    known: int = 0
    runs: int = 0
    later: int = 0

    def __add__(self, other: TakenIn) -> TakenIn:
        """Add two."""
        return TakenIn(self.new + other.new, self.known + other.known, self.runs + other.runs, self.later + other.later)


@dataclass(frozen=True)
class PageInHand:
    """A page that was read and is not kept yet.

    Attributes:
        keep: Keeps every record of the page, inside the given transaction, and says what became of them. None: nothing
            is to be kept.
        cursor: What the next page is asked for with; None leaves the stored cursor as it is.
        more: Whether more is waiting now.
        let_go: Called once the page is kept: the source need not show it again.
        known: How many of its records are known as they are, and need not be kept.
    """

    keep: Callable[[sa.Connection], TakenIn] | None
    cursor: str | None
    more: bool
    let_go: Callable[[], None]
    known: int = 0


class Remembered:
    """Cursors as they stood a moment ago: a look that finds nothing new need not read its own.

    What is kept is kept only behind the cursor that the store has, so that an old one here loses nothing.

    Args:
        monotonic: Seconds that never run backwards.
        seconds: For which a cursor is believed.
    """

    def __init__(self, monotonic: Callable[[], float], seconds: float) -> None:
        self._monotonic = monotonic
        self._seconds = seconds
        self._known: dict[tuple[str, str], tuple[str | None, float]] = {}

    def read(self, store: Store, connection_name: str, name: str) -> str | None:
        """Give a cursor: where a list was read to last."""
        key, at = (connection_name, name), self._monotonic()
        cursor, until = self._known.get(key, (None, at))
        if at >= until:
            with store.read() as connection:
                cursor = get_cursor(connection, connection_name, name)
            self._known[key] = cursor, at + self._seconds
        return cursor

    def forget(self, connection_name: str, name: str) -> None:
        """Have a cursor read anew the next time."""
        self._known.pop((connection_name, name), None)


def read_pages(
    store: Store,
    connection_name: str,
    name: str,
    read: Callable[[str | None], PageInHand],
    go_on: Callable[[], bool] = lambda: True,
    remembered: Remembered | None = None,
) -> TakenIn:
    """Read a list from where it was read to last, page by page.

    Args:
        store: Where the cursor is.
        connection_name: Name of the connection that is read from.
        name: Which of its lists, such as ``events``.
        read: Reads the page that a cursor stands for; None before the first time.
        go_on: Asked between two pages whether to read on.
        remembered: Cursors that need not be read.

    Returns:
        What became of everything that was read.

    Raises:
        ErpcoreError: What `read` raised. The pages before it are kept.
    """
    total, cursors = TakenIn(), remembered or Remembered(store.clock.monotonic, 0.0)
    for _ in range(MOST_PAGES):
        cursor = cursors.read(store, connection_name, name)
        page = read(cursor)
        if page.keep is not None or page.cursor not in (None, cursor):
            cursors.forget(connection_name, name)
            with store.begin() as connection:
                if remembered is not None and get_cursor(connection, connection_name, name) != cursor:
                    continue  # a person has had it begin anew: the page is read again, from there
                if page.keep is not None:
                    total += page.keep(connection)
                if page.cursor is not None:
                    put_cursor(connection, connection_name, name, page.cursor)
        total += TakenIn(known=page.known)
        page.let_go()
        if not page.more or not go_on():
            break
    return total
