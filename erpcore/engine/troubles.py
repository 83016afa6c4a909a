"""Telling of trouble without filling the log: one line when it begins, one now and then, one when it is over."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

import sqlalchemy as sa

from erpcore.host import Clock
from erpcore.store import store_failure

_log = logging.getLogger(__name__)

_AGAIN_SECONDS = 600.0
"""Seconds between two lines about the same trouble."""

_LONGEST_WAIT = 300.0
_STORE = "store"


@dataclass
class _Trouble:
    since: float
    told: float
    times: int = 1


class Troubles:
    """What goes wrong in this process, by what it is about. Threads may share it.

    Args:
        clock: Only differences of its monotonic time count.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, _Trouble] = {}
        self._lock = threading.Lock()

    def note(self, about: str, text: str, *, fault: Exception | None = None) -> None:
        """Something goes wrong, perhaps again.

        Args:
            about: What: a key, and the beginning of the line.
            text: Why, in words.
            fault: What nobody foresaw, so that its traceback is told.
        """
        at = self._clock.monotonic()
        with self._lock:
            known = self._known.get(about)
            if known is None:
                self._known[about] = _Trouble(at, at)
            else:
                known.times += 1
                if at - known.told < _AGAIN_SECONDS:
                    return
                known.told = at
        lasting = "" if known is None else f" (for {span(at - known.since)} now, {known.times} times)"
        _log.log(logging.ERROR if fault else logging.WARNING, "%s%s: %s", about, lasting, text, exc_info=fault)

    def note_store(self, error: sa.exc.SQLAlchemyError) -> None:
        """The store fails, perhaps again. Whoever writes to it with success says that this is over: `over_store`."""
        self.note(_STORE, str(store_failure(error)).removeprefix(f"{_STORE}: "))

    def over_store(self) -> None:
        """The store can be written, perhaps again."""
        self.over(_STORE)

    def over(self, about: str) -> None:
        """It goes well, perhaps again."""
        with self._lock:
            known = self._known.pop(about, None)
        if known is not None:
            _log.warning("%s: well again, after %s", about, span(self._clock.monotonic() - known.since))

    def wait(self, about: str, seconds: float) -> float:
        """Give the seconds after which to try again: longer with each time that it went wrong.

        Args:
            about: As for `note`.
            seconds: Where nothing goes wrong.
        """
        with self._lock:
            known = self._known.get(about)
        return seconds if known is None else min(seconds * 2 ** min(known.times, 16), max(_LONGEST_WAIT, seconds))


def span(seconds: float) -> str:
    """Say how long something lasts."""
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.0f} hours"
