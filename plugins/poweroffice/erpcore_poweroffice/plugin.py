"""The plugin: what PowerOffice Go can do, and how a repeated write is kept from making a second record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Literal

from erpcore.fields import FieldMap, PageLine
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
from erpcore.plugin import CONTRACT_VERSION, Effect, EffectKind, ErpPlugin, PluginSettings
from erpcore_poweroffice.checkup import check_connection, identify_account
from erpcore_poweroffice.client import PowerOfficeClient
from erpcore_poweroffice.customers import Customers
from erpcore_poweroffice.document_fields import INVOICE_ROW, invoice_map, order_map, order_row_map
from erpcore_poweroffice.fields import CONTACT_PERSON, article_map, customer_map
from erpcore_poweroffice.invoices import Invoices
from erpcore_poweroffice.invoicing import convert_to_invoice
from erpcore_poweroffice.orders import Orders
from erpcore_poweroffice.page import ORDER_PAGE, ORDER_ROW_PAGE
from erpcore_poweroffice.products import Products
from erpcore_poweroffice.registers import list_register
from erpcore_poweroffice.settings import FieldChoices, PowerOfficeSettings


def _field_maps(choices: FieldChoices) -> Mapping[str, FieldMap[Any]]:
    return {
        "customer": customer_map(choices),
        "contact_person": CONTACT_PERSON,
        "article": article_map(choices),
        "order": order_map(choices),
        "order_row": order_row_map(choices),
        "invoice": invoice_map(),
        "invoice_row": INVOICE_ROW,
    }


def _effects(fence_seconds: float, longest_wait: float) -> Mapping[str, Effect]:
    return {
        "create_customer": Effect(
            EffectKind.UNIQUE_REFERENCE,
            fence_seconds,
            "PowerOffice refuses a second customer with our key in ExternalImportReference, which finds the first; a "
            "delivery address is a write of its own, and is made up for",
            finishes=True,
        ),
        "update_customer": Effect(EffectKind.NATIVE_KEY, 0.0, "the same values again change nothing more"),
        "create_contact_person": Effect(
            EffectKind.BUSINESS_KEY, 0.0, "the customer's persons are read first, and one of the same name is kept"
        ),
        "update_contact_person": Effect(EffectKind.NATIVE_KEY, 0.0, "the same values again change nothing more"),
        "create_article": Effect(
            EffectKind.BUSINESS_KEY,
            fence_seconds,
            "the product code, which is looked up before anything is sent",
        ),
        "sync_articles": Effect(EffectKind.NATIVE_KEY, 0.0, "products are compared by code before anything is sent"),
        "create_order": Effect(
            EffectKind.UNIQUE_REFERENCE,
            fence_seconds,
            "PowerOffice refuses a second order with our key in ExternalImportReference; orders and the invoices that "
            "they became are read through for it",
        ),
        "convert_to_invoice": Effect(
            EffectKind.NATIVE_KEY,
            fence_seconds + longest_wait,
            "the order's state tells whether it is being invoiced or was, and an invoice keeps the order's number; "
            "PowerOffice invoices by itself after the request, which is waited for",
        ),
    }


class PowerOfficePlugin(ErpPlugin[PowerOfficeSettings]):
    """PowerOffice Go (API version 2).

    It has no `create_invoice`: an invoice that is not sent yet is a sales order at PowerOffice, which `create_order`
    makes; what is sent cannot be made but from an order.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    name: ClassVar[str] = "poweroffice"
    display_name: ClassVar[str] = "PowerOffice Go"
    country: ClassVar[str | None] = "NO"
    contract_version: ClassVar[int] = CONTRACT_VERSION
    Settings: ClassVar[type[PluginSettings]] = PowerOfficeSettings
    field_maps: Mapping[str, FieldMap[Any]] = _field_maps(FieldChoices.model_construct())
    pages: ClassVar[Mapping[str, Sequence[PageLine]]] = {"order": ORDER_PAGE, "order_row": ORDER_ROW_PAGE}
    poll_costs: ClassVar[Mapping[str, str]] = {
        "fetch_articles": "a request for each page of products that have changed",
        "fetch_invoices": "a request for each page of invoices that were sent and of those whose balance has changed, "
        "two for each page for names, and one for each invoice that is paid",
    }
    makes: Mapping[str, Literal["draft", "invoice"]] = {"convert_to_invoice": "invoice"}
    effects: Mapping[str, Effect] = _effects(5.0, 30.0)

    def __init__(self, settings: PowerOfficeSettings, host: Host) -> None:
        super().__init__(settings, host)
        # The class's tables are those of the default settings; a connection's follow its own.
        self.field_maps = _field_maps(settings)
        self.effects = _effects(settings.fence_seconds, sum(settings.sent_state_waits))

    @cached_property
    def _client(self) -> PowerOfficeClient:
        return PowerOfficeClient(self.settings, self.host)

    @property
    def _customers(self) -> Customers:
        return Customers(self._client, self.field_maps["customer"], self.settings)

    @property
    def _products(self) -> Products:
        return Products(self._client, self.field_maps["article"], self.settings)

    @property
    def _orders(self) -> Orders:
        return Orders(self._client, self.field_maps["order"], self._customers, self.settings)

    @property
    def _invoices(self) -> Invoices:
        return Invoices(self._client, self.field_maps["invoice"], self._customers, self.settings)

    def close(self) -> None:
        """Close all connections."""
        if client := self.__dict__.pop("_client", None):
            client.close()

    @property
    def needs_article(self) -> str | None:
        """VAT and account are the article's."""
        return "default_product" if self.settings.default_product is None else None

    @property
    def free_row_article(self) -> str | None:
        """See `ErpPlugin.free_row_article`."""
        return self.settings.default_product

    @hookimpl
    def identify_account(self, context: Context) -> Account:
        return identify_account(self._client)

    @hookimpl
    def check_connection(self, context: Context) -> ConnectionReport:
        return check_connection(self._client, self._products, self.settings, self.host)

    @hookimpl
    def find_customers(self, query: CustomerQuery, context: Context) -> Sequence[Customer]:
        return self._customers.find(query)

    @hookimpl
    def fetch_customers(self, cursor: str | None, context: Context) -> Page[Customer]:
        return self._customers.fetch(cursor)

    @hookimpl
    def create_customer(self, customer: Customer, context: Context) -> RecordRef:
        return self._customers.create(customer, context.reference)

    @hookimpl
    def update_customer(self, customer_ref: Ref, customer: Customer, context: Context) -> RecordRef:
        return self._customers.update(customer_ref, customer)

    @hookimpl
    def create_contact_person(self, customer_ref: Ref, person: ContactPerson, context: Context) -> RecordRef:
        return self._customers.create_contact_person(customer_ref, person)

    @hookimpl
    def update_contact_person(
        self, customer_ref: Ref, person_ref: Ref, person: ContactPerson, context: Context
    ) -> RecordRef:
        return self._customers.update_contact_person(customer_ref, person_ref, person)

    @hookimpl
    def find_contact_persons(self, customer_ref: Ref, context: Context) -> Sequence[ContactPerson]:
        return self._customers.contact_persons(customer_ref)

    @hookimpl
    def find_articles(self, query: ArticleQuery, context: Context) -> Sequence[Article]:
        return self._products.find(query)

    @hookimpl
    def find_many_articles(self, wanted: Sequence[Ref], context: Context) -> Sequence[Article]:
        return self._products.find_many(wanted)

    @hookimpl
    def create_article(self, article: Article, context: Context) -> RecordRef:
        return self._products.create(article)

    @hookimpl
    def sync_articles(self, articles: Sequence[Article], context: Context) -> ArticleSync:
        return self._products.sync(articles, there=context.seen is not None)

    @hookimpl
    def fetch_articles(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Article]:
        return self._products.fetch(changed_since, cursor)

    @hookimpl
    def list_register(self, register: Register, context: Context) -> Sequence[RegisterEntry]:
        return list_register(self._client, register)

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        return self._orders.create(order, context.reference)

    @hookimpl
    def find_orders(self, query: DocumentQuery, context: Context) -> Sequence[Order]:
        return self._orders.find(query)

    @hookimpl
    def convert_to_invoice(self, order_ref: Ref, context: Context) -> RecordRef:
        """PowerOffice posts the invoice; see the setting delivery_type."""
        return convert_to_invoice(self._client, self._orders, self.settings, order_ref)

    @hookimpl
    def find_invoices(self, query: DocumentQuery, context: Context) -> Sequence[Invoice]:
        return self._invoices.find(query)

    @hookimpl
    def fetch_invoices(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Invoice]:
        return self._invoices.fetch(changed_since, cursor)
