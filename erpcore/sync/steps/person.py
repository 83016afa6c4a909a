"""The step that sees to the contact person whom a document names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import sqlalchemy as sa

from erpcore.models import ContactPerson, RecordRef, Ref
from erpcore.store import Intent, cut_link, live_link, put_link
from erpcore.sync.effect import Carried
from erpcore.sync.shared import story
from erpcore.sync.steps.base import Step
from erpcore.sync.steps.customer import linked_customer

if TYPE_CHECKING:
    from erpcore.store import Link
    from erpcore.sync.attempt import Attempt


class FindContactPerson(Step):
    """Find a contact person at the customer, and add one that is not there when the rules say so (`create`)."""

    name: ClassVar[str] = "find_contact_person"
    hook: ClassVar[str | None] = "find_contact_persons"
    company_id: str
    person: ContactPerson
    create: bool

    @property
    def sends(self) -> ContactPerson | None:
        """The person, where one may be made."""
        return self.person if self.create else None

    def words(self) -> str:
        """Say who is looked for."""
        otherwise = "; add one that is not there" if self.create else ""
        return f"Find the contact person {full_name(self.person)} at the customer{otherwise}."

    def do(self, attempt: Attempt) -> str | None:
        """Link the person; one that is linked to this customer already is not searched again."""
        linked = linked_customer(attempt, self.company_id)
        customer = Ref(number=linked.number, key=linked.key)
        key = person_key(customer, self.person)
        with attempt.sides.store.read() as connection:
            if known := person_link(connection, attempt.sides.sync, key):
                return known.number
        if found := self._found(attempt, customer):
            with attempt.begin() as connection:
                link_person(connection, attempt.sides.sync, key, found)
                attempt.tell_in(connection, [("step", story.person_found(full_name(self.person)), None)])
            return found.number
        if not (self.create and attempt.sides.erp.can("create_contact_person")):
            attempt.tell("note", story.person_not_there(full_name(self.person), customer.number))
            return None
        return self._add(attempt, customer, key)

    def _add(self, attempt: Attempt, customer: Ref, key: str) -> str:
        record = f"contact person {key}"

        def send(intent: Intent) -> RecordRef:
            context = attempt.context(intent.reference)
            return attempt.sides.erp.create_contact_person(customer, self.person, context)

        def link(connection: sa.Connection, carried: Carried) -> None:
            link_person(connection, attempt.sides.sync, key, carried.ref)

        generation = attempt.generation_of(
            record, "create_contact_person", lambda made: self._found(attempt, customer) is not None
        )
        carried = attempt.carry_out(
            record, "create_contact_person", generation, send, lambda intent: self._found(attempt, customer), link
        )
        return carried.ref.number

    def _found(self, attempt: Attempt, customer: Ref) -> RecordRef | None:
        person = one_that_fits(self.person, attempt.sides.erp.find_contact_persons(customer, attempt.context()))
        if person is None or person.key is None:
            return None  # nobody whom a document can name
        return RecordRef(number=person.key, key=person.key)


def one_that_fits(wanted: ContactPerson, held: Sequence[ContactPerson]) -> ContactPerson | None:
    """Give the person who is meant: by e-mail address, else by name; an inactive one only where no other fits. Pure.

    Args:
        wanted: As the CRM shows them.
        held: The customer's contact persons.
    """
    usable = sorted(held, key=lambda person: person.active is False)
    email, name = _folded(wanted.email), _folded(full_name(wanted))
    for person in usable:
        if email and _folded(person.email) == email:
            return person
    return next((person for person in usable if name and _folded(full_name(person)) == name), None)


def full_name(person: ContactPerson) -> str:
    """Give first and last name."""
    return " ".join(part for part in (person.first_name, person.last_name) if part)


def person_key(customer: Ref, person: ContactPerson) -> str:
    """Give what names a customer's contact person in the ledger and in its link."""
    return f"{customer.key or customer.number} {_folded(full_name(person))}"


def person_link(connection: sa.Connection, sync: str, key: str) -> Link | None:
    """Give the link of a contact person."""
    return live_link(connection, sync=sync, source_kind="person", source_id=key, target_kind="contact_person")


def link_person(connection: sa.Connection, sync: str, key: str, ref: Ref) -> None:
    """Link a contact person of the CRM to the one at the customer.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        key: From `person_key`.
        ref: The one at the customer.
    """
    put_link(
        connection,
        sync=sync,
        source_kind="person",
        source_id=key,
        target_kind="contact_person",
        number=ref.number,
        key=ref.key,
        instead=lambda known: story.person_gone(known.number),
    )


def cut_person(connection: sa.Connection, sync: str, key: str) -> None:
    """End the link of a contact person, after the ERP has refused a document: the next attempt looks for them again."""
    if link := person_link(connection, sync, key):
        cut_link(connection, link.id, reason=story.person_gone(link.number))


def _folded(text: str | None) -> str:
    return " ".join((text or "").split()).casefold()
