"""Who we are among all installations of erpcore."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import sqlalchemy as sa

from erpcore.store.clock import now, randomness
from erpcore.store.rows import insert_if_new
from erpcore.store.schema import installation

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


_READ = sa.select(installation.c.short_id)
_KNOWN: WeakKeyDictionary[sa.Engine, str] = WeakKeyDictionary()
"""What was read once, by the store's engine: it never changes."""


def installation_id(connection: sa.Connection) -> str:
    """Six characters (a-z, 2-7) that are this store's own, made when first asked for.

    They go into our references, so that two installations that write to one company do not take each other's
    documents for their own.
    """
    if (known := _KNOWN.get(connection.engine)) is not None:
        return known
    found = connection.execute(_READ).scalar_one_or_none()
    if found is None:
        # What is made here is not known yet: this transaction may be rolled back.
        made = "".join(randomness(connection).choices(_ALPHABET, k=6))
        insert_if_new(connection, installation, {"id": 1, "short_id": made, "created_at": now(connection)})
        return str(connection.execute(_READ).scalar_one())
    return _KNOWN.setdefault(connection.engine, str(found))
