"""What a field map is made of: the entries that declare a field, the bounds on values, and losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from erpcore.fields.map import FieldMap
    from erpcore.models import Register

Convert = Callable[[Any], Any]


class LossKind(StrEnum):
    """What would happen to a value."""

    DROPPED = "dropped"
    TRUNCATED = "truncated"
    ROUNDED = "rounded"
    REPLACED = "replaced"
    DEFAULTED = "defaulted"
    KEPT = "kept"
    """The field was emptied, but the system keeps its old value."""
    DERIVED = "derived"
    """The system has the value from elsewhere, such as the customer: it may be another one, but none is missing."""


@dataclass(frozen=True)
class Loss:
    """A value that does not arrive as it is.

    Attributes:
        field: Dotted canonical name, with the index of the row: ``rows[2].description``.
        kind: What happens to it.
        value: The value in erpcore.
        becomes: What the system gets instead; None for nothing.
        reason: Why, for people.
    """

    field: str
    kind: LossKind
    value: Any
    becomes: Any
    reason: str

    def __str__(self) -> str:
        if self.kind is LossKind.KEPT:
            return f"{self.field} is empty, but keeps its value in the system ({self.reason})"
        if self.value is None:
            return f"{self.field} is not shown and becomes “{self.becomes}” ({self.reason})"
        becomes = "" if self.becomes is None else f" to “{self.becomes}”"
        return f"{self.field}: “{self.value}” is {self.kind}{becomes} ({self.reason})"


@dataclass(frozen=True)
class Narrowing:
    """A bound of the system that a value may not fit.

    Attributes:
        kind: What happens to a value that does not fit.
        apply: Makes it fit. A value that fits comes back equal; one of which nothing fits comes back as None.
        reason: Why, for people.
        bound: The number in the bound (a length, a count of decimals), for the contract kit.
        remark: What the printed table says of the bound, where `reason` speaks of a single value.
    """

    kind: LossKind
    apply: Convert
    reason: str
    bound: int | None = None
    remark: str = ""


def cut(length: int) -> Narrowing:
    """Text of `length` characters at most: the rest is cut off, and so is a blank that would then stand last."""

    def apply(text: Any) -> str:
        whole = str(text)
        return whole if len(whole) <= length else whole[:length].rstrip()

    return Narrowing(LossKind.TRUNCATED, apply, f"at most {length} characters", length)


def rounded(places: int) -> Narrowing:
    """A number that keeps `places` decimals, halves rounded away from zero."""
    step = Decimal(1).scaleb(-places)

    def apply(number: Decimal) -> Decimal:
        narrow = number.quantize(step, ROUND_HALF_UP)
        return number if narrow == number else narrow

    return Narrowing(LossKind.ROUNDED, apply, f"{places} decimals", places)


def replaced(apply: Convert, reason: str, remark: str = "") -> Narrowing:
    """Text in which `apply` puts other characters for the ones that the system refuses.

    A blank that would then stand first or last is left out, since canonical models hold none there.
    """

    def without_edges(text: Any) -> Any:
        narrow = apply(text)
        return text if narrow == text else narrow.strip()

    return Narrowing(LossKind.REPLACED, without_edges, reason, remark=remark)


class _Omit:
    """The answer of a conversion that there is nothing to send, or nothing that was shown."""

    def __repr__(self) -> str:
        return "OMIT"


OMIT: Final = _Omit()
"""Returned by a conversion: leave the field out."""


def unchanged(value: Any) -> Any:
    """The conversion that does nothing."""
    return value


@dataclass(frozen=True, init=False)
class Field:
    """A canonical field and the system's own names for it.

    Args:
        name: Dotted canonical name, such as ``invoice_address.city``.
        *native: The system's names; dotted for nested objects. The value is written to each and read from the first.
        also: Members that are sent with it, such as a type that tells how to read it.
        narrow: Bounds that the value may not fit, applied in order.
        write: Canonical value to the system's.
        read: The system's value to the canonical one; may return `OMIT`.
        blank: What empties the field in the system; `OMIT` when nothing can.
        direction: ``write`` when replies do not carry it, ``read`` when the system alone sets it.
        required: Nothing can be made without it, and erpcore says so before anything is sent.
        register: The register that the value is a code of. It is looked up before anything is sent; its key is in
            `Context.keys`.
        note: A remark for the printed table.
    """

    name: str
    native: tuple[str, ...]
    also: Mapping[str, Any]
    narrow: tuple[Narrowing, ...]
    write: Convert
    read: Convert
    blank: Any
    direction: Literal["both", "write", "read"]
    register: Register | None
    required: bool
    note: str

    def __init__(
        self,
        name: str,
        *native: str,
        also: Mapping[str, Any] | None = None,
        narrow: Sequence[Narrowing] = (),
        write: Convert = unchanged,
        read: Convert = unchanged,
        blank: Any = OMIT,
        direction: Literal["both", "write", "read"] = "both",
        register: Register | None = None,
        required: bool = False,
        note: str = "",
    ) -> None:
        if not native:
            raise ValueError(f"{name}: a Field needs the system's name; declare it Unsupported if there is none")
        # At once, and not member by member as a frozen dataclass does it: each connection makes some hundred of these.
        vars(self).update(
            name=name,
            native=native,
            also=dict(also or {}),
            narrow=tuple(narrow),
            write=write,
            read=read,
            blank=blank,
            direction=direction,
            register=register,
            required=required,
            note=note,
        )


@dataclass(frozen=True)
class Rows:
    """A list of records of its own, with a map of its own.

    Attributes:
        name: Canonical field that holds the tuple of records.
        native: The system's member that holds the list.
        map: How one of them is translated.
        note: A remark for the printed table.
    """

    name: str
    native: str
    map: FieldMap[Any]
    note: str = ""


@dataclass(frozen=True)
class Computed:
    """A field that is worked out, such as a percentage from an amount.

    Attributes:
        name: Canonical field.
        native: The system's member that the result stands in; empty when it stands in others' members.
        compute: Takes the canonical record; gives the system's value, or `OMIT`.
        reason: How it is worked out, for people.
        read: Takes the system's record; gives the canonical value, or `OMIT`.
        loss: Takes the canonical record; gives what is lost when it is worked out, or None.
    """

    name: str
    native: str
    compute: Convert
    reason: str
    read: Convert = field(default=lambda _: OMIT)
    loss: Callable[[Any], Loss | None] = field(default=lambda _: None)


@dataclass(frozen=True)
class Unsupported:
    """A field that the system, or this plugin, has no place for.

    Attributes:
        name: Canonical field; for a nested record or list it stands for everything in it.
        reason: Why, for people.
        default: What the system uses instead, when it is known.
        not_built: True when the system could, but the plugin does not yet.
        derived: True when the system has the value from elsewhere, such as a name from the customer that is named.
    """

    name: str
    reason: str
    default: str | None = None
    not_built: bool = False
    derived: bool = False


@dataclass(frozen=True)
class Default:
    """What is sent for a field that the system demands, when a record that is made shows nothing. Told like a loss.

    It stands after the field's own entry. Where that is `Unsupported`, it is sent in place of what a record shows, too.

    Attributes:
        name: Canonical field.
        native: The system's member.
        value: What the member gets; or a function that gives it from the company's day.
        reason: Why the system needs it, for people.
    """

    name: str
    native: str
    value: Any
    reason: str

    def given(self, today: date) -> Any:
        """Give what the member gets.

        Args:
            today: The company's day.
        """
        return self.value(today) if callable(self.value) else self.value


Entry = Field | Rows | Computed | Unsupported | Default
