"""Which customer a deal goes to: linked, matched, gone, ambiguous."""

from __future__ import annotations

import pytest

from erpcore.models import Address, Article, CompanyAddress, Coworker, Customer, DealRow, Person
from erpcore.store import cut_link, live_link, put_link
from tests.sync.conftest import MakeWorld
from tests.sync.world import SYNC, World


def test_a_customer_linked_before_is_used_without_a_look_up(world: World) -> None:
    world.handle()
    world.deal("d2", contact=Person(name="Another"), responsible=Coworker(name="One"))
    world.handle("d2")
    assert world.books.calls["find_customers"] == 1
    assert len(world.books.customers) == 1


@pytest.mark.parametrize("changed", [True, False], ids=["to be updated", "unchanged"])
def test_a_linked_customer_that_is_gone_is_matched_anew_and_the_link_cut_with_a_note(
    world: World, changed: bool
) -> None:
    world.handle()
    world.books.customers.clear()
    world.books.customers["9"] = Customer(number="9", name="Acme AB", organisation_number="556000-4615")
    if changed:
        world.company(phone="08-1")
    world.deal("d2")
    assert world.handle("d2").state == "done"
    assert world.books.orders["1002"].customer_number == "9"
    assert "no longer in the ERP" in world.told("d2")
    with world.store.read() as connection:
        link = live_link(connection, sync=SYNC, source_kind="company", source_id="c1", target_kind="customer")
    assert link is not None
    assert link.number == "9"


@pytest.mark.parametrize(("shown", "told"), [("556016-0680", True), ("SE556000461501", False), ("5560004615", False)])
def test_a_linked_customer_that_becomes_another_organisation_is_told(world: World, shown: str, told: bool) -> None:
    world.handle()
    world.company(organisation_number=shown, phone="08-1")
    world.deal("d2")
    assert world.handle("d2").state == "done"
    assert ("had the organisation number 556000-4615 in the ERP" in world.told("d2")) is told
    assert len(world.books.customers) == 1


def test_a_linked_customer_that_is_gone_with_no_match_is_created_again(world: World) -> None:
    world.handle()
    world.books.customers.clear()
    world.books.customers["other"] = Customer(number="other", name="Other")
    world.time.move(3600)
    world.deal("d2")
    assert world.handle("d2").state == "done"
    assert world.books.orders["1002"].customer_number == "2"


def test_more_than_one_match_is_an_error_with_the_candidates_and_never_a_third_customer(world: World) -> None:
    for number in ("7", "8"):
        world.books.customers[number] = Customer(
            number=number, name=f"Acme {number}", organisation_number="556000-4615"
        )
    run = world.handle()
    assert (run.state, run.error_class) == ("failed", "AmbiguousMatchError")
    assert "customer 7, Acme 7, 556000-4615; customer 8, Acme 8, 556000-4615" in str(run.error_text)
    assert len(world.books.customers) == 2
    assert not world.books.orders
    world.books.customers["8"] = world.books.customers["8"].model_copy(update={"active": False})
    assert world.retry(run).state == "done"
    assert world.only_order.customer_number == "7"


def test_a_customer_that_is_right_already_is_not_updated(world: World) -> None:
    world.handle()
    known = world.books.customers["1"]
    world.desk.companies["c2"] = world.desk.companies["c1"].model_copy(update={"id": "c2"})
    world.deal("d2", company_id="c2")
    world.handle("d2")
    assert world.books.calls["update_customer"] == 0
    assert world.books.customers == {"1": known}


def test_customers_may_be_matched_by_name(make_world: MakeWorld) -> None:
    world = make_world(match=("link", "organisation_number", "name"))
    world.company()
    world.deal()
    world.books.customers["5"] = Customer(number="5", name="Acme AB")
    world.handle()
    assert world.only_order.customer_number == "5"
    assert world.books.customers["5"].organisation_number == "556000-4615"


def test_defaults_go_to_new_customers_only(make_world: MakeWorld) -> None:
    world = make_world(customer_defaults={"terms_of_payment": "30", "currency": "SEK"}, default_unit="st")
    world.company()
    world.deal()
    world.handle()
    assert world.books.customers["1"].terms_of_payment == "30"
    assert world.only_order.rows[0].unit == "st"
    world.books.customers["1"] = world.books.customers["1"].model_copy(update={"terms_of_payment": "10"})
    world.company(phone="1")
    world.deal("d2")
    world.handle("d2")
    assert world.books.customers["1"].terms_of_payment == "10"


def two_workplaces(world: World) -> None:
    """Two companies of the CRM with one organisation number; the first has been sent."""
    world.company(name="Acme Malmö", postal_address=CompanyAddress(street="Malmögatan 1", city="Malmö"))
    world.company("c2", name="Acme Lund", postal_address=CompanyAddress(street="Lundavägen 2", city="Lund"))
    world.deal()
    world.handle()


