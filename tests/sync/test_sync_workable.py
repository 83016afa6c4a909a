"""Rules that cannot work are refused, each by what it lacks; what a company's country says of VAT."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

import pytest

from erpcore.errors import InvalidValueError
from erpcore.fields import Unsupported
from erpcore.models import Company, CompanyAddress, CrmOrderRow, DealRow, Order, RegisterEntry
from erpcore.sync.shared.loss_words import loss, place
from erpcore.sync.shared.losses import PlannedLoss
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.vat import require_decided, vat_of
from erpcore.sync.shared.workable import cannot_work
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import MemoryErp, _map
from tests.sync.world import World


class Bare(MemoryErp):
    """An ERP with little: no invoices, no articles, no place for a project."""

    create_invoice = None  # type: ignore[assignment]
    create_article = None  # type: ignore[assignment]
    create_customer = None  # type: ignore[assignment]
    convert_to_invoice = None  # type: ignore[assignment]
    field_maps: ClassVar = {
        **MemoryErp.field_maps,
        "order": _map(Order, Unsupported("project", reason="it has no projects")),
    }


@pytest.mark.parametrize(
    ("rule", "rules"),
    [
        ("won_deal", {"won_deal": "invoice"}),
        ("convert_to_invoice", {"convert_to_invoice": True}),
        ("convert_field", {"convert_field": "Invoice"}),
        ("missing_article", {"missing_article": "create"}),
        ("free_row", {"free_row": "article"}),
        ("missing_customer", {"missing_customer": "create"}),
        ("report_created_articles", {"report_created_articles": True}),
        ("field_mapping", {"field_mapping": {"Project": "project"}}),
        ("on_cleared_order_number", {"on_cleared_order_number": "restore"}),
    ],
)
def test_a_rule_that_cannot_work_is_refused(make_world: MakeWorld, rule: str, rules: Any) -> None:
    world = make_world(erp_class=Bare)
    found = cannot_work("s", SyncRules(**rules), world.crm, world.erp)
    assert f"syncs.s.{rule}" in [error.setting for error in found]
    assert all(error.advice for error in found)
    assert not cannot_work("s", SyncRules(), world.crm, world.erp), "nobody is refused for what nobody has set"


def test_a_loss_of_a_field_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"did you mean “rows\.description”"):
        SyncRules(on_loss_of={"row.description": "block"})


def test_rows_are_counted_from_one_and_the_lost_part_is_shown() -> None:
    assert place("rows[27].unit") == "row 28, unit"
    assert place("rows[0-2, 7].unit") == "rows 1-3, 8, unit"
    assert place("invoice_address.city") == "invoice_address.city"
    cut = PlannedLoss(
        record="order",
        field="rows[0].description",
        kind="truncated",
        value="a" * 100 + " LAST",
        becomes="a" * 100,
        reason="at most 100 characters",
        policy="warn",
    )
    assert "LAST" in loss(cut)
    assert "5 of 105 characters are lost" in loss(cut)


@pytest.mark.parametrize(
    ("home", "country", "number", "treatment", "undecided"),
    [
        ("SE", "SE", "5560004615", None, None),
        ("SE", "NO", "910000012", "export", None),
        ("SE", "DE", "DE136695976", "eu", None),
        ("SE", "DE", "HRB 123", None, "DE"),
        ("SE", "AX", "FI12345671", "export", None),
        ("NO", "SE", "5560004615", "export", None),
        (None, "DE", "DE136695976", None, None),
        ("SE", None, "5560004615", None, None),
    ],
)
def test_vat_follows_country_and_vat_number(
    home: str | None, country: str | None, number: str, treatment: str | None, undecided: str | None
) -> None:
    address = None if country is None else CompanyAddress(country_code=country)
    found = vat_of(Company(id="1", name="A", organisation_number=number, postal_address=address), home)
    assert (found.treatment, found.undecided) == (treatment, undecided)
    if undecided is None:
        require_decided(found, SyncRules(), "company 1")
        return
    require_decided(found, SyncRules(undecided_vat="note"), "company 1")
    with pytest.raises(InvalidValueError, match="VAT number"):
        require_decided(found, SyncRules(), "company 1")


class Swedish(MemoryErp):
    """An ERP of a Swedish company, with units and a bound on rows."""

    country = "SE"
    own_currency = "SEK"
    most_rows = 3


def shop(make_world: MakeWorld, **rules: Any) -> World:
    world = make_world(erp_class=Swedish, **rules)
    world.company()
    world.deal()
    return world


def test_the_own_currency_is_sent_and_an_article_gets_no_price_of_another(make_world: MakeWorld) -> None:
    world = shop(make_world, free_row="article")
    assert world.handle().state == "done"
    assert world.only_order.currency == "SEK"
    row = DealRow(description="Lamp", quantity=Decimal(1), unit_price=Decimal(1200))
    world.deal("d2", rows=(row,), currency="EUR")
    assert world.handle("d2").state == "done"
    (article,) = world.books.articles.values()
    assert article.price is None
    assert "gets none: the row's is in EUR" in world.told("d2")


def test_a_free_row_makes_no_article_and_one_of_the_same_name_is_used_where_articles_are_made(
    make_world: MakeWorld,
) -> None:
    row = DealRow(description="Montage", quantity=Decimal(1), unit_price=Decimal(10))
    world = shop(make_world)
    world.article("M1", "Montage")
    world.deal("d2", rows=(row,))
    assert world.handle("d2").state == "done"
    assert (list(world.books.articles), world.only_order.rows[0].article_number) == (["M1"], None)
    world.rules(free_row="article")
    world.deal("d3", rows=(row,))
    assert world.handle("d3").state == "done"
    assert world.books.orders["1002"].rows[0].article_number == "M1"
    assert "exactly this text as M1. It is used." in world.told("d3")
    world.rules(free_row="article", article_of_same_name="stop")
    world.deal("d4", rows=(row,))
    assert world.handle("d4").state == "failed"


def test_more_rows_than_the_erp_takes_stop_in_plan_and_run(make_world: MakeWorld) -> None:
    world = shop(make_world)
    row = DealRow(description="Part", quantity=Decimal(1), unit_price=Decimal(10))
    world.deal("d2", rows=(row,) * 4)
    with pytest.raises(InvalidValueError, match="4 rows, and Memory ERP takes 3"):
        world.won_deal.preview("d2")
    assert world.handle("d2").state == "failed"
    assert not world.books.orders


def test_an_open_deal_is_previewed_as_if_it_were_won(make_world: MakeWorld) -> None:
    world = shop(make_world)
    world.desk.change("d1", won=False)
    plan = world.won_deal.preview("d1")
    assert "not won" in plan.why
    assert "what would happen if it were won" in plan.why
    assert "create_order" in [step.name for step in plan.steps]


def test_usual_words_for_units_become_the_erps_codes(make_world: MakeWorld) -> None:
    world = shop(make_world)
    known = {"stk": "st", "Timme": "h"}
    entries = (RegisterEntry(code="st", name="Styck"), RegisterEntry(code="h", name="Timmar"))
    registers = world.won_deal.sides.registers
    registers._held["unit"] = entries
    erp: Any = world.erp
    erp.plugin.field_maps = {**erp.plugin.field_maps, "order_row": _unit_map()}
    erp.can = lambda name: True
    assert registers.units(erp, ["stk", "Timme", "st", "what"], None) == known  # type: ignore[arg-type]


def _unit_map() -> Any:
    from erpcore.fields import Field
    from erpcore.models import OrderRow

    return _map(OrderRow, Field("unit", "unit", register="unit"))


def test_a_row_of_an_order_has_its_units_word_changed() -> None:
    from erpcore.sync.shared.rows import with_unit

    row = CrmOrderRow(description="x", unit="Stk")
    assert with_unit(row, {"Stk": "st"}, SyncRules()).unit == "st"
    assert with_unit(row, {"Stk": "st"}, SyncRules(units={"stk": "pcs"})).unit == "pcs"


class OfArticles(MemoryErp):
    """An ERP that takes VAT and account of a row from its article."""

    @property
    def needs_article(self) -> str | None:
        return "default_article"


def test_a_row_needs_an_article_and_one_that_is_made_first_counts(make_world: MakeWorld) -> None:
    world = make_world(erp_class=OfArticles)
    world.company()
    world.deal(rows=(DealRow(article_number="M7", description="Montage", quantity=Decimal(1), unit_price=Decimal(10)),))
    assert world.handle().state == "done"
    assert world.only_order.rows[0].article_number == "M7"
    world.deal("d2", rows=(DealRow(description="Montage", quantity=Decimal(1), unit_price=Decimal(10)),))
    assert world.handle("d2").state == "failed"
    assert "Row 1 (“Montage”) has a price and no article" in world.told("d2")
