"""A won deal in Lime Go becomes an order in Fortnox: the main job, with the default rules, end to end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.world import World, working, world_in


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("won_deal")
    with world_in(folder) as made, working(made):
        yield made


def rows(*articles: str) -> list[dict[str, Any]]:
    return [
        {"article_number": article, "text": f"Vara {article}", "quantity": "2", "price": "100.00"}
        for article in articles
    ]


def seed_articles(world: World, *numbers: str) -> None:
    world.seed_fortnox(
        {"articles": [{"ArticleNumber": number, "Description": f"Vara {number}", "Unit": "st"} for number in numbers]}
    )


def test_requests_of_a_deal_with_new_customer_and_three_known_articles(world: World) -> None:
    seed_articles(world, "COUNT-1", "COUNT-2", "COUNT-3")
    company = world.company()
    first, second = (
        world.deal(company, name, rows=rows("COUNT-1", "COUNT-2", "COUNT-3")) for name in ("Den första", "Den andra")
    )
    world.forget()
    world.win(first)
    world.done(first)
    assert Counter(world.asked()) == {
        "GET customers": 1,
        "POST customers": 1,
        "GET articles": 3,
        "POST orders": 1,
    }
    world.forget()
    world.win(second)
    run = world.done(second)
    assert world.asked() == ["POST orders"]
    assert run.requests["fortnox"] == 1, "what the person is shown is what was sent"
    assert len(world.orders(company)) == 2


def test_the_order_says_what_the_deal_says(world: World) -> None:
    seed_articles(world, "SAYS-1")
    company = world.company("Granudden Bygg & Måleri AB", email="faktura@granudden.example", street="Boxgatan 1")
    world.lime.add_contact("Karin Gran", company=company.id, email="karin@granudden.example")
    deal = world.deal(
        company,
        "Ställningar",
        rows=[
            {"article_number": "SAYS-1", "text": "Skyddsnät", "quantity": "6.5", "price": "89.90", "discount": "10"},
            {"article_number": "SAYS-1", "text": "Montering", "quantity": "8", "price": "650.00"},
        ],
        contact="Karin Gran",
        responsible="anna@nordverk.example",
        custom_fields={"Projekt": "Etapp 1"},
    )
    world.win(deal)
    world.done(deal)
    (order,) = world.orders(company)
    assert (order["YourReference"], order["OurReference"]) == ("Karin Gran", "Anna Exempel")
    texts = [row["Description"] for row in order["OrderRows"]]
    assert texts == ["Skyddsnät", "Montering", "Projekt: Etapp 1"]
    assert [Decimal(str(row["OrderedQuantity"])) for row in order["OrderRows"][:2]] == [Decimal("6.5"), Decimal(8)]
    net = (Decimal("6.5") * Decimal("89.90") * Decimal("0.9")).quantize(Decimal("0.01")) + 8 * 650
    assert Decimal(str(order["Net"])) == net
    (customer,) = world.customers(company)
    assert (customer["Name"], customer["Email"], customer["Address1"]) == (
        company.name,
        "faktura@granudden.example",
        "Boxgatan 1",
    )
    assert world.erp_id(deal) == order["DocumentNumber"]
    assert world.unrecorded() == []


def test_a_deal_without_rows_becomes_one_row(world: World) -> None:
    company = world.company()
    deal = world.deal(company, "Utredning", value="12500.50")
    world.win(deal)
    world.done(deal)
    (order,) = world.orders(company)
    (row,) = order["OrderRows"]
    assert (row["Description"], Decimal(str(row["Price"]))) == ("Utredning", Decimal("12500.50"))
    assert Decimal(str(row["OrderedQuantity"])) == 1


def test_won_again_makes_nothing(world: World) -> None:
    company = world.company()
    deal = world.deal(company)
    world.win(deal)
    number = world.done(deal) and world.erp_id(deal)
    world.forget()
    world.win(deal)
    run = world.ended(deal, runs=2)
    assert run.state == "nothing"
    assert f"has its document {number}" in run.summary
    assert world.asked() == []
    assert len(world.orders(company)) == 1


def test_won_in_another_pipeline_makes_nothing(world: World) -> None:
    company = world.company()
    deal = world.deal(company)
    world.win(deal)
    world.done(deal)
    world.forget()
    world.win(deal, pipeline="Merförsäljning")
    assert world.ended(deal, runs=2).state == "nothing"
    assert world.asked() == []


def test_changed_after_the_win_makes_nothing(world: World) -> None:
    company = world.company()
    deal = world.deal(company, value="1000")
    world.win(deal)
    world.done(deal)
    (before,) = world.orders(company)
    world.forget()
    world.lime.edit_deal(int(deal), value="9999", name="Något annat")
    world.lime.move_deal(int(deal), "Nyförsäljning", "Offert")  # the classic API tells of changed states only
    assert world.ended(deal, runs=2).state == "nothing"
    assert world.asked() == []
    assert world.orders(company) == [before]


def test_a_cleared_erp_id_and_a_new_win_make_a_new_order_and_the_story_says_why(world: World) -> None:
    company = world.company()
    deal = world.deal(company)
    world.win(deal)
    world.done(deal)
    first = world.erp_id(deal)
    world.lime.clear_erp_id(int(deal))
    world.win(deal)
    world.done(deal, runs=2)
    second = world.erp_id(deal)
    assert {order["DocumentNumber"] for order in world.orders(company)} == {first, second}
    assert first != second
    assert "ERP ID was cleared and the deal was won again" in world.told(deal, "plan")
    assert f"The earlier one, {first}, stays" in world.told(deal, "plan")
    assert len(world.customers(company)) == 1
    assert world.unrecorded() == []


def test_an_existing_customer_is_found_by_its_number_in_any_spelling_and_updated(world: World) -> None:
    company = world.company("Sjöstrand Redovisning AB", city="Göteborg")
    held = {"Name": "Sjöstrand Redov.", "OrganisationNumber": company.business_id, "City": "Mölndal"}
    world.seed_fortnox({"customers": [held]})
    company.business_id = company.business_id.replace("-", "")
    deal = world.deal(company)
    world.forget()
    world.win(deal)
    world.done(deal)
    named = [customer for customer in world.fortnox.state()["customers"] if customer["Name"] == company.name]
    assert [customer["City"] for customer in named] == ["Göteborg"]
    assert "POST customers" not in world.asked()
    assert world.unrecorded() == []


def test_an_article_that_fortnox_lacks_is_created_once(world: World) -> None:
    company = world.company()
    deals = [world.deal(company, name, rows=rows("LACKS-77")) for name in ("Den första", "Den andra")]
    world.win(*deals)
    for deal in deals:
        world.done(deal)
    made = [article for article in world.fortnox.state()["articles"] if article["ArticleNumber"] == "LACKS-77"]
    assert [article["Description"] for article in made] == ["Vara LACKS-77"]
    assert all(order["OrderRows"][0]["ArticleNumber"] == "LACKS-77" for order in world.orders(company))
    assert world.unrecorded() == []


def test_two_deals_of_one_new_company_at_the_same_moment_share_its_customer(world: World) -> None:
    company = world.company()
    deals = [world.deal(company, f"Affär {number}") for number in range(4)]
    world.win(*deals)
    for deal in deals:
        world.done(deal)
    assert len(world.customers(company)) == 1
    assert sorted(order["DocumentNumber"] for order in world.orders(company)) == sorted(map(world.erp_id, deals))
    assert world.unrecorded() == []
