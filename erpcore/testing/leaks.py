"""An independent look for what must not be in a recording: secrets and personal data.

It shares nothing with the scrubbing in `erpcore.testing.cassettes`: a scrubber that is checked with its own list finds
nothing that the list forgot.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterator

from stdnum.exceptions import ValidationError
from stdnum.se import personnummer

_TOKEN = re.compile(r"[A-Za-z0-9+_\-]{24,}={0,2}(?:\.[A-Za-z0-9+_\-]{10,})*")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")
_BASIC = re.compile(r"(?i)\b(?:basic|bearer)\s+[A-Za-z0-9+/=._-]{8,}")
_QUERY = re.compile(r"\?[^\s\"']+=[^\s\"']*")
_EMAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
_SAFE_DOMAINS = re.compile(r"(?:^|\.)(?:example(?:\.com|\.org|\.net)?|invalid|test)$")
_PERSON = re.compile(r"\b(?:19|20)?\d{6}[-+]?\d{4}\b")
_MOST_RANDOM = 4.0
"""Bits per character: words and names stay below, keys and tokens are above."""


def leaks(text: str) -> Iterator[str]:
    """Tell what in a text looks like a secret or like a living person's data.

    Args:
        text: A recording.

    Yields:
        What was found, with the middle hidden.
    """
    # In the query of an address, + stands for a blank: a filter is words and no key.
    text = _QUERY.sub(lambda query: query[0].replace("+", " "), text)
    for match in (*_JWT.finditer(text), *_BASIC.finditer(text)):
        yield f"a token: {_hidden(match[0])}"
    for match in _TOKEN.finditer(text):
        if _randomness(match[0]) > _MOST_RANDOM and _mixed(match[0]) and not _is_text_in_base64(match[0]):
            yield f"what looks like a key: {_hidden(match[0])}"
    for match in _EMAIL.finditer(text):
        if not _SAFE_DOMAINS.search(match[1].lower()):
            yield f"an e-mail address outside example.com: {_hidden(match[0])}"
    for match in _PERSON.finditer(text):
        if _is_person(match[0]):
            yield f"a personal identity number: {_hidden(match[0])}"


def _is_text_in_base64(text: str) -> bool:
    """Whether it is ordinary text that was encoded, such as a cursor."""
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return decoded.isprintable()


def _hidden(secret: str) -> str:
    return f"{secret[:4]}…{secret[-2:]}"


def _mixed(text: str) -> bool:
    return bool(re.search(r"\d", text) and re.search(r"[a-z]", text) and (re.search(r"[A-Z]", text) or len(text) >= 32))


def _randomness(text: str) -> float:
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def _is_person(digits: str) -> bool:
    try:
        personnummer.validate(digits)
    except ValidationError:
        return False
    return True
