"""Parts of the kit by themselves: the clock, JSON, rate windows, faults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from erpcore.simulator import Clock, Fault, FaultSwitches, SlidingWindow, read_json


class TestClock:
    def test_moves_forward_with_both_its_hands(self) -> None:
        clock = Clock(datetime(2026, 11, 2, 8, tzinfo=UTC))
        before = clock.monotonic()
        clock.advance(3600)
        assert 3600 <= clock.monotonic() - before < 3610
        assert datetime(2026, 11, 2, 9, tzinfo=UTC) <= clock.now() < datetime(2026, 11, 2, 9, 1, tzinfo=UTC)

    def test_can_stand_still_or_pass_as_it_is_told(self) -> None:
        start, passed = datetime(2026, 11, 2, 8, tzinfo=UTC), [100.0]
        for clock in (Clock(start, ticking=False), Clock(start, monotonic=lambda: passed[0])):
            clock.advance(1.5)
            assert (clock.now(), clock.monotonic()) == (start + timedelta(seconds=1.5), 1.5)
        passed[0] += 60
        assert clock.now() == start + timedelta(seconds=61.5)

    def test_goes_neither_back_nor_beyond_all_dates(self) -> None:
        clock = Clock(datetime(2026, 11, 2, 8, tzinfo=UTC), ticking=False)
        for seconds in (-1, float("nan"), float("inf"), 1e300):
            with pytest.raises(ValueError, match=r"can (only )?be moved"):
                clock.advance(seconds)
        assert clock.now() == datetime(2026, 11, 2, 8, tzinfo=UTC)


class TestJson:
    def test_numbers_are_exact_where_money_is_counted_in_them(self) -> None:
        assert read_json("[0.10, 3]") == [Decimal("0.10"), 3]
        assert isinstance(read_json("[0.5]", exact=False)[0], float)

    def test_what_is_no_json_is_told_in_one_way(self) -> None:
        for raw in (b"", b"{", b"NaN", b"[Infinity]", b"[" * 100_000, b"\xff"):
            with pytest.raises(ValueError, match=r"JSON|nested|Expecting|decode"):
                read_json(raw)


class TestSlidingWindow:
    def test_refuses_the_one_too_many_and_forgets_the_oldest(self) -> None:
        clock = Clock(ticking=False)
        window = SlidingWindow(3, 5, clock)
        assert window.allow("a")
        clock.advance(4)
        assert window.allow("a")
        assert window.allow("a")
        assert not window.allow("a")
        assert window.seconds_until_free("a") == 1
        assert window.allow("b"), "another key has a window of its own"
        clock.advance(1)
        assert window.seconds_until_free("a") == 0
        assert window.allow("a")
        assert not window.allow("a"), "the two of second 4 still count"


class TestFaultSwitches:
    def test_strikes_what_fits_as_often_as_said(self) -> None:
        faults = FaultSwitches()
        faults.add(Fault("slow", method="POST", path="/3/orders", times=2))
        assert faults.take("slow", "GET", "/3/orders") is None
        assert faults.take("slow", "POST", "/3/orders/1") is None
        assert faults.take("empty", "POST", "/3/orders") is None
        assert faults.take({"slow", "empty"}, "POST", "/3/orders") is not None
        assert faults.take("slow", "POST", "/3/orders") is not None
        assert faults.take("slow", "POST", "/3/orders") is None

    def test_without_times_strikes_until_removed(self) -> None:
        faults = FaultSwitches()
        fault_id = faults.add(Fault("slow", times=None))
        assert [faults.take("slow", "GET", "/") is not None for _ in range(5)] == [True] * 5
        assert faults.remove(fault_id)
        assert not faults.remove(fault_id)
        assert faults.take("slow", "GET", "/") is None

    def test_what_could_never_strike_is_refused(self) -> None:
        wrong: dict[str, Any] = {"kind": "", "times": 0, "seconds": -1, "path": "(", "form": "xml"}
        for name, value in wrong.items():
            with pytest.raises(ValueError, match=r"."):
                Fault(**{"kind": "slow", name: value})

    def test_holds_back_for_its_seconds_and_the_usual_holds_without_one(self) -> None:
        faults = FaultSwitches()
        faults.add(Fault("index_lag", path="/orders", seconds=5))
        assert faults.seconds("index_lag", "GET", "/customers", 1.5) == 1.5
        assert faults.seconds("index_lag", "GET", "/orders", 1.5) == 5
        assert faults.seconds("index_lag", "GET", "/orders") == 0
