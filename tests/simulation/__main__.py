"""``python -m tests.simulation singles|pairs|random|replay|catch|speed``: see ``docs/proof.md``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from erpcore_visma_admin.simulator.library import compiler

from erpcore.testing.simulation import SIZES, Level, Levels, Pair, fingerprint
from erpcore.testing.simulation.levels import Portion
from tests.simulation.erps import Fortnox
from tests.simulation.guards import GUARDS
from tests.simulation.home import HOMES
from tests.simulation.pairs import PAIRS, ByHand, OneText

MADE: Mapping[str, Callable[[], Pair]] = {
    **PAIRS,
    **HOMES,
    "lime_go_fortnox_by_hand": lambda: ByHand(Fortnox()),
    "lime_go_fortnox_one_text": lambda: OneText(Fortnox()),
}
FOUND = Path(__file__).with_name("found")
LEVELS = Levels(MADE, FOUND)


def all_of(level: Level, pairs: Sequence[str], only: slice, processes: int) -> int:
    """Run a level; print what did not hold, and for each pair what was done."""
    begun, by_pair = time.monotonic(), dict[str, list[Portion]]()
    for portion in LEVELS.run(level, pairs, only, processes):
        by_pair.setdefault(portion.pair, []).append(portion)
        print("".join(f"{text}\n" for text in portion.told), end="", flush=True)
    whole = failed = 0
    for pair, portions in by_pair.items():
        count, told = (sum(map(len, of)) for of in zip(*((each.prints, each.told) for each in portions), strict=True))
        print(f"{level} {pair}: {count} schedules, {told} violations, {fingerprint(portions)}")
        whole, failed = whole + count, failed + told
    print(f"{whole} schedules, {failed} violations, {time.monotonic() - begun:.0f} s")
    return failed


def catch(guard: str, pairs: Sequence[str]) -> tuple[str, str, int, dict[str, str]]:
    """Switch a guard off; the pair and the number of the first single strike that shows it, -1 if none does."""
    for pair in pairs:
        made = LEVELS.bench(pair)
        with GUARDS[guard]():
            if made.run({}).violations:
                raise ValueError(f"without “{guard}” nothing works at all, which shows nothing")
            for number, result in enumerate(made.schedules("singles"), 1):
                if result.violations:
                    return guard, pair, number, dict(result.strikes)
    return guard, "", -1, {}


def speed(least: float = 15.0) -> int:
    """Tell how many undisturbed schedules of one deal a second of one core takes; 1 where that is too few."""
    made, best = LEVELS.bench("lime_go_fortnox"), 0.0
    for _ in range(5):
        begun = time.process_time()
        for _ in range(15):
            made.run({})
        best = max(best, 15 / (time.process_time() - begun))
    print(f"{best:.1f} schedules of one deal per second and core; {least:g} is the least")
    return int(best < least)


def main() -> int:
    """Carry out a command."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("what", choices=[*SIZES, "replay", "catch", "speed"])
    parser.add_argument("file", nargs="?", type=Path, help="the schedule to replay")
    parser.add_argument("--guard", action="append", help="which guard to switch off; each when left out")
    parser.add_argument("--pair", choices=list(MADE), action="append")
    parser.add_argument("--only", type=int, nargs=2, default=[None], help="strikes, openings, or seeds: from, up to")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    if given.what == "replay":
        result = LEVELS.replay(given.file)
        print(result.story if result.violations else "Everything holds.")
        return len(result.violations)
    if given.what == "speed":
        return speed()
    usual = MADE if given.what == "catch" else {**PAIRS, **HOMES}
    chosen = given.pair or [pair for pair in usual if compiler() or "visma_admin" not in pair]
    if missing := usual.keys() - chosen if not given.pair else ():
        print(f"Left out, since there is no C compiler: {', '.join(sorted(missing))}.")
    if given.what != "catch":
        return all_of(given.what, chosen, slice(*given.only), given.processes)
    with ProcessPoolExecutor(given.processes, get_context("fork")) as pool:
        for found in pool.map(catch, given.guard or GUARDS, repeat(chosen)):
            print(json.dumps(found, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(min(main(), 1))
