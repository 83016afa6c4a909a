"""Customers and their contact persons."""

from __future__ import annotations

from collections.abc import Iterator

from erpcore.errors import InvalidValueError, NotFoundError, UnsupportedOperationError
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
from erpcore_fortnox import values
from erpcore_fortnox.client import FortnoxClient, Record
from erpcore_fortnox.fields import CONTACT_PERSON, as_sent, person_name
from erpcore_fortnox.text import one_line

_NAME = 1024
_READ_IN_FULL = 10
"""So many that fit are read one by one; of more, nobody can choose anyway."""


def find_customers(client: FortnoxClient, field_map: FieldMap[Customer], query: CustomerQuery) -> list[Customer]:
    """Find the customers that fit all that the query shows.

    A search by organisation number or name is one list request per 500 hits, and one request for each customer that
    fits, unless that are many: a list does not show whether a customer is inactive.

    Raises:
        UnsupportedOperationError: Our own key alone cannot be searched for.
    """
    if query.number:
        try:
            found = [client.get(path_of("customers", query.number), "Customer")]
        except NotFoundError:
            found = []
    elif query.organisation_number:
        wanted = searched_part(query.organisation_number)
        listed = client.all("customers", "Customers", organisationnumber=wanted)
        # The part that is searched for is in many numbers: only the ones that fit are worth reading.
        found = [_unlisted(item) for item in listed if _is_of(item, query.organisation_number)]
    elif query.name:
        name = as_sent(query.name, _NAME)
        found = [_unlisted(item) for item in client.all("customers", "Customers", name=name)]
    elif query.reference:
        raise UnsupportedOperationError(
            "Fortnox cannot search for another system's key of a customer.",
            advice="Search by organisation number, name or customer number.",
        )
    else:
        return []
    fitting = [customer for customer in _canonical(field_map, found) if _fits(customer, query)]
    if not query.number and (query.reference or len(fitting) <= _READ_IN_FULL):
        fitting = list(_in_full(client, field_map, fitting))
    return [each for each in fitting if query.reference is None or _has_key(each, query.reference)]


def fetch_customers(client: FortnoxClient, field_map: FieldMap[Customer], cursor: str | None) -> Page[Customer]:
    """Read one page of customers; see `ErpHooks.fetch_customers`. What a list does not show is not shown."""
    order = {"sortby": "customernumber", "sortorder": "ascending"}
    found = client.page("customers", "Customers", cursor, params=order)
    items = tuple(_canonical(field_map, [_unlisted(item) for item in found.items]))
    return Page[Customer](items=items, next_cursor=found.next_cursor)


def create_customer(
    client: FortnoxClient, field_map: FieldMap[Customer], customer: Customer, reference: str | None
) -> RecordRef:
    """Make a customer.

    Args:
        client: Fortnox.
        field_map: The table of customers.
        customer: The customer.
        reference: Our own key, for one that the customer does not show.

    Raises:
        InvalidValueError: It has no name that Fortnox takes.
    """
    payload = field_map.to_native(customer)
    if not payload.get("Name"):
        raise InvalidValueError(
            "A customer needs a name in letters that Fortnox takes.",
            field="name",
            advice="Give the company a name in the CRM and send it again.",
        )
    if reference and "ExternalReference" not in payload:
        payload["ExternalReference"] = one_line(reference)
    record = client.post("customers", "Customer", payload, key="CustomerNumber")
    return RecordRef(number=str(record["CustomerNumber"]), raw=record)


def update_customer(client: FortnoxClient, field_map: FieldMap[Customer], number: str, customer: Customer) -> RecordRef:
    """Change what the record shows.

    Raises:
        NotFoundError: No such customer.
    """
    payload = field_map.to_native(customer, clearing=True)
    payload.pop("CustomerNumber", None)  # a customer keeps its number
    place = path_of("customers", number)
    record = client.put(place, "Customer", payload) if payload else client.get(place, "Customer")
    return RecordRef(number=str(record.get("CustomerNumber") or number), raw=record)


