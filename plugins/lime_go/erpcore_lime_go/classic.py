"""The adapter for the classic API: feed, deliveries, and reading and writing through GraphQL."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from erpcore.errors import ConfigurationError, RejectedError
from erpcore.fields import OMIT, canonical
from erpcore.hookspecs import Context
from erpcore.host import Host, RateLimit
from erpcore.http import ApiClient, Reply, RetryRules, StaticAuth, Timeouts
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

from .classic_check import check_classic
from .feed import Feed
from .fields import COMPANY, DEAL, OURS, PERSON, invoice_standing_map, write_back_map
from .graphql import CUSTOM_FIELDS, LARGEST_LIST, GraphQL, classic_error, company_wants, deal_wants, person_wants
from .reading import company_members, deal_members, is_customer
from .schema import SchemaField, selection, shows
from .settings import LimeGoSettings
from .values import filled, same_label, text
from .webhook import read_delivery

_REQUESTS_PER_MINUTE = 600
_CONTACT_MEMBERS = ("email", "phoneNumber", "city", "postalAddress", "visitAddress")
_ADDRESSES = ("postalAddress", "visitAddress")
_ADDRESS_MEMBERS = ("street", "zipCode", "city", "countryCode")


class Classic:
    """One account behind the classic API.

    Args:
        settings: The connection's settings.
        host: What erpcore lends.
    """

    def __init__(self, settings: LimeGoSettings, host: Host) -> None:
        self._settings = settings
        key = _key(settings)
        limit = settings.requests_per_minute or _REQUESTS_PER_MINUTE
        self._client = ApiClient(
            f"{settings.host_url}/v1",
            host,
            auth=StaticAuth(headers={"authorization": key}),
            # What Lime counts by is not published; a key belongs to one connection.
            limits=[RateLimit(f"lime_go:classic:{host.connection}", limit, 60.0)],
            timeouts=Timeouts(settings.request_seconds),
            retry=RetryRules(attempts=settings.attempts),
            error_reader=classic_error,
        )
        self._feed = Feed(self._client, settings)
        self._graphql = GraphQL(self._client)
        self._lock = threading.Lock()
        self._back = write_back_map("deal", settings)
        self._standing = invoice_standing_map("deal", settings)
        self._subscriptions: dict[str, str] = {}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def prove_credentials(self) -> None:
        """Have the key accepted, by reading the schema, which everything that is read later needs too.

        Raises:
            AuthenticationError: The key is refused.
            UnavailableError: Lime Go is out of reach.
        """
        self._graphql.schema()

    def check_connection(self, context: Context) -> ConnectionReport:
        """See `CrmHooks.check_connection`."""
        return check_classic(self._client, self._graphql, self._settings)

    def fetch_events(self, cursor: str | None, context: Context) -> EventPage:
        """See `CrmHooks.fetch_events`. The server keeps the position; the cursor only tells history from news."""
        return self._feed.peek(cursor)

    def acknowledge_events(self, page: EventPage, context: Context) -> int:
        """See `CrmHooks.acknowledge_events`."""
        return self._feed.let_go(page)

    def receive_events(self, request: WebhookRequest, context: Context) -> list[CrmEvent]:
        """See `CrmHooks.receive_events`."""
        return read_delivery(request, self._settings)

    def subscribe_events(self, target_url: str, context: Context) -> str:
        """See `CrmHooks.subscribe_events`.

        No call that lists subscriptions is published, so only those that this process made are known here; the caller
        keeps the id and does not ask again.
        """
        with self._lock:
            if target_url not in self._subscriptions:
                body = {"targeturl": target_url, "events": list(self._settings.subscribe_to)}
                reply = self._client.write("POST", "event/subscription", json=body)
                self._subscriptions[target_url] = _subscription_id(reply)
            return self._subscriptions[target_url]

    def fetch_deal(self, deal_id: str, event: CrmEvent | None, context: Context) -> Deal:
        """See `CrmHooks.fetch_deal`."""
        record = f"deal {deal_id}"
        found = self._graphql.one("deal", deal_id, deal_wants(self._settings.graphql_names), record)
        members: dict[str, Any] = {}
        custom = _custom_values(found)
        if custom is not None:
            members = deal_members(custom, _unknown, self._settings, record)
        if self._settings.erp_id_field is None and "erpId" in found:
            members["erp_id"] = found["erpId"] and text(found["erpId"])
        if (won := _won(found.get("status"), event, self._settings)) is not OMIT:
            members["won"] = won
        if "value" not in found and event is not None and "deal_value" in event.facts:
            found["value"] = event.facts["deal_value"]
        contact = found.get("customerContact")
        if isinstance(contact, dict):
            found["customerContact"] = self._person(contact)
        return canonical(DEAL, {**found, OURS: members}, record)

    def fetch_customer(self, company_id: str, context: Context) -> Company:
        """See `CrmHooks.fetch_customer`."""
        wants = company_wants(self._settings.graphql_names)
        return self._company(self._graphql.one("organization", company_id, wants, f"company {company_id}"))

    def fetch_companies(self, cursor: str | None, context: Context) -> Page[Company]:
        """See `CrmHooks.fetch_companies`. A page is 20 companies, the most that one query gives."""
        offset = 0 if cursor is None else int(cursor)
        wants, text = company_wants(self._settings.graphql_names), self._settings.all_companies_query
        found = self._graphql.many("organizations", wants, LARGEST_LIST, text=text, offset=offset)
        following = str(offset + len(found)) if len(found) == LARGEST_LIST else None
        return Page[Company](items=tuple(self._company(each) for each in found), next_cursor=following)

    def fetch_persons(self, company_id: str, context: Context) -> list[Person]:
        """See `CrmHooks.fetch_persons`."""
        found = self._graphql.employees(company_id, person_wants(self._settings.graphql_names), f"company {company_id}")
        return [canonical(PERSON, self._person(each), f"person {each.get('id')}") for each in found]

    def _company(self, found: dict[str, Any]) -> Company:
        custom = _custom_values(found)
        members = {} if custom is None else company_members(custom, _unknown, self._settings)
        members["is_customer"] = is_customer(found.get("customerRelation"), self._settings)
        return canonical(COMPANY, {**_seen(found, self._settings), OURS: members}, f"company {found.get('id')}")

    def _person(self, found: dict[str, Any]) -> dict[str, Any]:
        """Leave empty telephones out: a company key is shown none, only e-mail (Lime Go FAQ, API keys)."""
        if self._settings.contact_data == "shown":
            return found
        return {name: value for name, value in found.items() if not name.endswith("Number") or filled(value)}

    def write_back(self, values: WriteBack, context: Context) -> bool:
        """See `CrmHooks.write_back`. One request sets all fields; only deals have a mutation that is known of.

        Where the mutation does not answer with the deal's custom fields, the deal is read to see that they stand there.
        """
        told = self._back.to_native(values, clearing=True) if values.record_kind == "deal" else {}
        if not self._write(values.record_id, told):
            return False
        # A field of the deal's own for the ERP ID is shown and never written: a number that is not there is not lost.
        return not (values.shown("erp_id") and self._settings.erp_id_field is None and self._shows_erp_id())

    def show_invoices(self, standing: InvoiceStanding, context: Context) -> bool:
        """See `CrmHooks.show_invoices`; written as `write_back` writes."""
        told = self._standing.to_native(standing, clearing=True) if standing.record_kind == "deal" else {}
        return self._write(standing.record_id, told)

    def _write(self, deal_id: str, told: Mapping[str, str | None]) -> bool:
        """Set custom fields of a deal, by the settings that name them; whether there was anything to set."""
        mutation = self._settings.set_custom_field_mutation
        if mutation is None or not told:
            return False
        fields: dict[str, str | None] = {getattr(self._settings, place): value for place, value in told.items()}
        known = self._mutation(mutation)
        names = self._settings.set_custom_field_arguments
        shown = selection([CUSTOM_FIELDS], self._graphql.schema(), known.type) if known.is_object else ""
        asked = shown or ("{ __typename }" if known.is_object else "")
        deal_type = known.arguments[names.deal]
        declared = [f"$deal: {deal_type}"]
        calls = []
        record = f"deal {deal_id}"
        variables: dict[str, Any] = {"deal": self._graphql.argument(deal_id, deal_type, record)}
        for place, (title, value) in enumerate(fields.items()):
            declared += [
                f"$title{place}: {known.arguments[names.title]}",
                f"$value{place}: {known.arguments[names.value]}",
            ]
            arguments = f"{names.deal}: $deal, {names.title}: $title{place}, {names.value}: $value{place}"
            calls.append(f"set{place}: {mutation}({arguments}) {asked}")
            variables |= {f"title{place}": title, f"value{place}": value or ""}
        data = self._graphql.change(f"mutation ({', '.join(declared)}) {{ {' '.join(calls)} }}", variables)
        changed = data.get(f"set{len(fields) - 1}")
        if not shown:
            changed = self._graphql.one("deal", deal_id, (CUSTOM_FIELDS,), record)
        self._prove(changed, fields, record)
        return True

    def _shows_erp_id(self) -> bool:
        wants = deal_wants(self._settings.graphql_names)
        return any(shows(self._graphql.schema(), "deal", want) for want in wants if want.name == "erpId")

    def _mutation(self, name: str) -> SchemaField:
        schema = self._graphql.schema()
        known = schema.root(name, mutation=True) if schema else None
        names = self._settings.set_custom_field_arguments
        if known is None or not {names.deal, names.title, names.value} <= known.arguments.keys():
            has = "the schema cannot be read" if schema is None else "Lime Go has no such mutation"
            told = f"it takes {', '.join(known.arguments)}" if known else has
            raise ConfigurationError(
                f"Numbers cannot be written back with “{name}”: {told}.",
                setting=f"connections.{self._client.connection}.set_custom_field_mutation",
                advice="Name the mutation and its arguments as Lime states them, or leave the setting out.",
            )
        return known

    def _prove(self, changed: Any, fields: Mapping[str, str | None], record: str) -> None:
        custom = _custom_values(changed) if isinstance(changed, dict) else None
        if custom is None:
            return
        for title, value in fields.items():
            if title == self._settings.message_field:
                continue  # a long message may be cut without harm
            stands = next((each for name, each in custom.items() if same_label(name, title)), None)
            if (stands or "") != (value or "").strip():
                raise RejectedError(
                    f"Lime Go took the custom field “{title}” and does not show it.",
                    connection=self._client.connection,
                    record=record,
                    advice="Check that the deal has a custom field of this title, spelt the same.",
                )


def _key(settings: LimeGoSettings) -> SecretStr:
    assert settings.api_key is not None  # noqa: S101 the settings have checked it; this tells the type checker
    key = settings.api_key.get_secret_value().strip()
    return SecretStr(key if ":" in key else f"{settings.key_prefix}{key}")


def _unknown(_title: str) -> None:
    """Whether a custom field exists is not told by the classic API."""


def _custom_values(found: Mapping[str, Any]) -> dict[str, str | None] | None:
    fields = found.get("customFields")
    if not isinstance(fields, list):
        return None
    return {
        str(each["title"]).strip(): None if each.get("value") is None else text(each["value"])
        for each in fields
        if isinstance(each, dict) and each.get("title")
    }


def _won(status: Any, event: CrmEvent | None, settings: LimeGoSettings) -> Any:
    label = status if isinstance(status, str) else None
    if any(same_label(label, each) for each in settings.lost_statuses):
        return False
    if settings.won_statuses:
        return any(same_label(label, each) for each in settings.won_statuses)
    if event is not None and event.kind == "deal_won":
        return True
    if event is not None and event.facts.get("event_type") == "DealLost":
        return False
    return OMIT


def _seen(found: dict[str, Any], settings: LimeGoSettings) -> dict[str, Any]:
    """Leave contact data out unless the key is known to show it.

    A company key is answered null or nothing for all of it (Lime Go FAQ, API keys), which must not read as empty. One
    member that is filled in proves that the key shows contact data, and then the others' null means empty.
    """
    proven = settings.contact_data == "shown" or (
        settings.contact_data == "auto" and any(filled(found.get(name)) for name in _CONTACT_MEMBERS)
    )
    if not proven:
        return {name: value for name, value in found.items() if name not in _CONTACT_MEMBERS}
    empty = {name: dict.fromkeys(_ADDRESS_MEMBERS) for name in _ADDRESSES if name in found and found[name] is None}
    return {**found, **empty}


def _subscription_id(reply: Reply) -> str:
    body = reply.json()
    found = body.get("id") if isinstance(body, dict) else body
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise reply.unreadable("has no id of the subscription")
    return str(found)
