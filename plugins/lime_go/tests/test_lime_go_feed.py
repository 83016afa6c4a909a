"""The classic feed: nothing is used up before it is stored, nothing is told under two keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from erpcore_lime_go.events import read_events
from erpcore_lime_go.settings import EventNames
from erpcore_lime_go.simulator import LimeGoSimulator

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.errors import ConflictError, MalformedReplyError, OutcomeUnknownError, PermissionDeniedError
from erpcore.models import EventPage
from erpcore.simulator import Fault

CONTEXT = Context(correlation_id="test")
Connect = Callable[..., CrmConnection]
FEED = "/v1/event/feed/"


def keys(page: EventPage) -> list[str]:
    return [event.key for event in page.events]


def small_pages(lime: LimeGoSimulator) -> None:
    lime.switch(feed_page=3)


def make_events(lime: LimeGoSimulator) -> None:
    """Nine events: status change, won, and a new customer where it was none, for each of three deals."""
    for deal in ("850000", "850001", "850002"):
        lime.win_deal(deal)
    lime.win_deal("850000")


def test_events_are_told_in_erpcores_words(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.win_deal("850000")
    page = connect().fetch_events(None, CONTEXT)
    assert [(event.key, event.kind, event.record_id) for event in page.events] == [
        ("position:1", "deal_changed", "850000"),
        ("position:2", "deal_won", "850000"),
        ("position:3", "company_is_customer", "pase100001"),
    ]
    assert page.events[1].facts == {
        "event_type": "DealWon",
        "deal_name": "Ställningar etapp 1",
        "deal_value": "12500",
        "coworker_name": "Anna Exempel",
        "coworker_email": "anna@nordverk.example",
    }
    assert not page.more


def test_what_the_first_reading_finds_is_history(lime: LimeGoSimulator, connect: Connect) -> None:
    """To its end, over pages and restarts; what comes later is news, and what is told again is not made news."""
    small_pages(lime)
    make_events(lime)
    total = len(lime.state()["events"])
    cursor, told = None, 0
    while cursor is None:
        connection = connect(feed_page=3)
        page = connection.fetch_events(cursor, CONTEXT)
        assert all(event.history for event in page.events)
        assert (page.next_cursor is None) == page.more
        told += len(page.events)
        connection.acknowledge_events(page, CONTEXT)
        cursor = page.next_cursor
    assert told == total
    lime.win_deal("850001")
    page = connect(feed_page=3).fetch_events(cursor, CONTEXT)
    assert page.events
    assert not any(event.history for event in page.events)
    assert page.next_cursor is None, "it is kept as it is"


def test_an_empty_feed_is_read_to_its_end_too(lime: LimeGoSimulator, connect: Connect) -> None:
    cursor = connect().fetch_events(None, CONTEXT).next_cursor
    assert cursor is not None
    lime.win_deal("850000")
    events = connect().fetch_events(cursor, CONTEXT).events
    assert events
    assert not any(event.history for event in events)


def test_after_a_cursor_of_the_other_api_the_feed_is_read_for_the_first_time(
    lime: LimeGoSimulator, connect: Connect
) -> None:
    cursor = connect("agentic").fetch_events(None, CONTEXT).next_cursor
    lime.win_deal("850000")
    events = connect().fetch_events(cursor, CONTEXT).events
    assert events
    assert all(event.history for event in events)


def test_a_process_that_dies_between_reading_and_storing_loses_nothing(lime: LimeGoSimulator, connect: Connect) -> None:
    make_events(lime)
    first = connect().fetch_events(None, CONTEXT)
    assert first.events
    assert keys(connect().fetch_events(None, CONTEXT)) == keys(first)
    assert set(lime.state()["feed_positions"].values()) <= {0}


def test_only_a_full_page_is_let_go_and_every_event_is_told_once(lime: LimeGoSimulator, connect: Connect) -> None:
    small_pages(lime)
    make_events(lime)
    total = len(lime.state()["events"])
    connection = connect(feed_page=3)
    stored: list[str] = []
    while True:
        page = connection.fetch_events(None, CONTEXT)
        stored += [key for key in keys(page) if key not in stored]
        let_go = connection.acknowledge_events(page, CONTEXT)
        assert let_go == (3 if page.more else 0)
        if not page.more:
            break
    assert stored == [f"position:{number}" for number in range(1, total + 1)]
    # The rest waits in the feed until the page is full, and is told again under the same keys.
    assert keys(connection.fetch_events(None, CONTEXT)) == stored[total - total % 3 :]


def test_a_page_that_somebody_has_let_go_already_is_not_let_go_twice(lime: LimeGoSimulator, connect: Connect) -> None:
    small_pages(lime)
    make_events(lime)
    one, other = connect(feed_page=3), connect(feed_page=3)
    page = one.fetch_events(None, CONTEXT)
    assert other.acknowledge_events(page, CONTEXT) == 3
    assert one.acknowledge_events(page, CONTEXT) == 0
    assert keys(one.fetch_events(None, CONTEXT))[0] == "position:4"


def test_events_used_up_beside_another_reader_are_kept_and_the_reader_is_named(
    lime: LimeGoSimulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pages(lime)
    make_events(lime)
    connection, stranger = connect(feed_page=3), connect(feed_page=3)
    page = connection.fetch_events(None, CONTEXT)
    client = connection.plugin._adapter._client
    read = client.read

    def read_while_the_stranger_takes(path: str, **arguments):
        reply = read(path, **arguments)
        stranger.acknowledge_events(page, CONTEXT)
        return reply

    monkeypatch.setattr(client, "read", read_while_the_stranger_takes)
    with pytest.raises(ConflictError, match=r"Another program reads the event feed .* 3 events .*position:4"):
        connection.acknowledge_events(page, CONTEXT)
    monkeypatch.undo()
    rescued = connection.fetch_events(None, CONTEXT)
    assert keys(rescued) == ["position:4", "position:5", "position:6"]
    assert rescued.more
    assert connection.acknowledge_events(rescued, CONTEXT) == 0
    assert keys(connection.fetch_events(None, CONTEXT))[0] == "position:7"


def test_the_plain_read_is_never_repeated_by_itself(
    lime: LimeGoSimulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pages(lime)
    make_events(lime)
    connection = connect(feed_page=3, attempts=3)
    page = connection.fetch_events(None, CONTEXT)
    client = connection.plugin._adapter._client
    read = client.read

    def read_before_trouble(path: str, **arguments):
        reply = read(path, **arguments)
        lime.faults.add(Fault("error_after", path=FEED))
        return reply

    monkeypatch.setattr(client, "read", read_before_trouble)
    with pytest.raises(OutcomeUnknownError):
        connection.acknowledge_events(page, CONTEXT)
    monkeypatch.undo()
    # Used up once, and what was used up is stored: the next reading goes on behind it.
    assert lime.journal.count("GET", FEED) == 3
    assert keys(connection.fetch_events(None, CONTEXT))[0] == "position:4"


def test_members_under_other_names_are_found_by_the_settings(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.switch(event_keys={"deal": "affar", "deal.value": "summa", "deal.id": "nr", "position": "seq"})
    lime.win_deal("850000")
    names = {"deal_id": ["affar.nr"], "deal_value": ["affar.summa"], "position": ["seq"]}
    event = connect(event_names=names).fetch_events(None, CONTEXT).events[1]
    assert (event.key, event.kind, event.record_id, event.facts["deal_value"]) == (
        "position:2",
        "deal_won",
        "850000",
        "12500",
    )


def test_an_event_without_a_record_is_kept_as_other_and_the_setting_is_named(
    lime: LimeGoSimulator, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    lime.switch(event_keys={"deal": "affar"})
    lime.win_deal("850000")
    event = connect().fetch_events(None, CONTEXT).events[1]
    assert (event.kind, event.record_id, event.facts["event_type"]) == ("other", None, "DealWon")
    assert "See the setting event_names" in caplog.text


def test_without_positions_two_equal_items_of_a_page_are_two_events() -> None:
    item = {"eventType": "DealWon", "deal": {"id": 1}}
    first, second = read_events([item, dict(reversed(item.items()))], EventNames())
    assert first.key != second.key
    assert read_events([item], EventNames())[0].key == first.key


@pytest.mark.parametrize(
    ("written", "moment"),
    [("2026-11-22T10:00:00+01:00", "2026-11-22T10:00:00+01:00"), ("2026-11-22T10:00:00", None), ("yesterday", None)],
)
def test_a_time_counts_only_with_its_zone(written: str, moment: str | None) -> None:
    (event,) = read_events([{"eventType": "DealWon", "timestamp": written, "deal": {"id": 1}}], EventNames())
    assert (event.happened_at.isoformat() if event.happened_at else None) == moment


def test_a_key_that_may_not_read_the_feed_is_told_so(lime: LimeGoSimulator, connect: Connect) -> None:
    lime.switch(feed_keys=["company"])
    with pytest.raises(PermissionDeniedError, match=r"may not do that .*this kind of key may not read the feed"):
        connect(key="personal").fetch_events(None, CONTEXT)


@pytest.mark.parametrize("kind", ["html", "garbage", "empty"])
def test_an_answer_that_is_no_feed_is_told_as_one(lime: LimeGoSimulator, connect: Connect, kind: str) -> None:
    connection = connect()
    lime.faults.add(Fault(kind, path=FEED))
    with pytest.raises(MalformedReplyError):
        connection.fetch_events(None, CONTEXT)
