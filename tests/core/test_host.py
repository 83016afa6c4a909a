"""What erpcore lends: the company's day."""

from dataclasses import replace
from datetime import UTC, date, datetime
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
