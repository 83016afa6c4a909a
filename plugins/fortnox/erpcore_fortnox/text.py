"""Which characters Fortnox takes, and what to put for those that it refuses.

Fortnox publishes a pattern of allowed characters (developer guide, Formats and encoding): letters of any script, ten
digits and a few dozen signs. One other character refuses the whole record (error 2000359), so each is replaced by what
reads most like it, or left out. The plain apostrophe is replaced too: the pattern can be read as allowing it or not,
while the typographic one is surely in it.
"""

from __future__ import annotations

import re
import unicodedata

_SIGNS = frozenset("0123456789 –:.`´’,;^¤#%§£$€¢¥©™°&/()=+-*_!?²³®½@\\\u00a0\u0308\u030a")
_REPLACED = {
    "'": "’",
    '"': "’",
    "‘": "’",
    "“": "’",
    "”": "’",
    "„": "’",
    "«": "’",
    "»": "’",
    "…": "...",
    "•": "-",
    "·": "-",
    "~": "-",
    "<": "(",
    "[": "(",
    "{": "(",
    ">": ")",
    "]": ")",
    "}": ")",
    "|": "/",
    "\N{FRACTION SLASH}": "/",
    "×": "x",
}
_LINE_BREAK = re.compile("\r\n|[\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029]")


def one_line(text: str) -> str:
    """Make a text that Fortnox takes in a field of one line; a line break between words becomes a blank.

    Args:
        text: Any text.

    Returns:
        The same text when Fortnox takes it as it is; else one without blanks at its edges.
    """
    line = _LINE_BREAK.sub(" ", text)
    return _tidied(line) if line == text else _tidied(line).strip()


def many_lines(text: str) -> str:
    """Make a text that Fortnox takes in a field of many lines (``Remarks``, ``Comments``, ``Note``).

    Args:
        text: Any text.

    Returns:
        The same text when Fortnox takes it as it is.
    """
    return "\n".join(_tidied(line) for line in _LINE_BREAK.split(text)).strip()


def is_taken(text: str) -> bool:
    """Tell whether Fortnox takes every character of a text of one line.

    Args:
        text: Any text.
    """
    return all(_is_allowed(character) for character in set(text))


def _tidied(line: str) -> str:
    if is_taken(line):
        return line
    replaced = "".join(_instead(character) for character in unicodedata.normalize("NFC", line))
    return replaced.strip()


def _instead(character: str) -> str:
    if _is_allowed(character):
        return character
    if character in _REPLACED:
        return _REPLACED[character]
    match unicodedata.category(character):
        case "Pd":
            return "-"
        case "Zs":
            return " "
        case "Nd":
            return str(unicodedata.decimal(character))
    if character == "\t":
        return " "
    plainer = unicodedata.normalize("NFKD", character)
    return "" if plainer == character else "".join(_instead(part) for part in plainer)


def _is_allowed(character: str) -> bool:
    return character in _SIGNS or unicodedata.category(character).startswith("L")
