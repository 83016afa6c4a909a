"""The REST API: limeobject, limetype, query and subscription, behind ``x-api-key`` and the rate window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from erpcore.simulator.bodies import read_json
from erpcore.simulator.clock import Clock
from erpcore.simulator.rate import SlidingWindow

from .account import Account, InvalidValuesError, LimeObject, UnknownObjectError
from .deliveries import Deliveries
from .filters import list_filter, query_filter
from .switches import Switches
from .views import Views

HAL = "application/hal+json"
_QUERY_LIMIT = 50


@dataclass(frozen=True)
class ApiUser:
    """A user of type API, and what its key may do.

    Attributes:
        id: The user's id, as it stands in ``_updateduser``.
        webhooks: Whether it is in the group Webhook Users.
        may_write: Whether it may write at all.
    """

    id: int
    webhooks: bool = True
    may_write: bool = True


class LimeCrmApi:
    """The addresses of one installation.

    Args:
        account: The objects.
        views: Their forms.
        deliveries: The subscriptions.
        switches: Gives the switches as they are now.
        database: The application's name, first in each path.
        keys: API key -> its user.
        clock: For the rate window.
    """

    def __init__(
        self,
        account: Account,
        views: Views,
        deliveries: Deliveries,
        switches: Callable[[], Switches],
        database: str,
        keys: Mapping[str, ApiUser],
        clock: Clock,
    ) -> None:
        self._account = account
        self._views = views
        self._deliveries = deliveries
        self._switches = switches
        self._database = database
        self._keys = keys
        self._clock = clock
        self._window: SlidingWindow | None = None

    def routes(self) -> list[Route]:
        """Return the addresses; Lime's paths end in a slash, without one they work too."""
        table: dict[str, dict[str, Callable[[Request, ApiUser], Any]]] = {
            "": {"GET": self._ping},
            "limetype/{limetype}": {"GET": self._limetype},
            "limeobject/{limetype}": {"GET": self._list, "POST": self._create},
            "limeobject/{limetype}/{id:int}": {"GET": self._read, "PUT": self._change, "DELETE": self._delete},
            "limeobject/{limetype}/{id:int}/{relation}": {"GET": self._related},
            "query": {"GET": self._query},
            "subscription": {"GET": self._subscriptions, "POST": self._subscribe},
            "subscription/{id:int}": {"PUT": self._change_subscription},
        }
        routes = []
        for path, handlers in table.items():
            full = f"/{self._database}/api/v1/{path}".rstrip("/")
            handle = self._guarded(handlers)
            routes += [Route(each, handle, methods=list(handlers)) for each in (full, f"{full}/")]
        return routes

    def too_many(self) -> Response:
        """Give the 429."""
        switches = self._switches()
        seconds = 1.0 if self._window is None else self._window.seconds_until_free("")
        headers = {"Retry-After": str(int(seconds) + 1)} if switches.retry_after else {}
        return JSONResponse({"error": "Too many requests."}, 429, headers)

    def _guarded(self, handlers: Mapping[str, Callable[[Request, ApiUser], Any]]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Response:
            request.state.body = await request.body()
            if not self._allow():
                return self.too_many()
            user = self._keys.get(request.headers.get("x-api-key", ""))
            if user is None:
                return _refused(401, "The API key is not known.")
            if request.method != "GET" and not user.may_write:
                return _refused(403, "The user's policies do not allow this.")
            try:
                with self._account.lock:
                    answer = handlers[request.method](request, user)
            except (UnknownObjectError, KeyError) as error:
                return _refused(404, str(error).strip("'"))
            except _NotAWebhookUserError:
                return _refused(403, "The user is not in the group Webhook Users.")
            except InvalidValuesError as error:
                return _refused(self._switches().invalid_status, str(error))
            except ValueError as error:
                return _refused(400, str(error))
            return answer if isinstance(answer, Response) else JSONResponse(answer, media_type=HAL)

        return handle

    def _allow(self) -> bool:
        # All that arrive here come from one address, this machine's.
        switches = self._switches()
        if self._window is None or (self._window.limit, self._window.seconds) != (
            switches.requests,
            switches.window_seconds,
        ):
            self._window = SlidingWindow(switches.requests, switches.window_seconds, self._clock)
        return self._window.allow("")

    # --- objects

    def _ping(self, request: Request, user: ApiUser) -> Any:
        base = self._base(request)
        return {"_links": {"self": {"href": f"{base}/"}, "limeobject": {"href": f"{base}/limeobject/"}}}

    def _limetype(self, request: Request, user: ApiUser) -> Any:
        shown = self._views.limetype(self._of(request), self._base(request))
        if "properties" not in request.query_params.getlist("_embed"):
            del shown["_embedded"]
        return shown

    def _list(self, request: Request, user: ApiUser) -> Any:
        return self._page(request, self._of(request), self._account.all(self._of(request)))

    def _related(self, request: Request, user: ApiUser) -> Any:
        thing, relation = self._object(request), request.path_params["relation"]
        prop = self._views.property(thing.limetype, relation)
        if prop is None or prop.type != "hasmany":
            raise UnknownObjectError(f"There is no list {relation}.")
        embedding = self._switches().embed_on_related_lists
        return self._page(request, prop.related, self._account.related(thing, prop.name), embedding=embedding)

    def _page(self, request: Request, limetype: str, things: list[LimeObject], *, embedding: bool = True) -> Any:
        params = request.query_params
        try:
            fits = list_filter(
                self._views, limetype, [each for each in params.multi_items() if not each[0].startswith("_")]
            )
            after, skipped = int(params.get("_offset_id", 0)), int(params.get("_offset", 0))
            limit = int(params.get("_limit", self._switches().default_limit))
            found = [each for each in things if each.id > after and fits(each)]
        except ValueError as error:
            raise InvalidValuesError(str(error)) from error
        if limit < 1 or skipped < 0 or "_sort" in params:
            raise InvalidValuesError("The parameters of the list are not understood.")
        left = found[skipped:]
        page = left[: min(limit, self._switches().largest_limit)]
        here = f"{self._origin(request)}{request.url.path}"
        links = {"self": {"href": f"{here}?{request.url.query}" if request.url.query else here}}
        if len(page) < len(left):
            links["next"] = {"href": f"{here}?{self._next_query(params, skipped + len(page), page[-1].id)}"}
        embed = params.getlist("_embed") if embedding else []
        shown = [self._views.hal(each, self._base(request), embed) for each in page]
        return {"_embedded": {"limeobjects": shown}, "_links": links}

    def _next_query(self, params: QueryParams, offset: int, last: int) -> str:
        place = {"offset": ("_offset", offset), "offset_id": ("_offset_id", last)}[self._switches().next_by]
        kept = [each for each in params.multi_items() if each[0] not in ("_offset", "_offset_id")]
        return urlencode([*(kept if self._switches().next_keeps_query else []), place])

    def _read(self, request: Request, user: ApiUser) -> Any:
        embed = request.query_params.getlist("_embed") if self._switches().embed_on_objects else []
        return self._views.hal(self._object(request), self._base(request), embed)

    def _create(self, request: Request, user: ApiUser) -> Any:
        limetype = self._of(request)
        made = self._account.create(limetype, self._values(request, limetype), user.id)
        return JSONResponse(self._views.hal(made, self._base(request)), 201, media_type=HAL)

    def _change(self, request: Request, user: ApiUser) -> Any:
        thing = self._object(request)
        written = self._values(request, thing.limetype)
        self._account.change(thing, written, user.id)
        shown = self._views.hal(thing, self._base(request))
        if self._switches().changes_show_all:
            return shown
        names = {self._account.model.public(thing.limetype, each) for each in written}
        return {name: value for name, value in shown.items() if name in names or name.startswith("_")}

    def _delete(self, request: Request, user: ApiUser) -> Any:
        self._account.delete(self._object(request), user.id)
        return Response(status_code=204)

    def _query(self, request: Request, user: ApiUser) -> Any:
        asked = _json(request.query_params.get("q", "").encode())
        public = str(asked.get("limetype"))
        limetype = self._account.model.limetype(public)
        if limetype is None:
            raise UnknownObjectError(f"There is no limetype {public}.")
        things = self._account.all(limetype)
        if "filter" in asked:
            test = query_filter(asked["filter"])
            things = [each for each in things if test(each)]
        if asked.get("orderBy", []) not in ([], [{"_id": "ASC"}]):
            raise ValueError("the order is not understood")
        offset, limit = _count(asked, "offset", 0), _count(asked, "limit", _QUERY_LIMIT)
        wanted = asked.get("responseFormat", {"object": {"_id": ""}})
        wanted = wanted.get("object") if isinstance(wanted, dict) else None
        if not isinstance(wanted, dict):
            raise ValueError("responseFormat needs an object")
        options_as = self._switches().query_options
        if not self._switches().query_shows_users and wanted.keys() & {"_createduser", "_updateduser"}:
            raise InvalidValuesError("The Query API has no such property.")
        page = things[offset : offset + limit]
        return {"objects": [self._views.queried(each, wanted, options_as) for each in page]}

    # --- subscriptions

    def _subscriptions(self, request: Request, user: ApiUser) -> Any:
        self._admit(user)
        return JSONResponse([each.shown() for each in self._deliveries.subscriptions()])

    def _subscribe(self, request: Request, user: ApiUser) -> Any:
        self._admit(user)
        return JSONResponse(self._deliveries.add(_json(request.state.body)).shown(), 201)

    def _change_subscription(self, request: Request, user: ApiUser) -> Any:
        self._admit(user)
        return self._deliveries.change(request.path_params["id"], _json(request.state.body)).shown()

    # --- what they share

    @staticmethod
    def _admit(user: ApiUser) -> None:
        if not user.webhooks:
            raise _NotAWebhookUserError

    def _of(self, request: Request) -> str:
        public = request.path_params["limetype"]
        limetype = self._account.model.limetype(public)
        if limetype is None:
            raise UnknownObjectError(f"There is no limetype {public}.")
        return limetype

    def _object(self, request: Request) -> LimeObject:
        return self._account.get(self._of(request), request.path_params["id"])

    def _values(self, request: Request, limetype: str) -> dict[str, Any]:
        values = {}
        for name, value in _json(request.state.body).items():
            prop = self._views.property(limetype, name)
            if prop is None:
                raise InvalidValuesError(f"{self._account.model.public(limetype)} has no property {name}.")
            values[prop.name] = value
        return values

    def _origin(self, request: Request) -> str:
        if self._switches().own_host_in_links:
            return f"{request.url.scheme}://{request.url.netloc}"
        return "http://lime-inner.example:8081"

    def _base(self, request: Request) -> str:
        return f"{self._origin(request)}/{self._database}/api/v1"


class _NotAWebhookUserError(PermissionError):
    """The user is not in the group Webhook Users."""


def _json(raw: bytes) -> dict[str, Any]:
    held = read_json(raw)
    if not isinstance(held, dict):
        raise InvalidValuesError("An object is wanted.")
    return held


def _count(asked: Mapping[str, Any], name: str, otherwise: int) -> int:
    count = asked.get(name, otherwise)
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise ValueError(f"{name} must be a whole number from 0 on")
    return count


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)
