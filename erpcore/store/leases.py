"""Leases: the sole right to do something, over all processes, for a time.

A lease is a row with a holder and an end. It is taken by one guarded statement, renewed while its holder lives, and
runs out by itself when the holder is killed. It is not a row lock on purpose: a lock lives as long as a transaction,
and on SQLite a writing transaction holds the file's only write lock, so that every other writer would wait for as long
as the holder waits for a vendor's answer.

Whoever is stopped (not killed) for longer than the lease comes back to find it taken; `Lease.lost` tells.

A clock that is set back would make a dead holder's end come late by as much. So who finds an end further away than a
lease is long brings it as near as that, and takes nothing yet: a living holder renews it within a third of the time.
That needs everybody who takes a lease of one name to give it the same length.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from erpcore.store.clock import now
from erpcore.store.rows import insert_if_new
from erpcore.store.schema import leases

if TYPE_CHECKING:
    from erpcore.store.database import Store

_log = logging.getLogger(__name__)

_POLL_SECONDS = (0.01, 0.05)


class Lease:
    """A lease that this process holds.

    Args:
        store: Where the row is.
        name: What the right is to.
        seconds: After which it runs out unless renewed.
    """

    def __init__(self, store: Store, name: str, seconds: float) -> None:
        self._store = store
        self._name = name
        self._span = timedelta(seconds=seconds)
        self._holder = uuid.uuid4().hex
        self.lost = False

    def take(self) -> bool:
        """Take it if it is free or has run out; whether that worked."""
        with self._store.begin() as connection:
            at = now(connection)
            values = {"holder": self._holder, "until": at + self._span}
            if insert_if_new(connection, leases, {"name": self._name, **values}):
                return True
            free = (leases.c.name == self._name, leases.c.until <= at)
            if connection.execute(sa.update(leases).where(*free).values(**values)).rowcount == 1:
                return True
            too_far = (leases.c.name == self._name, leases.c.until > at + self._span)
            connection.execute(sa.update(leases).where(*too_far).values(until=at + self._span))
            return False

    def renew(self) -> bool:
        """Push its end away; False when it has gone to somebody else, and `lost` is set then."""
        with self._store.begin() as connection:
            until = now(connection) + self._span
            changed = connection.execute(sa.update(leases).where(*self._mine).values(until=until)).rowcount
        self.lost = self.lost or changed != 1
        return not self.lost

    def give_back(self) -> None:
        """Free it for the next one."""
        with self._store.begin() as connection:
            connection.execute(sa.delete(leases).where(*self._mine))

    @property
    def _mine(self) -> tuple[sa.ColumnElement[bool], ...]:
        return (leases.c.name == self._name, leases.c.holder == self._holder)


@contextmanager
def hold_lease(store: Store, name: str, *, seconds: float = 30.0, wait: float = 90.0) -> Iterator[Lease]:
    """Hold a lease inside the block; a thread renews it at every third of its time.

    Args:
        store: The store.
        name: What the right is to, such as ``token:fortnox``.
        seconds: After which it runs out when this process is killed.
        wait: Seconds to wait for it.

    Raises:
        TimeoutError: Somebody else held it all that time.
    """
    lease = Lease(store, name, seconds)
    until = time.monotonic() + wait
    while not lease.take():
        if time.monotonic() >= until:
            raise TimeoutError(f"somebody else has held the lease {name!r} for {wait:.0f} s")
        time.sleep(random.uniform(*_POLL_SECONDS))  # noqa: S311  spreads the pollers, hides nothing
    done = threading.Event()

    def keep() -> None:
        while not done.wait(seconds / 3):
            try:
                if not lease.renew():
                    return
            except sa.exc.SQLAlchemyError:
                # The database is away for a moment. The lease may run out; the next round tries again.
                _log.warning("the lease %r could not be renewed", name, exc_info=True)

    keeper = threading.Thread(target=keep, name=f"lease {name}", daemon=True)
    keeper.start()
    try:
        yield lease
    finally:
        done.set()
        keeper.join()
        lease.give_back()
