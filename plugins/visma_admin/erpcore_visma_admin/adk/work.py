"""Doing a call in a company that is open.

How the DLL finds is not wholly published, so nothing is taken on trust: a record that was found is compared with the
key, and which end of the order by time is the newest is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from erpcore_visma_admin.adk import records
from erpcore_visma_admin.adk.calls import About, Add, Call, Change, Changed, Fields, Find, PageOf, Search, Select
from erpcore_visma_admin.adk.errors import Refused, Told
from erpcore_visma_admin.adk.layout import Kind, NativeField
from erpcore_visma_admin.adk.native import Adk, Data
from erpcore_visma_admin.adk.tables import BY_TIME, IN_LEDGER, TABLES, TIMESTAMP, Table

_WRITTEN = {
    table.name: table
    for head in TABLES.values()
    for table in (head, head.rows)
    if table is not None and (head.may_add or head.may_change)
}
_END = frozenset({78, 79})
_NOT_FOUND = 115


def perform(adk: Adk, call: Call) -> dict[str, Any]:
    """Do a call.

    Args:
        adk: The DLL, with the company open.
        call: What to do.

    Returns:
        ``result``, with a ``record`` or ``records`` and what is ``next``; and ``warnings`` that the DLL told meanwhile.

    Raises:
        AdkProblem: It was refused, or went wrong.
    """
    adk.warnings.clear()
    result = _result(adk, call)
    return {"result": result, "warnings": [told.as_json() for told in adk.warnings]}


def _result(adk: Adk, call: Call) -> Any:
    match call:
        case About():
            return _about(adk)
        case Find():
            return {"record": _find(adk, call)}
        case Select():
            with _data(adk, call.of) as data:
                held = [records.read(adk, data, call.of) for _ in _sharing(adk, data, call.of, call.key)]
            return {"records": held}
        case PageOf():
            return _page(adk, call)
        case Changed():
            return _changed(adk, call)
        case Search():
            return _search(adk, call)
        case Add():
            return {"record": _add(adk, call)}
        case Change():
            return {"record": _change(adk, call)}


def _about(adk: Adk) -> dict[str, Any]:
    edition, name = adk.edition()
    table = TABLES["PRM"]
    with _data(adk, table) as data:
        adk.first(data, rows=False)
        company = records.read(adk, data, table)
    return {
        "interface": str(adk.version()),
        "database": str(adk.database_version()),
        "edition": edition,
        "edition_name": name,
        "company": company,
        "widths": {name: _widths(adk, table) for name, table in _WRITTEN.items()},
    }


def _widths(adk: Adk, table: Table) -> dict[str, int]:
    """Tell how long the texts of a table may be; a table that the edition has not has none."""
    widths = {}
    with _data(adk, table) as data:
        for field in table.fields.values():
            if field.kind is Kind.TEXT:
                try:
                    widths[field.name] = adk.length_of(data, field.id)
                except Refused:
                    continue
    return widths


def _find(adk: Adk, call: Find) -> dict[str, Any] | None:
    table = call.of
    with _data(adk, table) as data:
        if call.key is None:
            found = _step(adk.first, data, rows=False)
        else:
            found = _at_key(adk, data, table, call.key, rows=call.rows, order=IN_LEDGER if call.in_ledger else None)
        return records.read(adk, data, table, rows=call.rows) if found else None


def _page(adk: Adk, call: PageOf) -> dict[str, Any]:
    table = call.of
    page: list[dict[str, Any]] = []
    with _data(adk, table) as data:
        more = _from(adk, data, table, call.after, rows=call.rows)
        while more and len(page) < call.limit:
            page.append(records.read(adk, data, table, rows=call.rows))
            more = _step(adk.next, data, rows=call.rows)
    return {"records": page, "next": _key(page[-1], table) if more and page else None}


def _changed(adk: Adk, call: Changed) -> dict[str, Any]:
    """Walk from the newest change back, and go on after the last one that was given."""
    table = call.of
    page: list[dict[str, Any]] = []
    moment, _, last_key = (call.after or "").partition(" ")
    passed = not moment
    same_moment: list[dict[str, Any]] = []
    with _data(adk, table) as data:
        for _ in _newest_first(adk, data, table, rows=call.rows):
            record = records.read(adk, data, table, rows=call.rows)
            at = str(record[TIMESTAMP] or "")
            if at < call.since:
                break
            if not passed and at > moment:
                continue
            if not passed and at == moment:
                same_moment.append(record)
                if _key(record, table) == last_key:
                    passed, same_moment = True, []
                continue
            if not passed:
                # The last one given was changed meanwhile: of its moment, all are given once more.
                passed, page = True, same_moment
            page.append(record)
            if len(page) > call.limit:
                break
    if not passed:
        page = same_moment
    more = len(page) > call.limit
    page = page[: call.limit]
    after = f"{page[-1][TIMESTAMP]} {_key(page[-1], table)}" if more else None
    return {"records": page, "next": after}


def _search(adk: Adk, call: Search) -> dict[str, Any]:
    table, found = call.of, []
    wanted = {table.fields[name]: value for name, value in call.any_of.items()}
    looked_at = 0
    with _data(adk, table) as data:
        adk.sort(data, _order(table))
        more = _step(adk.last, data, rows=False)
        while more and (call.most is None or looked_at < call.most):
            looked_at += 1
            if any(_fits(adk, data, field, value, call) for field, value in wanted.items()):
                found.append(str(records.read_field(adk, data, table.fields[str(table.key)])))
            more = _step(adk.previous, data, rows=False)
        # Read after the walk: reading rows on the way would move it.
        matches = [
            records.read(adk, data, table, rows=call.rows)
            for key in found
            if _at_key(adk, data, table, key, rows=call.rows)
        ]
    return {"records": matches, "looked_at": looked_at, "all": not more}


def _add(adk: Adk, call: Add) -> dict[str, Any]:
    table = call.of
    _check(adk, table, call.fields)
    for row in call.rows:
        _check(adk, table.rows or table, row)
    with _data(adk, table) as data:
        records.write(adk, data, table, call.fields)
        records.write_rows(adk, data, table, call.rows)
        adk.add(data)
        return records.read(adk, data, table, rows=table.rows is not None)


def _change(adk: Adk, call: Change) -> dict[str, Any]:
    table = call.of
    _check(adk, table, call.fields)
    with _data(adk, table) as data:
        for _ in _sharing(adk, data, table, call.key):
            if all(records.read_field(adk, data, table.fields[name]) == value for name, value in call.match.items()):
                records.write(adk, data, table, call.fields)
                adk.update(data)
                return records.read(adk, data, table)
    raise Refused(Told(_NOT_FOUND, 187, 188, 0, 0, f"{table.name} {call.key} is not there"))


def _check(adk: Adk, table: Table, values: Fields) -> None:
    """Refuse values before anything of the record is written."""
    for name, value in values.items():
        records.writing(adk, table.fields[name], value)


@contextmanager
def _data(adk: Adk, table: Table) -> Iterator[Data]:
    data = adk.create(table.id)
    try:
        yield data
    finally:
        adk.free(data)


def _step(step: Any, data: Data, *, rows: bool) -> bool:
    """Go somewhere; False when there is nothing there."""
    try:
        step(data, rows=rows)
    except Refused as refusal:
        if refusal.told.code in _END or refusal.told.code == _NOT_FOUND:
            return False
        raise
    return True


def _order(table: Table) -> int:
    if table.order is None:
        raise ValueError(f"{table.name} has no order")
    return table.order


def _at_key(adk: Adk, data: Data, table: Table, key: str, *, rows: bool, order: int | None = None) -> bool:
    """Go to a record by its key; False when it is not there. The DLL may give the next best one."""
    field = table.fields[str(table.key)]
    adk.sort(data, _order(table) if order is None else order)
    records.writing(adk, field, key)(data)
    return _step(adk.find, data, rows=rows) and _same(records.read_field(adk, data, field), key, field.kind)


def _sharing(adk: Adk, data: Data, table: Table, key: str) -> Iterator[None]:
    """Go through all records that share a key; which of them is found first is not published."""
    field = table.fields[str(table.key)]

    def here() -> bool:
        return _same(records.read_field(adk, data, field), key, field.kind)

    if not _at_key(adk, data, table, key, rows=False):
        return
    at_start = False
    while _step(adk.previous, data, rows=False):
        if not here():
            break
    else:
        at_start = True
    more = _step(adk.first, data, rows=False) if at_start else _step(adk.next, data, rows=False)
    while more and here():
        yield
        more = _step(adk.next, data, rows=False)


def _from(adk: Adk, data: Data, table: Table, after: str | None, *, rows: bool) -> bool:
    """Go to the first record of a page."""
    adk.sort(data, _order(table))
    if after is None:
        return _step(adk.first, data, rows=rows)
    if _at_key(adk, data, table, after, rows=False):
        return _step(adk.next, data, rows=rows)
    # The last one given is gone: what comes after its place is looked for from the beginning.
    field = table.fields[str(table.key)]
    adk.sort(data, _order(table))
    more = _step(adk.first, data, rows=rows)
    while more and not _behind(records.read_field(adk, data, field), after, field.kind):
        more = _step(adk.next, data, rows=rows)
    return more


def _newest_first(adk: Adk, data: Data, table: Table, *, rows: bool) -> Iterator[None]:
    field = table.fields[TIMESTAMP]
    adk.sort(data, BY_TIME)
    if not _step(adk.first, data, rows=False):
        return
    first = str(records.read_field(adk, data, field) or "")
    if not _step(adk.last, data, rows=False):
        return
    last = str(records.read_field(adk, data, field) or "")
    start, step = (adk.last, adk.previous) if last >= first else (adk.first, adk.next)
    more = _step(start, data, rows=rows)
    while more:
        yield
        more = _step(step, data, rows=rows)


def _key(record: dict[str, Any], table: Table) -> str:
    return str(record[str(table.key)])


def _same(held: object, wanted: str, kind: Kind) -> bool:
    if kind is Kind.NUMBER:
        return Decimal(str(held)) == Decimal(wanted)
    return held == wanted


def _behind(held: object, wanted: str, kind: Kind) -> bool:
    if kind is Kind.NUMBER:
        return Decimal(str(held)) > Decimal(wanted)
    return str(held) > wanted


def _fits(adk: Adk, data: Data, field: NativeField, wanted: str, call: Search) -> bool:
    held = records.read_field(adk, data, field)
    if call.digits:
        one, other = (re.sub(r"\D", "", text) for text in (str(held), wanted))
        return bool(one) and bool(other) and (one in other or other in one)
    if field.kind is Kind.NUMBER:
        return _same(held, records.number_text(records.number_of(wanted)), Kind.NUMBER)
    return held == wanted
