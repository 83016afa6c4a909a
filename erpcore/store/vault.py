"""The vault: what encrypts tokens and secrets at rest.

Fernet keys (``cryptography``): the first of the list encrypts, all of them decrypt, so that a key can be exchanged
without a day on which nothing works. The keys come from the settings, from the environment's ``ERPCORE_KEY``, or, for a
SQLite store, from a file beside it that only its owner may read and that is made at the first use.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from erpcore.errors import ConfigurationError
from erpcore.store.installation import installation_id
from erpcore.store.schema import installation, secrets, tokens

KEY_VARIABLE = "ERPCORE_KEY"
"""Environment variable with the keys, separated by commas."""

_CHECK_TEXT = "erpcore"
_MAKE_ONE = 'Make one with: python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


class Vault:
    """Encrypts and decrypts text.

    Args:
        keys: Fernet keys (32 bytes in URL-safe base64), the one that encrypts first.

    Raises:
        ConfigurationError: A key is not a Fernet key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise ConfigurationError(
                "a key of the vault is not a Fernet key (32 bytes in URL-safe base64).",
                setting=KEY_VARIABLE,
                advice=_MAKE_ONE,
            ) from error

    def encrypt(self, text: str) -> str:
        """Encrypt with the first key."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, ciphertext: str) -> str:
        """Decrypt with the key that fits.

        Raises:
            ConfigurationError: None does.
        """
        try:
            return self._fernet.decrypt(ciphertext).decode()
        except InvalidToken as error:
            raise key_does_not_fit() from error

    def renew(self, ciphertext: str) -> str:
        """The same text, encrypted with the first key.

        Raises:
            ConfigurationError: No key fits.
        """
        try:
            return self._fernet.rotate(ciphertext).decode()
        except InvalidToken as error:
            raise key_does_not_fit() from error

    def check(self, connection: sa.Connection) -> None:
        """Make sure that the keys fit this store, before anything is written with the wrong one.

        Args:
            connection: Of a writing transaction; the first call leaves a mark for the later ones.

        Raises:
            ConfigurationError: They do not fit.
        """
        installation_id(connection)
        # Two first users must not both leave a mark: on PostgreSQL the row is locked, on SQLite the whole file is.
        statement = sa.select(installation.c.key_check).with_for_update()
        mark = connection.execute(statement).scalar_one()
        if mark is None:
            connection.execute(sa.update(installation).values(key_check=self.encrypt(_CHECK_TEXT)))
        else:
            self.decrypt(mark)


def key_does_not_fit() -> ConfigurationError:
    """The error for a vault whose key is another one."""
    return ConfigurationError(
        "the key of the vault does not fit this store: its tokens and secrets cannot be read.",
        setting=KEY_VARIABLE,
        advice=f"Give the key that the store was made with ({KEY_VARIABLE}, or the .key file beside the store). "
        "If it is lost: “erpcore db forget-secrets” deletes what cannot be read any more, and “erpcore connect NAME” "
        "stores each connection's secrets anew.",
    )


def find_keys(connection: sa.Connection, key: str | None, store_path: Path | None) -> list[str]:
    """The keys: as given, else from the environment, else from the file beside the store.

    Args:
        connection: Of a writing transaction.
        key: Keys separated by commas, from the settings.
        store_path: The SQLite file; None on PostgreSQL, which has no place beside it.

    Raises:
        ConfigurationError: There is none, or the key file of a store that has been used is gone.
    """
    given = keys_from_outside(key)
    if given is not None:
        return given
    if store_path is None:
        raise ConfigurationError(
            "the vault has no key.",
            setting=KEY_VARIABLE,
            advice=f"Set the environment variable {KEY_VARIABLE} to the same key for every worker. {_MAKE_ONE}",
        )
    path = key_path(store_path)
    try:
        return read_key_file(path)
    except FileNotFoundError:
        used = connection.execute(sa.select(installation.c.key_check)).scalar_one_or_none()
        if used is not None:
            raise key_does_not_fit() from None
        made = Fernet.generate_key().decode()
        write_key_file(path, [made])
        return [made]


def key_path(store_path: Path) -> Path:
    """The key file that belongs to a SQLite file: ``erpcore.db`` has ``erpcore.db.key``."""
    return store_path.with_name(f"{store_path.name}.key")


def reencrypt(connection: sa.Connection, vault: Vault) -> int:
    """Encrypt everything in the store with the vault's first key; afterwards the other keys may go.

    Args:
        connection: Of a writing transaction.
        vault: With the new key first and the old ones behind it.

    Returns:
        How many tokens and secrets there were.

    Raises:
        ConfigurationError: Something was written with a key that is not in the list. Nothing is changed then.
    """
    count = 0
    for table in (secrets, tokens):
        keys = list(table.primary_key)
        filled = sa.select(*keys, table.c.ciphertext).where(table.c.ciphertext.is_not(None))
        for row in connection.execute(filled.with_for_update()).all():
            where = [column == row._mapping[column] for column in keys]
            renewed = vault.renew(row.ciphertext)
            connection.execute(sa.update(table).where(*where).values(ciphertext=renewed))
            count += 1
    mark = connection.execute(sa.select(installation.c.key_check)).scalar_one_or_none()
    if mark is not None:
        connection.execute(sa.update(installation).values(key_check=vault.renew(mark)))
    return count


def forget_secrets(connection: sa.Connection) -> int:
    """Delete every token and secret, and the mark of the key: the way on when the key is lost. Links stay.

    Args:
        connection: Of a writing transaction.

    Returns:
        How many tokens and secrets there were.
    """
    count = sum(connection.execute(sa.delete(table)).rowcount for table in (secrets, tokens))
    connection.execute(sa.update(installation).values(key_check=None))
    return count


def keys_from_outside(key: str | None) -> list[str] | None:
    """The keys that were given, or are in the environment; None when there are none."""
    given = key or os.environ.get(KEY_VARIABLE)
    return [part.strip() for part in given.split(",") if part.strip()] if given else None


def read_key_file(path: Path) -> list[str]:
    """The keys of a key file, one a line, the one that encrypts first.

    Raises:
        FileNotFoundError: There is no such file.
    """
    return path.read_text(encoding="ascii").split()


def write_key_file(path: Path, keys: Sequence[str]) -> None:
    """Write a key file that only its owner may read, in place of an earlier one."""
    # A half-written key file would lock the store for good: write beside it, reach the disk, then rename.
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("\n".join(keys) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
