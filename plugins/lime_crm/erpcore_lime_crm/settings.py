"""The settings of a Lime CRM connection: where, which key, what things are called, and what is unconfirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, StringConstraints, ValidationInfo, field_validator, model_validator

from erpcore.models import Register
from erpcore.plugin import PluginSettings

from .names import (
    ArticleGroupNames,
    ArticleNames,
    ColourKeys,
    CompanyNames,
    CompanyStatusKeys,
    CoworkerNames,
    DealNames,
    InvoiceNames,
    InvoiceRowNames,
    Name,
    OrderNames,
    OrderRowNames,
    OrderStatusKeys,
    PersonNames,
    RegisterNames,
)

_SHORTEST_SECRET = 16
_CLOUD = ".lime-crm.com"
VatAs = Literal["fraction", "percent"]


class LimeCrmSettings(PluginSettings):
    """One Lime CRM installation."""

    url: str = Field(
        description="Address with the application's name, such as https://acme.lime-crm.com/acme", min_length=1
    )
    api_key: SecretStr = Field(description="Key of a user of type API; give erpcore a user of its own")
    api_user_id: int | None = Field(
        None, description="Id of that user, by which own changes are known; they come back as events without it"
    )
    requests_per_window: int = Field(3000, ge=1, description="Requests allowed in the window; Cloud allows 3000")
    window_seconds: int = Field(300, ge=1, description="Length of the window; Cloud counts 5 minutes per address")
    rate_group: str | None = Field(
        None, description="Connections with the same name share the limit; all of Lime's Cloud do when left out"
    )
    attempts: int = Field(3, ge=1, le=10, description="How often one call asks before it gives up")
    page_size: int = Field(100, ge=1, le=1000, description="Objects in one answer of a list")
    time_zone: str = Field("Europe/Stockholm", description="Zone in which a time in Lime CRM names a day")
    write_days_as: Literal["time", "date"] = Field(
        "time", description="Whether a day is written as midnight with its offset, as it is read, or as a date alone"
    )
    countries: Mapping[str, Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]] = Field(
        default_factory=dict,
        description="Two-letter codes of countries that are written otherwise than by code or name, such as by an "
        "option's key; capitals make no difference",
    )

    coworker: CoworkerNames = Field(CoworkerNames(), description="Names of the users' own cards")
    company: CompanyNames = Field(CompanyNames(), description="Names of companies")
    person: PersonNames = Field(PersonNames(), description="Names of contact persons")
    deal: DealNames = Field(DealNames(), description="Names of deals")
    order: OrderNames = Field(OrderNames(), description="Names of orders")
    order_row: OrderRowNames = Field(OrderRowNames(), description="Names of order rows")
    invoice: InvoiceNames = Field(InvoiceNames(), description="Names of invoices")
    invoice_row: InvoiceRowNames = Field(InvoiceRowNames(), description="Names of invoice rows")
    article: ArticleNames = Field(ArticleNames(), description="Names of articles")
    article_group: ArticleGroupNames = Field(ArticleGroupNames(), description="Names of article groups")
    registers: Mapping[Register, RegisterNames] = Field(
        default_factory=dict,
        description="Limetypes that keep registers of the ERP for people to choose from, by the register, such as "
        "terms_of_payment",
    )
    order_status_keys: OrderStatusKeys = Field(OrderStatusKeys(), description="Option keys of an order's status")
    company_status_keys: CompanyStatusKeys = Field(
        CompanyStatusKeys(), description="Option keys of a company's sync status"
    )
    company_custom_fields: tuple[Name, ...] = Field((), description="Further properties of a company to show")
    deal_custom_fields: tuple[Name, ...] = Field((), description="Further properties of a deal to show")

    row_vat_as: VatAs = Field("fraction", description="Whether 25 % VAT stands as 0.25 or as 25 on an order row")
    article_vat_as: VatAs = Field("fraction", description="The same on an article")
    article_description_length: int = Field(
        50, ge=1, description="Longest article description; newer installations have 256"
    )
    invoice_text: str = Field("Invoice", description="What stands in the type of an invoice")
    credit_text: str = Field("Credit", description="What stands in the type of a credit note")
    cash_text: str = Field("Cash", description="What stands in the type of a cash invoice")
    colour_keys: ColourKeys = Field(ColourKeys(), description="Option keys of the colour of invoices")

    synced_properties: tuple[Name, ...] = Field(
        (),
        description="Properties of a company whose change is an event; those that erpcore reads when left out",
    )
    watch_changes: bool = Field(
        default=True,
        description="Whether companies are read by their time of change too (Query API), not only by status; "
        "needs api_user_id",
    )
    watch_deals: bool = Field(
        default=False,
        description="Whether won deals are events. Leave it off where orders carry the sale, or both go over",
    )
    won_statuses: tuple[str, ...] = Field(
        ("agreement", "won"), description="Option keys of a deal's status that count as won"
    )
    overlap_seconds: int = Field(
        600, ge=0, description="How far before the newest change known the reading of changes begins again"
    )

    webhook_secret: SecretStr | None = Field(None, description="Signs deliveries; there is no webhook without")
    webhook_previous_secret: SecretStr | None = Field(
        None, description="Still believed while deliveries signed with it are under way"
    )
    webhook_signature: Literal["v1", "v2"] = Field(
        "v1", description="Version that the subscription signs with; the other one is refused"
    )
    webhook_fresh_seconds: int = Field(
        300, ge=1, description="Version 2: a delivery may be this old, or this far ahead of our clock"
    )
    webhook_late_seconds: int = Field(
        86_400,
        ge=0,
        description="Version 2: how old a delivery may be that Lime sends again with its first attempt's time; "
        "0 refuses those",
    )
    webhook_repeated: Literal["accept", "refuse"] = Field(
        "accept",
        description="Version 2: a delivery that came before is answered as taken in, since Lime sends again what it "
        "got no answer to, or refused as Lime's own client does; it starts nothing either way",
    )
    webhook_max_bytes: int = Field(262_144, ge=1, description="The largest delivery that is read")
    subscription_name: str = Field("erpcore", description="What the subscription is called in Lime Admin")
    subscription_extra: Mapping[str, Any] = Field(
        default_factory=dict,
        description="Further members of a new subscription, such as the one that asks for signature version 2",
    )

    @field_validator("url")
    @classmethod
    def _with_application(cls, url: str) -> str:
        cut = url.rstrip("/").removesuffix("/api/v1")
        if not urlsplit(cut).path.strip("/"):
            raise ValueError("the application's name is missing, as in https://acme.lime-crm.com/acme")
        return cut

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"there is no time zone {name}") from error
        return name

    @field_validator("webhook_secret", "webhook_previous_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < _SHORTEST_SECRET:
            raise ValueError(f"{info.field_name} must have at least {_SHORTEST_SECRET} characters")
        return secret

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for table, name in (("order", "status"), ("order", "company"), ("company", "erp_id"), ("invoice", "number")):
            if not getattr(getattr(self, table), name):
                raise ValueError(f"{table}.{name} cannot be left empty")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which a time names a day."""
        return ZoneInfo(self.time_zone)

    @property
    def account(self) -> str:
        """What tells this installation from every other: its host and the application's name."""
        address = urlsplit(self.url.casefold())
        return f"{address.hostname}{address.path}"

    @property
    def rate_key(self) -> str:
        """What the vendor counts by: our address, over all installations of the Cloud."""
        host = urlsplit(self.url).hostname or ""
        return f"lime_crm:{self.rate_group or ('cloud' if host.endswith(_CLOUD) else host)}"
