"""Which objects a list or a query asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from .account import ZONE, LimeObject
from .views import Views

Test = Callable[[LimeObject], bool]


def list_filter(views: Views, limetype: str, params: Iterable[tuple[str, str]]) -> Test:
    """Read a list's filters, ``{prop}={value}``, all of which must fit.

    Args:
        views: Gives members by their public names.
        limetype: Standard name of the limetype.
        params: The query parameters that do not begin with an underscore.

    Raises:
        ValueError: A property is not there.
    """
    wanted = list(params)
    for name, _ in wanted:
        if views.property(limetype, name) is None:
            raise ValueError(f"there is no property {name}")
    return lambda thing: all(_text(views.member(thing, name)) == value for name, value in wanted)


def query_filter(wanted: Any) -> Test:
    """Read a query's filter: a leaf that asks for what changed after a moment.

    Raises:
        ValueError: It is no such filter.
    """
    if not isinstance(wanted, dict) or wanted.get("key") != "_timestamp" or wanted.get("op") != ">":
        raise ValueError("the filter is not understood")
    moment = datetime.fromisoformat(str(wanted.get("exp")))
    since = moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
    return lambda thing: thing.timestamp > since


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
