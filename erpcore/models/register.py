"""Small registers of an ERP, whose entries other records name by their codes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from erpcore.models.base import CanonicalModel, Exact

Register = Literal["unit", "vat_code", "terms_of_payment", "currency", "project", "cost_center", "account", "country"]
"""A register that an ERP may have."""


class RegisterEntry(CanonicalModel):
    """An entry of a register."""

    code: str = Field(description="What records name it by")
    key: str | None = Field(default=None, description="The system's own key, when it is another one than the code")
    name: str = Field(description="Text for people")
    active: bool | None = Field(default=None, description="False when it is no longer used")
    days: int | None = Field(default=None, description="Terms of payment: days to pay, when the terms are that simple")
    percent: Exact | None = Field(default=None, description="VAT codes: the rate in percent")
    rate: Exact | None = Field(
        default=None, description="Currencies: what one unit is worth in the company's own, where the register tells"
    )
