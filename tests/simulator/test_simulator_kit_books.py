"""The kit's parts for what a simulator keeps: numbering, ledger of payments, rounding, pages, seeds, switches."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import pytest
from hypothesis import given, strategies as st

from erpcore.simulator import (
    LEDGER_KINDS,
    Ledger,
    Numbering,
    SeriesExhausted,
    SwitchBoard,
    no_strangers,
    page_of,
    put_records,
    rounded,
)
from erpcore.simulator.keeping import from_json, to_json

FIRST = date(2026, 11, 1)
DAYS = st.integers(0, 5).map(lambda days: FIRST + timedelta(days=days))
AMOUNTS = st.decimals(-1000, 1000, places=2)


class TestNumbering:
    def test_series_count_each_for_itself_from_their_first_numbers(self) -> None:
        numbering = Numbering({"orders": 5001})
        assert [numbering.next(series) for series in ("orders", "rows", "orders", "rows")] == [5001, 1, 5002, 2]

    @given(st.lists(st.sampled_from(["next", "free", "restart"])), st.sets(st.integers(1, 12)))
    def test_no_number_is_given_twice_and_a_free_one_is_free(self, steps: list[str], taken: set[int]) -> None:
        numbering, given_out = Numbering(), []
        for step in steps:
            if step == "restart":
                kept = from_json(to_json(numbering.memory()))
                numbering = Numbering()
                numbering.remember(kept)
            elif step == "free":
                given_out.append(numbering.next_free("customers", taken.__contains__))
                assert given_out[-1] not in taken
            else:
                given_out.append(numbering.next("customers"))
        assert given_out == sorted(set(given_out))

    @given(st.integers(1, 30), st.integers(0, 8), st.sets(st.integers(1, 40)))
    def test_a_series_with_an_end_gives_its_free_numbers_and_then_says_so(
        self, start: int, length: int, taken: set[int]
    ) -> None:
        numbering, within = Numbering(), range(start, start + length)
        for free in (number for number in within if number not in taken):
            assert numbering.next_free("customers", taken.__contains__, within) == free
        before = numbering.memory()
        with pytest.raises(SeriesExhausted, match=f"customers has no free number up to {start + length - 1}"):
            numbering.next_free("customers", taken.__contains__, within)
        assert numbering.memory() == before

    def test_a_longer_series_goes_on_behind_the_last_number(self) -> None:
        numbering = Numbering()
        assert numbering.next_free("customers", {10}.__contains__, range(10, 12)) == 11
        assert numbering.next_free("customers", {10}.__contains__, range(5, 14)) == 12

    def test_cleared_it_begins_anew(self) -> None:
        numbering = Numbering({"deals": 850})
        numbering.next("deals")
        numbering.clear()
        assert numbering.next("deals") == 850


class TestLedger:
    def test_a_part_payment_leaves_the_rest_from_its_day_on(self) -> None:
        ledger: Ledger[str] = Ledger()
        ledger.owe("1", Decimal(1250))
        ledger.settle("1", Decimal(1000), date(2026, 12, 1))
        assert ledger.balance("1", date(2026, 11, 30)) == 1250
        assert (ledger.balance("1", date(2026, 12, 1)), ledger.balance("1")) == (Decimal(250), Decimal(250))
        assert ledger.settled_on("1") is None
        ledger.settle("1", Decimal(250), date(2026, 12, 5))
        assert (ledger.balance("1"), ledger.settled_on("1")) == (Decimal(0), date(2026, 12, 5))

    def test_what_it_comes_to_can_change_and_what_was_paid_stays(self) -> None:
        ledger: Ledger[int] = Ledger()
        ledger.owe(1, Decimal(100))
        ledger.settle(1, Decimal(40), FIRST)
        ledger.owe(1, Decimal(90))
        assert ledger.balance(1) == 50

    def test_what_nobody_put_in_has_no_balance(self) -> None:
        ledger: Ledger[int] = Ledger()
        for ask in (
            lambda: ledger.balance(1),
            lambda: ledger.settled_on(1),
            lambda: ledger.settle(1, Decimal(1), FIRST),
        ):
            with pytest.raises(KeyError):
                ask()

    @given(AMOUNTS, AMOUNTS, DAYS)
    def test_setting_off_goes_as_far_as_the_smaller_and_loses_nothing(
        self, one: Decimal, other: Decimal, day: date
    ) -> None:
        ledger: Ledger[int] = Ledger()
        ledger.owe(1, one)
        ledger.owe(2, other)
        amount = ledger.set_off(1, 2, day)
        assert amount == (min(abs(one), abs(other)) if one * other < 0 else 0)
        assert ledger.balance(1) + ledger.balance(2) == one + other
        assert abs(ledger.balance(1)) == abs(one) - amount
        assert ledger.balance(1, day - timedelta(days=1)) == one
        assert ledger.set_off(2, 1, day) == 0

    @given(AMOUNTS, st.lists(st.tuples(AMOUNTS, DAYS), max_size=5), st.booleans())
    def test_balances_and_the_day_of_the_last_payment_are_those_of_the_plain_sums(
        self, amount: Decimal, payments: list[tuple[Decimal, date]], paid_up: bool
    ) -> None:
        if paid_up:
            payments = [*payments, (amount - sum((paid for paid, _ in payments), Decimal(0)), FIRST)]
        ledger: Ledger[int] = Ledger()
        ledger.owe(1, amount)
        for paid, day in payments:
            ledger.settle(1, paid, day)
        days = [FIRST + timedelta(days=number) for number in range(6)]
        left = {day: amount - sum((paid for paid, at in payments if at <= day), Decimal(0)) for day in days}
        assert {day: ledger.balance(1, day) for day in days} == left
        assert ledger.balance(1) == left[days[-1]]
        # From when on it is nothing for good, among the days on which something was booked.
        good = [day for day in days if not any(left[later] for later in days if later >= day)]
        booked = sorted({day for _, day in payments})
        assert ledger.settled_on(1) == next((day for day in booked if day in good), None)

    @given(st.dictionaries(st.integers(1, 9) | st.text(max_size=3), st.tuples(AMOUNTS, AMOUNTS, DAYS), max_size=4))
    def test_it_is_kept(self, items: dict[Any, tuple[Decimal, Decimal, date]]) -> None:
        ledger: Ledger[Any] = Ledger()
        for key, (amount, paid, day) in items.items():
            ledger.owe(key, amount)
            ledger.settle(key, paid, day)
        again: Ledger[Any] = Ledger()
        again.owe("not kept", Decimal(1))
        again.remember(from_json(to_json(ledger.memory(), LEDGER_KINDS), LEDGER_KINDS))
        assert again.memory() == ledger.memory()
        assert all(again.balance(key) == amount - paid for key, (amount, paid, _) in items.items())


@given(st.decimals(-(10**20), 10**20, places=6), st.integers(0, 4))
def test_rounding_is_half_away_from_zero(amount: Decimal, decimals: int) -> None:
    scaled = abs(Fraction(amount)) * 10**decimals + Fraction(1, 2)
    nearest = Fraction(int(scaled), 10**decimals)
    assert Fraction(rounded(amount, decimals)) == (-nearest if amount < 0 else nearest)
    assert rounded(amount, decimals).as_tuple().exponent == -decimals


@given(st.lists(st.integers(), max_size=30), st.integers(1, 12))
def test_the_pages_of_a_list_are_the_list(found: list[int], size: int) -> None:
    pages = [page_of(found, 1, size)]
    while pages[-1].has_more:
        pages.append(page_of(found, pages[-1].number + 1, size))
    assert [item for page in pages for item in page.items] == found
    assert len(pages) == max(1, pages[0].pages)
    assert {page.total for page in pages} == {len(found)}
    assert all(len(page.items) == size for page in pages[:-1])
    beyond = page_of(found, len(pages) + 1, size)
    assert (list(beyond.items), beyond.has_more) == ([], False)
    for wrong in ((0, size), (1, 0)):
        with pytest.raises(ValueError, match="There is no page"):
            page_of(found, *wrong)


class TestSeeds:
    class Refused(Exception):
        """A simulator's own no."""

    def test_records_are_put_in_in_the_simulators_order(self) -> None:
        held: list[str] = []
        makers = {"customers": held.append, "orders": held.append}
        put_records({"orders": ["o"], "customers": ["b", "a"], "switches": {}}, makers)
        assert held == ["b", "a", "o"]

    def test_the_record_that_does_not_fit_is_named_and_those_before_it_are_in(self) -> None:
        for problem in (self.Refused("no such unit"), TypeError("no such unit"), KeyError("no such unit")):
            held: list[Any] = []

            def make(record: Any, held: list[Any] = held, problem: Exception = problem) -> None:
                if record == 2:
                    raise problem
                held.append(record)

            with pytest.raises(ValueError, match=r"The seed's orders 2 is refused: .*no such unit"):
                put_records({"orders": [1, 2, 3]}, {"orders": make}, self.Refused)
            assert held == [1]

    def test_what_is_no_list_is_refused(self) -> None:
        for records in (5, "abc", None):
            with pytest.raises(ValueError, match="The seed's orders must be a list of records"):
                put_records({"orders": records}, {"orders": print})

    def test_a_name_that_is_not_known_is_refused_with_those_that_are(self) -> None:
        no_strangers({"orders": []}, ["customers", "orders"])
        with pytest.raises(ValueError, match="has no order, ordrar; it may have customers, orders"):
            no_strangers({"ordrar": [], "order": [], "orders": []}, ["customers", "orders"])


class Sides(SwitchBoard):
    """Two unconfirmed sides."""

    last_page: Literal["empty", "refused"] = "empty"
    retry_after: bool = False
    lag_seconds: float = 0.0
    currencies: tuple[str, ...] = ("SEK",)


class TestSwitchBoard:
    def test_moved_it_is_another_board(self) -> None:
        before = Sides()
        after = before.changed({"last_page": "refused", "lag_seconds": 2, "currencies": ["NOK"]})
        assert (after.last_page, after.lag_seconds, after.currencies) == ("refused", 2, ("NOK",))
        assert (before, after.changed({"retry_after": True}).last_page) == (Sides(), "refused")

    def test_what_is_no_switch_or_no_position_is_told(self) -> None:
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"colour": 1}, "There is no switch colour; there are currencies, lag_seconds, last_page, retry_after"),
            ({"last_page": "torn"}, "the switch last_page has no position 'torn'"),
            ({"retry_after": "false"}, "the switch retry_after has no position 'false'"),
            ({"lag_seconds": True, "currencies": "SEK"}, "lag_seconds has no position True .*; the switch currencies"),
        ]
        for changes, told in wrong:
            with pytest.raises(ValueError, match=told):
                Sides().changed(changes)
