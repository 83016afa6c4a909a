"""Reading and writing the forms that values have on Fortnox's wire.

The same value comes in several forms (seen in recorded replies): quantities and list amounts as text, ``""`` in a list
where the record has null, ``"0"`` for "no document", ``"true"`` for true, and ``"API_NORIGHT"`` where the account may
not see a number.
"""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from erpcore.errors import InvalidValueError
from erpcore.fields import OMIT, day as day, number as number
from erpcore.models import organisation_number

API_BLANK = "API_BLANK"
"""The value that empties a text; an empty text leaves the old one (developer guide, Delete values)."""

NO_RIGHT = "API_NORIGHT"
"""What stands in place of a number that the account may not see."""

_ENTITY = re.compile("&(?:amp|lt|gt|quot|#0?39);")


def text(value: Any) -> Any:
    """Read a text: None when it is empty. Some texts come back with HTML entities, which are undone.

    Args:
        value: Text or number from a reply.
    """
    if value == NO_RIGHT:
        return OMIT
    plain = _ENTITY.sub(lambda match: html.unescape(match[0]), str(value))
    return plain or None


def whole(value: Any) -> int | None:
    """Read a whole number from either form, such as the page count of a list; None when it is none."""
    found = number(value)
    return int(found) if isinstance(found, Decimal) and found == found.to_integral_value() else None


def flag(value: Any) -> Any:
    """Read true or false from either form, or `OMIT`."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).strip().lower(), OMIT)


def document_number(value: Any) -> Any:
    """Read the number of another document; ``"0"`` and 0 mean that there is none."""
    return text(value) if str(value) != "0" else None


def account(value: Any) -> Any:
    """Read an account number; 0 means that there is none."""
    return document_number(value)


def digits(value: Decimal) -> str:
    """Write a quantity, which travels as text: ``2``, ``2.5``."""
    return f"{value.normalize():f}"


def dashed_organisation_number(value: str) -> str:
    """Write an organisation number in the authorities' spelling, ``556000-4615``.

    A number that is no proven one is sent as it is written: whoever knows its country has judged it.

    Args:
        value: The number in any spelling.
    """
    try:
        return str(organisation_number(value))
    except InvalidValueError:
        return value


def plain_organisation_number(value: str) -> str:
    """Write an organisation number as digits alone; else as `dashed_organisation_number`."""
    return re.sub(r"[\s\-]", "", dashed_organisation_number(value))


def last_modified(since: datetime, zone: ZoneInfo, overlap: timedelta) -> str:
    """Write the moment for the parameter ``lastmodified``.

    Fortnox reads it as Swedish time without a zone and compares with clocks of its own, so it is put back by an
    overlap. In the autumn hour that comes twice, nobody can say which of the two is meant: the hour before it is asked
    for.

    Args:
        since: The moment, aware.
        zone: The zone that Fortnox counts in.
        overlap: How far to go back.

    Returns:
        Such as ``2026-11-22 14:03:07``.
    """
    local = (since - overlap).astimezone(zone)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        local = local.replace(tzinfo=None) - timedelta(hours=1)
    return local.strftime("%Y-%m-%d %H:%M:%S")
