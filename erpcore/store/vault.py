"""The vault: what encrypts tokens and secrets at rest.

Fernet keys (``cryptography``): the first of the list encrypts, all of them decrypt, so that a key can be exchanged
without a day on which nothing works. Where the keys are: see `erpcore.store.keys`. The library is loaded with the
first key: most commands that only read need none.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from erpcore.errors import ConfigurationError
from erpcore.store.installation import installation_id
from erpcore.store.keys import KEY_VARIABLE, MAKE_ONE, KeyPlace, keys_from_outside
from erpcore.store.schema import installation, secrets, tokens

_CHECK_TEXT = "erpcore"


class Vault:
    """Encrypts and decrypts text.

    Args:
        keys: Fernet keys (32 bytes in URL-safe base64), the one that encrypts first.

    Raises:
        ConfigurationError: A key is not a Fernet key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        from cryptography.fernet import Fernet, MultiFernet

        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise ConfigurationError(
                "a key of the vault is not a Fernet key (32 bytes in URL-safe base64).",
                setting=KEY_VARIABLE,
                advice=MAKE_ONE,
            ) from error

    def encrypt(self, text: str) -> str:
        """Encrypt with the first key."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, ciphertext: str) -> str:
        """Decrypt with the key that fits.

        Raises:
            ConfigurationError: None does.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(ciphertext).decode()
        except InvalidToken as error:
            raise key_does_not_fit() from error

    def renew(self, ciphertext: str) -> str:
        """The same text, encrypted with the first key.

        Raises:
            ConfigurationError: No key fits.
        """
        from cryptography.fernet import InvalidToken

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
        mark = held_mark(connection)
        if mark is None:
            connection.execute(sa.update(installation).values(key_check=self.encrypt(_CHECK_TEXT)))
        else:
            self.decrypt(mark)


def held_mark(connection: sa.Connection) -> str | None:
    """Give what the first user of the vault left encrypted; nobody else looks at it until the transaction ends.

    Two first users must not both leave a mark, and nobody begins with a key that is just being exchanged.

    Args:
        connection: Of a writing transaction: on PostgreSQL the row is locked, on SQLite the whole file is.
    """
    return connection.execute(sa.select(installation.c.key_check).with_for_update()).scalar_one_or_none()


def key_does_not_fit() -> ConfigurationError:
    """The error for a vault whose key is another one."""
    return ConfigurationError(
        "the key of the vault does not fit this store: its tokens and secrets cannot be read.",
        setting=KEY_VARIABLE,
        advice=f"Give the key that the store was made with ({KEY_VARIABLE}, the .key file beside the store, or the "
        "system's keyring). "
        "If it is lost: “erpcore db forget-secrets” deletes what cannot be read any more, and “erpcore connect NAME” "
        "stores each connection's secrets anew.",
    )


def find_keys(connection: sa.Connection, key: str | None, place: KeyPlace | None) -> list[str]:
    """Give the keys: as given, else from the environment, else from their place, where one is made at the first use.

    Args:
        connection: Of a writing transaction.
        key: Keys separated by commas.
        place: Where keys are kept; None where there is no such place.

    Raises:
        ConfigurationError: There is none, or that of a store that has been used is gone.
    """
    given = keys_from_outside(key)
    if given is not None:
        return given
    if place is None:
        raise ConfigurationError(
            "the vault has no key.",
            setting=KEY_VARIABLE,
            advice=f"Set the environment variable {KEY_VARIABLE} to the same key for every worker. {MAKE_ONE}",
        )
    kept = place.read()
    if kept is not None:
        return kept
    if connection.execute(sa.select(installation.c.key_check)).scalar_one_or_none() is not None:
        raise key_does_not_fit()
    from cryptography.fernet import Fernet

    made = Fernet.generate_key().decode()
    place.keep([made])
    return [made]


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
    count, mark = 0, held_mark(connection)
    for table in (secrets, tokens):
        keys = list(table.primary_key)
        filled = sa.select(*keys, table.c.ciphertext).where(table.c.ciphertext.is_not(None))
        for row in connection.execute(filled.with_for_update()).all():
            where = [column == row._mapping[column] for column in keys]
            renewed = vault.renew(row.ciphertext)
            connection.execute(sa.update(table).where(*where).values(ciphertext=renewed))
            count += 1
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
