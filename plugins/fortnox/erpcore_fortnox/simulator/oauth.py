"""Fortnox's OAuth server: `/oauth-v1/auth` and `/oauth-v1/token` (developer guide, Authorization).

The failure bodies and their odd content types are those of recorded replies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from erpcore.simulator import (
    Clock,
    FaultSwitches,
    Grant,
    IssuedTokens,
    OAuthRefused,
    OAuthServer,
    basic_credentials,
)

SCOPES = (
    "archive",
    "article",
    "assets",
    "bookkeeping",
    "companyinformation",
    "companylogo",
    "connectfile",
    "costcenter",
    "currency",
    "customer",
    "deletevoucher",
    "inbox",
    "invoice",
    "noxfinansinvoice",
    "offer",
    "order",
    "payment",
    "price",
    "print",
    "profile",
    "project",
    "salary",
    "settings",
    "supplier",
    "supplierinvoice",
    "timereporting",
    "warehouse",
    "warehousecustomdocument",
)
ACCESS_SECONDS = 3600
REFRESH_SECONDS = 45 * 86400
CODE_SECONDS = 600

CONSENT_FAULTS = {
    "consent_denied": ("access_denied", "The user denied the request"),
    "missing_license": ("error_missing_license", "The company lacks a licence for a requested scope"),
    "missing_app_license": ("error_missing_app_license", "The company lacks the licence for the application"),
}
"""Fault kinds of the consent page, and what the client's callback then gets."""


class FortnoxOAuth:
    """The two addresses, for one company.

    Args:
        clock: Whose time tokens live in.
        faults: Asked for `CONSENT_FAULTS`.
        tenant: The company's number.
        clients: Client id to secret.
        auto_consent: Whether the consent page agrees by itself; ``?auto=1`` makes it so for one request.
        random: What tokens and codes are drawn from.
    """

    def __init__(
        self,
        clock: Clock,
        faults: FaultSwitches,
        *,
        tenant: str,
        clients: Mapping[str, str],
        auto_consent: bool,
        random: Random,
    ) -> None:
        self.server = OAuthServer(
            clock,
            clients,
            access_seconds=ACCESS_SECONDS,
            refresh_seconds=REFRESH_SECONDS,
            code_seconds=CODE_SECONDS,
            form="jwt",
            claims=_claims,
            random=random,
        )
        self._faults = faults
        self._tenant = tenant
        self._auto_consent = auto_consent

    def memory(self) -> dict[str, Any]:
        """Return tokens and consents, to be kept; needs the kit's `OAUTH_KINDS`."""
        return self.server.memory()

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        self.server.remember(memory)

    def routes(self) -> list[Route]:
        """Return the addresses."""
        return [
            Route("/oauth-v1/auth", self._authorize, methods=["GET"]),
            Route("/oauth-v1/token", self._token, methods=["POST"]),
        ]

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        client, back, state = asked.get("client_id", ""), asked.get("redirect_uri", ""), asked.get("state", "")
        if client not in self.server.clients or not back.startswith(("http://", "https://")):
            return HTMLResponse("<p>Unknown client_id, or no redirect_uri.</p>", 400)
        wrong = self._wrong(asked)
        if wrong is None and not (self._auto_consent or asked.get("auto") == "1"):
            answer = asked.get("answer")
            if answer is None:
                return _consent_page(request)
            wrong = None if answer == "allow" else CONSENT_FAULTS["consent_denied"]
        if wrong is not None:
            return _redirect(back, {"error": wrong[0], "error_description": wrong[1], "state": state})
        is_service = asked.get("account_type") == "service"
        grant = Grant(client, self._tenant, tuple(asked.get("scope", "").split()), is_service)
        # Without access_type=offline there is no refresh token later (an issue of the C# client).
        code = self.server.issue_code(grant, back, refreshable=asked.get("access_type") == "offline")
        return _redirect(back, {"code": code, "state": state})

    def _wrong(self, asked: Mapping[str, str]) -> tuple[str, str] | None:
        for kind, answer in CONSENT_FAULTS.items():
            if self._faults.take(kind, "GET", "/oauth-v1/auth"):
                return answer
        scopes = asked.get("scope", "").split()
        if not asked.get("state") or asked.get("response_type") != "code":
            return "invalid_request", "state and response_type=code are required"
        if not scopes or any(scope not in SCOPES for scope in scopes):
            return "invalid_scope", "An unsupported scope was requested"
        return None

    async def _token(self, request: Request) -> Response:
        credentials = basic_credentials(request.headers.get("Authorization"))
        if credentials is None or not self.server.knows(*credentials):
            body = {"error": "invalid_client", "error_description": "The client credentials are invalid"}
            return Response(json.dumps(body), 401, {"content-type": "text/plain;charset=UTF-8"})
        text = (await request.body()).decode("utf-8", "replace")
        form = {name: values[-1] for name, values in parse_qs(text).items()}
        try:
            return self._issue(credentials[0], form, request)
        except OAuthRefused as refused:
            body = {"error": refused.error, "error_description": refused.description}
            return Response(json.dumps(body), 400, {"content-type": "text/html; charset=UTF-8"})

    def _issue(self, client: str, form: Mapping[str, str], request: Request) -> Response:
        match form.get("grant_type"):
            case "authorization_code":
                redirect_uri = form.get("redirect_uri")
                return _issued(self.server.redeem_code(client, form.get("code", ""), redirect_uri))
            case "refresh_token":
                return _issued(self.server.refresh(client, form.get("refresh_token", "")))
            case "client_credentials":
                return _issued(self._client_credentials(client, form, request.headers.get("TenantId", "")))
        raise OAuthRefused("unsupported_grant_type", f'Grant type "{form.get("grant_type", "")}" not supported')

    def _client_credentials(self, client: str, form: Mapping[str, str], tenant: str) -> IssuedTokens:
        consent = self.server.consent_of(client, tenant)
        # The company must once have consented for a service account.
        if consent is None or not consent.service:
            raise OAuthRefused("invalid_grant", "No consent with a service account for this tenant")
        scopes = tuple(form["scope"].split()) if form.get("scope") else None
        return self.server.client_credentials(client, tenant, scopes)


