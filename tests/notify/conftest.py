"""An installation that is told to, a mail server and a listener on loopback."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from erpcore.engine.trial import plugin_of
from erpcore.notify import Notices
from erpcore.problem import Problem
from erpcore.settings import Settings, parse_settings
from erpcore.store import Store, describe, finish_run, keep_waiting, open_run, open_store
from tests.conftest_postgres import new_database
from tests.store.conftest import KEY, MovableClock

PASSWORD = "planted-mail-password"
SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SETTINGS = """\
[mail]
host = "127.0.0.1"
sender = "erpcore@nordverk.example"
{mail}

[connections.lime]
plugin = "lime_go"

[connections.books]
plugin = "fortnox"

[syncs.won]
crm = "lime"
erp = "books"
mail_to = {mail_to}
language = "{language}"

{more}
"""


@pytest.fixture(scope="session")
def notify_template(postgres_server: str) -> Iterator[str]:
    """Name of a PostgreSQL database with our tables."""
    from sqlalchemy import make_url

    from erpcore.store import upgrade

    with new_database(postgres_server) as url:
        upgrade(url)
        yield str(make_url(url).database)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path, clock: MovableClock) -> Iterator[Store]:
    """A store on either database, whose time the test moves."""
    if request.param == "sqlite":
        store = open_store(f"sqlite:///{tmp_path / 'erpcore.db'}", key=KEY, clock=clock.clock)
        yield store
        store.close()
        return
    server = request.getfixturevalue("postgres_server")
    with new_database(server, template=request.getfixturevalue("notify_template")) as url:
        store = open_store(url, key=KEY, clock=clock.clock)
        yield store
        store.close()


@pytest.fixture
def store(tmp_path: Path, clock: MovableClock) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'erpcore.db'}", key=KEY, clock=clock.clock)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


class Installation:
    """Settings with a sync `won` from `lime` to `books`, and what happens in it.

    Attributes:
        settings: The settings.
        store: The store.
        clock: Its time.
        notices: Who tells.
    """

    def __init__(self, store: Store, clock: MovableClock, folder: Path, **given: Any) -> None:
        values = {"mail": "", "mail_to": ["sales@nordverk.example"], "language": "en", "more": "", **given}
        values["mail_to"] = json.dumps(values["mail_to"])
        self.settings: Settings = parse_settings(SETTINGS.format(**values), folder / "erpcore.toml")
        self.store = store
        self.clock = clock
        self.notices = Notices(self.settings, store, partial(plugin_of, self.settings))

    def open(self, deal: str, company: str = "Åkerlund & Söner HB") -> int:
        with self.store.begin() as connection:
            key = {"record_kind": "deal", "record_id": deal}
            run, _ = open_run(connection, sync="won", source="lime", target="books", **key)
            describe(connection, run, {"name": f"Deal {deal}", "customer": company, "seller": "Anna Exempel"})
        return run.id

    def end(self, deal: str, state: Any, problem: Problem | None = None) -> int:
        run = self.open(deal)
        with self.store.begin() as connection:
            finish_run(connection, run, state=state, summary="", problem=problem)
        return run

    def fail(self, deal: str, problem: Problem) -> int:
        return self.end(deal, "failed", problem)

    def wait(self, deal: str, problem: Problem) -> int:
        run = self.open(deal)
        with self.store.begin() as connection:
            later = self.clock.at + timedelta(seconds=60)
            keep_waiting(connection, run, resume_at=later, summary="", problem=problem)
        return run

    def round(self, *, after: float = 0.0) -> dict[str, Any]:
        self.clock.move(after)
        return self.notices.round()


class Inbox:
    """What a mail server took."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.refused: set[str] = set()
        self.signed_in: list[bool] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refused:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.raw.append(envelope.content)
        self.signed_in.append(bool(session.authenticated))
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"

    def texts(self) -> list[str]:
        return [body(mail) for mail in self.mails]


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class MailServer:
    """A real SMTP server on loopback, which can go away and come back on the same port."""

    def __init__(self, inbox: Inbox, port: int = 0, **options: Any) -> None:
        self.inbox = inbox
        self._options = options
        self.port = port
        self._controller: Controller | None = None

    def start(self) -> None:
        from erpcore.listening import listening_socket

        if not self.port:
            with listening_socket("127.0.0.1", 0) as free:
                self.port = int(free.getsockname()[1])
        self._controller = Controller(self.inbox, hostname="127.0.0.1", port=self.port, **self._options)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A server that takes mails without signing in."""
    server = MailServer(Inbox())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine with its key in one file, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    at = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "mail.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def guarded_server(certificate: Path) -> Iterator[MailServer]:
    """A server that wants encryption and a password."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def accepts(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"erpcore", PASSWORD.encode()), handled=False)

    server = MailServer(Inbox(), tls_context=context, require_starttls=True, auth_required=True, authenticator=accepts)
    server.start()
    yield server
    server.stop()


class Ear:
    """A program that is told: what it was sent, and what it answers.

    Attributes:
        taken: Headers and body of each delivery.
        answers: Statuses for the next deliveries; 204 when there are none.
        url: Its address.
    """

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["content-length"]))
                ear.taken.append(({name.lower(): value for name, value in self.headers.items()}, content))
                self.send_response(ear.answers.pop(0) if ear.answers else 204)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/told"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    listening = Ear()
    thread = threading.Thread(target=listening.server.serve_forever, args=(0.05,))
    thread.start()
    yield listening
    listening.stop()
    thread.join()
