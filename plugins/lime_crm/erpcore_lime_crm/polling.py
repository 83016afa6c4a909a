"""Reading what happened: orders and companies by their status, other changes by the time of change.

One round reads each list to its end, one page per call. A list by status needs no memory: an order that is ready is
told in every round until it is not ready any more, always under the same key. A list by time begins `overlap_seconds`
before the newest change known, since Lime CRM's clock and the order of commits are not ours to know; what is told
twice has the same key. The time is always Lime CRM's own.

Where companies are read by time, those that wait for being sent are told by that list. By their status they are then
only read now and then, for what it may have missed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from erpcore.errors import NotFoundError, PermissionDeniedError, RejectedError
from erpcore.models import CrmEvent, EventPage

from .client import LimeCrm
from .events import event_of
from .records import Record
from .settings import LimeCrmSettings

_log = logging.getLogger(__name__)
_QUERY_PAGE = 200
"""What Lime's own client asks the Query API for at a time."""
_LOOKED_EVERY = timedelta(minutes=10)
"""Between two readings of companies by their status where their changes are read by time too."""
_PAGE_OVERLAP = 10
"""How many objects two pages of a query share: one that is deleted between them moves the later ones forward."""


@dataclass(frozen=True)
class Source:
    """One list that a round reads.

    Attributes:
        limetype: Its limetype.
        status: Property and option key, for a list by status; None for one by time.
    """

    limetype: str
    status: tuple[str, str] | None = None


@dataclass(frozen=True)
class Place:
    """Where reading goes on.

    Attributes:
        newest: Limetype -> the newest change known, ISO 8601 in UTC.
        learnt: Limetype -> when that was learnt, by our own clock.
        first: Limetype -> when it was read first, by Lime CRM's clock; what changed before is history.
        source: Number of the list that is being read.
        at: Where in it; empty for its beginning.
        seen: The newest change seen in this list so far.
        since: Where this list begins; the same for all its pages, or their offsets would not fit together.
        looked: When companies were last read by their status, by our own clock.
    """

    newest: Mapping[str, str] = field(default_factory=dict)
    learnt: Mapping[str, str] = field(default_factory=dict)
    first: Mapping[str, str] = field(default_factory=dict)
    source: int = 0
    at: str = ""
    seen: str = ""
    since: str = ""
    looked: str = ""

    def written(self) -> str:
        """Give the text that erpcore keeps."""
        return json.dumps(asdict(self), sort_keys=True)


def read_place(cursor: str | None) -> Place:
    """Read what erpcore kept; the beginning when it is not ours.

    Args:
        cursor: The text, or None.
    """
    try:
        place = Place(**json.loads(cursor or "{}"))
        looked = (place.looked,) if place.looked else ()
        for moment in (*place.newest.values(), *place.learnt.values(), *place.first.values(), *looked):
            if datetime.fromisoformat(moment).tzinfo is None:
                return Place()
        return place if place.source >= 0 else Place()
    except (ValueError, TypeError, AttributeError):
        return Place()


def sources(settings: LimeCrmSettings) -> list[Source]:
    """List what a round reads.

    Args:
        settings: The connection's settings.
    """
    order, company, keys = settings.order, settings.company, settings.company_status_keys
    found = [Source(order.limetype, (order.status, settings.order_status_keys.readytobesent))] if order.limetype else []
    if company.limetype and company.erp_status:
        wanted = (keys.readyforfirstsync, keys.updatesmade)
        found += [Source(company.limetype, (company.erp_status, key)) for key in wanted]
    if settings.watch_changes and settings.api_user_id is not None and company.limetype:
        found.append(Source(company.limetype))
    if settings.watch_deals and settings.deal.limetype:
        found.append(Source(settings.deal.limetype))
    return found


def last_by_status(lists: Sequence[Source], settings: LimeCrmSettings) -> Source | None:
    """Give the last list of companies by their status; None where there is none."""
    found = [each for each in lists if each.limetype == settings.company.limetype and each.status]
    return found[-1] if found else None


