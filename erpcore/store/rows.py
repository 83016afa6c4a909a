"""Writing a row that somebody else may be writing at the same moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> sa.Row[Any] | None:
    """Insert a row unless one of the table's unique keys is taken.

    On PostgreSQL it waits for a transaction that is writing the same key.

    Args:
        connection: Of the caller's transaction, which stays usable when the key is taken.
        table: Where to.
        values: Column name to value.

    Returns:
        The new row; None when the key is taken.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(table)
    return connection.execute(statement).one_or_none()


def insert_if_new(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Do as `insert_new` does; tell whether the row is new."""
    return insert_new(connection, table, values) is not None


def put(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> None:
    """Insert a row, or replace the other columns of the one with the same primary key.

    Args:
        connection: Of the caller's transaction.
        table: Where to.
        values: Column name to value, the primary key among them.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in values.items() if name not in keys}
    connection.execute(insert(table).values(**values).on_conflict_do_update(index_elements=keys, set_=rest))
