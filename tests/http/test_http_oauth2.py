"""Renewing tokens, against a token endpoint that rotates and kills refresh tokens as Fortnox does."""

from __future__ import annotations

import base64
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest

from erpcore.errors import AuthenticationError, ConsentNeededError, UnavailableError
from erpcore.host import MemoryTokenStore, Token
from erpcore.http import NO_RETRIES, ApiClient, OAuth2Auth, RenewalRules


def bearer(auth: OAuth2Auth) -> str:
    return auth.credentials().headers["authorization"]


def test_a_good_token_is_used_without_asking(vendor, sign_in) -> None:
    assert bearer(sign_in()) == "Bearer access-0"
    assert vendor.forms == []


def test_a_token_near_its_end_is_renewed_and_stored(vendor, sign_in, store, movable) -> None:
    movable.move(3600 - 59)
    auth = sign_in(headers={"TenantId": "4711"}, scope="order customer")
    assert bearer(auth) == "Bearer access-1"
    stored = store.load("acme")
    assert (stored.access_token, stored.refresh_token, stored.scope) == ("access-1", "refresh-1", "order customer")
    assert stored.expires_at == movable.now() + timedelta(seconds=3600)
    assert stored.extra == {"token_type": "bearer"}
    assert vendor.forms == [{"grant_type": "refresh_token", "refresh_token": "refresh-0"}]
    assert vendor.headers[0]["tenantid"] == "4711"
    assert vendor.headers[0]["authorization"] == "Basic " + base64.b64encode(b"my-id:my-secret").decode()
    assert vendor.headers[0]["content-type"] == "application/x-www-form-urlencoded"


def test_client_credentials_buy_a_token(vendor, sign_in, movable) -> None:
    store = MemoryTokenStore()
    auth = sign_in(
        store=store,
        grant="client_credentials",
        scope="a b",
        client_auth="client_secret_post",
        headers={"TenantId": "7"},
    )
    assert bearer(auth) == "Bearer access-1"
    assert vendor.forms == [
        {"grant_type": "client_credentials", "scope": "a b", "client_id": "my-id", "client_secret": "my-secret"}
    ]
    assert vendor.headers[0]["tenantid"] == "7"
    movable.move(3600)
    assert bearer(auth) == "Bearer access-2"
    assert store.load("acme").refresh_token is None


def test_the_pair_is_stored_before_anybody_uses_it(vendor, settings, movable) -> None:
    class FullDisk(MemoryTokenStore):
        def save(self, connection: str, token: Token) -> None:
            if token.access_token == "access-1":
                raise OSError("disk full")
            super().save(connection, token)

    store = FullDisk()
    store.save("acme", Token("access-0", "refresh-0", movable.now()))
    auth = OAuth2Auth(movable.host(tokens=store), settings)
    with pytest.raises(OSError, match="disk full"):
        auth.credentials()
    assert auth._token is None
    auth.close()


def test_a_401_renews_once_and_repeats_once(server, vendor, sign_in, movable) -> None:
    vendor.number = 5  # the system has forgotten access-0 but the grant lives
    auth = sign_in()
    auth._store.save("acme", Token("access-0", "refresh-5", movable.now() + timedelta(hours=1)))
    with ApiClient(server.url, movable.host(), auth=auth, retry=NO_RETRIES) as client:
        assert client.write("POST", "/orders", json={}).status == 200
    assert [seen.target for seen in server.seen] == ["/orders", "/token", "/orders"]


def test_a_401_that_stays_is_told_and_does_not_make_a_storm(server, vendor, answer, sign_in, movable) -> None:
    vendor.accepts_any_token = False
    auth = sign_in()

    def never(request, body: bytes) -> None:
        (vendor if request.path == "/token" else answer(401, "{}"))(request, body)

    server.answers(never)
    with ApiClient(server.url, movable.host(), auth=auth, retry=NO_RETRIES) as client:
        for _ in range(5):
            with pytest.raises(AuthenticationError) as caught:
                client.read("/orders")
            assert not isinstance(caught.value, ConsentNeededError)
        assert vendor.refreshes == 1
        targets = [seen.target for seen in server.seen]
        assert targets == ["/orders", "/token", "/orders", "/orders"], "none is spent on a token known to be refused"
        assert 0 < caught.value.retry_after <= 10
        movable.move(11)
        with pytest.raises(AuthenticationError):
            client.read("/orders")
        assert vendor.refreshes == 2


def test_a_refused_token_is_replaced_as_soon_as_it_may_be(server, vendor, sign_in, movable) -> None:
    """Two dead access tokens within ten seconds, or ten seconds of odd 401s, are over by themselves."""
    auth = sign_in()
    vendor.number = 7  # what was just issued is refused at once
    auth._store.save("acme", Token("access-0", "refresh-7", movable.now() + timedelta(hours=1)))
    with ApiClient(server.url, movable.host(), auth=auth, retry=NO_RETRIES) as client:
        assert client.read("/orders").ok
        vendor.number = 9
        auth._store.save("acme", Token(auth._token.access_token, "refresh-9", movable.now() + timedelta(hours=1)))
        with pytest.raises(AuthenticationError):
            client.read("/orders")
        movable.move(11)
        assert client.read("/orders").ok


