"""What all plugins read alike: numbers, keys, days, currencies, and a whole record."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from erpcore.errors import InvalidValueError, MalformedReplyError
from erpcore.fields import (
    OMIT,
    Field,
    FieldMap,
    Unsupported,
    account_number,
    canonical,
    currency_code,
    day,
    exact,
    flag,
    identifier,
    leaf_names,
    number,
    require_sense,
)
from erpcore.models import Check, OrderRow, RegisterEntry

ODD = ["1,5", "kr", True, [1], {}, "NaN", "Infinity", "1e400000000", 0.1]


@given(st.decimals(-(10**20), 10**20, places=8))
def test_numbers_stay_exact(told: Decimal) -> None:
    assert number(told) == exact(told) == number(f" {told} ") == told
    assert str(number(Decimal("12345678901234567890123456789.10"))) == "12345678901234567890123456789.10"
    assert str(number(Decimal("-0.00"))) == "0.00"


@pytest.mark.parametrize("raw", ODD, ids=str)
def test_what_is_no_number_is_not_shown_or_a_persons_to_mend(raw: Any) -> None:
    assert number(raw) is OMIT
    with pytest.raises(InvalidValueError, match="is no number"):
        exact(raw)


def test_a_blank_amount_is_empty() -> None:
    assert exact(" ") is None
    assert number(" ") is OMIT


def test_a_blank_key_names_nothing_and_says_no_more() -> None:
    assert [identifier(raw) for raw in (7, " x ", "", " ", True, {}, None)] == ["7", "x", OMIT, OMIT, OMIT, OMIT, OMIT]


def test_an_account_is_digits() -> None:
    assert account_number("3001") == 3001
    for odd in ("sales", "30.01", "", "٣"):
        with pytest.raises(InvalidValueError, match="no account number"):
            account_number(odd)


def test_a_row_that_says_nothing_or_would_cost_nothing_is_refused() -> None:
    require_sense(OrderRow(description="Delivered to the back door"), 0)
    require_sense(OrderRow(article_number="A-1", quantity=Decimal(0)), 0)
    with pytest.raises(InvalidValueError, match="Row 3 has neither a text nor an article") as nothing:
        require_sense(OrderRow(), 2)
    with pytest.raises(InvalidValueError, match="Row 1 has a price or an article, but no quantity") as free:
        require_sense(OrderRow(article_number="A-1"), 0)
    assert [caught.value.field for caught in (nothing, free)] == ["rows[2].description", "rows[0].quantity"]


def test_a_check_that_fails_is_told_as_one() -> None:
    def broken() -> tuple[str, str]:
        raise InvalidValueError("There is no price list A.")

    assert Check.of("units", lambda: ("warning", "None.")) == Check(name="units", state="warning", detail="None.")
    assert Check.of("price list", broken).state == "error"
    assert "no price list A" in Check.of("price list", broken).detail


def test_days_flags_and_currencies() -> None:
    assert [day("2026-11-22"), day("2026-11-22T14:03:07+01:00"), day("")] == [date(2026, 11, 22)] * 2 + [None]
    assert [flag(raw) for raw in (True, False, "true", 1)] == [True, False, OMIT, OMIT]
    assert [currency_code(" sek "), currency_code("")] == ["SEK", None]
    for odd in ("kronor", "S€K", "SE1"):
        with pytest.raises(InvalidValueError, match="three-letter code"):
            currency_code(odd)


def terms(**read: Any) -> FieldMap[RegisterEntry]:
    rest = [
        Unsupported(name, reason="no place")
        for name in leaf_names(RegisterEntry)
        if name not in ("code", "days", "name")
    ]
    return FieldMap(RegisterEntry, [Field("code", "Code"), Field("days", "Days", **read), Field("name", "Name"), *rest])


def test_a_record_that_cannot_be_read_is_told_with_its_place_and_nothing_of_its_values() -> None:
    with pytest.raises(MalformedReplyError) as caught:
        canonical(terms(), {"Code": "30", "Name": "30 days", "Days": "a secret"}, "terms 30")
    assert str(caught.value).startswith("terms 30: The system shows it in a form that is not known (an odd days).")
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_what_a_person_filled_in_wrongly_names_the_record() -> None:
    with pytest.raises(InvalidValueError) as caught:
        canonical(terms(read=exact), {"Code": "30", "Name": "30 days", "Days": "soon"}, "terms 30")
    assert caught.value.record == "terms 30"
