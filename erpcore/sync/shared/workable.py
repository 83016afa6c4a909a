"""Whether a sync's rules can work with its two plugins, told before anything is promised. Pure.

``check``, ``run`` and ``plan`` ask here, so that no rule is refused by one and promised by another. What a rule alone
can tell, `SyncRules` refuses when the settings are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from erpcore.connection import Connection, CrmConnection, ErpConnection
from erpcore.errors import ConfigurationError
from erpcore.fields import Loss, LossKind, Unsupported
from erpcore.models import Order, OrderRow
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.vat import may_be_undecided

_LEAVE_OUT = "Leave the rule out, or join the sync to another system."
_ABOUT_DEALS = ("won_since", "convert_field", "field_mapping", "custom_fields", "on_cleared_erp_id", "negative_value")
_ABOUT_CUSTOM_FIELDS = ("convert_field", "field_mapping", "custom_fields")
_ABOUT_ORDERS = ("on_cleared_order_number", "missing_customer", "sum_rounding", "erp_db")


@dataclass(frozen=True)
class _Problem:
    rule: str
    words: str
    advice: str = _LEAVE_OUT


@dataclass(frozen=True)
class _Sync:
    """A sync's rules and systems, and what is asked about them again and again."""

    rules: SyncRules
    crm: CrmConnection
    erp: ErpConnection

    @property
    def crm_name(self) -> str:
        return self.crm.plugin.display_name

    @property
    def erp_name(self) -> str:
        return self.erp.plugin.display_name

    @property
    def document(self) -> str:
        return "invoice" if self.rules.won_deal == "invoice" else "order"

    def given(self, rule: str, *values: object) -> bool:
        """Whether the settings say the rule, and one of the values if some are named."""
        return rule in self.rules.model_fields_set and (not values or getattr(self.rules, rule) in values)

    def changed(self, rule: str) -> bool:
        """Whether the settings say another value than the default."""
        return self.given(rule) and getattr(self.rules, rule) != getattr(_DEFAULTS, rule)

    def asked(self, rule: str) -> bool:
        """Whether the settings say the rule, and it asks for something."""
        return self.given(rule) and bool(getattr(self.rules, rule))

    def no_hook(self, rule: str, hook: str, words: str, *, crm: bool = False) -> Iterator[_Problem]:
        """A rule that needs a hook which the ERP, or the CRM, has not."""
        asked: Connection[Any] = self.crm if crm else self.erp
        if not asked.can(hook):
            yield _Problem(rule, f"{asked.plugin.display_name} {words} ({hook}).")


_DEFAULTS = SyncRules()


def cannot_work(sync: str, rules: SyncRules, crm: CrmConnection, erp: ErpConnection) -> list[ConfigurationError]:
    """Give the rules of a sync that cannot work, each with what to do.

    A rule that nobody has set is left alone: it does nothing where its system has no use for it.

    Args:
        sync: Name of the sync.
        rules: Its rules.
        crm: Its CRM.
        erp: Its ERP.
    """
    joined = _Sync(rules, crm, erp)
    found: dict[str, _Problem] = {}
    for looks in (_documents, _deals_and_orders, _customers, _articles, _money, _invoices, _places, _drafts):
        for problem in looks(joined):
            found.setdefault(problem.rule, problem)
    return [
        ConfigurationError(f"{each.rule}: {each.words}", setting=f"syncs.{sync}.{each.rule}", advice=each.advice)
        for each in found.values()
    ]


def _documents(sync: _Sync) -> Iterator[_Problem]:
    """What a deal or an order becomes."""
    rules, erp = sync.rules, sync.erp
    if rules.won_deal == "invoice" and not erp.can("create_invoice"):
        advice = "Set won_deal = “order”, and convert_to_invoice = true where an invoice is wanted."
        yield _Problem("won_deal", f"{sync.erp_name} makes no invoices directly (create_invoice).", advice)
    if sync.given("won_deal", "order") and not erp.can("create_order"):
        yield _Problem("won_deal", f"{sync.erp_name} makes no orders (create_order).", "Set won_deal = “invoice”.")
    for rule in ("convert_to_invoice", "convert_field"):
        if sync.changed(rule):
            yield from sync.no_hook(rule, "convert_to_invoice", "turns no orders into invoices")
    if sync.changed("real_invoices") and not (erp.can("create_invoice") or erp.can("convert_to_invoice")):
        yield _Problem("real_invoices", f"{sync.erp_name} makes no invoices at all.")
    if sync.changed("feed_history"):
        yield from sync.no_hook("feed_history", "fetch_events", "has no feed of events", crm=True)


