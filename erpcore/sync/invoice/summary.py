"""What is said in the CRM of the invoices of a deal, an order or a company. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from erpcore.models import Invoice, InvoiceColour
from erpcore.sync.shared.sums import rounded

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


def summary_of(invoices: Sequence[Invoice], today: date, *, in_own_currency: bool = False) -> Summary | None:
    """Sum invoices up. A credit note counts as less; drafts and cancelled ones count as nothing.

    Amounts are in the invoices' currency; where they have several, in the company's own by each one's rate, in cents.

    Args:
        invoices: Any.
        today: Today's date where the company is.
        in_own_currency: Whether amounts are in the company's own currency in any case: of a record that says no
            currency, nobody could tell another one.

    Returns:
        None when none of them is booked.
    """
    counted = [invoice for invoice in invoices if invoice.state(today) not in ("draft", "cancelled")]
    if not counted:
        return None
    converts = in_own_currency or len({invoice.currency for invoice in counted}) > 1
    rates = [(invoice.currency_rate or Decimal(1)) if converts else Decimal(1) for invoice in counted]

    def summed(amounts: Iterable[Decimal | None]) -> Decimal:
        each = ((amount or Decimal(0)) * rate for amount, rate in zip(amounts, rates, strict=True))
        return sum(map(rounded, each), Decimal(0)) if converts else sum(each, Decimal(0))

    balance = summed(None if invoice.kind == "cash" else invoice.balance for invoice in counted)
    # A credit note takes off what its invoice owes, also before somebody has settled the one with the other; so does
    # what was paid too much of another invoice.
    credited = balance <= 0 and any(invoice.kind == "credit" or (invoice.balance or 0) < 0 for invoice in counted)
    owed = [invoice for invoice in counted if invoice.owed and not credited]
    colours = {"green" if invoice.owed and credited else invoice.colour(today) for invoice in counted}
    due = [invoice.due_date for invoice in owed or counted if invoice.due_date is not None]
    paid = [invoice.payment_date for invoice in counted if invoice.payment_date is not None]
    pick = min if owed else max
    return Summary(
        numbers=tuple(invoice.number for invoice in counted if invoice.number),
        colour=next((colour for colour in _WORST if colour in colours), None),
        total=summed(invoice.total for invoice in counted),
        balance=balance,
        due_date=pick(due) if due else None,
        paid_date=max(paid) if paid and not owed else None,
    )
