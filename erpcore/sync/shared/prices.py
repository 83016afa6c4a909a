"""Prices of rows that the CRM leaves to the article: those of the mirror, in the company's own currency."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from erpcore.models import CrmOrder, Deal
from erpcore.store import get_articles
from erpcore.sync.shared import story
from erpcore.sync.shared.reading import Sides
from erpcore.sync.shared.rows import CrmRow, worth

R = TypeVar("R", Deal, CrmOrder)


def with_article_prices(sides: Sides, record: R, tell: Callable[[str], None]) -> R:
    """Give a deal or an order whose rows have their articles' prices where the CRM shows none, if the rules say so.

    Args:
        sides: The sync's systems, rules and store.
        record: As the CRM shows it.
        tell: Is told of each price that was put in, and of what the rows come to, for the story.
    """
    rules, rows = sides.rules, record.rows or ()
    numbers = [row.article_number for row in rows if row.unit_price is None and row.article_number]
    if rules.row_prices != "article" or not numbers or record.currency not in (None, rules.article_currency):
        return record
    priced, told = fill_in(rows, _prices(sides, numbers))
    if not told:
        return record
    for line in told:
        tell(line)
    total = story.money(worth(priced) or Decimal(0), record.currency or rules.article_currency)
    tell(f"With the articles' prices, and discounts taken off, the rows come to {total}.")
    return record.model_copy(update={"rows": tuple(priced)})


def fill_in(rows: Sequence[CrmRow], prices: Mapping[str, Decimal]) -> tuple[list[CrmRow], list[str]]:
    """Put prices into rows that have none. Pure.

    Args:
        rows: As the CRM shows them; discounts stay as they are.
        prices: Per unit excluding VAT, by article number.

    Returns:
        The rows, and a line for each price that was put in.
    """
    filled: list[CrmRow] = []
    told: list[str] = []
    for number, row in enumerate(rows, 1):
        price = prices.get(row.article_number or "") if row.unit_price is None else None
        if price is not None:
            told.append(f"Row {number} has no price in the CRM: article {row.article_number} costs {price:f}.")
        filled.append(row if price is None else row.model_copy(update={"unit_price": price}))
    return filled, told


def _prices(sides: Sides, numbers: Sequence[str]) -> dict[str, Decimal]:
    """Look articles' prices up: the ERP's, else the CRM's own."""
    with sides.store.read() as connection:
        known = get_articles(connection, sides.sync, list(dict.fromkeys(numbers)))
    found: dict[str, Decimal] = {}
    for number, article in known.items():
        shown = (article.halves[side].shown or {} for side in ("erp", "crm"))
        price = next((values["price"] for values in shown if values.get("price") is not None), None)
        if price is not None:
            found[number] = Decimal(price)
    return found
