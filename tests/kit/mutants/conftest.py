"""Of each mutant only the group of rules is collected that must catch it."""

from __future__ import annotations

from typing import Any

import pytest

from erpcore.testing.contract.base import RULE


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str) -> list[Any] | None:
    mutant = getattr(getattr(collector, "cls", None), "mutant", None)
    match = RULE.match(name)
    if mutant is None or match is None or _concerned(match[1], mutant):
        return None  # collected as usual
    return []


def _concerned(rule: str, mutant: Any) -> bool:
    if rule in _DEAR or mutant.alone or mutant.rule[0] in "FM":
        return rule == mutant.rule
    return rule[0] == mutant.rule[0]


_DEAR = ("D01", "D09", "C05", "C06")
"""Rules that are only run where they must catch: no mutant is the class of the entry point, and processes are slow."""
