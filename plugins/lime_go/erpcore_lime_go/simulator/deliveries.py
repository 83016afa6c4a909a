"""Telling subscribers about events: an unsigned HTTP POST for each, in the order in which they happened.

Only addresses on this machine's loopback are called; an attempt to reach any other is noted and not made, so that a
simulator never talks to the outside. Each attempt is in the journal with the kind ``delivery``.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from erpcore.simulator.journal import Journal, JournalEntry

from .account import Event
from .classic_views import event_body
from .switches import Switches

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SECONDS = 5.0


@dataclass(frozen=True)
class Subscription:
    """Who is told about which events; no events named means all."""

    id: str
    target: str
    events: tuple[str, ...]

    def wants(self, event: Event) -> bool:
        """Whether this event is to be delivered here."""
        return not self.events or event.event_type in self.events


class Deliveries:
    """The subscriptions, and the one thread that delivers.

    Args:
        switches: gives the switches as they are now.
        journal: where attempts are noted.
        now: the simulator's time (aware, UTC).
    """

    def __init__(self, switches: Callable[[], Switches], journal: Journal, now: Callable[[], datetime]) -> None:
        self._switches = switches
        self._journal = journal
        self._now = now
        self._lock = threading.Lock()
        self._subscriptions: dict[str, Subscription] = {}
        self._last_id = 0
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: set[Future[None]] = set()

    def subscribe(self, target: str, events: list[str]) -> str:
        """Start telling ``target``; an empty list of events means all. Returns the subscription's id."""
        with self._lock:
            self._last_id += 1
            subscription = Subscription(str(self._last_id), target, tuple(events))
            self._subscriptions[subscription.id] = subscription
            return subscription.id

    def unsubscribe(self, subscription_id: str) -> bool:
        """Stop; False when there is no such subscription."""
        with self._lock:
            return self._subscriptions.pop(subscription_id, None) is not None

    def subscriptions(self) -> list[Subscription]:
        """Who is told now."""
        with self._lock:
            return list(self._subscriptions.values())

    def memory(self) -> dict[str, Any]:
        """The subscriptions and their numbering; what is under way is lost, as by any sender that stops."""
        with self._lock:
            return {"subscriptions": dict(self._subscriptions), "last_id": self._last_id}

    def remember(self, memory: dict[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        with self._lock:
            self._subscriptions = memory["subscriptions"]
            self._last_id = memory["last_id"]

    def deliver(self, event: Event) -> None:
        """Queue an event for every subscriber that wants it; returns at once."""
        switches = self._switches()
        body = event_body(switches, event)
        with self._lock:
            wanting = [s for s in self._subscriptions.values() if s.wants(event)]
            for subscription in wanting * (2 if switches.deliver_twice else 1):
                # One thread keeps the order; made on first need, since most simulators have no subscriber.
                self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="lime-go-deliveries")
                attempts = switches.delivery_attempts
                future = self._pool.submit(self._attempts, subscription.target, body, attempts)
                self._under_way.add(future)
                future.add_done_callback(self._under_way.discard)

    def settle(self, seconds: float = 10.0) -> bool:
        """Wait until everything queued so far was attempted.

        Args:
            seconds: how long at most.

        Returns:
            Whether it was.
        """
        return not wait(set(self._under_way), timeout=seconds).not_done

    def _attempts(self, target: str, body: dict[str, Any], attempts: int) -> None:
        for _ in range(attempts):
            status, kind = _post(target, body)
            entry_body = json.dumps(body, ensure_ascii=False)
            self._journal.add(JournalEntry(self._now(), "POST", target, "", entry_body, status, kind))
            if status is not None and 200 <= status < 300:
                return


def _post(target: str, body: dict[str, Any]) -> tuple[int | None, str]:
    """POST once; returns the status (None when there was no answer) and the journal's kind."""
    parts = urlsplit(target)
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        return None, "delivery refused: not this machine's loopback"
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=_SECONDS)
    try:
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        return connection.getresponse().status, "delivery"
    except (OSError, http.client.HTTPException) as error:
        return None, f"delivery failed: {type(error).__name__}"
    finally:
        connection.close()
