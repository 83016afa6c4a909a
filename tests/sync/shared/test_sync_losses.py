"""What would be lost, in words: the same in many rows is one line, and a long story takes few transactions."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
import sqlalchemy as sa

from erpcore.models import CompanyAddress, Coworker, CrmOrderRow, DealRow, Person
from erpcore.store import Run
from erpcore.sync.shared import loss_words
from erpcore.sync.shared.losses import PlannedLoss, grouped
from tests.sync.conftest import MakeShop, MakeWorld
from tests.sync.order_plugin import DerivingErp
from tests.sync.test_sync_agreed import CentErp
from tests.sync.wish_world import asked
from tests.sync.world import World


def lost(field: str, value: str = "x", record: str = "order") -> PlannedLoss:
    return PlannedLoss(
        record=record, field=field, kind="dropped", value=value, becomes=None, reason="no room", policy="warn"
    )


def fields(*losses: PlannedLoss) -> list[str]:
    return [each.field for each in grouped(losses)]


def test_losses_that_differ_in_their_row_alone_are_one() -> None:
    rows = [lost(f"rows[{row}].{name}") for row in (0, 1, 2, 7, 9, 10) for name in ("unit", "vat")]
    assert fields(*rows) == ["rows[0-2, 7, 9-10].unit", "rows[0-2, 7, 9-10].vat"]


def test_losses_that_differ_in_anything_else_are_told_one_by_one() -> None:
    each = [
        lost("name"),
        lost("rows[3].unit"),
        lost("rows[4].unit", "y"),
        lost("rows[5].unit", record="invoice"),
        lost("name", record="invoice"),
    ]
    assert grouped(each) == each


def sold(world: World, texts: list[str]) -> Run:
    """Win a deal with rows of these texts, none of them an article; the ERP is out of reach once."""
    row = DealRow(quantity=Decimal(1), unit_price=Decimal(10))
    world.company()
    world.deal(rows=tuple(row.model_copy(update={"description": text}) for text in texts))
    world.books.faults["create_order"] = ["before:unreachable"]
    return world.handle()


def told_losses(world: World) -> list[str]:
    return [line.text for line in world.story() if line.kind == "loss"]


def test_the_same_loss_in_every_row_is_one_line(make_world: MakeWorld) -> None:
    world = make_world(missing_article="text_row")
    assert sold(world, ["W" * 51] * 300).state == "done"
    (told,) = told_losses(world)
    assert told.startswith("order, rows 1-300, description: ")
    assert "1 of 51 characters are lost" in told


def test_a_long_story_takes_no_more_transactions_than_a_short_one_and_is_told_once(make_world: MakeWorld) -> None:
    commits: Counter[int] = Counter()
    for rows in (1, 300):
        world = make_world(missing_article="text_row")
        sa.event.listen(world.store.engine, "commit", lambda _, rows=rows: commits.update({rows: 1}))
        assert sold(world, [f"{number:03}" + "W" * 50 for number in range(rows)]).takings == 1
        assert len(told_losses(world)) == rows, "each is another value, and a second attempt tells none of them again"
    assert commits[1] == commits[300]


def test_a_stop_names_the_rows_together(make_world: MakeWorld) -> None:
    run = sold(make_world(on_loss_of={"rows.description": "block"}), ["W" * 51] * 300)
    assert (run.state, run.error_class) == ("failed", "FieldLossError")
    assert "order, rows 1-300, description" in str(run.error_text)
    assert len(str(run.error_text)) < 1000


@pytest.mark.parametrize("kind", ["dropped", "truncated", "rounded", "replaced", "defaulted"])
def test_every_loss_has_its_words(kind: str) -> None:
    lost = PlannedLoss(record="order", field="x", kind=kind, value="v" * 500, becomes=None, reason="why", policy="warn")
    text = loss_words.loss(lost)
    assert text.startswith("order, x: ")
    assert text.endswith("(why).")
    assert len(text) < 250


# What the ERP has from elsewhere is no loss: only VAT that nobody will compare is told

ROW = {"article_number": "A1", "quantity": Decimal(1), "unit_price": Decimal(100), "vat_percent": Decimal(25)}


def test_what_the_erp_has_from_elsewhere_stops_no_order(make_shop: MakeShop) -> None:
    shop = make_shop(erp_class=DerivingErp, on_loss="block")
    shop.change_order(rows=(CrmOrderRow(**ROW),))
    assert shop.ready().state == "done"
    assert [line for line in shop.story("o1", "order") if line.kind == "loss"] == []


def test_what_the_erp_has_from_elsewhere_stops_no_deal(make_world: MakeWorld) -> None:
    world = make_world(erp_class=DerivingErp, on_loss="block")
    world.company()
    world.article("A1")
    world.deal(rows=(DealRow(**{**ROW, "vat_percent": None}),))
    assert world.handle().state == "done"


@pytest.mark.parametrize(("rule", "state"), [("warn", "done"), ("block", "failed")])
def test_vat_that_nobody_compares_is_told_beforehand(make_shop: MakeShop, rule: str, state: str) -> None:
    shop = make_shop(erp_class=DerivingErp, on_loss=rule)
    shop.change_order(rows=(CrmOrderRow(**ROW), CrmOrderRow(**{**ROW, "vat_percent": None})))
    assert shop.ready().state == state
    told = [line.text for line in shop.story("o1", "order") if line.kind == "loss"]
    assert told == ["order, row 1, vat_percent: “25” is the ERP's own (the article decides it)."]


# What a plan leaves out itself is a loss like any other

ATLANTIS = CompanyAddress(street="Gatan 1", postal_code="111 22", city="Orten", country="Atlantis")
NOWHERE = {"organisation_number": None, "postal_address": ATLANTIS, "visiting_address": ATLANTIS}


@pytest.mark.parametrize("by", ["deal", "company", "wish"])
@pytest.mark.parametrize(("rule", "state"), [("warn", "done"), ("block", "failed"), ("allow", "done")])
def test_a_country_that_nobody_can_read(make_world: MakeWorld, by: str, rule: str, state: str) -> None:
    fields = ("invoice_address.country_code", "delivery_address.country_code")
    rules = {"without_organisation_number": "create", "undecided_vat": "note"}
    world = make_world(on_loss_of=dict.fromkeys(fields, rule), **rules)
    world.company(**NOWHERE)
    world.deal()
    if by == "wish":
        run = world.work(asked(world, "create"))
    else:
        run = world.handle() if by == "deal" else world.handle("c1", "company_is_customer")
    assert run.state == state
    assert bool(world.books.customers) is (state == "done")
    told = [line.text for line in world.story(*(("d1", "deal") if by == "deal" else ("c1", "company")))]
    assert bool([text for text in told if text.startswith("customer, invoice_address.country_code: “Atlantis”")]) is (
        rule != "allow"
    )


def test_a_country_of_an_address_that_is_not_overwritten_is_no_loss(make_world: MakeWorld) -> None:
    world = make_world(without_organisation_number="create", undecided_vat="note", on_loss="block")
    world.company(organisation_number=None)
    assert world.work(asked(world, "create")).state == "done"
    world.company(organisation_number=None, visiting_address=ATLANTIS)
    assert world.work(asked(world, "update")).state == "done"


def test_a_row_that_is_sent_without_its_article_by_rule_stops_only_by_the_rule_of_the_very_field(
    make_world: MakeWorld,
) -> None:
    row = DealRow(article_number="A9", description="Chair", quantity=Decimal(1), unit_price=Decimal(10))
    for rules, state in (
        ({"on_loss": "block"}, "done"),
        ({"on_loss_of": {"rows.article_number": "block"}}, "failed"),
        ({"on_loss_of": {"rows.article_number": "allow"}}, "done"),
    ):
        world = make_world(missing_article="text_row", **rules)
        world.company()
        world.article("A1")
        world.deal(rows=(row,))
        assert world.handle().state == state
        assert ("article_number: “A9”" in world.told()) is ("allow" not in str(rules))


@pytest.mark.parametrize("made", ["order", "invoice"])
def test_people_whom_the_document_cannot_name(make_world: MakeWorld, made: str) -> None:
    world = make_world(won_deal=made, on_loss_of={"our_reference": "block"})
    world.company()
    world.deal(responsible=Coworker(number="17"), contact=Person(email="kim@kund.example"))
    assert world.handle().state == "failed"
    world.rules(won_deal=made)
    world.deal("d2", responsible=Coworker(number="17"), contact=Person(email="kim@kund.example"))
    assert world.handle("d2").state == "done"
    assert f"{made}, our_reference: “17” is left out" in world.told("d2")
    assert f"{made}, your_reference: “kim@kund.example” is left out" in world.told("d2")


def test_of_several_fields_that_a_row_loses_the_strictest_rule_counts(make_world: MakeWorld) -> None:
    row = DealRow(description="Del", quantity=Decimal(10000), unit_price=Decimal("0.0125"))
    for policies, state in (
        ({"rows.quantity": "block"}, "done"),
        ({"rows.unit_price": "block"}, "failed"),
        ({"rows.unit_price": "allow"}, "done"),
    ):
        world = make_world(erp_class=CentErp, on_loss_of=policies)
        world.company()
        world.deal(rows=(row,))
        assert world.handle().state == state
        assert ("unit_price: “10000 × 0.0125”" in world.told()) is ("allow" not in policies.values())
