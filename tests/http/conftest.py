"""A loopback server that does as it is told, a vendor with OAuth2, and a clock that moves when somebody sleeps."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from erpcore.host import Clock, Host, MemoryTokenStore, Token
from erpcore.http import ApiClient, OAuth2Auth, OAuth2Settings, RenewalRules

Handler = Callable[[BaseHTTPRequestHandler, bytes], None]


class Seen:
    """One request that reached the server."""

    def __init__(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        self.method = request.command
        self.target = request.path
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        self.body = body


class LoopbackServer:
    """Answers requests with the given handlers in turn; the last one stays."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.handlers: list[Handler] = []
        self._lock = threading.Lock()
        outer = self

        class _Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                with outer._lock:
                    outer.seen.append(Seen(self, body))
                    handler = outer.handlers.pop(0) if len(outer.handlers) > 1 else outer.handlers[0]
                handler(self, body)

            do_GET = do_POST = do_PUT = do_DELETE = _any

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        class _Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that hung up is what some tests want."""

        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def answers(self, *handlers: Handler) -> None:
        self.handlers = list(handlers)
        self.seen.clear()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def answer(status: int, body: str | bytes = b"", /, **headers: str) -> Handler:
    content = body.encode() if isinstance(body, str) else body

    def handler(request: BaseHTTPRequestHandler, _body: bytes) -> None:
        request.send_response(status)
        for name, value in ({"content_type": "application/json"} | headers).items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return handler


class MovableClock:
    """Stands still until somebody sleeps or moves it."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.seconds += seconds

    def move(self, seconds: float) -> None:
        with self._lock:
            self.seconds += seconds

    @property
    def clock(self) -> Clock:
        return Clock(self.monotonic, self.now, self.sleep)

    def host(self, **changes: object) -> Host:
        return Host.in_memory("acme", clock=self.clock, **changes)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    running = LoopbackServer()
    yield running
    running.close()


@pytest.fixture(name="answer")
def answer_fixture() -> Callable[..., Handler]:
    return answer


@pytest.fixture
def closed_port() -> Iterator[int]:
    # Nobody listens there, and nobody else is given it meanwhile.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def movable() -> MovableClock:
    return MovableClock()


@pytest.fixture
def client(server, movable):
    with ApiClient(f"{server.url}/3", movable.host()) as opened:
        yield opened


def send(request, status: int, members: object, content_type: str = "application/json") -> None:
    content = members if isinstance(members, bytes) else json.dumps(members).encode()
    request.send_response(status)
    request.send_header("Content-Type", content_type)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)


@dataclass
class Vendor:
    """Both the token endpoint (``/token``) and an API that wants the newest access token."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    number: int = 0
    refreshes: int = 0
    refused_refreshes: int = 0
    lifetime: object = 3600
    lose_next_answer: bool = False
    refuses: tuple[int, object] | None = None
    accepts_any_token: bool = False
    forms: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, request, body: bytes) -> None:
        if not request.path.startswith("/token"):
            with self.lock:
                ok = self.accepts_any_token or request.headers["authorization"] == f"Bearer access-{self.number}"
            send(request, 200, []) if ok else send(request, 401, {"message": "unauthorized"})
            return
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        with self.lock:
            self.forms.append(form)
            self.headers.append({name.lower(): value for name, value in request.headers.items()})
            if self.refuses is not None:
                send(request, *self.refuses)
                return
            if form["grant_type"] == "refresh_token" and form["refresh_token"] != f"refresh-{self.number}":
                self.refused_refreshes += 1
                told = {"error": "invalid_grant", "error_description": "Invalid refresh token"}
                send(request, 400, told, "text/html; charset=UTF-8")
                return
            self.refreshes += 1
            self.number += 1
            members = {"access_token": f"access-{self.number}", "expires_in": self.lifetime, "scope": "order customer"}
            if form["grant_type"] != "client_credentials":
                members["refresh_token"] = f"refresh-{self.number}"
            lost, self.lose_next_answer = self.lose_next_answer, False
        if lost:
            request.close_connection = True
            return
        send(request, 200, members | {"token_type": "bearer"}, "text/html; charset=UTF-8")


@pytest.fixture
def vendor(server) -> Vendor:
    told = Vendor()
    server.answers(told)
    return told


@pytest.fixture
def store(movable) -> MemoryTokenStore:
    fresh = MemoryTokenStore()
    fresh.save("acme", Token("access-0", "refresh-0", movable.now() + timedelta(seconds=3600)))
    return fresh


@pytest.fixture
def settings(server) -> OAuth2Settings:
    return OAuth2Settings(f"{server.url}/token", "my-id", SecretStr("my-secret"))


@pytest.fixture
def sign_in(settings, store, movable):
    opened: list[OAuth2Auth] = []

    def make(**changes: object) -> OAuth2Auth:
        rules = changes.pop("rules", RenewalRules())
        kept = changes.pop("store", store)
        auth = OAuth2Auth(movable.host(tokens=kept), replace(settings, **changes), rules=rules)
        opened.append(auth)
        return auth

    yield make
    for auth in opened:
        auth.close()
