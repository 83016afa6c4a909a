"""Discounts: PowerOffice takes percent of a line and nothing else, so an amount is worked out into percent.

The unit is percent (``Allowance`` 12.5 is 12.5 %), from -1000 to 100 (interface description, sales order lines). The
older interface took a fraction under the name ``DiscountPercent``; that name only stands in the printed table. An
amount is one on the whole row. How many decimals PowerOffice keeps of the percentage, and how it rounds a line, is
unconfirmed: the setting ``discount_decimals``, and two decimals with halves away from zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erpcore.fields import OMIT, Loss, LossKind
from erpcore.models import DocumentRow
from erpcore_poweroffice.values import cents, number

_LEAST, _MOST = Decimal(-1000), Decimal(100)
_ORE = Decimal("0.01")
_NO_SUM = "the discount cannot be told in percent of a row without quantity and price"
_TOO_MUCH = "PowerOffice takes a discount of at most 100 percent and a surcharge of at most 1000"


def line_net(row: DocumentRow, allowance: Decimal) -> Decimal:
    """Give what PowerOffice computes of a row: quantity times price less the allowance, in the document's currency.

    Args:
        row: A row with quantity and price.
        allowance: Percent.
    """
    return cents(_gross(row) * (1 - allowance / 100))


def from_amount(row: DocumentRow, decimals: int) -> Any:
    """Give the percentage of a row's discount amount; `OMIT` when it has none, or one that cannot be told in percent.

    Args:
        row: The row.
        decimals: Decimals that PowerOffice keeps of a percentage.
    """
    if not row.discount_amount:
        return OMIT
    gross = _gross(row)
    return _in_bounds(row.discount_amount * 100 / gross, decimals) if gross else OMIT


def from_percent(row: DocumentRow, decimals: int) -> Any:
    """Give the percentage of a row without a discount amount; `OMIT` when there is nothing to say.

    A row with an article or a price and no discount says 0: without a word it would get the customer's own discount.
    """
    if row.discount_amount or row.is_text:
        return OMIT
    return _in_bounds(row.discount_percent or Decimal(0), decimals)


def amount_loss(row: DocumentRow, decimals: int) -> Loss | None:
    """Tell when the row's sum in PowerOffice would differ from the CRM's by more than an öre."""
    if not row.discount_amount:
        return None
    sent = from_amount(row, decimals)
    if sent is OMIT:
        reason = _TOO_MUCH if _gross(row) else _NO_SUM
        return Loss("discount_amount", LossKind.DROPPED, row.discount_amount, None, reason)
    arrives = _gross(row) - line_net(row, sent)
    if abs(arrives - row.discount_amount) <= _ORE:
        return None
    reason = f"sent as {sent} percent; PowerOffice keeps {decimals} decimals of it"
    return Loss("discount_amount", LossKind.ROUNDED, row.discount_amount, arrives, reason)


def percent_loss(row: DocumentRow, decimals: int) -> Loss | None:
    """Tell when a percentage is not sent as it is."""
    percent = row.discount_percent
    if not percent:
        return None
    if row.discount_amount:
        if cents(_gross(row) * percent / 100) == cents(row.discount_amount):
            return None
        reason = "a row has one discount; the amount is sent"
        return Loss("discount_percent", LossKind.DROPPED, percent, None, reason)
    sent = from_percent(row, decimals)
    if sent is OMIT:
        return Loss("discount_percent", LossKind.DROPPED, percent, None, _TOO_MUCH)
    if sent == percent:
        return None
    return Loss("discount_percent", LossKind.ROUNDED, percent, sent, f"{decimals} decimals")


def percent_read(line: Mapping[str, Any]) -> Any:
    """Read the percentage of one of PowerOffice's lines."""
    found = number(line.get("Allowance"))
    return found if found is not OMIT and found else OMIT


def _gross(row: DocumentRow) -> Decimal:
    return (row.quantity or Decimal(0)) * (row.unit_price or Decimal(0))


def _in_bounds(percent: Decimal, decimals: int) -> Any:
    if not _LEAST <= percent <= _MOST:
        return OMIT
    kept = percent.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return kept.quantize(Decimal(1)) if kept == kept.to_integral_value() else kept.normalize()