def test_a_second_company_shares_the_customer_and_never_changes_it(make_world: MakeWorld) -> None:
    world = make_world()
    two_workplaces(world)
    malmo = world.books.customers["1"]
    world.deal("d2", company_id="c2")
    assert world.handle("d2").state == "done"
    second = world.books.orders["1002"]
    assert world.books.customers == {"1": malmo}
    assert (second.customer_number, second.customer_name) == ("1", "Acme Lund")
    assert second.invoice_address == Address(street="Lundavägen 2", city="Lund")
    assert "shared with company c1" in world.told("d2")
    # Linked by now, it still changes nothing; the first company does.
    world.company("c2", name="Acme Lund", phone="046-1")
    assert world.handle("c2", "company_changed").state == "nothing"
    assert world.books.customers == {"1": malmo}
    world.company(name="Acme Malmö", phone="040-1")
    world.deal("d3")
    assert world.handle("d3").state == "done"
    assert world.books.customers["1"].phone == "040-1"
    third = world.books.orders["1003"]
    assert not third.shown("invoice_address"), "the customer's own address is its own"


def test_whether_two_companies_are_one_customer_is_asked_where_the_rule_says_so(make_world: MakeWorld) -> None:
    world = make_world(shared_customer="ask")
    two_workplaces(world)
    world.deal("d2", company_id="c2")
    run = world.handle("d2")
    assert (run.state, run.cause) == ("uncertain", "customer_shared")
    assert "Acme Lund" in str(run.error_text)
    assert len(world.books.orders) == 1
    with world.store.begin() as connection:
        put_link(connection, sync=SYNC, source_kind="company", source_id="c2", target_kind="customer", number="1")
    assert world.retry(run).state == "done"
    assert world.books.customers["1"].name == "Acme Malmö"


def test_a_company_takes_the_customer_over_when_the_first_one_is_no_longer_linked(make_world: MakeWorld) -> None:
    world = make_world()
    two_workplaces(world)
    with world.store.begin() as connection:
        link = live_link(connection, sync=SYNC, source_kind="company", source_id="c1", target_kind="customer")
        assert link is not None
        cut_link(connection, link.id, reason="two companies now")
    world.deal("d2", company_id="c2")
    world.handle("d2")
    assert world.books.customers["1"].name == "Acme Lund"


def test_an_inactive_customer_is_not_used_without_a_word(make_world: MakeWorld) -> None:
    world = make_world()
    world.company()
    world.deal()
    idle = Customer(number="7", name="Acme", organisation_number="556000-4615", active=False)
    world.books.customers["7"] = idle
    run = world.handle()
    assert (run.state, run.error_class) == ("failed", "MissingRecordError")
    assert "inactive" in str(run.error_text)
    assert "customer 7" in str(run.error_text)
    assert world.books.customers == {"7": idle}
    world.rules(inactive_customer="activate")
    assert world.retry(run).state == "done"
    assert world.books.customers["7"].active is True
    assert world.only_order.customer_number == "7"


@pytest.mark.parametrize("rule", ["create", "stop"])
def test_an_inactive_article_stops_the_deal(make_world: MakeWorld, rule: str) -> None:
    world = make_world(missing_article=rule)
    world.company()
    world.deal(rows=(DealRow(article_number="A1", description="Hiss", quantity=1, unit_price=2),))
    world.books.articles["A1"] = Article(number="A1", description="Hiss", active=False)
    run = world.handle()
    assert run.state == "failed"
    assert "(A1) of row 1 is inactive" in str(run.error_text)
    assert not world.books.orders
    world.books.articles["A1"] = Article(number="A1", description="Hiss", active=True)
    assert world.retry(run).state == "done"


def test_an_inactive_article_is_left_off_where_the_rule_sends_text(make_world: MakeWorld) -> None:
    world = make_world(missing_article="text_row")
    world.company()
    world.deal(rows=(DealRow(article_number="A1", description="Hiss", quantity=1, unit_price=2),))
    world.books.articles["A1"] = Article(number="A1", description="Hiss", active=False)
    assert world.handle().state == "done"
    assert world.only_order.rows[0].article_number is None


def test_a_company_that_was_merged_into_another_one_shares_the_customer_no_more(world: World) -> None:
    assert world.handle().state == "done"
    world.company("c2")
    del world.desk.companies["c1"]
    world.company("c2", phone="08-77")
    world.deal("d2", company_id="c2")
    assert world.handle("d2").state == "done"
    assert "is not in the CRM any more: its link is cut" in world.told("d2")
    assert world.books.customers["1"].phone == "08-77"
    world.deal("d3", company_id="c2")
    assert world.handle("d3").state == "done"
    assert "not in the CRM any more" not in world.told("d3")
