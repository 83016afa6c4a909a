"""What an error means for a run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from erpcore.engine.outcome import Outcome, given_up, judge, wait_before_next
from erpcore.errors import (
    AmbiguousMatchError,
    AuthenticationError,
    ConsentNeededError,
    InvalidValueError,
    MalformedReplyError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
    UncertainEffectError,
)
from erpcore.problem import Problem
from erpcore.sync.effect import ComeBackLater

WAITS = (10.0, 30.0, 120.0)


@pytest.mark.parametrize(
    ("error", "verdict", "outage"),
    [
        (UnavailableError("away"), "later", True),
        (RateLimitedError("too fast"), "later", True),
        (ComeBackLater("a fence", seconds=7), "later", False),
        (RejectedError("no"), "failed", False),
        (ConsentNeededError("connect again"), "later", True),
        (AuthenticationError("refused"), "later", True),
        (MalformedReplyError("no JSON"), "later", True),
        (OutcomeUnknownError("lost"), "failed", False),
        (AmbiguousMatchError("two fit.", candidates=["1", "2"]), "failed", False),
        (UncertainEffectError("who knows"), "uncertain", False),
        (KeyError("x"), "failed", False),
    ],
)
def test_each_error_has_its_verdict(error: Exception, verdict: str, outage: bool) -> None:
    outcome = judge(error)
    assert (outcome.verdict, outcome.outage) == (verdict, outage)
    assert outcome.problem.error_class == type(error).__name__


def test_an_error_keeps_where_it_was_and_what_to_do() -> None:
    vendor = {"vendor_text": "för långt", "vendor_code": "2000", "status": 400, "request_id": "r-1"}
    error = RejectedError("Too long.", connection="fortnox", record="deal 1", advice="Shorten it.", **vendor)
    problem = judge(error).problem
    assert problem.text == "fortnox, deal 1: Too long. [för långt (2000)]"
    assert problem.advice == "Shorten it."
    assert Problem.model_validate_json(problem.model_dump_json()) == problem, "kept with the run as it is"
    assert {name: getattr(problem, name) for name in vendor} == vendor


def test_an_error_keeps_its_field_and_the_row_as_people_count() -> None:
    problem = judge(InvalidValueError("quantity 0", field="rows[2].quantity")).problem
    assert (problem.field, problem.row) == ("rows[2].quantity", 3)
    assert judge(InvalidValueError("no name", field="name")).problem.row is None


def test_an_unexpected_exception_says_what_it_was() -> None:
    problem = judge(KeyError("number")).problem
    assert problem.text == "Unexpected KeyError: 'number'"
    assert problem.advice is not None
    assert "report" in problem.advice


def test_waits_grow_and_stay_at_the_last() -> None:
    away = judge(UnavailableError("away"))
    assert [wait_before_next(away, outages, WAITS) for outages in range(5)] == [10, 30, 120, 120, 120]


def test_what_the_system_asked_for_is_waited_at_least() -> None:
    slow_down = judge(RateLimitedError("too fast", retry_after=45.0))
    assert [wait_before_next(slow_down, outages, WAITS) for outages in range(3)] == [45, 45, 120]


def test_a_fence_waits_its_own_time() -> None:
    assert wait_before_next(judge(ComeBackLater("fence", seconds=7)), 9, WAITS) == 7


def test_after_the_horizon_it_is_failed_and_says_so() -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    away = judge(UnavailableError("away", connection="erp"))
    assert given_up(away, since, since + timedelta(hours=71), 72, 15) == away
    ended = given_up(away, since, since + timedelta(hours=72), 72, 15)
    assert (ended.verdict, ended.problem.error_class) == ("failed", "UnavailableError")
    assert "72 hours" in ended.problem.text
    assert "erp: " in ended.problem.text
    assert "away" in ended.problem.text
    assert "erpcore retry" in str(ended.problem.advice)


def test_a_hiccup_has_lasted_after_minutes_and_a_consent_never() -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    refused = judge(AuthenticationError("refused", connection="erp", advice="Check the credentials."))
    assert given_up(refused, since, since + timedelta(minutes=14), 72, 15) == refused
    ended = given_up(refused, since, since + timedelta(minutes=15), 72, 15)
    assert (ended.verdict, ended.problem.advice) == ("failed", "Check the credentials.")
    assert "15 minutes" in ended.problem.text
    gone = judge(ConsentNeededError("connect again", connection="erp"))
    assert given_up(gone, since, since + timedelta(days=30), 72, 15) == gone


def test_only_waiting_is_given_up() -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    uncertain = Outcome("uncertain", Problem(error_class="X", message="x"))
    assert given_up(uncertain, since, since + timedelta(days=30), 72, 15) == uncertain
