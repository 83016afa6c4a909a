"""Contact persons and delivery addresses of a customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from erpcore_poweroffice.simulator import lists
from erpcore_poweroffice.simulator.books import TABLES, Books, Record
from erpcore_poweroffice.simulator.calls import NOT_FOUND, Answer, Call, Operation, Refused, reading, writing
from erpcore_poweroffice.simulator.contact_shapes import CONTACT_PERSON, DELIVERY_ADDRESS
from erpcore_poweroffice.simulator.members import Shape, is_email, read_body, show
from erpcore_poweroffice.simulator.patching import patched


@dataclass(frozen=True)
class Part:
    """A kind of record that belongs to a contact.

    Attributes:
        address: Its address, which is also its area of privileges without the plural.
        area: Its area of privileges.
        table: Where the records are.
        shape: What they are.
        main: The member that only one per contact has true.
    """

    address: str
    area: str
    table: str
    shape: Shape
    main: str

    def operations(self) -> list[Operation]:
        """Return the addresses that both kinds have."""
        read = reading(self.area, *reading("Customer"), *reading("Supplier"))
        write = writing(self.area, "Customer_Full", "Supplier_Full")
        return [
            Operation("GET", self.address, read, self.find),
            Operation("POST", f"{self.address}/{{contactId}}", write, self.create),
        ]

    def shown(self, record: Record) -> dict[str, Any]:
        """Return a record as replies have it."""
        own = {
            "Id": record.id,
            "CreatedDateTimeOffset": record.created_at,
            "LastChangedDateTimeOffset": record.changed_at,
        }
        return show(self.shape, {**record.values, **own})

    def create(self, books: Books, call: Call) -> Answer:
        """Make one; the first of a contact becomes its main one."""
        contact = books.get("customers", int(call.params["contactId"]))
        asked = read_body(self.shape, call.body, books.behaviour)
        values = {name: value for name, value in asked.items() if value is not None}
        values["ContactId"] = contact.id
        if self.table == "contact_persons":
            values.setdefault("IsActive", True)
        self._check(books, values)
        first = not any(record.values["ContactId"] == contact.id for record in books.tables[self.table].values())
        values[self.main] = bool(values.get(self.main)) or (first and self.table == "delivery_addresses")
        record = books.add(self.table, books.count_up("id"), values, call)
        self._only_main(books, record)
        return Answer(self.shown(record), 201)

    def find(self, books: Books, call: Call) -> Answer:
        """List them, of some contacts or of all."""
        contacts = lists.ids(call, "contactIds")
        rows = [
            self.shown(record)
            for record in books.all_seen(self.table)
            if contacts is None or record.values["ContactId"] in contacts
        ]
        return lists.answer(call, books.behaviour, self.shape, rows)

    def get(self, books: Books, call: Call) -> Answer:
        """Show one."""
        books.get("customers", int(call.params["contactId"]))
        record = books.seen(self.table, int(call.params["id"]))
        if record.values["ContactId"] != int(call.params["contactId"]):
            raise Refused(404, NOT_FOUND, f"{TABLES[self.table]} with id = {record.id} not found.")
        return Answer(self.shown(record))

    def patch(self, books: Books, call: Call) -> Answer:
        """Change members of one."""
        self.get(books, call)  # it is there, and the contact's own
        record = books.get(self.table, int(call.params["id"]))
        values = {**record.values, **patched(self.shape, record.values, call)}
        self._check(books, values, record)
        record.values.update(values)
        books.touch(record)
        self._only_main(books, record)
        return Answer(self.shown(record))

    def _check(self, books: Books, values: dict[str, Any], held: Record | None = None) -> None:
        for member in self.shape.members.values():
            if member.needed and not values.get(member.name):
                raise self.shape.refused(f"{member.name} is required.")
        if (external := values.get("ExternalCode")) is not None:
            other = books.by(self.table, "ExternalCode", external)
            if other is not None and other is not held:
                raise self.shape.refused(f"ExternalCode is already in use. '{external}' is used on Id = {other.id}.")
        if (address := values.get("EmailAddress")) and not is_email(address):
            raise self.shape.refused(f"EmailAddress '{address}' is not a valid e-mail address.")
        place = values if self.table == "delivery_addresses" else values.get("MailAddress")
        if place is not None:
            code = place["CountryCode"] = place.get("CountryCode") or "NO"
            if len(code) != 2 or not code.isalpha():
                raise self.shape.refused(f"CountryCode '{code}' is not valid.")

    def _only_main(self, books: Books, record: Record) -> None:
        if not record.values.get(self.main):
            return
        for other in books.tables[self.table].values():
            if other is not record and other.values["ContactId"] == record.values["ContactId"]:
                other.values[self.main] = False


CONTACT_PERSONS = Part("/ContactPersons", "ContactPerson", "contact_persons", CONTACT_PERSON, "IsDefault")
DELIVERY_ADDRESSES = Part(
    "/ContactDeliveryAddresses", "ContactDeliveryAddress", "delivery_addresses", DELIVERY_ADDRESS, "IsPrimary"
)


def main_of(books: Books, part: Part, customer_id: int | str) -> int | str | None:
    """Return the id of a customer's default contact person or primary delivery address."""
    for record in books.tables[part.table].values():
        if record.values["ContactId"] == customer_id and record.values.get(part.main):
            return record.id
    return None


def operations() -> list[Operation]:
    """Return the addresses of contact persons and delivery addresses."""
    read = reading(DELIVERY_ADDRESSES.area, *reading("Customer"), *reading("Supplier"))
    write = writing(CONTACT_PERSONS.area, "Customer_Full", "Supplier_Full")
    person = f"{CONTACT_PERSONS.address}/{{contactId}}/{{id}}"
    return [
        Operation("PATCH", person, write, CONTACT_PERSONS.patch),
        *CONTACT_PERSONS.operations(),
        *DELIVERY_ADDRESSES.operations(),
        Operation("GET", f"{DELIVERY_ADDRESSES.address}/{{contactId}}/{{id}}", read, DELIVERY_ADDRESSES.get),
    ]
