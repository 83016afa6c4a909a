"""What an error means for the run that it ended: come back later, failed, or a person must decide.

Errors are kept as words and not as exceptions, because they are stored as JSON between two steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from erpcore.errors import ErpcoreError, RemoteError, UncertainEffectError
from erpcore.sync.effects import ComeBackLater

STORE_AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
"""What our own database raises when it is out of reach, locked for too long, or its disk is full."""


class Problem(BaseModel):
    """Why a step did not come to its end.

    Attributes:
        verdict: ``later``: the same may succeed later without anybody mending anything; ``failed``: a person mends
            something and sends it again; ``uncertain``: a person decides whether a document was made.
        error_class: Name of the error's class.
        text: What happened, in words.
        advice: What a person can do.
        outage: Whether waiting is of the growing kind, because a system is out of reach.
        wait_seconds: How long to wait at least, when that is known.
    """

    model_config = ConfigDict(frozen=True)

    verdict: Literal["later", "failed", "uncertain"]
    error_class: str
    text: str
    advice: str | None = None
    outage: bool = False
    wait_seconds: float | None = None

    def as_error(self) -> ErpcoreError:
        """Give an exception of the same class name, text and advice, for the store."""
        error: ErpcoreError = type(self.error_class, (ErpcoreError,), {})(self.text, advice=self.advice)
        return error


def judge(error: Exception) -> Problem:
    """Tell what an error means.

    Args:
        error: Whatever a step raised.
    """
    name = type(error).__name__
    if isinstance(error, ComeBackLater):
        return Problem(
            verdict="later", error_class=name, text=str(error), advice=error.advice, wait_seconds=error.seconds
        )
    if isinstance(error, UncertainEffectError):
        return Problem(verdict="uncertain", error_class=name, text=_text(error), advice=error.advice)
    if isinstance(error, ErpcoreError):
        if not error.retryable:
            return Problem(verdict="failed", error_class=name, text=_text(error), advice=error.advice)
        wait = error.retry_after if isinstance(error, RemoteError) else None
        return Problem(
            verdict="later", error_class=name, text=_text(error), advice=error.advice, outage=True, wait_seconds=wait
        )
    if isinstance(error, STORE_AWAY):
        return Problem(verdict="later", error_class=name, text=f"The store is out of reach: {error}", outage=True)
    return Problem(
        verdict="failed",
        error_class=name,
        text=f"Unexpected {name}: {error}",
        advice="This is a fault of erpcore or of a plugin: please report it. It can be sent again.",
    )


def wait_before_next(problem: Problem, outages: int, retry_seconds: Sequence[float]) -> float:
    """Give the seconds until the next attempt.

    Args:
        problem: Why this one did not come to its end.
        outages: Attempts that ended in an outage before this one.
        retry_seconds: Waits, in seconds; the last one is repeated.
    """
    growing = retry_seconds[min(outages, len(retry_seconds) - 1)] if problem.outage else 0.0
    return max(growing, problem.wait_seconds or 0.0)


def given_up(problem: Problem, waiting_since: datetime, now: datetime, give_up_hours: float) -> Problem:
    """Turn a problem that has lasted for too long into a failure; leave any other as it is.

    Args:
        problem: Why the latest attempt did not come to its end.
        waiting_since: When the first attempt came to the same end, aware.
        now: The present, aware.
        give_up_hours: How long is too long.
    """
    if problem.verdict != "later" or now - waiting_since < timedelta(hours=give_up_hours):
        return problem
    return problem.model_copy(
        update={
            "verdict": "failed",
            "text": f"Given up after {give_up_hours:g} hours of trying. The last time: {problem.text}",
            "advice": "When the system can be reached again, send it again with: erpcore retry",
        }
    )


def _text(error: ErpcoreError) -> str:
    """Everything that the error says but its advice, which is kept beside it."""
    text = str(error)
    return text.replace(f" {error.advice}", "", 1) if error.advice else text
