"""Webhooks: where each CRM was asked to deliver its events to, and deliveries that were answered and wait.

Not every CRM lists its subscriptions, so what was asked for is remembered here. The whole address may hold a secret:
only its digest is kept. A delivery is kept whole, since its events are too many to take in within one short
transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from erpcore.store.clock import now
from erpcore.store.rows import put
from erpcore.store.schema import deliveries, subscriptions


@dataclass(frozen=True)
class Subscription:
    """One subscription. Times are aware, in UTC.

    Args:
        connection: Name of the CRM connection.
        subscription_id: The CRM's key of it.
        address: Where events are delivered to, without the last part.
        target_digest: Of the whole address.
        subscribed_at: When it was asked for.
    """

    connection: str
    subscription_id: str
    address: str
    target_digest: str
    subscribed_at: datetime

    def is_to(self, target: str) -> bool:
        """Tell whether it is to this whole address."""
        return self.target_digest == _digest(target)


def put_subscription(connection: sa.Connection, owner: str, *, subscription_id: str, target: str) -> None:
    """Remember a subscription, in place of an earlier one.

    Args:
        connection: Of a writing transaction.
        owner: Name of the CRM connection.
        subscription_id: The CRM's key of it.
        target: The whole address.
    """
    values = {
        "connection": owner,
        "subscription_id": subscription_id,
        "address": target.rpartition("/")[0],
        "target_digest": _digest(target),
        "subscribed_at": now(connection),
    }
    put(connection, subscriptions, values)


def get_subscription(connection: sa.Connection, owner: str) -> Subscription | None:
    """The connection's subscription; None when none was made from here."""
    row = connection.execute(sa.select(subscriptions).where(subscriptions.c.connection == owner)).one_or_none()
    return None if row is None else Subscription(**row._mapping)


def _digest(target: str) -> str:
    return hashlib.sha256(target.encode()).hexdigest()


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
