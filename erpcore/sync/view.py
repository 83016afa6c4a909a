"""What planning knows: the CRM's view, the ERP's view, and what erpcore itself remembers of the record.

All of it can be written as JSON and read back, because the durable engine keeps it between steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from erpcore.models import Company, CrmEvent, CrmOrder, Customer, Deal


class Kept(BaseModel):
    """Base of what the engine keeps between steps.

    Canonical records inside must come back with the same fields *shown*. So they are written without the fields
    that were never set, and for that the fields of these frames around them all count as set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_post_init(self, context: Any, /) -> None:
        """Count every field of the frame as set."""
        self.__pydantic_fields_set__.update(type(self).model_fields)

    def to_json(self) -> dict[str, Any]:
        """Give the JSON form: dicts, lists, text, numbers, True, False and None only."""
        return self.model_dump(mode="json", exclude_unset=True)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave.

        Raises:
            pydantic.ValidationError: It is of another version or broken.
        """
        return cls.model_validate(kept)


class CrmView(Kept):
    """What the CRM shows of a deal.

    `event` is what told of it; None when a person asked for the deal by hand. `company` is None when the deal has
    none.
    """

    deal: Deal
    company: Company | None = None
    event: CrmEvent | None = None

    @property
    def asks_for_document(self) -> bool:
        """Whether the deal was won just now (or a person asks), rather than only changed."""
        return self.event is None or self.event.kind == "deal_won"


class OrderView(Kept):
    """What the CRM shows of an order.

    `event` is what told of it; None when a person asked for it by hand. `asked_again` is True when a person sends again
    what failed before. `company` is only read when the order's customer is not linked yet.
    """

    order: CrmOrder
    company: Company | None = None
    event: CrmEvent | None = None
    asked_again: bool = False

    @property
    def company_id(self) -> str | None:
        """The key under which the order's customer is linked; None when the order names none.

        A company that the CRM shows only by its customer number goes by that.
        """
        order = self.order
        return order.company_id or (f"customer {order.customer_number}" if order.customer_number else None)


class CompanyView(Kept):
    """What the CRM shows of a company, and what told of it; None when a person asked for it by hand."""

    company: Company
    event: CrmEvent | None = None

    @property
    def asks_for_customer(self) -> bool:
        """Whether the company became a customer just now (or a person asks), rather than only changed."""
        return self.event is None or self.event.kind == "company_is_customer"

    @property
    def counts_as_synced(self) -> bool:
        """Whether the CRM took the company for sent when it told of the change, and so waits for no word."""
        return self.event is not None and self.event.facts.get("status") == "synced"

    @property
    def waits(self) -> bool:
        """Whether the CRM has the company wait for being sent after a change."""
        return self.event is not None and self.event.facts.get("status") == "updatesmade"


class CustomerLink(Kept):
    """The ERP customer that a company is linked to, with the digest of what it was last sent."""

    number: str
    sent_digest: str | None = None


class ErpView(Kept):
    """What the ERP and the links know that concerns the record.

    `matches` are the customers that the look-up found, by `matched_by`; it is not made for a linked company.
    `unknown_number` is a customer number that the CRM shows and the ERP has not. `looked_up` says that the ERP was
    asked. Article numbers that are in neither set were not looked up.
    """

    looked_up: bool = False

    customer_link: CustomerLink | None = None
    matches: tuple[Customer, ...] = ()
    matched_by: Literal["customer_number", "organisation_number", "name"] = "organisation_number"
    unknown_number: str | None = None
    known_articles: frozenset[str] = frozenset()
    missing_articles: frozenset[str] = frozenset()
    article_links: Mapping[str, str] = Field(default_factory=dict)


class LinkedDocument(Kept):
    """A document that was made for the record.

    `told_digest` is the digest of what the CRM was last told of it; None before the first time. That it was told does
    not mean that it stands there: `stood_in_crm` says that the CRM has taken its number, or was seen to show it. Only
    what stood there can have been cleared.
    """

    kind: Literal["order", "invoice"]
    number: str
    generation: int = 1
    made_at: AwareDatetime
    told_digest: str | None = None
    stood_in_crm: bool = False
    cut_reason: str | None = None


class Unsettled(Kept):
    """A document of which nobody knows yet whether it was made."""

    operation: Literal["create_order", "create_invoice"]
    generation: int


class History(Kept):
    """What erpcore remembers of a deal or an order of the CRM.

    Attributes:
        document: The document that holds for it.
        earlier: Documents whose links were cut, oldest first.
        unsettled: A document that may have been made.
        conversion: Whether the order is still to become an invoice, or has become one.
        invoice_number: The invoice that the order became.
        reopened: Whether the deal was seen not won since its document was made, or won again to no avail.
        left_alone: Whether the deal, which has no document, was last seen as one that was won before the sync began.
    """

    document: LinkedDocument | None = None
    earlier: tuple[LinkedDocument, ...] = ()
    unsettled: Unsettled | None = None
    conversion: Literal["no", "wanted", "made"] = "no"
    invoice_number: str | None = None
    reopened: bool = False
    left_alone: bool = False

    @property
    def next_generation(self) -> int:
        """The generation of its next document: 1 for the first."""
        made = [*self.earlier, *([self.document] if self.document else [])]
        return 1 + max((document.generation for document in made), default=0)


def happened_before(event: CrmEvent | None, moment: datetime) -> bool:
    """Tell whether an event happened before a moment: by its time, or because it was in the feed from the beginning.

    Args:
        event: The event, or None.
        moment: An aware moment of the time in which erpcore has worked.
    """
    if event is None:
        return False
    return event.history or (event.happened_at is not None and event.happened_at < moment)
