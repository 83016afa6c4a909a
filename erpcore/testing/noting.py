"""What notes what plugins do with it: connections their hooks, and a budget who has asked it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.hookspecs import CrmHooks, ErpHooks
from erpcore.host import Clock, MemoryBudget
from erpcore.plugin import CrmPlugin, ErpPlugin


class NotingErp(ErpConnection, specs=ErpHooks):
    """A connection that notes which hooks are called on it."""

    def __init__(self, plugin: ErpPlugin[Any], called: set[str]) -> None:
        super().__init__(plugin)
        self._called = called

    def _call(self, operation: str, expected: tuple[type, ...], arguments: Mapping[str, Any]) -> Any:
        self._called.add(operation)
        return super()._call(operation, expected, arguments)


class NotingCrm(CrmConnection, specs=CrmHooks):
    """As `NotingErp`, of a CRM."""

    def __init__(self, plugin: CrmPlugin[Any], called: set[str]) -> None:
        super().__init__(plugin)
        self._called = called

    def _call(self, operation: str, expected: tuple[type, ...], arguments: Mapping[str, Any]) -> Any:
        self._called.add(operation)
        return super()._call(operation, expected, arguments)


class NotingBudget(MemoryBudget):
    """A budget that notes by which keys it was asked.

    Args:
        clock: The time of plugins.
        spent: Takes the keys.
    """

    def __init__(self, clock: Clock, spent: list[str]) -> None:
        super().__init__(clock)
        self._spent = spent

    def acquire(self, key: str, limit: int, seconds: float, *, longest_wait: float = 30.0) -> float:
        """See `Budget.acquire`."""
        self._spent.append(key)
        return super().acquire(key, limit, seconds, longest_wait=longest_wait)
