"""Lime CRM's protocol: limeobject, limetype, query and subscription, and what its refusals mean.

Only forms that are published or that Lime's own client uses: lists with filters by property, ``_embed``, paging by the
query of ``_links.next`` (real servers put ``_offset`` there, Lime's documentation ``_offset_id``), partial PUT, and a
query with one leaf ordered by ``_id``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from erpcore.errors import (
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
)
from erpcore.host import Host, RateLimit
from erpcore.http import ApiClient, ListPage, Reply, RetryRules, StaticAuth, Timeouts, every, to_json

from .records import Record, from_hal
from .settings import LimeCrmSettings

_log = logging.getLogger(__name__)

HAL = "application/hal+json"
_MEANINGS: dict[int, tuple[type[RemoteError], str, str]] = {
    401: (
        AuthenticationError,
        "Lime CRM does not accept the API key.",
        "Put the user's present key in: a key that was made anew replaces the old one.",
    ),
    403: (
        PermissionDeniedError,
        "Lime CRM does not allow the API user to do this.",
        "Check the user's policies; for webhooks it must be in the group Webhook Users.",
    ),
    404: (NotFoundError, "Lime CRM has no such record or limetype.", "Check that it still exists in Lime CRM."),
}
_REFUSED = (400, 409, 422)


class LimeCrm:
    """One connection's protocol. Threads may share it.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    def __init__(self, settings: LimeCrmSettings, host: Host) -> None:
        self.connection = host.connection
        self.clock = host.clock
        self._settings = settings
        self._zone = settings.zone
        self._client = ApiClient(
            f"{settings.url}/api/v1",
            host,
            auth=StaticAuth(headers={"x-api-key": settings.api_key}),
            limits=[RateLimit(settings.rate_key, settings.requests_per_window, float(settings.window_seconds))],
            timeouts=Timeouts(settings.request_seconds),
            retry=RetryRules(attempts=settings.attempts),
            headers={"accept": HAL},
            error_reader=refusal,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ping(self) -> datetime | None:
        """Ask for the API's root, as Lime's own client does to try a key.

        Returns:
            The server's time, in whole seconds; None when it does not tell.
        """
        reply = self._client.read("")
        reply.json()
        try:
            told = parsedate_to_datetime(reply.headers.get("date", ""))
        except ValueError:
            return None
        return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)

    def one(self, limetype: str, key: str, *, embed: Sequence[str] = ()) -> Record:
        """Read an object.

        Args:
            limetype: Its limetype.
            key: Its id.
            embed: Relations to one other object that are read with it; empty names are left out.

        Raises:
            NotFoundError: There is none.
        """
        reply = self._client.read(self._with_embed(f"limeobject/{limetype}/{_id(limetype, key)}/", embed))
        return self._record(limetype, reply.record(), reply)

    def page(
        self,
        path: str,
        limetype: str,
        *,
        filters: Mapping[str, str] | None = None,
        embed: Sequence[str] = (),
        after: str | None = None,
    ) -> ListPage[Record]:
        """Read one page of a list.

        Args:
            path: Such as ``limeobject/order``, or ``limeobject/order/1012/orderrow`` for the objects behind a relation.
            limetype: What the objects are.
            filters: Property -> value that it must have, an option as its key.
            embed: As for `one`.
            after: What the page before gave as its next.
        """
        asked = [*(filters or {}).items(), ("_limit", str(self._settings.page_size))]
        asked += [("_embed", each) for each in embed if each]
        # How a server words the link when a limit is asked for is not known: what it leaves out is asked for again.
        linked = parse_qsl(after or "", keep_blank_values=True)
        named = {name for name, _ in linked}
        query = urlencode([*linked, *(each for each in asked if each[0] not in named)])
        reply = self._client.read(f"{path}/?{query}")
        records = [self._record(limetype, each, reply) for each in reply.records("_embedded", "limeobjects")]
        return ListPage(records, _next(reply))

    def all(self, path: str, limetype: str, **options: Any) -> Iterator[Record]:
        """Read a list to its end, page by page; arguments as for `page`."""
        return every(lambda after: self.page(path, limetype, after=after, **options))

    def find(self, limetype: str, name: str, value: str, *, embed: Sequence[str] = ()) -> list[Record]:
        """Find the objects whose property has exactly this value.

        Args:
            limetype: The limetype.
            name: The property.
            value: The value.
            embed: As for `one`.
        """
        found = self.all(f"limeobject/{limetype}", limetype, filters={name: value}, embed=embed)
        # Compared once more, since a text filter that ignores capitals or blanks would adopt another's record.
        return [each for each in found if each.text(name).strip() == value]

    def changed(self, limetype: str, names: Sequence[str], since: str, offset: int, limit: int) -> list[Record]:
        """Ask for objects that changed after a moment, ordered by id.

        Args:
            limetype: The limetype.
            names: Properties to show.
            since: ISO 8601.
            offset: How many to leave out.
            limit: How many to show.
        """
        wanted = dict.fromkeys(["_id", "_timestamp", "_createduser", "_updateduser", *names], "")
        asked = {
            "limetype": limetype,
            "responseFormat": {"object": wanted},
            "filter": {"key": "_timestamp", "op": ">", "exp": since},
            "limit": limit,
            "offset": offset,
            "orderBy": [{"_id": "ASC"}],
        }
        reply = self._client.read("query/", params={"q": to_json(asked).decode()})
        return [self._record(limetype, each, reply) for each in reply.records("objects")]

    def create(self, limetype: str, values: Mapping[str, Any], *, looked_for: bool = False) -> Record:
        """Make an object; a lost answer is for the caller to look up.

        Args:
            limetype: Its limetype.
            values: Its properties.
            looked_for: It is looked for first each time, and something else is made after it.
        """
        reply = self._client.write("POST", f"limeobject/{limetype}/", json=values, repeatable_call=looked_for)
        return self._record(limetype, reply.record(), reply)

    def change(self, limetype: str, key: int | str, values: Mapping[str, Any]) -> Record:
        """Change the properties that are given; doing it twice is the same as doing it once."""
        path = f"limeobject/{limetype}/{_id(limetype, str(key))}/"
        reply = self._client.write("PUT", path, json=values, idempotent=True)
        record = self._record(limetype, reply.record(), reply)
        known = self._settings.api_user_id
        if known is not None and record.updated_by is not None and record.updated_by != known:
            # With the wrong id, what erpcore writes is taken for changes by somebody else.
            _log.warning(
                "%s: api_user_id is %d, but what this key writes is by user %d. Correct the setting.",
                self.connection,
                known,
                record.updated_by,
            )
        return record

    def delete(self, limetype: str, key: int) -> None:
        """Delete an object; one that is gone already is no error."""
        try:
            self._client.write("DELETE", f"limeobject/{limetype}/{key}/", idempotent=True)
        except NotFoundError:
            return

    def limetype(self, name: str) -> dict[str, dict[str, Any]]:
        """Read a limetype's properties: name -> as the limetype interface shows it.

        Raises:
            NotFoundError: There is no such limetype.
        """
        reply = self._client.read(f"limetype/{quote(name, safe='')}/?_embed=properties")
        shown = reply.records("_embedded", "properties")
        return {str(each["name"]): each for each in shown if each.get("name")}

    def subscriptions(self) -> list[dict[str, Any]]:
        """Read all webhook subscriptions."""
        reply = self._client.read("subscription/")
        shown = reply.records()
        if not all("id" in each for each in shown):
            raise reply.unreadable("is no list of subscriptions")
        return shown

    def subscribe(self, values: Mapping[str, Any]) -> str:
        """Make a webhook subscription and give its key."""
        reply = self._client.write("POST", "subscription/", json=values)
        made = reply.record()
        if made.get("id") in (None, ""):
            raise reply.unreadable("does not show the subscription's id")
        return str(made["id"])

    def resubscribe(self, key: Any, values: Mapping[str, Any]) -> None:
        """Change a webhook subscription."""
        self._client.write("PUT", f"subscription/{quote(str(key), safe='')}/", json=values, idempotent=True)

    def _record(self, limetype: str, shown: Mapping[str, Any], reply: Reply) -> Record:
        record = from_hal(limetype, shown, self._zone)
        if record is None:
            raise reply.unreadable(f"shows no {limetype}")
        return record

    @staticmethod
    def _with_embed(path: str, embed: Sequence[str]) -> str:
        # In the path, since the parameter is repeated.
        asked = "&".join(f"_embed={each}" for each in embed if each)
        return f"{path}?{asked}" if asked else path


