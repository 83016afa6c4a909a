"""The rows of a deal or an order, what they come to, and their articles. Pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erpcore.errors import InvalidValueError, MissingRecordError
from erpcore.models import Article, CanonicalModel, CrmOrderRow, CurrencyCode, DealRow, Invoice, Order
from erpcore.plugin import ErpPlugin
from erpcore.sync.shared import story
from erpcore.sync.shared.mapping import text_of
from erpcore.sync.shared.rule_fields import title_key
from erpcore.sync.shared.rules import SyncRules

_CENT = Decimal("0.01")
_CUT = 30
"""Characters from which on a text that begins like another one may be the same, cut off."""
LONGEST_KEY = 120
"""Characters of an article's name that stand in its key as they are."""

CrmRow = DealRow | CrmOrderRow
"""A row as a CRM keeps it, on a deal or on an order."""


def require_sendable(rows: Sequence[CrmRow], kind: str, record: str) -> None:
    """Stop at a row that no ERP could take.

    Args:
        rows: The rows.
        kind: What they are of: deal or order.
        record: The record that they are of, for the error.

    Raises:
        InvalidValueError: A row has neither text nor article number, the quantity 0, or a discount of nothing.
    """
    for number, row in enumerate(rows, start=1):
        _require_sendable(row, number, kind, record)


def _require_sendable(row: CrmRow, number: int, kind: str, record: str) -> None:
    place = f"rows[{number - 1}]"
    if text_of(row.description) is None and not row.article_number:
        raise InvalidValueError(
            f"Row {number} has neither text nor article number.",
            field=f"{place}.description",
            record=record,
            advice=f"Give the row a text in the CRM, or take it away, and send the {kind} again.",
        )
    if row_is_text(row) and (row.discount_amount or getattr(row, "discount_percent", None)):
        raise InvalidValueError(
            f"Row {number} (“{row_words(row)}”) has a discount, but no quantity, price or article to take it off.",
            field=f"{place}.discount_amount",
            record=record,
            advice="Put the discount on the rows that it is for, or make it a row of its own with a negative price, "
            f"and send the {kind} again.",
        )
    if row.quantity is not None and row.quantity == 0:
        raise InvalidValueError(
            f"Row {number} (“{row_words(row)}”) has the quantity 0.",
            field=f"{place}.quantity",
            record=record,
            advice=f"Correct the quantity in the CRM, or take the row away, and send the {kind} again.",
        )


def require_value(rows: Sequence[CrmRow], rules: SyncRules, kind: str, record: str) -> None:
    """Stop a deal or order that is worth less than nothing, unless the rules let it pass.

    Args:
        rows: Its rows.
        rules: The sync's rules.
        kind: What they are of: deal or order.
        record: The record that they are of, for the error.

    Raises:
        InvalidValueError: It is negative.
    """
    total = sum((row_sum(row) for row in rows), Decimal(0))
    if total < 0 and rules.negative_value == "stop":
        raise InvalidValueError(
            f"The {kind} is worth {total:f}, less than nothing.",
            field="value",
            record=record,
            advice="A credit is made in the ERP, from the invoice that it concerns. Correct the value in the CRM, or "
            "set negative_value = “send”.",
        )


def row_sum(row: CrmRow) -> Decimal:
    """Give a row's sum excluding VAT, discount taken off, in the currency of its deal or order."""
    quantity = Decimal(1) if row.quantity is None else row.quantity
    full = quantity * (row.unit_price or Decimal(0))
    percent = (row.discount_percent or Decimal(0)) if isinstance(row, DealRow) else Decimal(0)
    return full - (row.discount_amount or Decimal(0)) - full * percent / 100


def worth(rows: Sequence[CrmRow] | None) -> Decimal | None:
    """Give what rows come to excluding VAT, in cents, for lists; None where the CRM shows no rows."""
    if not rows:
        return None
    return sum((row_sum(row) for row in rows), Decimal(0)).quantize(Decimal("0.01"))


