"""What the core's tests share."""

from collections.abc import Callable

import pytest

from erpcore.host import Host


@pytest.fixture
def host() -> Callable[[str], Host]:
    """Give what erpcore lends to a plugin, kept in memory."""

    def build(connection: str) -> Host:
        return Host.in_memory(connection)

    return build
