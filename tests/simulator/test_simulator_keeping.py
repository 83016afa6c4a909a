"""Simulators that remember: the file they are kept in, and what a restart finds."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from erpcore.simulator import OAUTH_KINDS, Clock, Fault, Grant, InProcess, OAuthRefused, OAuthServer, Simulator, running
from erpcore.simulator.keeping import from_json, to_json
from tests.simulator.waiting import answers, until


@dataclass
class Deal:
    name: str
    value: Decimal = Decimal("1.10")


class Tally(Simulator):
    """Counts; its feed moves on when it is read, as feeds do."""

    name = "tally"
    default_port = 8998
    kept_kinds = (Deal,)

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock=clock)
        self.deals: list[Any] = []
        self.position = 0

    def routes(self) -> list[Route]:
        return [Route("/deals", self.add, methods=["POST"]), Route("/feed", self.feed)]

    def control_routes(self) -> list[Route]:
        return [Route("/forget", self.forget, methods=["POST"])]

    async def add(self, request: Request) -> Response:
        with self.lock:
            self.deals.append(Deal((await request.json())["name"]))
            return JSONResponse({"count": len(self.deals)}, 201)

    async def feed(self, request: Request) -> Response:
        with self.lock:
            self.position += 1
            return JSONResponse({"position": self.position})

    async def forget(self, request: Request) -> Response:
        with self.lock:
            self.deals.clear()
        return Response(status_code=204)

    def seed(self, data: dict[str, Any]) -> None:
        self.deals += [Deal(name) for name in data["names"]]

    def state(self) -> dict[str, Any]:
        return {"names": [deal.name for deal in self.deals], "position": self.position}

    def memory(self) -> dict[str, Any]:
        return {"deals": self.deals, "position": self.position}

    def remember(self, memory: dict[str, Any]) -> None:
        self.deals, self.position = memory["deals"], memory["position"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tally.json"


def recalled(path: Path) -> dict[str, Any]:
    """What a process that starts now would find."""
    tally = Tally()
    assert tally.recall(path)
    return tally.state()


class TestKeepAndRecall:
    def test_a_new_instance_goes_on_and_holds_nothing_else(self, path: Path) -> None:
        tally, other = Tally(), Tally()
        tally.seed({"names": ["a", "b"]})
        other.seed({"names": ["x"]})
        assert not other.recall(path)
        tally.faults.add(Fault("slow", path="/deals"))
        InProcess(tally.asgi)("GET", "http://tally/feed")
        tally.keep(path)
        assert other.recall(path)
        assert other.state() == tally.state()
        assert other.deals is not tally.deals
        assert (other.faults.as_json(), other.journal.entries()) == ([], []), "faults and journal belong to one run"

    def test_the_clock_stays_as_far_ahead(self, path: Path) -> None:
        tally, other = Tally(), Tally()
        tally.clock.advance(86400)
        tally.keep(path)
        other.clock.advance(5)
        before = other.clock.monotonic()
        other.recall(path)
        assert abs(other.clock.now() - tally.clock.now()) < timedelta(seconds=5)
        assert other.clock.ahead == tally.clock.ahead
        assert other.clock.monotonic() - before < 5, "rate windows count on"
        other.clock.advance(60)
        assert other.clock.ahead == tally.clock.ahead + timedelta(seconds=60)

    def test_what_cannot_be_kept_leaves_the_old_file(self, path: Path) -> None:
        tally = Tally()
        tally.seed({"names": ["a"]})
        tally.keep(path)
        tally.deals.append(object())
        with pytest.raises(TypeError):
            tally.keep(path)
        assert recalled(path)["names"] == ["a"]

    def test_a_file_of_something_else_is_told(self, path: Path) -> None:
        for text in (
            "{",
            "[]",
            '{"simulator": "other", "clock_ahead": 0, "memory": {}}',
            '{"simulator": "tally", "clock_ahead": 0, "memory": {}}',
            '{"simulator": "tally", "clock_ahead": 0, "memory": []}',
            '{"simulator": "tally", "clock_ahead": "far", "memory": {"deals": [], "position": 0}}',
            '{"simulator": "tally"}',
        ):
            path.write_text(text)
            with pytest.raises(ValueError, match=r"The simulator tally cannot recall .*Move the file away"):
                Tally().recall(path)


class TestWhileServing:
    @pytest.fixture
    def tally(self) -> Tally:
        return Tally()

    @pytest.fixture
    def client(self, tally: Tally, path: Path) -> Iterator[httpx.Client]:
        with running(tally, keep=path) as base_url, httpx.Client(base_url=base_url, timeout=30) as client:
            yield client

    def test_each_answer_is_kept_before_it_is_given(self, client: httpx.Client, path: Path) -> None:
        assert recalled(path) == {"names": [], "position": 0}, "the file is there from the start"
        assert client.post("/deals", json={"name": "a"}).status_code == 201
        assert recalled(path)["names"] == ["a"]
        client.get("/feed")
        assert recalled(path)["position"] == 1, "a GET changes things too"
        client.post("/_simulator/seed", json={"names": ["b"]})
        assert recalled(path)["names"] == ["a", "b"]
        client.post("/_simulator/forget")
        assert recalled(path)["names"] == []

    def test_work_is_kept_though_its_answer_is_lost_or_held(
        self, tally: Tally, client: httpx.Client, path: Path
    ) -> None:
        tally.faults.add(Fault("lose_answer"))
        with pytest.raises(httpx.TransportError):
            client.post("/deals", json={"name": "lost"})
        assert recalled(path)["names"] == ["lost"]
        tally.faults.add(Fault("hold"))
        asker = threading.Thread(target=lambda: client.post("/deals", json={"name": "held"}))
        asker.start()
        until(lambda: len(tally.held) == 1)
        assert recalled(path)["names"] == ["lost", "held"]
        tally.held.release()
        asker.join(5)

    def test_what_changes_nothing_is_not_written(self, client: httpx.Client, path: Path) -> None:
        client.get("/feed")
        path.unlink()
        client.get("/_simulator/state")
        assert not path.exists()
        client.get("/feed")
        assert path.exists()

    def test_the_block_is_kept_at_the_end(self, tally: Tally, path: Path) -> None:
        with running(tally, keep=path):
            tally.seed({"names": ["in the block"]})
        assert recalled(path)["names"] == ["in the block"]
        with running(Tally(), keep=path) as base_url:
            assert httpx.get(f"{base_url}/_simulator/state").json()["names"] == ["in the block"]
        with running(tally) as base_url:
            httpx.post(f"{base_url}/deals", json={"name": "without a file"})
        assert recalled(path)["names"] == ["in the block"]

    def test_a_file_that_cannot_be_written_is_told_at_the_start(self, tally: Tally, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError), running(tally, keep=tmp_path / "missing" / "tally.json"):
            pytest.fail("it must not start")

    def test_a_taken_port_leaves_the_file_to_who_has_it(self, tally: Tally, path: Path) -> None:
        with running(tally, keep=path) as base_url:
            path.write_text("not to be touched")
            port = int(base_url.rsplit(":", 1)[1])
            with pytest.raises(OSError, match="in use"), running(Tally(), port, keep=path):
                pytest.fail("it must not start")
            assert path.read_text() == "not to be touched"


def test_server_stops_at_once_though_a_connection_idles() -> None:
    def seconds() -> float:
        with httpx.Client() as client:
            with running(Tally()) as base_url:
                client.get(f"{base_url}/feed")
                started = time.monotonic()
            return time.monotonic() - started

    # uvicorn's own stop takes at least 0.1 s, every time; a busy machine spoils some.
    assert any(seconds() < 0.08 for _ in range(50))


SERVED = """
import sys
from starlette.responses import JSONResponse
from starlette.routing import Route
from erpcore.simulator import Simulator, serve

