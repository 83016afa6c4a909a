"""Options and fixtures that all tests share."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Examples are the same at every run, so that a failure is the change's. `make proof` takes others and ten times as many
# (``--hypothesis-profile random``), so a test that wants fewer states its part: ``settings().max_examples // 4``.
# No deadline: how long an example takes says more about what else the machine does than about the code.
settings.register_profile("same", deadline=None, derandomize=True, database=None)
settings.register_profile("random", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("same")

# The tests start Python hundreds of times. Without compiled modules each start takes two seconds longer, so what the
# environment says about writing them does not hold here, nor in the processes that are started from here.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

pytest_plugins = ["tests.conftest_postgres", "tests.conftest_once"]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Iterator[None]:
    """Collect without looking for garbage: what is made then, some million objects, stays, so it is not looked at."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the project's own options."""
    group = parser.getgroup("erpcore")
    group.addoption(
        "--vendor-specs",
        default=os.environ.get("ERPCORE_VENDOR_SPECS"),
        type=lambda text: Path(text).resolve() if text else None,
        metavar="DIR",
        help="folder with vendors' own interface descriptions, to hold the simulators to",
    )
    group.addoption(
        "--record-live",
        action="store_true",
        help="record cassettes from a live account, with credentials from the environment, instead of the simulator",
    )
