from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from erpcore.errors import RateLimitedError
from erpcore.host import SYSTEM_CLOCK, MemoryBudget


def most_in_a_window(instants: Sequence[float], seconds: float) -> int:
    ordered = sorted(instants)
    return max(sum(1 for other in ordered if 0 <= other - start < seconds) for start in ordered)


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60), st.integers(1, 7), st.sampled_from([0.3, 1.0, 5.05]))
def test_no_window_ever_holds_too_many_and_none_waits_too_long(steps: list[float], limit: int, seconds: float) -> None:
    now = 0.0

    def sleep(wait: float) -> None:
        nonlocal now
        now += wait

    budget = MemoryBudget(replace(SYSTEM_CLOCK, monotonic=lambda: now, sleep=sleep))
    granted: list[float] = []
    for step in steps:
        now += step / 10
        asked = now
        budget.acquire("k", limit, seconds)
        if now > asked:
            assert now == pytest.approx(granted[-limit] + seconds), "as soon as it fits"
        granted.append(now)
    # What floats round off is a trifle of the margin that each limit has.
    assert most_in_a_window(granted, seconds - 1e-9) <= limit


@given(st.integers(1, 6), st.integers(1, 40))
def test_a_queue_leaves_as_fast_as_the_vendor_allows(limit: int, count: int) -> None:
    now = 0.0

    def sleep(wait: float) -> None:
        nonlocal now
        now += wait

    budget = MemoryBudget(replace(SYSTEM_CLOCK, monotonic=lambda: now, sleep=sleep))
    for _ in range(count):
        budget.acquire("k", limit, 5.0)
    assert now == pytest.approx(5.0 * ((count - 1) // limit))


def test_a_wait_that_is_too_long_is_refused_and_not_counted(movable) -> None:
    budget = MemoryBudget(movable.clock)
    budget.acquire("k", 1, 60.0)
    for _ in range(3):
        with pytest.raises(RateLimitedError, match="'k' is used up") as caught:
            budget.acquire("k", 1, 60.0, longest_wait=10.0)
        assert caught.value.retry_after == pytest.approx(60.0)
    movable.move(60.0)
    assert budget.acquire("k", 1, 60.0, longest_wait=0.0) == 0


def test_a_closed_window_grants_nothing(movable) -> None:
    budget = MemoryBudget(movable.clock)
    budget.close_window("k", 7.0)
    budget.close_window("k", 3.0)
    assert budget.acquire("other", 5, 1.0) == 0
    assert budget.acquire("k", 5, 1.0) == pytest.approx(7.0)


def test_closing_reaches_those_who_wait_already(movable) -> None:
    def refused_meanwhile(seconds: float) -> None:
        movable.sleep(seconds)
        if len(movable.slept) == 1:
            budget.close_window("k", 20.0)

    budget = MemoryBudget(replace(movable.clock, sleep=refused_meanwhile))
    budget.acquire("k", 1, 5.0)
    assert budget.acquire("k", 1, 5.0) == pytest.approx(25.0)


def test_keys_do_not_share() -> None:
    budget = MemoryBudget(SYSTEM_CLOCK)
    assert max(budget.acquire(f"k{number}", 1, 60.0, longest_wait=0.0) for number in range(20)) < 0.1


def test_threads_keep_a_real_sliding_window() -> None:
    # A busy machine may spoil a round; a budget that wastes windows, or lets too many go, spoils every one.
    assert any(_is_kept_and_used() for _ in range(5))


def _is_kept_and_used() -> bool:
    budget = MemoryBudget(SYSTEM_CLOCK)
    sent: list[float] = []
    lock = threading.Lock()
    start = time.monotonic()

    def work() -> None:
        while time.monotonic() < start + 0.9:
            budget.acquire("k", 10, 0.2)
            with lock:
                sent.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # An instant is noted after the sleep, and so late by any time, but never too early.
    assert all(instant - start >= number // 10 * 0.2 for number, instant in enumerate(sorted(sent)))
    # Where they were noted only a little late, a window shorter by that much holds.
    return most_in_a_window(sent, 0.1) <= 10 and 30 <= len(sent) <= 66
