"""What planning knows: the CRM's view, the ERP's view, and what erpcore itself remembers of the deal.

All of it can be written as JSON and read back, because the durable engine keeps it between steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from erpcore.models import Company, CrmEvent, Customer, Deal


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


class CustomerLink(Kept):
    """The ERP customer that a company is linked to, with the digest of what it was last sent."""

    number: str
    sent_digest: str | None = None


class ErpView(Kept):
    """What the ERP and the links know that concerns the deal.

    `matches` are the customers that the look-up found; it is not made for a linked company. Article numbers that are
    in neither set were not looked up.
    """

    customer_link: CustomerLink | None = None
    matches: tuple[Customer, ...] = ()
    known_articles: frozenset[str] = frozenset()
    missing_articles: frozenset[str] = frozenset()
    article_links: Mapping[str, str] = Field(default_factory=dict)


class LinkedDocument(Kept):
    """A document that was made for the deal.

    `told_digest` is the digest of what the CRM was last told of it; None before the first time.
    """

    kind: Literal["order", "invoice"]
    number: str
    generation: int = 1
    made_at: AwareDatetime
    told_digest: str | None = None
    cut_reason: str | None = None


class Unsettled(Kept):
    """A document of which nobody knows yet whether it was made."""

    operation: Literal["create_order", "create_invoice"]
    generation: int


class DealHistory(Kept):
    """What erpcore remembers of a deal.

    Attributes:
        document: The document that holds for the deal.
        earlier: Documents whose links were cut, oldest first.
        unsettled: A document that may have been made.
        conversion: Whether the order is still to become an invoice, or has become one.
        invoice_number: The invoice that the order became.
        reopened: Whether the deal was seen not won since its document was made.
    """

    document: LinkedDocument | None = None
    earlier: tuple[LinkedDocument, ...] = ()
    unsettled: Unsettled | None = None
    conversion: Literal["no", "wanted", "made"] = "no"
    invoice_number: str | None = None
    reopened: bool = False

    @property
    def next_generation(self) -> int:
        """The generation of the deal's next document: 1 for the first."""
        made = [*self.earlier, *([self.document] if self.document else [])]
        return 1 + max((document.generation for document in made), default=0)


def happened_before(event: CrmEvent | None, moment: datetime) -> bool:
    """Tell whether an event is known to have happened before a moment.

    Args:
        event: The event, or None.
        moment: An aware moment.
    """
    return event is not None and event.happened_at is not None and event.happened_at < moment
