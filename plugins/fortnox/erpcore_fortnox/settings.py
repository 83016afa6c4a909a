"""The settings of a Fortnox connection.

What nobody has confirmed about Fortnox is a setting here, with the likeliest or the safer position as its default; the
README lists them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from erpcore.plugin import PluginSettings

SCOPES = (
    "companyinformation",
    "customer",
    "order",
    "invoice",
    "article",
    "price",
    "payment",
    "settings",
    "currency",
)
"""What syncs need: one scope per register (Fortnox developer guide, Scopes)."""


class FieldChoices(PluginSettings):
    """The settings that the field maps follow."""

    reference_field: Literal["ExternalInvoiceReference1", "ExternalInvoiceReference2"] = Field(
        "ExternalInvoiceReference1", description="Field of orders and invoices that carries our own key"
    )
    organisation_number_form: Literal["dashed", "digits"] = Field(
        "dashed", description="Spelling that organisation numbers are written and searched in"
    )
    empty_values: Literal["keep", "clear"] = Field(
        "keep", description="Whether a field that the CRM shows as empty keeps Fortnox's value or is emptied"
    )
    email_addresses: Literal["first", "all"] = Field(
        "first", description="What is sent of an e-mail field that holds several addresses"
    )
    discount_amount_per: Literal["row", "unit"] = Field(
        "row", description="Whether Fortnox takes a discount amount off the row or off each unit"
    )
    balance_in: Literal["invoice", "company"] = Field(
        "invoice",
        description="Currency in which Fortnox tells what is left to pay of an invoice in another currency than the "
        "company's: the invoice's, or the company's (unconfirmed)",
    )
    delivery_state: Literal["delivery", "not_sent"] = Field(
        "delivery",
        description="The state that orders are made in, or leave it to Fortnox. With the warehouse module, what is "
        "delivered, of which Fortnox computes all money, can be written in the state delivery alone (unconfirmed); "
        "without it, that is the state of every order",
    )
    price_list: str = Field("A", min_length=1, max_length=100, description="Code of the price list for article prices")
    most_rows: int = Field(
        500,
        ge=1,
        description="Rows that a document may have at most; of one source, and not Fortnox's own (unconfirmed)",
    )
    currency: str = Field("SEK", pattern=r"^[A-Z]{3}$", description="The company's own currency")
    currency_rate: Literal["sell", "buy"] = Field(
        "sell",
        description="Rate of the register of currencies that turns another currency's prices into the company's own "
        "(rule foreign_price); which one Fortnox itself takes is unconfirmed",
    )
    article_account: int | None = Field(
        None, ge=1000, le=99999, description="Income account of articles that name none; Fortnox's default if not set"
    )
    article_vat_percent: Decimal | None = Field(
        None, ge=0, description="VAT rate of articles that name none; Fortnox's default if not set"
    )

    @field_validator("article_vat_percent", mode="before")
    @classmethod
    def _exact(cls, value: object) -> object:
        return str(value) if isinstance(value, float) else value


class FortnoxSettings(FieldChoices):
    """All settings of a connection."""

    most_rows: int = Field(
        500,
        ge=0,
        description="The most rows that a document may have (unconfirmed: others found 500); 0 for no limit. More stop "
        "before anything is sent",
    )

    client_id: str = Field(min_length=1, description="Client id of the integration")
    client_secret: SecretStr = Field(description="Client secret of the integration")
    grant: Literal["client_credentials", "authorization_code"] = Field(
        "client_credentials", description="How tokens are bought after consent was given once"
    )
    tenant_id: str | None = Field(
        None, pattern=r"^\d+$", description="The company's tenant id; learnt when consent is given"
    )
    scopes: tuple[str, ...] = Field(SCOPES, min_length=1, description="Scopes to ask consent for")
    service_account: bool = Field(
        default=True, description="Whether consent is for a service account; client credentials need one"
    )
    consent_errors: frozenset[str] = Field(
        frozenset({"invalid_grant"}), description="OAuth error codes that mean that the consent is gone"
    )
    base_url: str = Field("https://api.fortnox.se", description="Address of the interface")
    auth_url: str = Field("https://apps.fortnox.se/oauth-v1", description="Address of the sign-in")

    requests_per_window: int = Field(25, ge=1, description="Requests that Fortnox allows per window")
    window_seconds: float = Field(5.0, gt=0, description="Length of that window in seconds")
    window_margin_seconds: float = Field(0.05, ge=0, description="Seconds that the window is taken longer")
    fence_seconds: float = Field(
        10.0, ge=0, description="Seconds after which a new document is believed to be found by a search"
    )
    page_size: int = Field(500, ge=1, le=500, description="Records per page of a list")
    detailed_page_size: int = Field(
        20, ge=1, le=500, description="Records per page where each is read by a request of its own"
    )
    timezone: str = Field("Europe/Stockholm", description="Zone that Fortnox reads “lastmodified” in")
    overlap_seconds: float = Field(
        120.0, ge=0, description="Seconds that a question for changes goes back further than asked"
    )

    text_rows: Literal["cleared", "plain"] = Field(
        "cleared", description="Whether text rows say that they have no account, VAT, price and quantity, or only text"
    )
    invoice_rows: bool = Field(default=True, description="Whether invoices are read with rows, one request each")
    article_details: bool = Field(
        default=False,
        description="Whether all articles are read in full, one request each, with kind and account; those that "
        "changed always are",
    )
    settlements: Literal["payments", "lastmodified"] = Field(
        "payments", description="Whether paid invoices are found through payments too, or count as changed invoices"
    )
    copy_reference_to_invoice: bool = Field(
        default=False,
        description="Whether our key is put on an invoice made from an order when Fortnox has not copied it",
    )
