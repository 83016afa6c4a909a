"""Keeping secrets out of logs, exceptions and recorded requests.

Two nets, one behind the other: secrets that are known by value (the client's keys and tokens, in every spelling they
travel in) and places that hold secrets by name (the ``Authorization`` header, an ``apikey`` parameter, an
``access_token`` member), for those that nobody has told us about.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar
from urllib.parse import quote, quote_plus
from weakref import WeakSet

from erpcore.errors import ErpcoreError

E = TypeVar("E", bound=ErpcoreError)

HIDDEN = "[hidden]"
"""What stands where a secret stood."""

SHORTEST_SECRET = 4
"""Values shorter than this are not hidden by value: the text would be full of holes."""

_REMEMBERED_TOKENS = 200
_SHORTEST_TOKEN = 16
_LONGEST_TOLD = 500
"""Characters that an error tells of a vendor's words: enough for a sentence, and not for a web page."""
_LONGEST_SEARCHED = 20_000
_TOLD = (
    *("vendor_text", "vendor_code", "advice", "record", "request_id"),
    *("field", "subject_kind", "subject", "candidates", "distribution"),
)
"""Where an error holds, beside its message, what others wrote."""

_SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "api-key",
        "apikey",
        "access-token",
        "client-secret",
        "ocp-apim-subscription-key",
        "x-auth-token",
    }
)

NAMES_OF_SECRETS = (
    r"(?![\w-]{0,40}(?:page|next|continu|cursor)\w{0,40}-?token)"
    r"(?:\w{0,40}-)?\w{0,40}(?:token|secret|password|passwd)"
    r"|(?:client[_-]?)?assertion|code[_-]?verifier|(?:api|subscription|client|application)[_-]?key"
)
"""What a member or a parameter is called that holds a secret, whatever stands before it (``employeeToken``): a regular
expression. A place in a list is none (``nextPageToken``)."""
_SECRET_NAME = re.compile(NAMES_OF_SECRETS + "|private[_-]?key", re.IGNORECASE)
_JSON_MEMBER = re.compile(rf'("(?:{NAMES_OF_SECRETS})"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE)
_FORM_FIELD = re.compile(rf"(\b(?:{NAMES_OF_SECRETS})=)[^&\s\"'<>)]+", re.IGNORECASE)
_CODE_FIELD = re.compile(r"((?:^|[?&])code=)[^&\s\"'<>)]+", re.IGNORECASE)
_SCHEME_WORD = re.compile(r"(\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_HEADER_NAMES = "|".join([*sorted(_SECRET_HEADERS), r"\bx-[\w-]{0,40}(?:token|secret|key)"])
_HEADER_LINE = re.compile(rf"((?:{_HEADER_NAMES})['\"]?\s*[:,]\s*(?:b(?=['\"]))?['\"]?)[^'\"\r\n]+", re.IGNORECASE)

_WORDS = (
    "token",
    "secret",
    "key",
    "passw",
    "assertion",
    "verifier",
    "authorization",
    "cookie",
    "basic",
    "bearer",
    "code=",
)
"""One of these is in every text that one of the patterns finds something in; to look for them is many times faster."""


def is_secret_name(name: str) -> bool:
    """Tell whether something of this name is a secret, such as a setting ``client_secret``."""
    return _SECRET_NAME.search(name) is not None


def redact_text(text: str, known: Iterable[str] = ()) -> str:
    """Hide secrets in a text.

    Args:
        text: Any text: a URL, a JSON or form body, an error message. Not a piece of one: a secret that was cut in two
            is not recognised.
        known: Secrets by value.
    """
    for secret in known:
        text = text.replace(secret, HIDDEN)
    folded = text.casefold()
    if not any(word in folded for word in _WORDS):
        return text
    for pattern in (_JSON_MEMBER, _FORM_FIELD, _CODE_FIELD, _SCHEME_WORD, _HEADER_LINE):
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text


def _spellings(secret: str) -> set[str]:
    encoded = base64.b64encode(secret.encode()).decode()
    as_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), encoded, *as_json}


