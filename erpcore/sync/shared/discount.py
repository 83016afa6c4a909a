"""Where a discount on the whole document is put, so that each VAT rate bears its part of it. Pure.

An ERP whose rows say their VAT gets a row for each rate. Where a row has its VAT from its article, a row without one
has the rate of a single article, whatever the discount is on: there, it is taken off on the rows themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from erpcore.sync.shared import sum_words
from erpcore.sync.shared.rows import CrmRow, article_key, row_is_free, row_is_text, row_sum
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.sums import discount_rows, rounded
from erpcore.sync.shared.view import ErpView


@dataclass(frozen=True)
class Placed:
    """Rows with the discount where it belongs.

    Attributes:
        rows: The document's own rows, in their order.
        extra: Rows to add.
        notes: What a person should know.
    """

    rows: tuple[CrmRow, ...]
    extra: tuple[CrmRow, ...] = ()
    notes: tuple[str, ...] = ()


def placed(
    rows: Sequence[CrmRow], extra: Sequence[CrmRow], currency: str | None, erp: ErpView, rules: SyncRules
) -> Placed:
    """Put a discount where it has the VAT of what it is on.

    Args:
        rows: As the CRM shows them.
        extra: Rows that take the rest off (`erpcore.sync.shared.sums.reconciled`).
        currency: Of all.
        erp: What the ERP has, with the VAT of its articles.
        rules: The sync's rules.
    """
    off = -sum((row_sum(row) for row in extra), Decimal(0))
    if not extra:
        return Placed(tuple(rows))
    rates = [None if row_is_text(row) else _rate(row, erp) for row in rows]
    added = sum_words.discount_row_added(rules.discount_row, off, currency)
    if erp.rows_say_vat:
        return Placed(tuple(rows), tuple(discount_rows(rows, rates, off, rules)), (added,))
    if rules.free_row == "row" and all(_is_like_free(row, rate, erp) for row, rate in zip(rows, rates, strict=True)):
        return Placed(tuple(rows), tuple(extra), (added,))
    return Placed(tuple(_taken_off(rows, off)), (), (sum_words.discount_on_rows(off, currency),))


def _article(row: CrmRow, erp: ErpView) -> str | None:
    """Give the number of the article that a row has in the ERP; None where it has none yet."""
    link = erp.article_links.get(article_key(row))
    return row.article_number or (None if link is None else link.number)


def _rate(row: CrmRow, erp: ErpView) -> Decimal | None:
    """Give the VAT rate that a row has in the ERP, in percent; None where nobody knows it."""
    number = _article(row, erp)
    article = erp.article_of_free_rows if number is None else erp.article_values.get(number, {})
    of_article = Decimal(article["vat_percent"]) if "vat_percent" in article else None
    own = row.vat_percent
    first, second = (own, of_article) if erp.rows_say_vat else (of_article, own)
    return second if first is None else first


def _is_like_free(row: CrmRow, rate: Decimal | None, erp: ErpView) -> bool:
    """Tell whether a row surely has the VAT of one without article."""
    free = erp.article_of_free_rows.get("vat_percent")
    return row_is_text(row) or row_is_free(row) or (free is not None and rate == Decimal(free))


def _taken_off(rows: Sequence[CrmRow], off: Decimal) -> list[CrmRow]:
    """Take an amount off the rows that cost something, in proportion to what they come to."""
    bearing = [index for index, row in enumerate(rows) if not row_is_text(row) and row_sum(row) > 0]
    whole, left = sum((row_sum(rows[index]) for index in bearing), Decimal(0)), off
    changed = list(rows)
    for index in bearing:
        row, amount = rows[index], row_sum(rows[index])
        part = left if index == bearing[-1] else rounded(off * amount / whole)
        left -= part
        full = (Decimal(1) if row.quantity is None else row.quantity) * (row.unit_price or Decimal(0))
        # A row has one discount in most ERPs: what was on it in percent goes along as an amount.
        one: dict[str, Decimal | None] = {"discount_amount": full - amount + part}
        one |= {"discount_percent": None} if "discount_percent" in type(row).model_fields else {}
        changed[index] = row.model_copy(update=one)
    return changed
