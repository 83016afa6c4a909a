"""Exchanging the vault's key.

With keys from the environment: put the new one in front (``ERPCORE_KEY=new,old``), rotate, then take the old one out.
With a key file all three happen here; a crash between them leaves a file with both keys, with which everything works.
"""

from __future__ import annotations

from cryptography.fernet import Fernet

from erpcore.store.database import Store
from erpcore.store.vault import Vault, key_path, keys_from_outside, read_key_file, reencrypt, write_key_file


def rotate_keys(store: Store) -> int:
    """Encrypt every token and secret with a new key.

    Workers that are running keep the old key in memory: stop them before, start them again after.

    Args:
        store: The store; its keys come from where they came from when it was opened.

    Returns:
        How many tokens and secrets were encrypted anew.

    Raises:
        ConfigurationError: There is no key, or something was written with a key that is not given any more; then
            nothing is changed.
    """
    vault = store.vault
    if store.path is None or keys_from_outside(store.key) is not None:
        with store.begin() as connection:
            return reencrypt(connection, vault)
    path = key_path(store.path)
    keys = [Fernet.generate_key().decode(), *read_key_file(path)]
    write_key_file(path, keys)
    with store.begin() as connection:
        count = reencrypt(connection, Vault(keys))
    write_key_file(path, keys[:1])
    del store.vault  # it remembers the old key; the next use reads the file again
    return count
