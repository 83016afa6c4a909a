"""What a simulator tells a client's webhook."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from erpcore.simulator import DeliveryQueue, Journal

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
JSON = {"Content-Type": "application/json", "X-Signature": "s"}


@contextmanager
def receiver(statuses: list[int]) -> Iterator[tuple[str, list[tuple[str, str | None, Any]]]]:
    """A webhook that answers with these statuses, then with 200; and what it was told."""
    told: list[tuple[str, str | None, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append((self.path, self.headers["X-Signature"], json.loads(body)))
            self.send_response(statuses.pop(0) if statuses else 200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_everything_is_delivered_in_order_with_its_headers_and_is_in_the_journal() -> None:
    journal = Journal()
    queue = DeliveryQueue(journal, lambda: NOON)
    with receiver([]) as (url, told):
        for number in range(5):
            queue.add(f"{url}/hook?n=1", json.dumps({"n": number, "å": "ö"}, ensure_ascii=False), JSON)
        assert queue.settle()
    assert told == [("/hook?n=1", "s", {"n": number, "å": "ö"}) for number in range(5)]
    assert [(entry.at, entry.status, entry.kind) for entry in journal.entries("POST")] == [(NOON, 200, "delivery")] * 5


def test_it_is_tried_until_it_is_taken_or_given_up() -> None:
    tries: list[tuple[list[int], int, list[int], bool]] = [
        ([500], 1, [500], True),
        ([500], 3, [500, 200], False),
        ([500, 503, 404], 3, [500, 503, 404], True),
    ]
    for statuses, attempts, seen, gave_up in tries:
        journal, refused = Journal(), threading.Event()
        queue = DeliveryQueue(journal, lambda: NOON)
        with receiver(statuses) as (url, _):
            queue.add(url, "{}", JSON, attempts=attempts, refused=refused.set)
            assert queue.settle()
        assert [entry.status for entry in journal.entries()] == seen
        assert refused.is_set() is gave_up


def test_nobody_outside_this_machine_is_called_and_nobody_there_is_told() -> None:
    for target, kind in (
        ("http://192.0.2.1/hook", "delivery refused: not this machine's loopback"),
        ("https://127.0.0.1/hook", "delivery refused: not this machine's loopback"),
        ("http://127.0.0.1:1/hook", "delivery failed: ConnectionRefusedError"),
    ):
        journal, refused = Journal(), threading.Event()
        queue = DeliveryQueue(journal, lambda: NOON)
        queue.add(target, "{}", JSON, refused=refused.set)
        assert queue.settle()
        assert [(entry.path, entry.status, entry.kind) for entry in journal.entries()] == [(target, None, kind)]
        assert refused.is_set()
