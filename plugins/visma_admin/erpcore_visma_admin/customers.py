"""Customers and their contact persons."""

from __future__ import annotations

from typing import Any

from erpcore.errors import InvalidValueError, NotFoundError
from erpcore.fields import FieldMap
from erpcore.models import ContactPerson, Customer, CustomerQuery, Page, RecordRef, same_organisation
from erpcore_visma_admin import values
from erpcore_visma_admin.company import Company, Record
from erpcore_visma_admin.documents import LONGEST_KEY, canonical
from erpcore_visma_admin.fields import CONTACT_PERSON, VAT_FLAGS
from erpcore_visma_admin.settings import VismaAdminSettings

_TABLE, _CONTACTS = "CUSTOMER", "CONTACT"
_ORGANISATION = "ORGANISATION_NUMBER"


class Customers:
    """The register of customers.

    Args:
        company: The company.
        field_map: The table of customers.
        settings: The connection's settings.
    """

    def __init__(self, company: Company, field_map: FieldMap[Customer], settings: VismaAdminSettings) -> None:
        self._company = company
        self._map = field_map
        self._settings = settings

    def find(self, query: CustomerQuery) -> list[Customer]:
        """Find customers; see `ErpHooks.find_customers`. By anything but the number, the register is read through."""
        customers = [self._read(record) for record in self._held(query)]
        return [customer for customer in customers if _fits(customer, query)]

    def fetch(self, cursor: str | None) -> Page[Customer]:
        """Read one page of customers; see `ErpHooks.fetch_customers`."""
        found = self._company.page(_TABLE, cursor, self._settings.page_size)
        items = tuple(self._read(record) for record in found.records)
        return Page[Customer](items=items, next_cursor=found.after)

    def create(self, customer: Customer, reference: str | None) -> RecordRef:
        """Make a customer that carries our key."""
        fields = _sent(self._map.to_native(customer))
        if reference is not None:
            fields[self._settings.customer_reference_field] = reference
        if not fields.get("NAME"):
            raise InvalidValueError("A customer needs a name.", field="name", advice="Give it in the CRM.")
        return _ref(self._company.add(_TABLE, fields))

    def update(self, number: str, customer: Customer) -> RecordRef:
        """Change what the record shows.

        Raises:
            NotFoundError: No such customer.
        """
        fields = _sent(self._map.to_native(customer, clearing=True))
        fields.pop("NUMBER", None)  # a customer keeps its number
        record = self._required(number)
        if fields:
            record = self._company.change(_TABLE, str(record["NUMBER"]), fields)
        return _ref(record)

    def create_contact_person(self, customer_number: str, person: ContactPerson) -> RecordRef:
        """Add a contact person, unless the customer has one of that name already.

        Raises:
            InvalidValueError: There is no name.
            NotFoundError: No such customer.
        """
        fields = CONTACT_PERSON.to_native(person)
        if not (name := fields.get("NAME")):
            raise InvalidValueError("A contact person needs a name.", field="last_name", advice="Give it in the CRM.")
        number = str(self._required(customer_number)["NUMBER"])
        for held in self._company.select(_CONTACTS, number):
            if str(held["NAME"]).casefold() == str(name).casefold():
                return RecordRef(number=str(held["ID"]), key=str(held["ID"]), raw=held)
        made = self._company.add(_CONTACTS, {"CUSTOMER_NUMBER": number, **fields}, repeatable=True)
        return RecordRef(number=str(made["ID"]), key=str(made["ID"]), raw=made)

    def _read(self, record: Record) -> Customer:
        marks = {name: record[name] for name in values.VAT_MARKS if name in record}
        return canonical(self._map, {**record, VAT_FLAGS: marks}, f"customer {record['NUMBER']}")

    def _required(self, number: str) -> Record:
        record = self._by_number(number)
        if record is None:
            raise NotFoundError(
                f"Visma Administration has no customer {number}.",
                record=f"customer {number}",
                advice="Check that the customer still exists in Visma Administration.",
            )
        return record

    def _by_number(self, number: str) -> Record | None:
        wanted = number.strip()
        return self._company.find(_TABLE, wanted) if 0 < len(wanted) <= LONGEST_KEY else None

    def _held(self, query: CustomerQuery) -> list[Record]:
        if query.number:
            record = self._by_number(query.number)
            return [] if record is None else [record]
        if query.organisation_number:
            return self._search(_ORGANISATION, query.organisation_number, digits=True)
        if query.reference:
            return self._search(self._settings.customer_reference_field, query.reference)
        return self._search("NAME", query.name) if query.name else []

    def _search(self, field: str, value: str, **how: Any) -> list[Record]:
        return self._company.search(_TABLE, {field: value}, **how)


def _sent(fields: dict[str, Any]) -> dict[str, Any]:
    """Give a customer's own fields of what the field map made."""
    return _unverified(fields | fields.pop(VAT_FLAGS, {}))


def _unverified(fields: dict[str, Any]) -> dict[str, Any]:
    """Let the program take an organisation number that is not Swedish, whose check digit it would find wrong."""
    number = fields.get(_ORGANISATION)
    if not number or values.is_swedish(number):
        return fields
    return {"IGNORE_ORGANISATION_NUMBER_CHECK": True, **fields}


def _fits(customer: Customer, query: CustomerQuery) -> bool:
    wanted = query.organisation_number
    return (
        (not query.number or customer.number == query.number.strip())
        and (not wanted or same_organisation(customer.organisation_number, wanted))
        and (not query.reference or customer.external_reference == query.reference)
        and (not query.name or customer.name == query.name)
    )


def _ref(record: Record) -> RecordRef:
    return RecordRef(number=str(record["NUMBER"]), raw=record)
