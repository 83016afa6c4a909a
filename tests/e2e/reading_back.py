"""An installation's wrapper that reads each order back from Fortnox when it is made, as careful people do."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

from erpcore import hookwrapper
from erpcore.models import Order, RecordRef


class ReadsBack:
    """Reads the order back; the first time, that fails.

    Attributes:
        fails: What the reading raises, once; it was about a read, and says nothing of the order.
    """

    fails: ClassVar[list[Exception]] = []

    @hookwrapper
    def create_order(self, order: Order) -> Generator[None, RecordRef, RecordRef]:
        """Read it back after it was made."""
        made = yield
        if self.fails:
            raise self.fails.pop()
        return made
