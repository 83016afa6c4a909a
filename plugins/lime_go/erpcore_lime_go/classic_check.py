"""What `check_connection` looks at in the classic API."""

from __future__ import annotations

from typing import Any

from erpcore.errors import RemoteError
from erpcore.http import ApiClient
from erpcore.models import Check, ConnectionReport, CrmEvent

from .events import read_events
from .feed import PATH, feed_items
from .graphql import GraphQL, company_wants, deal_wants
from .schema import Schema, shows
from .settings import LimeGoSettings
from .values import filled, same_label

_LOOKED_AT = 20
_EXTRAS = {
    "value": "deal value (else it is taken from the event)",
    "currency": "currency (else the ERP's own)",
    "customerContact": "contact person",
    "postalAddress": "postal address",
    "visitAddress": "visiting address",
}


def check_classic(client: ApiClient, graphql: GraphQL, settings: LimeGoSettings) -> ConnectionReport:
    """Look at everything that a sync needs.

    Args:
        client: The connection's client.
        graphql: The connection's GraphQL.
        settings: The connection's settings.
    """
    try:
        schema = graphql.schema()
        deals = graphql.many("deals", deal_wants(settings.graphql_names), _LOOKED_AT)
        companies = graphql.many("organizations", company_wants(settings.graphql_names), _LOOKED_AT)
    except RemoteError as error:
        return ConnectionReport(checks=(Check(name="API key", state="error", detail=str(error)),))
    return ConnectionReport(
        checks=(
            Check(name="API key", state="ok", detail=f"accepted by {settings.host_url}"),
            *_feed(client, settings),
            _contact_data(companies, settings),
            _extras(schema, settings),
            _erp_id(deals, schema, settings),
            _write_back(schema, settings),
            _won(deals, settings),
            _webhook(settings),
        )
    )


def _feed(client: ApiClient, settings: LimeGoSettings) -> list[Check]:
    try:
        items = feed_items(client.read(PATH, params={"peek": "true"}))
    except RemoteError as error:
        return [Check(name="event feed", state="error", detail=str(error))]
    detail = (
        f"readable; {len(items)} events on its first page. What the first reading finds is history and is left alone "
    )
    return [
        Check(name="event feed", state="ok", detail=detail + "(rule feed_history)"),
        _time_of_wins(read_events(items, settings.event_names)),
    ]


def _time_of_wins(events: list[CrmEvent]) -> Check:
    name = "time of a win"
    wins = [event for event in events if event.kind == "deal_won"]
    if not wins:
        detail = "cannot be judged: no win is on the feed's first page. The rule won_since goes by it."
        return Check(name=name, state="ok", detail=detail)
    if all(event.happened_at for event in wins):
        return Check(name=name, state="ok", detail="events tell it; the rule won_since goes by it")
    detail = (
        "events do not tell it (event_names.happened_at): the rule won_since goes by the day that erpcore reads a win"
    )
    return Check(name=name, state="warning", detail=detail)


def _contact_data(companies: list[dict[str, Any]], settings: LimeGoSettings) -> Check:
    name = "contact data"
    if settings.contact_data != "auto":
        return Check(name=name, state="ok", detail=f"taken to be {settings.contact_data}, as the settings say")
    if not companies:
        return Check(name=name, state="warning", detail="cannot be judged: the key is shown no company")
    members = ("email", "phoneNumber", "city", "postalAddress", "visitAddress")
    if any(filled(company.get(member)) for company in companies for member in members):
        return Check(name=name, state="ok", detail="e-mail, telephone and addresses are shown")
    return Check(
        name=name,
        state="warning",
        detail="this key has no contact-data access: addresses, e-mail and telephone are not shown, and nothing of "
        "them is changed in the ERP. Ask Lime for a full-access key for an ERP integration, or use a personal key.",
    )