class Redactor:
    """The secrets of one connection, by value, and the hiding of them.

    Args:
        secrets: Values that stay the same, such as a client secret or an API key.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._lasting: set[str] = set()
        self._passing: dict[str, None] = {}
        self._ordered: tuple[str, ...] = ()
        for secret in secrets:
            self.add(secret)
        _LIVE.add(self)

    def __repr__(self) -> str:
        return f"Redactor({len(self._ordered)} spellings)"

    def add(self, secret: str, *, passing: bool = False) -> None:
        """Hide this value from now on.

        Args:
            secret: The value. With a scheme word or prefix (``Bearer x``, ``go-api:x``) the rest alone is hidden too.
            passing: A token that will be replaced; only the last few of those are remembered.
        """
        parts = {secret, secret.partition(" ")[2], secret.partition(":")[2]}
        spellings = {spelling for part in parts if len(part) >= SHORTEST_SECRET for spelling in _spellings(part)}
        with self._lock:
            if spellings <= self._lasting or (passing and spellings <= self._passing.keys()):
                return
            if passing:
                self._passing.update(dict.fromkeys(spellings))
                while len(self._passing) > _REMEMBERED_TOKENS:
                    del self._passing[next(iter(self._passing))]
            else:
                self._lasting |= spellings
            self._order()

    def _order(self) -> None:
        # Longest first, so that no secret is cut in two by a shorter one inside it.
        self._ordered = tuple(sorted({*self._lasting, *self._passing}, key=len, reverse=True))

    def text(self, text: str) -> str:
        """Hide secrets in a text; see `redact_text`."""
        return redact_text(text, self._ordered)

    def known(self, text: str) -> str:
        """Hide only the secrets known by value."""
        for secret in self._ordered:
            text = text.replace(secret, HIDDEN)
        return text

    def error(self, error: E) -> E:
        """Hide secrets in everything an error says, and shorten what a vendor wrote, in place.

        Args:
            error: The error.

        Returns:
            The same error.
        """
        return _changed(error, self.text)


def hide_everywhere(error: E) -> E:
    """Hide the secrets of every connection in use in everything an error says, in place.

    Args:
        error: The error.

    Returns:
        The same error.
    """
    return _changed(error, hidden_everywhere)


def _changed(error: E, hide: Callable[[str], str]) -> E:
    for other in getattr(error, "others", ()):  # what else is wrong with the settings
        _changed(other, hide)
    error.message = hide(error.message)
    error.args = tuple(hide(part) if isinstance(part, str) else part for part in error.args)
    for name in _TOLD:
        value = getattr(error, name, None)
        if isinstance(value, str):
            # Hidden first, cut afterwards: half a secret is not recognised.
            setattr(error, name, hide(value[:_LONGEST_SEARCHED])[:_LONGEST_TOLD])
        elif isinstance(value, tuple):
            setattr(error, name, tuple(hide(str(each)) for each in value))
    return error


_LIVE: WeakSet[Redactor] = WeakSet()


def hidden_everywhere(text: str) -> str:
    """Hide the secrets of every connection in use in a text, and what stands where secrets stand.

    Args:
        text: Any text, not a piece of one.
    """
    for redactor in tuple(_LIVE):
        text = redactor.known(text)
    return redact_text(text)


_PASSED_BY = Redactor()


def keep_secret(*secrets: str | None) -> None:
    """Hide these everywhere from now on, such as tokens that a plugin has bought, whether or not it hides them itself.

    Args:
        *secrets: By value; None, and what is too short for a token and could be a word, is passed over. Only the last
            few are remembered.
    """
    for secret in secrets:
        if secret and len(secret) >= _SHORTEST_TOKEN:
            _PASSED_BY.add(secret, passing=True)


class SecretFilter(logging.Filter):
    """Hides secrets in log records, tracebacks included: by name, and by value those of every connection in use.

    Put it on handlers. A filter on a logger does not see what its children log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace what the record says by words without secrets; lets every record through."""
        record.msg, record.args = hidden_everywhere(record.getMessage()), ()
        if record.exc_info:
            # A formatter takes the text that is there already.
            record.exc_text = record.exc_text or logging.Formatter().formatException(record.exc_info)
        for name in ("exc_text", "stack_info"):
            if told := getattr(record, name):
                setattr(record, name, hidden_everywhere(told))
        return True


class SecretFormatter(logging.Formatter):
    """Hides secrets in the finished text of a line: its words, facts, traceback and stack, however they came to be.

    Args:
        inner: Makes the line.
    """

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        return hidden_everywhere(self._inner.format(record))


# The HTTP library writes URLs (with an API key in the query) at INFO and reply headers at DEBUG, to these loggers.
_LIBRARY_LOGGERS = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)
_LIBRARY_FILTER = SecretFilter()


def guard_library_loggers() -> None:
    """Put a `SecretFilter` on the loggers of the HTTP library. Calling it again changes nothing."""
    for name in _LIBRARY_LOGGERS:
        logging.getLogger(name).addFilter(_LIBRARY_FILTER)
