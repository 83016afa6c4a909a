"""The classic event feed, read so that nothing is used up before it is stored.

The server keeps the position: a plain read gives the oldest 50 and moves on for good (Lime Go API reference, Event
feed). ``peek=true`` does not move on (seen in public client code). So events are only ever peeked at, and a page is let
go by one plain read once it is stored *and full*: then the plain read gives the same 50, and nothing can slip in
between. A page that is not full stays where it is and is told again, with the same keys.

How old the events are that a key finds at its first reading is not published, and events need not tell their time. So
until the feed's end was reached once, they are told as history; the cursor that erpcore keeps says whether it was.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

from erpcore.errors import ConflictError
from erpcore.http import ApiClient, Reply
from erpcore.models import CrmEvent, EventPage

from .events import read_events
from .settings import LimeGoSettings

_LOG = logging.getLogger(__name__)
PATH = "event/feed/"
FOLLOWED = "followed"
"""The cursor once the feed's end was reached."""


class Feed:
    """One connection's feed.

    Args:
        client: The connection's client.
        settings: The connection's settings.
    """

    def __init__(self, client: ApiClient, settings: LimeGoSettings) -> None:
        self._client = client
        self._settings = settings
        self._lock = threading.Lock()
        self._rescued: list[CrmEvent] = []

    def peek(self, cursor: str | None) -> EventPage:
        """Read the oldest events without using them up.

        Args:
            cursor: What the page before gave; anything but `FOLLOWED` makes the events history.
        """
        with self._lock:
            rescued, self._rescued = self._rescued, []
        if rescued:
            # Not let go by `let_go`: they are no longer the oldest of the feed, so the keys do not fit.
            return EventPage(events=_aged(rescued, cursor), more=True)
        events = self._events(self._client.read(PATH, params={"peek": "true"}))
        more = len(events) >= self._settings.feed_page
        following = None if more or cursor == FOLLOWED else FOLLOWED
        return EventPage(events=_aged(events, cursor), next_cursor=following, more=more)

    def let_go(self, page: EventPage) -> int:
        """Move the feed on past a full page that is stored.

        Args:
            page: What `peek` gave.

        Returns:
            How many events were used up: all of the page, or none when it is not full or is not the oldest any more.

        Raises:
            ConflictError: Somebody else reads this feed too, and we used up events that were not stored. They are held
                in memory and come with the next `peek`.
        """
        keys = [event.key for event in page.events]
        if len(keys) < self._settings.feed_page:
            return 0
        if _keys(self._events(self._client.read(PATH, params={"peek": "true"}))) != keys:
            _LOG.info("%s: the page was let go already, or by somebody else", self._client.connection)
            return 0
        # Not marked as one that may be repeated: a second plain read would use up the next page.
        taken = self._events(self._client.write("GET", PATH, params={"peek": "false"}, repeatable_call=True))
        strangers = [event for event in taken if event.key not in set(keys)]
        if strangers:
            with self._lock:
                self._rescued += strangers
            raise ConflictError(
                f"Another program reads the event feed with the same key: {len(strangers)} events came that were not "
                f"read before ({', '.join(_keys(strangers)[:5])} …).",
                connection=self._client.connection,
                advice="They are kept and come with the next reading. Give each program an API key of its own.",
            )
        return len(taken)

    def _events(self, reply: Reply) -> list[CrmEvent]:
        return read_events(feed_items(reply), self._settings.event_names)


def feed_items(reply: Reply) -> list[Any]:
    """Read the items of an answer of the feed.

    Args:
        reply: The answer.

    Raises:
        MalformedReplyError: It has no items.
    """
    body = reply.json()
    items = body.get("items") if isinstance(body, dict) else body
    if not isinstance(items, list):
        raise reply.unreadable("has no list “items”")
    return items


def _aged(events: Sequence[CrmEvent], cursor: str | None) -> tuple[CrmEvent, ...]:
    if cursor == FOLLOWED:
        return tuple(events)
    return tuple(event.model_copy(update={"history": True}) for event in events)


def _keys(events: Sequence[CrmEvent]) -> list[str]:
    return [event.key for event in events]
