"""``python -m tests.simulation singles|pairs|random|replay|catch|speed``: see ``docs/proof.md``."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from erpcore_visma_admin.simulator.library import compiler

from erpcore.testing.simulation import Bench
from tests.simulation.erps import Fortnox
from tests.simulation.guards import GUARDS
from tests.simulation.home import HOMES
from tests.simulation.pairs import NEEDS_COMPILER, PAIRS, ByHand

MADE = {**PAIRS, **HOMES, "lime_go_fortnox_by_hand": lambda: ByHand(Fortnox())}
FOUND = Path(__file__).with_name("found")
RECORDS, WORKERS = 3, 3
"""Of random schedules."""


@cache
def bench(pair: str, records: int = 1, workers: int = 2) -> Bench:
    """One per process: what it takes to make one is a second."""
    logging.disable(logging.CRITICAL)
    return Bench(MADE[pair](), records=records, workers=workers)


def replay(file: Path) -> str:
    """Run a schedule that was kept; what does not hold, for people."""
    kept = json.loads(file.read_text(encoding="utf-8"))
    made = bench(kept["pair"], kept["records"], kept["workers"])
    result = made.run(kept["strikes"])
    return made.told(result, kept["pair"], FOUND) if result.violations else ""


def singles(pair: str, part: int, parts: int) -> tuple[int, list[str]]:
    """Run a part of all single strikes; how many, and what did not hold."""
    all_of_them = bench(pair).singles()[part::parts]
    results = [bench(pair).run(strikes) for strikes in all_of_them]
    return len(results), [bench(pair).told(result, pair, FOUND) for result in results if result.violations]


def pairs(pair: str, first: int, last: int) -> tuple[int, list[str]]:
    """Run these openings, each with every second strike."""
    count, told, made = 0, list[str](), bench(pair)
    for opening in made.openings()[first:last]:
        for strikes in made.seconds(opening):
            count += 1
            result = made.run(strikes)
            if result.violations:
                told.append(made.told(made.shrunk(result), pair, FOUND))
    return count, told


def random(pair: str, first: int, last: int) -> tuple[int, list[str]]:
    """Run the schedules of these seeds."""
    told, made = list[str](), bench(pair, RECORDS, WORKERS)
    for seed in range(first, last):
        result = made.random(seed)
        if result.violations:
            told.append(made.told(made.shrunk(result), pair, FOUND, seed))
    return last - first, told


def catch(guard: str, pairs: Sequence[str]) -> tuple[str, str, int, dict[str, str]]:
    """Switch a guard off; the pair and the number of the first single strike that shows it, -1 if none does."""
    for pair in pairs:
        made = bench(pair)
        with GUARDS[guard]():
            if made.run({}).violations:
                raise ValueError(f"without “{guard}” nothing works at all, which shows nothing")
            for number, strikes in enumerate(made.singles(), 1):
                if made.run(strikes).violations:
                    return guard, pair, number, dict(strikes)
    return guard, "", -1, {}


def speed(least: float = 15.0) -> int:
    """Tell how many undisturbed schedules of one deal a second of one core takes; 1 where that is too few."""
    made, best = bench("lime_go_fortnox"), 0.0
    for _ in range(5):
        begun = time.process_time()
        for _ in range(15):
            made.run({})
        best = max(best, 15 / (time.process_time() - begun))
    print(f"{best:.1f} schedules of one deal per second and core; {least:g} is the least")
    return int(best < least)


def all_over(work: Callable[..., tuple[int, list[str]]], jobs: Iterable[tuple[object, ...]], processes: int) -> int:
    """Do the jobs side by side; print what did not hold, and for each pair what was done."""
    begun, known, counts, failed = time.monotonic(), list(jobs), Counter[object](), Counter[object]()
    with ProcessPoolExecutor(processes, get_context("fork")) as pool:
        for (pair, *_), (done, told) in zip(known, pool.map(work, *zip(*known, strict=True)), strict=True):
            counts[pair] += done
            failed[pair] += len(told)
            for text in told:
                print(text, flush=True)
    for pair, count in counts.items():
        print(f"{work.__name__} {pair}: {count} schedules, {failed[pair]} violations")
    print(f"{counts.total()} schedules, {failed.total()} violations, {time.monotonic() - begun:.0f} s")
    return failed.total()


def main() -> int:
    """Carry out a command."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("what", choices=["singles", "pairs", "random", "replay", "catch", "speed"])
    parser.add_argument("file", nargs="?", type=Path, help="the schedule to replay")
    parser.add_argument("--guard", action="append", help="which guard to switch off; each when left out")
    parser.add_argument("--pair", choices=list(MADE), action="append")
    parser.add_argument(
        "--only", type=int, nargs=2, default=(0, 2500), help="which seeds, or openings: from, and up to"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    usual = {"catch": MADE, "pairs": PAIRS}.get(given.what, {**PAIRS, **HOMES})
    chosen, parts = given.pair or list(usual), 8 * given.processes
    if compiler() is None and not given.pair:
        chosen = [pair for pair in chosen if pair not in NEEDS_COMPILER]
        print(f"Left out, since there is no C compiler: {', '.join(sorted(NEEDS_COMPILER))}.")
    match given.what:
        case "replay":
            print(replay(given.file) or "Everything holds.")
            return 0
        case "speed":
            return speed()
        case "catch":
            with ProcessPoolExecutor(given.processes, get_context("fork")) as pool:
                for found in pool.map(catch, given.guard or GUARDS, repeat(chosen)):
                    print(json.dumps(found, ensure_ascii=False), flush=True)
            return 0
        case "random" | "pairs":
            work, each = (random, 50) if given.what == "random" else (pairs, 4)
            first, last = given.only
            last = last if work is random else min(last, max(len(bench(pair).openings()) for pair in chosen))
            jobs = [(pair, at, min(at + each, last)) for pair in chosen for at in range(first, last, each)]
            return all_over(work, jobs, given.processes)
    return all_over(singles, [(pair, part, parts) for pair in chosen for part in range(parts)], given.processes)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
