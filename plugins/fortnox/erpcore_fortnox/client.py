"""Fortnox's protocol: addresses, envelopes and lists.

Records travel in an envelope (``{"Order": {...}}``, ``{"Orders": [...]}``); a list tells its pages in
``MetaInformation``, and a page after the last one is never asked for (developer guide, Parameters).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from erpcore.host import Host, RateLimit
from erpcore.http import ApiClient, ListPage, Timeouts, every, page_number
from erpcore.models import CanonicalModel
from erpcore_fortnox import values
from erpcore_fortnox.auth import known_tenant, signed_in
from erpcore_fortnox.errors import read_error
from erpcore_fortnox.settings import FortnoxSettings

Record = Mapping[str, Any]
"""A record as Fortnox sent it."""

M = TypeVar("M", bound=CanonicalModel)

_KNOWN_BY = ("DocumentNumber", "CustomerNumber", "ArticleNumber", "InvoiceNumber", "Code")
"""Members that records are known and compared by."""


class FortnoxClient:
    """Asks and tells one company's Fortnox.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.

    Attributes:
        host: The same, for the company's day.

    Raises:
        ConsentNeededError: Nobody has given consent yet.
    """

    def __init__(self, settings: FortnoxSettings, host: Host) -> None:
        self.host = host
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
            path: Such as `path_of("orders", "7")`.
            envelope: The member that holds it, such as ``Order``.
            params: Query parameters.

        Raises:
            NotFoundError: No such record.
        """
        return self._api.read(path, params=params).record(envelope)

    def page(
        self,
        path: str,
        envelope: str,
        cursor: str | None = None,
        *,
        limit: int | None = None,
        params: Mapping[str, str | None] | None = None,
    ) -> ListPage[Record]:
        """Read one page of a list.

        Args:
            path: Such as ``orders``.
            envelope: The member that holds the records, such as ``Orders``.
            cursor: What the page before gave as its next; None for the first.
            limit: Records per page, the setting's when None.
            params: Filters. One of the register's own at most: combining them is not promised.
        """
        page, limit = page_number(cursor), limit or self._settings.page_size
        reply = self._api.read(path, params={**(params or {}), "page": page, "limit": limit})
        items, meta = reply.records(envelope, known_by=_KNOWN_BY), reply.record().get("MetaInformation")
        pages = values.whole(meta.get("@TotalPages")) if isinstance(meta, Mapping) else None
        last = page >= pages if pages is not None else len(items) != limit
        return ListPage(items, None if last or not items else str(page + 1))

    def all(self, path: str, envelope: str, **params: str | None) -> Iterator[Record]:
        """Read a list to its end, page by page. `params` as for `page`."""
        # A register that knows no pages gives the same one again.
        return every(lambda cursor: self.page(path, envelope, cursor, params=params), same_again_ends=True)

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
        record = reply.record(envelope)
        if record.get(key) in (None, ""):
            raise reply.unreadable(f"has no {key}")
        return record

    def put(self, path: str, envelope: str, payload: Record) -> Record:
        """Change a record. The same change twice is the same as once, so that it is repeated when it must be."""
        return self._api.write("PUT", path, json={envelope: payload}, idempotent=True).record(envelope)

    def act(self, path: str) -> Record:
        """Let Fortnox do something with a record, such as make an invoice of an order; all members of the answer."""
        return self._api.write("PUT", path).record()

    def add(self, path: str, envelope: str, payload: Record) -> None:
        """Make a record whose answer is of no interest, and which Fortnox takes once."""
        self._api.write("POST", path, json={envelope: payload}, repeatable_call=True)

    def change(self, path: str, envelope: str, payload: Record) -> None:
        """Change a record whose answer is of no interest. It is repeated when it must be."""
        self._api.write("PUT", path, json={envelope: payload}, idempotent=True)

    def changed_since(self, moment: datetime | None) -> str | None:
        """Give the parameter ``lastmodified``; None for all."""
        if moment is None:
            return None
        return values.last_modified(moment, self._zone, timedelta(seconds=self._settings.overlap_seconds))
