"""A sample of all single strikes, every schedule that was ever found, and every guard switched off.

All single strikes are `make simulate`; pairs and random schedules are `make proof`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from erpcore_visma_admin.simulator.library import compiler
from typer.testing import CliRunner

from erpcore.cli.app import app
from erpcore.testing.simulation import Bench
from tests.simulation.__main__ import FOUND, RECORDS, WORKERS, bench, replay
from tests.simulation.guards import GUARDS, reading_back
from tests.simulation.home import HOMES
from tests.simulation.pairs import NEEDS_COMPILER, PAIRS

pytestmark = pytest.mark.timeout(600)  # seconds of one core, where a busy machine has one to spare
CAUGHT = json.loads(Path(__file__).with_name("caught.json").read_text(encoding="utf-8"))
"""Guard -> pair, number among its single strikes, and the strikes that show it; records and workers, if there are more.

Number 0 is a pair of strikes, one that needs several records, or a strike on a request that only a plugin without the
guard makes.
"""
FINGERPRINTS = """
import json
from tests.simulation.__main__ import bench
made = {{pair: bench(pair, {records}, {workers}) for pair in {pairs}}}
print(json.dumps({{pair: [each.random(seed).fingerprint for seed in range({seeds})] for pair, each in made.items()}}))
"""
DRAWN = [*PAIRS, "fortnox_home_lime_go"]
CAN_RUN = [pair for pair in DRAWN if pair not in NEEDS_COMPILER or compiler() is not None]


@cache
def in_other_processes(seeds: int) -> list[dict[str, list[str]]]:
    """Give what two processes that order their sets differently make of the first seeds, by pair.

    All pairs in one process: what it imports takes longer than a schedule.
    """
    code = FINGERPRINTS.format(seeds=seeds, records=RECORDS, workers=WORKERS, pairs=CAN_RUN)
    begun = [
        subprocess.Popen(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": order}, stdout=subprocess.PIPE, text=True
        )
        for order in ("1", "2")
    ]
    told = [process.communicate()[0] for process in begun]
    assert [process.returncode for process in begun] == [0, 0]
    return [json.loads(each) for each in told]


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    import logging

    yield
    logging.disable(logging.NOTSET)


def needing_compiler(*pairs: str) -> list[Any]:
    """Leave those out that need a compiler where there is none."""
    missing = NEEDS_COMPILER if compiler() is None else ()
    return [pytest.param(pair, marks=pytest.mark.skipif(pair in missing, reason="no C compiler")) for pair in pairs]


@pytest.mark.parametrize("pair", needing_compiler(*PAIRS, *HOMES))
def test_a_sample_of_all_single_strikes_violates_nothing(pair: str) -> None:
    made = bench(pair)
    books = made.undisturbed.books
    assert books is not None
    assert books.documents or books.beside["crm"], "there is something to judge"
    assert made.run({}).violations == ()
    results = [made.run(strikes) for strikes in made.singles()[::151]]
    assert [made.told(each, pair, FOUND) for each in results if each.violations] == []
    assert all(each.strikes for each in results), "each strike happens"


@pytest.mark.parametrize("file", sorted(FOUND.glob("*.json")), ids=lambda file: file.stem)
def test_what_was_found_once_stays_mended(file: Path) -> None:
    if file.stem.rpartition("-")[0] in NEEDS_COMPILER and compiler() is None:
        pytest.skip("the simulated Visma Administration needs a C compiler")
    assert replay(file) == ""


@pytest.mark.parametrize("guard", CAUGHT)
def test_a_guard_that_is_switched_off_is_caught(guard: str, capsys: pytest.CaptureFixture[str]) -> None:
    pair, number, strikes, *more = CAUGHT[guard]
    if pair in NEEDS_COMPILER and compiler() is None:
        pytest.skip("the simulated Visma Administration needs a C compiler")
    made: Bench = bench(pair, *more)
    assert made.run(strikes).violations == (), "with the guard all is well"
    with GUARDS[guard]():
        assert made.run({}).violations == (), "without a strike nobody needs it"
        found = made.run(strikes).violations
    assert found
    with capsys.disabled():
        print(f"\n{guard:68} {number or '-':>4}  {strikes}  {found[0].split()[0]}", end="")  # noqa: T201  the table


def test_a_plugin_that_reads_its_order_back_makes_no_second_one() -> None:
    made, read = bench("lime_go_fortnox"), "A wire GET erp/N/orders/N #1"
    with reading_back():
        for struck in ("outage", "break", "garbage"):
            result = made.run({read: struck})
            assert (dict(result.strikes), result.violations) == ({read: struck}, ())


@pytest.mark.proof
@pytest.mark.parametrize("erp", ["fortnox", "poweroffice", "visma_eaccounting", "visma_admin"])
def test_each_erp_plugin_is_struck_as_an_author_does_it(erp: str) -> None:
    file = f"plugins/{erp}/tests/test_{erp}_contract.py"
    told = CliRunner().invoke(app, ["contract", "simulate", file])
    assert (told.exit_code, "0 violations" in told.output) == (0, True), told.output


def test_an_author_has_a_plugin_struck_and_is_told_what_does_not_hold() -> None:
    # One of 67: among them the order that arrives late.
    command = ["contract", "simulate", "plugins/fortnox/tests/test_fortnox_contract.py", "--every", "67"]
    well = CliRunner().invoke(app, command)
    assert (well.exit_code, "0 violations" in well.output) == (0, True), well.output
    with GUARDS["the fence"]():
        told = CliRunner().invoke(app, command)
    assert told.exit_code == 1
    assert "DIFFERS orders" in told.output
    assert "lands now, 201" in told.output


@pytest.mark.parametrize("seeds", [1, pytest.param(10, marks=pytest.mark.proof)])
@pytest.mark.parametrize("pair", needing_compiler(*DRAWN))
def test_the_same_seed_gives_the_same_in_another_process(pair: str, seeds: int) -> None:
    results = [bench(pair, RECORDS, WORKERS).random(seed) for seed in range(seeds)]
    here = [each.fingerprint for each in results]
    assert [told[pair] for told in in_other_processes(seeds)] == [here, here]
    again = [bench(pair, RECORDS, WORKERS).run(each.strikes) for each in results]
    assert [each.fingerprint for each in again] == here, "by their strikes alone"


def test_a_schedule_of_a_deal_costs_little() -> None:
    # Counted, not timed: the time is held by `make bench-quick`, on a machine that does nothing else.
    made = bench("lime_go_fortnox")
    assert len(made.undisturbed.trace) <= 80
    assert sum(" wire " in point.name for point in made.undisturbed.trace) <= 17
