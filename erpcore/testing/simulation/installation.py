"""One installation of erpcore in virtual time: the real store, flows and plugins, several workers, two simulators.

The engine is replaced by a queue of three calls (enqueue, take, done) in a table of the same database, and by what the
runtime and the recovery do around `Attempts`: wait while the store is away, hand over what a silent worker had in hand.
"""

from __future__ import annotations

import logging
import pickle
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from random import Random
from typing import Any, ClassVar
from unittest.mock import patch

import sqlalchemy as sa
from greenlet import getcurrent

from erpcore import registry
from erpcore.engine.assembly import Assembly
from erpcore.engine.attempts import Attempts
from erpcore.engine.intake import Intake
from erpcore.engine.invoices import InvoiceRounds
from erpcore.engine.pages import TakenIn
from erpcore.host import Clock, Token
from erpcore.plugin import Plugin
from erpcore.settings import Settings
from erpcore.simulator import Clock as SimulatorClock
from erpcore.store import (
    WORKER_NOTES_EVERY,
    Run,
    budget_of,
    hold_lease,
    installation_id,
    list_runs,
    open_memory_store,
)
from erpcore.store.tokens import StoreTokenStore
from erpcore.sync.window import STORE_AWAY
from erpcore.testing.simulation.clockwork import BEGIN, Clockwork, Decide, Point, Worker
from erpcore.testing.simulation.oracle import Books, violations
from erpcore.testing.simulation.queue import Queue
from erpcore.testing.simulation.wire import ON_ANY, System, Wire

IN_TRANSACTIONS = ("away", "unknown")
"""Strikes on a transaction: the store is away before it begins; or it is committed, and the answer is lost."""
UNNOTICED = "pause 30"
KILLED = ("kill", "crash")
ANYWHERE = (*KILLED, UNNOTICED, "pause 35.5", "pause 100")
"""Strikes on a worker, at every point. It is killed, and comes back long after its work was taken over, or at once. It
is stopped (or its machine sleeps), and goes on before anybody notices, in the midst of the takeover, or after all."""
STEPS = ("step 3600", "step -3600")
"""The wall clock is set on, or back, by an hour."""

TAKEN_OVER_AFTER = 35.0
"""Seconds until others have what a silent worker had in hand: `worker.dead_after_seconds`, and a sweep."""
CONSENTED_AFTER = 300.0
"""Seconds until people give a consent that lists ask for."""
WEEK = 7 * 86_400.0
_TRANSACTION = 0.002
_KEY = "w5S5m6d1oYJ3m9bV0yq8m5l0i9QmZ3m2Z8g0b5k2v3Q="
_FORGOTTEN = ("tokens", "leases", "accounts", "budget_grants", "budget_windows")
_load_once = cache(registry.load)  # looking through what is installed takes longer than a schedule does


