"""What erpcore itself says of one record, in the language of who reads it.

An error's message is made where something goes wrong, with numbers and names in it. It is told apart again by the
sentence that it was made of: each sentence of the tables is a pattern whose braces stand for any text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from erpcore.languages.nb_details import BOKMAL_DETAILS
from erpcore.languages.sv_details import SWEDISH_DETAILS

if TYPE_CHECKING:
    from erpcore.languages import Language

DETAILS: Mapping[Language, Mapping[str, str]] = {"en": {}, "nb": BOKMAL_DETAILS, "sv": SWEDISH_DETAILS}
"""What each English sentence is in the other languages."""

_NAME = re.compile(r"\{(\w+)\}")
_DEEPEST = 3
"""How often what a sentence names may be a sentence itself."""


def translated_detail(message: str, language: Language) -> str | None:
    """Give a message in a language.

    Args:
        message: One or more sentences of erpcore's, in English.
        language: Which language.

    Returns:
        None when a sentence of it is in no table. What a sentence names and nobody has translated stays as it is, such
        as the text of an article or what a system said.
    """
    return message if language == "en" else _whole(message, language, _DEEPEST)


def _whole(message: str, language: Language, depth: int) -> str | None:
    # One sentence after the other first: what stands in braces may be any text, also a sentence more than is meant.
    return _in_turn(message, language, depth) or _at_once(message, language, depth)


def _in_turn(message: str, language: Language, depth: int) -> str | None:
    for end in (found.end() for found in re.finditer(r"\. ", message)):
        first = _at_once(message[: end - 1], language, depth)
        if first is not None and (rest := _whole(message[end:], language, depth)) is not None:
            return f"{first} {rest}"
    return None


def _at_once(message: str, language: Language, depth: int) -> str | None:
    for pattern, other in _patterns(language):
        if found := pattern.fullmatch(message):
            told = {name: _named(text, language, depth) for name, text in found.groupdict().items()}
            return other.format(**told)
    return None


def _named(text: str, language: Language, depth: int) -> str:
    return (_whole(text, language, depth - 1) if depth else None) or text


@cache
def _patterns(language: Language) -> list[tuple[re.Pattern[str], str]]:
    """The sentences as patterns; those that say most themselves go first."""
    table = DETAILS[language]
    ordered = sorted(table, key=lambda text: len(_NAME.sub("", text)), reverse=True)
    return [(re.compile(_NAME.sub(r"(?P<\1>.+?)", _escaped(text)), re.DOTALL), table[text]) for text in ordered]


def _escaped(text: str) -> str:
    """Escape what a pattern would read, and leave the braces."""
    return re.sub(r"[.^$*+?()\[\]\\|]", r"\\\g<0>", text)
