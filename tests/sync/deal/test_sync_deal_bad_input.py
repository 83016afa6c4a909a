"""Bad input ends in a typed, plain error on the deal's story or in a declared loss; nothing half-made is unrecorded."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erpcore.models import CompanyAddress, CustomField, DealRow, Person
from erpcore.store import intents_of
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import MemoryErp
from tests.sync.world import ACME, SYNC, World


class OrdersOnly(MemoryErp):
    """An ERP that turns no order into an invoice."""

    convert_to_invoice = None  # type: ignore[assignment]  # hides the hook


def stopped(world: World, error: str, *words: str, advice: str = "") -> None:
    """The deal stops with this error, these words and this advice, nothing is sent, and mending makes it go."""
    run = world.handle()
    assert (run.state, run.error_class) == ("failed", error)
    for word in words:
        assert word in str(run.summary)
    assert run.advice, "what to do about it"
    assert advice in run.advice
    writes = [name for name in world.books.calls if not name.startswith("find_")]
    assert not writes
    with world.store.read() as connection:
        assert not intents_of(connection, sync=SYNC, record="deal d1")
    world.company()
    world.deal()
    world.rules()
    assert world.retry(run).state == "done"


def test_no_organisation_number(world: World) -> None:
    world.company(organisation_number=None)
    stopped(world, "InvalidValueError", "company c1 (Acme AB)", "no organisation number")
    assert world.books.calls["find_customers"] == 1


def test_an_organisation_number_that_the_crm_does_not_show(world: World) -> None:
    world.company(organisation_number=...)
    stopped(world, "InvalidValueError", "does not show", advice="Use a key that may read it")


def test_no_organisation_number_where_the_rule_lets_it_pass(make_world: MakeWorld) -> None:
    world = make_world(without_organisation_number="create")
    world.company(organisation_number=None)
    world.deal()
    world.deal("d2")
    world.books.faults["create_customer"] = ["after:lost"]
    assert world.handle("d1").state == "done"
    assert world.handle("d2").state == "done"
    assert len(world.books.customers) == 1, "found by name and our reference"


@pytest.mark.parametrize("number", ["556000-4616", "12345", "not a number", "5560004615" * 9])
def test_a_wrong_organisation_number(world: World, number: str) -> None:
    world.company(organisation_number=number)
    stopped(world, "InvalidValueError", "organisation number", advice="Correct it in the CRM")


def test_a_foreign_organisation_number(make_world: MakeWorld) -> None:
    world = make_world()
    world.company(organisation_number="DE 123", postal_address=CompanyAddress(country_code="DE"), visiting_address=None)
    world.deal()
    stopped(world, "InvalidValueError", "no VAT number of that country", advice="foreign_organisation_number")


@pytest.mark.parametrize(
    ("number", "country", "sent"),
    [
        ("1234567-1", "FI", "1234567-1"),
        ("FI12345671", "AX", "1234567-1"),
        ("DK 13 58 56 28", "DK", "13585628"),
        ("136695976", "DE", "DE136695976"),
        ("DE 136695976", None, "DE136695976"),
        ("923609016 MVA", "NO", "923 609 016"),
    ],
)
def test_a_number_is_judged_by_its_country(world: World, number: str, country: str | None, sent: str) -> None:
    address = CompanyAddress(city="Orten") if country is None else CompanyAddress(country_code=country)
    world.company(organisation_number=number, postal_address=address, visiting_address=None)
    world.deal()
    assert world.handle().state == "done"
    assert world.books.customers["1"].organisation_number == sent


@pytest.mark.parametrize(
    ("number", "country", "words"), [("1234567-2", "FI", "Finnish"), ("13585629", "DK", "Danish"), ("1", "FI", "seven")]
)
def test_a_wrong_number_is_refused_by_the_rules_of_its_country(
    world: World, number: str, country: str, words: str
) -> None:
    world.company(
        organisation_number=number, postal_address=CompanyAddress(country_code=country), visiting_address=None
    )
    stopped(world, "InvalidValueError", words, advice="Correct it in the CRM")


def test_a_number_under_a_country_that_nobody_knows_is_not_judged_as_swedish(make_world: MakeWorld) -> None:
    unread = CompanyAddress(city="Orten", country="Atlantis")
    world = make_world()
    world.company(organisation_number="556000-4616", postal_address=unread, visiting_address=None)
    world.deal()
    stopped(world, "InvalidValueError", "“Atlantis” is not known", advice="foreign_organisation_number")
    world = make_world(foreign_organisation_number="as_written")
    world.company(organisation_number="556000-4616", postal_address=unread, visiting_address=None)
    world.deal()
    assert world.handle().state == "done"
    assert world.books.customers["1"].organisation_number == "556000-4616"
    assert "invoice_address.country_code: “Atlantis” is left out" in world.told()


def test_a_foreign_organisation_number_where_the_rule_lets_it_pass(make_world: MakeWorld) -> None:
    world = make_world(foreign_organisation_number="as_written", match=("link",))
    world.company(organisation_number="DE 123", postal_address=CompanyAddress(country_code="DE"), visiting_address=None)
    world.deal()
    assert world.handle().state == "done"
    assert world.books.customers["1"].organisation_number == "DE 123"


def test_a_wrong_number_with_a_swedish_address_is_not_called_foreign(make_world: MakeWorld) -> None:
    world = make_world(foreign_organisation_number="as_written")
    world.company(organisation_number="DE 123")
    world.deal()
    stopped(world, "InvalidValueError", "is wrong")


def test_a_name_of_300_characters_is_a_declared_loss(world: World) -> None:
    world.company(name="A" * 300)
    world.desk.change("d1", name="W" * 300)
    assert world.handle().state == "done"
    assert world.books.customers["1"].name == "A" * 100
    assert world.only_order.rows[0].description == "W" * 50
    assert "is cut" in world.told()
    assert "at most 100 characters" in world.told()
    assert "at most 50 characters" in world.told()


def test_characters_that_the_erp_refuses_are_a_declared_loss(world: World) -> None:
    world.desk.change("d1", name="<Web> “site”")
    assert world.handle().state == "done"
    assert world.only_order.rows[0].description == "(Web) 'site'"
    losses = [line for line in world.story() if line.kind == "loss"]
    assert [line.data["kind"] for line in losses] == ["replaced"]
    assert losses[0].data["field"] == "rows[0].description"


def test_a_loss_stops_before_anything_is_sent_where_the_rule_says_so(make_world: MakeWorld) -> None:
    world = make_world(on_loss="allow", on_loss_of={"rows.description": "block"})
    world.company(name="A" * 300)
    world.deal(name="W" * 51)
    run = world.handle()
    assert (run.state, run.error_class) == ("failed", "FieldLossError")
    assert "order, row 1, description" in str(run.error_text)
    assert "customer" not in str(run.error_text)
    assert not world.books.customers
    world.desk.change("d1", name="W" * 50)
    assert world.retry(run).state == "done"
    assert "at most 100 characters" not in world.told(), "allowed losses are silent"


def test_an_absurdly_long_custom_field_is_a_declared_loss(world: World) -> None:
    world.desk.change("d1", custom_fields=(CustomField(title="Story", value="x" * 100_000),))
    assert world.handle().state == "done"
    assert len(world.only_order.rows[1].description) == 50
    assert max(len(line.text) for line in world.story()) < 500


def test_a_contact_name_longer_than_the_erp_takes_is_a_declared_loss(world: World) -> None:
    world.desk.change("d1", contact=Person(name="K" * 60))
    assert world.handle().state == "done"
    assert world.only_order.your_reference == "K" * 50
    assert "your_reference" in world.told()


@pytest.mark.parametrize(
    "rows",
    [None, (DealRow(description="Credit", quantity=Decimal(-1), unit_price=Decimal(5)),)],
    ids=["value", "rows"],
)
def test_a_negative_value(world: World, rows: Any) -> None:
    world.desk.change("d1", value=Decimal(-5), rows=rows)
    stopped(world, "InvalidValueError", "worth -5, less than nothing", advice="A credit is made in the ERP")


def test_a_negative_value_where_the_rule_lets_it_pass(make_world: MakeWorld) -> None:
    world = make_world(negative_value="send")
    world.company()
    world.deal(value=Decimal(-5))
    assert world.handle().state == "done"
    assert world.only_order.rows[0].unit_price == Decimal(-5)


def test_a_discount_row_in_a_deal_worth_something_is_sent(world: World) -> None:
    rows = (
        DealRow(article_number="A1", description="Chair", quantity=Decimal(1), unit_price=Decimal(100)),
        DealRow(article_number="A2", description="Discount", quantity=Decimal(1), unit_price=Decimal(-10)),
    )
    world.desk.change("d1", rows=rows)
    assert world.handle().state == "done"


def test_an_unknown_currency_is_refused_by_the_erp_with_its_words(world: World) -> None:
    world.desk.change("d1", currency="XAU")
    run = world.handle()
    assert (run.state, run.error_class) == ("failed", "RejectedError")
    assert "Valutan finns inte" in str(run.summary)
    with world.store.read() as connection:
        (intent,) = intents_of(connection, sync=SYNC, record="deal d1")
    assert intent.state == "refused", "recorded"
    world.desk.change("d1", currency="EUR")
    assert world.retry(run).state == "done"
    assert world.only_order.currency == "EUR"
    assert len(world.books.customers) == 1


def test_an_unknown_currency_stops_before_anything_is_sent_where_the_currencies_are_listed(
    make_world: MakeWorld,
) -> None:
    world = make_world(currencies=("SEK", "EUR"))
    world.company()
    world.deal(currency="XAU")
    stopped(world, "InvalidValueError", "XAU", "SEK, EUR")


ROW = {"article_number": None, "description": "Chair", "quantity": Decimal(1), "unit_price": Decimal(100)}


@pytest.mark.parametrize("article_id", [None, "p1"])
@pytest.mark.parametrize("text", [None, "", "  "])
def test_a_row_without_text(world: World, text: str | None, article_id: str | None) -> None:
    rows = (DealRow(**ROW), DealRow(**{**ROW, "description": text, "article_id": article_id}))
    world.desk.change("d1", rows=rows)
    stopped(world, "InvalidValueError", "Row 2 has neither text nor article number")


def test_a_row_with_zero_quantity(world: World) -> None:
    world.desk.change("d1", rows=(DealRow(**{**ROW, "quantity": Decimal("0.00")}),))
    stopped(world, "InvalidValueError", "Row 1", "Chair", "quantity 0")


def test_a_row_without_quantity_is_one_piece_and_the_story_says_so(world: World) -> None:
    world.desk.change("d1", rows=(DealRow(article_number="A1", description="Chair", unit_price=Decimal(5)),))
    assert world.handle().state == "done"
    assert world.only_order.rows[0].quantity == 1
    assert "has no quantity in the CRM: 1 is sent" in world.told()


def test_a_row_of_text_only_is_a_text_row(world: World) -> None:
    world.desk.change("d1", rows=(DealRow(**ROW), DealRow(description="Thank you")))
    assert world.handle().state == "done"
    assert world.only_order.rows[1].is_text
    assert not world.books.articles, "a free row makes no article either"


def test_an_article_with_number_but_no_text_that_the_erp_lacks(world: World) -> None:
    world.desk.change("d1", rows=(DealRow(article_number="A9", quantity=Decimal(1)),))
    stopped(world, "MissingRecordError", "A9", "no text to create it with")


def test_a_missing_article_stops_where_the_rule_says_so(make_world: MakeWorld) -> None:
    world = make_world(missing_article="stop")
    world.company()
    world.deal(rows=(DealRow(**{**ROW, "article_number": "A9"}),))
    stopped(world, "MissingRecordError", "“Chair” (A9) of row 1 is not in the ERP")


def test_a_missing_article_is_sent_as_text_where_the_rule_says_so(make_world: MakeWorld) -> None:
    world = make_world(missing_article="text_row")
    world.company()
    world.deal(rows=(DealRow(**{**ROW, "article_number": "A9"}), DealRow(article_number="A8", quantity=Decimal(1))))
    assert world.handle().state == "done"
    assert [(row.article_number, row.description) for row in world.only_order.rows] == [(None, "Chair"), (None, "A8")]
    assert "row 1, article_number: “A9” is left out (the ERP has no such article" in world.told()


def test_a_missing_article_with_a_number_is_created_with_it(world: World) -> None:
    world.desk.change("d1", rows=(DealRow(**{**ROW, "article_number": "A9"}),))
    assert world.handle().state == "done"
    assert list(world.books.articles) == ["A9"]
    assert world.only_order.rows[0].article_number == "A9"


def test_a_linked_article_that_is_gone_is_created_again(world: World) -> None:
    world.rules(free_row="article")
    world.desk.change("d1", rows=(DealRow(**ROW),))
    world.deal("d2", rows=(DealRow(**ROW),))
    world.handle()
    world.books.articles.clear()
    world.article("other")
    world.time.move(2 * 3600)
    assert world.handle("d2").state == "done"
    assert world.books.orders["1002"].rows[0].article_number == "A2"


def test_an_article_deleted_while_it_is_remembered_is_looked_up_again_after_the_refusal(world: World) -> None:
    world.article("A7")
    row = DealRow(**{**ROW, "article_number": "A7"})
    world.desk.change("d1", rows=(row,))
    world.deal("d2", rows=(row,))
    world.handle()
    world.books.articles.clear()
    run = world.handle("d2")
    assert (run.state, run.error_class) == ("failed", "RejectedError")
    assert world.retry(run).state == "done"
    assert "A7" in world.books.articles


def test_a_deal_without_company(world: World) -> None:
    world.desk.change("d1", company_id=None)
    stopped(world, "MissingRecordError", "The deal has no company", advice="Choose the company")


def test_a_deal_whose_company_the_crm_does_not_show(world: World) -> None:
    world.deal(company_id=...)
    stopped(world, "MissingRecordError", "does not show the deal's company")


def test_a_deal_whose_company_is_gone(world: World) -> None:
    del world.desk.companies["c1"]
    stopped(world, "MissingRecordError", "company c1 is not in the CRM")


def test_a_deal_that_is_gone(world: World) -> None:
    del world.desk.deals["d1"]
    run = world.handle()
    assert (run.state, run.error_class) == ("failed", "NotFoundError")
    assert "There is no deal d1" in str(run.error_text)


@pytest.mark.parametrize("value", [None, ...])
def test_a_deal_without_value(world: World, value: Any) -> None:
    world.deal(value=value)
    stopped(world, "InvalidValueError", "value", advice="Fill in the deal's value")


def test_a_deal_without_name(world: World) -> None:
    world.deal(name="  ")
    stopped(world, "InvalidValueError", "no name")


def test_a_company_without_name(world: World) -> None:
    world.company(name=None)
    stopped(world, "InvalidValueError", "The company has no name")


def test_a_mapped_date_that_is_none(make_world: MakeWorld) -> None:
    world = make_world(field_mapping={"Delivery": "delivery_date"})
    world.company()
    world.deal(custom_fields=(CustomField(title="Delivery", value="next week"),))
    stopped(world, "InvalidValueError", "next week", advice="year-month-day")


def test_an_erp_that_cannot_do_a_step_stops_before_anything_is_sent(make_world: MakeWorld) -> None:
    world = make_world(erp_class=OrdersOnly, convert_to_invoice=True)
    world.company()
    world.deal()
    stopped(world, "UnsupportedOperationError", "convert_to_invoice", advice="Nothing was sent")


def test_the_number_is_the_same_key_for_two_companies_of_one_organisation(world: World) -> None:
    world.company("c2", name="Acme branch", organisation_number=ACME)
    world.deal("d2", company_id="c2")
    world.handle("d1")
    world.handle("d2")
    assert len(world.books.customers) == 1
