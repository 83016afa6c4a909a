"""A simulated company and a connection to it through its agent, for the tests of the hooks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from erpcore_visma_admin.simulator import TOKEN, VismaAdminSimulator

from erpcore.connection import ErpConnection
from erpcore.hookspecs import Context
from erpcore.host import Clock, Exchange, Host
from erpcore.models import Order, OrderRow
from erpcore.registry import connect_erp
from erpcore.simulator import running
from plugins.visma_admin.tests.visma_admin_contract_data import SEED

CONTEXT = Context("test")


class Served:
    """A company that is served, with customers 11 and 12 and articles S-1 and S-2.

    Args:
        url: Where its agent is.
        simulator: The company.
    """

    def __init__(self, url: str, simulator: VismaAdminSimulator) -> None:
        self.url = url
        self.simulator = simulator
        self.exchanges: list[Exchange] = []
        self.connections: list[ErpConnection] = []

    def connect(self, **settings: Any) -> ErpConnection:
        """Make a connection to it."""
        given = {"url": self.url, "token": TOKEN, "request_seconds": 20.0, **settings}
        # In the simulator's time, which its agent holds requests against; nobody sleeps between two tries.
        time = self.simulator.clock
        clock = Clock(time.monotonic, time.now, lambda seconds: None)
        host = Host.in_memory("visma", observer=self.exchanges.append, clock=clock)
        self.connections.append(connect_erp("visma_admin", host, given))
        return self.connections[-1]

    def held(self, table: str) -> list[dict[str, Any]]:
        """Give a table's records as they are stored."""
        records: list[dict[str, Any]] = self.simulator.state().get(table, [])
        return records


@contextmanager
def served() -> Iterator[Served]:
    """Serve a company while the block runs."""
    simulator = VismaAdminSimulator()
    simulator.seed(SEED)
    with running(simulator) as url:
        made = Served(url, simulator)
        try:
            yield made
        finally:
            for connection in made.connections:
                connection.close()
            simulator.owner.stop()


def an_order(**values: Any) -> Order:
    """Give an order of two articles, 200.00 and VAT of 25 %."""
    row = OrderRow(article_number="S-1", quantity=Decimal(2), unit_price=Decimal(100), vat_percent=Decimal(25))
    return Order(**{"customer_number": "11", "rows": (row,), **values})
