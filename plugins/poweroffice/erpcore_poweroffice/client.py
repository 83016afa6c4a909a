"""PowerOffice's protocol: bare JSON arrays in pages, 204 for an empty list, JSON Patch for changes.

A list's header ``X-Pagination`` tells whether a page follows (``nextPageLink``). Where the header is not sent, a page
that is not full is the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from erpcore.host import Host
from erpcore.http import ApiClient, ListPage, Params, Reply, Timeouts, every, from_json, page_number
from erpcore.models import CanonicalModel
from erpcore_poweroffice.auth import SUBSCRIPTION_HEADER, rate_limit, signed_in
from erpcore_poweroffice.errors import read_error
from erpcore_poweroffice.settings import PowerOfficeSettings

Record = Mapping[str, Any]
"""A record as PowerOffice sent it."""

M = TypeVar("M", bound=CanonicalModel)
T = TypeVar("T")

_LOOKS = 4
"""How often a record that must be there is looked for again."""
_PATCH = {"content-type": "application/json-patch+json"}

_KNOWN_BY = ("Id", "Number", "Code", "SalesOrderNo", "InvoiceNo", "ExternalImportReference")
"""Members that records are known and compared by."""


class PowerOfficeClient:
    """Asks and tells one company's PowerOffice Go.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    def __init__(self, settings: PowerOfficeSettings, host: Host) -> None:
        self.host = host
        self._page_size = settings.page_size
        self._fence_seconds = settings.fence_seconds
        self._api = ApiClient(
            f"{settings.base_url}/v2",
            host,
            auth=signed_in(settings, host),
            limits=[rate_limit(settings)],
            timeouts=Timeouts(settings.request_seconds),
            headers={SUBSCRIPTION_HEADER: settings.subscription_key.get_secret_value()},
            error_reader=read_error,
        )

    def close(self) -> None:
        """Close all connections."""
        self._api.close()

    def get(self, path: str, **params: str | int | None) -> Record:
        """Read one record.

        Args:
            path: Such as `path_of("Customers", "17")`.
            params: Query parameters.

        Raises:
            NotFoundError: No such record.
        """
        return self._api.read(path, params=params).record()

    def page(
        self, path: str, cursor: str | None = None, *, size: int | None = None, params: Params | None = None
    ) -> ListPage[Record]:
        """Read one page of a list.

        Args:
            path: Such as ``Customers``.
            cursor: What the page before gave as its next; None for the first.
            size: Records per page; the setting's when None.
            params: Filters, and which members to show (``Fields``).
        """
        page, size = page_number(cursor), size or self._page_size
        reply = self._api.read(path, params={**(params or {}), "PageNumber": page, "PageSize": size})
        if reply.status == 204:
            return ListPage([], None)
        items = reply.records(known_by=_KNOWN_BY)
        return ListPage(items, None if _is_last(reply, full=len(items) >= size) else str(page + 1))

    def all(self, path: str, **params: str | int | None) -> Iterator[Record]:
        """Read a list to its end, page by page. `params` as for `page`."""
        return every(lambda cursor: self.page(path, cursor, params=params))

    def state(self, path: str, **params: str | int | None) -> Record | None:
        """Read a record that may come alone, as a list of one, or not at all (204); None then.

        Descriptions differ on which of these ``SentState`` gives.
        """
        reply = self._api.read(path, params=params)
        if reply.status == 204:
            return None
        if isinstance(reply.json(), list):
            return next(iter(reply.records()), None)
        return reply.record()

    def in_time(self, look: Callable[[], T | None]) -> T | None:
        """Look for a record that must be there, and again until the fence is over.

        What is read may lag behind what was written a moment ago (confirmed for the older interface alone), and an
        order that was just made must not be told as missing.

        Args:
            look: Gives the record; None when it is not seen.
        """
        for _ in range(_LOOKS):
            if (found := look()) is not None or not self._fence_seconds:
                return found
            self.host.clock.sleep(self._fence_seconds / _LOOKS)
        return look()

    def post(self, path: str, payload: Record, *, key: str, again: bool = False) -> Record:
        """Make a record.

        Args:
            path: The register.
            payload: What to send.
            key: The member of the answer that must be there.
            again: The hook may be called again whatever becomes of it; see `ApiClient.write`.

        Raises:
            OutcomeUnknownError: It may have been made.
        """
        reply = self._api.write("POST", path, json=payload, repeatable_call=again)
        record = reply.record()
        if record.get(key) in (None, ""):
            raise reply.unreadable(f"has no {key}")
        return record

    def act(self, path: str, payload: Record) -> None:
        """Let PowerOffice begin something whose answer says no more than that it was begun (202)."""
        self._api.write("POST", path, json=payload)

    def patch(self, path: str, changes: Record) -> None:
        """Change members of a record. The same change twice is the same as once, so it is repeated when it must be.

        Args:
            path: The record.
            changes: The members to replace; None empties one.
        """
        operations = [{"op": "replace", "path": f"/{name}", "value": value} for name, value in changes.items()]
        self._api.write("PATCH", path, json=operations, headers=_PATCH, idempotent=True)


def members(names: Sequence[str]) -> str:
    """Write the parameter ``Fields``: which members of the records to show."""
    return ",".join(names)


def _is_last(reply: Reply, *, full: bool) -> bool:
    told = reply.headers.get("x-pagination")
    if told is None:
        return not full
    try:
        pagination = from_json(told.encode()) if told.strip() else {}
    except ValueError:
        return not full
    links = {str(name).lower(): value for name, value in pagination.items()} if isinstance(pagination, dict) else {}
    return not links.get("nextpagelink")
