"""How much is deleted in one transaction, so that nobody waits long for their turn to write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from erpcore.host import Clock

AIMED_AT = 0.05
"""Seconds that a portion may take; one that took longer is followed by smaller ones."""
MOST = 500
"""The largest portion; a statement names each of its rows, and SQLite takes 999 values at least."""

_FIRST = 20
_RESTS = 2.0
"""How many times as long as a portion took others have their turn. On SQLite who waits looks now and then whether the
file is free, and would find it taken each time if the next portion followed at once."""
_LONGEST_REST = 1.0


class Portions:
    """The size of the next portion, by how long the last one took.

    Args:
        clock: Tells how long a portion takes, and waits between two.

    Attributes:
        size: Rows of the next portion.
    """

    def __init__(self, clock: Clock) -> None:
        self.size = _FIRST
        self._clock = clock

    @contextmanager
    def one(self) -> Iterator[None]:
        """Delete a portion inside the block, in a transaction that begins and ends there; rest after it."""
        begun = self._clock.monotonic()
        yield
        took = self._clock.monotonic() - begun
        if took > AIMED_AT:
            self.size = max(1, int(self.size * max(AIMED_AT / took, 0.1)))
        elif took < AIMED_AT / 2:
            self.size = min(MOST, 2 * self.size)
        self._clock.sleep(min(_LONGEST_REST, _RESTS * took))
