"""What a plan is: the steps of one deal, what they would lose, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from erpcore.fields import Loss
from erpcore.models import Article, Customer, Invoice, Order
from erpcore.sync.rules import LossPolicy
from erpcore.sync.view import Kept

Reason = Literal[
    "first_document",
    "cleared_and_won_again",
    "unlinked",
    "unsettled",
    "incomplete",
    "cleared_ask",
    "cleared_rule_nothing",
    "cleared_not_won_again",
    "has_document",
    "linked",
    "other_erp_id",
    "erp_id_by_hand",
    "not_won",
    "old_win",
    "won_before_sync",
    "rule_nothing",
]
"""Why a plan is what it is; the words for people are in `erpcore.sync.story`."""


class UseCustomer(Kept):
    """Send to a customer as it is. `digest` is of what the CRM shows, when the ERP has the same already."""

    step: Literal["use_customer"] = "use_customer"
    company_id: str
    number: str
    found_by: Literal["link", "organisation_number", "name"]
    digest: str | None = None


class UpdateCustomer(Kept):
    """Overwrite a customer with what the CRM shows."""

    step: Literal["update_customer"] = "update_customer"
    company_id: str
    number: str
    found_by: Literal["link", "organisation_number", "name"]
    customer: Customer
    digest: str


class CreateCustomer(Kept):
    """Create the company's customer. `key` names the customer in the ledger, over all its deals."""

    step: Literal["create_customer"] = "create_customer"
    company_id: str
    key: str
    customer: Customer
    digest: str


class CreateArticle(Kept):
    """Create an article that the ERP lacks. `key` names it in the ledger and its link."""

    step: Literal["create_article"] = "create_article"
    key: str
    article_id: str | None = None
    article: Article


class CreateOrder(Kept):
    """Make the order. `new_articles` names, per row index, the article whose number is known once it is created."""

    step: Literal["create_order"] = "create_order"
    company_id: str
    generation: int
    order: Order
    new_articles: Mapping[int, str] = Field(default_factory=dict)
    replaces: str | None = None
    convert: bool = False


class CreateInvoice(Kept):
    """Make the invoice draft; otherwise as `CreateOrder`."""

    step: Literal["create_invoice"] = "create_invoice"
    company_id: str
    generation: int
    invoice: Invoice
    new_articles: Mapping[int, str] = Field(default_factory=dict)
    replaces: str | None = None


class ConvertToInvoice(Kept):
    """Turn the deal's order into an invoice draft."""

    step: Literal["convert_to_invoice"] = "convert_to_invoice"
    generation: int


class SettleDocument(Kept):
    """Find out whether a document was made that nobody wants any more; send nothing."""

    step: Literal["settle_document"] = "settle_document"
    operation: Literal["create_order", "create_invoice"]
    generation: int


class WriteBackNumber(Kept):
    """Tell the CRM the number of the deal's document."""

    step: Literal["write_back"] = "write_back"


Step = Annotated[
    UseCustomer
    | UpdateCustomer
    | CreateCustomer
    | CreateArticle
    | CreateOrder
    | CreateInvoice
    | ConvertToInvoice
    | SettleDocument
    | WriteBackNumber,
    Field(discriminator="step"),
]


class PlannedLoss(Kept):
    """A value that would not arrive as it is."""

    record: str
    field: str
    kind: str
    value: str
    becomes: str | None
    reason: str
    policy: LossPolicy

    @classmethod
    def of(cls, record: str, loss: Loss, policy: LossPolicy) -> PlannedLoss:
        """Make one from what a field map tells.

        Args:
            record: What kind of record loses it: customer, article, order, invoice.
            loss: From the field map.
            policy: From the rules.
        """
        becomes: Any = loss.becomes
        return cls(
            record=record,
            field=loss.field,
            kind=str(loss.kind),
            value="" if loss.value is None else str(loss.value),
            becomes=None if becomes is None else str(becomes),
            reason=loss.reason,
            policy=policy,
        )


class Plan(Kept):
    """What is to be done for a deal.

    Attributes:
        deal_id: The CRM's key of the deal.
        reason: Why this plan.
        why: The same in words for people.
        steps: In the order to do them; empty when there is nothing to do.
        losses: What would not arrive as it is, silent ones left out.
        notes: What a person should know, for the deal's story.
    """

    deal_id: str
    reason: Reason
    why: str
    steps: tuple[Step, ...] = ()
    losses: tuple[PlannedLoss, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def waits_for_person(self) -> bool:
        """Whether a person must answer before anything is done."""
        return self.reason == "cleared_ask"
