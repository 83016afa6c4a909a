"""The hooks: what a plugin for an ERP and for a CRM can do.

Each is said here once. A plugin class inherits the specs of its kind (`ErpPlugin`, `CrmPlugin`) and implements those
that its system can do, with `hookimpl` and the full signature. A type checker compares the two, and so does the
registry when the plugin is loaded. A connection (`ErpConnection`, `CrmConnection`) has them as its methods.

Each hook returns a finished value, never ``None`` and never a generator. Errors are those of `erpcore.errors`: a
refusal is a `RejectedError` with the vendor's text, and a write whose answer is lost an `OutcomeUnknownError`.
A record that is there is named by a `Ref`: its number, and the system's own key, which need not be used. In what a
hook is given, a canonical model, a field that is not shown is left alone in the system.
"""

# The specs have no bodies: their signatures and their words are all that counts.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pluggy

from erpcore.context import Context

__all__ = [
    "PROJECT",
    "Context",
    "CrmHooks",
    "ErpHooks",
    "SystemHooks",
    "hookimpl",
    "hooks_of",
    "hookspec",
    "hookwrapper",
]

PROJECT = "erpcore"
hookspec = pluggy.HookspecMarker(PROJECT)
hookwrapper = pluggy.HookimplMarker(PROJECT)(wrapper=True)
"""Marks a function of an installation as a wrapper around the hook of the same name; see pluggy, Wrappers."""

if TYPE_CHECKING:
    # A hook of a plugin is an override of its spec: so a type checker finds a misspelt name and a wrong signature.
    from typing_extensions import override as hookimpl

    from erpcore.models import (
        Account,
        Article,
        ArticleQuery,
        ArticleSync,
        Company,
        ConnectionReport,
        ContactPerson,
        CrmEvent,
        CrmOrder,
        Customer,
        CustomerQuery,
        Deal,
        DocumentQuery,
        EventPage,
        Invoice,
        InvoiceStanding,
        Moment,
        Order,
        OrderHead,
        Page,
        Person,
        RecordRef,
        Ref,
        Register,
        RegisterEntry,
        WebhookRequest,
        WriteBack,
    )
else:
    hookimpl = pluggy.HookimplMarker(PROJECT)
    """Marks a plugin's method as the implementation of the hook of the same name."""


class SystemHooks:
    """Hooks of every plugin."""

    @hookspec(firstresult=True)
    def identify_account(self, context: Context) -> Account:
        """Tell which company's account the credentials belong to, with one request at the most.

        The system has accepted the credentials before anything is returned, and the account is the one that the
        settings name, such as by a tenant id: what is returned is noted, and nothing is sent before it is.

        Returns:
            The account, with the same key at each call; without a key where the system does not tell.
        """

    @hookspec(firstresult=True)
    def check_connection(self, context: Context) -> ConnectionReport:
        """Look whether the account is reachable, allowed, and has what syncs need (modules, VAT rates, currencies).

        Returns:
            What was looked at. A refusal is a check in the report, not an exception.
        """


