"""A connection to a simulated Visma eAccounting, for every test of the plugin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest
from erpcore_visma_eaccounting.simulator import Behaviour, VismaEAccountingSimulator

from erpcore.connection import ErpConnection
from erpcore.hookspecs import Context
from erpcore.host import SYSTEM_CLOCK, Exchange, Host, MemoryBudget, MemoryTokenStore, Token
from erpcore.registry import connect_erp
from erpcore.testing.straight import straight

CONTEXT = Context(correlation_id="test")
NAME = "visma-test"


def tokens_of(simulator: VismaEAccountingSimulator, name: str) -> MemoryTokenStore:
    """A token store that holds what a person's consent gave."""
    issued = simulator.tokens()
    store = MemoryTokenStore()
    until = datetime.now(UTC) + timedelta(seconds=issued.expires_in)
    store.save(name, Token(issued.access_token, issued.refresh_token, until, " ".join(issued.grant.scopes)))
    return store


class Company:
    """A simulated company and a connection to it.

    Args:
        simulator: The company.
        base_url: Where it is served.
        settings: The connection's settings where they differ from the ones that fit the simulator.
        budget: The connection's budget; one of its own when None.
        name: Name of the connection.
        zone: Time zone of the company.
    """

    def __init__(
        self,
        simulator: VismaEAccountingSimulator,
        base_url: str,
        settings: dict[str, Any],
        *,
        budget: MemoryBudget | None = None,
        name: str = NAME,
        zone: tzinfo = UTC,
    ) -> None:
        self.simulator = simulator
        self.base_url = base_url
        self.exchanges: list[Exchange] = []
        self.context = CONTEXT
        self.host = Host.in_memory(
            name,
            budget=budget or MemoryBudget(SYSTEM_CLOCK),
            tokens=tokens_of(simulator, name),
            observer=self.exchanges.append,
            zone=zone,
        )
        given = {
            "client_id": "demo-client",
            "client_secret": "demo-secret",
            "base_url": base_url,
            "identity_url": base_url,
            "default_city": "Okänd",
            "default_postal_code": "000 00",
            "default_article": "S-1",
            "requests_per_window": 10_000,
            "request_seconds": 5.0,
        }
        self.connection: ErpConnection = connect_erp("visma_eaccounting", self.host, {**given, **settings})

    def asked(self) -> list[str]:
        """Return method, path and query of what the interface was asked so far, and forget it."""
        entries = [entry for entry in self.simulator.journal.entries() if entry.path.startswith("/v2/")]
        self.simulator.journal.clear()
        return [f"{entry.method} {entry.path.removeprefix('/v2/')}" for entry in entries]

    def record(self, table: str, **members: Any) -> dict[str, Any]:
        """Return the one record of a table that has these members."""
        held = self.simulator.state()[table]
        (found,) = [each for each in held if all(each[name] == value for name, value in members.items())]
        return dict(found)


Connect = Callable[..., Company]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Build companies: `connect(behaviour=None, simulator=None, **settings)`."""
    with ExitStack() as stack:

        def build(
            behaviour: Behaviour | None = None,
            *,
            simulator: VismaEAccountingSimulator | None = None,
            budget: MemoryBudget | None = None,
            name: str = NAME,
            zone: tzinfo = UTC,
            **settings: Any,
        ) -> Company:
            simulator = simulator or VismaEAccountingSimulator(rate_limit=None, behaviour=behaviour)
            base_url = stack.enter_context(straight(simulator))
            company = Company(simulator, base_url, settings, budget=budget, name=name, zone=zone)
            stack.callback(company.connection.close)
            return company

        yield build


@pytest.fixture
def company(connect: Connect) -> Company:
    """A company with the default settings, customer 1 and the article S-1 of 100 kr."""
    company = connect()
    company.simulator.seed(
        {
            "customers": [{"Name": "Kund AB", "CustomerNumber": "1"}],
            "articles": [{"Number": "S-1", "Name": "Stol", "NetPrice": 100, "GrossPrice": 125}],
        }
    )
    return company
