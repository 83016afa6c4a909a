"""Secrets of connections (client secrets, API keys), encrypted."""

from __future__ import annotations

import sqlalchemy as sa

from erpcore.store.clock import now
from erpcore.store.rows import find, put
from erpcore.store.schema import secrets
from erpcore.store.vault import Vault


def put_secret(connection: sa.Connection, vault: Vault, owner: str, name: str, value: str) -> None:
    """Keep a secret, in place of an earlier one of the same name.

    Args:
        connection: Of a writing transaction.
        vault: From `Store.vault`.
        owner: Name of the connection in the configuration.
        name: Which secret, such as ``client_secret``.
        value: The secret.
    """
    values = {"connection": owner, "name": name, "ciphertext": vault.encrypt(value)}
    put(connection, secrets, {**values, "updated_at": now(connection)})


def get_secret(connection: sa.Connection, vault: Vault, owner: str, name: str) -> str | None:
    """The secret, or None when there is none.

    Raises:
        ConfigurationError: The vault's key does not fit.
    """
    row = find(connection, secrets, {"connection": owner, "name": name}).one_or_none()
    return None if row is None else vault.decrypt(row.ciphertext)


def secret_names(connection: sa.Connection, owner: str) -> list[str]:
    """Which secrets a connection has, by name."""
    statement = sa.select(secrets.c.name).where(secrets.c.connection == owner).order_by(secrets.c.name)
    return list(connection.execute(statement).scalars())


def forget_secret(connection: sa.Connection, owner: str, name: str) -> bool:
    """Delete a secret; whether there was one."""
    where = (secrets.c.connection == owner, secrets.c.name == name)
    return connection.execute(sa.delete(secrets).where(*where)).rowcount == 1
