"""Organisation numbers and VAT numbers, normalised, with their check digits proven.

The organisation number is the key between Lime Go and Fortnox, so two spellings of one number must be one value.
The check-digit arithmetic is python-stdnum's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import Literal, NamedTuple, get_args

from erpcore.errors import InvalidValueError

RegisterCountry = Literal["SE", "NO", "DK", "FI"]
"""A country whose organisation numbers have check digits that are proven here."""

_PROVEN_BY: Mapping[RegisterCountry, str] = {
    "SE": "stdnum.se.orgnr",
    "NO": "stdnum.no.orgnr",
    "DK": "stdnum.dk.cvr",
    "FI": "stdnum.fi.ytunnus",
}
"""Modules of python-stdnum, loaded with the first number of each kind: the library brings much along."""
_ADJECTIVES: Mapping[RegisterCountry, str] = {"SE": "Swedish", "NO": "Norwegian", "DK": "Danish", "FI": "Finnish"}
_LENGTHS: Mapping[RegisterCountry, int] = {"SE": 10, "NO": 9, "DK": 8, "FI": 8}
_LENGTH_WORDS: Mapping[RegisterCountry, str] = {
    "SE": "ten digits (Sweden)",
    "NO": "nine (Norway)",
    "DK": "eight digits (Denmark)",
    "FI": "seven digits and a check digit (Finland)",
}
_OF_VAT: Mapping[RegisterCountry, re.Pattern[str]] = {
    "SE": re.compile(r"SE(\d{10})(?:01)?"),
    "NO": re.compile(r"(?:NO)?(\d{9})(?:MVA)?"),
    "DK": re.compile(r"(?:DK)?(\d{8})"),
    "FI": re.compile(r"(?:FI)?(\d{8})"),
}
_NAMES_ITS_COUNTRY = re.compile(r"(SE|NO|DK|FI)\d")
_FINNISH_SPELLING = re.compile(r"\d{7}[-–]\d")
_WITH_CENTURY = re.compile(r"(?:16|18|19|20)(\d{10})")
_LABEL = re.compile(
    r"\s*(?:org\w*|cvr|y-tunnus|foretaksregisteret)[\s.\-]*(?:nr|no|nummer)?[\s.:\-]*(?=[a-z]{0,2}\s?\d)", re.IGNORECASE
)
"""What people write before the number, such as “Org.nr:”."""
_LEAST_MONTH_OF_A_COMPANY = 20
"""The third and fourth digit of a Swedish company's number, which in a person's are a month (Skatteverket, SKV 709)."""
_SEPARATORS = re.compile(r"[\s.\-–+]")
_VAT_PREFIXES: Mapping[str, str] = {"GR": "EL"}
"""Countries whose VAT numbers begin with other letters than their code."""


class OrganisationNumber(NamedTuple):
    """A proven organisation number.

    Attributes:
        digits: Ten digits (Sweden), nine (Norway) or eight (Denmark, Finland), nothing else.
        country: ISO code of the country whose register it belongs to.
    """

    digits: str
    country: RegisterCountry

    def __str__(self) -> str:
        """The spelling of the country's authorities: ``556000-4615``, ``123 456 785``, ``13585628``, ``1234567-1``."""
        match self.country:
            case "SE":
                return f"{self.digits[:6]}-{self.digits[6:]}"
            case "NO":
                return f"{self.digits[:3]} {self.digits[3:6]} {self.digits[6:]}"
            case "FI":
                return f"{self.digits[:7]}-{self.digits[7:]}"
        return self.digits


def register_country(country: str) -> RegisterCountry | None:
    """Tell in which country's register a company is, of those whose numbers are proven here.

    Args:
        country: ISO code, such as ``AX``, whose companies are in the Finnish register.
    """
    found = {"AX": "FI", "SJ": "NO"}.get(country, country)
    return next((each for each in get_args(RegisterCountry) if each == found), None)


def organisation_number(text: str, country: RegisterCountry | None = None) -> OrganisationNumber:
    """Read an organisation number in any spelling that people use.

    Blanks, dashes and dots are ignored, and so is what says that it is one (“Org.nr”). A Swedish number may have the
    century in front (``16556000-4615``, and a sole trader's ``19121212-1212``), carry ``SE`` or be a VAT number
    (``SE556000461501``); a Norwegian one may carry ``NO`` and ``MVA``, a Danish one ``DK``, a Finnish one ``FI``.

    Args:
        text: The number as a person or a system wrote it.
        country: The country whose number it is. When None, the number itself tells: ten digits are Swedish, nine
            Norwegian; a Danish or a Finnish one has the country in front, or the Finnish dash.

    Returns:
        The normalised number.

    Raises:
        InvalidValueError: The length or the check digit is wrong.
    """
    bare = _LABEL.sub("", text, count=1)
    compact = _SEPARATORS.sub("", bare).upper()
    candidates = _candidates(bare, compact, country)
    read = {each: _digits(compact, each) for each in candidates}
    for each, digits in read.items():
        if len(digits) == _LENGTHS[each] and digits.isdigit() and _is_valid(_PROVEN_BY[each], digits):
            return OrganisationNumber(digits, each)
    long_enough = [each for each, digits in read.items() if digits.isdigit() and len(digits) == _LENGTHS[each]]
    if long_enough:
        problem = f"the check digit of a {_ADJECTIVES[long_enough[0]]} organisation number does not fit"
    elif len(candidates) == 1:
        problem = f"not {_LENGTH_WORDS[candidates[0]]}"
    else:
        problem = f"neither {' nor '.join(_LENGTH_WORDS[each] for each in candidates)}"
    raise InvalidValueError(
        f"The organisation number “{text}” is wrong: {problem}.",
        field="organisation_number",
        advice="Correct it in the CRM and send the record again.",
    )


