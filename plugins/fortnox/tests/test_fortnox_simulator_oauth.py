"""The simulated Fortnox's OAuth server, through a real server: consent, codes, rotation, failures."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_fortnox.simulator import FortnoxSimulator

from erpcore.simulator import Clock, Fault, running

BASIC = ("demo-client", "demo-secret")
BACK = "http://127.0.0.1:9/callback"
ASKED = {
    "client_id": "demo-client",
    "redirect_uri": BACK,
    "scope": "customer order",
    "state": "s1",
    "access_type": "offline",
    "response_type": "code",
    "account_type": "service",
}


@pytest.fixture
def simulator() -> FortnoxSimulator:
    return FortnoxSimulator(clock=Clock(ticking=False))


@pytest.fixture
def http(simulator: FortnoxSimulator) -> Iterator[httpx.Client]:
    with running(simulator) as base_url, httpx.Client(base_url=base_url, timeout=30) as client:
        yield client


def token(http: httpx.Client, **form: str) -> httpx.Response:
    return http.post("/oauth-v1/token", auth=BASIC, data=form)


def bearer(simulator: FortnoxSimulator, *scopes: str) -> dict[str, str]:
    tokens = simulator.tokens(scopes) if scopes else simulator.tokens()
    return {"Authorization": f"Bearer {tokens.access_token}"}


def answered(http: httpx.Client, **changes: str) -> dict[str, str]:
    response = http.get("/oauth-v1/auth", params={**ASKED, **changes})
    assert response.status_code == 302, response.text
    location = urlsplit(response.headers["Location"])
    assert location.path == "/callback"
    return {name: values[0] for name, values in parse_qs(location.query).items()}


class TestAuthorizationCode:
    def test_the_whole_way(self, http: httpx.Client) -> None:
        answer = answered(http)
        assert answer["state"] == "s1"
        reply = token(http, grant_type="authorization_code", code=answer["code"], redirect_uri=BACK)
        body = reply.json()
        assert body.keys() == {"access_token", "refresh_token", "scope", "expires_in", "token_type"}
        assert (body["scope"], body["expires_in"], body["token_type"]) == ("customer order", 3600, "bearer")
        payload = body["access_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert (claims["tenantId"], claims["sub"]) == (1234567, "1@1234567")
        allowed = http.get("/3/customers", headers={"Authorization": f"Bearer {body['access_token']}"})
        assert allowed.status_code == 200
        again = token(http, grant_type="authorization_code", code=answer["code"], redirect_uri=BACK)
        assert again.json()["error"] == "invalid_grant"

    def test_without_offline_there_is_no_refresh_token(self, http: httpx.Client) -> None:
        code = answered(http, access_type="online")["code"]
        assert "refresh_token" not in token(http, grant_type="authorization_code", code=code, redirect_uri=BACK).json()

    def test_code_lives_ten_minutes(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        code = answered(http)["code"]
        simulator.clock.advance(600)
        reply = token(http, grant_type="authorization_code", code=code, redirect_uri=BACK)
        assert (reply.status_code, reply.json()["error"]) == (400, "invalid_grant")

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"scope": "customer everything"}, "invalid_scope"),
            ({"scope": ""}, "invalid_scope"),
            ({"response_type": "token"}, "invalid_request"),
            ({"state": ""}, "invalid_request"),
        ],
    )
    def test_refused_at_the_callback(self, http: httpx.Client, changes: dict[str, str], error: str) -> None:
        assert answered(http, **changes)["error"] == error

    @pytest.mark.parametrize(
        ("kind", "error"),
        [
            ("consent_denied", "access_denied"),
            ("missing_license", "error_missing_license"),
            ("missing_app_license", "error_missing_app_license"),
        ],
    )
    def test_consent_faults(self, http: httpx.Client, kind: str, error: str) -> None:
        assert http.post("/_simulator/faults", json={"kind": kind}).status_code == 201
        assert answered(http)["error"] == error
        assert "code" in answered(http)

    def test_unknown_client_is_not_sent_anywhere(self, http: httpx.Client) -> None:
        assert http.get("/oauth-v1/auth", params={**ASKED, "client_id": "x"}).status_code == 400
        assert http.get("/oauth-v1/auth", params={**ASKED, "redirect_uri": ""}).status_code == 400

    def test_person_at_the_consent_page(self) -> None:
        simulator = FortnoxSimulator(auto_consent=False, service_accounts=False)
        with running(simulator) as base_url, httpx.Client(base_url=base_url) as http:
            page = http.get("/oauth-v1/auth", params={**ASKED, "account_type": ""})
            assert page.status_code == 200
            assert "customer order" in page.text
            assert answered(http, account_type="", answer="deny")["error"] == "access_denied"
            assert "code" in answered(http, account_type="", answer="allow")
            assert "code" in answered(http, account_type="", auto="1")
            refused = answered(http, auto="1")
            assert "does not allow service account" in refused["error_description"]


class TestTokens:
    def test_rotation_kills_the_old_token_at_once(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        old = simulator.tokens().refresh_token or ""
        new = token(http, grant_type="refresh_token", refresh_token=old).json()["refresh_token"]
        assert new != old
        dead = token(http, grant_type="refresh_token", refresh_token=old)
        assert dead.status_code == 400
        assert dead.headers["Content-Type"] == "text/html; charset=UTF-8"
        assert dead.json() == {"error": "invalid_grant", "error_description": "Invalid refresh token"}
        assert token(http, grant_type="refresh_token", refresh_token=new).status_code == 200

    def test_lost_refresh_answer_loses_the_grant(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        old = simulator.tokens().refresh_token or ""
        simulator.faults.add(Fault("lose_answer", path="/oauth-v1/token"))
        with pytest.raises(httpx.TransportError):
            token(http, grant_type="refresh_token", refresh_token=old)
        assert token(http, grant_type="refresh_token", refresh_token=old).status_code == 400

    def test_refresh_token_lives_45_days(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        old = simulator.tokens().refresh_token or ""
        simulator.clock.advance(45 * 86400 - 60)
        new = token(http, grant_type="refresh_token", refresh_token=old).json()["refresh_token"]
        simulator.clock.advance(45 * 86400)
        assert token(http, grant_type="refresh_token", refresh_token=new).status_code == 400

    @pytest.mark.parametrize("auth", [("demo-client", "wrong"), ("other", "demo-secret"), None])
    def test_wrong_client(self, http: httpx.Client, auth: tuple[str, str] | None) -> None:
        reply = http.post("/oauth-v1/token", auth=auth, data={"grant_type": "client_credentials"})
        assert reply.status_code == 401
        assert reply.headers["Content-Type"] == "text/plain;charset=UTF-8"
        body = {"error": "invalid_client", "error_description": "The client credentials are invalid"}
        assert reply.json() == body

    def test_client_credentials(self, http: httpx.Client) -> None:
        form = {"grant_type": "client_credentials", "scope": "order nonsense"}
        reply = http.post("/oauth-v1/token", auth=BASIC, data=form, headers={"TenantId": "1234567"})
        assert reply.json().keys() == {"access_token", "scope", "expires_in", "token_type"}
        assert reply.json()["scope"] == "order"
        stranger = http.post("/oauth-v1/token", auth=BASIC, data=form, headers={"TenantId": "1"})
        assert (stranger.status_code, stranger.json()["error"]) == (400, "invalid_grant")
        assert token(http, grant_type="client_credentials").status_code == 400, "no TenantId"

    def test_client_credentials_need_a_service_account(self) -> None:
        simulator = FortnoxSimulator(consented=False)
        with running(simulator) as base_url, httpx.Client(base_url=base_url) as http:
            for account, status in (("", 400), ("service", 200)):
                answered(http, account_type=account)
                reply = http.post(
                    "/oauth-v1/token",
                    auth=BASIC,
                    data={"grant_type": "client_credentials"},
                    headers={"TenantId": "1234567"},
                )
                assert reply.status_code == status

    def test_unknown_grant_type(self, http: httpx.Client) -> None:
        assert token(http, grant_type="password").json()["error"] == "unsupported_grant_type"

    def test_revoke_always_succeeds(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        refresh = simulator.tokens().refresh_token or ""
        for value in (refresh, "made-up"):
            form = {"token_type_hint": "refresh_token", "token": value}
            assert http.post("/oauth-v1/revoke", auth=BASIC, data=form).json() == {"revoked": True}
        assert token(http, grant_type="refresh_token", refresh_token=refresh).status_code == 400

    def test_migration_of_an_old_token(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        simulator.oauth.legacy_tokens.add("legacy")
        form = {"access_token": "legacy"}
        assert "refresh_token" in http.post("/oauth-v1/migrate", auth=BASIC, data=form).json()
        assert http.post("/oauth-v1/migrate", auth=BASIC, data=form).status_code == 400

    def test_withdrawn_consent_ends_everything(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        tokens = simulator.tokens()
        simulator.faults.add(Fault("consent_withdrawn", path="/3/orders"))
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        assert http.get("/3/orders", headers=headers).status_code == 401
        assert token(http, grant_type="refresh_token", refresh_token=tokens.refresh_token or "").status_code == 400
        reply = http.post(
            "/oauth-v1/token",
            auth=BASIC,
            data={"grant_type": "client_credentials"},
            headers={"TenantId": "1234567"},
        )
        assert reply.status_code == 400
