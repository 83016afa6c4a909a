"""The clock of a simulator: real time that a test or a person can move forward."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset, so that an hour can pass without anybody waiting for it.

    Args:
        start: What the clock shows when it is made (aware). Without it, the machine's own time.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._moved = 0.0
        self._shift = timedelta(0) if start is None else start.astimezone(UTC) - datetime.now(UTC)

    def now(self) -> datetime:
        """Return the simulator's time, aware, in UTC."""
        with self._lock:
            return datetime.now(UTC) + self._shift + timedelta(seconds=self._moved)

    def monotonic(self) -> float:
        """Return seconds that never go back; moved by `advance` too. For rate windows."""
        with self._lock:
            return time.monotonic() + self._moved

    def advance(self, seconds: float) -> datetime:
        """Move the clock forward.

        Args:
            seconds: How far; zero or more.

        Returns:
            What the clock shows afterwards.

        Raises:
            ValueError: `seconds` is negative; a simulator's time never goes back.
        """
        if seconds < 0:
            raise ValueError(f"The clock can only be moved forward, not by {seconds} seconds.")
        with self._lock:
            self._moved += seconds
        return self.now()
