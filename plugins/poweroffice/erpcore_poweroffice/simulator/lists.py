"""Lists: filters in the address, the page, the choice and order of members, and the header that leads on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from erpcore.simulator import page_of
from erpcore_poweroffice.simulator.behaviour import Behaviour
from erpcore_poweroffice.simulator.calls import Answer, Call, Refused
from erpcore_poweroffice.simulator.members import Shape, moment, read

DEFAULT_PAGE_SIZE = 5000
MAX_PAGE_SIZE = 20_000

_PARAMETER = "Invalid resourceParameter"
_CAST = "Unable to cast object(s)"


def text(call: Call, name: str) -> str | None:
    """Return a filter's text; None when it is absent or blank, for then the filter is not used."""
    return call.query.get(name.lower(), "").strip() or None


def number(call: Call, name: str) -> int | None:
    """Return a whole number."""
    if (value := text(call, name)) is None:
        return None
    try:
        found: int = read("int", value, lenient=True)
    except ValueError:
        raise _no_value(name, value) from None
    return found


def after(call: Call, name: str) -> datetime | None:
    """Return the moment that something must be later than."""
    if (value := text(call, name)) is None:
        return None
    try:
        return moment(value)
    except ValueError:
        raise _no_value(name, value) from None


def words(call: Call, name: str) -> set[str] | None:
    """Return texts that were separated by commas, in small letters."""
    value = text(call, name)
    return None if value is None else {part.strip().lower() for part in value.split(",") if part.strip()}


def ids(call: Call, name: str) -> list[int] | None:
    """Return ids that were separated by commas.

    Raises:
        Refused: There is something else among them; a range is not allowed (vendor's description).
    """
    if (value := text(call, name)) is None:
        return None
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isdecimal() for part in parts):
        detail = (
            f"{name} contains negative numbers and/or range of numbers. '-' is not allowed, only comma ',' separated "
            "single positive numbers are allowed."
        )
        raise Refused(400, _CAST, detail)
    return [int(part) for part in parts]


def ranges(call: Call, name: str) -> Callable[[int | None], bool] | None:
    """Return a test for numbers and ranges such as ``1-5, 7, 9-``.

    Raises:
        Refused: It is no such text.
    """
    if (value := text(call, name)) is None:
        return None
    spans: list[tuple[int, int | None]] = []
    for part in value.split(","):
        found = re.fullmatch(r"\s*(\d+)\s*(?:(-)\s*(\d+)?)?\s*", part)
        if found is None:
            raise Refused(400, _CAST, f"{name} could not be read as numbers and ranges of numbers: '{value}'.")
        first, dash, last = found.groups()
        spans.append((int(first), (int(last) if last else None) if dash else int(first)))

    def fits(held: int | None) -> bool:
        return held is not None and any(low <= held and (high is None or held <= high) for low, high in spans)

    return fits


def answer(call: Call, behaviour: Behaviour, shape: Shape, rows: Iterable[dict[str, Any]]) -> Answer:
    """Return one page of records as an array, or 204 for none.

    Args:
        call: The request.
        behaviour: Says what is unconfirmed.
        shape: What the records are.
        rows: All records that fit, each with all members that it shows.

    Raises:
        Refused: The page, members or order asked for cannot be.
    """
    for name in call.query:
        if name.startswith("$"):
            raise Refused(400, _PARAMETER, f"{name} is not a parameter of this endpoint.")
    number, size = _page(call, behaviour)
    page = page_of(_ordered(call, shape, list(rows)), number, size)
    chosen = _chosen(call, shape, page.items)
    headers = _pagination(call, behaviour, page.number + 1 if page.has_more else None)
    return Answer(chosen, headers=headers) if chosen else Answer(status=204, headers=headers)


def _page(call: Call, behaviour: Behaviour) -> tuple[int, int]:
    page = _resource_number(call, "PageNumber", 1)
    size = _resource_number(call, "PageSize", DEFAULT_PAGE_SIZE)
    if size > MAX_PAGE_SIZE and behaviour.page_size_above_limit == "refused":
        raise Refused(400, _PARAMETER, f"PageSize can not be larger than {MAX_PAGE_SIZE}.")
    return page, min(size, MAX_PAGE_SIZE)


def _resource_number(call: Call, name: str, default: int) -> int:
    value = text(call, name)
    if value is None:
        return default
    if not value.isdecimal() or int(value) < 1:
        raise Refused(400, _PARAMETER, f"{name} property in resourceParameter is not formatted correct.")
    return int(value)


def _ordered(call: Call, shape: Shape, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = text(call, "OrderBy")
    for part in reversed((wanted or "").split(",") if wanted else []):
        name, _, direction = part.strip().partition(" ")
        member = _member(shape, name)
        if member is None or direction.strip().lower() not in ("", "asc", "desc"):
            raise Refused(400, _PARAMETER, "OrderBy property in resourceParameter is not formatted correct.")
        downwards = direction.strip().lower() == "desc"
        rows.sort(key=lambda row: _sortable(row[member]), reverse=downwards)
    return rows


def _chosen(call: Call, shape: Shape, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = text(call, "Fields")
    if wanted is None:
        return list(rows)
    members = [_member(shape, name.strip()) for name in wanted.split(",")]
    if None in members:
        raise Refused(400, _PARAMETER, "Fields property in resourceParameter is not formatted correct.")
    return [{name: value for name, value in row.items() if name in members} for row in rows]


def _pagination(call: Call, behaviour: Behaviour, next_page: int | None) -> dict[str, str]:
    if next_page is not None:
        query = {name: value for name, value in call.query.items() if name != "pagenumber"}
        link = f"{call.root}{call.here}?{urlencode({**query, 'PageNumber': str(next_page)})}"
        return {"X-Pagination": json.dumps({"nextPageLink": link})}
    match behaviour.last_page:
        case "empty_link":
            return {"X-Pagination": json.dumps({"nextPageLink": ""})}
        case "no_link":
            return {"X-Pagination": json.dumps({})}
    return {}


def _member(shape: Shape, name: str) -> str | None:
    shown = (member.name for member in shape.members.values() if member.shown)
    return next((member for member in shown if member.lower() == name.lower()), None)


def _sortable(value: Any) -> tuple[bool, Any]:
    if value is None:
        return (False, 0)
    return (True, str(value) if isinstance(value, dict | list) else value)


def _no_value(name: str, value: str) -> Refused:
    errors = {name: [f"The value '{value}' is not valid."]}
    return Refused(400, "One or more validation errors occurred.", errors=errors)
