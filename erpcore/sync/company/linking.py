"""The plans of what a person asks for a company: create its customer, overwrite it, add a contact person. Pure.

`changes` tells beforehand what overwriting would change.

The rules are those of Lime Go's article on Visma eAccounting, for any CRM and ERP, but for one: the article lets “Add
as customer” make a duplicate, and here a customer that is there already is proposed instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from erpcore.errors import AmbiguousMatchError, InvalidValueError, MissingRecordError
from erpcore.fields import Loss
from erpcore.models import CanonicalModel, Company, ContactPerson, Customer, Person, Ref, same_organisation
from erpcore.sync.company.decide import CompanyView
from erpcore.sync.draft import Draft
from erpcore.sync.losing import TellLosses
from erpcore.sync.plan import Decision, Plan
from erpcore.sync.shared import mapping, story
from erpcore.sync.shared.customer import customer_key
from erpcore.sync.shared.persons import person_of
from erpcore.sync.shared.reasons import Reason, why
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.vat import require_decided, vat_of
from erpcore.sync.shared.view import CustomerLink, ErpView, Proposal, Seen
from erpcore.sync.steps.contact import CreateContactPerson, UpdateContactPerson
from erpcore.sync.steps.customer import CreateCustomer, UpdateCustomer, UseCustomer, WriteBackCustomer
from erpcore.sync.steps.person import full_name, one_that_fits
from erpcore.sync.steps.telling import MarkInProcess

NOT_SHOWN = "not shown"
"""What a field is now that the ERP does not show."""
OVERWRITTEN = ("name", "organisation_number", "invoice_address", "phone", "email", "invoice_email", "website")
"""What “Update the information” overwrites of a customer (the article's list). Terms of payment are not among it."""


class Change(Seen):
    """A field that would be another one.

    Attributes:
        field: Dotted canonical name, such as ``invoice_address.city``.
        now: What the ERP has; empty for nothing, `NOT_SHOWN` where it does not tell.
        becomes: What it would have; empty for nothing.
    """

    field: str
    now: str
    becomes: str


class Contacts(Seen):
    """The contact persons that a wish is about.

    Attributes:
        persons: The CRM's persons that are to be there.
        links: What each of them was in the ERP the last time, by the CRM's key.
        held: The customer's contact persons in the ERP; None where it does not show them.
        may_change: Whether the ERP lets a contact person be changed.
        unanswered: Persons whose adding has no answer, by the CRM's key. They count as not added, so that the step that
            adds them carries it to its end.
    """

    persons: tuple[Person, ...] = ()
    links: Mapping[str, Ref] = {}
    held: tuple[ContactPerson, ...] | None = None
    may_change: bool = True
    unanswered: frozenset[str] = frozenset()


def plan_create(
    crm: CompanyView, erp: ErpView, proposals: Sequence[Proposal], rules: SyncRules, losses: TellLosses
) -> Plan:
    """Plan to create a company's customer.

    Args:
        crm: What the CRM shows.
        erp: What the links and the ledger tell.
        proposals: Customers of the ERP that may be the company.
        rules: The sync's rules.
        losses: What the ERP would lose of a record.

    Raises:
        AmbiguousMatchError: The ERP has customers that may be the company already.
        InvalidValueError: The company cannot be sent as it is.
    """
    company = crm.company
    draft = Draft("company", company.id)
    number = mapping.known_organisation_number(company, rules)
    customer = mapping.customer_from(company, number, rules)
    key, digest = customer_key(company, number), mapping.digest(customer)
    link = erp.customer_link
    if link is not None:
        known = Ref(number=link.number, key=link.key)
        draft.add_customer(UseCustomer(company_id=company.id, customer_ref=known, found_by="link"), company, erp, rules)
    else:
        if key not in erp.unanswered:
            _refuse_duplicate(company, [each for each in proposals if not each.other_organisation])
        if rules.owns_customer_number:
            draft.steps.append(MarkInProcess())
        vat = vat_of(company, erp.country)
        require_decided(vat, rules, mapping.company_words(company))
        new = mapping.new_customer(customer, company, vat, rules)
        create = CreateCustomer(company_id=company.id, key=key, customer=new, digest=digest)
        draft.add_customer(create, company, erp, rules)
    if rules.owns_customer_number:
        draft.steps.append(WriteBackCustomer(company_id=company.id, seen=company))
    return draft.finished(_asked("asked_create"), rules, losses)


def plan_update(crm: CompanyView, erp: ErpView, contacts: Contacts, rules: SyncRules, losses: TellLosses) -> Plan:
    """Plan to overwrite a company's customer, and the contact persons that were added from the CRM.

    Args:
        crm: What the CRM shows.
        erp: What the links tell.
        contacts: The persons of the company that are contact persons in the ERP.
        rules: The sync's rules.
        losses: What the ERP would lose of a record.

    Raises:
        MissingRecordError: The company is not linked.
        InvalidValueError: The company cannot be sent as it is.
    """
    company = crm.company
    link = require_link(company, erp)
    draft = Draft("company", company.id)
    number = mapping.known_organisation_number(company, rules, needed=False)
    whole = mapping.customer_from(company, number, rules)
    shown = {name: getattr(whole, name) for name in OVERWRITTEN if whole.shown(name)}
    update = UpdateCustomer(
        company_id=company.id,
        customer_ref=Ref(number=link.number, key=link.key),
        found_by="link",
        customer=Customer.model_validate(shown),
        digest=None,
    )
    draft.add_customer(update, company, erp, rules)
    draft.steps += [contact_step(company, person, contacts) for person in contacts.persons]
    return draft.finished(_asked("asked_update"), rules, losses)


def plan_contact(crm: CompanyView, erp: ErpView, contacts: Contacts, rules: SyncRules, losses: TellLosses) -> Plan:
    """Plan to add a contact person to a company's customer, or to overwrite the one that it was made.

    Args:
        crm: What the CRM shows.
        erp: What the links tell.
        contacts: The person.
        rules: The sync's rules.
        losses: What the ERP would lose of a record.

    Raises:
        MissingRecordError: The company is not linked, or the person is not one of its.
        InvalidValueError: The person has no name.
    """
    company = crm.company
    require_link(company, erp)
    if not contacts.persons:
        raise MissingRecordError(
            f"The CRM shows no such person at {mapping.company_words(company)} any more.",
            record=mapping.company_words(company),
            advice="Choose one of the company's persons.",
        )
    draft = Draft("company", company.id)
    draft.steps += [contact_step(company, person, contacts) for person in contacts.persons]
    return draft.finished(_asked("asked_contact"), rules, losses)


def require_link(company: Company, erp: ErpView) -> CustomerLink:
    """Give the link of a company to its customer.

    Args:
        company: The company.
        erp: What the links tell.

    Raises:
        MissingRecordError: It is not linked.
    """
    if erp.customer_link is None:
        raise MissingRecordError(
            "The company is not linked to a customer in the ERP.",
            record=mapping.company_words(company),
            advice="Link it first: “erpcore link SYNC COMPANY” with --propose, then --to NUMBER, or --create.",
        )
    return erp.customer_link


def contact_step(company: Company, person: Person, contacts: Contacts) -> CreateContactPerson | UpdateContactPerson:
    """Plan what becomes of one contact person.

    Args:
        company: The company.
        person: As the CRM shows it.
        contacts: What the ERP has.

    Raises:
        InvalidValueError: The person has no name, or no key in the CRM.
    """
    told = person_of(person)
    if person.id is None or not full_name(told):
        raise InvalidValueError(
            "The contact person has no name.",
            field="name",
            record=mapping.company_words(company),
            advice="Give the person a name in the CRM.",
        )
    found: dict[str, Any] = {"company_id": company.id, "person_id": person.id, "person": told}
    held = _held_of(contacts, person.id, told)
    if held is None or not contacts.may_change or person.id in contacts.unanswered:
        return CreateContactPerson(**found)
    return UpdateContactPerson(**found, person_ref=Ref(number=held.key or full_name(held), key=held.key))


def is_other_organisation(company: Company, customer: Customer) -> bool:
    """Tell whether both have an organisation number, and not the same one.

    Args:
        company: Of the CRM.
        customer: Of the ERP.
    """
    ours, theirs = mapping.text_of(company.organisation_number), mapping.text_of(customer.organisation_number)
    return ours is not None and theirs is not None and ours != theirs and not same_organisation(ours, theirs)


def changes(ours: CanonicalModel, theirs: CanonicalModel, losses: Sequence[Loss]) -> list[Change]:
    """Tell what an update changes.

    Args:
        ours: What would be sent.
        theirs: What the ERP shows now.
        losses: What of it the ERP would not take as it is, from its field map.
    """
    lost = {loss.field: loss for loss in losses}
    held = _flat(theirs)
    found: list[Change] = []
    for field, value in _flat(ours).items():
        loss = lost.get(field)
        if loss is not None and loss.becomes is None:
            continue  # it is left out, or the ERP keeps what it has; the losses tell
        becomes = value if loss is None else str(loss.becomes)
        now = held.get(field, NOT_SHOWN)
        if becomes != now and not (field == "organisation_number" and same_organisation(becomes, now)):
            found.append(Change(field=field, now=now, becomes=becomes))
    return found


def _held_of(contacts: Contacts, person_id: str, told: ContactPerson) -> ContactPerson | None:
    """Find the person in the ERP: by its link, else by e-mail address or name."""
    link, held = contacts.links.get(person_id), contacts.held or ()
    if link is not None:
        for each in held:
            if each.key == link.key if link.key is not None else full_name(each) == link.number:
                return each
    return one_that_fits(told, held)


def _refuse_duplicate(company: Company, proposals: Sequence[Proposal]) -> None:
    if not proposals:
        return
    numbers = " or ".join(f"--to {each.customer.number}" for each in proposals if each.customer.number)
    raise AmbiguousMatchError(
        "The ERP has a customer already that may be the company: one more would be a duplicate.",
        candidates=[story.candidate(each.customer) for each in proposals],
        record=mapping.company_words(company),
        advice=f"Link it to the customer instead: {numbers or '--to NUMBER'}. If it is another company, correct its "
        "name or its organisation number.",
    )


def _asked(reason: Reason) -> Decision:
    return Decision(action="make", reason=reason, why=why(reason))


def _flat(record: CanonicalModel) -> Mapping[str, str]:
    return dict(_leaves("", record))


def _leaves(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, CanonicalModel):
        for name in sorted(value.model_fields_set, key=list(type(value).model_fields).index):
            yield from _leaves(f"{prefix}.{name}" if prefix else name, getattr(value, name))
    else:
        yield prefix, "" if value is None else str(value)
