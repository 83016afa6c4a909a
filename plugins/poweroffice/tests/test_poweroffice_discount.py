"""Discounts: an amount becomes percent, and the row sum that PowerOffice computes is the CRM's, or a loss is told."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from erpcore_poweroffice.document_fields import order_row_map
from erpcore_poweroffice.settings import FieldChoices
from hypothesis import given, strategies as st

from erpcore.fields import LossKind
from erpcore.models import OrderRow

QUANTITIES = st.decimals(-1000, 100_000, places=3)
PRICES = st.decimals(-10_000, 1_000_000, places=4)
AMOUNTS = st.decimals(-100_000, 100_000, places=2)
ORE = Decimal("0.01")


def row(quantity: Any, price: Any, **fields: Any) -> OrderRow:
    return OrderRow(article_number="A-1", quantity=Decimal(quantity), unit_price=Decimal(price), **fields)


def translated(sent: OrderRow, decimals: int = 10) -> tuple[dict[str, Any], list[Any]]:
    field_map = order_row_map(FieldChoices(discount_decimals=decimals))
    return field_map.to_native(sent), field_map.losses(sent)


def computed_by_poweroffice(line: dict[str, Any]) -> Decimal:
    """The vendor's arithmetic, written down a second time: percent of quantity times price, rounded to two decimals."""
    part = (Decimal(100) - Decimal(str(line.get("Allowance", 0)))) / Decimal(100)
    net: Decimal = line["Quantity"] * line["ProductUnitPrice"] * part
    return net.quantize(ORE, ROUND_HALF_UP)


@given(quantity=QUANTITIES, price=PRICES, amount=AMOUNTS, decimals=st.integers(0, 12))
def test_the_row_sum_is_the_crms_within_an_ore_or_a_loss_is_told(
    quantity: Decimal, price: Decimal, amount: Decimal, decimals: int
) -> None:
    line, losses = translated(row(quantity, price, discount_amount=amount), decimals)
    difference = abs(computed_by_poweroffice(line) - (quantity * price - amount))
    assert losses or difference <= ORE
    if losses:
        (loss,) = losses
        assert loss.field == "discount_amount"
        # Rounding is not told without need: with it told, the sum really is another.
        assert loss.kind is LossKind.DROPPED or difference > ORE


@given(
    quantity=st.decimals(1, 10_000, places=2), price=st.decimals(1, 100_000, places=2), part=st.decimals(0, 1, places=6)
)
def test_with_ten_decimals_an_amount_up_to_the_whole_row_is_never_lost(
    quantity: Decimal, price: Decimal, part: Decimal
) -> None:
    amount = (quantity * price * part).quantize(ORE)
    _, losses = translated(row(quantity, price, discount_amount=min(amount, quantity * price)))
    assert losses == []


@pytest.mark.parametrize(
    ("quantity", "price", "amount", "percent"),
    [
        ("2", "50", "25", "25"),
        ("1", "1000", "125", "12.5"),
        ("3", "100", "100", "33.3333333333"),
        ("-1", "100", "-10", "10"),
    ],
)
def test_an_amount_is_sent_in_percent_units(quantity: str, price: str, amount: str, percent: str) -> None:
    line, losses = translated(row(quantity, price, discount_amount=Decimal(amount)))
    assert line["Allowance"] == Decimal(percent)
    assert losses == []


def test_two_decimals_of_percent_are_told_as_rounding_where_money_is_lost() -> None:
    line, (loss,) = translated(row(1, 100_000, discount_amount=Decimal("333.33")), decimals=2)
    assert line["Allowance"] == Decimal("0.33")
    assert (loss.kind, loss.value, loss.becomes) == (LossKind.ROUNDED, Decimal("333.33"), Decimal(330))


@pytest.mark.parametrize(("quantity", "price"), [("0", "100"), ("1", "0"), ("1", "10")])
def test_an_amount_that_is_no_percentage_is_told_and_not_sent(quantity: str, price: str) -> None:
    line, (loss,) = translated(row(quantity, price, discount_amount=Decimal(50)))
    assert "Allowance" not in line
    assert loss.kind is LossKind.DROPPED


def test_a_percentage_goes_as_it_is_and_a_priced_row_without_one_says_nought() -> None:
    assert translated(row(1, 10, discount_percent=Decimal("56.75")))[0]["Allowance"] == Decimal("56.75")
    assert translated(row(1, 10))[0]["Allowance"] == 0
    assert "Allowance" not in translated(OrderRow(description="Only words"))[0]


def test_of_two_discounts_the_amount_is_sent_and_the_other_told_unless_they_agree() -> None:
    line, losses = translated(row(1, 100, discount_amount=Decimal(5), discount_percent=Decimal(10)))
    assert line["Allowance"] == 5
    assert [(loss.field, loss.kind) for loss in losses] == [("discount_percent", LossKind.DROPPED)]
    assert translated(row(1, 100, discount_amount=Decimal(10), discount_percent=Decimal(10)))[1] == []


def test_a_percentage_beyond_what_poweroffice_takes_is_told() -> None:
    line, (loss,) = translated(row(1, 100, discount_percent=Decimal(101)))
    assert "Allowance" not in line
    assert loss.kind is LossKind.DROPPED
