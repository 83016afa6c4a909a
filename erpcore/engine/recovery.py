"""What DBOS does not do in its open form: nobody takes over the work of a worker that never comes back.

Each worker writes a heartbeat; one of the living claims the silent ones (`erpcore.store.workers`) and puts back what
they had in hand. A worker that was only asleep finds its token refused (`erpcore.store.hold_run`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from erpcore.engine.attempts import Attempts
from erpcore.engine.queue import RunQueue
from erpcore.errors import ErpcoreError
from erpcore.problem import Problem
from erpcore.settings import WorkerSettings
from erpcore.store import (
    OPEN_STATES,
    Run,
    Store,
    Worker,
    claim_dead,
    finish_takeover,
    is_anybody_dead,
    list_runs,
    living_grants,
    now,
    waiting_runs,
)

_log = logging.getLogger(__name__)

_LOOKED_AT = 1000


class Recovery:
    """Brings stranded work back.

    Args:
        store: The store.
        queue: The queue.
        attempts: Ends what the queue has dropped.
        settings: When a worker is dead.
        executor_id: Name of this worker.
    """

    def __init__(
        self, store: Store, queue: RunQueue, attempts: Attempts, settings: WorkerSettings, executor_id: str
    ) -> None:
        self._store = store
        self._queue = queue
        self._attempts = attempts
        self._settings = settings
        self._executor_id = executor_id

    def sweep(self) -> int:
        """Take over from dead workers, and end what the queue has dropped. Any number of workers may do it at once.

        Returns:
            Runs that were taken over.
        """
        older_than = timedelta(seconds=self._settings.dead_after_seconds)
        with self._store.read() as connection:
            anybody = is_anybody_dead(connection, claimer=self._executor_id, older_than=older_than)
        dead = self._claim(older_than) if anybody else []
        count = 0
        for worker in dead:
            taken = self._queue.hand_over(worker.executor_id)
            with self._store.begin() as connection:
                finish_takeover(connection, worker.executor_id, claimer=self._executor_id)
            if taken or worker.stopped_at is None:
                _log.warning(
                    "worker %s (process %d on %s) is gone: took over %d runs",
                    worker.executor_id,
                    worker.pid,
                    worker.host,
                    taken,
                )
            count += taken
        with self._store.read() as connection:
            open_ones, at = list_runs(connection, states=OPEN_STATES, limit=_LOOKED_AT), now(connection)
        for run in self._queue.dropped(open_ones):
            self._attempts.end_dropped(run)
        if open_ones:
            self._go_on_after_consent()
            self._ring_for_due(open_ones, at)
        return count

    def _claim(self, older_than: timedelta) -> list[Worker]:
        with self._store.begin() as connection:
            return claim_dead(connection, claimer=self._executor_id, older_than=older_than)

    def _ring_for_due(self, runs: Sequence[Run], at: datetime) -> None:
        """Have the queue looked into when a run's wait is over that another process, or an earlier one, has begun."""
        for run in runs:
            wait = None if run.resume_at is None else (run.resume_at - at).total_seconds()
            if wait is not None and wait < self._settings.dead_after_seconds:
                self._queue.quiet.ring(max(wait, 0.0))

    def _go_on_after_consent(self) -> None:
        """Try at once what waited for a person's consent that has been given."""
        with self._store.read() as connection:
            keys = [_consent_needed(name) for name in living_grants(connection)]
            waiting = waiting_runs(connection, keys) if keys else []
        for run_id in waiting:
            try:
                self._queue.retry(run_id)
            except ErpcoreError:
                continue  # it is being taken up at this moment, or has ended meanwhile
        if waiting:
            _log.info("a consent was given: %d runs that waited for it go on", len(waiting))


def _consent_needed(connection: str) -> str:
    return Problem(error_class="ConsentNeededError", message="", connection=connection).key
