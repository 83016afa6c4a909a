"""A second witness for field maps: records in the system's own words, written from its documentation and not by a map.

A map that is wrong in both directions is its own alibi: what it writes to the wrong place it reads from there. So a
plugin's tests state, once per record, what the system is to be sent and what it shows, beside the canonical record; and
`unnoticed_swaps` proves that the statement would notice any two of the system's fields that were exchanged, in either
direction. Two flags have but two values between them, so several witnesses of one map are taken together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import combinations
from typing import Any

from erpcore.errors import ErpcoreError
from erpcore.fields import Computed, Entry, Field, FieldMap, Rows
from erpcore.models import CanonicalModel

_WRONG = (ErpcoreError, TypeError, ValueError, AttributeError, ArithmeticError, KeyError)
"""What a conversion may raise at another field's value: that is noticed, and loudly."""
_NOT_READ = Computed.__dataclass_fields__["read"].default
_NOTHING = object()
_Place = tuple[str | None, tuple[str, ...]]
"""A member of the system's records: the list of rows that it stands in, if any, and the names on the way to it."""


@dataclass(frozen=True)
class Witness:
    """One record, told twice.

    Attributes:
        record: The canonical record.
        sent: What the system is to be sent of it; None where nothing is sent.
        shown: What the system shows, where it is read; None where it is what was sent, empty where it is not read.
        read: What is read of that; None where it is the record.
        never_sent: Computed fields that have a place in the system and are not sent there.
    """

    record: CanonicalModel
    sent: Mapping[str, Any] | None = None
    shown: Mapping[str, Any] | None = None
    read: CanonicalModel | None = None
    never_sent: frozenset[str] = frozenset()

    @property
    def showing(self) -> Mapping[str, Any]:
        """What the system shows; empty where it is not read."""
        return (self.shown if self.shown is not None else self.sent) or {}

    @property
    def expected(self) -> CanonicalModel:
        """What is read of what the system shows."""
        return self.read or self.record


def differences(table: FieldMap[Any], *witnesses: Witness) -> list[str]:
    """Hold a map to its witnesses, in both directions.

    Args:
        table: The map.
        witnesses: What its author says. Together they have a value in every field that is written, and show one of
            every field that is read.

    Returns:
        What is not as it is stated, and the fields that no witness has a value for; nothing when all is well.
    """
    found = [each for witness in witnesses for each in _differing(table, witness)]
    never = _never_sent(witnesses)
    sent = [witness.record for witness in witnesses if witness.sent is not None]
    # What a map that only reads works out has a place in the system, too; only a field says which way it goes.
    written = _is_written if sent else _is_written_field
    found += [f"no value is stated for {name}" for name in _untold(table, sent, written) if name not in never]
    if shown := [witness.expected for witness in witnesses if witness.showing]:
        found += [f"nothing is shown of {name}" for name in _untold(table, shown, is_read)]
    return found


def unnoticed_swaps(table: FieldMap[Any], *witnesses: Witness) -> list[tuple[str, str]]:
    """Exchange the system's names of each two fields, and give the exchanges that no witness notices.

    Args:
        table: The map, and with it the maps of its rows.
        witnesses: What its author says.

    Returns:
        Of what is written, the canonical names of the two; of what is read, the system's.
    """
    never = _never_sent(witnesses)
    writing = [witness for witness in witnesses if witness.sent is not None]
    found = [
        names
        for swapped, names in _swapped(table)
        # Two that are never sent leave no trace, wherever they stand.
        if writing
        and not never.issuperset(names)
        and all(_sent(swapped, witness.record) == witness.sent for witness in writing)
    ]
    reading = [(witness.showing, _dumped(witness.expected)) for witness in witnesses if witness.showing]
    return [*found, *_unnoticed_readings(table, reading)]


def _differing(table: FieldMap[Any], witness: Witness) -> Iterator[str]:
    if witness.sent is not None and (sent := table.to_native(witness.record)) != witness.sent:
        yield f"sent: {sent}"
    if witness.showing:
        read, expected = _dumped(table.from_native(witness.showing)), _dumped(witness.expected)
        for name in sorted(read.keys() | expected.keys()):
            if read.get(name) != expected.get(name):
                yield f"read: {name} is {read.get(name)!r}, not {expected.get(name)!r}"


