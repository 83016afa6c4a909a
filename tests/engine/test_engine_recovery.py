"""What the durable engine does not do by itself: work of dead workers, work that was dropped, forgetting."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.store import Run, hold_run, list_workers, register_worker, tell
from erpcore.store.schema import workers


def silent(bench: Any, name: str) -> None:
    """Let a worker be one that has not been heard of for long."""
    with bench.store.begin() as connection:
        register_worker(connection, name, host="h", pid=1)
        connection.execute(sa.update(workers).values(beat_at=datetime.now(UTC) - timedelta(hours=1)))


def taken_over(bench: Any) -> list[str]:
    with bench.store.read() as connection:
        return [worker.executor_id for worker in list_workers(connection) if worker.taken_over_at]


def test_what_a_dead_worker_had_in_hand_goes_to_another(bench: Any) -> None:
    run, other = bench.open(), bench.open("d2")
    bench.put("PENDING", "dead")
    silent(bench, "dead")
    assert bench.recovery("alive").sweep() == 2
    assert taken_over(bench) == ["dead"]
    assert bench.queued(run) == bench.queued(other) == [(1, "ENQUEUED")]
    assert bench.recovery("alive").sweep() == 0, "once"
    with bench.running("alive"):
        bench.wait(lambda: bench.run(run.id).state == bench.run(other.id).state == "done")
        bench.wait(lambda: bench.queued(run) == bench.queued(other) == [(1, "SUCCESS")])
    assert bench.run(run.id).taken_by == "alive"
    assert bench.lines(run.id, "taken_again") == [], "the dead one had not begun it"


def test_a_worker_that_was_only_asleep_writes_nothing_more(bench: Any) -> None:
    run = bench.open()
    go_on, entered = threading.Event(), threading.Event()
    sleepers = [True]

    def sleep(taken: Run) -> None:
        if sleepers and sleepers.pop():
            entered.set()
            assert go_on.wait(60)
            with bench.store.begin() as connection:
                tell(connection, taken.id, "note", "of the sleeper")
                hold_run(connection, taken)

    bench.flow.does["first"] = sleep
    said: list[str] = []
    asleep = threading.Thread(target=lambda: said.append(bench.carry_out(run, name="asleep")))
    asleep.start()
    assert entered.wait(40)
    bench.put("PENDING", "asleep")
    silent(bench, "asleep")
    assert bench.recovery("alive").sweep() == 1
    with bench.running("alive"):
        bench.wait(lambda: bench.queued(run) == [(1, "SUCCESS")])
        ended = bench.run(run.id)
        go_on.set()
        asleep.join(60)
    assert said == ["another worker's"]
    assert bench.run(run.id) == ended
    assert (ended.state, ended.taken_by, ended.token, ended.takings) == ("done", "alive", 2, 2)
    (line,) = bench.lines(run.id, "taken_again")
    assert "worker alive begins it again" in line.text
    assert bench.lines(run.id, "note") == []


def test_work_that_ended_several_workers_is_given_up(bench: Any) -> None:
    run = bench.open()
    times = bench.settings.take_up_again + 1
    ends = threading.Semaphore(times)

    def end_the_worker(taken: Run) -> None:
        if ends.acquire(blocking=False):
            raise SystemExit

    bench.flow.does["first"] = end_the_worker
    for number in range(times):
        with pytest.raises(SystemExit):
            bench.carry_out(run, name=f"w{number}")
        bench.put("PENDING", f"w{number}")
        silent(bench, f"w{number}")
        assert bench.recovery("alive").sweep() == 1
        assert bench.queued(run) == [(1, "ENQUEUED")]
    with bench.running("alive"):
        bench.wait(lambda: bench.queued(run) == [(1, "SUCCESS")])
    assert bench.run(run.id).state == "failed"
    assert "ended its worker every time" in str(bench.run(run.id).error_text)


@pytest.mark.parametrize("status", ["CANCELLED", "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"])
def test_what_the_queue_does_not_carry_any_more_is_shown_as_failed_and_told(bench: Any, status: str) -> None:
    run, other = bench.open(), bench.open("d2")
    workflows = bench.workflows
    with bench.store.begin() as connection:
        mine = workflows.c.workflow_uuid == "deals:deal:d1:1:1"
        connection.execute(sa.update(workflows).where(mine).values(status=status))
    assert bench.queue.dropped([run, other]) == [run]
    bench.recovery().sweep()
    failed = bench.run(run.id)
    assert (failed.state, bench.run(other.id).state) == ("failed", "queued")
    assert "does not carry this any more" in str(failed.error_text)
    (told,) = bench.flow.told
    assert "does not carry this any more" in told, "the CRM is told, or the record would stay in process there"
    bench.recovery().sweep()
    assert bench.flow.told == [told]
    bench.queue.retry(run.id)
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")


def test_a_sweep_with_nothing_open_looks_at_nothing_that_ended(bench: Any) -> None:
    run = bench.open()
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")
        # The run is done a moment before the queue knows.
        bench.wait(lambda: bench.queue.dropped([run]) == [run])
    assert bench.queue.dropped([]) == []
    assert bench.recovery().sweep() == 0


def test_a_run_that_has_gone_on_since_the_queue_was_asked_is_left_alone(bench: Any) -> None:
    run = bench.open()
    bench.put("CANCELLED")
    (dropped,) = bench.queue.dropped([run])
    assert bench.carry_out(run) == "done"
    bench.attempts("w2").end_dropped(dropped)
    assert bench.run(run.id).state == "done"
    assert bench.flow.told == []


def test_a_run_that_is_cancelled_in_the_queue_while_it_is_at_work_has_one_end(bench: Any) -> None:
    """As when somebody cancels it in the engine's own tables: the thread that has it in hand learns of that late."""
    run = bench.open()

    def cancelled_meanwhile(taken: Run) -> None:
        bench.put("CANCELLED")
        bench.recovery("w2").sweep()

    bench.flow.does["first"] = cancelled_meanwhile
    assert bench.carry_out(run) == "another worker's"
    failed = bench.run(run.id)
    assert failed.state == "failed"
    assert len(bench.lines(run.id, "error")) == 1


def test_finished_work_is_forgotten_by_age(bench: Any) -> None:
    run = bench.open()
    with bench.running():
        bench.wait(lambda: bench.queued(run) == [(1, "SUCCESS")])
    other = bench.open("d2")
    assert bench.queue.delete_finished(datetime.now(UTC) - timedelta(days=1)) == 0
    assert bench.queue.delete_finished(datetime.now(UTC) + timedelta(seconds=5)) == 1
    assert bench.queued(run) == []
    assert bench.queued(other) == [(1, "ENQUEUED")]


def test_work_that_broke_off_is_not_forgotten_before_its_run_was_told(bench: Any) -> None:
    """As when somebody cancels it in the engine's own tables while no worker is there."""
    run = bench.open()
    for number in range(25):  # more than go in one portion
        bench.queue.drop(bench.open(f"done before {number}"))
    bench.queue.drop(run)
    assert bench.queue.delete_finished(datetime.now(UTC) + timedelta(seconds=5)) == 0
    bench.recovery().sweep()
    assert bench.run(run.id).state == "failed"
    assert bench.queue.delete_finished(datetime.now(UTC) + timedelta(seconds=5)) == 26
