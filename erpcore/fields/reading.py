"""What plugins read and write alike: numbers, keys, days and currencies, and a whole record in its canonical form.

What reads takes a JSON value that is not null: that one a field map reads as empty by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar

from erpcore.errors import InvalidValueError, MalformedReplyError
from erpcore.fields.entries import OMIT

if TYPE_CHECKING:
    from erpcore.fields.map import FieldMap
    from erpcore.models import CanonicalModel, DocumentRow

M = TypeVar("M", bound="CanonicalModel")

_LARGEST_POWER = 30
"""A number with more digits than this is a slip, and written out would fill the memory."""
_MEND = "Correct it in the system that it comes from, then send the record again."


def number(raw: Any) -> Any:
    """Read a number, also one that travels as text: a Decimal, or `OMIT` where there is none to see."""
    if isinstance(raw, bool | float):
        return OMIT
    try:
        found = Decimal(str(raw).strip())
    except InvalidOperation:
        return OMIT
    if not found.is_finite() or abs(found.adjusted()) > _LARGEST_POWER:
        return OMIT
    return found or abs(found)  # a -0 occurs


def digits(value: Decimal) -> str:
    """Write a number that travels as text, with all its digits: ``1000`` where ``str`` may write ``1E+3``."""
    return format(value, "f")


def exact(raw: Any) -> Decimal | None:
    """Read an amount or a quantity that a person has filled in; blank is empty.

    Raises:
        InvalidValueError: It is no number.
    """
    if isinstance(raw, str) and not raw.strip():
        return None
    found = number(raw)
    if found is OMIT:
        raise InvalidValueError(f"“{str(raw)[:60]}” is no number.", advice=_MEND)
    return Decimal(found)


def identifier(raw: Any) -> Any:
    """Read a record's key, a number or a text. Anything else is `OMIT`, and so is a blank, which names nothing: that
    there is no such record is said with null."""
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        return OMIT
    return str(raw).strip() or OMIT


def flag(raw: Any) -> Any:
    """Read true or false, or `OMIT`."""
    return raw if isinstance(raw, bool) else OMIT


def day(raw: Any) -> date | None:
    """Read a date, also the one that begins a moment; blank is empty."""
    return date.fromisoformat(str(raw)[:10]) if raw else None


def currency_code(raw: Any) -> str | None:
    """Read a currency; blank is empty.

    Args:
        raw: An ISO 4217 code in any case.

    Raises:
        InvalidValueError: It is no three letters.
    """
    code = str(raw).strip().upper()
    if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise InvalidValueError(
            f"The currency “{str(raw)[:60]}” is no three-letter code such as SEK.", field="currency", advice=_MEND
        )
    return code or None


def country(raw: Any) -> Any:
    """Read a country that a person has filled in, by its code or its name: its ISO 3166-1 alpha-2 code, None when it is
    blank, and `OMIT` when nobody can tell which one is meant."""
    from erpcore.models import country_of

    text = str(raw).strip()
    if not any(letter.isalnum() for letter in text):
        return None
    return country_of(text) or OMIT


def account_number(value: str) -> int:
    """Write an account number that travels as a number.

    Raises:
        InvalidValueError: It is no account number.
    """
    if not (value.isascii() and value.isdigit()):
        raise InvalidValueError(
            f"“{value}” is no account number.", field="income_account", advice="Give four digits, such as 3001."
        )
    return int(value)


def require_sense(row: DocumentRow, index: int) -> None:
    """Refuse a row that says nothing, or that an ERP would take as a row that costs nothing.

    Args:
        row: The row of a document that is going to be made.
        index: Its place among the rows, from 0.

    Raises:
        InvalidValueError: It has neither a text nor an article, or a price or an article and no quantity.
    """
    if row.is_text and not row.description:
        raise senseless(index, "has neither a text nor an article", "description", "Give the row a text")
    if not row.is_text and row.quantity is None:
        raise senseless(index, "has a price or an article, but no quantity", "quantity", "Give the row a quantity")


def senseless(index: int, what: str, field: str, advice: str) -> InvalidValueError:
    """Build the error for a row that cannot be sent.

    Args:
        index: Its place among the rows, from 0.
        what: What is wrong with it, such as ``has no article``.
        field: Its field that is wrong.
        advice: What to do before the record is sent again.
    """
    return InvalidValueError(
        f"Row {index + 1} {what}.", field=f"rows[{index}].{field}", advice=f"{advice}, then send the record again."
    )


def canonical(field_map: FieldMap[M], native: Mapping[str, Any], what: str) -> M:
    """Translate a record of a system.

    Args:
        field_map: Its table.
        native: As the system showed it.
        what: What it is, for errors, such as ``order 1012``.

    Raises:
        InvalidValueError: A person has filled in a value that no system could take.
        MalformedReplyError: A member has a form that nobody expects.
    """
    from pydantic import ValidationError

    try:
        return field_map.from_native(native)
    except InvalidValueError as error:
        error.record = error.record or what
        raise
    except ValidationError as error:
        places = sorted({".".join(map(str, found["loc"])) for found in error.errors(include_url=False)})
        problem = f"an odd {', '.join(places)}"
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        problem = str(error)
    # Outside the handler: what pydantic raises holds the whole record.
    raise MalformedReplyError(
        f"The system shows it in a form that is not known ({problem}).",
        record=what,
        advice="Please report it to the plugin's author.",
    )
