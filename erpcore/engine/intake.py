"""How events of a source come in: into the inbox, and with them, in one transaction, the work that they start."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from erpcore.connection import CrmConnection
from erpcore.engine.pages import PageInHand, Remembered, TakenIn, read_pages
from erpcore.engine.queue import RunQueue
from erpcore.errors import WebhookRefusedError
from erpcore.exact_json import storable
from erpcore.hookspecs import Context
from erpcore.models import CrmEvent
from erpcore.settings import SyncSettings
from erpcore.store import (
    Store,
    end_delivery,
    hold_lease,
    keep_delivery,
    known_keys,
    latest_run,
    oldest_delivery,
    open_run,
    put_event,
)

_log = logging.getLogger(__name__)

RECORD_KINDS: Mapping[str, str] = {
    "deal_won": "deal",
    "deal_changed": "deal",
    "company_is_customer": "company",
    "company_changed": "company",
    "order_ready": "order",
    "other": "other",
}
"""What each kind of event happened to."""

_FEED = "events"
_AT_ONCE = 100
_LONGEST_PART = 60.0
"""Seconds that one part may take before another worker goes on in its place."""
_REMEMBERED = 10.0
"""Seconds for which what a feed has just shown, and where it stands, are not asked for in the store."""


class Intake:
    """Takes events in.

    Args:
        store: The store.
        queue: Where runs are put.
        syncs: The syncs by name.
    """

    def __init__(self, store: Store, queue: RunQueue, syncs: Mapping[str, SyncSettings]) -> None:
        self._store = store
        self._queue = queue
        self._syncs = syncs
        self._cursors = Remembered(store.clock.monotonic, _REMEMBERED)
        self._shown: dict[str, tuple[frozenset[str], float]] = {}

    def take_in(self, source: str, events: Iterable[CrmEvent]) -> TakenIn:
        """Keep events and enqueue what they start: all of it or nothing.

        Events that are too many for one short transaction, for which everybody else would have to wait, are kept as
        they are, so that whoever delivered them can be answered. `take_in_kept` goes on with them.

        Args:
            source: Name of the connection that they come from.
            events: Any; those that are known already change nothing.

        Returns:
            What became of them.

        Raises:
            WebhookRefusedError: 409: an event that is about no record, and so stands for a delivery, is known with
                other facts. 400: an event's key, or its record's, is no text that a database takes.
        """
        given = list(events)
        if not all(storable(text) for event in given for text in (event.key, event.record_id or "")):
            raise WebhookRefusedError("The delivery names something by a text that cannot be kept.", status=400)
        if len(given) > _AT_ONCE:
            with self._store.begin() as connection:
                keep_delivery(connection, source, [_as_json(event) for event in given])
            return TakenIn(later=len(given))
        with self._store.begin() as connection:
            return self._take_in(connection, source, given, delivered=True)

    def take_in_kept(self, go_on: Callable[[], bool] = lambda: True) -> TakenIn:
        """Take in what was delivered and answered, some events at a time; one worker at a time does so.

        What breaks off is begun anew: the events that were taken in already are known.

        Args:
            go_on: Asked between two parts whether to go on.

        Returns:
            What became of them.
        """
        total = TakenIn()
        with self._store.read() as connection:
            if oldest_delivery(connection) is None:
                return total
        try:
            with hold_lease(self._store, "deliveries", seconds=_LONGEST_PART, wait=0) as lease:
                while lease.renew() and go_on():
                    with self._store.read() as connection:
                        delivery = oldest_delivery(connection)
                    if delivery is None:
                        break
                    for begin in range(0, len(delivery.events), _AT_ONCE):
                        if not (lease.renew() and go_on()):
                            return total
                        part = map(CrmEvent.model_validate, delivery.events[begin : begin + _AT_ONCE])
                        with self._store.begin() as connection:
                            total += self._take_in(connection, delivery.source, part)
                            if begin + _AT_ONCE >= len(delivery.events):
                                end_delivery(connection, delivery)
        except TimeoutError:
            return total  # another worker is at it
        return total

    def poll_feed(self, crm: CrmConnection, go_on: Callable[[], bool] = lambda: True) -> TakenIn:
        """Read what a CRM's feed has, to its end.

        Args:
            crm: The connection.
            go_on: Asked between two pages whether to read on.

        Returns:
            What became of the events.

        Raises:
            ErpcoreError: The CRM refused or is out of reach. What was taken in before stays.
        """
        context = Context(correlation_id=f"feed:{crm.name}")

        def read(cursor: str | None) -> PageInHand:
            page = crm.fetch_events(cursor, context)

            def let_go() -> None:
                if page.events and crm.can("acknowledge_events"):
                    crm.acknowledge_events(page, context)

            events = self._unknown(crm.name, page.events)
            keep = partial(self._take_in, source=crm.name, events=events) if events else None
            return PageInHand(keep, page.next_cursor, page.more, let_go, len(page.events) - len(events))

        total = read_pages(self._store, crm.name, _FEED, read, go_on, self._cursors)
        if total.new:
            _log.info("%s: %d new events, %d runs", crm.name, total.new, total.runs)
        return total

    def _unknown(self, source: str, events: Sequence[CrmEvent]) -> list[CrmEvent]:
        """Leave out what a feed shows again at every look, without a transaction that writes."""
        keys = frozenset(event.key for event in events)
        shown, until = self._shown.get(source, (frozenset[str](), float("-inf")))
        at = self._store.clock.monotonic()
        if at < until and keys <= shown:
            return []
        with self._store.read() as connection:
            known = known_keys(connection, source, list(keys))
        self._shown[source] = (frozenset(known), at + _REMEMBERED)
        return [event for event in events if event.key not in known]

    def _take_in(
        self, connection: sa.Connection, source: str, events: Iterable[CrmEvent], *, delivered: bool = False
    ) -> TakenIn:
        new = known = 0
        starts = dict[tuple[str, str, str], None]()
        for event in events:
            kind = RECORD_KINDS[event.kind]
            kept, is_new = put_event(
                connection,
                source=source,
                event_key=event.key,
                kind=event.kind,
                record_kind=kind,
                record_id=event.record_id or "",
                payload=_as_json(event),
            )
            if not is_new:
                if delivered and not kept.record_id and kept.payload != _as_json(event):
                    raise WebhookRefusedError("A delivery of this id came before.", status=409)
                known += 1
                continue
            new += 1
            if not kept.record_id:
                continue
            for name, sync in self._syncs.items():
                if sync.crm != source or not sync.starts(event.kind):
                    continue
                if not self._is_anothers(connection, name, event, kind, kept.record_id):
                    starts[name, kind, kept.record_id] = None
        # A page often tells several things of one record, which one run covers.
        runs = sum(self._start(connection, name, kind, record_id) for name, kind, record_id in starts)
        return TakenIn(new, known, runs)

    def _is_anothers(self, connection: sa.Connection, name: str, event: CrmEvent, kind: str, record_id: str) -> bool:
        """Tell whether a sync need not look at a record: it is another sync's, and this one never had it.

        One that had it looks again: an order may have been given to another ERP database after a first attempt here.
        """
        sync = self._syncs[name]
        if event.erp_db is None or sync.erp_db in (None, event.erp_db):
            return False
        known = {other.erp_db for other in self._syncs.values() if other.crm == sync.crm}
        # A key that no sync has is told in the CRM, which a run does.
        return (
            event.erp_db in known and latest_run(connection, sync=name, record_kind=kind, record_id=record_id) is None
        )

    def _start(self, connection: sa.Connection, name: str, kind: str, record_id: str) -> bool:
        sync = self._syncs[name]
        run, new = open_run(
            connection, sync=name, source=sync.crm, target=sync.erp, record_kind=kind, record_id=record_id
        )
        if new:
            delay = sync.customer_delay_seconds if kind == "company" else 0.0
            self._queue.enqueue(connection, run, attempt=1, delay_seconds=delay)
        return new


def _as_json(event: CrmEvent) -> dict[str, Any]:
    # Not pydantic's JSON mode, which turns an amount among the facts into text.
    kept = event.model_dump(exclude={"happened_at"}, exclude_unset=True)
    return kept if event.happened_at is None else {**kept, "happened_at": event.happened_at.isoformat()}
