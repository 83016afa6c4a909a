"""Of each mutant the rule is run that must catch it, case by case until one does; all rules where none is named.

The good plugin keeps all rules.
"""

from __future__ import annotations

from typing import Any

import pytest

from erpcore.testing.contract.base import RULE

CAUGHT = pytest.StashKey[set[type]]()


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str) -> list[Any] | None:
    mutant = getattr(getattr(collector, "cls", None), "mutant", None)
    match = RULE.match(name)
    if mutant is None or match is None or mutant.rule == match[1]:
        return None  # collected as usual
    if not mutant.rule and match[1] != "D01":  # D01 fails for each of them: the entry point leads to the good plugin
        return None
    return []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Function, nextitem: pytest.Item | None) -> bool | None:
    if item.cls not in item.config.stash.setdefault(CAUGHT, set()):
        return None  # run as usual
    item.session._setupstate.teardown_exact(nextitem)  # as after a case that is run: its class may be done
    return True


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Function) -> Any:
    report: pytest.TestReport = yield
    if report.failed:
        item.config.stash[CAUGHT].add(item.cls)
    return report
