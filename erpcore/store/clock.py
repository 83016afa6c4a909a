"""Time and randomness of a store, as `open_store` was given them."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import sqlalchemy as sa

from erpcore.host import SYSTEM_CLOCK, Clock
from erpcore.store.columns import Moment

CLOCK_OPTION = "erpcore_clock"
"""Execution option of the engine that carries the clock of `open_store`."""

RANDOM_OPTION = "erpcore_random"
"""Execution option of the engine that carries the randomness of `open_store`."""


def now(connection: sa.Connection) -> datetime:
    """The time that orders what several processes do, aware, in UTC.

    On PostgreSQL workers run on several machines whose clocks differ, so the database's clock counts, and at the
    moment of the call, not of the transaction's start. The processes on one SQLite file share one machine.

    Args:
        connection: A connection of the store; a clock that was given to `open_store` goes first.
    """
    if _asks_the_database(connection):
        at: datetime = connection.execute(_DATABASE_TIME).scalar_one()
        return at.astimezone(UTC)
    return (_own_clock(connection) or SYSTEM_CLOCK).now()


def moment(connection: sa.Connection) -> sa.ColumnElement[datetime]:
    """`now` as a part of a statement: where only the database needs to know it, that is a round trip less.

    Args:
        connection: As for `now`.
    """
    if _asks_the_database(connection):
        return sa.func.clock_timestamp(type_=Moment())
    return sa.literal(now(connection), Moment())


def randomness(connection: sa.Connection) -> Random:
    """What the store draws ids from.

    Args:
        connection: A connection of the store.
    """
    random: Random = connection.get_execution_options()[RANDOM_OPTION]
    return random


_DATABASE_TIME = sa.select(sa.func.clock_timestamp())


def _asks_the_database(connection: sa.Connection) -> bool:
    return connection.dialect.name == "postgresql" and _own_clock(connection) is None


def _own_clock(connection: sa.Connection) -> Clock | None:
    clock: Clock | None = connection.get_execution_options().get(CLOCK_OPTION)
    return clock
