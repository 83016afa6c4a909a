"""From a person in the CRM to a contact person in the ERP. Pure."""

from __future__ import annotations

from typing import Any

from erpcore.models import ContactPerson, Deal, Person, email_addresses
from erpcore.sync.shared.mapping import text_of


def contact_person(deal: Deal) -> ContactPerson | None:
    """Give a deal's contact person as an ERP keeps one, without what is empty.

    Args:
        deal: The deal as the CRM shows it.
    """
    if deal.contact is None or text_of(deal.contact.name) is None:
        return None
    told = person_of(deal.contact)
    return ContactPerson.model_validate({name: value for name, value in told if value})


def person_of(person: Person) -> ContactPerson:
    """Translate a person of the CRM to what the ERP is told; the last word of the name is the last name.

    Args:
        person: As the CRM shows it.
    """
    first, _, last = " ".join((person.name or "").split()).rpartition(" ")
    found: dict[str, Any] = {"first_name": first or None, "last_name": last or None}
    for part in ("email", "phone", "mobile_phone"):
        if person.shown(part):
            found[part] = text_of(getattr(person, part))
    if found.get("email"):
        found["email"] = "; ".join(email_addresses(found["email"])) or found["email"]
    return ContactPerson.model_validate(found)
