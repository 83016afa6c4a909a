"""Lists: filters, substring search, `lastmodified`, sorting and paging (developer guide, Parameters)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from erpcore.simulator import Page, page_of
from erpcore_fortnox.simulator.books import STOCKHOLM, Books, Record
from erpcore_fortnox.simulator.errors import Refused

DEFAULT_LIMIT = 100
MAX_LIMIT = 500

_EVERYWHERE = frozenset({"page", "limit", "sortby", "sortorder", "filter"})
_MOMENTS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")

Read = Callable[[Record], Any]
Test = Callable[[Record, str], bool]


@dataclass(frozen=True)
class ListRules:
    """What one resource's list can do.

    Attributes:
        texts: Search parameter to the value that it is searched in, as a substring without regard to case.
        tests: Parameters with a rule of their own.
        states: The values that `filter` takes.
        sorts: The values that `sortby` takes.
        by_default: What is sorted by when nobody says.
        modified: Whether `lastmodified` is known.
    """

    texts: Mapping[str, Read] = field(default_factory=dict)
    tests: Mapping[str, Test] = field(default_factory=dict)
    states: Mapping[str, Callable[[Record], bool]] = field(default_factory=dict)
    sorts: Mapping[str, Read] = field(default_factory=dict)
    by_default: Read = lambda record: ""
    modified: bool = True


def listed(
    envelope: str,
    records: Iterable[Record],
    rules: ListRules,
    query: Mapping[str, str],
    books: Books,
    show: Callable[[Record], dict[str, Any]],
) -> dict[str, Any]:
    """Return a list reply.

    Args:
        envelope: The plural name.
        records: All there are.
        rules: What the list can do.
        query: The request's parameters; names are lower case.
        books: For the time and the switches.
        show: Makes the short form of one record.

    Raises:
        Refused: A parameter or its value is not known here.
    """
    now = books.now()
    found = [record for record in records if record.listed_from <= now]
    for name, value in query.items():
        found = _narrowed(found, name, value, rules)
    found.sort(key=_sort_key(rules, query), reverse=_is_descending(query))
    page = page_of(found, _whole(query, "page", 1), min(_whole(query, "limit", DEFAULT_LIMIT), MAX_LIMIT))
    return {"MetaInformation": _meta(page, books), envelope: [show(record) for record in page.items]}


def member(name: str) -> Read:
    """Return a reader of one member as text."""
    return lambda record: record.values.get(name)


def by_number(name: str) -> Read:
    """Return a sort key that puts 2 before 10, and numbers before other texts."""

    def key(record: Record) -> tuple[int, int, str]:
        text = str(record.values[name])
        return (0, int(text), "") if text.isascii() and text.isdigit() else (1, 0, text.lower())

    return key


def read_moment(text: str) -> datetime:
    """Read a `lastmodified`: a date, with minutes, or with seconds; Swedish time without a zone.

    In the repeated hour of autumn the second of the two is taken (unconfirmed): whoever means the first, and does not
    ask for the hour before it, misses what was changed in it.

    Raises:
        Refused: It has another form.
    """
    for form in _MOMENTS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=STOCKHOLM, fold=1)
        except ValueError:
            continue
    raise Refused("parameter", "lastmodified")


def _narrowed(found: list[Record], name: str, value: str, rules: ListRules) -> list[Record]:
    if name in rules.texts:
        wanted, read = value.lower(), rules.texts[name]
        return [record for record in found if wanted in str(read(record) or "").lower()]
    if name in rules.tests:
        return [record for record in found if rules.tests[name](record, value)]
    if name == "lastmodified" and rules.modified:
        since = read_moment(value)
        return [record for record in found if record.changed_at.replace(microsecond=0) >= since]
    if name == "filter":
        if value not in rules.states:
            raise Refused("filter")
        return [record for record in found if rules.states[value](record)]
    if name not in _EVERYWHERE:
        raise Refused("parameter")
    return found


def _sort_key(rules: ListRules, query: Mapping[str, str]) -> Read:
    if "sortby" not in query:
        return rules.by_default
    if query["sortby"] not in rules.sorts:
        raise Refused("sort")
    return rules.sorts[query["sortby"]]


def _is_descending(query: Mapping[str, str]) -> bool:
    order = query.get("sortorder", "ascending")
    if order not in ("ascending", "descending", "asc", "desc"):
        raise Refused("parameter", "sortorder")
    return order.startswith("desc")


def _meta(page: Page[Record], books: Books) -> dict[str, Any]:
    if page.number > max(page.pages, 1) and books.behaviour.page_beyond_last == "refused":
        raise Refused("parameter", "page")
    meta = {"@TotalResources": page.total, "@TotalPages": page.pages, "@CurrentPage": page.number}
    return {name: str(value) for name, value in meta.items()} if books.behaviour.meta_as_strings else dict(meta)


def _whole(query: Mapping[str, str], name: str, otherwise: int) -> int:
    text = query.get(name, str(otherwise))
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise Refused("parameter", name)
    return int(text)
