"""Values on the wire: the forms that the same value comes in, and the moments and numbers that go out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from erpcore_fortnox import values
from erpcore_fortnox.countries import country_code, country_name
from hypothesis import given, strategies as st

from erpcore.fields import OMIT

STOCKHOLM = ZoneInfo("Europe/Stockholm")
OVERLAP = timedelta(minutes=2)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (1, Decimal(1)),
        ("2.50", Decimal("2.50")),
        (Decimal("-0.0"), Decimal(0)),
        (" 7 ", Decimal(7)),
        ("", OMIT),
        ("API_NORIGHT", OMIT),
        ("NaN", OMIT),
        (True, OMIT),
    ],
)
def test_numbers_come_as_number_or_text_or_not_at_all(raw: Any, read: Any) -> None:
    assert values.number(raw) == read
    assert str(values.number(raw)) != "-0.0"


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_a_quantity_goes_out_exactly_and_without_exponent(quantity: Decimal) -> None:
    text = values.digits(quantity)
    assert "E" not in text
    assert values.number(text) == quantity


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("", None),
        ("API_NORIGHT", OMIT),
        ("A &amp; B", "A & B"),
        ("R&D &copy", "R&D &copy"),
        ("&#39;x&quot;", "'x\""),
        (7, "7"),
    ],
)
def test_texts_lose_their_entities_and_nothing_else(raw: Any, read: Any) -> None:
    assert values.text(raw) == read


def test_flags_dates_and_references_come_in_two_forms_each() -> None:
    assert [values.flag(raw) for raw in (True, "true", "False", "maybe")] == [True, True, False, OMIT]
    assert values.day("2026-11-22") == date(2026, 11, 22)
    assert values.day("") is None
    assert [values.document_number(raw) for raw in (0, "0", "", "12", 12)] == [None, None, None, "12", "12"]
    assert values.whole("3") == values.whole(3) == 3
    assert values.whole("x") is None


@pytest.mark.parametrize(
    ("written", "dashed", "plain"),
    [
        ("5560360793", "556036-0793", "5560360793"),
        ("16556036-0793", "556036-0793", "5560360793"),
        ("SE556036079301", "556036-0793", "5560360793"),
        ("DE 123456", "DE 123456", "DE123456"),
        ("1234567890", "1234567890", "1234567890"),
    ],
)
def test_organisation_numbers_go_out_in_one_spelling(written: str, dashed: str, plain: str) -> None:
    assert values.dashed_organisation_number(written) == dashed
    assert values.plain_organisation_number(written) == plain


@pytest.mark.parametrize(
    ("since", "asked"),
    [
        (datetime(2026, 1, 15, 12, 0, 5, tzinfo=UTC), "2026-01-15 12:58:05"),
        (datetime(2026, 7, 15, 12, 0, 5, tzinfo=UTC), "2026-07-15 13:58:05"),
        # The hour that comes twice, 25 October 2026: the hour before it, whichever of the two is meant.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25 01:28:00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25 01:28:00"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "2026-10-25 03:28:00"),
        # The hour that is missing, 29 March 2026.
        (datetime(2026, 3, 29, 1, 1, tzinfo=UTC), "2026-03-29 01:59:00"),
    ],
)
def test_changes_are_asked_for_in_swedish_time_with_an_overlap(since: datetime, asked: str) -> None:
    assert values.last_modified(since, STOCKHOLM, OVERLAP) == asked


@given(st.integers(0, 3 * 365 * 86400))
def test_no_reading_of_the_moment_comes_after_it(seconds: int) -> None:
    since = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    asked = datetime.fromisoformat(values.last_modified(since, STOCKHOLM, OVERLAP))
    for fold in (0, 1):
        assert asked.replace(tzinfo=STOCKHOLM, fold=fold).astimezone(UTC) <= since - OVERLAP


def test_countries_have_codes_on_customers_and_names_on_documents() -> None:
    assert country_name("SE") == "Sverige"
    assert country_name("XX") is None
    assert [country_code(name) for name in ("Sverige", "sweden", "Norway", "Atlantis")] == ["SE", "SE", "NO", None]
