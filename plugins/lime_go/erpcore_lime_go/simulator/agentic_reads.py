"""Reading over the Agentic API: resources, and lists with paging and a filter."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from .account import Account
from .agentic_kinds import Kind, Relation
from .agentic_protocol import Asked, Refusal, Reply
from .classic_views import shown_custom_fields
from .records import Owner, Record
from .switches import Switches

MAX_PAGE = 100


def etag(record: Record) -> str:
    """The record's ETag."""
    return f'"{record.id}:{record.revision}"'


class Reads:
    """Answers every GET.

    Args:
        account: the records.
        switches: gives the switches as they are now.
    """

    def __init__(self, account: Account, switches: Callable[[], Switches]) -> None:
        self._account = account
        self._switches = switches

    def one(self, kind: Kind, asked: Asked) -> Reply:
        """``GET /{type}/{id}``."""
        asked.caller.require(f"{kind.scope}:read")
        _only_known(asked, set())
        return self.single(kind, self.record(kind, asked.path("id")))

    def single(self, kind: Kind, record: Record) -> Reply:
        """The document of one record, with its ETag."""
        return Reply({"data": self.resource(kind, record), "included": []}, headers={"etag": etag(record)})

    def many(self, kind: Kind, asked: Asked) -> Reply:
        """``GET /{type}``."""
        asked.caller.require(f"{kind.scope}:read")
        _only_known(asked, {"page[size]", "page[after]"} | {f"filter[{name}]" for name in kind.filters})
        found = [r for r in self._account.of_type(kind.name) if self._passes(r, asked)]
        found.sort(key=lambda record: record.id)
        found, following = self._page(found, asked)
        data = [self.resource(kind, record) for record in found]
        if kind.name == "owners":
            links = {"self": _link(asked, None), "next": following}
            return Reply({"data": data, "links": links, "meta": {"truncated": following is not None}})
        return Reply({"data": data, "links": {"next": following}, "included": []})

    def record(self, kind: Kind, record_id: str) -> Record:
        """The record, or 404."""
        record = self._account.find(kind.name, record_id)
        if record is None:
            raise Refusal(404, f"There is no {kind.name} {record_id}.")
        return record

    def resource(self, kind: Kind, record: Record) -> dict[str, Any]:
        """A record as a JSON:API resource object."""
        resource: dict[str, Any] = {"attributes": self._attributes(kind, record), "id": record.id, "type": kind.name}
        if kind.name != "owners":
            resource["meta"] = {"revision": str(record.revision)}
            resource["relationships"] = {r.name: _relationship(kind, record, r) for r in kind.relations}
        return resource

    def _attributes(self, kind: Kind, record: Record) -> dict[str, Any]:
        shown = {name: _wire(getattr(record, name)) for name in kind.attributes}
        if "custom_fields" in shown:
            shown["custom_fields"] = shown_custom_fields(self._account, self._switches(), record)
        return shown

    def _passes(self, record: Record, asked: Asked) -> bool:
        if isinstance(record, Owner):
            return record.active
        since = asked.request.query_params.get("filter[updated_since]")
        return since is None or record.updated_at >= _moment(since)

    def _page(self, records: list[Record], asked: Asked) -> tuple[list[Record], str | None]:
        query = asked.request.query_params
        raw = query.get("page[size]", str(self._switches().default_page_size))
        size = int(raw) if raw.isdecimal() else 0
        if not 1 <= size <= MAX_PAGE:
            raise _bad_parameter("page[size]", f"page[size] is a number from 1 to {MAX_PAGE}")
        if after := query.get("page[after]"):
            last = _id_of_cursor(after)
            records = [record for record in records if record.id > last]
        following = _link(asked, records[size - 1].id, size) if len(records) > size else None
        return records[:size], following


def _relationship(kind: Kind, record: Record, relation: Relation) -> dict[str, Any]:
    value = getattr(record, relation.name)
    if not relation.many:
        return {"data": {"id": value, "type": relation.target} if value else None}
    own = f"/api/v1/{kind.name}/{record.id}/relationships/{relation.name}?page[size]={MAX_PAGE}"
    ids = sorted(value)
    more = len(ids) > MAX_PAGE
    following = f"{own}&page[after]={_cursor_of_id(ids[MAX_PAGE - 1])}" if more else None
    return {
        "data": [{"id": each, "type": relation.target} for each in ids[:MAX_PAGE]],
        "links": {"self": own, "next": following},
        "meta": {"truncated": more},
    }


def _wire(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _bad_parameter("filter[updated_since]", "filter[updated_since] is an ISO 8601 time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _link(asked: Asked, after: str | None, size: int | None = None) -> str:
    """This request's own path and query, with the cursor moved to after an id (links are without host)."""
    query = {k: v for k, v in asked.request.query_params.items() if k not in ("page[after]", "page[size]")}
    sizes = {"page[size]": str(size)} if size else {}
    if size is None and "page[size]" in asked.request.query_params:
        sizes = {"page[size]": asked.request.query_params["page[size]"]}
    cursor = {"page[after]": _cursor_of_id(after)} if after else {}
    parts = [f"{k}={quote(v, safe=',:-_')}" for k, v in {**query, **cursor, **sizes}.items()]
    return asked.request.url.path + ("?" + "&".join(parts) if parts else "")


def _cursor_of_id(record_id: str) -> str:
    return base64.urlsafe_b64encode(record_id.encode()).decode().rstrip("=")


def _id_of_cursor(cursor: str) -> str:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _bad_parameter("page[after]", "page[after] is no cursor of this API") from error


def _only_known(asked: Asked, known: set[str]) -> None:
    for name in asked.request.query_params:
        if name not in known:
            raise _bad_parameter(name, f"The parameter {name} is not known here.")


def _bad_parameter(name: str, detail: str) -> Refusal:
    return Refusal(400, detail, source={"parameter": name})
