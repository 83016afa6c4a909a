"""The plugin: what Visma Administration can do, and how a repeated write is kept from making a second record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Any, ClassVar

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
from erpcore_visma_admin.access.agent import AgentAccess
from erpcore_visma_admin.access.local import LocalAccess
from erpcore_visma_admin.agent.gate import Gate
from erpcore_visma_admin.articles import Articles
from erpcore_visma_admin.checkup import check_connection, identify_account
from erpcore_visma_admin.company import Company
from erpcore_visma_admin.customers import Customers
from erpcore_visma_admin.document_fields import invoice_map, invoice_row_map, order_map, order_row_map
from erpcore_visma_admin.fields import CONTACT_PERSON, article_map, customer_map
from erpcore_visma_admin.invoices import Invoices
from erpcore_visma_admin.orders import Orders
from erpcore_visma_admin.page import ORDER_PAGE, ORDER_ROW_PAGE
from erpcore_visma_admin.registers import list_register
from erpcore_visma_admin.settings import FieldChoices, VismaAdminSettings

_FENCE = 45.0
_CLOCK_TOLERANCE = 30.0
_LARGEST_REQUEST = 1_000_000


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


@cache
def _field_maps_of(written: str) -> Mapping[str, FieldMap[Any]]:
    """The tables of choices that are written as JSON: a table takes longer to build than a connection to open."""
    return _field_maps(FieldChoices.model_validate_json(written))


def _effects(fence_seconds: float, field: str, customer_field: str) -> Mapping[str, Effect]:
    single = "calls are done one after the other, so that a look-up comes after what was asked before"

    def stamped(what: str, where: str) -> Effect:
        why = f"{what} carries our key in {where}, which is searched for; {single}"
        return Effect(EffectKind.SEARCHABLE_REFERENCE, fence_seconds, why)

    return {
        "create_customer": stamped("a customer", customer_field),
        "update_customer": Effect(EffectKind.NATIVE_KEY, 0.0, "the same values again change nothing more"),
        "create_contact_person": Effect(
            EffectKind.BUSINESS_KEY,
            fence_seconds,
            "the customer's persons are read first, and one of the same name is kept",
        ),
        "create_article": Effect(
            EffectKind.BUSINESS_KEY,
            fence_seconds,
            "the article number, which is looked up before anything is sent; a price that is missing is added",
        ),
        "sync_articles": Effect(EffectKind.NATIVE_KEY, 0.0, "articles are compared by number before anything is sent"),
        "create_order": stamped("an order", field),
        "convert_to_invoice": Effect(
            EffectKind.NATIVE_KEY,
            fence_seconds,
            f"an invoice names its order in a connection number and in {field}, and is looked for first; {single}",
        ),
        "create_invoice": stamped("an invoice", field),
    }


class VismaAdminPlugin(ErpPlugin[VismaAdminSettings]):
    """Visma Administration (Visma SPCS), through its native interface on the company's own server.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    name: ClassVar[str] = "visma_admin"
    display_name: ClassVar[str] = "Visma Administration"
    country: ClassVar[str | None] = "SE"
    tells_currency: ClassVar[bool] = True
    contract_version: ClassVar[int] = CONTRACT_VERSION
    Settings: ClassVar[type[PluginSettings]] = VismaAdminSettings
    field_maps: Mapping[str, FieldMap[Any]] = _field_maps(FieldChoices.model_construct())
    pages: ClassVar[Mapping[str, Sequence[PageLine]]] = {"order": ORDER_PAGE, "order_row": ORDER_ROW_PAGE}
    poll_costs: ClassVar[Mapping[str, str]] = {
        "fetch_articles": "a request for each page of articles that have changed, and one for each of their prices",
        "fetch_invoices": "a request for each page of invoices that have changed, and one for the rows of each",
    }
    effects: Mapping[str, Effect] = _effects(_FENCE, "LOCAL_REMARK", "REMARK2")

    def __init__(self, settings: VismaAdminSettings, host: Host) -> None:
        super().__init__(settings, host)
        # The class's tables are those of the default settings; a connection's follow its own.
        self.field_maps = _field_maps_of(settings.model_dump_json(include=set(FieldChoices.model_fields)))
        self.effects = _effects(settings.fence_seconds, settings.reference_field, settings.customer_reference_field)

    @cached_property
    def _company(self) -> Company:
        local = self.settings.mode == "local"
        access = LocalAccess(self.settings, self.host) if local else AgentAccess(self.settings, self.host)
        return Company(access, self.host.today)

    @property
    def _customers(self) -> Customers:
        return Customers(self._company, self.field_maps["customer"], self.settings)

    @property
    def _articles(self) -> Articles:
        return Articles(self._company, self.field_maps["article"], self.settings)

    @property
    def _orders(self) -> Orders:
        return Orders(self._company, self.field_maps["order"], self.settings)

    @property
    def _invoices(self) -> Invoices:
        return Invoices(self._company, self.field_maps["invoice"], self.settings)

    def close(self) -> None:
        """Give back what is held open."""
        if company := self.__dict__.pop("_company", None):
            company.close()

    def face(self) -> Any:
        """Give the addresses at which an agent asks for work that cannot be reached; see `ServesAtFace`."""
        if self.settings.mode == "local" or not self.settings.asking or self.settings.token is None:
            return None
        from erpcore_visma_admin.access.meeting import Meeting  # only here, since only a worker has starlette

        gate = Gate(self.settings.token.get_secret_value(), _CLOCK_TOLERANCE, lambda: self.host.clock.now().timestamp())
        return Meeting(gate, largest_request=_LARGEST_REQUEST, longest_call=self.settings.request_seconds).asgi()

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
        """See `ErpHooks.identify_account`."""
        return identify_account(self._company)

    @hookimpl
    def check_connection(self, context: Context) -> ConnectionReport:
        """See `ErpHooks.check_connection`."""
        return check_connection(self._company, self._articles, self.field_maps, self.settings)

    @hookimpl
    def find_customers(self, query: CustomerQuery, context: Context) -> Sequence[Customer]:
        """See `ErpHooks.find_customers`."""
        return self._customers.find(query)

    @hookimpl
    def fetch_customers(self, cursor: str | None, context: Context) -> Page[Customer]:
        """See `ErpHooks.fetch_customers`."""
        return self._customers.fetch(cursor)

    @hookimpl
    def create_customer(self, customer: Customer, context: Context) -> RecordRef:
        """See `ErpHooks.create_customer`."""
        return self._customers.create(customer, context.reference)

    @hookimpl
    def update_customer(self, customer_ref: Ref, customer: Customer, context: Context) -> RecordRef:
        """See `ErpHooks.update_customer`."""
        return self._customers.update(customer_ref.number, customer)

    @hookimpl
    def create_contact_person(self, customer_ref: Ref, person: ContactPerson, context: Context) -> RecordRef:
        """See `ErpHooks.create_contact_person`."""
        return self._customers.create_contact_person(customer_ref.number, person)

    @hookimpl
    def find_articles(self, query: ArticleQuery, context: Context) -> Sequence[Article]:
        """See `ErpHooks.find_articles`."""
        return self._articles.find(query)

    @hookimpl
    def create_article(self, article: Article, context: Context) -> RecordRef:
        """See `ErpHooks.create_article`."""
        return self._articles.create(article)

    @hookimpl
    def sync_articles(self, articles: Sequence[Article], context: Context) -> ArticleSync:
        """See `ErpHooks.sync_articles`."""
        return self._articles.sync(articles, there=context.seen is not None)

    @hookimpl
    def fetch_articles(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Article]:
        """See `ErpHooks.fetch_articles`."""
        return self._articles.fetch(changed_since, cursor)

    @hookimpl
    def list_register(self, register: Register, context: Context) -> Sequence[RegisterEntry]:
        """See `ErpHooks.list_register`."""
        return list_register(self._company, register, self.settings.page_size, self.settings.currency_rate)

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        """See `ErpHooks.create_order`."""
        return self._orders.create(order, context.reference)

    @hookimpl
    def find_orders(self, query: DocumentQuery, context: Context) -> Sequence[Order]:
        """See `ErpHooks.find_orders`."""
        return self._orders.find(query)

    @hookimpl
    def convert_to_invoice(self, order_ref: Ref, context: Context) -> RecordRef:
        """See `ErpHooks.convert_to_invoice`; the setting `invoicing` says how."""
        return self._orders.convert(order_ref.number)

    @hookimpl
    def create_invoice(self, invoice: Invoice, context: Context) -> RecordRef:
        """See `ErpHooks.create_invoice`."""
        return self._invoices.create(invoice, context.reference)

    @hookimpl
    def find_invoices(self, query: DocumentQuery, context: Context) -> Sequence[Invoice]:
        """See `ErpHooks.find_invoices`."""
        return self._invoices.find(query)

    @hookimpl
    def fetch_invoices(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Invoice]:
        """See `ErpHooks.fetch_invoices`."""
        return self._invoices.fetch(changed_since, cursor)
