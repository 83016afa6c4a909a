"""The Agentic change feed as events, and what to do when its cursor has expired.

The cursor that erpcore keeps holds more than Lime's: when it was read, and, while everything is read anew, how far that
has come. So reading anew is one page per call, survives a restart, and begins where the feed was last known.

The API shows no day of a win, and a change does not tell what was changed. So at the first reading, behind a
checkpoint, the deals that are won already are read once and told as history: erpcore then knows a later change of one
from a win. A deal won between the checkpoint and the reading of its page is among them, and its story says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from erpcore.errors import NotFoundError
from erpcore.models import CrmEvent, EventPage

from .jsonapi import JsonApi, Resource
from .settings import LimeGoSettings

Kind = Literal["deal_changed", "company_changed", "other"]
_KINDS: dict[str, Kind] = {"deals": "deal_changed", "companies": "company_changed"}


@dataclass(frozen=True)
class Place:
    """Where reading goes on.

    Args:
        cursor: Lime's cursor.
        read_at: When it was given, ISO 8601 with its zone.
        anew: The type that is being read anew, from `since`; None while the feed is followed.
        since: From when, ISO 8601 with its zone.
        link: The next page of it, or of `history`; None for the first.
        history: Whether the deals that are won already are being read, for the first time.
    """

    cursor: str
    read_at: str
    anew: str | None = None
    since: str | None = None
    link: str | None = None
    history: bool | None = None

    def written(self) -> str:
        """Give the text that erpcore keeps."""
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None})


def read_place(cursor: str) -> Place | None:
    """Read what erpcore kept; None when it is not ours, such as one that the classic API left.

    Args:
        cursor: The text.
    """
    try:
        place = Place(**json.loads(cursor))
        datetime.fromisoformat(place.read_at)
    except (ValueError, TypeError):
        return None
    return place


class Changes:
    """One connection's change feed.

    Args:
        api: The connection's API.
        settings: The connection's settings.
        may_be_won: Tells from a deal as a list shows it whether it is won, also where that is not shown.
    """

    def __init__(
        self,
        api: JsonApi,
        settings: LimeGoSettings,
        may_be_won: Callable[[Resource], bool],
    ) -> None:
        self._api = api
        self._may_be_won = may_be_won
        self._settings = settings
        self._clock = api.client.host.clock

    def fetch(self, cursor: str | None) -> EventPage:
        """Read one page.

        Args:
            cursor: What the page before gave. None, or one that is not ours, gives a checkpoint without events,
                behind which the deals that are won already follow as history.
        """
        place = None if cursor is None else read_place(cursor)
        if place is None:
            return EventPage(events=(), next_cursor=replace(self._checkpoint(), history=True).written(), more=True)
        if place.history:
            return self._page_of_history(place)
        if place.anew is not None:
            return self._page_anew(place, place.anew)
        now = self._now()
        try:
            found, following, more = self._api.changes(place.cursor)
        except NotFoundError as error:
            if error.status != 410:
                raise
            return self._begin_anew(place)
        events = [event for each in found if (event := self._event(each)) is not None]
        return EventPage(events=tuple(events), next_cursor=Place(following, now).written(), more=more)

    def _page_of_history(self, place: Place) -> EventPage:
        page = self._api.page("deals", link=place.link)
        events = [
            # Not the key of a change: a change that the feed tells of the same revision stands beside it.
            CrmEvent(
                key=f"history:deals:{resource['id']}", kind="deal_won", record_id=str(resource["id"]), history=True
            )
            for resource in page.items
            if resource.get("id") and self._may_be_won(resource)
        ]
        following = (
            Place(place.cursor, place.read_at) if page.next_cursor is None else replace(place, link=page.next_cursor)
        )
        return EventPage(events=tuple(events), next_cursor=following.written(), more=True)

    def _begin_anew(self, place: Place) -> EventPage:
        overlap = timedelta(hours=self._settings.resync_overlap_hours)
        since = datetime.fromisoformat(place.read_at) - overlap
        # The checkpoint comes first: what changes while everything is read anew is then in the feed behind it.
        fresh = replace(self._checkpoint(), anew=next(iter(_KINDS)), since=since.isoformat())
        return EventPage(events=(), next_cursor=fresh.written(), more=True)

    def _page_anew(self, place: Place, kind: str) -> EventPage:
        since = place.since or place.read_at
        page = self._api.page(kind, link=place.link, updated_since=since)
        events = [
            _changed(kind, str(resource["id"]), str((resource.get("meta") or {}).get("revision")))
            for resource in page.items
            if resource.get("id")
        ]
        kinds = list(_KINDS)
        later = kinds[kinds.index(kind) + 1 :] if kind in kinds else []
        if page.next_cursor is not None:
            following = replace(place, link=page.next_cursor)
        elif later:
            following = replace(place, anew=later[0], link=None)
        else:
            following = Place(place.cursor, place.read_at)
        return EventPage(events=tuple(events), next_cursor=following.written(), more=True)

    def _checkpoint(self) -> Place:
        now = self._now()
        return Place(self._api.changes(None)[1], now)

    def _now(self) -> str:
        return self._clock.now().isoformat()

    def _event(self, change: dict[str, Any]) -> CrmEvent | None:
        kind, record_id = change.get("resource_type"), change.get("resource_id")
        ours = self._settings.integration_id
        if kind not in _KINDS or not record_id or (ours is not None and change.get("origin_integration_id") == ours):
            return None
        deleted = change.get("deleted") is True
        return _changed(str(kind), str(record_id), str(change.get("revision")), deleted=deleted)


def _changed(kind: str, record_id: str, revision: str, *, deleted: bool = False) -> CrmEvent:
    # The revision makes the key: the same change told by the feed and by a reading anew is one event.
    return CrmEvent(
        key=f"{kind}:{record_id}:{revision}",
        kind="other" if deleted else _KINDS[kind],
        record_id=record_id,
        facts={"revision": revision} | ({"deleted": True} if deleted else {}),
    )
