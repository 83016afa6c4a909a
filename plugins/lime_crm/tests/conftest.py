"""A running Lime CRM simulator, and connections to it as a sync would have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from erpcore_lime_crm.plugin import LimeCrmPlugin
from erpcore_lime_crm.settings import LimeCrmSettings
from erpcore_lime_crm.simulator import LimeCrmSimulator
from erpcore_lime_crm.simulator.demo import API_KEY, API_USER

from erpcore.connection import CrmConnection
from erpcore.host import Exchange, Host
from erpcore.simulator import Clock
from erpcore.testing.straight import straight


@pytest.fixture
def lime() -> LimeCrmSimulator:
    # A server tells its time in whole seconds, so what a test begins with is from before.
    simulator = LimeCrmSimulator(clock=Clock(datetime.now(UTC) - timedelta(minutes=1)))
    simulator.clock.advance(60)
    return simulator


@pytest.fixture
def lime_url(lime: LimeCrmSimulator) -> Iterator[str]:
    with straight(lime) as url:
        yield url


@pytest.fixture
def still_clock() -> Clock:
    return Clock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), ticking=False)


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


Connect = Callable[..., CrmConnection]


@pytest.fixture
def connector(exchanges: list[Exchange]) -> Iterator[Connect]:
    """Connect to a simulator's address; further arguments are settings."""
    made: list[CrmConnection] = []

    def build(url: str, **settings: Any) -> CrmConnection:
        told = {"url": f"{url}/demo", "api_key": API_KEY, "api_user_id": API_USER, "attempts": 1}
        host = Host.in_memory("lime", observer=exchanges.append)
        made.append(CrmConnection(LimeCrmPlugin(LimeCrmSettings.model_validate(told | settings), host)))
        return made[-1]

    yield build
    for connection in made:
        connection.close()


@pytest.fixture
def connect(lime_url: str, connector: Connect) -> Connect:
    """Connect to the simulator; arguments are settings."""
    return lambda **settings: connector(lime_url, **settings)
