"""Our own key, and the order that a draft was made of, as rows of text at the end of a document.

Orders and drafts have no place for another program's key. A row of text is printed, goes along when an order becomes an
invoice, and can be searched for (official page on filters of invoices).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_REFERENCE = "Ref: "
_ORDER = "Order "


def reference_text(key: str) -> str:
    """Write the row that carries our key."""
    return f"{_REFERENCE}{key}"


def order_text(number: str) -> str:
    """Write the row that names the order of a draft."""
    return f"{_ORDER}{number}"


def split(rows: Sequence[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], str | None, str | None]:
    """Take the marks off a document's rows.

    Args:
        rows: As Visma sent them, in their order.

    Returns:
        The other rows, our key, and the number of the order; None for what is not there.
    """
    left = list(rows)
    found: dict[str, str | None] = {_ORDER: None, _REFERENCE: None}
    # The order's row comes after the key's, which the order had already.
    for mark in found:
        text = str(left[-1].get("Text") or "") if left and left[-1].get("IsTextRow") else ""
        if text.startswith(mark) and text != mark:
            found[mark] = text.removeprefix(mark)
            left.pop()
    return left, found[_REFERENCE], found[_ORDER]


def carries(record: Mapping[str, Any], text: str) -> bool:
    """Tell whether a document has a row of text that is exactly this one."""
    return any(row.get("IsTextRow") and row.get("Text") == text for row in record.get("Rows") or [])


def row_filter(text: str) -> str:
    """Write the filter for documents that have this text in a row."""
    return "Rows/any(c: contains(c/Text,'" + text.replace("'", "''") + "'))"
