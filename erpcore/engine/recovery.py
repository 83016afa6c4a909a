"""What the durable engine does not do by itself: nothing takes over the work of a worker that never comes back.

Each worker writes a heartbeat; one of the living claims the silent ones (`erpcore.store.workers`) and calls
`Recovery.take_over`. Beside that, work that this worker itself let go of because the store failed (its disk was full)
goes on when it can be written again; and work that the engine gave up, or that another version of erpcore began, is
brought to an end that people see.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from erpcore.engine.handling import RunHandler
from erpcore.engine.outcome import Problem
from erpcore.engine.queue import APPLICATION_VERSION, Attempt, RunQueue
from erpcore.settings import WorkerSettings
from erpcore.store.clock import now
from erpcore.store.database import Store
from erpcore.store.runs import OPEN_STATES, get_run, latest_run
from erpcore.store.story import story_of_run, tell
from erpcore.store.workers import claim_dead, finish_takeover

_log = logging.getLogger(__name__)

_TAKEOVER = "takeover"
_STORE_FAILED = "store_failed"


class Recovery:
    """Brings stranded work back.

    Args:
        store: The store.
        queue: The queue.
        handler: Concludes what is given up.
        settings: When a worker is dead, and how often work is taken up again.
        executor_id: Name of this worker.
        holds: Tells whether a thread of this worker has an attempt in hand.
    """

    def __init__(
        self,
        store: Store,
        queue: RunQueue,
        handler: RunHandler,
        settings: WorkerSettings,
        executor_id: str,
        holds: Callable[[Attempt], bool],
    ) -> None:
        self._store = store
        self._queue = queue
        self._handler = handler
        self._settings = settings
        self._executor_id = executor_id
        self._holds = holds
        self._let_go: frozenset[str] = frozenset()

    def sweep(self) -> int:
        """Take over from dead workers, go on with what this one let go of, and end what the engine has given up.

        Any number of workers may do it at once.

        Returns:
            Runs that were taken over.
        """
        older_than = timedelta(seconds=self._settings.dead_after_seconds)
        with self._store.begin() as connection:
            dead = claim_dead(connection, claimer=self._executor_id, older_than=older_than)
        count = 0
        for worker in dead:
            taken = self.take_over(worker.executor_id)
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
        self.take_up_let_go()
        self.end_broken()
        return count

    def take_over(self, executor_id: str) -> int:
        """Put what a dead worker had in hand back into the queue.

        The engine's count of how often a piece of work killed its process begins anew with that, so the run's story is
        the count: work that ended several workers is parked.

        Args:
            executor_id: The dead worker.

        Returns:
            Runs that were put back.
        """
        attempts = self._queue.unfinished(executor_id)
        again: list[Attempt] = []
        for attempt in attempts:
            with self._store.begin() as connection:
                taken = [line for line in story_of_run(connection, attempt.run_id) if line.kind == _TAKEOVER]
                poisonous = len(taken) >= self._settings.take_up_again
                if not poisonous:
                    text = f"Worker {executor_id} ended in the middle of this; {self._executor_id} goes on."
                    tell(connection, attempt.run_id, _TAKEOVER, text, {"attempt": attempt.number})
            if poisonous:
                self._queue.cancel(attempt)
            else:
                again.append(attempt)
        self._queue.hand_over([attempt for attempt in again if attempt.version == APPLICATION_VERSION])
        self._begin_anew([attempt for attempt in again if attempt.version != APPLICATION_VERSION])
        return len(again)

    def take_up_let_go(self) -> int:
        """Put attempts back into the queue that are with this worker, by the engine's word, but in no thread's hand.

        Such an attempt was let go of when the store failed; while it still fails, this fails too, and the next sweep
        tries again. Only what was so at the sweep before is put back: the engine notes an attempt a moment before its
        thread has it in hand, and its end a moment after.

        Returns:
            Runs that were put back.
        """
        free = [attempt for attempt in self._queue.unfinished(self._executor_id) if not self._holds(attempt)]
        again = [attempt for attempt in free if attempt.workflow_id in self._let_go]
        self._let_go = frozenset(attempt.workflow_id for attempt in free)
        for attempt in again:
            if self._fails_for_too_long(attempt):
                self._queue.cancel(attempt)
            else:
                self._queue.hand_over([attempt])
                _log.warning("run %d goes on: the store had failed in the middle of it", attempt.run_id)
        return len(again)

    def _fails_for_too_long(self, attempt: Attempt) -> bool:
        with self._store.begin() as connection:
            told = [line for line in story_of_run(connection, attempt.run_id) if line.kind == _STORE_FAILED]
            since = [line.at for line in told if line.data == {"attempt": attempt.number}]
            if not since:
                text = "The store could not be written in the middle of this; it goes on."
                tell(connection, attempt.run_id, _STORE_FAILED, text, {"attempt": attempt.number})
            patience = timedelta(hours=self._settings.give_up_hours)
            return bool(since) and now(connection) - since[0] > patience

    def take_up_other_versions(self) -> int:
        """At the start: begin anew what another version of erpcore left in the middle under this worker's name.

        Its kept steps do not fit this version's. A new attempt reads everything again, and the ledger knows what was
        sent.

        Returns:
            Runs that were begun anew.
        """
        stranded = [
            attempt
            for attempt in self._queue.unfinished()
            if attempt.version not in (None, APPLICATION_VERSION)
            and (attempt.status != "PENDING" or attempt.executor_id == self._executor_id)
        ]
        self._begin_anew(stranded)
        return len(stranded)

    def end_broken(self) -> int:
        """Mark runs as failed whose latest attempt the engine itself gave up, so that people see them, in the CRM too.

        Returns:
            How many.
        """
        count = 0
        for attempt in self._queue.broken():
            with self._store.read() as connection:
                run = get_run(connection, attempt.run_id)
            if run.state not in OPEN_STATES or self._queue.attempts(run)[-1].workflow_id != attempt.workflow_id:
                continue
            why = {
                "ERROR": "The durable engine ended this with an error; the log of the worker has it.",
                "CANCELLED": "This was cancelled, it ended every worker that took it up, or the store failed for long.",
            }.get(attempt.status, "This ended its worker every time it was taken up.")
            problem = Problem(
                verdict="failed",
                error_class="EngineGaveUp",
                text=why,
                advice="Look into the workers' logs. It can be sent again with: erpcore retry",
            )
            self._handler.conclude(run.id, attempt.number, attempt.carried, None, None, problem)
            with self._store.read() as connection:
                newest = latest_run(connection, sync=run.sync, record_kind=run.record_kind, record_id=run.record_id)
            if newest is not None and newest.id == run.id:  # a newer one has a word of its own
                self._handler.tell_of_end(run, problem)
            count += 1
        return count

    def _begin_anew(self, attempts: Sequence[Attempt]) -> None:
        for attempt in attempts:
            # First the new one, then the end of the old one: dying between them leaves both, and the next sweep
            # does the rest; the other way round leaves none.
            with self._store.begin() as connection:
                run = get_run(connection, attempt.run_id)
                if run.state in OPEN_STATES and run.attempt <= attempt.number:
                    self._queue.enqueue(connection, run, attempt=attempt.number + 1, carried=attempt.carried)
            self._queue.cancel(attempt)
