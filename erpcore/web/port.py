"""The port for deliveries and consents: how long a sender may take, and how much it may send.

A web server with HTTPS stands in front of it, with time-outs of its own; these here hold where it has none.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from erpcore.web.webhooks import LARGEST_HEAD

HEAD_SECONDS = 10.0
"""How long a sender may take for the head of a request."""

CONNECTIONS = 200
"""Connections at the same time; more are answered with 503."""

_HEADS = 100
"""Connections at the same time whose head has not come; of more than these the oldest is closed."""


class _Guarded(H11Protocol):
    """A connection whose head must come in time. All of a process' are known to each other: they share one thread."""

    waiting: dict[_Guarded, asyncio.TimerHandle] = {}  # noqa: RUF012  one for all connections, in the order they came

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn's own
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._came()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Tell that what came is no HTTP; where a request before it is not answered yet, end the connection."""
        if self.cycle is None or self.cycle.response_complete:
            super().send_400_response(msg)
            return
        # The answer would come after this one, and be a fault with a traceback for whoever sends such.
        self.cycle.disconnected = True
        self._drop()

    def _watch(self) -> None:
        """Begin or end the wait for a head, of a second request on the connection too."""
        if self.conn.their_state is not h11.IDLE:
            self._came()
        elif self not in self.waiting:
            self.waiting[self] = self.loop.call_later(HEAD_SECONDS, self._drop)
            if len(self.waiting) > _HEADS:
                next(iter(self.waiting))._drop()

    def _came(self) -> None:
        if (timer := self.waiting.pop(self, None)) is not None:
            timer.cancel()

    def _drop(self) -> None:
        self._came()
        self.transport.abort()


def server_for(app: Starlette) -> uvicorn.Server:
    """Build the server of the port; the caller gives it a socket and runs it.

    Args:
        app: What is served.
    """
    settings: dict[str, Any] = {
        "http": _Guarded,
        "loop": "asyncio",
        "ws": "none",
        "lifespan": "off",
        "log_config": None,
        "access_log": False,  # the address holds the connection's secret token
        "server_header": False,
        "limit_concurrency": CONNECTIONS,
        "h11_max_incomplete_event_size": LARGEST_HEAD,
    }
    return uvicorn.Server(uvicorn.Config(app, **settings))
