"""An order that is set ready again when the ERP has it: what was changed in the CRM since is not sent, and is told."""

from __future__ import annotations

from decimal import Decimal

from erpcore.models import CrmOrderRow
from tests.sync.conftest import MakeShop
from tests.sync.order_plugin import TellingErp


def row(quantity: str) -> CrmOrderRow:
    price = Decimal("99.50")
    return CrmOrderRow(article_number="A1", description="Chair", quantity=Decimal(quantity), unit_price=price)


def test_an_order_that_was_changed_since_is_not_said_to_be_in_the_erp(make_shop: MakeShop) -> None:
    shop = make_shop(erp_class=TellingErp)
    assert shop.ready().state == "done"
    shop.change_order(rows=(row("7"),))
    run = shop.ready()
    assert (run.state, run.cause) == ("uncertain", "sums_differ")
    told = shop.desk.orders["o1"].message or ""
    assert "199.00 SEK" in told
    assert "696.50 SEK" in told
    assert len(shop.books.orders) == 1

    # Somebody corrects the order in the ERP, which has told other sums when the order was made.
    ((number, order),) = shop.books.orders.items()
    corrected = {"net": Decimal("696.50"), "vat": Decimal(0), "total": Decimal("696.50")}
    shop.books.orders[number] = order.model_copy(update=corrected)
    assert shop.retry(run).state == "done"
    assert not shop.desk.orders["o1"].message


def test_an_order_that_is_the_same_costs_the_erp_nothing(make_shop: MakeShop) -> None:
    shop = make_shop(erp_class=TellingErp)
    shop.ready()
    asked = dict(shop.books.calls)
    assert shop.ready().state == "done"
    assert shop.books.calls == asked


def test_a_changed_order_that_may_differ_is_told(make_shop: MakeShop) -> None:
    shop = make_shop(erp_class=TellingErp, sums_differ="warn")
    shop.ready()
    shop.change_order(rows=(row("7"),))
    assert shop.ready().state == "done"
    assert "696.50 SEK" in (shop.desk.orders["o1"].message or "")
