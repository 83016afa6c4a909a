"""What an error means for a run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from erpcore.engine.outcome import Problem, given_up, judge, wait_before_next
from erpcore.errors import (
    AmbiguousMatchError,
    ConsentNeededError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
    UncertainEffectError,
)
from erpcore.sync.effect import ComeBackLater

WAITS = (10.0, 30.0, 120.0)


@pytest.mark.parametrize(
    ("error", "verdict", "outage"),
    [
        (UnavailableError("away"), "later", True),
        (RateLimitedError("too fast"), "later", True),
        (ComeBackLater("a fence", seconds=7), "later", False),
        (sa.exc.OperationalError("select 1", None, Exception("away")), "later", True),
        (RejectedError("no"), "failed", False),
        (ConsentNeededError("connect again"), "failed", False),
        (OutcomeUnknownError("lost"), "failed", False),
        (AmbiguousMatchError("two fit.", candidates=["1", "2"]), "failed", False),
        (UncertainEffectError("who knows"), "uncertain", False),
        (KeyError("x"), "failed", False),
    ],
)
def test_verdicts(error: Exception, verdict: str, outage: bool) -> None:
    problem = judge(error)
    assert (problem.verdict, problem.outage) == (verdict, outage)
    assert problem.error_class == type(error).__name__


def test_an_error_keeps_where_it_was_and_what_to_do() -> None:
    error = RejectedError(
        "The name is too long.", connection="fortnox", record="deal 1", advice="Shorten it.", vendor_text="för långt"
    )
    problem = judge(error)
    assert problem.text == "fortnox, deal 1: The name is too long. [för långt]"
    assert problem.advice == "Shorten it."
    stored = problem.as_error()
    assert (type(stored).__name__, stored.message, stored.advice) == ("RejectedError", problem.text, "Shorten it.")


def test_an_unexpected_exception_says_what_it_was() -> None:
    problem = judge(KeyError("number"))
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
    problem = judge(UnavailableError("away"))
    assert given_up(problem, since, since + timedelta(hours=71), 72) == problem
    ended = given_up(problem, since, since + timedelta(hours=72), 72)
    assert ended.verdict == "failed"
    assert "72 hours" in ended.text
    assert "away" in ended.text
    assert "erpcore retry" in str(ended.advice)


def test_only_waiting_is_given_up() -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    uncertain = Problem(verdict="uncertain", error_class="X", text="x")
    assert given_up(uncertain, since, since + timedelta(days=30), 72) == uncertain
