"""The durable engine in this process: what was seen to go wrong with its defaults, and attempts end to end."""

from __future__ import annotations

import json
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.engine.outcome import Problem
from erpcore.engine.queue import APPLICATION_VERSION
from erpcore.errors import ErpcoreError, RejectedError, UnavailableError, UncertainEffectError
from erpcore.store.inbox import events_of, put_event
from erpcore.store.runs import latest_run, reopen_run, start_run
from erpcore.sync.effect import ComeBackLater

STEPS_OF_VERSIONS = Path(__file__).with_name("steps_of_versions.json")


def fail_once(error: Exception) -> Any:
    errors = [error]

    def step() -> None:
        if errors:
            raise errors.pop()

    return step


def put_deal_event(bench: Any, key: str) -> None:
    with bench.store.begin() as connection:
        put_event(connection, source="crm", event_key=key, kind="deal_won", record_kind="deal", record_id="d1")


def test_a_run_is_handled_step_by_step(bench: Any) -> None:
    run = bench.open()
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")
        bench.wait(lambda: bench.attempts(run) == [(1, "SUCCESS")])
    done = bench.run(run.id)
    assert bench.flow.done == ["read_crm", "make_plan", "first", "second", "finish"]
    assert done.summary == "2 steps"
    assert done.plan["of"] == {"run": run.id}


def test_steps_have_not_changed_without_a_new_version(bench: Any) -> None:
    """Work in the middle is replayed by name and order of its steps: see APPLICATION_VERSION."""
    run, failing = bench.open("d1"), bench.open("d2")
    waiting = bench.open("d3")
    bench.flow.does = {"first": fail_once(RejectedError("no")), "read_crm": fail_once(UnavailableError("away"))}
    seen = {}
    with bench.running():
        bench.wait(lambda: all(bench.run(one.id).state in ("done", "failed") for one in (run, failing, waiting)))
        for one in (run, failing, waiting):
            for attempt in bench.queue.attempts(one):
                bench.wait(
                    lambda a=attempt: (
                        bench.queue.client.retrieve_workflow(a.workflow_id).get_status().status == "SUCCESS"
                    )
                )
                steps = [step["function_name"] for step in bench.queue.client.list_workflow_steps(attempt.workflow_id)]
                seen[" ".join(steps)] = True
    recorded = json.loads(STEPS_OF_VERSIONS.read_text())
    assert sorted(seen) == recorded[APPLICATION_VERSION], (
        "The names or the order of the steps changed: raise APPLICATION_VERSION and record the new ones here, "
        "so that work in the middle is begun anew instead of being replayed wrongly."
    )


def test_an_attempt_enqueued_twice_is_one(bench: Any) -> None:
    run = bench.open()
    with bench.store.begin() as connection:
        bench.queue.enqueue(connection, run)
    assert bench.attempts(run) == [(1, "ENQUEUED")]
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")
    assert bench.flow.done.count("read_crm") == 1


def test_enqueueing_goes_with_the_transaction(bench: Any) -> None:
    run = bench.open(enqueue=False)

    def dies() -> None:
        with bench.store.begin() as connection:
            put_event(connection, source="crm", event_key="e", kind="deal_won", record_kind="deal", record_id="d1")
            bench.queue.enqueue(connection, run)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        dies()
    assert bench.attempts(run) == []
    with bench.store.begin() as connection:
        _, new = put_event(connection, source="crm", event_key="e", kind="deal_won", record_kind="deal", record_id="d1")
        bench.queue.enqueue(connection, run)
    assert new
    assert bench.attempts(run) == [(1, "ENQUEUED")]


def test_rows_are_json_and_no_pickles(bench: Any) -> None:
    run = bench.open()
    with bench.running():
        bench.wait(lambda: bench.attempts(run) == [(1, "SUCCESS")])
    with bench.store.read() as connection:
        kinds = connection.execute(sa.select(bench.workflows.c.serialization).distinct()).scalars()
        outputs = connection.execute(sa.select(bench.steps.c.output)).scalars().all()
        assert list(kinds) == ["portable_json"]
    assert {type(json.loads(output)) for output in outputs} <= {dict, str}


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
        bench.wait(lambda: bench.attempts(run) == [(1, "SUCCESS"), (2, "SUCCESS")])
    assert bench.flow.done.count("read_crm") == 2, "a later attempt reads everything anew"
    (line,) = bench.lines(run.id, "waiting")
    assert line.text == "the ERP is away. It is tried again in 0 seconds."


