"""The wire: each exchange goes straight into a simulator, and may be struck on its way there and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx  # noqa: TID251 the double of a network

from erpcore.simulator import Fault, Simulator
from erpcore.testing.simulation.clockwork import Clockwork
from erpcore.testing.straight import Straight

WAY = 0.005
"""Seconds that a request is under way, and its answer as well."""
WHOLE = 45.0
"""Seconds of a whole request (`erpcore.http.Timeouts`)."""
LATE = 49.0
"""Seconds until a late request arrives: `worker.longest_request_seconds` less the age of the oldest turn."""

ON_ANY = ("refuse", "outage", "break", "unanswered", "late", "gone", "error", "error_after", "garbage", "too_many")
"""Strikes on an exchange:

- ``refuse``: no connection, so nothing left; ``outage``: nor for anybody in the next 20 s;
- ``break``: the connection breaks before the work is done, ``unanswered``: after it;
- ``late``: the work is done `LATE` seconds after the request began (or `System.late`), when nobody waits for it any
  more; ``gone``: and the worker is killed while it waits;
- ``error``: 503 without the work, ``error_after``: 500 after it, ``garbage``: an answer that nobody can read;
- ``too_many``: 429.
"""
SIGN_OUT = "sign_out"
"""A strike where there are tokens: the token dies with this request."""
LAG = "lag"
"""A strike on a write: what it makes is missing from lists, nearly for as long as the plugin's fence."""


@dataclass
class System:
    """A simulated system, as the wire knows it.

    Attributes:
        simulator: The simulator.
        lag: Its fault that keeps new records out of lists, if it has one.
        lag_seconds: For how long.
        signs_out: Its fault that kills a token, if it has one.
        reads: What a request that changes nothing is known by, beside its verb: a regular expression for its name.
        late: Seconds until a late request arrives, where the system does not take one that is older.
        restart: Begins anew what the simulator's memory does not hold, before each schedule.
        name_of: Tells more of a request than verb and path do, such as for GraphQL ``mutation`` and the field.
        down_until: Until when there is no connection.
    """

    simulator: Simulator
    lag: str | None = None
    lag_seconds: float = 0.0
    signs_out: str | None = None
    reads: str = " query|/[tT]oken$"
    late: float = LATE
    restart: Callable[[], None] = lambda: None
    name_of: Callable[[httpx.Request], str] = lambda request: ""
    down_until: float = -1.0
    answer: Callable[[httpx.Request], httpx.Response] = field(init=False)

    def __post_init__(self) -> None:
        """Take the simulator's own door."""
        self.answer = Straight(self.simulator).handle_request


class Wire:
    """The transport of all connections (`erpcore.host.Transport`).

    Args:
        clockwork: Lets time pass.
        systems: By the name of their host.
    """

    def __init__(self, clockwork: Clockwork, systems: Mapping[str, System]) -> None:
        self._clockwork = clockwork
        self._systems = systems

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry an exchange, as far as it gets."""
        clockwork, system = self._clockwork, self._systems[request.url.host]
        path = re.sub(r"(?<=/)\w*\d[\w-]*(?=/|$)", "N", request.url.path)
        label = f"wire {request.method} {request.url.host}{path}{system.name_of(request)}"
        write = request.method != "GET" and not re.search(system.reads, label)
        begun = clockwork.time
        kinds = [*ON_ANY, *([SIGN_OUT] if system.signs_out else []), *([LAG] if write and system.lag else [])]
        struck = clockwork.point(label, kinds, WAY, write=write)
        if struck == "outage":
            system.down_until = clockwork.time + 20.0
        if struck in ("refuse", "outage") or clockwork.time < system.down_until:
            raise httpx.ConnectError("connection refused")
        if clockwork.time - begun >= WHOLE:
            raise httpx.ConnectTimeout("the time is up")  # as `erpcore.http.deadline` does before the first byte
        if struck in ("late", "gone"):
            clockwork.later(begun + system.late - clockwork.time, lambda: self._land(system, label, request))
            if struck == "gone":
                clockwork.kill(60.0)
            clockwork.wait(begun + WHOLE - clockwork.time)
            raise httpx.ReadTimeout("no answer")
        if struck == "break":
            raise httpx.ReadError("connection reset")
        if fault := self._fault(system, struck):
            system.simulator.faults.add(Fault(fault, status=503, seconds=system.lag_seconds))
        answer = system.answer(request)
        system.simulator.faults.clear()
        clockwork.wait(WAY)
        if struck == "unanswered":
            raise httpx.ReadError("connection reset")
        if struck == "error_after":
            return httpx.Response(500, json={"message": "Internal server error"})
        if struck == "garbage":
            return httpx.Response(answer.status_code, headers={"content-type": "application/json"}, content=b'{"half')
        return answer

    @staticmethod
    def _fault(system: System, struck: str) -> str | None:
        """Give the simulator's own fault for a strike."""
        own = {LAG: system.lag, SIGN_OUT: system.signs_out, "error": "error_before", "too_many": "too_many_requests"}
        return own.get(struck)

    def _land(self, system: System, label: str, request: httpx.Request) -> None:
        self._clockwork.note(f"{label}: lands now, {system.answer(request).status_code}")
