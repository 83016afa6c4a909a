"""Payment terms: by id, or by their days."""

from __future__ import annotations

from typing import Any

from erpcore_poweroffice.simulator.books import Books
from erpcore_poweroffice.simulator.members import Shape
from erpcore_poweroffice.simulator.references import Reference

PAYMENT_TERM = Reference(
    "payment_terms", "PaymentTermId", "PaymentTerm", key="CreditDays", word="credit days", free=True
)

_MOST_DAYS = 3650


def checked_days(books: Books, given: Shape, values: dict[str, Any]) -> None:
    """Refuse days that no payment term has, unless the switch `unknown_credit_days` says that they are taken.

    Raises:
        Refused: There is no such term.
    """
    days = values.get("PaymentTerm")
    require_days(given, days)
    if days is not None and values.get("PaymentTermId") is None and books.behaviour.unknown_credit_days == "refused":
        raise given.refused(f"Payment term with credit days = {days} not found.", 404)


def require_days(given: Shape, credit_days: int | None) -> None:
    """Refuse days that no calendar has.

    Raises:
        Refused: They are negative, or beyond all reason.
    """
    if credit_days is not None and not 0 <= credit_days <= _MOST_DAYS:
        raise given.refused(f"CreditDays must be between 0 and {_MOST_DAYS}.")


def days(books: Books, values: dict[str, Any]) -> int | None:
    """Return the days of a customer's or order's own payment term; None when it has none."""
    if (term := values.get("PaymentTermId")) is not None:
        credit_days: int = books.value("payment_terms", term, "CreditDays")
        return credit_days
    own: int | None = values.get("PaymentTerm")
    return own


def default_term(books: Books) -> int | str | None:
    """Return the id of the client's default payment term."""
    terms = books.tables["payment_terms"].values()
    return next((record.id for record in terms if record.values.get("IsDefault")), None)