class Pair(ABC):
    """A CRM and an ERP, the settings between them, and the people who work in them.

    It is made once per process; `begin` puts everything back. The first record that people make is called ``1``.

    Attributes:
        crm: Name of the CRM's connection.
        makes: The hook that makes the document.
        settings: The settings' tables. The systems' addresses have the names of `systems` for hosts.
        systems: The simulated systems, by host.
        acts: What people may do at any time. False: the system did not let them.
        changes: Those of them after which the books rightly show something else.
        database: The store's one connection.
        takes_back: Acts after which there need not be a document.
        planned: Acts that people do in any case, each after so many seconds.
        brings_home: Whether workers read the ERP's invoices, in place of what happens in the CRM.
        steps: See `STEPS`; smaller ones where a system refuses requests by a clock that is wrong.
        cleared: How often people cleared a number that the CRM showed, since `begin`.
    """

    crm: ClassVar[str]
    makes: str = "create_order"
    settings: Mapping[str, Any]
    takes_back: ClassVar[frozenset[str]] = frozenset()
    steps: Sequence[str] = STEPS
    changes: Sequence[str] = ("edit",)
    planned: Sequence[tuple[float, str]] = ()
    brings_home: bool = False

    systems: dict[str, System]
    acts: dict[str, Callable[[], object]]
    database: Any
    cleared: int = 0

    def __init__(self) -> None:
        self.clockwork = Clockwork(lambda point: "")
        self.read = Settings.model_validate(self.settings)
        self._drawn, self._drawn_by_systems = Random(0), Random(0)
        monotonic = lambda: self.clockwork.time  # noqa: E731
        clock = Clock(monotonic, lambda: self.clockwork.now(), lambda seconds: self.clockwork.wait(seconds))
        self.systems = self.make(SimulatorClock(BEGIN, monotonic=monotonic), self._drawn_by_systems)
        if taken := self.acts.keys() & {*ON_ANY, *IN_TRANSACTIONS}:
            raise ValueError(f"{', '.join(sorted(taken))}: a strike is called so already, and would never happen.")
        self.store = open_memory_store(key=_KEY, clock=clock, random=self._drawn, observer=self._observed)
        database: Any = self.store.engine.raw_connection().driver_connection
        self.database = database
        self.database.execute("CREATE TABLE queue (run, attempt, lane, due, hand, done, PRIMARY KEY (run, attempt))")
        assembly = self.assembly("-")
        # What the feed holds before its first reading is history.
        Intake(self.store, Queue(None, self.clockwork, int), self.read.syncs).poll_feed(assembly.crm(self.crm))  # type: ignore[arg-type]
        assembly.close()
        for table in _FORGOTTEN:
            self.database.execute(f"DELETE FROM erpcore_{table}")
        self.database.commit()
        assert self.store.vault
        with self.store.begin() as connection:
            installation_id(connection)
        self.connect()
        self.keep()

    def keep(self) -> None:
        """Let every schedule begin with all as it is now."""
        self._begins = self.clockwork.time
        self._fresh = self.database.serialize()
        self._memories = pickle.dumps([system.simulator.memory() for system in self.systems.values()])

    @abstractmethod
    def make(self, clock: SimulatorClock, random: Random) -> dict[str, System]:
        """Make the simulators; set `acts` too."""

    def connect(self) -> None:  # noqa: B027  most need none
        """Give the consent that a person must give before anything is done, if any; see `consent`."""

    def asks_for_consent(self) -> bool:
        """Tell whether lists ask for a consent, without a point of the schedule."""
        dead = self.database.execute("SELECT 1 FROM erpcore_tokens WHERE dead_at IS NOT NULL").fetchone()
        return dead is not None

    def consent(self, connection: str, simulator: Any) -> None:
        """Consent to a connection as a person does; the simulator's ``tokens`` gives what comes of it."""
        issued = simulator.tokens()
        until = simulator.clock.now() + timedelta(seconds=issued.expires_in)
        StoreTokenStore(self.store).save(connection, Token(issued.access_token, issued.refresh_token, until))

    @abstractmethod
    def people_begin(self, records: int) -> None:
        """Have people put records in that share their customer and their article, and have them sent."""

    @abstractmethod
    def record_id(self, record: str) -> str:
        """Give the key by which erpcore knows a record."""

    @abstractmethod
    def books(self) -> Books:
        """Read the books of both systems."""

    def assembly(self, worker: str) -> Assembly:
        """Build the connections of a worker's process."""
        budget = budget_of(self.store, noted_every=WORKER_NOTES_EVERY)
        wire = Wire(self.clockwork, self.systems)
        assembly = Assembly(self.read, self.store, worker=worker, budget=budget, transport=wire)
        with patch.object(registry, "load", self.load):
            assembly.connections()
        return assembly

    def load(self, kind: Any, name: str) -> type[Plugin[Any]]:
        """Load a plugin."""
        return _load_once(kind, name)

    def runs(self) -> list[Run]:
        """Give all runs, oldest first."""
        with self.store.read() as connection:
            return sorted(list_runs(connection, limit=1000), key=lambda run: run.id)

    def judged(self, books: Books, usual: Collection[Books], strikes: Collection[str]) -> list[str]:
        """Tell what does not hold; see `erpcore.testing.simulation.oracle.violations`."""
        return violations(self, books, usual, strikes)

    def begin(self, decide: Decide) -> Clockwork:
        """Put everything back to the beginning."""
        self.clockwork, self.cleared = Clockwork(decide, time=self._begins), 0
        self.database.deserialize(self._fresh)
        self._drawn.seed(1)
        self._drawn_by_systems.seed(2)
        for system, memory in zip(self.systems.values(), pickle.loads(self._memories), strict=True):
            system.down_until = -1.0
            system.simulator.remember(memory)
            system.simulator.faults.clear()
            system.simulator.journal.clear()
            system.restart()
        return self.clockwork

    @contextmanager
    def _observed(self, kind: str) -> Iterator[None]:
        """Put a point before each transaction; the store may be away there, or its answer be lost."""
        kinds = IN_TRANSACTIONS if kind == "begin" else IN_TRANSACTIONS[:1]
        what = f"{'tx' if kind == 'begin' else 'look'} {_doing()}" if isinstance(getcurrent(), Worker) else ""
        struck = self.clockwork.point(what, kinds, _TRANSACTION)
        if struck == "away":
            raise sa.exc.OperationalError("the store is away", None, Exception("struck"))
        yield
        if struck == "unknown":
            raise sa.exc.OperationalError("nobody knows whether it was committed", None, Exception("struck"))


