"""The settings of a Visma Administration connection.

What nobody has confirmed about the interface is a setting here, with the likeliest or the safer position as its
default; the README lists them.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator

from erpcore.plugin import PluginSettings
from erpcore_visma_admin.agent.settings import SHORTEST_TOKEN, is_this_computer


class FieldChoices(PluginSettings):
    """The settings that the field maps follow."""

    currency: str = Field("SEK", pattern=r"^[A-Z]{3}$", description="The company's own currency, which prices are in")
    price_decimals: int = Field(
        2, ge=0, le=4, description="Decimals of prices; 4 where the company has that switched on"
    )
    quantity_decimals: int = Field(2, ge=0, le=4, description="Decimals of quantities")
    reference_field: Literal["LOCAL_REMARK", "TEXT2", "TEXT3"] = Field(
        "LOCAL_REMARK", description="Field of orders and invoices that our own key is written into"
    )
    customer_reference_field: Literal["REMARK1", "REMARK2"] = Field(
        "REMARK2", description="Field of customers that our own key is written into"
    )
    vat_free_customers: Literal["told", "not_told"] = Field(
        "told",
        description="Whether a new customer abroad is marked as one that is sold to without VAT (EXPORT, EU_CUSTOMER; "
        "whether the program computes VAT by that, or by the article's coding alone, is unconfirmed)",
    )
    accounting_code: str = Field(
        "1", min_length=1, max_length=6, description="Coding (konteringskod) that a new article is made towards"
    )
    amount_discount_flag: bool = Field(
        default=True, description="What AMOUNT_DISCOUNT_FLAG is where a row's discount is an amount (unconfirmed)"
    )
    balance_field: Literal["BALANCE", "BALANCE2"] = Field(
        "BALANCE", description="Which balance is what is left to pay in the invoice's currency (unconfirmed)"
    )


class VismaAdminSettings(FieldChoices):
    """Settings of one connection to one company."""

    mode: Literal["agent", "local"] = Field(
        "agent", description="agent: through the agent on the company's server; local: erpcore runs on that server"
    )
    url: str | None = Field(None, description="Address of the agent, such as https://server.example:8743")
    asking: bool = Field(
        default=False,
        description="The agent cannot be reached and asks for work at erpcore's own address; url is then that address "
        "with /plugins/ and the connection's name, such as https://erpcore.example/plugins/visma",
    )
    token: SecretStr | None = Field(None, description="What the agent and erpcore both know")
    company: str = Field("main", pattern=r"^[A-Za-z0-9_-]{1,40}$", description="The agent's name of the company")

    system_path: str | None = Field(None, description="Local mode: folder of the common files, else from the registry")
    company_path: str | None = Field(None, description="Local mode: folder of the company, else from the registry")
    user: str | None = Field(None, description="Local mode: user name, where users sign in to the company")
    password: SecretStr | None = Field(None, description="Local mode: the user's password")
    dll: str | None = Field(None, description="Local mode: the DLL, where the registry does not say")
    idle_seconds: float = Field(5.0, gt=0, description="Local mode: how long the company stays open after a call")
    lease_seconds: float = Field(20.0, ge=0, description="Local mode: how long to wait for another process")

    currency_rate: Literal["sell", "buy"] = Field(
        "sell",
        description="Rate of the register of currencies that turns another currency's prices into the company's own "
        "(rule foreign_price; which one the program itself takes is unconfirmed)",
    )
    fence_seconds: float = Field(
        45.0, ge=0, description="Seconds after which a look-up that finds nothing is believed; see the README"
    )
    invoicing: Literal["connection", "copy"] = Field(
        "connection",
        description="How an order becomes an invoice: connection names the order on an invoice without rows; copy "
        "makes the rows anew and leaves the order open",
    )
    connection_field: int = Field(
        1,
        ge=1,
        le=4,
        description="Which DOCUMENT_CONNECTION_NUMBER of an invoice holds the order's number (unconfirmed)",
    )
    deliver_before_invoicing: bool = Field(
        default=False, description="Whether an order is marked as delivered before it is invoiced (unconfirmed)"
    )
    booked_by: Literal["printed", "ledger"] = Field(
        "printed", description="An invoice counts as booked when it is printed, or when the ledger's order shows it"
    )
    payment_day: Literal["last_payment", "payments"] = Field(
        "last_payment",
        description="Whether the day of payment is LAST_PAYMENT or that of the last payment (unconfirmed)",
    )
    default_article: str | None = Field(
        None, description="Article of priced rows without one; without this setting such rows are refused"
    )
    price_list: str | None = Field(None, description="Price list of articles' prices; the company's default when None")
    time_zone: str = Field("Europe/Stockholm", description="Zone in which the interface tells times (unconfirmed)")
    overlap_seconds: float = Field(
        7500.0, ge=0, description="Seconds that a question for changes goes back further than asked"
    )
    search_documents: int | None = Field(
        5000, ge=1, description="How many of the newest documents are searched for our key; None for all"
    )
    page_size: int = Field(50, ge=1, le=500, description="Records per page of a list")

    @field_validator("url")
    @classmethod
    def _safe(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("it starts with https:// and names a host")
        if parts.scheme == "http" and not is_this_computer(parts.hostname):
            raise ValueError("http:// is for this computer alone; another one's agent is asked over https://")
        return url.rstrip("/")

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"there is no time zone {name}") from None
        return name

    @model_validator(mode="after")
    def _complete(self) -> VismaAdminSettings:
        if self.mode == "local":
            return self
        if self.url is None:
            raise ValueError("url is needed in mode agent: where the agent is")
        if self.token is None or len(self.token.get_secret_value()) < SHORTEST_TOKEN:
            raise ValueError(f"token is needed in mode agent, with {SHORTEST_TOKEN} characters at least")
        return self
