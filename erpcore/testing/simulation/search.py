"""Schedules: what happens where. All strikes one by one, in pairs, or at random; and the shortest that still fails."""

from __future__ import annotations

import gc
import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Literal

from erpcore.store import list_runs, story_of_run
from erpcore.testing.simulation.clockwork import BEGIN, NeverEndsError, Point
from erpcore.testing.simulation.installation import ANYWHERE, KILLED, UNNOTICED, Pair, World
from erpcore.testing.simulation.oracle import Books

Strikes = Mapping[str, str]
"""Name of a point -> what happens there."""
Level = Literal["singles", "pairs", "random"]
SEEDS = 2_500
"""How many random schedules are all of them, unless more are asked for."""


@dataclass(frozen=True)
class Result:
    """How a schedule went.

    Attributes:
        strikes: What happened.
        violations: What did not hold.
        trace: The points that were passed.
        log: What happened, for people, with the runs' stories where something did not hold.
        books: What the systems show; None where the schedule did not come to its end.
        seed: What it was drawn from, if it was.
    """

    strikes: Strikes
    violations: tuple[str, ...]
    trace: tuple[Point, ...] = field(repr=False)
    log: tuple[tuple[float, str], ...] = field(repr=False)
    books: Books | None = field(repr=False)
    seed: int | None = None

    @property
    def fingerprint(self) -> str:
        """Of everything that happened, and of what came of it."""
        whole = [[(point.name, point.at) for point in self.trace], self.log, self.violations, self.books]
        return hashlib.sha256(repr(whole).encode()).hexdigest()[:16]

    @property
    def story(self) -> str:
        """What happened, what did not hold, and how it came to that in virtual time: for people."""
        strikes = [f"  {point}: {struck}" for point, struck in self.strikes.items()]
        lines = [f"{at:12.3f} s  {words}" for at, words in self.log]
        return "\n".join([f"seed {self.seed}", *strikes, *self.violations, *lines, ""])


