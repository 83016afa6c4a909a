"""The adapter for the Agentic API: change feed, reading, and writing custom fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erpcore.errors import (
    ConfigurationError,
    NotFoundError,
    PermissionDeniedError,
    UnsupportedOperationError,
    WebhookRefusedError,
)
from erpcore.fields import OMIT, canonical
from erpcore.hookspecs import Context
from erpcore.host import Host, RateLimit
from erpcore.http import ApiClient, OAuth2Auth, OAuth2Settings, RetryRules, Timeouts
from erpcore.models import (
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

from .agentic_check import check_agentic
from .changes import Changes
from .fields import COMPANY_AGENTIC, DEAL_AGENTIC, OURS, PERSON_AGENTIC, invoice_standing_map, write_back_map
from .jsonapi import MEDIA_TYPE, JsonApi, Resource, agentic_error, linked
from .reading import Defined, company_members, deal_members, is_customer
from .registers import Registers, full_name
from .settings import LimeGoSettings
from .values import same_label, text

_REQUESTS_PER_MINUTE = 120


class Agentic:
    """One account behind the Agentic API.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    def __init__(self, settings: LimeGoSettings, host: Host) -> None:
        assert settings.client_id is not None  # noqa: S101 the settings have checked it; this tells the type checker
        assert settings.client_secret is not None  # noqa: S101 as above
        self._settings = settings
        auth = OAuth2Auth(
            host,
            OAuth2Settings(
                token_url=f"{settings.host_url}/oauth/token",
                client_id=settings.client_id,
                client_secret=settings.client_secret,
                grant="client_credentials",
                scope=settings.scope,
                client_auth="client_secret_post",
                default_lifetime=1800.0,
            ),
        )
        organisation = settings.organisation or f"of {settings.client_id}"
        self._client = ApiClient(
            settings.host_url,
            host,
            auth=auth,
            limits=[
                RateLimit(
                    f"lime_go:agentic:integration {settings.client_id}",
                    settings.requests_per_minute or _REQUESTS_PER_MINUTE,
                    60.0,
                ),
                RateLimit(
                    f"lime_go:agentic:organisation {organisation}", settings.organisation_requests_per_minute, 60.0
                ),
            ],
            timeouts=Timeouts(settings.request_seconds),
            retry=RetryRules(attempts=settings.attempts),
            headers={"accept": MEDIA_TYPE},
            error_reader=agentic_error,
        )
        self._back = {"deal": write_back_map("deal", settings), "company": write_back_map("company", settings)}
        self._standing = {
            "deal": invoice_standing_map("deal", settings),
            "company": invoice_standing_map("company", settings),
        }
        self._api = JsonApi(self._client)
        self._registers = Registers(self._api)
        self._changes = Changes(self._api, settings, self._may_be_won)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def prove_credentials(self) -> None:
        """Have the client accepted, by reading the first coworkers.

        Raises:
            AuthenticationError: The client is refused.
            UnavailableError: Lime Go is out of reach.
        """
        try:
            self._api.page("owners")
        except PermissionDeniedError:
            return  # accepted, with fewer rights: the report on the connection names them

    def check_connection(self, context: Context) -> ConnectionReport:
        """See `CrmHooks.check_connection`."""
        return check_agentic(self._api, self._registers, self._settings)

    def fetch_events(self, cursor: str | None, context: Context) -> EventPage:
        """See `CrmHooks.fetch_events`."""
        return self._changes.fetch(cursor)

    def acknowledge_events(self, page: EventPage, context: Context) -> int:
        """See `CrmHooks.acknowledge_events`: nothing is used up by reading the change feed."""
        return 0

    def receive_events(self, request: WebhookRequest, context: Context) -> list[CrmEvent]:
        """See `CrmHooks.receive_events`: the API delivers nothing."""
        raise WebhookRefusedError("The Agentic API delivers no events; nothing is taken here.", status=404)

    def subscribe_events(self, target_url: str, context: Context) -> str:
        """See `CrmHooks.subscribe_events`: the API delivers nothing."""
        raise UnsupportedOperationError(
            "The Agentic API of Lime Go delivers no events.",
            connection=self._client.connection,
            advice="Its change feed is read instead; nothing has to be subscribed.",
        )

    def fetch_deal(self, deal_id: str, event: CrmEvent | None, context: Context) -> Deal:
        """See `CrmHooks.fetch_deal`. The deal is one request, its contact person another."""
        record = f"deal {deal_id}"
        found, _ = self._api.one("deals", deal_id)
        payload = _flat(found)
        members = deal_members(self._custom(found, "deals"), self._defined("deals"), self._settings, record)
        stages = linked(found, "stage")
        payload["stage"] = self._stage(stages)
        if stages is not None and (won := self._won(stages, payload["stage"])) is not OMIT:
            members["won"] = won
        payload["company"] = _one_of(linked(found, "company"))
        payload["owner"] = self._owner(linked(found, "owners"))
        payload["contact"] = self._contact(linked(found, "contacts"))
        return canonical(DEAL_AGENTIC, {**payload, OURS: members}, record)

    def fetch_customer(self, company_id: str, context: Context) -> Company:
        """See `CrmHooks.fetch_customer`."""
        return self._company(self._api.one("companies", company_id)[0])

    def fetch_companies(self, cursor: str | None, context: Context) -> Page[Company]:
        """See `CrmHooks.fetch_companies`. A page is 100 companies."""
        found = self._api.page("companies", link=cursor)
        return Page[Company](items=tuple(self._company(each) for each in found.items), next_cursor=found.next_cursor)

    def fetch_persons(self, company_id: str, context: Context) -> list[Person]:
        """See `CrmHooks.fetch_persons`.

        The API has no filter by company, and shows persons of a company nowhere else, so that all persons are read: one
        request per 100 of the account.
        """
        self._api.one("companies", company_id)
        own = (each for each in self._api.all("contacts") if linked(each, "company") == [company_id])
        return [canonical(PERSON_AGENTIC, _person(each), f"person {each.get('id')}") for each in own]

    def _company(self, found: Resource) -> Company:
        members = company_members(self._custom(found, "companies"), self._defined("companies"), self._settings)
        members["is_customer"] = is_customer((found.get("attributes") or {}).get("status"), self._settings)
        payload = {**_flat(found), "owner": self._owner(linked(found, "owner")), OURS: members}
        return canonical(COMPANY_AGENTIC, payload, f"company {found.get('id')}")

    def write_back(self, values: WriteBack, context: Context) -> bool:
        """See `CrmHooks.write_back`.

        Whether PATCH merges custom fields or replaces them is not known, so all of them are written as they were read,
        with the new ones among them.
        """
        table = self._back.get(values.record_kind)
        places = {} if table is None else table.to_native(values, clearing=True)
        return self._write(values.record_kind, values.record_id, places, context)

    def show_invoices(self, standing: InvoiceStanding, context: Context) -> bool:
        """See `CrmHooks.show_invoices`; written as `write_back` writes."""
        table = self._standing.get(standing.record_kind)
        places = {} if table is None else table.to_native(standing, clearing=True)
        return self._write(standing.record_kind, standing.record_id, places, context)

    def _write(self, record_kind: str, record_id: str, places: Mapping[str, Any], context: Context) -> bool:
        if not places:
            return False
        kind = {"deal": "deals", "company": "companies"}[record_kind]
        told = {self._key(kind, place): value for place, value in places.items()}

        def change(record: Resource) -> Mapping[str, Any] | None:
            custom = dict((record.get("attributes") or {}).get("custom_fields") or {})
            if all((_as_text(custom.get(key)) or "") == (value or "") for key, value in told.items()):
                return None
            return {"custom_fields": custom | told}

        self._api.change(kind, record_id, change, context.correlation_id)
        return True

    def _key(self, kind: str, setting: str) -> str:
        title = getattr(self._settings, setting)
        key = self._registers.key(kind, title)
        if key is None:
            have = ", ".join(f"“{each}”" for each in self._registers.titles(kind).values()) or "none"
            raise ConfigurationError(
                f"Lime Go has no custom field “{title}” on {kind}; it has {have}.",
                setting=f"connections.{self._client.connection}.{setting}",
                advice="Make the field in Lime Go, or correct the setting.",
            )
        return key

    def _custom(self, found: Resource, kind: str) -> dict[str, str | None]:
        titles = self._registers.titles(kind)
        held = (found.get("attributes") or {}).get("custom_fields") or {}
        return {titles.get(key, key): _as_text(value) for key, value in held.items()}

    def _defined(self, kind: str) -> Defined:
        return lambda title: self._registers.key(kind, title) is not None

    def _won(self, stages: list[str], stage: dict[str, Any] | None) -> Any:
        if not stages:
            return False
        if stage is None:
            return OMIT
        category, name = str(stage.get("category")), stage.get("name")
        return any(same_label(category, each) for each in self._settings.won_categories) or any(
            same_label(name, each) for each in self._settings.won_stages
        )

    def _may_be_won(self, deal: Resource) -> bool:
        stages = linked(deal, "stage")
        return stages is None or self._won(stages, self._stage(stages)) is not False

    def _stage(self, ids: list[str] | None) -> dict[str, Any] | None:
        # From the register, not with `include`: that was only seen to work for owners of companies.
        return self._registers.stage(ids[0]) if ids else None

    def _owner(self, ids: list[str] | None) -> dict[str, Any] | None:
        if not ids:
            return None
        try:
            return self._registers.owner(ids[0])
        except PermissionDeniedError:
            return {"id": ids[0]}  # without the scope for reference data the name is not shown

    def _contact(self, ids: list[str] | None) -> dict[str, Any] | None:
        if not ids:
            return None
        try:
            found = self._api.one("contacts", ids[0])[0]
        except (NotFoundError, PermissionDeniedError):
            return {"id": ids[0]}  # deleted meanwhile, or without the scope: nothing of it is shown
        return _person(found)


def _flat(found: Resource) -> dict[str, Any]:
    attributes = found.get("attributes")
    meta = found.get("meta")
    counted = {"revision": meta["revision"]} if isinstance(meta, dict) and "revision" in meta else {}
    return {**(attributes if isinstance(attributes, dict) else {}), "id": found.get("id"), **counted}


def _person(found: Resource) -> dict[str, Any]:
    flat = _flat(found)
    return {**flat, "name": full_name(flat)}


def _one_of(ids: list[str] | None) -> dict[str, Any] | None:
    return {"id": ids[0]} if ids else None


def _as_text(value: Any) -> str | None:
    return None if value is None else text(value)
