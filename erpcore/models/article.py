"""Articles."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from erpcore.models.base import CanonicalModel, CurrencyCode, Exact, Moment


class Article(CanonicalModel):
    """An article (product or service) in an ERP or in a CRM."""

    key: str | None = Field(default=None, description="The system's own key, when it is another one than the number")
    number: str | None = Field(default=None, description="Article number, the same in both systems")
    description: str | None = Field(default=None, description="Name of the article")
    kind: Literal["goods", "service"] | None = Field(default=None, description="Kept in stock, or a service")
    unit: str | None = Field(default=None, description="Code of the unit")
    price: Exact | None = Field(default=None, description="Sales price per unit excluding VAT, in `currency`")
    cost_price: Exact | None = Field(default=None, description="Purchase price per unit excluding VAT, in `currency`")
    currency: CurrencyCode | None = Field(default=None, description="Currency of the prices; None is the company's own")
    vat_percent: Exact | None = Field(default=None, description="VAT rate in percent")
    vat_code: str | None = Field(default=None, description="The ERP's VAT code, where one rate has several")
    group: str | None = Field(default=None, description="Article group")
    income_account: str | None = Field(default=None, description="Account that the income is booked on")
    ean: str | None = Field(default=None, description="Bar code")
    note: str | None = Field(default=None, description="Internal note")
    external_reference: str | None = Field(default=None, description="Our own key for the record")
    active: bool | None = Field(default=None, description="False when the article is no longer sold")
    changed_at: Moment | None = Field(default=None, description="When it was last changed, where the system tells")