def _deals_and_orders(sync: _Sync) -> Iterator[_Problem]:
    """Rules about a kind of record that the CRM does not show, or a part of it."""
    for rule in _ABOUT_DEALS:
        if sync.changed(rule) and not sync.crm.can("fetch_deal"):
            yield _Problem(rule, f"{sync.crm_name} shows no deals, and the rule is about deals.")
    for rule in _ABOUT_CUSTOM_FIELDS:
        if sync.changed(rule) and (reason := _why_not(sync.crm, "deal", "custom_fields")):
            yield _Problem(rule, f"{sync.crm_name} shows no custom fields of deals: {reason}.")
    for rule in _ABOUT_ORDERS:
        if sync.changed(rule) and not sync.crm.can("fetch_order"):
            yield _Problem(rule, f"{sync.crm_name} keeps no orders, and the rule is about orders.")
    if sync.changed("erp_db") and (reason := _why_not(sync.crm, "crm_order", "erp_db")):
        yield _Problem("erp_db", f"the orders of {sync.crm_name} do not show their ERP db: {reason}.")
    if sync.changed("on_cleared_erp_id") and (reason := _why_not(sync.crm, "deal_write_back", "erp_id")):
        words = f"a deal's ERP ID is not written to {sync.crm_name}, so that none can be cleared: {reason}."
        yield _Problem("on_cleared_erp_id", words, "Name the field for it in the connection's settings.")


def _customers(sync: _Sync) -> Iterator[_Problem]:
    makes = "creates no customers"
    for rule, value in {
        "missing_customer": "create",
        "without_organisation_number": "create",
        "foreign_organisation_number": "as_written",
    }.items():
        if sync.given(rule, value):
            yield from sync.no_hook(rule, "create_customer", makes)
    if sync.asked("send_customers"):
        yield from sync.no_hook("send_customers", "create_customer", makes)
    for rule in ("send_customer_changes", "update_existing_customer"):
        if sync.asked(rule):
            yield from sync.no_hook(rule, "update_customer", "changes no customers")
    if sync.given("match") and {*sync.rules.match} - {"link"}:
        yield from sync.no_hook("match", "find_customers", "finds no customers")
    if sync.changed("companies_per_hour") and sync.rules.companies_per_hour:
        yield from sync.no_hook("companies_per_hour", "fetch_customer", "shows no companies", crm=True)
        if sync.crm.plugin.tells_company_changes:
            words = f"{sync.crm_name} tells by itself which companies are changed, so that none are looked at in turn."
            yield _Problem("companies_per_hour", words, "Leave the rule out.")
    if sync.given("shared_customer", "ask"):
        yield from sync.no_hook("shared_customer", "fetch_customer", "shows no companies", crm=True)
    if sync.given("inactive_customer", "activate"):
        yield from sync.no_hook("inactive_customer", "update_customer", "changes no customers")
        if reason := _why_not(sync.erp, "customer", "active"):
            yield _Problem("inactive_customer", f"{sync.erp_name} cannot be told that a customer is active: {reason}.")
    rule = "deliver_to_visiting_address"
    if sync.asked(rule) and (reason := _why_not(sync.erp, "customer", "delivery_address")):
        yield _Problem(rule, f"a customer in {sync.erp_name} has no delivery address: {reason}.")
    if sync.given("contact_persons", "find", "create"):
        yield from sync.no_hook("contact_persons", "find_contact_persons", "finds no contact persons")
    if sync.given("contact_persons", "create"):
        yield from sync.no_hook("contact_persons", "create_contact_person", "adds no contact persons")
    home = sync.rules.company_country or sync.erp.plugin.country
    if sync.changed("undecided_vat") and not may_be_undecided(home):
        words = "nobody says in which country the company is" if home is None else f"{home} is not in the EU"
        advice = "Set company_country, or leave the rule out."
        yield _Problem("undecided_vat", f"{words}, so that no customer's VAT is ever undecided.", advice)


