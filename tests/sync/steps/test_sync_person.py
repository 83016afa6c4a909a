"""A deal's contact person is found at the customer, or added there, and the document names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from erpcore.hookspecs import Context, hookimpl
from erpcore.models import ContactPerson, Person, RecordRef, Ref
from erpcore.plugin import Effect, EffectKind
from erpcore.sync.steps.person import one_that_fits
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import Books, MemoryErp
from tests.sync.world import World

KARIN = Person(name="Karin af Gran", email="Karin@gran.example", phone="08-1")


class PersonErp(MemoryErp):
    effects: ClassVar = {
        **MemoryErp.effects,
        "update_contact_person": Effect(EffectKind.NATIVE_KEY, 2, "the key of the person"),
        "create_contact_person": Effect(EffectKind.BUSINESS_KEY, 3, "the name at the customer"),
    }

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self.persons: dict[str, list[ContactPerson]] = {}

    @hookimpl
    def find_contact_persons(self, customer_ref: Ref, context: Context) -> Sequence[ContactPerson]:
        self._read("find_contact_persons")
        return list(self.persons.get(customer_ref.number, ()))

    @hookimpl
    def create_contact_person(self, customer_ref: Ref, person: ContactPerson, context: Context) -> RecordRef:
        def work() -> RecordRef:
            held = self.persons.setdefault(customer_ref.number, [])
            key = f"p{len(held) + 1}"
            held.append(person.model_copy(update={"key": key}))
            return RecordRef(number=key, key=key)

        return self._write("create_contact_person", work)

    @hookimpl
    def update_contact_person(
        self, customer_ref: Ref, person_ref: Ref, person: ContactPerson, context: Context
    ) -> RecordRef:
        def work() -> RecordRef:
            held = self.persons[customer_ref.number]
            place = next(at for at, each in enumerate(held) if each.key == person_ref.key)
            held[place] = person.model_copy(update={"key": person_ref.key})
            return RecordRef(number=str(person_ref.key), key=person_ref.key)

        return self._write("update_contact_person", work)


def world_of(make_world: MakeWorld, rule: str = "create", contact: Person = KARIN) -> World:
    world = make_world(erp_class=PersonErp, contact_persons=rule)
    world.company()
    world.deal("d1", contact=contact)
    return world


def persons(world: World) -> list[ContactPerson]:
    plugin: Any = world.erp.plugin
    return plugin.persons.get("1", [])


def test_a_person_who_is_not_there_is_added_once_and_named(make_world: MakeWorld) -> None:
    world = world_of(make_world)
    assert world.handle().state == "done"
    (karin,) = persons(world)
    assert (karin.first_name, karin.last_name, karin.email, karin.phone) == ("Karin af", "Gran", KARIN.email, "08-1")
    assert world.books.orders["1001"].contact_person_key == "p1"
    assert world.books.orders["1001"].your_reference == KARIN.name
    assert "Contact person p1 was added to the customer." in world.told()
    world.deal("d2", contact=KARIN)
    world.books.calls.clear()
    assert world.handle("d2").state == "done"
    assert world.books.orders["1002"].contact_person_key == "p1"
    assert dict(world.books.calls) == {"create_order": 1}, "who is linked is not searched again"


@pytest.mark.parametrize("held", [{"email": "karin@GRAN.example"}, {"first_name": "KARIN", "last_name": "af Gran"}])
def test_a_person_who_is_there_is_named_and_not_added(make_world: MakeWorld, held: Any) -> None:
    world = world_of(make_world, rule="find")
    plugin: Any = world.erp.plugin
    plugin.persons["1"] = [ContactPerson(key="p7", last_name="Other"), ContactPerson(key="p8", **held)]
    assert world.handle().state == "done"
    assert world.books.orders["1001"].contact_person_key == "p8"
    assert len(persons(world)) == 2
    assert "Karin af Gran is known at the customer" in world.told()


def test_by_the_rule_find_nobody_is_added(make_world: MakeWorld) -> None:
    world = world_of(make_world, rule="find")
    assert world.handle().state == "done"
    assert persons(world) == []
    assert world.books.orders["1001"].contact_person_key is None
    assert "has no contact person Karin af Gran" in world.told()


def test_by_default_the_person_is_a_text(make_world: MakeWorld) -> None:
    world = world_of(make_world, rule="text")
    assert world.handle().state == "done"
    assert "find_contact_persons" not in world.books.calls
    assert world.books.orders["1001"].your_reference == KARIN.name


@pytest.mark.parametrize("fault", ["after:unreachable", "after:lost", "before:unreachable"])
def test_a_lost_answer_adds_nobody_twice(make_world: MakeWorld, fault: str) -> None:
    world = world_of(make_world)
    world.books.faults["create_contact_person"] = [fault]
    assert world.handle().state == "done"
    assert len(persons(world)) == 1
    assert world.books.orders["1001"].contact_person_key == "p1"


def test_after_a_refused_document_the_person_is_looked_for_again(make_world: MakeWorld) -> None:
    world = world_of(make_world)
    assert world.handle().state == "done"
    plugin: Any = world.erp.plugin
    plugin.persons["1"] = [ContactPerson(key="p9", first_name="Karin af", last_name="Gran")]
    world.deal("d2", contact=KARIN)
    world.books.faults["create_order"] = ["before:refused"]
    failed = world.handle("d2")
    assert failed.state == "failed"
    assert world.retry(failed).state == "done"
    assert world.books.orders["1002"].contact_person_key == "p9"


def test_an_inactive_person_is_the_last_choice() -> None:
    gone, here = ContactPerson(key="1", last_name="Gran", active=False), ContactPerson(key="2", last_name="Gran")
    assert one_that_fits(ContactPerson(last_name="gran"), [gone, here]) == here
    assert one_that_fits(ContactPerson(last_name="gran"), [gone]) == gone
    assert one_that_fits(ContactPerson(last_name="Berg"), [gone, here]) is None
