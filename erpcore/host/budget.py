"""The request budget: no more requests than the vendor allows, over everybody who shares the vendor's limit.

Vendors count in a sliding window: 25 requests per 5 seconds and client and tenant (Fortnox developer guide, Rate
limits), 600 per minute and endpoint (Visma eAccounting, Rate limits), 10 per second and subscription key (PowerOffice
Go). So a budget keeps the instants at which it let requests go, and lets the next one go when it fits.

`MemoryBudget` serves one process: it reserves an instant first and waits for it afterwards, which makes the order fair
and keeps locks short. The store has one that all processes share (`erpcore.store.budget`, which says why it does not
reserve). Both keep the protocol `Budget`.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal, Protocol

from erpcore.errors import RateLimitedError
from erpcore.host.clock import Clock

Share = Literal["live", "backfill"]
"""Who asks: work that a person waits for, or work that fetches history and can wait."""

LONGEST_WAY = 1.0
"""Seconds that a request is at most taken to be under way."""

_share: ContextVar[Share] = ContextVar("erpcore_budget_share", default="live")


@contextmanager
def spending(share: Share) -> Iterator[None]:
    """Let every request inside the block count towards this share.

    Args:
        share: ``"backfill"`` for work that must leave room for live work.
    """
    token = _share.set(share)
    try:
        yield
    finally:
        _share.reset(token)


def current_share() -> Share:
    """Give the share that requests of this thread count towards (``"live"`` outside `spending`)."""
    return _share.get()


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

    def acquire(
        self, key: str, limit: int, seconds: float, *, share: Share = "live", longest_wait: float = 30.0
    ) -> float:
        """Wait until one more request fits, and count it.

        Never more than `limit` grants of one key in any `seconds`; backfill takes at most a stated part of them.

        Args:
            key: What the vendor counts by.
            limit: Requests allowed in the window.
            seconds: Length of the window, margin included.
            share: Who asks.
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


def backfill_limit(limit: int, part: float) -> int:
    """Give how many of the requests in a window backfill may take: at least one, and one less than all if it can be.

    Args:
        limit: Requests allowed in the window.
        part: The largest part for backfill, over 0 up to 1.
    """
    return max(1, min(int(limit * part), limit - 1))


def earliest_instant(granted: Sequence[float], not_before: float, limit: int, seconds: float) -> float:
    """Find the first instant at which one more request keeps every window within the limit.

    Args:
        granted: Instants granted already, sorted, also ones in the future. Older than `not_before - seconds` need not
            be there.
        not_before: The earliest instant that will do.
        limit: Requests allowed in a window.
        seconds: Length of the window. Two requests exactly this far apart are in different windows.
    """
    instant = not_before
    while True:
        place = bisect_left(granted, instant)
        # Every run of `limit` granted neighbours that would hold limit + 1 requests once ours is put in at `place`.
        first = max(0, place - limit)
        last = min(place, len(granted) - limit)
        blocked_by = [
            granted[start]
            for start in range(first, last + 1)
            if max(granted[start + limit - 1], instant) - min(granted[start], instant) < seconds
        ]
        if not blocked_by:
            return instant
        later = blocked_by[-1] + seconds
        if later - blocked_by[-1] < seconds:  # the sum was rounded down: one step up, or this never ends
            later += abs(later) * 1e-15 + 1e-9
        instant = later


def reserve_instant(
    granted: Sequence[float],
    backfill: Sequence[float],
    not_before: float,
    limit: int,
    seconds: float,
    backfill_at_most: int | None,
) -> float:
    """Find the first instant that fits all requests, and for backfill its own smaller limit too.

    Args:
        granted: All instants granted, sorted.
        backfill: Those of them that backfill was granted, sorted.
        not_before: The earliest instant that will do.
        limit: Requests allowed in a window.
        seconds: Length of the window.
        backfill_at_most: Requests that backfill is allowed in a window when backfill asks; None when live work asks.
    """
    instant = earliest_instant(granted, not_before, limit, seconds)
    if backfill_at_most is None:
        return instant
    while True:
        own = earliest_instant(backfill, instant, backfill_at_most, seconds)
        both = earliest_instant(granted, own, limit, seconds)
        if both == own:
            return own
        instant = both


def too_long(key: str, wait: float) -> RateLimitedError:
    """Build the error for a wait that the caller would not sit through.

    Args:
        key: What the vendor counts by.
        wait: Seconds until the request could go.
    """
    return RateLimitedError(
        f"The request budget {key!r} is used up for another {wait:.1f} s.",
        advice="Nothing was sent; a sync tries it again by itself.",
        retry_after=wait,
    )


@dataclass
class _Window:
    granted: list[float] = field(default_factory=list)
    backfill: list[float] = field(default_factory=list)
    closed_until: float = float("-inf")

    def forget(self, before: float) -> None:
        del self.granted[: bisect_left(self.granted, before)]
        del self.backfill[: bisect_left(self.backfill, before)]


class MemoryBudget:
    """A budget for one process, shared by its threads.

    Args:
        backfill_part: The largest part of each window that backfill may take, over 0 up to 1.
        clock: Time.
    """

    def __init__(self, clock: Clock, *, backfill_part: float = 0.8) -> None:
        if not 0 < backfill_part <= 1:
            raise ValueError("backfill_part is a part of the window: over 0, up to 1")
        self._part = backfill_part
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._lock = threading.Lock()
        self._last = threading.local()

    def acquire(
        self, key: str, limit: int, seconds: float, *, share: Share = "live", longest_wait: float = 30.0
    ) -> float:
        """See `Budget.acquire`."""
        start = self._clock.monotonic()
        while True:
            instant = self._reserve(key, limit, seconds, share, start + longest_wait)
            if (wait := instant - self._clock.monotonic()) > 0:
                self._clock.sleep(wait)
            with self._lock:
                closed_until = self._windows[key].closed_until
            # The window may have been closed during the sleep; the reserved instant is then void.
            if instant >= closed_until:
                self._last.__dict__[key] = instant
                return max(0.0, self._clock.monotonic() - start)

    def answered(self, key: str, tolerance: float) -> None:
        """See `Budget.answered`."""
        instant = self._last.__dict__.pop(key, None)
        if instant is None or (late := min(self._clock.monotonic() - instant, LONGEST_WAY)) <= tolerance:
            return
        with self._lock:
            window = self._windows[key]
            for instants in (window.granted, window.backfill):
                if instant in instants:
                    instants.remove(instant)
                    insort(instants, instant + late)

    def close_window(self, key: str, seconds: float) -> None:
        """See `Budget.close_window`."""
        until = self._clock.monotonic() + seconds
        with self._lock:
            window = self._windows.setdefault(key, _Window())
            window.closed_until = max(window.closed_until, until)

    def _reserve(self, key: str, limit: int, seconds: float, share: Share, latest: float) -> float:
        with self._lock:
            now = self._clock.monotonic()
            window = self._windows.setdefault(key, _Window())
            window.forget(now - seconds)
            instant = reserve_instant(
                window.granted,
                window.backfill,
                max(now, window.closed_until),
                limit,
                seconds,
                backfill_limit(limit, self._part) if share == "backfill" else None,
            )
            if instant > max(latest, now):
                raise too_long(key, instant - now)
            insort(window.granted, instant)
            if share == "backfill":
                insort(window.backfill, instant)
            return instant
