"""Visma's protocol: lists in an envelope ``{Meta, Data}``, OData filters, and changes that replace the whole record.

Which members a list can be filtered by is only partly announced. So a filter is tried, and when Visma refuses it, the
list is read without it; what is found is compared here in any case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from erpcore.errors import RejectedError
from erpcore.host import Host, RateLimit
from erpcore.http import ApiClient, ListPage, Params, Timeouts, every, page_number
from erpcore.models import CanonicalModel
from erpcore_visma_eaccounting import values
from erpcore_visma_eaccounting.auth import signed_in
from erpcore_visma_eaccounting.errors import QUERY_REFUSED, read_error
from erpcore_visma_eaccounting.settings import VismaEAccountingSettings

Record = Mapping[str, Any]
"""A record as Visma sent it."""

M = TypeVar("M", bound=CanonicalModel)

_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d[\w:.+-]*")
_ORDER: Mapping[str, str] = {
    "customers": "CustomerNumber",
    "articles": "Number",
    "orders": "CreatedUtc",
    "customerinvoicedrafts": "CreatedUtc",
    "customerinvoices": "CreatedUtc",
    "customerledgeritems": "InvoiceNumber",
    "currencies": "Code",
}
"""What pages are sorted by, so that nothing is passed over between two of them: what never changes of a record."""
_OTHERWISE = "Name"

_KNOWN_BY = ("Id", "Number", "CustomerNumber", "InvoiceNumber", "Code")
"""Members that records are known and compared by."""


class VismaClient:
    """Asks and tells one company's Visma eAccounting.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.

    Attributes:
        host: The same, for its clock.
    """

    def __init__(self, settings: VismaEAccountingSettings, host: Host) -> None:
        self.host = host
        self._settings = settings
        self._refused: set[tuple[str, str]] = set()
        self._api = ApiClient(
            f"{settings.base_url}/v2",
            host,
            auth=signed_in(settings, host),
            limits=self._limits,
            timeouts=Timeouts(settings.request_seconds),
            error_reader=read_error,
        )

    def close(self) -> None:
        """Close all connections."""
        self._api.close()

    def get(self, path: str, member: str | None = None) -> Record:
        """Read one record.

        Args:
            path: Such as `path_of("customers", "38fe43cc-…")`.
            member: What each record of the kind has; an answer without it is none.

        Raises:
            NotFoundError: No such record.
            MalformedReplyError: The answer is no such record.
        """
        reply = self._api.read(path)
        record = reply.record()
        if member is not None and member not in record:
            raise reply.unreadable(f"shows no {member}")
        return record

    def page(
        self, path: str, cursor: str | None = None, filters: Sequence[str] = (), params: Params | None = None
    ) -> ListPage[Record]:
        """Read one page of a list.

        Args:
            path: Such as ``customers``.
            cursor: What the page before gave as its next; None for the first.
            filters: OData filters, the narrowest first; those that Visma refuses are passed over, and in the end the
                list comes unfiltered.
            params: The list's own parameters.
        """
        number = page_number(cursor)
        for text in filters:
            if (path, _form(text)) in self._refused:
                continue
            try:
                return self._page(path, number, {**(params or {}), "$filter": text})
            except RejectedError as error:
                if error.vendor_code != QUERY_REFUSED:
                    raise
                self._refused.add((path, _form(text)))
        return self._page(path, number, params or {})

    def all(
        self,
        path: str,
        *filters: str,
        fits: Callable[[Record], bool] = lambda record: True,
        params: Params | None = None,
    ) -> Iterator[Record]:
        """Read a list to its end, page by page.

        Args:
            path: As for `page`.
            *filters: As for `page`.
            fits: Which of the records are wanted; filters find too much, or are refused.
            params: As for `page`.
        """
        return filter(fits, every(lambda cursor: self.page(path, cursor, filters, params)))

    def post(self, path: str, payload: Record, *, again: bool = False) -> Record:
        """Make a record.

        Args:
            path: The register.
            payload: What to send.
            again: The hook may be called again whatever becomes of it; see `ApiClient.write`.

        Raises:
            OutcomeUnknownError: It may have been made.
        """
        reply = self._api.write("POST", path, json=payload, repeatable_call=again)
        record = reply.record()
        if not record.get("Id"):
            raise reply.unreadable("has no Id")
        return record

    def act(self, path: str) -> None:
        """Let Visma do something with a record that is seen on it the next time, and whose answer is of no interest."""
        self._api.write("POST", path, json={}, repeatable_call=True)

    def change(self, path: str, changes: Record) -> Record:
        """Change members of a record, and leave the others as they are.

        A change replaces the whole record at Visma, and what it leaves out is emptied (seen at a real company). So the
        record is read and sent back as it came, with these members in place of its own. Members that Visma alone sets
        go along, and are passed over there.

        Args:
            path: The record.
            changes: The members that shall be otherwise.

        Returns:
            The record as it is then.
        """
        held = self.get(path)
        if all(name in held and held[name] == value for name, value in changes.items()):
            return held
        return self._api.write("PUT", path, json={**held, **changes}, idempotent=True).record()

    def _limits(self, method: str, path: str) -> Sequence[RateLimit]:
        """Count per application and address, over all companies (official page on rate limits).

        Whether an address with another id is another one is unconfirmed; they are counted together.
        """
        address = "/".join("{id}" if values.is_key(part) else part for part in path.split("/"))
        return [
            RateLimit(
                key=f"visma_eaccounting:{self._settings.client_id}:{address}",
                limit=self._settings.requests_per_window,
                seconds=self._settings.window_seconds,
                margin=self._settings.window_margin_seconds,
            )
        ]

    def _page(self, path: str, number: int, params: Params) -> ListPage[Record]:
        paging: Params = {
            "$page": number,
            "$pagesize": self._settings.page_size,
            "$orderby": _ORDER.get(path, _OTHERWISE),
        }
        reply = self._api.read(path, params={**params, **paging})
        items, pages = reply.records("Data", known_by=_KNOWN_BY), reply.record("Meta").get("TotalNumberOfPages")
        if not isinstance(pages, int):
            raise reply.unreadable("does not tell the number of pages")
        return ListPage(items, str(number + 1) if items and number < pages else None)


def quoted(text: str) -> str:
    """Write a text as it stands in a filter."""
    return "'" + text.replace("'", "''") + "'"


def instant(moment: datetime) -> str:
    """Write a moment as it stands in a filter: ``2026-11-22T13:03:07Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _form(text: str) -> str:
    """Give a filter without its values: whether Visma takes it does not depend on them."""
    return _LITERAL.sub("?", text)