def vat_number(text: str, country: str | None = None) -> str | None:
    """Read a VAT number of a country of the EU, or of Norway, with its check digits proven.

    Args:
        text: The number as a person or a system wrote it.
        country: ISO code of the country, for a number that has no country in front. A number of another one is none.

    Returns:
        The number with its country in front and without blanks (``DE136695976``, ``NO923609016MVA``); None when it is
        no valid one.
    """
    compact = _SEPARATORS.sub("", text).upper()
    prefix = None if country is None else _VAT_PREFIXES.get(country, country)
    whole = compact if prefix is None or compact.startswith(prefix) else f"{prefix}{compact}"
    if whole.startswith("NO"):
        ending = whole if whole.endswith("MVA") else f"{whole}MVA"
        return ending if _is_valid("stdnum.no.mva", ending) else None
    return whole if whole[:2].isalpha() and _is_valid("stdnum.eu.vat", whole) else None


def same_organisation(one: str | None, other: str | None) -> bool:
    """Tell whether two spellings are the same organisation number.

    Numbers that nothing is known about are the same when they have the same letters and digits.

    Args:
        one: A number in any spelling; None and a blank are none.
        other: Another one.
    """
    read = [one_spelling(each or "") for each in (one, other)]
    return bool(read[0]) and read[0] == read[1]


@lru_cache(maxsize=4096)  # a search may show many companies, and the same ones again for each deal
def one_spelling(text: str) -> str:
    """Bring an organisation number to one spelling: two numbers are the same when it is the same text.

    Args:
        text: A number in any spelling.

    Returns:
        The digits; letters and digits of a number that nothing is known about.
    """
    compact = _SEPARATORS.sub("", text).upper()
    try:
        return organisation_number(text).digits
    except InvalidValueError:
        # A Danish or Finnish number may stand with its country in front, or without.
        return re.sub(r"^(?:DK|FI)(?=\d{8}$)", "", compact)


def searched_part(text: str) -> str:
    """Give the part of an organisation number that stands together in every spelling.

    A system whose search compares texts is asked for it, and what it finds is compared with `same_organisation`.

    Args:
        text: A number in any spelling.

    Returns:
        The digits in front; the whole text when nothing is known about the number.
    """
    try:
        proven = organisation_number(text)
    except InvalidValueError:
        return text.strip()
    return proven.digits[: {"SE": 6, "NO": 3, "DK": 2, "FI": 7}[proven.country]]


def _is_valid(module: str, number: str) -> bool:
    found: bool = import_module(module).is_valid(number)
    return found


def spellings(text: str) -> tuple[str, ...]:
    """List the ways in which people write an organisation number, for a system whose search finds only whole values.

    Ask for each, and compare what comes with `same_organisation`.

    Args:
        text: A number in any spelling.

    Returns:
        The given spelling first, each once; it alone when nothing is known about the number.
    """
    given = text.strip()
    try:
        proven = organisation_number(text)
    except InvalidValueError:
        return (given,)
    digits = proven.digits
    match proven.country:
        case "SE":
            centuries = ("16",) if int(digits[2:4]) >= _LEAST_MONTH_OF_A_COMPANY else ("19", "20")
            more = [f"{century}{each}" for century in centuries for each in (str(proven), digits)]
            more.append(f"SE{digits}01")
        case "NO":
            more = [f"{proven} MVA", f"{digits}MVA", f"NO{digits}", f"NO{digits}MVA"]
        case "DK":
            more = [" ".join(digits[at : at + 2] for at in range(0, 8, 2)), f"DK{digits}"]
        case "FI":
            more = [f"FI{digits}"]
    return tuple(dict.fromkeys((given, str(proven), digits, *more)))


def _candidates(text: str, compact: str, country: RegisterCountry | None) -> tuple[RegisterCountry, ...]:
    if country is not None:
        return (country,)
    if match := _NAMES_ITS_COUNTRY.match(compact):
        return tuple(each for each in get_args(RegisterCountry) if each == match[1])
    return ("FI",) if _FINNISH_SPELLING.fullmatch(text.strip()) else ("SE", "NO")


def _digits(compact: str, country: RegisterCountry) -> str:
    if match := _OF_VAT[country].fullmatch(compact):
        return match[1]
    if country == "SE" and (match := _WITH_CENTURY.fullmatch(compact)):
        return match[1]
    return compact
