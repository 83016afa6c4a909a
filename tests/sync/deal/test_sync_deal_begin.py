"""A new sync and what was won before it began: left alone, and its story says so, unless the rules say otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from erpcore.host import Clock
from erpcore.store.retention import delete_older
from erpcore.sync.deal.flow import WonDeal
from erpcore.sync.shared.rules import SyncRules
from tests.sync.conftest import MakeWorld
from tests.sync.world import SYNC, World

OCTOBER, NOVEMBER = datetime(2026, 10, 31, 12, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC)
SINCE = date(2026, 11, 1)


def begin(make_world: MakeWorld, **rules: Any) -> World:
    world = make_world(**rules)
    world.company()
    world.deal()
    return world


def test_a_win_that_the_feed_held_from_the_beginning_is_left_alone_and_stays_so(world: World) -> None:
    run = world.handle(history=True)
    assert run.state == "nothing"
    assert "before erpcore read it for the first time" in str(run.summary)
    run = world.handle(kind="deal_changed")
    assert run.state == "nothing"
    assert "was not won again" in str(run.summary)
    assert world.handle(kind="deal_changed").state == "nothing"
    assert not world.books.calls


@pytest.mark.parametrize("rules", [{}, {"won_since": SINCE}])
def test_what_was_left_alone_is_sent_by_hand_or_when_it_is_won_again(make_world: MakeWorld, rules: Any) -> None:
    world = begin(make_world, **rules)
    world.deal("d2")
    for deal in ("d1", "d2"):
        assert world.handle(deal, history=True).state == "nothing"
    assert world.send("d1", "deal").state == "done"
    assert world.handle("d2").state == "done"


def test_what_was_left_alone_and_is_seen_not_won_counts_when_it_is_won(world: World) -> None:
    """As in a CRM that tells of changes only."""
    world.handle(history=True)
    world.desk.change("d1", won=False)
    world.handle(kind="deal_changed")
    world.desk.change("d1", won=True)
    assert world.handle(kind="deal_changed").state == "done"


def test_what_was_left_alone_stays_so_when_its_story_is_deleted_by_age(world: World) -> None:
    """A change feed tells no win from a change, so an edit years later must still find that the win is an old one."""
    world.event("d1", history=True)
    run = world.work(world.open("d1"))
    assert run.state == "nothing"
    world.time.move(timedelta(days=400).total_seconds())
    world.event("d1", "deal_changed")
    waiting = world.open("d1")
    assert delete_older(world.store, keep=timedelta(days=90)).story_lines
    assert world.work(waiting).state == "nothing"
    assert "was not won again" in world.told()
    assert not world.books.orders
    assert world.send("d1", "deal").state == "done"


def test_the_rules_may_have_history_sent(make_world: MakeWorld) -> None:
    assert begin(make_world, feed_history="send").handle(history=True).state == "done"


@pytest.mark.parametrize(("at", "state"), [(OCTOBER, "nothing"), (NOVEMBER, "done")])
@pytest.mark.parametrize("history", [False, True])
def test_the_events_time_tells_when_a_deal_was_won(
    make_world: MakeWorld, at: datetime, state: str, history: bool
) -> None:
    run = begin(make_world, won_since=SINCE).handle(at=at, history=history)
    assert run.state == state
    if state == "nothing":
        assert "won on 2026-10-31, before the day" in str(run.summary)


def test_the_deals_own_day_goes_before_the_events(make_world: MakeWorld) -> None:
    world = begin(make_world, won_since=SINCE)
    world.deal(won_date=date(2026, 11, 2))
    assert world.handle(at=OCTOBER, history=True).state == "done"


def test_a_deal_without_any_time_was_won_today_at_the_latest(make_world: MakeWorld) -> None:
    world = begin(make_world, won_since=date(2030, 1, 1))
    run = world.handle()
    assert run.state == "nothing"
    assert "won on 2026-11-20 at the latest" in str(run.summary)
    assert world.handle(kind="deal_changed").state == "nothing"
    assert not world.books.orders


def test_a_change_tells_nothing_of_when_the_deal_was_won(make_world: MakeWorld) -> None:
    """The time of a change is not that of the win: only the day of reading is sure."""
    assert begin(make_world, won_since=SINCE).handle(kind="deal_changed", at=OCTOBER).state == "done"


def test_news_beside_history_counts_and_a_change_beside_history_does_not(world: World) -> None:
    world.deal("d2")
    world.event("d1", history=True)
    world.event("d1")
    world.event("d1", history=True)
    assert world.handle("d1", "deal_changed").state == "done"
    world.event("d2", history=True)
    assert world.handle("d2", "deal_changed").state == "nothing"


def test_history_makes_no_second_document_for_a_cleared_number(world: World) -> None:
    """As when the feed is read from its beginning again."""
    world.handle()
    world.desk.change("d1", erp_id=None)
    run = world.handle(history=True)
    assert (run.state, len(world.books.orders)) == ("nothing", 1)
    assert "before document 1001 was made" in str(run.summary)


def test_a_company_of_history_is_left_alone_until_something_needs_its_customer(world: World) -> None:
    assert world.handle("c1", "company_is_customer", history=True).state == "nothing"
    assert "create_customer" not in world.books.calls
    assert world.handle("d1").state == "done"
    assert len(world.books.customers) == 1


def test_the_rules_may_have_companies_of_history_sent(make_world: MakeWorld) -> None:
    world = begin(make_world, feed_history="send")
    assert world.handle("c1", "company_is_customer", history=True).state == "done"


LATE = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
"""Half past midnight in Stockholm, while a server in UTC still has the day before."""


@pytest.mark.parametrize(("zone", "state"), [("Europe/Stockholm", "done"), ("Europe/London", "nothing")])
def test_a_deal_was_won_on_the_day_that_it_was_where_the_company_is(
    make_world: MakeWorld, zone: str, state: str
) -> None:
    assert begin(make_world, won_since=SINCE, time_zone=zone).handle(at=LATE).state == state


@pytest.mark.parametrize(("zone", "day"), [("Europe/Stockholm", SINCE), ("Europe/London", date(2026, 10, 31))])
def test_an_order_has_the_date_of_where_the_company_is(make_world: MakeWorld, zone: str, day: date) -> None:
    world = begin(make_world)
    clock = Clock(lambda: 0.0, lambda: LATE, world.time.move)
    rules = SyncRules(time_zone=zone)
    world.won_deal = WonDeal(SYNC, rules, world.crm, world.erp, world.store, clock=clock)
    assert world.handle().state == "done"
    assert world.only_order.order_date == day


def test_a_time_zone_that_is_none_is_told() -> None:
    with pytest.raises(ValidationError, match="there is no time zone “Stockholm”; write it as Europe/Stockholm"):
        SyncRules(time_zone="Stockholm")
