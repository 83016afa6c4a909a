"""Requests of a piece of work: how many went to which connection, and the ones that failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from erpcore.host import Exchange
from erpcore.redaction import hidden_everywhere

_KEPT_FAILURES = 20


@dataclass
class Tally:
    """What one piece of work asked of the systems.

    Attributes:
        requests: Requests that left, by name of the connection.
        failures: The ones that were refused or not answered, the first few of them.
    """

    requests: Counter[str] = field(default_factory=Counter)
    failures: list[Exchange] = field(default_factory=list)

    def add(self, exchange: Exchange) -> None:
        """Count one request."""
        self.requests[exchange.connection] += 1
        if not exchange.ok and len(self.failures) < _KEPT_FAILURES:
            self.failures.append(_hidden(exchange))


_current: ContextVar[Tally | None] = ContextVar("erpcore_tally", default=None)


@contextmanager
def counting() -> Iterator[Tally]:
    """Count the requests that this thread makes inside the block."""
    tally = Tally()
    token = _current.set(tally)
    try:
        yield tally
    finally:
        _current.reset(token)


def so_far() -> dict[str, int]:
    """Give the requests of the innermost block of `counting` around this call, by name of the connection."""
    tally = _current.get()
    return {} if tally is None else dict(tally.requests)


def gone_wrong() -> list[tuple[str, dict[str, Any]]]:
    """Give, once each, the requests of the innermost block of `counting` that went wrong, as lines of a story."""
    tally = _current.get()
    if tally is None:
        return []
    found, tally.failures = tally.failures, []
    return [in_words(exchange) for exchange in found]


def observe(exchange: Exchange) -> None:
    """Count a request towards the work in hand; what connections get as their observer. It is logged already.

    Args:
        exchange: The request.
    """
    tally = _current.get()
    if tally is not None:
        tally.add(exchange)


def in_words(exchange: Exchange) -> tuple[str, dict[str, Any]]:
    """Give a failed request as a line of a story and the data that a page shows beside it, which is what it had.

    Args:
        exchange: The request.
    """
    known = {name: value for name, value in asdict(exchange).items() if value not in (None, "")}
    return exchange.words, {**known, "at": exchange.at.isoformat()}


def _hidden(exchange: Exchange) -> Exchange:
    """Give a request without secrets: it is kept with a story, and not every plugin hides them by itself."""
    return replace(
        exchange,
        method=hidden_everywhere(exchange.method),
        path=hidden_everywhere(exchange.path),
        request_id=None if exchange.request_id is None else hidden_everywhere(exchange.request_id),
        request_body=hidden_everywhere(exchange.request_body),
        response_body=hidden_everywhere(exchange.response_body),
        failure=None if exchange.failure is None else hidden_everywhere(exchange.failure),
    )
