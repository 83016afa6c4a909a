"""A server's certificate that does not hold: nothing is sent, and the error is a sentence."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme
from pydantic import SecretStr

from erpcore.errors import UnavailableError
from erpcore.http import NO_RETRIES, ApiClient, StaticAuth, wire

NOW = datetime.now(UTC)
SECRET = "key-that-must-not-leave-4711"
CASES: dict[str, tuple[Callable[[trustme.CA], trustme.LeafCert], str]] = {
    "expired": (
        lambda ca: ca.issue_cert("127.0.0.1", not_before=NOW - timedelta(9), not_after=NOW - timedelta(1)),
        "it is not valid today. Either it has run out, or this machine's clock is wrong",
    ),
    "not valid yet": (
        lambda ca: ca.issue_cert("127.0.0.1", not_before=NOW + timedelta(1), not_after=NOW + timedelta(9)),
        "it is not valid today",
    ),
    "wrong host": (
        lambda ca: ca.issue_cert("another.example"),
        "it is another host's. Either the address is wrong, or somebody stands in between",
    ),
    "wrong address": (lambda ca: ca.issue_cert("127.0.0.2"), "it is another host's"),
    "signed by itself": (
        lambda ca: trustme.CA().issue_cert("127.0.0.1"),
        "nobody whom this machine trusts has signed it",
    ),
}


class Server(ThreadingHTTPServer):
    """A server with a certificate; keeps the heads of the requests that arrive.

    Attributes:
        heads: What came, as text.
    """

    def __init__(self, certificate: trustme.LeafCert) -> None:
        self.heads: list[str] = []
        heads = self.heads

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heads.append(f"{self.requestline}\n{self.headers}")
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                return

        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves during the handshake is what is tested."""


@pytest.fixture
def ca(monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Somebody whom this machine trusts."""
    made, trusting = trustme.CA(), ssl.create_default_context()
    made.configure_trust(trusting)
    monkeypatch.setattr(wire, "_certificates", lambda: trusting)
    return made


@pytest.fixture
def serve() -> Iterator[Callable[[trustme.LeafCert], Server]]:
    servers: list[Server] = []

    def start(certificate: trustme.LeafCert) -> Server:
        server = Server(certificate)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_certificate_that_does_not_hold_ends_in_a_sentence(ca, serve, movable, case: str, method: str) -> None:
    make, words = CASES[case]
    server = serve(make(ca))
    auth = StaticAuth(headers={"Authorization": SecretStr(SECRET)})
    url = f"https://127.0.0.1:{server.server_port}"
    with ApiClient(url, movable.host(), auth=auth, retry=NO_RETRIES) as client:
        ask = {"GET": lambda: client.read("/orders"), "POST": lambda: client.write("POST", "/orders", json={})}
        with pytest.raises(UnavailableError) as told:
            ask[method]()
    text = told.value.message
    assert words in text
    assert "since the server's certificate is refused" in text
    assert "_ssl.c" not in text
    assert server.heads == [], "nothing is sent to a server that cannot say who it is"


def test_a_certificate_that_holds_is_taken(ca, serve, movable) -> None:
    server = serve(ca.issue_cert("127.0.0.1"))
    with ApiClient(f"https://127.0.0.1:{server.server_port}", movable.host()) as client:
        assert client.read("/orders").json() == {}
    assert len(server.heads) == 1
