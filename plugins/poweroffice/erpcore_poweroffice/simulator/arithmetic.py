"""What PowerOffice Go computes of a line and an order. No source states its rounding; see `Behaviour`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from erpcore.simulator import EXACT, rounded
from erpcore_poweroffice.simulator.behaviour import Behaviour


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


def line_amounts(quantity: Decimal, price: Decimal, allowance: Decimal, rate: Decimal, behaviour: Behaviour) -> Amounts:
    """Return the sums of one line.

    Args:
        quantity: In units.
        price: Per unit, in the order's currency.
        allowance: Discount in percent units: 25 is a quarter off, negative is a surcharge (vendor's description).
        rate: VAT as a fraction.
        behaviour: How values are kept and rounded.
    """
    kept_price = _kept(price, behaviour.price_decimals)
    kept_allowance = _kept(allowance, behaviour.allowance_decimals)
    factor = EXACT.subtract(1, EXACT.divide(kept_allowance, 100))
    net = rounded(EXACT.multiply(EXACT.multiply(quantity, kept_price), factor))
    return Amounts(net, rounded(EXACT.multiply(net, rate)))


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


def _kept(value: Decimal, decimals: int | None) -> Decimal:
    return value if decimals is None else rounded(value, decimals)
