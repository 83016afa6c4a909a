"""What `check_connection` looks at: the key, each limetype and property that the settings name, options, webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erpcore.errors import NotFoundError, PermissionDeniedError, RejectedError, RemoteError
from erpcore.models import Check, ConnectionReport

from .client import LimeCrm
from .names import Names
from .settings import LimeCrmSettings

_TABLES = (
    "company",
    "coworker",
    "order",
    "order_row",
    "invoice",
    "invoice_row",
    "article",
    "article_group",
    "deal",
    "person",
)
_ONLY_FOR_DEALS = frozenset({"deal", "person"})
_NICE_TO_HAVE = frozenset({("coworker", "number")})

Properties = Mapping[str, Mapping[str, Any]]


def check(lime: LimeCrm, settings: LimeCrmSettings) -> ConnectionReport:
    """Look at everything that a sync needs.

    Args:
        lime: The connection's protocol.
        settings: The connection's settings.
    """
    checks: list[Check] = []
    try:
        lime.ping()
        checks.append(Check(name="API key", state="ok", detail=f"accepted by {settings.url}"))
        found: dict[str, Properties] = {}
        for table in _TABLES:
            names: Names = getattr(settings, table)
            limetype = names.model_dump()["limetype"]
            if limetype:
                told, properties = _table(lime, table, limetype, names, settings)
                checks.append(told)
                found[table] = properties
        for register, kept in settings.registers.items():
            if kept.limetype:
                checks.append(_table(lime, f"registers.{register}", kept.limetype, kept, settings)[0])
        checks += _options(found, settings)
        checks += _lengths(found, settings)
        checks.append(_echo(settings))
        checks += _changes(lime, settings)
        checks += _stranded(lime, settings)
        checks.append(_webhook(lime, settings))
    except RemoteError as error:
        checks.append(Check(name="API", state="error", detail=str(error)))
    return ConnectionReport(checks=tuple(checks))


def _table(
    lime: LimeCrm, table: str, limetype: str, names: Names, settings: LimeCrmSettings
) -> tuple[Check, Properties]:
    needed = table not in _ONLY_FOR_DEALS or settings.watch_deals
    try:
        properties = lime.limetype(limetype)
    except NotFoundError:
        detail = (
            f"the limetype “{limetype}” is not there. Correct {table}.limetype in the settings, or leave it empty "
            "if the installation has none."
        )
        return Check(name=limetype, state="error" if needed else "warning", detail=detail), {}
    except PermissionDeniedError as error:
        return Check(name=limetype, state="error" if needed else "warning", detail=str(error)), {}
    wanted = dict(names.properties)
    if rows := names.model_dump().get("rows"):
        wanted["rows"] = rows
    if table in ("company", "deal"):
        further = getattr(settings, f"{table}_custom_fields")
        wanted |= {f"{table}_custom_fields": name for name in further if name not in properties}
    missing = {setting: name for setting, name in wanted.items() if name not in properties}
    if not missing:
        return Check(name=limetype, state="ok", detail=f"all {len(wanted)} properties are there"), properties
    listed = ", ".join(f"{name} ({table}.{setting})" for setting, name in missing.items())
    nice = all((table, setting) in _NICE_TO_HAVE for setting in missing)
    detail = f"missing: {listed}. Make them in Lime CRM, or correct the settings; an empty name leaves a field out."
    return Check(name=limetype, state="error" if needed and not nice else "warning", detail=detail), properties


def _options(found: Mapping[str, Properties], settings: LimeCrmSettings) -> list[Check]:
    company = [key for name, key in dict(settings.company_status_keys).items() if name != "empty"]
    wanted = [
        ("order", settings.order.status, list(dict(settings.order_status_keys).values()), "order_status_keys"),
        ("company", settings.company.erp_status, company, "company_status_keys"),
    ]
    checks = []
    for table, name, keys, setting in wanted:
        if name not in found.get(table, {}):
            continue
        held = {str(option.get("key")) for option in found[table][name].get("options") or ()}
        if missing := [key for key in keys if key not in held]:
            has = ", ".join(sorted(filter(None, held))) or "none"
            detail = f"the options {', '.join(missing)} are missing; there are {has}. Correct {setting}."
            checks.append(Check(name=f"{table} status", state="error", detail=detail))
        else:
            checks.append(Check(name=f"{table} status", state="ok", detail="all option keys are there"))
    won = found.get("deal", {}).get(settings.deal.status, {}).get("options") if settings.watch_deals else None
    if won is not None:
        held = {str(option.get("key")) for option in won}
        if held.isdisjoint(settings.won_statuses):
            detail = f"no deal status counts as won; there are {', '.join(sorted(held))}. Correct won_statuses."
            checks.append(Check(name="won deals", state="error", detail=detail))
    return checks


def _lengths(found: Mapping[str, Properties], settings: LimeCrmSettings) -> list[Check]:
    held = found.get("article", {}).get(settings.article.description, {}).get("length")
    ours = settings.article_description_length
    if not isinstance(held, int) or held <= 0 or held == ours:
        return []
    state = "error" if held < ours else "warning"
    effect = "longer ones would be refused" if held < ours else "they are cut shorter than they need to be"
    detail = f"Lime CRM has room for {held} characters, article_description_length says {ours}: {effect}."
    return [Check(name="article descriptions", state=state, detail=detail)]


def _echo(settings: LimeCrmSettings) -> Check:
    if settings.api_user_id is not None:
        return Check(name="own changes", state="ok", detail=f"those of user {settings.api_user_id} are left out")
    detail = (
        "api_user_id is not set: a synced company is sent again only when its status is "
        f"{settings.company_status_keys.updatesmade}, or a delivery names what was changed."
    )
    return Check(name="own changes", state="warning", detail=detail)


def _changes(lime: LimeCrm, settings: LimeCrmSettings) -> list[Check]:
    if not settings.watch_changes or settings.api_user_id is None:
        return []
    try:
        lime.changed(settings.company.limetype, [], "2100-01-01T00:00:00+00:00", 0, 1)
    except (RejectedError, PermissionDeniedError) as error:
        detail = f"companies cannot be read by their time of change: {error} Set watch_changes to false."
        return [Check(name="changes", state="error", detail=detail)]
    return [Check(name="changes", state="ok", detail="companies can be read by their time of change")]


def _stranded(lime: LimeCrm, settings: LimeCrmSettings) -> list[Check]:
    """Name the orders that somebody else has put in process: nothing and nobody takes those up."""
    names, own = settings.order, settings.api_user_id
    if not names.limetype or own is None:
        return []
    key = settings.order_status_keys.inprocess
    try:
        records = lime.page(f"limeobject/{names.limetype}", names.limetype, filters={names.status: key}).items
    except (RejectedError, NotFoundError, PermissionDeniedError) as error:
        return [Check(name="orders in process", state="error", detail=f"cannot be read: {error}")]
    found = [each for each in records if each.text(names.status) == key and each.updated_by not in (None, own)]
    if not found:
        return [Check(name="orders in process", state="ok", detail="all were put there by erpcore")]
    listed = ", ".join(str(each.id) for each in found[:10]) + (", …" if len(found) > 10 else "")
    detail = (
        f"{listed}: changed last by somebody else than user {own}, so erpcore may not have it in hand. "
        "See “erpcore status”; what does not stand there goes when it is set ready again."
    )
    return [Check(name="orders in process", state="warning", detail=detail)]


def _webhook(lime: LimeCrm, settings: LimeCrmSettings) -> Check:
    if settings.webhook_secret is None:
        return Check(name="webhook", state="ok", detail="none (webhook_secret is not set): changes are read instead")
    try:
        mine = [each for each in lime.subscriptions() if each.get("name") == settings.subscription_name]
    except PermissionDeniedError:
        detail = "the API user may not see subscriptions. Put it in the group Webhook Users."
        return Check(name="webhook", state="error", detail=detail)
    if any(each.get("enabled") for each in mine):
        return Check(name="webhook", state="ok", detail=f"the subscription “{settings.subscription_name}” is enabled")
    detail = f"there is no enabled subscription “{settings.subscription_name}”; changes are read instead."
    return Check(name="webhook", state="warning", detail=detail)
