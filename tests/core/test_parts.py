"""`make test` and `make rest` leave nothing out between them, and share only what the README counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOME = (
    "tests/store/test_store_ledger.py",
    "tests/store/test_store_retention.py",
    "tests/scaffold/test_scaffold_new_plugin.py",
    "examples/plugin_memory",
)


def collected(*options: str) -> list[str]:
    command = [sys.executable, "-m", "pytest", "--co", "-q", "-n", "0", "-p", "no:cacheprovider", *options, *SOME]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100).stdout
    return [line for line in told.splitlines() if "::" in line]


@pytest.mark.wide
def test_every_case_is_in_one_part_and_those_of_the_contract_all_in_the_rest() -> None:
    everything, sample, rest = collected(), collected("--part", "sample"), collected("--part", "rest")
    assert set(sample) | set(rest) == set(everything)
    assert {case for case in everything if "test_memory_contract" in case} <= set(rest)
    assert {case.split("::")[0] for case in set(sample) & set(rest)} == {
        "examples/plugin_memory/tests/test_memory_contract.py"
    }
    assert 2 * len(sample) < len(everything), "a sample is well below half"
    functions = [{case.split("[")[0] for case in part} for part in (everything, sample)]
    assert {name.split("::")[-1] for name in functions[0] - functions[1]} == {
        "test_a_crm_plugin_is_installed_filled_in_and_keeps_the_contract",
        "test_a_new_author_gets_from_nothing_to_a_proven_plugin",
        "test_what_a_plugin_begins_with_has_its_types_right",
    }, "each test has a case in the sample, but for those that are long"

    for database in ("sqlite", "postgresql"):
        assert sum(f"[{database}]" in case for case in sample) > 3, "the cases of the sample are of both"
