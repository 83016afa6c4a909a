"""Reading and writing the forms that values have at Visma Administration; see `erpcore_visma_admin.adk.records`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from erpcore.errors import InvalidValueError
from erpcore.fields import OMIT, LossKind, Narrowing, replaced
from erpcore.models import organisation_number

ENCODING = "cp1252"
VAT_MARKS = ("EXPORT", "EU_CUSTOMER")
"""The fields of a customer that tell together how VAT is dealt with."""
_MARKED = {"domestic": (False, False), "export": (True, False), "eu": (False, True)}
_FROM_ORDER = re.compile(r"Order (\d+)")


def text(value: Any) -> Any:
    """Read a text; None when it is empty."""
    return str(value) or None


def number(value: Any) -> Any:
    """Read a number: a Decimal, or `OMIT` when it is none."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return OMIT
    return found if found.is_finite() else OMIT


def flag(value: Any) -> Any:
    """Read true or false, or `OMIT`."""
    return value if isinstance(value, bool) else OMIT


MARKED_OR_DOMESTIC = Narrowing(
    LossKind.REPLACED,
    lambda treatment: treatment if treatment in _MARKED else "domestic",
    "a customer is marked as one outside the EU, as one in another country of the EU, or not at all",
    remark="outside the EU (export), in another of its countries (eu), or neither (domestic); there is no other mark",
)
"""Bounds a customer's VAT treatment to what its two marks tell (list of the fields of customers, 41 and 61)."""


def vat_flags(treatment: str) -> dict[str, bool]:
    """Write how VAT is dealt with: the two marks by their names."""
    return dict(zip(VAT_MARKS, _MARKED[treatment], strict=True))


def vat_treatment(flags: Mapping[str, Any]) -> Any:
    """Read how VAT is dealt with from the two marks, or `OMIT` where they are not shown or both are set."""
    found = tuple(flags.get(name) for name in VAT_MARKS)
    return next((treatment for treatment, marks in _MARKED.items() if marks == found), OMIT)


def opposite(value: Any) -> Any:
    """Read or write a flag that says the opposite, such as INACTIVE for “active”."""
    return not value if isinstance(value, bool) else OMIT


def day(value: Any) -> Any:
    """Read a day; None for none."""
    return date.fromisoformat(str(value)) if value else None


def currency(own: str) -> Any:
    """Build what reads a currency: the company's own where nothing stands.

    Args:
        own: The company's own currency.
    """
    return lambda value: str(value) or own


def country(value: Any) -> Any:
    """Read a country's code: two letters, or `OMIT` where the register has others."""
    code = str(value).strip().upper()
    if not code:
        return None
    return code if re.fullmatch(r"[A-Z]{2}", code) else OMIT


def storable() -> Narrowing:
    """Put a question mark in place of what the program has no letter for."""
    return replaced(
        lambda text: str(text).replace("\0", "?").encode(ENCODING, "replace").decode(ENCODING),
        "Visma Administration has the letters of Windows-1252 alone",
        remark="letters of Windows-1252 alone",
    )


def one_line() -> Narrowing:
    """Put a blank in place of a line break, where a field is one line."""
    return Narrowing(LossKind.REPLACED, lambda text: " ".join(str(text).splitlines()), "a line break becomes a blank")


def organisation(value: str) -> str:
    """Write an organisation number as the program wants it (999999-9999); what is not Swedish goes as it is."""
    try:
        found = organisation_number(value)
    except InvalidValueError:
        return value.strip()
    return str(found) if found.country == "SE" else value.strip()


def is_swedish(written: str) -> bool:
    """Tell whether an organisation number is spelt as `organisation` spells Swedish ones."""
    return re.fullmatch(r"\d{6}-\d{4}", written) is not None


def since(moment: datetime, zone: str, overlap_seconds: float) -> str:
    """Write the moment that changes are asked for after, as the program tells times.

    In the autumn hour that comes twice, nobody can say which of the two is meant: the hour before it is asked for.

    Args:
        moment: The moment, aware.
        zone: The zone in which the program tells times.
        overlap_seconds: How far to go back.
    """
    local = (moment - timedelta(seconds=overlap_seconds)).astimezone(ZoneInfo(zone))
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        local -= timedelta(hours=1)
    return local.replace(tzinfo=None, microsecond=0).isoformat()


def aware(written: Any, zone: str) -> str | None:
    """Write a time that the program tells with its offset; None for none.

    Args:
        written: A time without offset, in ISO form.
        zone: The zone in which the program tells times.
    """
    return datetime.fromisoformat(str(written)).replace(tzinfo=ZoneInfo(zone)).isoformat() if written else None


def moment(value: Any) -> Any:
    """Read a time with its offset."""
    return datetime.fromisoformat(str(value))


def made_of_order(order_number: str) -> str:
    """Write the remark by which an invoice says which order it was made of."""
    return f"Order {order_number}"


def order_of(remark: str | None) -> str | None:
    """Read the order's number from such a remark; None from any other."""
    match = _FROM_ORDER.fullmatch(remark or "")
    return match[1] if match else None
