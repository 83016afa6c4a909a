"""A renewed token that the store could not take: it is the only one that works."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from erpcore.errors import ConsentNeededError
from erpcore.host import MemoryTokenStore, Token
from erpcore.http import OAuth2Auth


def bearer(auth: OAuth2Auth) -> str:
    return auth.credentials().headers["authorization"]


class TakesNothingOnce(MemoryTokenStore):
    """A store that is away when the first renewed token comes."""

    away = True

    def save(self, connection: str, token: Token) -> None:
        if token.access_token == "access-1" and self.away:
            self.away = False
            raise OSError("disk full")
        super().save(connection, token)


@pytest.fixture
def not_stored(vendor, settings, movable) -> Iterator[tuple[OAuth2Auth, TakesNothingOnce]]:
    """A client whose renewed token the store has not taken, and the store, which takes what comes now."""
    store = TakesNothingOnce()
    store.save("acme", Token("access-0", "refresh-0", movable.now()))
    auth = OAuth2Auth(movable.host(tokens=store), settings)
    with pytest.raises(OSError, match="disk full"):
        auth.credentials()
    yield auth, store
    auth.close()


def test_a_pair_that_the_store_could_not_take_is_stored_at_the_next_use(vendor, not_stored) -> None:
    auth, store = not_stored
    assert bearer(auth) == "Bearer access-1"
    assert store.load("acme").refresh_token == "refresh-1"
    assert len(vendor.forms) == 1


def test_a_grant_that_another_process_took_for_dead_meanwhile_lives(vendor, settings, movable, not_stored) -> None:
    auth, store = not_stored
    other = OAuth2Auth(movable.host(tokens=store), settings)
    with pytest.raises(ConsentNeededError):
        other.credentials()  # with the spent refresh token
    assert bearer(auth) == "Bearer access-1"
    assert bearer(other) == "Bearer access-1"
    assert store.dead_reason("acme") is None
    other.close()


def test_a_consent_that_was_given_meanwhile_counts(vendor, not_stored, movable) -> None:
    auth, store = not_stored
    store.save("acme", Token("access-9", "refresh-9", movable.now() + timedelta(hours=1)))
    assert bearer(auth) == "Bearer access-9"
    assert store.load("acme").refresh_token == "refresh-9"