def create_contact_person(client: FortnoxClient, customer_number: str, person: ContactPerson) -> RecordRef:
    """Put a person's name into the customer's list of “Er referens”, unless it stands there already.

    Raises:
        InvalidValueError: The person has no name.
    """
    payload = {**CONTACT_PERSON.to_native(person), "CustomerNumber": customer_number}
    name = one_line(person_name(person))
    if not name:
        raise InvalidValueError("A contact person needs a name.", field="first_name", advice="Give one in the CRM.")
    if found := _reference_id(client, customer_number, name):
        return found
    client.add("customerreferences", "CustomerReferenceRow", payload)
    return _reference_id(client, customer_number, name) or RecordRef(number=name)


def update_contact_person(
    client: FortnoxClient, customer_number: str, person_ref: Ref, person: ContactPerson
) -> RecordRef:
    """Give a name in the customer's list another spelling; nothing else of a person stands there.

    Raises:
        NotFoundError: The customer has no such person.
    """
    rows = _reference_rows(client, customer_number)
    row = next((each for each in rows if str(each.get("Id")) == (person_ref.key or person_ref.number)), None)
    if row is None:
        raise NotFoundError(
            f"Customer {customer_number} has no contact person {person_ref.number} in Fortnox.",
            record=f"customer {customer_number}",
            advice="Look at the customer's list of “Er referens”.",
        )
    held = CONTACT_PERSON.from_native(row)
    shown = {name: getattr(person, name) for name in ("first_name", "last_name") if person.shown(name)}
    name = one_line(person_name(held.model_copy(update=shown)))
    if name and name != row.get("Reference"):
        payload = {"CustomerNumber": customer_number, "Reference": name}
        client.change(path_of("customerreferences", str(row["Id"])), "CustomerReferenceRow", payload)
    return RecordRef(number=name or person_ref.number, key=str(row["Id"]), raw=row)


def find_contact_persons(client: FortnoxClient, customer_number: str) -> list[ContactPerson]:
    """Read the customer's list of “Er referens”.

    Raises:
        NotFoundError: No such customer; Fortnox shows an empty list of it.
    """
    rows = _reference_rows(client, customer_number)
    if not rows:
        client.get(path_of("customers", customer_number), "Customer")
    return [canonical(CONTACT_PERSON, row, f"a contact person of customer {customer_number}") for row in rows]


def _reference_rows(client: FortnoxClient, customer_number: str) -> list[Record]:
    held = client.get("customerreferences", "CustomerReference", customer=customer_number)
    rows = held.get("CustomerReferenceRows") or []
    return [row for row in rows if str(row.get("CustomerNumber")) == customer_number]


def _reference_id(client: FortnoxClient, customer_number: str, name: str) -> RecordRef | None:
    for row in _reference_rows(client, customer_number):
        if values.text(row.get("Reference") or "") == name:
            return RecordRef(number=name, key=str(row.get("Id")), raw=row)
    return None


def _unlisted(item: Record) -> Record:
    """Give a list's item the names of the record: the telephone has another one (seen in recorded replies)."""
    return {("Phone1" if name == "Phone" else name): value for name, value in item.items()}


def _canonical(field_map: FieldMap[Customer], records: list[Record]) -> Iterator[Customer]:
    return (canonical(field_map, record, f"customer {record.get('CustomerNumber')}") for record in records)


def _in_full(client: FortnoxClient, field_map: FieldMap[Customer], listed: list[Customer]) -> Iterator[Customer]:
    full = [client.get(path_of("customers", customer.number or ""), "Customer") for customer in listed]
    return _canonical(field_map, full)


def _fits(customer: Customer, query: CustomerQuery) -> bool:
    wanted = query.organisation_number
    return (
        (not query.number or customer.number == query.number)
        and (not wanted or same_organisation(customer.organisation_number, wanted))
        and (not query.name or (customer.name or "") in (query.name, as_sent(query.name, _NAME)))
    )


def _is_of(item: Record, organisation_number: str) -> bool:
    return same_organisation(str(values.text(item.get("OrganisationNumber") or "")), organisation_number)


def _has_key(customer: Customer, reference: str) -> bool:
    return (customer.external_reference or "") in (reference, one_line(reference))