def _articles(sync: _Sync) -> Iterator[_Problem]:
    rules, crm, erp = sync.rules, sync.crm, sync.erp
    if sync.given("missing_article", "create"):
        yield from sync.no_hook("missing_article", "create_article", "creates no articles")
    if rules.free_row == "article" and not erp.can("create_article"):
        yield _Problem("free_row", f"{sync.erp_name} creates no articles (create_article).", "Set free_row = “row”.")
    for name in ("article_of_same_name", "article_of_like_number"):
        if sync.given(name, "use", "stop"):
            yield from sync.no_hook(name, "find_articles", "finds no articles")
    if rules.report_created_articles:
        yield from sync.no_hook(
            "report_created_articles", "store_article", "has no place for the number of an article", crm=True
        )
    for rule in ("units", "default_unit"):
        places = (f"{sync.document}_row", "article")
        reasons = [reason for place in places if (reason := _why_not(erp, place, "unit"))]
        if sync.changed(rule) and len(reasons) == len(places):
            yield _Problem(rule, f"{sync.erp_name} takes no units: {reasons[0]}.")
        chosen = {"units": [*rules.units.values()], "default_unit": [rules.default_unit] if rules.default_unit else []}
        for code in chosen[rule]:
            lost = erp.losses(Order(rows=(OrderRow(unit=code),)))
            if reason := next((each.reason for each in lost if each.field == "rows[0].unit" and _is_lost(each)), None):
                yield _Problem(rule, f"{sync.erp_name} cannot take “{code}”: {reason}.", "Name a unit that it has.")
    advice = "Set articles = “to_crm”, which keeps the ERP's articles at hand, or “off”."
    if rules.articles in ("to_erp", "both"):
        if not crm.can("fetch_articles"):
            words = f"{sync.crm_name} shows no articles, so that none can be sent from there."
            yield _Problem("articles", words, advice)
        if not erp.can("sync_articles"):
            yield _Problem("articles", f"{sync.erp_name} takes no articles (sync_articles).", advice)
    if rules.articles in ("to_crm", "both") and not erp.can("fetch_articles"):
        yield _Problem("articles", f"{sync.erp_name} shows no articles, so that none can be sent from there.", advice)
    if sync.changed("article_groups") and (reason := _why_not(erp, "article", "group")):
        yield _Problem("article_groups", f"an article in {sync.erp_name} has no group: {reason}.")


def _money(sync: _Sync) -> Iterator[_Problem]:
    rules, plugin = sync.rules, sync.erp.plugin
    if sync.changed("foreign_price"):
        yield from sync.no_hook("foreign_price", "list_register", "tells no rates of currencies")
    if sync.given("currency_not_shown", "own") and plugin.own_currency is None and not plugin.tells_currency:
        advice = "Name the currency that all amounts in the CRM are in, such as currency_not_shown = “SEK”."
        yield _Problem("currency_not_shown", f"nobody says the own currency of {sync.erp_name}'s company.", advice)
    if rules.value_differs == "discount_row" and (setting := plugin.needs_article):
        words = f"a discount row names no article, and {sync.erp_name} takes no row with a price and without one."
        yield _Problem("value_differs", words, f"Name an article in the connection's {setting}.")
    for rule in ("sums_differ", "erp_adds"):
        if sync.given(rule) and _why_not(sync.erp, sync.document, "net") and _why_not(sync.erp, sync.document, "total"):
            yield _Problem(rule, f"{sync.erp_name} tells no sums of its documents, so that nothing can be compared.")


def _invoices(sync: _Sync) -> Iterator[_Problem]:
    if sync.given("invoices", "mirror", "crm"):
        yield from sync.no_hook("invoices", "fetch_invoices", "shows no invoices")
    if sync.given("invoices", "crm") and not (sync.crm.can("store_invoice") or sync.crm.can("show_invoices")):
        yield _Problem("invoices", f"{sync.crm_name} has no place for invoices.", "Set invoices = “mirror”.")


def _places(sync: _Sync) -> Iterator[_Problem]:
    """Rules that fill a field which the ERP has no place for."""
    for title, field in sync.rules.field_mapping.items():
        if reason := _why_not(sync.erp, sync.document, field):
            words = f"“{title}” is to fill {field}, which {sync.erp_name} has no place for: {reason}."
            yield _Problem("field_mapping", words, "Map it to another field, or leave it out to have a text row of it.")
    for name in ("terms_of_payment", "currency"):
        if getattr(sync.rules.customer_defaults, name) and (reason := _why_not(sync.erp, "customer", name)):
            words = f"{name} is no field of customers in {sync.erp_name}: {reason}."
            yield _Problem("customer_defaults", words, "Leave it out.")
    if sync.given("our_reference") and (reason := _why_not(sync.erp, sync.document, "our_reference")):
        yield _Problem("our_reference", f"a document in {sync.erp_name} has none: {reason}.")


