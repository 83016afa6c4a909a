"""Which country a text means: its code, or its name in the languages of the people who fill in CRMs here.

Names come from the Unicode CLDR, as Babel carries them, in Swedish, Norwegian, Danish, Finnish, English and German.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

_LANGUAGES = ("sv", "nb", "nn", "da", "fi", "en", "de")
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""Codes of the same form that CLDR has names for, and that are no countries."""

_IN_OTHER_WORDS = {
    "el": "GR",  # in VAT numbers
    "england": "GB",
    "scotland": "GB",
    "skottland": "GB",
    "schottland": "GB",
    "wales": "GB",
    "greatbritain": "GB",
    "grossbritannien": "GB",
    "englanti": "GB",
    "holland": "NL",
    "hollanti": "NL",
    "usa": "US",
    "america": "US",
    "amerika": "US",
    "unitedstatesofamerica": "US",
    "czechrepublic": "CZ",
    "turkey": "TR",
    "nordirland": "GB",
    "northernireland": "GB",
    "svalbard": "SJ",
    "føroyar": "FO",
    "vitryssland": "BY",
    "hongkong": "HK",
    "uae": "AE",
    # in their own languages
    "eesti": "EE",
    "latvija": "LV",
    "lietuva": "LT",
    "polska": "PL",
    "cesko": "CZ",
    "espana": "ES",
    "suisse": "CH",
    "belgie": "BE",
    "belgique": "BE",
    "magyarorszag": "HU",
}
"""What people write beside the names of CLDR, in the form of `_key`."""

_PARTS = re.compile(r"[,;/|()\n]|\s[-–]\s")


def country_of(text: str) -> str | None:
    """Tell which country a text means.

    Capitals, accents and punctuation make no difference. A text that holds more than the country (“Stockholm, Sverige”,
    “SE - Sverige”) is read where its parts name one country and no other.

    Args:
        text: A code (ISO 3166-1, of two or three letters) or a name.

    Returns:
        The code of two letters in capitals; None when it is not known.
    """
    if whole := _codes().get(_key(text)):
        return whole
    found = {code for part in _PARTS.split(text) if (code := _codes().get(_key(part)))}
    return found.pop() if len(found) == 1 else None


def country_name(code: str) -> str:
    """Give a country's English name; the code itself where there is none.

    Args:
        code: ISO 3166-1 alpha-2.
    """
    from babel import Locale

    return str(Locale("en").territories.get(code, code))


@cache
def _codes() -> Mapping[str, str]:
    from babel import Locale
    from babel.core import get_global

    names = [(code, name) for language in _LANGUAGES for code, name in Locale(language).territories.items()]
    codes = {code for code, _ in names if re.fullmatch("[A-Z]{2}", code)} - _NO_COUNTRIES
    found: dict[str, str] = {_key(name): code for code, name in names if code in codes}
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    found |= {_key(alias): new[0] for alias, new in aliases.items() if alias.isalpha() and new[0] in codes}
    return found | {_key(code): code for code in codes} | _IN_OTHER_WORDS


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalpha())
