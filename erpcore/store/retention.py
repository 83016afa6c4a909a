"""What is deleted by age: events, stories and runs. Intents and links stay for good.

An event's age counts from its last delivery, since a feed may show it for months, and one that was deleted would come
in as new. It counts to the last delivery of anything by the same system, not to today: while a feed is not read (the
worker was off, the system out of reach), nobody knows what it still shows.

The newest run of a record stays too, without its story: the number of its generation must not be given twice, since the
queue would take the second for a repetition of the first and do nothing. And so does the newest that ended as done or
nothing: its reason tells what the record was left alone for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from erpcore.store.clock import now
from erpcore.store.columns import Moment
from erpcore.store.database import Store
from erpcore.store.inbox import last_seen
from erpcore.store.portions import Portions
from erpcore.store.runs import OPEN_STATES, RunState, has_newer_run
from erpcore.store.schema import inbox, inbox_runs, runs, story, workers
from erpcore.store.schema_notices import messages

_PLANNED: tuple[RunState, ...] = ("done", "nothing")
"""States of a run whose plan came to its end."""
_LOOKED_AT = 10_000


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


def delete_older(store: Store, *, keep: timedelta, may_go_on: Callable[[], bool] = lambda: True) -> Deleted:
    """Delete what came to its end, and events that were last delivered, longer ago than they are kept.

    It goes in portions, between which everybody else has their turn to write.

    Args:
        store: The store.
        keep: How long things are kept; at least as long as a CRM that stops showing an event may show it again.
        may_go_on: Asked before each portion; what is left then goes another time.

    Returns:
        What was deleted.
    """
    with store.read() as reading:
        before = now(reading) - keep
        unseen = _unseen(reading, before, keep)
    ended = (runs.c.finished_at < before, runs.c.state.not_in(OPEN_STATES))
    followed = (*ended, has_newer_run(_PLANNED), ~sa.exists().where(inbox_runs.c.run_id == runs.c.id))
    told = sa.exists().where(story.c.run_id == runs.c.id)
    gone = sa.or_(workers.c.stopped_at.is_not(None), workers.c.taken_over_at.is_not(None))

    def delete(of: sa.Column[int], where: Sequence[sa.ColumnElement[bool]]) -> int:
        return _in_portions(store, of, where, may_go_on)

    # Events first: one without its run would look as if it still waited for a run.
    return Deleted(
        events=delete(inbox.c.id, unseen),
        story_lines=delete(story.c.run_id, (*ended, told)),
        runs=delete(runs.c.id, followed),
        workers=_at_once(store, sa.delete(workers).where(workers.c.beat_at < before, gone)),
        messages=delete(messages.c.id, (messages.c.made_at < before,)),
    )


def _unseen(reading: sa.Connection, before: datetime, keep: timedelta) -> tuple[sa.ColumnElement[bool], ...]:
    """Give the condition for events of old that no system shows any more and that no open run covers."""
    open_run = sa.exists().where(
        runs.c.source == inbox.c.source,
        runs.c.record_kind == inbox.c.record_kind,
        runs.c.record_id == inbox.c.record_id,
        runs.c.state.in_(OPEN_STATES),
    )
    old = dict[str, datetime]()
    for name in reading.execute(sa.select(inbox.c.source).where(inbox.c.received_at < before).distinct()).scalars():
        newest = reading.execute(sa.select(sa.func.max(last_seen())).where(inbox.c.source == name)).scalar_one()
        old[name] = newest - keep
    if not old:
        return (sa.false(),)
    since = sa.case(*((inbox.c.source == name, sa.literal(at, Moment())) for name, at in old.items()))
    return inbox.c.received_at < before, last_seen() < since, ~open_run


def _in_portions(
    store: Store, of: sa.Column[int], where: Sequence[sa.ColumnElement[bool]], may_go_on: Callable[[], bool]
) -> int:
    """Delete the rows that fulfil conditions, or what belongs to them in another table.

    Args:
        store: The store.
        of: Whose rows are deleted: a table's own number, or the column of another table that names it.
        where: The conditions, which are asked again where something is deleted.
        may_go_on: Asked before each portion.
    """
    owner = next((key.column for key in of.foreign_keys), of)
    count, portions = 0, Portions(store.clock)
    for ids in _found(store, owner, where):
        while ids and may_go_on():
            taken, ids = ids[: portions.size], ids[portions.size :]
            still = (owner.in_(taken), *where)
            named = still if owner is of else (of.in_(sa.select(owner).where(*still)),)
            with portions.one():
                count += _at_once(store, sa.delete(of.table).where(*named))
        if ids:
            break
    return count


def _found(store: Store, number: sa.Column[int], where: Sequence[sa.ColumnElement[bool]]) -> Iterator[Sequence[int]]:
    """Give the numbers of the rows that fulfil conditions, many at a time; nobody waits for a look."""
    after = 0
    while True:
        found = sa.select(number).where(number > after, *where).order_by(number).limit(_LOOKED_AT)
        with store.read() as reading:
            ids = reading.execute(found).scalars().all()
        if not ids:
            return
        yield ids
        after = ids[-1]


def _at_once(store: Store, statement: sa.Delete) -> int:
    with store.begin() as connection:
        return connection.execute(statement).rowcount
