"""What a run of the benchmark came to: pure functions over the simulators' journals and states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Window:
    """A vendor's rate window.

    Attributes:
        requests: Requests that it allows in any such stretch of time.
        seconds: Its length.
        counts: The beginning of the paths that it counts.
    """

    requests: int
    seconds: float
    counts: str


@dataclass(frozen=True)
class Rate:
    """Requests against the vendor's window.

    Attributes:
        requests: Answered requests to the interface, token requests not among them.
        refused_at: When an answer was 429, in seconds after the first request.
        seconds: Length of the steady state.
        per_window: Requests per window in it.
        longest_gap: Seconds between the two requests in it that were furthest apart.
        window: What it is compared with.
    """

    requests: int
    refused_at: tuple[float, ...]
    seconds: float
    per_window: float
    longest_gap: float
    window: Window

    @property
    def part(self) -> float:
        """The part of the allowed rate that was used, 1.0 for all of it."""
        return self.per_window / self.window.requests


def rate(journal: Sequence[Mapping[str, Any]], window: Window, edge_seconds: float) -> Rate:
    """Count the requests to the interface, and how densely they came in steady state.

    Args:
        journal: The ERP simulator's journal, oldest first.
        window: The vendor's window.
        edge_seconds: What is left out at the beginning (which may send a whole window at once) and at the end (where
            the work runs out); a quarter of the time at the most.

    Returns:
        The rate. Its steady state begins with a request and ends with one a multiple of a window's requests later.
    """
    asked = [entry for entry in journal if entry["path"].startswith(window.counts)]
    times = [datetime.fromisoformat(entry["at"]) for entry in asked]
    refused = tuple(
        (at - times[0]).total_seconds() for at, entry in zip(times, asked, strict=True) if entry["status"] == 429
    )
    if len(times) < 2:
        return Rate(len(asked), refused, 0.0, 0.0, 0.0, window)
    whole = (times[-1] - times[0]).total_seconds()
    edge = min(edge_seconds, whole / 4)
    steady = [
        at for at in times if (at - times[0]).total_seconds() >= edge and (times[-1] - at).total_seconds() >= edge
    ]
    if len(steady) < 2:
        return Rate(len(asked), refused, 0.0, 0.0, 0.0, window)
    # Whole windows only: requests go in bursts of up to a window, and a part of a burst would count too much.
    counted = (len(steady) - 1) // window.requests * window.requests
    seconds = (steady[counted] - steady[0]).total_seconds()
    gaps = [(after - before).total_seconds() for before, after in pairwise(steady)]
    per_window = counted / seconds * window.seconds if counted else 0.0
    return Rate(len(asked), refused, seconds, per_window, max(gaps), window)


@dataclass(frozen=True)
class Outcome:
    """What became of the CRM's records.

    Attributes:
        lost: Records without an order.
        double: Orders beyond a record's first.
        untold: Records that were not told their order's number.
        customers_too_many: Customers beyond a company's first.
    """

    lost: int
    double: int
    untold: int
    customers_too_many: int

    @property
    def is_right(self) -> bool:
        """Whether every record has exactly one order and knows its number."""
        return self == Outcome(0, 0, 0, 0)


def outcome(told: Mapping[str, str | None], made: Sequence[tuple[str, str]], customers: Sequence[str]) -> Outcome:
    """Compare what CRM and ERP hold, without asking erpcore.

    Args:
        told: The number that each record was told, by the record's name.
        made: The ERP's orders: the name of the record that each is for, and its number.
        customers: Names of the ERP's customers.
    """
    numbers: dict[str, list[str]] = {name: [] for name in told}
    for name, number in made:
        numbers.setdefault(name, []).append(number)
    return Outcome(
        lost=sum(not found for found in numbers.values()),
        double=sum(max(0, len(found) - 1) for found in numbers.values()) + len(numbers.keys() - told.keys()),
        untold=sum(number not in numbers[name] for name, number in told.items()),
        customers_too_many=sum(count - 1 for count in Counter(customers).values()),
    )
