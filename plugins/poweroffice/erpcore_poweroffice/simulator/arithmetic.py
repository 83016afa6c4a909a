"""What PowerOffice Go computes of a line and an order. No source states its rounding; see `Behaviour`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from erpcore_poweroffice.simulator.behaviour import Behaviour

_EXACT = Context(prec=60)
"""Holds the product of the largest values that a request can have."""


@dataclass(frozen=True)
class Amounts:
    """Sums in the order's currency.

    Attributes:
        net: Without VAT.
        vat: VAT.
    """

    net: Decimal
    vat: Decimal

    @property
    def total(self) -> Decimal:
        """With VAT."""
        return self.net + self.vat


ZERO = Amounts(Decimal(0), Decimal(0))


def rounded(amount: Decimal, decimals: int | None = 2) -> Decimal:
    """Round half away from zero; None leaves the amount as it is."""
    return amount if decimals is None else amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _EXACT)


def line_amounts(quantity: Decimal, price: Decimal, allowance: Decimal, rate: Decimal, behaviour: Behaviour) -> Amounts:
    """Return the sums of one line.

    Args:
        quantity: In units.
        price: Per unit, in the order's currency.
        allowance: Discount in percent units: 25 is a quarter off, negative is a surcharge (vendor's description).
        rate: VAT as a fraction.
        behaviour: How values are kept and rounded.
    """
    kept_price = rounded(price, behaviour.price_decimals)
    kept_allowance = rounded(allowance, behaviour.allowance_decimals)
    factor = _EXACT.subtract(1, _EXACT.divide(kept_allowance, 100))
    net = rounded(_EXACT.multiply(_EXACT.multiply(quantity, kept_price), factor))
    return Amounts(net, rounded(_EXACT.multiply(net, rate)))


def document_amounts(lines: Iterable[tuple[Amounts, Decimal]], behaviour: Behaviour) -> Amounts:
    """Return the sums of an order of lines, each with its VAT rate."""
    lines = list(lines)
    net = sum((amounts.net for amounts, _ in lines), Decimal(0))
    if behaviour.rounding == "line":
        return Amounts(net, sum((amounts.vat for amounts, _ in lines), Decimal(0)))
    by_rate: dict[Decimal, Decimal] = {}
    for amounts, rate in lines:
        by_rate[rate] = by_rate.get(rate, Decimal(0)) + amounts.net
    return Amounts(net, sum((rounded(base * rate) for rate, base in by_rate.items()), Decimal(0)))
