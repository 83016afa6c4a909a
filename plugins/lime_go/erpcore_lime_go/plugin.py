"""The plugin: one Lime Go account, through the API that its settings choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from erpcore.fields import FieldMap
from erpcore.hookspecs import Context, hookimpl
from erpcore.models import Company, ConnectionReport, CrmEvent, Deal, EventPage, WebhookRequest, WriteBack
from erpcore.plugin import CrmPlugin, Host, PluginSettings

from .agentic import Agentic
from .classic import Classic
from .fields import COMPANY, COMPANY_AGENTIC, DEAL, DEAL_AGENTIC, DEAL_ROW, write_back_map
from .settings import LimeGoSettings


class LimeGoPlugin(CrmPlugin[LimeGoSettings]):
    """Lime Go.

    Neither API shows products or takes invoices, so `store_invoice`, `fetch_articles`, `store_article` and
    `fetch_order` are not here.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    name: ClassVar[str] = "lime_go"
    display_name: ClassVar[str] = "Lime Go"
    contract_version: ClassVar[int] = 1
    Settings: ClassVar[type[PluginSettings]] = LimeGoSettings
    field_maps: ClassVar[Mapping[str, FieldMap[Any]]] = {
        "company": COMPANY,
        "deal": DEAL,
        "company_agentic": COMPANY_AGENTIC,
        "deal_agentic": DEAL_AGENTIC,
        "deal_row": DEAL_ROW,
        "deal_write_back": write_back_map("deal"),
        "company_write_back": write_back_map("company"),
    }
    """The tables of both APIs; an instance has those of its own, for the custom fields that its settings name."""
    won_deal_fields: ClassVar[Mapping[str, str]] = {
        "won": "classic: without won_statuses only an event tells",
        "value": "classic: not in the published list; else from the event",
        "currency": "classic: not in the published list; else the ERP company's own",
        "won_date": "neither API shows it; of a classic win, its event may tell",
        "contact": "classic: not in the published list",
        "rows": "neither API shows products; a custom field can hold them",
        "erp_id": "not shown unless erp_id_field names a custom field",
    }

    def __init__(self, settings: LimeGoSettings, host: Host) -> None:
        super().__init__(settings, host)
        self.field_maps = {  # type: ignore[misc] # each connection has its own API and custom fields
            "company": COMPANY if settings.api == "classic" else COMPANY_AGENTIC,
            "deal": DEAL if settings.api == "classic" else DEAL_AGENTIC,
            "deal_row": DEAL_ROW,
            "deal_write_back": write_back_map("deal", settings),
            "company_write_back": write_back_map("company", settings),
        }
        self._adapter = Classic(settings, host) if settings.api == "classic" else Agentic(settings, host)

    def close(self) -> None:
        """See `Plugin.close`."""
        self._adapter.close()

    @hookimpl
    def check_connection(self, context: Context) -> ConnectionReport:
        """See `CrmHooks.check_connection`."""
        return self._adapter.check_connection(context)

    @hookimpl
    def fetch_events(self, cursor: str | None, context: Context) -> EventPage:
        """See `CrmHooks.fetch_events`."""
        return self._adapter.fetch_events(cursor, context)

    @hookimpl
    def acknowledge_events(self, page: EventPage, context: Context) -> int:
        """See `CrmHooks.acknowledge_events`."""
        return self._adapter.acknowledge_events(page, context)

    @hookimpl
    def receive_events(self, request: WebhookRequest, context: Context) -> Sequence[CrmEvent]:
        """See `CrmHooks.receive_events`."""
        return self._adapter.receive_events(request, context)

    @hookimpl
    def subscribe_events(self, target_url: str, context: Context) -> str:
        """See `CrmHooks.subscribe_events`."""
        return self._adapter.subscribe_events(target_url, context)

    @hookimpl
    def fetch_deal(self, deal_id: str, event: CrmEvent | None, context: Context) -> Deal:
        """See `CrmHooks.fetch_deal`."""
        return self._adapter.fetch_deal(deal_id, event, context)

    @hookimpl
    def fetch_customer(self, company_id: str, context: Context) -> Company:
        """See `CrmHooks.fetch_customer`."""
        return self._adapter.fetch_customer(company_id, context)

    @hookimpl
    def write_back(self, values: WriteBack, context: Context) -> bool:
        """See `CrmHooks.write_back`."""
        return self._adapter.write_back(values, context)
