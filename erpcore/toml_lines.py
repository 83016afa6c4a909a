"""On which line of a TOML text a setting stands; `tomllib` does not tell."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any


def lines_of_settings(text: str) -> dict[tuple[str, ...], int]:
    """Find the line of each table and key.

    The text is taken apart into statements (a header, or a key with its value, which may go over several lines): a
    statement ends with the first line at which it is complete TOML. So nothing of the syntax is read here but the two
    kinds of statement; `tomllib` reads the rest.

    Args:
        text: TOML that is free of errors.

    Returns:
        Path of the table or key to its first line, from 1.
    """
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    statement, start = "", 1
    for number, line in enumerate(text.splitlines(), start=1):
        if not statement:
            start = number
        statement += f"{line}\n"
        try:
            data = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # not complete yet: the value goes on
        if statement.lstrip().startswith("["):
            table = _deepest(data)
            for length in range(1, len(table) + 1):
                found.setdefault(table[:length], start)
        else:
            for path in _paths(data):
                found.setdefault((*table, *path), start)
        statement = ""
    return found


def _deepest(data: Any) -> tuple[str, ...]:
    if isinstance(data, list):  # a header of a table in an array: [[name]]
        return _deepest(data[-1])
    return next(((name, *_deepest(inner)) for name, inner in data.items()), ())


def _paths(data: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, value in data.items():
        yield (name,)
        if isinstance(value, dict):
            for path in _paths(value):
                yield (name, *path)
