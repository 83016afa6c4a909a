"""The queue is looked into seldom while nothing is open, and at once when something is put in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from statistics import median
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.engine.queue import RunQueue
from erpcore.engine.quiet import BUSY_SECONDS, IDLE_SECONDS, Quiet
from erpcore.engine.worker import Worker
from erpcore.store import Store, sole_worker


def test_it_waits_as_usual_while_there_is_work_and_longer_afterwards() -> None:
    at = 100.0
    quiet = Quiet(lambda: at)
    assert quiet.seconds(0.15) == 0.15, "a start is a sign of work"
    at += BUSY_SECONDS
    waits = []
    while not waits or waits[-1] < IDLE_SECONDS:
        waits.append(quiet.seconds(0.15))
        at += waits[-1]
    assert waits[0] <= 1.0
    assert all(later <= 2 * before for before, later in pairwise(waits)), "what came late is found soon all the same"
    assert quiet.seconds(60.0) == 60.0
    quiet.ring()
    assert quiet.seconds(0.15) == 0.15
    at += BUSY_SECONDS + IDLE_SECONDS
    quiet.ring(1.0)
    quiet.ring(600.0)
    assert quiet.seconds(0.15) == 1.0, "until something is due"
    at += 1.0
    assert quiet.seconds(0.15) == 0.15
    at += BUSY_SECONDS + IDLE_SECONDS
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


def until(there: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def test_a_ring_is_heard_at_once_and_a_stop_too(waiting: tuple[Quiet, threading.Event, list[float]]) -> None:
    quiet, _, looks = waiting

    def is_heard_at_once() -> bool:
        time.sleep(2 * BUSY_SECONDS + 0.5)
        before = len(looks)
        time.sleep(0.5)
        nobody_looked = len(looks) == before
        rung = time.monotonic()
        quiet.ring()
        until(lambda: len(looks) > before + 1)  # what was rung for may be committed a little later
        return nobody_looked and looks[before] - rung < 0.2 and looks[before + 1] - rung < 0.4

    # A busy machine may spoil a round; a queue that is looked into all the time, or that hears late, spoils every one.
    assert any(is_heard_at_once() for _ in range(5))


def test_what_is_rung_for_is_looked_for_when_it_is_committed(
    waiting: tuple[Quiet, threading.Event, list[float]],
) -> None:
    quiet, _, looks = waiting
    time.sleep(2 * BUSY_SECONDS + 0.5)
    before = len(looks)
    rung = time.monotonic()
    quiet.ring()
    until(lambda: len(looks) > before)
    assert looks[before] - rung > 0.02, "a look in vain, before anything is committed, and the next one comes late"


def test_a_ring_during_a_look_is_heard_after_it() -> None:
    quiet, stop, looks = Quiet(), threading.Event(), list[float]()
    quiet.take_over([stop])

    def look() -> None:
        while not stop.wait(5.0):
            looks.append(time.monotonic())
            if len(looks) == 1:
                quiet.ring()  # somebody puts something in that this look does not see

    quiet.ring()
    thread = threading.Thread(target=look)
    thread.start()
    time.sleep(0.2)
    quiet.ring()
    until(lambda: len(looks) >= 2)
    stop.set()
    thread.join(1.0)
    assert looks[1] - looks[0] < 2.5, "it was not heard: that is the usual wait"


def test_who_looks_for_what_nobody_puts_in_is_not_rung() -> None:
    quiet, stop, looks = Quiet(), threading.Event(), list[float]()
    quiet.take_over([stop], lambda: True)

    def look() -> None:
        while not stop.wait(0.01):
            looks.append(time.monotonic())

    thread = threading.Thread(target=look)
    thread.start()
    quiet.ring()
    time.sleep(0.3)
    assert not looks
    stop.set()
    thread.join(1.0)
    assert not thread.is_alive()


@pytest.fixture
def held_back() -> Iterator[tuple[Quiet, Callable[[], None], list[float]]]:
    engine, quiet, looks, over = sa.create_engine("sqlite://"), Quiet(), list[float](), threading.Event()
    let_go = quiet.hold_back(engine, "looks once a moment", 0.1)

    def look() -> None:
        while not over.wait(0.1):
            for _ in range(2):  # two transactions belong to a look
                with engine.connect() as connection:
                    connection.execute(sa.text("SELECT 1"))
            looks.append(time.monotonic())

    thread = threading.Thread(target=look, name="looks once a moment")
    thread.start()
    yield quiet, let_go, looks
    over.set()
    let_go()
    thread.join(2.0)
    assert not thread.is_alive(), "it is let go at once, not after its wait"


def test_a_thread_with_an_interval_of_its_own_is_kept_waiting_while_nothing_is_open(
    held_back: tuple[Quiet, Callable[[], None], list[float]],
) -> None:
    quiet, _, looks = held_back
    time.sleep(6.0)
    assert looks[0] < looks[-1] < looks[0] + 6.0
    assert len(looks) < BUSY_SECONDS / 0.1 + 10, "it went on as it would by itself"
    rung = time.monotonic()
    quiet.ring()
    until(lambda: looks[-1] > rung)
    assert time.monotonic() - rung < 1.0


def test_it_looks_when_something_is_due(held_back: tuple[Quiet, Callable[[], None], list[float]]) -> None:
    quiet, _, looks = held_back
    time.sleep(4.0)
    due = time.monotonic() + 1.0
    quiet.ring(1.0)
    until(lambda: looks[-1] > due)
    assert looks[-1] - due < 0.6


def test_what_is_let_go_is_as_it_would_be_by_itself(
    held_back: tuple[Quiet, Callable[[], None], list[float]],
) -> None:
    _, let_go, looks = held_back
    time.sleep(4.0)
    let_go()
    before = len(looks)
    time.sleep(2.0)
    assert len(looks) - before > 5


def test_what_another_process_puts_in_is_heard_within_a_second(bench: Any) -> None:
    rung = list[float]()
    other = RunQueue(Store(bench.store.engine), lanes=4)
    with sole_worker(bench.store), bench.queue.bell.heard(rung.append):
        bench.wait(lambda: rung or bench.store.is_sqlite)  # it listens
        time.sleep(0.6)
        rung.clear()
        bench.open("own")
        time.sleep(0.8)
        assert not rung, "what it has put in itself it knows"

        def is_heard_within_a_second(name: str) -> bool:
            rung.clear()
            run = bench.open(name, enqueue=False)
            begun = time.monotonic()
            with bench.store.begin() as connection:
                other.enqueue(connection, run, attempt=1)
            bench.wait(lambda: rung)
            return time.monotonic() - begun < 1.0

        # A busy machine may spoil a round; whoever looks seldom spoils every one.
        assert any(is_heard_within_a_second(f"theirs {number}") for number in range(5))


def test_rounds_begin_so_many_seconds_apart_however_long_one_takes(worker: Worker) -> None:
    over, begun = threading.Event(), list[float]()

    def look() -> None:
        begun.append(time.monotonic())
        time.sleep(0.2)
        if len(begun) == 6:
            over.set()

    worker._repeat(over, "feeds", 0.5, look)
    gaps = [later - before for before, later in pairwise(begun)]
    # A busy machine may let a round begin late, and so nearer to the next one.
    assert min(gaps) < 0.65, "the time that a round takes is not added to its pause"
    assert median(gaps) > 0.45
