"""Lists: ``$filter``, ``$orderby`` and pages (OData, as the official pages and clients use it).

Of the filter: ``eq ne gt ge lt le and or``, brackets, ``contains``, ``startswith`` and ``Rows/any(c: …)``.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from erpcore_visma_eaccounting.simulator.errors import QUERY, Refused
from erpcore_visma_eaccounting.simulator.shapes import Shape

Test = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>[(),:])|(?P<literal>-?\d[\w:.+-]*)|(?P<name>[A-Za-z_][\w/-]*))"
)
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_TEXT_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda held, part: part in held,
    "startswith": lambda held, part: held.startswith(part),
}


def refused(text: str) -> Refused:
    """Return the refusal of a query parameter."""
    return Refused(QUERY, f"QueryParameterException - {text}")


def filter_test(text: str, members: Shape, rows: Shape | None, unfilterable: Sequence[str]) -> Test:
    """Read a ``$filter``.

    Args:
        text: The filter.
        members: What the list's records have.
        rows: What their rows have; None where rows cannot be filtered by.
        unfilterable: Members that cannot be filtered by.

    Returns:
        What tells whether a record fits.

    Raises:
        Refused: It is not understood, or names what cannot be filtered by.
    """
    reader = _Reader(_tokens(text), members, rows, unfilterable)
    test = reader.alternatives("")
    if reader.left:
        raise refused(f"Syntax error at '{reader.left[0]}'")
    return test


def sorting(text: str, members: Shape) -> list[tuple[str, bool]]:
    """Read an ``$orderby``.

    Returns:
        Member, and whether it falls.

    Raises:
        Refused: It is not understood.
    """
    found = []
    for part in text.split(","):
        name, *way = part.split()
        if name not in members or way not in ([], ["asc"], ["desc"]):
            raise refused(f"Could not sort by '{part.strip()}'")
        found.append((name, way == ["desc"]))
    return found


class _Reader:
    """Reads tokens by the rules of precedence: ``or`` over ``and`` over what stands alone."""

    def __init__(self, tokens: list[str], members: Shape, rows: Shape | None, unfilterable: Sequence[str]) -> None:
        self.left = tokens
        self._members = members
        self._rows = rows
        self._unfilterable = unfilterable

    def alternatives(self, variable: str) -> Test:
        tests = [self._conjunction(variable)]
        while self._next_is("or"):
            self._take()
            tests.append(self._conjunction(variable))
        return lambda record: any(test(record) for test in tests)

    def _conjunction(self, variable: str) -> Test:
        tests = [self._single(variable)]
        while self._next_is("and"):
            self._take()
            tests.append(self._single(variable))
        return lambda record: all(test(record) for test in tests)

    def _single(self, variable: str) -> Test:
        token = self._take()
        if token == "(":  # noqa: S105 a bracket
            inside = self.alternatives(variable)
            self._take(")")
            return inside
        if token in _TEXT_TESTS:
            return self._text_test(token, variable)
        if token == "Rows/any":  # noqa: S105 a function
            return self._any_row()
        member = self._member(token, variable)
        word = self._take()
        if word not in _COMPARISONS:
            raise refused(f"Syntax error at '{word}'")
        compare, wanted = _COMPARISONS[word], _literal(self._take())

        def test(record: Mapping[str, Any]) -> bool:
            held = _comparable(record.get(member))
            if held is None or wanted is None:
                return compare(held, wanted) if word in ("eq", "ne") else False
            try:
                return compare(held, wanted)
            except TypeError:
                raise refused(f"'{member}' cannot be compared with '{wanted}'") from None

        return test

    def _text_test(self, function: str, variable: str) -> Test:
        self._take("(")
        member = self._member(self._take(), variable)
        self._take(",")
        part = str(_literal(self._take())).lower()
        self._take(")")
        fits = _TEXT_TESTS[function]
        return lambda record: fits(str(record.get(member) or "").lower(), part)

    def _any_row(self) -> Test:
        if self._rows is None:
            raise refused("Could not find a property named 'Rows'")
        self._take("(")
        variable = self._take()
        self._take(":")
        members, self._members = self._members, self._rows
        test = self.alternatives(f"{variable}/")
        self._members = members
        self._take(")")
        return lambda record: any(test(row) for row in record.get("Rows") or [])

    def _member(self, token: str, variable: str) -> str:
        name = token.removeprefix(variable)
        if (variable and name == token) or name not in self._members or name in self._unfilterable:
            raise refused(f"Could not find a property named '{token}'")
        return name

    def _next_is(self, word: str) -> bool:
        return bool(self.left) and self.left[0] == word

    def _take(self, wanted: str | None = None) -> str:
        if not self.left or (wanted is not None and self.left[0] != wanted):
            raise refused(f"Syntax error at '{self.left[0] if self.left else 'the end'}'")
        return self.left.pop(0)


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        if guid := _GUID.match(text, at):
            found.append(guid[0])
            at = guid.end()
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise refused(f"Syntax error at '{text[at:]}'")
        if match.end() == at:
            raise refused(f"Syntax error at '{text[at:]}'")
        found.append(match[0].strip())
        at = match.end()
        while at < len(text) and text[at] == " ":
            at += 1
    return found


def _literal(token: str) -> Any:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'")
    if token in ("true", "false"):
        return token == "true"  # noqa: S105 a literal
    if token == "null":  # noqa: S105 a literal
        return None
    if _GUID.fullmatch(token):
        return token.lower()
    try:
        if re.fullmatch(r"-?\d+(\.\d+)?", token):
            return Decimal(token)
        return _moment(datetime.fromisoformat(token))
    except ValueError:
        raise refused(f"'{token}' is no value") from None


def _comparable(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value


def _moment(value: datetime) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
