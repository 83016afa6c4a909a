"""A database that refuses writes for a while, as on a full disk: attempts begin again, and nothing is lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.engine.worker import Worker
from erpcore.store import Run, Store, hold_run, note_run, tell_once

_FUNCTION = """
CREATE OR REPLACE FUNCTION written() RETURNS trigger AS $$
BEGIN {answer} RETURN NULL; END $$ LANGUAGE plpgsql
"""
_REFUSING = _FUNCTION.format(answer="RAISE 'the disk is broken' USING ERRCODE = '58030';")
_WRITING = _FUNCTION.format(answer="")


class Disk:
    """Makes a store's database refuse every write, in the engine's tables too, until it is mended."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self.full = False
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "checkout", self._checked_out)
            return
        self._answer(_WRITING)
        with engine.begin() as connection:
            for table in self._tables(connection):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER written BEFORE INSERT OR UPDATE OR DELETE ON {table} EXECUTE FUNCTION written()"
                )

    def _checked_out(self, connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(f"PRAGMA query_only={'ON' if self.full else 'OFF'}")

    def fill(self) -> None:
        self._answer(_REFUSING)
        self.full = True

    def mend(self) -> None:
        self.full = False
        self._answer(_WRITING)

    def _answer(self, function: str) -> None:
        # Only the function changes: a trigger that comes or goes locks its table, which a worker may hold.
        if self._engine.dialect.name == "postgresql":
            with self._engine.begin() as connection:
                connection.exec_driver_sql(function)

    def _tables(self, connection: sa.Connection) -> list[str]:
        seen = sa.inspect(connection)
        return [f"{schema}.{name}" for schema in ("public", "dbos") for name in seen.get_table_names(schema=schema)]


def noting(run: Run, bench: Any) -> None:
    """What every step of a real flow does: it writes, for as long as the run is in this worker's hand."""
    with bench.store.begin() as connection:
        hold_run(connection, run)
        note_run(connection, run, marked=True)
        tell_once(connection, run.id, [("step", bench.flow.done[-1], None)])


@pytest.fixture
def disk(bench: Any) -> Disk:
    """The disk of the bench's store; every step of its flow writes."""
    bench.flow.does |= {name: lambda run: noting(run, bench) for name in bench.flow.steps}
    return Disk(bench.store.engine)


def filling(bench: Any, disk: Disk) -> Callable[[Run], None]:
    """A step that fills the disk once, and does what every step does."""
    times = [True]

    def step(run: Run) -> None:
        if times and times.pop():
            disk.fill()
        noting(run, bench)

    return step


@pytest.mark.parametrize("place", ["read", "first", "second"])
def test_an_attempt_begins_again_when_the_store_can_be_written_again(bench: Any, disk: Disk, place: str) -> None:
    bench.flow.does[place] = filling(bench, disk)
    run = bench.open()
    with bench.running() as runtime:
        bench.wait(lambda: disk.full)
        with pytest.raises(sa.exc.OperationalError):
            noting(bench.run(run.id), bench)
        assert not runtime.idle, "its thread waits for the store"
        assert bench.queued(run) == [(1, "PENDING")]
        disk.mend()
        bench.wait(lambda: bench.queued(run) == [(1, "SUCCESS")])
        assert runtime.idle
    again = bench.flow.steps.index(place)
    assert bench.flow.done == [*bench.flow.steps[: again + 1], *bench.flow.steps]
    done = bench.run(run.id)
    assert (done.state, done.takings, done.token) == ("done", 1, 2), "the run itself has broken nothing"
    (line,) = bench.lines(run.id, "taken_again")
    assert "begins it again" in line.text
    assert [line.text for line in bench.lines(run.id, "step")] == bench.flow.steps, "each is told once"
    assert bench.flow.told == []


def test_a_store_that_fails_in_the_conclusion_is_not_the_runs_end(bench: Any, disk: Disk) -> None:
    def fill_late(run: Run) -> None:
        noting(run, bench)
        if bench.flow.done.count("second") == 1:
            disk.fill()

    bench.flow.does["second"] = fill_late
    run = bench.open()
    with bench.running():
        bench.wait(lambda: disk.full)
        disk.mend()
        bench.wait(lambda: bench.queued(run) == [(1, "SUCCESS")])
    assert bench.run(run.id).state == "done"


def test_a_store_that_is_away_at_the_taking_is_waited_for(bench: Any, disk: Disk) -> None:
    run = bench.open()
    attempts = bench.attempts()
    disk.fill()
    with pytest.raises(sa.exc.OperationalError):
        attempts.carry_out(run.id, 1)
    assert bench.flow.done == [], "nothing is done for a run that is in nobody's hand"
    disk.mend()
    assert attempts.carry_out(run.id, 1, store_was_away=True) == "done"


def test_a_worker_that_is_stopped_meanwhile_leaves_the_attempt_to_the_next_start(bench: Any, disk: Disk) -> None:
    bench.flow.does["first"] = filling(bench, disk)
    run = bench.open()
    with bench.running():
        bench.wait(lambda: disk.full)
    disk.mend()
    assert bench.queued(run) == [(1, "PENDING")]
    assert bench.run(run.id).state == "running"
    with bench.running():
        bench.wait(lambda: bench.queued(run) == [(1, "SUCCESS")])
    assert bench.run(run.id).state == "done"


def test_what_a_thread_has_in_hand_is_left_alone(bench: Any) -> None:
    go_on, entered = threading.Event(), threading.Event()

    def slow(run: Run) -> None:
        entered.set()
        assert go_on.wait(60)

    bench.flow.does["first"] = slow
    run = bench.open()
    with bench.running() as runtime:
        assert entered.wait(40)
        assert not runtime.idle
        for _ in range(4):
            assert bench.recovery().sweep() == 0
        assert bench.queued(run) == [(1, "PENDING")]
        go_on.set()
        bench.wait(lambda: bench.queued(run) == [(1, "SUCCESS")])
        assert runtime.idle
    assert bench.flow.done.count("first") == 1
    assert bench.lines(run.id, "taken_again") == []


@contextmanager
def working(place: Any, store: Store) -> Iterator[Worker]:
    worker = Worker(place.settings, store, executor_id="w1")
    ready = threading.Event()
    ended: list[bool] = []
    thread = threading.Thread(target=lambda: ended.append(worker.run(ready.set)))
    thread.start()
    try:
        assert ready.wait(60)
        yield worker
    finally:
        worker.stop()
        thread.join(60)
    assert ended == [True]


def test_a_worker_goes_on_by_itself_and_there_is_one_order(
    make_place: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """The order is made, and before that can be written down the disk is full; later somebody makes room."""
    caplog.set_level(logging.CRITICAL, "erpcore.engine.worker")
    caplog.set_level(logging.WARNING, "erpcore.engine.troubles")
    place = make_place(dead_after=0.9)
    place.folder.deal("d1")
    hold = place.folder.fault("hold-create_order")
    place.folder.win("d1")
    with place.store() as store:
        disk = Disk(store.engine)
        with working(place, store) as worker:
            place.wait(lambda: place.folder.has("held-create_order"))
            disk.fill()
            hold.unlink()
            place.wait(lambda: "waits for the store" in caplog.text)
            assert [run.state for run in place.runs()] == ["running"]
            assert not worker._runtime.idle
            disk.mend()
            place.wait_for_state("done")
        (run,) = place.runs()
    ((number, _),) = place.orders()
    assert place.erp_id("d1") == number
    assert len(place.folder.calls("create_order")) == 1, "it was looked up and adopted, not sent again"
    assert [line.kind for line in place.story(run) if line.kind == "taken_again"] == ["taken_again"]
