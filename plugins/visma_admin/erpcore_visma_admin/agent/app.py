"""The service: three addresses, JSON, every request signed.

==========================  ==============================================================================
``POST /v1/call``           does a call of `erpcore_visma_admin.adk.calls` in a company
``GET /v1/state``           tells how the agent stands; touches no company
anything else               404, signed or not
==========================  ==============================================================================

An answer is ``{"result", "warnings"}`` or ``{"error": {"kind", "message", "told"}}``. The kind says whether anything
may have been done: of ``hung``, ``unreadable`` and ``broken`` that is not known, of all others nothing was.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from erpcore_visma_admin.adk.calls import Call, read_call
from erpcore_visma_admin.adk.errors import (
    AdkProblem,
    BadCall,
    Hung,
    InUse,
    NoLibrary,
    Refused,
    Stuck,
    TooLate,
    Unreadable,
)
from erpcore_visma_admin.adk.owner import Owner
from erpcore_visma_admin.agent.gate import Gate

CALL_PATH, STATE_PATH = "/v1/call", "/v1/state"
_LOG = logging.getLogger("erpcore.adk.agent")
_KINDS: dict[type[AdkProblem], tuple[int, str]] = {
    Refused: (422, "refused"),
    BadCall: (400, "bad_call"),
    NoLibrary: (503, "no_library"),
    InUse: (503, "in_use"),
    TooLate: (503, "too_late"),
    Stuck: (503, "stuck"),
    Hung: (504, "hung"),
    Unreadable: (502, "unreadable"),
}
"""Status and kind of each problem."""


class Agent:
    """The service.

    Args:
        owner: Who touches the DLL.
        gate: Who is believed.
        largest_request: Bytes of the largest request.
        longest_call: Seconds that a call may ask for at most.
        version: The agent's version, for its state.
        now: Gives the time in Unix seconds.
    """

    def __init__(
        self,
        owner: Owner,
        gate: Gate,
        *,
        largest_request: int,
        longest_call: float,
        version: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._owner = owner
        self._gate = gate
        self._largest_request = largest_request
        self._longest_call = longest_call
        self._version = version
        self._now = now
        self._started = now()

    def routes(self) -> list[Route]:
        """Give the addresses."""
        return [
            Route(CALL_PATH, self._call, methods=["POST"]),
            Route(STATE_PATH, self._state, methods=["GET"]),
        ]

    def asgi(self) -> Starlette:
        """Give the service as an ASGI application."""
        return Starlette(routes=self.routes())

    async def _believed(self, request: Request) -> bytes | Response:
        """Give the body of a request that is believed; else the answer that says why not."""
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._largest_request:
                return _error(413, "too_large", f"A request has at most {self._largest_request} bytes.")
        header = request.headers.get("authorization", "")
        disbelief = self._gate.judge(request.method, request.url.path, header, bytes(body))
        if disbelief is None:
            return bytes(body)
        _LOG.warning("refused a request of %s: %s", request.client.host if request.client else "?", disbelief.kind)
        return _error(disbelief.status, disbelief.kind, disbelief.message)

    async def _state(self, request: Request) -> Response:
        believed = await self._believed(request)
        if isinstance(believed, Response):
            return believed
        state = {
            "version": self._version,
            "running_seconds": round(self._now() - self._started),
            "companies": sorted(self._owner.companies),
            **asdict(self._owner.state()),
        }
        return JSONResponse({"result": state, "warnings": []})

    async def _call(self, request: Request) -> Response:
        believed = await self._believed(request)
        if isinstance(believed, Response):
            return believed
        try:
            company, seconds, call = self._read(believed)
        except BadCall as problem:
            _LOG.warning("refused a call: %s", problem)
            return _problem(problem)
        return await run_in_threadpool(self._do, company, call, seconds)

    def _read(self, body: bytes) -> tuple[str, float, Call]:
        try:
            written = json.loads(body)
        except (ValueError, RecursionError):
            raise BadCall("The request is no JSON.") from None
        if not isinstance(written, dict) or written.keys() != {"company", "seconds", "call"}:
            raise BadCall("A request names company, seconds and call, and nothing else.")
        company, seconds = written["company"], written["seconds"]
        if not isinstance(company, str) or not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise BadCall("company is a text, and seconds a number.")
        if not 0 < seconds <= self._longest_call:
            raise BadCall(f"A call may take more than 0 and at most {self._longest_call:g} seconds.")
        return company, float(seconds), read_call(written["call"])

    def _do(self, company: str, call: Call, seconds: float) -> Response:
        started = time.monotonic()
        what = f"{call.call} {getattr(call, 'table', '')}".rstrip()
        try:
            done = self._owner.do(company, call, seconds)
        except AdkProblem as problem:
            code = f" code {problem.told.code}" if isinstance(problem, Refused) else ""
            _LOG.warning("%s: %s -> %s%s in %d ms", company, what, _kind(problem)[1], code, _since(started))
            return _problem(problem)
        except Exception as error:  # a fault of ours: it is told as one, and what was done is not known
            _LOG.exception("%s: %s failed in the agent", company, what)
            return _error(500, "broken", f"The agent failed in itself ({type(error).__name__}); its log says where.")
        codes = [told["code"] for told in done["warnings"]]
        level = logging.INFO if call.writes else logging.DEBUG
        told = f", warnings {codes}" if codes else ""
        _LOG.log(level, "%s: %s -> done in %d ms%s", company, what, _since(started), told)
        return JSONResponse(done)


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _kind(problem: AdkProblem) -> tuple[int, str]:
    return _KINDS.get(type(problem), (500, "broken"))


def _problem(problem: AdkProblem) -> Response:
    status, kind = _kind(problem)
    told: dict[str, Any] | None = problem.told.as_json() if isinstance(problem, Refused) else None
    return _error(status, kind, problem.message, told)


def _error(status: int, kind: str, message: str, told: dict[str, Any] | None = None) -> Response:
    return JSONResponse({"error": {"kind": kind, "message": message, "told": told}}, status)
