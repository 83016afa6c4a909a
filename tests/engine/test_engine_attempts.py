"""Attempts and people: what an attempt that is over says later does not undo what a person asked for since."""

from __future__ import annotations

from typing import Any

import pytest

from erpcore.engine.outcome import Problem
from erpcore.engine.queue import RunQueue
from erpcore.store.runs import keep_waiting, start_run
from erpcore.store.schema import runs

REFUSED = Problem(verdict="failed", error_class="RejectedError", text="refused")
LATER = Problem(verdict="later", error_class="UnavailableError", text="away.", outage=True)


def at_once(_: str, function: Any) -> Any:
    return function()


def fail(bench: Any, run: Any, attempt: int = 1) -> str:
    with bench.store.begin() as connection:
        start_run(connection, run.id)
    return str(bench.handler.conclude(run.id, attempt, {}, None, None, REFUSED))


def test_a_conclusion_that_is_repeated_after_a_retry_changes_nothing(bench: Any) -> None:
    """Killed between the store's commit and the engine's: the attempt is taken up and concludes once more."""
    run = bench.open()
    assert fail(bench, run) == "failed"
    bench.queue.retry(run.id)
    assert bench.handler.conclude(run.id, 1, {}, None, None, REFUSED) == "queued"
    assert bench.run(run.id).state == "queued"
    assert len(bench.lines(run.id, "error")) == 1
    assert bench.handler.handle(run.id, 2, {}, at_once) == "done"


def test_an_attempt_that_waits_concludes_once(bench: Any) -> None:
    run = bench.open()
    arguments = (run.id, 1, {}, None, None, LATER)
    with bench.store.begin() as connection:
        start_run(connection, run.id)
    assert bench.handler.conclude(*arguments) == "waiting"
    before = bench.run(run.id)
    assert before.attempt == 2
    assert bench.handler.conclude(*arguments) == "waiting"
    assert bench.run(run.id) == before
    assert len(bench.lines(run.id, "waiting")) == 1


def test_an_attempt_that_was_followed_does_not_begin(bench: Any) -> None:
    run = bench.open()
    fail(bench, run)
    bench.queue.retry(run.id)
    assert bench.handler.handle(run.id, 1, {}, at_once) == "ended already"
    assert bench.flow.done == []
    assert bench.run(run.id).state == "queued"


def test_a_second_retry_that_looked_before_the_first_is_carried_out_too(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = bench.open()
    fail(bench, run)
    looked = bench.queue.attempts(run)
    bench.queue.retry(run.id)
    fail(bench, run, attempt=2)
    with monkeypatch.context() as patch:
        patch.setattr(RunQueue, "attempts", lambda *_: looked)
        bench.queue.retry(run.id)
    assert [number for number, _ in bench.attempts(run)] == [1, 2, 3]
    with bench.running():
        bench.wait(lambda: bench.attempts(run)[-1] == (3, "SUCCESS"))
    assert bench.run(run.id).state == "done"


def test_a_run_from_before_the_number_was_kept_is_retried_under_a_new_one(bench: Any) -> None:
    run = bench.open()
    with bench.store.begin() as connection:
        bench.queue.enqueue(connection, run, attempt=2)
        start_run(connection, run.id)
        keep_waiting(connection, run.id, resume_at=run.queued_at, summary="away")
        connection.execute(runs.update().values(attempt=1))
    assert bench.handler.conclude(run.id, 2, {}, None, None, REFUSED) == "failed"
    bench.queue.retry(run.id)
    assert [number for number, _ in bench.attempts(run)] == [1, 2, 3]
    assert bench.run(run.id).attempt == 3
