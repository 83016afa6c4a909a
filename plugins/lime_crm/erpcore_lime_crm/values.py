"""Conversions of single values. An odd value is a person's to mend."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from erpcore.errors import InvalidValueError
from erpcore.fields import OMIT

_LARGEST_POWER = 30
"""A number with more digits than this is a slip, and written out would fill the memory."""
_MEND = "Correct it in Lime CRM and send the record again."


def text(raw: Any) -> str | None:
    """Read a text; blank is empty.

    Args:
        raw: A JSON value that is not null.
    """
    if isinstance(raw, bool):
        return "true" if raw else "false"
    # A zero byte is no letter, and databases refuse it.
    return str(raw).replace("\x00", "").strip() or None


def identifier(raw: Any) -> Any:
    """Read an object's key; anything but a number or a text is not shown.

    Args:
        raw: A JSON value.
    """
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        return OMIT
    return str(raw).strip() or None


def exact(raw: Any) -> Decimal | None:
    """Read an amount, a quantity or a share; blank is empty.

    Args:
        raw: A JSON number (read as int or Decimal) or a decimal text.

    Raises:
        InvalidValueError: It is no number.
    """
    if isinstance(raw, str) and not raw.strip():
        return None
    try:
        number = Decimal(raw.strip()) if isinstance(raw, str) else Decimal(raw)
    except (InvalidOperation, TypeError, ValueError):
        number = Decimal("NaN")
    if (
        isinstance(raw, bool | float | list | tuple)
        or not number.is_finite()
        or abs(number.adjusted()) > _LARGEST_POWER
    ):
        raise InvalidValueError(f"“{str(raw)[:60]}” is no number.", advice=_MEND)
    return number


def yes(raw: Any) -> Any:
    """Read a yes-no value; anything else is not shown.

    Args:
        raw: A JSON value.
    """
    return raw if isinstance(raw, bool) else OMIT


def moment(raw: Any, zone: tzinfo) -> datetime | None:
    """Read a time; None when it is empty or nobody can read it.

    Args:
        raw: ISO 8601, with its offset as a rule.
        zone: The zone of one without offset.
    """
    if not isinstance(raw, str) or not raw.strip():
        return None
    try:
        found = datetime.fromisoformat(raw.strip())
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(raw: Any, zone: tzinfo) -> date | None:
    """Read the day that a time names.

    Args:
        raw: ISO 8601; a date alone, or a time that is seen from `zone`.
        zone: The installation's zone.

    Raises:
        InvalidValueError: It is neither.
    """
    told = str(raw).strip()
    if not told:
        return None
    try:
        if len(told) == len("2026-01-01"):
            return date.fromisoformat(told)
        found = datetime.fromisoformat(told)
        return (found.astimezone(zone) if found.tzinfo else found).date()
    except (ValueError, OverflowError):
        raise InvalidValueError(f"“{told[:60]}” is no date.", advice=_MEND) from None


def day_written(value: date, zone: tzinfo, *, date_alone: bool) -> str:
    """Write a day as a time property wants it.

    Args:
        value: The day.
        zone: The installation's zone.
        date_alone: Whether a date alone is wanted instead of its midnight.
    """
    return value.isoformat() if date_alone else datetime.combine(value, time(), zone).isoformat()


def currency_code(raw: Any) -> str | None:
    """Read a currency; blank is empty.

    Args:
        raw: An ISO 4217 code in any case.

    Raises:
        InvalidValueError: It is no three letters.
    """
    code = str(raw).strip().upper()
    if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise InvalidValueError(
            f"The currency “{str(raw)[:60]}” is no three-letter code such as SEK.", field="currency", advice=_MEND
        )
    return code or None


def same(held: Any, written: Any, zone: tzinfo) -> bool:
    """Tell whether a property holds already what would be written.

    Args:
        held: The value as it was read, options as their key.
        written: The value as it would be sent.
        zone: The installation's zone.
    """
    if isinstance(written, dict):
        return bool(held == written.get("key"))
    if isinstance(written, Decimal):
        # Lime CRM shows an empty number as null or as zero.
        return isinstance(held, int | Decimal) and not isinstance(held, bool) and Decimal(held) == written
    if written in (None, ""):
        return held is None or held == "" or (isinstance(held, int | Decimal) and held is not False and held == 0)
    if isinstance(written, str) and isinstance(held, str) and held != written:
        return (one := moment(held, zone)) is not None and one == moment(written, zone)
    return type(held) is type(written) and bool(held == written)
