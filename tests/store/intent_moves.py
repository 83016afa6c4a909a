"""Moves of an intent in few words."""

from __future__ import annotations

from typing import Any

from erpcore.store import Intent, Store, Turn, begin_sending, plan_intent

FENCE = 10.0


def plan(store: Store, reference: str = "abc234-1", fence: float | None = FENCE, **more: Any) -> Intent:
    """Want an order of a deal, unless `more` says otherwise."""
    key = {"sync": "s", "record": "deal 1", "operation": "create_order", **more}
    with store.begin() as connection:
        return plan_intent(connection, reference=reference, fence_seconds=fence, **key)


def begin(store: Store, intent: Intent, worker: str = "w1") -> Turn:
    """Ask for the right to send."""
    with store.begin() as connection:
        return begin_sending(connection, intent.id, worker=worker)
