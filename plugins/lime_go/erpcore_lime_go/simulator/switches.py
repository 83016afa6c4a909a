"""What nobody has published about Lime Go, as switches with a default each.

A test (or a person, by ``POST /_simulator/switches``) turns one to see whether a client still holds. Rules that
are published are not here. The reason for each default is beside it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from erpcore.simulator.switches import SwitchBoard

KeyKind = Literal["personal", "company", "full_access"]
"""The three kinds of classic API key (Lime's FAQ, "API keys")."""


DealField = Literal["value", "contact", "currency", "erp_id"]
OrganizationField = Literal["postal_address", "visiting_address", "website"]


class Switches(SwitchBoard):
    """Every unpublished behaviour of the two APIs; the defaults are what seems likeliest."""

    # --- classic: keys
    hidden_contact_data: Literal["null", "absent"] = "null"
    """How GraphQL answers contact data that a company key may not see."""
    feed_keys: tuple[KeyKind, ...] = ("personal", "company", "full_access")
    """Which keys may read the feed; the FAQ names it for company keys and does not deny it to the others."""
    mutating_keys: tuple[KeyKind, ...] = ("personal", "full_access")
    """Which keys may run mutations; the FAQ gives "change deal status" to personal keys only."""

    # --- classic: events
    event_keys: dict[str, str] = Field({})
    """Renames keys of an event, by dotted path: ``{"deal.value": "amount", "deal": "affar"}``; "" leaves it out."""
    event_time: bool = False
    """Whether an event tells when it happened, as ``timestamp``. Nothing is published."""
    feed_page: int = 50
    """Items in one answer of the feed (published: 50; smaller makes tests short)."""
    feed_cursor: Literal["key", "account"] = "key"
    """Whose position the feed keeps. Published is only that the server keeps it."""
    subscription_reply: Literal["object", "bare"] = "object"
    """``{"id": "1"}`` or the bare id; published is only that the id is returned."""
    deliver_twice: bool = False
    """Deliver each event twice, as a sender that lost the first answer would."""
    delivery_attempts: int = 1
    """Attempts when a subscriber does not answer 2xx. No retry is published, so there is none by default."""
    won_emits_status_change: bool = True
    """Whether DealStatusChange comes beside DealWon and DealLost."""
    win_makes_customer: bool = True
    """Whether a won deal makes its company a customer (and emits OrganizationIsACustomer)."""

    # --- classic: GraphQL
    deal_fields: dict[DealField, str] = Field({"value": "value", "contact": "customerContact"})
    """Deal fields beyond the published list, by our name -> the name in the schema. Possible: ``value`` (the event
    documentation mentions it), ``contact`` (the import format has CustomerContact), ``currency``, ``erp_id``."""
    organization_fields: dict[OrganizationField, str] = Field(
        {"postal_address": "postalAddress", "visiting_address": "visitAddress"}
    )
    """Organization fields beyond the published list; the FAQ says full-access keys see addresses, the names are
    those of the import format. Possible besides: ``website``."""
    person_phone_field: str = "phoneNumber"
    """Spelled ``phonenumber`` by an old public client."""
    person_mobile_phone_field: str | None = None
    """A field for a person's mobile number (the import format has one); without it the number is among the others."""
    custom_field_mutation: str | None = "setDealCustomField"
    """The mutation that sets a deal's custom field; without a name it does not exist. That mutations exist is
    published, names are not."""
    custom_field_reply: Literal["deal", "bare"] = "deal"
    """What the mutation for custom fields answers with: the deal, or only true. Nothing is published."""
    first_over_max: Literal["clamp", "error"] = "clamp"
    """What ``first`` above 20 does."""
    graphql_error_status: int = 200
    """HTTP status of a GraphQL answer that carries ``errors`` and no data."""
    empty_custom_fields: Literal["absent", "null"] = "absent"
    """Whether a custom field without a value is left out of ``customFields`` or has the value null."""
    rows_in_custom_field: bool = True
    """Show a deal's rows as JSON text in the custom field "ERP rows"; neither API publishes deal rows."""

    # --- Agentic
    custom_fields_patch: Literal["merge", "replace"] = "merge"
    """What PATCH does with ``custom_fields``; an open question at Lime."""
    idempotency_conflict_status: Literal[409, 422] = 422
    """Answer to a used Idempotency-Key with another body."""
    idempotency_hours: int = 24
    """How long an Idempotency-Key is remembered."""
    missing_idempotency_key_status: Literal[400, 422, 428] = 400
    """Answer to a write without Idempotency-Key."""
    default_page_size: int = 50
    """``page[size]`` when none is asked for (published: at most 100)."""
    changes_page_size: int = 100
    """Items in one page of the change feed."""
    cursor_days: int = 7
    """How long a cursor of the change feed lives."""
    integration_limit: int = 120
    """Requests in 60 s for one integration (seen in reply headers)."""
    organization_limit: int = 300
    """Requests in 60 s for the whole organisation (seen in reply headers)."""
    retry_after: bool = True
    """Whether 429 carries Retry-After."""
