"""What the rows of an order come to by the CRM's rule, to be compared with what the CRM shows and the ERP computes.

Lime CRM stores the sums of an order excluding VAT, the VAT, and including VAT, computed from the rows (ERP connector
documentation, Order): a row is quantity times price less its discount. Where it rounds is unconfirmed, so it is a rule:
`SyncRules.sum_rounding`. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from erpcore.sync.shared.rows import CrmRow, row_is_text, row_sum
from erpcore.sync.shared.rules import SyncRules

CENT = Decimal("0.01")
"""The smallest amount of money that sums are told in."""


class HasSums(Protocol):
    """An order with its sums, in the CRM or in the ERP."""

    @property
    def net(self) -> Decimal | None:
        """Sum excluding VAT."""

    @property
    def vat(self) -> Decimal | None:
        """VAT."""

    @property
    def total(self) -> Decimal | None:
        """Sum including VAT."""


@dataclass(frozen=True)
class Sums:
    """Sums in the order's currency; None for what cannot be told.

    Attributes:
        net: Excluding VAT.
        vat: VAT.
        total: Including VAT.
    """

    net: Decimal
    vat: Decimal | None
    total: Decimal | None


@dataclass(frozen=True)
class Difference:
    """Two sums that should be the same.

    Attributes:
        name: Which of the three: net, vat, total.
        ours: What the CRM's rows come to.
        theirs: What the other one says.
    """

    name: str
    ours: Decimal
    theirs: Decimal


def sums_of(rows: Sequence[CrmRow], rules: SyncRules) -> Sums:
    """Add rows up.

    Args:
        rows: As the CRM shows them.
        rules: The sync's rules, for where to round.

    Returns:
        The sums. VAT and total are None when a row that costs something shows no VAT rate.
    """
    net, vat, known = Decimal(0), Decimal(0), True
    for row in rows:
        if row_is_text(row):
            continue
        amount = row_sum(row)
        if row.vat_percent is None:
            known = known and amount == 0
        tax = amount * (row.vat_percent or Decimal(0)) / 100
        each = rules.sum_rounding == "each_row"
        net += rounded(amount) if each else amount
        vat += rounded(tax) if each else tax
    net, vat = rounded(net), rounded(vat)
    return Sums(net, vat if known else None, net + vat if known else None)


def differences(ours: HasSums, theirs: HasSums, rules: SyncRules) -> Iterator[Difference]:
    """Give the sums that differ by more than rounding. What one side does not know is not compared.

    Args:
        ours: What the CRM's rows come to.
        theirs: What the CRM shows, or the ERP computed.
        rules: The sync's rules, for what rounding is.
    """
    for name in ("net", "vat", "total"):
        one, other = getattr(ours, name), getattr(theirs, name)
        if one is not None and other is not None and abs(one - other) > rules.sum_tolerance:
            yield Difference(name, one, other)


def rounded(amount: Decimal) -> Decimal:
    """Round an amount of money to two decimals, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)
