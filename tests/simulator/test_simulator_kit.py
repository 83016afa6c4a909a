"""The kit that simulators are built with, tried on a simulator of one counter."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from erpcore.simulator import (
    AnswerLost,
    Clock,
    Fault,
    InProcess,
    Simulator,
    action_routes,
    running,
)
from tests.simulator.waiting import answers, until


class Counter(Simulator):
    name = "counter"
    default_port = 8999
    fault_kinds = frozenset({"sleepy"})

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock=clock)
        self.count = 0

    def routes(self) -> list[Route]:
        return [Route("/count", self.add, methods=["POST"]), Route("/count", self.read)]

    def control_routes(self) -> list[BaseRoute]:
        return action_routes([self.count_up])

    def count_up(self, by: int = 1) -> dict[str, int]:
        if by < 0:
            raise LookupError(f"there is no count {by} ahead")
        self.count += by
        return {"count": self.count}

    async def add(self, request: Request) -> Response:
        with self.lock:
            self.count += 1
            return JSONResponse({"count": self.count}, 201)

    async def read(self, request: Request) -> Response:
        return JSONResponse({"count": self.count})

    def seed(self, data: dict[str, Any]) -> None:
        if not isinstance(data.get("count"), int):
            raise ValueError("count must be a whole number")
        with self.lock:
            self.count = data["count"]

    def state(self) -> dict[str, Any]:
        return {"count": self.count}

    def memory(self) -> dict[str, Any]:
        return {"count": self.count}

    def remember(self, memory: dict[str, Any]) -> None:
        self.count = memory["count"]


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def client(counter: Counter) -> Iterator[httpx.Client]:
    with running(counter) as base_url, httpx.Client(base_url=base_url, timeout=30) as client:
        yield client


class TestTransportFaults:
    def test_before_means_that_nothing_was_done(self, counter: Counter, client: httpx.Client) -> None:
        counter.faults.add(Fault("error_before", method="POST", status=503))
        counter.faults.add(Fault("too_many_requests", method="POST", headers={"Retry-After": "2"}))
        assert client.post("/count").status_code == 503
        refused = client.post("/count")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
        assert counter.count == 0
        assert client.post("/count").json() == {"count": 1}

    def test_after_means_that_the_work_is_done(self, counter: Counter, client: httpx.Client) -> None:
        counter.faults.add(Fault("error_after"))
        counter.faults.add(Fault("error_after", form="html", status=502))
        assert client.post("/count").json() == {"message": "Internal server error"}
        page = client.post("/count")
        assert (page.status_code, page.headers["content-type"]) == (502, "text/html; charset=utf-8")
        assert counter.count == 2

    def test_lost_answer_breaks_the_connection_after_the_work(self, counter: Counter, client: httpx.Client) -> None:
        counter.faults.add(Fault("lose_answer", method="POST"))
        with pytest.raises(httpx.TransportError):
            client.post("/count")
        assert counter.count == 1
        assert client.get("/count").json() == {"count": 1}, "the next request finds the server well"
        assert [(entry.status, entry.kind) for entry in counter.journal.entries()] == [(None, "lose_answer"), (200, "")]

    def test_slow_answer_comes_late(self, counter: Counter, client: httpx.Client) -> None:
        counter.faults.add(Fault("slow", seconds=0.2))
        started = time.monotonic()
        assert client.post("/count").status_code == 201
        assert time.monotonic() - started >= 0.2

    def test_held_answer_waits_for_its_release(self, counter: Counter, client: httpx.Client) -> None:
        counter.faults.add(Fault("hold", method="POST"))
        answers: list[int] = []
        asker = threading.Thread(target=lambda: answers.append(client.post("/count").status_code))
        asker.start()
        until(lambda: len(counter.held) == 1)
        assert (counter.count, answers) == (1, [])
        assert counter.journal.count("POST", "/count") == 1
        assert counter.held.release() == 1
        asker.join(40)
        assert answers == [201]

    def test_client_that_gives_up_on_a_held_answer_frees_it(self, counter: Counter, client: httpx.Client) -> None:
        counter.faults.add(Fault("hold"))
        with pytest.raises(httpx.ReadTimeout):
            client.post("/count", timeout=httpx.Timeout(30, read=0.1))
        until(lambda: counter.journal.count("POST", "/count") == 1)  # on a slow machine it comes after its client
        until(lambda: len(counter.held) == 0)

    def test_server_stops_while_an_answer_is_held(self, counter: Counter) -> None:
        counter.faults.add(Fault("hold"))
        ended: list[object] = []

        def ask() -> None:
            try:
                ended.append(httpx.get(f"{base_url}/count", timeout=100))
            except httpx.TransportError as error:
                ended.append(error)

        with running(counter) as base_url:
            asker = threading.Thread(target=ask)
            asker.start()
            until(lambda: len(counter.held) == 1)
        asker.join(40)
        assert len(ended) == 1, "long before its client gives up"

    def test_an_answer_in_no_form_is_no_json(self, counter: Counter, client: httpx.Client) -> None:
        forms = {"garbage": (201, "application/json"), "empty": (201, "application/json"), "html": (200, "text/html")}
        for count, (kind, (status, content_type)) in enumerate(forms.items(), 1):
            counter.faults.add(Fault(kind))
            answer = client.post("/count")
            assert answer.status_code == status
            assert answer.headers["content-type"].startswith(content_type)
            with pytest.raises(ValueError, match=r"."):
                answer.json()
            assert counter.count == count


class TestInProcess:
    """Calls without server, event loop and thread."""

    def test_it_answers_with_what_a_server_would_send(self) -> None:
        counter = Counter(Clock(datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC), ticking=False))
        call = InProcess(counter.asgi)
        with running(counter) as url:
            for method, path in (
                ("GET", "/count?a=%C3%A5"),
                ("GET", "/no"),
                ("DELETE", "/count"),
                ("GET", "/_simulator/"),
            ):
                served = httpx.request(method, url + path)
                status, raw, body = call(method, url + path)
                headers = {name.decode(): value.decode() for name, value in raw}
                assert (status, headers, body) == (served.status_code, dict(served.headers), served.content)
        assert headers["date"] == "Tue, 06 May 2031 07:08:09 GMT"
        assert call("POST", "http://x/count", body=b"{}").status == 201
        (entry,) = counter.journal.entries("POST")
        assert (entry.path, entry.body, entry.status) == ("/count", "{}", 201)

    def test_it_starts_no_thread(self, counter: Counter) -> None:
        before = threading.active_count()
        call = InProcess(counter.asgi)
        assert call("GET", "http://x/_simulator/").status == 200
        assert call("POST", "http://x/_simulator/count_up", body=b'{"by": 7}').body == b'{"count":7}'
        assert threading.active_count() == before

    def test_a_lost_answer_is_an_exception_after_the_work(self, counter: Counter) -> None:
        counter.faults.add(Fault("lose_answer"))
        with pytest.raises(AnswerLost, match="POST /count"):
            InProcess(counter.asgi)("POST", "http://x/count")
        assert counter.count == 1

    def test_what_waits_needs_a_server(self, counter: Counter) -> None:
        for kind in ("hold", "slow"):
            counter.faults.add(Fault(kind, seconds=1))
            with pytest.raises(RuntimeError, match="only where the simulator is served"):
                InProcess(counter.asgi)("POST", "http://x/count")

        async def waits(scope: object, receive: object, send: object) -> None:
            await asyncio.sleep(0)

        with pytest.raises(RuntimeError, match="GET /count waits for something"):
            InProcess(waits)("GET", "http://x/count")


class TestControl:
    def test_faults_are_switched_with_plain_requests(self, counter: Counter, client: httpx.Client) -> None:
        added = client.post("/_simulator/faults", json={"kind": "error_after", "path": "/count", "times": None})
        assert added.status_code == 201
        assert client.post("/count").status_code == 500
        (listed,) = client.get("/_simulator/faults").json()
        assert (listed["id"], listed["kind"], listed["left"]) == (added.json()["id"], "error_after", None)
        assert client.delete(f"/_simulator/faults/{listed['id']}").status_code == 204
        assert client.delete(f"/_simulator/faults/{listed['id']}").status_code == 404
        assert client.post("/count").status_code == 201
        client.post("/_simulator/faults", json={"kind": "sleepy"})
        assert client.delete("/_simulator/faults").status_code == 204
        assert counter.faults.as_json() == []

    def test_wrong_fault_is_told(self, client: httpx.Client) -> None:
        wrong: list[tuple[object, str]] = [
            ({"kind": "sloow"}, "There is no fault 'sloow'"),
            ({"kind": "slow", "colour": 1}, "has no colour"),
            ({}, "kind"),
            ([], "must be an object"),
        ]
        for body, says in wrong:
            answer = client.post("/_simulator/faults", json=body)
            assert answer.status_code == 400
            assert says in answer.json()["error"]

    def test_journal_counts_and_keeps_no_secret(self, counter: Counter, client: httpx.Client) -> None:
        client.post(
            "/count?code=abc&employeeToken=hush4&page=2",
            content="grant_type=x&client_secret=hush&refresh_token=hush2",
            headers={"Authorization": "Bearer hush3"},
        )
        client.get("/count")
        assert counter.journal.count() == 2
        assert counter.journal.count("post", "/count") == 1
        assert counter.journal.count(path="/cou") == 0, "the whole path must fit"
        listed = client.get("/_simulator/journal", params={"method": "POST"}).json()
        assert listed[0]["query"] == "code=***&employeeToken=***&page=2"
        assert listed[0]["body"] == "grant_type=x&client_secret=***&refresh_token=***"
        assert "hush" not in json.dumps(client.get("/_simulator/journal").json())
        assert client.delete("/_simulator/journal").status_code == 204
        assert counter.journal.count() == 0, "control requests are not written down"

    def test_clock_seed_state_release(self, counter: Counter, client: httpx.Client) -> None:
        before = counter.clock.now()
        client.post("/_simulator/clock", json={"advance": 86400})
        assert (counter.clock.now() - before).total_seconds() >= 86400
        assert client.post("/_simulator/clock", json={"advance": -1}).status_code == 400
        assert client.post("/_simulator/clock", json={}).status_code == 400
        assert client.post("/_simulator/seed", json={"count": 7}).status_code == 204
        assert client.get("/_simulator/state").json() == {"count": 7}
        assert client.post("/_simulator/seed", json={"count": "x"}).status_code == 400
        assert client.post("/_simulator/release").json() == {"released": 0}

    def test_an_action_is_an_address_of_its_name(self, client: httpx.Client) -> None:
        assert client.post("/_simulator/count_up", json={"by": 40}).json() == {"count": 40}
        assert client.post("/_simulator/count_up").json() == {"count": 41}
        refused = client.post("/_simulator/count_up", json={"by": -2})
        assert (refused.status_code, refused.json()) == (400, {"error": "count_up: there is no count -2 ahead"})
        assert client.post("/_simulator/count_up", json={"times": 2}).status_code == 400
        assert client.get("/_simulator/count_up").status_code == 405

    def test_a_seed_is_read_from_json_and_toml(self, counter: Counter, tmp_path: Path) -> None:
        (tmp_path / "seed.json").write_text('{"count": 3}')
        (tmp_path / "seed.toml").write_text("count = 4")
        (tmp_path / "torn.toml").write_text("count = ")
        (tmp_path / "list.json").write_text("[]")
        counter.load_seed(tmp_path / "seed.json")
        assert counter.count == 3
        counter.load_seed(tmp_path / "seed.toml")
        assert counter.count == 4
        with pytest.raises(ValueError, match=r"torn\.toml cannot be read"):
            counter.load_seed(tmp_path / "torn.toml")
        with pytest.raises(ValueError, match="must hold an object"):
            counter.load_seed(tmp_path / "list.json")


def test_server_listens_on_loopback_only_and_a_taken_port_is_told(counter: Counter) -> None:
    with running(counter) as base_url:
        assert base_url.startswith("http://127.0.0.1:")
        port = int(base_url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"), running(Counter(), port):
            pass
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "stopped"


SERVED = """
import sys
from starlette.routing import BaseRoute, Route
from erpcore.simulator import Simulator, serve

class Bare(Simulator):
    name = "bare"
    default_port = int(sys.argv[1])
    def routes(self): return []
    def seed(self, data): ...
    def state(self): return {"up": True}
    def memory(self): return {}
    def remember(self, memory): ...

serve(Bare())
print("ended well")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_with_0_at_a_signal(number: signal.Signals) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", SERVED, str(port)], stdout=subprocess.PIPE, text=True)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}"))
        os.kill(process.pid, number)
        output, _ = process.communicate(timeout=40)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    assert (process.returncode, output) == (0, "ended well\n")
