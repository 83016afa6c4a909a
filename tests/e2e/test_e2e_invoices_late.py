"""A write to the CRM that times out and arrives after all: what was told later stands, with real requests."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from erpcore.simulator import Simulator, running
from tests.e2e.home_systems import FortnoxBooks, LimeCrmSales
from tests.e2e.home_world import home_world

TIMES_OUT, ARRIVES, LONGEST = 2.0, 4.0, 6.0
"""Seconds after which a client gives a request up, the system does its work, and it can arrive no more."""


class Books(FortnoxBooks):
    def settings(self, url: str) -> dict[str, Any]:
        return {**super().settings(url), "request_seconds": LONGEST - 1.0}


class HastySales(LimeCrmSales):
    def settings(self, url: str) -> dict[str, Any]:
        return {**super().settings(url), "request_seconds": TIMES_OUT}


def keep_writes_waiting(simulator: Simulator) -> list[float]:
    """Give a list: when a number stands in it, the next write is carried out so many seconds late, once."""
    usual, waits = simulator.asgi, list[float]()

    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        if not waits or scope.get("method") not in ("PUT", "POST"):
            return await usual(scope, receive, send)
        came = [await receive()]  # before it is late: who waits for it will be gone
        while came[-1].get("more_body"):
            came.append(await receive())
        await asyncio.sleep(waits.pop())

        async def received() -> Any:
            return came.pop(0) if came else await receive()

        await usual(scope, received, send)

    simulator.asgi = asgi
    return waits


def test_a_payment_that_was_told_is_not_undone_by_the_write_before_it(tmp_path: Path) -> None:
    sales = HastySales()
    waits = keep_writes_waiting(sales.simulator)
    worker = {"longest_request_seconds": LONGEST}
    with home_world(tmp_path, Books(), sales, worker=worker, serve=running) as world:
        customer, company = world.customer()
        number, record = world.invoice(customer, company)
        world.look()
        world.books.pay(number, "100")
        begun = monotonic()
        waits.append(ARRIVES)
        world.look()
        world.books.pay(number)
        world.look()
        assert (world.sales.colour(record), world.sales.left(record)) == ("green", 0)
        sleep(max(0.0, begun + ARRIVES + 0.5 - monotonic()))
        assert (world.sales.colour(record), world.sales.left(record)) == ("green", 0)
        assert waits == [], "a write was late"
