"""The steps that see to a customer's contact persons."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import sqlalchemy as sa

from erpcore.errors import NotFoundError
from erpcore.models import ContactPerson, RecordRef, Ref
from erpcore.store import Intent, Link, cut_link, live_link, put_link
from erpcore.sync.effect import Carried
from erpcore.sync.shared import story
from erpcore.sync.shared.contact import contact_name
from erpcore.sync.steps.base import Step
from erpcore.sync.steps.customer import linked_customer

if TYPE_CHECKING:
    from erpcore.sync.attempt import Attempt


class ContactStep(Step):
    """What the steps share that give a customer a person of the CRM as its contact person."""

    company_id: str
    person_id: str
    person: ContactPerson

    @property
    def sends(self) -> ContactPerson:
        """The person."""
        return self.person

    @property
    def full_name(self) -> str:
        """First and last name."""
        return contact_name(self.person)


class CreateContactPerson(ContactStep):
    """Add a person to the customer."""

    name: ClassVar[str] = "create_contact_person"
    hook: ClassVar[str | None] = "create_contact_person"

    def words(self) -> str:
        """Say who is added."""
        return f"Add the contact person {self.full_name}."

    def do(self, attempt: Attempt) -> str:
        """Add it, once, and link the CRM's person to it."""
        erp = attempt.sides.erp
        linked = linked_customer(attempt, self.company_id)
        customer = Ref(number=linked.number, key=linked.key)
        record = f"person {self.person_id} of customer {customer.number}"
        generation = attempt.generation_of(record, self.name, lambda made: self._there(attempt, customer) is not None)

        def send(intent: Intent) -> RecordRef:
            return erp.create_contact_person(customer, self.person, attempt.context(intent.reference))

        def look_up(intent: Intent) -> RecordRef | None:
            return self._there(attempt, customer)

        def link(connection: sa.Connection, carried: Carried) -> None:
            link_person(connection, attempt.sides.sync, self.person_id, carried.ref)

        return attempt.carry_out(record, self.name, generation, send, look_up, link).ref.number

    def _there(self, attempt: Attempt, customer: Ref) -> RecordRef | None:
        """Look for the person among the customer's; where the ERP does not show them, making it again finds it."""
        erp = attempt.sides.erp
        if not erp.can("find_contact_persons"):
            return None
        for held in erp.find_contact_persons(customer, attempt.context()):
            if contact_name(held).casefold() == self.full_name.casefold():
                return RecordRef(number=held.key or self.full_name, key=held.key)
        return None


class UpdateContactPerson(ContactStep):
    """Overwrite a contact person with what the CRM shows."""

    name: ClassVar[str] = "update_contact_person"
    hook: ClassVar[str | None] = "update_contact_person"
    person_ref: Ref

    @property
    def changes(self) -> bool:
        """An empty field clears what the ERP has."""
        return True

    def words(self) -> str:
        """Say who is updated."""
        return f"Update the contact person {self.full_name} with what the CRM shows."

    def do(self, attempt: Attempt) -> str:
        """Update it, and link the CRM's person to it.

        Raises:
            ComeBackLater: It is gone; the plan is made anew.
        """
        linked = linked_customer(attempt, self.company_id)
        customer = Ref(number=linked.number, key=linked.key)
        try:
            ref = attempt.repeatable(
                f"the update of the contact person {self.full_name}",
                lambda: attempt.sides.erp.update_contact_person(
                    customer, self.person_ref, self.person, attempt.context()
                ),
            )
        except NotFoundError as error:
            with attempt.begin() as connection:
                known = person_link(connection, attempt.sides.sync, self.person_id)
                if known is not None:
                    cut_link(connection, known.id, reason=story.contact_gone(self.full_name))
            raise attempt.plan_again(story.contact_gone(self.full_name)) from error
        with attempt.begin() as connection:
            link_person(connection, attempt.sides.sync, self.person_id, ref)
            attempt.tell_in(connection, [("step", story.contact_updated(self.full_name), {"number": ref.number})])
        return ref.number


def link_person(connection: sa.Connection, sync: str, person_id: str, ref: Ref) -> None:
    """Link a person of the CRM to the contact person in the ERP."""
    put_link(
        connection,
        sync=sync,
        source_kind="person",
        source_id=person_id,
        target_kind="contact_person",
        number=ref.number,
        key=ref.key,
        instead=lambda _: story.matched_anew(ref.number),
    )


def person_link(connection: sa.Connection, sync: str, person_id: str) -> Link | None:
    """Give the live link of a person to its contact person."""
    return live_link(connection, sync=sync, source_kind="person", source_id=person_id, target_kind="contact_person")
