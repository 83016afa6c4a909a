"""What a program of erpcore does once in its life, and tests would do some thousands of times, done once in a process.

That is to lay out a SQLite file, to compile the SQL of a statement, and to make the command line: together a third of
the tests' time. The first new file of a process is laid out by the migrations, and the next ones by the statements that
these have led to. What a statement is compiled to depends on the kind of database, not on the file that it goes to.

Where the tests that were collected need no database, as those of a plugin's cassettes, none of it is imported here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import sqlalchemy as sa

_laid_out: dict[tuple[str, ...], list[str]] = {}
"""Revisions, in case a test has others -> statements."""


def migrations() -> Any:
    """Give the module that migrates; the package has a function of its name."""
    return import_module("erpcore.store.migrate")


def _upgrade(migrated: Callable[[sa.Connection], None], connection: sa.Connection) -> None:
    import sqlalchemy as sa

    migrate = migrations()
    revisions = tuple(migrate.revisions())
    if connection.dialect.name != "sqlite" or _tables(connection):
        migrated(connection)
    elif revisions in _laid_out:
        for statement in _laid_out[revisions]:
            connection.exec_driver_sql(statement)
        version = sa.table(migrate.VERSION_TABLE, sa.column("version_num"))
        connection.execute(sa.insert(version).values(version_num=revisions[-1]))
    else:
        migrated(connection)
        _laid_out[revisions] = _tables(connection)


def _tables(connection: sa.Connection) -> list[str]:
    """Give the statements that would make our tables and their indexes."""
    migrate = migrations()
    whole = "SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    return [sql for table, sql in connection.exec_driver_sql(whole) if table.startswith(migrate.PREFIX)]


def _engine(create: Callable[..., sa.Engine], compiled: Any, *given: Any, **options: Any) -> sa.Engine:
    engine = create(*given, **options)
    engine.update_execution_options(compiled_cache=compiled)
    return engine


def _same_kind(one: sa.Dialect, other: object) -> bool:
    return type(one) is type(other)


def _kind(one: sa.Dialect) -> int:
    return hash(type(one))


def pytest_collection_finish() -> None:
    """Put all three in their places."""
    if "erpcore.store" in sys.modules:
        _put()


def _put() -> None:
    import sqlalchemy as sa
    import typer
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
    from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
    from sqlalchemy.util import LRUCache

    patch, migrate = pytest.MonkeyPatch(), migrations()
    patch.setattr(migrate, "_upgrade", partial(_upgrade, migrate._upgrade))
    patch.setattr(sa, "create_engine", partial(_engine, sa.create_engine, LRUCache(2000)))
    patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):  # part of what a compiled statement is found by
        patch.setattr(dialect, "__eq__", _same_kind)
        patch.setattr(dialect, "__hash__", _kind)
