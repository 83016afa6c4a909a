"""The resources of the Agentic API as one table: attributes, relationships, filters, and which may be changed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Relation:
    """A relationship to records of the type ``target``."""

    name: str
    target: str
    many: bool = False


@dataclass(frozen=True)
class Kind:
    """One resource type.

    Attributes:
        name: the JSON:API type, also its path.
        attributes: what is shown, by wire name.
        relations: its relationships, in the order shown.
        filters: names allowed in ``filter[...]``.
        scope: the scope's first part; "reference" is read-only.
        single: whether one record has an address of its own.
        changed: whether its custom fields can be changed.
    """

    name: str
    attributes: tuple[str, ...]
    relations: tuple[Relation, ...] = ()
    filters: frozenset[str] = frozenset({"updated_since"})
    scope: str = "reference"
    single: bool = False
    changed: bool = False


_TIMES = ("created_at", "updated_at")
_TAGS = Relation("tags", "tags", many=True)
_COMPANY = """
    name business_id status description domain email phone industry street postal_code city state country custom_fields
"""
_CONTACT = """
    first_name last_name email phone mobile_phone job_title department notes status custom_fields
"""
_DEAL = """
    name description value currency probability expected_close_date custom_fields
"""

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "companies",
            (*_COMPANY.split(), *_TIMES),
            (Relation("owner", "owners"), _TAGS),
            scope="companies",
            single=True,
            changed=True,
        ),
        Kind(
            "contacts",
            (*_CONTACT.split(), *_TIMES),
            (Relation("company", "companies"), _TAGS),
            scope="contacts",
            single=True,
        ),
        Kind(
            "deals",
            (*_DEAL.split(), *_TIMES),
            (
                Relation("company", "companies"),
                Relation("stage", "stages"),
                Relation("contacts", "contacts", many=True),
                Relation("owners", "owners", many=True),
                _TAGS,
            ),
            scope="deals",
            single=True,
            changed=True,
        ),
        Kind("owners", ("first_name", "last_name", "email"), filters=frozenset()),
        Kind("stages", ("name", "category", "position", "probability", *_TIMES)),
        Kind(
            "custom-field-definitions",
            ("key", "label", "entity_type", "field_type", "options", "required", "archived_at", *_TIMES),
        ),
    )
}

SCOPES = (
    *(f"{area}:{right}" for area in ("companies", "contacts", "deals") for right in ("read", "write", "delete")),
    "reference:read",
    "changes:read",
)
"""The scopes that an integration may have."""
