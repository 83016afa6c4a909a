"""Rules S17 to S19, and S27 to S30: which record an event is about, when it happened, whether it is news; and how a
feed goes on where times, keys and places are not what they should be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from erpcore.errors import ErpcoreError
from erpcore.models import CrmEvent, Deal
from erpcore.testing.bench import Bench, attempt, context
from erpcore.testing.contract.base import Absent, needs
from erpcore.testing.contract.crm_base import CrmBase, all_events
from erpcore.testing.contract.reading import without_zones

_READ_BY = {
    "deal_won": "fetch_deal",
    "deal_changed": "fetch_deal",
    "company_is_customer": "fetch_customer",
    "company_changed": "fetch_customer",
    "order_ready": "fetch_order",
}
"""The hook that reads the record of an event; events of other kinds start nothing."""
_LONG_BEFORE = 3_600.0
"""Seconds; a feed that goes by times overlaps the moment of its first reading by less."""
_CLOCKS_APART = timedelta(minutes=10)
_STORED_LATE = timedelta(seconds=20)
_A_PAGE_OF_ANY = 210
"""More than anybody reads at a time."""
_FAR = timedelta(hours=12, minutes=30)
"""Less than the machine is from UTC while a rule is checked, and more than a CRM's own zone is."""
_ACTS = {"S27": "stored", "S28": "forgotten", "S29": "alike"}


