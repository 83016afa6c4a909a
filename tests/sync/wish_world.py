"""A CRM that shows who works at a company, an ERP that keeps contact persons, and wishes of a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from erpcore.errors import NotFoundError
from erpcore.hookspecs import Context, hookimpl
from erpcore.models import ContactPerson, Person, RecordRef, Ref
from erpcore.plugin import Effect, EffectKind
from erpcore.store import open_run, put_event
from erpcore.sync.shared.wish import WISH, Wish
from tests.sync.conftest import MakeWorld
from tests.sync.memory_crm import MemoryCrm
from tests.sync.memory_plugin import Books, MemoryErp
from tests.sync.world import SYNC, World

KIM = Person(id="p1", name="Kim Kontrakt", email="kim@bolag.example", phone="08-1")


class PersonsErp(MemoryErp):
    """It keeps any number of contact persons of a customer, by keys of its own."""

    effects: ClassVar = {
        **MemoryErp.effects,
        "create_contact_person": Effect(EffectKind.BUSINESS_KEY, 3, "the name at the customer"),
        "update_contact_person": Effect(EffectKind.NATIVE_KEY, 0, "the person's key"),
    }

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self.persons: dict[str, ContactPerson] = {}

    @hookimpl
    def find_contact_persons(self, customer_ref: Ref, context: Context) -> Sequence[ContactPerson]:
        self._read("find_contact_persons")
        return list(self.persons.values())

    @hookimpl
    def create_contact_person(self, customer_ref: Ref, person: ContactPerson, context: Context) -> RecordRef:
        def work() -> RecordRef:
            key = f"k{len(self.persons) + 1}"
            self.persons[key] = person.model_copy(update={"key": key})
            return RecordRef(number=key, key=key)

        return self._write("create_contact_person", work)

    @hookimpl
    def update_contact_person(
        self, customer_ref: Ref, person_ref: Ref, person: ContactPerson, context: Context
    ) -> RecordRef:
        def work() -> RecordRef:
            key = str(person_ref.key)
            if key not in self.persons:
                raise NotFoundError(f"There is no contact person {key}.")
            shown = {name: getattr(person, name) for name in person.model_fields_set}
            self.persons[key] = self.persons[key].model_copy(update=shown)
            return RecordRef(number=key, key=key)

        return self._write("update_contact_person", work)


class PersonsCrm(MemoryCrm):
    """Kim works at every company."""

    persons: ClassVar[list[Person]] = [KIM]

    @hookimpl
    def fetch_persons(self, company_id: str, context: Context) -> Sequence[Person]:
        self.desk.call("fetch_persons")
        return list(self.persons)


def persons_of(world: World) -> list[ContactPerson]:
    """The contact persons in the ERP."""
    plugin: Any = world.erp.plugin
    return list(plugin.persons.values())


def asked(world: World, action: Literal["create", "update", "contact"], person: str | None = None) -> int:
    """A person asks for something about the company c1; the number of the run that does it."""
    wish = Wish(sync=SYNC, action=action, by="a test", person_id=person)
    with world.store.begin() as connection:
        run, _ = open_run(connection, sync=SYNC, source="crm", target="erp", record_kind="company", record_id="c1")
        put_event(
            connection,
            source="crm",
            event_key=f"{WISH}:{run.id}",
            kind=WISH,
            record_kind="company",
            record_id="c1",
            payload=wish.model_dump(mode="json"),
        )
    return run.id


def linked(make_world: MakeWorld, *, with_person: bool = False) -> World:
    """A world whose company is linked to its customer, and Kim to the contact person."""
    world = make_world(crm_class=PersonsCrm, erp_class=PersonsErp)
    world.company()
    assert world.work(asked(world, "create")).state == "done"
    if with_person:
        assert world.work(asked(world, "contact", "p1")).state == "done"
    return world
