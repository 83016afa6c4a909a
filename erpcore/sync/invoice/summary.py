"""What is said in the CRM of the invoices of a deal, an order or a company. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from erpcore.models import Invoice, InvoiceColour

_WORST: tuple[InvoiceColour, ...] = ("red", "yellow", "green")


@dataclass(frozen=True)
class Summary:
    """What is said of some invoices.

    Attributes:
        numbers: Numbers of those that are booked.
        colour: The worst of their colours; None when none has one.
        total: Their sum including VAT.
        balance: What is left to pay.
        due_date: The first day of payment among what is not paid; the last one where all is paid.
        paid_date: Day of the last payment, when all is paid.
    """

    numbers: tuple[str, ...]
    colour: InvoiceColour | None
    total: Decimal
    balance: Decimal
    due_date: date | None
    paid_date: date | None


NOTHING = Summary((), None, Decimal(0), Decimal(0), None, None)
"""What is said of a record whose invoices have all been cancelled or deleted."""


def summary_of(invoices: Sequence[Invoice], today: date) -> Summary | None:
    """Sum invoices up. A credit note counts as less; drafts and cancelled ones count as nothing.

    Amounts are in the invoices' currency; where they have several, in the company's own by each one's rate.

    Args:
        invoices: Any.
        today: Today's date where the company is.

    Returns:
        None when none of them is booked.
    """
    counted = [invoice for invoice in invoices if invoice.state(today) not in ("draft", "cancelled")]
    if not counted:
        return None
    mixed = len({invoice.currency for invoice in counted}) > 1
    rates = [(invoice.currency_rate or Decimal(1)) if mixed else Decimal(1) for invoice in counted]
    colours = {invoice.colour(today) for invoice in counted}
    owed = [invoice for invoice in counted if invoice.owed]
    due = [invoice.due_date for invoice in owed or counted if invoice.due_date is not None]
    paid = [invoice.payment_date for invoice in counted if invoice.payment_date is not None]
    pick = min if owed else max

    def summed(amounts: Iterable[Decimal | None]) -> Decimal:
        return sum(((amount or Decimal(0)) * rate for amount, rate in zip(amounts, rates, strict=True)), Decimal(0))

    return Summary(
        numbers=tuple(invoice.number for invoice in counted if invoice.number),
        colour=next((colour for colour in _WORST if colour in colours), None),
        total=summed(invoice.total for invoice in counted),
        balance=summed(None if invoice.kind == "cash" else invoice.balance for invoice in counted),
        due_date=pick(due) if due else None,
        paid_date=max(paid) if paid and not owed else None,
    )
