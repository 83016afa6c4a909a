"""From a record's custom fields to what they mean, and from a prepared payload to the canonical record. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from erpcore.errors import InvalidValueError
from erpcore.fields import OMIT, Field
from erpcore.http import from_json

from .fields import DEAL_ROW
from .settings import LimeGoSettings
from .values import same_label

CustomValues = Mapping[str, str | None]
"""A record's custom fields: title -> what is filled in, None where it is empty."""
Defined = Callable[[str], bool | None]
"""Tells whether a custom field of this title exists in the account; None where the API does not tell."""

_ROWS_FORM = 'a JSON list such as [{"text": "Licence", "quantity": "2", "price": "100.00"}]'


def deal_members(custom: CustomValues, defined: Defined, settings: LimeGoSettings, record: str) -> dict[str, Any]:
    """Work out what a deal's custom fields mean.

    Args:
        custom: The deal's custom fields.
        defined: Whether a title exists in the account.
        settings: Which titles mean what.
        record: What it is, for the error.

    Returns:
        `erp_id` and `rows` where they are shown, and `custom_fields` without the ones that settings name.

    Raises:
        InvalidValueError: The rows are not in the form that they must have.
    """
    members: dict[str, Any] = {"custom_fields": _filled_in(custom, settings.deal_titles.values())}
    if settings.erp_id_field is not None:
        _put(members, "erp_id", _shown(settings.erp_id_field, custom, defined, settings))
    if settings.rows_field is not None:
        written = _shown(settings.rows_field, custom, defined, settings)
        _put(members, "rows", _rows(settings.rows_field, written, record) if isinstance(written, str) else written)
    return members


def company_members(custom: CustomValues, defined: Defined, settings: LimeGoSettings) -> dict[str, Any]:
    """Work out what a company's custom fields mean: `erp_number` where it is shown, and `custom_fields`.

    Args:
        custom: The company's custom fields.
        defined: Whether a title exists in the account.
        settings: Which titles mean what.
    """
    title = settings.company_erp_number_field
    members: dict[str, Any] = {"custom_fields": _filled_in(custom, [title] if title else [])}
    if title is not None:
        _put(members, "erp_number", _shown(title, custom, defined, settings))
    return members


def is_customer(relation: Any, settings: LimeGoSettings) -> Any:
    """Tell whether a company's relation makes it a customer; `OMIT` where the relation is not shown.

    Args:
        relation: As the API shows it.
        settings: Which relations do.
    """
    if not isinstance(relation, str):
        return OMIT
    return any(same_label(relation, each) for each in settings.customer_relations)


def _put(members: dict[str, Any], name: str, value: Any) -> None:
    if value is not OMIT:
        members[name] = value


def _filled_in(custom: CustomValues, without: Any) -> tuple[dict[str, str], ...]:
    taken = list(without)
    return tuple(
        {"title": title, "value": value}
        for title, value in custom.items()
        if value and not any(same_label(title, each) for each in taken)
    )


def _shown(title: str, custom: CustomValues, defined: Defined, settings: LimeGoSettings) -> Any:
    """Give the field's value, None when it is empty, `OMIT` when it is not shown."""
    for each, value in custom.items():
        if same_label(each, title):
            return value or None
    exists = defined(title)
    if exists is None:
        # Nobody has published whether the classic list leaves empty fields out. Whoever named the field in the
        # settings says that it exists, so by default an absent one is an empty one.
        exists = settings.absent_custom_field == "empty"
    return None if exists else OMIT


_KNOWN_KEYS = frozenset(entry.native[0] for entry in DEAL_ROW.entries if isinstance(entry, Field))


def _require_known_keys(row: Mapping[str, Any], number: int) -> None:
    """Refuse what nobody would look at, such as a misspelt price."""
    for key in row:
        if key not in _KNOWN_KEYS:
            near = get_close_matches(str(key).casefold(), _KNOWN_KEYS, 1)
            hint = f"; did you mean “{near[0]}”?" if near else f"; known are {', '.join(sorted(_KNOWN_KEYS))}."
            raise InvalidValueError(f"row {number} has a “{key}”, which is no part of a row{hint}")


def _row(row: Mapping[str, Any], number: int) -> Any:
    """Read a row; a value that cannot be read is told with the row's number and its name."""
    _require_known_keys(row, number)
    try:
        return DEAL_ROW.from_native(row)
    except (InvalidValueError, ValidationError):
        wrong = [f"“{value}” as its “{key}”" for key, value in row.items() if not _is_readable({key: value})]
    raise InvalidValueError(
        f"row {number} has {' and '.join(wrong) or 'values'} that nobody can read. A number has a decimal point and no "
        "blanks, such as 1234.50."
    )


def _is_readable(part: Mapping[str, Any]) -> bool:
    try:
        DEAL_ROW.from_native(part)
    except (InvalidValueError, ValidationError):
        return False
    return True


def _rows(title: str, written: str, record: str) -> tuple[Any, ...]:
    problem = None
    try:
        rows = from_json(written.encode())
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            return tuple(_row(row, number) for number, row in enumerate(rows, 1))
        problem = "it is no list of objects."
    except InvalidValueError as error:
        problem = error.message
    except ValueError:
        problem = "it is not JSON."
    raise InvalidValueError(
        f"The custom field “{title}” does not hold rows: {problem}",
        field="rows",
        record=record,
        advice=f"Write {_ROWS_FORM} there, or empty the field.",
    )
