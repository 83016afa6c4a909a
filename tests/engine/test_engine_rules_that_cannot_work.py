"""For each rule of a sync, a setting that cannot work: refused by ``check``, ``run`` and ``plan`` alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from erpcore.cli.accounts import _cannot_work
from erpcore.connection import CrmConnection, ErpConnection
from erpcore.engine.assembly import Assembly
from erpcore.errors import ConfigurationError
from erpcore.fields import FieldMap, Unsupported, leaf_names
from erpcore.hookspecs import CrmHooks, ErpHooks, hooks_of
from erpcore.models import Article, Customer, Invoice, Order, OrderRow
from erpcore.settings import parse_settings
from erpcore.sync.shared.rules import SyncRules
from tests.sync.memory_crm import Desk, MemoryCrm
from tests.sync.memory_plugin import Books, MemoryErp


def without_hooks(base: type, specs: type) -> type:
    return type("Bare", (base,), dict.fromkeys(hooks_of(specs)))


def without_places(model: Any) -> FieldMap[Any]:
    return FieldMap(model, [Unsupported(name, reason="it has no place for it") for name in leaf_names(model)])


class BareErp(without_hooks(MemoryErp, ErpHooks)):  # type: ignore[misc] # a class that is made here
    """An ERP that can do nothing, and has a place for nothing."""

    field_maps: ClassVar = {
        "customer": without_places(Customer),
        "article": without_places(Article),
        "order": without_places(Order),
        "order_row": without_places(OrderRow),
        "invoice": without_places(Invoice),
    }

    @property
    def needs_article(self) -> str | None:
        return "default_article"


BareCrm = without_hooks(MemoryCrm, CrmHooks)

CASES: dict[str, str] = {
    "won_deal": 'won_deal = "invoice"',
    "won_since": "won_since = 2026-01-01",
    "feed_history": 'feed_history = "send"',
    "convert_to_invoice": "convert_to_invoice = true",
    "real_invoices": "real_invoices = true",
    "convert_field": 'convert_field = "Invoice"',
    "match": 'match = ["name"]',
    "send_customers": "send_customers = true",
    "send_customer_changes": "send_customer_changes = true",
    "companies_per_hour": "companies_per_hour = 100",
    "without_organisation_number": 'without_organisation_number = "create"',
    "foreign_organisation_number": 'foreign_organisation_number = "as_written"',
    "update_existing_customer": "update_existing_customer = true",
    "shared_customer": 'shared_customer = "ask"',
    "inactive_customer": 'inactive_customer = "activate"',
    "deliver_to_visiting_address": "deliver_to_visiting_address = true",
    "customer_defaults": 'customer_defaults = { terms_of_payment = "30" }',
    "contact_persons": 'contact_persons = "create"',
    "missing_article": 'missing_article = "create"',
    "free_row": 'free_row = "article"',
    "article_of_same_name": 'article_of_same_name = "use"',
    "article_of_like_number": 'article_of_like_number = "use"',
    "units": 'units = { stk = "st" }',
    "report_created_articles": "report_created_articles = true",
    "default_unit": 'default_unit = "st"',
    "custom_fields": 'custom_fields = "ignore"',
    "field_mapping": 'field_mapping = { Project = "project" }',
    "negative_value": 'negative_value = "send"',
    "undecided_vat": 'undecided_vat = "note"',
    "currency_not_shown": 'currency_not_shown = "own"',
    "foreign_price": 'foreign_price = "convert"',
    "on_cleared_erp_id": 'on_cleared_erp_id = "ask"',
    "our_reference": 'our_reference = ["email"]',
    "missing_customer": 'missing_customer = "create"',
    "articles": 'articles = "both"',
    "erp_db": 'erp_db = "se"',
    "on_cleared_order_number": 'on_cleared_order_number = "restore"',
    "sums_differ": 'sums_differ = "warn"',
    "erp_adds": 'erp_adds = "stop"',
    "value_differs": 'value_differs = "discount_row"',
    "sum_rounding": 'sum_rounding = "sum"',
    "invoices": 'invoices = "crm"',
}
"""Rules that their systems cannot carry out."""

SENSELESS: dict[str, str] = {
    "time_zone": 'time_zone = "Europe/Nowhere"',
    "language": 'language = "de"',
    "unknown_customer_number": 'unknown_customer_number = "stop"\nmatch = ["link"]',
    "customer_delay_seconds": "customer_delay_seconds = -1",
    "company_country": 'company_country = "ZZ"',
    "currencies": 'currencies = ["kronor"]',
    "currency_not_shown": 'currency_not_shown = "EUR"\ncurrencies = ["SEK"]',
    "customer_defaults": 'customer_defaults = { currency = "EUR" }\ncurrencies = ["SEK"]',
    "article_minutes": "article_minutes = 5",
    "article_conflict": 'article_conflict = "crm"\narticles = "to_erp"',
    "article_conflict_of": 'article_conflict_of = { price = "erp" }',
    "row_prices": 'row_prices = "article"',
    "article_currency": 'article_currency = "SEK"',
    "article_groups": 'article_groups = { Goods = "1" }',
    "discount_row": 'discount_row = "Rabatt"',
    "sum_tolerance": "sum_tolerance = -1",
    "invoices_since": 'invoices_since = 2026-01-01\ninvoices = "off"',
    "invoice_minutes": 'invoice_minutes = 5\ninvoices = "off"',
    "on_loss": 'on_loss = "maybe"',
    "on_loss_of": 'on_loss_of = { "row.unit" = "block" }',
}
"""Rules that cannot work with any system: refused when the settings are read, which each command does first."""

BESIDE_OTHERS = {"customer_number_in_crm", "erp_db"}
"""Rules that another sync of the same CRM makes impossible."""

Make = Callable[..., Assembly]


@pytest.fixture
def assembly_of(place: Any) -> Iterator[Make]:
    """Gives an assembly for rules, with connections to two systems."""
    with place.store() as store:

        def make(*rules: str) -> Assembly:
            syncs = "".join(f'[syncs.s{at}]\ncrm = "crm"\nerp = "erp"\n{each}\n' for at, each in enumerate(rules))
            text = place.settings_file.read_text().partition("[syncs.")[0] + syncs
            assembly = Assembly(parse_settings(text, Path("erpcore.toml")), store, worker="test")
            assembly._crms["crm"] = CrmConnection(BareCrm(Desk()))
            assembly._erps["erp"] = ErpConnection(BareErp(Books(now=store.clock.now)))
            return assembly

        yield make


def refused(assembly: Assembly, kind: str = "deal") -> Iterator[Sequence[ConfigurationError]]:
    """What `check`, `run` and `plan` refuse, in turn."""
    yield _cannot_work(assembly, ["erp"])
    for ask in (assembly.connections, lambda: assembly.flow("s0", kind)):
        with pytest.raises(ConfigurationError) as caught:
            ask()
        yield (caught.value, *caught.value.others)


def test_each_rule_has_a_setting_that_cannot_work() -> None:
    assert CASES.keys() | SENSELESS.keys() | BESIDE_OTHERS == SyncRules.model_fields.keys()


@pytest.mark.parametrize("rule", CASES)
def test_what_the_systems_cannot_do_is_refused_alike(assembly_of: Make, rule: str) -> None:
    assembly = assembly_of(CASES[rule])
    for problems in refused(assembly):
        (problem,) = [each for each in problems if each.setting == f"syncs.s0.{rule}"]
        assert problem.message.startswith(f"{rule}: ")
        assert problem.advice
        assert problem.line is not None


@pytest.mark.parametrize("rule", SENSELESS)
def test_what_makes_no_sense_is_refused_before_anything(assembly_of: Make, rule: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        assembly_of(SENSELESS[rule])
    assert rule in f"{caught.value.setting} {caught.value}"


@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [
        ("erp_db", "", 'erp_db = "no"'),
        ("erp_db", 'erp_db = "no"', 'erp_db = "no"'),
        ("customer_number_in_crm", 'erp_db = "se"', 'erp_db = "no"'),
    ],
)
def test_what_another_sync_makes_impossible_is_refused_alike(
    assembly_of: Make, monkeypatch: pytest.MonkeyPatch, rule: str, first: str, second: str
) -> None:
    monkeypatch.setattr(CrmConnection, "can", lambda self, hook: True)  # a CRM that keeps orders
    none = 'won_deal = "nothing"\n'
    for problems in refused(assembly_of(none + first, none + second), "order"):
        assert f"syncs.s0.{rule}" in [each.setting for each in problems]


def test_two_erps_cannot_both_own_the_number_on_a_company(assembly_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from erpcore.engine.beside import beside_others

    rules = 'won_deal = "nothing"\nerp_db = "{}"\ncustomer_number_in_crm = "this_erp"\n'
    syncs = dict(assembly_of(rules.format("se"), rules.format("no")).settings.syncs)
    assert not list(beside_others("s0", syncs["s0"], syncs)), "both are of one ERP"
    syncs["s1"] = syncs["s1"].model_copy(update={"erp": "another"})
    (problem,) = beside_others("s0", syncs["s0"], syncs)
    assert problem.setting == "syncs.s0.customer_number_in_crm"


def test_nobody_is_refused_for_what_nobody_has_set(assembly_of: Make) -> None:
    assert assembly_of("").connections()
