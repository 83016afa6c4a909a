"""A sample of all single strikes, every schedule that was ever found, and every guard switched off.

All single strikes are `make simulate`; pairs and random schedules are `make proof`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from erpcore_visma_admin.simulator.library import compiler
from typer.testing import CliRunner

from erpcore.cli.app import app
from erpcore.testing.simulation import SIZES, fingerprint
from tests.cases import cases
from tests.simulation.__main__ import FOUND, LEVELS
from tests.simulation.guards import GUARDS, reading_back
from tests.simulation.home import HOMES
from tests.simulation.pairs import PAIRS

pytestmark = pytest.mark.timeout(600)  # seconds of one core, where a busy machine has one to spare
CAUGHT = json.loads(Path(__file__).with_name("caught.json").read_text(encoding="utf-8"))
"""Guard -> pair, number among its single strikes, and the strikes that show it; records and workers, if there are more.

Number 0 is a pair of strikes, one that needs several records, or a strike on a request that only a plugin without the
guard makes.
"""
DRAWN = (*PAIRS, "fortnox_home_lime_go")


@cache
def in_other_processes(seeds: int, pairs: tuple[str, ...]) -> list[str]:
    """Give what processes that order their sets in another way tell of the first seeds: one, or of many seeds two.

    All pairs in one process: what it imports takes longer than a schedule.
    """
    options = [f"--pair={pair}" for pair in pairs if compiler() or "visma_admin" not in pair]
    command = [sys.executable, "-m", "tests.simulation", "random", "--only", "0", str(seeds), "--processes=1", *options]
    orders = [{**os.environ, "PYTHONHASHSEED": order} for order in ("1", "2")[:seeds]]
    begun = [subprocess.Popen(command, env=order, stdout=subprocess.PIPE, text=True) for order in orders]
    return [process.communicate()[0] for process in begun]


@pytest.mark.parametrize("pair", [*PAIRS, *HOMES])
def test_a_sample_of_all_single_strikes_violates_nothing(pair: str) -> None:
    made = LEVELS.bench(pair)
    books = made.undisturbed.books
    assert books is not None
    assert books.documents or books.beside["crm"], "there is something to judge"
    assert made.run({}).violations == ()
    results = list(made.schedules("singles", slice(None, None, 151)))
    assert [each.story for each in results if each.violations] == []
    assert all(each.strikes for each in results), "each strike happens"


@pytest.mark.parametrize("file", sorted(FOUND.glob("*.json")), ids=lambda file: file.stem)
def test_what_was_found_once_stays_mended(file: Path) -> None:
    result = LEVELS.replay(file)
    assert result.violations == (), result.story


@pytest.mark.parametrize("guard", [pytest.param(guard, id=f"{pair}: {guard}") for guard, (pair, *_) in CAUGHT.items()])
def test_a_guard_that_is_switched_off_is_caught(guard: str, capsys: pytest.CaptureFixture[str]) -> None:
    pair, number, strikes, *more = CAUGHT[guard]
    made = LEVELS.bench(pair, *more)
    assert made.run(strikes).violations == (), "with the guard all is well"
    with GUARDS[guard]():
        assert made.run({}).violations == (), "without a strike nobody needs it"
        found = made.run(strikes).violations
    assert found
    with capsys.disabled():
        print(f"\n{guard:68} {number or '-':>4}  {strikes}  {found[0].split()[0]}", end="")  # noqa: T201  the table


def test_a_plugin_that_reads_its_order_back_makes_no_second_one() -> None:
    made, read = LEVELS.bench("lime_go_fortnox"), "A wire GET erp/N/orders/N #1"
    with reading_back():
        for struck in ("outage", "break", "garbage"):
            result = made.run({read: struck})
            assert (dict(result.strikes), result.violations) == ({read: struck}, ())


def simulated(erp: str, *options: str) -> tuple[int, str]:
    """Strike a plugin as its author does; the exit code, and what is told."""
    told = CliRunner().invoke(app, ["contract", "simulate", f"plugins/{erp}/tests/test_{erp}_contract.py", *options])
    return told.exit_code, told.output


@pytest.mark.proof
@pytest.mark.parametrize("level", [[], ["--level=random", "--only", "0", "50"]], ids=["singles", "random"])
@pytest.mark.parametrize("erp", ["fortnox", "poweroffice", "visma_eaccounting", "visma_admin"])
def test_each_erp_plugin_is_struck_as_an_author_does_it(erp: str, level: list[str]) -> None:
    code, told = simulated(erp, *level)
    assert (code, " 0 violations" in told) == (0, True), told


def test_an_author_has_a_plugin_struck_and_is_told_what_does_not_hold(tmp_path: Path) -> None:
    some = ("--every", "67", "--keep", str(tmp_path / "found"))  # among them the order that arrives late
    code, told = simulated("fortnox", *some)
    assert (code, " 0 violations" in told) == (0, True), told
    with GUARDS["the fence"]():
        code, told = simulated("fortnox", *some)
        assert code == 1
        assert "DIFFERS orders" in told
        assert "lands now, 201" in told
        schedules = list((tmp_path / "found").glob("fortnox-*.json"))
        assert [simulated("fortnox", "--replay", str(each))[0] for each in schedules] == [1] * len(schedules) != []
    assert [simulated("fortnox", "--replay", str(each))[0] for each in schedules] == [0] * len(schedules)


@pytest.mark.parametrize("seeds", [1, pytest.param(10, marks=pytest.mark.proof)])
@pytest.mark.parametrize("pair", DRAWN)
def test_the_same_seed_gives_the_same_in_another_process(pair: str, seeds: int, request: pytest.FixtureRequest) -> None:
    together = tuple(pair for pair in cases(request, "pair") if pair in DRAWN)
    here, made = LEVELS.portion("random", pair, slice(seeds)), LEVELS.bench(pair, *SIZES["random"])
    line = f"random {pair}: {seeds} schedules, 0 violations, {fingerprint([here])}\n"
    assert {line in told for told in in_other_processes(seeds, together)} == {True}
    again = [made.run(each.strikes).fingerprint for each in made.schedules("random", slice(seeds))]
    assert tuple(again) == here.prints, "by their strikes alone"


def test_a_schedule_of_a_deal_costs_little() -> None:
    # Counted, not timed: the time is held by `make bench-quick`, on a machine that does nothing else.
    trace = LEVELS.bench("lime_go_fortnox").undisturbed.trace
    assert len(trace) <= 80
    # Two of them look for an article whose number is written with or without a hyphen, before one is made.
    assert sum(" wire " in point.name for point in trace) <= 19


def test_two_companies_that_are_one_customer_and_come_at_once_each_have_their_own_address() -> None:
    bench = LEVELS.bench("lime_go_fortnox_by_hand")
    result = bench.run({bench.undisturbed.trace[0].name: "sister"})
    assert result.books is not None
    orders = [json.loads(each.content.splitlines()[0]) for each in result.books.documents]
    assert sorted((each["CustomerName"], each["City"]) for each in orders) == [
        ("Bolag AB", "Stockholm"),
        ("Bolag Syd AB", "Malmö"),
    ]
    assert len(result.books.beside["customers"]) == 1
