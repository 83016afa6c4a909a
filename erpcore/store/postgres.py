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

IDLE_SECONDS = 10.0
"""Seconds after which the server ends a session that sits idle inside a transaction, and gives its locks free.

A process that is stopped or asleep may be in the middle of one. What it has locked, such as its own row among the
workers, would else keep the others from taking over its work for as long as it sleeps. No transaction of ours waits for
anything but the database, so that an idle one is a sleeper's.
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
            advice="Install it with: pip install 'psycopg[binary]'",
        ) from error

    @sa.event.listens_for(engine, "connect")
    def let_go_of_sleepers(connection: Any, _record: Any) -> None:
        connection.execute(f"SET idle_in_transaction_session_timeout = {round(1000 * IDLE_SECONDS)}")
        connection.commit()

    @sa.event.listens_for(engine, "handle_error")
    def call_an_ended_session_away(context: sa.engine.ExceptionContext) -> None:
        """Have a session that was ended while it slept look like any other that the server has closed."""
        error = context.sqlalchemy_exception
        if context.is_disconnect and isinstance(error, sa.exc.InternalError):
            raise sa.exc.OperationalError(
                error.statement, None, context.original_exception, hide_parameters=True, connection_invalidated=True
            )

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