def _extras(schema: Schema | None, settings: LimeGoSettings) -> Check:
    if schema is None:
        detail = "the schema cannot be read; only the published fields are asked for"
        return Check(name="fields", state="warning", detail=detail)
    asked = {"deal": deal_wants(settings.graphql_names), "organization": company_wants(settings.graphql_names)}
    missing = [
        _EXTRAS[want.name]
        for query, wants in asked.items()
        for want in wants
        if want.name in _EXTRAS and not shows(schema, query, want)
    ]
    if missing:
        detail = f"not in the schema under a known name: {', '.join(missing)}. See the setting graphql_names."
        return Check(name="fields", state="warning", detail=detail)
    return Check(name="fields", state="ok", detail=f"the schema has {', '.join(_EXTRAS.values())}")


def _erp_id(deals: list[dict[str, Any]], schema: Schema | None, settings: LimeGoSettings) -> Check:
    name, title = "ERP ID", settings.erp_id_field
    if title is None:
        wants = {want.name: want for want in deal_wants(settings.graphql_names)}
        if shows(schema, "deal", wants["erpId"]):
            detail = (
                "the deal has a field of its own for it, which is read and never written: what is entered there by "
            )
            detail += (
                "hand keeps a second document from being made. Name a custom field (erp_id_field) to have it told."
            )
            return Check(name=name, state="ok", detail=detail)
        detail = "no field is named (erp_id_field): erpcore's links are the truth"
        return Check(name=name, state="ok", detail=detail)
    titles = {str(each.get("title")) for deal in deals for each in deal.get("customFields") or ()}
    if any(same_label(each, title) for each in titles):
        return Check(name=name, state="ok", detail=f"the custom field “{title}” is there")
    seen = ", ".join(f"“{each}”" for each in sorted(titles)) or "none"
    return Check(
        name=name,
        state="warning",
        detail=f"no deal looked at shows the custom field “{title}” (seen: {seen}). It may be empty on all of them; "
        "check its spelling in Lime Go.",
    )


def _write_back(schema: Schema | None, settings: LimeGoSettings) -> Check:
    name, mutation = "writing back", settings.set_custom_field_mutation
    if mutation is None:
        detail = (
            "off: no mutation is named (set_custom_field_mutation). Numbers stay in erpcore, which remembers them: "
        )
        detail += "an ERP ID that it could not write does not count as cleared."
        return Check(name=name, state="warning" if settings.deal_titles else "ok", detail=detail)
    known = schema.root(mutation, mutation=True) if schema else None
    names = settings.set_custom_field_arguments
    if known is None:
        have = sorted(schema.types.get(schema.mutation or "", {})) if schema else []
        detail = f"there is no mutation “{mutation}”; there are: {', '.join(have) or 'none that can be seen'}."
        return Check(name=name, state="error", detail=detail)
    if missing := sorted({names.deal, names.title, names.value} - known.arguments.keys()):
        detail = f"“{mutation}” takes no {', '.join(missing)}; it takes {', '.join(known.arguments)}."
        return Check(name=name, state="error", detail=detail)
    return Check(name=name, state="ok", detail=f"with “{mutation}”; whether the key may use it shows at the first try")


def _won(deals: list[dict[str, Any]], settings: LimeGoSettings) -> Check:
    name = "won deals"
    if not settings.won_statuses:
        return Check(name=name, state="ok", detail="the event DealWon is trusted (won_statuses is empty)")
    seen = sorted({str(deal["status"]) for deal in deals if deal.get("status")})
    if any(same_label(status, each) for status in seen for each in settings.won_statuses):
        return Check(name=name, state="ok", detail=f"counted by status: {', '.join(settings.won_statuses)}")
    return Check(
        name=name,
        state="warning",
        detail=f"no deal looked at has a status of won_statuses ({', '.join(settings.won_statuses)}); "
        f"seen: {', '.join(seen) or 'none'}.",
    )


def _webhook(settings: LimeGoSettings) -> Check:
    if settings.webhook_token is None:
        return Check(name="webhook", state="ok", detail="off (webhook_token is not set); events come from the feed")
    return Check(
        name="webhook", state="ok", detail="deliveries to the path with the token are believed; they are unsigned"
    )
