"""Customers and their contact person."""

from __future__ import annotations

from typing import Any

from erpcore.errors import ConflictError, InvalidValueError, NotFoundError, UnsupportedOperationError
from erpcore.fields import FieldMap, canonical
from erpcore.http import path_of
from erpcore.models import (
    ContactPerson,
    Customer,
    CustomerQuery,
    Page,
    RecordRef,
    Ref,
    same_organisation,
    searched_part,
)
from erpcore_visma_eaccounting import finding
from erpcore_visma_eaccounting.client import Record, VismaClient, quoted
from erpcore_visma_eaccounting.fields import CONTACT_PERSON
from erpcore_visma_eaccounting.registers import Registers
from erpcore_visma_eaccounting.settings import VismaEAccountingSettings

_LONGEST_NAME = 50


class Customers:
    """The register of customers.

    Args:
        client: Visma.
        field_map: The table of customers.
        settings: The connection's settings.
    """

    def __init__(self, client: VismaClient, field_map: FieldMap[Customer], settings: VismaEAccountingSettings) -> None:
        self._client = client
        self._map = field_map
        self._settings = settings

    def find(self, query: CustomerQuery) -> list[Customer]:
        """Find the customers that fit all that the query shows.

        Visma keeps no key of ours: a query that names one beside something else is answered by that alone.

        Raises:
            UnsupportedOperationError: Our own key alone cannot be searched for.
        """
        if query.key:
            return [self._canonical(record) for record in finding.by_key(self._client, "customers", query.key)]
        if query.number:
            text = f"CustomerNumber eq {quoted(query.number)}"
        elif query.organisation_number:
            text = f"contains(CorporateIdentityNumber,{quoted(searched_part(query.organisation_number))})"
        elif query.name:
            text = f"Name eq {quoted(_as_sent(query.name))}"
        elif query.reference:
            raise UnsupportedOperationError(
                "Visma eAccounting cannot search for another system's key of a customer.",
                advice="Search by organisation number, name or customer number.",
            )
        else:
            return []
        customers = (self._canonical(record) for record in self._client.all("customers", text))
        return [customer for customer in customers if _fits(customer, query)]

    def fetch(self, cursor: str | None) -> Page[Customer]:
        """Read one page of customers; see `ErpHooks.fetch_customers`."""
        found = self._client.page("customers", cursor)
        return Page[Customer](
            items=tuple(self._canonical(record) for record in found.items), next_cursor=found.next_cursor
        )

    def create(self, customer: Customer) -> RecordRef:
        """Make a customer. Visma makes a second one of the same organisation number without a word.

        Raises:
            InvalidValueError: Its name, or a part of its address that Visma requires, is missing.
        """
        payload: dict[str, Any] = {
            "IsPrivatePerson": False,
            "IsActive": True,
            **self._map.to_native(customer, today=self._client.host.today()),
        }
        if not payload.get("Name"):
            raise InvalidValueError(
                "A customer needs a name.", field="name", advice="Give the company a name in the CRM and send it again."
            )
        for member, part in (("InvoiceCity", "city"), ("InvoicePostalCode", "postal_code")):
            if not payload.get(member):
                raise InvalidValueError(
                    f"The customer has no {part.replace('_', ' ')}, and Visma eAccounting takes none without.",
                    field=f"invoice_address.{part}",
                    advice=f"Enter it in the CRM, or set default_{part}, then send the record again.",
                )
        registers = Registers(self._client, self._settings)
        shown = payload.get("TermsOfPaymentId")
        payload["TermsOfPaymentId"] = registers.terms_id(shown) if shown else registers.new_terms_id()
        return _ref(self._client.post("customers", payload))

    def update(self, customer_ref: Ref, customer: Customer) -> RecordRef:
        """Change what the record shows, and nothing else.

        Raises:
            NotFoundError: No such customer.
        """
        changes = self._map.to_native(customer, clearing=True)
        changes.pop("CustomerNumber", None)  # a customer keeps its number
        if terms := changes.get("TermsOfPaymentId"):
            changes["TermsOfPaymentId"] = Registers(self._client, self._settings).terms_id(terms)
        key = customer_ref.key
        place = _place(finding.customer(self._client, customer_ref)) if key is None else path_of("customers", key)
        return _ref(self._client.change(place, changes))

    def contact_persons(self, customer_ref: Ref) -> list[ContactPerson]:
        """Read a customer's reference person: one or none.

        Raises:
            NotFoundError: No such customer.
        """
        held = finding.customer(self._client, customer_ref)
        if not held.get("ContactPersonName"):
            return []
        return [canonical(CONTACT_PERSON, held, f"the contact person of customer {customer_ref.number}")]

    def update_contact_person(self, customer_ref: Ref, person_ref: Ref, person: ContactPerson) -> RecordRef:
        """Change what a customer's reference person shows.

        Raises:
            NotFoundError: No such customer, or it has another person, or none.
        """
        held = finding.customer(self._client, customer_ref)
        name = held.get("ContactPersonName")
        changes = CONTACT_PERSON.to_native(person, clearing=True)
        if name not in (person_ref.number, changes["ContactPersonName"]):
            raise NotFoundError(
                f"Customer {customer_ref.number} has no contact person {person_ref.number}.",
                record=f"customer {customer_ref.number}",
                advice="Look at the customer's reference person in Visma eAccounting.",
            )
        if not changes["ContactPersonName"]:
            changes.pop("ContactPersonName")
        changed = self._client.change(_place(held), changes)
        number = str(changed.get("ContactPersonName") or name)
        return RecordRef(number=number, raw=changed)

    def create_contact_person(self, customer_ref: Ref, person: ContactPerson) -> RecordRef:
        """Make a person the customer's reference person, of which there is one; what the person does not show stays.

        Raises:
            InvalidValueError: The person has no name.
            ConflictError: The customer has another one, and the settings say that it stays.
            NotFoundError: No such customer.
        """
        changes = CONTACT_PERSON.to_native(person)
        name = changes["ContactPersonName"]
        if not name:
            raise InvalidValueError("A contact person needs a name.", field="first_name", advice="Give one in the CRM.")
        held = finding.customer(self._client, customer_ref)
        other = held.get("ContactPersonName")
        if other and other != name:
            if self._settings.taken_contact_person == "refuse":
                raise ConflictError(
                    f"Customer {customer_ref.number} has another reference person: {other}.",
                    record=f"customer {customer_ref.number}",
                    advice="Take that name away in Visma eAccounting, or set taken_contact_person to “replace”.",
                )
            # Telephone and e-mail of somebody else must not stand beside the new name.
            changes = dict.fromkeys(("ContactPersonEmail", "ContactPersonPhone", "ContactPersonMobile")) | changes
        return RecordRef(number=name, raw=self._client.change(_place(held), changes))

    def _canonical(self, record: Record) -> Customer:
        return canonical(self._map, record, f"customer {record.get('CustomerNumber')}")


def _place(record: Record) -> str:
    return path_of("customers", str(record["Id"]))


def _ref(record: Record) -> RecordRef:
    return RecordRef(number=str(record.get("CustomerNumber") or record["Id"]), key=str(record["Id"]), raw=record)


def _as_sent(name: str) -> str:
    return name.strip()[:_LONGEST_NAME].rstrip()


def _fits(customer: Customer, query: CustomerQuery) -> bool:
    wanted = query.organisation_number
    return (
        (not query.number or customer.number == query.number)
        and (not wanted or same_organisation(customer.organisation_number, wanted))
        and (not query.name or customer.name == _as_sent(query.name))
    )
