"""The worker: one process that takes events in and handles runs, until it is told to stop.

On a SQLite file there is one worker; on PostgreSQL any number, each with a name of its own. What it does at intervals
(heartbeat, sweep, feeds, retention) is a few loops that fan out, not one per connection.
"""

from __future__ import annotations

import itertools
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from erpcore.engine.articles import ArticleRounds
from erpcore.engine.assembly import Assembly
from erpcore.engine.attempts import Attempts
from erpcore.engine.choices import wrong_choices
from erpcore.engine.company_sweep import CompanySweep
from erpcore.engine.feeds import Feeds
from erpcore.engine.intake import Intake
from erpcore.engine.invoices import InvoiceRounds
from erpcore.engine.pages import TakenIn
from erpcore.engine.queue import RunQueue
from erpcore.engine.recovery import Recovery
from erpcore.engine.registers import RegisterRounds
from erpcore.engine.runtime import Runtime
from erpcore.engine.trial import plugin_of
from erpcore.engine.troubles import Troubles
from erpcore.errors import ConfigurationError, ErpcoreError
from erpcore.host import Budget
from erpcore.notify import Notices
from erpcore.settings import Settings
from erpcore.store import (
    WORKER_NOTES_EVERY,
    Store,
    beat,
    budget_of,
    delete_older,
    list_workers,
    now,
    register_worker,
    sole_worker,
    stop_worker,
)
from erpcore.store.workers import Worker as WorkerRow
from erpcore.sync.window import STORE_AWAY

_log = logging.getLogger(__name__)

_WINDOWS = os.name == "nt"
_RETENTION_SECONDS = 3600.0
_NOTICE_SECONDS = 5.0

# What the engine remembers of an attempt that ended is asked for only while its run is open. It goes before the run.
_ENGINE_REMEMBERS = timedelta(hours=12)


def make_queue(settings: Settings, store: Store) -> RunQueue:
    """Build the queue for a store, with its tables in place on SQLite.

    On PostgreSQL ``erpcore db upgrade`` and each worker's start make the tables.

    Args:
        settings: The settings.
        store: The store.
    """
    queue = RunQueue(store, lanes=settings.worker.lanes)
    if store.is_sqlite:
        queue.make_tables()
    return queue


