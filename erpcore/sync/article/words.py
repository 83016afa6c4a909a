"""What is said of articles that are kept equal. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from erpcore.errors import UncertainEffectError
from erpcore.fields import Loss
from erpcore.sync.article.compare import SIDES, Difference, Verdict
from erpcore.sync.shared import story

_SYSTEM = {"crm": "the CRM", "erp": "the ERP"}
_FIELD = {
    "description": "the name",
    "price": "the price",
    "unit": "the unit",
    "vat_percent": "the VAT rate",
    "cost_price": "the cost price",
    "income_account": "the income account",
    "group": "the group",
    "active": "whether it is sold",
}


def value(shown: Any) -> str:
    """Write a value for people."""
    if shown is None:
        return "empty"
    if isinstance(shown, bool):
        return "yes" if shown else "no"
    return f"{Decimal(shown):f}" if isinstance(shown, Decimal | int) else f"“{shown}”"


def plan(verdict: Verdict) -> list[str]:
    """Say what is to be written where, a line per system, and what a person must decide.

    Args:
        verdict: From `erpcore.sync.article.compare.compare`.
    """
    lines = []
    for side in SIDES:
        if told := verdict.send[side]:
            fields = ", ".join(_told(name, each) for name, each in told.items())
            what = "Make it in" if side in verdict.makes else "Change it in"
            lines.append(f"{what} {_SYSTEM[side]}: {fields}.")
    return [*lines, *(f"{_difference(each)} A person decides." for each in verdict.asks)]


def _told(name: str, shown: Any) -> str:
    if name == "active":
        return "that it is sold" if shown else "that it is sold no more"
    return f"{_FIELD[name]} {value(shown)}"


def done(number: str, verdict: Verdict) -> str:
    """Say in a line what became of an article.

    Args:
        number: Its number.
        verdict: What was written where.
    """
    told = [
        f"{'made' if side in verdict.makes else 'changed'} in {_SYSTEM[side]}" for side in SIDES if verdict.send[side]
    ]
    return f"Article {number} was {' and '.join(told)}." if told else f"Article {number} is equal on both sides."


def asks(number: str, differences: Sequence[Difference]) -> UncertainEffectError:
    """Give the error that asks a person whose values count.

    Args:
        number: The article's number.
        differences: The fields that were changed on both sides.
    """
    told = " ".join(_difference(each) for each in differences)
    return UncertainEffectError(
        f"Article {number} was changed in the CRM and in the ERP. {told}",
        cause="article_differs",
        record=f"article {number}",
        advice=story.HOW_TO_ANSWER["article_differs"],
    )


def blocked(losses: Sequence[Loss]) -> str:
    """Say what may not be lost and would be."""
    return f"The rules say that this must not be lost: {'; '.join(str(loss) for loss in losses)}."


def unknown(number: str) -> str:
    """Say that neither side has an article."""
    return f"Neither the CRM nor the ERP shows an article {number}."


def being_made(number: str) -> str:
    """Say that a making without answer must show first."""
    return f"An earlier attempt to make article {number} has no answer yet. It is looked for before it is made again."


def changed_meanwhile(number: str) -> str:
    """Say that somebody was faster."""
    return f"Article {number} was changed in the CRM since it was read. Nothing was written; it is read anew."


def others_at_work() -> str:
    """Say that the articles are in somebody else's hand."""
    return "The articles of this sync are being handled by another worker or command."


def _difference(each: Difference) -> str:
    return f"{_FIELD[each.field].capitalize()} is {value(each.crm)} in the CRM and {value(each.erp)} in the ERP."
