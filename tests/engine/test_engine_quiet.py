"""The queue is looked into seldom while nothing is open, and at once when something is put in."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from erpcore.engine.quiet import BUSY_SECONDS, IDLE_SECONDS, Quiet


def test_it_waits_as_usual_while_there_is_work_and_longer_afterwards() -> None:
    at = 100.0
    quiet = Quiet(lambda: at)
    assert quiet.seconds(0.15) == 0.15, "a start is a sign of work"
    at += BUSY_SECONDS
    assert quiet.seconds(0.15) == IDLE_SECONDS
    assert quiet.seconds(30.0) == 30.0
    quiet.ring()
    assert quiet.seconds(0.15) == 0.15
    at += BUSY_SECONDS
    quiet.ring(1.0)
    quiet.ring(600.0)
    assert quiet.seconds(0.15) == 1.0, "until something is due"
    at += 1.0
    assert quiet.seconds(0.15) == 0.15
    at += BUSY_SECONDS
    assert quiet.seconds(0.15) == IDLE_SECONDS


@pytest.fixture
def waiting() -> Iterator[tuple[Quiet, threading.Event, list[float]]]:
    quiet, stop, looks = Quiet(), threading.Event(), list[float]()
    quiet.take_over([stop])

    def look() -> None:
        while not stop.wait(0.1):
            looks.append(time.monotonic())

    thread = threading.Thread(target=look)
    thread.start()
    yield quiet, stop, looks
    stop.set()
    thread.join(1.0)
    assert not thread.is_alive(), "it stops at once, not after its wait"


def test_a_ring_is_heard_at_once_and_a_stop_too(waiting: tuple[Quiet, threading.Event, list[float]]) -> None:
    quiet, _, looks = waiting
    time.sleep(BUSY_SECONDS + 0.5)
    before = len(looks)
    time.sleep(0.5)
    assert len(looks) == before, "nothing happens, and nobody looks"
    rung = time.monotonic()
    quiet.ring()
    time.sleep(0.4)
    assert looks[before] - rung < 0.2
    assert len(looks) > before + 1, "what was rung for may be committed a little later"
