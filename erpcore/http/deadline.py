"""One deadline for a whole request: over connecting, sending, headers and body.

The HTTP library waits for each piece by itself, so that an answer whose headers trickle in has no end. This network
gives every wait what is left until the request's deadline. It also looks once more before the first byte leaves: a
process that was stopped meanwhile, however long, sends nothing late.

Not covered is the system's own look-up of a host name, and a host with several dead addresses, each of which is tried.
Both end before anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

import httpcore

from erpcore.host import Clock

_PIECE = 16_384
"""Bytes handed over at a time. Each is taken at once, or waited for anew with what is left."""


@dataclass
class Deadline:
    """The deadline of the request in hand.

    Attributes:
        at: When it must be over, by the clock's `monotonic`.
        clock: Time.
        begun: Whether a byte of it was handed to the network.
    """

    at: float
    clock: Clock
    begun: bool = False

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return self.clock.monotonic() >= self.at

    def left(self, timeout: float | None, error: type[httpcore.TimeoutException]) -> float:
        """Give how long one wait may take.

        Args:
            timeout: Seconds that it may take by itself.
            error: Raised when the time is up.
        """
        left = self.at - self.clock.monotonic()
        if left <= 0:
            raise error("the time for the request is up")
        return left if timeout is None else min(left, timeout)


_deadline: ContextVar[Deadline] = ContextVar("erpcore_deadline")


@contextmanager
def within(deadline: Deadline) -> Iterator[None]:
    """Hold what this thread asks of the network inside the block to a deadline."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


class DeadlineStream(httpcore.NetworkStream):
    """A connection that keeps to the deadline of whichever request uses it.

    Args:
        stream: The connection.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there."""
        return self._stream.read(max_bytes, _deadline.get().left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Hand bytes over, piece by piece."""
        deadline = _deadline.get()
        for start in range(0, len(buffer), _PIECE):
            # Before the first byte it is as if there were no connection: nothing has left.
            left = deadline.left(timeout, httpcore.WriteTimeout if deadline.begun else httpcore.ConnectTimeout)
            deadline.begun = True
            self._stream.write(buffer[start : start + _PIECE], left)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Go on encrypted."""
        left = _deadline.get().left(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        """Tell about the connection."""
        return self._stream.get_extra_info(info)


class DeadlineNetwork(httpcore.SyncBackend):
    """The network, with a deadline for each request; see `within`."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a host."""
        left = _deadline.get().left(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(super().connect_tcp(host, port, left, local_address, socket_options))
