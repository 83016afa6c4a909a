"""The clock of a simulator: real time that a test or a person can move forward."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

FURTHEST = 100 * 365.25 * 86_400
"""Seconds that a clock can be moved in all; what is far beyond them is no date any more."""


class Clock:
    """Passing time plus an offset, so that an hour can pass without anybody waiting for it.

    Args:
        start: What the clock shows when it is made (aware). Without it, the machine's own time.
        ticking: Whether time passes by itself; without it only `advance` moves the clock, for exact tests.
        monotonic: What passing time is measured by, in seconds; a simulation gives its own.
    """

    def __init__(
        self,
        start: datetime | None = None,
        *,
        ticking: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = threading.Lock()
        self._moved = 0.0
        self._ticking = ticking
        self._made_on = datetime.now(UTC)
        self._start = self._made_on if start is None else start.astimezone(UTC)
        self._measured = monotonic
        self._made_at = monotonic()

    def now(self) -> datetime:
        """Return the simulator's time, aware, in UTC."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return seconds since the clock was made, moved by `advance` too. For rate windows and lifetimes."""
        passed = self._measured() - self._made_at if self._ticking else 0.0
        with self._lock:
            return passed + self._moved

    @property
    def ahead(self) -> timedelta:
        """How far the clock is ahead of the machine's own time; only `advance` and `set_ahead` change it."""
        with self._lock:
            return self._start + timedelta(seconds=self._moved) - self._made_on

    def set_ahead(self, ahead: timedelta) -> None:
        """Take up the distance that an earlier clock had; `monotonic` is not moved by it.

        For the beginning of a simulator's life only, since what the clock shows may go back.
        """
        with self._lock:
            self._start = self._made_on + ahead - timedelta(seconds=self._moved)

    def advance(self, seconds: float) -> datetime:
        """Move the clock forward.

        Args:
            seconds: How far; zero or more, and `FURTHEST` at most in all.

        Returns:
            What the clock shows afterwards.

        Raises:
            ValueError: `seconds` is negative, no number or too many; a simulator's time never goes back.
        """
        if not seconds >= 0:  # also what is not a number
            raise ValueError(f"The clock can only be moved forward, not by {seconds} seconds.")
        with self._lock:
            if self._moved + seconds > FURTHEST:
                raise ValueError(f"The clock can be moved {FURTHEST:.0f} seconds in all, about a century.")
            self._moved += seconds
        return self.now()
