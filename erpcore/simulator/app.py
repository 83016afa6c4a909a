"""`Simulator`: what a simulated system derives from.

A simulator is a stateful server on 127.0.0.1. Beside the system's own addresses it has control addresses, for
tests in another process and for a person with curl::

    curl localhost:PORT/_simulator/                                          these addresses, and the system's own
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

A simulator can keep what it holds in a file and go on from there when it is started again, see `Simulator.kept_in`.
"""

from __future__ import annotations

import json
import threading
import tomllib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from random import Random, SystemRandom
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from erpcore.simulator.acting import json_object
from erpcore.simulator.clock import Clock
from erpcore.simulator.faults import TRANSPORT_KINDS, Fault, FaultSwitches
from erpcore.simulator.journal import Journal
from erpcore.simulator.keeping import from_json, to_json, write
from erpcore.simulator.middleware import CONTROL_PREFIX, DatedAnswers, HeldAnswers, JournalAndFaults, KeptBeforeAnswer


class Simulator(ABC):
    """A stateful local stand-in for one system.

    Handlers run in the server's thread while tests read and seed from theirs: whoever touches the state holds
    `lock`.

    It answers without waiting for anything, whether it is served or called by `InProcess`. With a clock that is still,
    or moved by the caller, and a seeded `random`, the same requests get the same bytes.

    Args:
        clock: The time the simulated system lives in; the machine's own when left out.
        random: What tokens, codes and request ids are drawn from; nobody can foresee them when left out.

    Attributes:
        name: The system's short name, as in the entry point.
        default_port: Where `serve` listens when nobody says otherwise.
        connection_settings: What a connection to it needs in the settings file, ``{url}`` for its address.
        made_up_secrets: The secrets that it knows, by name of the setting.
        fault_kinds: The fault kinds of this system's own, beside those that every simulator has.
        kept_kinds: The dataclasses and enums that occur in its memory.
        clock: The movable clock.
        random: Where tokens, codes and request ids come from.
        journal: What was asked.
        faults: What shall go wrong.
        held: Answers that are being kept back.
        lock: Guards the state.
    """

    name: ClassVar[str]
    default_port: ClassVar[int]
    connection_settings: ClassVar[Mapping[str, str]] = {}
    made_up_secrets: ClassVar[Mapping[str, str]] = {}
    fault_kinds: ClassVar[frozenset[str]] = frozenset()
    kept_kinds: ClassVar[tuple[type, ...]] = ()

    def __init__(self, *, clock: Clock | None = None, random: Random | None = None) -> None:
        self.clock = clock or Clock()
        self.random = random or SystemRandom()
        self.journal = Journal()
        self.faults = FaultSwitches()
        self.held = HeldAnswers()
        self.lock = threading.RLock()
        self._file: Path | None = None
        self._text_in_file = ""

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

    @abstractmethod
    def memory(self) -> dict[str, Any]:
        """Return everything that must outlive a restart, in Python values that `keeping.to_json` takes.

        More than `state` shows: numbering, feeds and positions, consents and tokens. Not among it: faults, journal and
        rate windows, which belong to one run, and what `__init__` is told. Called with `lock` held.
        """

    @abstractmethod
    def remember(self, memory: dict[str, Any]) -> None:
        """Hold what `memory` returned, maybe in another process, and nothing else. Called with `lock` held."""

    def control_routes(self) -> Sequence[BaseRoute]:
        """Return control addresses of the system's own, relative to ``/_simulator``."""
        return ()

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

    def keep(self, path: Path | str) -> None:
        """Write what the simulator holds, and how far its clock is ahead, to a file that only its owner may read.

        Raises:
            OSError: The file cannot be written; an older one is left as it was.
        """
        with self.lock:
            write(Path(path), self._text())

    def recall(self, path: Path | str) -> bool:
        """Take up what `keep` wrote, in place of everything held now.

        Returns:
            Whether there was such a file.

        Raises:
            ValueError: The file is not this simulator's, or is of another version; the simulator is not to be used.
            OSError: The file is there and cannot be read.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return False
        try:
            kept = from_json(text, self.kept_kinds)
            if not isinstance(kept, dict) or kept.get("simulator") != self.name:
                raise ValueError("it was not kept by this simulator")
            with self.lock:
                self.remember(kept["memory"])
                self.clock.set_ahead(timedelta(seconds=kept["clock_ahead"]))
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            message = f"The simulator {self.name} cannot recall {path}: {error!r}. Move the file away to begin anew."
            raise ValueError(message) from error
        return True

    @contextmanager
    def kept_in(self, path: Path | str | None) -> Iterator[None]:
        """Recall a file, and keep the simulator in it while the block runs.

        Kept after each request, before its answer goes out, so that a killed process loses nothing that anybody was
        told. What the block itself changes is kept with the next request, or at the end.

        Args:
            path: The file; it is made when it is not there. None keeps nothing.

        Raises:
            ValueError: See `recall`.
            OSError: The file cannot be read or written.
        """
        if path is None:
            yield
            return
        self.recall(path)
        self.keep(path)  # at once, so that a file that cannot be written is told at the start
        self._file, self._text_in_file = Path(path), ""
        try:
            yield
        finally:
            self._file = None
            self.keep(path)

    def _keep_after_request(self) -> None:
        with self.lock:
            if self._file is None:
                return
            text = self._text()
            if text != self._text_in_file:
                write(self._file, text)
                self._text_in_file = text

    def _text(self) -> str:
        ahead = self.clock.ahead.total_seconds()
        return to_json({"simulator": self.name, "clock_ahead": ahead, "memory": self.memory()}, self.kept_kinds)

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
            *self.control_routes(),
        ]
        index = {"simulator": self.name, "addresses": _addresses(control)}

        async def show_index(request: Request) -> Response:
            return JSONResponse(index)

        control.append(Route("/", show_index, methods=["GET"]))
        app = Starlette(routes=[Mount(CONTROL_PREFIX, routes=control), *self.routes()])
        answering = JournalAndFaults(
            KeptBeforeAnswer(app, self._keep_after_request),
            clock=self.clock,
            journal=self.journal,
            faults=self.faults,
            held=self.held,
            too_many_requests=self.too_many_requests,
        )
        return DatedAnswers(answering, self.clock)

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
            asked = await json_object(request)
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
                self.clock.advance(float((await json_object(request))["advance"]))
            except KeyError:
                return _problem('Say how many seconds: {"advance": 60}.')
            except (ValueError, TypeError) as error:
                return _problem(error)
        return JSONResponse({"now": self.clock.now().isoformat()})

    async def _seed(self, request: Request) -> Response:
        try:
            self.seed(await json_object(request))
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            # Values of other kinds than the seed has; a ValueError is the simulator's own words.
            return _problem(error if isinstance(error, ValueError) else f"The seed does not fit: {error!r}")
        return Response(status_code=204)

    async def _state(self, request: Request) -> Response:
        with self.lock:
            return JSONResponse(self.state())

    async def _release(self, request: Request) -> Response:
        return JSONResponse({"released": self.held.release()})


def _addresses(routes: Sequence[BaseRoute]) -> dict[str, list[str]]:
    """Give each control address with the methods that it takes."""
    return {
        f"{CONTROL_PREFIX}{route.path}": sorted((route.methods or set()) - {"HEAD"})
        for route in routes
        if isinstance(route, Route)
    }


def _problem(what: object) -> Response:
    return JSONResponse({"error": str(what)}, 400)
