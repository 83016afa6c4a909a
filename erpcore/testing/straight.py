"""Requests straight into a simulator of this process: no socket, no server's loop, a third of the time.

What an HTTP library refuses to write, it refuses here, too. What only a server can do (keep an answer back, find a head
too long) goes over the network.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import h11
import httpx  # noqa: TID251 the double of a network

from erpcore.simulator import AnswerLost, InProcess, Simulator, running

_LONGEST_HEAD = 16 * 1024
"""Bytes; a server may refuse a longer one (h11, ``max_incomplete_event_size``)."""
_NEEDS_SERVER = ("hold", "slow")
"""Faults that keep an answer back."""


class Straight(httpx.BaseTransport):
    """Sends requests into a simulator, one at a time, in the thread that asks.

    Args:
        simulator: It answers without a server, so the faults ``hold`` and ``slow`` are none for it.
    """

    def __init__(self, simulator: Simulator) -> None:
        self._call = InProcess(simulator.asgi)
        self._turn = threading.RLock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Let the simulator answer.

        Raises:
            httpx.RemoteProtocolError: A fault lost the answer.
        """
        body = request.read()
        try:
            with self._turn:
                answered = self._call(request.method, str(request.url), request.headers.raw, body)
        except AnswerLost:
            text = "Server disconnected without sending a response."
            raise httpx.RemoteProtocolError(text, request=request) from None
        return httpx.Response(answered.status, headers=answered.headers, content=answered.body, request=request)


@contextmanager
def straight(simulator: Simulator) -> Iterator[str]:
    """Serve a simulator, and let requests of this process go straight into it, while the block runs.

    Args:
        simulator: What is served.

    Yields:
        The base URL, as of `running`.
    """
    original, inside = httpx.HTTPTransport.handle_request, Straight(simulator)
    with running(simulator) as base_url:

        def handle_request(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            if not str(request.url).startswith(f"{base_url}/") or _head(request) > _LONGEST_HEAD:
                return original(transport, request)
            if any(fault["kind"] in _NEEDS_SERVER for fault in simulator.faults.as_json()):
                return original(transport, request)
            return inside.handle_request(request)

        setattr(httpx.HTTPTransport, "handle_request", handle_request)  # noqa: B010 as a tap does; mypy refuses "="
        try:
            yield base_url
        finally:
            setattr(httpx.HTTPTransport, "handle_request", original)  # noqa: B010 as above


def _head(request: httpx.Request) -> int:
    """Give the length of a request's head, put together as the HTTP library does it.

    Raises:
        httpx.LocalProtocolError: No such request can be written.
    """
    connection = h11.Connection(h11.CLIENT)
    try:
        head = connection.send(
            h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        )
        connection.send(h11.Data(data=request.read()))
        connection.send(h11.EndOfMessage())
    except h11.LocalProtocolError as error:
        raise httpx.LocalProtocolError(str(error), request=request) from error
    return len(head or b"")
