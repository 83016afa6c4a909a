"""What is deleted by age: events, stories and runs. Intents and links stay for good.

An event's age counts from its last delivery, since a feed may show it for months, and one that was deleted would come
in as new. It counts to the last delivery of anything by the same system, not to today: while a feed is not read (the
worker was off, the system out of reach), nobody knows what it still shows.

The newest run of a record stays too, without its story: the number of its generation must not be given twice, since the
queue would take the second for a repetition of the first and do nothing. And so does the newest that ended as done or
nothing: its reason tells what the record was left alone for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from erpcore.store.clock import now
from erpcore.store.database import Store
from erpcore.store.inbox import last_seen
from erpcore.store.runs import OPEN_STATES, RunState, has_newer_run
from erpcore.store.schema import inbox, inbox_runs, runs, story, workers
from erpcore.store.schema_notices import messages

_PLANNED: tuple[RunState, ...] = ("done", "nothing")
"""States of a run whose plan came to its end."""
_AT_ONCE = 200


@dataclass(frozen=True)
class Deleted:
    """How many rows went.

    Args:
        events: Of the inbox.
        story_lines: Of stories.
        runs: Runs that have a newer one that came to its end, and none of whose events is kept.
        workers: Stopped or taken over.
        messages: Sent, or never taken by those whom they were for.
    """

    events: int
    story_lines: int
    runs: int
    workers: int
    messages: int


def delete_older(store: Store, *, keep: timedelta) -> Deleted:
    """Delete what came to its end, and events that were last delivered, longer ago than they are kept.

    It goes in portions, between which everybody else has their turn to write.

    Args:
        store: The store.
        keep: How long things are kept; at least as long as a CRM that stops showing an event may show it again.

    Returns:
        What was deleted.
    """
    with store.read() as reading:
        before = now(reading) - keep
        unseen = _unseen(reading, before, keep)
    ended = (runs.c.finished_at < before, runs.c.state.not_in(OPEN_STATES))
    followed = (*ended, has_newer_run(_PLANNED), ~sa.exists().where(inbox_runs.c.run_id == runs.c.id))
    gone = sa.or_(workers.c.stopped_at.is_not(None), workers.c.taken_over_at.is_not(None))
    told = sa.exists().where(story.c.run_id == runs.c.id)
    # Events first: one without its run would look as if it still waited for a run.
    return Deleted(
        events=_in_portions(store, inbox, unseen),
        story_lines=_in_portions(store, runs, (*ended, told), story.c.run_id),
        runs=_in_portions(store, runs, followed),
        workers=_at_once(store, sa.delete(workers).where(workers.c.beat_at < before, gone)),
        messages=_in_portions(store, messages, (messages.c.made_at < before,)),
    )


def _unseen(reading: sa.Connection, before: datetime, keep: timedelta) -> tuple[sa.ColumnElement[bool], ...]:
    """Give the condition for events of old that no system shows any more and that no open run covers."""
    open_run = sa.exists().where(
        runs.c.source == inbox.c.source,
        runs.c.record_kind == inbox.c.record_kind,
        runs.c.record_id == inbox.c.record_id,
        runs.c.state.in_(OPEN_STATES),
    )
    old = []
    for name in reading.execute(sa.select(inbox.c.source).where(inbox.c.received_at < before).distinct()).all():
        own = inbox.c.source == name.source
        newest = reading.execute(sa.select(sa.func.max(last_seen())).where(own)).scalar_one()
        old.append(sa.and_(own, last_seen() < newest - keep))
    return sa.or_(sa.false(), *old), ~open_run


def _in_portions(
    store: Store, table: sa.Table, where: Sequence[sa.ColumnElement[bool]], of: sa.Column[Any] | None = None
) -> int:
    """Delete the rows of a table that fulfil conditions, or what belongs to them in another one.

    Args:
        store: The store.
        table: Whose rows are looked for, in the order of their ids.
        where: The conditions, which are asked again where something is deleted.
        of: The column of another table that names the row; that table's rows are deleted in its stead.
    """
    count, after = 0, 0
    while True:
        found = sa.select(table.c.id).where(table.c.id > after, *where).order_by(table.c.id).limit(_AT_ONCE)
        with store.read() as reading:
            ids = reading.execute(found).scalars().all()
        if not ids:
            return count
        still = sa.select(table.c.id).where(table.c.id.in_(ids), *where)
        column: Any = table.c.id if of is None else of
        count += _at_once(store, sa.delete(column.table).where(column.in_(still)))
        after = ids[-1]


def _at_once(store: Store, statement: sa.Delete) -> int:
    with store.begin() as connection:
        return connection.execute(statement).rowcount
