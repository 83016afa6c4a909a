"""Each rule passes by itself: on a bench of its own, in whatever order, and while midnight passes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from erpcore.testing.report import read_report
from tests.kit.mutants.base import ROOT

EXAMPLE = "examples/plugin_memory/tests/test_memory_contract.py"
FORTNOX = "plugins/fortnox/tests/test_fortnox_contract.py"
LIME_CRM = "plugins/lime_crm/tests/test_lime_crm_contract.py"
RUNS = ((EXAMPLE, "1"), (EXAMPLE, "2"), (FORTNOX, "1"), (LIME_CRM, "2"))
"""A system that is called, one over HTTP, and a CRM; each in an order of chance."""


def outcomes(report: Path, contract: str, *options: str, order: str = "1") -> dict[tuple[str, str, str | None], str]:
    """What came of each rule, in a process of its own."""
    command = [sys.executable, "-m", "pytest", contract, "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += ["--tb=short", "--timeout=600", f"--contract-report={report}", *options]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=1700, check=False, env={**os.environ, "ORDER": order}
    )
    assert done.returncode == pytest.ExitCode.OK, done.stdout[-6000:] + done.stderr[-2000:]
    return {(each.contract, each.rule, each.case): each.outcome for each in read_report(report).results}


@pytest.mark.timeout(300)
def test_rules_of_the_example_pass_alone_in_any_order_and_over_midnight(tmp_path: Path) -> None:
    some = ("-k", "F11 or O12 or O14 or P02 or P03 or P04 or P09 or E04 or E08 or R07 or H06")
    alone = outcomes(tmp_path / "alone.json", EXAMPLE, "-p", "tests.kit.alone", "--contract-midnight", *some)
    assert {"passed"} <= set(alone.values()) <= {"passed", "not applicable"}
    assert len(alone) > 30


@pytest.mark.proof
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("contract", "order"), RUNS)
def test_each_rule_passes_alone_in_any_order_and_over_midnight(tmp_path: Path, contract: str, order: str) -> None:
    usual = outcomes(tmp_path / "usual.json", contract)
    midnight = ("-p", "tests.kit.alone", "--contract-midnight")
    assert outcomes(tmp_path / "alone.json", contract, *midnight, order=order) == usual
