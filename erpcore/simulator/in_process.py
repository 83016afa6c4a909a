"""Calling a simulator without a server, an event loop or a thread: for tests, and for a simulation in one thread."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Answered(NamedTuple):
    """An answer as it would go over the wire."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class InProcess:
    """Calls an ASGI application that never waits, and returns when it has answered.

    The application's coroutine is driven by hand, so that the caller's thread alone decides what happens when.

    Args:
        app: The application, such as `Simulator.asgi`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(
        self, method: str, url: str, headers: Iterable[tuple[bytes, bytes]] = (), body: bytes = b""
    ) -> Answered:
        """Send one request.

        Args:
            method: The HTTP verb.
            url: The whole address, percent-encoded.
            headers: Names and values.
            body: The raw body.

        Returns:
            The answer.

        Raises:
            AnswerLost: A fault lost it, after the work was done.
            RuntimeError: The application waits for something, as the faults ``hold`` and ``slow`` do; that needs a
                server.
        """
        sent: list[Message] = []
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return waiting.pop() if waiting else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        _run(self._app, _scope(method, url, headers), receive, send)
        start, *parts = sent
        return Answered(start["status"], list(start["headers"]), b"".join(part.get("body", b"") for part in parts))


def _run(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    work = app(scope, receive, send).__await__()
    try:
        next(work)
    except StopIteration:
        return
    work.close()
    raise RuntimeError(f"{scope['method']} {scope['path']} waits for something; that needs a server.")


def _scope(method: str, url: str, headers: Iterable[tuple[bytes, bytes]]) -> Scope:
    parts = urlsplit(url)
    given = [(name.lower(), value) for name, value in headers]
    if not any(name == b"host" for name, _ in given):
        given.insert(0, (b"host", parts.netloc.encode("ascii")))
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method.upper(),
        "scheme": parts.scheme,
        "path": unquote(parts.path) or "/",
        "raw_path": parts.path.encode("ascii") or b"/",
        "query_string": parts.query.encode("ascii"),
        "root_path": "",
        "headers": given,
        "server": (parts.hostname, parts.port),
        "client": ("127.0.0.1", 0),
    }
