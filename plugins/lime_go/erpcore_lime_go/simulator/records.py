"""What one Lime Go account holds, in one form for both APIs.

Field names follow the Agentic API's attributes, because it shows nearly all of a record; the classic API's view is
made in ``classic_views.py``. Every record has both identities: ``id`` (a UUID, Agentic) and ``number`` (classic).
Money is Decimal, time is aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

RELATION_OF_STATUS = {
    "inactive": "HAS_NO_RELATION",
    "lead": "BEEN_IN_TOUCH",
    "prospect": "WORKING_ON_IT",
    "customer": "IS_A_CUSTOMER",
    "churned": "WAS_A_CUSTOMER",
}
"""Company status (Agentic) -> customer relation (classic). One state shown by both APIs needs the pairs to be
one-to-one; the pairing itself is unconfirmed."""


@dataclass(kw_only=True)
class Record:
    """What every record has; ``revision`` counts its changes and ends its ETag."""

    id: str
    number: int
    created_at: datetime
    updated_at: datetime
    revision: int = 0


@dataclass
class Address:
    """A visiting address; ``country`` is an ISO 3166 two-letter code."""

    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None


@dataclass(kw_only=True)
class Owner(Record):
    """A coworker: "owner" in the Agentic API, "coworker" in the classic."""

    first_name: str | None
    last_name: str | None
    email: str
    phone: str | None = None
    active: bool = True

    @property
    def full_name(self) -> str:
        """First and last name with a space between."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


@dataclass(kw_only=True)
class Stage(Record):
    """A step of a pipeline; ``category`` is open, won or lost (the last two names are unconfirmed)."""

    name: str
    pipeline: str
    position: int
    category: str = "open"
    probability: int | None = None


@dataclass(kw_only=True)
class CustomFieldDefinition(Record):
    """A field that the account has added: ``key`` names it in the Agentic API, ``label`` (the title) in the classic."""

    key: str
    label: str
    entity_type: str
    field_type: str = "text"
    options: list[str] = field(default_factory=list)
    required: bool = False
    archived_at: datetime | None = None


@dataclass(kw_only=True)
class Company(Record):
    """A company. The one address of the Agentic API is the postal address; the visiting address is classic only."""

    name: str
    business_id: str | None = None
    status: str = "lead"
    description: str | None = None
    domain: str | None = None
    email: str | None = None
    phone: str | None = None
    industry: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    visiting_address: Address | None = None
    integration_id: str | None = None
    custom_fields: dict[str, Any] = field(default_factory=dict)
    owner: str | None = None
    tags: list[str] = field(default_factory=list)

    @property
    def classic_id(self) -> str:
        """Source name and number; ``pase`` is the Swedish company register."""
        return f"pase{self.number}"


@dataclass(kw_only=True)
class Contact(Record):
    """A person, employed by at most one company."""

    first_name: str
    last_name: str
    email: str | None = None
    phone: str | None = None
    mobile_phone: str | None = None
    job_title: str | None = None
    department: str | None = None
    notes: str | None = None
    status: str = "active"
    custom_fields: dict[str, Any] = field(default_factory=dict)
    company: str | None = None
    tags: list[str] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        """First and last name with a space between."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass
class DealRow:
    """One product on a deal. ``price`` is per unit, excluding VAT, in the deal's currency; ``discount`` is percent."""

    text: str
    quantity: Decimal = Decimal(1)
    price: Decimal = Decimal(0)
    article_number: str | None = None
    discount: Decimal = Decimal(0)


@dataclass(kw_only=True)
class Deal(Record):
    """A deal; ``value`` excludes VAT and is in ``currency`` (ISO 4217)."""

    name: str
    description: str | None = None
    value: Decimal | None = None
    currency: str | None = "SEK"
    probability: int | None = None
    expected_close_date: date | None = None
    custom_fields: dict[str, Any] = field(default_factory=dict)
    company: str | None = None
    stage: str | None = None
    contacts: list[str] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    source: str | None = None
    rows: list[DealRow] = field(default_factory=list)


RECORD_TYPES: dict[str, type[Record]] = {
    "companies": Company,
    "contacts": Contact,
    "deals": Deal,
    "owners": Owner,
    "stages": Stage,
    "custom-field-definitions": CustomFieldDefinition,
}
"""JSON:API type -> record class."""
