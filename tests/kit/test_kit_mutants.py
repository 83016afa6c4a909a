"""Wrong plugins: each is caught by the rule that is there for it, and the good one passes.

The mutants run in a pytest of their own, whose compliance report is read here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from filelock import FileLock

from erpcore.testing.report import Result, read_report
from tests.cases import cases
from tests.kit.mutants.base import HONEST, MUTANTS, ROOT, Mutant
from tests.kit.mutants.collected import MODULES
from tests.kit.mutants.honest_table import AT_FIRST, ROWS, SETS

pytestmark = pytest.mark.timeout(600)

FEWEST = 40
ALL = (*MUTANTS, *HONEST)


@pytest.fixture(scope="module")
def tried(request: pytest.FixtureRequest) -> tuple[Mutant, ...]:
    """The mutants that this run tries."""
    return tuple(cases(request, "mutant")) or ALL


@pytest.fixture(scope="module")
def caught(tried: tuple[Mutant, ...], tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Which rules failed, by the name of the contract class. Run once, however many processes share the tests."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    report = shared / "mutants.json"
    with FileLock(shared / "mutants.lock"):
        if not report.exists():
            _run(report, tried)
    return dict(_failed(read_report(report).results))


def _run(report: Path, tried: tuple[Mutant, ...]) -> None:
    unfinished = report.with_suffix(".part")
    contracts = [f"tests/kit/mutants/collected.py::{mutant.contract.__name__}" for mutant in tried]
    command = [sys.executable, "-m", "pytest", *contracts, "-q", "-p", "no:cacheprovider"]
    command += ["-p", "no:xdist", f"--contract-report={unfinished}", "--no-header", "--tb=no"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=580, check=False)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout[-3000:] + done.stderr[-3000:]
    unfinished.replace(report)


def _failed(results: tuple[Result, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for result in results:
        if result.outcome == "failed":
            found[result.contract].add(result.rule)
    return found


def test_there_are_enough_mutants_and_no_two_of_a_name() -> None:
    assert len(MUTANTS) >= FEWEST
    assert len({mutant.name for mutant in ALL}) == len(ALL)
    assert {mutant.name for mutant in HONEST} == {name for _, _, name in ROWS}
    assert all(Path(str(module.__file__)).parent.name == "mutants" for module in MODULES)


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: f"{mutant.rule}-{mutant.name}")
def test_a_wrong_plugin_is_caught_by_its_rule(mutant: Mutant, caught: dict[str, set[str]]) -> None:
    assert mutant.rule in caught.get(mutant.contract.__name__, set())


def test_the_table_of_mutants_and_the_rules_that_caught_them(
    tried: tuple[Mutant, ...], caught: dict[str, set[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print()  # noqa: T201 the table is what this test is for
        for mutant in sorted(tried, key=lambda each: (each.rule, each.name)):
            first = AT_FIRST.get(mutant.name, "none") if mutant in HONEST else ""
            print(f"{mutant.rule}  {mutant.name}" + (f"  (at first: {first})" if first else ""))  # noqa: T201 as above
        for number, rows in enumerate(SETS, start=1):
            at_first = sum(rule != "-" for _, rule, _ in rows)
            print(f"honest authors' plugins, set {number}: {at_first} of {len(rows)} caught at first")  # noqa: T201 as above
    assert {mutant.name for mutant in tried if mutant.contract.__name__ not in caught} == set()
