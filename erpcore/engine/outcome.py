"""What an error means for the attempt that it ended: later, failed, or a person must decide. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from erpcore.errors import ErpcoreError, RemoteError, UncertainEffectError
from erpcore.problem import Problem
from erpcore.sync.effect import ComeBackLater

Verdict = Literal["later", "failed", "uncertain"]
"""The same may succeed later without anybody mending anything; or a person mends something and sends it again; or a
person decides."""


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended that did not come to a good end.

    Attributes:
        verdict: What that means for the run.
        problem: Why.
        outage: Whether waits grow from one attempt to the next, because a system is out of reach.
        wait_seconds: How long to wait at least, when that is known.
    """

    verdict: Verdict
    problem: Problem
    outage: bool = False
    wait_seconds: float = 0.0


def judge(error: Exception) -> Outcome:
    """Tell what an error means.

    Args:
        error: Whatever an attempt raised.
    """
    problem = Problem.of(error)
    if isinstance(error, ComeBackLater):
        return Outcome("later", problem, wait_seconds=error.seconds)
    if isinstance(error, UncertainEffectError):
        return Outcome("uncertain", problem)
    if isinstance(error, ErpcoreError) and error.retryable:
        wait = error.retry_after if isinstance(error, RemoteError) else None
        return Outcome("later", problem, outage=True, wait_seconds=wait or 0.0)
    return Outcome("failed", problem)


def wait_before_next(outcome: Outcome, outages: int, retry_seconds: Sequence[float]) -> float:
    """Give the seconds until the next attempt.

    Args:
        outcome: How this one ended.
        outages: Attempts in a row that ended in an outage before this one.
        retry_seconds: Waits, in seconds; the last one is repeated.
    """
    growing = retry_seconds[min(outages, len(retry_seconds) - 1)] if outcome.outage else 0.0
    return max(growing, outcome.wait_seconds)


def given_up(outcome: Outcome, waiting_since: datetime, now: datetime, give_up_hours: float) -> Outcome:
    """Turn a problem that has lasted for too long into a failure; leave any other as it is.

    Args:
        outcome: How the latest attempt ended.
        waiting_since: When the first attempt in a row came to the same end, aware.
        now: The present, aware.
        give_up_hours: How long is too long.
    """
    if outcome.verdict != "later" or now - waiting_since < timedelta(hours=give_up_hours):
        return outcome
    problem = outcome.problem.model_copy(
        update={
            "message": f"Given up after {give_up_hours:g} hours of trying. The last time: {outcome.problem.message}",
            "advice": "When the system can be reached again, send it again with: erpcore retry",
        }
    )
    return replace(outcome, verdict="failed", problem=problem)
