"""The sums of an order: by the CRM's rule, against what the CRM shows and what the ERP computed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from erpcore.hookspecs import Context, hookimpl
from erpcore.models import CrmOrder, CrmOrderRow, Customer, Order, RecordRef
from erpcore.sync.shared import story
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.sums import CENT, Sums, differences, sums_of
from tests.sync.conftest import MakeWorld
from tests.sync.order_plugin import AddingErp, OrderCrm, OwnVatErp, TellingErp, WholeKronorErp
from tests.sync.world import World

RULES = SyncRules()


def row(quantity: str, price: str, vat: str | None = "25", discount: str | None = None) -> CrmOrderRow:
    return CrmOrderRow(
        article_number="A1",
        description="Chair",
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        vat_percent=None if vat is None else Decimal(vat),
        discount_amount=None if discount is None else Decimal(discount),
    )


def test_a_row_is_quantity_times_price_less_its_discount_and_vat_comes_on_top() -> None:
    rows = (row("3", "99.90", "25", "10"), row("1", "50", "12"), CrmOrderRow(description="text"))
    assert sums_of(rows, RULES) == Sums(Decimal("339.70"), Decimal("78.43"), Decimal("418.13"))


def test_where_it_is_rounded_is_a_rule() -> None:
    rows = (row("1", "0.005"), row("1", "0.005"), row("1", "0.005"))
    assert sums_of(rows, RULES).net == Decimal("0.03")
    assert sums_of(rows, SyncRules(sum_rounding="sum")).net == Decimal("0.02")


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [("8375.0", "NOK", "8375.00 NOK"), ("1E+3", "SEK", "1000.00 SEK"), ("-0.005", None, "-0.01"), ("0", None, "0.00")],
)
def test_money_is_written_with_two_decimals_and_its_currency(amount: str, currency: str | None, words: str) -> None:
    assert story.money(Decimal(amount), currency) == words


def test_vat_is_not_guessed() -> None:
    assert sums_of((row("1", "100"), row("1", "100", None)), RULES) == Sums(Decimal(200), None, None)
    assert sums_of((row("1", "100"), row("1", "0", None)), RULES).vat == Decimal(25)


amounts = st.decimals(min_value=0, max_value=10**7, places=2)
rows_with_vat = st.lists(
    st.builds(
        CrmOrderRow,
        description=st.just("x"),
        quantity=st.decimals(min_value=-1000, max_value=1000, places=3),
        unit_price=amounts,
        vat_percent=st.sampled_from([Decimal(0), Decimal(6), Decimal(12), Decimal(25)]),
        discount_amount=st.none() | amounts,
    ),
    max_size=8,
).map(tuple)


@given(rows_with_vat)
def test_sums_are_money_and_add_up(rows: tuple[CrmOrderRow, ...]) -> None:
    each, once = sums_of(rows, RULES), sums_of(rows, SyncRules(sum_rounding="sum"))
    for sums in (each, once):
        assert sums.vat is not None
        assert sums.total == sums.net + sums.vat
        assert all(value == value.quantize(CENT) for value in (sums.net, sums.vat))
    exact = sum(
        (Decimal(str(one.quantity)) * Decimal(str(one.unit_price)) - (one.discount_amount or 0) for one in rows),
        Decimal(0),
    )
    assert abs(once.net - exact) <= CENT / 2
    assert abs(each.net - exact) <= CENT / 2 * len(rows)


@given(rows_with_vat, st.decimals(min_value=-2, max_value=2, places=2))
def test_a_difference_is_told_if_and_only_if_it_is_more_than_rounding(
    rows: tuple[CrmOrderRow, ...], off: Decimal
) -> None:
    ours = sums_of(rows, RULES)
    theirs = CrmOrder(id="1", net=ours.net, vat=ours.vat, total=(ours.total or Decimal(0)) + off)
    assert [found.name for found in differences(ours, theirs, RULES)] == (
        ["total"] if abs(off) > Decimal("0.5") else []
    )
    assert not list(differences(ours, CrmOrder(id="1"), RULES)), "what is not known is not compared"


MakeShop = Callable[..., World]


@pytest.fixture
def make_shop(make_world: MakeWorld) -> MakeShop:
    def make(erp_class: type[AddingErp] = AddingErp, **rules: Any) -> World:
        world = make_world(crm_class=OrderCrm, erp_class=erp_class, **rules)
        world.company(erp_number="50")
        world.books.customers["50"] = Customer(number="50", name="Acme AB")
        world.article("A1")
        world.order(customer_number="50", rows=(row("3", "33.47"), row("7", "11.11", discount="0.30")))
        return world

    return make


def warnings(world: World) -> list[str]:
    return [line.text for line in world.story("o1", "order") if line.kind in ("warning", "note")]


@pytest.mark.parametrize("erp", [AddingErp, WholeKronorErp])
def test_sums_that_differ_by_rounding_alone_are_not_told(make_shop: MakeShop, erp: type[AddingErp]) -> None:
    world = make_shop(erp)
    world.ready()
    assert world.only_order.total is not None
    assert warnings(world) == []


VAT_DIFFERS = [
    "The ERP computed 21.35 SEK as the VAT; 44.47 SEK was agreed in the CRM.",
    "The ERP computed 199.23 SEK as the sum including VAT; 222.35 SEK was agreed in the CRM.",
]


def test_sums_that_differ_ask_a_person_and_stand_on_the_order(make_shop: MakeShop) -> None:
    world = make_shop(OwnVatErp)
    run = world.ready()
    assert (run.state, run.cause) == ("uncertain", "sums_differ")
    assert warnings(world) == VAT_DIFFERS
    order = world.desk.orders["o1"]
    assert order.status == "error"
    assert all(words in str(order.message) for words in ("Order 1001 was made", "the VAT", *VAT_DIFFERS))


def test_sums_that_differ_are_told_with_the_number_where_the_rule_says_warn(make_shop: MakeShop) -> None:
    world = make_shop(OwnVatErp, sums_differ="warn")
    assert world.ready().state == "done"
    assert warnings(world) == VAT_DIFFERS
    order = world.desk.orders["o1"]
    assert (order.status, order.order_number, order.message) == ("synced", "1001", " ".join(VAT_DIFFERS))


def test_an_erp_that_tells_the_sums_with_the_order_is_not_asked_again(make_shop: MakeShop) -> None:
    world = make_shop(TellingErp)
    order = world.desk.orders["o1"]
    world.change_order(rows=tuple(each.model_copy(update={"vat_percent": Decimal(12)}) for each in order.rows or ()))
    assert world.ready().state == "done"
    assert warnings(world) == []
    assert world.books.calls["find_orders"] == 0


def test_sums_told_with_the_order_that_differ_are_told(make_shop: MakeShop) -> None:
    class OwnSums(TellingErp):
        @hookimpl
        def create_order(self, order: Order, context: Context) -> RecordRef:
            ref = super().create_order(order, context)
            return ref.model_copy(update={"total": Decimal("1.00")})

    world = make_shop(OwnSums)
    assert world.ready().state == "uncertain"
    (line,) = warnings(world)
    assert line.startswith("The ERP computed 1.00 SEK as the sum including VAT")


def test_what_rounding_is_is_a_rule(make_shop: MakeShop) -> None:
    world = make_shop(OwnVatErp, sum_tolerance="25")
    assert world.ready().state == "done"
    assert warnings(world) == []


NOT_OF_THE_ROWS = "The CRM shows 300.00 SEK as the sum including VAT, but the rows come to 222.35 SEK."


def test_sums_in_the_crm_that_are_not_those_of_its_rows_stop_the_order(make_shop: MakeShop) -> None:
    world = make_shop()
    world.change_order(net=Decimal("177.88"), vat=Decimal("44.47"), total=Decimal("300.00"))
    run = world.ready()
    assert run.state == "failed"
    assert NOT_OF_THE_ROWS in str(run.error_text)
    assert not world.books.orders


def test_sums_in_the_crm_that_are_not_those_of_its_rows_are_told_where_the_rule_says_warn(make_shop: MakeShop) -> None:
    world = make_shop(value_differs="warn")
    world.change_order(net=Decimal("177.88"), vat=Decimal("44.47"), total=Decimal("300.00"))
    assert world.ready().state == "done"
    assert warnings(world) == [NOT_OF_THE_ROWS]


def test_sums_that_may_not_be_read_are_told_and_keep_nobody_from_the_order_number(make_shop: MakeShop) -> None:
    world = make_shop()
    world.books.faults["find_orders"] = ["before:forbidden"]
    assert world.ready().state == "done"
    assert "could not be compared" in warnings(world)[0]
    order = world.desk.orders["o1"]
    assert order.order_number == "1001"
    assert "could not be compared" in str(order.message)


def test_sums_that_cannot_be_read_now_are_read_later(make_shop: MakeShop) -> None:
    world = make_shop()
    world.books.faults["find_orders"] = ["before:unreachable"]
    run = world.ready()
    assert run.state == "done"
    assert warnings(world) == []


def test_an_order_that_the_erp_does_not_show_is_told_as_not_compared(make_shop: MakeShop) -> None:
    world = make_shop()
    world.books.lag = 30
    assert world.ready().state == "done"
    assert "does not show the document" in warnings(world)[0]
