"""DBOS at work in this process, started with our settings. There can be one per process.

Beside `erpcore.engine.queue` the only module that knows DBOS. The settings that differ from its defaults, each because
the default was seen to fail or to be slow:

- our own database engine (write-ahead log, immediate transactions, milliseconds on old SQLite libraries), and so one
  database with our tables;
- a version that never changes instead of a hash of the code: an attempt keeps no steps, so any version of erpcore can
  take up what any other one left behind; and an executor id of our own instead of ``local``;
- JSON instead of pickles, so that rows can be read across versions and nothing is executed when they are;
- a short polling interval (the default of 1 s caps the throughput), a bounded number of threads;
- no limit of its own on recoveries: `Run.takings` is counted over all workers.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from erpcore.engine.attempts import Attempts
from erpcore.engine.queue import APPLICATION, QUEUE, WORKFLOW, RunQueue, arguments
from erpcore.engine.troubles import Troubles
from erpcore.settings import WorkerSettings
from erpcore.store import Store, store_failure
from erpcore.sync.window import STORE_AWAY

_log = logging.getLogger(__name__)

_VERSION = "2"
_LONGEST_STORE_WAIT = 60.0
_RUNS = "work in hand"
_LETS_GO = "dbos-background-jobs"
"""DBOS' thread that lets go of what was delayed; it goes on once a second."""
_LETS_GO_EVERY = 1.0


class _LeftInTheMiddle(BaseException):
    """The worker stops while the store is away; the attempt is taken up at the next start.

    No `Exception`: DBOS would keep that as the attempt's end.
    """


class Runtime:
    """Takes runs from the queue and carries attempts out.

    Args:
        store: The store.
        queue: The queue.
        attempts: Carries them out.
        settings: Concurrency and polling.
        executor_id: Name of this worker: stable, and no other's.
    """

    def __init__(
        self, store: Store, queue: RunQueue, attempts: Attempts, settings: WorkerSettings, executor_id: str
    ) -> None:
        self._store = store
        self._queue = queue
        self._attempts = attempts
        self._settings = settings
        self._executor_id = executor_id
        self._in_hand = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._troubles = Troubles(store.clock)
        self._let_go: Callable[[], None] = lambda: None
        if store.is_sqlite:  # on PostgreSQL that thread has a lock, which it must not keep for long
            self._let_go = queue.quiet.hold_back(store.engine, _LETS_GO, _LETS_GO_EVERY)

    def start(self) -> None:
        """Start taking runs; what this worker had in hand when it died is taken up again.

        Raises:
            Exception: DBOS' own, when it cannot start.
        """
        _log_through_ours()
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._store.engine.url.render_as_string(hide_password=False),
            "system_database_engine": self._store.engine,
            "application_version": _VERSION,
            "executor_id": self._executor_id,
            "serializer": DBOSPortableJSONSerializer(),
            # Beside the runs a few threads of DBOS' own use the pool.
            "max_executor_threads": self._settings.concurrency + 4,
            "log_level": "WARNING",
        }
        self._queue.make_tables()
        self._queue.register(at_once=self._settings.concurrency, poll_seconds=self._settings.queue_seconds)
        dbos = DBOS(config=config)
        handle = self._handle

        # Named WORKFLOW in DBOS' tables whatever the function is called.
        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
        def handle_run(*given: Any) -> str:
            return handle(*arguments(given))

        try:
            DBOS.launch()
        except BaseException:
            self._let_go()
            DBOS.destroy(destroy_registry=True)
            raise
        self._queue.quiet.take_over(dbos.background_thread_stop_events, _never_has_work)

    def stop(self, seconds: int) -> None:
        """Stop taking runs.

        Args:
            seconds: How long runs in hand may go on. What is not done then is taken up at the next start.
        """
        self._stopping.set()
        self._let_go()
        DBOS.destroy(workflow_completion_timeout_sec=seconds, destroy_registry=True)

    @property
    def idle(self) -> bool:
        """Whether no thread of this process has a run in hand."""
        with self._lock:
            return self._in_hand == 0

    def _handle(self, run_id: int, attempt: int) -> str:
        with self._lock:
            self._in_hand += 1
        try:
            return self._carry_out(run_id, attempt)
        finally:
            self._queue.quiet.ring()  # perhaps others of its lane wait
            with self._lock:
                self._in_hand -= 1

    def _carry_out(self, run_id: int, attempt: int) -> str:
        """Carry an attempt out; while the store is away, wait for it and begin again."""
        seconds, again = self._settings.queue_seconds, False
        while True:
            try:
                ended = self._attempts.carry_out(run_id, attempt, store_was_away=again)
            except STORE_AWAY as error:
                again = True
                self._troubles.note(_RUNS, f"it waits for the store: {store_failure(error)}")
            else:
                self._troubles.over(_RUNS)
                return ended
            if self._stopping.wait(seconds):
                raise _LeftInTheMiddle
            seconds = min(2 * seconds, _LONGEST_STORE_WAIT)


def _never_has_work() -> bool:
    """Tell whether this thread of DBOS' looks for new queues, or into one that is not ours: there is nothing ever."""
    return threading.current_thread().name != f"queue-worker-{QUEUE}"


def _log_through_ours() -> None:
    """Let DBOS log like everything else: it adds a handler of its own unless there is one."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.propagate = True
