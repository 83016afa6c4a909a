"""Asking for work at erpcore's face, where this computer cannot be reached from outside.

The agent asks over HTTPS and is let wait until there is a call; it does the call exactly as if it had been called, with
the caller's own signature, and gives the answer back. One call after the other: there is one company open at a time
anyhow.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from erpcore_visma_admin.agent.signing import sign

_LOG = logging.getLogger("erpcore.adk.agent")
WAIT_SECONDS = 25.0
"""Seconds that the face may let the agent wait; less than what proxies on the way endure."""
_ON_THE_WAY = 15.0
_LONGEST_PAUSE = 30.0
_ANSWER_TRIES = 3
_LONGEST_REFUSAL = 10_000


class Answers(Protocol):
    """What answers a call; `erpcore_visma_admin.agent.app.Agent` is one."""

    def answer_to(self, method: str, path: str, header: str, body: bytes, at_most: float) -> tuple[int, dict[str, Any]]:
        """Give status and answer of a request that came by another way than to the agent's own port."""


class Asker:
    """Asks at one address until it is told to stop.

    Args:
        agent: Does the calls.
        address: Such as ``https://erpcore.example/plugins/visma``.
        token: What both sides know.
        now: Gives the time in Unix seconds.
        wait_seconds: How long to be let wait.
    """

    def __init__(
        self,
        agent: Answers,
        address: str,
        token: str,
        *,
        now: Callable[[], float] = time.time,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._agent = agent
        self._address = address.rstrip("/")
        self._token = token
        self._now = now
        self._wait_seconds = wait_seconds
        self._over = threading.Event()

    def stop(self) -> None:
        """Ask no more once what is in hand is answered."""
        self._over.set()

    def run(self) -> None:
        """Ask, and do what is given, until `stop`. What goes wrong on the way is logged and tried again."""
        pause = 0.0
        while not self._over.wait(pause):
            try:
                self._once()
            except (OSError, HTTPException, ValueError) as error:
                pause = min(_LONGEST_PAUSE, max(1.0, 2 * pause))
                _LOG.warning("%s could not be asked, again in %g seconds: %s", self._address, pause, _told(error))
            else:
                pause = 0.0

    def _once(self) -> None:
        answer = self._send("/ask", {"seconds": self._wait_seconds}, self._wait_seconds + _ON_THE_WAY)
        if answer is None:
            return
        received = time.monotonic()
        key, seconds = str(answer["id"]), float(answer["seconds"])
        status, done = self._agent.answer_to(
            str(answer["method"]),
            str(answer["path"]),
            str(answer["authorization"]),
            str(answer["body"]).encode(),
            seconds - (time.monotonic() - received),
        )
        self._give_back(key, {"status": status, "answer": done})

    def _give_back(self, key: str, told: dict[str, Any]) -> None:
        """Give an answer back; tried again, since only the answer would be lost and not the work."""
        for attempt in range(1, _ANSWER_TRIES + 1):
            try:
                self._send(f"/answers/{key}", told, _ON_THE_WAY)
            except HTTPError as error:
                _LOG.warning("the answer to %s was not taken: status %d", key, error.code)
                return
            except (OSError, HTTPException):
                if attempt == _ANSWER_TRIES or self._over.wait(1.0):
                    raise
            else:
                return

    def _send(self, path: str, told: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        body = json.dumps(told).encode()
        signature = sign(self._token, "POST", path, body, round(self._now() * 1000))
        headers = {"authorization": signature.header(), "content-type": "application/json"}
        # The address is https, or this computer's own: the settings have seen to it.
        request = Request(f"{self._address}{path}", body, headers, method="POST")  # noqa: S310
        context = ssl.create_default_context() if request.type == "https" else None
        with urlopen(request, timeout=seconds, context=context) as reply:  # noqa: S310
            if reply.status == 204:
                return None
            answer = json.loads(reply.read())
        if not isinstance(answer, dict):
            raise ValueError("the answer is no object")
        return answer


def _told(error: Exception) -> str:
    """Give what erpcore said where it refused, else the error."""
    if not isinstance(error, HTTPError):
        return str(error)
    try:
        with error:
            return f"status {error.code}, {json.loads(error.read(_LONGEST_REFUSAL))['error']['message']}"
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return str(error)