def _doing() -> str:
    """Name the function that a transaction is begun for."""
    frame = sys._getframe(2)
    while frame.f_back and ("contextlib" in frame.f_code.co_filename or frame.f_code.co_name in ("begin", "read")):
        frame = frame.f_back
    return frame.f_code.co_name.strip("_")


@dataclass
class _Process:
    """A process of a worker: connections of its own, what it is busy with, and whether it is gone or taken for dead."""

    assembly: Assembly
    attempts: Attempts
    invoices: InvoiceRounds
    busy: Worker | None = None
    away: bool = False


class World:
    """A pair of systems with workers between them, once through.

    Args:
        pair: The systems.
        decide: Gives the strike at each point.
        records: How many records people send.
        workers: How many workers there are, at most three.
    """

    def __init__(self, pair: Pair, decide: Decide, records: int, workers: int) -> None:
        self._pair = pair
        self.clockwork = clockwork = pair.begin(decide)
        clockwork.people = {name: partial(self._act, act) for name, act in pair.acts.items()}
        clockwork.on_loss = self._lost
        self._queue = Queue(pair.database, clockwork, self._wake)
        self._intake = Intake(pair.store, self._queue, pair.read.syncs)  # type: ignore[arg-type]
        self._processes: dict[str, _Process | None] = dict.fromkeys("ABC"[:workers])
        self._unread, self._consenting = True, False
        pair.people_begin(records)
        for seconds, act in pair.planned:
            clockwork.later(seconds, clockwork.people[act])

    def run(self) -> None:
        """Work until nothing is left to do, twice: people may do something more when all is done."""
        self.clockwork.later(0.0, self._wake)
        self.clockwork.run(WEEK)
        self.clockwork.strike(Point("people end #1", tuple(self._pair.acts), self.clockwork.time))
        self.clockwork.run(2 * WEEK)

    def __enter__(self) -> World:
        """Begin. What is logged meanwhile serves nobody: its times are not the machine's."""
        self._logged = logging.root.manager.disable
        logging.disable()
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the workers."""
        self.clockwork.end()
        for process in filter(None, self._processes.values()):
            process.assembly.close()
        logging.disable(self._logged)

    def _wake(self) -> None:
        """Give work to the workers that have none."""
        for name, process in self._processes.items():
            # A greenlet that has not begun yet is false.
            if process is not None and (process.busy is not None or process.away):
                continue
            work: Callable[..., None] = self._poll if self._unread else self._carry_out
            item = () if self._unread else self._queue.take(name)
            if item is not None:
                self._unread = False
                process = self._processes[name] = process or self._new(name)
                process.busy = self.clockwork.start(name, partial(self._work, name, process, work, *item))

    def _new(self, name: str) -> _Process:
        assembly, settings, store = self._pair.assembly(name), self._pair.read, self._pair.store
        attempts = Attempts(store, self._queue, assembly.handling, settings.worker, name)
        first = partial(self._queue.enqueue, attempt=1)
        return _Process(assembly, attempts, InvoiceRounds(store, settings, assembly.invoices, first, name))

    def _work(self, name: str, process: _Process, work: Callable[..., None], *given: int) -> None:
        work(name, process, *given)
        process.busy = None
        if not self._consenting and self._pair.asks_for_consent():
            self._consenting = True
            self.clockwork.later(CONSENTED_AFTER, self._consent)
        if process.away:  # it was taken for dead: its process ends, and a new one comes up
            self._processes[name] = None
        self.clockwork.later(0.0, self._wake)

    def _carry_out(self, name: str, process: _Process, run_id: int, attempt: int) -> None:
        """As `erpcore.engine.runtime.Runtime` does."""
        while True:
            try:
                became = process.attempts.carry_out(run_id, attempt)
                break
            except STORE_AWAY:
                self.clockwork.wait(1.0)
        self.clockwork.point("queue done", (), _TRANSACTION)
        self.clockwork.note(f"{name}: attempt {attempt} at run {run_id}: {became}")
        self._queue.done(name, run_id, attempt)

    def _poll(self, name: str, process: _Process) -> None:
        """As `erpcore.engine.worker.Worker` does; until it has gone well once after people did something."""
        try:
            if self._pair.brings_home:
                goes_on = self._goes_on()
                taken = sum(map(process.invoices.look, self._pair.read.invoice_syncs()), TakenIn())
                if goes_on:
                    self.clockwork.later(5.0, self._read_again)
            else:
                crm = process.assembly.trusted_crm(self._pair.crm)
                with hold_lease(self._pair.store, "feed", seconds=30.0, wait=0) as lease:
                    taken = self._intake.poll_feed(crm, lease.renew)
            self.clockwork.note(f"{name}: read what is new: {taken.new}")
        except Exception as error:
            self.clockwork.note(f"{name}: what is new could not be read: {error}")
            self.clockwork.later(5.0, self._read_again)

    def _goes_on(self) -> bool:
        """Whether a round of invoices is under way: what people did since it began is read by the next one."""
        kept = self._pair.database.execute("SELECT value FROM erpcore_cursors WHERE name LIKE 'invoices of %'")
        return any('"under_way":true' in place for (place,) in kept)

    def _read_again(self) -> None:
        self._unread = True
        self._wake()

    def _consent(self) -> None:
        self._consenting = False
        if self._pair.asks_for_consent():
            self.clockwork.note("people consent anew")
            self._pair.connect()

    def _act(self, act: Callable[[], object]) -> None:
        if act() is not False:
            self.clockwork.later(1.0, self._read_again)

    def _lost(self, worker: Worker, seconds: float, *, killed: bool) -> None:
        """A worker is killed and comes back later, or sleeps for so long."""
        process = self._processes[worker.name]
        assert process is not None
        self.clockwork.later(5.0, self._read_again)  # perhaps it was reading the feed
        if killed:
            process.away = True
            self.clockwork.later(seconds, partial(self._back, worker.name))
        if killed or seconds > TAKEN_OVER_AFTER:
            self.clockwork.later(min(seconds, TAKEN_OVER_AFTER), partial(self._take_over, worker.name, process))

    def _take_over(self, name: str, process: _Process) -> None:
        process.away = True
        self._queue.hand_over(name)

    def _back(self, name: str) -> None:
        self._processes[name] = None
        self._wake()
