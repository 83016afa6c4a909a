"""The queue is quiet while nothing is open, and is looked into at once when something was put in.

DBOS looks into its queue at a fixed interval, for ever. It waits between two looks in the `wait` of the events that end
its threads. Here these wait longer while nothing happens, and can be rung. One of its threads has no public
event; it is kept waiting where it asks for a connection. What another process puts in is told by `erpcore.engine.bell`.
"""

from __future__ import annotations

import heapq
import math
import threading
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

from erpcore.host import SYSTEM_CLOCK

IDLE_SECONDS = 30.0
"""Seconds between two looks into the queue at the most, while there is nothing to do."""
SHARED_IDLE_SECONDS = 5.0
"""The same where several workers share the queue: what waits for a lane that another one frees, nobody rings for."""
BUSY_SECONDS = 1.0
"""Seconds after the last sign of work for which the queue is looked into as often as the settings say; then less and
less often."""

_LEAST_SECONDS = 0.03
"""Seconds from a ring to the look that it asks for: what it tells of is committed by then, and what comes with it is
found together."""


class Quiet:
    """Tells threads that look for work how long to wait.

    Args:
        monotonic: Seconds that never run backwards; those of the machine, as threads wait in them.
        longest: Seconds between two looks at the most.
    """

    def __init__(
        self, monotonic: Callable[[], float] = SYSTEM_CLOCK.monotonic, *, longest: float = IDLE_SECONDS
    ) -> None:
        self._monotonic = monotonic
        self._longest = longest
        self._changed = threading.Condition()
        self._busy_until = monotonic() + BUSY_SECONDS
        self._due: list[float] = []
        self._rings, self._rung_at = 0, 0.0

    def ring(self, seconds: float = 0.0) -> None:
        """Say that there is work, or will be in so many seconds: whoever waits looks then, and often for a while.

        It may be said before the work is committed.
        """
        with self._changed:
            heapq.heappush(self._due, self._monotonic() + seconds)
            if seconds <= 0:
                self._rings, self._rung_at = self._rings + 1, self._monotonic()
            self._changed.notify_all()

    def take_over(self, stops: Iterable[threading.Event], idle: Callable[[], bool] = lambda: False) -> None:
        """Have the threads that these events stop wait here.

        Args:
            stops: Events for which only threads wait that look for work.
            idle: Tells whether the thread that asks looks for what nobody ever puts in, and so need not be rung.
        """
        for stop in stops:
            self._take_over(stop, idle)

    def hold_back(self, engine: sa.Engine, name: str, usual: float) -> Callable[[], None]:
        """Keep a thread that looks for work at a fixed interval waiting where it asks for a connection.

        Args:
            engine: Gives the connections. Nobody uses it yet: what listens to it is not added beside its use.
            name: Of the thread.
            usual: Seconds between two of its looks. It counts the time that it is kept here as part of them.

        Returns:
            Lets the thread go, for good.
        """
        over, looked_at = threading.Event(), self._monotonic() - usual

        def checkout(*_given: Any) -> None:
            nonlocal looked_at
            if threading.current_thread().name != name:
                return
            until = math.inf
            with self._changed:
                # A look makes several statements: only the first of them is kept waiting.
                while (now := self._monotonic()) - looked_at > usual / 2 and not over.is_set():
                    until = min(until, now + self.seconds(usual) - usual)
                    if until <= now:
                        break
                    self._changed.wait(until - now)
            looked_at = now

        def let_go() -> None:
            over.set()
            with self._changed:
                self._changed.notify_all()

        sa.event.listen(engine, "checkout", checkout)
        return let_go

    def seconds(self, usual: float) -> float:
        """Give the seconds until the next look.

        Args:
            usual: What is usual while there is work.
        """
        now = self._monotonic()
        while self._due and self._due[0] <= now:
            self._busy_until = max(self._busy_until, heapq.heappop(self._due) + BUSY_SECONDS)
        if now < self._busy_until:
            return usual
        # Twice as long each time: what took long to be committed after its ring is found soon all the same.
        rest = min(self._longest, now - self._busy_until + BUSY_SECONDS)
        return max(usual, min(rest, self._due[0] - now if self._due else rest))

    def _take_over(self, stop: threading.Event, idle: Callable[[], bool]) -> None:
        set_it, seen = stop.set, dict[int, int]()

        def set_and_tell() -> None:
            set_it()
            with self._changed:
                self._changed.notify_all()

        def wait(timeout: float | None = None) -> bool:
            begun, usual, rests = self._monotonic(), IDLE_SECONDS if timeout is None else timeout, idle()
            heard: float | None = None
            with self._changed:
                # A ring that came while this thread looked may tell of what it could not see yet.
                rings = seen.get(threading.get_ident(), self._rings)
                while usual > 0 and not stop.is_set():
                    if rests:
                        seconds = max(usual, IDLE_SECONDS)
                    elif heard is None and rings == self._rings:
                        seconds = self.seconds(usual)
                    else:
                        # Not before what it tells of is committed, or the look would be in vain and the next one late.
                        heard = self._rung_at if heard is None else heard
                        seconds = heard + _LEAST_SECONDS - begun
                    if (left := begun + seconds - self._monotonic()) <= 0:
                        break
                    self._changed.wait(left)
                seen[threading.get_ident()] = self._rings
            return stop.is_set()

        stop.set, stop.wait = set_and_tell, wait  # type: ignore[method-assign]
