"""A failure is told to the CRM once it is final, whatever goes wrong in telling it."""

from __future__ import annotations

from typing import Any

from erpcore.errors import OutcomeUnknownError, RejectedError, UnavailableError, UncertainEffectError
from erpcore.store import Run


def raising(*errors: Exception | None) -> Any:
    """A step that raises these, one per call, and then does well."""
    left = list(errors)

    def step(run: Run) -> None:
        if left and (error := left.pop(0)) is not None:
            raise error

    return step


def ended(bench: Any, *states: str) -> Any:
    run = bench.open()
    with bench.running():
        found = bench.wait(lambda: (now := bench.run(run.id)).state in states and now)
        # The engine notes the end of an attempt after the run's.
        bench.wait(lambda: all(status == "SUCCESS" for _, status in bench.queued(run)))
    return found


def test_a_failure_is_told_with_its_advice(bench: Any) -> None:
    bench.flow.does = {"first": raising(RejectedError("The article is missing.", advice="Create it."))}
    assert ended(bench, "failed").error_text == "The article is missing."
    assert bench.flow.told == ["The article is missing. Create it."]


def test_an_uncertain_end_is_told(bench: Any) -> None:
    bench.flow.does = {"second": raising(UncertainEffectError("Nobody knows."))}
    ended(bench, "uncertain")
    assert bench.flow.told == ["Nobody knows."]


def test_what_is_tried_again_is_not_told(bench: Any) -> None:
    bench.flow.does = {"first": raising(UnavailableError("away"))}
    assert ended(bench, "done").summary == "4 steps"
    assert bench.flow.told == []


def test_a_crm_that_is_out_of_reach_is_told_later_and_the_end_is_the_same(bench: Any) -> None:
    refused = RejectedError("no")
    bench.flow.does = {"first": raising(refused, refused), "tell_failure": raising(UnavailableError("the CRM is away"))}
    run = ended(bench, "failed")
    assert run.error_text == "no"
    assert bench.flow.told == ["no", "no"]
    assert "the CRM is away" in bench.lines(run.id, "waiting")[0].text


def test_a_crm_that_refuses_to_be_told_is_noted_and_the_end_is_the_same(bench: Any) -> None:
    bench.flow.does = {
        "first": raising(RejectedError("no")),
        "tell_failure": raising(OutcomeUnknownError("the answer is lost")),
    }
    run = ended(bench, "failed")
    assert (run.error_class, run.error_text) == ("RejectedError", "no")
    assert "could not be told of the failure: the answer is lost" in bench.lines(run.id, "warning")[0].text


def test_a_fault_in_the_telling_does_not_hide_the_failure(bench: Any) -> None:
    bench.flow.does = {"first": raising(RejectedError("no")), "tell_failure": raising(ZeroDivisionError("oops"))}
    run = ended(bench, "failed")
    assert run.error_text == "no"
    assert "ZeroDivisionError" in bench.lines(run.id, "warning")[0].text


def test_what_was_given_up_has_failed_also_where_the_crm_cannot_be_told(bench: Any) -> None:
    bench.flow.does = {"tell_failure": raising(UnavailableError("the CRM is away"))}
    run = bench.open()
    bench.put("CANCELLED")
    bench.recovery().sweep()
    assert bench.run(run.id).state == "failed"
    assert "could not be told of the failure: the CRM is away" in bench.lines(run.id, "warning")[0].text
