"""Visma's identity server: ``/connect/authorize`` and ``/connect/token`` (official pages on authentication)."""

from __future__ import annotations

from html import escape
from random import Random
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from erpcore.simulator import Clock, FaultSwitches, Grant, IssuedTokens, OAuthRefused, OAuthServer, basic_credentials

SCOPES = (
    "ea:api",
    "offline_access",
    "ea:sales",
    "ea:sales_readonly",
    "ea:accounting",
    "ea:accounting_readonly",
    "ea:purchase",
    "ea:purchase_readonly",
)
ACCESS_SECONDS = 3600


class Identity:
    """The two addresses, for the one company.

    Args:
        clock: Whose time tokens live in.
        faults: Asked for `consent_denied`.
        tenant: The company that a person chooses while giving consent.
        clients: Client id to secret.
        random: What tokens and codes are drawn from.
    """

    def __init__(
        self, clock: Clock, faults: FaultSwitches, *, tenant: str, clients: dict[str, str], random: Random
    ) -> None:
        self.server = OAuthServer(clock, clients, access_seconds=ACCESS_SECONDS, random=random)
        self._faults = faults
        self._tenant = tenant

    def routes(self) -> list[Route]:
        """Return the addresses."""
        return [
            Route("/connect/authorize", self._authorize, methods=["GET"]),
            Route("/connect/token", self._token, methods=["POST"]),
        ]

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        client, back = asked.get("client_id", ""), asked.get("redirect_uri", "")
        if client not in self.server.clients or not back.startswith(("http://", "https://")):
            return HTMLResponse(f"<p>Unknown client {escape(client)}, or no redirect_uri.</p>", 400)
        scopes = asked.get("scope", "").split()
        answer = {"state": asked.get("state", "")}
        if self._faults.take("consent_denied", "GET", "/connect/authorize"):
            answer["error"] = "access_denied"
        elif asked.get("response_type") != "code":
            answer["error"] = "unsupported_response_type"
        elif "ea:api" not in scopes or not set(scopes) <= set(SCOPES):
            answer["error"] = "invalid_scope"
        else:
            grant = Grant(client, self._tenant, tuple(scopes))
            answer["code"] = self.server.issue_code(grant, back, refreshable="offline_access" in scopes)
        return RedirectResponse(f"{back}?{urlencode(answer)}", 302)

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        in_form = (form.get("client_id", ""), form.get("client_secret", ""))
        client, secret = basic_credentials(request.headers.get("Authorization")) or in_form
        if not self.server.knows(client, secret):
            return JSONResponse({"error": "invalid_client"}, 400)
        try:
            issued = self._issued(client, form)
        except OAuthRefused as refused:
            return JSONResponse({"error": refused.error}, 400)
        answer = {
            "access_token": issued.access_token,
            "expires_in": issued.expires_in,
            "token_type": "Bearer",
            "scope": " ".join(issued.grant.scopes),
        }
        if issued.refresh_token is not None:
            answer["refresh_token"] = issued.refresh_token
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    def _issued(self, client: str, form: dict[str, str]) -> IssuedTokens:
        match form.get("grant_type"):
            case "authorization_code":
                return self.server.redeem_code(client, form.get("code", ""), form.get("redirect_uri"))
            case "refresh_token":
                return self.server.refresh(client, form.get("refresh_token", ""))
        raise OAuthRefused("unsupported_grant_type", "only authorization_code and refresh_token")