def refusal(reply: Reply) -> RemoteError | None:
    """Read a refusal.

    Args:
        reply: The answer.

    Returns:
        The error; None for answers that say nothing of their own, such as a server error.
    """
    told = reply.text.strip() if reply.content_type.endswith("json") else ""
    try:
        held = reply.json() if told else None
    except RemoteError:
        held = None
    if isinstance(held, dict):
        # The form of an error's body is not published: these members are tried.
        told = next((str(held[name]) for name in ("error", "message", "detail", "title") if held.get(name)), told)
    if reply.status in _MEANINGS:
        kind, message, advice = _MEANINGS[reply.status]
    elif reply.status in _REFUSED:
        kind, message, advice = RejectedError, "Lime CRM refuses the values.", "Mend the record, then send it again."
    else:
        return None
    return kind(
        message,
        connection=reply.connection,
        advice=advice,
        vendor_text=told[:500] or None,
        status=reply.status,
        request_id=reply.request_id,
    )


def _id(limetype: str, key: str) -> str:
    if not (key.isascii() and key.isdigit()):
        raise NotFoundError(
            f"“{key[:60]}” is no key of a record in Lime CRM.",
            record=f"{limetype} {key[:60]}",
            advice="Check the link.",
        )
    return key


def _next(reply: Reply) -> str | None:
    """Read what asks for the next page: the link's query, all of it. Its host may be the server's inner one."""
    links = reply.record().get("_links")
    link = links.get("next") if isinstance(links, dict) else None
    href = link.get("href") if isinstance(link, dict) else None
    if not isinstance(href, str):
        return None
    query = urlsplit(href).query
    if not query:
        raise reply.unreadable("has a link to a next page that asks for nothing")
    return query
