"""Values as people write them, by the kind of field: signs, sizes, decimals, every sort of text, dates near and far.

The rules send each of them and read it back. Some systems refuse some of them, which is no fault; what is taken must
arrive, or be told as lost beforehand.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st

from erpcore.fields import Entry, Field
from erpcore.testing.samples import MODELS, annotation

TEXTS = (
    "two lines:\nthe second",
    "two  blanks   or three",
    "smile 😀 and 👩‍👩‍👧",
    "<b>bold</b> & “quoted” – 'so' \"so\"",
    "0012",
    "null",
    "first; second, third | fourth",
    "100 % of _this_ * or #that? =1+1 \\ /",
    "Łódź Škoda Ωmega Привет 日本語",
    "mcDonald VAN der Ärö",
    "a tab:\there",
    "+46 70 123",
    "½ m² of ﬁne ™ ①, é for é",
    "10 000 kr, net",
    " ".join(f"line {number} of a long text" for number in range(160)),
)
_EMAILS = ("Erik.Ek@Example.com", "o'neil+crm@sub.example.co.uk", "a_b-c@example.museum", "åsa@example.com")
_PHONES = ("+46 8 123 45 67", "(08) 123-45 67", "0046812345", "12 34 56 78", "08-1 ext 2")
_POSTAL_CODES = ("123 45", "0150", "SW1A 1AA", "D-10115", "00100")
_COUNTRIES = ("SE", "NO", "DK", "FI", "DE", "GB", "US", "CH", "JP", "GR", "NA", "AX")
_CURRENCIES = ("SEK", "NOK", "EUR", "DKK", "USD", "GBP", "CHF", "PLN", "JPY", "ISK")
_AMOUNTS = (
    "-1",
    "0.01",
    "-0.01",
    "1000",
    "1234.56",
    "99999.99",
    "1234567.89",
    "0.005",
    "33.333",
    "12.5",
    "-4321.09",
    "1E+3",
)
_QUANTITIES = ("-1", "0.5", "0.25", "1000", "12345", "-2.5", "1.333", "7", "0.001", "1E+2")
_PERCENTS = ("0.5", "12.5", "33.33", "99.99", "1", "100")
_DAY = datetime.now(UTC).date()
_DATES = (
    date(2024, 2, 29),
    date(_DAY.year - 1, 12, 31),
    date(_DAY.year + 1, 1, 1),
    _DAY,
    _DAY - timedelta(days=400),
    _DAY + timedelta(days=800),
    date(2049, 10, 9),
)
_CODES = frozenset(
    {
        "number",
        "customer_number",
        "article_number",
        "reference",
        "external_reference",
        "organisation_number",
        "vat_number",
        "terms_of_payment",
        "project",
        "cost_center",
        "income_account",
        "vat_account",
        "vat_percent",
        "group",
        "ean",
        "ocr",
        "row_id",
        "our_reference",
        "currency_rate",
        "order_number",
    }
)
"""Fields that name something else, or have a form of their own: any value will not do."""
_BY_NAME: dict[str, tuple[Any, ...]] = {
    "email": _EMAILS,
    "invoice_email": _EMAILS,
    "phone": _PHONES,
    "mobile_phone": _PHONES,
    "postal_code": _POSTAL_CODES,
    "country_code": _COUNTRIES,
    "currency": _CURRENCIES,
    "quantity": tuple(map(Decimal, _QUANTITIES)),
    "discount_percent": tuple(map(Decimal, _PERCENTS)),
}
KEYS = ("0070", "A/B 7", "50 %", "Å-1", "x.y_z", "?a=1&b=2", "#7", "%41", "12345678901234567890", "e7")
"""Numbers of articles as companies give them."""


def odd_values(model: str, entry: Entry) -> tuple[Any, ...]:
    """Give values for a field that is carried both ways; none where only a register knows what will do.

    Args:
        model: Such as ``order_row``.
        entry: The field's declaration.
    """
    if not isinstance(entry, Field) or entry.direction != "both":
        return ()
    last = entry.name.rpartition(".")[2]
    if last in _CODES or last.endswith("_key") or (entry.register is not None and last != "currency"):
        return ()
    if last in _BY_NAME:
        return _BY_NAME[last]
    kind = annotation(MODELS[model], entry.name)
    if get_origin(kind) is Literal:
        return get_args(kind)
    if kind is date:
        return _DATES
    if kind is Decimal:
        return tuple(map(Decimal, _AMOUNTS))
    return TEXTS if kind is str else ()


def drawn(model: str, entry: Entry) -> st.SearchStrategy[Any] | None:
    """Give a strategy for the values of such a field: one of the odd ones, or any of its kind."""
    odd = odd_values(model, entry)
    if not odd:
        return None
    chosen: st.SearchStrategy[Any] = st.sampled_from(odd)
    if isinstance(odd[0], Decimal):
        limit = 100 if entry.name.endswith("percent") else 10**6
        return chosen | st.decimals(0 if limit == 100 else -limit, limit, places=2, allow_nan=False)
    if isinstance(odd[0], date):
        return chosen | st.dates(_DAY - timedelta(days=3000), _DAY + timedelta(days=3000))
    if odd is TEXTS:
        letters = st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn", "Co", "Cc"))
        return chosen | st.text(letters, min_size=1, max_size=30)
    return chosen
