"""Time and randomness of a store, as `open_store` was given them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any

import sqlalchemy as sa

from erpcore.host import SYSTEM_CLOCK, Clock
from erpcore.store.columns import Moment

CLOCK_OPTION = "erpcore_clock"
"""Execution option of the engine that carries the clock of `open_store`."""

RANDOM_OPTION = "erpcore_random"
"""Execution option of the engine that carries the randomness of `open_store`."""


DATABASE_TIME = sa.func.clock_timestamp(type_=Moment())
"""The database's own time, as a part of a statement on PostgreSQL."""


def now(connection: sa.Connection) -> datetime:
    """The time that orders what several processes do, aware, in UTC.

    On PostgreSQL workers run on several machines whose clocks differ, so the database's clock counts, and at the
    moment of the call, not of the transaction's start. The processes on one SQLite file share one machine.

    Args:
        connection: A connection of the store; a clock that was given to `open_store` goes first.
    """
    if _asks_the_database(connection):
        at: datetime = connection.execute(_READ_TIME).scalar_one()
        return at.astimezone(UTC)
    return (_own_clock(connection) or SYSTEM_CLOCK).now()


def moment(connection: sa.Connection) -> sa.ColumnElement[datetime] | datetime:
    """`now` as a value in a statement: `DATABASE_TIME` where the database tells the time, a round trip less.

    Args:
        connection: As for `now`.
    """
    return DATABASE_TIME if _asks_the_database(connection) else now(connection)


def randomness(connection: sa.Connection) -> Random:
    """What the store draws ids from.

    Args:
        connection: A connection of the store.
    """
    random: Random = connection.get_execution_options()[RANDOM_OPTION]
    return random


def timed(
    connection: sa.Connection, build: Callable[[sa.ColumnElement[datetime]], Any], *values: Mapping[str, Any]
) -> sa.CursorResult[Any]:
    """Carry out a statement that `now` is a part of; it is built once for the database's time and once for a clock's.

    Args:
        connection: As for `now`.
        build: A function of a module, which builds it with the time.
        *values: Its other values by name; given several times, it is carried out as often, and gives no rows.
    """
    at = DATABASE_TIME if _asks_the_database(connection) else _GIVEN_TIME
    beside = {} if at is DATABASE_TIME else {_GIVEN_TIME.key: now(connection)}
    given = [{**each, **beside} for each in values]
    return connection.execute(_built(build, at), given[0] if len(given) == 1 else given)


@cache
def _built(build: Callable[[sa.ColumnElement[datetime]], Any], at: sa.ColumnElement[datetime]) -> Any:
    return build(at)


_GIVEN_TIME = sa.bindparam("the_time", type_=Moment())
_READ_TIME = sa.select(DATABASE_TIME)


def _asks_the_database(connection: sa.Connection) -> bool:
    return connection.dialect.name == "postgresql" and _own_clock(connection) is None


def _own_clock(connection: sa.Connection) -> Clock | None:
    clock: Clock | None = connection.get_execution_options().get(CLOCK_OPTION)
    return clock