def test_somebody_elses_renewal_is_used(vendor, sign_in, store, movable) -> None:
    first, second = sign_in(), sign_in()
    old = (first.credentials(), second.credentials())
    assert first.renew(old[0])
    assert second.renew(old[1])
    assert bearer(first) == bearer(second) == "Bearer access-1"
    assert vendor.refreshes == 1
    movable.move(3600)
    assert bearer(second) == "Bearer access-2"
    assert bearer(first) == "Bearer access-2"
    assert vendor.refreshes == 2


def test_a_dead_grant_is_marked_and_asked_for_no_more(vendor, sign_in, store, movable) -> None:
    store.save("acme", Token("access-0", "withdrawn", movable.now()))
    auth = sign_in()
    for _ in range(3):
        with pytest.raises(ConsentNeededError, match="erpcore connect acme") as caught:
            auth.credentials()
        assert "Invalid refresh token" in str(caught.value)
    assert len(vendor.forms) == 1
    assert store.dead_reason("acme") == "Invalid refresh token"
    with pytest.raises(ConsentNeededError):
        sign_in().credentials()
    assert len(vendor.forms) == 1
    auth.adopt(Token("access-0", "refresh-0", movable.now() + timedelta(hours=1)))
    assert store.dead_reason("acme") is None
    assert bearer(auth) == "Bearer access-0"


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "another"}, {"account": "9999999"}, {"scope": "order"}, {"token_url": "/v2/token"}],
    ids=["client", "account", "scopes", "address"],
)
def test_a_token_that_other_settings_bought_is_as_good_as_none(
    vendor, server, sign_in, store, movable, changed: dict[str, str]
) -> None:
    first = sign_in()
    assert first.renew(first.credentials())
    if "token_url" in changed:
        changed = {"token_url": f"{server.url}/v2/token"}
    with pytest.raises(ConsentNeededError, match="never made with these settings"):
        sign_in(**changed).credentials()
    assert vendor.refreshes == 1, "nothing is bought with the other company's refresh token"
    assert bearer(sign_in()) == "Bearer access-1"


def test_a_grant_that_died_for_other_settings_is_not_dead_for_these(vendor, sign_in) -> None:
    fresh = MemoryTokenStore()
    wrong = sign_in(grant="client_credentials", account="9999999", store=fresh)
    vendor.refuses = (400, {"error": "invalid_grant"})
    with pytest.raises(ConsentNeededError):
        wrong.credentials()
    vendor.refuses = None
    with pytest.raises(ConsentNeededError):
        wrong.credentials()
    assert bearer(sign_in(grant="client_credentials", account="1234567", store=fresh)) == "Bearer access-1"


def test_a_pair_that_came_back_late_saves_the_grant(vendor, settings, movable) -> None:
    """The lock of another process ran out during its refresh; ours is refused, but by then theirs is stored."""

    class LateStore(MemoryTokenStore):
        @contextmanager
        def locked(self, connection: str):
            with super().locked(connection) as held:
                outer = self

                class Held:
                    loads = 0

                    def load(self) -> Token | None:
                        self.loads += 1
                        if self.loads == 2:
                            outer.save(connection, Token("access-0", "refresh-0", movable.now() + timedelta(hours=1)))
                        return held.load()

                    save = staticmethod(held.save)

                yield Held()

    store = LateStore()
    store.save("acme", Token("old", "used-up", movable.now()))
    auth = OAuth2Auth(movable.host(tokens=store), settings)
    assert bearer(auth) == "Bearer access-0"
    assert store.dead_reason("acme") is None
    assert vendor.refused_refreshes == 1
    auth.close()


def test_never_connected_needs_consent_without_asking(vendor, sign_in) -> None:
    with pytest.raises(ConsentNeededError, match="never made"):
        sign_in(store=MemoryTokenStore()).credentials()
    assert vendor.forms == []


