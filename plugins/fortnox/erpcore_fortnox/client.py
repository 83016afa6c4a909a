"""Fortnox's protocol: addresses, envelopes and lists.

Records travel in an envelope (``{"Order": {...}}``, ``{"Orders": [...]}``); a list tells its pages in
``MetaInformation``, and a page after the last one is never asked for (developer guide, Parameters).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from erpcore.errors import InvalidValueError, MalformedReplyError
from erpcore.fields import FieldMap
from erpcore.host import Host
from erpcore.http import ApiClient, RateLimit, Reply, Timeouts
from erpcore.models import CanonicalModel
from erpcore_fortnox import values
from erpcore_fortnox.auth import known_tenant, signed_in
from erpcore_fortnox.errors import read_error
from erpcore_fortnox.settings import FortnoxSettings

Record = Mapping[str, Any]
"""A record as Fortnox sent it."""

M = TypeVar("M", bound=CanonicalModel)


@dataclass(frozen=True)
class ListPage:
    """One page of a list.

    Attributes:
        items: Its records.
        last: Whether no page comes after it.
    """

    items: list[Record]
    last: bool


class FortnoxClient:
    """Asks and tells one company's Fortnox.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.

    Raises:
        ConsentNeededError: Nobody has given consent yet.
    """

    def __init__(self, settings: FortnoxSettings, host: Host) -> None:
        self._settings = settings
        self._zone = ZoneInfo(settings.timezone)
        tenant_id = known_tenant(settings, host)
        # Fortnox counts per client and tenant; a new token does not help (developer guide, Rate limits).
        limit = RateLimit(
            key=f"fortnox:{settings.client_id}:{tenant_id or host.connection}",
            limit=settings.requests_per_window,
            seconds=settings.window_seconds,
            margin=settings.window_margin_seconds,
        )
        self._api = ApiClient(
            f"{settings.base_url.rstrip('/')}/3",
            host,
            auth=signed_in(settings, host, tenant_id),
            limits=[limit],
            timeouts=Timeouts(settings.request_seconds),
            error_reader=read_error,
        )

    def close(self) -> None:
        """Close all connections."""
        self._api.close()

    def get(self, path: str, envelope: str, **params: str | None) -> Record:
        """Read one record.

        Args:
            path: Such as `at("orders", "7")`.
            envelope: The member that holds it, such as ``Order``.
            params: Query parameters.

        Raises:
            NotFoundError: No such record.
        """
        return _content(self._api.read(path, params=params), envelope)

    def page(
        self,
        path: str,
        envelope: str,
        *,
        page: int = 1,
        limit: int | None = None,
        params: Mapping[str, str | None] | None = None,
    ) -> ListPage:
        """Read one page of a list.

        Args:
            path: Such as ``orders``.
            envelope: The member that holds the records, such as ``Orders``.
            page: From 1.
            limit: Records per page, the setting's when None.
            params: Filters. One of the register's own at most: combining them is not promised.
        """
        limit = limit or self._settings.page_size
        reply = self._api.read(path, params={**(params or {}), "page": page, "limit": limit})
        members = reply.json()
        items = members.get(envelope) if isinstance(members, Mapping) else None
        if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
            raise reply.unreadable(f"has no list {envelope}")
        meta = members.get("MetaInformation")
        pages = values.whole(meta.get("@TotalPages")) if isinstance(meta, Mapping) else None
        last = page >= pages if pages is not None else len(items) != limit
        return ListPage(items, last or not items)

    def all(self, path: str, envelope: str, **params: str | None) -> Iterator[Record]:
        """Read a list to its end, page by page. `params` as for `page`."""
        number, before = 1, None
        while True:
            found = self.page(path, envelope, page=number, params=params)
            if found.items == before:
                return  # a register that knows no pages gives the same one again
            yield from found.items
            if found.last:
                return
            number, before = number + 1, found.items

    def post(self, path: str, envelope: str, payload: Record, *, key: str) -> Record:
        """Make a record.

        Args:
            path: The register.
            envelope: The member that holds the record in both directions.
            payload: What to send.
            key: The member of the answer that holds its number.

        Raises:
            OutcomeUnknownError: It may have been made.
        """
        reply = self._api.write("POST", path, json={envelope: payload})
        record = _content(reply, envelope)
        if record.get(key) in (None, ""):
            raise reply.unreadable(f"has no {key}")
        return record

    def put(self, path: str, envelope: str, payload: Record) -> Record:
        """Change a record. The same change twice is the same as once, so that it is repeated when it must be."""
        return _content(self._api.write("PUT", path, json={envelope: payload}, idempotent=True), envelope)

    def act(self, path: str) -> Record:
        """Let Fortnox do something with a record, such as make an invoice of an order; all members of the answer."""
        reply = self._api.write("PUT", path)
        members = reply.json()
        if not isinstance(members, Mapping):
            raise reply.unreadable("is no object")
        return members

    def add(self, path: str, envelope: str, payload: Record) -> None:
        """Make a record whose answer is of no interest."""
        self._api.write("POST", path, json={envelope: payload})

    def changed_since(self, moment: datetime | None) -> str | None:
        """Give the parameter ``lastmodified``; None for all."""
        if moment is None:
            return None
        return values.last_modified(moment, self._zone, timedelta(seconds=self._settings.overlap_seconds))


def at(*parts: str) -> str:
    """Put an address together; what is in the parts is quoted."""
    return "/".join(quote(part, safe="") for part in parts)


def canonical(field_map: FieldMap[M], record: Record, what: str) -> M:
    """Translate a record.

    Args:
        field_map: Its table.
        record: As Fortnox sent it.
        what: What it is, for the error.

    Raises:
        MalformedReplyError: A value has a form that nobody expects.
    """
    try:
        return field_map.from_native(record)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        problem = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    except (ValueError, TypeError, AttributeError) as error:
        problem = str(error)
    raise MalformedReplyError(
        f"Fortnox's {what} has a form that is not known ({problem}).",
        advice="Please report it to the plugin's author.",
    )


def page_number(cursor: str | None) -> int:
    """Read the cursor of a list that goes by page numbers.

    Raises:
        InvalidValueError: It is not one that this plugin gave.
    """
    if cursor is None:
        return 1
    if not (cursor.isascii() and cursor.isdigit() and int(cursor) > 0):
        raise InvalidValueError(f"“{cursor}” is no cursor of this plugin.", advice="Start again without a cursor.")
    return int(cursor)


def _content(reply: Reply, envelope: str) -> Record:
    members = reply.json()
    content = members.get(envelope) if isinstance(members, Mapping) else None
    if not isinstance(content, Mapping):
        raise reply.unreadable(f"has no member {envelope}")
    return content
