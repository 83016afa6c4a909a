"""The company's own currency is the ERP's to tell; prices of another one are converted at its rate, or left out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from erpcore.errors import PermissionDeniedError
from erpcore.hookspecs import Context, hookimpl
from erpcore.models import Account, CrmOrderRow, DealRow, Register, RegisterEntry
from tests.sync.conftest import MakeShop, MakeWorld
from tests.sync.memory_plugin import MemoryErp
from tests.sync.order_plugin import AddingErp

LAMP: dict[str, Any] = {"description": "Lamp", "quantity": Decimal(1), "unit_price": Decimal(1200)}


class _Telling(MemoryErp):
    """An ERP that tells the company's own currency, EUR, although its settings say SEK; and the rates of some."""

    tells_currency = True
    own_currency = "SEK"
    refused: Exception | None = None
    rates: ClassVar = {"SEK": Decimal("0.0885"), "EUR": Decimal(1), "NOK": None}

    @hookimpl
    def identify_account(self, context: Context) -> Account:
        self._read("identify_account")
        if self.refused is not None:
            raise self.refused
        return Account(key="7", currency="EUR")

    @hookimpl
    def list_register(self, register: Register, context: Context) -> Sequence[RegisterEntry]:
        return [RegisterEntry(code=code, name=code, rate=rate) for code, rate in self.rates.items()]


class TellingOrders(_Telling, AddingErp):
    """The same for orders."""


def test_the_erp_is_asked_once_and_again_after_an_hour(make_world: MakeWorld) -> None:
    world = make_world(erp_class=_Telling)
    world.company()
    for deal in ("d1", "d2"):
        world.deal(deal)
        assert world.handle(deal).state == "done"
    assert {order.currency for order in world.books.orders.values()} == {"EUR"}
    assert "as EUR, the ERP company's own currency" in world.told("d1")
    assert world.books.calls["identify_account"] == 1
    world.time.move(3601)
    world.deal("d3")
    assert world.handle("d3").state == "done"
    assert world.books.calls["identify_account"] == 2


def test_where_the_erp_does_not_tell_the_setting_counts(make_world: MakeWorld) -> None:
    world = make_world(erp_class=_Telling)
    world.erp.plugin.refused = PermissionDeniedError("No licence.")  # type: ignore[attr-defined]
    world.company()
    world.deal()
    assert world.handle().state == "done"
    assert world.only_order.currency == "SEK"


@pytest.mark.parametrize(
    ("currency", "rule", "price", "told"),
    [
        (
            "SEK",
            "convert",
            Decimal("106.20"),
            "gets the price 106.20 EUR: the row's 1200 SEK at the ERP's rate",
        ),
        ("SEK", "leave_out", None, "gets none: the row's is in SEK"),
        ("NOK", "convert", None, "gets none: the row's is in NOK"),
        ("EUR", "convert", Decimal(1200), None),
    ],
)
@pytest.mark.parametrize("kind", ["deal", "order"])
def test_an_articles_price_of_another_currency_is_converted_or_left_out_and_told(
    make_world: MakeWorld, make_shop: MakeShop, kind: str, currency: str, rule: str, price: Any, told: str | None
) -> None:
    rules: dict[str, Any] = {"foreign_price": rule, "free_row": "article"}
    if kind == "deal":
        world = make_world(erp_class=_Telling, **rules)
        world.books.currencies |= {"NOK"}
        world.company()
        world.deal(rows=(DealRow(**LAMP),), currency=currency)
        assert world.handle().state == "done"
        story = world.told()
    else:
        world = make_shop(erp_class=TellingOrders, **rules)
        world.books.currencies |= {"NOK"}
        world.change_order(rows=(CrmOrderRow(**LAMP),), currency=currency, net=None, vat=None, total=None)
        assert world.ready().state == "done"
        story = world.told("o1", "order")
    (article,) = [each for each in world.books.articles.values() if each.description == "Lamp"]
    assert article.price == price
    assert (told or "") in story
    assert ("gets" in story) is (told is not None)
