"""Canonical models: exact numbers, not shown against empty, organisation numbers, the colours of invoices."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from erpcore.errors import InvalidValueError
from erpcore.models import Customer, Invoice, OrderRow, organisation_number, same_organisation, spellings


def test_a_float_is_refused_where_money_or_quantity_stands() -> None:
    with pytest.raises(ValidationError, match="float cannot hold money"):
        OrderRow(unit_price=0.1)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_a_price_comes_out_as_it_went_in(price: Decimal) -> None:
    assert OrderRow(unit_price=price).unit_price == price
    assert OrderRow.model_validate_json(OrderRow(unit_price=price).model_dump_json()).unit_price == price


def test_not_shown_and_empty_are_told_apart_even_after_storage() -> None:
    hidden, empty = Customer(name="A"), Customer(name="A", phone=None)
    assert not hidden.shown("phone")
    assert empty.shown("phone")
    assert not Customer.model_validate(hidden.model_dump(exclude_unset=True)).shown("phone")


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Customer(nmae="A")


@pytest.mark.parametrize(
    ("text", "digits", "country", "spelling"),
    [
        ("556000-4615", "5560004615", "SE", "556000-4615"),
        (" 5560004615 ", "5560004615", "SE", "556000-4615"),
        ("16556000-4615", "5560004615", "SE", "556000-4615"),
        ("SE556000461501", "5560004615", "SE", "556000-4615"),
        ("19121212-1212", "1212121212", "SE", "121212-1212"),
        ("SE5560004615", "5560004615", "SE", "556000-4615"),
        ("Org.nr: 556000-4615", "5560004615", "SE", "556000-4615"),
        ("Foretaksregisteret NO 923 609 016 MVA", "923609016", "NO", "923 609 016"),
        ("923 609 016", "923609016", "NO", "923 609 016"),
        ("NO923609016MVA", "923609016", "NO", "923 609 016"),
    ],
)
def test_every_spelling_of_an_organisation_number_is_one_number(
    text: str, digits: str, country: str, spelling: str
) -> None:
    number = organisation_number(text)
    assert (number.digits, number.country, str(number)) == (digits, country, spelling)


@pytest.mark.parametrize("text", ["556000-4616", "923609017", "12345", "", "abc", "55600046150"])
def test_a_wrong_organisation_number_says_what_is_wrong_and_what_to_do(text: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        organisation_number(text)
    assert caught.value.field == "organisation_number"
    assert f"“{text}”" in str(caught.value)
    assert "Correct it in the CRM" in str(caught.value)


@given(st.integers(min_value=0, max_value=10**9 - 1), st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_in_a_swedish_number_is_always_noticed(body: int, shift: int) -> None:
    digits = f"{body:09d}"
    valid = [f"{digits}{last}" for last in range(10) if _accepted(f"{digits}{last}")]
    for number in valid:
        wrong = number[:-1] + str((int(number[-1]) + shift) % 10)
        assert not _accepted(wrong)


def _accepted(text: str) -> bool:
    try:
        return organisation_number(text).country == "SE"
    except InvalidValueError:
        return False


def test_two_spellings_are_the_same_and_a_wrong_number_is_like_no_other() -> None:
    assert same_organisation("5560004615", "SE556000461501")
    assert not same_organisation("5560004615", "556016-0680")
    assert same_organisation("HRB 1", "hrb1"), "what nothing is known about is compared as it is written"
    assert same_organisation("1234567-1", "FI12345671")
    assert not same_organisation(None, None)
    assert not same_organisation("", " ")


TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("invoice", "state"),
    [
        (Invoice(booked=True, balance=Decimal(0)), "paid"),
        (Invoice(booked=True, balance=Decimal(5), due_date=TODAY), "open"),
        (Invoice(booked=True, balance=Decimal(5), due_date=date(2026, 11, 21)), "overdue"),
        (Invoice(booked=False, balance=Decimal(5), due_date=date(2020, 1, 1)), "draft"),
        (Invoice(booked=True, cancelled=True, balance=Decimal(0)), "cancelled"),
        (Invoice(booked=True, kind="credit", balance=Decimal(-5)), "credit"),
    ],
)
def test_green_is_paid_yellow_is_open_red_is_past_due(invoice: Invoice, state: str) -> None:
    assert invoice.state(TODAY) == state


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("5567037485", {"556703-7485", "5567037485", "16556703-7485", "165567037485", "SE556703748501"}),
        ("19121212-1212", {"121212-1212", "1212121212", "191212121212", "20121212-1212", "SE121212121201"}),
        ("923609016", {"923609016", "923 609 016", "NO923609016MVA", "923 609 016 MVA"}),
        ("DK25313763", {"25313763", "25 31 37 63", "DK25313763"}),
        ("0112038-9", {"0112038-9", "01120389", "FI01120389"}),
        ("HRB 33175", {"HRB 33175"}),
    ],
)
def test_a_number_is_searched_for_in_the_ways_that_people_write_it(given: str, expected: set[str]) -> None:
    ways = spellings(given)
    assert ways[0] == given
    assert expected <= set(ways)
    assert len(set(ways)) == len(ways)
    assert all(same_organisation(given, each) for each in ways)
