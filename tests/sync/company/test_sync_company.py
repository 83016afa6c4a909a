"""Companies that become customers in the CRM, or change there: sent once, updated, and told."""

from __future__ import annotations

from typing import Any

import pytest

from erpcore.models import Customer
from erpcore.sync.shared.rules import SyncRules
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import Killed
from tests.sync.order_plugin import OrderCrm
from tests.sync.world import World

BECOMES, CHANGES = "company_is_customer", "company_changed"


@pytest.fixture
def office(make_world: MakeWorld) -> World:
    """A CRM that keeps customer numbers and statuses of companies."""
    world = make_world(crm_class=OrderCrm)
    world.company()
    return world


def statuses(world: World) -> list[str | None]:
    return [values.status for values in world.desk.told]


# New customers in Lime Go are sent. When a company becomes a customer in Lime Go the customer is added automatically.


def test_a_company_that_becomes_a_customer_is_added_and_its_number_written_back(office: World) -> None:
    run = office.handle("c1", BECOMES)
    assert (run.state, run.summary) == ("done", "Customer 1.")
    assert office.books.customers["1"].name == "Acme AB"
    assert office.desk.companies["c1"].erp_number == "1"
    assert statuses(office) == ["inprocess", "synced"]


def test_a_company_that_is_a_customer_already_is_recognised_by_its_organisation_number(office: World) -> None:
    office.books.customers["7"] = Customer(number="7", name="Acme", organisation_number="556000-4615")
    assert office.handle("c1", BECOMES).summary == "Customer 7."
    assert list(office.books.customers) == ["7"]
    assert office.books.customers["7"].name == "Acme AB", "the CRM is the master"
    assert office.desk.companies["c1"].erp_number == "7"


def test_a_company_is_recognised_by_the_number_that_the_crm_keeps_before_its_organisation_number(office: World) -> None:
    office.books.customers["7"] = Customer(number="7", name="Acme", organisation_number="556000-4615")
    office.books.customers["8"] = Customer(number="8", name="Acme Norr")
    office.company(erp_number="8")
    assert office.handle("c1", BECOMES).summary == "Customer 8."
    office.company("c2", erp_number="8", organisation_number=None)
    assert office.handle("c2", BECOMES).state == "done", "it needs no organisation number then"


def test_a_company_whose_number_is_another_erps_is_sent_on_its_own_only_when_it_is_a_customer_here(
    make_world: MakeWorld,
) -> None:
    office = make_world(crm_class=OrderCrm, customer_number_in_crm="another_erp")
    office.company(erp_number="8")
    assert office.handle("c1", BECOMES).state == "nothing", "what it asks for is for the other ERP"
    assert office.books.customers == {}
    office.order()
    assert office.ready().state == "done"
    office.company(erp_number="8", phone="08-765 43 21")
    assert office.handle("c1", CHANGES).state == "done"
    (customer,) = office.books.customers.values()
    assert customer.phone == "08-765 43 21"
    assert office.desk.companies["c1"].erp_number == "8"
    assert [values for values in office.desk.told if values.record_kind == "company"] == []


def test_a_crm_without_a_field_for_the_number_is_remembered_by_the_link(make_world: MakeWorld) -> None:
    world = make_world()
    world.company()
    assert world.handle("c1", BECOMES).state == "done"
    assert world.handle("c1", BECOMES).state == "nothing"
    assert len(world.books.customers) == world.books.calls["find_customers"] == 1


def test_a_deal_and_its_company_that_becomes_a_customer_make_one_customer(make_world: MakeWorld) -> None:
    world = make_world()
    world.company()
    world.deal()
    world.handle("d1")
    run = world.handle("c1", BECOMES)
    assert (run.state, run.summary) == ("nothing", "Customer 1 has all that the CRM shows.")
    assert world.books.calls["find_customers"] == 1, "the deal has asked; the company's run needs nothing of the ERP"


# If information is added or changed this can be updated


def test_a_changed_company_updates_its_customer(office: World) -> None:
    office.handle("c1", BECOMES)
    office.company(phone="08-99 99 99", erp_number="1")
    assert office.handle("c1", CHANGES).summary == "Customer 1."
    assert office.books.customers["1"].phone == "08-99 99 99"


def test_a_company_that_changed_in_nothing_that_is_sent_only_has_its_status_put_right(office: World) -> None:
    office.handle("c1", BECOMES)
    office.books.calls.clear()
    office.desk.told.clear()
    assert office.handle("c1", CHANGES).state == "nothing"
    assert not office.books.calls
    assert statuses(office) == ["synced"]


@pytest.mark.parametrize("number", [None, "12"])
def test_a_changed_company_that_is_no_customer_makes_none(office: World, number: str | None) -> None:
    office.books.customers["7"] = Customer(number="7", name="Acme", organisation_number="556000-4615")
    office.company(erp_number=number)
    run = office.handle("c1", CHANGES)
    assert (run.state, list(office.books.customers)) == ("nothing", ["7"])
    assert not office.desk.told
    assert office.books.customers["7"].name == "Acme"


def test_a_changed_company_whose_number_the_crm_keeps_is_linked(office: World) -> None:
    office.books.customers["7"] = Customer(number="7", name="Old")
    office.company(erp_number="7")
    assert office.handle("c1", CHANGES).summary == "Customer 7."
    assert office.books.customers["7"].name == "Acme AB"


