"""Waiting for a simulator in another thread or process."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx  # noqa: TID251 a stranger's client


def until(condition: Callable[[], object], seconds: float = 40) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def answers(url: str) -> bool:
    """Whether a simulator serves there."""
    try:
        return httpx.get(f"{url}/_simulator/state").status_code == 200
    except httpx.TransportError:
        return False
