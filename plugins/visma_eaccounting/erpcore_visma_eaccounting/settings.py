"""The settings of a connection to Visma eAccounting.

What nobody has confirmed about it is a setting here, with the likeliest or the safer position as its default; the
README lists them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from erpcore.plugin import PluginSettings

SCOPES = ("ea:api", "ea:sales", "offline_access")
"""The least that syncs need (official pages, authentication): the interface, sales, and refresh tokens."""


class FieldChoices(PluginSettings):
    """The settings that the field maps follow."""

    empty_values: Literal["keep", "clear"] = Field(
        "keep", description="Whether a field that the CRM shows as empty keeps Visma's value or is emptied"
    )
    references: Literal["text_row", "none"] = Field(
        "text_row",
        description="Whether our own key goes along as a row of text, by which a document is found again; without it, "
        "a person decides after a lost answer",
    )
    currency: str = Field("SEK", pattern=r"^[A-Z]{3}$", description="The company's own currency, which prices are in")
    article_unit: str = Field("st", description="Unit of new articles without one, by its abbreviation, name or code")
    default_postal_code: str | None = Field(
        None, max_length=10, description="Postal code of new customers without one; without it they are refused"
    )
    default_city: str | None = Field(
        None, max_length=50, description="City of new customers without one; without it they are refused"
    )


class VismaEAccountingSettings(FieldChoices):
    """All settings of a connection to one company."""

    client_id: str = Field(min_length=1, description="Client id of the integration")
    client_secret: SecretStr = Field(description="Client secret of the integration")
    scopes: tuple[str, ...] = Field(SCOPES, min_length=1, description="Scopes to ask consent for")
    client_auth: Literal["client_secret_basic", "client_secret_post"] = Field(
        "client_secret_basic", description="How the integration signs in: HTTP Basic, or in the form"
    )
    consent_parameters: dict[str, str] = Field(
        default_factory=lambda: {"prompt": "select_account", "acr_values": "forceselectcompany:true"},
        description="Further parameters of the consent page; these let the person choose user and company",
    )
    consent_errors: frozenset[str] = Field(
        frozenset({"invalid_grant"}), description="OAuth error codes that mean that the consent is gone"
    )
    base_url: str = Field("https://eaccountingapi.vismaonline.com", description="Address of the interface")
    identity_url: str = Field("https://identity.vismaonline.com", description="Address of the sign-in")

    requests_per_window: int = Field(
        600, ge=1, description="Requests that Visma allows per window, for the application and each of its addresses"
    )
    window_seconds: float = Field(60.0, gt=0, description="Length of that window in seconds")
    window_margin_seconds: float = Field(0.5, ge=0, description="Seconds that the window is taken longer")
    fence_seconds: float = Field(
        10.0, ge=0, description="Seconds after which a new record is believed to be found by a search"
    )
    page_size: int = Field(500, ge=1, le=1000, description="Records per page of a list")
    overlap_seconds: float = Field(
        120.0, ge=0, description="Seconds that a question for changes goes back further than asked"
    )
    search_days: int | None = Field(
        400, ge=1, description="Days that documents are searched back where Visma cannot search; None for all"
    )

    terms_of_payment: str | None = Field(
        None, description="Name or id of the terms of payment of new customers; the company's own when not set"
    )
    taken_contact_person: Literal["replace", "refuse"] = Field(
        "replace", description="What becomes of a new contact person of a customer that has another one"
    )
    default_article: str | None = Field(
        None, description="Article number of priced rows without an article; without it such rows are refused"
    )
    article_coding: str | None = Field(
        None, description="Name of the account coding that is taken of several that fit an article"
    )
    article_vat_percent: Decimal = Field(
        Decimal(25), ge=0, description="VAT rate of new articles that show neither a rate nor an account"
    )
    opening_receivables: bool = Field(
        default=False,
        description="Whether receivables that were entered without an invoice, such as from an earlier program, are "
        "read as invoices too",
    )
    settlements: Literal["modified", "payment_date"] = Field(
        "payment_date",
        description="Whether a payment counts as a change of its invoice, or paid invoices are asked for by their day "
        "of payment besides",
    )
    settlement_days: int = Field(
        10, ge=0, description="Days that a payment may be dated back when paid invoices are asked for by that day"
    )
    order_becomes: Literal["draft", "invoice"] = Field(
        "draft",
        description="What an order is turned into: a draft that a person books, or an invoice that is booked at once",
    )
    order_after_draft: Literal["invoiced", "left"] = Field(
        "invoiced", description="Whether an order is marked as invoiced when a draft has been made of it"
    )

    @field_validator("article_vat_percent", mode="before")
    @classmethod
    def _exact(cls, value: object) -> object:
        return str(value) if isinstance(value, float) else value

    @field_validator("base_url", "identity_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")
