"""`Simulator`: what a simulated system derives from.

A simulator is a stateful server on 127.0.0.1. Beside the system's own addresses it has control addresses, for
tests in another process and for a person with curl::

    curl localhost:PORT/_simulator/journal                                   what it was asked
    curl -X DELETE localhost:PORT/_simulator/journal                         forget that
    curl localhost:PORT/_simulator/state                                     everything it holds
    curl -d '{"kind": "error_after", "path": "/3/orders"}' localhost:PORT/_simulator/faults
    curl localhost:PORT/_simulator/faults                                    what is switched on
    curl -X DELETE localhost:PORT/_simulator/faults                          switch all off (or .../faults/ID)
    curl -d '{"advance": 3600}' localhost:PORT/_simulator/clock              an hour passes
    curl -d @seed.json localhost:PORT/_simulator/seed                        put records in
    curl -X POST localhost:PORT/_simulator/release                           let held and slow answers go

The faults are those of `erpcore.simulator.faults`, and the simulator's own.
"""

from __future__ import annotations

import json
import threading
import tomllib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from erpcore.simulator.clock import Clock
from erpcore.simulator.faults import TRANSPORT_KINDS, Fault, FaultSwitches
from erpcore.simulator.journal import Journal
from erpcore.simulator.middleware import CONTROL_PREFIX, HeldAnswers, JournalAndFaults


class Simulator(ABC):
    """A stateful local stand-in for one system.

    Handlers run in the server's thread while tests read and seed from theirs: whoever touches the state holds
    `lock`.

    Args:
        clock: The time the simulated system lives in; the machine's own when left out.

    Attributes:
        name: The system's short name, as in the entry point.
        default_port: Where `serve` listens when nobody says otherwise.
        fault_kinds: The fault kinds of this system's own, beside those that every simulator has.
        clock: The movable clock.
        journal: What was asked.
        faults: What shall go wrong.
        held: Answers that are being kept back.
        lock: Guards the state.
    """

    name: ClassVar[str]
    default_port: ClassVar[int]
    fault_kinds: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.journal = Journal()
        self.faults = FaultSwitches()
        self.held = HeldAnswers()
        self.lock = threading.RLock()

    @abstractmethod
    def routes(self) -> Sequence[BaseRoute]:
        """Return the system's own addresses."""

    @abstractmethod
    def seed(self, data: dict[str, Any]) -> None:
        """Put records in, as the simulator's docstring describes.

        Raises:
            ValueError: The data does not fit; the message says where.
        """

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Return everything the simulator holds, as plain JSON values."""

    def too_many_requests(self) -> Response:
        """Return the system's own 429 answer; it is also what the fault of that name sends."""
        return JSONResponse({"message": "Too Many Requests"}, 429)

    def load_seed(self, path: Path | str) -> None:
        """Put the records of a file in: JSON, or TOML where the name ends in ``.toml``.

        Raises:
            ValueError: The file is neither, or its data does not fit.
            OSError: The file cannot be read.
        """
        path = Path(path)
        raw = path.read_text(encoding="utf-8")
        try:
            data = tomllib.loads(raw) if path.suffix == ".toml" else json.loads(raw)
        except ValueError as error:
            raise ValueError(f"The seed file {path} cannot be read: {error}.") from error
        if not isinstance(data, dict):
            raise ValueError(f"The seed file {path} must hold an object, not {type(data).__name__}.")
        self.seed(data)

    @cached_property
    def asgi(self) -> ASGIApp:
        """The simulator as an ASGI application."""
        control = [
            Route("/journal", self._journal, methods=["GET", "DELETE"]),
            Route("/faults", self._faults, methods=["GET", "POST", "DELETE"]),
            Route("/faults/{fault_id:int}", self._remove_fault, methods=["DELETE"]),
            Route("/clock", self._clock, methods=["GET", "POST"]),
            Route("/seed", self._seed, methods=["POST"]),
            Route("/state", self._state, methods=["GET"]),
            Route("/release", self._release, methods=["POST"]),
        ]
        app = Starlette(routes=[Mount(CONTROL_PREFIX, routes=control), *self.routes()])
        return JournalAndFaults(
            app,
            clock=self.clock,
            journal=self.journal,
            faults=self.faults,
            held=self.held,
            too_many_requests=self.too_many_requests,
        )

    async def _journal(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.journal.clear()
            return Response(status_code=204)
        method, path = request.query_params.get("method"), request.query_params.get("path")
        return JSONResponse([entry.as_json() for entry in self.journal.entries(method, path)])

    async def _faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.faults.clear()
            return Response(status_code=204)
        if request.method == "GET":
            return JSONResponse(self.faults.as_json())
        known = {field.name for field in fields(Fault)}
        try:
            asked = await _object(request)
            if strangers := sorted(asked.keys() - known):
                raise ValueError(f"A fault has no {', '.join(strangers)}; it has {', '.join(sorted(known))}.")
            fault = Fault(**asked)
            kinds = TRANSPORT_KINDS | self.fault_kinds
            if fault.kind not in kinds:
                raise ValueError(f"There is no fault {fault.kind!r}; there are {', '.join(sorted(kinds))}.")
        except (ValueError, TypeError) as error:
            return _problem(error)
        return JSONResponse({"id": self.faults.add(fault)}, 201)

    async def _remove_fault(self, request: Request) -> Response:
        removed = self.faults.remove(request.path_params["fault_id"])
        return Response(status_code=204 if removed else 404)

    async def _clock(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                self.clock.advance(float((await _object(request))["advance"]))
            except KeyError:
                return _problem('Say how many seconds: {"advance": 60}.')
            except (ValueError, TypeError) as error:
                return _problem(error)
        return JSONResponse({"now": self.clock.now().isoformat()})

    async def _seed(self, request: Request) -> Response:
        try:
            self.seed(await _object(request))
        except ValueError as error:
            return _problem(error)
        return Response(status_code=204)

    async def _state(self, request: Request) -> Response:
        with self.lock:
            return JSONResponse(self.state())

    async def _release(self, request: Request) -> Response:
        return JSONResponse({"released": self.held.release()})


async def _object(request: Request) -> dict[str, Any]:
    body = json.loads(await request.body())
    if not isinstance(body, dict):
        raise ValueError(f"The body must be an object, not {type(body).__name__}.")
    return body


def _problem(what: object) -> Response:
    return JSONResponse({"error": str(what)}, 400)
