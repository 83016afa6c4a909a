"""Which articles an ERP is known to have, so that the second deal with an article pays no look-up."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from cachetools import TTLCache


class KnownArticles:
    """Article numbers that were seen in one ERP. An article that is missing is not remembered: it may come any time.

    One instance per ERP connection and process; safe for threads.

    Args:
        seconds: How long a number is believed to be there.
        size: How many numbers are kept, the least used ones leave first.
        monotonic: Seconds that never run backwards.
    """

    def __init__(
        self, *, seconds: float = 3600.0, size: int = 10_000, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._numbers: TTLCache[str, bool] = TTLCache(maxsize=size, ttl=seconds, timer=monotonic)
        self._lock = Lock()

    def __contains__(self, number: str) -> bool:
        with self._lock:
            return number in self._numbers

    def add(self, number: str) -> None:
        """Remember that the ERP has an article.

        Args:
            number: Its number.
        """
        with self._lock:
            self._numbers[number] = True

    def discard(self, number: str) -> None:
        """Forget a number, after the ERP refused something about it.

        Args:
            number: Its number.
        """
        with self._lock:
            self._numbers.pop(number, None)
