"""Deliveries to programs, signed as Standard Webhooks says (https://www.standardwebhooks.com)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

from erpcore.errors import RejectedError, UnavailableError
from erpcore.host import Clock, Host
from erpcore.http import Redactor, Timeouts, to_json
from erpcore.http.reply import Failure
from erpcore.http.wire import Wire
from erpcore.notice_settings import ListenerSettings

_TIMES = Timeouts(total=20.0, connect=5.0, piece=15.0)
_LONGEST_ANSWER = 64_000


class Listener:
    """One program that is told. Threads may share it.

    Args:
        name: Its name in the settings.
        settings: Where it is, and what deliveries to it are signed with.
        clock: The time that deliveries are signed at.
    """

    def __init__(self, name: str, settings: ListenerSettings, clock: Clock) -> None:
        secret = settings.secret.get_secret_value()
        self._name = name
        self._clock = clock
        self._signing = Webhook(secret)
        self._wire = Wire(
            Host.in_memory(name, clock=clock), Redactor([secret]), timeouts=_TIMES, max_body=_LONGEST_ANSWER
        )
        self._address = self._wire.address(settings.url)

    def deliver(self, id: str, payload: Mapping[str, Any]) -> None:
        """Deliver once.

        Args:
            id: The same whenever this is delivered, by which the listener knows what it has already.
            payload: JSON values: ``type``, ``timestamp``, ``data``.

        Raises:
            UnavailableError: The listener cannot be reached.
            RejectedError: It answered with anything but success.
        """
        body = to_json(payload)
        at = self._clock.now().astimezone(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._signing.sign(id, _whole(at), body.decode()),
        }
        reply = self._wire.send("POST", self._address, headers=headers, body=body, of_write=True)
        if isinstance(reply, Failure):
            raise UnavailableError(
                f"The listener cannot be reached: {reply.reason}.",
                connection=self._name,
                advice=f"Check url under [listeners.{self._name}]. It is tried again by itself.",
            )
        if not 200 <= reply.status < 300:
            raise RejectedError(
                f"The listener does not take the delivery: it answered with status {reply.status}.",
                connection=self._name,
                advice=f"Check url and secret under [listeners.{self._name}]. It is tried again by itself.",
                status=reply.status,
            )

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)
