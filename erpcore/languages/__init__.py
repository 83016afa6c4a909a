"""The languages in which people read what erpcore tells them: Swedish, Norwegian (Bokmål) and English.

Texts are written in English in the code. A table per language has the other form of each, by the English one. A text
may hold names in braces, which are filled in afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from erpcore.languages.nb import BOKMAL
from erpcore.languages.sv import SWEDISH

Language = Literal["en", "nb", "sv"]
"""English, Norwegian Bokmål, Swedish."""

LANGUAGES: tuple[Language, ...] = get_args(Language)
TABLES: Mapping[Language, Mapping[str, str]] = {"en": {}, "nb": BOKMAL, "sv": SWEDISH}
"""What each English text is in the other languages."""


def translated(text: str, language: Language, more: Mapping[str, str] | None = None) -> str:
    """Give a text in a language; the English one where nobody has translated it.

    Args:
        text: The English text, with names in braces as they stand in the code.
        language: Which language.
        more: Further texts in that language, which go first.
    """
    if more is not None and text in more:
        return more[text]
    return TABLES[language].get(text, text)
