"""OAuth2 tokens in the store, encrypted; what `erpcore.http` refreshes through.

The right to refresh is a lease, not a row lock: see `erpcore.store.leases`. A token is saved by whoever got it from the
vendor, even when its lease has run out meanwhile, because a rotated pair is the only one that works.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from erpcore.errors import UnavailableError
from erpcore.exact_json import from_json, to_json
from erpcore.host import HeldToken, Token, same_owner
from erpcore.redaction import keep_secret
from erpcore.store.clock import now
from erpcore.store.database import Store
from erpcore.store.leases import hold_lease
from erpcore.store.rows import find, put
from erpcore.store.schema import tokens


@dataclass(frozen=True)
class DeadGrant:
    """A connection that a person must connect again.

    Args:
        connection: Its name.
        dead_at: When the vendor said so, aware, in UTC.
        reason: What it said.
    """

    connection: str
    dead_at: datetime
    reason: str


@dataclass(frozen=True)
class _StoredHeldToken:
    store: StoreTokenStore
    connection: str

    def load(self) -> Token | None:
        return self.store.load(self.connection)

    def save(self, token: Token) -> None:
        self.store.save(self.connection, token)


def living_grants(connection: sa.Connection) -> list[str]:
    """Name the connections that have a token and need nobody's consent.

    Args:
        connection: Of a transaction.
    """
    living = sa.select(tokens.c.connection).where(tokens.c.dead_at.is_(None), tokens.c.ciphertext.is_not(None))
    return list(connection.execute(living.order_by(tokens.c.connection)).scalars())


_BESIDE_THE_REQUEST = 15.0
"""Seconds for what is done under the lock beside the one token request: a few transactions."""


class StoreTokenStore:
    """Keeps one token per connection for all processes on one store (`erpcore.http.TokenStore`).

    The lock is not renewed while it is held: it lasts longer than the one request that is made under it.

    Args:
        store: The store.
        longest_request: Seconds that one request may be under way.
        lease_wait: Seconds to wait for the lock; a little longer than the lock of a killed process lasts when left out.
    """

    def __init__(self, store: Store, *, longest_request: float = 60.0, lease_wait: float | None = None) -> None:
        self._store = store
        self._lease_seconds = longest_request + _BESIDE_THE_REQUEST
        self._lease_wait = self._lease_seconds + _BESIDE_THE_REQUEST if lease_wait is None else lease_wait

    def load(self, connection: str) -> Token | None:
        """Read the newest stored token; None when there never was one.

        Raises:
            ConfigurationError: The vault's key does not fit.
        """
        with self._store.read() as reading:
            row = find(reading, tokens, {"connection": connection}).one_or_none()
        if row is None or row.ciphertext is None:
            return None
        token = _from_text(self._store.vault.decrypt(row.ciphertext))
        keep_secret(token.access_token, token.refresh_token)
        return token

    def save(self, connection: str, token: Token) -> None:
        """Store the token durably before returning, and clear a dead mark."""
        keep_secret(token.access_token, token.refresh_token)
        values = {
            "connection": connection,
            "ciphertext": self._store.vault.encrypt(_to_text(token)),
            "expires_at": token.expires_at,
            "bought_for": token.bought_for,
            "dead_at": None,
            "dead_reason": None,
        }
        with self._store.begin() as writing:
            put(writing, tokens, {**values, "updated_at": now(writing)})

    @contextmanager
    def locked(self, connection: str) -> Iterator[HeldToken]:
        """Take the sole right, over all processes, to refresh this connection's token.

        Raises:
            UnavailableError: Somebody else held it for too long.
        """
        with ExitStack() as held:
            lease = hold_lease(self._store, f"token:{connection}", seconds=self._lease_seconds, wait=self._lease_wait)
            try:
                held.enter_context(lease)
            except TimeoutError as error:
                raise UnavailableError(
                    "another worker has been fetching a token for too long.", connection=connection
                ) from error
            yield _StoredHeldToken(self, connection)

    def mark_dead(self, connection: str, reason: str, bought_for: str = "") -> None:
        """Note that a person must connect again. Called with the connection's lock held."""
        with self._store.begin() as writing:
            at = now(writing)
            values = {"dead_at": at, "dead_reason": reason, "updated_at": at, "bought_for": bought_for}
            put(writing, tokens, {"connection": connection, **values})

    def dead_reason(self, connection: str, bought_for: str = "") -> str | None:
        """Give why the grant is dead, or None when it is not, or is another one than is meant."""
        with self._store.read() as reading:
            found = find(reading, tokens, {"connection": connection}).one_or_none()
        if found is None or found.dead_at is None or not same_owner(found.bought_for, bought_for):
            return None
        return str(found.dead_reason)

    def had_grant(self, connection: str) -> bool:
        """Tell whether the grant of a connection that is dead now is one that had given a token."""
        with self._store.read() as reading:
            found = find(reading, tokens, {"connection": connection}).one_or_none()
        if found is None or found.dead_at is None:
            return False
        last = self.load(connection)
        return last is not None and same_owner(last.bought_for, found.bought_for)

    def dead_grants(self) -> list[DeadGrant]:
        """The connections that need a person's consent again, by name."""
        columns = (tokens.c.connection, tokens.c.dead_at, tokens.c.dead_reason)
        statement = sa.select(*columns).where(tokens.c.dead_at.is_not(None)).order_by(tokens.c.connection)
        with self._store.read() as reading:
            rows = reading.execute(statement).all()
        return [DeadGrant(row.connection, row.dead_at, row.dead_reason) for row in rows]


def _to_text(token: Token) -> str:
    value: dict[str, Any] = {
        "access_token": token.access_token,
        "refresh_token": token.refresh_token,
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        "scope": token.scope,
        "extra": dict(token.extra),
        "bought_for": token.bought_for,
    }
    return to_json(value).decode()


def _from_text(text: str) -> Token:
    value = from_json(text.encode())
    expires_at = value.pop("expires_at")
    return Token(**value, expires_at=datetime.fromisoformat(expires_at) if expires_at else None)