class ErpHooks(SystemHooks):
    """Hooks of a plugin for an accounting program."""

    @hookspec(firstresult=True)
    def find_customers(self, query: CustomerQuery, context: Context) -> Sequence[Customer]:
        """Find customers that fit the query exactly.

        Returns:
            All that fit, inactive ones included; empty when none does. More than one is the caller's to judge.
        """

    @hookspec(firstresult=True)
    def fetch_customers(self, cursor: str | None, context: Context) -> Page[Customer]:
        """Read the register of customers, inactive ones included, one page at a time.

        Args:
            cursor: What the page before gave; None for the first.
            context: The call's context.
        """

    @hookspec(firstresult=True)
    def create_customer(self, customer: Customer, context: Context) -> RecordRef:
        """Make a customer; the system gives the number unless the record shows one.

        Returns:
            Its number.
        """

    @hookspec(firstresult=True)
    def update_customer(self, customer_ref: Ref, customer: Customer, context: Context) -> RecordRef:
        """Change the fields that the record shows. Doing it twice changes nothing more.

        Returns:
            Its number as it is now, which may be another one than was given beside its key.

        Raises:
            NotFoundError: No such customer.
        """

    @hookspec(firstresult=True)
    def create_contact_person(self, customer_ref: Ref, person: ContactPerson, context: Context) -> RecordRef:
        """Add a contact person to a customer."""

    @hookspec(firstresult=True)
    def find_contact_persons(self, customer_ref: Ref, context: Context) -> Sequence[ContactPerson]:
        """Read a customer's contact persons.

        Raises:
            NotFoundError: No such customer.
        """

    @hookspec(firstresult=True)
    def update_contact_person(
        self, customer_ref: Ref, person_ref: Ref, person: ContactPerson, context: Context
    ) -> RecordRef:
        """Change the fields that a contact person shows. Doing it twice changes nothing more.

        Raises:
            NotFoundError: No such customer, or no such person of it.
        """

    @hookspec(firstresult=True)
    def find_articles(self, query: ArticleQuery, context: Context) -> Sequence[Article]:
        """Find articles that fit the query exactly."""

    @hookspec(firstresult=True)
    def find_many_articles(self, wanted: Sequence[Ref], context: Context) -> Sequence[Article]:
        """Find several articles, each by its key where it has one, else exactly by its number.

        Returns:
            Those that are there, inactive ones included, in any order.
        """

    @hookspec(firstresult=True)
    def create_article(self, article: Article, context: Context) -> RecordRef:
        """Make an article, with its sales price; the system gives the number unless the record shows one."""

    @hookspec(firstresult=True)
    def sync_articles(self, articles: Sequence[Article], context: Context) -> ArticleSync:
        """Make the system's articles equal to these, by article number. Doing it twice changes nothing more.

        With `Context.seen` all of them were there: one that is not any more is a `GoneMeanwhileError`, and not made.
        """

    @hookspec(firstresult=True)
    def fetch_articles(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Article]:
        """Read articles, one page at a time.

        Args:
            changed_since: Only those changed at or after this moment; None for all. The plugin overlaps as the
                system's clock demands, so that the same record may come twice.
            cursor: What the page before gave; None for the first.
            context: The call's context.
        """

    @hookspec(firstresult=True)
    def list_register(self, register: Register, context: Context) -> Sequence[RegisterEntry]:
        """Read a small register of the company: what other records may name by its code.

        Args:
            register: Which. Those that the field maps name with ``register=`` can all be listed.
            context: The call's context.

        Raises:
            UnsupportedOperationError: The system has no such register, or the plugin does not read it.
        """

    @hookspec(firstresult=True)
    def create_order(self, order: Order, context: Context) -> RecordRef:
        """Make an order that carries `Context.reference`.

        Returns:
            Its number, the total that the system computed, and whom it is for, as far as the answer tells.

        Raises:
            InvalidValueError: It is to become an invoice (`Context.becomes_invoice`), which could not say the same.
        """

    @hookspec(firstresult=True)
    def find_orders(self, query: DocumentQuery, context: Context) -> Sequence[Order]:
        """Find orders by number or by our reference, annulled ones included, each with its `invoices`."""

    @hookspec(firstresult=True)
    def convert_to_invoice(self, order_ref: Ref, context: Context) -> RecordRef:
        """Turn an order into an invoice draft.

        Returns:
            The invoice.

        Raises:
            ConflictError: It was turned into an invoice before.
        """

    @hookspec(firstresult=True)
    def create_invoice(self, invoice: Invoice, context: Context) -> RecordRef:
        """Make an invoice draft (not booked, not sent) that carries `Context.reference`."""

    @hookspec(firstresult=True)
    def find_invoices(self, query: DocumentQuery, context: Context) -> Sequence[Invoice]:
        """Find invoices by number or by our reference, drafts and annulled ones included."""

    @hookspec(firstresult=True)
    def fetch_invoices(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Invoice]:
        """Read invoices, one page at a time, as `fetch_articles` reads articles."""


