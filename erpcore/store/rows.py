"""Reading and writing rows by the values of their columns, with statements that are built once.

Building a statement takes longer than a database in memory takes to carry it out, and a run needs hundreds of them. So
each is kept by what it says: the table, the columns that are asked for, and those that the database's own time goes to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from erpcore.store.clock import DATABASE_TIME

Merge = Callable[[Any], Mapping[str, Any]]
"""From the columns of a row that was to be inserted to those of the row that is there already."""

_WHERE = "where_"


def insert_new(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> sa.Row[Any] | None:
    """Insert a row unless one of the table's unique keys is taken.

    On PostgreSQL it waits for a transaction that is writing the same key.

    Args:
        connection: Of the caller's transaction, which stays usable when the key is taken.
        table: Where to.
        values: Column name to value; `erpcore.store.clock.moment` for the time.

    Returns:
        The new row; None when the key is taken.
    """
    timed, given = _apart(values)
    return connection.execute(_insert(connection.dialect.name, table, timed), given).one_or_none()


def insert_if_new(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Do as `insert_new` does; tell whether the row is new."""
    return insert_new(connection, table, values) is not None


def put(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any], *, merge: Merge | None = None) -> None:
    """Insert a row, or replace the other columns of the one with the same primary key.

    Args:
        connection: Of the caller's transaction.
        table: Where to.
        values: As for `insert_if_new`, the primary key among them.
        merge: A function of a module, from the new values to what columns of the old row become instead.
    """
    timed, given = _apart(values)
    connection.execute(_put(connection.dialect.name, table, timed, tuple(values), merge), given)


def add(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> None:
    """Insert a row whose key the database gives.

    Args:
        connection: Of the caller's transaction.
        table: Where to.
        values: As for `insert_if_new`.
    """
    add_all(connection, table, [values])


def add_all(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows whose keys the database gives, in their order and in one statement.

    Args:
        connection: Of the caller's transaction.
        table: Where to.
        rows: Values as for `insert_if_new`, of the same columns each.
    """
    apart = [_apart(values) for values in rows]
    if apart:
        connection.execute(_add(table, apart[0][0]), [given for _, given in apart])


def find(
    connection: sa.Connection, table: sa.Table, where: Mapping[str, Any], *, lock: bool = False
) -> sa.CursorResult[Any]:
    """Read the rows whose columns have these values, in the order of their primary key.

    Args:
        connection: Of a transaction.
        table: Where.
        where: Column name to value, none of them None.
        lock: Let nobody else change them until the transaction, a writing one, ends.
    """
    return connection.execute(_select(table, tuple(where), lock), where)


def change(
    connection: sa.Connection, table: sa.Table, where: Mapping[str, Any], values: Mapping[str, Any]
) -> sa.CursorResult[Any]:
    """Change the rows whose columns have these values.

    Args:
        connection: Of a writing transaction.
        table: Where.
        where: Column name to value, none of them None.
        values: As for `insert_if_new`.
    """
    timed, given = _apart(values)
    sought = {f"{_WHERE}{name}": value for name, value in where.items()}
    return connection.execute(_update(table, tuple(where), timed), {**sought, **given})


def insert_of(dialect: str) -> Callable[[sa.Table], Any]:
    """Give a dialect's own INSERT, which knows what to do with a row that is there already.

    Args:
        dialect: Name of the connection's. PostgreSQL's is loaded where it is used.
    """
    if dialect != "postgresql":
        return sqlite.insert
    from sqlalchemy.dialects import postgresql

    return postgresql.insert


def _apart(values: Mapping[str, Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Tell the columns that get the database's time from the others."""
    timed = tuple(name for name, value in values.items() if value is DATABASE_TIME)
    return timed, {name: value for name, value in values.items() if value is not DATABASE_TIME}


def _at(timed: tuple[str, ...]) -> dict[str, Any]:
    return dict.fromkeys(timed, DATABASE_TIME)


@cache
def _insert(dialect: str, table: sa.Table, timed: tuple[str, ...]) -> Any:
    made = insert_of(dialect)(table)
    return (made.values(_at(timed)) if timed else made).on_conflict_do_nothing().returning(table)


@cache
def _put(dialect: str, table: sa.Table, timed: tuple[str, ...], names: tuple[str, ...], merge: Merge | None) -> Any:
    made = insert_of(dialect)(table)
    keys = [column.name for column in table.primary_key]
    rest = {name: made.excluded[name] for name in names if name not in keys} if merge is None else merge(made.excluded)
    return (made.values(_at(timed)) if timed else made).on_conflict_do_update(index_elements=keys, set_=rest)


@cache
def _add(table: sa.Table, timed: tuple[str, ...]) -> sa.Insert:
    return sa.insert(table).values(_at(timed)) if timed else sa.insert(table)


@cache
def _select(table: sa.Table, names: tuple[str, ...], lock: bool) -> sa.Select[Any]:
    where = [table.c[name] == sa.bindparam(name) for name in names]
    found = sa.select(table).where(*where).order_by(*table.primary_key)
    return found.with_for_update() if lock else found


@cache
def _update(table: sa.Table, names: tuple[str, ...], timed: tuple[str, ...]) -> sa.Update:
    changed = sa.update(table).where(*(table.c[name] == sa.bindparam(f"{_WHERE}{name}") for name in names))
    return changed.values(_at(timed)) if timed else changed
