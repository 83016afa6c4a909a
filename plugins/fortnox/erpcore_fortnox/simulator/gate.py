"""The gate before the resources: token, rate window, content types, scope; and the form of every answer."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from erpcore.simulator import FaultSwitches, Grant, OAuthServer, SlidingWindow, bearer_token
from erpcore_fortnox.simulator.books import Books
from erpcore_fortnox.simulator.calls import Answer, Call, Operation
from erpcore_fortnox.simulator.errors import Refused

ROOT = "/3"

_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_TAKEN_TYPES = ("application/json", "application/*", "*/*")


class Gate:
    """What every request to `/3` passes.

    Args:
        books: Its switches decide on forms.
        oauth: Knows the living tokens.
        faults: Asked for `expired_token` and `consent_withdrawn`.
        window: The rate window per client and company, or None for none.
        licences_missing: Scopes whose module the company has not bought.
        lock: Held while a resource works.
        random: What request ids are drawn from.
    """

    def __init__(
        self,
        books: Books,
        oauth: OAuthServer,
        faults: FaultSwitches,
        window: SlidingWindow | None,
        licences_missing: set[str],
        lock: threading.RLock,
        random: Random,
    ) -> None:
        self._books = books
        self._oauth = oauth
        self._faults = faults
        self._window = window
        self._licences_missing = licences_missing
        self._lock = lock
        self._random = random

    def app(self, operations: Sequence[Operation]) -> ASGIApp:
        """Return the ASGI application of all operations."""
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in operations:
            by_path.setdefault(operation.path, {})[operation.method] = operation
        routes = [Route(path, self._endpoint(verbs), methods=list(_VERBS)) for path, verbs in by_path.items()]
        return _with_plain_paths(Router(routes, redirect_slashes=False, default=self._no_such_path))

    def too_many_requests(self, seconds: float = 0.0) -> Response:
        """Return the 429. Its body is unconfirmed; whether it says how long to wait is a switch.

        Args:
            seconds: How long until the next request is let through.
        """
        response = JSONResponse({"message": "too many requests"}, 429)
        if self._books.behaviour.retry_after:
            response.headers["Retry-After"] = str(max(1, math.ceil(seconds)))
        return response

    def _endpoint(self, verbs: Mapping[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            operation = verbs.get(request.method)
            if operation is None:
                response = _json(Refused("method").body(self._books.behaviour.codes), 405)
                response.headers["Allow"] = ", ".join(sorted(verbs))
                return response
            call = Call(
                method=request.method,
                path=unquote(request.scope["path"]),
                params={name: unquote(value) for name, value in request.path_params.items()},
                query=dict(request.query_params),
                body=await request.body(),
            )
            with self._lock:
                response = self._answer(operation, call, request)
            uid = self._random.randbytes(8).hex()
            response.headers.update({"Server": "Fortnox", "X-Uid": uid, "X-Build": "1", "X-Rack-Responsetime": "1"})
            return response

        return endpoint

    def _answer(self, operation: Operation, call: Call, request: Request) -> Response:
        grant = self._grant(request, call)
        if grant is None:
            return _json({"message": "unauthorized"}, 401)
        key = (grant.client_id, grant.tenant)
        if self._window is not None and not self._window.allow(key):
            return self.too_many_requests(self._window.seconds_until_free(key))
        try:
            self._check(operation, grant, request, call)
            return _response(operation.handle(call))
        except Refused as refused:
            return _json(refused.body(self._books.behaviour.codes), refused.status)

    def _grant(self, request: Request, call: Call) -> Grant | None:
        token = bearer_token(request.headers.get("Authorization"))
        if token is None:
            return None
        if self._faults.take("expired_token", call.method, call.path):
            self._oauth.revoke(token)
        grant = self._oauth.bearer(token)
        if grant is not None and self._faults.take("consent_withdrawn", call.method, call.path):
            self._oauth.withdraw_consent(grant.client_id, grant.tenant)
            return None
        return grant

    def _check(self, operation: Operation, grant: Grant, request: Request, call: Call) -> None:
        accepted = [part.split(";")[0].strip() for part in request.headers.get("Accept", "*/*").split(",")]
        if not any(kind in _TAKEN_TYPES for kind in accepted):
            raise Refused("accept")
        content_type = request.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if call.body and content_type != "application/json":
            raise Refused("content_type")
        if operation.scope not in grant.scopes:
            raise Refused("scope", status=self._books.behaviour.scope_status)
        if operation.scope in self._licences_missing:
            raise Refused("licence", status=self._books.behaviour.scope_status)

    async def _no_such_path(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = Refused("path")
        await _json(refused.body(self._books.behaviour.codes), 404)(scope, receive, send)


def _with_plain_paths(app: ASGIApp) -> ASGIApp:
    """Route on the path as it was sent: an article number may hold a slash, which travels as ``%2F``."""

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path", b"").split(b"?")[0].decode("ascii", "replace") or scope["path"]
        await app({**scope, "path": raw.rstrip("/")}, receive, send)

    return routed


def _response(answer: Answer) -> Response:
    response = _json(answer.content, answer.status)
    if answer.location is not None:
        response.headers["Location"] = answer.location
    return response


def _json(content: object, status: int) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), status, {"content-type": "application/json"})
