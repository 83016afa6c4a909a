"""The classic API over HTTP: keys, the event feed, subscriptions and GraphQL, under ``/v1``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from erpcore.simulator.bodies import read_json

from .account import Account
from .classic_graphql import execute
from .classic_views import event_body
from .deliveries import Deliveries
from .switches import KeyKind, Switches

EVENT_TYPES = (
    "OrganizationBeenInTouch",
    "OrganizationHasNoRelation",
    "OrganizationIsACustomer",
    "OrganizationWasACustomer",
    "OrganizationWorkingOnIt",
    "DealWon",
    "DealLost",
    "DealStatusChange",
    "CallPositive",
    "CallNegative",
    "MeetingBooked",
    "MeetingReported",
    "MeetingCancelled",
)


class ClassicApi:
    """The routes of the classic API.

    Args:
        account: the records.
        switches: gives the switches as they are now.
        deliveries: who is told about events.
        keys: API key (a GUID) -> its kind.
    """

    def __init__(
        self,
        account: Account,
        switches: Callable[[], Switches],
        deliveries: Deliveries,
        keys: dict[str, KeyKind],
    ) -> None:
        self._account = account
        self._switches = switches
        self._deliveries = deliveries
        self._keys = keys
        self._position: dict[str, int] = {}

    def routes(self) -> list[BaseRoute]:
        """All addresses of the classic API."""
        return [
            Route("/v1/event/feed", self._feed, methods=["GET"]),
            Route("/v1/event/feed/", self._feed, methods=["GET"]),
            Route("/v1/event/subscription", self._subscribe, methods=["POST"]),
            Route("/v1/graphql", self._graphql, methods=["POST"]),
        ]

    def positions(self) -> dict[str, int]:
        """How far the feed was read, by reader: "account", or the key's kind and last four characters."""
        return {_reader_name(reader, self._keys): position for reader, position in self._position.items()}

    def memory(self) -> dict[str, int]:
        """How far the feed was read, by reader: a whole key, or "account"."""
        return self._position

    def remember(self, position: dict[str, int]) -> None:
        """Hold what `memory` returned, and nothing else."""
        self._position = position

    async def _feed(self, request: Request) -> Response:
        switches, key = self._switches(), self._key(request)
        if key is None:
            return _unauthorized()
        if self._keys[key] not in switches.feed_keys:
            return _refusal(403, "this kind of key may not read the feed")
        peek = request.query_params.get("peek", "false").lower() == "true"
        reader = key if switches.feed_cursor == "key" else "account"
        with self._account.lock:
            start = self._position.get(reader, 0)
            events = self._account.events[start : start + switches.feed_page]
            if not peek:
                self._position[reader] = start + len(events)
            return JSONResponse({"items": [event_body(switches, event) for event in events]})

    async def _subscribe(self, request: Request) -> Response:
        if self._key(request) is None:
            return _unauthorized()
        body = await _json_object(request)
        target, events = (body or {}).get("targeturl"), (body or {}).get("events", [])
        if not isinstance(target, str) or not _is_absolute_url(target):
            return _refusal(400, "targeturl must be an absolute URL")
        if not isinstance(events, list) or not all(event in EVENT_TYPES for event in events):
            return _refusal(400, f"events must be a list of {', '.join(EVENT_TYPES)}")
        subscription = self._deliveries.subscribe(target, events)
        bare = self._switches().subscription_reply == "bare"
        return JSONResponse(subscription if bare else {"id": subscription})

    async def _graphql(self, request: Request) -> Response:
        key, body = self._key(request), await _json_object(request)
        if key is None:
            return _unauthorized()
        if body is None or not isinstance(body.get("query"), str):
            return _refusal(400, "the body must be a JSON object with a query")
        if not isinstance(body.get("variables"), dict | None) or not isinstance(body.get("operationName"), str | None):
            return _refusal(400, "variables must be an object, and operationName a text")
        switches = self._switches()
        result = execute(self._account, switches, self._keys[key], body)
        return JSONResponse(result.formatted, switches.graphql_error_status if result.data is None else 200)

    def _key(self, request: Request) -> str | None:
        sent = request.headers.get("authorization", "").removeprefix("go-api:")
        sent = sent or request.query_params.get("apikey", "")
        return sent if sent in self._keys else None


def _reader_name(reader: str, keys: dict[str, KeyKind]) -> str:
    return f"{keys[reader]} …{reader[-4:]}" if reader in keys else reader


def _is_absolute_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # such as a bracket that is not closed
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


async def _json_object(request: Request) -> dict[str, Any] | None:
    try:
        body = read_json(await request.body(), exact=False)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _unauthorized() -> Response:
    return _refusal(401, "the API key is missing or not known")


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"message": message}, status)
