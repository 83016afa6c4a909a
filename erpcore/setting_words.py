"""What is wrong with a setting, in a person's words instead of the library's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_WORDS = {
    "extra_forbidden": "there is no such setting.",
    "missing": "this setting is missing.",
    "string_pattern_mismatch": "this is not written as it must be.",
    "string_type": "this must be text, in quotation marks.",
    "bool_parsing": "this must be true or false.",
    "bool_type": "this must be true or false.",
    "int_parsing": "this must be a whole number.",
    "int_from_float": "this must be a whole number.",
    "int_type": "this must be a whole number.",
    "float_parsing": "this must be a number.",
    "float_type": "this must be a number.",
    "decimal_parsing": "this must be a number.",
    "date_parsing": "this must be a day, written as 2026-11-30.",
    "date_from_datetime_parsing": "this must be a day, written as 2026-11-30.",
    "date_type": "this must be a day, written as 2026-11-30.",
    "literal_error": "this must be {expected}.",
    "enum": "this must be {expected}.",
    "greater_than": "this must be greater than {gt}.",
    "greater_than_equal": "this must be {ge} or more.",
    "less_than": "this must be less than {lt}.",
    "less_than_equal": "this must be {le} or less.",
    "tuple_type": "this must be a list, in square brackets.",
    "list_type": "this must be a list, in square brackets.",
    "model_type": "this must be a table of settings.",
    "dict_type": "this must be a table of settings.",
}


def words_for(detail: ErrorDetails) -> str:
    """Say what is wrong with a setting; the value itself is left out, since it may be a secret.

    Args:
        detail: One finding of pydantic's `ValidationError.errors`.

    Returns:
        A sentence that begins with a small letter, for after the setting's name.
    """
    if detail["type"] in ("string_too_short", "too_short"):
        least = detail.get("ctx", {}).get("min_length")
        return "this is empty; fill it in." if least == 1 else f"this is too short: it must be {least} long at least."
    words = _WORDS.get(detail["type"])
    if words is None:
        # A rule of erpcore's or the plugin's own says it in its own words.
        return detail["msg"].removeprefix("Value error, ").rstrip(".") + "."
    return words.format_map(detail.get("ctx", {}))
