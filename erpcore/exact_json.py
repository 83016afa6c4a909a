"""JSON with exact numbers: Decimal goes out as a number and comes in as Decimal, never through a float.

The standard library reads exactly (`parse_float`) but cannot write a Decimal as a number, and pydantic writes it as
text. A writer for JSON's few kinds of value is shorter than a dependency for it (simplejson), and it refuses floats.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

_PLAIN_UP_TO = 40
_DEEPEST = 50


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _reader(made: Callable[[dict[str, Any]], Any] | None = None) -> Callable[[str], Any]:
    return json.JSONDecoder(object_hook=made, parse_float=Decimal, parse_constant=_refuse_constant).decode


# Made once: `json.dumps` and `json.loads` make one for each value where they are asked for anything unusual.
_plain = json.JSONEncoder(ensure_ascii=False).encode
_read = _reader()


def to_json(value: Any) -> bytes:
    """Write a value as UTF-8 JSON.

    Args:
        value: Mappings with text keys, lists, tuples, text, bool, int, Decimal, None.

    Raises:
        TypeError: Anything else, also a float: it cannot hold money exactly.
        ValueError: A Decimal that is not a finite number.
    """
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts).encode()


def from_json(body: bytes, made: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """Read JSON; numbers with a point or an exponent become Decimal, others int.

    Args:
        body: UTF-8 (with or without a byte order mark), UTF-16 or UTF-32.
        made: What becomes of each object; a dict when left out.

    Raises:
        ValueError: Not JSON, nested too deep, or with the non-numbers that JSON does not know.
    """
    try:
        read = _read if made is None else _reader(made)
        return read(body.decode(json.detect_encoding(body), "surrogatepass"))
    except RecursionError:
        raise ValueError("nested too deep") from None
    except ArithmeticError:
        raise ValueError("a number that is too large") from None


def storable(value: Any) -> bool:
    """Tell whether a database takes a JSON value: no text in it has a zero byte or half a character, and it nests no
    deeper than anything that means something."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        inner, depth = waiting.pop()
        if depth > _DEEPEST:
            return False
        if isinstance(inner, str):
            if "\x00" in inner or any("\ud800" <= letter <= "\udfff" for letter in inner):
                return False
        elif isinstance(inner, dict):
            waiting += [(each, depth + 1) for pair in inner.items() for each in pair]
        elif isinstance(inner, list):
            waiting += [(each, depth + 1) for each in inner]
    return True


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is not a number that JSON can hold")
    # Without an exponent where that is readable: it is JSON too, but not every vendor's reader takes it.
    return format(value, "f") if abs(value.adjusted()) <= _PLAIN_UP_TO else str(value)


def _write(value: Any, parts: list[str]) -> None:
    if isinstance(value, Decimal):
        parts.append(_number(value))
    elif isinstance(value, float):
        raise TypeError("a float cannot hold money or a quantity exactly: use Decimal")
    elif value is None or isinstance(value, str | int):
        parts.append(_plain(value))
    elif isinstance(value, Mapping):
        _write_object(value, parts)
    elif isinstance(value, list | tuple):
        parts.append("[")
        for place, item in enumerate(value):
            if place:
                parts.append(",")
            _write(item, parts)
        parts.append("]")
    else:
        raise TypeError(f"{type(value).__name__} has no JSON form here: the plugin's field map gives it one")


def _write_object(value: Mapping[Any, Any], parts: list[str]) -> None:
    parts.append("{")
    for place, (name, item) in enumerate(value.items()):
        if not isinstance(name, str):
            raise TypeError(f"a JSON member needs a text name, not {name!r}")
        if place:
            parts.append(",")
        parts.append(_plain(name) + ":")
        _write(item, parts)
    parts.append("}")