def _claims(grant: Grant) -> dict[str, Any]:
    return {
        "userId": "1",
        "tenantId": int(grant.tenant),
        "clientId": grant.client_id,
        "scopes": list(grant.scopes),
        "authsource": "https://apps.fortnox.se/oauth-v1",
        "iss": "https://apps.fortnox.se/oauth-v1",
        "aud": "https://api.fortnox.se",
        "sub": f"1@{grant.tenant}",
        "token_type": "access_token",
        "scope": " ".join(grant.scopes),
    }


def _issued(tokens: IssuedTokens) -> Response:
    body: dict[str, Any] = {"access_token": tokens.access_token}
    if tokens.refresh_token is not None:
        body["refresh_token"] = tokens.refresh_token
    scope = " ".join(tokens.grant.scopes)
    return JSONResponse({**body, "scope": scope, "expires_in": tokens.expires_in, "token_type": "bearer"})


def _redirect(back: str, answer: Mapping[str, str]) -> Response:
    return RedirectResponse(f"{back}{'&' if '?' in back else '?'}{urlencode(answer)}", 302)


def _consent_page(request: Request) -> Response:
    def link(answer: str) -> str:
        return escape(str(request.url.include_query_params(answer=answer)))

    scopes = escape(request.query_params.get("scope", ""))
    return HTMLResponse(
        f"<title>Simulated Fortnox</title><h1>Simulated Fortnox</h1><p>An application asks for: {scopes}</p>"
        f'<p><a href="{link("allow")}">Allow</a> <a href="{link("deny")}">Deny</a></p>'
    )
