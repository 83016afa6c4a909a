"""What is deleted by age: events, stories and runs. Intents and links stay for good.

The newest run of a record stays too, without its story: the number of its generation must not be given twice, since the
durable engine would take the second for a repetition of the first and do nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from erpcore.store.runs import OPEN_STATES, has_newer_run
from erpcore.store.schema import inbox, runs, story, workers


@dataclass(frozen=True)
class Deleted:
    """How many rows went.

    Args:
        events: Of the inbox.
        story_lines: Of stories.
        runs: Runs that have a newer one.
        workers: Stopped or taken over.
    """

    events: int
    story_lines: int
    runs: int
    workers: int


def delete_older(connection: sa.Connection, *, before: datetime) -> Deleted:
    """Delete what came to its end before a moment.

    Args:
        connection: Of a writing transaction.
        before: Aware. Events must reach back further than the CRM repeats a delivery, or one comes in again as new.

    Returns:
        What was deleted.
    """
    open_run = sa.exists().where(
        runs.c.connection == inbox.c.connection,
        runs.c.record_kind == inbox.c.record_kind,
        runs.c.record_id == inbox.c.record_id,
        runs.c.state.in_(OPEN_STATES),
    )
    # Events first: one without its run would look as if it still waited for a run.
    events = sa.delete(inbox).where(inbox.c.received_at < before, ~open_run)
    ended = sa.select(runs.c.id).where(runs.c.finished_at < before, runs.c.state.not_in(OPEN_STATES))
    lines = sa.delete(story).where(story.c.run_id.in_(ended))
    followed = sa.delete(runs).where(runs.c.id.in_(ended.where(has_newer_run())))
    gone = sa.or_(workers.c.stopped_at.is_not(None), workers.c.taken_over_at.is_not(None))
    idle = sa.delete(workers).where(workers.c.beat_at < before, gone)
    return Deleted(
        events=connection.execute(events).rowcount,
        story_lines=connection.execute(lines).rowcount,
        runs=connection.execute(followed).rowcount,
        workers=connection.execute(idle).rowcount,
    )
