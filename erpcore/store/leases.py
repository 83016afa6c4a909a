"""Leases: the sole right to do something, over all processes, for a time.

A lease is a row with a holder and an end. It is taken by one guarded statement, renewed while its holder lives, and
runs out by itself when the holder is killed. It is not a row lock on purpose: a lock lives as long as a transaction,
and on SQLite a writing transaction holds the file's only write lock, so that every other writer would wait for as long
as the holder waits for a vendor's answer.

Whoever is stopped (not killed) for longer than the lease comes back to find it taken; `Lease.lost` tells.

Nothing renews it in the background: whoever takes a lease takes it for longer than the work that it guards, or renews
it between two pieces of that work.

A clock that is set back would make a dead holder's end come late by as much. So who finds an end further away than a
lease is long brings it as near as that. That needs everybody who takes a lease of one name to give it the same length.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from erpcore.errors import TurnLostError
from erpcore.store.clock import now
from erpcore.store.rows import insert_if_new
from erpcore.store.schema import leases

if TYPE_CHECKING:
    from erpcore.store.database import Store

_SHORTEST_NAP = 0.02
_LONGEST_NAP = 1.0


class Lease:
    """A lease that this process holds.

    Args:
        store: Where the row is.
        name: What the right is to.
        seconds: After which it runs out unless renewed.
        holder: Who holds it, where others are told so, and where it is still theirs after a restart; else made up.

    Attributes:
        lost: Whether somebody else has it.
        runs_out: Whether `hold_lease` leaves it to its own end: something is under way that nobody is to overtake.
    """

    def __init__(self, store: Store, name: str, seconds: float, holder: str | None = None) -> None:
        self._store = store
        self._name = name
        self._span = timedelta(seconds=seconds)
        self._holder = holder or f"{store.random.getrandbits(128):032x}"
        self._sure_until = float("-inf")
        self._renewed = float("-inf")
        self.lost = self.runs_out = False

    def take(self) -> bool:
        """Take it if it is free, has run out or is this holder's already; whether that worked."""
        self._renewed = self._store.clock.monotonic()
        with self._store.begin() as connection:
            at = now(connection)
            values = {"holder": self._holder, "until": at + self._span}
            if insert_if_new(connection, leases, {"name": self._name, **values}):
                return True
            free = (leases.c.name == self._name, sa.or_(leases.c.until <= at, leases.c.holder == self._holder))
            if connection.execute(sa.update(leases).where(*free).values(**values)).rowcount == 1:
                return True
            too_far = (leases.c.name == self._name, leases.c.until > at + self._span)
            connection.execute(sa.update(leases).where(*too_far).values(until=at + self._span))
            return False

    def held_by(self) -> str | None:
        """Tell who holds it; None for nobody."""
        with self._store.read() as connection:
            held = (leases.c.name == self._name, leases.c.until > now(connection))
            found: str | None = connection.execute(sa.select(leases.c.holder).where(*held)).scalar()
            return found

    def renew(self) -> bool:
        """Push its end away; False when it has gone to somebody else, and `lost` is set then."""
        self._renewed = self._store.clock.monotonic()
        with self._store.begin() as connection:
            until = now(connection) + self._span
            changed = connection.execute(sa.update(leases).where(*self._mine).values(until=until)).rowcount
        self.lost = self.lost or changed != 1
        return not self.lost

    def keep(self) -> bool:
        """Hold it over many short pieces of work; the store is asked anew when half of its time is over.

        Returns:
            False when somebody else has it.
        """
        at = self._store.clock.monotonic()
        if at < self._sure_until:
            return True
        held = (self._sure_until > float("-inf") and self.renew()) or self.take()
        self.lost = self.lost and not held
        self._sure_until = at + self._span.total_seconds() / 2 if held else float("-inf")
        return held

    def hold(self, connection: sa.Connection) -> None:
        """Make sure that it is still held, until the transaction ends.

        Args:
            connection: Of a transaction; a writing one keeps others from taking it meanwhile.

        Raises:
            TurnLostError: Somebody else has it by now, or it has run out.
        """
        held = sa.select(leases.c.name).where(*self._mine, leases.c.until > now(connection)).with_for_update()
        if connection.execute(held).first() is None:
            self.lost = True
            raise self._taken_over()

    def last_for(self, seconds: float) -> None:
        """Have it last for so long from now on; it is renewed where less is left.

        Args:
            seconds: Less than its whole length.

        Raises:
            TurnLostError: Somebody else has it by now.
        """
        age = self._store.clock.monotonic() - self._renewed
        if self._span.total_seconds() - age < seconds and not self.renew():
            raise self._taken_over()

    def _taken_over(self) -> TurnLostError:
        return TurnLostError(f"Another worker has taken over {self._name}: nothing more is written or sent here.")

    def give_back(self) -> None:
        """Free it for the next one."""
        self._sure_until = float("-inf")
        with self._store.begin() as connection:
            connection.execute(sa.delete(leases).where(*self._mine))

    @property
    def _mine(self) -> tuple[sa.ColumnElement[bool], ...]:
        return (leases.c.name == self._name, leases.c.holder == self._holder)


@contextmanager
def hold_lease(store: Store, name: str, *, seconds: float, wait: float) -> Iterator[Lease]:
    """Hold a lease inside the block.

    Args:
        store: The store.
        name: What the right is to, such as ``token:fortnox``.
        seconds: After which it runs out: longer than the block takes, or than it goes without `Lease.renew`.
        wait: Seconds to wait for it.

    Raises:
        TimeoutError: Somebody else held it all that time.
    """
    lease, clock = Lease(store, name, seconds), store.clock
    begun = clock.monotonic()
    while not lease.take():
        waited = clock.monotonic() - begun
        if waited >= wait:
            raise TimeoutError(f"somebody else has held the lease {name!r} for {wait:.0f} s")
        # Each look is a write. Most holders are done within a second; only after those who died does one wait longer.
        nap = min(max(waited / 4, _SHORTEST_NAP), _LONGEST_NAP)
        clock.sleep(nap * store.random.uniform(0.5, 1.0))
    try:
        yield lease
    finally:
        if not lease.runs_out:
            lease.give_back()
