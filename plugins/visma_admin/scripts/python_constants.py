"""Writes the plugin's two modules of numbers from the ADK's tables of names and numbers.

The tables are not part of the project. They are CSV files in one folder: ``adk_databases.csv``, ``adk_fields.csv``,
``adk_enums.csv``, ``adk_result_codes.csv`` and ``adk_functions.csv``. What is taken from them is what ``names.toml``
names, so that the modules hold nothing that the plugin does not use::

    python scripts/python_constants.py FOLDER          # writes the modules
    python scripts/python_constants.py FOLDER --check  # tells whether they are what would be written
"""

from __future__ import annotations

import argparse
import csv
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ADK = HERE.parent / "erpcore_visma_admin" / "adk"
KINDS = {"eChar": "TEXT", "eDouble": "NUMBER", "eBool": "FLAG", "eDate": "DAY", "eData": "ROWS"}
MOMENTS = ("TIMESTAMP",)
"""Fields that the tables type as a date and that hold a time too."""
TYPES = {
    "int32": "INT",
    "int32 bool": "INT",
    "int32 enum ADK_SORT_ORDER": "INT",
    "int32 enum ADK_ERROR_TEXT_TYPE": "INT",
    "double": "DOUBLE",
    "pointer to ADK_DATA": "DATA",
    "pointer to pointer to ADK_DATA": "OUT_DATA",
    "pointer to char": "TEXT",
    "pointer to pointer to char": "OUT_TEXT",
    "pointer to int32": "OUT_INT",
    "pointer to int32 enum ADK_FIELD_TYPE": "OUT_INT",
    "pointer to double": "OUT_DOUBLE",
    "pointer to ADK_ERROR": "ERROR",
    "stdcall function(pointer to ADK_ERROR) -> void": "CALLBACK",
}
"""How the tables write a parameter's type, and what it is called in `erpcore_visma_admin.adk.abi`."""
RETURNS = {
    "ADK_ERROR by value (20 bytes)": "Returns.ERROR",
    "pointer to ADK_DATA (NULL on failure assumed)": "Returns.DATA",
    "int32 bool": "Returns.INT",
    "nothing": "Returns.NOTHING",
}


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    """Read one of the tables."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def constants(folder: Path, names: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines of ``constants.py``."""
    tables = {row["constant"]: row["db_id"] for row in rows(folder, "adk_databases")}
    orders = {r["member"]: r["value"] for r in rows(folder, "adk_enums") if r["enum"] == "ADK_SORT_ORDER"}
    fields = {row["constant"]: row for row in rows(folder, "adk_fields")}
    codes = {row["constant"]: row for row in rows(folder, "adk_result_codes")}
    yield '"""Numbers of the ADK that the plugin uses, each with its meaning.'
    yield ""
    yield "Written by ``scripts/python_constants.py``; what is in it is chosen in ``scripts/names.toml``."
    yield '"""'
    yield ""
    yield "from collections.abc import Mapping"
    yield "from typing import Final"
    yield ""
    yield "from erpcore_visma_admin.adk.layout import Kind, NativeField, Result, fields, results"
    yield ""
    yield "TABLES: Final[Mapping[str, int]] = {"
    for name, meaning in names["tables"].items():
        yield f'    "{name}": {tables["ADK_DB_" + name]},  # {meaning}'
    yield "}"
    yield ""
    yield "SORT_ORDERS: Final[Mapping[str, int]] = {"
    for name, meaning in names["sort_orders"].items():
        yield f'    "{name}": {orders[name]},  # {meaning}'
    yield "}"
    for group, wanted in names["fields"].items():
        yield ""
        yield f"{group}: Final[Mapping[str, NativeField]] = fields("
        for name, meaning in wanted.items():
            row = fields[f"ADK_{group}_{name}"]
            kind = "MOMENT" if name in MOMENTS else KINDS[row["type"]]
            yield f'    NativeField("{name}", {row["field_id"]}, Kind.{kind}, "{meaning}"),'
        yield ")"
    yield ""
    yield "RESULTS: Final[Mapping[int, Result]] = results("
    for name, meaning in names["results"].items():
        yield f'    Result({codes[name]["code"]}, "{name}", "{meaning}"),'
    yield ")"
    yield ""
    warnings = [int(row["code"]) for row in codes.values() if row["kind"] == "warning"]
    yield "# fmt: off"
    yield "WARNINGS: Final[frozenset[int]] = frozenset("
    yield "    {"
    line = ""
    for code in warnings:
        if len(line) + len(f"{code}, ") > 100:
            yield f"        {line.rstrip()}"
            line = ""
        line += f"{code}, "
    yield f"        {line.rstrip()}"
    yield "    }"
    yield ")"
    yield "# fmt: on"
    yield '"""Codes that tell something and refuse nothing."""'


def functions(folder: Path, names: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines of ``functions.py``."""
    told = {row["function"]: row for row in rows(folder, "adk_functions")}
    yield '"""The functions of the ADK that the plugin calls: parameters in order, and what comes back.'
    yield ""
    yield "Written by ``scripts/python_constants.py``; what is in it is chosen in ``scripts/names.toml``."
    yield '"""'
    yield ""
    yield "from collections.abc import Mapping"
    yield "from typing import Final"
    yield ""
    used: set[str] = set()
    lines = []
    for name in names["functions"]:
        row = told[name]
        written = row["parameters_in_order"]
        types = [TYPES[part.partition(": ")[2].strip()] for part in written.split(";")] if written else []
        used |= set(types)
        inside = "".join(f", {kind}" for kind in types)
        lines.append(f'    "{name}": Signature({RETURNS[row["returns"]]}{inside}),')
    yield "from erpcore_visma_admin.adk.abi import ("
    yield from (f"    {name}," for name in [*sorted(used), "Returns", "Signature"])
    yield ")"
    yield ""
    yield "FUNCTIONS: Final[Mapping[str, Signature]] = {"
    yield from lines
    yield "}"


def main() -> int:
    """Write the modules, or tell whether they are what would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with the tables")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    asked = parser.parse_args()
    names = tomllib.loads((HERE / "names.toml").read_text(encoding="utf-8"))
    different = []
    for module, lines in (("constants", constants), ("functions", functions)):
        path, text = ADK / f"{module}.py", "\n".join(lines(asked.folder, names)) + "\n"
        if asked.check and path.read_text(encoding="utf-8") != text:
            different.append(path.name)
        elif not asked.check:
            path.write_text(text, encoding="utf-8")
    if different:
        print(f"{' and '.join(different)} would be written otherwise.", file=sys.stderr)  # noqa: T201 a command's answer
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
