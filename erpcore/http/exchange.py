"""What is told about each request that left, for the operations page and the logs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_LOG = logging.getLogger("erpcore.http")


@dataclass(frozen=True)
class Exchange:
    """One request and what came of it, with secrets hidden. One per attempt, so counting them counts requests.

    Customers' personal data is *not* hidden: whoever keeps exchanges decides for how long.

    Args:
        connection: Name of the connection.
        at: When it was sent, aware, in UTC.
        method: HTTP method.
        path: Path and query.
        status: Status of the reply; None when there was none.
        milliseconds: From sending to the last byte, or to the failure.
        request_id: The vendor's own id of the request, when it gave one.
        request_body: Body as sent, as text, cut off at a size; empty when there was none.
        response_body: Body as received, the same.
        failure: Why there is no reply, in words; None when there is one.
    """

    connection: str
    at: datetime
    method: str
    path: str
    status: int | None
    milliseconds: int
    request_id: str | None
    request_body: str
    response_body: str
    failure: str | None


OnExchange = Callable[[Exchange], None]
"""Is given each exchange when it is over, on the thread that made it."""


def log_exchange(exchange: Exchange) -> None:
    """Write one line: INFO for what may have changed something or went wrong, DEBUG for reads that went well.

    Args:
        exchange: The request; its bodies are not logged.
    """
    went_well = exchange.status is not None and exchange.status < 400
    level = logging.DEBUG if went_well and exchange.method in {"GET", "HEAD"} else logging.INFO
    _LOG.log(
        level,
        "%s: %s %s -> %s in %d ms%s",
        exchange.connection,
        exchange.method,
        exchange.path,
        exchange.status if exchange.failure is None else exchange.failure,
        exchange.milliseconds,
        f" (request {exchange.request_id})" if exchange.request_id else "",
    )
