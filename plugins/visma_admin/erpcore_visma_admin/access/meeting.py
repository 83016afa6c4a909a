"""Where an agent that cannot be reached comes for its work: addresses at erpcore's own face.

================================================  ========================================================
``POST /v1/companies/COMPANY[/TABLE]/CALL``       the calls of `erpcore_visma_admin.agent.app`, by whoever calls
``GET /v1/state``                                 as there
``POST /ask``                                     the agent asks for a call, and waits a while; 204 for none
``POST /answers/ID``                              the agent gives an answer back
anything else                                     404
================================================  ========================================================

A call is handed to the agent as it came, with its signature, so that the agent believes the caller and not the face.
It is handed out once, and only while the time that it may take is not over; that time is shorter than the fence.
Nothing is stored: what is in hand when the face ends has no answer, and is looked up like any other.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from erpcore_visma_admin.agent.gate import Gate

LONGEST_WAIT = 30.0
"""Seconds that an agent which asks is let wait at most."""
_LONGEST_ASKED = 3600.0
_LEAST_LEFT = 1.0
"""Seconds that must be left of a call's time when it is handed out."""
_STATE_SECONDS = 20.0
_LOG = logging.getLogger("erpcore.adk.meeting")


@dataclass
class _Piece:
    """A call that waits for its answer."""

    method: str
    path: str
    authorization: str
    body: bytes
    until: float
    answered: asyncio.Future[tuple[int, Any]]
    key: str = field(default_factory=lambda: uuid4().hex)
    handed_out: bool = False


class Meeting:
    """The addresses of one connection.

    Args:
        gate: Who is believed, caller or agent.
        largest_request: Bytes of the largest request.
        longest_call: Seconds that a call may ask for at most.
    """

    def __init__(self, gate: Gate, *, largest_request: int, longest_call: float) -> None:
        self._gate = gate
        self._largest_request = largest_request
        self._longest_call = longest_call
        self._pieces: dict[str, _Piece] = {}
        self._changed = asyncio.Condition()

    def asgi(self) -> Starlette:
        """Give the addresses as an ASGI application."""
        return Starlette(
            routes=[
                Route("/v1/{rest:path}", self._call, methods=["GET", "POST"]),
                Route("/ask", self._ask, methods=["POST"]),
                Route("/answers/{key}", self._answer, methods=["POST"]),
            ]
        )

    async def _call(self, request: Request) -> Response:
        path = f"/v1/{request.path_params['rest']}"
        believed = await self._believed(request, path)
        if isinstance(believed, Response):
            return believed
        seconds = _seconds(believed, self._longest_call) if request.method == "POST" else _STATE_SECONDS
        if seconds is None:
            return _error(400, "bad_call", "The request does not say within how many seconds it must be done.")
        piece = _Piece(
            request.method,
            path,
            request.headers.get("authorization", ""),
            believed,
            time.monotonic() + seconds,
            asyncio.get_running_loop().create_future(),
        )
        async with self._changed:
            self._pieces[piece.key] = piece
            self._changed.notify_all()
        try:
            status, answer = await asyncio.wait_for(piece.answered, seconds)
        except TimeoutError:
            if piece.handed_out:
                return _error(504, "hung", f"The agent took the call and has not answered within {seconds:g} seconds.")
            return _error(503, "no_agent", f"No agent has asked for work within {seconds:g} seconds.")
        finally:
            self._pieces.pop(piece.key, None)
        return JSONResponse(answer, status)

    async def _ask(self, request: Request) -> Response:
        believed = await self._believed(request, "/ask")
        if isinstance(believed, Response):
            return believed
        asked = _seconds(believed, _LONGEST_ASKED)
        if asked is None:
            return _error(400, "bad_call", "The agent does not say how many seconds it waits.")
        end = time.monotonic() + min(asked, LONGEST_WAIT)
        while True:
            async with self._changed:
                piece = self._next()
                if piece is None:
                    left = end - time.monotonic()
                    if left <= 0:
                        return Response(status_code=204)
                    try:
                        await asyncio.wait_for(self._changed.wait(), left)
                    except TimeoutError:
                        return Response(status_code=204)
                    continue
                if await request.is_disconnected():
                    # Nobody is there to take it; the next one who asks is given it.
                    return Response(status_code=204)
                piece.handed_out = True
            told = {
                "id": piece.key,
                "method": piece.method,
                "path": piece.path,
                "authorization": piece.authorization,
                "body": piece.body.decode(),
                "seconds": piece.until - time.monotonic(),
            }
            return JSONResponse(told)

    async def _answer(self, request: Request) -> Response:
        key = request.path_params["key"]
        believed = await self._believed(request, f"/answers/{key}")
        if isinstance(believed, Response):
            return believed
        try:
            told = json.loads(believed)
            status, answer = told["status"], told["answer"]
        except (ValueError, RecursionError, KeyError, TypeError):
            status, answer = None, None
        if isinstance(status, bool) or not isinstance(status, int) or not isinstance(answer, Mapping):
            return _error(400, "bad_call", "An answer holds status and answer.")
        piece = self._pieces.get(key)
        if piece is None or not piece.handed_out or piece.answered.done():
            _LOG.warning("an answer came for which nobody waits any more")
            return _error(404, "gone", "Nobody waits for this answer.")
        piece.answered.set_result((status, answer))
        return JSONResponse({"result": "taken"})

    def _next(self) -> _Piece | None:
        """The call that waits longest and has enough time left."""
        soonest = time.monotonic() + _LEAST_LEFT
        return next((each for each in self._pieces.values() if not each.handed_out and each.until >= soonest), None)

    async def _believed(self, request: Request, path: str) -> bytes | Response:
        """Give the body of a request that is believed; else the answer that says why not."""
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._largest_request:
                return _error(413, "too_large", f"A request has at most {self._largest_request} bytes.")
        header = request.headers.get("authorization", "")
        disbelief = self._gate.judge(request.method, path, header, bytes(body))
        if disbelief is not None:
            _LOG.warning("refused a request of %s: %s", request.client.host if request.client else "?", disbelief.kind)
            return _error(disbelief.status, disbelief.kind, disbelief.message)
        return bytes(body)


def _seconds(body: bytes, at_most: float) -> float | None:
    try:
        seconds = json.loads(body)["seconds"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= at_most:
        return None
    return float(seconds)


def _error(status: int, kind: str, message: str) -> Response:
    return JSONResponse({"error": {"kind": kind, "message": message, "told": None}}, status)
