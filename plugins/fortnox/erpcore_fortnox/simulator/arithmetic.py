"""The money of a document: pure functions, Decimal in and out, in the document's currency.

Cents and whole units are rounded half up (recorded replies).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erpcore.simulator import rounded

_HUNDRED = Decimal(100)
FEE_VAT = Decimal(25)
"""The VAT rate of freight and administration fee, in percent."""


@dataclass(frozen=True)
class RowMoney:
    """What a row comes to: `total` in the document's price basis, `net` without VAT."""

    before_discount: Decimal
    total: Decimal
    net: Decimal
    price_net: Decimal


@dataclass(frozen=True)
class Totals:
    """What a document comes to; names as on the wire."""

    net: Decimal
    gross: Decimal
    total_vat: Decimal
    freight_vat: Decimal
    fee_vat: Decimal
    round_off: Decimal
    total: Decimal


def row_money(row: Mapping[str, Any], *, vat_included: bool, off_each: bool) -> RowMoney:
    """Return what a row comes to: delivered quantity x price, less discount, to cents.

    An AMOUNT discount is not taken from a row of which nothing is delivered.

    Args:
        row: DeliveredQuantity, Price, Discount, DiscountType and VAT (percent).
        vat_included: Whether the price holds the VAT.
        off_each: Whether an AMOUNT discount is taken off each unit, and not once off the row.
    """
    before = rounded(row["DeliveredQuantity"] * row["Price"])
    if row["DiscountType"] == "PERCENT":
        total = rounded(before * (_HUNDRED - row["Discount"]) / _HUNDRED)
    else:
        units = row["DeliveredQuantity"] if off_each else 1
        total = before - rounded(row["Discount"] * units) if row["DeliveredQuantity"] else before
    if not vat_included:
        return RowMoney(before, total, total, row["Price"])
    share = _HUNDRED / (_HUNDRED + row["VAT"])
    return RowMoney(rounded(before * share), total, rounded(total * share), rounded(row["Price"] * share))


def totals(
    rows: Sequence[Mapping[str, Any]],
    *,
    vat_included: bool,
    freight: Decimal,
    fee: Decimal,
    fee_vat_rate: Decimal,
    whole_units: bool,
    per_row: bool,
    off_each: bool,
) -> Totals:
    """Return what a document comes to.

    Args:
        rows: As for `row_money`.
        vat_included: Whether prices, freight and fee hold the VAT.
        freight: Freight in the document's price basis.
        fee: Administration fee in the document's price basis.
        fee_vat_rate: VAT of freight and fee, in percent.
        whole_units: Whether the total is brought to whole units of the currency.
        per_row: Whether VAT is rounded per row, not per rate.
        off_each: As for `row_money`.
    """
    money = [row_money(row, vat_included=vat_included, off_each=off_each) for row in rows]
    net = sum((one.net for one in money), Decimal(0))
    vat = _vat(rows, money, vat_included=vat_included, per_row=per_row)
    freight_net, freight_vat = _split(freight, fee_vat_rate, vat_included=vat_included)
    fee_net, fee_vat = _split(fee, fee_vat_rate, vat_included=vat_included)
    exact = net + vat + freight_net + freight_vat + fee_net + fee_vat
    total = rounded(exact, 0) if whole_units else exact
    return Totals(
        net=net,
        gross=sum((rounded(one.before_discount) for one in money), Decimal(0)),
        total_vat=vat,
        freight_vat=freight_vat,
        fee_vat=fee_vat,
        round_off=total - exact,
        total=total,
    )


def _vat(rows: Sequence[Mapping[str, Any]], money: Sequence[RowMoney], *, vat_included: bool, per_row: bool) -> Decimal:
    if vat_included:
        return sum((one.total - one.net for one in money), Decimal(0))
    if per_row:
        parts = [rounded(one.net * row["VAT"] / _HUNDRED) for row, one in zip(rows, money, strict=True)]
        return sum(parts, Decimal(0))
    by_rate: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for row, one in zip(rows, money, strict=True):
        by_rate[row["VAT"]] += one.net
    return sum((rounded(net * rate / _HUNDRED) for rate, net in by_rate.items()), Decimal(0))


def _split(amount: Decimal, rate: Decimal, *, vat_included: bool) -> tuple[Decimal, Decimal]:
    if not vat_included:
        return amount, rounded(amount * rate / _HUNDRED)
    net = rounded(amount * _HUNDRED / (_HUNDRED + rate))
    return net, amount - net
