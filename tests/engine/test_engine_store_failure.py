"""A database that refuses writes for a while, as on a full disk: the work goes on by itself, and nothing is lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.engine.runtime import Runtime
from erpcore.engine.worker import Worker
from erpcore.store.database import Store
from erpcore.store.schema import story

_REFUSING = """
CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE 'the disk is broken' USING ERRCODE = '58030'; END $$
LANGUAGE plpgsql
"""


class Disk:
    """Makes a store's database refuse every write, in the engine's tables too, until it is mended."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._full = False
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "checkout", self._checked_out)

    def _checked_out(self, connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(f"PRAGMA query_only={'ON' if self._full else 'OFF'}")

    def fill(self) -> None:
        self._full = True
        if self._engine.dialect.name == "postgresql":
            with self._engine.begin() as connection:
                connection.exec_driver_sql(_REFUSING)
                for table in self._tables(connection):
                    connection.exec_driver_sql(
                        f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON {table} EXECUTE FUNCTION refuse()"
                    )

    def mend(self) -> None:
        self._full = False
        if self._engine.dialect.name == "postgresql":
            with self._engine.begin() as connection:
                connection.exec_driver_sql("DROP FUNCTION refuse CASCADE")

    def _tables(self, connection: sa.Connection) -> list[str]:
        seen = sa.inspect(connection)
        return [f"{schema}.{name}" for schema in ("public", "dbos") for name in seen.get_table_names(schema=schema)]


def sweep(bench: Any, runtime: Runtime, times: int = 2) -> Any:
    recovery = bench.recovery(holds=runtime.holds)
    return [recovery.sweep() for _ in range(times)]


def strand(bench: Any, runtime: Runtime, run: Any) -> None:
    """Wait until the run is in nobody's hand."""
    bench.wait(lambda: runtime.idle and bench.attempts(run) == [(1, "PENDING")])


@pytest.mark.parametrize("place", ["read_crm", "first", "finish"])
def test_a_run_goes_on_where_it_was_when_the_store_can_be_written_again(bench: Any, place: str) -> None:
    disk = Disk(bench.store.engine)
    bench.flow.does[place] = lambda: disk.fill() if bench.flow.done.count(place) == 1 else None
    run = bench.open()
    with bench.running() as runtime:
        bench.wait(lambda: place in bench.flow.done)
        strand(bench, runtime, run)
        with pytest.raises(sa.exc.OperationalError):
            sweep(bench, runtime)
        disk.mend()
        assert bench.attempts(run) == [(1, "PENDING")]
        sweep(bench, runtime)
        bench.wait(lambda: bench.run(run.id).state == "done")
        bench.wait(lambda: bench.attempts(run) == [(1, "SUCCESS")])
    steps = ["read_crm", "make_plan", "first", "second", "finish"]
    again = steps.index(place)
    assert bench.flow.done == [*steps[: again + 1], *steps[again:]], "what was kept is not done again"
    (line,) = bench.lines(run.id, "store_failed")
    assert "it goes on" in line.text


def test_a_store_that_fails_once_in_a_step_of_our_own_is_not_the_runs_end(bench: Any) -> None:
    """The engine would keep such an error as what the step gives, and raise it again at every repetition."""
    left = ["conclude"]
    conclude = bench.handler.conclude

    def fails_once(*arguments: Any) -> str:
        if left:
            left.pop()
            raise sa.exc.OperationalError("UPDATE", {}, Exception("database or disk is full"))
        return str(conclude(*arguments))

    bench.handler.conclude = fails_once
    run = bench.open()
    with bench.running() as runtime:
        bench.wait(lambda: not left)
        strand(bench, runtime, run)
        sweep(bench, runtime)
        bench.wait(lambda: bench.attempts(run) == [(1, "SUCCESS")])
    assert bench.run(run.id).state == "done"
    assert bench.flow.done.count("finish") == 1


def test_what_a_thread_has_in_hand_is_left_alone(bench: Any) -> None:
    go_on, entered = threading.Event(), threading.Event()

    def slow() -> None:
        entered.set()
        assert go_on.wait(60)

    bench.flow.does["first"] = slow
    run = bench.open()
    with bench.running() as runtime:
        assert entered.wait(40)
        assert not runtime.idle
        sweep(bench, runtime, 4)
        assert bench.attempts(run) == [(1, "PENDING")]
        go_on.set()
        bench.wait(lambda: bench.attempts(run) == [(1, "SUCCESS")])
        assert runtime.idle
    assert bench.flow.done.count("first") == 1
    assert bench.lines(run.id, "store_failed") == []


def test_what_the_engine_has_only_just_taken_is_left_alone(bench: Any) -> None:
    bench.open()
    recovery = bench.recovery()
    workflows = sa.update(bench.workflows)
    with bench.store.begin() as connection:
        connection.execute(workflows.values(status="PENDING", executor_id="w1"))
    assert recovery.take_up_let_go() == 0
    with bench.store.begin() as connection:
        connection.execute(workflows.values(status="ENQUEUED", executor_id=None))
    assert recovery.take_up_let_go() == 0
    with bench.store.begin() as connection:
        connection.execute(workflows.values(status="PENDING", executor_id="w1"))
    assert recovery.take_up_let_go() == 0
    assert recovery.take_up_let_go() == 1


def test_a_store_that_fails_the_same_run_for_days_ends_it_visibly(bench: Any) -> None:
    run = bench.open()
    recovery = bench.recovery()
    pending = sa.update(bench.workflows).values(status="PENDING", executor_id="w1")
    for _ in range(2):
        with bench.store.begin() as connection:
            connection.execute(pending)
        recovery.sweep()
        recovery.sweep()
    assert bench.attempts(run) == [(1, "ENQUEUED")]
    (line,) = bench.lines(run.id, "store_failed")
    with bench.store.begin() as connection:
        connection.execute(pending)
        long_ago = line.at - timedelta(hours=bench.settings.give_up_hours + 1)
        connection.execute(sa.update(story).where(story.c.id == line.id).values(at=long_ago))
    recovery.sweep()
    recovery.sweep()
    ended = bench.run(run.id)
    assert ended.state == "failed"
    assert "the store failed for long" in str(ended.error_text)


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
            place.wait(lambda: worker._runtime.idle)
            assert [run.state for run in place.runs()] == ["running"]
            disk.mend()
            place.wait_for_state("done")
        (run,) = place.runs()
    ((number, _),) = place.orders()
    assert place.erp_id("d1") == number
    assert len(place.folder.calls("create_order")) == 1, "it was looked up and adopted, not sent again"
    assert [line.kind for line in place.story(run) if line.kind == "store_failed"] == ["store_failed"]
