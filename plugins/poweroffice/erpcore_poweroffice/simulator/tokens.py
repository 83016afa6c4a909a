"""The token address: client credentials of an application and a client, behind a subscription key."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from erpcore.simulator import Clock, Grant, OAuthRefused, OAuthServer, basic_credentials
from erpcore_poweroffice.simulator.books import Books, Integration

ENVIRONMENTS = ("production", "demo")
"""A token of one is refused by the other (vendor's guide, authentication)."""

ACCESS_SECONDS = 1200

_UNKNOWN = "Client integration not found. Please ensure the provided keys are matching the desired environment."


class Tokens:
    """Who may ask, and the living tokens.

    Args:
        clock: Whose time the lifetimes are counted in.
        integration: What the application may do; it stands in the token's claims.
        companies: The books of each client by client key.
        random: What tokens are drawn from.
    """

    def __init__(self, clock: Clock, integration: Integration, companies: Mapping[str, Books], random: Random) -> None:
        self._integration = integration
        self._companies = companies
        # The client key is the secret, and it differs from company to company, so the server's own list has none.
        self.server = OAuthServer(
            clock, {}, access_seconds=ACCESS_SECONDS, form="jwt", claims=self._claims, random=random
        )
        for client_key in companies:
            self.server.consent(Grant(integration.application, client_key, ENVIRONMENTS, service=True))

    def issue(self, client_key: str, environment: str = "production") -> str:
        """Return a new access token of one company."""
        granted = self.server.client_credentials(self._integration.application, client_key, (environment,))
        return granted.access_token

    async def answer(self, request: Request, environment: str) -> Response:
        """Answer a token request that has a valid subscription key."""
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        keys = basic_credentials(request.headers.get("Authorization"))
        if form.get("grant_type") != "client_credentials":
            return _refusal("unsupported_grant_type", "Only the grant type client_credentials is supported.")
        if keys is None or keys[0] != self._integration.application:
            return _refusal("invalid_client", _UNKNOWN)
        try:
            granted = self.server.client_credentials(keys[0], keys[1], (environment,))
        except OAuthRefused:
            return _refusal("invalid_client", _UNKNOWN)
        body = {"access_token": granted.access_token, "token_type": "bearer", "expires_in": granted.expires_in}
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    def _claims(self, grant: Grant) -> dict[str, Any]:
        company, integration = self._companies[grant.tenant], self._integration
        return {
            "goClientId": company.client_id,
            "goClientName": company.name,
            "role": [privilege for privilege in integration.privileges if privilege not in integration.blocked],
            "goInvalidPrivileges": list(integration.blocked),
            "goAllowSendInvoice": integration.may_send,
        }


def _refusal(error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, 400)
