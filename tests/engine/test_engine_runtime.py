"""The durable engine in this process: a queue of attempts that keeps nothing of them, with our settings."""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.errors import ErpcoreError, RejectedError, UnavailableError, UncertainEffectError
from erpcore.store import Run, events_of, latest_run, put_event, reopen_run
from erpcore.sync.effect import ComeBackLater


def fail_once(error: Exception) -> Any:
    errors = [error]

    def step(run: Run) -> None:
        if errors:
            raise errors.pop()

    return step


def put_deal_event(bench: Any, key: str) -> None:
    with bench.store.begin() as connection:
        put_event(connection, source="crm", event_key=key, kind="deal_won", record_kind="deal", record_id="d1")


def test_a_run_is_taken_from_the_queue_and_carried_out(bench: Any) -> None:
    run = bench.open()
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")
        bench.wait(lambda: bench.queued(run) == [(1, "SUCCESS")])
    done = bench.run(run.id)
    assert bench.flow.done == ["read", "plan", "first", "second"]
    assert (done.summary, done.plan, done.taken_by) == ("4 steps", {"steps": bench.flow.done}, "w1")


def test_an_attempt_enqueued_twice_is_one(bench: Any) -> None:
    run = bench.open()
    with bench.store.begin() as connection:
        bench.queue.enqueue(connection, run, attempt=1)
    assert bench.queued(run) == [(1, "ENQUEUED")]
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")
    assert bench.flow.done.count("read") == 1


