"""Whether a sync's rules can work with its two plugins, told before anything is promised. Pure.

``check``, ``run`` and ``plan`` ask here, so that no rule is refused by one and promised by another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.errors import ConfigurationError
from erpcore.fields import Unsupported
from erpcore.sync.shared.rules import SyncRules


def cannot_work(sync: str, rules: SyncRules, crm: CrmConnection, erp: ErpConnection) -> list[ConfigurationError]:
    """Give the rules of a sync that cannot work, each with what to do.

    A rule that nobody has set is left alone: it does nothing where its system has no use for it.

    Args:
        sync: Name of the sync.
        rules: Its rules.
        crm: Its CRM.
        erp: Its ERP.
    """
    found = [*_no_hook(rules, crm, erp), *_no_place(rules, erp), *_no_drafts(rules, erp)]
    return [
        ConfigurationError(f"{rule}: {problem}", setting=f"syncs.{sync}.{rule}", advice=advice)
        for rule, problem, advice in found
    ]


_Problem = tuple[str, str, str]
_LEAVE_OUT = "Leave the rule out, or join the sync to another system."


def _no_hook(rules: SyncRules, crm: CrmConnection, erp: ErpConnection) -> Iterator[_Problem]:
    """Rules that want something which a plugin has no hook for."""
    given, defaults = rules.model_fields_set, SyncRules()
    changed = {name for name in given if getattr(rules, name) != getattr(defaults, name, None)}
    deals = crm.can("fetch_deal")
    if rules.won_deal == "invoice" and not erp.can("create_invoice"):
        advice = "Set won_deal = “order”, and convert_to_invoice = true where an invoice is wanted."
        yield "won_deal", f"{erp.plugin.display_name} makes no invoices directly (create_invoice).", advice
    if rules.won_deal == "order" and "won_deal" in given and not erp.can("create_order"):
        yield "won_deal", f"{erp.plugin.display_name} makes no orders (create_order).", "Set won_deal = “invoice”."
    for rule in ("convert_to_invoice", "convert_field"):
        if rule in changed and not erp.can("convert_to_invoice"):
            yield rule, f"{erp.plugin.display_name} turns no orders into invoices (convert_to_invoice).", _LEAVE_OUT
    if "missing_article" in given and rules.missing_article == "create" and not erp.can("create_article"):
        yield "missing_article", f"{erp.plugin.display_name} creates no articles (create_article).", _LEAVE_OUT
    if rules.free_row == "article" and not erp.can("create_article"):
        yield "free_row", f"{erp.plugin.display_name} creates no articles (create_article).", "Set free_row = “row”."
    if rules.report_created_articles and not crm.can("store_article"):
        problem = f"{crm.plugin.display_name} has no place for the number of an article (store_article)."
        yield "report_created_articles", problem, _LEAVE_OUT
    for rule in ("convert_field", "field_mapping", "custom_fields", "on_cleared_erp_id"):
        if rule in changed and not deals:
            yield rule, f"{crm.plugin.display_name} shows no deals, and the rule is about deals.", _LEAVE_OUT
    if "on_cleared_order_number" in changed and not crm.can("fetch_order"):
        problem = f"{crm.plugin.display_name} keeps no orders, and the rule is about orders."
        yield "on_cleared_order_number", problem, _LEAVE_OUT
    if rules.missing_customer == "create" and "missing_customer" in given and not erp.can("create_customer"):
        yield "missing_customer", f"{erp.plugin.display_name} creates no customers (create_customer).", _LEAVE_OUT


def _no_place(rules: SyncRules, erp: ErpConnection) -> Iterator[_Problem]:
    """Rules that fill a field which the ERP has no place for."""
    document = "invoice" if rules.won_deal == "invoice" else "order"
    for title, field in rules.field_mapping.items():
        if reason := _why_not(erp, document, field):
            problem = f"“{title}” is to fill {field}, which {erp.plugin.display_name} has no place for: {reason}."
            yield "field_mapping", problem, "Map it to another field, or leave it out to have a text row of it."
    for name in ("terms_of_payment", "currency"):
        if getattr(rules.customer_defaults, name) and (reason := _why_not(erp, "customer", name)):
            problem = f"{name} is no field of customers in {erp.plugin.display_name}: {reason}."
            yield "customer_defaults", problem, "Leave it out."


def _why_not(erp: ErpConnection, record: str, field: str) -> str | None:
    field_map: Any = erp.plugin.field_maps.get(record)
    entries = () if field_map is None else field_map.entries
    found = (each for each in entries if isinstance(each, Unsupported) and each.name == field and not each.derived)
    return next((each.reason for each in found), None)


def _no_drafts(rules: SyncRules, erp: ErpConnection) -> Iterator[_Problem]:
    """Rules that want invoice drafts of an ERP that posts invoices at once.

    That a person asks for the invoice of one deal or order is another matter: they ask for an invoice.
    """
    wanted = {
        "won_deal": "create_invoice" if rules.won_deal == "invoice" else None,
        "convert_to_invoice": "convert_to_invoice" if rules.convert_to_invoice else None,
    }
    for rule, hook in wanted.items():
        if hook is None or rules.real_invoices or erp.plugin.makes.get(hook, "draft") == "draft":
            continue
        problem = f"it wants invoice drafts, but {erp.plugin.display_name} posts these invoices at once."
        yield rule, problem, "Leave the rule out, or set real_invoices = true if invoices may be posted unseen."


def dead_rules(rules: SyncRules, crm: CrmConnection, erp: ErpConnection) -> Iterator[str]:
    """Say which rules and promises the connections' settings make dead, for whoever sets them up.

    Args:
        rules: The sync's rules.
        crm: Its CRM.
        erp: Its ERP.
    """
    for kind in ("deal", "order"):
        field_map: Any = crm.plugin.field_maps.get(f"{kind}_write_back")
        if field_map is None or not crm.can(f"fetch_{kind}"):
            continue
        nowhere = {each.name: each.reason for each in field_map.entries if isinstance(each, Unsupported)}
        if reason := nowhere.get("message"):
            yield f"What goes wrong with a {kind} is not told in {crm.plugin.display_name}: {reason}."
        if kind == "deal" and (reason := nowhere.get("erp_id")):
            where = crm.plugin.display_name
            yield f"on_cleared_erp_id does nothing: a deal's ERP ID is not written to {where} ({reason})."
    if (setting := erp.plugin.needs_article) and crm.can("fetch_deal") and rules.won_deal != "nothing":
        yield (
            f"A deal without products has a row without article, which {erp.plugin.display_name} refuses: name an "
            f"article in the connection's {setting}."
        )
