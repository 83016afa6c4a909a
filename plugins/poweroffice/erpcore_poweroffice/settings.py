"""The settings of a PowerOffice Go connection.

What nobody has confirmed about PowerOffice is a setting here, with the likeliest or the safer position as its default;
the README lists them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, field_validator

from erpcore.plugin import PluginSettings

LONGEST_REFERENCE = 50
"""Characters of an ExternalImportReference (interface description of customers; the v1 reference says so of orders)."""


class FieldChoices(PluginSettings):
    """The settings that the field maps follow."""

    empty_values: Literal["keep", "clear"] = Field(
        "keep", description="Whether a field that the CRM shows as empty keeps PowerOffice's value or is emptied"
    )
    currency: str = Field("NOK", pattern=r"^[A-Z]{3}$", description="The ledger's currency, which prices are in")
    units: dict[str, str] = Field(
        default_factory=dict, description="Unit codes of the company's own words, such as “flak” = “XPX”"
    )
    vat_free_customers: Literal["not_told", "export"] = Field(
        "not_told",
        description="Whether a new customer abroad is made as one who buys free of VAT: its rows then take the "
        "products' optional sales account, which must be free of VAT in the company",
    )
    discount_decimals: int = Field(
        10, ge=0, le=12, description="Decimals that PowerOffice keeps of a discount in percent"
    )

    @field_validator("units")
    @classmethod
    def _words_in_small_letters(cls, units: dict[str, str]) -> dict[str, str]:
        return {word.strip().casefold(): code.strip().upper() for word, code in units.items()}


class PowerOfficeSettings(FieldChoices):
    """Settings of one connection to one company (a “Go client”)."""

    application_key: SecretStr = Field(min_length=1, description="Key of the integration")
    client_key: SecretStr = Field(min_length=1, description="Key that the company got when it added the extension")
    subscription_key: SecretStr = Field(min_length=1, description="Key from PowerOffice's developer portal")
    base_url: str = Field(
        "https://goapi.poweroffice.net", description="Address; for the demo system https://goapi.poweroffice.net/Demo"
    )

    requests_per_window: int = Field(10, ge=1, description="Requests that PowerOffice allows per window")
    window_seconds: float = Field(1.0, gt=0, description="Length of that window in seconds")
    window_margin_seconds: float = Field(0.02, ge=0, description="Seconds that the window is taken longer")
    fence_seconds: float = Field(
        5.0, ge=0, description="Seconds after which a new record is believed to be found by a look-up"
    )
    page_size: int = Field(1000, ge=1, le=20_000, description="Records per page of a list")
    detailed_page_size: int = Field(
        20, ge=1, le=500, description="Invoices per page, where the rows of each are read by a request of its own"
    )
    overlap_seconds: float = Field(
        120.0, ge=0, description="Seconds that a question for changes goes back further than asked"
    )
    search_days: int | None = Field(
        400, ge=1, description="Days that sent invoices are searched back for an order that became one; None for all"
    )

    invoice_rows: bool = Field(default=True, description="Whether invoices are read with rows, one request each")
    default_product: str | None = Field(
        None, description="Product code of priced rows without an article; without it such rows are refused"
    )
    unknown_our_reference: Literal["refuse", "leave_out"] = Field(
        "refuse", description="What becomes of an order whose “our reference” is none of the employees"
    )
    delivery_type: Literal["PdfPrintForDownload", "PdfByEmail", "Auto"] = Field(
        "PdfPrintForDownload",
        description="How an invoice made from an order is delivered; the default posts it and delivers nothing",
    )
    sent_state_waits: tuple[float, ...] = Field(
        (1.0, 4.0, 10.0, 15.0), min_length=1, description="Seconds to wait before each question whether it is invoiced"
    )

    @field_validator("base_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")