class Bench:
    """Runs schedules.

    Args:
        pair: The systems.
        records: How many records people send.
        workers: How many workers there are.
    """

    def __init__(self, pair: Pair, *, records: int = 1, workers: int = 2) -> None:
        self.pair, self.records, self.workers = pair, records, workers
        self._usual: list[Books] = []
        gc.freeze()  # what is made once need not be looked through after each schedule,
        gc.set_threshold(50_000, 20, 20)  # nor what a schedule leaves behind after each few of its steps
        self.undisturbed = self.run({})
        if self.undisturbed.books is None:
            raise RuntimeError(self.undisturbed.violations[0])
        changed = [self.run({self.undisturbed.trace[0].name: act}) for act in pair.changes]
        self._usual = [each.books for each in (self.undisturbed, *changed) if each.books]

    def run(self, strikes: Strikes, draw: Callable[[Point], str] = lambda point: "") -> Result:
        """Run one schedule.

        Args:
            strikes: What happens where.
            draw: Gives what happens where nothing is told.
        """
        happened: dict[str, str] = {}

        def decide(point: Point) -> str:
            struck = strikes.get(point.name) or draw(point)
            if struck:
                happened[point.name] = struck
            return struck

        books, found = None, list[str]()
        with World(self.pair, decide, self.records, self.workers) as world:
            try:
                world.run()
                books = self.pair.books()
                if self._usual:
                    found = self.pair.judged(books, self._usual, happened.values())
            except NeverEndsError as error:
                found = [f"ENDLESS {error}"]
            except Exception as error:
                found = [f"BROKEN {type(error).__name__}: {error}"]
        log = [*world.clockwork.log, *(self._stories() if found else ())]
        return Result(happened, tuple(found), tuple(world.clockwork.trace), tuple(sorted(log)), books)

    def strikes_at(self, point: Point, *, people: bool = True) -> list[str]:
        """Give what may happen at a point. What people do, and when, shows at exchanges alone.

        Args:
            point: The point.
            people: Whether what people do, and steps of the clock, are among it.
        """
        if point.name.startswith("people"):
            return list(point.kinds)
        acts = (*self.pair.acts, *self.pair.steps) if people and " wire " in point.name else ()
        return [*point.kinds, *ANYWHERE, *acts]

    def singles(self) -> list[Strikes]:
        """Give every schedule of one strike, those at what is written first."""
        points = sorted(self.undisturbed.trace, key=lambda point: not point.write)
        return [{point.name: struck} for point in points for struck in self.strikes_at(point)]

    def openings(self) -> list[Strikes]:
        """Give the strikes that leave something open for a second one.

        Each fault of each write; each act of people, at the end and before each exchange with the CRM, which alone
        shows it; and at each point a sleep that nobody notices.
        """
        faults, acts, sleeps = list[Strikes](), list[Strikes](), list[Strikes]()
        for point in self.undisturbed.trace:
            ended = point.name.startswith("people")
            faults += [{point.name: struck} for struck in point.kinds if point.write]
            acts += [{point.name: act} for act in self.pair.acts if ended or " crm/" in point.name]
            sleeps += [] if ended else [{point.name: UNNOTICED}]
        return [*faults, *acts, *sleeps]

    def seconds(self, first: Strikes) -> Iterator[Strikes]:
        """Give the schedules of an opening and one more strike later on: any on a worker, or a fault of a write.

        After a sleep only faults of writes. A worker that is killed before it looks into the store might as well be
        killed after that, which is the next point. An act that the system did not let people do opens nothing.
        """
        trace, slept = self.run(first).trace, UNNOTICED in first.values()
        as_ever = [point.name for point in trace] == [point.name for point in self.undisturbed.trace]
        if as_ever and {*first.values()} <= {*self.pair.acts}:
            return
        begun = max(index for index, point in enumerate(trace) if point.name in first)
        for point in trace[begun + 1 :]:
            ended = point.name.startswith("people")
            for struck in self.strikes_at(point, people=False):
                if struck in ANYWHERE:
                    wanted = not slept and not (struck in KILLED and " look " in point.name)
                else:
                    wanted = point.write or ended
                if wanted:
                    yield {**first, point.name: struck}

    def schedules(self, level: Level, only: slice = slice(None)) -> Iterator[Result]:
        """Run the schedules of a level.

        Args:
            level: Single strikes, pairs of strikes, or random schedules.
            only: Which of the single strikes, of the openings of pairs, or of the seeds.
        """
        match level:
            case "singles":
                yield from map(self.run, self.singles()[only])
            case "pairs":
                for opening in self.openings()[only]:
                    yield from map(self.run, self.seconds(opening))
            case "random":
                yield from map(self.random, range(*only.indices(only.stop or SEEDS)))

    def random(self, seed: int) -> Result:
        """Run a schedule that a seed draws.

        A swarm: each seed allows a few kinds of strikes, so that no kind drowns the others; more often around writes.
        """
        chance = Random(seed)
        kinds = sorted({struck for point in self.undisturbed.trace for struck in self.strikes_at(point)})
        allowed = set(chance.sample(kinds, chance.randint(2, 8)))
        if allowed & {"late", "gone"}:
            allowed.difference_update(
                self.pair.steps[:1]
            )  # a clock that jumps over a fence meanwhile: see docs/proof.md
        rate, most, drawn = chance.choice((0.005, 0.01, 0.03)), chance.randint(1, 6), itertools.count(1)

        def draw(point: Point) -> str:
            if chance.random() > rate * (5 if point.write else 1):
                return ""
            possible = [struck for struck in self.strikes_at(point) if struck in allowed]
            if not possible or next(drawn) > most:
                return ""
            struck = chance.choice(possible)
            return f"pause {chance.uniform(1, 90):.1f}" if struck == "pause 35.5" else struck

        return replace(self.run({}, draw), seed=seed)

    def shrunk(self, result: Result) -> Result:
        """Leave out strikes for as long as the rest still ends in a violation."""
        for point in result.strikes:
            fewer = self.run({name: struck for name, struck in result.strikes.items() if name != point})
            if fewer.violations:
                return self.shrunk(replace(fewer, seed=result.seed))
        return result

    def keep(self, result: Result, pair: str, folder: Path) -> Path:
        """Keep a schedule, so that it can be run again.

        Args:
            result: The schedule.
            pair: Name of the systems.
            folder: Where such schedules are.

        Returns:
            The file.
        """
        kept = {"pair": pair, "records": self.records, "workers": self.workers, "strikes": result.strikes}
        name = hashlib.sha256(json.dumps(kept).encode()).hexdigest()[:8]
        text = json.dumps({**kept, "seed": result.seed, "was": result.violations}, indent=1, ensure_ascii=False)
        folder.mkdir(exist_ok=True)
        file = folder / f"{pair}-{name}.json"
        file.write_text(f"{text}\n", encoding="utf-8")
        return file

    def _stories(self) -> Iterator[tuple[float, str]]:
        with self.pair.store.read() as connection:
            for run in list_runs(connection, limit=1000):
                for line in story_of_run(connection, run.id):
                    yield (line.at - BEGIN).total_seconds(), f"   {run.record}: {line.text}"