def row_fields(row: CrmRow, rules: SyncRules) -> dict[str, Any]:
    """Give the fields of an order or invoice row, without its article number.

    A row with neither quantity nor price nor article is a text row. Another row without quantity is one piece.

    Args:
        row: A row of a deal or an order.
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
    # A deal's row has no accounts, an order's no discount in percent.
    for field in ("unit_price", "vat_percent", "discount_amount", "discount_percent", "vat_account", "income_account"):
        value = getattr(row, field, None)
        if value is not None and value != "":
            found[field] = value
    return found


def row_is_text(row: CrmRow) -> bool:
    """Tell whether a row only carries text."""
    return row.quantity is None and row.unit_price is None and not row.article_number and not row.article_id


def row_is_free(row: CrmRow) -> bool:
    """Tell whether a row has a price or a quantity, and names no article."""
    return not (row_is_text(row) or row.article_number or row.article_id)


def with_unit(row: CrmRow, codes: Mapping[str, str], rules: SyncRules) -> CrmRow:
    """Give a row the ERP's code for its unit, where one is known for the CRM's word.

    Args:
        row: The row.
        codes: The ERP's codes, by the CRM's words.
        rules: The sync's rules, whose own words go first.
    """
    word = text_of(row.unit)
    return row if word is None else row.model_copy(update={"unit": unit_code(word, codes, rules)})


def unit_code(word: str, codes: Mapping[str, str], rules: SyncRules) -> str:
    """Give the ERP's code for a word of the CRM for a unit; the word itself where none is known.

    Args:
        word: The word.
        codes: The ERP's codes, by the CRM's words.
        rules: The sync's rules, whose own words go first.
    """
    own = {title_key(name): code for name, code in rules.units.items()}
    return own.get(title_key(word), codes.get(word, word))


def article_key(row: CrmRow) -> str:
    """Give the key by which the article of a row is remembered: the CRM's own, else the row's text.

    Args:
        row: A row; it has an id, an article number or a text.
    """
    if row.article_id:
        return f"id {row.article_id}"
    if row.article_number:
        return f"number {row.article_number}"
    name = " ".join((row.description or "").split()).casefold()
    if len(name) <= LONGEST_KEY:
        return f"name {name}"
    return f"name {name[:LONGEST_KEY]} {hashlib.sha256(name.encode()).hexdigest()[:16]}"


def same_text(one: str | None, other: str | None) -> bool:
    """Tell whether two texts are the same but for capital letters and spaces, or one is the other cut off."""
    short, long = sorted((" ".join((each or "").split()).casefold() for each in (one, other)), key=len)
    return bool(short) and (short == long or (len(short) >= _CUT and long.startswith(short)))


def article_record(key: str) -> str:
    """Name an article in the ledger.

    Args:
        key: From `article_key`.
    """
    return f"article {key}"


def article_from(
    row: CrmRow,
    currency: CurrencyCode | None,
    own: str | None,
    rules: SyncRules,
    kind: str,
    record: str,
    rate: Decimal | None = None,
) -> Article:
    """Translate the product of a row to an article that the ERP lacks.

    Args:
        row: The row.
        currency: What the price is in; None is the ERP company's own.
        own: The ERP company's own currency; an article gets no price in another one. None when nobody says it.
        rules: The sync's rules.
        kind: What the row is of: deal or order.
        record: The record that it is of, for the error.
        rate: What one unit of the currency is worth in the own one, to convert the price with; None to leave it out.

    Raises:
        MissingRecordError: There is only a number and no text, so that nothing can be created.
    """
    text = text_of(row.description)
    if text is None:
        raise MissingRecordError(
            f"The article {row.article_number} is not in the ERP, and the row has no text to create it with.",
            record=record,
            advice=f"Create the article in the ERP, or give the row a text in the CRM, and send the {kind} again.",
        ).about("article", row.article_number)
    price = row.unit_price
    if own not in (None, currency) and currency is not None:
        price = None if price is None or rate is None else (price * rate).quantize(_CENT, ROUND_HALF_UP)
    found = {
        "number": row.article_number or None,
        "description": text,
        "unit": text_of(row.unit) or rules.default_unit,
        "price": price,
        "currency": currency if own is None else None,
        "vat_percent": row.vat_percent,
        "income_account": text_of(getattr(row, "income_account", None)),
    }
    return Article.model_validate({name: value for name, value in found.items() if value is not None})


def require_holdable(record: CanonicalModel, new_rows: Collection[int], erp: ErpPlugin[Any], words: str) -> None:
    """Stop at a document with more rows than the ERP takes, or with a row that needs an article and has none.

    Args:
        record: What is going to be sent.
        new_rows: Its rows, from 0, whose article is made first.
        erp: The ERP's plugin.
        words: What it is sent for, for the error.

    Raises:
        InvalidValueError: It is such a document.
    """
    if not isinstance(record, (Order, Invoice)):
        return
    rows = record.rows or ()
    if erp.most_rows is not None and len(rows) > erp.most_rows:
        raise InvalidValueError(
            f"It has {len(rows)} rows, and {erp.display_name} takes {erp.most_rows} at most.",
            field="rows",
            record=words,
            advice="Divide it into several in the CRM, or take rows together, and send it again.",
        )
    if setting := erp.needs_article:
        for number, row in enumerate(rows, 1):
            has_article = row.article_number or row.article_key or number - 1 in new_rows
            if row.unit_price is not None and not has_article:
                raise InvalidValueError(
                    f"Row {number} (“{row.description}”) has a price and no article, and {erp.display_name} takes VAT "
                    "and account from the article.",
                    field=f"rows[{number - 1}].article_number",
                    record=words,
                    advice=f"Choose an article in the CRM, or name one for such rows in the connection's {setting}, "
                    "and send it again; or set free_row = “article” to have articles made of such rows.",
                )


def row_words(row: CrmRow) -> str:
    """Name a row for people."""
    return text_of(row.description) or row.article_number or "no text"


def rows_words(document: Order | Invoice) -> str:
    """Say in a few words how many rows a document has, and what they come to."""
    rows = document.rows or ()
    amounts = (row.quantity * row.unit_price for row in rows if row.quantity and row.unit_price)
    value = story.money(sum(amounts, start=Decimal(0)), document.currency)
    return f"{len(rows)} row{'' if len(rows) == 1 else 's'}, {value} excluding VAT before discounts"
