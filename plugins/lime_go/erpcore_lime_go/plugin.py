"""The plugin: one Lime Go account, through the API that its settings choose."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from erpcore.errors import ConfigurationError
from erpcore.fields import FieldMap
from erpcore.hookspecs import Context, hookimpl
from erpcore.host import Host
from erpcore.models import (
    Account,
    Company,
    ConnectionReport,
    CrmEvent,
    Deal,
    EventPage,
    InvoiceStanding,
    Page,
    Person,
    WebhookRequest,
    WriteBack,
)
from erpcore.plugin import CrmPlugin, PluginSettings

from .agentic import Agentic
from .classic import Classic
from .fields import (
    COMPANY,
    COMPANY_AGENTIC,
    DEAL,
    DEAL_AGENTIC,
    DEAL_ROW,
    PERSON,
    PERSON_AGENTIC,
    invoice_standing_map,
    write_back_map,
)
from .settings import LimeGoSettings


class LimeGoPlugin(CrmPlugin[LimeGoSettings]):
    """Lime Go.

    Neither API shows products or takes invoices: what stands of a deal's invoices goes into custom fields. Definitions
    of custom fields, with their choices, can only be read. So `store_invoice`, `fetch_articles`, `store_article`,
    `store_register` and `fetch_order` are not here.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    name: ClassVar[str] = "lime_go"
    display_name: ClassVar[str] = "Lime Go"
    contract_version: ClassVar[int] = 1
    Settings: ClassVar[type[PluginSettings]] = LimeGoSettings
    field_maps: Mapping[str, FieldMap[Any]] = {
        "company": COMPANY,
        "deal": DEAL,
        "company_agentic": COMPANY_AGENTIC,
        "deal_agentic": DEAL_AGENTIC,
        "deal_row": DEAL_ROW,
        "person": PERSON,
        "person_agentic": PERSON_AGENTIC,
        "deal_write_back": write_back_map("deal"),
        "company_write_back": write_back_map("company"),
        "deal_standing": invoice_standing_map("deal"),
        "company_standing": invoice_standing_map("company"),
    }
    """The tables of both APIs; an instance has those of its own, for the custom fields that its settings name."""
    poll_costs: ClassVar[Mapping[str, str]] = {
        "fetch_events": "classic: a request for each 50 events, and one that lets a full page go; "
        "Agentic: a request for each hundred deals, however few of them have changed",
    }
    won_deal_fields: ClassVar[Mapping[str, str]] = {
        "won": "classic: without won_statuses only an event tells",
        "value": "classic: not in the published list; else from the event",
        "currency": "classic: not in the published list; else the ERP company's own",
        "won_date": "neither API shows it; of a classic win, its event may tell",
        "contact": "classic: not in the published list",
        "rows": "neither API shows products; a custom field can hold them",
        "erp_id": "not shown unless erp_id_field names a custom field",
    }

    @property
    def feed_seconds(self) -> float:
        """A look into the classic feed is 1 request of 600 a minute; into the Agentic API, one for each hundred deals
        of 60 (`erpcore_lime_go.settings`)."""
        return 2.0 if self.settings.api == "classic" and (self.settings.requests_per_minute or 600) >= 300 else 10.0

    @property
    def tells_company_changes(self) -> bool:
        """The classic API has no event for a company that was changed (API reference, Event subscription)."""
        return self.settings.api == "agentic"

    def __init__(self, settings: LimeGoSettings, host: Host) -> None:
        super().__init__(settings, host)
        self.field_maps = {
            "company": COMPANY if settings.api == "classic" else COMPANY_AGENTIC,
            "deal": DEAL if settings.api == "classic" else DEAL_AGENTIC,
            "deal_row": DEAL_ROW,
            "person": PERSON if settings.api == "classic" else PERSON_AGENTIC,
            "deal_write_back": write_back_map("deal", settings),
            "company_write_back": write_back_map("company", settings),
            "deal_standing": invoice_standing_map("deal", settings),
            "company_standing": invoice_standing_map("company", settings),
        }
        self._adapter = Classic(settings, host) if settings.api == "classic" else Agentic(settings, host)

    def close(self) -> None:
        """See `Plugin.close`."""
        self._adapter.close()

    @property
    def delivery_token(self) -> str:
        """See `CrmPlugin.delivery_token`: Lime Go signs nothing, so the address itself must be a secret."""
        if self.settings.webhook_token is None:
            raise ConfigurationError(
                "Deliveries would not be protected: Lime Go signs nothing.",
                setting=f"connections.{self.host.connection}.webhook_token",
                advice="Set at least 16 characters that nobody can guess; “erpcore connect "
                f"{self.host.connection}” asks for them.",
            )
        return self.settings.webhook_token.get_secret_value()

    @hookimpl
    def identify_account(self, context: Context) -> Account:
        """Neither API says whose account it is: the settings tell it, by the organisation that they name, or else by
        the credentials, once Lime Go has accepted those.
        """
        self._adapter.prove_credentials()
        settings = self.settings
        host = urlsplit(settings.host_url).hostname or settings.host_url
        if settings.organisation:
            return Account(key=f"{host}, organisation {settings.organisation}", name=settings.organisation)
        if settings.api_key is not None and settings.api == "classic":
            # The keys are long random numbers; a few characters of a hash tell two apart and give none away.
            key = settings.api_key.get_secret_value().strip().rpartition(":")[2].casefold()
            return Account(key=f"{host}, API key with fingerprint {hashlib.sha256(key.encode()).hexdigest()[:8]}")
        return Account(key=f"{host}, OAuth client {settings.client_id}")

    @hookimpl
    def check_connection(self, context: Context) -> ConnectionReport:
        return self._adapter.check_connection(context)

    @hookimpl
    def fetch_events(self, cursor: str | None, context: Context) -> EventPage:
        return self._adapter.fetch_events(cursor, context)

    @hookimpl
    def acknowledge_events(self, page: EventPage, context: Context) -> int:
        return self._adapter.acknowledge_events(page, context)

    @hookimpl
    def receive_events(self, request: WebhookRequest, context: Context) -> Sequence[CrmEvent]:
        return self._adapter.receive_events(request, context)

    @hookimpl
    def subscribe_events(self, target_url: str, context: Context) -> str:
        return self._adapter.subscribe_events(target_url, context)

    @hookimpl
    def fetch_deal(self, deal_id: str, event: CrmEvent | None, context: Context) -> Deal:
        return self._adapter.fetch_deal(deal_id, event, context)

    @hookimpl
    def fetch_customer(self, company_id: str, context: Context) -> Company:
        return self._adapter.fetch_customer(company_id, context)

    @hookimpl
    def fetch_companies(self, cursor: str | None, context: Context) -> Page[Company]:
        return self._adapter.fetch_companies(cursor, context)

    @hookimpl
    def fetch_persons(self, company_id: str, context: Context) -> Sequence[Person]:
        return self._adapter.fetch_persons(company_id, context)

    @hookimpl
    def write_back(self, values: WriteBack, context: Context) -> bool:
        return self._adapter.write_back(values, context)

    @hookimpl
    def show_invoices(self, standing: InvoiceStanding, context: Context) -> bool:
        return self._adapter.show_invoices(standing, context)
