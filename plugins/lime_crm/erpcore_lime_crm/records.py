"""Lime objects in one form, whichever way they came: HAL, a query's answer, or a webhook's flattened values. No I/O.

HAL shows an option as ``{"key", "text", "id"}``, system fields with an underscore and other objects embedded; webhooks
show the option's key alone and system fields without underscore (REST API pages; Webhooks add-on, API). `Record` holds
an option as its key, and what is known of a related object under ``relation/property``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, TypeGuard

from erpcore.fields import Field, FieldMap

from .values import moment

_SYSTEM = ("id", "timestamp", "createdtime", "createduser", "updateduser")


@dataclass(frozen=True)
class Record:
    """One Lime object.

    Attributes:
        limetype: Its limetype, as the installation calls it.
        id: Its key.
        values: Property -> value: text, number, true or false, time in ISO 8601, an option's key, a relation's id.
        timestamp: When it changed last, in UTC; None when it was not told.
        updated_by: Id of the user who changed it last; the one who made it when nobody changed it since.
        changed: The properties that this change touched; None when that was not told.
    """

    limetype: str
    id: int
    values: Mapping[str, Any] = field(repr=False)
    timestamp: datetime | None
    updated_by: int | None
    changed: frozenset[str] | None = None

    def text(self, name: str) -> str:
        """Give a property as text, empty when it is empty or not there."""
        value = self.values.get(name) if name else None
        return "" if value is None else str(value)


def from_hal(limetype: str, shown: Mapping[str, Any], zone: tzinfo) -> Record | None:
    """Read an object as limeobject and query show it.

    Args:
        limetype: Its limetype.
        shown: The object.
        zone: Of times without offset.

    Returns:
        The object; None when it has no key.
    """
    key = shown.get("_id")
    if not _is_id(key):
        return None
    values = dict(_flattened(shown))
    embedded = shown.get("_embedded")
    for relation, other in (embedded if isinstance(embedded, Mapping) else {}).items():
        name = relation.removeprefix("relation_")
        if isinstance(other, Mapping):
            values |= {f"{name}/{inner}": value for inner, value in _flattened(other)}
            values.setdefault(name, other.get("_id"))
    user = shown.get("_updateduser")
    return Record(
        limetype=limetype,
        id=key,
        values=values,
        timestamp=moment(shown.get("_timestamp"), zone),
        updated_by=_user(user if user is not None else shown.get("_createduser")),
    )


def with_empty_relations(values: Mapping[str, Any], field_map: FieldMap[Any]) -> dict[str, Any]:
    """Show what stands behind an empty relation as empty: nothing is embedded there, which would read as not shown.

    Args:
        values: An object's properties.
        field_map: The table that is going to read them.
    """
    shown = dict(values)
    for entry in field_map.entries:
        named = entry.native if isinstance(entry, Field) else getattr(entry, "native", "").split(", ")
        for name in named:
            relation, slash, _ = name.partition("/")
            if slash and relation in values and values[relation] is None:
                shown.setdefault(name, None)
    return shown


def from_webhook(body: Mapping[str, Any], zone: tzinfo) -> Record | None:
    """Read the inner body of a delivery.

    Args:
        body: ``id``, ``limetype``, and but for deletions ``values``; for updates ``original_values``.
        zone: Of times without offset.

    Returns:
        The object; None when the body is no such thing.
    """
    key, limetype = body.get("id"), body.get("limetype")
    told, before = body.get("values", {}), body.get("original_values")
    if not _is_id(key) or not isinstance(limetype, str) or not isinstance(told, Mapping):
        return None
    if not isinstance(before, Mapping | None):
        return None
    user = told.get("updateduser")
    return Record(
        limetype=limetype,
        id=key,
        values={name: _key_of(value) for name, value in told.items() if name not in _SYSTEM},
        timestamp=moment(told.get("timestamp"), zone),
        updated_by=_user(user if user is not None else told.get("createduser")),
        changed=None if before is None else frozenset(before) - frozenset(_SYSTEM),
    )


def _flattened(shown: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in shown.items():
        if not name.startswith("_"):
            if isinstance(value, Mapping) and "key" not in value:
                # A query shows members of a related object in its place.
                yield from ((f"{name}/{inner}", each) for inner, each in _flattened(value))
            else:
                yield name, _key_of(value)
    yield "_id", shown.get("_id")


def _key_of(value: Any) -> Any:
    return value.get("key") if isinstance(value, Mapping) else value


def _is_id(key: Any) -> TypeGuard[int]:
    return isinstance(key, int) and not isinstance(key, bool) and key > 0


def _user(raw: Any) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None
