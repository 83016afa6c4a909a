"""Bad input ends in a plain error on the deal's story or in a declared loss, and nothing half-made is unrecorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from erpcore.store import Run
from tests.e2e.world import World, working, world_in


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    shown = {"value": "value", "contact": "customerContact", "currency": "currency"}
    folder = tmp_path_factory.mktemp("bad_input")
    with world_in(folder, switches={"deal_fields": shown}) as made, working(made):
        yield made


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """The world, which after each test holds nothing that the ledger does not know."""
    shared_world.forget()
    yield shared_world
    assert shared_world.unrecorded() == []
    assert [intent.state for intent in shared_world.intents() if intent.state not in ("done", "refused")] == []


def failed(world: World, deal: str, error: str) -> Run:
    """Wait for the end, which must be this error, told on the story with advice for a person."""
    run = world.ended(deal)
    assert (run.state, run.error_class) == ("failed", error), world.told(deal)
    assert run.advice
    lines = [line for line in world.story(deal) if line.kind == "error"]
    assert [line.text for line in lines] == [run.error_text]
    assert "Traceback" not in run.error_text
    return run


def test_without_organisation_number_then_mended_and_sent_again(world: World) -> None:
    company = world.company("Numlösa AB", business_id=None)
    deal = world.deal(company)
    world.win(deal)
    run = failed(world, deal, "InvalidValueError")
    assert "has no organisation number" in run.error_text
    assert "Numlösa AB" in run.error_text
    assert world.asked() == []
    company.business_id = "559900-0014"
    world.send(run)
    world.wait(lambda: world.erp_id(deal))
    world.done(deal)
    assert len(world.orders(company)) == 1


@pytest.mark.parametrize("number", ["559900-0015", "12345", "hemligt", "5599000014556"])
def test_with_a_wrong_organisation_number(world: World, number: str) -> None:
    deal = world.deal(world.company(business_id=number))
    world.win(deal)
    run = failed(world, deal, "InvalidValueError")
    assert number in run.error_text
    assert world.asked() == []


def test_a_company_name_of_300_characters_fits_into_fortnox(world: World) -> None:
    """Fortnox takes 1024 characters (its interface description, Customer.Name)."""
    name = "Åkeri " * 50
    company = world.company(name.strip())
    deal = world.deal(company)
    world.win(deal)
    world.done(deal)
    (customer,) = world.customers(company)
    assert customer["Name"] == company.name
    assert len(customer["Name"]) == 299
    assert world.told(deal, "loss") == ""
    assert world.orders(company)[0]["CustomerName"] == company.name


def test_a_company_name_longer_than_fortnox_takes_is_a_declared_loss(world: World) -> None:
    company = world.company("Å" * 1100)
    deal = world.deal(company)
    world.win(deal)
    world.done(deal)
    (customer,) = world.customers(company)
    assert customer["Name"] == "Å" * 1024
    assert "customer, name" in world.told(deal, "loss")
    assert "is cut" in world.told(deal, "loss")


def test_a_row_of_300_characters_is_a_declared_loss(world: World) -> None:
    company = world.company()
    deal = world.deal(company, "Å" * 300)
    world.win(deal)
    world.done(deal)
    (order,) = world.orders(company)
    assert order["OrderRows"][0]["Description"] == "Å" * 255, "what Fortnox's interface description allows"
    assert "order, row 1, description: 45 of 300 characters are lost" in world.told(deal, "loss")


@pytest.mark.parametrize(
    ("written", "arrives"),
    [
        ("Kalle “Kula” <Åkeri> AB", "Kalle ’Kula’ (Åkeri) AB"),
        ("Rad ett\nrad två AB", "Rad ett rad två AB"),
        ("Smile 😀 AB", "Smile  AB"),
    ],
)
def test_characters_that_fortnox_refuses_are_a_declared_loss(world: World, written: str, arrives: str) -> None:
    company = world.company(written)
    deal = world.deal(company)
    world.win(deal)
    world.done(deal)
    (customer,) = world.customers(company)
    assert customer["Name"] == arrives
    assert "customer, name" in world.told(deal, "loss")
    assert "is changed" in world.told(deal, "loss")


def test_a_name_of_nothing_but_refused_characters_is_a_plain_error(world: World) -> None:
    company = world.company("😀😀😀")
    deal = world.deal(company)
    world.win(deal)
    run = failed(world, deal, "InvalidValueError")
    assert "letters that Fortnox takes" in run.error_text
    assert "POST customers" not in world.asked()
    assert world.customers(company) == []


@pytest.mark.parametrize(
    "values",
    [
        {"value": "-500"},
        {"rows": [{"text": "Kredit", "quantity": "-2", "price": "100.00"}]},
    ],
)
def test_a_negative_value(world: World, values: dict[str, Any]) -> None:
    deal = world.deal(world.company(), **values)
    world.win(deal)
    run = failed(world, deal, "InvalidValueError")
    assert "less than nothing" in run.error_text
    assert world.asked() == []


def test_a_currency_that_fortnox_has_not_stops_before_anything_is_sent(world: World) -> None:
    company = world.company()
    deal = world.deal(company, value="100", currency="XAF")
    world.win(deal)
    run = failed(world, deal, "InvalidValueError")
    assert "Fortnox has no “XAF” among its currencies" in run.error_text
    assert world.orders(company) == []
    assert world.customers(company) == []
    assert world.intents(f"deal {deal}") == []
    # Mended and sent again: the order is made, with its customer.
    world.lime.edit_deal(int(deal), currency="EUR")
    world.send(run)
    world.wait(lambda: world.erp_id(deal))
    assert [order["Currency"] for order in world.orders(company)] == ["EUR"]
    assert len(world.customers(company)) == 1


@pytest.mark.parametrize("text", ["", "   "])
def test_a_row_without_text(world: World, text: str) -> None:
    deal = world.deal(world.company(), rows=[{"text": text, "quantity": "1", "price": "10.00"}])
    world.win(deal)
    run = failed(world, deal, "InvalidValueError")
    assert "Row 1 has neither text nor article number" in run.error_text
    assert world.asked() == []


def test_rows_that_are_no_list(world: World) -> None:
    company = world.company()
    world.lime.switch(rows_in_custom_field=False)
    try:
        deal = world.deal(company, custom_fields={"ERP rows": "tre ställningar"})
        world.win(deal)
        run = failed(world, deal, "InvalidValueError")
    finally:
        world.lime.switch(rows_in_custom_field=True)
    assert "does not hold rows" in run.error_text
    assert world.asked() == []


def test_two_customers_that_fit_are_named_and_no_third_is_made(world: World) -> None:
    company = world.company()
    twins = [{"Name": name, "OrganisationNumber": company.business_id} for name in ("Tvilling ett", "Tvilling två")]
    world.seed_fortnox({"customers": twins})
    deal = world.deal(company)
    world.win(deal)
    run = failed(world, deal, "AmbiguousMatchError")
    assert "Tvilling ett" in run.error_text
    assert "Tvilling två" in run.error_text
    assert len(world.customers(company)) == 2
    assert world.asked(writes=True) == []


def test_a_deal_without_company(world: World) -> None:
    deal = world.key(world.lime.add_deal("Utan bolag", "100"))
    world.win(deal)
    run = failed(world, deal, "MissingRecordError")
    assert "company" in run.error_text
    assert "Choose the company on the deal" in run.advice
    assert world.asked() == []
