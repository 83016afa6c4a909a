"""The gate before the resources: address, subscription key, rate window, token, privilege; and every answer's form."""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from erpcore.simulator import FaultSwitches, SlidingWindow, bearer_token
from erpcore_poweroffice.simulator import sending
from erpcore_poweroffice.simulator.behaviour import Behaviour
from erpcore_poweroffice.simulator.books import Books
from erpcore_poweroffice.simulator.calls import Answer, Call, Operation, Refused
from erpcore_poweroffice.simulator.members import read, wire
from erpcore_poweroffice.simulator.tokens import Tokens

_ROOTS = {"/v2": "production", "/demo/v2": "demo"}
_TOKEN_ADDRESSES = {"/oauth/token": "production", "/demo/oauth/token": "demo"}
_ORDERS = ("/salesorders", "/outgoinginvoices", "/subledgernumberseries")
_JSON = ("application/json", "text/json", "application/json-patch+json")
_PATCH = "application/json-patch+json"


@dataclass(frozen=True)
class _Place:
    operation: Operation
    environment: str
    root: str
    params: Mapping[str, str]


class Gate:
    """The ASGI application of the simulated PowerOffice Go.

    Args:
        operations: Every address.
        companies: The books of each client by client key.
        tokens: Who may ask.
        subscription_keys: The keys that the developer portal has given out.
        window: The rate window per subscription key, or None for none.
        behaviour: Decides on unconfirmed forms.
        faults: Asked for `expired_token`.
        lock: Held while a resource works.
    """

    def __init__(
        self,
        operations: Sequence[Operation],
        companies: Mapping[str, Books],
        tokens: Tokens,
        subscription_keys: Sequence[str],
        window: SlidingWindow | None,
        behaviour: Behaviour,
        faults: FaultSwitches,
        lock: threading.RLock,
    ) -> None:
        self._companies = companies
        self._tokens = tokens
        self._keys = frozenset(subscription_keys)
        self._window = window
        self._behaviour = behaviour
        self._faults = faults
        self._lock = lock
        # Addresses without a place go first, so that /SalesOrders/SentState is not taken for an order's.
        ordered = sorted(operations, key=lambda operation: "{" in operation.path)
        self._routes = [
            (operation, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", operation.path), re.IGNORECASE))
            for operation in ordered
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        response = await self._answer(request)
        await response(scope, receive, send)

    def too_many_requests(self, seconds: float = 1.0) -> Response:
        """Return the 429; whether it has a Retry-After is unconfirmed.

        Args:
            seconds: How long until the next request is let through.
        """
        wait = max(1, math.ceil(seconds))
        response = self._gateway(429, f"Rate limit is exceeded. Try again in {wait} seconds.")
        if self._behaviour.retry_after:
            response.headers["Retry-After"] = str(wait)
        return response

    async def _answer(self, request: Request) -> Response:
        path = unquote(request.scope["path"]).rstrip("/")
        token_environment = _TOKEN_ADDRESSES.get(path.lower()) if request.method == "POST" else None
        place = None if token_environment else self._place(request, path)
        if token_environment is None and place is None:
            return self._gateway(404, "Resource not found")
        key = request.headers.get("Ocp-Apim-Subscription-Key") or request.query_params.get("subscription-key")
        if key not in self._keys:
            return self._gateway(401, _KEY_MISSING if not key else _KEY_INVALID)
        counts = place is not None or self._behaviour.token_calls_count
        if counts and self._window is not None and not self._window.allow(key):
            return self.too_many_requests(self._window.seconds_until_free(key))
        if place is None:
            return await self._tokens.answer(request, token_environment or "")
        body = await request.body()
        with self._lock:
            return self._carry_out(place, request, path, body)

    def _place(self, request: Request, path: str) -> _Place | None:
        for root, environment in _ROOTS.items():
            if not path.lower().startswith(f"{root}/"):
                continue
            for operation, pattern in self._routes:
                found = pattern.fullmatch(path[len(root) :])
                if found is not None and operation.method == request.method:
                    base = f"{request.url.scheme}://{request.url.netloc}{path[: len(root)]}"
                    params = {name: value.lower() for name, value in found.groupdict().items()}
                    return _Place(operation, environment, base, params)
        return None

    def _carry_out(self, place: _Place, request: Request, path: str, body: bytes) -> Response:
        token = bearer_token(request.headers.get("Authorization"))
        if token is not None and self._faults.take("expired_token", request.method, path):
            self._tokens.server.revoke(token)
        grant = None if token is None else self._tokens.server.bearer(token)
        if grant is None or place.environment not in grant.scopes:
            return self._bare(401, "Unauthorized", {"WWW-Authenticate": "Bearer"})
        books = self._companies[grant.tenant]
        granted, blocked = books.integration.privileges, books.integration.blocked
        roles = place.operation.roles
        if roles and not any(role in granted and role not in blocked for role in roles):
            return self._bare(403, "Forbidden", {})
        if (refusal := self._wrong_type(request, body)) is not None:
            return refusal
        here = path[len(place.root) - len(f"{request.url.scheme}://{request.url.netloc}") :]
        query = {name.lower(): value for name, value in request.query_params.items()}
        call = Call(request.method, path, grant.client_id, place.root, here, place.params, query, body)
        try:
            _check_ids(call)
            sending.settle(books)
            answer = place.operation.handle(books, call)
            # What takes no time at all is done before the answer.
            sending.settle(books)
        except Refused as refused:
            return _json(refused.body(), refused.status)
        return self._response(answer)

    def _wrong_type(self, request: Request, body: bytes) -> Response | None:
        if not body.strip():
            return None
        given = request.headers.get("Content-Type", "").split(";")[0].strip().lower()
        plain_patch = self._behaviour.patch_as_json == "accepted"
        taken = (_PATCH,) if request.method == "PATCH" and not plain_patch else _JSON
        return None if given in taken else _json({"title": "Unsupported Media Type", "status": 415}, 415)

    def _response(self, answer: Answer) -> Response:
        if answer.content is None:
            return Response(status_code=answer.status, headers=dict(answer.headers))
        content = wire(answer.content, without_null=self._behaviour.null_members == "left_out")
        return _json(content, answer.status, answer.headers)

    def _bare(self, status: int, title: str, headers: Mapping[str, str]) -> Response:
        if self._behaviour.bare_refusals == "empty":
            return Response(status_code=status, headers=dict(headers))
        return _json({"title": title, "status": status}, status, headers)

    def _gateway(self, status: int, message: str) -> Response:
        code = str(status) if self._behaviour.throttle_code_as_text else status
        return JSONResponse({"statusCode": code, "message": message}, status)


_KEY_MISSING = (
    "Access denied due to missing subscription key. "
    "Make sure to include subscription key when making requests to an API."
)
_KEY_INVALID = (
    "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription."
)


def _check_ids(call: Call) -> None:
    """Refuse an id of the wrong kind: UUIDs for orders, invoices and series, numbers for all else."""
    for name, value in call.params.items():
        kind = "uuid" if call.here.lower().startswith(_ORDERS) else "int"
        try:
            read(kind, value, lenient=True)
        except ValueError:
            errors = {name: [f"The value '{value}' is not valid."]}
            raise Refused(400, "One or more validation errors occurred.", errors=errors) from None


def _json(content: object, status: int, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(content, ensure_ascii=False)
    return Response(text, status, {"content-type": "application/json; charset=utf-8", **(headers or {})})
