"""The sentences of a plan's notes: what a person should know of it beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erpcore.sync.shared.story import money, shortened

ROW_WITHOUT_ARTICLE = "the ERP has no such article, and missing_article = “text_row” has the row sent without it"
"""Why a row names no article."""


def assumed_quantity(row: int, text: str) -> str:
    """Say that a row came without quantity."""
    return f"Row {row} (“{text}”) has no quantity in the CRM: 1 is sent."


def price_not_shown(row: int, text: str) -> str:
    """Say that a row has no price.

    Args:
        row: Its number.
        text: Its text.
    """
    return f"Row {row} (“{shortened(text)}”) has no price in the CRM; the ERP may put its article's own price there."


def currency_not_shown(kind: str, currency: str | None) -> str:
    """Say which currency the document gets, when the CRM shows none.

    Args:
        kind: Deal or order.
        currency: The company's own, which is sent; None when nobody says it, and the ERP chooses.
    """
    sent = "in the ERP's own currency" if currency is None else f"as {currency}, the ERP company's own currency"
    return f"The CRM does not show the {kind}'s currency: the amounts are sent as they are, {sent}."


def articles_of_same_name(row: int, text: str, numbers: str) -> str:
    """Say that the ERP has what a row names no number of."""
    return f"Row {row} (“{shortened(text)}”) names no article number, and the ERP has exactly this text as {numbers}."


def article_spelt(row: int, text: str, ours: str, theirs: str) -> str:
    """Say that the ERP's article is used, whose number has other capital letters than the CRM's."""
    return (
        f"Row {row} (“{shortened(text)}”) names the article {ours}, which is {theirs} in the ERP: that one is used, "
        "and no second one is made."
    )


def article_of_like_number(row: int, text: str, ours: str, theirs: str) -> str:
    """Say that the ERP has an article whose number differs from a row's by spaces or hyphens alone."""
    return (
        f"Row {row} (“{shortened(text)}”) names the article {ours}, which the ERP does not have; it has {theirs}, "
        "whose number differs by spaces or hyphens alone."
    )


def article_renamed(number: str) -> str:
    """Say why an article may be another one than was made for a row."""
    return f"article {number} was made for this and is called otherwise in the ERP now; its number may be another's"


def not_priced(text: str, currency: str | None) -> str:
    """Say why a new article gets no price."""
    return f"the new article “{shortened(text)}” gets none: the row's is in {currency}, an article's in the own one"


def converted_price(
    text: str, price: Decimal | None, currency: str, becomes: Decimal, own: str | None, rate: Decimal | None
) -> str:
    """Say that a new article gets the row's price in the company's own currency."""
    return (
        f"The new article “{shortened(text)}” gets the price {money(becomes, own)}: the row's {price:f} {currency} "
        f"at the ERP's rate of {rate:f}."
    )


def vat_treatment(treatment: str, number: str | None) -> str:
    """Say how VAT is dealt with on what a new foreign customer buys."""
    words = {
        "eu": "a company of another country of the EU, which is to pay the VAT itself",
        "export": "a company outside the country's VAT, which is to be charged none",
    }[treatment]
    return f"The new customer is {words}{f' (VAT number {number})' if number else ''}."


def vat_undecided(country: str) -> str:
    """Say that nobody can tell how VAT is dealt with."""
    return (
        f"The new customer is in {country} and shows no VAT number: it is made as the ERP makes it. See that the VAT "
        "on its documents is right."
    )


def person_in_words(shown: Mapping[str, Any], kind: str) -> str:
    """Name a person by what the CRM shows of them.

    Args:
        shown: The CRM's fields of the person.
        kind: What the person is.
    """
    named = (shown.get(part) for part in ("name", "email", "number", "phone", "mobile_phone"))
    return next(filter(None, named), None) or f"{kind} {shown.get('id')}"


def not_shown(parts: Sequence[str], kind: str) -> str:
    """Say why a person stands on no document.

    Args:
        parts: What a document would name the person by.
        kind: What the person is.
    """
    return f"the CRM shows no {' and no '.join(parts)} of this {kind}"


def unknown_customer_number(number: str) -> str:
    """Say that the customer number in the CRM leads nowhere."""
    return f"The CRM says customer number {number}, which the ERP has not. The customer is recognised in another way."
