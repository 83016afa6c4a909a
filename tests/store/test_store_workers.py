"""Workers: heartbeat, the claim on a dead one, and one worker per SQLite file."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from erpcore.errors import ConfigurationError
from erpcore.store import (
    Store,
    beat,
    claim_dead,
    finish_takeover,
    list_workers,
    register_worker,
    sole_worker,
    stop_worker,
)

SILENCE = timedelta(seconds=30)
HOLD = """
import sys
from erpcore.store import open_store, sole_worker
with sole_worker(open_store(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def _claim(store: Store, claimer: str) -> list[str]:
    with store.begin() as connection:
        return [worker.executor_id for worker in claim_dead(connection, claimer=claimer, older_than=SILENCE)]


def _register(store: Store, *names: str) -> None:
    with store.begin() as connection:
        for name in names:
            register_worker(connection, name, host="h", pid=1)


def test_a_silent_worker_is_claimed_once_and_told(timed_store: Store, clock: Any) -> None:
    _register(timed_store, "a", "b", "c")
    clock.move(29)
    with timed_store.begin() as connection:
        assert beat(connection, "b")
        assert beat(connection, "c")
    assert _claim(timed_store, "b") == []
    clock.move(2)
    assert _claim(timed_store, "b") == ["a"]
    assert _claim(timed_store, "c") == []
    with timed_store.begin() as connection:
        assert not beat(connection, "a"), "it was slow, not dead: it must stop"
        assert finish_takeover(connection, "a", claimer="b")
        assert not finish_takeover(connection, "a", claimer="c")
    clock.move(100)
    assert "a" not in _claim(timed_store, "c")
    _register(timed_store, "a")
    with timed_store.begin() as connection:
        assert beat(connection, "a"), "started anew"


def test_the_claim_of_a_claimer_that_dies_goes_to_the_next(timed_store: Store, clock: Any) -> None:
    _register(timed_store, "a", "b", "c")
    clock.move(31)
    with timed_store.begin() as connection:
        beat(connection, "c")
    assert _claim(timed_store, "b") == ["a"]
    clock.move(31)
    assert sorted(_claim(timed_store, "c")) == ["a", "b"]
    with timed_store.begin() as connection:
        assert not finish_takeover(connection, "a", claimer="b")


def test_nobody_claims_itself_and_a_stopped_one_is_taken_over_too(timed_store: Store, clock: Any) -> None:
    _register(timed_store, "a", "b")
    with timed_store.begin() as connection:
        stop_worker(connection, "a")
    clock.move(31)
    assert _claim(timed_store, "b") == ["a"]
    with timed_store.read() as connection:
        assert [(worker.executor_id, worker.claimed_by) for worker in list_workers(connection)] == [
            ("a", "b"),
            ("b", None),
        ]


def test_of_several_claimers_one_gets_the_dead_worker(timed_store: Store, clock: Any) -> None:
    _register(timed_store, "dead")
    clock.move(31)
    gate = threading.Barrier(4)

    def claim(number: int) -> list[str]:
        gate.wait()
        return _claim(timed_store, f"w{number}")

    with ThreadPoolExecutor(4) as pool:
        claims = list(pool.map(claim, range(4)))
    assert sorted(claims) == [[], [], [], ["dead"]]


@pytest.mark.slow
def test_one_worker_per_sqlite_file_many_on_postgresql(store: Store, store_url: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, store_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    if store.is_sqlite:
        with pytest.raises(ConfigurationError, match="another worker is running"), sole_worker(store):
            pytest.fail("held twice")
    else:
        with sole_worker(store):
            assert process.poll() is None
    process.kill()
    process.communicate()
    with sole_worker(store):
        assert process.returncode is not None
