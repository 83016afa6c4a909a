"""The gate before the resources: token, scope, variant, rate window; and the form of every answer."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from erpcore.simulator import FaultSwitches, OAuthServer, SlidingWindow, bearer_token, read_json
from erpcore_visma_eaccounting.simulator import errors
from erpcore_visma_eaccounting.simulator.books import Books, wire
from erpcore_visma_eaccounting.simulator.errors import Refused

ROOT = "/v2"
WRITE_SCOPE, READ_SCOPE = "ea:sales", "ea:sales_readonly"
_WITHOUT_ORDERS = {3, 4}
"""Product variants that have no orders: Bookkeeping and Solo (interface description, orders)."""


@dataclass(frozen=True)
class Call:
    """A request that has passed the gate.

    Attributes:
        key: What stood in the place of the address; empty where it has none.
        query: The parameters after the question mark, their names in small letters.
        body: The body as JSON gives it, numbers exact; None without one.
    """

    key: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Operation:
    """One address and verb, what answers it, and the status of success."""

    method: str
    path: str
    handle: Callable[[Call], Any]
    status: int = 200


class Gate:
    """Lets requests through.

    Args:
        books: Whose behaviour and variant decide.
        oauth: Knows the tokens.
        faults: Asked for `expired_token` and `consent_withdrawn`.
        window: The rate window per client and address, or None for none.
        lock: Held while a resource works.
    """

    def __init__(
        self,
        books: Books,
        oauth: OAuthServer,
        faults: FaultSwitches,
        window: SlidingWindow | None,
        lock: threading.RLock,
    ) -> None:
        self._books = books
        self._oauth = oauth
        self._faults = faults
        self._window = window
        self._lock = lock

    def mount(self, operations: Sequence[Operation]) -> BaseRoute:
        """Return the interface with these addresses."""
        routes: list[BaseRoute] = [
            Route(operation.path, self._endpoint(operation), methods=[operation.method]) for operation in operations
        ]
        return Mount(ROOT, routes=[*routes, Mount("/", app=self._no_such_path)])

    def too_many_requests(self, seconds: float) -> Response:
        """Return Visma's 429.

        Args:
            seconds: How long until the next request is let through.
        """
        wait = max(1, math.ceil(seconds))
        text = f"API calls quota exceeded! maximum admitted 600 per Minute. Try again in {wait} seconds."
        response = _json(Refused(errors.TOO_MANY, text).body(self._books.new_id()), 429)
        if self._books.behaviour.retry_after:
            response.headers["Retry-After"] = str(wait)
        return response

    def _endpoint(self, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            body = await request.body()
            with self._lock:
                try:
                    return self._answer(operation, request, body)
                except Refused as refused:
                    return _json(
                        refused.body(self._books.new_id()), refused.status_with(self._books.behaviour.refusal_status)
                    )

        return endpoint

    def _answer(self, operation: Operation, request: Request, body: bytes) -> Response:
        client, scopes = self._signed_in(request)
        key = (client, operation.path)
        if self._window is not None and not self._window.allow(key):
            return self.too_many_requests(self._window.seconds_until_free(key))
        allowed = {WRITE_SCOPE, READ_SCOPE} if operation.method == "GET" else {WRITE_SCOPE}
        if not allowed & set(scopes):
            raise Refused(errors.NO_SCOPE, "ForbiddenRequestException - No access to scopes: ea:sales", status=403)
        if operation.path.startswith("/orders") and self._books.company["ProductVariant"] in _WITHOUT_ORDERS:
            text = "ForbiddenRequestException - No access due to product variant"
            raise Refused(errors.NO_VARIANT, text, status=403)
        call = Call(
            request.path_params.get("key", ""),
            {name.lower(): value for name, value in request.query_params.items()},
            _read(body),
        )
        answer = operation.handle(call)
        return _json(wire(answer, self._books.behaviour.dates), operation.status)

    def _signed_in(self, request: Request) -> tuple[str, Sequence[str]]:
        method, path = request.method, request.url.path
        token = bearer_token(request.headers.get("Authorization"))
        if token is not None and self._faults.take("expired_token", method, path):
            self._oauth.revoke(token)
        grant = None if token is None else self._oauth.bearer(token)
        if grant is not None and self._faults.take("consent_withdrawn", method, path):
            self._oauth.withdraw_consent(grant.client_id, grant.tenant)
            grant = None
        if grant is None:
            text = "AuthorizationException - Authorization has been denied for this request."
            raise Refused(errors.NOT_AUTHORIZED, text, status=401)
        return grant.client_id, grant.scopes

    async def _no_such_path(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _json(errors.missing("The address").body(self._books.new_id()), 404)(scope, receive, send)


def _read(body: bytes) -> Any:
    if not body.strip():
        return None
    try:
        return read_json(body)
    except ValueError as error:
        raise Refused(errors.VALIDATION, f"The body is no JSON: {error}") from None


def _json(content: object, status: int) -> Response:
    text = json.dumps(content, ensure_ascii=False)
    return Response(text, status, {"content-type": "application/json;charset=UTF-8"})
