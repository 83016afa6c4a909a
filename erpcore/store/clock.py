"""What time it is, for the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa

from erpcore.store.columns import Moment

Clock = Callable[[], datetime]
"""Gives the time, aware."""

CLOCK_OPTION = "erpcore_clock"
"""Execution option of the engine that carries the clock of `open_store`."""


def now(connection: sa.Connection) -> datetime:
    """The time that orders what several processes do, aware, in UTC.

    On PostgreSQL workers run on several machines whose clocks differ, so the database's clock counts, and at the
    moment of the call, not of the transaction's start. The processes on one SQLite file share one machine.

    Args:
        connection: A connection of the store; a clock that was given to `open_store` (a test's) goes first.
    """
    clock = _own_clock(connection)
    if clock is not None:
        return clock().astimezone(UTC)
    if connection.dialect.name == "postgresql":
        at: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return at.astimezone(UTC)
    return datetime.now(UTC)


def moment(connection: sa.Connection) -> sa.ColumnElement[datetime]:
    """`now` as a part of a statement: where only the database needs to know it, that is a round trip less.

    Args:
        connection: As for `now`.
    """
    if connection.dialect.name == "postgresql" and _own_clock(connection) is None:
        return sa.func.clock_timestamp(type_=Moment())
    return sa.literal(now(connection), Moment())


def _own_clock(connection: sa.Connection) -> Clock | None:
    clock: Clock | None = connection.get_execution_options().get(CLOCK_OPTION)
    return clock
