"""A running Lime Go simulator, and connections to it as a sync would have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from erpcore_lime_go.plugin import LimeGoPlugin
from erpcore_lime_go.settings import LimeGoSettings
from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_lime_go.simulator.demo import CLIENT_ID, CLIENT_SECRET, COMPANY_KEY, FULL_ACCESS_KEY, PERSONAL_KEY

from erpcore.connection import CrmConnection
from erpcore.host import Exchange, Host
from erpcore.testing.straight import straight

KEYS = {"full_access": FULL_ACCESS_KEY, "company": COMPANY_KEY, "personal": PERSONAL_KEY}


@pytest.fixture
def lime() -> LimeGoSimulator:
    return LimeGoSimulator()


@pytest.fixture
def lime_url(lime: LimeGoSimulator) -> Iterator[str]:
    with straight(lime) as url:
        yield url


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


@pytest.fixture
def connect(lime_url: str, exchanges: list[Exchange]) -> Iterator[Callable[..., CrmConnection]]:
    """Connect with the classic API, or with the Agentic one; further arguments are settings."""
    made: list[CrmConnection] = []

    def build(api: str = "classic", key: str = "full_access", **settings: Any) -> CrmConnection:
        if api == "classic":
            told = {"api_key": KEYS.get(key, key)}
        else:
            told = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        told |= {"api": api, "base_url": lime_url, "erp_id_field": "ERP ID", "attempts": 1}
        host = Host.in_memory("lime", observer=exchanges.append)
        plugin = LimeGoPlugin(LimeGoSettings.model_validate(told | settings), host)
        made.append(CrmConnection(plugin))
        return made[-1]

    yield build
    for connection in made:
        connection.close()
