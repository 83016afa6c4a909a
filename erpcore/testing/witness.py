"""A second witness for field maps: records in the system's own words, written from its documentation and not by a map.

A map that is wrong in both directions is its own alibi: what it writes to the wrong place it reads from there. So a
plugin's tests state, once per record, what the system is to be sent and what it shows, beside the canonical record; and
`unnoticed_swaps` proves that the statement would notice any two fields that were exchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from erpcore.fields import Computed, Entry, Field, FieldMap, Rows
from erpcore.models import CanonicalModel


@dataclass(frozen=True)
class Witness:
    """One record, told twice.

    Attributes:
        record: The canonical record. For a map that writes, with a value in every field that is written, and no value
            in two fields.
        sent: What the system is to be sent of it; None for a map that is only read.
        shown: What the system shows, where it is read; None where it is what was sent, empty where it is not read.
        read: What is read of that; None where it is the record.
        never_sent: Computed fields that have a place in the system and are not sent there.
    """

    record: CanonicalModel
    sent: Mapping[str, Any] | None = None
    shown: Mapping[str, Any] | None = None
    read: CanonicalModel | None = None
    never_sent: frozenset[str] = frozenset()


def differences(table: FieldMap[Any], witness: Witness) -> list[str]:
    """Hold a map to a witness, in both directions.

    Args:
        table: The map.
        witness: What its author says.

    Returns:
        What is not as it is stated, and the fields that are written and have no value in the record; nothing when all
        is well.
    """
    found = []
    if witness.sent is not None:
        sent = table.to_native(witness.record)
        if sent != witness.sent:
            found.append(f"sent: {sent}")
        found += [
            f"no value is stated for {name}"
            for name in unwitnessed(table, witness.record)
            if name not in witness.never_sent
        ]
    shown = witness.shown if witness.shown is not None else witness.sent
    if shown:
        read = table.from_native(shown).model_dump(exclude_unset=True)
        expected = (witness.read or witness.record).model_dump(exclude_unset=True)
        found += [
            f"read: {name} is {read.get(name)!r}, not {expected.get(name)!r}"
            for name in sorted(read.keys() | expected.keys())
            if read.get(name) != expected.get(name)
        ]
    return found


def unwitnessed(table: FieldMap[Any], record: CanonicalModel) -> Iterator[str]:
    """Give the fields that a map writes and a record has no value for.

    Args:
        table: The map.
        record: The record; of rows, one of them must have the value.
    """
    for entry in table.entries:
        values = list(_values(record, entry.name))
        if isinstance(entry, Rows):
            rows = [row for value in values for row in value or ()]
            for of_row in entry.map.entries:
                if _is_written(of_row) and not any(_is_told(row, of_row.name) for row in rows):
                    yield f"{entry.name}.{of_row.name}"
        elif _is_written(entry) and not any(value not in (None, "") for value in values):
            yield entry.name


def unnoticed_swaps(table: FieldMap[Any], witness: Witness) -> list[tuple[str, str]]:
    """Exchange the system's names of each two fields that are written, and give the exchanges that nobody notices.

    Args:
        table: The map, and with it the maps of its rows.
        witness: A witness that states what is sent.
    """
    return [
        names
        for swapped, names in _swapped(table)
        # Two that are never sent leave no trace, wherever they stand.
        if not witness.never_sent.issuperset(names) and _outcome(swapped, witness.record) == witness.sent
    ]


def _outcome(table: FieldMap[Any], record: CanonicalModel) -> Any:
    try:
        return table.to_native(record)
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
        return error  # noticed, and loudly


def _swapped(table: FieldMap[Any]) -> Iterator[tuple[FieldMap[Any], tuple[str, str]]]:
    written = [(place, entry) for place, entry in enumerate(table.entries) if _is_written(entry)]
    for number, (first, one) in enumerate(written):
        for second, other in written[number + 1 :]:
            if _places(one) == _places(other):
                continue
            entries = list(table.entries)
            entries[first], entries[second] = _moved(one, other), _moved(other, one)
            yield FieldMap(table.model, entries), (one.name, other.name)
    for place, entry in enumerate(table.entries):
        if isinstance(entry, Rows):
            for swapped, names in _swapped(entry.map):
                entries = list(table.entries)
                entries[place] = replace(entry, map=swapped)
                yield FieldMap(table.model, entries), (f"{entry.name}.{names[0]}", f"{entry.name}.{names[1]}")


def _moved(entry: Entry, other: Entry) -> Entry:
    """Give a field with another one's place in the system."""
    places = _places(other)
    if isinstance(entry, Field):
        kept = {each.name: getattr(entry, each.name) for each in fields(entry) if each.name not in ("name", "native")}
        return Field(entry.name, *places, **kept)
    return replace(entry, native=places[0]) if isinstance(entry, Computed) else entry


def _places(entry: Entry) -> tuple[str, ...]:
    return entry.native if isinstance(entry, Field) else (entry.native,) if isinstance(entry, Computed) else ()


def _is_written(entry: Entry) -> bool:
    match entry:
        case Field():
            return entry.direction != "read"
        case Computed():
            return entry.native != "" and "," not in entry.native
        case _:
            return False


def _is_told(record: CanonicalModel, path: str) -> bool:
    return any(value not in (None, "") for value in _values(record, path))


def _values(record: Any, path: str) -> Iterator[Any]:
    value = record
    for name in path.split("."):
        if value is None or name not in value.model_fields_set:
            return
        value = getattr(value, name)
    yield value
