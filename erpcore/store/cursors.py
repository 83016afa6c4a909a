"""How far a feed or a list has been read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from erpcore.store.clock import moment, now
from erpcore.store.rows import find, put
from erpcore.store.schema import cursors


def invoices_cursor(sync: str) -> str:
    """Name the place to which a sync has read the invoices of its ERP."""
    return f"invoices of {sync}"


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


def ask_for_invoices(connection: sa.Connection, owner: str, sync: str) -> None:
    """Have a sync's invoices read at the next opportunity, because one has just been made.

    Args:
        connection: Of a writing transaction.
        owner: Name of the ERP's connection.
        sync: Name of the sync.
    """
    put_cursor(connection, owner, invoices_asked(sync), now(connection).isoformat())


def invoices_place(
    connection: sa.Connection, owner: str, sync: str, siblings: Sequence[str]
) -> tuple[str | None, datetime | None]:
    """Read to where a sync has read the invoices of its ERP, and when somebody last asked for them at once.

    Args:
        connection: Of a transaction.
        owner: Name of the ERP's connection.
        sync: Name of the sync.
        siblings: The syncs of the same two connections, by `ask_for_invoices` for any of which it is asked.

    Returns:
        The place as it was kept, None before the first reading; the time, aware, None for never.
    """
    place, *names = invoices_cursor(sync), *map(invoices_asked, siblings)
    found = sa.select(cursors.c.name, cursors.c.value).where(
        cursors.c.connection == owner, cursors.c.name.in_([place, *names])
    )
    held: dict[str, str] = {row.name: row.value for row in connection.execute(found).all()}
    asked = (datetime.fromisoformat(held[name]) for name in names if name in held)
    return held.get(place), max(asked, default=None)


def invoices_asked(sync: str) -> str:
    """Name what says when a sync's invoices were asked for at once."""
    return f"invoices asked for by {sync}"
