"""The sliding rate window that vendors count requests in."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable

from erpcore.simulator.clock import Clock


class SlidingWindow:
    """At most `limit` requests per key within any `seconds`. A refused request does not count.

    Args:
        limit: How many requests the window holds.
        seconds: How long the window is.
        clock: Whose `monotonic` time counts.
    """

    def __init__(self, limit: int, seconds: float, clock: Clock) -> None:
        if limit < 1 or seconds <= 0:
            raise ValueError(f"A window of {limit} requests in {seconds} seconds lets nothing through.")
        self.limit = limit
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[Hashable, deque[float]] = {}

    def allow(self, key: Hashable) -> bool:
        """Count one request of `key`; False when the window is full, and then it is not counted."""
        with self._lock:
            seen, now = self._current(key)
            if len(seen) >= self.limit:
                return False
            seen.append(now)
            return True

    def seconds_until_free(self, key: Hashable) -> float:
        """Return how long until the next request of `key` is let through; 0.0 when it is now."""
        with self._lock:
            seen, now = self._current(key)
            return 0.0 if len(seen) < self.limit else max(0.0, seen[0] + self.seconds - now)

    def remaining(self, key: Hashable) -> int:
        """Return how many more requests of `key` are let through now."""
        with self._lock:
            return self.limit - len(self._current(key)[0])

    def _current(self, key: Hashable) -> tuple[deque[float], float]:
        now = self._clock.monotonic()
        seen = self._seen.setdefault(key, deque())
        while seen and seen[0] <= now - self.seconds:
            seen.popleft()
        return seen, now
