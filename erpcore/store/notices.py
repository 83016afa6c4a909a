"""What people were told of failures, and what there is to tell.

A cause that people of a sync were told of has a row in `notices` until it is over. Which records they were told of
stands at the records (`told_cause`). So what is new is known exactly, whatever was killed in between.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from erpcore.problem import Problem
from erpcore.store.clock import moment
from erpcore.store.records import NEEDS_A_PERSON, Standing
from erpcore.store.rows import put
from erpcore.store.schema import health, records, tokens
from erpcore.store.schema_notices import notices

_SHOWN = 10
"""Records that a message names; of the rest it tells the number."""

_SETTLED = ("done", "nothing", "set_aside")


@dataclass(frozen=True)
class Notice:
    """A cause that people of a sync were told of, and that is not over. Times are aware, in UTC.

    Attributes:
        sync: Name of the sync.
        cause: The cause's key.
        since: Since when it is there.
        told_at: When people were told of it last.
        problem: The problem, as they were told.
    """

    sync: str
    cause: str
    since: datetime
    told_at: datetime
    problem: Problem


@dataclass(frozen=True)
class CauseOfSync:
    """A cause for which records of a sync need a person. Times are aware, in UTC.

    Attributes:
        sync: Name of the sync.
        cause: The cause's key.
        count: Records that stand so.
        untold: Those of them that people were not told of.
        since: Since when the oldest stands so.
        run_id: The newest of their runs.
    """

    sync: str
    cause: str
    count: int
    untold: int
    since: datetime
    run_id: int


@dataclass(frozen=True)
class Failing:
    """A connection that fails as a whole.

    Attributes:
        connection: Its name.
        since: Since when, aware, in UTC.
        problem: Why.
    """

    connection: str
    since: datetime
    problem: Problem


@dataclass(frozen=True)
class Named:
    """A record as messages name it.

    Attributes:
        kind: Such as ``deal``.
        id: Its id in the source.
        run_id: Its newest run.
        state: What stands of it.
        name: Its name.
        customer: The company's name.
        documents: What was made for it, number by kind.
    """

    kind: str
    id: str
    run_id: int
    state: Standing
    name: str | None
    customer: str | None
    documents: Mapping[str, str] | None


def causes_of_syncs(connection: sa.Connection, syncs: Collection[str]) -> list[CauseOfSync]:
    """Give the causes for which records need a person, the oldest first.

    Args:
        connection: Of a transaction.
        syncs: Of these syncs.
    """
    untold = sa.case((_untold(), 1), else_=0)
    columns = (
        records.c.sync,
        records.c.cause,
        sa.func.count().label("count"),
        sa.func.sum(untold).label("untold"),
        sa.func.min(records.c.since).label("since"),
        sa.func.max(records.c.run_id).label("run_id"),
    )
    where = (records.c.state.in_(NEEDS_A_PERSON), records.c.cause.is_not(None), records.c.sync.in_(syncs))
    statement = sa.select(*columns).where(*where).group_by(records.c.sync, records.c.cause)
    return [CauseOfSync(**row._mapping) for row in connection.execute(statement.order_by("since")).all()]


def failing_connections(connection: sa.Connection) -> list[Failing]:
    """Give the connections that fail as a whole: out of reach, refused, or without a person's consent.

    Args:
        connection: Of a transaction.
    """
    grants = sa.select(tokens.c.connection, tokens.c.dead_at, tokens.c.dead_reason).where(tokens.c.dead_at.is_not(None))
    found = [
        Failing(
            row.connection,
            row.dead_at,
            Problem(error_class="ConsentNeededError", message=row.dead_reason or "", connection=row.connection),
        )
        for row in connection.execute(grants).all()
    ]
    without = {each.connection for each in found}
    pulses = sa.select(health).where(health.c.failing_since.is_not(None)).order_by(health.c.failing_since)
    for row in connection.execute(pulses).all():
        if row.connection not in without:
            problem = Problem.model_validate(row.problem)
            found.append(
                Failing(row.connection, row.failing_since, problem.model_copy(update={"connection": row.connection}))
            )
    return found


def open_notices(connection: sa.Connection) -> list[Notice]:
    """Give every cause that people were told of and that is not over."""
    rows = connection.execute(sa.select(notices).order_by(notices.c.sync, notices.c.since)).all()
    return [Notice(row.sync, row.cause, row.since, row.told_at, Problem.model_validate(row.problem)) for row in rows]


def put_notice(connection: sa.Connection, sync: str, cause: str, *, since: datetime, problem: Problem) -> None:
    """Note that people are told of a cause, now.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        cause: The cause's key.
        since: Since when it is there, aware.
        problem: The problem, as they are told, without secrets.
    """
    values = {
        "sync": sync,
        "cause": cause,
        "since": since,
        "told_at": moment(connection),
        "problem": problem.model_dump(mode="json", exclude_none=True),
    }
    put(connection, notices, values)


def tell_records(connection: sa.Connection, sync: str, cause: str) -> list[Named]:
    """Note that people are told of every record that needs a person for a cause; give those that are new to them.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        cause: The cause's key.

    Returns:
        The first few of the new ones.
    """
    where = (records.c.sync == sync, records.c.cause == cause, records.c.state.in_(NEEDS_A_PERSON), _untold())
    shown = connection.execute(sa.select(records).where(*where).order_by(records.c.run_id).limit(_SHOWN)).all()
    connection.execute(sa.update(records).where(*where).values(told_cause=cause))
    return [_named(row) for row in shown]


def waiting_for(connection: sa.Connection, sync: str, cause: str) -> tuple[int, list[Named]]:
    """Count the records of a sync that stand open or need a person for a cause, and give the first few.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        cause: The cause's key.
    """
    where = (records.c.sync == sync, records.c.cause == cause, records.c.state.not_in(_SETTLED))
    count = connection.execute(sa.select(sa.func.count()).select_from(records).where(*where)).scalar_one()
    rows = connection.execute(sa.select(records).where(*where).order_by(records.c.run_id).limit(_SHOWN)).all()
    return count, [_named(row) for row in rows]


def end_notice(connection: sa.Connection, sync: str, cause: str) -> tuple[int, list[Named]]:
    """A cause is over: forget that people were told of it.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        cause: The cause's key.

    Returns:
        How many of the records that they were told of have come to a good end, and the first few of these.
    """
    told = (records.c.sync == sync, records.c.told_cause == cause)
    well = (*told, records.c.state.in_(_SETTLED))
    count = connection.execute(sa.select(sa.func.count()).select_from(records).where(*well)).scalar_one()
    rows = connection.execute(sa.select(records).where(*well).order_by(records.c.run_id).limit(_SHOWN)).all()
    connection.execute(sa.update(records).where(*told).values(told_cause=None))
    connection.execute(sa.delete(notices).where(notices.c.sync == sync, notices.c.cause == cause))
    return count, [_named(row) for row in rows]


def _untold() -> sa.ColumnElement[bool]:
    return sa.or_(records.c.told_cause.is_(None), records.c.told_cause != records.c.cause)


def _named(row: sa.Row[Any]) -> Named:
    return Named(row.record_kind, row.record_id, row.run_id, row.state, row.name, row.customer, row.documents)
