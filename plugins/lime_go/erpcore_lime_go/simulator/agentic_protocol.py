"""What every Agentic request passes: token, rate limits, media types, scope; and the form of errors.

Error codes not seen in recorded replies (see the package's list) are made up here, in the table `CODES`, in the style
of those that were.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from erpcore.simulator.bodies import read_json
from erpcore.simulator.clock import Clock
from erpcore.simulator.faults import FaultSwitches
from erpcore.simulator.oauth import OAuthServer, bearer_token
from erpcore.simulator.rate import SlidingWindow

from .switches import Switches

MEDIA_TYPE = "application/vnd.api+json"
RATE_SECONDS = 60
_INTEGRATIONS = uuid.UUID("a2e1a6a4-51c3-5a0a-8f3e-2f6f0ad2f6cd")

CODES = {
    400: ("invalid_query", "Invalid query"),
    401: ("unauthorized", "Unauthorized"),
    403: ("forbidden", "Forbidden"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "Method not allowed"),
    406: ("not_acceptable", "Not acceptable"),
    409: ("conflict", "Conflict"),
    410: ("cursor_expired", "Cursor expired"),
    412: ("precondition_failed", "Precondition failed"),
    415: ("unsupported_media_type", "Unsupported media type"),
    422: ("validation_failed", "Validation failed"),
    428: ("precondition_required", "Precondition required"),
    429: ("rate_limited", "Too many requests"),
}
"""HTTP status -> code and title when the place that refuses names no code of its own."""


class Refusal(Exception):
    """A request that is not carried out.

    Args:
        status: HTTP status.
        detail: what is wrong, in words.
        code: the error code; without it the status's usual one.
        source: ``{"pointer": ...}``, ``{"parameter": ...}`` or ``{"header": ...}``.
        headers: further reply headers.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str | None = None,
        source: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code or CODES[status][0]
        self.source = source
        self.headers = headers or {}


@dataclass(frozen=True)
class Caller:
    """Who asks: an integration, and what its token allows."""

    integration: str
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """Refuse when the token lacks a scope.

        Raises:
            Refusal: 403.
        """
        if scope not in self.scopes:
            raise Refusal(403, f"The token lacks the scope {scope}.")


@dataclass(frozen=True)
class Asked:
    """A request that has passed the checks; ``body`` is its JSON, None when there was none."""

    caller: Caller
    request: Request
    body: Any

    def header(self, name: str) -> str | None:
        """A request header."""
        return self.request.headers.get(name)

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])


@dataclass(frozen=True)
class Reply:
    """What a handler answers."""

    document: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def integration_id(client_id: str) -> str:
    """The id under which the change feed names an OAuth client."""
    return str(uuid.uuid5(_INTEGRATIONS, client_id))


class Gate:
    """Checks requests before a handler sees them, and gives every answer its headers.

    Args:
        oauth: who knows the tokens.
        clock: for the rate windows.
        faults: ``expired_token`` makes a good token count as expired.
        switches: gives the switches as they are now.
        random: what request ids are drawn from.
    """

    def __init__(
        self,
        oauth: OAuthServer,
        clock: Clock,
        faults: FaultSwitches,
        switches: Callable[[], Switches],
        random: Random,
    ) -> None:
        self._oauth = oauth
        self._clock = clock
        self._faults = faults
        self._switches = switches
        self._random = random
        self._windows = _windows(clock, switches())

    async def answer(self, request: Request, handler: Callable[[Asked], Reply]) -> Response:
        """Check a request, run its handler, and form the reply or the refusal."""
        headers = {"x-request-id": str(uuid.UUID(bytes=self._random.randbytes(16), version=4))}
        try:
            caller = self._caller(request)
            headers |= self._count(caller)
            reply = handler(Asked(caller, request, await _body(request)))
            content = b"" if reply.status == 204 else json.dumps(reply.document, ensure_ascii=False).encode()
            return Response(content, reply.status, headers | reply.headers, media_type=MEDIA_TYPE)
        except Refusal as refusal:
            return refused(refusal, headers)

    def _caller(self, request: Request) -> Caller:
        token = bearer_token(request.headers.get("authorization"))
        grant = self._oauth.bearer(token) if token else None
        expired = self._faults.take("expired_token", request.method, request.url.path)
        if grant is None or expired:
            raise Refusal(401, "The access token is missing, unknown or expired.")
        return Caller(integration_id(grant.client_id), frozenset(grant.scopes))

    def _count(self, caller: Caller) -> dict[str, str]:
        switches = self._switches()
        if [w.limit for w in self._windows] != [switches.integration_limit, switches.organization_limit]:
            self._windows = _windows(self._clock, switches)
        mine, everyones = self._windows
        # Look before counting, so that a request refused by one window does not use up the other.
        wait = max(mine.seconds_until_free(caller.integration), everyones.seconds_until_free("all"))
        let_through = wait <= 0 and mine.allow(caller.integration) and everyones.allow("all")
        headers = {
            "x-ratelimit-policy": f"per-instance; window={RATE_SECONDS}",
            "x-ratelimit-integration-limit": str(mine.limit),
            "x-ratelimit-integration-remaining": str(mine.remaining(caller.integration)),
            "x-ratelimit-organization-limit": str(everyones.limit),
            "x-ratelimit-organization-remaining": str(everyones.remaining("all")),
            "x-ratelimit-reset": str(max(1, math.ceil(wait)) if wait else RATE_SECONDS),
        }
        if not let_through:
            if switches.retry_after:
                headers["retry-after"] = str(max(1, math.ceil(wait)))
            raise Refusal(429, "The rate limit is reached.", headers=headers)
        return headers


def refused(refusal: Refusal, headers: dict[str, str]) -> Response:
    """The error document of a refusal."""
    error: dict[str, Any] = {
        "status": str(refusal.status),
        "code": refusal.code,
        "title": CODES[refusal.status][1],
        "detail": refusal.detail,
        "meta": {"request_id": headers.get("x-request-id")},
    }
    if refusal.source:
        error["source"] = refusal.source
    content = json.dumps({"errors": [error]}, ensure_ascii=False).encode()
    return Response(content, refusal.status, headers | refusal.headers, media_type=MEDIA_TYPE)


def _windows(clock: Clock, switches: Switches) -> tuple[SlidingWindow, SlidingWindow]:
    return (
        SlidingWindow(switches.integration_limit, RATE_SECONDS, clock),
        SlidingWindow(switches.organization_limit, RATE_SECONDS, clock),
    )


async def _body(request: Request) -> Any:
    accepted = request.headers.get("accept", "*/*")
    if not any(form in accepted for form in (MEDIA_TYPE, "*/*", "application/*")):
        raise Refusal(406, f"Accept must allow {MEDIA_TYPE}.", source={"header": "Accept"})
    raw = await request.body()
    if not raw:
        return None
    if request.headers.get("content-type", "").partition(";")[0].strip() != MEDIA_TYPE:
        raise Refusal(415, f"Content-Type must be {MEDIA_TYPE}.", source={"header": "Content-Type"})
    try:
        return read_json(raw, exact=False)
    except ValueError as error:
        raise Refusal(400, f"The body is not JSON: {error}.", code="invalid_document") from error
