"""Each least record that needs a number has a new one, so that a good plugin of such a system keeps all rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from erpcore.testing.report import read_report
from tests.kit.mutants.base import ROOT

SOME = "(F01 or F04 or F10 or F12 or F14 or O01 or O03 or O12 or O28 or V11) and (article or customer or list_register)"


def failed(report: Path, *options: str) -> set[str]:
    """Run the contract in a process of its own; give the rules that fail."""
    command = [sys.executable, "-m", "pytest", "tests/kit/numbered.py", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "no:xdist", f"--contract-report={report}", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    results = read_report(report).results
    assert {each.outcome for each in results} >= {"passed"}, done.stdout[-3000:] + done.stderr[-1000:]
    return {each.rule for each in results if each.outcome == "failed"}


@pytest.mark.timeout(120)
def test_least_records_that_need_a_number_are_made_and_compared(tmp_path: Path) -> None:
    assert failed(tmp_path / "report.json", "-k", SOME) == set()


@pytest.mark.proof
@pytest.mark.timeout(300)
def test_all_rules_are_kept_where_the_system_gives_no_numbers(tmp_path: Path) -> None:
    assert failed(tmp_path / "report.json") == {"D01"}  # its entry point leads to the example
