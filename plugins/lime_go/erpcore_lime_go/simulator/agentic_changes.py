"""The Agentic change feed: a checkpoint first, then what has changed since, by cursor."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from .account import Account, Change
from .agentic_kinds import KINDS
from .agentic_protocol import Asked, Refusal, Reply
from .switches import Switches


class ChangeFeed:
    """Answers ``GET /changes``.

    Args:
        account: whose changes.
        switches: gives the switches as they are now.
    """

    def __init__(self, account: Account, switches: Callable[[], Switches]) -> None:
        self._account = account
        self._switches = switches
        self._oldest = datetime.min.replace(tzinfo=UTC)

    def expire_cursors(self) -> None:
        """Make every cursor handed out so far answer 410, as one that is too old does."""
        self._oldest = self._account.now()

    def memory(self) -> datetime:
        """From when on cursors are good; the cursors themselves are with the clients."""
        return self._oldest

    def remember(self, oldest: datetime) -> None:
        """Hold what `memory` returned."""
        self._oldest = oldest

    def read(self, asked: Asked) -> Reply:
        """One page; without a cursor only a checkpoint, with nothing of what was before."""
        asked.caller.require("changes:read")
        for name in asked.request.query_params:
            if name != "cursor":
                detail = f"The parameter {name} is not known here."
                raise Refusal(400, detail, source={"parameter": name})
        cursor = asked.request.query_params.get("cursor")
        if cursor is None:
            meta = {"cursor": self._cursor(len(self._account.changes)), "checkpoint": True}
            return Reply({"data": [], "meta": meta})
        start = self._position(cursor)
        size = self._switches().changes_page_size
        readable = [
            change
            for change in self._account.changes[start:]
            if f"{KINDS[change.resource_type].scope}:read" in asked.caller.scopes
        ]
        more = len(readable) > size
        end = readable[size - 1].sequence if more else len(self._account.changes)
        document = {
            "data": [_resource(change) for change in readable[:size]],
            "meta": {"cursor": self._cursor(end), "has_more": more},
        }
        return Reply(document)

    def _cursor(self, position: int) -> str:
        issued = self._account.now().isoformat()
        return base64.urlsafe_b64encode(json.dumps([position, issued]).encode()).decode().rstrip("=")

    def _position(self, cursor: str) -> int:
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            position, issued = json.loads(raw)
            given = datetime.fromisoformat(issued)
        except (binascii.Error, ValueError, TypeError) as error:
            raise _expired() from error
        oldest = max(self._oldest, self._account.now() - timedelta(days=self._switches().cursor_days))
        if given < oldest or not 0 <= position <= len(self._account.changes):
            raise _expired()
        return int(position)


def _expired() -> Refusal:
    return Refusal(410, "The cursor is not valid any more; restart synchronization.")


def _resource(change: Change) -> dict[str, Any]:
    return {
        "id": str(change.sequence),
        "type": "changes",
        "attributes": {
            "resource_type": change.resource_type,
            "resource_id": change.resource_id,
            "revision": str(change.revision),
            "deleted": change.deleted,
            "origin_integration_id": change.origin,
        },
    }
