"""Done means agreed: rows that the ERP cannot hold, values that the rows do not come to, and a person's answers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from erpcore.errors import MissingRecordError
from erpcore.fields import Field, Rows, rounded
from erpcore.hookspecs import Context, hookimpl
from erpcore.models import CrmOrderRow, Customer, DealRow, Invoice, InvoiceRow, Order, OrderRow, RecordRef, Ref
from erpcore.sync import answers
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import MemoryErp, _map
from tests.sync.order_plugin import OrderCrm, OwnVatErp, TellingErp
from tests.sync.world import World


def _money(model: type[Any]) -> Any:
    cents = [rounded(2)]
    return _map(
        model,
        Field("quantity", "quantity", narrow=cents),
        Field("unit_price", "unit_price", narrow=cents),
        Field("discount_amount", "discount_amount", narrow=cents),
        Field("discount_percent", "discount_percent", narrow=cents),
    )


class CentErp(MemoryErp):
    """An ERP that keeps two decimals of everything."""

    field_maps: ClassVar = {
        **MemoryErp.field_maps,
        "order": _map(Order, Rows("rows", "rows", _money(OrderRow)), Field("invoices", "invoices")),
        "order_row": _money(OrderRow),
        "invoice": _map(Invoice, Rows("rows", "rows", _money(InvoiceRow))),
        "invoice_row": _money(InvoiceRow),
    }


class PercentErp(CentErp):
    """An ERP that has no discount by amount."""

    field_maps: ClassVar = {
        **CentErp.field_maps,
        "order_row": _map(
            OrderRow,
            Field("unit_price", "unit_price", narrow=[rounded(2)]),
            Field("quantity", "quantity", narrow=[rounded(2)]),
            Field("discount_amount", "discount_amount", direction="read"),
        ),
    }


def row(quantity: str, price: str, **more: Any) -> DealRow:
    return DealRow(
        article_number="A1", description="Part", quantity=Decimal(quantity), unit_price=Decimal(price), **more
    )


@pytest.fixture
def make_shop(make_world: MakeWorld) -> Callable[..., World]:
    def make(erp_class: type[MemoryErp] = CentErp, **rules: Any) -> World:
        world = make_world(erp_class=erp_class, **rules)
        world.company()
        world.article("A1")
        world.deal()
        return world

    return make


@pytest.mark.parametrize("made", ["order", "invoice"])
@pytest.mark.parametrize(
    ("given", "net", "sent"),
    [
        (row("10000", "0.0125"), "125", ("10000", "0.02", "75")),
        (row("0.125", "1200"), "150", ("0.13", "1200", "6")),
        (row("1000", "99.99", discount_percent=Decimal("33.3333")), "66660.03", ("1000", "99.99", "33329.97")),
        (row("1", "100", discount_amount=Decimal(10), discount_percent=Decimal(5)), "85", ("1", "100", "10")),
        (row("3", "33.33"), "99.99", ("3", "33.33", None)),
    ],
)
def test_a_form_that_keeps_the_sum_is_found(make_shop: Any, made: str, given: DealRow, net: str, sent: Any) -> None:
    world = make_shop(won_deal=made)
    world.desk.change("d1", rows=(given,))
    assert world.handle().state == "done"
    (document,) = (world.books.orders if made == "order" else world.books.invoices).values()
    assert document.net == Decimal(net)
    kept = document.rows[0]
    assert [kept.quantity, kept.unit_price, kept.discount_amount or None] == [each and Decimal(each) for each in sent]
    if sent[2] is not None and given.discount_amount is None:
        assert "the ERP cannot hold it as it is; both come to" in world.told()


def test_where_no_form_keeps_the_sum_both_sums_are_told_and_nothing_is_sent(make_shop: Any) -> None:
    world = make_shop(PercentErp)
    world.desk.change("d1", rows=(row("3", "0.125"), row("7000", "0.125")), value=None)
    run = world.handle()
    assert run.state == "failed"
    for words in ("Row 2 (“Part”) comes to 875.00", "910.00", "sums_differ"):
        assert words in f"{run.error_text} {run.advice}"
    assert not world.books.calls["create_order"]
    world.rules(sums_differ="warn")
    assert world.retry(run).state == "done"
    assert "comes to 875.00" in world.told()


def test_a_row_without_article_becomes_one_piece_where_nothing_else_keeps_the_sum(make_shop: Any) -> None:
    world = make_shop(PercentErp, missing_article="text_row")
    world.desk.change("d1", rows=(DealRow(description="Screws", quantity=Decimal(7000), unit_price=Decimal("0.125")),))
    assert world.handle().state == "done"
    (kept,) = world.only_order.rows
    assert (kept.quantity, kept.unit_price, kept.description) == (1, 875, "Screws (7000 × 0.125)")


@pytest.mark.parametrize("made", ["order", "invoice"])
def test_a_deal_that_is_worth_less_than_its_rows_stops(make_shop: Any, made: str) -> None:
    world = make_shop(won_deal=made)
    world.desk.change("d1", rows=(row("1", "1000"),), value=Decimal(900))
    run = world.handle()
    assert run.state == "failed"
    assert "900.00 as the deal's value, but the rows come to 1000.00" in str(run.error_text)
    assert not world.books.calls["create_order"]
    assert not world.books.calls["create_invoice"]
    with pytest.raises(Exception, match=r"1000\.00"):
        world.won_deal.preview("d1")
    world.rules(value_differs="warn", won_deal=made)
    assert world.retry(run).state == "done"


def test_a_discount_row_takes_the_rest_off_rate_by_rate(make_shop: Any) -> None:
    world = make_shop(value_differs="discount_row")
    rows = (row("1", "750", vat_percent=Decimal(25)), row("1", "250", vat_percent=Decimal(6)))
    world.desk.change("d1", rows=rows, value=Decimal("900.01"))
    assert world.handle().state == "done"
    assert world.only_order.net == Decimal("900.01")
    extra = [(each.description, each.unit_price, each.vat_percent) for each in world.only_order.rows[2:]]
    assert extra == [("Rabatt", Decimal("-74.99"), 25), ("Rabatt", Decimal("-25.00"), 6)]
    assert "“Rabatt” takes 99.99" in world.told()


def test_a_discount_row_adds_nothing(make_shop: Any) -> None:
    world = make_shop(value_differs="discount_row")
    world.desk.change("d1", rows=(row("1", "750"),), value=Decimal(900))
    assert world.handle().state == "failed"


class FeeErp(MemoryErp):
    """An ERP that adds freight and a fee of the customer's card."""

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        ref = super().create_order(order, context)
        return ref.model_copy(update={"freight": Decimal(99), "fee": Decimal(29), "total": ref.total + Decimal(160)})


