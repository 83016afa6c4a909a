"""Keeping what a simulator holds: Python values as JSON text and back, and the file that the text lies in.

What JSON has is written as itself. What it lacks is an object with one member, whose name begins with ``$``:

==========================  =========================================================================
Decimal                     ``{"$decimal": "12.50"}``
date                        ``{"$date": "2026-03-02"}``
aware datetime              ``{"$datetime": "2026-03-02T09:00:00+00:00"}``; a zone is kept as its offset
tuple, set, frozenset       ``{"$tuple": [...]}``, ``{"$set": [...]}``, ``{"$frozenset": [...]}``
dict with other keys        ``{"$dict": [[key, value], ...]}``; so is one with a key that begins with ``$``
dataclass in the list       ``{"$Deal": {"name": "...", ...}}``
enum in the list            ``{"$Colour": "RED"}``
==========================  =========================================================================

Reading makes nothing but these, so a file that somebody has tampered with can spoil a simulator's records and do no
more. Values are kept, not identities: an object that is reached in two ways comes back as two equal ones. Whoever keeps
records that belong together must therefore let them name each other by id, or hold copies that nobody changes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

_AS_ITSELF = frozenset({str, int, float, bool, type(None)})
_TEXT = frozenset({str})


def to_json(value: Any, kinds: Iterable[type] = ()) -> str:
    """Return a value as JSON text.

    Args:
        value: What the module's table has, nested as deep as it likes but without circles.
        kinds: The dataclasses and enums that may occur.

    Raises:
        TypeError: Something in it has no kept form, or a kind is neither dataclass nor enum.
        ValueError: A datetime is naive, a float is no number, two kinds share a name, or the value has a circle.
    """
    members = {
        kind: None if issubclass(kind, Enum) else [each.name for each in fields(kind)]
        for kind in _by_name(kinds).values()
    }

    # A simulator is kept after each request, so this is written for speed: most values are kept as themselves and
    # are not worth a call.
    def plain(value: Any) -> Any:
        cls = type(value)
        if cls in _AS_ITSELF:
            return value
        if cls is dict:
            if _has_plain_keys(value):
                return {key: item if type(item) in _AS_ITSELF else plain(item) for key, item in value.items()}
            return {"$dict": [[plain(key), plain(item)] for key, item in value.items()]}
        if cls is list:
            return [plain(item) for item in value]
        if cls in members:
            names = members[cls]
            if names is None:
                return {f"${cls.__name__}": value.name}
            held = [(name, getattr(value, name)) for name in names]
            kept = {name: item if type(item) in _AS_ITSELF else plain(item) for name, item in held}
            return {f"${cls.__name__}": kept}
        if cls is Decimal:
            return {"$decimal": str(value)}
        if cls is datetime:
            if value.utcoffset() is None:
                raise ValueError(f"The time {value} has no zone and cannot be kept.")
            return {"$datetime": value.isoformat()}
        if cls is date:
            return {"$date": value.isoformat()}
        if cls is tuple:
            return {"$tuple": [plain(item) for item in value]}
        if cls in (set, frozenset):
            # Sorted, since a set's own order differs from process to process and the file would change with it.
            return {f"${cls.__name__}": sorted((plain(item) for item in value), key=json.dumps)}
        raise TypeError(f"A {cls.__module__}.{cls.__name__} cannot be kept unless it is among the kinds.")

    try:
        return json.dumps(plain(value), allow_nan=False, separators=(",", ":"))
    except RecursionError as error:
        raise ValueError("The value is too deep to be kept, or contains itself.") from error


def from_json(text: str, kinds: Iterable[type] = ()) -> Any:
    """Return the value that `to_json` made the text of.

    Args:
        text: The JSON text.
        kinds: The dataclasses and enums that it may name.

    Raises:
        ValueError: It is no such text: torn, tampered with, or made by another version.
        TypeError: A kind is neither dataclass nor enum.
    """
    named = {f"${name}": kind for name, kind in _by_name(kinds).items()}

    def restored(held: dict[str, Any]) -> Any:
        if len(held) != 1:
            return held
        ((tag, kept),) = held.items()
        if not tag.startswith("$"):
            return held
        if tag in _RESTORERS:
            return _RESTORERS[tag](kept)
        kind = named.get(tag)
        if kind is None:
            raise ValueError(f"there is no kind {tag[1:]}")
        return kind[kept] if issubclass(kind, Enum) else kind(**kept)

    try:
        return json.loads(text, object_hook=restored, parse_constant=_no_constant)
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"The text holds no kept values: {error}.") from error


def write(path: Path, text: str) -> None:
    """Put text in a file that nobody but its owner may read (it holds tokens).

    Whoever reads it, at any moment, finds the old text or the new and never a part. The end of the process loses
    nothing; a power failure may, since nobody waits for the disk.

    Raises:
        OSError: It cannot be written.
    """
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def _by_name(kinds: Iterable[type[Any]]) -> dict[str, type[Any]]:
    named: dict[str, type[Any]] = {}
    for kind in kinds:
        if not is_dataclass(kind) and not issubclass(kind, Enum):
            raise TypeError(f"Dataclasses and enums can be kept; {kind.__name__} is neither.")
        if named.setdefault(kind.__name__, kind) is not kind or f"${kind.__name__}" in _RESTORERS:
            raise ValueError(f"Two kinds cannot share the name {kind.__name__}.")
    return named


def _has_plain_keys(value: dict[Any, Any]) -> bool:
    # A key with a line break before a dollar sign counts as not plain; that costs nothing but the longer form.
    return set(map(type, value)) <= _TEXT and "\n$" not in "\n".join(("", *value))


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise ValueError(f"the time {text} has no zone")
    return moment


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


_RESTORERS: dict[str, Callable[[Any], Any]] = {
    "$decimal": Decimal,
    "$date": date.fromisoformat,
    "$datetime": _aware,
    "$tuple": tuple,
    "$set": set,
    "$frozenset": frozenset,
    "$dict": dict,
}
