"""When to ask again, and how long to wait before.

Short and few, inside one call: what lasts longer than that is for the engine, which does not hold a worker while it
waits. A plain loop in the client rather than a library: whether a request may be repeated depends on whether it left,
on what was refused and on the vendor's own time, which is all of the work; the loop itself is four lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

_SECONDS = re.compile(r"\s*(\d{1,9}(?:\.\d*)?)\s*")


@dataclass(frozen=True)
class RetryRules:
    """How often and how patiently one call asks.

    Args:
        attempts: Requests in all, the first included.
        first_wait: Seconds before the second; each further wait is twice the one before.
        longest_wait: The most that doubling comes to. The vendor's own Retry-After is not shortened by it.
        jitter: The part of a wait that is added at random, so that many do not come back at once. Only ever added:
            nobody asks before the vendor's time.
        total_wait: Seconds that one call waits in all. A wait that would pass it is not begun; the error is raised with
            its `retry_after`.
    """

    attempts: int = 3
    first_wait: float = 0.5
    longest_wait: float = 8.0
    jitter: float = 0.25
    total_wait: float = 30.0

    def wait(
        self,
        attempt: int,
        waited: float,
        retry_after: float | None,
        randomness: Callable[[], float],
    ) -> float | None:
        """Tell how long to wait after a failed attempt, or None to give up.

        Args:
            attempt: The attempt that failed, from 1.
            waited: Seconds that this call has waited so far.
            retry_after: What the vendor asked for, in seconds.
            randomness: Gives numbers from 0 up to 1.
        """
        if attempt >= self.attempts:
            return None
        own: float = min(self.first_wait * 2 ** (attempt - 1), self.longest_wait)
        least = max(own, retry_after or 0.0)
        if waited + least > self.total_wait:
            return None
        return min(least + own * self.jitter * randomness(), max(least, self.total_wait - waited))


NO_RETRIES = RetryRules(attempts=1)
"""One request, whatever comes of it."""


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read a Retry-After header: seconds, also with a fraction, or a date (RFC 9110, section 10.2.3).

    Args:
        headers: The reply's headers, names in lower case.
        now: The present, aware; used when the reply has no Date of its own to count from.

    Returns:
        Seconds from now, never negative; None when there is no such header or nobody can read it.
    """
    value = headers.get("retry-after")
    if value is None:
        return None
    if match := _SECONDS.fullmatch(value):
        return float(match[1])
    until = date_of(value)
    if until is None:
        return None
    # Counted from the vendor's own clock where it shows it: ours may be wrong.
    return max(0.0, (until - (date_of(headers.get("date", "")) or now)).total_seconds())


def date_of(value: str) -> datetime | None:
    """Read a header that holds a date, such as Date; None when nobody can read it.

    Args:
        value: As the system told it.
    """
    from email.utils import parsedate_to_datetime  # which loads half of the package for mail

    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
