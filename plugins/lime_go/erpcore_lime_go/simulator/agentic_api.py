"""The Agentic API over HTTP: the token endpoint and every address under ``/api/v1``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from erpcore.simulator.oauth import OAuthRefused, OAuthServer

from .account import Account
from .agentic_changes import ChangeFeed
from .agentic_kinds import KINDS, Kind
from .agentic_protocol import Asked, Gate, Refusal, Reply
from .agentic_reads import Reads
from .agentic_writes import Writes

BASE = "/api/v1"
Handler = Callable[[Asked], Reply]


class AgenticApi:
    """The routes of the Agentic API.

    Args:
        account: the records.
        oauth: hands out tokens.
        tenant: the organisation that the tokens are for.
        gate: what every request passes.
        reads: answers GET.
        writes: answers PATCH.
        changes: answers the change feed.
    """

    def __init__(
        self,
        account: Account,
        oauth: OAuthServer,
        tenant: str,
        gate: Gate,
        reads: Reads,
        writes: Writes,
        changes: ChangeFeed,
    ) -> None:
        self._account = account
        self._oauth = oauth
        self._tenant = tenant
        self._gate = gate
        self._reads = reads
        self._writes = writes
        self._changes = changes

    def routes(self) -> list[BaseRoute]:
        """All addresses of the Agentic API."""
        found: list[BaseRoute] = [
            Route("/oauth/token", self._token, methods=["POST"]),
            Route(f"{BASE}/changes", self._endpoint({"GET": self._changes.read}), methods=["GET"]),
        ]
        for kind in KINDS.values():
            found += self._of(kind)
        return [*found, Route(f"{BASE}/{{rest:path}}", self._endpoint({}))]

    def _of(self, kind: Kind) -> list[BaseRoute]:
        reads, writes, path = self._reads, self._writes, f"{BASE}/{kind.name}"
        found: list[BaseRoute] = [_route(path, self._endpoint({"GET": lambda asked: reads.many(kind, asked)}))]
        if kind.single:
            single: dict[str, Handler] = {"GET": lambda asked: reads.one(kind, asked)}
            if kind.changed:
                single["PATCH"] = lambda asked: writes.once(asked, lambda once: writes.change(kind, once))
            found.append(_route(f"{path}/{{id}}", self._endpoint(single)))
        return found

    def _endpoint(self, handlers: dict[str, Handler]) -> Callable[[Request], Awaitable[Response]]:
        def locked(asked: Asked) -> Reply:
            handler = handlers.get("GET" if asked.request.method == "HEAD" else asked.request.method)
            if handler is None:
                raise Refusal(405 if handlers else 404, "There is no such address, or not with this method.")
            with self._account.lock:
                return handler(asked)

        async def answer(request: Request) -> Response:
            return await self._gate.answer(request, locked)

        return answer

    async def _token(self, request: Request) -> Response:
        form = {k: v[-1] for k, v in parse_qs((await request.body()).decode()).items()}
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        if not self._oauth.knows(client, secret):
            return _oauth_error(401, "invalid_client", "the client is not known, or its secret is wrong")
        if form.get("grant_type") != "client_credentials":
            return _oauth_error(400, "unsupported_grant_type", "only client_credentials is supported")
        scopes = tuple(form["scope"].split()) if form.get("scope") else None
        try:
            tokens = self._oauth.client_credentials(client, self._tenant, scopes)
        except OAuthRefused as refused:
            return _oauth_error(400, refused.error, refused.description)
        if not tokens.grant.scopes:
            return _oauth_error(400, "invalid_scope", "the client has none of these scopes")
        body = {
            "access_token": tokens.access_token,
            "token_type": "Bearer",
            "expires_in": tokens.expires_in,
            "scope": " ".join(tokens.grant.scopes),
        }
        return JSONResponse(body, headers={"cache-control": "no-store"})


def _route(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
    return Route(path, endpoint, methods=["GET", "POST", "PATCH", "PUT", "DELETE"])


def _oauth_error(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)
