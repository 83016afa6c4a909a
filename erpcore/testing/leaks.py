"""An independent look for what must not be in a recording: secrets and personal data.

It shares nothing with the scrubbing in `erpcore.testing.cassettes`: a scrubber that is checked with its own list finds
nothing that the list forgot.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from stdnum.dk import cpr
from stdnum.exceptions import ValidationError
from stdnum.fi import hetu
from stdnum.no import fodselsnummer
from stdnum.se import personnummer

_TOKEN = re.compile(r"[A-Za-z0-9+_\-]{24,}={0,2}(?:\.[A-Za-z0-9+_\-]{10,})*")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")
_BASIC = re.compile(r"(?i)\b(?:basic|bearer)\s+[A-Za-z0-9+/=._-]{8,}")
_QUERY = re.compile(r"\?[^\s\"']+=[^\s\"']*")
_EMAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
_SAFE_DOMAINS = re.compile(r"(?:^|\.)(?:example(?:\.com|\.org|\.net)?|invalid|test)$")
_PERSONS = (
    (re.compile(r"\b(?:19|20)?\d{6}[-+]?\d{4}\b"), personnummer),
    (re.compile(r"\b\d{6} ?\d{5}\b"), fodselsnummer),
    # A Danish number has no check digit any more: only as it is written.
    (re.compile(r"\b\d{6}-\d{4}\b"), cpr),
    (re.compile(r"\b\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]\b"), hetu),
)
_ALPHABETS = (
    # A run of hexadecimal digits in both letters and numbers is a digest or a key; groups as in a UUID are neither.
    re.compile(r"(?<![0-9a-fA-F-])(?=[0-9a-fA-F]*[a-fA-F])(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{32,}(?![0-9a-fA-F-])"),
    re.compile(r"(?<![A-Z2-7])(?=[A-Z2-7]*[2-7])(?=[A-Z2-7]*[A-Z])[A-Z2-7]{26,}(?![A-Z2-7])"),
)
_SECRET_NAME = re.compile(
    r"(?:^|[_\-. ]|(?<=[a-z])(?=[A-Z]))(?:pass(?:word|wd|phrase)?|pwd|secret|token|authorization|cookie|session(?:id)?|"
    r"signature|credentials?|assertion|verifier|otp|(?:api|app|application|client|subscription|private|access|license)"
    r"[_\-]?key)$|^\?key$",
    re.IGNORECASE,
)
"""Names of members, headers and parameters that hold what opens something."""
_DIGESTS = frozenset({"idempotency-key", "etag", "if-match"})
_HIDDEN_VALUES = frozenset({"", "scrubbed", "1111111", "[hidden]", "***", "null"})
_UNICODE = re.compile(r"\\+u([0-9a-fA-F]{4})")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_MOST_RANDOM = 4.0
"""Bits per character: words and names stay below, keys and tokens are above."""


def leaks_in(cassette: Any) -> Iterator[str]:
    """Tell what in a recording looks like a secret or like a living person's data, by its name and by itself.

    Args:
        cassette: A recording, as it was read from its file.

    Yields:
        What was found, with the middle hidden.
    """
    for name, value in _named(cassette):
        if _SECRET_NAME.search(name) and str(value).strip().strip('"').lower() not in _HIDDEN_VALUES:
            yield f"a value under {name}: {_hidden(str(value))}"
    yield from leaks(json.dumps(_without_digests(cassette), ensure_ascii=False, default=str))


def _without_digests(content: Any) -> Any:
    """Leave out the headers whose value is a digest of what is said, and no secret."""
    match content:
        case Mapping():
            return {
                name: _without_digests(value) for name, value in content.items() if str(name).lower() not in _DIGESTS
            }
        case list() | tuple():
            return [_without_digests(value) for value in content]
    return content


def _named(content: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Give every value with the name that it stands under: members, headers, parameters, and those inside of texts."""
    match content:
        case Mapping():
            for inner, value in content.items():
                yield from _named(value, str(inner))
        case list() | tuple():
            for value in content:
                yield from _named(value, name)
        case str():
            yield name, content
            yield from _inside(content)
        case bytes():
            yield from _named(content.decode("utf-8", "replace"), name)
        case int() | float():
            yield name, content


def _inside(text: str) -> Iterator[tuple[str, Any]]:
    if text[:1] in ("{", "["):
        try:
            yield from _named(json.loads(text))
        except ValueError:
            return
    elif "=" in text:
        query = urlsplit(text).query if "://" in text else text
        if not re.search(r"\s", query):
            # As a parameter of an address, a bare “key” opens something; as a member it is any record's.
            yield from ((f"?{name}" if name == "key" else name, value) for name, value in parse_qsl(query))
        for cookie in text.split(";"):
            found, equals, value = cookie.strip().partition("=")
            if equals and re.fullmatch(r"[\w.-]+", found):
                yield found, value


def leaks(text: str) -> Iterator[str]:
    """Tell what in a text looks like a secret or like a living person's data, as it is and decoded.

    Args:
        text: A recording.

    Yields:
        What was found, with the middle hidden.
    """
    plain = _UNICODE.sub(lambda code: chr(int(code[1], 16)), text)
    decoded = [inner for match in _BASE64.finditer(plain) if (inner := _text_in_base64(match[0])) is not None]
    yield from dict.fromkeys(found for each in (text, unquote(plain), *decoded) for found in _leaks(each))


def _leaks(text: str) -> Iterator[str]:
    # In the query of an address, + stands for a blank: a filter is words and no key.
    text = _QUERY.sub(lambda query: query[0].replace("+", " "), text)
    for match in (*_JWT.finditer(text), *_BASIC.finditer(text)):
        yield f"a token: {_hidden(match[0])}"
    for match in _TOKEN.finditer(text):
        if _randomness(match[0]) > _MOST_RANDOM and _mixed(match[0]) and _text_in_base64(match[0]) is None:
            yield f"what looks like a key: {_hidden(match[0])}"
    for match in _EMAIL.finditer(text):
        if not _SAFE_DOMAINS.search(match[1].lower()):
            yield f"an e-mail address outside example.com: {_hidden(match[0])}"
    for alphabet in _ALPHABETS:
        for match in alphabet.finditer(text):
            yield f"what looks like a key: {_hidden(match[0])}"
    for written, country in _PERSONS:
        for match in written.finditer(text):
            if _is_person(match[0], country):
                yield f"a personal identity number: {_hidden(match[0])}"


def _text_in_base64(text: str) -> str | None:
    """Give ordinary text that was encoded, such as a cursor; None for anything else."""
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return decoded if decoded.isprintable() else None


def _hidden(secret: str) -> str:
    return f"{secret[:4]}…{secret[-2:]}"


def _mixed(text: str) -> bool:
    return bool(re.search(r"\d", text) and re.search(r"[a-z]", text) and (re.search(r"[A-Z]", text) or len(text) >= 32))


def _randomness(text: str) -> float:
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def _is_person(digits: str, country: Any) -> bool:
    try:
        country.validate(digits)
    except ValidationError:
        return False
    return True
