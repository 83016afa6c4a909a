"""The map itself: payloads, replies, losses and the printed table, all from the entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from erpcore.fields.entries import OMIT, Computed, Default, Entry, Field, Loss, LossKind, Rows, Unsupported
from erpcore.fields.leaves import require_complete

if TYPE_CHECKING:
    from pydantic import BaseModel

    from erpcore.models import CanonicalModel, Register

M = TypeVar("M", bound="CanonicalModel")
ABSENT: Final = object()
"""What is found inside a nested record that the system shows as nothing: empty, not hidden."""
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
        # Most records show a few of their fields: what is not shown is passed over by its first name.
        self._named = tuple((entry.name.partition(".")[0], entry) for entry in self.entries)

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
        for first, entry in self._named:
            if first not in shown and not isinstance(entry, Computed | Default):
                continue
            match entry:
                case Field():
                    self._write_field(entry, record, payload, clearing=clearing)
                case Rows():
                    rows = _get(record, entry.name)
                    if rows is not OMIT and rows is not None:
                        _put(payload, entry.native, [entry.map.to_native(row, today=today) for row in rows])
                case Computed() if entry.native:
                    value = entry.compute(record)
                    if value is not OMIT:
                        _put(payload, entry.native, value)
                case Default() if today is not None and not clearing and _find(payload, entry.native) is OMIT:
                    _put(payload, entry.native, entry.given(today))
        return payload

    @staticmethod
    def _write_field(entry: Field, record: M, payload: dict[str, Any], *, clearing: bool) -> None:
        if entry.direction == "read":
            return
        value = _get(record, entry.name)
        if value is OMIT:
            return
        if _is_empty(value):
            if not clearing:
                return
            native = entry.blank
        else:
            for narrowing in entry.narrow:
                value = None if value is None else narrowing.apply(value)
            native = OMIT if _is_empty(value) else entry.write(value)
        if native is OMIT:
            return
        for name in entry.native:
            _put(payload, name, native)
        for name, constant in entry.also.items():
            _put(payload, name, constant)

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
        for entry in self.entries:
            value: Any = OMIT
            match entry:
                case Field() if entry.direction != "write":
                    raw = _find(payload, entry.native[0])
                    if raw is ABSENT and "." in entry.name:
                        empty.append(entry.name.partition(".")[0])
                    elif raw is ABSENT:
                        value = None
                    else:
                        value = raw if raw is OMIT or raw is None else entry.read(raw)
                case Rows():
                    raw = _find(payload, entry.native)
                    if raw is not OMIT and raw is not ABSENT and raw is not None:
                        value = tuple(entry.map.from_native(row) for row in raw)
                case Computed():
                    value = entry.read(payload)
            if value is not OMIT:
                _put(found, entry.name, value)
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
                rows = _get(record, entry.name)
                for index, row in enumerate(() if rows is OMIT or rows is None else rows):
                    yield from entry.map._missing(row, f"{place}{entry.name}[{index}].")
            elif isinstance(entry, Field) and entry.required and _lacks(record, entry.name):
                yield place + entry.name

    def _losses(self, record: M, place: str, *, clearing: bool, today: date | None) -> Iterator[Loss]:
        told: set[str] = set()
        shown = record.model_fields_set
        for first, entry in self._named:
            if first not in shown and not isinstance(entry, Default):
                continue
            if clearing and (empty := _empty_parent(record, entry.name)):
                if empty not in told and self._keeps(empty):
                    told.add(empty)
                    yield Loss(place + empty, LossKind.KEPT, None, None, _KEPT)
                continue
            value = _get(record, entry.name)
            name = place + entry.name
            if isinstance(entry, Default):
                if today is not None and not clearing and _lacks(record, entry.name):
                    yield Loss(name, LossKind.DEFAULTED, None, entry.given(today), entry.reason)
                continue
            if value is OMIT:
                continue
            match entry:
                case Unsupported() if not _is_empty(value):
                    yield Loss(name, _kind(entry), value, entry.default, entry.reason)
                case Rows() if value is not None:
                    for index, row in enumerate(value):
                        yield from entry.map._losses(row, f"{name}[{index}].", clearing=False, today=today)
                case Computed() if (loss := entry.loss(record)) is not None:
                    yield Loss(name, loss.kind, loss.value, loss.becomes, loss.reason)
                case Field():
                    yield from self._field_losses(entry, name, value, clearing=clearing)

    @staticmethod
    def _field_losses(entry: Field, name: str, value: Any, *, clearing: bool) -> Iterator[Loss]:
        if _is_empty(value):
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
            value: Any = _get(record, entry.name) if first in shown else OMIT
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
    value = _get(record, path)
    return value is OMIT or _is_empty(value)


def _is_empty(value: Any) -> bool:
    # By class first: a Decimal that is compared with a text asks the abstract classes of numbers, each time.
    return value is None or (isinstance(value, str | tuple) and not value)


def _get(record: BaseModel, path: str) -> Any:
    """Return the value at a dotted path, or `OMIT` where a field on the way was not set."""
    if "." not in path:
        return getattr(record, path) if path in record.model_fields_set else OMIT
    value: Any = record
    for name in _steps(path):
        if value is None:
            return None
        if name not in value.model_fields_set:
            return OMIT
        value = getattr(value, name)
    return value


def _empty_parent(record: BaseModel, path: str) -> str | None:
    """Return the nested record on the path that is shown as empty, if one is."""
    parents = _steps(path)[:-1]
    for depth in range(1, len(parents) + 1):
        parent = ".".join(parents[:depth])
        if _get(record, parent) is None:
            return parent
    return None


def _find(payload: Mapping[str, Any], path: str) -> Any:
    if "." not in path and isinstance(payload, dict):
        return payload.get(path, OMIT)
    value: Any = payload
    for name in _steps(path):
        if value is None:
            return ABSENT
        if not isinstance(value, Mapping) or name not in value:
            return OMIT
        value = value[name]
    return value


def _put(payload: dict[str, Any], path: str, value: Any) -> None:
    if "." not in path:
        payload[path] = value
        return
    *parents, last = _steps(path)
    for name in parents:
        payload = payload.setdefault(name, {})
    payload[last] = value


@cache
def _steps(path: str) -> tuple[str, ...]:
    """Give the names on a dotted path. Tables are few and records many, so each path is taken apart once."""
    return tuple(path.split("."))
