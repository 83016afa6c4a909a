"""Typed faces in front of the hooks: one connection is one plugin instance in a plugin manager of its own.

The core and people who use erpcore as a library call `ErpConnection.create_order(...)`, never pluggy. The face tells
before the call whether the plugin can do it, checks that a finished value of the right kind comes back, and names the
connection in every error. An installation bends a step with wrappers (``@hookimpl(wrapper=True)``) that are registered
beside the plugin.
"""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import pluggy

from erpcore.errors import ErpcoreError, PluginContractError, UnsupportedOperationError
from erpcore.fields import Loss
from erpcore.hookspecs import PROJECT, Context, CrmHooks, ErpHooks
from erpcore.http import spending
from erpcore.models import (
    Account,
    Article,
    ArticleQuery,
    ArticleSync,
    CanonicalModel,
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
    Moment,
    Order,
    Page,
    PaymentTerms,
    RecordRef,
    WebhookRequest,
    WriteBack,
)
from erpcore.plugin import CrmPlugin, Effect, ErpPlugin, Plugin

P = TypeVar("P", bound=Plugin[Any])

_LIST = (list, tuple)


def hooked(plugin: object, name: str, specs: type, wrappers: Sequence[object] = ()) -> pluggy.PluginManager:
    """Put a plugin behind its hooks.

    Args:
        plugin: The instance; or its class, to see whether it would fit.
        name: Its name.
        specs: The hook specs of its kind.
        wrappers: The installation's own hook wrappers.

    Raises:
        PluginContractError: A hook of the plugin or of a wrapper does not fit its spec.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(specs)
    try:
        manager.register(plugin, name=name)
        for wrapper in wrappers:
            manager.register(wrapper)
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        raise PluginContractError(
            f"The plugin “{name}” does not fit the hook specs: {' '.join(str(error).split())}.",
            plugin=name,
            advice="Correct the hook's name and arguments as in erpcore.hookspecs.",
        ) from error
    return manager


class Connection(Generic[P]):
    """One plugin instance behind its hooks.

    Args:
        plugin: The instance.
        specs: The hook specs of its kind.
        wrappers: The installation's own hook wrappers.

    Raises:
        PluginContractError: A hook of the plugin or of a wrapper does not fit its spec.
    """

    def __init__(self, plugin: P, specs: type, wrappers: Sequence[object] = ()) -> None:
        self.plugin = plugin
        self.name = plugin.host.connection
        self._manager = hooked(plugin, plugin.name, specs, wrappers)

    def can(self, operation: str) -> bool:
        """Tell whether the plugin implements a hook.

        Args:
            operation: The hook's name.
        """
        hook = getattr(self._manager.hook, operation, None)
        return hook is not None and any(not impl.wrapper for impl in hook.get_hookimpls())

    def losses(self, record: CanonicalModel, *, clearing: bool = False) -> list[Loss]:
        """Tell what of a record would be lost on its way into this system.

        Args:
            record: The record that is going to be sent.
            clearing: Whether it changes an existing record.
        """
        field_map = self.plugin.field_maps.get(_snake(type(record).__name__))
        return [] if field_map is None else field_map.losses(record, clearing=clearing)

    def identify_account(self, context: Context) -> Account:
        """See `ErpHooks.identify_account` and `CrmHooks.identify_account`."""
        result: Account = self._call("identify_account", Account, context=context)
        return result

    def close(self) -> None:
        """Close what the plugin holds open."""
        self.plugin.close()

    def _call(self, operation: str, expected: type | tuple[type, ...], **arguments: Any) -> Any:
        if not self.can(operation):
            raise UnsupportedOperationError(
                f"{self.plugin.display_name} (plugin “{self.plugin.name}”) has no operation {operation}.",
                connection=self.name,
                advice="See “erpcore fields” for what the plugin can do.",
            )
        context: Context = arguments["context"]
        try:
            with spending("backfill" if context.backfill else "live"):
                result = getattr(self._manager.hook, operation)(**arguments)
        except ErpcoreError as error:
            error.connection = error.connection or self.name
            raise
        except Exception as error:
            # Whatever a plugin lets through is the plugin's fault; the caller must still be able to record it.
            problem = PluginContractError(
                f"The plugin “{self.plugin.name}” raised {type(error).__name__} in {operation}: {error}",
                plugin=self.plugin.name,
                advice="This is a fault of the plugin: please report it to its author.",
            )
            problem.connection = self.name
            raise problem from error
        if isinstance(result, types.GeneratorType) or not isinstance(result, expected):
            problem = PluginContractError(
                f"The plugin “{self.plugin.name}” returned {type(result).__name__} from {operation}.",
                plugin=self.plugin.name,
                advice="This is a fault of the plugin: please report it to its author.",
            )
            problem.connection = self.name
            raise problem
        return result


class ErpConnection(Connection[ErpPlugin[Any]]):
    """An account in an accounting program. Each method is the hook of that name; see `ErpHooks`.

    Args:
        plugin: The plugin instance.
        wrappers: The installation's own hook wrappers.
    """

    def __init__(self, plugin: ErpPlugin[Any], wrappers: Sequence[object] = ()) -> None:
        super().__init__(plugin, ErpHooks, wrappers)

    def effect(self, operation: str) -> Effect:
        """Give the declared strategy of a write operation.

        Raises:
            PluginContractError: The plugin implements the hook but declares no strategy.
        """
        try:
            return self.plugin.effects[operation]
        except KeyError:
            raise PluginContractError(
                f"The plugin “{self.plugin.name}” declares no effect strategy for {operation}.",
                plugin=self.plugin.name,
            ) from None

    def check_connection(self, context: Context) -> ConnectionReport:
        """See `ErpHooks.check_connection`."""
        result: ConnectionReport = self._call("check_connection", ConnectionReport, context=context)
        return result

    def find_customers(self, query: CustomerQuery, context: Context) -> Sequence[Customer]:
        """See `ErpHooks.find_customers`."""
        result: Sequence[Customer] = self._call("find_customers", _LIST, query=query, context=context)
        return result

    def create_customer(self, customer: Customer, context: Context) -> RecordRef:
        """See `ErpHooks.create_customer`."""
        result: RecordRef = self._call("create_customer", RecordRef, customer=customer, context=context)
        return result

    def update_customer(self, number: str, customer: Customer, context: Context) -> RecordRef:
        """See `ErpHooks.update_customer`."""
        result: RecordRef = self._call("update_customer", RecordRef, number=number, customer=customer, context=context)
        return result

    def create_contact_person(self, customer_number: str, person: ContactPerson, context: Context) -> RecordRef:
        """See `ErpHooks.create_contact_person`."""
        result: RecordRef = self._call(
            "create_contact_person", RecordRef, customer_number=customer_number, person=person, context=context
        )
        return result

    def find_articles(self, query: ArticleQuery, context: Context) -> Sequence[Article]:
        """See `ErpHooks.find_articles`."""
        result: Sequence[Article] = self._call("find_articles", _LIST, query=query, context=context)
        return result

    def create_article(self, article: Article, context: Context) -> RecordRef:
        """See `ErpHooks.create_article`."""
        result: RecordRef = self._call("create_article", RecordRef, article=article, context=context)
        return result

    def sync_articles(self, articles: Sequence[Article], context: Context) -> ArticleSync:
        """See `ErpHooks.sync_articles`."""
        result: ArticleSync = self._call("sync_articles", ArticleSync, articles=articles, context=context)
        return result

    def fetch_articles(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Article]:
        """See `ErpHooks.fetch_articles`."""
        result: Page[Article] = self._call(
            "fetch_articles", Page, changed_since=changed_since, cursor=cursor, context=context
        )
        return result

    def list_payment_terms(self, context: Context) -> Sequence[PaymentTerms]:
        """See `ErpHooks.list_payment_terms`."""
        result: Sequence[PaymentTerms] = self._call("list_payment_terms", _LIST, context=context)
        return result

    def create_order(self, order: Order, context: Context) -> RecordRef:
        """See `ErpHooks.create_order`."""
        result: RecordRef = self._call("create_order", RecordRef, order=order, context=context)
        return result

    def find_orders(self, query: DocumentQuery, context: Context) -> Sequence[Order]:
        """See `ErpHooks.find_orders`."""
        result: Sequence[Order] = self._call("find_orders", _LIST, query=query, context=context)
        return result

    def convert_to_invoice(self, order_number: str, context: Context) -> RecordRef:
        """See `ErpHooks.convert_to_invoice`."""
        result: RecordRef = self._call("convert_to_invoice", RecordRef, order_number=order_number, context=context)
        return result

    def create_invoice(self, invoice: Invoice, context: Context) -> RecordRef:
        """See `ErpHooks.create_invoice`."""
        result: RecordRef = self._call("create_invoice", RecordRef, invoice=invoice, context=context)
        return result

    def find_invoices(self, query: DocumentQuery, context: Context) -> Sequence[Invoice]:
        """See `ErpHooks.find_invoices`."""
        result: Sequence[Invoice] = self._call("find_invoices", _LIST, query=query, context=context)
        return result

    def fetch_invoices(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Invoice]:
        """See `ErpHooks.fetch_invoices`."""
        result: Page[Invoice] = self._call(
            "fetch_invoices", Page, changed_since=changed_since, cursor=cursor, context=context
        )
        return result


class CrmConnection(Connection[CrmPlugin[Any]]):
    """An account in a CRM. Each method is the hook of that name; see `CrmHooks`.

    Args:
        plugin: The plugin instance.
        wrappers: The installation's own hook wrappers.
    """

    def __init__(self, plugin: CrmPlugin[Any], wrappers: Sequence[object] = ()) -> None:
        super().__init__(plugin, CrmHooks, wrappers)

    def check_connection(self, context: Context) -> ConnectionReport:
        """See `CrmHooks.check_connection`."""
        result: ConnectionReport = self._call("check_connection", ConnectionReport, context=context)
        return result

    def fetch_events(self, cursor: str | None, context: Context) -> EventPage:
        """See `CrmHooks.fetch_events`."""
        result: EventPage = self._call("fetch_events", EventPage, cursor=cursor, context=context)
        return result

    def acknowledge_events(self, page: EventPage, context: Context) -> int:
        """See `CrmHooks.acknowledge_events`."""
        result: int = self._call("acknowledge_events", int, page=page, context=context)
        return result

    def receive_events(self, request: WebhookRequest, context: Context) -> Sequence[CrmEvent]:
        """See `CrmHooks.receive_events`."""
        result: Sequence[CrmEvent] = self._call("receive_events", _LIST, request=request, context=context)
        return result

    def subscribe_events(self, target_url: str, context: Context) -> str:
        """See `CrmHooks.subscribe_events`."""
        result: str = self._call("subscribe_events", str, target_url=target_url, context=context)
        return result

    def fetch_deal(self, deal_id: str, event: CrmEvent | None, context: Context) -> Deal:
        """See `CrmHooks.fetch_deal`."""
        result: Deal = self._call("fetch_deal", Deal, deal_id=deal_id, event=event, context=context)
        return result

    def fetch_customer(self, company_id: str, context: Context) -> Company:
        """See `CrmHooks.fetch_customer`."""
        result: Company = self._call("fetch_customer", Company, company_id=company_id, context=context)
        return result

    def fetch_order(self, order_id: str, context: Context) -> CrmOrder:
        """See `CrmHooks.fetch_order`."""
        result: CrmOrder = self._call("fetch_order", CrmOrder, order_id=order_id, context=context)
        return result

    def write_back(self, values: WriteBack, context: Context) -> bool:
        """See `CrmHooks.write_back`."""
        result: bool = self._call("write_back", bool, values=values, context=context)
        return result

    def store_invoice(self, invoice: Invoice, context: Context) -> RecordRef:
        """See `CrmHooks.store_invoice`."""
        result: RecordRef = self._call("store_invoice", RecordRef, invoice=invoice, context=context)
        return result

    def fetch_articles(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Article]:
        """See `CrmHooks.fetch_articles`."""
        result: Page[Article] = self._call(
            "fetch_articles", Page, changed_since=changed_since, cursor=cursor, context=context
        )
        return result

    def store_article(self, article: Article, context: Context) -> RecordRef:
        """See `CrmHooks.store_article`."""
        result: RecordRef = self._call("store_article", RecordRef, article=article, context=context)
        return result


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
