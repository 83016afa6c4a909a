"""One deadline for a whole request, whatever the system does in between."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import httpcore
import pytest

from erpcore.errors import OutcomeUnknownError, RemoteError, UnavailableError
from erpcore.host import SYSTEM_CLOCK, Host
from erpcore.http import NO_RETRIES, ApiClient, Timeouts
from erpcore.http.deadline import Deadline, DeadlineStream, within

SHORT = Timeouts(total=0.4)
LONG_ENOUGH_TO_TELL = 2.0


def trickle_headers(request, _body: bytes) -> None:
    """Send one header after the other, so that each wait is short and all together have no end."""
    try:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100):
            request.wfile.write(f"x-{number}: 1\r\n".encode())
            time.sleep(0.05)
    except OSError:  # the client has hung up, as it should
        request.close_connection = True


def read(client: ApiClient) -> None:
    client.read("/orders")


def write(client: ApiClient) -> None:
    client.write("POST", "/orders", json={"a": 1})


def took(client: ApiClient, act, expected: type[RemoteError]) -> float:
    start = time.monotonic()
    with pytest.raises(expected, match=r"not over within 0\.4 s"):
        act(client)
    return time.monotonic() - start


@pytest.mark.parametrize(("act", "expected"), [(read, UnavailableError), (write, OutcomeUnknownError)])
def test_headers_that_trickle_in_are_given_up_in_time(server, act, expected) -> None:
    server.answers(trickle_headers)
    with ApiClient(server.url, Host.in_memory("acme"), timeouts=SHORT, retry=NO_RETRIES) as client:
        assert took(client, act, expected) < LONG_ENOUGH_TO_TELL


def test_the_deadline_holds_through_a_proxy(server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    server.answers(trickle_headers)
    with ApiClient("http://erp.invalid", Host.in_memory("acme"), timeouts=SHORT, retry=NO_RETRIES) as client:
        assert took(client, write, OutcomeUnknownError) < LONG_ENOUGH_TO_TELL
    assert server.seen[0].target == "http://erp.invalid/orders"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_handshake_without_an_end_has_sent_nothing(silent_port: int) -> None:
    host = Host.in_memory("acme")
    with ApiClient(f"https://127.0.0.1:{silent_port}", host, timeouts=SHORT, retry=NO_RETRIES) as client:
        assert took(client, write, UnavailableError) < LONG_ENOUGH_TO_TELL


class Line(httpcore.NetworkStream):
    def __init__(self) -> None:
        self.taken: list[bytes] = []

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.taken.append(buffer)


def test_nothing_leaves_once_the_time_is_up(movable) -> None:
    """A process that was stopped after it had its turn, for however long, sends nothing when it goes on."""
    line = Line()
    with within(Deadline(movable.monotonic() + 45, movable.clock)):
        movable.move(46)
        with pytest.raises(httpcore.ConnectTimeout):
            DeadlineStream(line).write(b"POST /orders")
    assert line.taken == []


def test_a_request_that_was_begun_is_broken_off_when_the_time_is_up(movable) -> None:
    class SlowLine(Line):
        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            super().write(buffer, timeout)
            movable.move(30)

    line = SlowLine()
    with within(Deadline(movable.monotonic() + 45, movable.clock)), pytest.raises(httpcore.WriteTimeout):
        DeadlineStream(line).write(b"x" * 100_000)
    assert len(line.taken) == 2


def test_the_clock_runs_on_while_the_machine_sleeps() -> None:
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    if boot_time is None:
        pytest.skip("this machine has no clock that counts its sleep")
    assert SYSTEM_CLOCK.monotonic() == pytest.approx(time.clock_gettime(boot_time), abs=5.0)
