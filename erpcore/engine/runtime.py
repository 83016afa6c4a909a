"""The durable engine at work in this process: DBOS, started with our settings. There can be one per process.

Beside `erpcore.engine.queue` the only module that knows DBOS. The settings that differ from its defaults, each because
the default was seen to fail or to be slow:

- our own database engine (write-ahead log, immediate transactions, milliseconds on old SQLite libraries), and so one
  database with our tables;
- a version pinned by hand instead of a hash of the code, and an executor id of our own instead of ``local``;
- JSON instead of pickles, so that rows can be read across versions and nothing is executed when they are;
- a short polling interval (the default of 1 s caps the throughput), a bounded number of threads;
- work that kills its process is parked after a few times instead of a hundred.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from erpcore.engine.handling import Json, RunHandler
from erpcore.engine.outcome import STORE_AWAY
from erpcore.engine.queue import APPLICATION, APPLICATION_VERSION, WORKFLOW, Attempt, RunQueue
from erpcore.settings import WorkerSettings
from erpcore.store.database import Store

_log = logging.getLogger(__name__)


class _LeftInTheMiddle(BaseException):
    """An attempt ends here as a kill would end it.

    No `Exception`: the engine would keep that as the result of the step or of the attempt, and so as the run's end.
    """


class Runtime:
    """Takes runs from the queue and handles them.

    Args:
        store: The store.
        queue: The queue.
        handler: Handles them.
        settings: Concurrency and polling.
        executor_id: Name of this worker: stable, and no other's.
    """

    def __init__(
        self, store: Store, queue: RunQueue, handler: RunHandler, settings: WorkerSettings, executor_id: str
    ) -> None:
        self._store = store
        self._queue = queue
        self._handler = handler
        self._settings = settings
        self._executor_id = executor_id
        self._in_hand: Counter[tuple[int, int]] = Counter()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start taking runs; what this worker had in hand when it died is taken up again.

        Raises:
            Exception: The engine's own, when it cannot start.
        """
        _log_through_ours()
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._store.engine.url.render_as_string(hide_password=False),
            "system_database_engine": self._store.engine,
            "application_version": APPLICATION_VERSION,
            "executor_id": self._executor_id,
            "serializer": DBOSPortableJSONSerializer(),
            # Beside the runs a few threads of the engine's own use the pool.
            "max_executor_threads": self._settings.concurrency + 4,
            "log_level": "WARNING",
        }
        self._queue.make_tables()
        self._queue.register(at_once=self._settings.concurrency, poll_seconds=self._settings.queue_seconds)
        DBOS(config=config)
        handle = self._handle

        # Named WORKFLOW in the engine's tables whatever the function is called.
        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=self._settings.take_up_again)
        def handle_run(run_id: int, attempt: int, carried: Mapping[str, Any]) -> str:
            return handle(run_id, attempt, carried)

        try:
            DBOS.launch()
        except BaseException:
            DBOS.destroy(destroy_registry=True)
            raise

    def stop(self, seconds: int) -> None:
        """Stop taking runs.

        Args:
            seconds: How long runs in hand may go on. What is not done then is taken up at the next start.
        """
        DBOS.destroy(workflow_completion_timeout_sec=seconds, destroy_registry=True)

    @property
    def idle(self) -> bool:
        """Whether no thread of this process has a run in hand."""
        with self._lock:
            return self._in_hand.total() == 0

    def holds(self, attempt: Attempt) -> bool:
        """Tell whether a thread of this process has an attempt in hand.

        Args:
            attempt: Of the queue.
        """
        with self._lock:
            return self._in_hand[attempt.run_id, attempt.number] > 0

    def _handle(self, run_id: int, attempt: int, carried: Mapping[str, Any]) -> str:
        with self._lock:
            self._in_hand[run_id, attempt] += 1
        try:
            return self._handler.handle(run_id, attempt, carried, _durably)
        except _LeftInTheMiddle as left:
            _log.error("run %d is left in the middle, since the store failed: %s", run_id, left)
            raise
        finally:
            with self._lock:
                self._in_hand[run_id, attempt] -= 1
                self._in_hand += Counter()  # drops what is no longer in hand


def _durably(name: str, function: Callable[[], Json]) -> Json:
    """Carry out a step and keep its result. When the store fails it can do neither, nor write down that it failed.

    What was kept so far is good; `erpcore.engine.recovery` has the attempt taken up again from there.
    """

    def carry_out() -> Json:
        try:
            return function()
        except STORE_AWAY as error:
            raise _LeftInTheMiddle(error) from error

    try:
        return DBOS.run_step({"name": name}, carry_out)
    except STORE_AWAY as error:
        raise _LeftInTheMiddle(error) from error


def _log_through_ours() -> None:
    """Let the engine log like everything else: it adds a handler of its own unless there is one."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.propagate = True
