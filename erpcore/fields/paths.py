"""Dotted paths: a value in a record and in a system's payload, found and put; and which paths a model has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from erpcore.fields.entries import OMIT

if TYPE_CHECKING:
    from pydantic import BaseModel

    from erpcore.models import CanonicalModel

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


def require_complete(model: type[CanonicalModel], declared: list[str]) -> None:
    """Require that a table declares each field once.

    Args:
        model: A canonical model.
        declared: Dotted names; the name of a nested record stands for all of its fields.

    Raises:
        ValueError: A field is missing, declared twice, or not in the model.
    """
    _require_complete(model, tuple(declared))


@cache  # a connection's tables often declare what those of other connections do
def _require_complete(model: type[CanonicalModel], declared: tuple[str, ...]) -> None:
    twice = {name for name, count in Counter(declared).items() if count > 1}
    if twice:
        raise ValueError(f"{model.__name__}: declared twice: {', '.join(sorted(twice))}")
    # Each with the names that stand for it: its own, and those of the records that it is in.
    leaves = {leaf: set(accumulate(leaf.split("."), "{}.{}".format)) for leaf in leaf_names(model)}
    unknown = [name for name in declared if not any(name in names for names in leaves.values())]
    if unknown:
        from difflib import get_close_matches

        near = [match for name in unknown for match in get_close_matches(name, leaves, 1)]
        meant = f"; did you mean {', '.join(near)}?" if near else ""
        raise ValueError(f"{model.__name__} has no field {', '.join(unknown)}{meant}")
    if missing := sorted(leaf for leaf, names in leaves.items() if names.isdisjoint(declared)):
        raise ValueError(
            f"{model.__name__}: not declared: {', '.join(missing)}. Declare each, or say Unsupported and why"
        )


def leaf_names(model: type[CanonicalModel], place: str = "") -> Iterator[str]:
    """Give the dotted names of all fields, those of nested records instead of the record's own.

    Args:
        model: A canonical model.
        place: What to put in front.
    """
    for name, info in model.model_fields.items():
        nested = [part for part in (info.annotation, *get_args(info.annotation)) if _is_model(part)]
        if nested:
            yield from leaf_names(cast("type[CanonicalModel]", nested[0]), f"{place}{name}.")
        else:
            yield f"{place}{name}"


def _is_model(annotation: Any) -> bool:
    from erpcore.models import CanonicalModel

    return isinstance(annotation, type) and issubclass(annotation, CanonicalModel)
