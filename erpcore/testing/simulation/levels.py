"""Whole levels of schedules, side by side in processes; what does not hold is made short and kept, to be run again."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from erpcore.errors import ErpcoreError
from erpcore.testing.simulation.installation import Pair
from erpcore.testing.simulation.search import SEEDS, Bench, Level, Result

SIZES: Mapping[Level, tuple[int, int]] = {"singles": (1, 2), "pairs": (1, 2), "random": (3, 3)}
"""Level -> how many records and workers its schedules have."""
_PORTIONS: Mapping[Level, int] = {"singles": 40, "pairs": 4, "random": 50}
"""How many single strikes, openings or seeds a process takes at a time."""


@dataclass(frozen=True)
class Portion:
    """What came of some schedules of a level.

    Attributes:
        pair: Name of the systems.
        prints: The fingerprint of each.
        told: What did not hold, for people.
    """

    pair: str
    prints: tuple[str, ...]
    told: tuple[str, ...]


def fingerprint(portions: Sequence[Portion]) -> str:
    """Give the fingerprint of all that happened in these schedules."""
    return hashlib.sha256("".join(each for portion in portions for each in portion.prints).encode()).hexdigest()[:16]


class Levels:
    """Runs levels of some pairs, of which each process makes its own, once.

    Args:
        pairs: Makes the pair of systems of each name.
        folder: Where schedules are kept after which something does not hold; None keeps none.
    """

    def __init__(self, pairs: Mapping[str, Callable[[], Pair]], folder: Path | None = None) -> None:
        self.pairs, self._folder = pairs, folder
        self._made: dict[tuple[str, int, int], Bench] = {}

    def bench(self, pair: str, records: int = 1, workers: int = 2) -> Bench:
        """Give the bench of a pair: what it takes to make one is a second."""
        if (known := (pair, records, workers)) not in self._made:
            self._made[known] = Bench(self.pairs[pair](), records=records, workers=workers)
        return self._made[known]

    def replay(self, file: Path) -> Result:
        """Run a schedule that was kept.

        Raises:
            ErpcoreError: The file holds none.
        """
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            of, strikes = (kept["pair"], kept["records"], kept["workers"]), dict(kept["strikes"])
            self.pairs[of[0]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ErpcoreError(
                f"{file} holds no schedule of these systems.", advice="Name one that was kept."
            ) from error
        return self.bench(*of).run(strikes)

    def portion(self, level: Level, pair: str, only: slice) -> Portion:
        """Run some schedules of a level; see `Bench.schedules`."""
        prints, told, bench = list[str](), list[str](), self.bench(pair, *SIZES[level])
        for result in bench.schedules(level, only):
            prints.append(result.fingerprint)
            if result.violations:
                shortest = bench.shrunk(result)
                where = "" if self._folder is None else f", kept in {bench.keep(shortest, pair, self._folder)}"
                told.append(f"{pair}{where}, {shortest.story}")
        return Portion(pair, tuple(prints), tuple(told))

    def size(self, level: Level, pair: str) -> int:
        """Tell how many single strikes there are, openings of pairs, or seeds."""
        if level == "random":
            return SEEDS
        return len(self.bench(pair).singles() if level == "singles" else self.bench(pair).openings())

    def run(self, level: Level, pairs: Sequence[str], only: slice, processes: int = 1) -> Iterator[Portion]:
        """Run a level.

        Args:
            level: Which.
            pairs: Names of the pairs.
            only: Which of the single strikes, of the openings, or of the seeds, of each pair.
            processes: How many; more than one where there is ``fork``.

        Yields:
            What came of a portion, pair after pair and in the order of its schedules.
        """
        with self._spread(processes) as spread:
            fixed = level == "random" and only.stop is not None
            sizes = [only.stop] * len(pairs) if fixed else [*spread("size", [(level, pair) for pair in pairs])]
            jobs = list[tuple[Level, str, slice]]()
            for pair, size in zip(pairs, sizes, strict=True):
                first, last, every = only.indices(size)
                width = _PORTIONS[level] * every
                jobs += [(level, pair, slice(at, min(at + width, last), every)) for at in range(first, last, width)]
            yield from spread("portion", jobs)

    @contextmanager
    def _spread(self, processes: int) -> Iterator[Callable[[str, Sequence[Any]], Iterator[Any]]]:
        """Give what calls a method with each of many arguments, in this process or in several."""
        if processes == 1:
            yield lambda method, jobs: (getattr(self, method)(*job) for job in jobs)
            return
        # Each has benches of its own: simulators keep files, here in one folder, which is gone afterwards.
        with TemporaryDirectory(prefix="erpcore-simulation-") as files:
            begin = (Levels(self.pairs, self._folder), files)
            with ProcessPoolExecutor(processes, get_context("fork"), initializer=_begin, initargs=begin) as pool:
                yield lambda method, jobs: pool.map(_do, repeat(method), jobs)


_here: Levels
"""Of a process of several."""


def _begin(levels: Levels, files: str) -> None:
    global _here
    _here, tempfile.tempdir = levels, files


def _do(method: str, job: tuple[Any, ...]) -> Any:
    return getattr(_here, method)(*job)
