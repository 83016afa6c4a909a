"""Reading and writing the forms that values have on Visma's wire.

Numbers are JSON numbers, days ``YYYY-MM-DD`` with or without a time, moments have up to seven digits after the second's
point (seen at real companies).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erpcore.errors import InvalidValueError
from erpcore.fields import OMIT, day as day, flag as flag, number as number
from erpcore.models import organisation_number

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FRACTION = re.compile(r"\.(\d{1,6})\d*")


def text(value: Any) -> Any:
    """Read a text or a number as text; None when it is empty."""
    return str(value) or None


def moment(value: Any) -> datetime | None:
    """Read a moment, aware; None when it is none."""
    plain = _FRACTION.sub(lambda match: f".{match[1]:0<6}", str(value or ""))
    try:
        found = datetime.fromisoformat(plain)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def fraction(value: Any) -> Any:
    """Read a VAT rate as a fraction, or `OMIT`. Whether 25 % is 0.25 or 25 is unconfirmed, so both are read."""
    found = number(value)
    return found / 100 if found is not OMIT and found > 1 else found


def percent(value: Any) -> Any:
    """Read a VAT rate in percent, or `OMIT`."""
    found = fraction(value)
    return found if found is OMIT else plain(found * 100)


def plain(value: Decimal) -> Decimal:
    """Give a number without zeros at its end: 25, not 25.00."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def cents(value: Decimal) -> Decimal:
    """Round to two decimals, halves away from zero, as Visma does (official page on roundings)."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def is_key(value: str) -> bool:
    """Tell whether a text is an id of Visma's (a GUID) and no number for people."""
    return _GUID.fullmatch(value) is not None


def written_organisation_number(value: str) -> str:
    """Write an organisation number in its country's spelling, ``556000-4615``.

    A number that is no proven one is sent as it is written: whoever knows its country has judged it.
    """
    try:
        return str(organisation_number(value))
    except InvalidValueError:
        return value.strip()


def since(moment: datetime, overlap_seconds: float) -> datetime:
    """Give the moment that changes are asked for from, in UTC.

    Args:
        moment: What was asked for, aware.
        overlap_seconds: How far to go back, because clocks differ.
    """
    return (moment - timedelta(seconds=overlap_seconds)).astimezone(UTC)
