"""The resources of the Agentic API as one table: attributes, relationships, filters, and what may be written.

Reading and writing are generic over this table. Write models refuse what they do not know, as the API does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr, StringConstraints

Text = Annotated[StrictStr, StringConstraints(max_length=10_000)]
CustomFields = Annotated[dict[str, Any], Field(max_length=100)]


def _decimal(value: Any) -> Decimal:
    if not isinstance(value, str):
        raise ValueError("must be a decimal string")
    return Decimal(value)


Money = Annotated[Decimal, BeforeValidator(_decimal), Field(max_digits=19, decimal_places=4)]


class Body(BaseModel):
    """Attributes of a write; only what was sent counts, so defaults are never stored by a change."""

    model_config = ConfigDict(extra="forbid")


class CompanyChange(Body):
    """PATCH of a company."""

    name: Text = ""
    business_id: Text | None = None
    status: Literal["lead", "prospect", "customer", "churned", "inactive"] = "lead"
    description: Text | None = None
    domain: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    industry: Text | None = None
    street: Text | None = None
    postal_code: Text | None = None
    city: Text | None = None
    state: Text | None = None
    country: Text | None = None
    custom_fields: CustomFields = Field(default_factory=dict)


class NewCompany(CompanyChange):
    """POST of a company."""

    name: Text


class ContactChange(Body):
    """PATCH of a contact."""

    first_name: Text = ""
    last_name: Text = ""
    email: Text | None = None
    phone: Text | None = None
    mobile_phone: Text | None = None
    job_title: Text | None = None
    department: Text | None = None
    notes: Text | None = None
    status: Literal["active", "inactive", "lead"] = "active"
    custom_fields: CustomFields = Field(default_factory=dict)


class NewContact(ContactChange):
    """POST of a contact."""

    first_name: Text
    last_name: Text


class DealChange(Body):
    """PATCH of a deal."""

    name: Text = ""
    description: Text | None = None
    value: Money | None = None
    currency: Text | None = None
    probability: Annotated[StrictInt, Field(ge=0, le=100)] | None = None
    expected_close_date: date | None = None
    custom_fields: CustomFields = Field(default_factory=dict)


class NewDeal(DealChange):
    """POST of a deal."""

    name: Text


class TaskChange(Body):
    """PATCH of a task."""

    title: Text = ""
    description: Text | None = None
    description_format: Literal["plain_text", "markdown"] = "plain_text"
    status: Literal["pending", "in_progress", "completed", "cancelled", "proposed"] = "pending"
    priority: Literal["low", "medium", "high", "urgent"] = "medium"
    due_date: datetime | None = None


class NewTask(TaskChange):
    """POST of a task."""

    title: Text


class ActivityChange(Body):
    """PATCH of an activity."""

    activity_type: Literal["note", "call", "meeting"] = Field(default="note", alias="type")
    content: Text | None = None


class NewActivity(ActivityChange):
    """POST of an activity."""

    activity_type: Literal["note", "call", "meeting"] = Field(alias="type")
    occurred_at: datetime | None = None


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
        new: what POST and PUT may carry; None for read-only types.
        change: what PATCH may carry.
        must_say: relationships that a POST must name, if only as null.
        fixed: relationships that only a POST sets.
    """

    name: str
    attributes: tuple[str, ...]
    relations: tuple[Relation, ...] = ()
    filters: frozenset[str] = frozenset({"updated_since"})
    scope: str = "reference"
    new: type[Body] | None = None
    change: type[Body] | None = None
    must_say: frozenset[str] = frozenset()
    fixed: bool = False

    def relation(self, name: str) -> Relation | None:
        """The relationship of this name."""
        return next((each for each in self.relations if each.name == name), None)


_TIMES = ("created_at", "updated_at")
_TAGS = Relation("tags", "tags", many=True)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "companies",
            (*CompanyChange.model_fields, *_TIMES),
            (Relation("owner", "owners"), _TAGS),
            frozenset({"status", "name", "updated_since"}),
            "companies",
            NewCompany,
            CompanyChange,
        ),
        Kind(
            "contacts",
            (*ContactChange.model_fields, *_TIMES),
            (Relation("company", "companies"), _TAGS),
            frozenset({"status", "updated_since"}),
            "contacts",
            NewContact,
            ContactChange,
        ),
        Kind(
            "deals",
            (*DealChange.model_fields, *_TIMES),
            (
                Relation("company", "companies"),
                Relation("stage", "stages"),
                Relation("contacts", "contacts", many=True),
                Relation("owners", "owners", many=True),
                _TAGS,
            ),
            frozenset({"name", "updated_since"}),
            "deals",
            NewDeal,
            DealChange,
        ),
        Kind(
            "tasks",
            (*TaskChange.model_fields, *_TIMES),
            (
                Relation("owner", "owners"),
                Relation("companies", "companies", many=True),
                Relation("contacts", "contacts", many=True),
                Relation("deals", "deals", many=True),
            ),
            frozenset({"status", "updated_since"}),
            "tasks",
            NewTask,
            TaskChange,
            must_say=frozenset({"owner"}),
        ),
        Kind(
            "activities",
            ("type", "content", "occurred_at", *_TIMES),
            (Relation("company", "companies"), Relation("contact", "contacts"), Relation("deal", "deals")),
            frozenset({"updated_since"}),
            "activities",
            NewActivity,
            ActivityChange,
            fixed=True,
        ),
        Kind("owners", ("first_name", "last_name", "email"), filters=frozenset()),
        Kind(
            "stages",
            ("name", "category", "position", "probability", *_TIMES),
            filters=frozenset({"name", "updated_since"}),
        ),
        Kind(
            "tags",
            ("name", "description", "color", "taggable_type", *_TIMES),
            filters=frozenset({"name", "updated_since"}),
        ),
        Kind(
            "activity-types",
            ("name", "description", "category", "icon", "position", *_TIMES),
            filters=frozenset({"name", "updated_since"}),
        ),
        Kind(
            "custom-field-definitions",
            ("key", "label", "entity_type", "field_type", "options", "required", "archived_at", *_TIMES),
        ),
    )
}

SCOPES = (
    *(f"{kind.scope}:{right}" for kind in KINDS.values() if kind.new for right in ("read", "write", "delete")),
    "reference:read",
    "changes:read",
)
"""Every scope there is."""
