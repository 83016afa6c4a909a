"""Both sides' numbers are those of the ADK's tables, where a copy of the tables is at hand.

``pytest --vendor-specs DIR`` with the tables in ``DIR/visma_admin``.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from erpcore_visma_admin.adk import constants
from erpcore_visma_admin.adk.abi import Returns
from erpcore_visma_admin.adk.functions import FUNCTIONS
from erpcore_visma_admin.adk.layout import Kind
from erpcore_visma_admin.simulator.library import HERE

SCRIPTS = Path(__file__).parent.parent / "scripts"
TABLES_FOR_C = (
    "adk_databases.csv",
    "adk_enums.csv",
    "adk_functions.csv",
    "adk_fields.csv",
    "observed_string_lengths.csv",
    "adk_result_codes.csv",
)
NATIVE_TYPES = {"eBool": 1, "eChar": 2, "eDouble": 4, "eDate": 5, "eData": 6}
STRUCT = "ADK_ERROR by value (20 bytes)"


@pytest.fixture(scope="module")
def specs(request: pytest.FixtureRequest) -> Path:
    given: Path | None = request.config.getoption("--vendor-specs")
    if given is None or not (given / "visma_admin").is_dir():
        pytest.skip("no copy of the ADK's tables is at hand (--vendor-specs)")
    return given / "visma_admin"


def rows(specs: Path, table: str) -> Iterator[dict[str, str]]:
    with (specs / table).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def test_the_bindings_modules_are_what_the_script_writes(specs: Path) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPTS / "python_constants.py", specs, "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("awk") is None, reason="awk is not installed")
def test_the_simulators_headers_are_what_the_script_writes(specs: Path, tmp_path: Path) -> None:
    tables = [specs / table for table in TABLES_FOR_C]
    names = SCRIPTS / "simulator_names.txt"
    subprocess.run(["awk", "-f", SCRIPTS / "c_tables.awk", names, *tables], cwd=tmp_path, check=True)
    for header in ("adk_numbers.h", "adk_fields.h"):
        assert (tmp_path / header).read_text() == (HERE / header).read_text()


def test_every_function_has_its_parameters_and_its_decorated_name(specs: Path) -> None:
    told = {row["function"]: row for row in rows(specs, "adk_functions.csv")}
    for name, signature in FUNCTIONS.items():
        row = told[name]
        written = [part for part in row["parameters_in_order"].split("; ") if part]
        assert len(signature.parameters) == len(written), name
        assert signature.export_name(name, decorated=True) == row["x86_export_name"]
        assert sum(parameter.x86_bytes for parameter in signature.parameters) == int(
            row["x86_argument_bytes_from_signature"]
        )
        assert (signature.returns is Returns.ERROR) == (row["returns"] == STRUCT), name


def test_every_constant_has_its_number(specs: Path) -> None:
    tables = {row["constant"]: int(row["db_id"]) for row in rows(specs, "adk_databases.csv")}
    assert {name: tables[f"ADK_DB_{name}"] for name in constants.TABLES} == constants.TABLES
    orders = {
        row["member"]: int(row["value"]) for row in rows(specs, "adk_enums.csv") if row["enum"] == "ADK_SORT_ORDER"
    }
    assert {name: orders[name] for name in constants.SORT_ORDERS} == constants.SORT_ORDERS
    fields = {row["constant"]: row for row in rows(specs, "adk_fields.csv")}
    groups = [name for name in dir(constants) if f"ADK_{name}" in {f"ADK_{row['group']}" for row in fields.values()}]
    assert len(groups) == 15
    for group in groups:
        for field in getattr(constants, group).values():
            row = fields[f"ADK_{group}_{field.name}"]
            assert (int(row["field_id"]), NATIVE_TYPES[row["type"]]) == (field.id, field.kind.native)
            assert (field.kind is Kind.MOMENT) == field.name.endswith("TIMESTAMP")
    codes = {row["constant"]: row for row in rows(specs, "adk_result_codes.csv")}
    for code, result in constants.RESULTS.items():
        assert int(codes[result.name]["code"]) == code == result.code
    warnings = {int(row["code"]) for row in codes.values() if row["constant"].startswith("ADKW_")}
    assert warnings == constants.WARNINGS
