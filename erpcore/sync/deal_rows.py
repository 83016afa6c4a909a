"""The rows of a deal: its products, or the one row that stands for a deal without products.

Pure functions. The one row is the deal's name, quantity 1, the deal's value excluding VAT; the deal's own fields that
are filled in follow as text rows (Lime Go's articles on its connector to Fortnox).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erpcore.errors import InvalidValueError
from erpcore.models import Deal, DealRow
from erpcore.sync.mapping import asks_for_invoice, filled_in, text_of
from erpcore.sync.rows import require_sendable
from erpcore.sync.rules import SyncRules


def deal_rows(deal: Deal) -> tuple[DealRow, ...]:
    """Give the products of a deal, or the one row that stands for a deal without products.

    Args:
        deal: The deal as the CRM shows it.

    Raises:
        InvalidValueError: The deal has neither products nor both a name and a value, or a row cannot be sent.
    """
    record = f"deal {deal.id}"
    if deal.rows:
        require_sendable(deal.rows, "deal", record)
        return deal.rows
    name = text_of(deal.name)
    if name is None:
        raise InvalidValueError(
            "The deal has no name, which is the text of its row.",
            field="name",
            record=record,
            advice="Give the deal a name in the CRM and send it again.",
        )
    if deal.value is None:
        raise InvalidValueError(
            "The deal has no value." if deal.shown("value") else "The CRM does not show the deal's value.",
            field="value",
            record=record,
            advice="Fill in the deal's value in the CRM and send it again.",
        )
    return (DealRow(description=name, quantity=Decimal(1), unit_price=deal.value),)


def text_rows(deal: Deal, rules: SyncRules) -> list[dict[str, Any]]:
    """Give the text rows that the deal's own fields become: those filled in and not mapped to a field.

    Args:
        deal: The deal.
        rules: The sync's rules.
    """
    if rules.custom_fields == "ignore":
        return []
    return [
        {"description": f"{field.title}: {str(field.value).strip()}"}
        for field in filled_in(deal)
        if rules.mapped_field(field.title) is None and not asks_for_invoice(field, rules)
    ]
