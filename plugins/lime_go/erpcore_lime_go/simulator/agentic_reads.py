"""Reading over the Agentic API: resources, lists with paging, filters, sorting, and relationship lists."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from .account import Account
from .agentic_kinds import KINDS, Kind, Relation
from .agentic_protocol import Asked, Refusal, Reply
from .classic_views import shown_custom_fields
from .records import Owner, Record, Task
from .switches import Switches

MAX_PAGE = 100
MAX_INCLUDE = 2
_FIELD_OF_ATTRIBUTE = {"type": "activity_type"}


def etag(record: Record) -> str | None:
    """The record's ETag; owners have none."""
    return None if isinstance(record, Owner) else f'"{record.id}:{record.revision}"'


def etag_header(record: Record) -> dict[str, str]:
    """The record's ETag as a reply header."""
    tag = etag(record)
    return {"etag": tag} if tag else {}


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
        _only_known(asked, {"include", f"fields[{kind.name}]"} if kind.name != "owners" else set())
        record = self.record(kind, asked.path("id"))
        return self.single(kind, record, self._fields(kind, asked), self._included_names(kind, asked))

    def single(
        self, kind: Kind, record: Record, fields: frozenset[str] | None = None, include: Iterable[str] = ()
    ) -> Reply:
        """The document of one record, with its ETag."""
        document: dict[str, Any] = {"data": self.resource(kind, record, fields)}
        if kind.name != "owners":
            document["included"] = self._included(kind, [record], include)
        return Reply(document, headers=etag_header(record))

    def many(self, kind: Kind, asked: Asked) -> Reply:
        """``GET /{type}``."""
        asked.caller.require(f"{kind.scope}:read")
        paging = {"page[size]", "page[after]"}
        shaping = {"sort", "include", f"fields[{kind.name}]"} if kind.name != "owners" else set()
        _only_known(asked, paging | shaping | {f"filter[{name}]" for name in kind.filters})
        sort = asked.request.query_params.get("sort", "id")
        if sort not in ("id", "-id"):
            raise _bad_parameter("sort", "sort is id or -id")
        backwards = sort == "-id"
        found = [r for r in self._account.of_type(kind.name) if self._passes(kind, r, asked)]
        found.sort(key=lambda record: record.id, reverse=backwards)
        found, following = self._page([record.id for record in found], found, asked, backwards=backwards)
        names = self._included_names(kind, asked)
        fields = self._fields(kind, asked)
        data = [self.resource(kind, record, fields) for record in found]
        if kind.name == "owners":
            links = {"self": _link(asked, None), "next": following}
            return Reply({"data": data, "links": links, "meta": {"truncated": following is not None}})
        included = self._included(kind, found, names)
        return Reply({"data": data, "links": {"next": following}, "included": included})

    def related(self, kind: Kind, relation: Relation, asked: Asked) -> Reply:
        """``GET /{type}/{id}/relationships/{name}``."""
        asked.caller.require(f"{kind.scope}:read")
        _only_known(asked, {"page[size]", "page[after]"})
        return self.linkage(self.record(kind, asked.path("id")), relation, asked)

    def linkage(self, record: Record, relation: Relation, asked: Asked) -> Reply:
        """A page of a to-many relationship, with the parent's ETag."""
        ids = sorted(getattr(record, relation.name))
        shown, following = self._page(ids, ids, asked, backwards=False, default=MAX_PAGE)
        document = {
            "data": [{"id": each, "type": relation.target} for each in shown],
            "links": {"self": _link(asked, None), "next": following},
            "meta": {"truncated": following is not None},
        }
        return Reply(document, headers=etag_header(record))

    def record(self, kind: Kind, record_id: str) -> Record:
        """The record, or 404. A coworker who has left is not among the owners."""
        record = self._account.find(kind.name, record_id)
        if record is None or (isinstance(record, Owner) and not record.active):
            raise Refusal(404, f"There is no {kind.name} {record_id}.")
        return record

    def resource(self, kind: Kind, record: Record, fields: frozenset[str] | None = None) -> dict[str, Any]:
        """A record as a JSON:API resource object."""
        resource: dict[str, Any] = {
            "attributes": self._attributes(kind, record, fields),
            "id": record.id,
            "type": kind.name,
        }
        if kind.name != "owners":
            resource["meta"] = {"revision": str(record.revision)}
            resource["relationships"] = {r.name: _relationship(kind, record, r) for r in kind.relations}
        return resource

    def _attributes(self, kind: Kind, record: Record, fields: frozenset[str] | None) -> dict[str, Any]:
        shown = {}
        for name in kind.attributes:
            if fields is not None and name not in fields:
                continue
            if name == "description_format" and fields is None and _is_plain(record):
                continue  # seen: left out of a default answer when the task is plain text
            if name == "custom_fields":
                shown[name] = shown_custom_fields(self._account, self._switches(), record)
            else:
                shown[name] = _wire(getattr(record, _FIELD_OF_ATTRIBUTE.get(name, name)))
        return shown

    def _passes(self, kind: Kind, record: Record, asked: Asked) -> bool:
        if isinstance(record, Owner):
            return record.active
        query = asked.request.query_params
        name, status, since = (query.get(f"filter[{f}]") for f in ("name", "status", "updated_since"))
        if name is not None and not self._name_fits(str(vars(record).get("name")), name):
            return False
        if status is not None and vars(record).get("status") != status:
            return False
        return since is None or record.updated_at >= _moment(since)

    def _name_fits(self, name: str, wanted: str) -> bool:
        name, wanted = name.casefold(), wanted.casefold()
        match self._switches().name_filter:
            case "exact":
                return name == wanted
            case "prefix":
                return name.startswith(wanted)
            case _:
                return wanted in name

    def _page(
        self, ids: list[str], records: list[Any], asked: Asked, *, backwards: bool, default: int | None = None
    ) -> tuple[list[Any], str | None]:
        query = asked.request.query_params
        raw = query.get("page[size]", str(default or self._switches().default_page_size))
        size = int(raw) if raw.isdecimal() else 0
        if not 1 <= size <= MAX_PAGE:
            raise _bad_parameter("page[size]", f"page[size] is a number from 1 to {MAX_PAGE}")
        if after := query.get("page[after]"):
            last = _id_of_cursor(after)
            records = [r for each, r in zip(ids, records, strict=True) if (each < last if backwards else each > last)]
            ids = [each for each in ids if (each < last if backwards else each > last)]
        following = _link(asked, ids[size - 1], size) if len(ids) > size else None
        return records[:size], following

    def _fields(self, kind: Kind, asked: Asked) -> frozenset[str] | None:
        parameter = f"fields[{kind.name}]"
        asked_for = asked.request.query_params.get(parameter)
        if asked_for is None:
            return None
        fields = frozenset(filter(None, asked_for.split(",")))
        if strangers := fields - set(kind.attributes) - {r.name for r in kind.relations}:
            raise _bad_parameter(parameter, f"{kind.name} has no field {', '.join(sorted(strangers))}")
        return fields

    def _included_names(self, kind: Kind, asked: Asked) -> list[str]:
        names = [name for name in asked.request.query_params.get("include", "").split(",") if name]
        to_one = {relation.name for relation in kind.relations if not relation.many}
        if not set(names) <= to_one or len(names) > MAX_INCLUDE:
            allowed = ", ".join(sorted(to_one)) or "nothing"
            raise _bad_parameter("include", f"{kind.name} can include at most {MAX_INCLUDE} of: {allowed}")
        return names

    def _included(self, kind: Kind, records: list[Any], names: Iterable[str]) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for name in names:
            target = KINDS[next(r.target for r in kind.relations if r.name == name)]
            for record in records:
                related = self._account.find(target.name, getattr(record, name))
                if related is not None:
                    found[related.id] = self.resource(target, related)
        return list(found.values())


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


def _is_plain(record: Record) -> bool:
    return isinstance(record, Task) and record.description_format == "plain_text"


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
