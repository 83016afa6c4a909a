"""What a plan is: the steps for one record of the CRM, what they would lose, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from erpcore.fields import Loss
from erpcore.models import Article, CurrencyCode, Customer, Invoice, Order
from erpcore.models.base import Exact
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
    "number_not_in_crm",
    "won_before_sync",
    "won_in_history",
    "left_alone",
    "rule_nothing",
    "order_ready",
    "order_not_ready",
    "order_of_other_db",
    "order_in_erp",
    "order_in_erp_again",
    "order_other_number",
    "order_cleared_again",
    "order_cleared_ask",
    "order_cleared_restored",
    "company_is_customer",
    "company_changed",
    "company_no_customer",
    "company_in_history",
]
"""Why a plan is what it is; the words for people are in `erpcore.sync.story`."""


RecordKind = Literal["deal", "order", "company"]
"""What a sync handles; runs carry it too."""

FoundBy = Literal["link", "customer_number", "organisation_number", "name"]
"""By what the customer of a company was recognised."""


class MarkInProcess(Kept):
    """Tell the CRM that the record is being sent."""

    step: Literal["mark_in_process"] = "mark_in_process"


class UseCustomer(Kept):
    """Send to a customer as it is. `digest` is of what the CRM shows, when the ERP has the same already."""

    step: Literal["use_customer"] = "use_customer"
    company_id: str
    number: str
    found_by: FoundBy
    digest: str | None = None


class UpdateCustomer(Kept):
    """Overwrite a customer with what the CRM shows."""

    step: Literal["update_customer"] = "update_customer"
    company_id: str
    number: str
    found_by: FoundBy
    customer: Customer
    digest: str


class CreateCustomer(Kept):
    """Create the company's customer. `key` names the customer in the ledger, over all its records."""

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
    """Turn the order that was made into an invoice draft."""

    step: Literal["convert_to_invoice"] = "convert_to_invoice"
    generation: int


class SettleDocument(Kept):
    """Find out whether a document was made that nobody wants any more; send nothing.

    `number_in_crm` is what stands in the place of its number: another document's is not written over.
    """

    step: Literal["settle_document"] = "settle_document"
    operation: Literal["create_order", "create_invoice"]
    generation: int
    number_in_crm: str | None = None


class CompareSums(Kept):
    """Compare what the CRM's rows come to with what the ERP computed; in the order's currency. None: not known."""

    step: Literal["compare_sums"] = "compare_sums"
    net: Exact
    vat: Exact | None = None
    total: Exact | None = None
    currency: CurrencyCode | None = None


class WriteBackNumber(Kept):
    """Tell the CRM the number of the document; `again` also when it was told the same before.

    `status` is in process as long as the order is still to become an invoice. `message` is what a person is to know who
    asked for something that is not done.
    """

    step: Literal["write_back"] = "write_back"
    again: bool = False
    status: Literal["synced", "inprocess"] = "synced"
    message: str | None = None


class WriteBackCustomer(Kept):
    """Tell the CRM the number of the company's customer."""

    step: Literal["write_back_customer"] = "write_back_customer"
    company_id: str


Step = Annotated[
    MarkInProcess
    | UseCustomer
    | UpdateCustomer
    | CreateCustomer
    | CreateArticle
    | CreateOrder
    | CreateInvoice
    | ConvertToInvoice
    | SettleDocument
    | CompareSums
    | WriteBackNumber
    | WriteBackCustomer,
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
    """What is to be done for a record of the CRM.

    Attributes:
        record_kind: What it is.
        record_id: The CRM's key of it.
        reason: Why this plan.
        why: The same in words for people.
        steps: In the order to do them; empty when there is nothing to do.
        losses: What would not arrive as it is, silent ones left out.
        notes: What a person should know, for the record's story.
    """

    record_kind: RecordKind
    record_id: str
    reason: Reason
    why: str
    steps: tuple[Step, ...] = ()
    losses: tuple[PlannedLoss, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def waits_for_person(self) -> bool:
        """Whether a person must answer before anything is done."""
        return self.reason in ("cleared_ask", "order_cleared_ask")

    @property
    def record(self) -> str:
        """The record in words, as in the ledger and in errors."""
        return f"{self.record_kind} {self.record_id}"
