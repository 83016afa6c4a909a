"""Which characters Fortnox takes, and the numbers that carry a check digit."""

from __future__ import annotations

import unicodedata

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.se import orgnr, personnummer

_SIGNS = frozenset("0123456789 –:.`´’,;^¤#%§£$€¢¥©™°&/()=+-*_!?²³®½@\\\u00a0\n\r\u0308\u030a")


def is_allowed(text: str, *, apostrophe: bool) -> bool:
    """Say whether Fortnox takes every character: letters of any script, and the signs of its published pattern.

    Args:
        text: What somebody wants to store.
        apostrophe: Whether ``'`` counts as allowed (the published pattern can be read both ways).
    """
    return all(
        character in _SIGNS or unicodedata.category(character)[0] == "L" or (apostrophe and character == "'")
        for character in set(text)
    )


def is_organisation_number(number: str, *, private: bool) -> bool:
    """Say whether form and check digit are those of a Swedish number.

    A company may have an organisation number or, as a sole trader's firm, its owner's personal number; a private
    customer has a personal number.
    """
    checks = (personnummer,) if private else (orgnr, personnummer)
    for check in checks:
        try:
            check.validate(number)
        except ValidationError:
            continue
        return True
    return False


def ocr_of(document_number: str) -> str:
    """Return the payment reference: number, one digit for the total length, check digit (recorded: 18 -> 1842)."""
    with_length = f"{document_number}{(len(document_number) + 2) % 10}"
    return with_length + str(luhn.calc_check_digit(with_length))
