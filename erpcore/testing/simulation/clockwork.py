"""Workers in one thread, in virtual time: a worker goes on where the clockwork says, and is struck at named points.

A worker is a greenlet. At each *point* (before each transaction and each exchange) it hands over to the clockwork,
which lets time pass and goes on with whoever is due next. So nothing happens by chance, and a worker that was killed is
simply never gone on with, as after ``kill -9``: no ``finally`` of it runs.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from greenlet import GreenletExit, getcurrent, greenlet

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MOST_POINTS = 5_000
"""Points after which a schedule counts as one that never ends."""
MOST_TURNS = 20_000
"""The same in turns of any kind: who asks in vain every few seconds for a week passes no point."""


class NeverEndsError(Exception):
    """A schedule does not come to rest."""


@dataclass(frozen=True)
class Point:
    """A place in a schedule where something may happen.

    Attributes:
        name: Worker, what it is about to do, and the how-manieth of its kind: ``A wire POST erp/orders #1``. Names
            outlive most edits of the code.
        kinds: Strikes that may happen here alone.
        at: Virtual seconds since the beginning.
        write: Whether something is about to be changed in a system.
    """

    name: str
    kinds: Sequence[str]
    at: float
    write: bool = False


Decide = Callable[[Point], str]
"""Gives the strike at a point, such as ``pause 30``; empty for none."""


class Worker(greenlet):
    """One piece of work of the worker that `name` names."""

    name: str


class OnLoss(Protocol):
    """Is told that a worker was killed, or sleeps, and for how many seconds."""

    def __call__(self, worker: Worker, seconds: float, *, killed: bool) -> None:
        """Be told."""


@dataclass
class Clockwork:
    """Virtual time, and all who live in it.

    Attributes:
        decide: Gives the strike at each point.
        people: What people may do, by the name of the strike.
        on_loss: See `OnLoss`.
        time: Seconds since the beginning.
        step: Seconds by which the wall clock was set on, or back.
        over: Whether nobody works any more.
        trace: The points that were passed.
        log: What happened, for people: seconds, and words.
    """

    decide: Decide
    people: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    on_loss: OnLoss = lambda worker, seconds, *, killed: None
    time: float = 0.0
    step: float = 0.0
    over: bool = False
    trace: list[Point] = field(default_factory=list)
    log: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with nobody at work."""
        self._hub = getcurrent()
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._passed: Counter[str] = Counter()
        self._workers: list[Worker] = []

    def now(self) -> datetime:
        """Give the time of the wall clock."""
        return BEGIN + timedelta(seconds=self.time + self.step)

    def note(self, words: str) -> None:
        """Add a line to the log."""
        self.log.append((self.time, words))

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        """Have something done in so many seconds."""
        heapq.heappush(self._due, (self.time + seconds, next(self._order), what))

    def start(self, name: str, work: Callable[[], None]) -> Worker:
        """Have a worker do something, beginning now."""
        worker = Worker(work)
        worker.name = name
        self._workers.append(worker)
        self.later(0.0, worker.switch)
        return worker

    def wait(self, seconds: float) -> None:
        """Let time pass for the worker that calls this; for anybody else none does."""
        worker = getcurrent()
        if isinstance(worker, Worker):
            if not self.over:
                self.later(seconds, worker.switch)
                self._hub.switch()
            if self.over:
                raise GreenletExit

    def kill(self, seconds: float) -> None:
        """Never go on with the worker that calls this; its next process comes up after so many seconds."""
        worker = getcurrent()
        assert isinstance(worker, Worker)
        self.on_loss(worker, seconds, killed=True)
        self._hub.switch()
        raise GreenletExit

    def point(self, what: str, kinds: Sequence[str], seconds: float, *, write: bool = False) -> str:
        """Let time pass, and suffer what happens to the worker that calls this.

        Args:
            what: What it is about to do.
            kinds: Strikes that may happen here beside those that may happen anywhere.
            seconds: That pass.
            write: Whether it changes something in a system.

        Returns:
            The strike, where it is the caller's to carry out; else empty.
        """
        self.wait(seconds)
        worker = getcurrent()
        if not isinstance(worker, Worker):
            return ""
        key = f"{worker.name} {what}"
        self._passed[key] += 1
        return self.strike(Point(f"{key} #{self._passed[key]}", kinds, self.time, write))

    def strike(self, point: Point) -> str:
        """Pass a point, and carry out what may happen anywhere; see `point`.

        Raises:
            NeverEndsError: There were too many points.
        """
        self.trace.append(point)
        if len(self.trace) > MOST_POINTS:
            raise NeverEndsError(f"after {self.time:.0f} s the work goes on and on: {point.name}")
        struck = self.decide(point)
        if not struck:
            return ""
        self.note(f"!! {point.name}: {struck}")
        kind, _, given = struck.partition(" ")
        worker = getcurrent()
        if struck in self.people:
            self.people[struck]()
        elif kind == "step":
            self.step += float(given)
        elif kind in ("kill", "crash"):
            self.kill(60.0 if kind == "kill" else 2.0)
        elif kind == "pause" and isinstance(worker, Worker):
            self.on_loss(worker, float(given), killed=False)
            self.wait(float(given))
        else:
            return struck
        return ""

    def run(self, until: float) -> None:
        """Go on until nothing is left to do.

        Raises:
            NeverEndsError: There still is something to do then, or there were too many points or turns.
        """
        turns = 0
        while self._due:
            at, _, what = heapq.heappop(self._due)
            turns += 1
            if at > until or turns > MOST_TURNS:
                raise NeverEndsError(f"after {self.time / 3600:.0f} hours there is still something to do")
            self.time = max(self.time, at)
            what()

    def end(self) -> None:
        """Let go of all workers. What their ``finally`` blocks would do is held up at the next point."""
        self.over = True
        for worker in self._workers:
            if not worker.dead:
                worker.throw()
