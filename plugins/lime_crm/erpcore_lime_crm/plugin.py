"""The plugin: one Lime CRM installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from erpcore.errors import ConfigurationError
from erpcore.fields import FieldMap
from erpcore.hookspecs import Context, hookimpl
from erpcore.host import Host
from erpcore.models import (
    Account,
    Article,
    Company,
    ConnectionReport,
    CrmEvent,
    CrmOrder,
    Deal,
    EventPage,
    Invoice,
    InvoiceStanding,
    Moment,
    OrderHead,
    Page,
    Person,
    RecordRef,
    Register,
    RegisterEntry,
    WebhookRequest,
    WriteBack,
)
from erpcore.plugin import CrmPlugin, PluginSettings

from .articles import Articles
from .checkup import check
from .client import LimeCrm
from .fields import company_map, deal_map, order_map, order_row_map, person_map
from .invoices import Invoices
from .polling import Polling
from .registers import Registers
from .sales import Sales
from .settings import LimeCrmSettings
from .webhook import read_delivery, watched_events
from .written_fields import article_map, invoice_map, invoice_row_map, invoice_standing_map, write_back_map


def field_maps(settings: LimeCrmSettings) -> dict[str, FieldMap[Any]]:
    """Build the tables of one installation.

    Args:
        settings: The connection's settings, which name its properties.
    """
    return {
        "company": company_map(settings),
        "person": person_map(settings),
        "deal": deal_map(settings),
        "crm_order": order_map(settings),
        "crm_order_row": order_row_map(settings),
        "invoice": invoice_map(settings),
        "invoice_row": invoice_row_map(settings),
        "article": article_map(settings),
        "order_write_back": write_back_map(settings, "order"),
        "company_write_back": write_back_map(settings, "company"),
        "deal_write_back": write_back_map(settings, "deal"),
        "deal_standing": invoice_standing_map(settings, "deal"),
        "order_standing": invoice_standing_map(settings, "order"),
        "company_standing": invoice_standing_map(settings, "company"),
        "invoice_standing": invoice_standing_map(settings, "invoice"),
    }


_STANDARD = LimeCrmSettings.model_validate({"url": "https://lime.example/application", "api_key": "none"})


class LimeCrmPlugin(CrmPlugin[LimeCrmSettings]):
    """Lime CRM.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    name: ClassVar[str] = "lime_crm"
    display_name: ClassVar[str] = "Lime CRM"
    contract_version: ClassVar[int] = 1
    Settings: ClassVar[type[PluginSettings]] = LimeCrmSettings
    field_maps: Mapping[str, FieldMap[Any]] = field_maps(_STANDARD)
    """The tables with the standard names; an instance has those of its own installation."""
    poll_costs: ClassVar[Mapping[str, str]] = {
        "fetch_events": "a request for each page of what is ready or has changed; a quiet round costs two",
        "fetch_articles": "a request for each page of articles that have changed",
    }
    won_deal_fields: ClassVar[Mapping[str, str]] = {
        "currency": "the base solution has none on a deal; the ERP company's own",
        "rows": "deal articles are an add-on's; an order carries them",
        "erp_id": "not shown unless deal.erp_id names a property",
    }

    def __init__(self, settings: LimeCrmSettings, host: Host) -> None:
        super().__init__(settings, host)
        self.field_maps = field_maps(settings)
        self._lime = LimeCrm(settings, host)
        self._polling = Polling(self._lime, settings)
        self._sales = Sales(self._lime, settings)
        self._invoices = Invoices(self._lime, settings)
        self._articles = Articles(self._lime, settings)
        self._registers = Registers(self._lime, settings)

    @property
    def registers(self) -> frozenset[Register]:
        """See `CrmPlugin.registers`: those that the settings name a limetype for."""
        return frozenset(name for name, names in self.settings.registers.items() if names.limetype)

    def close(self) -> None:
        """See `Plugin.close`."""
        self._lime.close()

    @hookimpl
    def identify_account(self, context: Context) -> Account:
        """The host and the application's name are the installation's own; the key must be one of its keys."""
        self._lime.ping()
        return Account(key=self.settings.account)

    @hookimpl
    def check_connection(self, context: Context) -> ConnectionReport:
        return check(self._lime, self.settings)

    @hookimpl
    def fetch_events(self, cursor: str | None, context: Context) -> EventPage:
        return self._polling.fetch(cursor)

    @hookimpl
    def receive_events(self, request: WebhookRequest, context: Context) -> Sequence[CrmEvent]:
        return read_delivery(request, self.settings)

    @hookimpl
    def subscribe_events(self, target_url: str, context: Context) -> str:
        """A subscription to the same address is taken over: its events, its secret and that it is enabled are set anew.
        The signature version is fixed when a subscription is made (Lime's own client), so it is not changed.
        """
        secret = self.settings.webhook_secret
        if secret is None:
            raise ConfigurationError(
                "Deliveries would not be signed.",
                setting=f"connections.{self._lime.connection}.webhook_secret",
                advice="Set a secret of at least 16 characters that nobody can guess.",
            )
        told = {
            "name": self.settings.subscription_name,
            "events": watched_events(self.settings),
            "target_url": target_url,
            "secret": secret.get_secret_value(),
            "enabled": True,
        }
        for held in self._lime.subscriptions():
            if held.get("target_url") == target_url:
                self._lime.resubscribe(held["id"], told)
                return str(held["id"])
        return self._lime.subscribe({**told, **self.settings.subscription_extra})

    @hookimpl
    def fetch_deal(self, deal_id: str, event: CrmEvent | None, context: Context) -> Deal:
        return self._sales.deal(deal_id)

    @hookimpl
    def fetch_customer(self, company_id: str, context: Context) -> Company:
        return self._sales.company(company_id)

    @hookimpl
    def fetch_companies(self, cursor: str | None, context: Context) -> Page[Company]:
        return self._sales.companies(cursor)

    @hookimpl
    def fetch_persons(self, company_id: str, context: Context) -> Sequence[Person]:
        return self._sales.persons(company_id)

    @hookimpl
    def fetch_order(self, order_id: str, context: Context) -> CrmOrder:
        seen = context.seen if isinstance(context.seen, OrderHead) else None
        return self._sales.order(order_id, seen)

    @hookimpl
    def fetch_order_head(self, order_id: str, context: Context) -> OrderHead:
        return self._sales.order_head(order_id)

    @hookimpl
    def take_order(self, order: OrderHead, context: Context) -> OrderHead:
        return self._sales.take(order)

    @hookimpl
    def write_back(self, values: WriteBack, context: Context) -> bool:
        seen = context.seen if isinstance(context.seen, Company) else None
        return self._sales.write_back(values, seen)

    @hookimpl
    def store_invoice(self, invoice: Invoice, context: Context) -> RecordRef:
        return self._invoices.store(invoice)

    @hookimpl
    def show_invoices(self, standing: InvoiceStanding, context: Context) -> bool:
        return self._invoices.show(standing)

    @hookimpl
    def fetch_articles(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Article]:
        return self._articles.fetch(changed_since, cursor)

    @hookimpl
    def store_article(self, article: Article, context: Context) -> RecordRef:
        seen = context.seen if isinstance(context.seen, Article) else None
        return self._articles.store(article, seen)

    @hookimpl
    def store_register(self, register: Register, entries: Sequence[RegisterEntry], context: Context) -> bool:
        return self._registers.store(register, entries)
