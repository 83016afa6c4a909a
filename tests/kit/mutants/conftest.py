"""Of each mutant only the rule is collected that must catch it; elsewhere the good plugin is run through them all."""

from __future__ import annotations

from typing import Any

import pytest

from erpcore.testing.contract.base import RULE


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str) -> list[Any] | None:
    mutant = getattr(getattr(collector, "cls", None), "mutant", None)
    match = RULE.match(name)
    if mutant is None or match is None or match[1] == mutant.rule:
        return None  # collected as usual
    return []
