"""What the simulators' OAuth servers have in common: codes, rotation, lifetimes, consents, headers."""

from __future__ import annotations

import base64
import json

import pytest

from erpcore.simulator import Clock, Grant, OAuthRefused, OAuthServer, basic_credentials, bearer_token


class TestOAuthServer:
    grant = Grant("app", "4711", ("order", "invoice"), service=True)

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def server(self, clock: Clock) -> OAuthServer:
        return OAuthServer(clock, {"app": "secret"}, claims=lambda grant: {"tenantId": grant.tenant}, form="jwt")

    def test_code_is_redeemed_once_by_its_client_at_its_address(self, server: OAuthServer) -> None:
        for client, address in (("other", "https://a"), ("app", "https://b")):
            code = server.issue_code(self.grant, "https://a")
            with pytest.raises(OAuthRefused, match="invalid_grant"):
                server.redeem_code(client, code, address)
        code = server.issue_code(self.grant, "https://a")
        tokens = server.redeem_code("app", code, "https://a")
        assert server.bearer(tokens.access_token) == self.grant
        with pytest.raises(OAuthRefused):
            server.redeem_code("app", code, "https://a")

    def test_code_dies_after_ten_minutes(self, server: OAuthServer, clock: Clock) -> None:
        code = server.issue_code(self.grant)
        clock.advance(600)
        with pytest.raises(OAuthRefused):
            server.redeem_code("app", code)

    def test_refresh_kills_the_old_refresh_token_at_once(self, server: OAuthServer) -> None:
        first = server.issue(self.grant)
        assert first.refresh_token is not None
        second = server.refresh("app", first.refresh_token)
        assert second.refresh_token not in (None, first.refresh_token)
        with pytest.raises(OAuthRefused, match="Invalid refresh token"):
            server.refresh("app", first.refresh_token)
        assert server.bearer(first.access_token) is not None, "the old access token lives its hour"

    def test_lifetimes_follow_the_movable_clock(self, server: OAuthServer, clock: Clock) -> None:
        tokens = server.issue(self.grant)
        clock.advance(3590)
        assert server.bearer(tokens.access_token) == self.grant
        clock.advance(10)
        assert server.bearer(tokens.access_token) is None
        clock.advance(45 * 86400)
        with pytest.raises(OAuthRefused):
            server.refresh("app", tokens.refresh_token or "")

    def test_client_credentials_need_a_consent_and_give_its_scopes_only(self, server: OAuthServer) -> None:
        with pytest.raises(OAuthRefused):
            server.client_credentials("app", "4711")
        server.consent(self.grant)
        tokens = server.client_credentials("app", "4711", ("order", "salary"))
        assert tokens.refresh_token is None
        assert tokens.grant.scopes == ("order",)
        assert tokens.grant.service

    def test_withdrawn_consent_kills_everything(self, server: OAuthServer) -> None:
        tokens = server.issue(self.grant)
        code = server.issue_code(self.grant)
        server.withdraw_consent("app", "4711")
        assert server.bearer(tokens.access_token) is None
        with pytest.raises(OAuthRefused):
            server.refresh("app", tokens.refresh_token or "")
        with pytest.raises(OAuthRefused):
            server.redeem_code("app", code)

    def test_revoked_and_expired_tokens_are_dead(self, server: OAuthServer) -> None:
        tokens = server.issue(self.grant)
        assert server.revoke(tokens.access_token)
        assert not server.revoke(tokens.access_token)
        assert server.bearer(tokens.access_token) is None
        server.issue(self.grant)
        assert server.expire_access_tokens() == 1

    def test_jwt_shows_the_vendors_claims(self, server: OAuthServer) -> None:
        payload = server.issue(self.grant).access_token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert claims["tenantId"] == "4711"
        assert claims["exp"] - claims["iat"] == 3600

    def test_secret_is_checked(self, server: OAuthServer) -> None:
        assert server.knows("app", "secret")
        assert not server.knows("app", "Secret")
        assert not server.knows("other", "secret")


def test_what_the_authorization_header_says() -> None:
    def basic(told: bytes) -> str:
        return base64.b64encode(told).decode()

    for header, expected in (
        (f"Basic {basic(b'a:b:c')}", ("a", "b:c")),
        (f"basic {basic('å:ö'.encode())}", ("å", "ö")),
        (f"Basic {basic(b'no colon')}", None),
        ("Basic !", None),
        ("Bearer x", None),
        (None, None),
    ):
        assert basic_credentials(header) == expected, header
    for header, token in (("Bearer x", "x"), ("bearer  x ", "x"), ("Bearer ", None), ("Basic x", None), (None, None)):
        assert bearer_token(header) == token, header
