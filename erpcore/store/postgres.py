"""The engine for PostgreSQL."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

from erpcore.errors import ConfigurationError

RESTED_SECONDS = 5.0
"""Seconds after which a connection of the pool is asked whether it still lives before it is used again.

Asking each time, as SQLAlchemy's ``pool_pre_ping`` does, was a fifth of all round trips. A connection that dies within
this time fails where it is used, as one that dies while it is in use does: the work is taken up again.
"""


def make_postgres_engine(url: sa.URL, *, pool_size: int, **options: Any) -> sa.Engine:
    """An engine on a PostgreSQL database that any number of processes share.

    Args:
        url: ``postgresql://user:password@host/name``.
        pool_size: Connections that are kept open.
        **options: Passed on to SQLAlchemy.

    Raises:
        ConfigurationError: The driver is not installed.
    """
    address = url.set(drivername="postgresql+psycopg")
    try:
        engine = sa.create_engine(address, pool_size=pool_size, max_overflow=pool_size, **options)
    except ImportError as error:
        raise ConfigurationError(
            "the driver for PostgreSQL is not installed.",
            setting="store",
            advice='Install it with: pip install "erpcore[postgres]"',
        ) from error

    @sa.event.listens_for(engine, "checkin")
    def rest(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def ask_after_a_rest(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get("rests_since")
        if since is None or time.monotonic() - since < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            # The pool then opens new connections in place of all that it has.
            raise sa.exc.InvalidatePoolError("the database has closed the connection") from error

    return engine