def test_enqueueing_goes_with_the_transaction(bench: Any) -> None:
    run = bench.open(enqueue=False)

    def dies() -> None:
        with bench.store.begin() as connection:
            put_event(connection, source="crm", event_key="e", kind="deal_won", record_kind="deal", record_id="d1")
            bench.queue.enqueue(connection, run, attempt=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        dies()
    assert bench.queued(run) == []
    with bench.store.begin() as connection:
        _, new = put_event(connection, source="crm", event_key="e", kind="deal_won", record_kind="deal", record_id="d1")
        bench.queue.enqueue(connection, run, attempt=1)
    assert new
    assert bench.queued(run) == [(1, "ENQUEUED")]


def test_rows_are_json_and_no_pickles_and_no_step_is_kept(bench: Any) -> None:
    run = bench.open()
    with bench.running():
        bench.wait(lambda: bench.queued(run) == [(1, "SUCCESS")])
    with bench.store.read() as connection:
        kinds = connection.execute(sa.select(bench.workflows.c.serialization).distinct()).scalars()
        given = connection.execute(sa.select(bench.inputs.c.inputs)).scalar_one()
        assert list(kinds) == ["portable_json"]
        assert connection.execute(sa.select(bench.steps.c.output)).all() == []
    assert json.loads(given)["positionalArgs"] == [run.id, 1]


def test_the_engine_uses_our_database_with_our_settings(bench: Any) -> None:
    with bench.running(), bench.store.read() as connection:
        if bench.store.is_sqlite:
            assert connection.execute(sa.text("pragma journal_mode")).scalar_one() == "wal"
            assert connection.execute(sa.text("pragma foreign_keys")).scalar_one() == 1
            assert sa.inspect(connection).has_table("workflow_status"), "one file for both"
        else:
            assert sa.inspect(connection).has_table("workflow_status", schema="dbos")


@pytest.mark.skipif(
    sys.version_info < (3, 12), reason="the engine keeps whole seconds on SQLite there; nothing of ours reads them"
)
def test_stamps_have_milliseconds(bench: Any) -> None:
    runs = [bench.open(f"d{number}") for number in range(6)]
    with bench.running():
        bench.wait(lambda: all(bench.run(run.id).state == "done" for run in runs))
        stamps = [workflow.completed_at for workflow in bench.queue.client.list_workflows(status="SUCCESS")]
    assert any(stamp % 1000 for stamp in stamps if stamp is not None)


def test_an_outage_ends_the_attempt_and_a_later_one_goes_on(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["second"] = fail_once(UnavailableError("the ERP is away."))
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")
        bench.wait(lambda: bench.queued(run) == [(1, "SUCCESS"), (2, "SUCCESS")])
    assert bench.flow.done == bench.flow.steps * 2, "a later attempt reads everything anew"
    (line,) = bench.lines(run.id, "waiting")
    assert line.text == "the ERP is away. It is tried again in 0 seconds."


def test_a_fence_waits_without_a_worker(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["first"] = fail_once(ComeBackLater("a fence must pass.", seconds=0.3))
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")
    assert len(bench.queued(run)) == 2


@pytest.mark.parametrize(
    ("error", "state"),
    [(RejectedError("no.", advice="Mend it."), "failed"), (UncertainEffectError("who knows?"), "uncertain")],
)
def test_a_refusal_ends_the_run_with_its_words_and_it_can_be_sent_again(
    bench: Any, error: ErpcoreError, state: str
) -> None:
    run = bench.open()
    bench.flow.does["first"] = fail_once(error)
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == state)
        bench.wait(lambda: bench.queued(run) == [(1, "SUCCESS")])
        ended = bench.run(run.id)
        assert (ended.error_class, ended.error_text, ended.advice) == (
            type(error).__name__,
            error.message,
            error.advice,
        )
        assert [line.text for line in bench.lines(run.id, "error")] == [error.message]
        assert "second" not in bench.flow.done
        bench.queue.retry(run.id)
        bench.wait(lambda: bench.run(run.id).state == "done")
    assert bench.flow.done.count("first") == 2


def test_a_waiting_run_can_be_hurried(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["first"] = fail_once(ComeBackLater("much later.", seconds=3600))
    with bench.running():
        bench.wait(lambda: bench.queued(run) == [(1, "SUCCESS"), (2, "DELAYED")])
        bench.queue.retry(run.id)
        bench.wait(lambda: bench.run(run.id).state == "done")


def test_a_run_that_went_well_is_not_sent_again(bench: Any) -> None:
    run = bench.open()
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")
        with pytest.raises(ErpcoreError, match="is done and cannot be sent again"):
            bench.queue.retry(run.id)
    assert len(bench.queued(run)) == 1


def test_two_people_press_retry_and_one_attempt_is_made(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["first"] = fail_once(RejectedError("no"))
    with bench.running():
        bench.wait(lambda: bench.queued(run) == [(1, "SUCCESS")])
    outcomes: list[str] = []

    def press() -> None:
        try:
            bench.queue.retry(run.id)
            outcomes.append("sent again")
        except ErpcoreError:
            outcomes.append("refused")

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 3 + ["sent again"]
    assert bench.queued(run) == [(1, "SUCCESS"), (2, "ENQUEUED")]


def test_an_event_during_a_run_starts_the_next_one(bench: Any) -> None:
    put_deal_event(bench, "e1")
    run = bench.open()
    bench.flow.does["second"] = lambda _: put_deal_event(bench, "e2") if bench.flow.done.count("second") == 1 else None
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")

        def following() -> Any:
            with bench.store.read() as connection:
                return latest_run(connection, sync="deals", record_kind="deal", record_id="d1")

        bench.wait(lambda: following().generation == 2 and following().state == "done")
        with bench.store.read() as connection:
            assert [event.event_key for event in events_of(connection, run.id)] == ["e1"]
            assert [event.event_key for event in events_of(connection, following().id)] == ["e2"]
    assert bench.flow.done.count("read") == 2


def test_records_keep_to_their_lane_and_lanes_to_one_run(bench: Any) -> None:
    runs = [bench.open(f"d{number}", enqueue=False) for number in range(40)]
    lanes = {bench.queue.lane(run) for run in runs}
    assert lanes == {"erp:0", "erp:1", "erp:2", "erp:3"}
    assert [bench.queue.lane(bench.run(run.id)) for run in runs] == [bench.queue.lane(run) for run in runs]
    at_once: dict[str, int] = {}
    most: dict[str, int] = {}
    lock, beside_another = threading.Lock(), threading.Event()
    lane_of_thread = threading.local()

    def read(run: Run) -> None:
        lane = bench.queue.lane(run)
        lane_of_thread.lane = lane
        with lock:
            at_once[lane] = at_once.get(lane, 0) + 1
            most[lane] = max(most.get(lane, 0), at_once[lane])
            if sum(at_once.values()) > 1:
                beside_another.set()
        beside_another.wait(20)  # for a lane that is slow to come; in vain if they go one after the other

    def leave(run: Run) -> None:
        with lock:
            at_once[lane_of_thread.lane] -= 1

    bench.flow.does |= {"read": read, "second": leave}
    with bench.store.begin() as connection:
        for run in runs[:16]:
            bench.queue.enqueue(connection, run, attempt=1)
    with bench.running():
        bench.wait(lambda: all(bench.run(run.id).state == "done" for run in runs[:16]))
    assert set(most.values()) == {1}
    assert beside_another.is_set(), "lanes go side by side"


def test_a_record_id_with_colons_is_nobody_elses(bench: Any) -> None:
    first, second = bench.open("a"), bench.open("a:1")
    assert bench.queued(first) == [(1, "ENQUEUED")]
    assert bench.queued(second) == [(1, "ENQUEUED")]


def test_the_run_reopened_is_the_run_that_failed(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["first"] = fail_once(RejectedError("no"))
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "failed")
    with bench.store.begin() as connection:
        assert reopen_run(connection, run.id).generation == run.generation
