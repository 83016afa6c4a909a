"""Reading what a person's wish needs: customers that may be the company, and contact persons on both sides."""

from __future__ import annotations

from contextlib import suppress

from erpcore.errors import InvalidValueError, MissingRecordError
from erpcore.hookspecs import Context
from erpcore.models import Company, CustomerQuery, Person, Ref
from erpcore.store import open_intents
from erpcore.sync.company.linking import Contacts, is_other_organisation
from erpcore.sync.shared import mapping
from erpcore.sync.shared.reading import Sides
from erpcore.sync.shared.view import Proposal
from erpcore.sync.shared.wish import Wish
from erpcore.sync.steps.contact import person_record
from erpcore.sync.steps.person import person_link


def proposals(sides: Sides, company: Company, context: Context) -> list[Proposal]:
    """Find the customers that may be a company: by its organisation number, then by its name.

    Args:
        sides: The sync's systems.
        company: The company. A number that is wrong is passed over.
        context: The calls' context.
    """
    number: str | None = None
    with suppress(InvalidValueError):
        number = mapping.known_organisation_number(company, sides.rules, needed=False)
    found: dict[str, Proposal] = {}
    if number:
        query = CustomerQuery(organisation_number=number)
        for customer in sides.erp.find_customers(query, context):
            found[str(customer.key or customer.number)] = Proposal(customer=customer, by="organisation_number")
    if name := mapping.text_of(company.name):
        for customer in sides.erp.find_customers(CustomerQuery(name=name), context):
            other = is_other_organisation(company, customer)
            proposal = Proposal(customer=customer, by="name", other_organisation=other)
            found.setdefault(str(customer.key or customer.number), proposal)
    return list(found.values())


def read_persons(sides: Sides, company_id: str, context: Context) -> list[Person]:
    """Read who works at a company.

    Args:
        sides: The sync's systems.
        company_id: The CRM's key of it.
        context: The call's context.

    Raises:
        MissingRecordError: The CRM does not show persons.
    """
    if not sides.crm.can("fetch_persons"):
        raise MissingRecordError(f"{sides.crm.plugin.display_name} does not show a company's persons to erpcore.")
    return list(sides.crm.fetch_persons(company_id, context))


def read_contacts(sides: Sides, company_id: str, customer: Ref, wish: Wish, context: Context) -> Contacts:
    """Read the contact persons that a wish is about: the one that it names, or those that are linked.

    Args:
        sides: The sync's systems.
        company_id: The CRM's key of the company.
        customer: Its customer.
        wish: What is asked.
        context: The calls' context.
    """
    persons: list[Person] = []
    if wish.action == "contact" or sides.crm.can("fetch_persons"):
        persons = [each for each in read_persons(sides, company_id, context) if each.id is not None]
    if wish.person_id is not None:
        persons = [each for each in persons if each.id == wish.person_id]
    links: dict[str, Ref] = {}
    records = {person_record(str(person.id), customer.number): str(person.id) for person in persons}
    with sides.store.read() as connection:
        still_open = open_intents(connection, sync=sides.sync, records=set(records))
        for person in persons:
            if link := person_link(connection, sides.sync, str(person.id)):
                links[str(person.id)] = Ref(number=link.number, key=link.key)
    if wish.action == "update":
        waiting = {records[intent.record] for intent in still_open}
        persons = [each for each in persons if each.id in links or each.id in waiting]
    held = None
    if persons and sides.erp.can("find_contact_persons"):
        held = tuple(sides.erp.find_contact_persons(customer, context))
    may_change = sides.erp.can("update_contact_person")
    unanswered = frozenset(records[intent.record] for intent in still_open)
    return Contacts(persons=tuple(persons), links=links, held=held, may_change=may_change, unanswered=unanswered)
