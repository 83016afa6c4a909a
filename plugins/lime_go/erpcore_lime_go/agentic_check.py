"""What `check_connection` looks at in the Agentic API."""

from __future__ import annotations

from erpcore.errors import PermissionDeniedError, RemoteError
from erpcore.models import Check, ConnectionReport

from .jsonapi import JsonApi, Resource
from .registers import Registers
from .settings import LimeGoSettings
from .values import same_label

_NEEDED = {
    "deals": "deals:read",
    "companies": "companies:read",
    "contacts": "contacts:read",
    "owners": "reference:read",
    "stages": "reference:read",
}

_NO_TIME = (
    "the API does not show it: the rule won_since goes by the day that erpcore reads the deal. The deals that are won "
    "when the feed is read for the first time are left alone until they are won again (rule feed_history)."
)


def check_agentic(api: JsonApi, registers: Registers, settings: LimeGoSettings) -> ConnectionReport:
    """Look at everything that a sync needs.

    Args:
        api: The connection's API.
        registers: The connection's registers.
        settings: The connection's settings.
    """
    missing: list[str] = []
    found: dict[str, list[Resource]] = {}
    try:
        for kind, scope in _NEEDED.items():
            try:
                found[kind] = list(api.page(kind).items)
            except PermissionDeniedError:
                missing.append(scope)
        try:
            api.changes(None)
        except PermissionDeniedError:
            missing.append("changes:read")
        checks = [
            Check(name="OAuth client", state="ok", detail=f"accepted by {settings.host_url}"),
            _scopes(missing),
            _won(found.get("stages", []), settings),
            Check(name="time of a win", state="warning", detail=_NO_TIME),
            *_custom_fields(registers, settings),
            _echo(settings),
        ]
    except RemoteError as error:
        return ConnectionReport(checks=(Check(name="OAuth client", state="error", detail=str(error)),))
    return ConnectionReport(checks=tuple(checks))


def _scopes(missing: list[str]) -> Check:
    if missing:
        detail = f"missing: {', '.join(dict.fromkeys(missing))}. Give them to the integration in Lime Go."
        return Check(name="scopes", state="error", detail=detail)
    return Check(name="scopes", state="ok", detail="everything can be read that a sync reads")


def _won(stages: list[Resource], settings: LimeGoSettings) -> Check:
    known = [stage.get("attributes") or {} for stage in stages]
    won = [
        str(stage.get("name"))
        for stage in known
        if any(same_label(str(stage.get("category")), each) for each in settings.won_categories)
        or any(same_label(str(stage.get("name")), each) for each in settings.won_stages)
    ]
    if won:
        return Check(name="won deals", state="ok", detail=f"these stages count as won: {', '.join(won)}")
    categories = ", ".join(sorted({str(stage.get("category")) for stage in known})) or "none"
    detail = f"no stage counts as won; categories: {categories}. Set won_categories, or won_stages by name."
    return Check(name="won deals", state="error", detail=detail)


def _custom_fields(registers: Registers, settings: LimeGoSettings) -> list[Check]:
    if settings.erp_id_field is None:
        detail = "no field is named (erp_id_field): erpcore's links are the truth"
        checks = [Check(name="ERP ID", state="ok", detail=detail)]
    else:
        checks = []
    try:
        for setting, title in settings.deal_titles.items():
            name = "ERP ID" if setting == "erp_id_field" else title
            if registers.key("deals", title) is not None:
                checks.append(Check(name=name, state="ok", detail=f"the custom field “{title}” is there"))
            else:
                detail = f"deals have no custom field “{title}” ({setting}). Make it in Lime Go or correct the setting."
                checks.append(Check(name=name, state="error", detail=detail))
    except PermissionDeniedError as error:
        checks.append(Check(name="custom fields", state="error", detail=str(error)))
    return checks


def _echo(settings: LimeGoSettings) -> Check:
    if settings.integration_id is None:
        detail = "integration_id is not set: our own changes come back as events, which costs requests and no more"
        return Check(name="own changes", state="warning", detail=detail)
    return Check(name="own changes", state="ok", detail="left out of the change feed")
