"""The settings of a Lime Go connection: which API, which key, and what Lime has not published.

Lime publishes little about either API. Whatever is not confirmed stands here with a default, so that an account where
it turns out otherwise is served by its settings file and not by a new release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from erpcore.plugin import PluginSettings

CLASSIC_URL = "https://api.lime-go.com"
FEED_PAGE = 50
"""Items in one answer of the classic feed (Lime Go API reference, Event feed)."""
_SHORTEST_WEBHOOK_TOKEN = 16

Names = Annotated[tuple[str, ...], Field(description="Names to try, best first")]


class Part(BaseModel):
    """Base of the groups of settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EventNames(Part):
    """Where an event of the classic API holds what, as dotted paths. Confirmed: ``position`` and ``eventType``."""

    position: Names = ("position",)
    event_type: Names = ("eventType",)
    deal_id: Names = ("deal.id", "dealId")
    deal_name: Names = ("deal.name", "dealName")
    deal_value: Names = ("deal.value", "dealValue")
    company_id: Names = ("organization.id", "organizationId")
    happened_at: Names = ("timestamp", "date")


class GraphqlNames(Part):
    """Names in classic GraphQL of the fields that Lime's published list lacks.

    A field is asked for where the schema has one of its names. The defaults are the names of Lime's import format.
    """

    deal_value: Names = ("value",)
    deal_currency: Names = ("currency",)
    deal_contact: Names = ("customerContact", "contact")
    deal_erp_id: Names = ("erpId",)
    postal_address: Names = ("postalAddress",)
    visiting_address: Names = ("visitAddress", "visitingAddress")
    website: Names = ("webSite", "website")
    street: Names = ("street",)
    postal_code: Names = ("zipCode", "postalCode")
    city: Names = ("city",)
    country_code: Names = ("countryCode", "country")
    person_phone: Names = ("phoneNumber", "phonenumber", "directPhoneNumber")
    person_mobile_phone: Names = ("mobilePhoneNumber",)


class MutationArguments(Part):
    """What the mutation of `LimeGoSettings.set_custom_field_mutation` calls its arguments."""

    deal: str = "dealId"
    title: str = "title"
    value: str = "value"


class ColourTexts(Part):
    """What is written into a custom field for a colour (Lime Go, How the new ERP sync works)."""

    green: str = Field("green", description="Paid")
    yellow: str = Field("yellow", description="Not paid, and not due")
    red: str = Field("red", description="Not paid, and past due")


