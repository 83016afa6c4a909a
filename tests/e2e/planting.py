"""An installation's wrapper that tells the connection's secret in what it logs and raises, as careless people do."""

from __future__ import annotations

import logging
from collections.abc import Generator
from typing import Any, ClassVar

from erpcore import hookwrapper

_log = logging.getLogger("a.careless.wrapper")


class Planting:
    """Logs and raises what a test says.

    Attributes:
        says: What it logs, on each level, whenever it is called.
        raises: What it raises, by hook.
    """

    says: ClassVar[str] = ""
    raises: ClassVar[dict[str, Exception]] = {}

    def _do(self, hook: str) -> None:
        for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
            _log.log(level, "%s: %s", hook, self.says)
        if (error := self.raises.get(hook)) is not None:
            raise error

    @hookwrapper
    def find_customers(self) -> Generator[None, Any, Any]:
        """Look a customer up."""
        self._do("find_customers")
        return (yield)

    @hookwrapper
    def create_order(self) -> Generator[None, Any, Any]:
        """Make an order."""
        self._do("create_order")
        return (yield)

    @hookwrapper
    def identify_account(self) -> Generator[None, Any, Any]:
        """Tell whose account it is."""
        self._do("identify_account")
        return (yield)
