"""Rules S17 to S19: which record an event is about, when it happened, and whether it is news."""

from __future__ import annotations

from datetime import datetime, timedelta

from erpcore.models import CrmEvent
from erpcore.testing.bench import Bench, context
from erpcore.testing.contract.base import needs
from erpcore.testing.contract.crm_base import CrmBase, all_events

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


class CrmEvents(CrmBase):
    """The rules about what a feed and a delivery tell."""

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
        """An event tells the moment at which it happened, wherever the machine is; or none, where the CRM does not."""
        crm = bench.crm()
        start = all_events(crm, None)[1]
        self.make_events(bench, 2)
        now = bench.now()
        for event in all_events(crm, start)[0]:
            assert _near(event, now), f"it happened at {now}, and the event says {event.happened_at}"


def _near(event: CrmEvent, moment: datetime) -> bool:
    return event.happened_at is None or abs(event.happened_at - moment) < _CLOCKS_APART
