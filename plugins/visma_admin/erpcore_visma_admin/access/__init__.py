"""Ways to a company: through the agent on its server (`agent`), or through the DLL of this machine (`local`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Access(Protocol):
    """Carries the calls of `erpcore_visma_admin.adk.calls` to one company."""

    def read(self, call: str, table: str | None, arguments: Mapping[str, Any]) -> Any:
        """Ask for something, changing nothing.

        Args:
            call: Kind of the call.
            table: Its table; None for a call that concerns none.
            arguments: The call's own.

        Returns:
            The call's result, unread.

        Raises:
            RemoteError: See `erpcore.errors`; never `OutcomeUnknownError`.
        """

    def write(self, call: str, table: str, arguments: Mapping[str, Any], *, repeatable: bool) -> Any:
        """Tell something that changes the company.

        Args:
            call: Kind of the call.
            table: Its table.
            arguments: The call's own.
            repeatable: The hook may be called again whatever became of this.

        Returns:
            The call's result, unread.

        Raises:
            RemoteError: See `erpcore.errors`.
        """

    def close(self) -> None:
        """Give back what is held open."""
