"""How erpcore does: workers, feeds, connections, what waits for a person. One question to the store answers it all.

What a worker learns of each connection is written here, to the minute, so that any other process can tell it. The words
are in `erpcore.engine.health`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from erpcore.problem import Problem
from erpcore.store.clock import moment, now
from erpcore.store.messages import Unsent, unsent_messages
from erpcore.store.records import CauseCount, Standing, causes, count_records
from erpcore.store.rows import put
from erpcore.store.schema import budget_windows, health, runs, tokens
from erpcore.store.workers import Worker, list_workers

What = Literal["feed", "requests", "invoices", "articles", "registers"]
"""What of a connection does well or badly: its feed of events, requests of runs, invoices, articles, or registers."""

_TO_THE = timedelta(minutes=1)


@dataclass(frozen=True)
class Pulse:
    """How one thing of a connection does. Times are aware, in UTC.

    Attributes:
        connection: Name of the connection.
        what: Which thing.
        well_at: When it last went well, to the minute; None when it never did.
        failing_since: Since when it fails; None when it does not.
        problem: Why.
    """

    connection: str
    what: What
    well_at: datetime | None
    failing_since: datetime | None
    problem: Problem | None


@dataclass(frozen=True)
class Health:
    """How an installation does. Times are aware, in UTC.

    Attributes:
        at: The present, by the store's clock.
        workers: Every worker that is known.
        pulses: How the connections do.
        dead_grants: Since when, and why, by name, for connections that need a person's consent.
        paused: Until when a vendor's limit is closed, by the limit's key.
        counts: How many records stand how.
        causes: What must be mended.
        waiting_since: When the oldest run was queued that nobody has begun.
        unsent: Mails and other messages that could not be sent.
    """

    at: datetime
    workers: tuple[Worker, ...]
    pulses: tuple[Pulse, ...]
    dead_grants: Mapping[str, tuple[datetime, str]]
    paused: Mapping[str, datetime]
    counts: Mapping[Standing, int]
    causes: tuple[CauseCount, ...]
    waiting_since: datetime | None
    unsent: tuple[Unsent, ...] = ()


def note_well(connection: sa.Connection, name: str, what: What) -> datetime | None:
    """Note that something of a connection goes well.

    Args:
        connection: Of a writing transaction.
        name: Name of the connection.
        what: Which thing.

    Returns:
        Since when it had been failing; None when it had not.
    """
    mine = (health.c.connection == name, health.c.what == what)
    before = connection.execute(sa.select(health.c.well_at, health.c.failing_since).where(*mine)).one_or_none()
    at = now(connection)
    if before is None or before.failing_since is not None or before.well_at is None or at - before.well_at >= _TO_THE:
        well = {"well_at": at, "failing_since": None, "problem": None}
        put(connection, health, {"connection": name, "what": what, **well})
    return None if before is None else before.failing_since


def note_failing(connection: sa.Connection, name: str, what: What, problem: Problem) -> None:
    """Note that something of a connection goes wrong; since when, is kept from the first time in a row.

    Args:
        connection: Of a writing transaction.
        name: Name of the connection.
        what: Which thing.
        problem: Why.
    """
    told = problem.model_dump(mode="json", exclude_none=True)
    values = {"connection": name, "what": what, "failing_since": moment(connection), "problem": told}
    put(connection, health, values, merge=_failing)


def _failing(new: Any) -> dict[str, Any]:
    since = sa.func.coalesce(health.c.failing_since, new.failing_since)
    return {"failing_since": since, "problem": new.problem}


def read_health(connection: sa.Connection) -> Health:
    """Ask how everything does.

    Args:
        connection: Of a transaction.
    """
    at = now(connection)
    grants = sa.select(tokens.c.connection, tokens.c.dead_at, tokens.c.dead_reason).where(tokens.c.dead_at.is_not(None))
    closed = sa.select(budget_windows).where(budget_windows.c.blocked_until > at.timestamp())
    untaken = (runs.c.state == "queued", runs.c.taken_at.is_(None))
    return Health(
        at=at,
        workers=tuple(list_workers(connection)),
        pulses=tuple(
            Pulse(
                row.connection,
                row.what,
                row.well_at,
                row.failing_since,
                None if row.problem is None else Problem.model_validate(row.problem),
            )
            for row in connection.execute(sa.select(health).order_by(health.c.connection, health.c.what))
        ),
        dead_grants={row.connection: (row.dead_at, row.dead_reason) for row in connection.execute(grants)},
        paused={
            row.key: datetime.fromtimestamp(row.blocked_until, at.tzinfo) for row in connection.execute(closed).all()
        },
        counts=count_records(connection),
        causes=tuple(causes(connection)),
        unsent=tuple(unsent_messages(connection)),
        waiting_since=connection.execute(sa.select(sa.func.min(runs.c.queued_at)).where(*untaken)).scalar_one_or_none(),
    )
