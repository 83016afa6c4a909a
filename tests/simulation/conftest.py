"""What all tests of the simulation share."""

from __future__ import annotations

import pytest
from erpcore_visma_admin.simulator.library import compiler


@pytest.fixture(autouse=True)
def _needs_compiler(request: pytest.FixtureRequest) -> None:
    if "visma_admin" in request.node.name and compiler() is None:
        pytest.skip("the simulated Visma Administration needs a C compiler")
