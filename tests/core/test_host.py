"""What erpcore lends: the company's day, and the system's own clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from erpcore.host import SYSTEM_CLOCK, Host


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Europe/Stockholm", date(2026, 11, 29)), ("UTC", date(2026, 11, 28)), ("Pacific/Auckland", date(2026, 11, 29))],
)
def test_the_companys_day_is_that_of_where_it_is(zone: str, day: date) -> None:
    clock = replace(SYSTEM_CLOCK, now=lambda: datetime(2026, 11, 28, 23, 30, tzinfo=UTC))
    assert Host.in_memory("erp", clock=clock, zone=ZoneInfo(zone)).today() == day


@pytest.mark.parametrize(("ahead", "taken_off"), [(7200, 7200), (59, 0), (-7200, 0)])
def test_a_moment_is_put_back_by_what_our_clock_is_ahead_of_the_systems(ahead: int, taken_off: int) -> None:
    at = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)
    host = Host.in_memory("erp", clock=replace(SYSTEM_CLOCK, now=lambda: at))
    assert host.by_its_clock(at) == at, "nothing was heard yet"
    host.hear_time(at - timedelta(seconds=ahead))
    assert host.by_its_clock(at) == at - timedelta(seconds=taken_off)
