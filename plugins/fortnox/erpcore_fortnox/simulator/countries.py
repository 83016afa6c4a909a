"""Names of countries as Fortnox derives them from the code: Swedish on customers, English on documents.

Only the countries that a Nordic company mostly sells to are here; others show their code.
"""

from __future__ import annotations

_NAMES = {
    "SE": ("Sverige", "Sverige"),  # documents, too, say Sverige (recorded replies)
    "NO": ("Norge", "Norway"),
    "DK": ("Danmark", "Denmark"),
    "FI": ("Finland", "Finland"),
    "IS": ("Island", "Iceland"),
    "DE": ("Tyskland", "Germany"),
    "NL": ("Nederländerna", "Netherlands"),
    "BE": ("Belgien", "Belgium"),
    "FR": ("Frankrike", "France"),
    "GB": ("Storbritannien", "United Kingdom"),
    "IE": ("Irland", "Ireland"),
    "ES": ("Spanien", "Spain"),
    "IT": ("Italien", "Italy"),
    "PL": ("Polen", "Poland"),
    "EE": ("Estland", "Estonia"),
    "LV": ("Lettland", "Latvia"),
    "LT": ("Litauen", "Lithuania"),
    "CH": ("Schweiz", "Switzerland"),
    "AT": ("Österrike", "Austria"),
    "US": ("USA", "United States"),
}


def swedish_name(code: str | None) -> str | None:
    """Return the name that a customer shows, None without a code."""
    return _NAMES.get(code, (code, code))[0] if code else None


def document_name(code: str | None) -> str:
    """Return the name that an order or invoice shows, "" without a code."""
    return _NAMES.get(code, (code, code))[1] if code else ""
