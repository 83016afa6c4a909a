"""The shared request budget: no window is overrun, and hardly any of it is wasted."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.errors import RateLimitedError
from erpcore.host import Budget
from erpcore.store import Store, StoreBudget
from erpcore.store.schema import budget_grants

LIMIT, SECONDS, MARGIN = 50, 2.0, 0.06

PROCESS = """
import http.client, json, sys
from concurrent.futures import ThreadPoolExecutor
from erpcore.store import StoreBudget, open_store
url, port, limit, seconds, margin, count = sys.argv[1], *map(float, sys.argv[2:])
budget = StoreBudget(open_store(url))
def work(requests):
    connection = http.client.HTTPConnection("127.0.0.1", int(port))
    connection.connect()
    answers = []
    for _ in range(requests):
        budget.acquire("fortnox", int(limit), seconds + margin)
        connection.request("GET", "/")
        answer = connection.getresponse()
        answer.read()
        budget.answered("fortnox", margin)
        answers.append(answer.status)
    connection.close()
    return answers
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(4) as pool:
    print(json.dumps([status for part in pool.map(work, [int(count / 4)] * 4) for status in part]))
"""


class SlidingWindow:
    """A vendor that counts requests in a sliding window and refuses the ones too many."""

    def __init__(self) -> None:
        self.accepted: list[float] = []
        window: deque[float] = deque()
        lock = threading.Lock()
        counter = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with lock:
                    at = time.monotonic()
                    while window and at - window[0] >= SECONDS:
                        window.popleft()
                    fits = len(window) < LIMIT
                    if fits:
                        window.append(at)
                        counter.accepted.append(at)
                self.send_response(200 if fits else 429)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def vendor() -> Iterator[SlidingWindow]:
    made = SlidingWindow()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def _instants(store: Store) -> list[float]:
    with store.read() as connection:
        return list(connection.execute(sa.select(budget_grants.c.instant).order_by("instant")).scalars())


ROUNDS = 5
"""A busy machine may take some of a window, and so spoil a round; a budget that wastes windows spoils every one."""


@pytest.mark.slow
def test_two_processes_use_the_window_and_never_overrun_it(store: Store, store_url: str, vendor: SlidingWindow) -> None:
    assert any(_part_used_by_two_processes(store_url, vendor) >= 0.9 for _ in range(ROUNDS)), "the benchmark holds 95 %"


def _part_used_by_two_processes(store_url: str, vendor: SlidingWindow) -> float:
    each, before = 52, len(vendor.accepted)
    numbers = [vendor.server.server_port, LIMIT, SECONDS, MARGIN, each]
    command = [sys.executable, "-c", PROCESS, store_url, *map(str, numbers)]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [status for process in processes for status in json.loads(process.communicate(timeout=60)[0])]
    assert answers == [200] * (2 * each)
    # The first request of the third window cannot come earlier than two windows after the first of all.
    return 2 * SECONDS / (vendor.accepted[before + 2 * LIMIT] - vendor.accepted[before])


def test_many_who_wait_keep_every_window(store: Store) -> None:
    budget = StoreBudget(store)
    granted: list[float] = []

    def take(_: int) -> None:
        for _ in range(8):
            budget.acquire("k", 5, 0.25)
            granted.append(time.monotonic())

    start = time.monotonic()
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(take, range(5)))
    assert len(granted) == 40
    # Instants of the last window are still in the store; the first of it cannot come before seven windows have passed.
    instants = _instants(store)
    gaps = [later - earlier for earlier, later in zip(instants, instants[5:], strict=False)]
    assert all(gap >= 0.25 for gap in gaps)
    assert max(granted) - start >= 7 * 0.25


@pytest.mark.parametrize("seed", range(4))
def test_what_is_granted_is_what_fits(timed_store: Store, clock: Any, seed: int) -> None:
    chance = random.Random(seed)
    limit, seconds = chance.randint(1, 6), 8.0
    clock.sleep = pytest.fail
    budget = StoreBudget(timed_store)
    granted: list[float] = []
    for _ in range(120):
        clock.move(chance.choice([0.0, 0.25, 0.5, 1.0, 4.0]))
        at = clock().timestamp()
        fits = sum(at - instant < seconds for instant in granted) < limit
        try:
            budget.acquire("k", limit, seconds, longest_wait=0.0)
        except RateLimitedError as refused:
            assert not fits
            clock.move(refused.retry_after)
            assert budget.acquire("k", limit, seconds) == 0, "not later than it was told"
            granted.append(clock().timestamp())
        else:
            assert fits
            granted.append(at)


def test_a_thread_that_wakes_late_is_counted_when_it_leaves(timed_store: Store, clock: Any) -> None:
    def sleep(seconds: float) -> None:
        clock.move(seconds + 3.0)

    clock.sleep = sleep
    budget = StoreBudget(timed_store)
    budget.acquire("k", 1, 10.0)
    budget.acquire("k", 1, 10.0)
    with pytest.raises(RateLimitedError) as caught:
        budget.acquire("k", 1, 10.0, longest_wait=1.0)
    assert caught.value.retry_after == pytest.approx(10.0)


def test_a_request_counts_from_its_answer_on(timed_store: Store, clock: Any) -> None:
    budget: Budget = StoreBudget(timed_store)
    budget.acquire("k", 1, 10.0)
    clock.move(0.7)
    budget.answered("k", 0.1)
    clock.move(1.0)
    budget.answered("k", 0.1)  # said of that request already
    assert budget.acquire("k", 1, 10.0) == pytest.approx(9.0)
    budget.answered("a key that was never asked for", 1.0)


@pytest.mark.parametrize(("under_way", "counted_later"), [(0.05, 0.0), (0.1, 0.1), (30.0, 1.0)])
def test_a_request_that_is_answered_at_once_or_worked_on_for_long_is_hardly_moved(
    timed_store: Store, clock: Any, under_way: float, counted_later: float
) -> None:
    budget: Budget = StoreBudget(timed_store)
    budget.acquire("k", 1, 60.0)
    clock.move(under_way)
    budget.answered("k", 0.06)
    assert budget.acquire("k", 1, 60.0, longest_wait=90.0) == pytest.approx(60.0 + counted_later - under_way)


def test_a_slow_commit_counts_as_way(timed_store: Store, clock: Any) -> None:
    def slow_disk(connection: sa.Connection) -> None:
        clock.move(0.4)

    budget: Budget = StoreBudget(timed_store)
    sa.event.listen(timed_store.engine, "commit", slow_disk)
    budget.acquire("k", 1, 10.0)
    sa.event.remove(timed_store.engine, "commit", slow_disk)
    budget.answered("k", 0.1)
    assert budget.acquire("k", 1, 10.0) == pytest.approx(10.0)


def test_a_wait_that_is_too_long_is_refused_and_not_counted(timed_store: Store, clock: Any) -> None:
    clock.sleep = pytest.fail
    budget: Budget = StoreBudget(timed_store)
    assert budget.acquire("k", 1, 60.0) == 0
    with pytest.raises(RateLimitedError) as caught:
        budget.acquire("k", 1, 60.0, longest_wait=30.0)
    assert caught.value.retry_after == pytest.approx(60.0)
    assert len(_instants(timed_store)) == 1
    assert budget.acquire("another key", 1, 60.0) == 0


def test_waiting_holds_no_lock(timed_store: Store, clock: Any) -> None:
    def sleep(seconds: float) -> None:
        with timed_store.begin() as connection:
            connection.execute(sa.delete(budget_grants).where(budget_grants.c.key == "nobody's"))
        clock.move(seconds)

    clock.sleep = sleep
    budget = StoreBudget(timed_store)
    waits = [budget.acquire("k", 2, 10.0) for _ in range(5)]
    assert waits == pytest.approx([0, 0, 10, 0, 10])


def test_a_closed_window_grants_nothing_also_to_those_who_wait_already(timed_store: Store, clock: Any) -> None:
    calls = []

    def sleep(seconds: float) -> None:
        if not calls:
            budget.close_window("k", 20.0)
            budget.close_window("k", 5.0)
        calls.append(seconds)
        clock.move(seconds)

    clock.sleep = sleep
    budget = StoreBudget(timed_store)
    budget.acquire("k", 1, 4.0)
    assert budget.acquire("k", 1, 4.0) == pytest.approx(20.0)
    assert calls == pytest.approx([4.0, 16.0])
    budget.close_window("fresh", 1.0)
    assert budget.acquire("fresh", 1, 4.0) == pytest.approx(1.0)


def test_old_grants_are_forgotten(timed_store: Store, clock: Any) -> None:
    budget = StoreBudget(timed_store)
    for _ in range(50):
        budget.acquire("k", 5, 1.0)
        clock.move(1.0)
    assert len(_instants(timed_store)) <= 20, "now and then, not each time"
    assert all(later > earlier for earlier, later in pairwise(_instants(timed_store)))
