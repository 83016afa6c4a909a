"""One Lime CRM installation in memory: its objects, who changed them, and what happened.

Nothing here knows about HTTP. Values are held under standard names: text as str, decimals as Decimal, times as aware
datetime, options as their key, relations as the other object's id. One re-entrant lock guards everything.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from erpcore.simulator.amounts import rounded
from erpcore.simulator.numbering import Numbering

from .model import Model, Property
from .switches import Switches

ZONE = ZoneInfo("Europe/Stockholm")
_FIRST_ID = 1001


class UnknownObjectError(LookupError):
    """There is no such limetype or object."""


class InvalidValuesError(ValueError):
    """Values that do not fit the limetype."""


@dataclass
class LimeObject:
    """One object."""

    id: int
    limetype: str
    values: dict[str, Any]
    created: datetime
    created_by: int
    timestamp: datetime
    updated_by: int | None = None
    deleted: bool = False


@dataclass(frozen=True)
class Happened:
    """Something that happened to an object, with copies as they were then.

    Attributes:
        what: ``new``, ``update`` or ``delete``.
        thing: The object afterwards.
        before: The former values of what changed.
    """

    what: str
    thing: LimeObject
    before: dict[str, Any] = field(default_factory=dict)


class Account:
    """The objects of one installation, and what happens to them.

    Args:
        model: Its limetypes.
        switches: Gives the switches as they are now.
        now: Gives the installation's time (aware).
    """

    def __init__(self, model: Model, switches: Callable[[], Switches], now: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self.model = model
        self.on_event: list[Callable[[Happened], None]] = []
        self._switches = switches
        self._now = now
        self._objects: dict[str, dict[int, LimeObject]] = {limetype: {} for limetype in model.limetypes()}
        self._numbering = Numbering({"objects": _FIRST_ID})
        self._last_moment = datetime.min.replace(tzinfo=ZONE)

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock."""
        return self._now

    # --- reading

    def get(self, limetype: str, object_id: int) -> LimeObject:
        """Give an object.

        Raises:
            UnknownObjectError: There is none, or it was deleted.
        """
        found = self._objects.get(limetype, {}).get(object_id)
        if found is None or found.deleted:
            raise UnknownObjectError(f"There is no {limetype} {object_id}.")
        return found

    def all(self, limetype: str) -> list[LimeObject]:
        """Give the objects of a limetype that are not deleted, by id."""
        if limetype not in self._objects:
            raise UnknownObjectError(f"There is no limetype {limetype}.")
        return [each for _, each in sorted(self._objects[limetype].items()) if not each.deleted]

    def related(self, thing: LimeObject, relation: str) -> list[LimeObject]:
        """Give the objects behind a has-many relation."""
        prop = self.property(thing.limetype, relation)
        if prop is None or prop.type != "hasmany":
            raise UnknownObjectError(f"{thing.limetype} has no relation {relation}.")
        return [each for each in self.all(prop.related) if each.values.get(thing.limetype) == thing.id]

    def behind(self, prop: Property, key: int | None) -> LimeObject | None:
        """Give the object that a belongs-to points to; None when there is none, or it was deleted."""
        found = None if key is None else self._objects.get(prop.related, {}).get(key)
        return None if found is None or found.deleted else found

    def property(self, limetype: str, name: str) -> Property | None:
        """Give a property by its standard name; None when the limetype has no such one."""
        return next((each for each in self.model.properties(limetype) if each.name == name), None)

    # --- writing

    def create(self, limetype: str, values: Mapping[str, Any], user: int) -> LimeObject:
        """Make an object.

        Raises:
            UnknownObjectError: There is no such limetype.
            InvalidValuesError: A value does not fit.
        """
        if limetype not in self._objects:
            raise UnknownObjectError(f"There is no limetype {limetype}.")
        read = self._read_values(limetype, values, None)
        full = {each.name: _default(each) for each in self.model.properties(limetype) if each.type != "hasmany"} | read
        for prop in self.model.properties(limetype):
            if prop.required and not full.get(prop.name):
                raise InvalidValuesError(f"{self.model.public(limetype, prop.name)} is required.")
        moment = self._moment()
        made = LimeObject(self._numbering.next("objects"), limetype, full, moment, user, moment)
        self._objects[limetype][made.id] = made
        self._tell(Happened("new", made))
        self._compute(made, user)
        return made

    def change(self, thing: LimeObject, values: Mapping[str, Any], user: int) -> LimeObject:
        """Change an object; an update that changes nothing leaves it and tells nobody.

        Raises:
            InvalidValuesError: A value does not fit.
        """
        read = self._read_values(thing.limetype, values, thing)
        before = {name: thing.values[name] for name, value in read.items() if thing.values[name] != value}
        if before:
            former_order = thing.values.get("order")
            thing.values.update(read)
            thing.timestamp, thing.updated_by = self._moment(), user
            self._tell(Happened("update", thing, before))
            self._compute(thing, user, former_order)
        return thing

    def delete(self, thing: LimeObject, user: int) -> None:
        """Delete an object."""
        thing.deleted, thing.updated_by, thing.timestamp = True, user, self._moment()
        self._tell(Happened("delete", thing))
        self._compute(thing, user)

    # --- the kit's

    def memory(self) -> dict[str, Any]:
        """Everything held."""
        return {
            "objects": self._objects,
            "numbering": self._numbering.memory(),
            "last_moment": self._last_moment,
        }

    def remember(self, memory: dict[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        self._objects, self._last_moment = memory["objects"], memory["last_moment"]
        self._numbering.remember(memory["numbering"])

    def clear(self) -> None:
        """Hold nothing; numbering goes on."""
        self._objects = {limetype: {} for limetype in self.model.limetypes()}

    # --- inside

    def _moment(self) -> datetime:
        # To the millisecond, as seen in replies, and never the same twice, so that a timestamp names a change.
        now = self._now().astimezone(ZONE)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self._last_moment = max(now, self._last_moment + timedelta(milliseconds=1))
        return self._last_moment

    def _tell(self, happened: Happened) -> None:
        told = replace(happened, thing=copy.deepcopy(happened.thing))
        for listener in self.on_event:
            listener(told)

    def _compute(self, thing: LimeObject, user: int, former_order: int | None = None) -> None:
        """Work out an order's sums, which Lime CRM stores on the order."""
        if thing.limetype != "orderrow":
            return
        for order_id in {thing.values.get("order"), former_order}:
            order = None if order_id is None else self._objects["order"].get(order_id)
            if order is not None and not order.deleted:
                self.change(order, self._sums(self.related(order, "orderrow")), user)

    def _sums(self, rows: Iterable[LimeObject]) -> dict[str, Decimal]:
        net = vat = Decimal(0)
        for row in rows:
            quantity, price, discount, rate = (
                row.values.get(name, Decimal(0)) for name in ("quantity", "price", "discount", "vat")
            )
            amount = rounded(quantity * price - discount)
            net += amount
            vat += rounded(amount * rate)
        sums = {"order_sum": net, "order_vat": vat, "order_total_sum": net + vat}
        return {name: value for name, value in sums.items() if self.property("order", name) is not None}

    def _read_values(self, limetype: str, values: Mapping[str, Any], thing: LimeObject | None) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for name, value in values.items():
            prop = self.property(limetype, name)
            shown = self.model.public(limetype, name)
            if prop is None or prop.type == "hasmany":
                raise InvalidValuesError(f"{self.model.public(limetype)} has no property {shown} that can be set.")
            try:
                read[name] = self._value(prop, value)
            except (ValueError, TypeError, LookupError, ArithmeticError) as error:
                raise InvalidValuesError(f"{shown}: {error}") from error
            if prop.unique and read[name] and self._taken(limetype, name, read[name], thing):
                raise InvalidValuesError(f"{shown}: another {limetype} has the value {read[name]!r}.")
        return read

    def _taken(self, limetype: str, name: str, value: Any, thing: LimeObject | None) -> bool:
        return any(each.values.get(name) == value and each is not thing for each in self.all(limetype))

    def _value(self, prop: Property, value: Any) -> Any:
        match prop.type:
            case "string" | "link":
                if not isinstance(value, str | None):
                    raise ValueError("a text is wanted")
                if prop.length and len(value or "") > prop.length:
                    raise ValueError(f"at most {prop.length} characters")
                return value or ""
            case "decimal":
                if isinstance(value, bool | str):
                    raise ValueError("a number is wanted")
                number = Decimal(0) if value is None else Decimal(value)
                if number.adjusted() >= self._switches().decimal_digits:
                    raise ValueError("the number is too large")
                return number
            case "yesno":
                if not isinstance(value, bool):
                    raise ValueError("true or false is wanted")
                return value
            case "option":
                return self._option(prop, value)
            case "time":
                return self._time(value)
        if value is not None:
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValueError("an id is wanted")
            self.get(prop.related, value)
        return value

    def _option(self, prop: Property, value: Any) -> str:
        key = value["key"] if isinstance(value, dict) else value
        if isinstance(value, str) and not self._switches().bare_option_keys:
            raise ValueError('an object {"key": ...} is wanted')
        if key not in {each for each, _ in prop.options}:
            raise ValueError(f"there is no option {key!r}")
        return str(key)

    def _time(self, value: Any) -> datetime | None:
        if value is None or value == "":
            return None
        if isinstance(value, datetime):
            return value
        if isinstance(value, str) and len(value) == len("2026-01-01"):
            if self._switches().date_only == "refuse":
                raise ValueError("a time with its offset is wanted")
            return datetime.combine(date.fromisoformat(value), datetime.min.time(), ZONE)
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=ZONE) if moment.tzinfo is None else moment


def _default(prop: Property) -> Any:
    match prop.type:
        case "string" | "link":
            return ""
        case "decimal":
            return Decimal(0)
        case "yesno":
            return False
        case "option":
            return prop.options[0][0]
    return None
