"""The sign-in that the page on hosts shows whole does what the page says of one."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from erpcore.errors import MalformedReplyError, RejectedError
from erpcore.host import Exchange, MemoryTokenStore
from erpcore.http import ApiClient
from tests.docs.page_blocks import blocks

PAGE = Path(__file__).parents[2] / "docs" / "host.md"
SECRET = "kept-from-everybody"


class Sessions:
    """A system that sells sessions, takes the newest alone, and repeats it in what it refuses."""

    def __init__(self) -> None:
        self.sold = 0
        self.told: object = None

    def __call__(self, request: Any, body: bytes) -> None:
        if request.path == "/session":
            assert json.loads(body) == {"user": "kim", "secret": SECRET}
            self.sold += 1
            self._send(request, 200, self.told or {"session": f"session-number-{self.sold}", "seconds": 1200})
        elif request.headers["authorization"] != f"Session session-number-{self.sold}":
            self._send(request, 401, {"message": "Sign in"})
        elif request.path == "/refused":
            self._send(request, 400, {"message": f"Not with session-number-{self.sold}"})
        else:
            self._send(request, 200, {})

    @staticmethod
    def _send(request: Any, status: int, members: object) -> None:
        content = json.dumps(members).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)


@pytest.fixture
def system(server) -> Sessions:
    sessions = Sessions()
    server.answers(sessions)
    return sessions


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


@pytest.fixture
def opened(server, system, movable, exchanges):
    """Open connections as the page's class signs them in."""
    names: dict[str, Any] = {}
    code = next(block.text for block in blocks(PAGE) if "class SessionAuth" in block.text)
    exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102 our own documentation
    clients: list[ApiClient] = []

    def make(store: MemoryTokenStore) -> ApiClient:
        host = movable.host(tokens=store, observer=exchanges.append)
        auth = names["SessionAuth"](server.url, "kim", SECRET, host, 5.0)
        clients.append(ApiClient(server.url, host, auth=auth))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def test_one_session_serves_all_connections_of_a_store(opened, system) -> None:
    store = MemoryTokenStore()
    opened(store).read("orders")
    opened(store).read("orders")
    assert system.sold == 1
    assert store.load("acme").access_token == "session-number-1"


def test_a_session_that_ends_or_is_refused_is_bought_anew(opened, system, movable) -> None:
    client = opened(MemoryTokenStore())
    client.read("orders")
    movable.move(1200 - 59)
    client.read("orders")
    assert system.sold == 2
    system.sold = 7  # the system has forgotten it before its time
    client.read("orders")
    assert system.sold == 8


def test_a_session_of_somebody_else_is_not_used(opened, system) -> None:
    store = MemoryTokenStore()
    opened(store).read("orders")
    token = store.load("acme")
    store.save("acme", type(token)(token.access_token, expires_at=token.expires_at, bought_for="somebody else"))
    opened(store).read("orders")
    assert system.sold == 2


def test_what_a_refusal_repeats_of_the_session_is_hidden(opened, system, caplog) -> None:
    store = MemoryTokenStore()
    opened(store).read("orders")
    with caplog.at_level(logging.DEBUG), pytest.raises(RejectedError) as refused:
        opened(store).read("refused")  # a connection that has found the session in the store
    assert "session-number-1" not in str(refused.value) + str(refused.value.vendor_text) + caplog.text
    assert SECRET not in caplog.text


def test_no_told_exchange_holds_the_session(opened, exchanges) -> None:
    opened(MemoryTokenStore()).read("orders")
    assert [told.path for told in exchanges] == ["/session", "/orders"]
    assert "session-number-1" not in str(exchanges)
    assert SECRET not in str(exchanges)


def test_an_answer_without_a_session_is_told(opened, system) -> None:
    system.told = {"sessions": []}
    with pytest.raises(MalformedReplyError, match="has no session"):
        opened(MemoryTokenStore()).read("orders")