def test_what_the_erp_adds_by_itself_is_told(make_shop: Any) -> None:
    world = make_shop(FeeErp)
    world.desk.change("d1", value=Decimal(1000), currency="SEK")
    assert world.handle().state == "done"
    assert "added freight of 99.00 SEK and a fee of 29.00 SEK excluding VAT" in world.told()
    assert "1410.00 SEK including VAT" in str(world.desk.told[-1].message)


def test_what_the_erp_adds_by_itself_stops_where_the_rule_says_so(make_shop: Any) -> None:
    world = make_shop(FeeErp, erp_adds="stop", convert_to_invoice=True)
    run = world.handle()
    assert (run.state, run.cause) == ("uncertain", "sums_differ")
    assert not world.books.invoices


class EuroErp(MemoryErp):
    """An ERP whose customer card puts its own currency on documents."""

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        return super().create_order(order, context).model_copy(update={"currency": "EUR"})


def test_another_currency_is_another_sum(make_shop: Any) -> None:
    world = make_shop(EuroErp)
    world.desk.change("d1", currency="SEK")
    run = world.handle()
    assert (run.state, run.cause) == ("uncertain", "sums_differ")
    assert "in EUR; 12500.50 SEK excluding VAT was agreed" in str(run.error_text)


class DearInvoiceErp(MemoryErp):
    """An ERP that makes an invoice of 100 more than its order."""

    @hookimpl
    def convert_to_invoice(self, order_ref: Ref, context: Context) -> RecordRef:
        ref = super().convert_to_invoice(order_ref, context)
        return ref.model_copy(update={"net": ref.net + 100, "total": ref.total + 125})


def test_the_invoice_of_an_order_is_compared_too(make_shop: Any) -> None:
    world = make_shop(DearInvoiceErp, convert_to_invoice=True)
    run = world.handle()
    assert (run.state, run.cause) == ("uncertain", "sums_differ")
    assert "Invoice 1 was made" in str(run.error_text)


@pytest.fixture
def asking(make_world: MakeWorld) -> World:
    world = make_world(crm_class=OrderCrm, erp_class=OwnVatErp)
    world.company(erp_number="50")
    world.books.customers["50"] = Customer(number="50", name="Acme AB")
    world.article("A1")
    vat = {"quantity": Decimal(1), "unit_price": Decimal(100), "vat_percent": Decimal(25)}
    world.order(customer_number="50", create_invoice=True, rows=(CrmOrderRow(article_number="A1", **vat),))
    return world


def answered(world: World, answer: Any, run: Any) -> None:
    with world.store.begin() as connection:
        answer(connection, run, "Kim")


def test_no_invoice_before_a_person_has_said_go_on(asking: World) -> None:
    run = asking.ready()
    assert (run.state, run.cause) == ("uncertain", "sums_differ")
    assert not asking.books.invoices
    answered(asking, answers.go_on, run)
    assert asking.retry(run).state == "done"
    assert len(asking.books.orders) == len(asking.books.invoices) == 1, "the same sums are not asked about twice"
    assert asking.desk.orders["o1"].status == "synced"
    assert "Kim has said that document 1001 may stand" in asking.told("o1", "order")


def test_what_was_corrected_in_the_erp_is_read_anew(asking: World) -> None:
    run = asking.ready()
    held = asking.books.orders["1001"]
    asking.books.orders["1001"] = held.model_copy(update={"vat": Decimal(25), "total": Decimal(125)})
    answered(asking, answers.go_on, run)
    assert asking.retry(run).state == "done"
    assert asking.desk.orders["o1"].message is None


def test_a_document_that_does_not_count_is_made_anew_when_the_order_is_set_ready_again(asking: World) -> None:
    run = asking.ready()
    answered(asking, answers.stop, run)
    assert not asking.books.invoices
    assert asking.handle("o1", "order_ready").state == "nothing", "it is in error in the CRM"
    asking.erp = type(asking.erp)(TellingErp(asking.books))
    asking.rules()
    assert asking.ready().state == "done"
    assert asking.desk.orders["o1"].order_number == "1002"
    assert len(asking.books.invoices) == 1


@pytest.mark.parametrize("answer", [answers.go_on, answers.stop])
def test_an_answer_that_nobody_asked_for_changes_nothing(make_shop: Any, answer: Any) -> None:
    world = make_shop(MemoryErp)
    run = world.handle()
    with pytest.raises(MissingRecordError, match="does not ask that"):
        answered(world, answer, run)
