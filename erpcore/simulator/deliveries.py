"""Telling a client's webhook what happened: POSTs from a thread, in the order in which things happened.

Only addresses on this machine's loopback are called; an attempt to reach any other is noted and not made, so that a
simulator never talks to the outside. Each attempt is in the journal with the kind ``delivery``.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from erpcore.simulator.journal import Journal, JournalEntry

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SECONDS = 5.0


class DeliveryQueue:
    """The one thread that delivers. Who is told of what, and how it is signed, is the simulator's.

    Args:
        journal: Where attempts are noted.
        now: The simulator's time (aware, UTC).
    """

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal = journal
        self._now = now
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: set[Future[None]] = set()

    def add(
        self,
        target: str,
        body: str,
        headers: Mapping[str, str],
        *,
        attempts: int = 1,
        refused: Callable[[], Any] = lambda: None,
    ) -> None:
        """Queue a delivery; returns at once.

        Args:
            target: The URL.
            body: What is sent, as UTF-8.
            headers: The headers, content type included.
            attempts: How often it is tried until the receiver answers 2xx.
            refused: Called in the delivering thread when the last attempt has failed too.
        """
        # One thread keeps the order; made on first need, since most simulators have nobody to tell.
        self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="simulator-deliveries")
        future = self._pool.submit(self._deliver, target, body, dict(headers), attempts, refused)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)

    def settle(self, seconds: float = 10.0) -> bool:
        """Wait until everything queued so far was attempted.

        Args:
            seconds: How long at most.

        Returns:
            Whether it was.
        """
        return not wait(set(self._under_way), timeout=seconds).not_done

    def _deliver(
        self, target: str, body: str, headers: dict[str, str], attempts: int, refused: Callable[[], Any]
    ) -> None:
        for _ in range(attempts):
            status, kind = _post(target, body, headers)
            self._journal.add(JournalEntry(self._now(), "POST", target, "", body, status, kind))
            if status is not None and 200 <= status < 300:
                return
        refused()


def _post(target: str, body: str, headers: dict[str, str]) -> tuple[int | None, str]:
    """POST once; returns the status (None when there was no answer) and the journal's kind."""
    parts = urlsplit(target)
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        return None, "delivery refused: not this machine's loopback"
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=_SECONDS)
    try:
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request("POST", path, body.encode(), headers)
        return connection.getresponse().status, "delivery"
    except (OSError, http.client.HTTPException) as error:
        return None, f"delivery failed: {type(error).__name__}"
    finally:
        connection.close()
