"""Conversions of single values. An odd value is a person's to mend."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from erpcore.errors import InvalidValueError

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
