"""How far a feed or a list has been read."""

from __future__ import annotations

import sqlalchemy as sa

from erpcore.store.clock import moment
from erpcore.store.rows import find, put
from erpcore.store.schema import cursors


def get_cursor(connection: sa.Connection, owner: str, name: str) -> str | None:
    """The cursor, or None before the first read.

    Args:
        connection: Of a transaction.
        owner: Name of the connection in the configuration.
        name: Which list, such as ``events``.
    """
    row = find(connection, cursors, {"connection": owner, "name": name}).one_or_none()
    return None if row is None else str(row.value)


def put_cursor(connection: sa.Connection, owner: str, name: str, value: str) -> None:
    """Remember a cursor: in the transaction that keeps what was read, else a crash between them loses events.

    Args:
        connection: Of a writing transaction.
        owner: Name of the connection in the configuration.
        name: Which list.
        value: The system's own cursor, or a time in ISO form.
    """
    values = {"connection": owner, "name": name, "value": value}
    put(connection, cursors, {**values, "updated_at": moment(connection)})
