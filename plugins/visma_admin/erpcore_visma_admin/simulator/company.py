"""A simulated company: the folders that the library opens, and what a person does in the program meanwhile.

The company is a file that the library writes after each change and reads again when somebody else has written it, so
that it may be looked at and changed from here at any time. Names and numbers of fields are those of the library's own
header, not the plugin's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote_from_bytes, unquote_to_bytes

from erpcore_visma_admin.simulator.library import HERE

ENCODING = "cp1252"
_CHAR, _DOUBLE = 2, 4
_FIRST_DAY = 700_000 - 305
"""What the library's count of days is behind Python's."""
IN_LEDGER = "(in ledger)"
"""The program's own mark of an invoice that is in the ledger; no field of the interface."""
_IN_LEDGER_ID = 200

Value = str | float | int
FaultKind = Literal["hang_before", "hang_after", "crash_before", "crash_after", "error_before", "error_after"]


@dataclass
class Record:
    """A stored record.

    Attributes:
        at: The library's own key of it.
        values: What is set, by field name without its group. Days are counted as `day_number` does.
        rows: The rows of a document.
    """

    at: int
    values: dict[str, Value] = field(default_factory=dict)
    rows: list[dict[str, Value]] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {**self.values, **({"ROWS": self.rows} if self.rows else {})}


@dataclass
class Books:
    """Everything that a company holds.

    Attributes:
        next_record: The library's next key.
        next_order: Number of the next order.
        next_invoice: Number of the next invoice.
        registers: Records by table.
    """

    next_record: int = 1
    next_order: int = 1001
    next_invoice: int = 5001
    registers: dict[str, list[Record]] = field(default_factory=dict)

    def put(self, table: str, rows: Sequence[Mapping[str, Value]] = (), /, **values: Value) -> Record:
        """Add a record.

        Raises:
            ValueError: The table has no such field.
        """
        known = _fields_of(table)
        if strangers := sorted(values.keys() - known.keys() - {IN_LEDGER}):
            raise ValueError(f"{table} has no {', '.join(strangers)}.")
        record = Record(self.next_record, dict(values), [dict(row) for row in rows])
        self.next_record += 1
        self.registers.setdefault(table, []).append(record)
        return record

    def by(self, table: str, name: str, value: Value) -> Record:
        """Give the record that has a value in a field.

        Raises:
            LookupError: There is none.
        """
        for record in self.registers.get(table, []):
            if record.values.get(name) == value:
                return record
        raise LookupError(f"{table} has no record with {name} {value}")


class Company:
    """The folders of a simulated installation with one company.

    Args:
        folder: Where they are made.
        name: Name of the company's folder.
    """

    def __init__(self, folder: Path, name: str = "FTG1") -> None:
        self.system_path = folder / "Gemensamma filer"
        self.path = folder / "Företag" / name
        self.system_path.mkdir(parents=True, exist_ok=True)
        self.path.mkdir(parents=True, exist_ok=True)
        self._switches: dict[str, int | str] = {}
        self._locked: list[str] = []
        self._faults = 0

    def read(self) -> Books:
        """Read what it holds."""
        return read((self.path / "adksim.data").read_text("ascii"))

    def write(self, books: Books) -> None:
        """Let it hold something else."""
        beside = self.path / "adksim.data.by_hand"
        beside.write_text(written(books), "ascii")
        beside.replace(self.path / "adksim.data")

    @property
    def switches(self) -> dict[str, int | str]:
        """The switches that were moved."""
        return dict(self._switches)

    @staticmethod
    def known_switches() -> list[str]:
        """Give the names of all switches."""
        return [*re.findall(r"S\((\w+), \w+\)", (HERE / "sim.h").read_text("ascii")), "user", "password"]

    def switch(self, **switches: int | str) -> None:
        """Move switches; the library's header lists them. They hold from the next call on."""
        self._switches |= switches
        self._write_switches()

    def lock(self, table: str, key: str) -> None:
        """Let a person have a card open."""
        self._locked.append(f"{_tables()[table]} {key}")
        self._write_switches()

    def unlock(self) -> None:
        """Let the person close all cards."""
        self._locked.clear()
        self._write_switches()

    def strike(self, kind: FaultKind, function: str, amount: float = 0, table: str | None = None) -> None:
        """Let something go wrong once.

        Args:
            kind: What happens.
            function: At which call, such as ``AdkAdd``.
            amount: Seconds, or the code of an error.
            table: Only calls about this table; any when None.
        """
        self._faults += 1
        folder = self.path / "faults"
        folder.mkdir(exist_ok=True)
        beside = folder / f".{self._faults}"
        of_table = "" if table is None else f" {_tables()[table]}"
        beside.write_text(f"{kind} {function} {amount}{of_table}\n")
        beside.replace(folder / f"{self._faults:06}")

    def calm(self) -> None:
        """Take all faults, switches and open cards away."""
        for path in (self.path / "faults").glob("*"):
            path.unlink()
        self._switches.clear()
        self.unlock()

    def _write_switches(self) -> None:
        lines = [f"{name} {value}" for name, value in self._switches.items()]
        beside = self.path / "adksim.switches.new"
        beside.write_text("".join(f"{line}\n" for line in [*lines, *(f"locked {key}" for key in self._locked)]))
        beside.replace(self.path / "adksim.switches")


