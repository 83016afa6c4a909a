"""Conversions of single values, as the field maps name them. An odd value is a person's to mend."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from erpcore.fields import OMIT

_LARGEST_POWER = 30
"""A number with more digits than this is a slip, and written out would fill the memory."""


def text(raw: Any) -> str | None:
    """Read a text; blank is empty.

    Args:
        raw: A JSON value that is not null; lists are joined by commas.
    """
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, Decimal):
        return format(raw, "f") if abs(raw.adjusted()) <= _LARGEST_POWER else str(raw)
    if isinstance(raw, list | tuple):
        return ", ".join(filter(None, (text(item) for item in raw if item is not None))) or None
    # A zero byte is no letter, and databases refuse it.
    return str(raw).replace("\x00", "").strip() or None


def first_text(raw: Any) -> str | None:
    """Read the first of a list of texts (phone numbers are lists in classic GraphQL), or a text.

    Args:
        raw: A JSON value that is not null.
    """
    found = raw if isinstance(raw, Sequence) and not isinstance(raw, str) else [raw]
    return next((each for item in found if item is not None and (each := text(item))), None)


def whole(raw: Any) -> Any:
    """Read a count, which may travel as text; what is no whole number is not shown.

    Args:
        raw: A JSON value that is not null.
    """
    told = str(raw)
    return int(told) if told.isascii() and told.isdigit() else OMIT


def filled(raw: Any) -> bool:
    """Tell whether a JSON value holds any text or number at all.

    Args:
        raw: A JSON value.
    """
    if isinstance(raw, dict):
        return any(filled(value) for value in raw.values())
    if isinstance(raw, list):
        return any(filled(value) for value in raw)
    return raw is not None and str(raw).strip() != ""


def same_label(one: str | None, other: str) -> bool:
    """Compare titles and status labels as people do, without regard to case and blanks around them.

    Args:
        one: A label, or None.
        other: Another one.
    """
    return one is not None and one.strip().casefold() == other.strip().casefold()
