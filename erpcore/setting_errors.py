"""What is wrong with settings, as sentences for a person: each finding of pydantic becomes one error of ours.

Also on which line of the file a setting stands, which `tomllib` does not tell.
"""

from __future__ import annotations

import difflib
import tomllib
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from erpcore.errors import ConfigurationError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_UNKNOWN = "extra_forbidden"
_WORDS = {
    "extra_forbidden": "there is no such setting.",
    "missing": "this setting is missing.",
    "string_pattern_mismatch": "this is not written as it must be.",
    "string_type": "this must be text, in quotation marks.",
    "bool_parsing": "this must be true or false.",
    "bool_type": "this must be true or false.",
    "int_parsing": "this must be a whole number.",
    "int_from_float": "this must be a whole number.",
    "int_type": "this must be a whole number.",
    "float_parsing": "this must be a number.",
    "float_type": "this must be a number.",
    "decimal_parsing": "this must be a number.",
    "date_parsing": "this must be a day, written as 2026-11-30.",
    "date_from_datetime_parsing": "this must be a day, written as 2026-11-30.",
    "date_type": "this must be a day, written as 2026-11-30.",
    "literal_error": "this must be {expected}.",
    "enum": "this must be {expected}.",
    "greater_than": "this must be greater than {gt}.",
    "greater_than_equal": "this must be {ge} or more.",
    "less_than": "this must be less than {lt}.",
    "less_than_equal": "this must be {le} or less.",
    "tuple_type": "this must be a list, in square brackets.",
    "list_type": "this must be a list, in square brackets.",
    "model_type": "this must be a table of settings.",
    "dict_type": "this must be a table of settings.",
}


def setting_errors(
    error: ValidationError, model: type[BaseModel], table: tuple[str, ...] = ()
) -> list[tuple[ConfigurationError, ErrorDetails]]:
    """Tell everything that a model found, without the values, which may be secrets.

    Args:
        error: What the model said.
        model: The model, for what may have been meant.
        table: Path of the table that the model is of.

    Returns:
        One error each, with its dotted name, and what pydantic said. An unknown name is mostly a misspelt one, and then
        the cause of another that is missing, which is left out.
    """
    details = error.errors(include_url=False, include_input=False)
    unknown = [detail for detail in details if detail["type"] == _UNKNOWN]
    meant = {
        (*detail["loc"][:-1], _closest(str(detail["loc"][-1]), known_names(model, detail["loc"][:-1])))
        for detail in unknown
    }
    others = [
        detail
        for detail in details
        if detail["type"] != _UNKNOWN and not (detail["type"] == "missing" and detail["loc"] in meant)
    ]
    return [(_error(detail, model, table), detail) for detail in (*unknown, *others)]


def suggest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Ask whether the closest of the known names was meant; None when none is close.

    Args:
        word: What was written.
        known: What may be written.
        cutoff: How close, from 0 to 1 (`difflib.get_close_matches`).
    """
    close = _closest(word, known, cutoff)
    return f"Did you mean “{close}”?" if close else None


def known_names(model: type[BaseModel], path: Iterable[str | int]) -> list[str]:
    """Give the names that may stand in a table.

    Args:
        model: The model of the whole.
        path: The table inside it.
    """
    inner = _inner(model, path)
    return list(inner.model_fields) if inner is not None else []


def _error(detail: ErrorDetails, model: type[BaseModel], table: tuple[str, ...]) -> ConfigurationError:
    path = tuple(str(part) for part in detail["loc"] if part != "[key]")
    message, advice = _words_for(detail), None
    if detail["type"] == _UNKNOWN:
        name = path[-1]
        advice = _belongs_inside(model, table, path) or suggest(name, known_names(model, path[:-1]))
    elif "[key]" in detail["loc"]:
        message = "a name is made of small letters, digits and _, and begins with a letter."
    elif detail["type"] == "string_pattern_mismatch":
        advice = f"It must match {detail['ctx']['pattern']}."
    return ConfigurationError(message, setting=".".join((*table, *path)), advice=advice)


def _belongs_inside(model: type[BaseModel], table: tuple[str, ...], path: tuple[str, ...]) -> str | None:
    """Say that a name belongs to an inner table, whose heading may be a comment still."""
    outer = _inner(model, path[:-1])
    for name, info in outer.model_fields.items() if outer is not None else ():
        kind = _unwrap(info.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel) and path[-1] in kind.model_fields:
            heading = ".".join((*table, *path[:-1], name))
            return f"It belongs under [{heading}]: remove the # in front of that line too."
    return None


def _closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=cutoff)), None)


def _inner(model: type[BaseModel], path: Iterable[str | int]) -> type[BaseModel] | None:
    kind: Any = model
    for part in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(part))
            kind = None if field is None else _unwrap(field.annotation)
        elif get_origin(kind) in (dict, Mapping):
            kind = _unwrap(get_args(kind)[1])
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _unwrap(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        return next((part for part in get_args(annotation) if part is not type(None)), None)
    return annotation


def _words_for(detail: ErrorDetails) -> str:
    """Say what is wrong with a setting; the value itself is left out, since it may be a secret.

    Args:
        detail: One finding of pydantic's `ValidationError.errors`.

    Returns:
        A sentence that begins with a small letter, for after the setting's name.
    """
    if detail["type"] in ("string_too_short", "too_short"):
        least = detail.get("ctx", {}).get("min_length")
        return "this is empty; fill it in." if least == 1 else f"this is too short: it must be {least} long at least."
    words = _WORDS.get(detail["type"])
    if words is None:
        # A rule of erpcore's or the plugin's own says it in its own words.
        return detail["msg"].removeprefix("Value error, ").rstrip(".") + "."
    return words.format_map(detail.get("ctx", {}))


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
