"""What the rules of a sync cannot say together, whatever its systems are. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from erpcore.models import country_of
from erpcore.sync.shared.rule_fields import JOINED_FIELDS, title_key

if TYPE_CHECKING:
    from erpcore.sync.shared.rules import SyncRules

_OFF = "off"


def contradictions(rules: SyncRules) -> Iterator[str]:
    """Say which rules contradict each other, or need another one that is not there.

    Args:
        rules: The rules as they were written.
    """
    yield from _named_twice(rules)
    if rules.won_deal != "order" and (rules.convert_to_invoice or rules.convert_field):
        yield 'convert_to_invoice and convert_field need won_deal = "order"'
    if rules.unknown_customer_number != "match" and "customer_number" not in rules.match:
        yield 'unknown_customer_number says nothing where match has no "customer_number"'
    if rules.value_differs != "discount_row" and "discount_row" in rules.model_fields_set:
        yield 'discount_row is the text of the row that value_differs = "discount_row" adds: set that too'
    yield from _of_articles(rules)
    yield from _of_currencies(rules)
    for rule in ("invoices_since", "invoice_minutes"):
        if rules.invoices == _OFF and rule in rules.model_fields_set:
            yield f'{rule} says nothing while invoices = "off"'
    if rules.company_country is not None and country_of(rules.company_country) != rules.company_country:
        yield f"company_country = “{rules.company_country}” is no country's code; write it as SE or NO"


def _named_twice(rules: SyncRules) -> Iterator[str]:
    targets: list[str] = [field for field in rules.field_mapping.values() if field not in JOINED_FIELDS]
    if twice := _twice(targets):
        yield f"field_mapping fills {twice} from more than one custom field"
    if twice := _twice([title_key(title) for title in rules.field_mapping]):
        yield f"field_mapping names {twice} more than once"
    if twice := _twice(list(rules.article_groups.values())):
        yield f"article_groups names {twice} more than once"


def _of_articles(rules: SyncRules) -> Iterator[str]:
    if rules.row_prices == "article" and rules.articles == _OFF:
        yield 'row_prices = "article" needs articles that are read: set articles'
    for rule in ("article_minutes", "article_groups"):
        if rules.articles == _OFF and rule in rules.model_fields_set and getattr(rules, rule):
            yield f'{rule} says nothing while articles = "off"'
    for rule in ("article_conflict", "article_conflict_of"):
        if rules.articles != "both" and rule in rules.model_fields_set and getattr(rules, rule):
            yield f'{rule} says nothing unless articles = "both": nothing is changed on both sides'
    if rules.article_currency is not None and rules.row_prices != "article":
        yield 'article_currency says nothing unless row_prices = "article"'


def _of_currencies(rules: SyncRules) -> Iterator[str]:
    shown = None if rules.currency_not_shown in ("own", "stop") else rules.currency_not_shown
    chosen = {"currency_not_shown": shown, "customer_defaults.currency": rules.customer_defaults.currency}
    for rule, code in chosen.items():
        if code is not None and rules.currencies and code not in rules.currencies:
            yield f"{rule} = “{code}” is none of the currencies {', '.join(rules.currencies)}"


def _twice(names: list[str]) -> str:
    return ", ".join(sorted({name for name in names if names.count(name) > 1}))
