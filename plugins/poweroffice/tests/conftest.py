"""A connection to a simulated PowerOffice Go, for every test of the plugin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from erpcore_poweroffice.simulator import Behaviour, PowerOfficeSimulator, demo, invoices, sending

from erpcore.connection import ErpConnection
from erpcore.hookspecs import Context
from erpcore.host import Exchange, Host, MemoryBudget
from erpcore.registry import connect_erp
from erpcore.testing.straight import straight

CONTEXT = Context(correlation_id="test")
KEYS = {
    "application_key": demo.APPLICATION_KEY,
    "client_key": demo.CLIENT_KEY,
    "subscription_key": demo.SUBSCRIPTION_KEY,
}


class Company:
    """A simulated company and a connection to it.

    Args:
        simulator: The company.
        base_url: Where it is served.
        name: Name of the connection.
        budget: Its budget; one of its own when None.
        settings: The connection's settings where they differ from the ones that fit the simulator.
    """

    def __init__(
        self,
        simulator: PowerOfficeSimulator,
        base_url: str,
        settings: dict[str, Any],
        *,
        name: str = "poweroffice-test",
        budget: MemoryBudget | None = None,
    ) -> None:
        self.simulator = simulator
        self.exchanges: list[Exchange] = []
        self.context = CONTEXT
        self.keys = KEYS
        self.host = Host.in_memory(name, observer=self.exchanges.append, **({"budget": budget} if budget else {}))
        self._given = {
            **KEYS,
            "base_url": base_url,
            "requests_per_window": 10_000,
            "request_seconds": 5.0,
            "sent_state_waits": [0.03, 0.05, 0.1, 0.2],
            **settings,
        }
        self.connection = connect_erp("poweroffice", self.host, self._given)

    def with_settings(self, **settings: Any) -> ErpConnection:
        """Return another connection to the same company; it closes with the test's process."""
        self.connection.close()
        self.connection = connect_erp("poweroffice", self.host, {**self._given, **settings})
        return self.connection

    def asked(self) -> list[str]:
        """Return method and path of what the company's interface was asked so far, sign-in left out, and forget it."""
        entries = [entry for entry in self.simulator.journal.entries() if "/v2/" in entry.path]
        self.simulator.journal.clear()
        return [f"{entry.method} {entry.path.partition('/v2/')[2]}" for entry in entries]

    def record(self, register: str, number: str) -> dict[str, Any]:
        """Return a customer or product as the company holds it."""
        key = {"customers": "Number", "products": "Code"}[register]
        held = self.simulator.state()[register]
        found: dict[str, Any] = next(record for record in held if str(record[key]) == number)
        return found

    def employee(self) -> dict[str, Any]:
        """Return one of the company's employees."""
        found: dict[str, Any] = self.simulator.state()["employees"][0]
        return found

    def pay(self, invoice_number: str, amount: Decimal | None, day: date, *, write_off: bool = False) -> None:
        """Book a payment of an invoice."""
        with self.simulator.lock:
            invoices.pay(self.simulator.books, int(invoice_number), amount, day=day, write_off=write_off)

    def send_by_hand(self, order_number: str) -> None:
        """Send an order as a person in the program does."""
        books = self.simulator.books
        with self.simulator.lock:
            order = books.by("orders", "SalesOrderNo", int(order_number))
            assert order is not None
            sending.send_by_hand(books, order, {"DeliveryType": "PdfPrintForDownload"})


Connect = Callable[..., Company]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Build companies: `connect(simulator=None, behaviour=None, under="", **settings)`."""
    with ExitStack() as stack:
        served: dict[int, str] = {}

        def build(
            simulator: PowerOfficeSimulator | None = None,
            *,
            behaviour: Behaviour | None = None,
            under: str = "",
            name: str = "poweroffice-test",
            budget: MemoryBudget | None = None,
            **settings: Any,
        ) -> Company:
            simulator = simulator or PowerOfficeSimulator(rate_limit=None, behaviour=behaviour)
            if id(simulator) not in served:
                served[id(simulator)] = stack.enter_context(straight(simulator))
            company = Company(simulator, served[id(simulator)] + under, settings, name=name, budget=budget)
            stack.callback(lambda: company.connection.close())
            return company

        yield build


@pytest.fixture
def company(connect: Connect) -> Company:
    """A company with the default settings and nothing but its registers."""
    return connect()


@pytest.fixture
def furnish(connect: Connect) -> Connect:
    """Build companies that have customer 10001 and product S-1: `furnish(behaviour=None, **settings)`."""

    def build(behaviour: Behaviour | None = None, **settings: Any) -> Company:
        given = behaviour or Behaviour(sending_seconds=0.02)
        late, given.replica_seconds = given.replica_seconds, 0.0
        company = connect(behaviour=given, **settings)
        company.simulator.seed(
            {
                "customers": [{"Name": "Fjord AS", "Number": 10001}],
                "products": [{"Code": "S-1", "Name": "Stol", "UnitPrice": 100}],
                "behaviour": {"replica_seconds": late},
            }
        )
        return company

    return build


@pytest.fixture
def furnished(furnish: Connect) -> Company:
    """A company that has customer 10001 and product S-1."""
    return furnish()
