"""Time, handed in from above: three functions that a test or a simulation replaces."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Clock:
    """What to ask for time, and how to wait.

    Args:
        monotonic: Seconds that never run backwards, and run on while the machine sleeps. Only differences count.
        now: The wall clock, aware, in UTC.
        sleep: Waits the given seconds.
    """

    monotonic: Callable[[], float]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]


def _seconds() -> float:
    # Linux's ordinary monotonic clock stands still while the machine is suspended. A request that was held up by that
    # must look as old as it is.
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


SYSTEM_CLOCK = Clock(_seconds, lambda: datetime.now(UTC), time.sleep)
"""The machine's own time. Handed in where a process is put together, and nowhere below."""
