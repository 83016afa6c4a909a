"""The webhook port under senders that are slow, large or many: a correct delivery is taken in meanwhile."""

from __future__ import annotations

import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from erpcore.engine.pages import TakenIn
from erpcore.listening import listening_socket
from erpcore.web import port, webhooks
from erpcore.web.port import server_for
from erpcore.web.webhooks import webhook_app


class Crm:
    def receive_events(self, request: Any, context: Any) -> list[Any]:
        return [request.body]


class Kept:
    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def take_in(self, name: str, events: Any) -> TakenIn:
        self.bodies += events
        return TakenIn(1, 0, 0)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def number(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port's number; a head and a body may take a second."""
    monkeypatch.setattr(port, "HEAD_SECONDS", 1.0)
    monkeypatch.setattr(webhooks, "BODY_SECONDS", 1.0)
    server = server_for(webhook_app({"crm"}, lambda name: Crm(), kept))  # type: ignore[arg-type,return-value]
    listener = listening_socket("127.0.0.1", 0)
    listener.listen(1024)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield int(listener.getsockname()[1])
    server.should_exit = True
    thread.join(20)
    listener.close()


def deliver(number: int, body: bytes = b"{}", **headers: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{number}/webhooks/crm/x", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  loopback
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def half(number: int, text: bytes) -> socket.socket:
    opened = socket.create_connection(("127.0.0.1", number), timeout=20)
    opened.sendall(text)
    return opened


def read_to_the_end(opened: socket.socket) -> bytes:
    out = b""
    try:
        while piece := opened.recv(4096):
            out += piece
    except ConnectionError:
        return out
    return out


def test_a_correct_delivery_is_taken_in_beside_400_half_sent_heads(number: int, kept: Kept) -> None:
    heads = [half(number, b"POST /webhooks/crm/x HTT") for _ in range(400)]
    assert deliver(number) == 202
    assert kept.bodies == [b"{}"]
    for each in heads:
        each.close()


def test_a_head_that_does_not_come_ends_the_connection(number: int) -> None:
    began = time.monotonic()
    with half(number, b"POST /webhooks/crm/x HTTP/1.1\r\nhost: x\r\n") as opened:
        assert read_to_the_end(opened) == b""
    assert time.monotonic() - began < 10


def test_a_second_request_must_have_its_head_in_time_too(number: int) -> None:
    whole = b"POST /webhooks/crm/x HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"
    with half(number, whole + b"POST /web") as opened:
        answered = read_to_the_end(opened)
    assert answered.startswith(b"HTTP/1.1 202")
    assert answered.count(b"HTTP/1.1") == 1


def test_a_body_that_does_not_come_is_told(number: int, kept: Kept) -> None:
    with half(number, b"POST /webhooks/crm/x HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{") as opened:
        assert read_to_the_end(opened).startswith(b"HTTP/1.1 408")
    assert kept.bodies == []


def test_too_many_or_too_large_headers_are_refused(number: int, kept: Kept) -> None:
    assert deliver(number, **{f"x-{each}": "y" for each in range(300)}) == 431
    assert deliver(number, **{"x-large": "y" * 100_000}) in (400, 431)
    assert kept.bodies == []
    assert deliver(number) == 202


def test_what_is_no_http_behind_a_request_ends_the_connection_without_a_fault(
    number: int, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"POST /webhooks/crm/x HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n"
    for _ in range(20):
        with half(number, head + b"{\x00\x01 no request\r\n\r\n") as opened:
            read_to_the_end(opened)
    assert deliver(number) == 202
    assert [record for record in caplog.records if record.exc_info] == []
