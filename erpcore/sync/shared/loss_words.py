"""The sentences about what would not arrive as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from erpcore.sync.shared import story
from erpcore.sync.shared.losses import PlannedLoss

_ROWS = re.compile(r"rows\[([\d\-, ]+)\]\.(.+)")


def loss(lost: PlannedLoss) -> str:
    """Say what does not arrive as it is; of a long text that is cut, the part that is lost."""
    where = f"{lost.record}, {place(lost.field)}"
    if lost.kind == "truncated" and lost.becomes is not None and lost.value.startswith(lost.becomes):
        rest = lost.value[len(lost.becomes) :]
        return (
            f"{where}: {len(rest)} of {len(lost.value)} characters are lost ({lost.reason}). This is cut off: "
            f"“{ending(rest)}”."
        )
    verb = {
        "dropped": "is left out",
        "truncated": "is cut",
        "rounded": "is rounded",
        "replaced": "is changed",
        "defaulted": "is replaced by the ERP's own value",
        "derived": "is the ERP's own",
    }.get(lost.kind, f"is {lost.kind}")
    becomes = "" if lost.becomes is None else f" to “{story.shortened(lost.becomes)}”"
    if lost.kind in ("defaulted", "derived") and becomes:
        verb, becomes = "is replaced by", f" the ERP's own “{story.shortened(str(lost.becomes))}”"
    return f"{where}: “{story.shortened(lost.value)}” {verb}{becomes} ({lost.reason})."


def place(field: str) -> str:
    """Name a field for people, who count rows from 1.

    Args:
        field: Dotted canonical name, with the index of the row or the indexes of several: ``rows[0-2, 7].description``.
    """
    found = _ROWS.fullmatch(field)
    if found is None:
        return field
    numbers = re.sub(r"\d+", lambda index: str(int(index[0]) + 1), found[1])
    return f"{'row' if numbers.isdigit() else 'rows'} {numbers}, {found[2]}"


def blocked(losses: Sequence[PlannedLoss]) -> str:
    """Say that values would be lost and the rules say stop."""
    return "Values would not arrive as they are, and the rule says stop: " + " ".join(loss(lost) for lost in losses)


def ending(text: str, length: int = 80) -> str:
    """Cut the beginning of a long text for a sentence."""
    return text if len(text) <= length else f"…{text[1 - length :]}"
