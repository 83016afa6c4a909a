"""A clock that is set back, as by a person or a time server: nobody waits for as long, and nothing goes twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from erpcore.errors import RateLimitedError, TurnLostError
from erpcore.store import Lease, Store, StoreBudget, beat, claim_dead, record_absent, register_worker, renew_sending
from tests.store.intent_moves import begin, plan

HOUR = 3600.0


def test_the_lease_of_a_killed_holder_runs_out_in_its_own_time(timed_store: Store, clock: Any) -> None:
    assert Lease(timed_store, "token:fortnox", seconds=30).take()
    clock.move(-HOUR)
    waiting = Lease(timed_store, "token:fortnox", seconds=30)
    assert not waiting.take(), "its holder may be alive, and gets its time to renew"
    clock.move(29)
    assert not waiting.take()
    clock.move(2)
    assert waiting.take()


def test_a_living_holder_keeps_its_lease_over_a_clock_that_is_set_back(timed_store: Store, clock: Any) -> None:
    holder = Lease(timed_store, "token:fortnox", seconds=30)
    assert holder.take()
    clock.move(-HOUR)
    for _ in range(10):
        assert not Lease(timed_store, "token:fortnox", seconds=30).take()
        clock.move(10)
        assert holder.renew()


def test_a_lease_is_renewed_where_less_is_left_of_it_than_a_request_may_take(timed_store: Store, clock: Any) -> None:
    holder, waiting = Lease(timed_store, "invoices of a", seconds=90), Lease(timed_store, "invoices of a", seconds=90)
    assert holder.take()
    clock.move(29)
    holder.last_for(60)
    clock.move(2)
    holder.last_for(60)
    clock.move(60)
    assert not waiting.take(), "the request may arrive until now"
    clock.move(31)
    assert waiting.take()
    with pytest.raises(TurnLostError):
        holder.last_for(60)


def test_requests_from_before_the_clock_was_set_back_count_once_more(timed_store: Store, clock: Any) -> None:
    budget = StoreBudget(timed_store)
    for _ in range(5):
        assert budget.acquire("k", 5, 10.0) == 0
    clock.move(-HOUR)
    with pytest.raises(RateLimitedError) as refused:
        budget.acquire("k", 5, 10.0, longest_wait=1.0)
    assert refused.value.retry_after == pytest.approx(10.0)
    assert budget.acquire("k", 5, 10.0) == pytest.approx(10.0), "and not for an hour"
    clock.move(10.0)
    assert [budget.acquire("k", 5, 10.0) for _ in range(5)] == [0.0] * 5


@pytest.mark.parametrize("before", [1, 4])
def test_some_requests_from_before_leave_room_for_the_rest(timed_store: Store, clock: Any, before: int) -> None:
    clock.sleep = pytest.fail
    budget = StoreBudget(timed_store)
    for _ in range(before):
        budget.acquire("k", 5, 10.0)
    clock.move(-HOUR)
    assert [budget.acquire("k", 5, 10.0, longest_wait=1.0) for _ in range(5 - before)] == [0.0] * (5 - before)
    with pytest.raises(RateLimitedError):
        budget.acquire("k", 5, 10.0, longest_wait=1.0)


def test_a_dead_worker_is_taken_over_from_in_its_own_time(timed_store: Store, clock: Any) -> None:
    silence = timedelta(seconds=30)
    with timed_store.begin() as connection:
        for name in ("dead", "alive"):
            register_worker(connection, name, host="h", pid=1)
        clock.move(-HOUR)
        assert claim_dead(connection, claimer="alive", older_than=silence) == []
        clock.move(31)
        assert beat(connection, "alive")
        assert [worker.executor_id for worker in claim_dead(connection, claimer="alive", older_than=silence)] == [
            "dead"
        ]


def test_a_look_from_before_the_clock_was_set_back_counts_for_nothing(timed_store: Store, clock: Any) -> None:
    intent = plan(timed_store)
    begin(timed_store, intent)
    clock.move(4)
    early, slow = begin(timed_store, intent, "w2"), begin(timed_store, intent, "w3")
    with timed_store.begin() as connection:
        assert record_absent(connection, early)
    clock.move(-HOUR)
    assert begin(timed_store, intent, "w2").wait_until is not None
    assert begin(timed_store, intent, "w2").action == "look_up", "by the new clock it lies an hour ahead"
    with timed_store.begin() as connection:
        assert not record_absent(connection, slow), "it was begun behind the fence of the old clock"
    assert begin(timed_store, intent, "w2").action == "look_up"


def test_a_look_counts_for_nothing_once_the_fence_is_renewed(timed_store: Store, clock: Any) -> None:
    intent = plan(timed_store)
    turn = begin(timed_store, intent)
    clock.move(4)
    look = begin(timed_store, intent, "w2")
    with timed_store.begin() as connection:
        assert record_absent(connection, look)
    clock.move(-HOUR)
    with timed_store.begin() as connection:
        assert renew_sending(connection, turn)
    assert begin(timed_store, intent, "w2").action == "look_up", "the request is still to leave"
