"""The map itself: payloads, replies, losses and the printed table, all from the entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, TypeGuard, TypeVar

from erpcore.fields.entries import OMIT, Computed, Default, Entry, Field, Loss, LossKind, Rows, Unsupported
from erpcore.fields.paths import ABSENT, empty_parent, found_at, put_at, require_complete, value_at

if TYPE_CHECKING:
    from pydantic import BaseModel

    from erpcore.models import CanonicalModel, Register

M = TypeVar("M", bound="CanonicalModel")
_REGISTERS: Mapping[Register, str] = {
    "unit": "units",
    "vat_code": "VAT codes",
    "terms_of_payment": "terms of payment",
    "currency": "currencies",
    "project": "projects",
    "cost_center": "cost centres",
    "account": "accounts",
    "country": "countries",
}
_KEPT = "an empty value does not empty it in the system"


@dataclass(frozen=True)
class TableLine:
    """One line of the printed table.

    Attributes:
        field: Dotted canonical name.
        native: The system's name, or ``N/A``.
        state: supported, read only, lossy, computed, defaulted, derived, unsupported or not built.
        note: Why and how, for people.
    """

    field: str
    native: str
    state: str
    note: str


@dataclass(frozen=True)
class Code:
    """A value of a record that names an entry of a register.

    Attributes:
        field: Dotted canonical name, with the index of the row: ``rows[2].unit``.
        register: Which register.
        value: What is looked up.
    """

    field: str
    register: Register
    value: str


class FieldMap(Generic[M]):
    """The table of one canonical model in one system.

    Args:
        model: The canonical model.
        entries: One per field of the model, in the order to print. Fields of a nested record are dotted.

    Raises:
        ValueError: A field of the model is missing, declared twice, or not in the model.
    """

    def __init__(self, model: type[M], entries: Sequence[Entry]) -> None:
        self.model = model
        self.entries = tuple(entries)
        declared = [entry.name for entry in entries if not isinstance(entry, Default)]
        require_complete(model, declared)
        if lost := [entry.name for entry in entries if isinstance(entry, Default) and entry.name not in declared]:
            raise ValueError(f"{model.__name__}: a Default needs the field's own entry beside it: {', '.join(lost)}")
        # Most records show a few of their fields: what is not shown is passed over by its first name. What an entry
        # never has a part in is left out here, once; and what is done for each entry of each record asks for its class
        # with `isinstance`, which takes half as long as `match`.
        self._named = tuple((entry.name.partition(".")[0], entry) for entry in self.entries)
        self._written = tuple((first, entry) for first, entry in self._named if _is_written(entry))
        self._read = tuple(
            entry
            for entry in self.entries
            if isinstance(entry, Rows | Computed) or (isinstance(entry, Field) and entry.direction != "write")
        )
        self._lossy = tuple((first, entry) for first, entry in self._named if _loses(entry))

    def to_native(self, record: M, *, clearing: bool = False, today: date | None = None) -> dict[str, Any]:
        """Translate a record for the system.

        Args:
            record: The record. Fields that it does not show are left out.
            clearing: Whether fields that are shown as empty are emptied in the system, where it can; then the record
                is there, and no default is put in.
            today: The company's day (`Host.today`), for a record that is made: defaults are put in then, and only
                then.

        Returns:
            The payload. What does not fit is narrowed; `losses` tells it beforehand.
        """
        payload: dict[str, Any] = {}
        shown = record.model_fields_set
        for first, entry in self._written:
            if isinstance(entry, Field):
                if first in shown:
                    value = getattr(record, first) if first == entry.name else value_at(record, entry.name)
                    _write_field(entry, value, payload, clearing)
            elif isinstance(entry, Computed):
                value = entry.compute(record)
                if value is not OMIT:
                    put_at(payload, entry.native, value)
            elif isinstance(entry, Rows):
                rows = value_at(record, entry.name)
                if rows is not OMIT and rows is not None:
                    put_at(payload, entry.native, [entry.map.to_native(row, today=today) for row in rows])
            elif today is not None and not clearing and _is_lacking(entry, payload):
                put_at(payload, entry.native, entry.given(today))
        return payload

    def from_native(self, payload: Mapping[str, Any]) -> M:
        """Read one of the system's records.

        Args:
            payload: The record as the system sent it. Members that the table does not name are ignored; members
                that are not there are fields that are not shown.

        Returns:
            The canonical record.

        Raises:
            pydantic.ValidationError: A value has a form that the model cannot take.
        """
        found: dict[str, Any] = {}
        empty: list[str] = []
        plain = isinstance(payload, dict)
        for entry in self._read:
            name = entry.name
            value: Any = OMIT
            if isinstance(entry, Field):
                native = entry.native[0]
                raw = payload.get(native, OMIT) if plain and "." not in native else found_at(payload, native)
                if raw is OMIT:
                    continue
                if raw is ABSENT and "." in name:
                    empty.append(name.partition(".")[0])
                    continue
                value = None if raw is ABSENT or raw is None else entry.read(raw)
            elif isinstance(entry, Computed):
                value = entry.read(payload)
            else:
                raw = found_at(payload, entry.native)
                if raw is not OMIT and raw is not ABSENT and raw is not None:
                    value = tuple(entry.map.from_native(row) for row in raw)
            if value is OMIT:
                continue
            if "." in name:
                put_at(found, name, value)
            else:
                found[name] = value
        for name in empty:
            found.setdefault(name, None)
        return self.model.model_validate(found)

    def losses(self, record: M, *, clearing: bool = False, today: date | None = None) -> list[Loss]:
        """Tell what of this record would not arrive as it is.

        Args:
            record: The record.
            clearing: Whether it changes an existing record, where an empty field should empty the old value.
            today: The company's day, for the defaults of a record that is made; without it they are not told.

        Returns:
            The losses, in the table's order.
        """
        return list(self._losses(record, "", clearing=clearing, today=today))

    def missing(self, record: M) -> list[str]:
        """Name the required fields that a record does not have, with the index of the row: ``rows[2].article_number``.

        Args:
            record: The record that is going to be made.
        """
        return list(self._missing(record, ""))

    def _missing(self, record: M, place: str) -> Iterator[str]:
        for entry in self.entries:
            if isinstance(entry, Rows):
                rows = value_at(record, entry.name)
                for index, row in enumerate(() if rows is OMIT or rows is None else rows):
                    yield from entry.map._missing(row, f"{place}{entry.name}[{index}].")
            elif isinstance(entry, Field) and entry.required and _lacks(record, entry.name):
                yield place + entry.name

    def _losses(self, record: M, place: str, *, clearing: bool, today: date | None) -> Iterator[Loss]:
        told: set[str] = set()
        shown = record.model_fields_set
        for first, entry in self._named if clearing else self._lossy:
            if first not in shown and not isinstance(entry, Default):
                continue
            if clearing and (empty := empty_parent(record, entry.name)):
                if empty not in told and self._keeps(empty):
                    told.add(empty)
                    yield Loss(place + empty, LossKind.KEPT, None, None, _KEPT)
                continue
            name = place + entry.name
            if isinstance(entry, Default):
                if today is not None and not clearing and _lacks(record, entry.name):
                    yield Loss(name, LossKind.DEFAULTED, None, entry.given(today), entry.reason)
                continue
            value = getattr(record, first) if first == entry.name else value_at(record, entry.name)
            if value is OMIT:
                continue
            if isinstance(entry, Field):
                yield from _field_losses(entry, name, value, clearing)
            elif isinstance(entry, Computed):
                if (loss := entry.loss(record)) is not None:
                    yield Loss(name, loss.kind, loss.value, loss.becomes, loss.reason)
            elif isinstance(entry, Unsupported):
                if not _is_empty(value):
                    yield Loss(name, _kind(entry), value, entry.default, entry.reason)
            else:
                for index, row in enumerate(value or ()):
                    yield from entry.map._losses(row, f"{name}[{index}].", clearing=False, today=today)

    def _keeps(self, parent: str) -> bool:
        """Whether a nested record that is emptied keeps something in the system."""
        return any(
            isinstance(entry, Field)
            and entry.name.startswith(f"{parent}.")
            and entry.blank is OMIT
            and entry.direction != "read"
            for entry in self.entries
        )

    def codes(self, record: M) -> list[Code]:
        """Give what of this record must be in a register of the system.

        Args:
            record: The record that is going to be sent.
        """
        return list(self._codes(record, ""))

    def _codes(self, record: M, place: str) -> Iterator[Code]:
        shown = record.model_fields_set
        for first, entry in self._named:
            value: Any = value_at(record, entry.name) if first in shown else OMIT
            if value is OMIT or _is_empty(value):
                continue
            if isinstance(entry, Rows):
                for index, row in enumerate(value):
                    yield from entry.map._codes(row, f"{place}{entry.name}[{index}].")
            elif isinstance(entry, Field) and entry.register is not None and entry.direction != "read":
                yield Code(place + entry.name, entry.register, str(value))

    def table(self) -> list[TableLine]:
        """Give the table for people, in the order that it was declared."""
        defaults = {entry.name: entry for entry in self.entries if isinstance(entry, Default)}
        return [line for entry in self.entries for line in _lines(entry, defaults.get(entry.name))]


def _is_written(entry: Entry) -> bool:
    return not isinstance(entry, Unsupported) and not (
        (isinstance(entry, Field) and entry.direction == "read") or (isinstance(entry, Computed) and not entry.native)
    )


def _is_lacking(entry: Entry, payload: Mapping[str, Any]) -> TypeGuard[Default]:
    return isinstance(entry, Default) and found_at(payload, entry.native) is OMIT


def _loses(entry: Entry) -> bool:
    """Tell whether anything of a record that is made can be lost by an entry."""
    return not isinstance(entry, Field) or bool(entry.narrow) or entry.direction == "read"


def _write_field(entry: Field, value: Any, payload: dict[str, Any], clearing: bool) -> None:
    if value is OMIT:
        return
    if not value and _is_empty(value):
        if not clearing:
            return
        native = entry.blank
    else:
        for narrowing in entry.narrow:
            value = None if value is None else narrowing.apply(value)
        native = OMIT if not value and _is_empty(value) else entry.write(value)
    if native is OMIT:
        return
    for name in entry.native:
        if "." in name:
            put_at(payload, name, native)
        else:
            payload[name] = native
    if entry.also:
        for name, constant in entry.also.items():
            put_at(payload, name, constant)


def _field_losses(entry: Field, name: str, value: Any, clearing: bool) -> Iterator[Loss]:
    if not value and _is_empty(value):
        if clearing and entry.blank is OMIT and entry.direction != "read":
            yield Loss(name, LossKind.KEPT, value, None, _KEPT)
    elif entry.direction == "read":
        yield Loss(name, LossKind.DROPPED, value, None, entry.note or "the system alone sets it")
    else:
        for narrowing in entry.narrow:
            narrow = narrowing.apply(value)
            if narrow is None:
                yield Loss(name, LossKind.DROPPED, value, None, narrowing.reason)
                return
            if narrow != value:
                yield Loss(name, narrowing.kind, value, narrow, narrowing.reason)
            value = narrow


def _lines(entry: Entry, default: Default | None) -> Iterator[TableLine]:
    match entry:
        case Field():
            bounds = [narrowing.remark or narrowing.reason for narrowing in entry.narrow]
            if entry.direction == "read":
                state = "read only"
            else:
                state = "lossy" if entry.narrow else "supported"
            if entry.register is not None:
                bounds.append(f"a code of the register of {register_words(entry.register)}")
            constants = [f"with {name} {value}" for name, value in entry.also.items()]
            constants += ["required"] if entry.required else []
            if default is not None:
                value = "the company's day" if callable(default.value) else default.value
                constants.append(f"{value} when not shown: {default.reason}")
            note = "; ".join([*([entry.note] if entry.note else []), *bounds, *constants])
            yield TableLine(entry.name, ", ".join(entry.native), state, note)
        case Rows():
            yield TableLine(entry.name, entry.native, "supported", entry.note or "rows, with a table of their own")
        case Computed():
            yield TableLine(entry.name, entry.native or "N/A", "computed", entry.reason)
        case Unsupported():
            states = {LossKind.DERIVED: "derived", LossKind.DEFAULTED: "defaulted", LossKind.DROPPED: "unsupported"}
            state = "not built" if entry.not_built else states[_kind(entry)]
            becomes = f" (becomes {entry.default})" if entry.default is not None else ""
            yield TableLine(entry.name, "N/A", state, entry.reason + becomes)


def register_words(register: Register) -> str:
    """Say what a register holds, such as “VAT codes”."""
    return _REGISTERS[register]


def _kind(entry: Unsupported) -> LossKind:
    if entry.derived:
        return LossKind.DERIVED
    return LossKind.DROPPED if entry.default is None else LossKind.DEFAULTED


def _lacks(record: BaseModel, path: str) -> bool:
    value = value_at(record, path)
    return value is OMIT or _is_empty(value)


def _is_empty(value: Any) -> bool:
    # By class first: a Decimal that is compared with a text asks the abstract classes of numbers, each time.
    return value is None or (isinstance(value, str | tuple) and not value)