def test_waits_grow_over_attempts_and_end(bench: Any) -> None:
    run = bench.open()

    def away() -> None:
        raise UnavailableError("away.")

    bench.flow.does["read_crm"] = away
    waits = []
    for number in (1, 2, 3):
        carried = bench.queue.attempts(run)[-1].carried
        before = datetime.now(UTC)
        assert bench.handler.handle(run.id, number, carried, lambda _, function: function()) == "waiting"
        resume_at = bench.run(run.id).resume_at
        waits.append(((resume_at - datetime.now(UTC)).total_seconds(), (resume_at - before).total_seconds()))
    for wait, (least, most) in zip([0.2, 0.4, 0.4], waits, strict=True):
        assert least - 0.01 <= wait <= most + 0.01
    carried = bench.queue.attempts(run)[-1].carried
    assert carried["outages"] == 3
    long_ago = {**carried, "since": (datetime.now(UTC) - timedelta(hours=73)).isoformat()}
    assert bench.handler.handle(run.id, 4, long_ago, lambda _, function: function()) == "failed"
    failed = bench.run(run.id)
    assert "Given up" in str(failed.error_text)
    assert failed.error_class == "UnavailableError"
    assert [number for number, _ in bench.attempts(run)] == [1, 2, 3, 4]


def test_a_fence_waits_without_a_worker(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["first"] = fail_once(ComeBackLater("a fence must pass.", seconds=0.3))
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")
    assert len(bench.attempts(run)) == 2


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
        bench.wait(lambda: bench.attempts(run) == [(1, "SUCCESS")])
        ended = bench.run(run.id)
        assert (ended.error_class, ended.error_text, ended.advice) == (
            type(error).__name__,
            error.message,
            error.advice,
        )
        assert [line.text for line in bench.lines(run.id, "error")] == [error.message]
        assert "finish" not in bench.flow.done
        bench.queue.retry(run.id)
        bench.wait(lambda: bench.run(run.id).state == "done")
    assert bench.flow.done.count("first") == 2


def test_an_unexpected_exception_is_on_the_story(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["second"] = fail_once(KeyError("nobody thought of this"))
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "failed")
    assert bench.run(run.id).error_class == "KeyError"
    assert "nobody thought of this" in bench.lines(run.id, "error")[0].text


def test_a_waiting_run_can_be_hurried(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["first"] = fail_once(ComeBackLater("much later.", seconds=3600))
    with bench.running():
        bench.wait(lambda: bench.attempts(run) == [(1, "SUCCESS"), (2, "DELAYED")])
        bench.queue.retry(run.id)
        bench.wait(lambda: bench.run(run.id).state == "done")


def test_a_run_that_went_well_is_not_sent_again(bench: Any) -> None:
    run = bench.open()
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")
        with pytest.raises(ErpcoreError, match="is done and cannot be sent again"):
            bench.queue.retry(run.id)
    assert len(bench.attempts(run)) == 1


def test_two_people_press_retry_and_one_attempt_is_made(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["first"] = fail_once(RejectedError("no"))
    with bench.running():
        bench.wait(lambda: bench.attempts(run) == [(1, "SUCCESS")])
    outcomes: list[str] = []

    def press() -> None:
        try:
            outcomes.append(bench.queue.retry(run.id))
        except ErpcoreError:
            outcomes.append("refused")

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes).count("refused") == 3
    assert bench.attempts(run) == [(1, "SUCCESS"), (2, "ENQUEUED")]


def test_an_event_during_a_run_starts_the_next_one(bench: Any) -> None:
    put_deal_event(bench, "e1")
    run = bench.open()
    bench.flow.does["second"] = lambda: put_deal_event(bench, "e2") if bench.flow.done.count("second") == 1 else None
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "done")

        def following() -> Any:
            with bench.store.read() as connection:
                return latest_run(connection, sync="deals", record_kind="deal", record_id="d1")

        bench.wait(lambda: following().generation == 2 and following().state == "done")
        with bench.store.read() as connection:
            assert [event.event_key for event in events_of(connection, run.id)] == ["e1"]
            assert [event.event_key for event in events_of(connection, following().id)] == ["e2"]
    assert bench.flow.done.count("read_crm") == 2


def test_concluding_twice_changes_nothing(bench: Any) -> None:
    put_deal_event(bench, "e1")
    run = bench.open(enqueue=False)
    with bench.store.begin() as connection:
        start_run(connection, run.id)
    put_deal_event(bench, "e2")
    arguments = (run.id, 1, {}, None, {"state": "done", "summary": "first"}, None)
    assert bench.handler.conclude(*arguments) == "done"
    ended = bench.run(run.id)
    with bench.store.read() as connection:
        following = latest_run(connection, sync="deals", record_kind="deal", record_id="d1")
    assert bench.handler.conclude(*arguments) == "done"
    assert bench.run(run.id) == ended
    assert bench.attempts(following) == [(1, "ENQUEUED")]
    late = Problem(verdict="failed", error_class="X", text="of a worker that was thought dead")
    assert bench.handler.conclude(run.id, 1, {}, None, None, late) == "done"
    assert bench.run(run.id) == ended


def test_a_crash_in_the_middle_replays_what_was_kept(bench: Any) -> None:
    """As after a kill: the kept steps are not done again, and the one in hand is."""
    run = bench.open()
    kept: dict[int, Any] = {}
    died: list[str] = []

    def step(name: str, function: Any) -> Any:
        place = len(order)
        order.append(name)
        if place not in kept:
            if name == "second" and not died:
                function()
                died.append(name)
                raise SystemExit("killed before the result was kept")
            kept[place] = function()
        return kept[place]

    order: list[str] = []
    with pytest.raises(SystemExit):
        bench.handler.handle(run.id, 1, {}, step)
    order = []
    assert bench.handler.handle(run.id, 1, {}, step) == "done"
    assert bench.flow.done == ["read_crm", "make_plan", "first", "second", "second", "finish"]


def test_records_keep_to_their_lane_and_lanes_to_one_run(bench: Any) -> None:
    runs = [bench.open(f"d{number}", enqueue=False) for number in range(40)]
    lanes = {bench.queue.lane(run) for run in runs}
    assert lanes == {"erp:0", "erp:1", "erp:2", "erp:3"}
    with bench.store.begin() as connection:
        reopened = [bench.queue.lane(run) for run in runs]
    assert reopened == [bench.queue.lane(run) for run in runs]
    at_once: dict[str, int] = {}
    most: dict[str, int] = {}
    lock, beside_another = threading.Lock(), threading.Event()
    lane_of_thread = threading.local()

    def read(run_id: int) -> Any:
        lane = bench.queue.lane(bench.run(run_id))
        lane_of_thread.lane = lane
        with lock:
            at_once[lane] = at_once.get(lane, 0) + 1
            most[lane] = max(most.get(lane, 0), at_once[lane])
            if sum(at_once.values()) > 1:
                beside_another.set()
        beside_another.wait(20)  # for a lane that is slow to come; in vain if they go one after the other
        return {}

    def leave() -> None:
        with lock:
            at_once[lane_of_thread.lane] -= 1

    bench.flow.read_crm = read
    bench.flow.does["finish"] = leave
    with bench.store.begin() as connection:
        for run in runs[:16]:
            bench.queue.enqueue(connection, run)
    with bench.running():
        bench.wait(lambda: all(bench.run(run.id).state == "done" for run in runs[:16]))
    assert set(most.values()) == {1}
    assert beside_another.is_set(), "lanes go side by side"


def test_a_record_id_with_colons_is_nobody_elses(bench: Any) -> None:
    first, second = bench.open("a"), bench.open("a:1")
    assert bench.attempts(first) == [(1, "ENQUEUED")]
    assert bench.attempts(second) == [(1, "ENQUEUED")]


def test_the_run_reopened_is_the_run_that_failed(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["first"] = fail_once(RejectedError("no"))
    with bench.running():
        bench.wait(lambda: bench.run(run.id).state == "failed")
    with bench.store.begin() as connection:
        assert reopen_run(connection, run.id).generation == run.generation
