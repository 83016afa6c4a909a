"""Subscriptions and webhooks: signed POSTs in the order in which things happened, tried again when refused."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from random import Random
from typing import Any

from erpcore.simulator.deliveries import DeliveryQueue
from erpcore.simulator.journal import Journal
from erpcore.simulator.numbering import Numbering

from .account import Happened, UnknownObjectError
from .switches import Switches
from .views import Views


@dataclass(frozen=True)
class Subscription:
    """Who is told about which events. Its secret is never shown."""

    id: int
    name: str
    events: tuple[str, ...]
    target_url: str
    secret: str
    enabled: bool
    version: str

    def shown(self) -> dict[str, Any]:
        """Give it as the API shows it."""
        held = asdict(self)
        return {name: held[name] for name in ("id", "name", "enabled", "events", "target_url")}


@dataclass(frozen=True)
class Delivery:
    """One delivery: the same id, time and body in each of its attempts."""

    subscription: Subscription
    id: str
    timestamp: int
    body: str

    def headers(self) -> dict[str, str]:
        """Give the headers to send, signed as the subscription's version says."""
        raw, secret = self.body.encode(), self.subscription.secret.encode()
        headers = {"Content-Type": "application/json"}
        if self.subscription.version == "v2":
            headers |= {"X-Lime-Delivery-Id": self.id, "X-Lime-Delivery-Timestamp": str(self.timestamp)}
            signed = f"v2:{self.id}:{self.timestamp}:{hashlib.sha256(raw).hexdigest()}".encode()
            signature = f"v2={hmac.new(secret, signed, hashlib.sha256).hexdigest()}"
        else:
            signature = f"sha256={hmac.new(secret, raw, hashlib.sha256).hexdigest()}"
        return {**headers, "X-Lime-Signature": signature} if secret else headers


class Deliveries:
    """The subscriptions, and what is delivered to them.

    Args:
        views: Gives the body of what happened.
        switches: Gives the switches as they are now.
        journal: Where attempts are noted.
        now: The simulator's time (aware, UTC).
        random: What the ids of deliveries are drawn from.
    """

    def __init__(
        self,
        views: Views,
        switches: Callable[[], Switches],
        journal: Journal,
        now: Callable[[], datetime],
        random: Random,
    ) -> None:
        self._views = views
        self._switches = switches
        self._queue = DeliveryQueue(journal, now)
        self._now = now
        self._random = random
        self._lock = threading.Lock()
        self._subscriptions: dict[int, Subscription] = {}
        self._refused: list[Delivery] = []
        self._numbering = Numbering()

    def add(self, values: dict[str, Any]) -> Subscription:
        """Make a subscription.

        Args:
            values: ``events``, ``target_url``, and where wanted ``name``, ``secret``, ``enabled`` and the member
                that asks for a signature version.

        Raises:
            ValueError: A member is missing or odd.
        """
        with self._lock:
            empty = Subscription(0, "", (), "", "", enabled=True, version="v1")
            made = _with(empty, values, self._switches().signature_member)
            if not made.events or not made.target_url:
                raise ValueError("events and target_url are required")
            # Numbered last, so that one that is refused costs no number.
            made = replace(made, id=self._numbering.next("subscriptions"))
            self._subscriptions[made.id] = made
            return made

    def change(self, subscription_id: int, values: dict[str, Any]) -> Subscription:
        """Change the members that are given; a secret's version stays as it was made.

        Raises:
            UnknownObjectError: There is no such subscription.
            ValueError: A member is odd.
        """
        with self._lock:
            self._subscriptions[subscription_id] = changed = _with(self._known(subscription_id), values, "")
            return changed

    def subscriptions(self) -> list[Subscription]:
        """Give all subscriptions."""
        with self._lock:
            return list(self._subscriptions.values())

    def memory(self) -> dict[str, Any]:
        """The subscriptions and what is still to be delivered again; what is under way is lost."""
        with self._lock:
            return {
                "subscriptions": dict(self._subscriptions),
                "refused": list(self._refused),
                "numbering": self._numbering.memory(),
            }

    def remember(self, memory: dict[str, Any]) -> None:
        """Hold what `memory` returned, and nothing else."""
        with self._lock:
            self._subscriptions, self._refused = memory["subscriptions"], memory["refused"]
            self._numbering.remember(memory["numbering"])

    def deliver(self, happened: Happened) -> None:
        """Queue what happened for everybody who wants it; returns at once."""
        body = self._views.delivery(happened)
        with self._lock:
            for subscription in self._subscriptions.values():
                if not subscription.enabled or body["event"] not in subscription.events:
                    continue
                delivery_id = str(uuid.UUID(bytes=self._random.randbytes(16), version=4))
                text = json.dumps(body, ensure_ascii=False)
                made = Delivery(subscription, delivery_id, int(self._now().timestamp()), text)
                for _ in range(2 if self._switches().deliver_twice else 1):
                    self._send(made)

    def retry(self) -> int:
        """Deliver again what was refused, with the id and the time of its first attempt.

        Returns:
            How many deliveries.
        """
        with self._lock:
            again, self._refused = self._refused, []
            for each in again:
                self._send(each)
        return len(again)

    def settle(self, seconds: float = 10.0) -> bool:
        """Wait until everything queued so far was attempted, at most so long; tells whether it was."""
        return self._queue.settle(seconds)

    def _known(self, subscription_id: int) -> Subscription:
        if subscription_id not in self._subscriptions:
            raise UnknownObjectError(f"There is no subscription {subscription_id}.")
        return self._subscriptions[subscription_id]

    def _send(self, delivery: Delivery) -> None:
        self._queue.add(
            delivery.subscription.target_url,
            delivery.body,
            delivery.headers(),
            attempts=self._switches().delivery_attempts,
            refused=lambda: self._note_refused(delivery),
        )

    def _note_refused(self, delivery: Delivery) -> None:
        with self._lock:
            self._refused.append(delivery)


_KINDS = {"events": "a list of texts", "enabled": "true or false"}


def _with(subscription: Subscription, values: dict[str, Any], signature_member: str) -> Subscription:
    changes: dict[str, Any] = {}
    for name, value in values.items():
        kind = {"events": list, "enabled": bool}.get(name, str)
        if name not in ("name", "events", "target_url", "secret", "enabled", signature_member):
            raise ValueError(f"a subscription has no {name}")
        texts = value if isinstance(value, list) else []
        if not isinstance(value, kind) or not all(isinstance(each, str) for each in texts):
            raise ValueError(f"{name} must be {_KINDS.get(name, 'a text')}")
        if name == signature_member:
            if value not in ("v1", "v2"):
                raise ValueError(f"{name} is v1 or v2")
            changes["version"] = value
        else:
            changes[name] = tuple(value) if isinstance(value, list) else value
    return replace(subscription, **changes)
