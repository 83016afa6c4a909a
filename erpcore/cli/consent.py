"""Asking a person for consent in a browser, here or anywhere, and taking the answer."""

from __future__ import annotations

import os
import queue
import secrets
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from html import escape as escape_html
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from rich.console import Console

from erpcore.errors import AuthenticationError, ConfigurationError, ErpcoreError
from erpcore.plugin import AsksForConsent

WAIT_SECONDS = 300
_ANSWER_SECONDS = 120
"""How long a browser waits for its page: as long as the answer may take to be tried."""
_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>erpcore</title>"
    "<body style='font:1.1rem system-ui;max-width:36rem;margin:4rem auto;padding:0 1rem'><p>{}</p>"
)
NOT_OURS = (
    "This answer does not belong to the question that was asked, so it was left alone. Begin at the page that asked."
)


class Answer(NamedTuple):
    """What came back.

    Attributes:
        query: Its parameters.
        tell: Shows a sentence to whoever gave it.
    """

    query: dict[str, str]
    tell: Callable[[str], None]


Answers = queue.Queue[Answer]


def ask_for_consent(
    plugin: AsksForConsent,
    finish: Callable[[], str],
    console: Console,
    *,
    port: int,
    browser: bool,
    redirect_uri: str | None = None,
) -> None:
    """Send a person to the system's consent page, and take what comes back, until the deadline.

    Args:
        plugin: The plugin.
        finish: Tries and keeps what the consent gave, and says what came of it.
        console: Where the address is shown.
        port: Port on this machine that the system sends the browser back to; the address must be registered there.
        browser: Whether to open the browser here.
        redirect_uri: An address elsewhere that is registered instead; then the person pastes the address.

    Raises:
        AuthenticationError: The person refused, or nobody answered.
        ConfigurationError: The port is taken.
        ErpcoreError: What `finish` raised.
    """
    back, state = redirect_uri or f"http://localhost:{port}/callback", secrets.token_urlsafe(24)
    page = plugin.authorization_url(back, state)
    answers: Answers = queue.Queue()
    with ExitStack() as stack:
        if redirect_uri is None:
            stack.enter_context(_listening(port, answers))
        console.print(f"Consent is given here (the address {back} must be registered for the client):")
        console.print(page, soft_wrap=True, highlight=False)
        if sys.stdin.isatty() or redirect_uri is not None:
            read = _read_pasted if sys.stdin.isatty() else _read_piped
            threading.Thread(target=read, args=(answers, console), daemon=True).start()
            console.print(
                "On another machine, or if no page opens at the end: paste the address that the browser ended at:"
            )
        if browser and redirect_uri is None:
            # A browser in the terminal ends when its person ends it, and waits for the answer's page until then.
            threading.Thread(target=webbrowser.open, args=(page,), daemon=True).start()
        try:
            _take_answer(plugin, finish, answers, state, back)
        except KeyboardInterrupt:
            raise AuthenticationError("Waiting was stopped; nothing was kept.") from None


def _take_answer(plugin: AsksForConsent, finish: Callable[[], str], answers: Answers, state: str, back: str) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            answer = answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise AuthenticationError(
                f"Nobody consented within {WAIT_SECONDS // 60} minutes.", advice="Run “erpcore connect” again."
            ) from None
        # Anybody may ask a port of this machine for anything; only the answer to our question ends the waiting.
        if secrets.compare_digest(answer.query.get("state", "").encode(), state.encode()):
            break
        answer.tell(NOT_OURS)
    try:
        answer.tell(_finished(plugin, finish, answer.query, back))
    except ErpcoreError as error:
        answer.tell(f"The connection was not made. {error}")
        raise


def _finished(plugin: AsksForConsent, finish: Callable[[], str], query: dict[str, str], back: str) -> str:
    if "code" not in query:
        raise AuthenticationError(
            "The consent was not given.", vendor_code=query.get("error"), vendor_text=query.get("error_description")
        )
    plugin.finish_authorization(query["code"], back)
    return finish()


def _read_pasted(answers: Answers, console: Console) -> None:
    """Take addresses that are pasted; below Python's own buffer, whose lock a thread that is left behind would hold."""
    text = b""
    with suppress(OSError):
        while read := os.read(sys.stdin.fileno(), 65536):
            *lines, text = (text + read).split(b"\n")
            for line in filter(None, (each.strip().decode(errors="replace") for each in lines)):
                answers.put(Answer(query_of(line), lambda words: console.print(words, markup=False)))


def _read_piped(answers: Answers, console: Console) -> None:
    answers.put(Answer(query_of(sys.stdin.readline().strip()), lambda words: console.print(words, markup=False)))


def query_of(address: str) -> dict[str, str]:
    """Give the parameters of an address that a browser ended at.

    Args:
        address: The address.
    """
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@contextmanager
def _listening(port: int, answers: Answers) -> Iterator[None]:
    """Take requests on this machine, each in a thread of its own: a spare connection of a browser holds up nobody."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            words: queue.Queue[str] = queue.Queue()
            shown = threading.Event()

            def tell(text: str) -> None:
                words.put(text)
                shown.wait(self.timeout)  # the program may end right after

            told = "There is no such page."
            if parts.path == "/callback":
                answers.put(Answer(query_of(self.path), tell))
                told = words.get(timeout=_ANSWER_SECONDS)
            body = _PAGE.format(escape_html(told)).encode()
            self.send_response(200 if parts.path == "/callback" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
            shown.set()

        def log_message(self, format: str, *args: Any) -> None:
            """Write nothing: the code in the address is a secret."""

    with ExitStack() as stack:
        for server in _servers(port, Handler):
            stack.callback(server.server_close)
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        yield


def _servers(port: int, handler: type[BaseHTTPRequestHandler]) -> list[ThreadingHTTPServer]:
    class Server(ThreadingHTTPServer):
        # On Windows the option lets two programs have one port, and either may get the answer.
        allow_reuse_address = os.name != "nt"

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing of a browser that went away."""

    class Six(Server):
        address_family = socket.AF_INET6

    try:
        servers: list[ThreadingHTTPServer] = [Server(("127.0.0.1", port), handler)]
    except OSError as error:
        raise ConfigurationError(
            f"the consent cannot come back to port {port} of this machine: {error.strerror}.",
            advice="End the program that has the port, or name another one with --port and register its address.",
        ) from error
    with suppress(OSError):  # “localhost” may be the address of either kind; not every machine has the newer one
        servers.append(Six(("::1", port), handler))
    return servers
