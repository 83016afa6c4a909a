"""All mutants' contracts as test classes, for a pytest run of their own (`tests/kit/test_kit_mutants.py`)."""

from __future__ import annotations

from tests.kit.mutants import (
    carrying,
    crm,
    crm_lists,
    declaring,
    eighth,
    failing,
    fifth,
    fifth_crm,
    fortnox,
    fourth,
    fourth_crm,
    fourth_documents,
    honest_calls,
    honest_reading,
    honest_values,
    noisy,
    passing_over,
    poweroffice,
    second_crm,
    second_erp,
    second_reading,
    seventh,
    seventh_crm,
    sixth,
    third,
    trusting,
    unseen,
    working,
)
from tests.kit.mutants.base import HONEST, MUTANTS

MODULES = (
    carrying,
    crm,
    crm_lists,
    declaring,
    eighth,
    failing,
    fifth,
    fifth_crm,
    fortnox,
    fourth,
    fourth_crm,
    fourth_documents,
    honest_calls,
    honest_reading,
    honest_values,
    noisy,
    passing_over,
    poweroffice,
    second_crm,
    second_erp,
    second_reading,
    seventh,
    seventh_crm,
    sixth,
    third,
    trusting,
    unseen,
    working,
)

for _mutant in (*MUTANTS, *HONEST):
    _mutant.contract.mutant = _mutant  # type: ignore[attr-defined] # for the conftest beside, which picks the rules
    globals()[_mutant.contract.__name__] = _mutant.contract
