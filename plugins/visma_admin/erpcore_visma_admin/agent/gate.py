"""Whether a request is believed: signed with the token, of now, and never seen before.

What was seen is remembered in memory for as long as a copy could be believed. A restart forgets it, so that a request
that was made before the start is not believed either.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from erpcore_visma_admin.agent.signing import is_signed, read_header


@dataclass(frozen=True)
class Disbelief:
    """Why a request is not believed.

    Attributes:
        status: HTTP status to answer with.
        kind: Short name of the reason.
        message: The reason, for people.
    """

    status: int
    kind: str
    message: str


class Gate:
    """Decides about requests.

    Args:
        token: What both sides know.
        tolerance: Seconds that the clocks may be apart.
        now: Gives the time in Unix seconds.
    """

    def __init__(self, token: str, tolerance: float, now: Callable[[], float]) -> None:
        self._token = token
        self._tolerance = tolerance
        self._now = now
        self._lock = threading.Lock()
        self.start()

    def start(self) -> None:
        """Begin anew: nothing was seen, and what was made before is not believed."""
        self._started = self._now()
        self._seen: dict[str, float] = {}

    def judge(self, method: str, path: str, header: str, body: bytes) -> Disbelief | None:
        """Judge a request; None when it is believed.

        Args:
            method: HTTP method.
            path: Its path.
            header: Its ``Authorization`` header; empty for none.
            body: Its body.
        """
        signature = read_header(header)
        if signature is None or not is_signed(self._token, method, path, body, signature):
            return Disbelief(401, "token", "The request is not signed with this agent's token.")
        now = self._now()
        made = signature.time / 1000
        if abs(now - made) > self._tolerance:
            when = f"{abs(now - made):.0f} seconds {'ago' if now > made else 'from now'}"
            return Disbelief(
                403,
                "clock",
                f"The request was made {when} by this computer's clock, and {self._tolerance:g} are allowed. Set both "
                "computers' clocks by a time server.",
            )
        if made < self._started:
            return Disbelief(409, "before_start", "The request was made before this agent was started.")
        with self._lock:
            old = now - 2 * self._tolerance
            self._seen = {nonce: at for nonce, at in self._seen.items() if at >= old}
            if signature.nonce in self._seen:
                return Disbelief(409, "replay", "The request was sent before.")
            self._seen[signature.nonce] = now
        return None
