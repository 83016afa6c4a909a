"""The plugin: what Fortnox can do, and how a repeated write is kept from making a second record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from erpcore.fields import FieldMap
from erpcore.hookspecs import Context, hookimpl
from erpcore.host import Host
from erpcore.languages import Language
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
from erpcore.plugin import CONTRACT_VERSION, Effect, EffectKind, ErpPlugin, PluginSettings
from erpcore.remedy import Remedy
from erpcore_fortnox import auth, customers
from erpcore_fortnox.articles import Articles
from erpcore_fortnox.checkup import check_connection, identify_account
from erpcore_fortnox.client import FortnoxClient
from erpcore_fortnox.document_fields import invoice_map, invoice_row_map, order_map, order_row_map
from erpcore_fortnox.fields import CONTACT_PERSON, article_map, customer_map
from erpcore_fortnox.invoices import Invoices
from erpcore_fortnox.orders import Orders
from erpcore_fortnox.registers import list_register
from erpcore_fortnox.remedies import REMEDIES, REMEDY_WORDS
from erpcore_fortnox.settings import FieldChoices, FortnoxSettings


def _field_maps(choices: FieldChoices) -> Mapping[str, FieldMap[Any]]:
    return {
        "customer": customer_map(choices),
        "contact_person": CONTACT_PERSON,
        "article": article_map(choices),
        "order": order_map(choices),
        "order_row": order_row_map(choices),
        "invoice": invoice_map(choices),
        "invoice_row": invoice_row_map(choices),
    }


def _effects(fence_seconds: float, reference_field: str) -> Mapping[str, Effect]:
    searched = Effect(
        EffectKind.SEARCHABLE_REFERENCE,
        fence_seconds,
        f"our key stands in {reference_field}, which can be searched for; how long a new document is missing from "
        "searches is unconfirmed (setting fence_seconds)",
    )
    return {
        "create_customer": Effect(
            EffectKind.BUSINESS_KEY,
            fence_seconds,
            "the organisation number, which a search finds in every spelling; a customer without one is found by its "
            "exact name, and told apart by our key in ExternalReference, which is read but cannot be searched for",
        ),
        "update_customer": Effect(EffectKind.NATIVE_KEY, 0.0, "the same values again change nothing more"),
        "create_contact_person": Effect(
            EffectKind.BUSINESS_KEY,
            0.0,
            "the customer's list is read first, and a name that stands there is kept",
        ),
        "update_contact_person": Effect(EffectKind.NATIVE_KEY, 0.0, "the same name again changes nothing more"),
        "create_article": Effect(
            EffectKind.BUSINESS_KEY,
            fence_seconds,
            "the article number, which Fortnox takes once; an article that Fortnox numbers is found by its exact text",
        ),
        "sync_articles": Effect(EffectKind.NATIVE_KEY, 0.0, "articles are compared by number before anything is sent"),
        "create_order": searched,
        "convert_to_invoice": Effect(
            EffectKind.NATIVE_KEY, 0.0, "the order tells its invoice in InvoiceReference; Fortnox makes one of an order"
        ),
        "create_invoice": searched,
    }


class FortnoxPlugin(ErpPlugin[FortnoxSettings]):
    """Fortnox (REST interface version 3).

    Beside the hooks it has what ``erpcore connect`` needs: `authorization_url` gives the address at which the company's
    Fortnox administrator gives consent, and `finish_authorization` takes the code that comes back and stores the first
    token. Both grants begin that way; with client credentials it happens once.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    name: ClassVar[str] = "fortnox"
    display_name: ClassVar[str] = "Fortnox"
    country: ClassVar[str | None] = "SE"
    contract_version: ClassVar[int] = CONTRACT_VERSION
    Settings: ClassVar[type[PluginSettings]] = FortnoxSettings
    remedies: ClassVar[Mapping[str, Remedy]] = REMEDIES
    remedy_words: ClassVar[Mapping[Language, Mapping[str, str]]] = REMEDY_WORDS
    field_maps: Mapping[str, FieldMap[Any]] = _field_maps(FieldChoices.model_construct())
    poll_costs: ClassVar[Mapping[str, str]] = {
        "fetch_articles": "a request for each page of articles that have changed, and one for each of them",
        "fetch_invoices": "a request for each page of invoices that have changed, one for each page of payments that "
        "have, and one for each invoice that was paid",
    }
    effects: Mapping[str, Effect] = _effects(10.0, "ExternalInvoiceReference1")

    def __init__(self, settings: FortnoxSettings, host: Host) -> None:
        super().__init__(settings, host)
        # The class's tables are those of the default settings; a connection's follow its own.
        self.field_maps = _field_maps(settings)
        self.effects = _effects(settings.fence_seconds, settings.reference_field)

    @cached_property
    def _client(self) -> FortnoxClient:
        return FortnoxClient(self.settings, self.host)

    @property
    def _articles(self) -> Articles:
        return Articles(self._client, self.field_maps["article"], self.settings)

    @property
    def _orders(self) -> Orders:
        return Orders(self._client, self.field_maps["order"], self.settings)

    @property
    def _invoices(self) -> Invoices:
        return Invoices(self._client, self.field_maps["invoice"], self.settings)

    def close(self) -> None:
        """Close all connections."""
        if client := self.__dict__.pop("_client", None):
            client.close()

    def authorization_url(self, redirect_uri: str, state: str) -> str:
        """Give the address at which a person gives consent; see `erpcore_fortnox.auth.authorization_url`."""
        return auth.authorization_url(self.settings, self.host, redirect_uri, state)

    def finish_authorization(self, code: str, redirect_uri: str) -> None:
        """Store the first token; see `erpcore_fortnox.auth.finish_authorization`."""
        auth.finish_authorization(self.settings, self.host, code, redirect_uri)
        self.close()  # the next request signs in with the new token

    @property
    def most_rows(self) -> int:
        """As the setting says."""
        return self.settings.most_rows

    @hookimpl
    def identify_account(self, context: Context) -> Account:
        return identify_account(self._client, self.settings, self.host.connection)

    @hookimpl
    def check_connection(self, context: Context) -> ConnectionReport:
        return check_connection(self._client, self.settings, self.host)

    @hookimpl
    def find_customers(self, query: CustomerQuery, context: Context) -> Sequence[Customer]:
        return customers.find_customers(self._client, self.field_maps["customer"], query)

    @hookimpl
    def fetch_customers(self, cursor: str | None, context: Context) -> Page[Customer]:
        return customers.fetch_customers(self._client, self.field_maps["customer"], cursor)

    @hookimpl
    def create_customer(self, customer: Customer, context: Context) -> RecordRef:
        return customers.create_customer(self._client, self.field_maps["customer"], customer, context.reference)

    @hookimpl
    def update_customer(self, customer_ref: Ref, customer: Customer, context: Context) -> RecordRef:
        return customers.update_customer(self._client, self.field_maps["customer"], customer_ref.number, customer)

    @hookimpl
    def create_contact_person(self, customer_ref: Ref, person: ContactPerson, context: Context) -> RecordRef:
        return customers.create_contact_person(self._client, customer_ref.number, person)

    @hookimpl
    def update_contact_person(
        self, customer_ref: Ref, person_ref: Ref, person: ContactPerson, context: Context
    ) -> RecordRef:
        return customers.update_contact_person(self._client, customer_ref.number, person_ref, person)

    @hookimpl
    def find_contact_persons(self, customer_ref: Ref, context: Context) -> Sequence[ContactPerson]:
        return customers.find_contact_persons(self._client, customer_ref.number)

    @hookimpl
    def find_articles(self, query: ArticleQuery, context: Context) -> Sequence[Article]:
        return self._articles.find(query)

    @hookimpl
    def create_article(self, article: Article, context: Context) -> RecordRef:
        return self._articles.create(article)

    @hookimpl
    def sync_articles(self, articles: Sequence[Article], context: Context) -> ArticleSync:
        return self._articles.sync(articles, there=context.seen is not None)

    @hookimpl
    def fetch_articles(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Article]:
        return self._articles.fetch(changed_since, cursor)

    @hookimpl
    def list_register(self, register: Register, context: Context) -> Sequence[RegisterEntry]:
        return list_register(self._client, register, self.settings.currency_rate)

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        return self._orders.create(order, context.reference)

    @hookimpl
    def find_orders(self, query: DocumentQuery, context: Context) -> Sequence[Order]:
        return self._orders.find(query)

    @hookimpl
    def convert_to_invoice(self, order_ref: Ref, context: Context) -> RecordRef:
        return self._orders.convert(order_ref.number)

    @hookimpl
    def create_invoice(self, invoice: Invoice, context: Context) -> RecordRef:
        return self._invoices.create(invoice, context.reference)

    @hookimpl
    def find_invoices(self, query: DocumentQuery, context: Context) -> Sequence[Invoice]:
        return self._invoices.find(query)

    @hookimpl
    def fetch_invoices(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Invoice]:
        return self._invoices.fetch(changed_since, cursor)
