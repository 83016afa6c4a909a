"""Rules M11 and M12: what a CRM shows unlike the rest is read: a row that shows less, and a number of many digits."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from erpcore.errors import ErpcoreError, PluginContractError
from erpcore.fields import Computed, Field, Rows
from erpcore.testing.bench import Bench, attempt
from erpcore.testing.contract.crm_base import READS, CrmBase, key_of, read_held
from erpcore.testing.contract.crm_fields import is_read
from erpcore.testing.samples import annotation, shown

_DIGITS = 12_345_678_901_234_567
"""More digits than a float has."""
_CHOSEN = ("status", "currency", "country_code", "email", "unit", "erp_id", "erp_db")
_OWN_FORM = ("id", "number", "percent")
"""Texts of a form of their own, or of a list."""


class CrmOdd(CrmBase):
    """The rules."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the hooks that read records, and those whose records have rows."""
        yield from super().cases(rule)
        if rule in ("M11", "M12"):
            for hook, (name, _) in READS.items():
                if hook in cls.operations() and (rule == "M12" or _has_rows(cls, name)):
                    yield hook, hook

    def test_M11_a_row_that_shows_less_is_a_row(self, bench: Bench, case: str) -> None:
        """A row of which the CRM shows one value less than of the others is read, or an error says so."""
        held = max(self.held_of(READS[case][1]), key=lambda each: len(each.rows or ()))
        many = len(held.rows or ())
        for native in sorted(_natives(bench, case, rows=True).values()):
            bench.tap.alter = lambda content, native=native: _last_without(content, native, many)
            read: list[Any] = []
            error = attempt(lambda read=read: read.append(read_held(bench.crm(), case, key_of(held))), ErpcoreError)  # type: ignore[misc] # mypy cannot infer a lambda's defaults
            bench.tap.alter = None
            assert not isinstance(error, PluginContractError), str(error)
            rows = read[0].rows if read else None
            assert rows is None or len(rows) == many, f"of {many} rows one shows no {native}, and {len(rows)} are read"

    def test_M12_a_number_is_read_with_all_its_digits(self, bench: Bench, case: str) -> None:
        """A number of many digits is read as it stands, be it an amount or a text, or an error says so."""
        crm = bench.crm()
        model = READS[case][1]
        held = self.held_of(model)[0]
        whole = read_held(crm, case, key_of(held))
        for path, native in _natives(bench, case, rows=False).items():
            last = path.rpartition(".")[2]
            kind = annotation(model, path)
            before = shown(whole, path)[1]
            if kind not in (str, Decimal) or before in (None, "") or last in _CHOSEN or last.endswith(_OWN_FORM):
                continue
            bench.tap.alter = lambda content, native=native: _replaced(content, native)
            read: list[Any] = []
            error = attempt(lambda read=read: read.append(read_held(bench.crm(), case, key_of(held))), ErpcoreError)  # type: ignore[misc] # as above
            bench.tap.alter = None
            assert not isinstance(error, PluginContractError), str(error)
            stands = shown(read[0], path)[1] if read else None
            assert stands in (None, before, kind(_DIGITS)), f"{path} is {_DIGITS} in the CRM, and is read as {stands!r}"


def _has_rows(cls: type[CrmBase], name: str) -> bool:
    table = cls.plugin_class.field_maps.get(name)
    return table is not None and any(each.name == "rows" and is_read(each) for each in table.entries)


def _natives(bench: Bench, hook: str, *, rows: bool) -> dict[str, str]:
    """Give the member that each field is read from, by the field: those of rows, or those of the record."""
    maps = bench.plugin_class.field_maps
    name, _ = READS[hook]
    table: list[Any] = list(maps[name].entries)
    if rows:
        inner = next((each.map for each in table if isinstance(each, Rows)), maps.get(f"{name}_row"))
        table = list(inner.entries) if inner is not None else []
    natives: dict[str, str] = {}
    for entry in table:
        if not is_read(entry) or entry.name == "row_id":
            continue
        if isinstance(entry, Field):
            natives[entry.name] = entry.native[0].rpartition(".")[2]
        elif isinstance(entry, Computed) and entry.native:
            natives[entry.name] = entry.native.rpartition(".")[2]
    return natives


def _last_without(content: Any, name: str, many: int) -> Any:
    """Empty a member of the last record of each list of so many."""
    match content:
        case dict():
            return {key: _last_without(value, name, many) for key, value in content.items()}
        case list() if len(content) == many and all(isinstance(each, dict) for each in content):
            return [*content[:-1], _with(content[-1], name, None)]
        case list():
            return [_last_without(each, name, many) for each in content]
    return content


def _replaced(content: Any, name: str) -> Any:
    return _with(content, name, _DIGITS)


def _with(content: Any, name: str, value: Any) -> Any:
    """Put a value in the place of each member of a name that holds a text or a number."""
    match content:
        case dict():
            return {
                key: value
                if key == name and isinstance(inner, str | int | float) and not isinstance(inner, bool)
                else _with(inner, name, value)
                for key, inner in content.items()
            }
        case list():
            return [_with(each, name, value) for each in content]
    return content