def _untold(table: FieldMap[Any], records: Sequence[CanonicalModel], asked: Callable[[Entry], bool]) -> Iterator[str]:
    """Give the fields of which something is asked and that no record has a value for."""
    for entry in table.entries:
        values = [value for record in records for value in _values(record, entry.name)]
        if isinstance(entry, Rows):
            rows = [row for value in values for row in value or ()]
            yield from (f"{entry.name}.{name}" for name in _untold(entry.map, rows, asked))
        elif asked(entry) and not any(value not in (None, "", ()) for value in values):
            yield entry.name


def _sent(table: FieldMap[Any], record: CanonicalModel) -> Any:
    try:
        return table.to_native(record)
    except _WRONG as error:
        return error


def _read(table: FieldMap[Any], shown: Mapping[str, Any]) -> Any:
    try:
        return _dumped(table.from_native(shown))
    except _WRONG as error:
        return error


def _dumped(record: CanonicalModel) -> dict[str, Any]:
    return record.model_dump(exclude_unset=True)


def _never_sent(witnesses: Sequence[Witness]) -> frozenset[str]:
    return frozenset().union(*(witness.never_sent for witness in witnesses))


# --- what is written: the map's entries change places


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
    return _is_written_field(entry) or (isinstance(entry, Computed) and entry.native != "" and "," not in entry.native)


def _is_written_field(entry: Entry) -> bool:
    return isinstance(entry, Field) and entry.direction != "read"


def is_read(entry: Entry) -> bool:
    """Tell whether a field shows something when a record is read."""
    match entry:
        case Field():
            return entry.direction != "write"
        case Computed():
            return entry.read is not _NOT_READ
        case _:
            return False


# --- what is read: the values in the system's record change places, which is the same and reaches functions too


def _unnoticed_readings(
    table: FieldMap[Any], reading: Sequence[tuple[Mapping[str, Any], dict[str, Any]]]
) -> Iterator[tuple[str, str]]:
    places = dict.fromkeys(place for shown, _ in reading for place in _leaves(shown))
    looked_at = {
        place
        for place in places
        if any(_read(table, _exchanged(shown, place, None)) != expected for shown, expected in reading)
    }
    for one, other in combinations(places, 2):
        if one[0] != other[0] or looked_at.isdisjoint((one, other)) or _is_inside(one, other):
            continue
        if all(_read(table, _exchanged(shown, one, other)) == expected for shown, expected in reading):
            yield _in_words(one), _in_words(other)


def _is_inside(one: _Place, other: _Place) -> bool:
    """Whether one member is a part of the other, as where one witness has a record in it and another one nothing."""
    shorter = min(len(one[1]), len(other[1]))
    return one[1][:shorter] == other[1][:shorter]


def _leaves(shown: Mapping[str, Any], rows: str | None = None, way: tuple[str, ...] = ()) -> Iterator[_Place]:
    for name, value in shown.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, rows, (*way, name))
        elif rows is None and _is_rows(value):
            for row in value:
                yield from _leaves(row, name)
        else:
            yield rows, (*way, name)


def _exchanged(shown: Mapping[str, Any], one: _Place, other: _Place | None) -> dict[str, Any]:
    """Give a record in which two members have each other's values; without another one, the first is not there."""
    copy = _copied(shown)
    rows, way = one
    for record in [copy] if rows is None else copy.get(rows, []):
        value = _taken(record, way)
        if other is not None:
            _put(record, way, _taken(record, other[1]))
            _put(record, other[1], value)
    return copy


def _copied(shown: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _copied(value)
        if isinstance(value, Mapping)
        else [_copied(row) for row in value]
        if _is_rows(value)
        else value
        for name, value in shown.items()
    }


def _taken(record: dict[str, Any], way: tuple[str, ...]) -> Any:
    *parents, last = way
    for name in parents:
        if not isinstance(record := record.get(name, {}), dict):
            return _NOTHING
    return record.pop(last, _NOTHING)


def _put(record: dict[str, Any], way: tuple[str, ...], value: Any) -> None:
    if value is _NOTHING:
        return
    *parents, last = way
    for name in parents:
        # A member that is empty here may hold a record in another witness.
        if not isinstance(record.get(name), dict):
            record[name] = {}
        record = record[name]
    record[last] = value


def _is_rows(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _in_words(place: _Place) -> str:
    rows, way = place
    return ".".join((*([rows] if rows else []), *way))


def _values(record: Any, path: str) -> Iterator[Any]:
    value = record
    for name in path.split("."):
        if value is None or name not in value.model_fields_set:
            return
        value = getattr(value, name)
    yield value
