"""How the store knows that everything does well, or not."""

from __future__ import annotations

from erpcore.errors import UnavailableError
from erpcore.problem import Problem
from erpcore.store import (
    Store,
    StoreBudget,
    StoreTokenStore,
    note_failing,
    note_well,
    open_run,
    read_health,
    register_worker,
    take_run,
)

AWAY = Problem.of(UnavailableError("away", connection="lime"))


def test_since_when_something_fails_is_kept_until_it_goes_well(timed_store: Store, clock) -> None:
    with timed_store.begin() as connection:
        assert note_well(connection, "lime", "feed") is None
        begun = clock.at
        clock.move(30)
        note_failing(connection, "lime", "feed", AWAY)
        failing = clock.at
        clock.move(30)
        note_failing(connection, "lime", "feed", AWAY)
        (pulse,) = read_health(connection).pulses
        assert (pulse.connection, pulse.what, pulse.well_at) == ("lime", "feed", begun)
        assert (pulse.failing_since, pulse.problem) == (failing, AWAY)
        assert note_well(connection, "lime", "feed") == failing
        (pulse,) = read_health(connection).pulses
        assert (pulse.well_at, pulse.failing_since, pulse.problem) == (clock.at, None, None)


def test_that_it_goes_well_is_written_once_a_minute(timed_store: Store, clock) -> None:
    with timed_store.begin() as connection:
        first = clock.at
        for _ in range(5):
            note_well(connection, "lime", "requests")
            clock.move(10)
        assert read_health(connection).pulses[0].well_at == first
        clock.move(10)
        note_well(connection, "lime", "requests")
        assert read_health(connection).pulses[0].well_at == clock.at


def test_one_question_tells_everything(timed_store: Store, clock) -> None:
    StoreTokenStore(timed_store).mark_dead("books", "withdrawn")
    StoreBudget(timed_store).close_window("fortnox", 60)
    with timed_store.begin() as connection:
        register_worker(connection, "w1", host="here", pid=7)
        record = {"sync": "s", "source": "crm", "target": "erp", "record_kind": "deal"}
        taken, _ = open_run(connection, **record, record_id="1")
        take_run(connection, taken.id, 1, worker="w1")
        clock.move(5)
        open_run(connection, **record, record_id="2")
        queued = clock.at
        clock.move(5)
        found = read_health(connection)
    assert [worker.executor_id for worker in found.workers] == ["w1"]
    assert {name: reason for name, (_, reason) in found.dead_grants.items()} == {"books": "withdrawn"}
    assert list(found.paused) == ["fortnox"]
    assert found.counts == {"queued": 1, "running": 1}
    assert found.waiting_since == queued
    assert found.at == clock.at
