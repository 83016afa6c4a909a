"""Deliveries that were answered and are not taken in yet: their events are too many for one short transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from erpcore.store.clock import now
from erpcore.store.schema import deliveries


@dataclass(frozen=True)
class Delivery:
    """One delivery.

    Args:
        id: Our own number of it.
        source: Name of the connection that it came from.
        events: What is in it, each event as JSON values.
        received_at: When, aware, in UTC.
    """

    id: int
    source: str
    events: list[dict[str, Any]]
    received_at: datetime


def keep_delivery(connection: sa.Connection, source: str, events: Sequence[dict[str, Any]]) -> None:
    """Keep a delivery whole, so that it can be answered.

    Args:
        connection: Of a writing transaction.
        source: Name of the connection that it came from.
        events: Each event as JSON values (Decimal among them).
    """
    values = {"source": source, "events": list(events), "received_at": now(connection)}
    connection.execute(sa.insert(deliveries).values(values))


def oldest_delivery(connection: sa.Connection) -> Delivery | None:
    """The delivery that has waited longest to be taken in, or None."""
    row = connection.execute(sa.select(deliveries).order_by(deliveries.c.id).limit(1)).one_or_none()
    return None if row is None else Delivery(**row._mapping)


def end_delivery(connection: sa.Connection, delivery: Delivery) -> None:
    """All of a delivery is taken in; it goes with the transaction of its last events."""
    connection.execute(sa.delete(deliveries).where(deliveries.c.id == delivery.id))
