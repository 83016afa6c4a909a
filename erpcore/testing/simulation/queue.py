"""The double of the engine's queue: three calls in a table of the same database (enqueue, take, done)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from erpcore.store import Run, note_attempt
from erpcore.testing.simulation.clockwork import Clockwork

LOOKED_INTO_EVERY = 0.15
"""Seconds between two looks into the queue: `worker.queue_seconds`."""


class Queue:
    """Attempts that wait for their turn, in the store's own database: they commit with what they are part of."""

    def __init__(self, database: Any, clockwork: Clockwork, wake: Callable[[], None]) -> None:
        self._database = database
        self._clockwork = clockwork
        self._wake = wake

    def enqueue(self, connection: sa.Connection, run: Run, *, attempt: int, delay_seconds: float = 0.0) -> None:
        """See `erpcore.engine.attempts.Queue`."""
        row = (run.id, attempt, run.record, self._clockwork.time + delay_seconds)
        connection.exec_driver_sql("INSERT OR IGNORE INTO queue VALUES (?, ?, ?, ?, NULL, 0)", row)
        if attempt > run.attempt:
            note_attempt(connection, run.id, attempt)
        self._clockwork.later(delay_seconds + LOOKED_INTO_EVERY, self._wake)

    def drop(self, run: Run) -> None:
        """See `erpcore.engine.attempts.Queue`."""
        self._database.execute("UPDATE queue SET done = 1 WHERE run = ? AND hand IS NULL", (run.id,))
        self._database.commit()

    def take(self, worker: str) -> tuple[int, int] | None:
        """Give a worker the oldest attempt that is due; one at a time per record."""
        free = (
            "UPDATE queue SET hand = ? WHERE rowid = (SELECT rowid FROM queue AS q WHERE due <= ? AND done = 0 "
            "AND hand IS NULL AND NOT EXISTS (SELECT 1 FROM queue AS o WHERE o.lane = q.lane AND o.hand IS NOT NULL "
            "AND o.done = 0) ORDER BY due LIMIT 1) RETURNING run, attempt"
        )
        found = self._database.execute(free, (worker, self._clockwork.time)).fetchone()
        self._database.commit()
        return None if found is None else (found[0], found[1])

    def done(self, worker: str, run_id: int, attempt: int) -> None:
        """An attempt has come to its end in this worker's hand."""
        mine = "UPDATE queue SET done = 1 WHERE hand = ? AND run = ? AND attempt = ?"
        self._database.execute(mine, (worker, run_id, attempt))
        self._database.commit()

    def hand_over(self, worker: str) -> None:
        """Put back what a worker has in hand."""
        self._database.execute("UPDATE queue SET hand = NULL WHERE hand = ? AND done = 0", (worker,))
        self._database.commit()
        self._wake()
