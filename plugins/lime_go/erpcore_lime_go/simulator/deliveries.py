"""Telling subscribers about events: an unsigned HTTP POST for each, in the order in which they happened."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from erpcore.simulator.deliveries import DeliveryQueue
from erpcore.simulator.journal import Journal
from erpcore.simulator.numbering import Numbering

from .account import Event
from .classic_views import event_body
from .switches import Switches


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
    """The subscriptions, and what is delivered to them.

    Args:
        switches: gives the switches as they are now.
        journal: where attempts are noted.
        now: the simulator's time (aware, UTC).
    """

    def __init__(self, switches: Callable[[], Switches], journal: Journal, now: Callable[[], datetime]) -> None:
        self._switches = switches
        self._queue = DeliveryQueue(journal, now)
        self._lock = threading.Lock()
        self._subscriptions: dict[str, Subscription] = {}
        self._numbering = Numbering()

    def subscribe(self, target: str, events: list[str]) -> str:
        """Start telling ``target``; an empty list of events means all. Returns the subscription's id."""
        with self._lock:
            subscription = Subscription(str(self._numbering.next("subscriptions")), target, tuple(events))
            self._subscriptions[subscription.id] = subscription
            return subscription.id

    def subscriptions(self) -> list[Subscription]:
        """Who is told now."""
        with self._lock:
            return list(self._subscriptions.values())

    def memory(self) -> dict[str, Any]:
        """The subscriptions and their numbering; what is under way is lost, as by any sender that stops."""
        with self._lock:
            return {"subscriptions": dict(self._subscriptions), "numbering": self._numbering.memory()}

    def remember(self, memory: dict[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        with self._lock:
            self._subscriptions = memory["subscriptions"]
            self._numbering.remember(memory["numbering"])

    def deliver(self, event: Event) -> None:
        """Queue an event for every subscriber that wants it; returns at once."""
        switches = self._switches()
        body = json.dumps(event_body(switches, event), ensure_ascii=False)
        headers = {"Content-Type": "application/json"}
        with self._lock:
            wanting = [s for s in self._subscriptions.values() if s.wants(event)]
            for subscription in wanting * (2 if switches.deliver_twice else 1):
                self._queue.add(subscription.target, body, headers, attempts=switches.delivery_attempts)

    def settle(self, seconds: float = 10.0) -> bool:
        """Wait until everything queued so far was attempted, at most so long; tells whether it was."""
        return self._queue.settle(seconds)
