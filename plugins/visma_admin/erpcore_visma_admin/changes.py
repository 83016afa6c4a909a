"""Lists page by page, and what changed since a moment.

A list of all goes by the records' numbers. A list of changes goes by the time of change, the newest first: of the
records themselves, and then of other records that say something about them, such as payments about invoices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from erpcore.errors import InvalidValueError
from erpcore_visma_admin import values
from erpcore_visma_admin.adk.tables import TIMESTAMP
from erpcore_visma_admin.company import Company, Record
from erpcore_visma_admin.settings import VismaAdminSettings

_OWN, _BESIDE = "own:", "beside:"


@dataclass(frozen=True)
class Beside:
    """Records whose change is news of others.

    Attributes:
        table: Their table.
        names: Their field with the other record's number.
    """

    table: str
    names: str


def page(
    company: Company,
    settings: VismaAdminSettings,
    table: str,
    beside: Beside,
    changed_since: datetime | None,
    cursor: str | None,
    *,
    rows: bool = False,
) -> tuple[list[Record], str | None]:
    """Read one page of a list.

    Args:
        company: The company.
        settings: The connection's settings.
        table: The list's table.
        beside: The records that tell of its records.
        changed_since: See `ErpHooks.fetch_articles`.
        cursor: What the page before gave.
        rows: Whether documents come with their rows.

    Returns:
        The records and the cursor of the next page.

    Raises:
        InvalidValueError: The cursor is none of this list's.
    """
    stage, after = _place(cursor)
    if changed_since is None:
        if stage is not _OWN:
            raise _strange(cursor)
        found = company.page(table, after, settings.page_size, rows=rows)
        return found.records, _cursor(_OWN, found.after)
    since = values.since(changed_since, settings.time_zone, settings.overlap_seconds)
    if stage is _OWN:
        found = company.changed(table, since, after, settings.page_size, rows=rows)
        return found.records, _cursor(_OWN, found.after) or _BESIDE
    found = company.changed(beside.table, since, after, settings.page_size)
    numbers = dict.fromkeys(str(record[beside.names]) for record in found.records)
    told = list(_older(company, table, numbers, since, rows=rows))
    return told, _cursor(_BESIDE, found.after)


def _older(company: Company, table: str, numbers: Mapping[str, Any], since: str, *, rows: bool) -> Iterator[Record]:
    """Give the records with these numbers that did not change themselves: those came already."""
    for number in numbers:
        record = company.find(table, number, rows=rows)
        if record is not None and str(record.get(TIMESTAMP) or "") < since:
            yield record


def _place(cursor: str | None) -> tuple[str, str | None]:
    if cursor is None:
        return _OWN, None
    for stage in (_OWN, _BESIDE):
        if cursor.startswith(stage):
            return stage, cursor.removeprefix(stage) or None
    raise _strange(cursor)


def _cursor(stage: str, after: str | None) -> str | None:
    return None if after is None else stage + after


def _strange(cursor: str | None) -> InvalidValueError:
    return InvalidValueError(f"“{cursor}” is no cursor of this list.", advice="Start again without a cursor.")
