"""The Agentic API's protocol: JSON:API documents, paging, errors, and changing a record that others change too.

Rules seen in the replies recorded by a public client of the pilot (October 2026): the media type, ``links.next``, the
error form, ETags, ``Idempotency-Key`` and the rate headers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from erpcore.errors import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    RejectedError,
    RemoteError,
)
from erpcore.http import ApiClient, ListPage, Reply, every, to_json

MEDIA_TYPE = "application/vnd.api+json"
BASE = "api/v1"
PAGE = 100
"""The largest page (the API refuses more)."""
_ATTEMPTS = 5
_LONGEST_RESET = 120

Resource = dict[str, Any]
Change = Callable[[Resource], Mapping[str, Any] | None]

_MEANINGS: dict[int, tuple[type[RemoteError], str, str | None]] = {
    401: (
        AuthenticationError,
        "Lime Go does not accept the access token.",
        "Check client_id and client_secret; a client made before API access was enabled never works: make a new one.",
    ),
    403: (PermissionDeniedError, "The integration may not do that.", "Give it the scope in Lime Go."),
    404: (NotFoundError, "Lime Go has no such record.", "Check in Lime Go that it was not deleted."),
    409: (ConflictError, "The record in Lime Go exists already or has changed.", "Send it again."),
    410: (NotFoundError, "The place in Lime Go's change feed is no longer known.", "It is read anew by itself."),
    412: (ConflictError, "The record in Lime Go was changed meanwhile.", "Send it again."),
    428: (ConflictError, "Lime Go wants to know which version of the record is changed.", "Send it again."),
    400: (RejectedError, "Lime Go does not understand the request.", "Please report it to the plugin's author."),
    422: (RejectedError, "Lime Go refuses the values.", "Mend the record, then send it again."),
    429: (RateLimitedError, "Lime Go says that requests come too fast.", None),
}


class JsonApi:
    """Asks one account over the Agentic API.

    Args:
        client: The connection's client; its base address is the host.
    """

    def __init__(self, client: ApiClient) -> None:
        self.client = client

    def one(self, kind: str, record_id: str) -> tuple[Resource, Reply]:
        """Read one record.

        Args:
            kind: JSON:API type, such as ``deals``.
            record_id: Its id.

        Returns:
            The record and the answer.

        Raises:
            NotFoundError: There is no such record.
        """
        try:
            reply = self.client.read(_path(kind, record_id))
        except NotFoundError as error:
            error.record = error.record or f"{kind} {record_id}"
            raise
        return reply.record("data"), reply

    def page(self, kind: str, *, link: str | None = None, **filters: str) -> ListPage[Resource]:
        """Read one page of a list.

        Args:
            kind: JSON:API type.
            link: What the page before gave as its next; None for the first.
            filters: ``updated_since`` and the like, for the first page.
        """
        params = {"page[size]": str(PAGE)} | {f"filter[{name}]": value for name, value in filters.items()}
        reply = self.client.read(link or f"{BASE}/{kind}", params=None if link else params)
        following = (reply.record().get("links") or {}).get("next")
        return ListPage(reply.records("data", known_by=("id",)), following if isinstance(following, str) else None)

    def all(self, kind: str) -> Iterator[Resource]:
        """Read a whole list, page by page."""
        return every(lambda link: self.page(kind, link=link))

    def changes(self, cursor: str | None) -> tuple[list[dict[str, Any]], str, bool]:
        """Read the change feed.

        Args:
            cursor: Where to go on; None for a checkpoint, which gives no changes.

        Returns:
            The changes' attributes, the next cursor, and whether more is waiting.

        Raises:
            NotFoundError: The cursor has expired (``vendor_code`` is ``cursor_expired``).
        """
        reply = self.client.read(f"{BASE}/changes", params={"cursor": cursor})
        document = reply.record()
        meta = document.get("meta")
        if not isinstance(meta, dict) or not isinstance(meta.get("cursor"), str):
            raise reply.unreadable("has no cursor")
        found = [resource.get("attributes", resource) for resource in _resources(document.get("data"))]
        return found, meta["cursor"], meta.get("has_more") is True

    def change(self, kind: str, record_id: str, change: Change, correlation_id: str) -> None:
        """Change a record that others may change at the same moment.

        It is read, the change is worked out from what it is now, and written with its ETag; when it has changed
        meanwhile it is read again.

        Args:
            kind: JSON:API type.
            record_id: Its id.
            change: Gives the attributes to write from the record as it is, or None when nothing has to change.
            correlation_id: Names the work; the same work on the same version is sent under the same key, so that the
                system does it once however often it arrives.

        Raises:
            NotFoundError: There is no such record.
            ConflictError: It kept changing.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            record, reply = self.one(kind, record_id)
            attributes = change(record)
            if attributes is None:
                return
            etag = reply.headers.get("etag") or f'"{record_id}:{(record.get("meta") or {}).get("revision")}"'
            body = {"data": {"type": kind, "id": record_id, "attributes": dict(attributes)}}
            try:
                written = self.client.write(
                    "PATCH",
                    _path(kind, record_id),
                    body=to_json(body),
                    headers={
                        "content-type": MEDIA_TYPE,
                        "if-match": etag,
                        "idempotency-key": idempotency_key(correlation_id, etag, body),
                    },
                    idempotent=True,
                )
                _require_record(written, record_id)
            except RemoteError as error:
                error.record = error.record or f"{kind} {record_id}"
                if attempt == _ATTEMPTS or not isinstance(error, ConflictError):
                    raise
            else:
                return


