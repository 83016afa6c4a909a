"""Discounts: Visma takes a fraction of a row (0.1 is 10 percent), so an amount is worked out into one.

An amount is one on the whole row. A fraction keeps four decimals, which is not always enough for an amount; what the
row's sum then differs by is told as a loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erpcore.fields import OMIT, Loss, LossKind
from erpcore.models import DocumentRow
from erpcore_visma_eaccounting.values import cents, number, plain

_STEP = Decimal("0.0001")
_ORE = Decimal("0.01")
_NOTHING = Decimal(0)
_NO_SUM = "the discount cannot be told in percent of a row without quantity and price"
_TOO_MUCH = "Visma takes a discount of 0 to 100 percent"


def of_row(row: DocumentRow) -> Any:
    """Give the fraction to send; `OMIT` for a row of text, or where it cannot be told.

    A row with an article or a price and no discount says 0: without a word it may get the customer's own discount.
    """
    if row.is_text:
        return OMIT
    if row.discount_amount:
        gross = _gross(row)
        return _in_bounds(row.discount_amount / gross) if gross else OMIT
    return _in_bounds((row.discount_percent or _NOTHING) / 100)


def amount_loss(row: DocumentRow) -> Loss | None:
    """Tell when the row's sum in Visma would differ from the CRM's by more than an öre."""
    if not row.discount_amount:
        return None
    sent = of_row(row)
    if sent is OMIT:
        reason = _TOO_MUCH if _gross(row) else _NO_SUM
        return Loss("discount_amount", LossKind.DROPPED, row.discount_amount, None, reason)
    arrives = _gross(row) - cents(_gross(row) * (1 - sent))
    if abs(arrives - row.discount_amount) <= _ORE:
        return None
    reason = f"sent as {plain(sent * 100)} percent; Visma keeps 2 decimals of it"
    return Loss("discount_amount", LossKind.ROUNDED, row.discount_amount, arrives, reason)


def percent_loss(row: DocumentRow) -> Loss | None:
    """Tell when a percentage is not sent as it is."""
    percent = row.discount_percent
    if not percent:
        return None
    if row.discount_amount:
        if cents(_gross(row) * percent / 100) == cents(row.discount_amount):
            return None
        reason = "a row has one discount; the amount is sent"
        return Loss("discount_percent", LossKind.DROPPED, percent, None, reason)
    sent = of_row(row)
    if sent is OMIT:
        return Loss("discount_percent", LossKind.DROPPED, percent, None, _TOO_MUCH)
    arrives = plain(sent * 100)
    return None if arrives == percent else Loss("discount_percent", LossKind.ROUNDED, percent, arrives, "2 decimals")


def percent_read(row: Mapping[str, Any]) -> Any:
    """Read the percentage of one of Visma's rows; `OMIT` when there is none."""
    found = number(row.get("DiscountPercentage"))
    return OMIT if found is OMIT or not found else plain(found * 100)


def _gross(row: DocumentRow) -> Decimal:
    return (row.quantity or _NOTHING) * (row.unit_price or _NOTHING)


def _in_bounds(fraction: Decimal) -> Any:
    return plain(fraction.quantize(_STEP, ROUND_HALF_UP)) if 0 <= fraction <= 1 else OMIT
