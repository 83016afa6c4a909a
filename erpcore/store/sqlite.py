"""How the store opens a SQLite file."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from erpcore.errors import ConfigurationError

Synchronous = Literal["FULL", "NORMAL"]
"""FULL survives a power cut; NORMAL may lose the last commits then, but never corrupts the file."""

SUBSECOND_SINCE = (3, 42, 0)
"""First SQLite whose own `unixepoch` knows the modifier ``subsec`` (SQLite release history)."""

_LONGEST_WAIT = 30.0
"""Seconds to wait for another connection's lock."""


def unixepoch(*arguments: str) -> float | int:
    """SQLite's `unixepoch` with milliseconds, for libraries that lack them.

    DBOS writes ``unixepoch('subsec')`` into its tables; without this it fails to start or keeps
    time in whole seconds.

    Args:
        *arguments: As SQLite's: a time value (default now), then modifiers, ``subsec`` among them.

    Returns:
        Seconds since 1970: whole without ``subsec``, in milliseconds with it.
    """
    rest = [argument for argument in arguments if argument not in ("subsec", "subsecond")]
    subsecond = len(rest) < len(arguments)
    if rest in ([], ["now"]):
        seconds = time.time()
    else:
        with sqlite3.connect(":memory:") as memory:
            marks = ", ".join("?" * len(rest))
            # Only question marks are put into the statement.
            row = memory.execute(f"SELECT (julianday({marks}) - 2440587.5) * 86400.0", rest)
            seconds = row.fetchone()[0]
        memory.close()
    milliseconds = round(seconds * 1000)
    return milliseconds / 1000 if subsecond else milliseconds // 1000


def sqlite_path(url: sa.URL) -> Path:
    """The file of a SQLite address.

    Raises:
        ConfigurationError: The address names no file. A database in memory is another one for each thread.
    """
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise ConfigurationError(
            "the store must be a file.", setting="store", advice="Write it as sqlite:///erpcore.db."
        )
    return Path(url.database)


def make_sqlite_engine(url: sa.URL, *, synchronous: Synchronous, pool_size: int, **options: Any) -> sa.Engine:
    """An engine on a SQLite file that several threads, and for a short time several processes, may share.

    Args:
        url: ``sqlite:///path``.
        synchronous: See `Synchronous`.
        pool_size: Connections that are kept open.
        **options: Passed on to SQLAlchemy.

    Raises:
        ConfigurationError: The file cannot be made.
    """
    path = sqlite_path(url)
    if not path.parent.is_dir():
        raise ConfigurationError(
            f"the folder {path.parent} of the store does not exist.",
            setting="store",
            advice="Make the folder, or name another file.",
        )
    _make_private(path)
    engine = sa.create_engine(url, pool_size=pool_size, max_overflow=pool_size, **options)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # Taking the write lock at BEGIN keeps two writers from reading first and then failing at the upgrade.
        connection.isolation_level = "IMMEDIATE"
        connection.execute(f"PRAGMA busy_timeout={_LONGEST_WAIT * 1000:.0f}")
        connection.execute("PRAGMA foreign_keys=ON")
        _log_ahead(connection)
        connection.execute(f"PRAGMA synchronous={synchronous}")
        if sqlite3.sqlite_version_info < SUBSECOND_SINCE:
            connection.create_function("unixepoch", -1, unixepoch)

    return engine


def make_memory_engine(**options: Any) -> sa.Engine:
    """An engine on a database in memory, with one connection that all share.

    Args:
        **options: Passed on to SQLAlchemy.
    """
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, **options)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on, which the file then keeps.

    On a new file that others open at the same moment SQLite refuses that at once, whatever its busy timeout is.
    """
    until = time.monotonic() + _LONGEST_WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _make_private(path: Path) -> None:
    """Make the file, if there is none, so that only its owner may read it: it holds customers' names and addresses.

    SQLite gives the files that it makes beside it (write-ahead log) the same mode.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise ConfigurationError(
            f"the store {path} cannot be made: {error.strerror}.",
            setting="store",
            advice="Name a file in a folder that this user may write to.",
        ) from error
