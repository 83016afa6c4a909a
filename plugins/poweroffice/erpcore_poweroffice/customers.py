"""Customers and their contact persons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erpcore.errors import ConflictError, InvalidValueError, NotFoundError, RejectedError
from erpcore.fields import FieldMap, canonical
from erpcore.http import path_of
from erpcore.models import ContactPerson, Customer, CustomerQuery, Page, RecordRef, Ref, same_organisation
from erpcore_poweroffice import addresses, values
from erpcore_poweroffice.client import PowerOfficeClient, Record, members
from erpcore_poweroffice.employees import employee_id, employee_number, name_of
from erpcore_poweroffice.errors import is_used_reference
from erpcore_poweroffice.fields import CONTACT_PERSON, DELIVERY_ADDRESS, MAIL_ADDRESS
from erpcore_poweroffice.settings import PowerOfficeSettings

_NAMES = members(("Id", "Number", "Name", "FirstName", "LastName", "IsPerson"))


class Customers:
    """The register of customers.

    Args:
        client: PowerOffice.
        field_map: The table of customers.
        settings: The connection's settings.
    """

    def __init__(self, client: PowerOfficeClient, field_map: FieldMap[Customer], settings: PowerOfficeSettings) -> None:
        self._client = client
        self._map = field_map
        self._settings = settings

    def find(self, query: CustomerQuery) -> list[Customer]:
        """Find the customers that fit all that the query shows.

        By number, PowerOffice's key or ours: one request. By organisation number or name PowerOffice cannot be asked
        (interface description, customers: filters), so the register is read through, one request per `page_size`
        customers.
        """
        if query.key or query.number:
            record = self._by_ref(query.number, query.key)
            found = iter([] if record is None else [record])
        elif query.reference:
            key = values.fitting_reference(query.reference)
            found = self._client.all("Customers", externalImportReference=key)
        elif query.organisation_number or query.name:
            found = self._client.all("Customers")
        else:
            return []
        customers = (self._canonical(record) for record in found if _may_fit(record, query))
        return [_with_key(customer, query) for customer in customers if _fits(customer, query)]

    def fetch(self, cursor: str | None) -> Page[Customer]:
        """Read one page of customers; see `ErpHooks.fetch_customers`."""
        found = self._client.page("Customers", cursor, params={"OrderBy": "Id"})
        return Page[Customer](
            items=tuple(self._canonical(record) for record in found.items), next_cursor=found.next_cursor
        )

    def create(self, customer: Customer, reference: str | None) -> RecordRef:
        """Make a customer that carries our key.

        Raises:
            InvalidValueError: A name or a part of an address is missing.
        """
        payload = self._payload(customer)
        if reference:
            payload.setdefault("ExternalImportReference", values.fitting_reference(reference))
        _name_it(payload, person=payload.get("IsPerson") is True)
        if not (payload.get("Name") or payload.get("LastName")):
            raise InvalidValueError(
                "A customer needs a name; a private person a first and a last one.",
                field="name",
                advice="Give the customer a name in the CRM and send it again.",
            )
        delivery = payload.pop(DELIVERY_ADDRESS, None)
        for address, field in ((payload.get(MAIL_ADDRESS), "invoice_address"), (delivery, "delivery_address")):
            if address is not None:
                addresses.require_whole(address, field)
        record = self._post(payload)
        if delivery is not None:
            addresses.ensure_delivery_address(self._client, int(record["Id"]), delivery, primary=True)
        return _ref(record)

    def update(self, customer_ref: Ref, customer: Customer) -> RecordRef:
        """Change what the record shows.

        Raises:
            NotFoundError: No such customer.
        """
        held = self.held(customer_ref.number, customer_ref.key)
        payload = self._payload(customer, clearing=True)
        payload.pop("Number", None)  # a customer keeps its number
        _name_it(payload, person=payload.get("IsPerson", held.get("IsPerson")) is True)
        delivery = payload.pop(DELIVERY_ADDRESS, None)
        if (sales_person := payload.pop("SalesPersonEmployeeNumber", None)) is not None:
            payload["SalesPersonEmployeeId"] = employee_id(self._client, sales_person)
        changes = payload.pop(MAIL_ADDRESS, None)
        if changes and (address := _merged(held.get(MAIL_ADDRESS), changes)):
            addresses.require_whole(address, "invoice_address")
            payload[MAIL_ADDRESS] = address
        if payload:
            self._client.patch(path_of("Customers", held["Id"]), payload)
        if delivery is not None:
            addresses.ensure_delivery_address(self._client, int(held["Id"]), delivery, primary=True)
        return _ref(held)

    def held(self, number: str, key: str | None = None) -> Record:
        """Read a customer by key, else by number.

        Raises:
            NotFoundError: No such customer.
        """
        record = self._client.in_time(lambda: self._by_ref(number, key))
        if record is None:
            raise NotFoundError(
                f"PowerOffice has no customer {number}.",
                record=f"customer {number}",
                advice="Check that the customer still exists in PowerOffice.",
            )
        return record

    def names(self, numbers: set[str]) -> Mapping[str, str]:
        """Give the names of customers by number: one request for all of them, none for nobody."""
        if not numbers:
            return {}
        listed = self._client.all("Customers", customerNos=",".join(sorted(numbers)), Fields=_NAMES)
        return {str(record.get("Number")): str(_readable(record).get("Name") or "") for record in listed}

    def contact_persons(self, customer_ref: Ref) -> list[ContactPerson]:
        """Read a customer's contact persons.

        Raises:
            NotFoundError: No such customer.
        """
        contact_id = customer_ref.key or self.held(customer_ref.number)["Id"]
        held = self._client.all("ContactPersons", contactIds=str(contact_id))
        return [canonical(CONTACT_PERSON, record, f"contact person {record.get('Id')}") for record in held]

    def create_contact_person(self, customer_ref: Ref, person: ContactPerson) -> RecordRef:
        """Add a contact person, unless the customer has one of that name already.

        Raises:
            InvalidValueError: First or last name is missing.
            NotFoundError: No such customer.
        """
        payload = CONTACT_PERSON.to_native(person)
        for native, field in (("FirstName", "first_name"), ("LastName", "last_name")):
            if not payload.get(native):
                raise InvalidValueError(
                    "A contact person needs a first and a last name.", field=field, advice="Give both in the CRM."
                )
        contact_id = customer_ref.key or self.held(customer_ref.number)["Id"]
        for held in self._client.all("ContactPersons", contactIds=str(contact_id)):
            if name_of(held).casefold() == name_of(payload).casefold():
                return _person_ref(held)
        return _person_ref(self._client.post(path_of("ContactPersons", contact_id), payload, key="Id"))

    def update_contact_person(self, customer_ref: Ref, person_ref: Ref, person: ContactPerson) -> RecordRef:
        """Change what a contact person shows.

        Raises:
            NotFoundError: No such customer, or no such person of it.
        """
        contact_id = customer_ref.key or self.held(customer_ref.number)["Id"]
        key = person_ref.key or person_ref.number
        if payload := CONTACT_PERSON.to_native(person, clearing=True):
            self._client.patch(path_of("ContactPersons", contact_id, key), payload)
        return RecordRef(number=key, key=key)

    def _payload(self, customer: Customer, *, clearing: bool = False) -> dict[str, Any]:
        if customer.our_reference:
            number = employee_number(self._client, self._settings, customer.our_reference)
            customer = customer.model_copy(update={"our_reference": number})
        return self._map.to_native(customer, clearing=clearing)

    def _post(self, payload: Record) -> Record:
        try:
            # What follows it may fail: with our key on it, a second one is refused, and the first is gone on with.
            return self._client.post("Customers", payload, key="Number", again="ExternalImportReference" in payload)
        except (ConflictError, RejectedError) as error:
            key = payload.get("ExternalImportReference")
            if key is None or not is_used_reference(error):
                raise
            # An attempt whose answer was lost has made it: that customer is the one.
            first = self._client.in_time(
                lambda: next(self._client.all("Customers", externalImportReference=str(key)), None)
            )
            if first is None:
                raise
            return first

    def _by_ref(self, number: str | None, key: str | None) -> Record | None:
        if key is None:
            return self._by_number(number or "")
        try:
            return self._client.get(path_of("Customers", key))
        except NotFoundError:
            return None

    def _by_number(self, number: str) -> Record | None:
        if not values.is_number(number):
            return None
        listed = self._client.all("Customers", customerNos=number)
        return next((record for record in listed if str(record.get("Number")) == number), None)

    def _canonical(self, record: Record) -> Customer:
        return canonical(self._map, _readable(record), f"customer {record.get('Number')}")


def _readable(record: Record) -> Record:
    """Give a person's record the one name that erpcore has."""
    if record.get("IsPerson") and (name := name_of(record)):
        return {**record, "Name": name}
    return record


