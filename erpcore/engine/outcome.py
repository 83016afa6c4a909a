"""What an error means for the attempt that it ended: later, failed, or a person must decide. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from erpcore.errors import (
    AuthenticationError,
    ConsentNeededError,
    ErpcoreError,
    MalformedReplyError,
    RemoteError,
    UncertainEffectError,
)
from erpcore.problem import Problem
from erpcore.sync.effect import ComeBackLater

_MINUTES = ("AuthenticationError", "MalformedReplyError")
_FOR_EVER = ("ConsentNeededError",)

Patience = Literal["hours", "minutes", "for ever"]
"""For how long the same is tried again: an outage for hours or days, what may be a hiccup for minutes, and what waits
for a person's consent until it is given."""

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
    if isinstance(error, ConsentNeededError):
        return Outcome("later", problem, outage=True)  # it holds the connection, and goes on when the consent is there
    hiccup = isinstance(error, (AuthenticationError, MalformedReplyError)) and not error.lasts
    if isinstance(error, ErpcoreError) and (error.retryable or hiccup):
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


def patience(problem: Problem) -> Patience:
    """Tell for how long a problem is waited out.

    Args:
        problem: Of an attempt that is to be made again.
    """
    if problem.error_class in _FOR_EVER:
        return "for ever"
    return "minutes" if problem.error_class in _MINUTES else "hours"


def waiting_since(run_since: datetime | None, before: Problem | None, outcome: Outcome, now: datetime) -> datetime:
    """Tell since when a run waits for what it waits for now: an hour's outage is no part of a hiccup after it.

    Args:
        run_since: When its first attempt in a row ended in waiting, aware.
        before: What the attempt before met.
        outcome: How the latest attempt ended.
        now: The present, aware.
    """
    if run_since is None or before is None or patience(before) != patience(outcome.problem):
        return now
    return run_since


def given_up(outcome: Outcome, since: datetime, now: datetime, give_up_hours: float, hiccup_minutes: float) -> Outcome:
    """Turn a problem that has lasted for too long into a failure; leave any other as it is.

    Args:
        outcome: How the latest attempt ended.
        since: Since when the run waits for it (`waiting_since`), aware.
        now: The present, aware.
        give_up_hours: How long is too long for an outage.
        hiccup_minutes: How long is too long for what may be a hiccup.
    """
    how_patient = patience(outcome.problem)
    longest = timedelta(minutes=hiccup_minutes) if how_patient == "minutes" else timedelta(hours=give_up_hours)
    if outcome.verdict != "later" or how_patient == "for ever" or now - since < longest:
        return outcome
    told = f"{hiccup_minutes:g} minutes" if how_patient == "minutes" else f"{give_up_hours:g} hours"
    reached = "When the system can be reached again, send it again with: erpcore retry"
    problem = outcome.problem.model_copy(
        update={
            "message": f"Given up after {told} of trying. The last time: {outcome.problem.message}",
            "advice": outcome.problem.advice if how_patient == "minutes" else reached,
        }
    )
    return replace(outcome, verdict="failed", problem=problem)
