"""Two worker processes on one PostgreSQL: they share the deals and the rate window, and no deal has two orders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from erpcore_fortnox.simulator import FortnoxSimulator

from tests.e2e.world import World, world_in

pytestmark = pytest.mark.slow

DEALS = 12
MOST = 5 * DEALS


def workers_of(world: World) -> set[str]:
    """Name the workers that sent something."""
    return {event.who for intent in world.intents() for event in world.history(intent) if event.what == "sending"}


@pytest.mark.wide
def test_two_workers_share_the_deals_and_the_rate_window(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERPCORE_KEY", Fernet.generate_key().decode())
    fortnox = FortnoxSimulator()  # 25 requests per 5 seconds
    limit = {"requests_per_window": 25}
    # Several lanes, or the first to look would take them all.
    worker = {"lanes": 8, "concurrency": 2}
    with world_in(tmp_path, url=postgres_url, fortnox=limit, worker=worker, fortnox_simulator=fortnox) as world:
        for name in ("w1", "w2"):
            world.start_program(name)
        world.wait(lambda: all("Working on" in log.read_text() for log in tmp_path.glob("w?-?.log")))
        companies: list[Any] = []
        # A worker that the machine leaves without a core may find nothing left of the first dozen.
        while workers_of(world) != {"w1", "w2"}:
            assert len(companies) < MOST, "one of two workers does it all"
            more = [world.company() for _ in range(DEALS)]
            deals = [world.deal(company) for company in more]
            companies += more
            world.win(*deals)
            for deal in deals:
                world.done(deal)
            orders = [order for company in more for order in world.orders(company)]
            assert [order["DocumentNumber"] for order in orders] == [world.erp_id(deal) for deal in deals]
        assert world.asked().count("GET companyinformation") == 2, "whose account it is, once for each worker"
        assert len(world.asked()) == 2 + 3 * len(companies), "look up, create, order: nothing was asked twice"
        assert fortnox.journal.count(path="/3/.*") > 25, "more than a window"
        assert {entry.status for entry in fortnox.journal.entries(path="/3/.*")} <= {200, 201}, "no 429"
        assert world.unrecorded() == []
