"""Names of countries on Fortnox's documents.

A customer carries codes, a document names: English ones, but ``Sverige`` (seen in recorded replies). Codes that are not
here are not sent; the customer's own country then stands on the document.
"""

from __future__ import annotations

_NAMES = {
    "AT": "Austria",
    "AU": "Australia",
    "AX": "Åland Islands",
    "BE": "Belgium",
    "BG": "Bulgaria",
    "BR": "Brazil",
    "CA": "Canada",
    "CH": "Switzerland",
    "CN": "China",
    "CY": "Cyprus",
    "CZ": "Czech Republic",
    "DE": "Germany",
    "DK": "Denmark",
    "EE": "Estonia",
    "ES": "Spain",
    "FI": "Finland",
    "FO": "Faroe Islands",
    "FR": "France",
    "GB": "United Kingdom",
    "GL": "Greenland",
    "GR": "Greece",
    "HR": "Croatia",
    "HU": "Hungary",
    "IE": "Ireland",
    "IN": "India",
    "IS": "Iceland",
    "IT": "Italy",
    "JP": "Japan",
    "LI": "Liechtenstein",
    "LT": "Lithuania",
    "LU": "Luxembourg",
    "LV": "Latvia",
    "MC": "Monaco",
    "MT": "Malta",
    "NL": "Netherlands",
    "NO": "Norway",
    "PL": "Poland",
    "PT": "Portugal",
    "RO": "Romania",
    "SE": "Sverige",
    "SG": "Singapore",
    "SI": "Slovenia",
    "SK": "Slovakia",
    "TR": "Turkey",
    "UA": "Ukraine",
    "US": "United States",
}
_CODES = {name.casefold(): code for code, name in _NAMES.items()} | {"sweden": "SE"}


def country_name(code: str) -> str | None:
    """Give the name that a document carries, or None when it is not known.

    Args:
        code: ISO 3166-1 alpha-2.
    """
    return _NAMES.get(code)


def country_code(name: str) -> str | None:
    """Give the ISO 3166-1 alpha-2 code of a name on a document, or None when it is not known.

    Args:
        name: As Fortnox writes it.
    """
    return _CODES.get(name.casefold())
