"""Asking a person for consent in the browser, and taking the answer on this machine."""

from __future__ import annotations

import secrets
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Protocol, runtime_checkable
from urllib.parse import parse_qs, urlsplit

from rich.console import Console

from erpcore.errors import AuthenticationError

WAIT_SECONDS = 300
DONE = "<!doctype html><meta charset=utf-8><title>erpcore</title><p>Done. You can close this page."


@runtime_checkable
class AsksForConsent(Protocol):
    """A plugin whose system wants a person's consent."""

    def authorization_url(self, redirect_uri: str, state: str) -> str:
        """Give the page where a person consents."""

    def finish_authorization(self, code: str, redirect_uri: str) -> None:
        """Turn the code that came back into tokens, and keep them."""


def ask_for_consent(plugin: AsksForConsent, console: Console, *, port: int, browser: bool) -> None:
    """Send a person to the system's consent page and keep what comes back.

    Args:
        plugin: The plugin.
        console: Where the address is shown.
        port: Port on 127.0.0.1 that the system sends the browser back to; the address must be registered there.
        browser: Whether to open the browser here.

    Raises:
        AuthenticationError: The person refused, nobody answered, or the answer is not to our question.
    """
    redirect_uri, state = f"http://localhost:{port}/callback", secrets.token_urlsafe(24)
    page = plugin.authorization_url(redirect_uri, state)
    console.print(f"Consent is given here (the address {redirect_uri} must be registered for the client):")
    console.print(page, soft_wrap=True, highlight=False)
    with _Listener(port) as listener:
        if browser:
            webbrowser.open(page)
        with console.status("Waiting for the consent …"):
            answer = listener.wait()
    if answer is None:
        raise AuthenticationError(
            f"Nobody consented within {WAIT_SECONDS // 60} minutes.", advice="Run “erpcore connect” again."
        )
    if not secrets.compare_digest(answer.get("state", ""), state):
        raise AuthenticationError("The answer does not belong to our question.", advice="Run “erpcore connect” again.")
    if "code" not in answer:
        raise AuthenticationError(
            "The consent was not given.", vendor_code=answer.get("error"), vendor_text=answer.get("error_description")
        )
    plugin.finish_authorization(answer["code"], redirect_uri)
    console.print("[green]Consent kept.[/]")


class _Listener:
    """One request on 127.0.0.1, then no more."""

    def __init__(self, port: int) -> None:
        self._answer: dict[str, str] | None = None
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path == "/callback":
                    listener._answer = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(200 if parts.path == "/callback" else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(DONE.encode() if parts.path == "/callback" else b"")

            def log_message(self, format: str, *args: Any) -> None:
                """Write nothing: the code in the address is a secret."""

        self._server = HTTPServer(("127.0.0.1", port), Handler)
        self._server.timeout = WAIT_SECONDS

    def __enter__(self) -> _Listener:
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.server_close()

    def wait(self) -> dict[str, str] | None:
        while self._answer is None:
            before = self._answer
            self._server.handle_request()
            if self._answer is before:
                break
        return self._answer
