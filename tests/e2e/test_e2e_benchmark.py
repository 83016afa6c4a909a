"""What the benchmark concludes: it must see a lost deal, a second order, a 429 and an unused window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from benchmarks.measure import Outcome, Window, outcome, rate

WINDOW = Window(25, 5.0, counts="/3/")
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def journal(*seconds: float, status: int = 200, path: str = "/3/orders") -> list[dict[str, Any]]:
    return [{"at": (START + timedelta(seconds=at)).isoformat(), "status": status, "path": path} for at in seconds]


def bursts(period: float, count: int) -> list[float]:
    return [number * period + request * 0.01 for number in range(count) for request in range(25)]


@pytest.mark.parametrize(("period", "part"), [(5.0, 1.0), (5.25, 5 / 5.25), (10.0, 0.5)])
def test_the_rate_of_bursts_does_not_depend_on_where_they_are_cut(period: float, part: float) -> None:
    for edge in (15.0, 16.5, 18.0):
        assert rate(journal(*bursts(period, 40)), WINDOW, edge).part == pytest.approx(part)


def test_even_requests_and_what_is_not_counted() -> None:
    even = [number / 5 for number in range(1000)]
    found = rate([*journal(0.0, path="/oauth-v1/token"), *journal(*even)], WINDOW, 15.0)
    assert (found.requests, found.refused_at) == (1000, ())
    assert found.part == pytest.approx(1.0)
    assert found.longest_gap == pytest.approx(0.2)


def test_refusals_are_counted_at_the_edges_too() -> None:
    found = rate([*journal(0.0, status=429), *journal(*bursts(5.0, 20))], WINDOW, 15.0)
    assert found.refused_at == (0.0,)


def test_too_few_requests_are_no_rate() -> None:
    assert rate(journal(1.0), WINDOW, 15.0).part == 0.0
    assert rate(journal(1.0, 2.0, 3.0), WINDOW, 15.0).part == 0.0


def test_one_order_each_and_its_number_told() -> None:
    right = outcome({"A": "1", "B": "2"}, [("A", "1"), ("B", "2")], ["Kund"])
    assert right == Outcome(0, 0, 0, 0)
    assert right.is_right


@pytest.mark.parametrize(
    ("deals", "orders", "customers", "wrong"),
    [
        ({"A": None}, [], ["Kund"], Outcome(lost=1, double=0, untold=1, customers_too_many=0)),
        ({"A": "1"}, [("A", "1"), ("A", "2")], ["Kund"], Outcome(0, 1, 0, 0)),
        ({"A": "1"}, [("A", "1"), ("nobody's", "2")], ["Kund"], Outcome(0, 1, 0, 0)),
        ({"A": "7"}, [("A", "1")], ["Kund"], Outcome(0, 0, 1, 0)),
        ({"A": "1"}, [("A", "1")], ["Kund", "Kund"], Outcome(0, 0, 0, 1)),
    ],
)
def test_what_is_wrong_is_seen(deals: Any, orders: Any, customers: Any, wrong: Outcome) -> None:
    found = outcome(deals, orders, customers)
    assert found == wrong
    assert not found.is_right
