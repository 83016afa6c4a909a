"""A connection or a sync that has another name in the settings: what is kept under the old one follows it.

Intents keep the references that they have, which stand on documents; a new one is made of the new name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from erpcore.store.accounts import owns_anything
from erpcore.store.articles import article_list
from erpcore.store.cursors import invoices_asked, invoices_cursor
from erpcore.store.schema import (
    accounts,
    consents,
    cursors,
    deliveries,
    health,
    inbox,
    intents,
    links,
    records,
    runs,
    secrets,
    subscriptions,
    tokens,
)
from erpcore.store.schema_mirrors import articles, invoices
from erpcore.store.schema_notices import messages, notices

_OF_SYNCS = (links, intents, runs, records, invoices, articles, notices, messages)
_NEWER_COUNTS = (secrets, tokens, subscriptions)
"""What a person has given the connection under its new name already is not written over."""


def kept_names(connection: sa.Connection) -> dict[str, list[str]]:
    """Give the names under which anything is kept: of connections and of syncs, in alphabetical order.

    Args:
        connection: Of a transaction.
    """
    owners = sa.select(accounts.c.owner)
    noted = [owner.split(".", 1) for owner in connection.execute(owners).scalars()]
    of_connections = {name for kind, name in noted if kind == "connections"}
    for table in (tokens, secrets, subscriptions):
        of_connections.update(connection.execute(sa.select(table.c.connection).distinct()).scalars())
    of_syncs = {name.rpartition(".")[0] for kind, name in noted if kind == "syncs"}
    of_syncs.update(connection.execute(sa.select(records.c.sync).distinct()).scalars())
    return {"connection": sorted(of_connections), "sync": sorted(of_syncs)}


def rename_sync(connection: sa.Connection, old: str, new: str) -> Mapping[str, int]:
    """Let what is kept of a sync be another name's.

    Args:
        connection: Of a writing transaction, while no worker runs.
        old: The name that it has been kept under.
        new: The name that it has from now on, of which no link, document, invoice or run is kept.

    Returns:
        How many links, documents and runs there are.

    Raises:
        ValueError: Something is kept of the new name.
    """
    if owns_anything(connection, [new]):
        raise ValueError(new)
    for table in (articles, notices):
        connection.execute(sa.delete(table).where(table.c.sync == new))
    counted = {table.name: connection.execute(_renamed(table.c.sync, old, new)).rowcount for table in _OF_SYNCS}
    _move_cursors(connection, cursors.c.connection, old, new)
    for name_of in (invoices_cursor, invoices_asked, article_list):
        _move_cursors(connection, cursors.c.name, name_of(old), name_of(new))
    for side in ("crm", "erp"):
        _move_account(connection, f"syncs.{old}.{side}", f"syncs.{new}.{side}")
    return {"links": counted[links.name], "documents": counted[intents.name], "runs": counted[runs.name]}


def put_sync_aside(connection: sa.Connection, old: str, aside: str) -> Mapping[str, int]:
    """Keep what a sync has made under a name that no sync has, so that another one may begin between its companies.

    Args:
        connection: Of a writing transaction, while no worker runs.
        old: The name that it has been kept under.
        aside: The name that it has from now on.

    Returns:
        How many links, documents and runs there are.
    """
    moved = rename_sync(connection, old, aside)
    connection.execute(sa.delete(accounts).where(accounts.c.owner.in_([f"syncs.{aside}.crm", f"syncs.{aside}.erp"])))
    return moved


def rename_connection(connection: sa.Connection, old: str, new: str) -> None:
    """Let what is kept of a connection be another name's: how far it was read, its events, tokens and secrets.

    Reading goes on from where it stood under the old name, also where it has begun under the new one.

    Args:
        connection: Of a writing transaction, while no worker runs.
        old: The name that it has been kept under.
        new: The name that it has from now on.
    """
    for table in _NEWER_COUNTS:
        if connection.execute(sa.select(sa.literal(1)).where(table.c.connection == new).limit(1)).first() is not None:
            connection.execute(sa.delete(table).where(table.c.connection == old))
        connection.execute(_renamed(table.c.connection, old, new))
    connection.execute(sa.delete(health).where(health.c.connection == old))
    connection.execute(_renamed(consents.c.connection, old, new))
    _move_cursors(connection, cursors.c.connection, old, new)
    there = sa.select(inbox.c.event_key).where(inbox.c.source == new)
    connection.execute(sa.delete(inbox).where(inbox.c.source == old, inbox.c.event_key.in_(there.scalar_subquery())))
    for column in (inbox.c.source, deliveries.c.source, runs.c.source, runs.c.target):
        connection.execute(_renamed(column, old, new))
    _move_account(connection, f"connections.{old}", f"connections.{new}")


def _renamed(column: sa.Column[Any], old: str, new: str) -> sa.Update:
    return sa.update(column.table).where(column == old).values({column: new})


def _move_cursors(connection: sa.Connection, column: sa.Column[Any], old: str, new: str) -> None:
    """Let cursors be another owner's or of another name; what was read to under the new one gives way."""
    other = cursors.c.name if column is cursors.c.connection else cursors.c.connection
    kept = sa.select(other).where(column == old)
    connection.execute(sa.delete(cursors).where(column == new, other.in_(kept.scalar_subquery())))
    connection.execute(_renamed(column, old, new))


def _move_account(connection: sa.Connection, old: str, new: str) -> None:
    found = sa.select(sa.literal(1)).where(accounts.c.owner == old)
    if connection.execute(found).first() is not None:
        connection.execute(sa.delete(accounts).where(accounts.c.owner == new))
        connection.execute(_renamed(accounts.c.owner, old, new))
