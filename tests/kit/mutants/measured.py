"""The honest authors' plugins under all rules, to see which one catches each.

``pytest tests/kit/mutants/measured.py --tb=no -q --contract-report=FILE``; what it finds goes into `honest_table`.
"""

from __future__ import annotations

from dataclasses import replace

from tests.kit.mutants import honest_calls, honest_reading, honest_values, second_crm, second_erp, second_reading, third
from tests.kit.mutants.base import HONEST

__all__ = ["honest_calls", "honest_reading", "honest_values", "second_crm", "second_erp", "second_reading", "third"]

for _mutant in HONEST:
    _mutant.contract.mutant = replace(_mutant, rule="")  # type: ignore[attr-defined] # for the conftest beside
    globals()[_mutant.contract.__name__] = _mutant.contract
