"""The rules of a sync: what is refused, and that each is described."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from erpcore.sync.shared.rules import SyncRules


@pytest.mark.parametrize(
    "wrong",
    [
        {"won_deal": "offer"},
        {"typo": 1},
        {"won_deal": "invoice", "convert_to_invoice": True},
        {"field_mapping": {"A": "project", "B": "project"}},
        {"field_mapping": {"A": "project", " a ": "remarks"}},
        {"field_mapping": {"A": "number"}},
        {"currencies": ["kr"]},
        {"customer_defaults": {"terms": "30"}},
    ],
)
def test_wrong_rules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SyncRules.model_validate(wrong)


def test_every_rule_is_described() -> None:
    assert all(len(field.description or "") > 20 for field in SyncRules.model_fields.values())