def day_number(day: date) -> int:
    """Count a day as the library does."""
    return day.toordinal() - _FIRST_DAY


def kept_values(table: str, values: Mapping[str, Any]) -> dict[str, Value]:
    """Give plain values, such as a seed's, the form that they are kept in; a table without a field has none of it.

    Args:
        table: The table.
        values: By field name; days as ``YYYY-MM-DD``, numbers also as text.

    Raises:
        ValueError: The table has no such field, or a value does not fit.
    """
    known = {**_fields_of(table), IN_LEDGER: (_IN_LEDGER_ID, 1)}
    if strangers := sorted(values.keys() - known.keys() - {"TIMESTAMP"}):
        raise ValueError(f"{table} has no {', '.join(strangers)}.")
    return {name: _kept(known[name][1], value) for name, value in values.items() if name in known}


def _kept(kind: int, value: Any) -> Value:
    if kind == _CHAR:
        return str(value)
    if kind == _DOUBLE:
        return float(value)
    return day_number(date.fromisoformat(value)) if isinstance(value, str) else int(value)


def written(books: Books) -> str:
    """Write books as the library keeps them."""
    return "".join(f"{line}\n" for line in _lines(books))


@cache
def _tables() -> dict[str, int]:
    found = re.findall(r"#define ADK_DB_(\w+) (\d+)", (HERE / "adk_numbers.h").read_text("ascii"))
    return {name: int(number) for name, number in found}


@cache
def _groups() -> dict[str, dict[str, tuple[int, int]]]:
    groups: dict[str, dict[str, tuple[int, int]]] = {}
    for group, name, number, kind in re.findall(
        r"F\((\w+), (\w+), (\d+), (\d+), \d+\)", (HERE / "adk_fields.h").read_text("ascii")
    ):
        groups.setdefault(group, {})[name] = int(number), int(kind)
    return groups


def _fields_of(table: str) -> dict[str, tuple[int, int]]:
    """Give number and type of a table's fields."""
    group = {"CONTACT": "CONTACTS"}.get(table, table)
    if table not in _tables():
        raise ValueError(f"There is no table {table}.")
    return _groups()[re.sub(r"^(?:ORDER|INVOICE)_", "OOI_", group)]


def _lines(books: Books) -> Iterator[str]:
    yield f"N {books.next_record} {books.next_order} {books.next_invoice}"
    for table, records in books.registers.items():
        row_table = table.replace("HEAD", "ROW")
        for record in records:
            yield f"R {_tables()[table]} {record.at}"
            yield from _value_lines(table, record.values)
            for row in record.rows:
                yield "S"
                yield from _value_lines(row_table, row)
            yield "E"


def _value_lines(table: str, values: Mapping[str, Value]) -> Iterator[str]:
    known = {**_fields_of(table), IN_LEDGER: (_IN_LEDGER_ID, 1)}
    for name, value in values.items():
        number, kind = known[name]
        if kind == _CHAR:
            written = quote_from_bytes(str(value).encode(ENCODING), safe="")
        else:
            written = repr(float(value)) if kind == _DOUBLE else str(int(value))
        yield f"F {number} {kind} {written}"


def read(kept: str) -> Books:
    """Read books as the library keeps them."""
    books = Books()
    names = {number: name for name, number in _tables().items()}
    fields: dict[int, str] = {}
    into: dict[str, Value] = {}
    record = Record(0)
    table = ""
    for line in kept.splitlines():
        kind, _, rest = line.partition(" ")
        match kind:
            case "N":
                books.next_record, books.next_order, books.next_invoice = map(int, rest.split())
            case "R":
                number, at = map(int, rest.split())
                table = names[number]
                record = Record(at)
                books.registers.setdefault(table, []).append(record)
                into, fields = record.values, _names_of(table)
            case "S":
                into, fields = {}, _names_of(table.replace("HEAD", "ROW"))
                record.rows.append(into)
            case "F":
                number_text, type_text, value = rest.split(" ", 2)
                into[fields[int(number_text)]] = _value(int(type_text), value)
    return books


def _names_of(table: str) -> dict[int, str]:
    return {_IN_LEDGER_ID: IN_LEDGER, **{number: name for name, (number, _) in _fields_of(table).items()}}


def _value(kind: int, written: str) -> Value:
    if kind == _CHAR:
        return unquote_to_bytes(written).decode(ENCODING)
    return float(written) if kind == _DOUBLE else int(written)
