"""The rows of a deal: its products, or the one row that stands for a deal without products, and their articles.

Pure functions. The one row is the deal's name, quantity 1, the deal's value excluding VAT; the deal's own fields that
are filled in follow as text rows (Lime Go's articles on its connector to Fortnox).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from erpcore.errors import InvalidValueError, MissingRecordError
from erpcore.models import Article, Deal, DealRow
from erpcore.sync.mapping import asks_for_invoice, filled_in, text_of
from erpcore.sync.rules import SyncRules

LONGEST_KEY = 120
"""Characters of an article's name that stand in its key as they are."""


def deal_rows(deal: Deal) -> tuple[DealRow, ...]:
    """Give the products of a deal, or the one row that stands for a deal without products.

    Args:
        deal: The deal as the CRM shows it.

    Raises:
        InvalidValueError: The deal has neither products nor both a name and a value, or a row cannot be sent.
    """
    record = f"deal {deal.id}"
    if deal.rows:
        for number, row in enumerate(deal.rows, start=1):
            _require_sendable(row, number, record)
        return deal.rows
    name = text_of(deal.name)
    if name is None:
        raise InvalidValueError(
            "The deal has no name, which is the text of its row.",
            field="name",
            record=record,
            advice="Give the deal a name in the CRM and send it again.",
        )
    if deal.value is None:
        raise InvalidValueError(
            "The deal has no value." if deal.shown("value") else "The CRM does not show the deal's value.",
            field="value",
            record=record,
            advice="Fill in the deal's value in the CRM and send it again.",
        )
    return (DealRow(description=name, quantity=Decimal(1), unit_price=deal.value),)


def _require_sendable(row: DealRow, number: int, record: str) -> None:
    place = f"rows[{number - 1}]"
    if text_of(row.description) is None and not row.article_number:
        raise InvalidValueError(
            f"Row {number} has neither text nor article number.",
            field=f"{place}.description",
            record=record,
            advice="Give the row a text in the CRM, or take it away, and send the deal again.",
        )
    if row.quantity is not None and row.quantity == 0:
        raise InvalidValueError(
            f"Row {number} (“{row_words(row)}”) has the quantity 0.",
            field=f"{place}.quantity",
            record=record,
            advice="Correct the quantity in the CRM, or take the row away, and send the deal again.",
        )


def require_value(deal: Deal, rows: Sequence[DealRow], rules: SyncRules) -> None:
    """Stop a deal that is worth less than nothing, unless the rules let it pass.

    Args:
        deal: The deal.
        rows: From `deal_rows`.
        rules: The sync's rules.

    Raises:
        InvalidValueError: It is negative.
    """
    total = sum((row_sum(row) for row in rows), Decimal(0))
    if total < 0 and rules.negative_value == "stop":
        raise InvalidValueError(
            f"The deal is worth {total:f}, less than nothing.",
            field="value",
            record=f"deal {deal.id}",
            advice="A credit is made in the ERP, from the invoice that it concerns. Correct the deal's value, or set "
            "negative_value = “send”.",
        )


def row_sum(row: DealRow) -> Decimal:
    """Give a row's sum excluding VAT, discount taken off, in the deal's currency."""
    quantity = Decimal(1) if row.quantity is None else row.quantity
    full = quantity * (row.unit_price or Decimal(0))
    return full - (row.discount_amount or Decimal(0)) - full * (row.discount_percent or Decimal(0)) / 100


def row_fields(row: DealRow, rules: SyncRules) -> dict[str, Any]:
    """Give the fields of an order or invoice row, without its article number.

    A row with neither quantity nor price nor article is a text row. Another row without quantity is one piece.

    Args:
        row: A product of a deal.
        rules: The sync's rules.
    """
    found: dict[str, Any] = {}
    if text := text_of(row.description):
        found["description"] = text
    if row_is_text(row):
        return found
    found["quantity"] = Decimal(1) if row.quantity is None else row.quantity
    if unit := text_of(row.unit) or rules.default_unit:
        found["unit"] = unit
    for field in ("unit_price", "vat_percent", "discount_amount", "discount_percent"):
        value = getattr(row, field)
        if value is not None:
            found[field] = value
    return found


def row_is_text(row: DealRow) -> bool:
    """Tell whether a row of a deal only carries text."""
    return row.quantity is None and row.unit_price is None and not row.article_number and not row.article_id


def text_rows(deal: Deal, rules: SyncRules) -> list[dict[str, Any]]:
    """Give the text rows that the deal's own fields become: those filled in and not mapped to a field.

    Args:
        deal: The deal.
        rules: The sync's rules.
    """
    if rules.custom_fields == "ignore":
        return []
    return [
        {"description": f"{field.title}: {str(field.value).strip()}"}
        for field in filled_in(deal)
        if rules.mapped_field(field.title) is None and not asks_for_invoice(field, rules)
    ]


def article_key(row: DealRow) -> str:
    """Give the key by which the article of a row is remembered: the CRM's own, else the row's text.

    Args:
        row: A product of a deal; it has an id, an article number or a text.
    """
    if row.article_id:
        return f"id {row.article_id}"
    if row.article_number:
        return f"number {row.article_number}"
    name = " ".join((row.description or "").split()).casefold()
    if len(name) <= LONGEST_KEY:
        return f"name {name}"
    return f"name {name[:LONGEST_KEY]} {hashlib.sha256(name.encode()).hexdigest()[:16]}"


def article_from(row: DealRow, deal: Deal, rules: SyncRules) -> Article:
    """Translate the product of a row to an article that the ERP lacks.

    Args:
        row: The row.
        deal: The deal, whose currency the price is in.
        rules: The sync's rules.

    Raises:
        MissingRecordError: There is only a number and no text, so that nothing can be created.
    """
    text = text_of(row.description)
    if text is None:
        raise MissingRecordError(
            f"The article {row.article_number} is not in the ERP, and the row has no text to create it with.",
            record=f"deal {deal.id}",
            advice="Create the article in the ERP, or give the row a text in the CRM, and send the deal again.",
        )
    found = {
        "number": row.article_number or None,
        "description": text,
        "unit": text_of(row.unit) or rules.default_unit,
        "price": row.unit_price,
        "currency": deal.currency,
        "vat_percent": row.vat_percent,
    }
    return Article.model_validate({name: value for name, value in found.items() if value is not None})


def row_words(row: DealRow) -> str:
    """Name a row for people."""
    return text_of(row.description) or row.article_number or "no text"
