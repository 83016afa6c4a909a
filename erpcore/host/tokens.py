"""OAuth2 tokens and where they are kept.

A refresh token may be single-use: Fortnox issues a new one at every refresh and kills the old one at once (Fortnox
developer guide, Authorization). Whoever refreshes therefore holds the connection's lock, which holds across processes,
and stores the new pair before anybody uses it. `MemoryTokenStore` is for one process and forgets; the store keeps
tokens encrypted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True)
class Token:
    """What a token endpoint gave. Its secrets are not in its `repr`.

    Args:
        access_token: Goes with each request.
        refresh_token: Buys the next token; None where the grant has none (client credentials).
        expires_at: When the access token stops working, aware; None when the vendor did not say.
        scope: The scopes that were granted, separated by blanks. May be fewer than were asked for.
        extra: What else the endpoint sent (JSON values).
        bought_for: Whose it is by the settings that bought it: client, account, scopes, address. Empty where nobody
            said. One that was bought for somebody else is as good as none.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False, default=None)
    expires_at: datetime | None = None
    scope: str = ""
    extra: Mapping[str, Any] = field(repr=False, default_factory=dict)
    bought_for: str = ""

    def __post_init__(self) -> None:
        if self.expires_at is not None and self.expires_at.tzinfo is None:
            raise ValueError("expires_at has no time zone")

    def usable(self, now: datetime, leeway: float) -> bool:
        """Tell whether the access token will do for at least `leeway` more seconds.

        Args:
            now: The present, aware.
            leeway: Seconds.
        """
        return self.expires_at is None or self.expires_at - timedelta(seconds=leeway) > now


def same_owner(one: str, other: str) -> bool:
    """Tell whether two values of `Token.bought_for` may be of the same; what nobody said may be of anybody."""
    return not (one and other) or one == other


class HeldToken(Protocol):
    """One connection's token while its lock is held."""

    def load(self) -> Token | None:
        """Read the newest stored token, not a remembered one."""

    def save(self, token: Token) -> None:
        """Store the token durably before returning; see `TokenStore.save`."""


class TokenStore(Protocol):
    """Keeps one token per connection.

    A grant is dead when the vendor said so; then `load` still gives the last token, and `dead_reason` tells why it is
    of no use.
    """

    def load(self, connection: str) -> Token | None:
        """Read the newest stored token; None when there never was one."""

    def save(self, connection: str, token: Token) -> None:
        """Store the token durably before returning, and clear a dead mark.

        Never refused for coming late (such as after a lock that ran out): what the vendor issued last is the only pair
        that works, and refusing it would lock the customer out.
        """

    def locked(self, connection: str) -> AbstractContextManager[HeldToken]:
        """Take the sole right, over all processes, to refresh this connection's token.

        One token request is made inside, at most about a minute long. A lock whose holder died must run out by itself.

        Raises:
            UnavailableError: Somebody else held it for too long.
        """

    def mark_dead(self, connection: str, reason: str, bought_for: str = "") -> None:
        """Note that a person must connect again. Called with the connection's lock held.

        Args:
            connection: Name of the connection.
            reason: What the vendor said, without secrets.
            bought_for: Whose grant it is; see `Token.bought_for`.
        """

    def dead_reason(self, connection: str, bought_for: str = "") -> str | None:
        """Give why the grant is dead, or None when it is not.

        Args:
            connection: Name of the connection.
            bought_for: Whose grant is meant; empty for whichever there is.
        """


@dataclass(frozen=True)
class _MemoryHeldToken:
    store: MemoryTokenStore
    connection: str

    def load(self) -> Token | None:
        return self.store.load(self.connection)

    def save(self, token: Token) -> None:
        self.store.save(self.connection, token)


class MemoryTokenStore:
    """Tokens in this process's memory, shared by its threads."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._dead: dict[str, tuple[str, str]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def load(self, connection: str) -> Token | None:
        """See `TokenStore.load`."""
        with self._guard:
            return self._tokens.get(connection)

    def save(self, connection: str, token: Token) -> None:
        """See `TokenStore.save`."""
        with self._guard:
            self._tokens[connection] = token
            self._dead.pop(connection, None)

    @contextmanager
    def locked(self, connection: str) -> Iterator[HeldToken]:
        """See `TokenStore.locked`."""
        with self._guard:
            lock = self._locks.setdefault(connection, threading.Lock())
        with lock:
            yield _MemoryHeldToken(self, connection)

    def mark_dead(self, connection: str, reason: str, bought_for: str = "") -> None:
        """See `TokenStore.mark_dead`."""
        with self._guard:
            self._dead[connection] = (reason, bought_for)

    def dead_reason(self, connection: str, bought_for: str = "") -> str | None:
        """See `TokenStore.dead_reason`."""
        with self._guard:
            reason, owner = self._dead.get(connection, (None, ""))
        return reason if same_owner(owner, bought_for) else None
