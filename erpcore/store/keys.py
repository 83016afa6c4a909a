"""Where the vault's keys are: given, in the environment, in a file beside a SQLite store, or in the system's keyring.

The first of these that has any counts. A key is made by itself, at the first use, where there is a place to keep it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from erpcore.errors import ConfigurationError

KEY_VARIABLE = "ERPCORE_KEY"
"""Environment variable with the keys, separated by commas."""

MAKE_ONE = 'Make one with: python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'

_SERVICE = "erpcore"


class KeyPlace(Protocol):
    """Where keys are kept from one start to the next."""

    def read(self) -> list[str] | None:
        """Give the keys, the one that encrypts first; None where none were kept yet."""

    def keep(self, keys: Sequence[str]) -> None:
        """Keep these keys durably, in place of earlier ones."""


@dataclass(frozen=True)
class KeyFile:
    """A file that its owner alone may read, one key a line.

    Args:
        path: The file.
    """

    path: Path

    @classmethod
    def beside(cls, store: Path) -> KeyFile:
        """Give the key file that belongs to a SQLite file: ``erpcore.db`` has ``erpcore.db.key``."""
        return cls(store.with_name(f"{store.name}.key"))

    def read(self) -> list[str] | None:
        """See `KeyPlace`."""
        try:
            return self.path.read_text(encoding="ascii").split()
        except FileNotFoundError:
            return None

    def keep(self, keys: Sequence[str]) -> None:
        """See `KeyPlace`."""
        # A half-written key file would lock the store for good: write beside it, reach the disk, then rename.
        draft = self.path.with_name(f"{self.path.name}.new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write("\n".join(keys) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)


@dataclass(frozen=True)
class SystemKeyring:
    """The keyring of the operating system's user whom erpcore runs as.

    Args:
        store: The store's own short id, which tells its key from another store's.
    """

    store: str

    def read(self) -> list[str] | None:
        """See `KeyPlace`.

        Raises:
            ConfigurationError: There is no keyring, it is locked, or the extra is not installed.
        """
        found = self._asked("get_password", _SERVICE, self.store)
        return None if found is None else str(found).split()

    def keep(self, keys: Sequence[str]) -> None:
        """See `KeyPlace`.

        Raises:
            ConfigurationError: As for `read`.
        """
        self._asked("set_password", _SERVICE, self.store, " ".join(keys))

    def _asked(self, what: str, *given: str) -> object:
        try:
            import keyring
            from keyring.errors import KeyringError
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                "the vault's key shall be in the system's keyring, but the library for that is not installed.",
                setting="store.key_in",
                advice="Install it with: pip install 'erpcore[keyring]'",
            ) from error
        try:
            return getattr(keyring, what)(*given)
        except (KeyringError, RuntimeError, OSError) as error:
            raise ConfigurationError(
                f"the system's keyring does not give or take the vault's key: {error or type(error).__name__}.",
                setting="store.key_in",
                advice="A keyring belongs to a user who is signed in, and may be locked; a service often has none. "
                f"Unlock it, or give the key as {KEY_VARIABLE}.",
            ) from error


def keys_from_outside(key: str | None) -> list[str] | None:
    """Give the keys that were given, or are in the environment; None when there are none.

    Args:
        key: Keys separated by commas.
    """
    given = key or os.environ.get(KEY_VARIABLE)
    return [part.strip() for part in given.split(",") if part.strip()] if given else None
