"""The steps that see to a customer's contact persons, as a person asks by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import sqlalchemy as sa

from erpcore.errors import NotFoundError
from erpcore.models import ContactPerson, RecordRef, Ref
from erpcore.store import Intent
from erpcore.sync.effect import Carried
from erpcore.sync.shared import story
from erpcore.sync.steps.base import Step
from erpcore.sync.steps.customer import linked_customer
from erpcore.sync.steps.person import cut_person, full_name, link_person, one_that_fits

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


class CreateContactPerson(ContactStep):
    """Add a person to the customer."""

    name: ClassVar[str] = "create_contact_person"
    hook: ClassVar[str | None] = "create_contact_person"

    def words(self) -> str:
        """Say who is added."""
        return f"Add the contact person {full_name(self.person)}."

    def do(self, attempt: Attempt) -> str:
        """Add it, once, and link the CRM's person to it."""
        erp = attempt.sides.erp
        linked = linked_customer(attempt, self.company_id)
        customer = Ref(number=linked.number, key=linked.key)
        record = person_record(self.person_id, customer.number)
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
        held = one_that_fits(self.person, erp.find_contact_persons(customer, attempt.context()))
        return None if held is None else RecordRef(number=held.key or full_name(held), key=held.key)


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
        return f"Update the contact person {full_name(self.person)} with what the CRM shows."

    def do(self, attempt: Attempt) -> str:
        """Update it, and link the CRM's person to it.

        Raises:
            ComeBackLater: It is gone; the plan is made anew.
        """
        linked = linked_customer(attempt, self.company_id)
        customer = Ref(number=linked.number, key=linked.key)
        try:
            ref = attempt.repeatable(
                f"the update of the contact person {full_name(self.person)}",
                lambda: attempt.sides.erp.update_contact_person(
                    customer, self.person_ref, self.person, attempt.context()
                ),
            )
        except NotFoundError as error:
            with attempt.begin() as connection:
                cut_person(connection, attempt.sides.sync, self.person_id)
            raise attempt.plan_again(story.person_gone(full_name(self.person))) from error
        with attempt.begin() as connection:
            link_person(connection, attempt.sides.sync, self.person_id, ref)
            words = f"The contact person {full_name(self.person)} was updated with what the CRM shows."
            attempt.tell_in(connection, [("step", words, {"number": ref.number})])
        return ref.number


def person_record(person_id: str, customer_number: str) -> str:
    """Name a person of the CRM in the ledger, as one who is added to a customer."""
    return f"person {person_id} of customer {customer_number}"
