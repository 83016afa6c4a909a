"""What rules are made of: the choices that several of them share, and the fields that they may name."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from erpcore.models import CurrencyCode

LossPolicy = Literal["warn", "block", "allow"]
"""What to do when the ERP cannot take a value as it is."""

MatchBy = Literal["link", "customer_number", "organisation_number", "name"]
"""By what a customer is recognised."""

ArticleDirection = Literal["off", "to_erp", "to_crm", "both"]
"""Whose changes of articles travel: nobody's, the CRM's, the ERP's, or both."""

ArticleField = Literal["description", "price", "unit", "vat_percent", "cost_price", "income_account", "group", "active"]
"""What of an article is kept equal; its number is its key."""

ConflictRule = Literal["crm", "erp", "newest", "ask"]
"""Whose value counts where a field was changed on both sides."""


class CustomerDefaults(BaseModel):
    """What a customer that erpcore creates gets beside what the CRM tells. Existing customers keep their own."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    terms_of_payment: str | None = Field(None, description="Code of the terms of payment in the ERP")
    terms_of_payment_field: str | None = Field(
        None,
        description="Title of the company's custom field that chooses its terms of payment, by code or name; "
        "terms_of_payment counts where it is empty",
    )
    currency: CurrencyCode | None = Field(None, description="Currency of the customer's documents, such as SEK")


MappedField = Literal[
    "your_order_number",
    "your_reference",
    "our_reference",
    "remarks",
    "comments",
    "project",
    "cost_center",
    "terms_of_payment",
    "delivery_date",
]
"""A field of the order or invoice that a deal's custom field may fill."""

JOINED_FIELDS = frozenset({"remarks", "comments"})
"""Texts of several lines, which several custom fields may share."""


@cache
def losable() -> frozenset[str]:
    """Give what a record may lose, by its canonical name without the index of the row."""
    from erpcore.fields import leaf_names
    from erpcore.models import Article, Customer, Invoice, InvoiceRow, Order, OrderRow

    leaves = [leaf for model in (Customer, Article, Order, Invoice) for leaf in leaf_names(model)]
    of_rows = [f"rows.{leaf}" for model in (OrderRow, InvoiceRow) for leaf in leaf_names(model)]
    return frozenset(leaves + of_rows + [leaf.rpartition(".")[0] for leaf in leaves if "." in leaf])


def _known(policies: Mapping[str, LossPolicy]) -> Mapping[str, LossPolicy]:
    for name in policies:
        if name not in losable():
            near = get_close_matches(name, losable(), 1)
            hint = f"; did you mean “{near[0]}”?" if near else ""
            raise ValueError(f"there is no field “{name}”{hint}")
    return policies


LossPolicies = Annotated[Mapping[str, LossPolicy], AfterValidator(_known)]
"""What to do about a loss, by the name of the field; the names are held against the canonical fields."""


def title_key(title: str) -> str:
    """Bring the title of a custom field to the form in which titles are compared."""
    return " ".join(title.split()).casefold()
