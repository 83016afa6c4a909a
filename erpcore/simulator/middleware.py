"""The layer around a simulator's routes: writes the journal and carries the faults out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from email.utils import format_datetime
from urllib.parse import unquote

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from erpcore.simulator.clock import Clock
from erpcore.simulator.faults import AFTER_WORK, BEFORE_WORK, TRANSPORT_KINDS, Fault, FaultSwitches
from erpcore.simulator.journal import Journal, JournalEntry, without_secrets

CONTROL_PREFIX = "/_simulator"
BREAK_CONNECTION = "erpcore.break_connection"
"""Key in the ASGI scope's state: a function that breaks the connection under the request (only a server has it)."""


class DatedAnswers:
    """Says in each answer's ``Date`` what the simulated system's own clock shows, as clients read a server's time.

    Args:
        app: What answers.
        clock: The simulator's.
    """

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._clock.now(), usegmt=True).encode()
                message = {**message, "headers": [*message.get("headers", []), (b"date", date)]}
            await send(message)

        await self._app(scope, receive, dated)


class AnswerLost(ConnectionError):
    """Raised towards an in-process client, where there is no connection that could be broken."""


class HeldAnswers:
    """The answers that are kept back at this moment, to be let go from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def __len__(self) -> int:
        with self._lock:
            return len(self._held)

    async def wait(self, receive: Receive, seconds: float | None) -> bool:
        """Wait until released, until `seconds` have passed (None: no end), or until the client is gone.

        Returns:
            Whether there still is a client to answer.

        Raises:
            RuntimeError: There is no server, so that nobody could let the answer go.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError("An answer can be kept back only where the simulator is served.") from None
        released = asyncio.Event()
        with self._lock:
            self._held[released] = loop
        waiting = asyncio.ensure_future(released.wait())
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({waiting, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return not gone.done()
        finally:
            with self._lock:
                self._held.pop(released, None)
            for task in (waiting, gone):
                task.cancel()
            await asyncio.gather(waiting, gone, return_exceptions=True)

    def release(self) -> int:
        """Let all of them go; return how many there were."""
        with self._lock:
            held = dict(self._held)
        for event, loop in held.items():
            loop.call_soon_threadsafe(event.set)
        return len(held)


class KeptBeforeAnswer:
    """ASGI middleware: what a request changed is kept before anything of its answer goes out.

    Args:
        app: The simulator's own routes and its control addresses.
        keep: Keeps; called for every request, since GETs change things too (a feed moves on when it is read).
    """

    def __init__(self, app: ASGIApp, keep: Callable[[], None]) -> None:
        self._app = app
        self._keep = keep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the routes work, and keep when they begin to answer."""

        async def kept(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._keep()
            await send(message)

        await self._app(scope, receive, kept)


class JournalAndFaults:
    """ASGI middleware. Requests under the control path pass it untouched.

    Args:
        app: The simulator's own routes.
        clock: For the time in the journal.
        journal: Where requests are written.
        faults: What shall go wrong.
        held: Where answers wait.
        too_many_requests: Makes the vendor's 429.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        clock: Clock,
        journal: Journal,
        faults: FaultSwitches,
        held: HeldAnswers,
        too_many_requests: Callable[[], Response],
    ) -> None:
        self._app = app
        self._clock = clock
        self._journal = journal
        self._faults = faults
        self._held = held
        self._too_many_requests = too_many_requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the routes work, then write down what was asked and answer, or do what the fault says."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PREFIX):
            await self._app(scope, receive, send)
            return
        at = self._clock.now()
        body = await _whole_body(receive)
        method, path = scope["method"], scope["path"]
        fault = self._faults.take(TRANSPORT_KINDS, method, path)
        if fault is not None and fault.kind in BEFORE_WORK:
            answer = await _messages(self._refusal(fault), scope)
        else:
            answer = await self._work(scope, body)
        if fault is not None and fault.kind in _SPOILED:
            answer = await _messages(_spoiled(fault, int(answer[0]["status"])), scope)
        lost = fault is not None and fault.kind == "lose_answer"
        # Written before the answer goes out: who waits for a held request must be able to see that it is there.
        self._journal.add(
            JournalEntry(
                at=at,
                method=method,
                path=unquote(path),
                query=without_secrets(scope["query_string"].decode("latin-1")),
                body=without_secrets(body.decode("utf-8", "replace")),
                status=None if lost else int(answer[0]["status"]),
                kind="" if fault is None else fault.kind,
            )
        )
        if fault is not None and fault.kind in ("hold", "slow"):
            lost = not await self._held.wait(receive, fault.seconds if fault.kind == "slow" else None)
        if lost:
            await _break_connection(scope, receive)
            return
        for message in answer:
            await send(message)

    async def _work(self, scope: Scope, body: bytes) -> list[Message]:
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, _replay(body), keep)
        return answer

    def _refusal(self, fault: Fault) -> Response:
        if fault.kind == "too_many_requests":
            response = self._too_many_requests()
            response.headers.update(fault.headers)
            return response
        return _error(fault)


_SPOILED = AFTER_WORK - {"lose_answer", "hold", "slow"}
_PAGE = "<html><head><title>Service unavailable</title></head><body><h1>Service unavailable</h1></body></html>"


def _error(fault: Fault) -> Response:
    status = fault.status or 500
    if fault.form == "html":
        return HTMLResponse(_PAGE, status_code=status, headers=dict(fault.headers))
    return JSONResponse({"message": "Internal server error"}, status_code=status, headers=dict(fault.headers))


def _spoiled(fault: Fault, status: int) -> Response:
    headers = dict(fault.headers)
    match fault.kind:
        case "error_after":
            return _error(fault)
        case "html":
            return HTMLResponse(_PAGE, fault.status or 200, headers)
        case "empty":
            return Response(b"", fault.status or status, {"content-type": "application/json", **headers})
    torn = b'{"half an answer": \x00'
    return Response(torn, fault.status or status, {"content-type": "application/json", **headers})


async def _whole_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _messages(response: Response, scope: Scope) -> list[Message]:
    kept: list[Message] = []

    async def keep(message: Message) -> None:
        kept.append(message)

    await response(scope, _replay(b""), keep)
    return kept


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        await asyncio.sleep(0)


async def _break_connection(scope: Scope, receive: Receive) -> None:
    break_it = scope.get("state", {}).get(BREAK_CONNECTION)
    if break_it is None:
        raise AnswerLost(f"The answer to {scope['method']} {scope['path']} was lost on purpose.")
    break_it()
    await _gone(receive)