class Polling:
    """One connection's reading of what happened.

    Args:
        lime: The connection's protocol.
        settings: The connection's settings.
    """

    def __init__(self, lime: LimeCrm, settings: LimeCrmSettings) -> None:
        self._lime = lime
        self._settings = settings
        self._clock = lime.clock

    def fetch(self, cursor: str | None) -> EventPage:
        """Read one page of one list.

        Args:
            cursor: What the page before gave. Changes from before the first reading are history and are not told; what
                is ready by its status is.
        """
        place, lists = read_place(cursor), sources(self._settings)
        if place.source >= len(lists):
            place = replace(place, source=0, at="", seen="", since="")
        if not place.at:
            place = replace(place, source=self._next(lists, place, place.source))
        if place.source >= len(lists):
            return EventPage(events=())
        source = lists[place.source]
        try:
            found, following = self._by_status(source, place) if source.status else self._by_time(source, place)
        except (RejectedError, NotFoundError, PermissionDeniedError) as error:
            if source.limetype == self._settings.order.limetype:
                raise
            # Orders must not wait because another list cannot be read. Nothing is lost: it is begun anew next time, and
            # until then companies are looked for by their status in every round.
            _log.warning("%s: changes of %s cannot be read: %s", self._lime.connection, source.limetype, error)
            found, following = [], replace(place, at="", looked="")
        else:
            if not following.at and source == last_by_status(lists, self._settings):
                following = replace(following, looked=self._clock.now().isoformat())
        if not following.at:
            following = replace(following, source=self._next(lists, following, place.source + 1), seen="", since="")
        more = following.source < len(lists)
        if not more:
            following = replace(following, source=0)
        return EventPage(events=tuple(found), next_cursor=following.written(), more=more)

    def _next(self, lists: Sequence[Source], place: Place, start: int) -> int:
        """Give the number of the next list to read; beyond the last one when the round is over."""
        return next((number for number in range(start, len(lists)) if self._is_due(lists, place, number)), len(lists))

    def _is_due(self, lists: Sequence[Source], place: Place, number: int) -> bool:
        company = self._settings.company.limetype
        if lists[number].limetype != company or not lists[number].status or Source(company) not in lists:
            return True
        passed = self._clock.now() - datetime.fromisoformat(place.looked) if place.looked else None
        return passed is None or not timedelta(0) <= passed < _LOOKED_EVERY

    def _by_status(self, source: Source, place: Place) -> tuple[list[CrmEvent], Place]:
        name, key = source.status or ("", "")
        path = f"limeobject/{source.limetype}"
        found = self._lime.page(path, source.limetype, filters={name: key}, after=place.at or None)
        return self._events(found.items), replace(place, at=found.next_cursor or "")

    def _by_time(self, source: Source, place: Place) -> tuple[list[CrmEvent], Place]:
        newest = place.newest.get(source.limetype)
        if newest is None:
            now = (self._lime.ping() or self._clock.now()).isoformat()
            begun = replace(place, first={**place.first, source.limetype: now})
            return [], self._with_newest(begun, source, now)
        offset = int(place.at or 0)
        names = self._properties(source)
        since = place.since or self._since(place, source, newest).isoformat()
        records = self._lime.changed(source.limetype, names, since, offset, _QUERY_PAGE)
        times = [each.timestamp.isoformat() for each in records if each.timestamp]
        seen = max([place.seen or newest, *times], key=datetime.fromisoformat)
        if len(records) == _QUERY_PAGE:
            following = replace(place, at=str(offset + _QUERY_PAGE - _PAGE_OVERLAP), seen=seen, since=since)
        else:
            following = self._with_newest(place, source, seen)
        return self._events(records), following

    def _since(self, place: Place, source: Source, newest: str) -> datetime:
        """Tell where reading begins.

        The overlap shrinks with the time that passed since the newest change was learnt, so that after a large import
        the same objects are not read for ever. Only how long it is ago counts, not what our clock shows.
        """
        learnt = datetime.fromisoformat(place.learnt.get(source.limetype, self._clock.now().isoformat()))
        passed = max(0.0, (self._clock.now() - learnt).total_seconds())
        back = timedelta(seconds=max(0.0, self._settings.overlap_seconds - passed))
        since = datetime.fromisoformat(newest) - back
        return max(since, datetime.fromisoformat(place.first.get(source.limetype, since.isoformat())))

    def _with_newest(self, place: Place, source: Source, newest: str) -> Place:
        if newest == place.newest.get(source.limetype):
            return replace(place, at="")
        learnt = {**place.learnt, source.limetype: self._clock.now().isoformat()}
        return replace(place, newest={**place.newest, source.limetype: newest}, learnt=learnt, at="")

    def _properties(self, source: Source) -> list[str]:
        if source.limetype == self._settings.deal.limetype:
            return [self._settings.deal.status]
        names = self._settings.company
        return [each for each in (names.erp_status, names.erp_id) if each]

    def _events(self, records: Sequence[Record]) -> list[CrmEvent]:
        return [event for each in records if (event := event_of(each, self._settings)) is not None]
