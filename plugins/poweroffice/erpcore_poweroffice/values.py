"""Reading and writing the forms that values have on PowerOffice's wire.

Numbers are JSON numbers, days ``YYYY-MM-DD``, moments have an offset and up to seven digits after the second's point
(seen in recorded replies).
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erpcore.errors import InvalidValueError
from erpcore.fields import OMIT, LossKind, Narrowing, day as day, flag as flag, number as number
from erpcore.models import organisation_number
from erpcore_poweroffice.settings import LONGEST_REFERENCE

_HASH_LENGTH = 16
_FRACTION = re.compile(r"\.(\d{1,6})\d*")
_CENT = Decimal("0.01")


def text(value: Any) -> Any:
    """Read a text or a number as text; None when it is empty."""
    return str(value) or None


def opposite(value: Any) -> Any:
    """Read or write a flag that says the opposite, such as ``IsArchived`` for “active”."""
    return not value if isinstance(value, bool) else OMIT


VAT_FREE_OR_NOT = Narrowing(
    LossKind.DROPPED,
    lambda treatment: treatment if treatment in ("domestic", "export") else None,
    "PowerOffice tells those who buy free of VAT from others, and nothing more",
    remark="whether the customer buys free of VAT (export) or not (domestic); nothing else is told",
)
"""Bounds a customer's VAT treatment to what `IsVatFree` tells (interface description, customers)."""


def percent(value: Any) -> Any:
    """Read a rate, which travels as a fraction (0.25), in percent."""
    found = number(value)
    return found if found is OMIT else found * 100


def cents(value: Decimal) -> Decimal:
    """Round to two decimals, halves away from zero."""
    return value.quantize(_CENT, ROUND_HALF_UP)


def is_number(value: str) -> bool:
    """Tell whether a text is the number of a record, such as a customer number."""
    return value.isascii() and value.isdigit() and len(value) <= 18


def whole(field: str, what: str) -> Callable[[str], int]:
    """Build what writes a number that the CRM holds as text.

    Args:
        field: Canonical field, for the error.
        what: What it is, for the error.

    Returns:
        A function that raises `InvalidValueError` for anything but digits.
    """

    def write(value: str) -> int:
        if not is_number(value.strip()):
            raise InvalidValueError(
                f"“{value}” is no {what}: PowerOffice's are digits alone.",
                field=field,
                advice="Correct it in the CRM, then send the record again.",
            )
        return int(value)

    return write


def organisation_digits(value: str) -> str:
    """Write an organisation number as digits, which the Norwegian register of e-invoice receivers is asked with.

    A number that is no proven one is sent as it is written: whoever knows its country has judged it.
    """
    try:
        return organisation_number(value).digits
    except InvalidValueError:
        return value.strip()


def fitting_reference(key: str) -> str:
    """Write our own key: as it is, or when it is too long its beginning and a hash of the whole.

    Args:
        key: Our key.

    Returns:
        At most 50 characters; the same key always gives the same.
    """
    if len(key) <= LONGEST_REFERENCE:
        return key
    hashed = b32encode(hashlib.sha256(key.encode()).digest()).decode()[:_HASH_LENGTH].lower()
    return f"{key[: LONGEST_REFERENCE - _HASH_LENGTH - 1]}-{hashed}"


def moment(since: datetime, overlap_seconds: float) -> str:
    """Write the moment that changes are asked for after, which PowerOffice takes as “later than”.

    Args:
        since: The moment, aware.
        overlap_seconds: How far to go back.

    Returns:
        Such as ``2026-11-22 13:03:07.000000+00:00``.
    """
    earlier = (since - timedelta(seconds=overlap_seconds)).astimezone(UTC)
    return earlier.isoformat(sep=" ", timespec="microseconds")


def read_moment(value: Any) -> Any:
    """Read a moment, aware; `OMIT` when it is none."""
    plain = _FRACTION.sub(lambda match: f".{match[1]:0<6}", str(value))
    try:
        found = datetime.fromisoformat(plain)
    except ValueError:
        return OMIT
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def days_back(now: datetime, days: int | None) -> str | None:
    """Write the moment so many days ago, to bound a search; None for no bound."""
    return None if days is None else moment(now, days * 86_400)