class CrmHooks(SystemHooks):
    """Hooks of a plugin for a CRM."""

    @hookspec(firstresult=True)
    def fetch_events(self, cursor: str | None, context: Context) -> EventPage:
        """Read what happened since the cursor; None for the first time. Nothing is used up in the system.

        What happened before the first reading is history: it is left out, or told as `CrmEvent.history`.
        """

    @hookspec(firstresult=True)
    def acknowledge_events(self, page: EventPage, context: Context) -> int:
        """Let go of a page that is stored now, in a system whose feed is used up by reading.

        Returns:
            How many events were let go.
        """

    @hookspec(firstresult=True)
    def receive_events(self, request: WebhookRequest, context: Context) -> Sequence[CrmEvent]:
        """Read a webhook delivery.

        Raises:
            WebhookRefusedError: It is not believed, with the HTTP status to answer.
        """

    @hookspec(firstresult=True)
    def subscribe_events(self, target_url: str, context: Context) -> str:
        """Have the system deliver its events to an address; asking twice makes no second subscription.

        Returns:
            The system's key of the subscription.
        """

    @hookspec(firstresult=True)
    def fetch_deal(self, deal_id: str, event: CrmEvent | None, context: Context) -> Deal:
        """Read a deal.

        Args:
            deal_id: The CRM's key.
            event: The event that told of it, whose facts may know what reading does not show.
            context: The call's context.

        Raises:
            NotFoundError: No such deal.
        """

    @hookspec(firstresult=True)
    def fetch_customer(self, company_id: str, context: Context) -> Company:
        """Read a company.

        Raises:
            NotFoundError: No such company.
        """

    @hookspec(firstresult=True)
    def fetch_companies(self, cursor: str | None, context: Context) -> Page[Company]:
        """Read the CRM's companies, one page at a time.

        Args:
            cursor: What the page before gave; None for the first.
            context: The call's context.
        """

    @hookspec(firstresult=True)
    def fetch_persons(self, company_id: str, context: Context) -> Sequence[Person]:
        """Read the persons who work at a company.

        Raises:
            NotFoundError: No such company.
        """

    @hookspec(firstresult=True)
    def fetch_order(self, order_id: str, context: Context) -> CrmOrder:
        """Read an order that is ready to be sent, with its rows.

        Where `Context.seen` is its `OrderHead`, only the rows need to be read.
        """

    @hookspec(firstresult=True)
    def fetch_order_head(self, order_id: str, context: Context) -> OrderHead:
        """Read an order without its rows, to see whether it is to be sent.

        Raises:
            NotFoundError: No such order.
        """

    @hookspec(firstresult=True)
    def take_order(self, order: OrderHead, context: Context) -> OrderHead:
        """Put an order in process, so that nobody changes it while it is sent. Doing it twice changes nothing more.

        Returns:
            The order as it is after that, with what was changed since `order` was read.
        """

    @hookspec(firstresult=True)
    def write_back(self, values: WriteBack, context: Context) -> bool:
        """Tell the CRM about a record. Doing it twice changes nothing more.

        Returns:
            True when it stands in the CRM now: what reading the record shows as its ERP ID or order number is the one
            that was told. False when the CRM has no field for it, or cannot be told. Where True is said and reading
            shows the field empty later, somebody has cleared it, which may make a new document.
        """

    @hookspec(firstresult=True)
    def store_invoice(self, invoice: Invoice, context: Context) -> RecordRef:
        """Store an ERP's invoice in the CRM, by its number."""

    @hookspec(firstresult=True)
    def show_invoices(self, standing: InvoiceStanding, context: Context) -> bool:
        """Show what stands of the invoices of a record: above all their colour. Doing it twice changes nothing more.

        Returns:
            True when it stands in the CRM now; False when the CRM has no field for it, or no such kind of record.
        """

    @hookspec(firstresult=True)
    def fetch_articles(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Article]:
        """Read the CRM's products, one page at a time."""

    @hookspec(firstresult=True)
    def store_article(self, article: Article, context: Context) -> RecordRef:
        """Store an ERP's article in the CRM, by its number.

        Raises:
            ChangedMeanwhileError: It shows something else than `Context.seen`, or nothing (`GoneMeanwhileError`).
        """

    @hookspec(firstresult=True)
    def store_register(self, register: Register, entries: Sequence[RegisterEntry], context: Context) -> bool:
        """Store a register of the ERP where the CRM's users choose from it. Doing it twice changes nothing more.

        Args:
            register: Which, out of `CrmPlugin.registers`.
            entries: All that the ERP has. One that the CRM has and the ERP has not becomes inactive, and stays.
            context: The call's context.

        Returns:
            True when they stand in the CRM now; False when it has no place for this register.
        """


def hooks_of(specs: type[SystemHooks]) -> dict[str, Callable[..., Any]]:
    """Give the specs of a kind of plugin by name, in their order.

    Args:
        specs: `ErpHooks` or `CrmHooks`.
    """
    marker = f"{PROJECT}_spec"
    classes = reversed(specs.__mro__)
    return {name: spec for cls in classes for name, spec in vars(cls).items() if hasattr(spec, marker)}
