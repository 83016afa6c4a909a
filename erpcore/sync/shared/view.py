"""What planning knows beside the record itself: what the ERP has, and what erpcore remembers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from erpcore.models import CrmEvent, Customer, Ref
from erpcore.sync.shared.identity import KnownAs

FoundBy = Literal["link", "customer_number", "organisation_number", "name"]
"""By what the customer of a company was recognised."""


class Seen(BaseModel):
    """Base of what planning looks at."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Proposal(Seen):
    """A customer of the ERP that may be a company.

    Attributes:
        customer: As the ERP shows it.
        by: By what it was found.
        other_organisation: Whether it has another organisation number than the company, and so surely is another one.
    """

    customer: Customer
    by: Literal["organisation_number", "name"]
    other_organisation: bool = False


class CustomerLink(Seen):
    """The ERP customer that a company is linked to, with the digest of what it was last sent."""

    number: str
    key: str | None = None
    sent_digest: str | None = None


class ErpView(Seen):
    """What the ERP and the links know that concerns the record.

    `matches` are the customers that the look-up found, by `matched_by`; it is not made for a linked company.
    `customers_before` is what the ERP called the customers that the company is and was linked to, by their numbers.
    `shared_with` is the CRM's key of another company that is this customer, and was so first; `gone_companies` were so
    too, and are not in the CRM any more. `unknown_number` is a customer number that the CRM shows and the ERP has not;
    `given_away` one that was this company's, and is another customer's by now. `looked_up` says that the ERP was asked.
    Article numbers that are in none of `known_articles`, `missing_articles` and `inactive_articles` were not looked up.
    What is known comes with the ERP's number and key of today, which may be another number than the CRM or a link has.

    `articles_before` is what articles that erpcore made were called then, where their number alone is known, and
    `article_texts` what the ERP calls them now; both by number.

    `unanswered` names, as in the ledger, customers and articles whose making has no answer. They count as not made,
    whatever the look-ups show, so that the step that makes them carries them to their end, in all their parts.

    `named_articles` are the articles of exactly a row's text, by that text; `like_articles` those whose number differs
    by spaces or hyphens alone, by the missing number. `units` are the ERP's codes of units, by the CRM's
    words for them. `article_values` is what known articles say of fields that the ERP's rows have from their
    article, by number and field; `article_of_free_rows` the same of the article that rows without one get.

    `rows_say_vat` is whether a row of the ERP says its VAT rate itself; else its article does. `own_currency` and
    `country` are those of the company whose books they are; None when nobody says them. `rate` is
    what one unit of the record's currency is worth in the own one, where the rules ask for it and the ERP tells.
    """

    looked_up: bool = False
    own_currency: str | None = None
    country: str | None = None
    rows_say_vat: bool = True

    customer_link: CustomerLink | None = None
    customers_before: Mapping[str, KnownAs] = Field(default_factory=dict)
    matches: tuple[Customer, ...] = ()
    matched_by: Literal["customer_number", "organisation_number", "name"] = "organisation_number"
    shared_with: str | None = None
    gone_companies: tuple[str, ...] = ()
    unknown_number: str | None = None
    given_away: str | None = None
    inactive_articles: frozenset[str] = frozenset()
    known_articles: Mapping[str, Ref] = Field(default_factory=dict)
    article_values: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    article_of_free_rows: Mapping[str, str] = Field(default_factory=dict)
    missing_articles: frozenset[str] = frozenset()
    article_links: Mapping[str, Ref] = Field(default_factory=dict)
    articles_before: Mapping[str, str] = Field(default_factory=dict)
    article_texts: Mapping[str, str] = Field(default_factory=dict)
    unanswered: frozenset[str] = frozenset()
    named_articles: Mapping[str, tuple[Ref, ...]] = Field(default_factory=dict)
    like_articles: Mapping[str, tuple[Ref, ...]] = Field(default_factory=dict)
    units: Mapping[str, str] = Field(default_factory=dict)
    rate: Decimal | None = None

    @property
    def number_fails(self) -> bool:
        """Whether the CRM shows a customer number that is nobody's or somebody else's."""
        return self.unknown_number is not None or self.given_away is not None


class LinkedDocument(Seen):
    """A document that was made for the record.

    `told_digest` is the digest of what the CRM was last told of it; None before the first time. That it was told does
    not mean that it stands there: `stood_in_crm` says that the CRM has taken its number, or was seen to show it. Only
    what stood there can have been cleared, and only what was read after it was told shows that.
    """

    kind: Literal["order", "invoice"]
    number: str
    key: str | None = None
    generation: int = 1
    made_at: AwareDatetime
    told_digest: str | None = None
    told_at: AwareDatetime | None = None
    stood_in_crm: bool = False
    cut_reason: str | None = None

    @property
    def ref(self) -> Ref:
        """By what the ERP knows it."""
        return Ref(number=self.number, key=self.key)

    def cleared_in(self, number: str | None, *, shown: bool, read_at: datetime | None) -> bool:
        """Tell whether a record shows that the document's number was cleared.

        Args:
            number: What stands in its place.
            shown: Whether the CRM shows that place.
            read_at: When the record began to be read, aware; None: just now.
        """
        stale = read_at is not None and self.told_at is not None and read_at <= self.told_at
        return shown and not number and self.stood_in_crm and not stale


class Unsettled(Seen):
    """A document of which nobody knows yet whether it was made."""

    operation: Literal["create_order", "create_invoice"]
    generation: int


class SeenInCrm(Seen):
    """What the last plan of a deal saw of it.

    Attributes:
        status: The CRM's word for its state; None where it was not shown, or nothing was seen.
        revision: How often it had been changed, in the same way.
        cleared: Whether its ERP ID was empty although a document had been made.
    """

    status: str | None = None
    revision: int | None = None
    cleared: bool = False


class History(Seen):
    """What erpcore remembers of a deal or an order of the CRM.

    Attributes:
        document: The document that holds for it.
        earlier: Documents whose links were cut, oldest first.
        unsettled: A document that may have been made.
        stopped: Who has said that the document does not count, because it is not what was agreed.
        rivals: What was made more than once for the same wish, in words, until a person has decided which one counts.
        conversion: Whether the order is still to become an invoice, or has become one.
        invoice_number: The invoice that the order became.
        reopened: Whether the deal was seen not won since its document was made, or won again to no avail.
        seen_in_crm: What the last plan saw of a deal.
        left_alone: Whether the deal, which has no document, was last seen as one that was won before the sync began.
    """

    document: LinkedDocument | None = None
    earlier: tuple[LinkedDocument, ...] = ()
    unsettled: Unsettled | None = None
    stopped: str | None = None
    rivals: str | None = None
    conversion: Literal["no", "wanted", "made"] = "no"
    invoice_number: str | None = None
    reopened: bool = False
    left_alone: bool = False
    seen_in_crm: SeenInCrm = SeenInCrm()

    def shows_rejected(self, number: str | None) -> bool:
        """Tell whether the source still shows a document that a person has decided against, of two for one wish.

        Its number was put there by erpcore, and the other one takes its place. What a person has entered stays.

        Args:
            number: What the source shows.
        """
        kept = self.document
        return (
            kept is not None
            and kept.told_digest is None
            and any(
                each.number == number and each.generation == kept.generation and each.told_digest is not None
                for each in self.earlier
            )
        )

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