def idempotency_key(correlation_id: str, etag: str, body: Mapping[str, Any]) -> str:
    """Give the key of a write: equal for the same work, version and content.

    Args:
        correlation_id: Names the work.
        etag: The version that is changed. A refusal of an older version must not be answered from memory.
        body: What is written.
    """
    return hashlib.sha256(to_json([correlation_id, etag, body])).hexdigest()


def agentic_error(reply: Reply) -> RemoteError | None:
    """Read an error document.

    Args:
        reply: The answer.

    Returns:
        The error; None for answers that say nothing of their own, such as a server error.
    """
    if reply.status not in _MEANINGS:
        return None
    kind, message, advice = _MEANINGS[reply.status]
    told = _first_error(reply)
    source = told.get("source")
    place = ", ".join(f"{name} {where}" for name, where in source.items()) if isinstance(source, dict) else ""
    detail = str(told.get("detail") or told.get("title") or "")
    return kind(
        message,
        connection=reply.connection,
        advice=advice,
        vendor_text=(f"{detail} ({place})" if place else detail)[:500] or None,
        vendor_code=str(told["code"]) if told.get("code") else None,
        status=reply.status,
        request_id=reply.request_id,
        retry_after=_reset(reply) if reply.status == 429 and "retry-after" not in reply.headers else None,
    )


def linked(resource: Mapping[str, Any], name: str) -> list[str] | None:
    """Give the ids that a relationship points to; None when the record does not show it.

    Args:
        resource: The record.
        name: The relationship.
    """
    relation = (resource.get("relationships") or {}).get(name)
    if not isinstance(relation, dict) or "data" not in relation:
        return None
    data = relation["data"]
    found = data if isinstance(data, list) else [data]
    return [str(each["id"]) for each in found if isinstance(each, dict) and each.get("id")]


def _path(kind: str, record_id: str) -> str:
    return f"{BASE}/{kind}/{quote(record_id, safe='')}"


def _resources(found: Any) -> list[Resource]:
    return [each for each in found or () if isinstance(each, dict)]


def _first_error(reply: Reply) -> dict[str, Any]:
    try:
        document = reply.json()
    except RemoteError:
        return {}
    errors = document.get("errors") if isinstance(document, dict) else None
    return errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}


def _reset(reply: Reply) -> float | None:
    """Read how long until the rate window has room; nobody has seen a Retry-After of this API."""
    written = reply.headers.get("x-ratelimit-reset", "")
    # A large number would be a point in time; what the header counts is not confirmed.
    return float(written) if written.isascii() and written.isdigit() and int(written) <= _LONGEST_RESET else None


def _require_record(reply: Reply, record_id: str) -> None:
    """Refuse to take an answer for success that is not the record that was written."""
    data = reply.record().get("data")
    if not isinstance(data, dict) or data.get("id") != record_id:
        raise reply.unreadable("does not hold the record that was written")
