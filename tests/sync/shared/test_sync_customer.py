"""Which customer a deal goes to: linked, matched, gone, ambiguous."""

from __future__ import annotations

import pytest

from erpcore.models import Coworker, Customer, Person
from erpcore.store import live_link
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
