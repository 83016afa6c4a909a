"""The members of a record: their kinds, how they are read from a request and how they are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from erpcore.simulator.bodies import read_json
from erpcore_poweroffice.simulator.behaviour import Behaviour
from erpcore_poweroffice.simulator.calls import Refused
from erpcore_poweroffice.simulator.choices import CHOICES

_LONG = 2**63
_MODEL_TITLE = "One or more validation errors occurred."


@dataclass(frozen=True)
class Member:
    """One member of a record.

    Attributes:
        name: Its name on the wire.
        kind: ``text``, ``int``, ``number``, ``bool``, ``date``, ``moment``, ``uuid``, ``ids``, the name of a list in
            `choices`, or a shape as ``{Shape}`` or ``[Shape]``.
        create: Whether a POST may have it.
        patch: Whether a PATCH may reach it.
        shown: Whether replies have it.
        limit: The longest text.
        needed: Whether a POST must have it.
    """

    name: str
    kind: str
    create: bool
    patch: bool
    shown: bool
    limit: int | None
    needed: bool


@dataclass(frozen=True)
class Shape:
    """A kind of record.

    Attributes:
        name: The vendor's model without its ending, such as SalesOrderLine.
        words: What refusals call it, such as "Sales order line".
        members: By name, in the order of replies.
    """

    name: str
    words: str
    members: Mapping[str, Member]

    @property
    def title(self) -> str:
        """The title of refusals of its contents."""
        return f"{self.words} validation error(s)"

    def refused(self, detail: str, status: int = 400) -> Refused:
        """Return the refusal of its contents."""
        return Refused(status, self.title, detail)

    def patchable(self, name: str) -> Member | None:
        """Return the member that a segment of a patch names, in any case."""
        found = (member for member in self.members.values() if member.patch and member.name.lower() == name.lower())
        return next(found, None)


SHAPES: dict[str, Shape] = {}
"""Every shape by name."""


def shape(name: str, words: str, table: str) -> Shape:
    """Make a shape from a table: name, kind and uses of a member per line, then the longest text.

    The uses are letters: C may be created with, U may be updated, R is in replies, ! must be in a POST.
    """
    members = {}
    for line in table.strip().splitlines():
        member, kind, uses, *limit = line.split()
        members[member] = Member(
            member, kind, "C" in uses, "U" in uses, "R" in uses, int(limit[0]) if limit else None, "!" in uses
        )
    SHAPES[name] = Shape(name, words, members)
    return SHAPES[name]


def read_body(given: Shape, raw: bytes, behaviour: Behaviour, *, optional: bool = False) -> dict[str, Any]:
    """Return the members of a POST in Python's types: only those that it has.

    Raises:
        Refused: It is no JSON, or does not fit the model.
    """
    if optional and not raw.strip():
        return {}
    try:
        document = read_json(raw)
    except ValueError:
        raise _model_refusal({"$": ["The JSON value could not be converted."]}, behaviour) from None
    errors: dict[str, list[str]] = {}
    members = _read_object(given, document, behaviour, "$", errors)
    if errors:
        raise _model_refusal(errors, behaviour)
    return members


def read(kind: str, value: Any, *, lenient: bool = False) -> Any:
    """Return one value of a simple kind in Python's type.

    Args:
        kind: See `Member`.
        value: What the JSON has; never null.
        lenient: Whether a number may come as text, which is so in patches (vendor's examples).

    Raises:
        ValueError: It is of another kind.
    """
    if kind in CHOICES:
        return _choice(kind, value)
    return _READERS[kind](value, lenient)


def show(given: Shape, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that replies have, null where there is no value."""
    return {member.name: values.get(member.name) for member in given.members.values() if member.shown}


def wire(value: Any, *, without_null: bool = False) -> Any:
    """Return values as plain JSON: amounts as numbers, dates and moments as text, moments with seven decimals."""
    match value:
        case dict():
            return {
                name: wire(inner, without_null=without_null)
                for name, inner in value.items()
                if not (without_null and inner is None)
            }
        case list():
            return [wire(inner, without_null=without_null) for inner in value]
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0+00:00"
        case date():
            return value.isoformat()
    return value


def moment(text: str) -> datetime:
    """Return a moment (aware, UTC); one without a zone is taken for UTC.

    Raises:
        ValueError: It is none.
    """
    read_moment = datetime.fromisoformat(text)
    return (read_moment if read_moment.tzinfo else read_moment.replace(tzinfo=UTC)).astimezone(UTC)


def is_email(text: str) -> bool:
    """Say whether a text looks like one e-mail address."""
    return re.fullmatch(r"[^@\s;,]+@[^@\s;,]+\.[^@\s;,.]+", text) is not None


def _read_object(
    given: Shape, value: Any, behaviour: Behaviour, where: str, errors: dict[str, list[str]]
) -> dict[str, Any]:
    if not isinstance(value, dict):
        errors[where] = [f"The JSON value could not be converted to {given.name}PostDto."]
        return {}
    creatable = {member.name: member for member in given.members.values() if member.create}
    if behaviour.member_case == "any":
        names = {name.lower(): name for name in creatable}
        value = {names.get(name.lower(), name): inner for name, inner in value.items()}
    if behaviour.unknown_members == "refused":
        errors.update({f"{where}.{name}": ["The JSON property is unknown."] for name in value.keys() - creatable})
    made: dict[str, Any] = {}
    for name, member in creatable.items():
        if member.needed and value.get(name) in (None, ""):
            errors[f"{where}.{name}"] = [f"The {name} field is required."]
        elif name in value:
            made[name] = _read_member(member, value[name], behaviour, f"{where}.{name}", errors)
    return made


def _read_member(member: Member, value: Any, behaviour: Behaviour, where: str, errors: dict[str, list[str]]) -> Any:
    if value is None:
        return None
    if member.kind.startswith("{"):
        return _read_object(SHAPES[member.kind[1:-1]], value, behaviour, where, errors)
    if member.kind.startswith("["):
        if not isinstance(value, list):
            errors[where] = ["The JSON value could not be converted to an array."]
            return None
        inner = SHAPES[member.kind[1:-1]]
        return [_read_object(inner, item, behaviour, f"{where}[{at}]", errors) for at, item in enumerate(value)]
    try:
        made = read(member.kind, value)
    except ValueError:
        errors[where] = [f"The JSON value could not be converted to {member.kind}."]
        return None
    if member.limit is not None and len(made) > member.limit:
        errors[where] = [f"The field {member.name} must be a string with a maximum length of {member.limit}."]
    return made


def _model_refusal(errors: dict[str, list[str]], behaviour: Behaviour) -> Refused:
    if behaviour.model_errors == "errors":
        return Refused(400, _MODEL_TITLE, errors=errors)
    told = " ".join(f"{where}: {' '.join(messages)}" for where, messages in errors.items())
    return Refused(400, _MODEL_TITLE, told)


def _choice(kind: str, value: Any) -> str:
    names = {name.lower(): name for name in CHOICES[kind]}
    if not isinstance(value, str) or value.lower() not in names:
        raise ValueError(f"{value!r} is no {kind}")
    return names[value.lower()]


def _text(value: Any, lenient: bool) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _int(value: Any, lenient: bool) -> int:
    if lenient and isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    if type(value) is not int or not -_LONG <= value < _LONG:
        raise ValueError(f"{value!r} is no whole number")
    return value


def _number(value: Any, lenient: bool) -> Decimal:
    if type(value) not in (int, Decimal) and not (lenient and isinstance(value, str)):
        raise ValueError(f"{value!r} is no number")
    try:
        made = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None
    # The vendor's type is a double; what no double can hold would only make the arithmetic explode.
    if not made.is_finite() or abs(made) >= Decimal("1e15"):
        raise ValueError(f"{value!r} is no number")
    return made


def _bool(value: Any, lenient: bool) -> bool:
    if lenient and value in ("true", "false"):
        return bool(value == "true")
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _date(value: Any, lenient: bool) -> date:
    # Some writers send a whole moment, of which only the date counts.
    moment(_text(value, lenient))
    return date.fromisoformat(value[:10])


def _moment(value: Any, lenient: bool) -> datetime:
    return moment(_text(value, lenient))


def _uuid(value: Any, lenient: bool) -> str:
    return str(UUID(_text(value, lenient)))


def _ids(value: Any, lenient: bool) -> list[int]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no array")
    return [_int(item, lenient) for item in value]


_READERS: dict[str, Callable[[Any, bool], Any]] = {
    "text": _text,
    "int": _int,
    "number": _number,
    "bool": _bool,
    "date": _date,
    "moment": _moment,
    "uuid": _uuid,
    "ids": _ids,
}
