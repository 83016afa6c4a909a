"""The inbox: events of a source as they came in, each kept once.

An event is put in by the transaction that also enqueues the work for it; either both are there or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from erpcore.store.clock import now
from erpcore.store.rows import insert_new
from erpcore.store.schema import inbox, inbox_runs, runs

_NOTED_EVERY = timedelta(hours=1)
"""A feed that is read every few seconds may show the same events for months; a write each time would wear the disk."""


@dataclass(frozen=True)
class InboxEvent:
    """One event.

    Args:
        id: Our own number of it.
        source: Name of the connection that it comes from.
        event_key: What tells it from every other event of the connection.
        kind: The system's or the plugin's name for what happened.
        record_kind: What it happened to, such as ``deal``.
        record_id: Its id in the source.
        payload: What the system sent.
        received_at: When, aware, in UTC.
        seen_again_at: When it was last delivered again, to the hour; None when it came once.
    """

    id: int
    source: str
    event_key: str
    kind: str
    record_kind: str
    record_id: str
    payload: Any
    received_at: datetime
    seen_again_at: datetime | None


_COVERED = sa.select(inbox).join(inbox_runs).where(inbox_runs.c.run_id == sa.bindparam("the_run")).order_by(inbox.c.id)
WAITING = sa.select(inbox.c.id).where(
    inbox.c.source == sa.bindparam("the_source"),
    inbox.c.record_kind == sa.bindparam("the_kind"),
    inbox.c.record_id == sa.bindparam("the_id"),
    # By the record's own runs: asked by event and sync, SQLite goes through every run of the sync.
    inbox.c.id.not_in(
        sa.select(inbox_runs.c.event_id)
        .join(runs, runs.c.id == inbox_runs.c.run_id)
        .where(
            runs.c.sync == sa.bindparam("the_sync"),
            runs.c.record_kind == sa.bindparam("the_kind"),
            runs.c.record_id == sa.bindparam("the_id"),
        )
    ),
)
_COVER = sa.insert(inbox_runs).from_select(
    ["event_id", "run_id"], WAITING.add_columns(sa.bindparam("the_run", type_=inbox_runs.c.run_id.type))
)

_KEYS_AT_ONCE = 500
"""Values that one statement is given; SQLite takes 999 at least."""


def put_event(
    connection: sa.Connection,
    *,
    source: str,
    event_key: str,
    kind: str,
    record_kind: str,
    record_id: str,
    payload: Any = None,
) -> tuple[InboxEvent, bool]:
    """Keep an event, unless it was delivered before; then note that the system still delivers it.

    Args:
        connection: Of the caller's writing transaction.
        source: Name of the connection that it comes from.
        event_key: What tells it from every other event of the connection.
        kind: What happened.
        record_kind: What it happened to.
        record_id: Its id in the source.
        payload: What the system sent (JSON values, Decimal).

    Returns:
        The event as first kept, and whether it is new. A duplicate needs no work.
    """
    at = now(connection)
    values = {
        "source": source,
        "event_key": event_key,
        "kind": kind,
        "record_kind": record_kind,
        "record_id": record_id,
        "payload": payload,
        "received_at": at,
    }
    if (new := insert_new(connection, inbox, values)) is not None:
        return InboxEvent(**new._mapping), True
    same = (inbox.c.source == source, inbox.c.event_key == event_key)
    stale = last_seen() < at - _NOTED_EVERY
    connection.execute(sa.update(inbox).where(*same, stale).values(seen_again_at=at))
    row = connection.execute(sa.select(inbox).where(*same)).one()
    return InboxEvent(**row._mapping), False


def known_keys(connection: sa.Connection, source: str, keys: Sequence[str]) -> set[str]:
    """Give those of some events' keys that are kept and were seen within the hour: nothing is to be noted of them.

    Args:
        connection: Of a transaction.
        source: Name of the connection that they come from.
        keys: The keys.
    """
    stale = now(connection) - _NOTED_EVERY
    found = set[str]()
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        given = {"the_source": source, "keys": list(keys[start : start + _KEYS_AT_ONCE]), "stale": stale}
        found.update(connection.execute(_KNOWN, given).scalars())
    return found


def last_seen() -> sa.ColumnElement[datetime]:
    """When an event of `inbox` was last delivered, to the hour; aware, in UTC."""
    return sa.func.coalesce(inbox.c.seen_again_at, inbox.c.received_at)


def assign_waiting_events(
    connection: sa.Connection,
    *,
    run_id: int,
    sync: str,
    source: str,
    record_kind: str,
    record_id: str,
) -> int:
    """Note that a run covers the events of its record that no run of its sync has covered yet.

    Args:
        connection: Of a writing transaction.
        run_id: Number of the run.
        sync: Its sync. Two syncs on one CRM connection each handle an event.
        source: Name of the connection that it comes from.
        record_kind: What the record is.
        record_id: Its id in the source.

    Returns:
        How many there were.
    """
    given = {"the_sync": sync, "the_source": source, "the_kind": record_kind, "the_id": record_id}
    # Nobody else covers them meanwhile: the run is locked.
    return connection.execute(_COVER, {**given, "the_run": run_id}).rowcount


def events_waiting(connection: sa.Connection, *, sync: str, source: str, record_kind: str, record_id: str) -> bool:
    """Whether a record has events that no run of the sync covers."""
    given = {"the_sync": sync, "the_source": source, "the_kind": record_kind, "the_id": record_id}
    return connection.execute(WAITING.limit(1), given).first() is not None


def events_of(connection: sa.Connection, run_id: int) -> list[InboxEvent]:
    """The events that a run covers, oldest first."""
    return [InboxEvent(**row._mapping) for row in connection.execute(_COVERED, {"the_run": run_id}).all()]


_KNOWN = sa.select(inbox.c.event_key).where(
    inbox.c.source == sa.bindparam("the_source"),
    inbox.c.event_key.in_(sa.bindparam("keys", expanding=True)),
    last_seen() >= sa.bindparam("stale", type_=inbox.c.received_at.type),
)
