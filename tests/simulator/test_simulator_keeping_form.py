"""The kept form: which values come back, and what is refused."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from erpcore.simulator.keeping import from_json, to_json, write


class Colour(Enum):
    RED = 1
    GREEN = 2


@dataclass(frozen=True)
class Row:
    price: Decimal
    colour: Colour | None = None


@dataclass
class Deal:
    name: str
    rows: list[Row] = field(default_factory=list)


KINDS = (Colour, Row, Deal)

_HASHABLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["$", "$decimal", "$Deal", "a\n$b"])
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3, minutes=-30))]))
    | st.sampled_from(Colour)
    | st.builds(Row, st.decimals(allow_nan=False), st.none() | st.sampled_from(Colour)),
    lambda inner: st.lists(inner).map(tuple) | st.frozensets(inner),
    max_leaves=5,
)
_VALUES = st.recursive(
    _HASHABLE | st.sets(_HASHABLE) | st.builds(Deal, st.text(), st.lists(st.builds(Row, st.decimals(allow_nan=False)))),
    lambda inner: st.lists(inner) | st.dictionaries(_HASHABLE, inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


class TestKeptForm:
    @settings(max_examples=60, deadline=None)
    @given(_VALUES)
    def test_every_value_comes_back_in_its_own_type(self, value: Any) -> None:
        back = from_json(to_json(value, KINDS), KINDS)
        assert back == value
        assert _typed(back) == _typed(value)

    def test_is_readable(self) -> None:
        value = {"deals": {7: Deal("Ö", [Row(Decimal("1.50"), Colour.RED)])}, "won": date(2026, 3, 2)}
        row = '{"$Row":{"price":{"$decimal":"1.50"},"colour":{"$Colour":"RED"}}}'
        deals = f'{{"$dict":[[7,{{"$Deal":{{"name":"\\u00d6","rows":[{row}]}}}}]]}}'
        assert to_json(value, KINDS) == f'{{"deals":{deals},"won":{{"$date":"2026-03-02"}}}}'

    def test_sets_are_the_same_text_whatever_their_order(self) -> None:
        one, other = {0, 8}, {8, 0}
        assert list(one) != list(other), "equal sets that are walked differently"
        assert to_json(one) == to_json(other)

    def test_what_has_no_form_is_refused(self) -> None:
        circle: list[Any] = []
        circle.append(circle)
        wrong: list[tuple[Any, type[Exception], str]] = [
            (circle, ValueError, "contains itself"),
            (datetime(2026, 3, 2), ValueError, "has no zone"),  # noqa: DTZ001 naive is the point
            (float("nan"), ValueError, "not JSON compliant"),
            (object(), TypeError, r"builtins\.object cannot be kept"),
            ({"a": [Row(Decimal(1))]}, TypeError, "Row cannot be kept"),
            (b"raw", TypeError, "bytes cannot be kept"),
        ]
        for value, error, says in wrong:
            with pytest.raises(error, match=says):
                to_json(value)

    def test_what_was_not_made_by_it_is_refused(self) -> None:
        for text in (
            '{"torn": ',
            '{"$Popen": {"args": "true"}}',
            '{"$Deal": {"title": "unknown member"}}',
            '{"$Deal": "no members"}',
            '{"$Colour": "BLUE"}',
            '{"$decimal": "twelve"}',
            '{"$datetime": "2026-03-02T09:00:00"}',
            '{"$date": "yesterday"}',
            '{"$dict": [[1]]}',
            '{"$set": [[]]}',
            "NaN",
        ):
            with pytest.raises(ValueError, match="holds no kept values"):
                from_json(text, KINDS)

    def test_kinds_are_told_apart_by_name(self) -> None:
        other = type("Deal", (Deal,), {})
        with pytest.raises(ValueError, match="share the name Deal"):
            to_json(1, [Deal, other])
        with pytest.raises(TypeError, match="Path is neither"):
            from_json("1", [Path])


def test_write_is_private_and_leaves_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_text("old")
    path.chmod(0o644)
    (tmp_path / "kept.json.new").write_text("left over by a killed process")
    write(path, "new ö")
    assert path.read_text(encoding="utf-8") == "new ö"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def _typed(value: Any) -> Any:
    """A form in which 1, True and Decimal(1) differ."""
    if isinstance(value, dict):
        return "dict", [(_typed(key), _typed(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [_typed(item) for item in value]
    if isinstance(value, set | frozenset):
        return type(value), sorted(repr(_typed(item)) for item in value)
    if isinstance(value, Deal):
        return Deal, value.name, _typed(value.rows)
    return type(value), repr(value) if not isinstance(value, datetime) else value.isoformat()
