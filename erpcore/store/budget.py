"""The request budget that all processes on one store share.

A row per vendor limit, and a row per granted instant. Each request takes one short transaction: lock the row, see
whether one more request fits now, write the instant down, commit. If it does not fit, the wait for it comes outside the
transaction, and then it is asked again: an instant that was promised ahead would be wrong by as much as its thread
wakes up late, and on a busy machine that is more than the margin. On PostgreSQL the instants are the database's, so
that workers' clocks may differ.

An instant ahead of now is from before the clock was set back. Its request may have left a moment ago, and counts from
now on.

On a SQLite file works one worker. It keeps its grants in memory, and exchanges them once a second with what commands
beside it have noted, so that a request costs no transaction.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from erpcore.host import LONGEST_WAY, Budget, MemoryBudget, too_long
from erpcore.store.clock import now
from erpcore.store.database import Store
from erpcore.store.rows import find, insert_if_new
from erpcore.store.schema import budget_grants, budget_windows

WORKER_NOTES_EVERY = 1.0
"""Seconds between two notes of what a worker on SQLite was granted."""
_SELDOM = 60
"""A fiftieth of a window's requests is not noted until so many times that long has passed."""
_FORGET_EVERY = 20
"""Grants after which those are deleted that no window needs any more."""


def budget_of(store: Store, *, noted_every: float = 0.0) -> Budget:
    """Give the budget that the processes on a store share.

    Args:
        store: The store.
        noted_every: On SQLite, seconds between two notes of what was granted; 0 for each grant at once, as a command
            does that is over soon.
    """
    return NotedBudget(store, noted_every) if store.is_sqlite else StoreBudget(store)


class NotedBudget(MemoryBudget):
    """The budget of a process on a SQLite file; others learn of its grants when it notes them.

    Args:
        store: The store.
        every: Seconds between two notes.
    """

    def __init__(self, store: Store, every: float) -> None:
        super().__init__(store.clock)
        self._store = store
        self._every = every
        self._exchanged: dict[str, tuple[float, int]] = {}
        self._to_note: defaultdict[str, list[float]] = defaultdict(list)
        self._turn = threading.Lock()

    def acquire(self, key: str, limit: int, seconds: float, *, longest_wait: float = 30.0) -> float:
        """See `erpcore.host.Budget.acquire`."""
        if key not in self._exchanged:
            self._exchange(key, seconds)
        waited = super().acquire(key, limit, seconds, longest_wait=longest_wait)
        self._to_note[key].append(self._clock.monotonic())
        # Few requests, such as those of an idle worker's looks into a feed, do not press for it.
        since, pressing = self._clock.monotonic() - self._exchanged[key][0], len(self._to_note[key]) * 50 >= limit
        if since >= (self._every if pressing else _SELDOM * self._every):
            self._exchange(key, seconds)
        return waited

    def close_window(self, key: str, seconds: float) -> None:
        """See `erpcore.host.Budget.close_window`."""
        super().close_window(key, seconds)
        StoreBudget(self._store).close_window(key, seconds)

    def _exchange(self, key: str, seconds: float) -> None:
        """Note what was granted here since the last time, and learn what others have noted."""
        with self._turn, self._store.begin(lasting=False) as connection:
            at, newest = now(connection).timestamp(), self._exchanged.get(key, (0.0, 0))[1]
            ago = self._clock.monotonic() - at
            row = connection.execute(_WINDOW, {"key": key}).first()
            if row is None:
                insert_if_new(connection, budget_windows, {"key": key})
            elif row.blocked_until is not None and row.blocked_until > at:
                super().close_window(key, row.blocked_until - at)
            for grant in connection.execute(_OTHERS, {"key": key, "newest": newest, "since": at - seconds}).all():
                newest = max(newest, grant.id)
                self.count(key, min(grant.instant, at) + ago)
            mine, self._to_note[key] = self._to_note[key], []
            if mine:
                noted = connection.execute(_NOTE, [{"key": key, "instant": instant - ago} for instant in mine])
                newest = max(newest, *noted.scalars())
                connection.execute(_FORGET, {"key": key, "since": at - seconds})
            self._exchanged[key] = (at + ago, newest)


