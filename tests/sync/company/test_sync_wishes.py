"""What a person asks for a company by hand: under every fault it is done once, and goes through the same flow."""

from __future__ import annotations

import pytest

from erpcore.models import Customer, Person
from erpcore.store import links_from, put_event
from erpcore.store.intents import read_intents
from erpcore.sync.shared.wish import WISH, Wish
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import Killed
from tests.sync.wish_world import KIM, PersonsCrm, PersonsErp, asked, linked, persons_of
from tests.sync.world import SYNC, World

LOST = ("after:lost", "after:error", "after:garbage", "before:lost")


def links(world: World, kind: str, source_id: str) -> list[tuple[str, bool]]:
    with world.store.read() as connection:
        found = links_from(connection, sync=SYNC, source_kind=kind, source_id=source_id)
    return [(link.number, link.cut_at is None) for link in found]


def settled(world: World) -> bool:
    with world.store.read() as connection:
        return {intent.state for intent in read_intents(connection)} == {"done"}


@pytest.mark.parametrize("fault", [*LOST, None])
def test_a_customer_that_is_asked_for_is_made_once(make_world: MakeWorld, fault: str | None) -> None:
    world = make_world(crm_class=PersonsCrm, erp_class=PersonsErp)
    world.company()
    world.books.faults["create_customer"] = [fault] if fault else []
    run = world.work(asked(world, "create"))
    assert (run.state, run.reason) == ("done", "asked_create")
    assert len(world.books.customers) == 1
    assert links(world, "company", "c1") == [("1", True)]
    assert settled(world)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("operation", ["create_customer", "create_contact_person", "update_contact_person"])
def test_killed_around_a_write_and_started_again(make_world: MakeWorld, operation: str, when: str) -> None:
    if operation == "create_customer":
        world = make_world(crm_class=PersonsCrm, erp_class=PersonsErp)
        world.company()
        run_id = asked(world, "create")
    else:
        world = linked(make_world, with_person=operation == "update_contact_person")
        run_id = asked(world, *(("contact", "p1") if operation == "create_contact_person" else ("update", None)))
    world.books.faults[operation] = [f"{when}:killed"]
    with pytest.raises(Killed):
        world.work(run_id)
    assert world.work(run_id).state == "done"
    assert len(world.books.customers) == 1
    assert len(persons_of(world)) == (operation != "create_customer")
    assert settled(world)


def test_a_customer_that_is_there_is_told_and_not_doubled(make_world: MakeWorld) -> None:
    world = make_world(crm_class=PersonsCrm, erp_class=PersonsErp)
    world.company()
    world.books.customers["9"] = Customer(number="9", name="Other", organisation_number="5566778899")
    world.company(organisation_number="556677-8899")
    run = world.work(asked(world, "create"))
    assert run.state == "failed"
    assert "would be a duplicate" in (run.error_text or "")
    assert "--to 9" in (run.advice or "")
    assert list(world.books.customers) == ["9"]


@pytest.mark.parametrize("fault", [*LOST, None])
def test_a_contact_person_is_added_once_and_then_overwritten(make_world: MakeWorld, fault: str | None) -> None:
    world = linked(make_world)
    world.books.faults["create_contact_person"] = [fault] if fault else []
    run = world.work(asked(world, "contact", "p1"))
    assert (run.state, run.summary) == ("done", "Contact person k1.")
    (kim,) = persons_of(world)
    assert (kim.first_name, kim.last_name, kim.email, kim.phone) == ("Kim", "Kontrakt", KIM.email, "08-1")
    assert links(world, "person", "p1") == [("k1", True)]
    assert world.work(asked(world, "contact", "p1")).state == "done"
    assert len(persons_of(world)) == 1
    assert settled(world)


def test_an_update_finds_a_renamed_person_by_its_link(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world = linked(make_world, with_person=True)
    monkeypatch.setattr(
        PersonsCrm, "persons", [Person(id="p1", name="Kim Lind", email=None), Person(id="p2", name="X")]
    )
    world.company(phone="08-99")
    assert world.work(asked(world, "update")).state == "done"
    (kim,) = persons_of(world)
    assert (kim.last_name, kim.email, kim.phone) == ("Lind", None, "08-1"), "what is not shown stays"
    assert world.books.customers["1"].phone == "08-99"


def test_a_person_who_is_gone_in_the_erp_is_added_again(make_world: MakeWorld) -> None:
    world = linked(make_world, with_person=True)
    world.erp.plugin.persons.clear()  # type: ignore[attr-defined]  # what somebody did in the ERP
    world.time.move(600)
    assert world.work(asked(world, "update")).state == "done"
    assert [each.last_name for each in persons_of(world)] == ["Kontrakt"]


def test_another_syncs_wish_is_left_alone(make_world: MakeWorld) -> None:
    world = make_world(crm_class=PersonsCrm, erp_class=PersonsErp)
    world.company()
    with world.store.begin() as connection:
        put_event(
            connection,
            source="crm",
            event_key="wish:other",
            kind=WISH,
            record_kind="company",
            record_id="c1",
            payload=Wish(sync="another", action="create", by="somebody").model_dump(mode="json"),
        )
    run = world.handle("c1", "company_changed")
    assert (run.state, run.reason) == ("nothing", "company_no_customer")
    assert world.books.customers == {}


def test_what_the_crm_told_in_the_same_moment_is_done_too(make_world: MakeWorld) -> None:
    world = linked(make_world)
    world.company(phone="08-77")
    run_id = asked(world, "contact", "p1")
    world.event("c1", "company_changed")
    assert world.work(run_id).state == "done"
    assert world.books.customers["1"].phone == "08-77"
    assert len(persons_of(world)) == 1
