"""What a worker that has nothing to do costs, with every setting at its default."""

from __future__ import annotations

from benchmarks.idle_worker import HERE, measured


def test_an_idle_worker_hardly_asks_anything() -> None:
    cost = measured(HERE, 10.0)
    assert cost["statements"] <= 2.0 + 1.0, "a second; ten may hold two rounds of what is done every ten"
    assert cost["commits"] <= 2.0, "a second"
