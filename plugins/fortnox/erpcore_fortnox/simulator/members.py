"""Tables of members: what a request may hold, how it is read, and how a reply shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from erpcore_fortnox.simulator.behaviour import Behaviour
from erpcore_fortnox.simulator.errors import Refused
from erpcore_fortnox.simulator.text import is_allowed

API_BLANK = "API_BLANK"
"""The value that clears a text; an empty text does not (developer guide, Delete values; recorded replies)."""

_GREATEST = 10**12 - 1
"""The greatest number of a member that has no limit of its own; row prices have this one."""

Kind = Literal["text", "number", "whole", "flag", "date", "choice", "group", "list"]


@dataclass(frozen=True)
class Member:
    """One member of a record.

    Attributes:
        name: As on the wire.
        kind: How its value is read; a `group` holds members of its own, a `list` is read by whoever owns it.
        empty: What a reply shows when nothing was set.
        writable: Whether a request may hold it.
        least: Shortest text, or smallest number.
        most: Longest text, or greatest number.
        choices: For `choice`: what is taken.
        members: For `group`: what it holds.
        as_text: Whether a reply shows the number as a string.
        null_clears: Whether null empties it.
        emails: Whether it holds one e-mail address.
        zero_is_none: Whether 0 is taken although it is less than `least`, and means "none".
    """

    name: str
    kind: Kind = "text"
    empty: Any = ""
    writable: bool = True
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    as_text: bool = False
    null_clears: bool = False
    emails: bool = False
    zero_is_none: bool = False


class Table:
    """The members of one kind of record, in the order in which replies show them."""

    def __init__(self, members: Iterable[Member]) -> None:
        self._members = {member.name: member for member in members}

    def read(self, payload: Any, behaviour: Behaviour) -> dict[str, Any]:
        """Read a request's record.

        Args:
            payload: What stood inside the envelope.
            behaviour: The switches for null, read-only members, apostrophes and long references.

        Returns:
            The members that change something: numbers as Decimal or int, dates as ISO text. An empty text changes
            nothing and is left out; `API_BLANK` becomes the member's empty form.

        Raises:
            Refused: A member is unknown or its value is not taken.
        """
        if not isinstance(payload, Mapping):
            raise Refused("body")
        changes: dict[str, Any] = {}
        for name, value in payload.items():
            member = self._members.get(name)
            if member is None:
                raise Refused("field_name", name)
            if not member.writable:
                if behaviour.read_only_members == "refused":
                    raise Refused("read_only", name)
                continue
            if value is None and member.null_clears:
                changes[name] = member.empty
            elif value is None:
                if behaviour.null_members == "refused":
                    raise Refused("null", name.lower())
            elif value == API_BLANK and member.kind in ("text", "choice", "date"):
                changes[name] = member.empty
            elif value != "":
                changes[name] = _read(member, value, behaviour)
        return changes

    def has(self, name: str) -> bool:
        """Say whether there is such a member."""
        return name in self._members

    def empty(self) -> dict[str, Any]:
        """Return a record in which nothing is set."""
        return {name: member.empty for name, member in self._members.items()}

    def show(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record as a reply shows it, in the table's order."""
        return {name: _shown(member, values.get(name, member.empty)) for name, member in self._members.items()}


def read_only(name: str, empty: Any = "", kind: Kind = "text", *, as_text: bool = False) -> Member:
    """Return a member that only replies hold."""
    return Member(name, kind, empty, writable=False, as_text=as_text)


def as_number(value: Decimal) -> int | float:
    """Return a JSON number: whole numbers without a point. A float's shortest form has the same digits."""
    return int(value) if value == value.to_integral_value() else float(value)


def as_digits(value: Decimal) -> str:
    """Return a number as the text that replies show: "1", "2.5", and "-0" (recorded)."""
    if value.is_zero():
        return "-0" if value.is_signed() else "0"
    return str(int(value)) if value == value.to_integral_value() else f"{value.normalize():f}"


def read_number(value: Any, name: str) -> Decimal:
    """Read a number, which Fortnox takes as a JSON number or as text.

    Raises:
        Refused: It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise Refused("numeric", name)
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise Refused("numeric", name) from None
    if not number.is_finite():
        raise Refused("numeric", name)
    return number


def read_date(value: Any, name: str) -> str:
    """Read a date of the form YYYY-MM-DD.

    Raises:
        Refused: It is none.
    """
    try:
        return date.fromisoformat(value).isoformat() if len(value) == 10 else _no_date(name)
    except (TypeError, ValueError):
        return _no_date(name)


def _no_date(name: str) -> str:
    raise Refused("date", name)


def _read(member: Member, value: Any, behaviour: Behaviour) -> Any:
    match member.kind:
        case "text":
            return _read_text(member, value, behaviour)
        case "choice":
            if value not in member.choices:
                raise Refused("choice", member.name)
            return value
        case "date":
            return read_date(value, member.name)
        case "flag":
            if isinstance(value, bool):
                return value
            if value in ("true", "false"):
                return value == "true"
            raise Refused("boolean", member.name)
        case "group":
            return Table(member.members).read(value, behaviour)
        case "list":
            if not isinstance(value, list):
                raise Refused("body", member.name)
            return value
    number = read_number(value, member.name)
    if member.kind == "whole" and number != number.to_integral_value():
        raise Refused("numeric", member.name)
    if not _within(number, member):
        raise Refused("range", member.name)
    return int(number) if member.kind == "whole" else number


def _within(number: Decimal, member: Member) -> bool:
    if number == 0 and member.zero_is_none:
        return True
    most = _GREATEST if member.most is None else member.most
    return (-most if member.least is None else member.least) <= number <= most


def _read_text(member: Member, value: Any, behaviour: Behaviour) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Refused("alphanumeric", member.name)
    text = str(value)
    if not is_allowed(text, apostrophe=behaviour.apostrophe_allowed):
        raise Refused("characters", member.name)
    if member.most is not None and len(text) > member.most:
        if member.name in ("OurReference", "YourReference") and behaviour.long_references == "cut":
            return text[: member.most]
        raise Refused("too_long", member.name)
    if member.least is not None and len(text) < member.least:
        raise Refused("too_short", member.name)
    if member.emails and (text.count("@") != 1 or any(sign in text for sign in ",; ")):
        raise Refused("email", member.name)
    return text


def _shown(member: Member, value: Any) -> Any:
    if member.kind == "group":
        held = value or {}
        return {inner.name: _shown(inner, held.get(inner.name, inner.empty)) for inner in member.members}
    if isinstance(value, Decimal):
        return as_digits(value) if member.as_text else as_number(value)
    if member.as_text and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value
