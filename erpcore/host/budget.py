"""The request budget: no more requests than the vendor allows, over everybody who shares the vendor's limit.

Vendors count in a sliding window: 25 requests per 5 seconds and client and tenant (Fortnox developer guide, Rate
limits), 600 per minute and endpoint (Visma eAccounting, Rate limits), 10 per second and subscription key (PowerOffice
Go). So a budget keeps the instants at which it let requests go, and lets the next one go when it fits.

`MemoryBudget` serves one process. The store has one that all processes share (`erpcore.store.budget`). Both look
whether one more request fits now, and when it does not, ask again after the wait: an instant that was promised ahead
would be wrong by as much as its thread wakes up late.
"""

from __future__ import annotations

import threading
from bisect import bisect_right, insort
from collections import defaultdict
from dataclasses import dataclass
from typing import Protocol

from erpcore.errors import RateLimitedError
from erpcore.host.clock import Clock

LONGEST_WAY = 1.0
"""Seconds that a request is at most taken to be under way."""


@dataclass(frozen=True)
class RateLimit:
    """A vendor's limit, as the plugin states it.

    Args:
        key: What the vendor counts by, such as ``fortnox:<client id>:<tenant>``. Everybody with the same key shares it.
        limit: Requests allowed in the window.
        seconds: Length of the window.
        margin: Seconds that the window is taken longer, because requests arrive less evenly than they leave. What is
            under way for longer than this counts from its answer on (`Budget.answered`).
    """

    key: str
    limit: int
    seconds: float
    margin: float = 0.25


class Budget(Protocol):
    """Hands out the right to send one request."""

    def acquire(self, key: str, limit: int, seconds: float, *, longest_wait: float = 30.0) -> float:
        """Wait until one more request fits, and count it: never more than `limit` of one key in any `seconds`.

        Args:
            key: What the vendor counts by.
            limit: Requests allowed in the window.
            seconds: Length of the window, margin included.
            longest_wait: Seconds that the caller will wait.

        Returns:
            Seconds waited.

        Raises:
            RateLimitedError: The wait would be longer; `retry_after` tells how long, and nothing was counted.
        """

    def answered(self, key: str, tolerance: float) -> None:
        """Count the request that this thread was granted last from now on: its answer is here.

        The vendor counts arrivals. When a request arrived is not known, only that it was before its answer; and between
        its turn and its arrival, a busy machine or a slow disk may have taken any time. So the next window begins with
        the answer, unless that is as near as makes no difference. What took longer than `LONGEST_WAY` was worked on
        rather than under way, and counts from that long after its turn.

        Args:
            key: What the vendor counts by.
            tolerance: Seconds that make no difference, because the window is taken longer by as much.
        """

    def close_window(self, key: str, seconds: float) -> None:
        """Grant nothing for this long: the vendor said no in spite of the budget.

        Args:
            key: What the vendor counts by.
            seconds: From now. A window that is closed for longer already stays so.
        """


def too_long(key: str, wait: float) -> RateLimitedError:
    """Build the error for a wait that the caller would not sit through.

    Args:
        key: What the vendor counts by.
        wait: Seconds until the request could go.
    """
    return RateLimitedError(
        f"The request budget {key!r} is used up for another {wait:.1f} s, and nothing was sent.", retry_after=wait
    )


class MemoryBudget:
    """A budget for one process, shared by its threads.

    Args:
        clock: Time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._granted: defaultdict[str, list[float]] = defaultdict(list)
        self._closed_until: dict[str, float] = {}
        self._lock = threading.Lock()
        self._last = threading.local()

    def acquire(self, key: str, limit: int, seconds: float, *, longest_wait: float = 30.0) -> float:
        """See `Budget.acquire`."""
        waited = 0.0
        while (wait := self._take(key, limit, seconds)) > 0:
            if waited + wait > longest_wait:
                raise too_long(key, wait)
            self._clock.sleep(wait)
            waited += wait
        return waited

    def count(self, key: str, instant: float) -> None:
        """Count a request that somebody else has sent.

        Args:
            key: What the vendor counts by.
            instant: When it left, by the budget's clock.
        """
        with self._lock:
            insort(self._granted[key], instant)

    def answered(self, key: str, tolerance: float) -> None:
        """See `Budget.answered`."""
        instant = self._last.__dict__.pop(key, None)
        if instant is None or (late := min(self._clock.monotonic() - instant, LONGEST_WAY)) <= tolerance:
            return
        with self._lock:
            granted = self._granted[key]
            if instant in granted:
                granted.remove(instant)
                insort(granted, instant + late)

    def close_window(self, key: str, seconds: float) -> None:
        """See `Budget.close_window`."""
        until = self._clock.monotonic() + seconds
        with self._lock:
            self._closed_until[key] = max(self._closed_until.get(key, until), until)

    def _take(self, key: str, limit: int, seconds: float) -> float:
        """Count one more request if it fits now; otherwise give the seconds until it may."""
        with self._lock:
            now = self._clock.monotonic()
            granted = self._granted[key]
            # Two requests exactly a window's length apart are in different windows.
            del granted[: bisect_right(granted, now - seconds)]
            wait = granted[-limit] + seconds - now if len(granted) >= limit else 0.0
            wait = max(wait, self._closed_until.get(key, now) - now, 0.0)
            if wait == 0:
                insort(granted, now)
                self._last.__dict__[key] = now
            return wait
