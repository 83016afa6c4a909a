"""What is told about each request to a system, for the operations page and the logs, whatever the protocol is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_LOG = logging.getLogger("erpcore.exchange")


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and what came of it, with secrets hidden. One per attempt, so counting them counts requests.

    Customers' personal data is *not* hidden: whoever keeps exchanges decides for how long.

    Args:
        connection: Name of the connection.
        at: When it was sent, aware, in UTC.
        method: What was asked: an HTTP method, or the name of a function.
        path: Of what it was asked: path and query, or the key of a record; may be empty.
        write: Whether it may have changed something.
        left: Whether it may have reached the system. False only when it surely did not.
        ok: Whether the answer is a good one. False when there is none.
        status: HTTP status, or the result code of a function; None when there is no answer.
        milliseconds: From sending to the end of the answer, or to the failure.
        request_id: The vendor's own id of the request, when it gave one.
        request_body: What was sent, as text, cut off at a size; empty when there was nothing.
        response_body: What was received, the same.
        failure: Why there is no answer, in words; None when there is one.
    """

    connection: str
    at: datetime
    method: str
    path: str
    write: bool
    left: bool
    ok: bool
    status: int | str | None
    milliseconds: int
    request_id: str | None = None
    request_body: str = ""
    response_body: str = ""
    failure: str | None = None

    @property
    def words(self) -> str:
        """What was asked and what came of it, as one sentence for people."""
        asked = f"{self.connection}: {self.method} {self.path}".rstrip()
        return f"{asked} {f'was answered with {self.status}' if self.failure is None else f'failed: {self.failure}'}."


Observer = Callable[[Exchange], None]
"""Is given each exchange when it is over, on the thread that made it."""


def log_exchange(exchange: Exchange) -> None:
    """Write one line: INFO for what may have changed something or went wrong, DEBUG for reads that went well.

    Args:
        exchange: The request; its bodies are not logged.
    """
    _LOG.log(
        logging.DEBUG if exchange.ok and not exchange.write else logging.INFO,
        "%s: %s %s -> %s in %d ms%s",
        exchange.connection,
        exchange.method,
        exchange.path,
        exchange.status if exchange.failure is None else exchange.failure,
        exchange.milliseconds,
        f" (request {exchange.request_id})" if exchange.request_id else "",
    )
