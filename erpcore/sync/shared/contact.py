"""From a person of the CRM to a contact person of the ERP. Pure."""

from __future__ import annotations

from typing import Any

from erpcore.models import ContactPerson, Person
from erpcore.sync.shared.mapping import text_of


def contact_person(person: Person) -> ContactPerson:
    """Translate a person of the CRM to what the ERP is told: the last word of the name is the last name.

    Args:
        person: As the CRM shows it.
    """
    first, _, last = (text_of(person.name) or "").rpartition(" ")
    found: dict[str, Any] = {"first_name": first.strip() or None, "last_name": last or None}
    for field in ("email", "phone", "mobile_phone"):
        if person.shown(field):
            found[field] = text_of(getattr(person, field))
    return ContactPerson.model_validate(found)


def contact_name(person: ContactPerson) -> str:
    """Give a contact person's whole name; empty when there is none."""
    return " ".join(filter(None, (person.first_name, person.last_name)))
