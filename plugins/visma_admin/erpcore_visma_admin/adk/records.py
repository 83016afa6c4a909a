"""Whole records: the ADK's fields as plain values by name, both ways.

===========  =====================================================================================
kind         value
===========  =====================================================================================
``TEXT``     text
``NUMBER``   text of a decimal number, such as ``"117.25"``, so that no binary fraction travels on
``FLAG``     true or false
``DAY``      ``"2026-11-28"``, or None for none
``MOMENT``   ``"2026-11-28T10:15:00"`` as the DLL writes it, without a zone; or None for none
===========  =====================================================================================

A double keeps 15 decimal digits, so a number of at most 15 digits comes back as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from erpcore_visma_admin.adk.errors import BadCall, Refused, Unreadable
from erpcore_visma_admin.adk.layout import Kind, NativeField
from erpcore_visma_admin.adk.native import Adk, Data
from erpcore_visma_admin.adk.tables import COUNT_OF_ROWS, ROWS, Table

Value = str | bool | None
Record = Mapping[str, Any]
"""A record: values by field name, and its rows under ``ROWS``."""

_NOT_IN_THIS_EDITION = frozenset({102, 208})
"""The DLL is older than the field, or the edition has none: it is not shown."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DIGITS = 15


def read(adk: Adk, data: Data, table: Table, *, rows: bool = False) -> dict[str, Any]:
    """Read a record.

    Args:
        adk: The DLL.
        data: The record, after it was found or stored.
        table: Its table.
        rows: Whether its rows are read too.
    """
    record: dict[str, Any] = {}
    for field in table.fields.values():
        if field.kind is Kind.ROWS:
            continue
        try:
            record[field.name] = read_field(adk, data, field)
        except Refused as refusal:
            if refusal.told.code not in _NOT_IN_THIS_EDITION:
                raise
    if rows and table.rows is not None:
        count = int(adk.get_number(data, table.fields[COUNT_OF_ROWS].id))
        place = table.fields[ROWS].id
        record[ROWS] = [read(adk, adk.get_row(data, place, index), table.rows) for index in range(count)]
    return record


def read_field(adk: Adk, data: Data, field: NativeField) -> Value:
    """Read one field of a record."""
    match field.kind:
        case Kind.TEXT:
            return adk.get_text(data, field.id).rstrip()
        case Kind.NUMBER:
            return number_text(adk.get_number(data, field.id))
        case Kind.FLAG:
            return adk.get_flag(data, field.id)
    date = adk.get_date(data, field.id)
    if date == 0:
        return None
    return _day(adk.day_text(date)) if field.kind is Kind.DAY else _moment(adk.moment_text(date))


def write(adk: Adk, data: Data, table: Table, values: Record) -> None:
    """Write fields of a record, in the order that they are given in: some of them change others.

    Args:
        adk: The DLL.
        data: The record.
        table: Its table.
        values: Values by field name; no rows.

    Raises:
        BadCall: A value that its field cannot take.
    """
    for name, value in values.items():
        field = table.fields[name]
        setter = writing(adk, field, value)
        setter(data)


def writing(adk: Adk, field: NativeField, value: object) -> Callable[[Data], None]:
    """Check a value, and give what writes it into a record.

    Raises:
        BadCall: The field cannot take it.
    """
    match field.kind:
        case Kind.TEXT if isinstance(value, str):
            text = value
            return lambda data: adk.set_text(data, field.id, text)
        case Kind.NUMBER if isinstance(value, str):
            number = number_of(value)
            return lambda data: adk.set_number(data, field.id, number)
        case Kind.FLAG if isinstance(value, bool):
            flag = value
            return lambda data: adk.set_flag(data, field.id, flag)
        case Kind.DAY if value is None:
            return lambda data: adk.set_date(data, field.id, 0)
        case Kind.DAY if isinstance(value, str) and _DAY.fullmatch(value):
            day = value
            return lambda data: adk.set_date(data, field.id, adk.date_of(day))
    raise BadCall(f"The field {field.name} cannot take {value!r}.")


def write_rows(adk: Adk, data: Data, table: Table, rows: Sequence[Record]) -> None:
    """Make the rows of a new document.

    The room for the rows belongs to the document from then on: whether the DLL frees it with the document is not
    published, so it is not freed here, which costs memory and never a crash.
    """
    if not rows or table.rows is None:
        return
    room = adk.create_rows(table.rows.id, len(rows))
    for index, row in enumerate(rows):
        write(adk, adk.row(room, index), table.rows, row)
    adk.set_number(data, table.fields[COUNT_OF_ROWS].id, float(len(rows)))
    adk.set_rows(data, table.fields[ROWS].id, room)


def number_text(value: float) -> str:
    """Write a double as the shortest decimal number that it stands for."""
    number = Decimal(f"{value:.{_DIGITS}g}")
    return format(number if number else Decimal(0), "f")


def number_of(text: str) -> float:
    """Read a decimal number as a double.

    Raises:
        BadCall: It is no number, or has more digits than a double keeps.
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadCall(f"{text!r} is no number.") from None
    if not number.is_finite() or Decimal(number_text(float(number))) != number:
        raise BadCall(f"The number {text} has more digits than Visma Administration keeps.")
    return float(number)


def _day(text: str) -> str:
    if not _DAY.fullmatch(text):
        raise Unreadable(f"Visma Administration gave {text!r} for a day.")
    return text


def _moment(text: str) -> str:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None).isoformat(timespec="seconds")
    except ValueError:
        raise Unreadable(f"Visma Administration gave {text!r} for a moment.") from None
