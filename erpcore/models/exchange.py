"""What hooks take beside records, and what they give back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Literal, TypeVar

from pydantic import Field

from erpcore.errors import ErpcoreError
from erpcore.models.base import CanonicalModel, CurrencyCode, Exact, Moment, Ref
from erpcore.models.crm import CrmEvent

T = TypeVar("T")


class Page(CanonicalModel, Generic[T]):
    """One page of a list."""

    items: tuple[T, ...] = Field(description="The records of this page")
    next_cursor: str | None = Field(default=None, description="What to ask the next page with; None on the last one")


class RecordRef(Ref):
    """A record in an ERP that was made or changed."""

    net: Exact | None = Field(default=None, description="Sum excluding VAT that the ERP computed, for documents")
    vat: Exact | None = Field(default=None, description="VAT that the ERP computed, for documents")
    total: Exact | None = Field(default=None, description="Sum including VAT that the ERP computed, for documents")
    freight: Exact | None = Field(
        default=None, description="Freight that the document charges, excluding VAT, for documents"
    )
    fee: Exact | None = Field(default=None, description="Fee that the document charges, excluding VAT, for documents")
    currency: CurrencyCode | None = Field(default=None, description="Currency of the document's amounts")
    customer_name: str | None = Field(
        default=None, description="Name of the customer that the document was made for, as the system shows it"
    )
    customer_organisation_number: str | None = Field(
        default=None, description="Organisation number of that customer, where the answer shows it"
    )
    raw: Mapping[str, Any] = Field(default_factory=dict, description="The system's own answer")


class CustomerQuery(CanonicalModel):
    """Which customers to find. Exactly the ones that fit: a plugin filters what the system finds too much."""

    number: str | None = Field(default=None, description="Customer number")
    key: str | None = Field(
        default=None,
        description="The system's own key of the record that had the number: where a plugin finds by it, it goes "
        "before the number, which may be another one by now",
    )
    organisation_number: str | None = Field(default=None, description="Organisation number, in the country's spelling")
    reference: str | None = Field(default=None, description="Our own key (`Customer.external_reference`)")
    name: str | None = Field(default=None, description="Exact name")


class DocumentQuery(CanonicalModel):
    """Which orders or invoices to find."""

    number: str | None = Field(default=None, description="Number of the document")
    key: str | None = Field(
        default=None,
        description="The system's own key of the record that had the number: where a plugin finds by it, it goes "
        "before the number, which may be another one by now",
    )
    reference: str | None = Field(default=None, description="Our own key (`Document.reference`), compared exactly")


class ArticleQuery(CanonicalModel):
    """Which articles to find."""

    number: str | None = Field(default=None, description="Article number, compared exactly")
    key: str | None = Field(
        default=None,
        description="The system's own key of the record that had the number: where a plugin finds by it, it goes "
        "before the number, which may be another one by now",
    )
    description: str | None = Field(default=None, description="Exact description")


class ArticleSync(CanonicalModel):
    """What became of the articles given to `sync_articles`."""

    created: tuple[str, ...] = Field(default=(), description="Article numbers that were made")
    updated: tuple[str, ...] = Field(default=(), description="Article numbers that were changed")
    unchanged: tuple[str, ...] = Field(default=(), description="Article numbers that were right already")


class EventPage(CanonicalModel):
    """Events read from a CRM's feed."""

    events: tuple[CrmEvent, ...] = Field(description="Oldest first")
    next_cursor: str | None = Field(default=None, description="What to go on with; None leaves the stored one as it is")
    more: bool = Field(default=False, description="Whether more is waiting now")


class WebhookRequest(CanonicalModel):
    """A delivery as it came in."""

    path: str = Field(description="Path it was sent to")
    query: Mapping[str, str] = Field(default_factory=dict, description="Query parameters")
    headers: Mapping[str, str] = Field(default_factory=dict, description="Header names in lower case")
    body: bytes = Field(description="The body, unread")
    received_at: Moment = Field(description="When it came in")


class Check(CanonicalModel):
    """One thing that `check_connection` looked at."""

    name: str = Field(description="What was looked at, such as “VAT rates”")
    state: Literal["ok", "warning", "error"] = Field(description="How it stands")
    detail: str = Field(description="What was found, and what to do when it is not right")

    @classmethod
    def of(cls, name: str, look: Callable[[], tuple[str, str]]) -> Check:
        """Look, and tell how it stands: an error of erpcore's tree is told as one.

        Args:
            name: What is looked at.
            look: Gives the state and the detail.
        """
        try:
            state, detail = look()
        except ErpcoreError as error:
            state, detail = "error", str(error)
        return cls.model_validate({"name": name, "state": state, "detail": detail})


class Account(CanonicalModel):
    """Which company's account a connection's credentials belong to."""

    key: str | None = Field(
        default=None,
        description="What tells this account from every other and never changes, in words for people, such as "
        "“tenant id 1234567”; None when the system does not tell",
    )
    name: str | None = Field(default=None, description="The company's name, which may change")
    currency: CurrencyCode | None = Field(
        default=None, description="The company's own currency, where the system tells it (`ErpPlugin.tells_currency`)"
    )


class ConnectionReport(CanonicalModel):
    """How a connection stands."""

    account: str | None = Field(default=None, description="The company or user that the credentials belong to")
    checks: tuple[Check, ...] = Field(description="In the order that they were looked at")

    @property
    def ok(self) -> bool:
        """Whether nothing is an error."""
        return all(check.state != "error" for check in self.checks)
