"""Time as this package needs it: three functions that a test can replace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """What to ask for time, and how to wait.

    Args:
        monotonic: Seconds that never run backwards; only differences mean anything.
        now: The wall clock, aware, in UTC.
        sleep: Waits the given seconds.
    """

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], None] = time.sleep


SYSTEM_CLOCK = Clock()
"""The machine's own time."""