class CrmEvents(CrmBase):
    """The rules about what a feed and a delivery tell."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the feed, where the contract tells how what the rule is about comes to be."""
        yield from super().cases(rule)
        if rule in _ACTS and "fetch_events" in cls.operations():
            act = _ACTS[rule]
            yield "fetch_events", act if act in cls.feed_acts else Absent(f"the contract has no feed_acts[{act!r}]")

    @needs("fetch_events")
    def test_S17_an_event_names_its_record(self, bench: Bench) -> None:
        """An event names the record that it is about, by the key that the record is read by."""
        crm = bench.crm()
        start = all_events(crm, None)[1]
        self.make_events(bench, 2)
        events = all_events(crm, start)[0]
        if "receive_events" in self.operations():
            events += crm.receive_events(self.delivery(bench), context())
        told = [event for event in events if _READ_BY.get(event.kind) in self.operations()]
        assert told, "nothing that happened is about a record that can be read"
        for event in told:
            assert event.record_id, f"the event {event.key} names no record"
            match _READ_BY[event.kind]:
                case "fetch_deal":
                    read = crm.fetch_deal(event.record_id, event, context()).id
                case "fetch_customer":
                    read = crm.fetch_customer(event.record_id, context()).id
                case _:
                    read = crm.fetch_order(event.record_id, context()).id
            assert read == event.record_id

    @needs("fetch_events")
    def test_S18_what_is_old_is_no_news(self, bench: Bench) -> None:
        """What happened before the feed was first read is left out or told as history; what comes later is news."""
        self.make_events(bench, 2)
        bench.advance(_LONG_BEFORE)
        crm = bench.crm()
        old, end = all_events(crm, None)
        # An order that is ready is ready now, whenever it was made so; a deal stays won for ever.
        news = [event.key for event in old if not event.history and event.kind != "order_ready"]
        assert not news, f"told as news, though they happened before the first reading: {news}"
        self.make_events(bench, 1)
        keys = {event.key for event in old}
        later = [event for event in all_events(crm, end)[0] if event.key not in keys]
        assert later, "what happened after the first reading is not told"
        assert not any(event.history for event in later), "what happened after the first reading is told as history"

    @needs("fetch_events")
    def test_S19_an_event_tells_the_moment_it_happened(self, bench: Bench) -> None:
        """An event tells the moment at which it happened, wherever the machine is, zone or none; or it tells none."""
        crm = bench.crm()
        start = all_events(crm, None)[1]
        self.make_events(bench, 2)
        now = bench.now()
        for event in all_events(crm, start)[0]:
            assert _near(event, now), f"it happened at {now}, and the event says {event.happened_at}"
        bench.tap.alter = without_zones
        told: list[CrmEvent] = []
        attempt(lambda: told.extend(all_events(bench.crm(), start)[0]), ErpcoreError)
        for event in told:
            off = _FAR if event.happened_at is None else abs(event.happened_at - now)
            assert event.happened_at is None or off < _FAR, (
                f"the CRM tells a time without a zone, and it is read in the machine's: {event.happened_at}, not {now}"
            )

    def test_S27_what_is_stored_late_is_told(self, bench: Bench, case: str) -> None:
        """Where a feed goes by times, what is stored with a time before the newest is told, and each of very many."""
        crm, stored = bench.crm(), self.feed_acts[case]
        start = all_events(crm, None)[1]
        bench.advance(_LONG_BEFORE)
        first = stored(bench, bench.now())
        events, end = all_events(crm, start)
        assert first in {event.record_id for event in events}, f"what was stored about {first} is not told"
        late = stored(bench, bench.now() - _STORED_LATE)
        events, end = all_events(crm, end)
        assert late in {event.record_id for event in events}, (
            f"{late} was stored with a time {_STORED_LATE} ago, and is not told: begin some time before the newest"
        )
        many = [stored(bench, bench.now()) for _ in range(_A_PAGE_OF_ANY)]
        told = {event.record_id for event in all_events(crm, end)[0]}
        assert not set(many) - told, f"of {len(many)} at once, {len(set(many) - told)} are not told"

    def test_S28_a_forgotten_place_loses_nothing(self, bench: Bench, case: str) -> None:
        """Where the CRM has forgotten the place that reading goes on from, what happened since is told nevertheless."""
        crm = bench.crm()
        start = all_events(crm, None)[1]
        self.make_events(bench, 2)
        wanted = {event.record_id for event in all_events(bench.crm("two"), start)[0]}
        assert wanted, "nothing is told of what happened"
        self.feed_acts[case](bench)
        events, end = all_events(crm, start)
        lost = wanted - {event.record_id for event in events}
        assert not lost, f"the CRM has forgotten the place, and what happened to {lost} is not told"
        self.make_events(bench, 1)
        keys = {event.key for event in events}
        assert [each for each in all_events(crm, end)[0] if each.key not in keys], "afterwards nothing is told"

    def test_S29_events_in_the_same_words_are_not_one(self, bench: Bench, case: str) -> None:
        """Things that happen after one another, and are told in the same words, are as many events."""
        crm = bench.crm()
        start = all_events(crm, None)[1]
        again = len(crm.fetch_events(start, context()).events)
        happened = self.feed_acts[case](bench)
        keys = {event.key for event in all_events(crm, start)[0]}
        assert len(keys) == again + happened, f"of {happened} things that happened, {len(keys) - again} are told"

    @needs("fetch_deal")
    def test_S30_a_deal_is_what_it_shows_now(self, bench: Bench) -> None:
        """What a deal shows now goes before what an event once told of it."""
        crm = bench.crm()
        asked = [
            CrmEvent(key="long-ago", kind=kind, record_id=held.id, happened_at=bench.now() - timedelta(days=1))
            for held in self.held_of(Deal)
            for kind in ("deal_won", "deal_changed")
        ]
        if "fetch_events" in self.operations():
            start = all_events(crm, None)[1]
            self.make_events(bench, 2)
            asked += [event for event in all_events(crm, start)[0] if event.kind in ("deal_won", "deal_changed")]
        for event in asked:
            now, told = (crm.fetch_deal(str(event.record_id), each, context()) for each in (None, event))
            shown = [name for name in now.model_fields_set if getattr(now, name) is not None]
            other = {name: (getattr(now, name), getattr(told, name)) for name in shown}
            different = {name: pair for name, pair in other.items() if pair[0] != pair[1]}
            assert not different, f"{event.key}, {event.kind}: shown now, and with an event: {different}"


def _near(event: CrmEvent, moment: datetime) -> bool:
    return event.happened_at is None or abs(event.happened_at - moment) < _CLOCKS_APART
