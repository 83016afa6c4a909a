"""Whose account each connection is: what the store remembers is true of that company alone.

Noted under dotted names of the settings: ``connections.fortnox``, and ``syncs.won_deals.erp`` beside it, because links
belong to a sync, which may be given another connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from erpcore.store.articles import article_list, forget_articles
from erpcore.store.clock import moment, now
from erpcore.store.cursors import invoices_cursor
from erpcore.store.rows import change, insert_if_new
from erpcore.store.schema import accounts, cursors, inbox, intents, links, runs, subscriptions
from erpcore.store.schema_mirrors import invoices


@dataclass(frozen=True)
class NotedAccount:
    """An account as it was first seen. Times are aware, in UTC.

    Args:
        owner: Dotted name in the settings.
        key: What tells the account from every other.
        name: The company's name, when it was told.
        noted_at: When.
        other_key: The key of another account that was found there since; None when the last look found the same.
        other_name: The name of that one.
    """

    owner: str
    key: str
    name: str | None
    noted_at: datetime
    other_key: str | None
    other_name: str | None


_NOTED = sa.select(accounts).where(accounts.c.owner.in_(sa.bindparam("owners", expanding=True)))


def note_account(connection: sa.Connection, owner: str, *, key: str, name: str | None) -> NotedAccount:
    """Note the account that was found; the first one stays, and another one is noted beside it.

    Args:
        connection: Of a writing transaction.
        owner: Dotted name in the settings.
        key: What tells the account from every other.
        name: The company's name, when it was told.

    Returns:
        As it is noted now.
    """
    insert_if_new(connection, accounts, {"owner": owner, "key": key, "name": name, "noted_at": moment(connection)})
    (noted,) = noted_accounts(connection, [owner])
    same = noted.key == key
    values = {"name": name or noted.name, "other_key": None, "other_name": None}
    if not same:
        values = {"name": noted.name, "other_key": key, "other_name": name}
    change(connection, accounts, {"owner": owner}, values)
    (noted,) = noted_accounts(connection, [owner])
    return noted


def noted_accounts(connection: sa.Connection, owners: Sequence[str]) -> list[NotedAccount]:
    """Give what is noted of these owners, in their order."""
    rows = connection.execute(_NOTED, {"owners": list(owners)}).all()
    found = {row.owner: NotedAccount(**row._mapping) for row in rows}
    return [found[owner] for owner in owners if owner in found]


def accounts_of_syncs(connection: sa.Connection) -> dict[str, dict[str, str]]:
    """Give the keys of the accounts that syncs are noted to have joined: by sync, those of ``crm`` and ``erp``."""
    rows = connection.execute(sa.select(accounts.c.owner, accounts.c.key).where(accounts.c.owner.like("syncs.%")))
    found = dict[str, dict[str, str]]()
    for row in rows:
        sync, _, side = row.owner.removeprefix("syncs.").rpartition(".")
        found.setdefault(sync, {})[side] = row.key
    return found


def owns_anything(connection: sa.Connection, syncs: Sequence[str]) -> bool:
    """Tell whether anything is remembered of syncs: a link, a document that was wanted, an invoice, or a run.

    Args:
        connection: Of a transaction.
        syncs: Their names.
    """
    found = (
        sa.select(sa.literal(1)).where(table.c.sync.in_(syncs)).limit(1) for table in (links, intents, invoices, runs)
    )
    return any(connection.execute(each).first() is not None for each in found)


def accept_account(connection: sa.Connection, owners: Sequence[str]) -> int:
    """Take the account that was found last for the one that is meant: a person says that it is the same company.

    Args:
        connection: Of a writing transaction.
        owners: Dotted names whose account is taken over.

    Returns:
        How many of them had come to another account.
    """
    changed = (accounts.c.owner.in_(owners), accounts.c.other_key.is_not(None))
    found = {"key": accounts.c.other_key, "name": accounts.c.other_name, "other_key": None, "other_name": None}
    return connection.execute(sa.update(accounts).where(*changed).values(found)).rowcount


def begin_anew(connection: sa.Connection, owners: Sequence[str], *, crm: str | None, syncs: Sequence[str]) -> str:
    """Put aside what is remembered of an account, so that the next one under its name begins with nothing.

    Nothing is deleted but the places where reading goes on: links and intents are kept under another name, since they
    are the only record of what was made in the first company. Runs keep their numbers, which must not be given twice.

    Args:
        connection: Of a writing transaction, while no worker runs.
        owners: Dotted names whose account is forgotten.
        crm: Name of the CRM connection whose events are put aside; None when it is an ERP's account that changes.
        syncs: Names of the syncs whose links and intents are put aside.

    Returns:
        What the names end in from now on, such as `` until 2026-03-01 12:00:00``.
    """
    ending = f" until {now(connection):%Y-%m-%d %H:%M:%S}"
    for table in (links, intents, invoices):
        connection.execute(sa.update(table).where(table.c.sync.in_(syncs)).values(sync=table.c.sync + ending))
    # The same record of the same sync gets the same reference again, and no two intents may have one.
    aside = [f"{sync}{ending}" for sync in syncs]
    renamed = sa.update(intents).where(intents.c.sync.in_(aside)).values(reference=intents.c.reference + ending)
    connection.execute(renamed)
    reading = [invoices_cursor(sync) for sync in syncs]
    connection.execute(sa.delete(cursors).where(cursors.c.name.in_(reading)))
    if crm is not None:
        connection.execute(sa.delete(subscriptions).where(subscriptions.c.connection == crm))
        connection.execute(sa.update(inbox).where(inbox.c.source == crm).values(source=f"{crm}{ending}"))
        connection.execute(sa.delete(cursors).where(cursors.c.connection == crm))
    forget_articles(connection, syncs)
    connection.execute(sa.delete(cursors).where(cursors.c.name.in_(article_list(sync) for sync in syncs)))
    connection.execute(sa.delete(accounts).where(accounts.c.owner.in_(owners)))
    return ending
