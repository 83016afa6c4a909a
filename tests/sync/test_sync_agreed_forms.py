"""Sums are kept by every ERP plugin's rows, or it is told that they are not: reckoned here, from what would be sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_memory.plugin import MemoryPlugin
from erpcore_poweroffice.plugin import PowerOfficePlugin
from erpcore_visma_admin.plugin import VismaAdminPlugin
from erpcore_visma_eaccounting.plugin import VismaEAccountingPlugin
from hypothesis import example, given, settings, strategies as st

from erpcore.models import DealRow, DocumentRow, InvoiceRow, OrderRow
from erpcore.sync.shared.forms import fitted
from tests.sync.conftest import MakeWorld
from tests.sync.test_sync_agreed import CentErp

CENT = Decimal("0.01")
Native = Mapping[str, Any]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def number(row: Native, name: str) -> Decimal:
    return Decimal(str(row.get(name) or 0))


def fortnox(row: Native) -> Decimal:
    whole = cents(number(row, "DeliveredQuantity") * number(row, "Price"))
    off = number(row, "Discount")
    return whole - cents(off) if row.get("DiscountType") == "AMOUNT" else cents(whole * (100 - off) / 100)


def poweroffice(row: Native) -> Decimal:
    return cents(number(row, "Quantity") * number(row, "ProductUnitPrice") * (100 - number(row, "Allowance")) / 100)


def eaccounting(row: Native) -> Decimal:
    return cents(number(row, "Quantity") * number(row, "UnitPrice") * (1 - number(row, "DiscountPercentage")))


def administration(row: Native) -> Decimal:
    whole = number(row, "QUANTITY1") * number(row, "PRICE_EACH_CURRENT_CURRENCY")
    if (percent := row.get("DISCOUNT (percent)")) is not None:
        return cents(whole * (100 - Decimal(str(percent))) / 100)
    return cents(whole - number(row, "DISCOUNT"))


def memory(row: Native) -> Decimal:
    return cents(number(row, "Delivered") * number(row, "Price") * (100 - number(row, "Percent")) / 100)


ERPS: list[tuple[Any, str, type[DocumentRow], Callable[[Native], Decimal]]] = [
    (FortnoxPlugin, "order_row", OrderRow, fortnox),
    (FortnoxPlugin, "invoice_row", InvoiceRow, fortnox),
    (PowerOfficePlugin, "order_row", OrderRow, poweroffice),
    (VismaEAccountingPlugin, "order_row", OrderRow, eaccounting),
    (VismaEAccountingPlugin, "invoice_row", InvoiceRow, eaccounting),
    (VismaAdminPlugin, "order_row", OrderRow, administration),
    (MemoryPlugin, "order_row", OrderRow, memory),
]

rows = st.fixed_dictionaries(
    {
        "quantity": st.decimals(min_value=Decimal("0.001"), max_value=5000, places=3),
        "unit_price": st.decimals(min_value=0, max_value=100_000, places=4),
    },
    optional={"discount_percent": st.decimals(min_value=0, max_value=100, places=3)},
) | st.fixed_dictionaries(
    {
        "quantity": st.integers(1, 500).map(Decimal),
        "unit_price": st.decimals(min_value=10, max_value=100_000, places=2),
        "discount_amount": st.decimals(min_value=0, max_value=10, places=2),
    }
)


def agreed(row: Mapping[str, Decimal]) -> Decimal:
    gross = row["quantity"] * row["unit_price"]
    return cents(gross - row.get("discount_amount", Decimal(0)) - gross * row.get("discount_percent", Decimal(0)) / 100)


@pytest.mark.parametrize("erp", ERPS, ids=lambda erp: f"{erp[0].name}-{erp[1]}")
@given(given_rows=st.lists(rows, min_size=1, max_size=5))
@settings(max_examples=60)
@example(given_rows=[{"quantity": Decimal(10000), "unit_price": Decimal("0.0125")}])
@example(given_rows=[{"quantity": Decimal("0.125"), "unit_price": Decimal(1200)}])
def test_what_is_sent_comes_to_what_was_agreed_or_it_is_told(erp: Any, given_rows: list[dict[str, Decimal]]) -> None:
    plugin, name, model, reckon = erp
    field_map = plugin.field_maps[name]

    def hold(row: Any) -> Any:
        return field_map.from_native(field_map.to_native(row))

    wanted = [model(description="Part", **row) for row in given_rows]
    found = fitted(wanted, hold, lambda index: True)
    told = {misfit.row for misfit in found.misfits}
    for place, (sent, row) in enumerate(zip(found.rows, given_rows, strict=True), 1):
        comes_to = reckon(field_map.to_native(sent))
        if place not in told:
            assert abs(comes_to - agreed(row)) <= CENT, (row, sent)


@pytest.mark.parametrize("erp", ERPS, ids=lambda erp: f"{erp[0].name}-{erp[1]}")
def test_nine_of_ten_rows_that_an_erp_can_hold_are_held(erp: Any) -> None:
    plugin, name, model, _ = erp
    field_map = plugin.field_maps[name]

    def hold(row: Any) -> Any:
        return field_map.from_native(field_map.to_native(row))

    many = [
        model(description="Part", quantity=Decimal(quantity), unit_price=Decimal(price), discount_percent=Decimal(off))
        for quantity in ("1", "3", "2.5", "0.125", "10000")
        for price in ("100", "99.99", "0.0125", "33.333")
        for off in ("0", "10", "33.3333")
    ]
    misfits = fitted(many, hold, lambda index: True).misfits
    assert len([each for each in misfits if abs(each.ours - each.theirs) > CENT]) <= len(many) / 10


@pytest.mark.parametrize("made", ["order", "invoice"])
def test_done_means_that_the_erps_sum_is_the_agreed_one(make_world: MakeWorld, made: str) -> None:
    world = make_world(erp_class=CentErp, won_deal=made)
    world.company()
    world.article("A1")
    done = 0
    cases = [
        (quantity, price, currency, vat)
        for quantity, price in (("3", "33.333"), ("0.125", "1200"), ("10000", "0.0125"), ("7", "19.99"))
        for currency in ("SEK", "EUR")
        for vat in (None, "25", "6")
    ]
    for index, (quantity, price, currency, vat) in enumerate(cases):
        rate = {} if vat is None else {"vat_percent": Decimal(vat)}
        row = DealRow(
            article_number="A1", description="Part", quantity=Decimal(quantity), unit_price=Decimal(price), **rate
        )
        world.deal(f"p{index}", rows=(row,), currency=currency)
        run = world.handle(f"p{index}")
        net = cents(Decimal(quantity) * Decimal(price))
        register = world.books.orders if made == "order" else world.books.invoices
        if run.state == "done":
            done += 1
            document = register[str(world.desk.deals[f"p{index}"].erp_id)]
            assert abs(document.net - net) <= Decimal("0.50")
            assert document.currency == currency
            if vat is not None:
                assert abs(document.vat - cents(net * Decimal(vat) / 100)) <= Decimal("0.50")
        else:
            assert f"{net}" in str(run.error_text), "why it is not done"
    assert done >= len(cases) * 9 / 10
