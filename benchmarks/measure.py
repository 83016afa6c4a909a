"""What a run of the benchmark came to: pure functions over the simulators' journals and states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

WINDOW_REQUESTS = 25
WINDOW_SECONDS = 5.0
"""Requests that Fortnox allows per client and company in any such stretch of time (developer guide, Rate limits)."""


@dataclass(frozen=True)
class Rate:
    """Requests against the vendor's window.

    Attributes:
        requests: Answered requests to the interface, token requests not among them.
        refused_at: When an answer was 429, in seconds after the first request.
        seconds: Length of the steady state.
        per_window: Requests per window in it.
        longest_gap: Seconds between the two requests in it that were furthest apart.
    """

    requests: int
    refused_at: tuple[float, ...]
    seconds: float
    per_window: float
    longest_gap: float

    @property
    def part(self) -> float:
        """The part of the allowed rate that was used, 1.0 for all of it."""
        return self.per_window / WINDOW_REQUESTS


def rate(journal: Sequence[Mapping[str, Any]], edge_seconds: float) -> Rate:
    """Count the requests to the interface, and how densely they came in steady state.

    Args:
        journal: Fortnox's journal, oldest first.
        edge_seconds: What is left out at the beginning (which may send a whole window at once) and at the end (where
            the work runs out); a quarter of the time at the most.

    Returns:
        The rate. Its steady state begins with a request and ends with one a multiple of a window's requests later.
    """
    asked = [entry for entry in journal if entry["path"].startswith("/3/")]
    times = [datetime.fromisoformat(entry["at"]) for entry in asked]
    refused = tuple(
        (at - times[0]).total_seconds() for at, entry in zip(times, asked, strict=True) if entry["status"] == 429
    )
    if len(times) < 2:
        return Rate(len(asked), refused, 0.0, 0.0, 0.0)
    whole = (times[-1] - times[0]).total_seconds()
    edge = min(edge_seconds, whole / 4)
    steady = [
        at for at in times if (at - times[0]).total_seconds() >= edge and (times[-1] - at).total_seconds() >= edge
    ]
    if len(steady) < 2:
        return Rate(len(asked), refused, 0.0, 0.0, 0.0)
    # Whole windows only: requests go in bursts of up to a window, and a part of a burst would count too much.
    counted = (len(steady) - 1) // WINDOW_REQUESTS * WINDOW_REQUESTS
    seconds = (steady[counted] - steady[0]).total_seconds()
    gaps = [(after - before).total_seconds() for before, after in pairwise(steady)]
    per_window = counted / seconds * WINDOW_SECONDS if counted else 0.0
    return Rate(len(asked), refused, seconds, per_window, max(gaps))


@dataclass(frozen=True)
class Outcome:
    """What became of the deals.

    Attributes:
        lost: Deals without an order.
        double: Orders beyond a deal's first.
        untold: Deals whose ERP ID is not their order's number.
        customers_too_many: Customers beyond a company's first.
    """

    lost: int
    double: int
    untold: int
    customers_too_many: int

    @property
    def is_right(self) -> bool:
        """Whether every deal has exactly one order and knows its number."""
        return self == Outcome(0, 0, 0, 0)


def outcome(deals: Mapping[str, str | None], orders: Sequence[Mapping[str, Any]], customers: Sequence[str]) -> Outcome:
    """Compare what Lime Go and Fortnox hold, without asking erpcore.

    Args:
        deals: ERP ID of each deal, by the deal's name.
        orders: Fortnox's orders; each order's first row has the name of its deal as its text.
        customers: Names of Fortnox's customers.
    """
    numbers: dict[str, list[str]] = {name: [] for name in deals}
    for order in orders:
        numbers.setdefault(order["OrderRows"][0]["Description"], []).append(str(order["DocumentNumber"]))
    return Outcome(
        lost=sum(not made for made in numbers.values()),
        double=sum(max(0, len(made) - 1) for made in numbers.values()) + len(numbers.keys() - deals.keys()),
        untold=sum(erp_id not in numbers[name] for name, erp_id in deals.items()),
        customers_too_many=sum(count - 1 for count in Counter(customers).values()),
    )
