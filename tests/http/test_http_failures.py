"""Connections that are refused, break or hang: what surely did not leave, and what may have arrived."""

from __future__ import annotations

import gzip
import io
import socket
import struct
import time
import traceback
from contextlib import suppress
from dataclasses import replace

import pytest

from erpcore.errors import OutcomeUnknownError, UnavailableError
from erpcore.host import SYSTEM_CLOCK, Exchange, Host
from erpcore.http import NO_RETRIES, ApiClient, BaseTransport, HTTPTransport, Request, Response, Timeouts

QUICK = Timeouts(total=0.25, connect=30, piece=0.2)
"""Soon out of patience with an answer; that a machine is slow to connect is not what is tested."""


def hang_up(request, _body) -> None:
    request.connection.shutdown(socket.SHUT_RDWR)
    request.close_connection = True


def reset(request, _body) -> None:
    """Closes with a reset rather than a goodbye, as a crashed server or a firewall does."""
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # The server's own handling says goodbye first; the descriptor itself has to be closed before that.
    socket.close(request.connection.detach())
    request.rfile.close()
    request.wfile = io.BytesIO()
    request.close_connection = True


def break_off_mid_body(request, _body) -> None:
    request.send_response(201)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b'{"Order": {"Doc')
    request.wfile.flush()
    hang_up(request, _body)


def broken_packing(request, _body) -> None:
    content = gzip.compress(b"[1]")[:-9] + b"garbage"
    request.send_response(200)
    request.send_header("Content-Encoding", "gzip")
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(b"not gzip at all".ljust(len(content)))


def no_http(request, _body) -> None:
    request.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")
    request.close_connection = True


def say_nothing(request, _body) -> None:
    request.connection.settimeout(30)
    request.rfile.read(1)  # until the client hangs up
    request.close_connection = True


def trickle(request, _body) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    with suppress(ConnectionError):  # the client hangs up
        for _ in range(900):
            time.sleep(0.02)
            request.wfile.write(b"x")
            request.wfile.flush()
    request.close_connection = True


AFTER_IT_LEFT = [hang_up, reset, break_off_mid_body, broken_packing, no_http, say_nothing, trickle]


def patience(fault) -> Timeouts:
    return QUICK if fault in (say_nothing, trickle) else Timeouts()


@pytest.mark.parametrize("fault", AFTER_IT_LEFT, ids=lambda fault: fault.__name__)
def test_a_write_that_left_has_an_unknown_outcome_and_is_sent_once(server, fault) -> None:
    server.answers(fault)
    with (
        ApiClient(server.url, Host.in_memory("acme"), timeouts=patience(fault)) as client,
        pytest.raises(OutcomeUnknownError, match="its answer is lost") as caught,
    ):
        client.write("POST", "/orders", json={"a": 1})
    assert len(server.seen) == 1
    assert not caught.value.retryable


@pytest.mark.parametrize("fault", AFTER_IT_LEFT, ids=lambda fault: fault.__name__)
def test_a_read_is_asked_again(server, movable, answer, fault) -> None:
    server.answers(fault, answer(200, "[7]"))
    # Waits on the movable clock, but timeouts on the real one.
    clock = replace(SYSTEM_CLOCK, sleep=movable.sleep)
    with ApiClient(server.url, Host.in_memory("acme", clock=clock), timeouts=patience(fault)) as client:
        assert client.read("/orders").json() == [7]
    assert len(server.seen) == len(movable.slept) + 1
    # A slow machine may be out of patience with the good answer once, too.
    assert len(server.seen) == 2 or (fault in (say_nothing, trickle) and len(server.seen) == 3)


def test_an_answer_that_trickles_is_given_up_in_time(server) -> None:
    server.answers(trickle)
    with (
        ApiClient(server.url, Host.in_memory("acme"), retry=NO_RETRIES, timeouts=replace(QUICK, piece=30)) as client,
        pytest.raises(UnavailableError, match=r"not over within 0\.25 s"),
    ):
        client.read("/orders")


@pytest.mark.parametrize("fault", [hang_up, break_off_mid_body], ids=lambda fault: fault.__name__)
def test_a_read_that_fails_for_good_is_unavailable(server, fault) -> None:
    server.answers(fault)
    with (
        ApiClient(server.url, Host.in_memory("acme"), retry=NO_RETRIES) as client,
        pytest.raises(UnavailableError, match="Nothing was changed") as caught,
    ):
        client.read("/orders")
    assert caught.value.retryable


def test_a_refused_connection_did_not_leave_and_a_write_is_tried_again(closed_port, movable) -> None:
    told: list[Exchange] = []
    with (
        ApiClient(f"http://127.0.0.1:{closed_port}", movable.host(observer=told.append)) as client,
        pytest.raises(UnavailableError, match="no connection"),
    ):
        client.write("POST", "/orders", json={})
    assert len(movable.slept) == 2
    assert [each.status for each in told] == [None, None, None]
    assert "no connection" in (told[0].failure or "")


def test_a_name_that_nobody_knows_did_not_leave() -> None:
    with (
        ApiClient("http://no-such-host.invalid", Host.in_memory("acme"), retry=NO_RETRIES, timeouts=QUICK) as client,
        pytest.raises(UnavailableError, match="no connection"),
    ):
        client.write("POST", "/orders", json={})


class _ComesUpLater(BaseTransport):
    """Refuses the first connection as a closed port does, then hands over to the ordinary transport."""

    def __init__(self, closed_port: int) -> None:
        self._ordinary = HTTPTransport()
        self._closed_port: int | None = closed_port

    def handle_request(self, request: Request) -> Response:
        if self._closed_port is not None:
            request.url = request.url.copy_with(port=self._closed_port)
            self._closed_port = None
        return self._ordinary.handle_request(request)

    def close(self) -> None:
        self._ordinary.close()


def test_a_write_arrives_once_when_the_system_comes_up_again(server, answer, closed_port, movable) -> None:
    server.answers(answer(201, "{}"))
    with _ComesUpLater(closed_port) as way, ApiClient(server.url, movable.host(transport=way)) as client:
        assert client.write("POST", "/orders", json={}).status == 201
    assert len(server.seen) == 1


def test_errors_carry_nothing_of_the_http_library_along(server, closed_port) -> None:
    server.answers(hang_up)
    for address in (server.url, f"http://127.0.0.1:{closed_port}"):
        with ApiClient(address, Host.in_memory("acme"), retry=NO_RETRIES) as client:
            with pytest.raises(UnavailableError) as caught:
                client.read("/orders")
            assert caught.value.__cause__ is None
            assert caught.value.__context__ is None
            assert "httpx" not in "".join(traceback.format_exception_only(caught.value))


def test_the_root_of_a_system_that_is_out_of_reach_is_named_by_its_path(closed_port: int) -> None:
    with (
        ApiClient(f"http://127.0.0.1:{closed_port}/demo/api", Host.in_memory("c"), retry=NO_RETRIES) as client,
        pytest.raises(UnavailableError) as caught,
    ):
        client.read("")
    assert str(caught.value).startswith("c: GET /demo/api/ failed: no connection")
    # `check` says this too, and tries nothing again.
    assert str(caught.value).endswith("Nothing was changed. A sync tries it again by itself.")