class StoreBudget:
    """A budget for every process on one store (`erpcore.host.Budget`).

    Args:
        store: The store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._clock = store.clock
        self._last = threading.local()
        self._known = set[str]()
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def acquire(self, key: str, limit: int, seconds: float, *, longest_wait: float = 30.0) -> float:
        """Wait until one more request fits, and count it; see `erpcore.host.Budget.acquire`.

        Raises:
            RateLimitedError: The wait would be longer; nothing was counted.
        """
        begun = self._clock.monotonic()
        turn = self._turns[key]
        # One of this process asks at a time: many who wait for the same instant would all ask again when it comes, and
        # all but one in vain.
        at_once = turn.acquire(blocking=False)
        in_turn = at_once or turn.acquire(timeout=longest_wait)
        try:
            waited = 0.0 if at_once else self._clock.monotonic() - begun
            while (wait := self._take(key, limit, seconds)) > 0:
                if not in_turn or waited + wait > longest_wait:
                    raise too_long(key, wait)
                self._clock.sleep(wait)
                waited += wait
            return waited
        finally:
            if in_turn:
                turn.release()

    def answered(self, key: str, tolerance: float) -> None:
        """Count this thread's last request from now on; see `erpcore.host.Budget.answered`."""
        grant, turn = self._last.__dict__.pop(key, (None, 0.0))
        if grant is None or (late := min(self._clock.monotonic() - turn, LONGEST_WAY)) <= tolerance:
            return
        with self._store.begin(lasting=False) as connection:
            connection.execute(_MOVE, {"the_grant": grant, "late": late})

    def close_window(self, key: str, seconds: float) -> None:
        """Grant nothing for this long; see `erpcore.host.Budget.close_window`."""
        with self._store.begin() as connection:
            closed_until = _lock(connection, key)
            until = max(closed_until, now(connection).timestamp() + seconds)
            where = budget_windows.c.key == key
            connection.execute(sa.update(budget_windows).where(where).values(blocked_until=until))

    def _take(self, key: str, limit: int, seconds: float) -> float:
        """Count one more request if it fits now; otherwise give the seconds until it may."""
        # A power cut takes longer than a window: what was granted before need not outlast it.
        with self._store.begin(lasting=False) as connection:
            if not self._store.is_sqlite or key not in self._known:
                _lock(connection, key)  # SQLite has locked the whole file already; there it only makes the row
            turn = self._clock.monotonic()  # before the rest of the transaction, whose commit may wait for a slow disk
            at = now(connection).timestamp()
            closed_until, newest, filled = connection.execute(_looking_back(limit), {"key": key}).one()
            if newest is not None and newest > at:
                ahead = (budget_grants.c.key == key, budget_grants.c.instant > at)
                connection.execute(sa.update(budget_grants).where(*ahead).values(instant=at))
            full = 0.0 if filled is None else seconds - (at - min(filled, at))
            wait: float = max(full, 0.0, 0.0 if closed_until is None else closed_until - at)
            if wait > 0:
                return wait
            new = connection.execute(_GRANT, {"key": key, "instant": at})
            row = None if new.inserted_primary_key is None else new.inserted_primary_key[0]
            if row is not None and row % _FORGET_EVERY == 0:
                old = (budget_grants.c.key == key, budget_grants.c.instant < at - seconds)
                connection.execute(sa.delete(budget_grants).where(*old))
        self._known.add(key)
        self._last.__dict__[key] = (row, turn)
        return 0.0


_GRANT = sa.insert(budget_grants)
_NOTE = _GRANT.returning(budget_grants.c.id)
_WINDOW = sa.select(budget_windows.c.blocked_until).where(budget_windows.c.key == sa.bindparam("key"))
_OTHERS = sa.select(budget_grants.c.id, budget_grants.c.instant).where(
    budget_grants.c.key == sa.bindparam("key"),
    budget_grants.c.id > sa.bindparam("newest"),
    budget_grants.c.instant > sa.bindparam("since"),
)
_FORGET = sa.delete(budget_grants).where(
    budget_grants.c.key == sa.bindparam("key"), budget_grants.c.instant < sa.bindparam("since")
)
_MOVE = (
    sa.update(budget_grants)
    .where(budget_grants.c.id == sa.bindparam("the_grant"))
    .values(instant=budget_grants.c.instant + sa.bindparam("late"))
)


@lru_cache
def _looking_back(limit: int) -> sa.Select[Any]:
    """Read until when a window is closed, when the last request was granted, and which the next must keep away from.

    That is the one after which the window was full: of a limit of 25, the 25th from the end. No instant is ahead of
    now, so it alone decides, however many there are. Built once, for a parameter ``key``.

    Args:
        limit: Requests allowed in the window.
    """
    key: sa.BindParameter[str] = sa.bindparam("key")
    grants = budget_grants.c
    newest_first = sa.select(grants.instant).where(grants.key == key).order_by(grants.instant.desc()).limit(1)
    closed = sa.select(budget_windows.c.blocked_until).where(budget_windows.c.key == key)
    wanted = (closed, newest_first, newest_first.offset(limit - 1))
    return sa.select(*(one.scalar_subquery() for one in wanted))


def _lock(connection: sa.Connection, key: str) -> float:
    """Let nobody else look at this key until the transaction ends; until when its window is closed."""
    row = find(connection, budget_windows, {"key": key}, lock=True).one_or_none()
    if row is None:
        insert_if_new(connection, budget_windows, {"key": key})
        row = find(connection, budget_windows, {"key": key}, lock=True).one()
    return float("-inf") if row.blocked_until is None else float(row.blocked_until)
