"""Requests of a stranger's HTTP client that go straight into a simulator: a server for each test takes its time."""

from __future__ import annotations

import httpx  # noqa: TID251 a stranger's client

from erpcore.simulator import InProcess, Simulator


class Transport(httpx.BaseTransport):
    """Sends requests into a simulator, in the thread that asks."""

    def __init__(self, simulator: Simulator) -> None:
        self._call = InProcess(simulator.asgi)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answered = self._call(request.method, str(request.url), request.headers.raw, request.read())
        return httpx.Response(answered.status, headers=answered.headers, content=answered.body)
