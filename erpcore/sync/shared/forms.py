"""The form in which a row keeps what it comes to: as it is, or another one that the ERP can hold. Pure.

An ERP keeps two decimals of a price, or four of a discount in percent. What it makes of quantity, price and discount
together is known beforehand, from its field map. Where that is another sum, these forms are tried in turn:

1. quantity and price rounded up, and a discount that takes off what is too much;
2. the quantity, and the price that the sum divided by it gives, without a discount;
3. for a row without article: one piece that costs the sum, with quantity and price in its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from erpcore.models import DocumentRow, InvoiceRow
from erpcore.sync.shared.sums import CENT, rounded

R = TypeVar("R", bound=DocumentRow)
_MONEY = ("unit_price", "quantity", "discount_percent", "discount_amount")
"""The fields of a row that its money is made of; the one that people look at first goes first."""
Hold = Callable[[DocumentRow], DocumentRow | None]
"""Gives a row as the ERP will hold it; None where nobody knows."""


@dataclass(frozen=True)
class Misfit:
    """A row that the ERP cannot hold without changing what it comes to.

    Attributes:
        row: Its number, from 1.
        text: Its text.
        ours: What it comes to, rounded to cents.
        theirs: What the ERP would make of it.
    """

    row: int
    text: str
    ours: Decimal
    theirs: Decimal


@dataclass(frozen=True)
class OtherForm:
    """A row that is sent in another form, because the ERP cannot hold it as it is.

    Attributes:
        row: Its index.
        fields: What the CRM shows of it and is sent otherwise; one at least.
        was: Quantity, price and discount as agreed, for people.
        becomes: The same as they are sent.
        comes_to: What both come to, in the document's currency.
    """

    row: int
    fields: tuple[str, ...]
    was: str
    becomes: str
    comes_to: Decimal


@dataclass(frozen=True)
class Fitted:
    """Rows in the form in which they are sent.

    Attributes:
        rows: They.
        changed: Those that are sent in another form than agreed.
        misfits: Rows that come to something else in any form.
    """

    rows: list[DocumentRow]
    changed: list[OtherForm]
    misfits: list[Misfit]


def as_they_are(row: DocumentRow) -> DocumentRow:
    """Hold a row without changing it."""
    return row


def as_invoice_too(hold: Hold) -> Hold:
    """Hold rows as an order keeps them, and then as the invoice that it becomes does, which may keep less of them.

    Args:
        hold: What the ERP makes of a row of either.
    """

    def both(row: DocumentRow) -> DocumentRow | None:
        held = hold(row)
        if held is None or row.is_text:
            return held
        names = ("article_number", "description", *_MONEY)
        said = {name: getattr(held, name) for name in names if held.shown(name)}
        kept = hold(InvoiceRow.model_validate(said))
        if kept is None or kept.quantity is None or kept.unit_price is None:
            return held  # nothing is written: the invoice is the order itself
        return held.model_copy(update={"quantity": kept.quantity, "unit_price": kept.unit_price})

    return both


def money_of(row: DocumentRow) -> Decimal:
    """Give what a row comes to excluding VAT, in cents of the document's currency; of two discounts both count."""
    gross = _gross(row)
    off = (row.discount_amount or Decimal(0)) + gross * (row.discount_percent or Decimal(0)) / 100
    return rounded(gross - off)


def fitted(rows: Sequence[R], hold: Hold, free: Callable[[int], bool]) -> Fitted:
    """Give rows the form in which they keep what they come to.

    Args:
        rows: As agreed.
        hold: What the ERP makes of a row.
        free: Tells of the row at an index whether it stands for no article.
    """
    found = Fitted([], [], [])
    for index, row in enumerate(rows):
        ours, held = money_of(row), hold(row)
        if held is None or row.is_text or row.unit_price is None or abs(money_of(held) - ours) <= CENT:
            found.rows.append(row)
            if held is not None and not row.is_text and row.unit_price is not None and money_of(held) != ours:
                found.misfits.append(Misfit(index + 1, _text(row), ours, money_of(held)))
            continue
        form = next((each for each in _forms(row, held, free=free(index)) if _keeps(each, ours, hold)), None)
        if form is None:
            found.rows.append(row)
            found.misfits.append(Misfit(index + 1, _text(row), ours, money_of(held)))
            continue
        found.rows.append(form)
        changed = tuple(name for name in _MONEY if getattr(row, name) not in (None, getattr(form, name)))
        found.changed.append(OtherForm(index, changed or _MONEY[:1], _words(row), _words(form), ours))
    return found


def _keeps(form: DocumentRow, ours: Decimal, hold: Hold) -> bool:
    """Tell whether the ERP holds this form exactly."""
    held = hold(form)
    return held is not None and _same(held, form) and money_of(held) == ours


def _same(held: DocumentRow, form: DocumentRow) -> bool:
    return held.quantity == form.quantity and held.unit_price == form.unit_price


def _forms(row: R, held: DocumentRow, *, free: bool) -> Iterator[R]:
    exact = _gross(row)
    exact -= (row.discount_amount or Decimal(0)) + exact * (row.discount_percent or Decimal(0)) / 100
    due = rounded(exact)
    quantity, price = row.quantity, row.unit_price
    if quantity is None or price is None or held.quantity is None or held.unit_price is None:
        return
    up, dearer = _away(quantity, held.quantity), _away(price, held.unit_price)
    off = rounded(up * dearer) - due
    if up * dearer > 0 and off >= 0:
        discount = {"discount_amount": off or None, "discount_percent": None}
        yield row.model_copy(update={"quantity": up, "unit_price": dearer, **discount})
    none = {"discount_amount": None, "discount_percent": None}
    if held.quantity:
        each = rounded(due / held.quantity)
        yield row.model_copy(update={"quantity": held.quantity, "unit_price": each, **none})
    if free:
        text = f"{_text(row)} ({_words(row)})"
        yield row.model_copy(update={"description": text, "quantity": Decimal(1), "unit_price": due, **none})


def _away(exact: Decimal, held: Decimal) -> Decimal:
    """Give the nearest number that the ERP holds and that is not nearer to nothing than the exact one."""
    if abs(held) >= abs(exact):
        return held
    exponent = held.as_tuple().exponent
    step = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    return held + step.copy_sign(exact)


def _gross(row: DocumentRow) -> Decimal:
    return (row.quantity or Decimal(0)) * (row.unit_price or Decimal(0))


def _text(row: DocumentRow) -> str:
    return row.description or row.article_number or "no text"


def _words(row: DocumentRow) -> str:
    found = f"{plain(row.quantity)} × {plain(row.unit_price)}"
    if row.discount_amount:
        found += f" less {plain(row.discount_amount)}"
    if row.discount_percent:
        found += f" less {plain(row.discount_percent)} %"
    return found


def plain(number: Decimal | None) -> str:
    """Write a number without zeros that say nothing."""
    if number is None:
        return "nothing"
    return f"{number.normalize():f}" if number != number.to_integral_value() else f"{number.to_integral_value():f}"