def test_an_existing_customer_is_left_alone_where_the_rule_says_so(make_world: MakeWorld) -> None:
    world = make_world(crm_class=OrderCrm, update_existing_customer=False)
    world.books.customers["7"] = Customer(number="7", name="Old", organisation_number="556000-4615")
    world.company()
    world.handle("c1", BECOMES)
    assert world.books.customers["7"].name == "Old"


def test_which_events_start_something_is_a_rule() -> None:
    kinds = ("deal_won", "deal_changed", "order_ready", BECOMES, CHANGES, "other")
    assert [kind for kind in kinds if SyncRules().starts(kind)] == list(kinds[:5])
    assert not SyncRules(send_customers=False).starts(BECOMES)
    assert not SyncRules(send_customer_changes=False).starts(CHANGES)


# What goes wrong


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"organisation_number": None}, "InvalidValueError", "no organisation number"),
        ({"organisation_number": "556000-4616"}, "InvalidValueError", "organisation number"),
        ({"name": " "}, "InvalidValueError", "no name"),
    ],
)
def test_a_company_that_cannot_be_sent_says_why_on_its_record(
    office: World, wrong: dict[str, Any], error: str, words: str
) -> None:
    office.company(**wrong)
    run = office.handle("c1", BECOMES)
    assert (run.state, run.error_class) == ("failed", error)
    assert (office.desk.told[-1].status, words in str(office.desk.told[-1].message)) == ("error", True)
    assert not office.books.calls
    assert "deal" not in f"{run.error_text} {run.advice}", "there is none"
    office.company()
    assert office.retry(run).state == "done"
    assert (office.desk.told[-1].status, office.desk.told[-1].message) == ("synced", None)


def test_several_customers_that_fit_are_told_with_their_numbers(office: World) -> None:
    for number in ("7", "8"):
        office.books.customers[number] = Customer(number=number, name="Acme", organisation_number="556000-4615")
    run = office.handle("c1", BECOMES)
    assert run.error_class == "AmbiguousMatchError"
    assert "customer 7" in str(office.desk.told[-1].message)


@pytest.mark.parametrize("fault", ["after:lost", "after:garbage", "before:lost", "before:unreachable"])
@pytest.mark.parametrize("operation", ["create_customer", "update_customer"])
def test_one_customer_under_every_fault(office: World, operation: str, fault: str) -> None:
    if operation == "update_customer":
        office.books.customers["1"] = Customer(number="1", name="Old", organisation_number="556000-4615")
    office.books.faults[operation] = [fault]
    assert office.handle("c1", BECOMES).state == "done"
    assert [customer.name for customer in office.books.customers.values()] == ["Acme AB"]
    assert office.desk.companies["c1"].erp_number == "1"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("operation", ["create_customer", "write_back company"])
def test_killed_around_a_write_and_started_again(office: World, operation: str, when: str) -> None:
    faults = office.desk.faults if operation.startswith("write_back") else office.books.faults
    faults[operation] = [f"{when}:killed"]
    office.event("c1", BECOMES)
    run_id = office.open("c1", "company")
    with pytest.raises(Killed):
        office.work(run_id)
    office.work(run_id)
    assert len(office.books.customers) == 1
    assert office.desk.companies["c1"].erp_number == "1"


def test_a_linked_customer_that_is_gone_is_made_again(office: World) -> None:
    office.handle("c1", BECOMES)
    office.books.customers.clear()
    office.company(phone="1", erp_number="1")
    office.time.move(3600)
    assert office.handle("c1", BECOMES).state == "done"
    assert list(office.books.customers) == ["1"]
    assert "customer number 1, which the ERP has not" in office.told("c1", "company")


def test_the_preview_of_a_company(office: World) -> None:
    plan = office.customer.preview("c1")
    assert [step.name for step in plan.steps] == ["mark_in_process", "create_customer", "write_back_customer"]
    assert not office.desk.told


@pytest.mark.parametrize(("status", "told"), [("synced", 0), ("updatesmade", 1), (None, 1)])
def test_a_change_that_is_none_is_answered_only_where_the_crm_waits(
    office: World, status: str | None, told: int
) -> None:
    """Else the answer is a change, the change is told, and it goes on for ever."""
    office.handle("c1", BECOMES)
    office.desk.told.clear()
    office.books.calls.clear()
    assert office.handle("c1", CHANGES, facts={"status": status}).state == "nothing"
    assert statuses(office) == ["synced"] * told
    assert not office.books.calls, "the ERP is not asked either"


def test_a_number_that_the_crm_lacks_is_told_though_it_waits_for_nothing(office: World) -> None:
    office.handle("c1", BECOMES)
    office.company(erp_number=None)
    office.handle("c1", CHANGES, facts={"status": "synced"})
    assert office.desk.companies["c1"].erp_number == "1"


@pytest.mark.parametrize("number", ["99", None])
def test_a_company_that_waits_to_be_sent_and_is_no_customer_is_told_so(office: World, number: str | None) -> None:
    office.company(erp_number=number)
    run = office.handle("c1", CHANGES, facts={"status": "updatesmade"})
    assert (run.state, statuses(office)) == ("failed", ["error"]), "or it would wait for ever"
    message = str(office.desk.told[-1].message)
    assert f"customer {number}" in message if number else "no customer number" in message
    assert not office.books.customers
    assert office.handle("c1", BECOMES).state == "done"