class Worker:
    """A worker.

    Args:
        settings: The settings.
        store: The store; left open when the worker stops.
        executor_id: Its name; the settings', or the host's name when left out. Where a worker of that name is at work
            already, the first of name-2, name-3 … that is free: so a restart gets the same again.
        budget: The request budget; the store's when left out.
    """

    def __init__(
        self, settings: Settings, store: Store, *, executor_id: str | None = None, budget: Budget | None = None
    ) -> None:
        self._settings = settings
        self._store = store
        self.executor_id = executor_id or settings.worker.executor_id or self._free_name()
        budget = budget or budget_of(store, noted_every=WORKER_NOTES_EVERY)
        self.assembly = Assembly(settings, store, worker=self.executor_id, budget=budget)
        self.queue = make_queue(settings, store)
        self.intake = Intake(store, self.queue, settings.syncs)
        self._troubles = Troubles(store.clock)
        articles = self.assembly.articles
        self.articles = ArticleRounds(store, self.queue, articles, settings.syncs, self._may_go_on, self._troubles)
        attempts = Attempts(store, self.queue, self.assembly.handling, settings.worker, self.executor_id)
        self._runtime = Runtime(store, self.queue, attempts, settings.worker, self.executor_id)
        self._recovery = Recovery(store, self.queue, attempts, settings.worker, self.executor_id)
        first = partial(self.queue.enqueue, attempt=1)
        self.invoices = InvoiceRounds(store, settings, self.assembly.invoices, first, self.executor_id, self._troubles)
        self._registers = RegisterRounds(self.assembly, self.executor_id, self._may_go_on)
        self._notices = Notices(settings, store, partial(plugin_of, settings))
        self._companies = CompanySweep(settings, store, self.intake, self.assembly, self._troubles)
        self._feeds = Feeds(settings, store, self.intake, self.assembly, self._troubles)
        self._stop = threading.Event()
        self._ended_by: ErpcoreError | None = None

    def stop(self) -> None:
        """Tell the worker to stop; `run` returns soon after."""
        self._stop.set()

    def _may_go_on(self) -> bool:
        return not self._stop.is_set()

    def run(self, on_ready: Callable[[], None] = lambda: None) -> bool:
        """Work until `stop` is called.

        Args:
            on_ready: Called when runs are being taken.

        Returns:
            Whether every run in hand came to its end; if not, threads of this process still wait for an answer.

        Raises:
            ConfigurationError: A connection's settings are wrong, the vault has no key, every sync has a connection
                that is another company's account than it was, another worker is on the SQLite file, or alive under the
                same name.
            PluginError: A sync's plugin cannot be used.
            AuthenticationError: Every sync has a connection whose credentials are refused.
            ErpcoreError: It was taken for dead by another worker, or the store's file was taken away from under it:
                it must be started anew.
        """
        connections = self.assembly.connections()  # before anything is promised; nothing is sent
        with ExitStack() as stack:
            stack.enter_context(_alone(self._store))
            # Known before it looks at the key: whoever exchanges the key sees it, or makes it wait for the new one.
            self._register()
            stack.callback(self._say_stopped)
            self._store.unlock()  # now: without a key nothing could be signed in to
            # From here on others judge whether it lives, however long the connections and the engine take to start.
            stack.enter_context(self._loops(("heartbeat", self._settings.worker.dead_after_seconds / 3, self._beat)))
            stack.callback(self.assembly.close)
            stack.callback(self._notices.close)
            stack.callback(self.queue.close)
            self._refuse_strangers(self.assembly.accounts.ask_all(connections))
            renamed = self.assembly.accounts.renamed_syncs(begun=True).values()
            for words in (*renamed, *self.assembly.accounts.renamed_connections()):
                _log.warning("%s", words)
            for name in sorted({rules.erp for rules in self._settings.syncs.values()}):
                for wrong in wrong_choices(self.assembly, name):
                    _log.error("a choice that the ERP does not have: %s", wrong)
            self._runtime.start()
            stack.callback(self._runtime.stop, self._settings.worker.stop_seconds)
            stack.enter_context(self.queue.bell.heard(self.queue.quiet.ring))
            stack.callback(self._feeds.let_go)
            rounds = self._settings.worker.round_seconds
            stack.enter_context(
                self._loops(
                    ("sweep", self._settings.worker.dead_after_seconds / 3, self._recovery.sweep),
                    ("feeds", self._feeds.shortest, lambda: self.poll_feeds(due_only=True)),
                    ("deliveries", rounds, partial(self.intake.take_in_kept, self._may_go_on)),
                    ("companies", rounds, self._companies.look_at_all),
                    ("invoices", rounds, self.bring_invoices),
                    ("articles", rounds, self.articles.go_all),
                    ("registers", rounds, self._registers.go_all),
                    ("retention", _RETENTION_SECONDS, self.clean_up),
                    ("notices", _NOTICE_SECONDS, self.notify),
                )
            )
            on_ready()
            # Not one endless wait: a signal that the system hands to another thread does not wake this one, and its
            # handler runs only when this one is awake.
            while not self._stop.wait(0.5):
                continue
        if self._ended_by is not None:
            raise self._ended_by
        return self._runtime.idle

    def poll_feeds(self, *, due_only: bool = False) -> TakenIn:
        """Look into every CRM's feed once; see `erpcore.engine.feeds.Feeds.look`."""
        return self._feeds.look(due_only=due_only)

    def bring_invoices(self) -> None:
        """Look at the invoices of every sync once: what changed in the ERP, what turned red, what the CRM waits for."""
        self.invoices.look_at_all(self._may_go_on)

    def clean_up(self) -> None:
        """Delete what is older than the settings say; links and intents stay."""
        keep = timedelta(days=self._settings.worker.keep_days)
        with self._store.read() as connection:
            ended_before = now(connection) - _ENGINE_REMEMBERS
        self.queue.delete_finished(ended_before, self._may_go_on)
        _log.debug("deleted by age: %s", delete_older(self._store, keep=keep, may_go_on=self._may_go_on))

    def notify(self) -> None:
        """Tell people and programs what fails, where the settings say who is told."""
        for about, error in self._notices.round().items():
            if error is None:
                self._troubles.over(about)
            else:
                self._troubles.note(about, str(error))

    def _free_name(self) -> str:
        host = socket.gethostname()
        if self._store.is_sqlite:
            return host  # it takes one worker
        with self._store.read() as connection:
            taken = {known.executor_id for known in self._at_work(connection)}
        names = itertools.chain([host], (f"{host}-{number}" for number in itertools.count(2)))
        return next(name for name in names if name not in taken)

    def _at_work(self, connection: sa.Connection) -> list[WorkerRow]:
        at, dead_after = now(connection), timedelta(seconds=self._settings.worker.dead_after_seconds)
        return [
            known
            for known in list_workers(connection)
            if not (known.stopped_at or known.taken_over_at)
            and at - known.beat_at < dead_after
            and _may_live(known.host, known.pid)
        ]

    def _register(self) -> None:
        host, pid = socket.gethostname(), os.getpid()
        with self._store.begin() as connection:
            for known in self._at_work(connection):
                if known.executor_id == self.executor_id:
                    # The same name twice would put the other one's running work back into the queue.
                    raise ConfigurationError(
                        f"a worker named {self.executor_id} is running already (process {known.pid} on {known.host}).",
                        setting="worker.executor_id",
                        advice="Give each worker a name of its own, or wait a minute if that one has just died.",
                    )
            register_worker(connection, self.executor_id, host=host, pid=pid)

    def _refuse_strangers(self, not_accepted: Mapping[str, ErpcoreError]) -> None:
        """Tell which syncs do nothing: credentials are refused or another company's, or the sync has another name.

        Args:
            not_accepted: What `Accounts.ask_all` gave.

        Raises:
            ErpcoreError: That is all of them.
        """
        accounts = self.assembly.accounts
        refused: dict[str, ErpcoreError] = {**accounts.renamed_syncs(begun=False)}
        for name, rules in self._settings.syncs.items():
            sides = (f"connections.{rules.crm}", f"connections.{rules.erp}", f"syncs.{name}.crm", f"syncs.{name}.erp")
            with self._store.read() as reading:
                others = accounts.problems(reading, sides)
            problems = [*(not_accepted[side] for side in (rules.crm, rules.erp) if side in not_accepted), *others]
            if problems:
                refused[name] = problems[0]
        if refused and len(refused) == len(self._settings.syncs):
            raise next(iter(refused.values()))
        for name, problem in refused.items():
            _log.error("sync %s does nothing: %s", name, problem)

    def _say_stopped(self) -> None:
        if self._store.is_gone:
            return
        with self._store.begin() as connection:
            stop_worker(connection, self.executor_id)

    @contextmanager
    def _loops(self, *rounds: tuple[str, float, Callable[[], object]]) -> Iterator[None]:
        over = threading.Event()
        threads = [
            threading.Thread(target=self._repeat, args=(over, *each), name=f"erpcore {each[0]}", daemon=True)
            for each in rounds
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def _repeat(self, over: threading.Event, name: str, seconds: float, what: Callable[[], object]) -> None:
        clock = self._store.clock
        while not over.is_set():
            begun = clock.monotonic()
            # The database may be away for a moment; the next round tries again.
            try:
                what()
            except STORE_AWAY as error:
                self._troubles.note_store(error)
            except Exception as error:
                self._troubles.note(name, "it failed, and is tried again", fault=error)
            else:
                self._troubles.over(name)
                if name == "heartbeat":  # which writes, and so proves that the store can be written
                    self._troubles.over_store()
            # From beginning to beginning, with some rest where a round takes long.
            over.wait(max(seconds / 2, begun + seconds - clock.monotonic()))

    def _beat(self) -> None:
        if self._store.is_gone:
            why = f"The store's file {self._store.path} was deleted, moved or replaced while the worker was at work."
            self._end(why, "What was done since is in the old file alone. Put that back, then start the worker again.")
            return
        with self._store.begin() as connection:
            alive = beat(connection, self.executor_id)
        if not alive:
            why = f"Worker {self.executor_id} gave no sign of life for too long, and another one took over its work."
            self._end(why, "Start it again. If this happens often, the machine is overloaded or was asleep.")

    def _end(self, why: str, advice: str) -> None:
        self._ended_by = ErpcoreError(why, advice=advice)
        self._stop.set()


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(sole_worker(store))
        except ConfigurationError as error:
            with store.read() as connection:
                others = sorted(list_workers(connection), key=lambda worker: worker.beat_at)
            if others:
                error.message += f" It is process {others[-1].pid} on {others[-1].host}."
            raise
        yield


def _may_live(host: str, pid: int) -> bool:
    if host != socket.gethostname():
        return True
    if pid == os.getpid():
        return False  # this very process, started anew
    if _WINDOWS:
        return True  # there signal 0 is no question but a Ctrl-C; the heartbeat tells, a little later
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)
    return True
