from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import random

import pytest
from hypothesis import given, strategies as st

from erpcore.http import NO_RETRIES, RetryRules, retry_after

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def http_date(seconds_from_now: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds_from_now), usegmt=True)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        ("0.5", 0.5),
        (" 3600 ", 3600.0),
        ("0", 0.0),
        (http_date(90), 90.0),
        (http_date(-90), 0.0),
        ("soon", None),
        ("-3", None),
        ("1e999", None),
        ("inf", None),
        ("", None),
        ("Sun, 99 Foo 2026 00:00:00 GMT", None),
    ],
)
def test_retry_after_in_all_its_forms(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == seconds


def test_no_header_is_no_time() -> None:
    assert retry_after({}, NOW) is None


def test_a_date_counts_from_the_vendors_own_clock() -> None:
    assert retry_after({"retry-after": http_date(100), "date": http_date(70)}, NOW) == 30.0


attempts = st.integers(1, 6)
seconds = st.floats(0, 100)


@given(attempts, seconds, st.none() | seconds, st.floats(0, 1, exclude_max=True))
def test_never_before_the_vendors_time_and_never_past_the_total(
    attempt: int, waited: float, vendor: float | None, chance: float
) -> None:
    rules = RetryRules(attempts=4, first_wait=1, longest_wait=5, total_wait=30)
    wait = rules.wait(attempt, waited, vendor, lambda: chance)
    if wait is None:
        own = min(1 * 2 ** (attempt - 1), 5)
        assert attempt >= 4 or waited + max(own, vendor or 0) > 30
    else:
        assert attempt < 4
        assert wait >= (vendor or 0)
        assert waited + wait <= 30 + 1e-9


def test_waits_double_up_to_the_cap() -> None:
    rules = RetryRules(attempts=9, first_wait=0.5, longest_wait=3, jitter=0, total_wait=100)
    assert [rules.wait(attempt, 0, None, random) for attempt in range(1, 6)] == [0.5, 1, 2, 3, 3]


def test_one_attempt_means_one() -> None:
    assert NO_RETRIES.wait(1, 0, 0.1, random) is None
