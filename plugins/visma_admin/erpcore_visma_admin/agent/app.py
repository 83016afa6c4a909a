"""The service: JSON, and every request signed.

================================================  ========================================================
``POST /v1/companies/COMPANY/CALL``               does a call that concerns no table: ``about``
``POST /v1/companies/COMPANY/TABLE/CALL``         does a call of `erpcore_visma_admin.adk.calls`
``GET /v1/state``                                 tells how the agent stands; touches no company
anything else                                     404, signed or not
================================================  ========================================================

The body of a call holds ``seconds``, within which it must be done, and ``arguments``. An answer is ``{"result",
"warnings"}`` or ``{"error": {"kind", "message", "told"}}``. The kind says whether anything may have been done: of
``hung``, ``unreadable`` and ``broken`` that is not known, of all others nothing was.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from erpcore_visma_admin.adk.calls import Call, read_call
from erpcore_visma_admin.adk.errors import AdkProblem, BadCall, Refused
from erpcore_visma_admin.adk.owner import Owner
from erpcore_visma_admin.agent.gate import Gate

STATE_PATH = "/v1/state"
_COMPANY_PATH = "/v1/companies/{company}"
_CALL_PATH = re.compile(r"/v1/companies/(?P<company>[^/]+)(?:/(?P<table>[^/]+))?/(?P<call>[^/]+)")
_LOG = logging.getLogger("erpcore.adk.agent")
_STATUS = {"refused": 422, "bad_call": 400, "hung": 504, "unreadable": 502, "broken": 500}
"""Status of each kind of problem; 503 for the others, of which nothing was done."""


class Agent:
    """The service.

    Args:
        owner: Who touches the DLL.
        gate: Who is believed.
        largest_request: Bytes of the largest request.
        longest_call: Seconds that a call may ask for at most.
        version: The agent's version, for its state.
        aside: Does a call so that other requests are answered meanwhile.
    """

    def __init__(
        self,
        owner: Owner,
        gate: Gate,
        *,
        largest_request: int,
        longest_call: float,
        version: str,
        aside: Callable[..., Awaitable[Response]] = run_in_threadpool,
    ) -> None:
        self._owner = owner
        self._gate = gate
        self._largest_request = largest_request
        self._longest_call = longest_call
        self._version = version
        self._aside = aside
        self._started = time.time()

    def routes(self) -> list[Route]:
        """Give the addresses."""
        return [
            Route(f"{_COMPANY_PATH}/{{call}}", self._call, methods=["POST"]),
            Route(f"{_COMPANY_PATH}/{{table}}/{{call}}", self._call, methods=["POST"]),
            Route(STATE_PATH, self._state, methods=["GET"]),
        ]

    def asgi(self) -> Starlette:
        """Give the service as an ASGI application."""
        return Starlette(routes=self.routes())

    def answer_to(self, method: str, path: str, header: str, body: bytes, at_most: float) -> tuple[int, dict[str, Any]]:
        """Answer a request that came by another way than to this service's own port (`asking`), in the same manner.

        Args:
            method: HTTP method.
            path: Its path.
            header: Its ``Authorization`` header.
            body: Its body.
            at_most: Seconds that are left for it, whatever it asks for itself.

        Returns:
            Status and answer.
        """
        response = self._answer_to(method, path, header, body, at_most)
        answer: dict[str, Any] = json.loads(bytes(response.body))
        return response.status_code, answer

    def _answer_to(self, method: str, path: str, header: str, body: bytes, at_most: float) -> Response:
        believed = self._judge(method, path, header, body, "erpcore, by asking")
        if isinstance(believed, Response):
            return believed
        if (method, path) == ("GET", STATE_PATH):
            return self._shown_state()
        named = _CALL_PATH.fullmatch(path)
        if method != "POST" or named is None:
            return _error(404, "bad_call", "There is no such address.")
        try:
            seconds, call = self._read(body, {name: value for name, value in named.groupdict().items() if value})
        except BadCall as problem:
            _LOG.warning("refused a call: %s", problem)
            return _problem(problem)
        if at_most <= 0:
            return _error(503, "too_late", "The time for the call was over when it came.")
        return self._do(named["company"], call, min(seconds, at_most))

    def _judge(self, method: str, path: str, header: str, body: bytes, sender: str) -> bytes | Response:
        if len(body) > self._largest_request:
            return _error(413, "too_large", f"A request has at most {self._largest_request} bytes.")
        disbelief = self._gate.judge(method, path, header, body)
        if disbelief is None:
            return body
        _LOG.warning("refused a request of %s: %s", sender, disbelief.kind)
        return _error(disbelief.status, disbelief.kind, disbelief.message)

    async def _believed(self, request: Request) -> bytes | Response:
        """Give the body of a request that is believed; else the answer that says why not."""
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._largest_request:
                return _error(413, "too_large", f"A request has at most {self._largest_request} bytes.")
        header = request.headers.get("authorization", "")
        sender = request.client.host if request.client else "?"
        return self._judge(request.method, request.url.path, header, bytes(body), sender)

    async def _state(self, request: Request) -> Response:
        believed = await self._believed(request)
        return believed if isinstance(believed, Response) else self._shown_state()

    def _shown_state(self) -> Response:
        state = {
            "version": self._version,
            "running_seconds": round(time.time() - self._started),
            "companies": sorted(self._owner.companies),
            **asdict(self._owner.state()),
        }
        return JSONResponse({"result": state, "warnings": []})

    async def _call(self, request: Request) -> Response:
        believed = await self._believed(request)
        if isinstance(believed, Response):
            return believed
        try:
            seconds, call = self._read(believed, request.path_params)
        except BadCall as problem:
            _LOG.warning("refused a call: %s", problem)
            return _problem(problem)
        return await self._aside(self._do, request.path_params["company"], call, seconds)

    def _read(self, body: bytes, path: Mapping[str, str]) -> tuple[float, Call]:
        try:
            written = json.loads(body)
        except (ValueError, RecursionError):
            raise BadCall("The request is no JSON.") from None
        if not isinstance(written, dict) or written.keys() != {"seconds", "arguments"}:
            raise BadCall("A request holds seconds and arguments, and nothing else.")
        seconds, arguments = written["seconds"], written["arguments"]
        if not isinstance(arguments, dict) or not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise BadCall("seconds is a number, and arguments an object.")
        if not 0 < seconds <= self._longest_call:
            raise BadCall(f"A call may take more than 0 and at most {self._longest_call:g} seconds.")
        if twice := arguments.keys() & {"call", "table"}:
            raise BadCall(f"{' and '.join(sorted(twice))} stand in the address.")
        named = {name: path[name] for name in ("call", "table") if name in path}
        return float(seconds), read_call({**arguments, **named})

    def _do(self, company: str, call: Call, seconds: float) -> Response:
        started = time.monotonic()
        what = f"{call.call} {getattr(call, 'table', '')}".rstrip()
        try:
            done = self._owner.do(company, call, seconds)
        except AdkProblem as problem:
            code = f" code {problem.told.code}" if isinstance(problem, Refused) else ""
            _LOG.warning("%s: %s -> %s%s in %d ms", company, what, problem.kind, code, _since(started))
            return _problem(problem)
        except Exception as error:  # a fault of ours: it is told as one, and what was done is not known
            _LOG.exception("%s: %s failed in the agent", company, what)
            return _error(500, "broken", f"The agent failed in itself ({type(error).__name__}); its log says where.")
        codes = [told["code"] for told in done["warnings"]]
        told = f", warnings {codes}" if codes else ""
        _LOG.info("%s: %s -> done in %d ms%s", company, what, _since(started), told)
        return JSONResponse(done)


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _problem(problem: AdkProblem) -> Response:
    told: dict[str, Any] | None = problem.told.as_json() if isinstance(problem, Refused) else None
    return _error(_STATUS.get(problem.kind, 503), problem.kind, problem.message, told)


def _error(status: int, kind: str, message: str, told: dict[str, Any] | None = None) -> Response:
    return JSONResponse({"error": {"kind": kind, "message": message, "told": told}}, status)
