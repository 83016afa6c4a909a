"""The classic API over HTTP: keys, the event feed, subscriptions, GraphQL and signals, under ``/v1``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from erpcore.simulator.bodies import read_json

from . import actions
from .account import Account
from .classic_graphql import execute
from .classic_views import event_body
from .deliveries import Deliveries
from .records import Company, Contact
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


class Signal(BaseModel):
    """What a signal says (API documentation, Signal); numbers for texts are taken, as ids may be either."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    name: str = Field(min_length=1)
    strength: int | None = None
    organisation: dict[str, str | None] | None = None
    person: dict[str, str | None] | None = None


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
            Route("/v1/event/subscription", self._subscription, methods=["POST", "DELETE"]),
            Route("/v1/event/subscription/{id}", self._subscription, methods=["DELETE"]),
            Route("/v1/graphql", self._graphql, methods=["POST"]),
            Route("/v1/signal", self._signal, methods=["POST"]),
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

    async def _subscription(self, request: Request) -> Response:
        if self._key(request) is None:
            return _unauthorized()
        return await (self._subscribe(request) if request.method == "POST" else self._unsubscribe(request))

    async def _subscribe(self, request: Request) -> Response:
        body = await _json_object(request)
        target, events = (body or {}).get("targeturl"), (body or {}).get("events", [])
        if not isinstance(target, str) or not _is_absolute_url(target):
            return _refusal(400, "targeturl must be an absolute URL")
        if not isinstance(events, list) or not all(event in EVENT_TYPES for event in events):
            return _refusal(400, f"events must be a list of {', '.join(EVENT_TYPES)}")
        subscription = self._deliveries.subscribe(target, events)
        bare = self._switches().subscription_reply == "bare"
        return JSONResponse(subscription if bare else {"id": subscription})

    async def _unsubscribe(self, request: Request) -> Response:
        takes = self._switches().unsubscribe_by
        in_path, in_query = request.path_params.get("id"), request.query_params.get("id")
        asked = in_path if takes == "path" else in_query if takes == "query" else in_path or in_query
        if asked is None or not self._deliveries.unsubscribe(asked):
            return _refusal(404, f"there is no subscription {asked!r}")
        return Response(status_code=204)

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

    async def _signal(self, request: Request) -> Response:
        if self._key(request) is None:
            return _unauthorized()
        try:
            signal = Signal.model_validate_json(await request.body())
        except ValidationError as error:
            return _refusal(400, "; ".join(_told(each) for each in error.errors()))
        organisation, person = signal.organisation or {}, signal.person or {}
        if not organisation and not person:
            return _refusal(400, "organisation or person is required")
        with self._account.lock:
            company = self._signalled(organisation, person)
            if company is None:
                name = organisation.get("name")
                if not name:
                    return _refusal(400, "organisation.name is required when nothing matches")
                company = actions.add_company(self._account, name, business_id=organisation.get("registrationNumber"))
            company.temperature += signal.strength or 0
            self._account.touch(company)
        return JSONResponse({"organizationId": company.classic_id})

    def _signalled(self, organisation: dict[str, str | None], person: dict[str, str | None]) -> Company | None:
        """The company a signal is about: by registration or VAT number, else by the person's e-mail."""
        numbers = {_digits(organisation.get("registrationNumber")), _digits(organisation.get("vatNumber"))[:10]}
        for company in self._account.all(Company):
            if _digits(company.business_id) and _digits(company.business_id) in numbers:
                return company
        for contact in self._account.all(Contact):
            if contact.email and contact.email == person.get("email"):
                return self._account.company_of(contact)
        return None

    def _key(self, request: Request) -> str | None:
        sent = request.headers.get("authorization", "").removeprefix("go-api:")
        sent = sent or request.query_params.get("apikey", "")
        return sent if sent in self._keys else None


def _told(error: ErrorDetails) -> str:
    return f"{'.'.join(map(str, error['loc'])) or 'the body'}: {error['msg']}"


def _reader_name(reader: str, keys: dict[str, KeyKind]) -> str:
    return f"{keys[reader]} …{reader[-4:]}" if reader in keys else reader


def _digits(text: str | None) -> str:
    return re.sub(r"\D", "", text or "")


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