def _name_it(payload: dict[str, Any], *, person: bool) -> None:
    """Give a person first and last name in place of the one: the last word is the last name."""
    if person and isinstance(payload.get("Name"), str):
        first, _, last = payload.pop("Name").strip().rpartition(" ")
        payload |= {"FirstName": first.strip() or last, "LastName": last}


def _merged(held: Any, changes: Record) -> dict[str, Any]:
    """Put the changes of an address into the one that stands, which is replaced as a whole."""
    kept = held if isinstance(held, Mapping) else {}
    lines = ("AddressLine1", "AddressLine2", "ZipCode", "City", "CountryCode")
    return {name: value for name, value in {**{line: kept.get(line) for line in lines}, **changes}.items() if value}


def _ref(record: Record) -> RecordRef:
    return RecordRef(number=str(record["Number"]), key=str(record.get("Id") or "") or None, raw=record)


def _person_ref(record: Record) -> RecordRef:
    return RecordRef(number=str(record["Id"]), key=str(record["Id"]), raw=record)


def _may_fit(record: Record, query: CustomerQuery) -> bool:
    """Tell whether a record is worth a closer look: of a whole register, hardly any has the digits that are sought."""
    wanted = _digits(query.organisation_number or "")
    if not wanted:
        return True
    held = _digits(str(record.get("OrganizationNumber") or ""))
    # One spelling may have a century or a VAT number's end besides.
    return bool(held) and (held in wanted or wanted in held)


def _fits(customer: Customer, query: CustomerQuery) -> bool:
    wanted = query.organisation_number
    return (
        (bool(query.key) or not query.number or customer.number == query.number)
        and (not wanted or same_organisation(customer.organisation_number, wanted))
        and (not query.name or customer.name == query.name)
        and (not query.reference or customer.external_reference in _spellings(query.reference))
    )


def _with_key(customer: Customer, query: CustomerQuery) -> Customer:
    """Show our key as it was asked for, also where PowerOffice holds it shortened."""
    return customer if not query.reference else customer.model_copy(update={"external_reference": query.reference})


def _spellings(reference: str) -> tuple[str, str]:
    return reference, values.fitting_reference(reference)


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))
