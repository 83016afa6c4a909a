"""Which values of a document an ERP's refusal is about: it often names the kind, and not the row. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from erpcore.errors import ErpcoreError, RemoteError
from erpcore.models import Document, DocumentRow

_OF_ROWS: Mapping[str, str] = {"unit": "unit", "article": "article_number", "account": "income_account"}
_OF_HEAD: Mapping[str, str] = {
    "currency": "currency",
    "terms of payment": "terms_of_payment",
    "project": "project",
    "cost centre": "cost_center",
    "customer": "customer_number",
}
_DATES: Mapping[str, str] = {"order_date": "order date", "invoice_date": "invoice date"}
_OF_DATES = re.compile(
    r"räkenskapsår|regnskapsår|\bperiod|\bdatum|\bdato|\bdate|(?:financial|fiscal) year", re.IGNORECASE
)
"""Words by which a refusal is about a date: one in a year that is not there, or in a period that is closed."""
_ANY = ("article_number", "unit", "description")
_TOLD_ROWS = 10


def refused_values(document: Document, error: ErpcoreError) -> str | None:
    """Say which values a refusal may be about; None when nothing tells.

    Args:
        document: As it was sent.
        error: The refusal; its subject says what kind of thing is meant, its vendor's text may hold the value.
    """
    kind = error.subject_kind or ""
    if field := _OF_HEAD.get(kind):
        value = getattr(document, field, None)
        return None if value is None else f"The {kind} is “{value}”."
    rows: tuple[DocumentRow, ...] = getattr(document, "rows", None) or ()
    if field := _OF_ROWS.get(kind):
        held = {str(value): numbers for value, numbers in _by_value(rows, field)}
        told = [f"“{value}” (row {_ranges(numbers)})" for value, numbers in list(held.items())[:_TOLD_ROWS]]
        return f"The rows have {', '.join(told)}." if told else None
    text = (error.vendor_text or "") if isinstance(error, RemoteError) else ""
    for field in _ANY:
        for value, numbers in _by_value(rows, field):
            if len(value) > 1 and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text):
                return f"“{value}” stands in row {_ranges(numbers)}."
    if _OF_DATES.search(text):
        for field, words in _DATES.items():
            if (day := getattr(document, field, None)) is not None:
                return f"The {words} is {day.isoformat()}."
    return None


def _by_value(rows: tuple[DocumentRow, ...], field: str) -> Iterator[tuple[str, list[int]]]:
    """Give each value of a field with the numbers of the rows that have it, the rarest first."""
    found: dict[str, list[int]] = {}
    for number, row in enumerate(rows, 1):
        if (value := getattr(row, field)) is not None:
            found.setdefault(str(value), []).append(number)
    yield from sorted(found.items(), key=lambda each: len(each[1]))


def _ranges(numbers: list[int]) -> str:
    placed = enumerate(numbers)
    runs = [[number for _, number in run] for _, run in groupby(placed, key=lambda each: each[1] - each[0])]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
