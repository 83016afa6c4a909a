"""One attempt at a run: whose it is, what ends it, what it leaves behind, and what an older one may still say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.errors import ConfigurationError, RejectedError, UnavailableError, UncertainEffectError
from erpcore.store import Run, hold_run, latest_run, put_event
from erpcore.store.schema import runs
from erpcore.sync.effect import ComeBackLater


class Killed(BaseException):
    """The process ends here."""


def raising(*errors: BaseException | None) -> Callable[[Run], None]:
    """A step that raises these, one per call, and then does well."""
    left = list(errors)

    def step(run: Run) -> None:
        if left and (error := left.pop(0)) is not None:
            raise error

    return step


def put_deal_event(bench: Any, key: str) -> None:
    with bench.store.begin() as connection:
        put_event(connection, source="crm", event_key=key, kind="deal_won", record_kind="deal", record_id="d1")


def test_an_attempt_that_is_delivered_again_after_its_end_does_nothing(bench: Any) -> None:
    """Killed between the store's commit and the engine's: the engine gives the attempt out once more."""
    run = bench.open()
    assert bench.carry_out(run) == "done"
    ended = bench.run(run.id)
    assert bench.carry_out(run) == "ended already"
    assert bench.run(run.id) == ended
    assert bench.flow.done == bench.flow.steps


def test_an_attempt_that_was_followed_does_not_begin(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["first"] = raising(RejectedError("no"))
    assert bench.carry_out(run) == "failed"
    bench.queue.retry(run.id)
    assert bench.carry_out(run) == "ended already"
    assert bench.run(run.id).state == "queued"
    assert len(bench.lines(run.id, "error")) == 1
    assert bench.carry_out(run, attempt=2) == "done"


def test_an_attempt_that_waits_is_followed_by_one_that_reads_everything_anew(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["second"] = raising(UnavailableError("the ERP is away."))
    assert bench.carry_out(run) == "waiting"
    assert bench.queued(run) == [(1, "ENQUEUED"), (2, "DELAYED")]
    assert bench.carry_out(run) == "ended already"
    assert len(bench.lines(run.id, "waiting")) == 1
    assert bench.carry_out(run, attempt=2) == "done"
    assert bench.flow.done == bench.flow.steps * 2
    done = bench.run(run.id)
    assert (done.problem, done.waiting_since, done.outages, done.resume_at) == (None, None, 0, None)


def test_waits_grow_over_attempts_and_end(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["read"] = raising(*[UnavailableError("away.") for _ in range(4)])
    waits = []
    for number in (1, 2, 3):
        before = datetime.now(UTC)
        assert bench.carry_out(run, attempt=number) == "waiting"
        resume_at = bench.run(run.id).resume_at
        waits.append(((resume_at - datetime.now(UTC)).total_seconds(), (resume_at - before).total_seconds()))
    for wait, (least, most) in zip([0.2, 0.4, 0.4], waits, strict=True):
        assert least - 0.01 <= wait <= most + 0.01
    assert bench.run(run.id).outages == 3
    with bench.store.begin() as connection:
        long_ago = datetime.now(UTC) - timedelta(hours=bench.settings.give_up_hours + 1)
        connection.execute(sa.update(runs).values(waiting_since=long_ago))
    assert bench.carry_out(run, attempt=4) == "failed"
    failed = bench.run(run.id)
    assert "Given up" in str(failed.error_text)
    assert "erpcore retry" in str(failed.advice)
    assert failed.error_class == "UnavailableError"
    assert [number for number, _ in bench.queued(run)] == [1, 2, 3, 4]


def test_a_run_that_is_sent_again_waits_for_as_long_as_a_new_one(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["read"] = raising(UnavailableError("away."), RejectedError("no"), UnavailableError("away."))
    for attempt in (1, 2):
        bench.carry_out(run, attempt=attempt)
    bench.queue.retry(run.id)
    assert bench.carry_out(run, attempt=3) == "waiting"
    again = bench.run(run.id)
    assert again.outages == 1
    assert datetime.now(UTC) - again.waiting_since < timedelta(minutes=1)


# Whose it is


@pytest.mark.parametrize("error", [None, RejectedError("no"), UnavailableError("away"), KeyError("oops")])
@pytest.mark.parametrize("place", ["read", "second"])
def test_what_a_worker_concludes_that_was_asleep_counts_for_nothing(
    bench: Any, place: str, error: Exception | None
) -> None:
    """While it sleeps, another worker takes the run over and ends it."""
    run = bench.open()
    asleep = [True]

    def sleep(taken: Run) -> None:
        if asleep and asleep.pop():
            assert bench.carry_out(run, name="w2") == "done"
            if error is not None:
                raise error

    def tell(taken: Run) -> None:
        """A flow asks before it writes, as every write of an attempt does."""
        with bench.store.begin() as connection:
            hold_run(connection, taken)

    bench.flow.does |= {place: sleep, "tell_failure": tell}
    assert bench.carry_out(run) == "another worker's"
    ended = bench.run(run.id)
    assert (ended.state, ended.taken_by, ended.token, ended.takings) == ("done", "w2", 2, 2)
    assert bench.queued(run) == [(1, "ENQUEUED")], "nothing is enqueued for it"
    assert [line.kind for line in bench.lines(run.id, "error") + bench.lines(run.id, "waiting")] == []
    (line,) = bench.lines(run.id, "taken_again")
    assert "worker w2 begins it again" in line.text


def test_a_run_that_ends_its_worker_every_time_is_given_up_and_told(bench: Any) -> None:
    run = bench.open()
    times = bench.settings.take_up_again + 1
    bench.flow.does["first"] = raising(*[Killed() for _ in range(times)])
    for _ in range(times):
        with pytest.raises(Killed):
            bench.carry_out(run)
    assert bench.carry_out(run) == "failed"
    failed = bench.run(run.id)
    assert failed.takings == times + 1
    assert bench.flow.done.count("read") == times, "it is not begun once more"
    assert "ended its worker every time" in str(failed.error_text)
    assert "erpcore retry" in str(failed.advice)
    (told,) = bench.flow.told
    assert "ended its worker" in told, "the CRM is told, or the record would stay in process there"
    bench.queue.retry(run.id)
    assert bench.carry_out(run, attempt=2) == "done", "a person's retry counts anew"


def test_a_worker_that_waited_for_the_store_does_not_count_as_ended(bench: Any) -> None:
    run = bench.open()
    away = sa.exc.OperationalError("SELECT 1", {}, Exception("away"))
    times = bench.settings.take_up_again + 3
    bench.flow.does["first"] = raising(*[away] * times)
    for time in range(times):
        with pytest.raises(sa.exc.OperationalError):
            bench.attempts().carry_out(run.id, 1, store_was_away=time > 0)
    assert bench.attempts().carry_out(run.id, 1, store_was_away=True) == "done"
    assert bench.run(run.id).takings == 1


def test_every_wait_begins_the_count_of_takings_anew(bench: Any) -> None:
    run = bench.open()
    times = bench.settings.take_up_again
    for attempt in (1, 2, 3):
        bench.flow.does["first"] = raising(*[Killed() for _ in range(times - 1)], UnavailableError("away"))
        for _ in range(times - 1):
            with pytest.raises(Killed):
                bench.carry_out(run, attempt=attempt)
        assert bench.carry_out(run, attempt=attempt) == "waiting"


# What ends it


@pytest.mark.parametrize(
    "error", [KeyError("nobody thought of this"), AssertionError(), ExceptionGroup("many", [ValueError()])]
)
@pytest.mark.parametrize("place", ["read", "plan", "first", "second"])
def test_an_exception_anywhere_ends_as_a_failed_run_with_a_story(bench: Any, place: str, error: Exception) -> None:
    run = bench.open()
    bench.flow.does[place] = raising(error)
    assert bench.carry_out(run) == "failed"
    failed = bench.run(run.id)
    name = type(error).__name__
    assert failed.error_class == name
    (line,) = bench.lines(run.id, "error")
    assert line.text.startswith(f"Unexpected {name}")
    assert "report" in str(failed.advice)
    assert bench.flow.told == [f"{failed.error_text} {failed.advice}"]


@pytest.mark.parametrize("error", [ConfigurationError("there is no sync “deals”."), ImportError("no plugin")])
def test_a_flow_that_cannot_be_made_ends_as_a_failed_run_with_a_story(bench: Any, error: Exception) -> None:
    run = bench.open()
    attempts = bench.attempts()

    def no_flow(sync: str, kind: str) -> Any:
        raise error

    attempts._flow_of = no_flow
    assert attempts.carry_out(run.id, 1) == "failed"
    assert bench.run(run.id).error_class == type(error).__name__
    assert bench.lines(run.id, "error")
    assert "could not be told of the failure" in bench.lines(run.id, "warning")[0].text


def test_what_cannot_even_be_written_down_ends_as_a_failed_run_once_the_queue_has_dropped_it(bench: Any) -> None:
    bench.flow.steps = [0.1]  # a number that the store does not take stands in the plan then
    run = bench.open()
    with bench.running():
        bench.wait(lambda: bench.queued(run) == [(1, "ERROR")])
        bench.recovery().sweep()
    failed = bench.run(run.id)
    assert failed.state == "failed"
    assert "broke off with an error" in bench.lines(run.id, "error")[0].text
    assert len(bench.flow.told) == 1


def test_an_uncertain_end_keeps_its_cause(bench: Any) -> None:
    run = bench.open()
    asked = UncertainEffectError("Two of them.", cause="two_documents", record="deal d1", advice="Keep one.")
    bench.flow.does["second"] = raising(asked)
    assert bench.carry_out(run) == "uncertain"
    ended = bench.run(run.id)
    assert (ended.cause, ended.error_text, ended.advice) == ("two_documents", "deal d1: Two of them.", "Keep one.")


def test_a_fence_waits_its_own_time_and_counts_as_no_outage(bench: Any) -> None:
    run = bench.open()
    bench.flow.does["first"] = raising(ComeBackLater("a fence must pass.", seconds=50))
    assert bench.carry_out(run) == "waiting"
    waiting = bench.run(run.id)
    assert waiting.outages == 0
    assert timedelta(seconds=45) < waiting.resume_at - datetime.now(UTC) <= timedelta(seconds=50)


def test_an_event_during_an_attempt_opens_the_next_run(bench: Any) -> None:
    put_deal_event(bench, "e1")
    run = bench.open()
    bench.flow.does["second"] = lambda taken: put_deal_event(bench, "e2")
    assert bench.carry_out(run) == "done"
    with bench.store.read() as connection:
        following = latest_run(connection, sync="deals", record_kind="deal", record_id="d1")
    assert (following.generation, following.state, following.target) == (2, "queued", "erp")
    assert bench.queued(following) == [(1, "ENQUEUED")]
