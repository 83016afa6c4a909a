"""Ways to a company: through the agent on its server (`agent`), or through the DLL of this machine (`local`)."""

from __future__ import annotations

from typing import Any, Protocol


class Access(Protocol):
    """Asks and tells one company. Both ways carry the calls of `erpcore_visma_admin.adk.calls`."""

    def read(self, call: str, table: str | None = None, **arguments: Any) -> Any:
        """Ask for something, changing nothing.

        Args:
            call: Kind of the call.
            table: Its table; None for a call that concerns none.
            **arguments: The call's own.

        Returns:
            The call's result.

        Raises:
            RemoteError: See `erpcore.errors`; never `OutcomeUnknownError`.
        """

    def write(self, call: str, table: str, *, repeatable: bool = False, **arguments: Any) -> Any:
        """Tell something that changes the company.

        Args:
            call: Kind of the call.
            table: Its table.
            repeatable: The hook may be called again whatever became of this: it makes what the hook looks for first.
            **arguments: The call's own.

        Returns:
            The record afterwards.

        Raises:
            RemoteError: See `erpcore.errors`.
        """

    def close(self) -> None:
        """Give back what is held open."""
