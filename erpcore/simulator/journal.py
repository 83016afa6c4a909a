"""What a simulator was asked: the list that tests count in and a person reads with curl."""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from erpcore.redaction import NAMES_OF_SECRETS

_SECRET_FORM = re.compile(rf"(?i)(^|[&?])(code|{NAMES_OF_SECRETS})=[^&]*")
_SECRET_JSON = re.compile(rf'(?i)"(code|{NAMES_OF_SECRETS})"\s*:\s*"[^"]*"')
_BODY_CHARACTERS = 20_000


@dataclass(frozen=True)
class JournalEntry:
    """One request, as it came in.

    Attributes:
        at: The simulator's time when it arrived (aware, UTC).
        method: The HTTP verb.
        path: The path without the query, percent-decoded.
        query: The query string as sent, secrets removed.
        body: The body as text, secrets removed, cut at 20,000 characters.
        status: The HTTP status of the answer (of a held one too, from the moment it is held); None when the
            answer was lost.
        kind: "" for a request answered in the ordinary way, else the kind of the fault that struck it.
    """

    at: datetime
    method: str
    path: str
    query: str
    body: str
    status: int | None
    kind: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the entry as plain JSON values; `at` in ISO 8601."""
        return {**asdict(self), "at": self.at.isoformat()}


class Journal:
    """The newest requests, oldest first. Headers are not kept, so no Authorization value ever is.

    Args:
        size: How many requests to remember; older ones fall off.
    """

    def __init__(self, size: int = 10_000) -> None:
        self._entries: deque[JournalEntry] = deque(maxlen=size)
        self._lock = threading.Lock()

    def add(self, entry: JournalEntry) -> None:
        """Remember one request."""
        with self._lock:
            self._entries.append(entry)

    def entries(self, method: str | None = None, path: str | None = None) -> list[JournalEntry]:
        """Return the requests that fit, oldest first.

        Args:
            method: The HTTP verb, or None for all.
            path: A regular expression that must fit the whole path, or None for all.
        """
        with self._lock:
            entries = list(self._entries)
        return [
            entry
            for entry in entries
            if (method is None or entry.method == method.upper())
            and (path is None or re.fullmatch(path, entry.path) is not None)
        ]

    def count(self, method: str | None = None, path: str | None = None) -> int:
        """Count the requests that fit; arguments as in `entries`."""
        return len(self.entries(method, path))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()


def without_secrets(text: str) -> str:
    """Return a query or body with the values of credential-like members replaced by ``***``."""
    text = _SECRET_FORM.sub(r"\1\2=***", text[:_BODY_CHARACTERS])
    return _SECRET_JSON.sub(r'"\1": "***"', text)
