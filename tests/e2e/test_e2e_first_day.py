"""A person's first day with erpcore, and the days on which something is wrong, with the installed command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.first_day import begin, days_with_troubles, first_day

pytestmark = pytest.mark.slow


@pytest.mark.wide
@pytest.mark.timeout(300)
def test_whatever_goes_wrong_on_the_first_day_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    day = begin(tmp_path, lambda _: None)
    try:
        first_day(day)
    finally:
        day.end()


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_what_goes_wrong_later_is_told_where_a_person_looks(tmp_path: Path) -> None:
    day = begin(tmp_path, lambda _: None)
    try:
        first_day(day)
        seen = days_with_troubles(day)
    finally:
        day.end()
    heads = {trouble: shown.text for trouble, (shown, _, _) in seen.items()}
    assert "All is well." in heads["well"]
    assert "Waiting for an answer" in heads["uncertain"]
    assert "its feed cannot be read" in heads["CRM down"]
    assert "needs consent: erpcore connect fortnox" in heads["consent gone"]
    assert "gives no sign of life" in heads["worker killed"]
    assert max(len(line) for head in heads.values() for line in head.splitlines()) <= 80
    assert {trouble: check.code for trouble, (_, check, _) in seen.items()} == {
        "well": 0,
        "uncertain": 1,
        "CRM down": 2,
        "consent gone": 2,
        "worker killed": 2,
    }
    assert {trouble: told["level"] for trouble, (_, _, told) in seen.items()} == {
        "well": "well",
        "uncertain": "warning",
        "CRM down": "critical",
        "consent gone": "critical",
        "worker killed": "critical",
    }