def _why_not(connection: Connection[Any], record: str, field: str) -> str | None:
    """Say why a system has no place for a field, or for any part of it; None when it has, or has it from elsewhere."""
    field_map: Any = connection.plugin.field_maps.get(record)
    entries = () if field_map is None else field_map.entries
    found = [each for each in entries if each.name == field or each.name.startswith(f"{field}.")]
    if not found or not all(isinstance(each, Unsupported) and not each.derived for each in found):
        return None
    return str(found[0].reason)


def _is_lost(loss: Loss) -> bool:
    return loss.kind in (LossKind.DROPPED, LossKind.TRUNCATED)


def _drafts(sync: _Sync) -> Iterator[_Problem]:
    """Rules that want invoice drafts of an ERP that posts invoices at once.

    That a person asks for the invoice of one deal or order is another matter: they ask for an invoice.
    """
    wanted = {
        "won_deal": "create_invoice" if sync.rules.won_deal == "invoice" else None,
        "convert_to_invoice": "convert_to_invoice" if sync.rules.convert_to_invoice else None,
    }
    for rule, hook in wanted.items():
        if hook is None or sync.rules.real_invoices or sync.erp.plugin.makes.get(hook, "draft") == "draft":
            continue
        words = f"it wants invoice drafts, but {sync.erp_name} posts these invoices at once."
        advice = "Leave the rule out, or set real_invoices = true if invoices may be posted unseen."
        yield _Problem(rule, words, advice)


def dead_rules(rules: SyncRules, crm: CrmConnection, erp: ErpConnection) -> Iterator[str]:
    """Say which rules and promises the connections' settings make dead, for whoever sets them up.

    Args:
        rules: The sync's rules.
        crm: Its CRM.
        erp: Its ERP.
    """
    yield from _untold(rules, crm)
    where = crm.plugin.display_name
    if (reason := _why_not(crm, "company", "erp_number")) and "customer_number" in rules.match:
        yield f"match = “customer_number” does nothing: {where} shows no customer number of a company ({reason})."
    if rules.invoices == "crm":
        standing = [_why_not(crm, f"{kind}_standing", "colour") for kind in ("deal", "order", "company", "invoice")]
        told = [reason for reason in standing if reason]
        if not crm.can("store_invoice") and len(told) == len([kind for kind in standing if kind is not None]) and told:
            yield f"invoices = “crm” shows nothing of invoices in {where} ({told[0]})."
    if (setting := erp.plugin.needs_article) and "deal" in _kinds(rules, crm) and rules.won_deal != "nothing":
        yield (
            f"A deal without products has a row without article, which {erp.plugin.display_name} refuses: name an "
            f"article in the connection's {setting}."
        )
    without = (name for name, effect in erp.plugin.effects.items() if effect.kind == "none")
    for name in without:
        yield f"What {name} made cannot be looked up after a lost answer, so that a person is asked each time."


def _kinds(rules: SyncRules, crm: CrmConnection) -> list[str]:
    """Give what the sync is for: orders where the CRM keeps them, and then deals only where the rules name them."""
    orders, deals = crm.can("fetch_order"), crm.can("fetch_deal")
    named = not orders or ("won_deal" in rules.model_fields_set and rules.won_deal != "nothing")
    return [*(["deal"] if deals and named else []), *(["order"] if orders else [])]


def _untold(rules: SyncRules, crm: CrmConnection) -> Iterable[str]:
    where = crm.plugin.display_name
    for kind in _kinds(rules, crm):
        record = f"{kind}_write_back"
        if reason := _why_not(crm, record, "message"):
            yield f"What goes wrong with a {kind} is not told in {where}: {reason}."
        if reason := _why_not(crm, record, "status"):
            yield f"How far a {kind} has come is not told in {where}: {reason}."
        if kind == "deal" and (reason := _why_not(crm, record, "erp_id")):
            yield f"on_cleared_erp_id does nothing: a deal's ERP ID is not written to {where} ({reason})."
        if (rules.convert_to_invoice or rules.convert_field) and (reason := _why_not(crm, record, "invoice_number")):
            yield f"The number of the invoice that a {kind} becomes is not told in {where}: {reason}."
