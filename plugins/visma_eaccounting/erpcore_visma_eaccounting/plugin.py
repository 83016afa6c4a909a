"""The plugin: what Visma eAccounting can do, and how a repeated write is kept from making a second record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from erpcore.fields import FieldMap
from erpcore.hookspecs import Context, hookimpl
from erpcore.host import Host
from erpcore.models import (
    Account,
    Article,
    ArticleQuery,
    ArticleSync,
    ConnectionReport,
    ContactPerson,
    Customer,
    CustomerQuery,
    DocumentQuery,
    Invoice,
    Moment,
    Order,
    Page,
    RecordRef,
    Ref,
    Register,
    RegisterEntry,
)
from erpcore.plugin import CONTRACT_VERSION, Deviation, Effect, EffectKind, ErpPlugin, PluginSettings
from erpcore_visma_eaccounting import auth
from erpcore_visma_eaccounting.articles import Articles
from erpcore_visma_eaccounting.checkup import check_connection, identify_account
from erpcore_visma_eaccounting.client import VismaClient
from erpcore_visma_eaccounting.customers import Customers
from erpcore_visma_eaccounting.document_fields import INVOICE_ROW, ORDER_ROW, invoice_map, order_map
from erpcore_visma_eaccounting.fields import CONTACT_PERSON, article_map, customer_map
from erpcore_visma_eaccounting.invoices import Invoices
from erpcore_visma_eaccounting.invoicing import convert_to_invoice
from erpcore_visma_eaccounting.orders import Orders
from erpcore_visma_eaccounting.registers import Registers
from erpcore_visma_eaccounting.settings import FieldChoices, VismaEAccountingSettings


def _field_maps(choices: FieldChoices) -> Mapping[str, FieldMap[Any]]:
    return {
        "customer": customer_map(choices),
        "contact_person": CONTACT_PERSON,
        "article": article_map(choices),
        "order": order_map(choices),
        "order_row": ORDER_ROW,
        "invoice": invoice_map(choices),
        "invoice_row": INVOICE_ROW,
    }


def _effects(fence_seconds: float, references: str) -> Mapping[str, Effect]:
    if references == "text_row":
        document = Effect(
            EffectKind.SEARCHABLE_REFERENCE,
            fence_seconds,
            "our key stands in a row of text, which is searched for or read through; how long a new document is "
            "missing from lists is unconfirmed (setting fence_seconds)",
        )
    else:
        document = Effect(EffectKind.NONE, 0.0, "the setting references leaves our key out, and nothing else can tell")
    return {
        "create_customer": Effect(
            EffectKind.BUSINESS_KEY,
            fence_seconds,
            "the organisation number, in every spelling; a customer without one is found by its exact name alone, "
            "since Visma has no place for our key",
        ),
        "update_customer": Effect(EffectKind.NATIVE_KEY, 0.0, "the same values again change nothing more"),
        "create_contact_person": Effect(
            EffectKind.BUSINESS_KEY, 0.0, "a customer has one reference person; the same again changes nothing more"
        ),
        "update_contact_person": Effect(EffectKind.NATIVE_KEY, 0.0, "the same values again change nothing more"),
        "create_article": Effect(EffectKind.BUSINESS_KEY, fence_seconds, "the article number, which Visma takes once"),
        "sync_articles": Effect(
            EffectKind.NATIVE_KEY, fence_seconds, "articles are compared by number before anything is sent"
        ),
        "create_order": document,
        "convert_to_invoice": Effect(
            EffectKind.BUSINESS_KEY,
            fence_seconds,
            "a draft names its order in a row of text, an invoice in CreatedFromOrderId; both are looked for first, "
            "and an order that was not marked as invoiced is marked then",
            finishes=True,
        ),
        "create_invoice": document,
    }


class VismaEAccountingPlugin(ErpPlugin[VismaEAccountingSettings]):
    """Visma eAccounting, sold as Spiris today (API version 2).

    Beside the hooks it has what ``erpcore connect`` needs: `authorization_url` gives the address at which a user of the
    company gives consent, and `finish_authorization` takes the code that comes back and stores the first token.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    name: ClassVar[str] = "visma_eaccounting"
    display_name: ClassVar[str] = "Visma eAccounting"
    country: ClassVar[str | None] = "SE"
    tells_currency: ClassVar[bool] = True
    contract_version: ClassVar[int] = CONTRACT_VERSION
    Settings: ClassVar[type[PluginSettings]] = VismaEAccountingSettings
    field_maps: Mapping[str, FieldMap[Any]] = _field_maps(FieldChoices.model_construct())
    poll_costs: ClassVar[Mapping[str, str]] = {
        "fetch_articles": "a request for each page of articles that have changed, and one for the account codings",
        "fetch_invoices": "a request for each page of drafts that were made, of invoices that have changed, and of "
        "those that were paid in the last ten days, and one for each credit note, of the invoice that it credits",
    }
    deviations: ClassVar[Sequence[Deviation]] = tuple(
        Deviation("V04", reason, case=operation)
        for operation, reason in {
            "create_customer": "Visma demands whether it is a person, whether it is active, and terms of payment",
            "create_article": "Visma demands whether the article is active",
            "create_order": "Visma demands a currency: the customer's own is sent, else the company's",
            "update_customer": "Visma takes a customer whole: what is not shown goes along as it was read",
        }.items()
    )
    effects: Mapping[str, Effect] = _effects(10.0, "text_row")

    def __init__(self, settings: VismaEAccountingSettings, host: Host) -> None:
        super().__init__(settings, host)
        # The class's tables are those of the default settings; a connection's follow its own.
        self.field_maps = _field_maps(settings)
        self.effects = _effects(settings.fence_seconds, settings.references)
        self.makes = {"convert_to_invoice": settings.order_becomes}

    @cached_property
    def _client(self) -> VismaClient:
        return VismaClient(self.settings, self.host)

    @property
    def _customers(self) -> Customers:
        return Customers(self._client, self.field_maps["customer"], self.settings)

    @property
    def _articles(self) -> Articles:
        return Articles(self._client, self.field_maps["article"], self.settings)

    @property
    def _orders(self) -> Orders:
        return Orders(self._client, self.field_maps["order"], self._invoices, self.settings)

    @property
    def _invoices(self) -> Invoices:
        return Invoices(self._client, self.field_maps["invoice"], self.settings)

    def close(self) -> None:
        """Close all connections."""
        if client := self.__dict__.pop("_client", None):
            client.close()

    def authorization_url(self, redirect_uri: str, state: str) -> str:
        """Give the address at which a person gives consent; see `erpcore_visma_eaccounting.auth.authorization_url`."""
        return auth.authorization_url(self.settings, self.host, redirect_uri, state)

    def finish_authorization(self, code: str, redirect_uri: str) -> None:
        """Store the first token; see `erpcore_visma_eaccounting.auth.finish_authorization`."""
        auth.finish_authorization(self.settings, self.host, code, redirect_uri)
        self.close()  # the next request signs in with the new token

    @property
    def needs_article(self) -> str | None:
        """VAT and account are the article's."""
        return "default_article" if self.settings.default_article is None else None

    @property
    def free_row_article(self) -> str | None:
        """See `ErpPlugin.free_row_article`."""
        return self.settings.default_article

    @hookimpl
    def identify_account(self, context: Context) -> Account:
        return identify_account(self._client)

    @hookimpl
    def check_connection(self, context: Context) -> ConnectionReport:
        return check_connection(self._client, self.settings, self.host)

    @hookimpl
    def find_customers(self, query: CustomerQuery, context: Context) -> Sequence[Customer]:
        return self._customers.find(query)

    @hookimpl
    def fetch_customers(self, cursor: str | None, context: Context) -> Page[Customer]:
        return self._customers.fetch(cursor)

    @hookimpl
    def create_customer(self, customer: Customer, context: Context) -> RecordRef:
        return self._customers.create(customer)

    @hookimpl
    def update_customer(self, customer_ref: Ref, customer: Customer, context: Context) -> RecordRef:
        return self._customers.update(customer_ref, customer)

    @hookimpl
    def create_contact_person(self, customer_ref: Ref, person: ContactPerson, context: Context) -> RecordRef:
        return self._customers.create_contact_person(customer_ref, person)

    @hookimpl
    def find_contact_persons(self, customer_ref: Ref, context: Context) -> Sequence[ContactPerson]:
        return self._customers.contact_persons(customer_ref)

    @hookimpl
    def update_contact_person(
        self, customer_ref: Ref, person_ref: Ref, person: ContactPerson, context: Context
    ) -> RecordRef:
        return self._customers.update_contact_person(customer_ref, person_ref, person)

    @hookimpl
    def find_articles(self, query: ArticleQuery, context: Context) -> Sequence[Article]:
        return self._articles.find(query)

    @hookimpl
    def find_many_articles(self, wanted: Sequence[Ref], context: Context) -> Sequence[Article]:
        return self._articles.find_many(wanted)

    @hookimpl
    def create_article(self, article: Article, context: Context) -> RecordRef:
        return self._articles.create(article, context.keys.get("unit", {}))

    @hookimpl
    def sync_articles(self, articles: Sequence[Article], context: Context) -> ArticleSync:
        return self._articles.sync(articles, context.keys.get("unit", {}), there=context.seen is not None)

    @hookimpl
    def fetch_articles(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Article]:
        return self._articles.fetch(changed_since, cursor)

    @hookimpl
    def list_register(self, register: Register, context: Context) -> Sequence[RegisterEntry]:
        return Registers(self._client, self.settings).entries(register)

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        return self._orders.create(order, context.reference, becomes_invoice=context.becomes_invoice)

    @hookimpl
    def find_orders(self, query: DocumentQuery, context: Context) -> Sequence[Order]:
        return self._orders.find(query)

    @hookimpl
    def convert_to_invoice(self, order_ref: Ref, context: Context) -> RecordRef:
        return convert_to_invoice(self._client, self._invoices, self.settings, order_ref)

    @hookimpl
    def create_invoice(self, invoice: Invoice, context: Context) -> RecordRef:
        return self._invoices.create(invoice, context.reference)

    @hookimpl
    def find_invoices(self, query: DocumentQuery, context: Context) -> Sequence[Invoice]:
        return self._invoices.find(query)

    @hookimpl
    def fetch_invoices(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Invoice]:
        return self._invoices.fetch(changed_since, cursor)
