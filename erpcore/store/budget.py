"""The request budget that all processes on one store share.

A row per vendor limit, and a row per granted instant. Each request takes one short transaction: lock the row, see
whether one more request fits now (`erpcore.http.reserve_instant`), write the instant down, commit. If it does not fit,
the wait for it comes outside the transaction, and then it is asked again: an instant that was promised ahead would be
wrong by as much as its thread wakes up late, and on a busy machine that is more than the margin. On PostgreSQL the
instants are the database's, so that workers' clocks may differ.

An instant ahead of now is from before the clock was set back. Its request may have left a moment ago, and counts from
now on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import sqlalchemy as sa

from erpcore.http import LONGEST_WAY, Share, backfill_limit, reserve_instant, too_long
from erpcore.store.clock import now
from erpcore.store.database import Store
from erpcore.store.rows import insert_if_new
from erpcore.store.schema import budget_grants, budget_windows


class StoreBudget:
    """A budget for every process on one store (`erpcore.http.Budget`).

    Args:
        store: The store.
        backfill_part: The largest part of each window that backfill may take, over 0 up to 1.
        sleep: Waits the given seconds.
        monotonic: This process's seconds, for how long a request was under way.
    """

    def __init__(
        self,
        store: Store,
        *,
        backfill_part: float = 0.8,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0 < backfill_part <= 1:
            raise ValueError("backfill_part is a part of the window: over 0, up to 1")
        self._store = store
        self._part = backfill_part
        self._sleep = sleep
        self._monotonic = monotonic
        self._last = threading.local()

    def acquire(
        self, key: str, limit: int, seconds: float, *, share: Share = "live", longest_wait: float = 30.0
    ) -> float:
        """Wait until one more request fits, and count it; see `erpcore.http.Budget.acquire`.

        Raises:
            RateLimitedError: The wait would be longer; nothing was counted.
        """
        waited = 0.0
        at_most = backfill_limit(limit, self._part) if share == "backfill" else None
        while (wait := self._take(key, limit, seconds, share, at_most)) > 0:
            if waited + wait > longest_wait:
                raise too_long(key, wait)
            self._sleep(wait)
            waited += wait
        return waited

    def answered(self, key: str, tolerance: float) -> None:
        """Count this thread's last request from now on; see `erpcore.http.Budget.answered`."""
        grant, turn = self._last.__dict__.pop(key, (None, 0.0))
        if grant is None or (late := min(self._monotonic() - turn, LONGEST_WAY)) <= tolerance:
            return
        with self._store.begin() as connection:
            where = budget_grants.c.id == grant
            connection.execute(sa.update(budget_grants).where(where).values(instant=budget_grants.c.instant + late))

    def close_window(self, key: str, seconds: float) -> None:
        """Grant nothing for this long; see `erpcore.http.Budget.close_window`."""
        with self._store.begin() as connection:
            closed_until = _lock(connection, key)
            until = max(closed_until, now(connection).timestamp() + seconds)
            where = budget_windows.c.key == key
            connection.execute(sa.update(budget_windows).where(where).values(blocked_until=until))

    def _take(self, key: str, limit: int, seconds: float, share: Share, at_most: int | None) -> float:
        """Count one more request if it fits now; otherwise give the seconds until it may."""
        with self._store.begin() as connection:
            closed_until = _lock(connection, key)
            turn = self._monotonic()  # before the rest of the transaction, whose commit may wait for a slow disk
            at = now(connection).timestamp()
            grants = budget_grants.c
            old = (grants.key == key, grants.instant < at - seconds)
            connection.execute(sa.delete(budget_grants).where(*old))
            columns = sa.select(grants.instant, grants.share).where(grants.key == key).order_by(grants.instant)
            rows = connection.execute(columns).all()
            if rows and rows[-1].instant > at:
                ahead = (grants.key == key, grants.instant > at)
                connection.execute(sa.update(budget_grants).where(*ahead).values(instant=at))
            instant = reserve_instant(
                [min(row.instant, at) for row in rows],
                [min(row.instant, at) for row in rows if row.share == "backfill"],
                max(at, closed_until),
                limit,
                seconds,
                at_most,
            )
            if instant > at:
                return instant - at
            new = connection.execute(sa.insert(budget_grants).values(key=key, instant=instant, share=share))
            row = new.inserted_primary_key
        self._last.__dict__[key] = (None if row is None else row[0], turn)
        return 0.0


def _lock(connection: sa.Connection, key: str) -> float:
    """Let nobody else look at this key until the transaction ends; until when its window is closed."""
    insert_if_new(connection, budget_windows, {"key": key})
    statement = sa.select(budget_windows.c.blocked_until).where(budget_windows.c.key == key)
    closed_until = connection.execute(statement.with_for_update()).scalar_one()
    return float("-inf") if closed_until is None else float(closed_until)