class LimeGoSettings(PluginSettings):
    """One Lime Go account."""

    api: Literal["classic", "agentic"] = Field(
        "classic", description="The classic API (API key) or the newer Agentic API (OAuth client, pilot)"
    )
    base_url: str | None = Field(
        None, description=f"Address of the API; {CLASSIC_URL} for the classic one when left out, needed for Agentic"
    )
    api_key: SecretStr | None = Field(None, description="Classic: the API key, with or without “go-api:” in front")
    key_prefix: str = Field("go-api:", description="Classic: what stands in front of the key in the header")
    client_id: str | None = Field(None, description="Agentic: the OAuth client")
    client_secret: SecretStr | None = Field(None, description="Agentic: the OAuth client's secret")
    scope: str = Field("", description="Agentic: scopes to ask for, separated by blanks; empty for all granted")
    requests_per_minute: int | None = Field(
        None, ge=1, description="The API's limit; 600 for classic (nothing is published), 120 for Agentic when left out"
    )
    organisation_requests_per_minute: int = Field(
        300, ge=1, description="Agentic: the limit of the whole organisation, over all its integrations"
    )
    organisation: str | None = Field(
        None,
        description="Name of the company whose account it is: by it erpcore knows the account, also with a new key. "
        "Agentic: connections with the same one share its limit",
    )
    attempts: int = Field(3, ge=1, le=10, description="How often one call asks before it gives up")

    customer_relations: tuple[str, ...] = Field(
        ("IS_A_CUSTOMER", "customer"),
        description="Relations of a company that make it a customer: customerRelation of the classic API, status of "
        "the Agentic one; capitals make no difference",
    )
    erp_id_field: str | None = Field(
        None, description="Title of the deal's custom field for the ERP number; none when left out"
    )
    order_number_field: str | None = Field(None, description="Title of the deal's custom field for the order number")
    invoice_number_field: str | None = Field(
        None, description="Title of the deal's custom field for the invoice number"
    )
    status_field: str | None = Field(None, description="Title of the deal's custom field for the sync status")
    message_field: str | None = Field(None, description="Title of the deal's custom field for the error message")
    rows_sum_field: str | None = Field(
        None,
        description="Title of the deal's custom field for what the document's rows come to excluding VAT, discounts "
        "taken off",
    )
    invoices_field: str | None = Field(
        None, description="Title of the deal's custom field for the numbers of its booked invoices"
    )
    invoice_colour_field: str | None = Field(
        None, description="Title of the deal's custom field for the colour of its invoices: paid, open or overdue"
    )
    invoice_total_field: str | None = Field(
        None, description="Title of the deal's custom field for the sum of its invoices including VAT"
    )
    invoice_balance_field: str | None = Field(
        None, description="Title of the deal's custom field for what is left to pay"
    )
    invoice_due_field: str | None = Field(None, description="Title of the deal's custom field for the day of payment")
    invoice_paid_field: str | None = Field(
        None, description="Title of the deal's custom field for the day it was paid in full"
    )
    invoice_colour_texts: ColourTexts = Field(ColourTexts(), description="What is written for each colour")
    rows_field: str | None = Field(None, description="Title of the deal's custom field that holds rows as JSON")
    company_erp_number_field: str | None = Field(
        None, description="Title of the company's custom field for the ERP's customer number"
    )
    company_invoice_colour_field: str | None = Field(
        None, description="Title of the company's custom field for the worst colour of its invoices"
    )
    company_balance_field: str | None = Field(
        None, description="Title of the company's custom field for what it has left to pay"
    )
    company_due_field: str | None = Field(
        None, description="Title of the company's custom field for the first day of payment of what is not paid"
    )
    absent_custom_field: Literal["empty", "not_shown"] = Field(
        "empty",
        description="Classic: what it means when a field named here is not in a record's list of custom fields",
    )

    contact_data: Literal["auto", "shown", "hidden"] = Field(
        "auto", description="Classic: whether the key shows contact data; auto looks at each company"
    )
    all_companies_query: str = Field(
        "", description="Classic: what is searched for so that every company is found, for “erpcore match”"
    )
    won_statuses: tuple[str, ...] = Field((), description="Classic: status labels that count as won")
    lost_statuses: tuple[str, ...] = Field((), description="Classic: status labels that count as lost")
    set_custom_field_mutation: str | None = Field(
        None, description="Classic: name of the mutation that sets a deal's custom field; nothing is written without"
    )
    set_custom_field_arguments: MutationArguments = MutationArguments()
    graphql_names: GraphqlNames = GraphqlNames()
    event_names: EventNames = EventNames()
    feed_page: int = Field(FEED_PAGE, ge=1, description="Classic: how many items a full page of the feed has")
    subscribe_to: tuple[str, ...] = Field(
        ("DealWon", "DealLost", "DealStatusChange", "OrganizationIsACustomer"),
        description="Classic: events to have delivered; empty for all",
    )
    webhook_token: SecretStr | None = Field(
        None, description="Classic: the last part of the webhook's path, which nobody can guess; no webhook without"
    )
    webhook_max_bytes: int = Field(65_536, ge=1, description="Classic: the largest delivery that is read")
    webhook_repeat_seconds: int = Field(
        60, ge=1, description="Classic: equal deliveries without a position this close together are one event"
    )

    integration_id: str | None = Field(
        None, description="Agentic: our own integration's id in the change feed, to leave our own changes out"
    )
    won_categories: tuple[str, ...] = Field(("won",), description="Agentic: stage categories that count as won")
    won_stages: tuple[str, ...] = Field((), description="Agentic: names of stages that count as won besides")
    resync_overlap_hours: int = Field(
        24, ge=0, description="Agentic: how far before the last reading to begin when the feed's cursor has expired"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.api == "classic":
            needed: dict[str, object] = {"api_key": self.api_key}
        else:
            needed = {"base_url": self.base_url, "client_id": self.client_id, "client_secret": self.client_secret}
        if missing := [name for name, value in needed.items() if value is None]:
            raise ValueError(f"the {self.api} API needs {', '.join(missing)}")
        return self

    @field_validator("webhook_token")
    @classmethod
    def _long_enough(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and len(token.get_secret_value()) < _SHORTEST_WEBHOOK_TOKEN:
            raise ValueError(f"webhook_token must have at least {_SHORTEST_WEBHOOK_TOKEN} characters: it is a secret")
        return token

    @classmethod
    def idle_secrets(cls, given: Mapping[str, Any]) -> frozenset[str]:
        """See `PluginSettings.idle_secrets`: those of the API that is not chosen."""
        if given.get("api") == "agentic":
            return frozenset({"api_key", "webhook_token"})
        return frozenset({"client_secret"})

    @property
    def host_url(self) -> str:
        """The address without a path of the API's own."""
        return (self.base_url or CLASSIC_URL).rstrip("/").removesuffix("/v1")

    @property
    def deal_titles(self) -> dict[str, str]:
        """The deal's custom fields that erpcore uses itself: name of the setting -> title."""
        names = (
            "erp_id_field",
            "order_number_field",
            "invoice_number_field",
            "status_field",
            "message_field",
            "rows_sum_field",
            "invoices_field",
            "invoice_colour_field",
            "invoice_total_field",
            "invoice_balance_field",
            "invoice_due_field",
            "invoice_paid_field",
            "rows_field",
        )
        return {name: title for name in names if (title := getattr(self, name)) is not None}
