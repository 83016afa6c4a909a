"""Writing a row that somebody else may be writing at the same moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert_if_new(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless one of the table's unique keys is taken.

    On PostgreSQL it waits for a transaction that is writing the same key.

    Args:
        connection: Of the caller's transaction, which stays usable when the key is taken.
        table: Where to.
        values: Column name to value.

    Returns:
        Whether the row is new.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # Asked by what comes back: the count of rows is not known on PostgreSQL when a key is generated.
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(sa.literal(1))
    return connection.execute(statement).first() is not None


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
