"""What was agreed on a document, and how it is compared with what the ERP computed.

Lime CRM stores the sums of an order excluding VAT, the VAT, and including VAT, computed from the rows (ERP connector
documentation, Order): a row is quantity times price less its discount. Where it rounds is unconfirmed, so it is a rule:
`SyncRules.sum_rounding`. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

from erpcore.errors import InvalidValueError
from erpcore.models import CanonicalModel, CurrencyCode, DealRow, Exact
from erpcore.sync.shared import sum_words
from erpcore.sync.shared.rows import CrmRow, row_is_text, row_sum
from erpcore.sync.shared.rules import SyncRules

CENT = Decimal("0.01")
"""The smallest amount of money that sums are told in."""

_HIGHEST_VAT = Decimal("0.27")
"""The highest VAT rate in Europe: what the ERP adds by itself has no more VAT than this."""


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


@dataclass(frozen=True)
class Reconciled:
    """Rows held against what their record shows.

    Attributes:
        extra: Rows that take the rest off, so that the document comes to what the record shows; where they are put,
            `erpcore.sync.shared.discount` says.
        notes: What a person should know.
    """

    extra: tuple[CrmRow, ...] = ()
    notes: tuple[str, ...] = ()


def reconciled(
    rows: Sequence[CrmRow], shown: Mapping[str, Decimal | None], currency: str | None, rules: SyncRules, record: str
) -> Reconciled:
    """Hold the rows of a deal or an order against what it shows.

    Args:
        rows: As the CRM shows them.
        shown: What the CRM shows: the ``value`` of a deal; ``net``, ``vat`` and ``total`` of an order.
        currency: Of all.
        rules: The sync's rules, for what is done where they differ.
        record: The record, for the error.

    Raises:
        InvalidValueError: They differ, and the rules say stop, or no row can take the rest off.
    """
    extra: tuple[CrmRow, ...] = ()
    net = shown.get("value", shown.get("net"))
    whole = sums_of(rows, rules).net
    off = Decimal(0) if net is None else whole - net
    may_be = rules.negative_value == "send" or (net is not None and net >= 0)
    if rules.value_differs == "discount_row" and off > rules.sum_tolerance and whole > 0 and may_be:
        extra = tuple(discount_rows(rows, [row.vat_percent for row in rows], off, rules))
    sums = sums_of((*rows, *extra), rules)
    found = [
        sum_words.worth_otherwise(name, value, ours, currency)
        for name, value in shown.items()
        if value is not None
        and (ours := sums.net if name == "value" else getattr(sums, name)) is not None
        and abs(ours - value) > rules.sum_tolerance
    ]
    if found and rules.value_differs != "warn":
        raise InvalidValueError(
            " ".join(found),
            field="value" if "value" in shown else "net",
            record=record,
            advice="Nothing was sent. Make them the same in the CRM and send it again; or let value_differs = "
            "“discount_row” take off what the rows are too much, or “warn” send the rows.",
        )
    return Reconciled(extra, tuple(found))


def discount_rows(
    rows: Sequence[CrmRow], rates: Sequence[Decimal | None], off: Decimal, rules: SyncRules
) -> Iterator[DealRow]:
    """Give rows that take an amount off, one for each VAT rate, in proportion to what the rows of the rate come to.

    Args:
        rows: As the CRM shows them; together they cost something.
        rates: The VAT rate of each, in percent; None where it is not known.
        off: What is to be taken off.
        rules: The sync's rules, for the rows' text.
    """
    by_rate: dict[Decimal | None, Decimal] = {}
    for row, rate in zip(rows, rates, strict=True):
        if not row_is_text(row):
            by_rate[rate] = by_rate.get(rate, Decimal(0)) + row_sum(row)
    whole, left = sum(by_rate.values(), Decimal(0)), off
    last = list(by_rate)[-1]
    for rate, amount in by_rate.items():
        part = left if rate == last else rounded(off * amount / whole)
        left -= part
        if part:
            vat = {} if rate is None else {"vat_percent": rate}
            yield DealRow.model_validate(
                {"description": rules.discount_row, "quantity": Decimal(1), "unit_price": -part, **vat}
            )


class ErpSums(CanonicalModel):
    """What the ERP tells of a document's money. A field that it does not tell is None.

    Net does or does not hold freight and fee: the ERPs differ.
    """

    net: Exact | None = None
    vat: Exact | None = None
    total: Exact | None = None
    freight: Exact | None = None
    fee: Exact | None = None
    currency: CurrencyCode | None = None

    @classmethod
    def told(cls, given: Mapping[str, Any] | None) -> ErpSums:
        """Read what a hook's answer or a document tells; what is left out can be worked out of the rest.

        Args:
            given: Members by name; others are ignored.
        """
        found = cls.model_validate({name: (given or {}).get(name) for name in cls.model_fields})
        net, vat, total = found.net, found.vat, found.total
        if net is None and vat is not None and total is not None:
            return found.model_copy(update={"net": total - vat})
        return found

    @property
    def added(self) -> Decimal:
        """Freight and fee together, excluding VAT."""
        return (self.freight or Decimal(0)) + (self.fee or Decimal(0))

    def comparable(self, agreed: Sums) -> bool:
        """Tell whether all that was agreed can be held against this.

        Args:
            agreed: What was agreed.
        """
        return self.net is not None and (agreed.total is None or self.total is not None)


def not_agreed(agreed: Sums, told: ErpSums, rules: SyncRules) -> list[Difference]:
    """Give the sums that the ERP computed otherwise than agreed, by more than rounding.

    Freight and fee are no difference here: what the ERP adds by itself is told by `erpcore.sync.shared.story`.

    Args:
        agreed: What was agreed.
        told: What the ERP computed.
        rules: The sync's rules, for what rounding is.
    """
    found = list(differences(agreed, told, rules))
    return [each for each in found if not _is_added(each, told.added, rules.sum_tolerance)]


def _is_added(found: Difference, added: Decimal, tolerance: Decimal) -> bool:
    """Tell whether a difference is what the ERP has added by itself, and the VAT on it."""
    off, most_vat = found.theirs - found.ours, added * _HIGHEST_VAT
    if found.name == "net":
        return added != 0 and abs(off - added) <= tolerance
    least = added if found.name == "total" else Decimal(0)
    return added > 0 and least - tolerance <= off <= least + most_vat + tolerance


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
            known = known and rounded(amount) == 0
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
