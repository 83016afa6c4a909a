"""A connection to a simulated Fortnox, for every test of the plugin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from erpcore_fortnox.simulator import FortnoxSimulator

from erpcore.connection import ErpConnection
from erpcore.hookspecs import Context
from erpcore.host import Exchange, Host
from erpcore.registry import connect_erp
from erpcore.testing.straight import straight

CONTEXT = Context(correlation_id="test")


class Company:
    """A simulated company and a connection to it.

    Args:
        simulator: The company.
        base_url: Where it is served.
        settings: The connection's settings where they differ from the ones that fit the simulator.
    """

    def __init__(self, simulator: FortnoxSimulator, base_url: str, settings: dict[str, Any]) -> None:
        self.simulator = simulator
        self.base_url = base_url
        self.exchanges: list[Exchange] = []
        self.context = CONTEXT
        self.host = Host.in_memory("fortnox-test", observer=self.exchanges.append)
        given = {
            "client_id": "demo-client",
            "client_secret": "demo-secret",
            "tenant_id": simulator.tenant,
            "base_url": base_url,
            "auth_url": f"{base_url}/oauth-v1",
            "requests_per_window": 10_000,
            "request_seconds": 5.0,
        }
        self.connection = connect_erp("fortnox", self.host, {**given, **settings})

    def asked(self) -> list[str]:
        """Return method and path of what the company's interface was asked so far, sign-in left out, and forget it."""
        entries = [entry for entry in self.simulator.journal.entries() if entry.path.startswith("/3/")]
        self.simulator.journal.clear()
        return [f"{entry.method} {entry.path.removeprefix('/3/')}" for entry in entries]

    def record(self, register: str, number: str) -> dict[str, Any]:
        """Return a record as the company holds it."""
        held = self.simulator.state()[register]
        key = {"customers": "CustomerNumber", "articles": "ArticleNumber"}.get(register, "DocumentNumber")
        return next(record for record in held if record[key] == number)


Connect = Callable[..., Company]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Build companies: `connect(simulator=None, **settings)`."""
    with ExitStack() as stack:

        def build(simulator: FortnoxSimulator | None = None, **settings: Any) -> Company:
            simulator = simulator or FortnoxSimulator(rate_limit=None)
            company = Company(simulator, stack.enter_context(straight(simulator)), settings)
            stack.callback(company.connection.close)
            return company

        yield build


@pytest.fixture
def company(connect: Connect) -> Company:
    """A company with the default settings."""
    return connect()


@pytest.fixture
def company_connection(company: Company) -> ErpConnection:
    """Only the connection of `company`."""
    return company.connection
