"""The base package is enough for a plugin author: nothing of the part that runs syncs is imported."""

import subprocess
import sys
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement

SYNC_ONLY = ("dbos", "sqlalchemy", "alembic", "cryptography", "pydantic-settings", "starlette", "uvicorn")

BLOCK = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
sys.argv = ["erpcore", *{arguments!r}]
from erpcore.cli import main
main()
"""


def run_without(blocked: set[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    code = BLOCK.format(blocked=blocked, arguments=list(arguments))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


def needed(distribution: str, extra: str = "") -> set[str]:
    return {
        requirement.name.lower()
        for requirement in map(Requirement, requires(distribution) or [])
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra})
    }


def test_the_base_package_does_not_ask_for_the_engine_or_the_web_parts() -> None:
    assert not needed("erpcore") & set(SYNC_ONLY)
    assert set(SYNC_ONLY) <= needed("erpcore", "sync")


@pytest.mark.parametrize("plugin", ["erpcore-fortnox", "erpcore-lime-go"])
def test_a_plugin_asks_for_the_base_package_alone(plugin: str) -> None:
    assert needed(plugin) == {"erpcore"}


@pytest.mark.parametrize("plugin", ["fortnox", "lime_go"])
def test_plugins_and_their_tables_are_shown_without_the_part_that_runs_syncs(plugin: str) -> None:
    result = run_without({name.replace("-", "_") for name in SYNC_ONLY}, "fields", plugin, "--json")
    assert result.returncode == 0, result.stderr
    assert '"state"' in result.stdout


def test_a_command_that_needs_more_says_what_to_install() -> None:
    result = run_without({"starlette"}, "simulate", "fortnox")
    assert result.returncode == 2
    assert "pip install" in result.stderr