def test_which_errors_kill_a_grant_is_a_setting(vendor, sign_in, movable) -> None:
    vendor.refuses = (400, {"error": "unauthorized_client", "error_description": "Åtkomst saknas"})
    movable.move(3600)
    with pytest.raises(AuthenticationError, match="Åtkomst saknas") as caught:
        sign_in().credentials()
    assert not isinstance(caught.value, ConsentNeededError)
    auth = sign_in(dead_errors=frozenset({"unauthorized_client"}))
    with pytest.raises(ConsentNeededError):
        auth.credentials()


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (
            (401, {"error": "invalid_client", "error_description": "The client credentials are invalid"}),
            AuthenticationError,
        ),
        ((401, b"<html>nej</html>"), AuthenticationError),
        ((403, {"message": "no"}), AuthenticationError),
        ((404, {"statusCode": 404, "message": "Resource not found"}), AuthenticationError),
        ((404, b"<html>"), AuthenticationError),
        ((302, b""), AuthenticationError),
        ((500, b"<html>"), UnavailableError),
        ((503, {"error": "temporarily_unavailable"}), UnavailableError),
        ((400, {"error": "temporarily_unavailable"}), UnavailableError),
        ((429, {"message": "slow"}), UnavailableError),
        ((200, b"<html>"), UnavailableError),
        ((200, b""), UnavailableError),
        ((200, []), UnavailableError),
        ((200, {"token_type": "bearer"}), UnavailableError),
    ],
)
def test_other_refusals_leave_the_grant_alone(vendor, sign_in, store, movable, refusal, kind) -> None:
    vendor.refuses = refusal
    movable.move(3600)
    with pytest.raises(kind) as caught:
        sign_in().credentials()
    assert type(caught.value) is kind
    assert caught.value.connection == "acme"
    assert store.dead_reason("acme") is None
    assert store.load("acme").refresh_token == "refresh-0"


def test_an_address_without_a_sign_in_is_told_as_a_wrong_setting(vendor, sign_in, movable) -> None:
    vendor.refuses = (404, {"statusCode": 404, "message": "Resource not found"})
    movable.move(3600)
    with pytest.raises(AuthenticationError) as caught:
        sign_in().credentials()
    assert not caught.value.retryable
    assert "There is no sign-in at http://127.0.0.1" in str(caught.value)
    assert caught.value.advice == "Correct the connection's address in the settings."


@pytest.mark.parametrize("lifetime", ["3600", 3600.0, "soon", None, -1, [], 1e300, "NaN"])
def test_an_odd_lifetime_never_loses_the_new_pair(vendor, sign_in, store, movable, lifetime) -> None:
    vendor.lifetime = lifetime
    movable.move(3600)
    assert bearer(sign_in()) == "Bearer access-1"
    assert store.load("acme").refresh_token == "refresh-1"


def test_the_old_refresh_token_stays_where_none_is_sent(vendor, sign_in, store, movable) -> None:
    for sent in ({}, {"refresh_token": None}, {"refresh_token": ""}):
        vendor.refuses = (200, {"access_token": "fresh", "expires_in": 60} | sent)
        movable.move(3600)
        assert bearer(sign_in()) == "Bearer fresh"
        assert store.load("acme").refresh_token == "refresh-0"


def test_a_lost_answer_is_not_followed_by_a_storm(vendor, sign_in, store, movable) -> None:
    vendor.lose_next_answer = True
    movable.move(3600)
    auth = sign_in()
    for _ in range(4):
        with pytest.raises(UnavailableError, match="sign-in could not be reached"):
            auth.credentials()
    assert len(vendor.forms) == 1
    # Meanwhile another process stored a pair that works: that one is tried, not the remembered one.
    store.save("acme", Token("access-1", "refresh-1", movable.now()))
    movable.move(6)
    assert bearer(auth) == "Bearer access-2"


def test_a_token_with_time_left_is_used_while_the_sign_in_is_down(vendor, sign_in, movable) -> None:
    vendor.refuses = (503, b"")
    movable.move(3600 - 30)
    auth = sign_in()
    assert bearer(auth) == "Bearer access-0"
    assert bearer(auth) == "Bearer access-0"
    assert len(vendor.forms) == 1
    movable.move(31)
    with pytest.raises(UnavailableError):
        auth.credentials()


def test_a_hundred_rotations_by_many_threads_and_two_processes_worth_of_clients_lose_nothing(
    server, vendor, sign_in, store, movable
) -> None:
    clients = [
        sign_in(rules=RenewalRules(after_refusal=0.0)) for _ in range(2)
    ]  # as two processes: only the store is shared
    failures: list[BaseException] = []
    barrier = threading.Barrier(8, action=lambda: movable.move(3600))

    def work(auth: OAuth2Auth) -> None:
        try:
            for _ in range(100):
                barrier.wait(timeout=30)
                assert bearer(auth).startswith("Bearer access-")
        except BaseException as error:  # told by the main thread
            failures.append(error)
            barrier.abort()

    threads = [threading.Thread(target=work, args=(clients[number % 2],)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert vendor.refreshes == 100
    assert vendor.refused_refreshes == 0
    assert store.load("acme").refresh_token == "refresh-100"
    assert store.dead_reason("acme") is None


def test_threads_that_meet_a_401_together_renew_once(server, vendor, sign_in, store, movable) -> None:
    vendor.number = 3
    store.save("acme", Token("revoked", "refresh-3", movable.now() + timedelta(hours=1)))
    auth = sign_in()
    statuses: list[int] = []
    with ApiClient(server.url, movable.host(), auth=auth, retry=NO_RETRIES) as client:
        threads = [threading.Thread(target=lambda: statuses.append(client.read("/x").status)) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [200] * 10
    assert vendor.refreshes == 1


def test_a_naive_time_is_refused(movable) -> None:
    with pytest.raises(ValueError, match="time zone"):
        Token("a", None, movable.now().replace(tzinfo=None))
