"""Rounding as accounting programs do it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

EXACT = Context(prec=60)
"""Holds the product of the greatest quantity and the greatest price, which the usual context rounds or refuses."""


def rounded(amount: Decimal, decimals: int = 2) -> Decimal:
    """Round half away from zero."""
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, EXACT)
