"""What is deleted by age: events, stories and runs. Intents and links stay for good.

An event's age counts from its last delivery, since a feed may show it for months, and one that was deleted would come
in as new. It counts to the last delivery of anything by the same system, not to today: while a feed is not read (the
worker was off, the system out of reach), nobody knows what it still shows.

The newest run of a record stays too, without its story: the number of its generation must not be given twice, since the
queue would take the second for a repetition of the first and do nothing. And so does the newest that ended as done or
nothing: its reason tells what the record was left alone for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from erpcore.store.clock import now
from erpcore.store.inbox import last_seen
from erpcore.store.runs import OPEN_STATES, RunState, has_newer_run
from erpcore.store.schema import inbox, inbox_runs, runs, story, workers
from erpcore.store.schema_notices import messages

_PLANNED: tuple[RunState, ...] = ("done", "nothing")
"""States of a run whose plan came to its end."""


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


def delete_older(connection: sa.Connection, *, keep: timedelta) -> Deleted:
    """Delete what came to its end, and events that were last delivered, longer ago than they are kept.

    Args:
        connection: Of a writing transaction.
        keep: How long things are kept; at least as long as a CRM that stops showing an event may show it again.

    Returns:
        What was deleted.
    """
    before = now(connection) - keep
    open_run = sa.exists().where(
        runs.c.source == inbox.c.source,
        runs.c.record_kind == inbox.c.record_kind,
        runs.c.record_id == inbox.c.record_id,
        runs.c.state.in_(OPEN_STATES),
    )
    old = []
    for name in connection.execute(sa.select(inbox.c.source).where(inbox.c.received_at < before).distinct()):
        own = inbox.c.source == name.source
        newest = connection.execute(sa.select(sa.func.max(last_seen())).where(own)).scalar_one()
        old.append(sa.and_(own, last_seen() < newest - keep))
    # Events first: one without its run would look as if it still waited for a run.
    events = sa.delete(inbox).where(inbox.c.received_at < before, sa.or_(sa.false(), *old), ~open_run)
    ended = sa.select(runs.c.id).where(runs.c.finished_at < before, runs.c.state.not_in(OPEN_STATES))
    lines = sa.delete(story).where(story.c.run_id.in_(ended))
    covers_kept = sa.exists().where(inbox_runs.c.run_id == runs.c.id)
    followed = sa.delete(runs).where(runs.c.id.in_(ended.where(has_newer_run(_PLANNED), ~covers_kept)))
    gone = sa.or_(workers.c.stopped_at.is_not(None), workers.c.taken_over_at.is_not(None))
    idle = sa.delete(workers).where(workers.c.beat_at < before, gone)
    return Deleted(
        events=connection.execute(events).rowcount,
        story_lines=connection.execute(lines).rowcount,
        runs=connection.execute(followed).rowcount,
        workers=connection.execute(idle).rowcount,
        messages=connection.execute(sa.delete(messages).where(messages.c.made_at < before)).rowcount,
    )
