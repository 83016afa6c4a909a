"""E-mail addresses and telephone numbers, read out of what people write in the fields for them."""

from __future__ import annotations

import re

_NOT_IN_ADDRESS = r"\s<>()\[\]{},;:\"“”„'’|/\\"
_ADDRESS = re.compile(rf"[^{_NOT_IN_ADDRESS}@]+@(?:[^{_NOT_IN_ADDRESS}@.]+\.)+[^{_NOT_IN_ADDRESS}@.]+")
_DOMAIN = re.compile(r"(?:[\w](?:[\w-]*[\w])?\.)+[^\W\d_][\w-]*[^\W_]")
_BETWEEN_NUMBERS = re.compile(r"[,;|\n]|\s/\s|(?<=\d{4})/(?=\d)|\s(?:or|eller|oder|tai)\s", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\(?\d[\d\s().\-–/]*\d")
_FEWEST_DIGITS, _MOST_DIGITS = 5, 15
"""What is shorter is no number that can be called from outside; E.164 has no longer ones."""


def email_addresses(text: str) -> tuple[str, ...]:
    """Find all e-mail addresses in a text, such as ``Anna Ek <anna@ek.example>; bo@ek.example``.

    Args:
        text: What a person wrote.

    Returns:
        The addresses, in the order in which they stand, each once; none when there is none.
    """
    found = (match.strip(".") for match in _ADDRESS.findall(text))
    once: dict[str, str] = {}
    for each in found:
        if ".." not in each and _DOMAIN.fullmatch(each.rpartition("@")[2]):
            once.setdefault(each.casefold(), each)
    return tuple(once.values())


def phone_numbers(text: str) -> tuple[str, ...]:
    """Find all telephone numbers in a text, such as ``08-123 45 67, mobil 070-765 43 21``.

    Args:
        text: What a person wrote.

    Returns:
        The numbers as they are spelled, in the order in which they stand; none when there is none.
    """
    parts = (match for part in _BETWEEN_NUMBERS.split(text) for match in _NUMBER.findall(part))
    return tuple(part for part in parts if _FEWEST_DIGITS <= sum(map(str.isdigit, part)) <= _MOST_DIGITS)
