"""What the core's tests share."""

from collections.abc import Callable

import pytest

from erpcore.http import MemoryBudget, MemoryTokenStore
from erpcore.plugin import Host


@pytest.fixture
def host() -> Callable[[str], Host]:
    """Give what erpcore lends to a plugin, kept in memory."""

    def build(connection: str) -> Host:
        return Host(
            connection=connection, budget=MemoryBudget(), tokens=MemoryTokenStore(), observer=lambda exchange: None
        )

    return build
