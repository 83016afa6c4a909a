"""Dotted paths: a value in a record and in a system's payload, found and put."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from erpcore.fields.entries import OMIT

if TYPE_CHECKING:
    from pydantic import BaseModel

ABSENT: Final = object()
"""What is found inside a nested record that the system shows as nothing: empty, not hidden."""


def value_at(record: BaseModel, path: str) -> Any:
    """Give the value at a dotted path of a record, or `OMIT` where a field on the way was not set."""
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


def empty_parent(record: BaseModel, path: str) -> str | None:
    """Give the path of the nested record on a way that is shown as empty, if one is."""
    parents = _steps(path)[:-1]
    for depth in range(1, len(parents) + 1):
        parent = ".".join(parents[:depth])
        if value_at(record, parent) is None:
            return parent
    return None


def found_at(payload: Mapping[str, Any], path: str) -> Any:
    """Give what stands at a dotted path of a payload; `OMIT` where nothing does, `ABSENT` inside of null."""
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


def put_at(payload: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a dotted path of a payload, in place."""
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
