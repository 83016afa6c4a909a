"""A pytest plugin: rules in an order of chance, each on a bench of its own, as if it were run alone.

``pytest -p tests.kit.alone``. The order is another one for each `ORDER` of the environment.
"""

from __future__ import annotations

import os
import random

import pytest
from _pytest.runner import runtestprotocol


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    random.Random(os.environ.get("ORDER", "1")).shuffle(items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool:
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    runtestprotocol(item, nextitem=None)  # nothing comes after it: all that is shared is torn down
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
