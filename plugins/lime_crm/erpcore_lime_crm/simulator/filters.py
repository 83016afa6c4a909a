"""Which objects a list or a query asks for."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from .account import ZONE, LimeObject
from .views import Views

Test = Callable[[LimeObject], bool]

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_PREFIXES = {"min-": ">=", "max-": "<=", "not-": "!="}


def list_filter(views: Views, limetype: str, params: Iterable[tuple[str, str]]) -> Test:
    """Read a list's filters: ``{prop}=``, ``min-{prop}=``, ``max-{prop}=``, ``not-{prop}=``, all of which must fit.

    Args:
        views: Gives members by their public names.
        limetype: Standard name of the limetype.
        params: The query parameters that do not begin with an underscore.

    Raises:
        ValueError: A property is not there, or a value does not fit it.
    """
    tests = []
    for name, value in params:
        prefix = next((each for each in _PREFIXES if name.startswith(each)), "")
        tests.append(_comparison(views, limetype, name.removeprefix(prefix), _PREFIXES.get(prefix, "="), value))
    return lambda thing: all(test(thing) for test in tests)


def query_filter(views: Views, limetype: str, wanted: Any) -> Test:
    """Read a query's filter: a leaf ``{"key", "op", "exp"}``, or leaves under ``AND``, ``OR`` or ``!``.

    Lime's own examples show leaves only; how others are spelt is not published.

    Raises:
        ValueError: It is no such filter.
    """
    if not isinstance(wanted, dict) or "op" not in wanted or "exp" not in wanted:
        raise ValueError("a filter needs op and exp")
    op, exp = wanted["op"], wanted["exp"]
    if op in ("AND", "OR", "IN") and not isinstance(exp, list):
        raise ValueError(f"{op} needs a list")
    if op in ("AND", "OR"):
        inner = [query_filter(views, limetype, each) for each in exp]
        whether = all if op == "AND" else any
        return lambda thing: whether(test(thing) for test in inner)
    if op == "!":
        test = query_filter(views, limetype, exp)
        return lambda thing: not test(thing)
    if not isinstance(wanted.get("key"), str):
        raise ValueError("a filter needs a key")
    if op == "IN":
        each_of = [_comparison(views, limetype, wanted["key"], "=", each) for each in exp]
        return lambda thing: any(test(thing) for test in each_of)
    if not isinstance(op, str) or op not in _COMPARISONS:
        raise ValueError(f"there is no operator {op}")
    return _comparison(views, limetype, wanted["key"], op, exp)


def _comparison(views: Views, limetype: str, name: str, op: str, value: Any) -> Test:
    if not name.startswith("_") and views.property(limetype, name) is None:
        raise ValueError(f"there is no property {name}")
    compare = _COMPARISONS[op]

    def test(thing: LimeObject) -> bool:
        held = views.member(thing, name)
        wanted = _like(held, value)
        if held is None or wanted is None:
            return compare(held, wanted) if op in ("=", "!=") else False
        return compare(held, wanted)

    return test


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError("it is no number")
    return number


def _like(held: Any, value: Any) -> Any:
    """Read a filter's value as the kind of the value that it is compared with."""
    try:
        match held:
            case bool():
                return value if isinstance(value, bool) else str(value).lower() in ("true", "1")
            case datetime():
                moment = datetime.fromisoformat(str(value))
                return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
            case date():
                return date.fromisoformat(str(value))
            case int() | Decimal():
                return _number(str(value))
            case None:
                return None if value in (None, "") else value
    except (ValueError, InvalidOperation) as error:
        raise ValueError(f"{value!r} cannot be compared: {error}") from error
    return str(value)
