"""Exchanging the vault's key.

With keys from the environment: put the new one in front (``ERPCORE_KEY=new,old``), rotate, then take the old one out.
With a key file or a keyring all three happen here; a crash between them leaves both keys there, with which everything
works.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from erpcore.store.database import Store
from erpcore.store.keys import keys_from_outside
from erpcore.store.vault import Vault, held_mark, key_does_not_fit, reencrypt


def rotate_keys(store: Store, look: Callable[[sa.Connection], None] = lambda connection: None) -> int:
    """Encrypt every token and secret with a new key.

    Workers that are running keep the old key in memory: stop them before, start them again after.

    Args:
        store: The store; its keys come from where they came from when it was opened.
        look: Is given the transaction before anything is changed in it, and raises where a worker is running. One that
            starts meanwhile waits for the transaction, since it makes itself known before it looks at the key.

    Returns:
        How many tokens and secrets were encrypted anew.

    Raises:
        ConfigurationError: There is no key, or something was written with a key that is not given any more; then
            nothing is changed.
    """
    vault, place = store.vault, store.key_place()
    if place is None or keys_from_outside(store.key) is not None:
        with store.begin() as connection:
            held_mark(connection)
            look(connection)
            return reencrypt(connection, vault)
    with store.begin() as connection:
        held_mark(connection)
        look(connection)
        kept = place.read()
        if kept is None:
            raise key_does_not_fit()
        from cryptography.fernet import Fernet

        keys = [Fernet.generate_key().decode(), *kept]
        place.keep(keys)
        count = reencrypt(connection, Vault(keys))
    place.keep(keys[:1])
    del store.vault  # it remembers the old key; the next use asks the place again
    return count