class Bare(Simulator):
    name = "bare"
    default_port = int(sys.argv[1])
    count = 0
    def routes(self): return [Route("/count", self.add, methods=["POST"])]
    async def add(self, request):
        self.count += 1
        return JSONResponse({"count": self.count})
    def seed(self, data): ...
    def state(self): return {"count": self.count}
    def memory(self): return {"count": self.count}
    def remember(self, memory): self.count = memory["count"]

serve(Bare(), keep=sys.argv[2])
"""


def test_a_killed_process_loses_nothing_that_was_answered(path: Path) -> None:
    with _served(path) as url:
        assert [httpx.post(f"{url}/count").json()["count"] for _ in range(3)] == [1, 2, 3]
    with _served(path) as url:
        assert httpx.post(f"{url}/count").json() == {"count": 4}


class TestOAuth:
    grant = Grant("app", "4711", ("order", "invoice"), service=True)

    def test_goes_on_with_codes_tokens_and_consents(self) -> None:
        clock = Clock()
        first, second = (OAuthServer(clock, {"app": "secret"}, form="jwt") for _ in range(2))
        tokens, code = first.issue(self.grant), first.issue_code(self.grant, "https://a")
        used = first.refresh("app", tokens.refresh_token or "")
        second.consent(Grant("stranger", "1"))
        second.remember(from_json(to_json(first.memory(), OAUTH_KINDS), OAUTH_KINDS))
        assert second.memory() == first.memory()
        assert second.consent_of("stranger", "1") is None
        assert second.bearer(tokens.access_token) == self.grant
        with pytest.raises(OAuthRefused):
            second.refresh("app", tokens.refresh_token or "")
        assert second.bearer(second.redeem_code("app", code, "https://a").access_token) == self.grant
        assert second.client_credentials("app", "4711", ("order",)).grant.scopes == ("order",)
        clock.advance(3601)
        assert second.bearer(used.access_token) is None, "lifetimes are moments, not distances"
        assert second.refresh("app", used.refresh_token or "").grant == self.grant

    def test_dead_tokens_are_not_kept(self) -> None:
        clock = Clock()
        server = OAuthServer(clock, {"app": "secret"})
        server.issue(self.grant)
        server.issue_code(self.grant)
        clock.advance(3601)
        memory = server.memory()
        assert (memory["codes"], memory["access"], len(memory["refresh"])) == ({}, {}, 1)


@contextmanager
def _served(path: Path) -> Iterator[str]:
    """A server in another process, killed without warning."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", SERVED, str(port), str(path)])
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: process.poll() is None and answers(url))
        yield url
    finally:
        os.kill(process.pid, 9)
        process.wait()
