"""What might grow with what is finished: the sweep, for how long retention keeps others from writing, and a won deal.

A store on SQLite is filled with runs that came to their end, each of a record of its own, with its event and its story;
and one between won deals, with copies of those before. It ends with exit code 1 where a bound of the table in README.md
is broken.

    growth.py --runs 100000
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from finished import multiply_attempts
from runs_per_second import Figures, measured

from erpcore.engine.attempts import Attempts, Flow
from erpcore.engine.queue import RunQueue
from erpcore.engine.recovery import Recovery
from erpcore.settings import WorkerSettings
from erpcore.store import Store, delete_older, get_run, open_store
from erpcore.store.schema import inbox, inbox_runs, records, runs, story

LONGEST_LOCK, LONGEST_SWEEP = 0.5, 0.010
DEARER, LARGEST = 1.1, 5_000
HERE = Path(__file__).resolve().parent.parent
_AT_ONCE = 5_000
_MIXED = 96
"""Deals of which those are copies that make a full store: the first twenty make an article each, the rest know them."""


def no_flow(sync: str, kind: str) -> Flow:
    """Nothing is carried out here."""
    raise AssertionError(f"{kind} of {sync}")


def fill(store: Store, count: int, ended: datetime) -> None:
    """Put runs in that came to their end."""
    same = {"sync": "s", "record_kind": "deal"}
    for start in range(1, count + 1, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, count + 1))
        run = {**same, "source": "crm", "target": "erp", "generation": 1, "state": "done", "queued_at": ended}
        event = {"source": "crm", "kind": "deal_won", "record_kind": "deal", "received_at": ended}
        stands = {**same, "state": "done", "since": ended, "changed_at": ended}
        with store.begin() as connection:
            connection.execute(
                sa.insert(runs), [{**run, "id": n, "record_id": str(n), "finished_at": ended} for n in numbers]
            )
            connection.execute(
                sa.insert(inbox), [{**event, "id": n, "record_id": str(n), "event_key": str(n)} for n in numbers]
            )
            connection.execute(sa.insert(inbox_runs), [{"event_id": n, "run_id": n} for n in numbers])
            connection.execute(sa.insert(records), [{**stands, "record_id": str(n), "run_id": n} for n in numbers])
            lines = [
                {"run_id": n, "at": ended, "kind": "step", "text": f"line {line}"} for n in numbers for line in range(5)
            ]
            connection.execute(sa.insert(story), lines)


def fill_engine(store: Store, queue: RunQueue, count: int) -> None:
    """Have the engine remember as many attempts that ended."""
    with store.begin() as connection:
        run = get_run(connection, 1)
        queue.enqueue(connection, run, attempt=1)
    queue.drop(run)
    multiply_attempts(store.engine, count - 1)


@contextmanager
def another_writer(store: Store) -> Iterator[list[float]]:
    """Have another thread write all the time; how long it waited each time."""
    waited, over = list[float](), threading.Event()

    def write() -> None:
        while not over.wait(0.005):
            begun = time.monotonic()
            with store.begin():
                waited.append(time.monotonic() - begun)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield waited
    finally:
        over.set()
        thread.join()


def deals(finished: int, times: int, count: int) -> bool:
    """Measure won deals in an empty store and in a full one, in turn; print, and tell whether both bounds are kept."""
    found: dict[int, list[Figures]] = {0: [], finished: []}
    for _ in range(times):
        for number, figures in found.items():
            figures.append(measured(HERE, "deals", count, warm_up=20, finished=number))
    # The least of each: what else runs on the machine makes a deal dearer, never cheaper.
    empty, full = (min(1000 * each["cpu"] / each["runs"] for each in found[key]) for key in found)
    dear = min(each["bytes_per_run"] for each in found[finished])
    takes = measured(HERE, "known", 4, warm_up=_MIXED, finished=finished)["bytes_per_run"]
    sys.stdout.write(
        f"a won deal takes {empty:.0f} ms of CPU in an empty store and {full:.0f} ms, x {full / empty:.2f}, beside "
        f"{finished} finished ones; a finished one keeps {takes / 1000:.1f} KB when every second customer is known, "
        f"and {dear / 1000:.1f} KB when each needs a new customer and a new article\n"
    )
    return bool(full <= DEARER * empty and takes <= LARGEST)


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--deals", type=int, default=40, help="won deals of each measurement (default 40)")
    parser.add_argument("--times", type=int, default=3, help="how often each is measured (default 3)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="erpcore-bench-", ignore_cleanup_errors=True) as name:
        store = open_store(f"sqlite:///{Path(name) / 'erpcore.db'}")
        queue = RunQueue(store, lanes=8)
        queue.make_tables()
        fill(store, asked.runs, datetime.now(UTC) - timedelta(days=100))
        fill_engine(store, queue, asked.runs)
        with store.begin() as connection:  # a feed that is read today
            newest = {"source": "crm", "event_key": "today", "kind": "deal_won", "record_kind": "deal"}
            connection.execute(sa.insert(inbox).values(**newest, record_id="today", received_at=datetime.now(UTC)))
        settings = WorkerSettings()
        attempts = Attempts(store, queue, no_flow, settings, "w")
        recovery = Recovery(store, queue, attempts, settings, "w")
        recovery.sweep()
        sweeps = []
        for _ in range(20):
            begun = time.process_time()
            recovery.sweep()
            sweeps.append(time.process_time() - begun)
        begun = time.monotonic()
        with another_writer(store) as waited:
            forgotten = queue.delete_finished(datetime.now(UTC) + timedelta(days=1))
            deleted = delete_older(store, keep=timedelta(days=90))
        took = time.monotonic() - begun
        queue.close()
        store.close()
    sweep, lock = sorted(sweeps)[len(sweeps) // 2], max(waited)
    sys.stdout.write(
        f"{asked.runs} finished runs: a sweep takes {1000 * sweep:.1f} ms of CPU; retention takes {took:.1f} s for "
        f"{deleted.events} events, {deleted.story_lines} lines and {forgotten} attempts, and others waited {lock:.3f} "
        "s at most to write\n"
    )
    kept = deals(asked.runs, asked.times, asked.deals)
    return int(lock > LONGEST_LOCK or sweep > LONGEST_SWEEP or not kept)


if __name__ == "__main__":
    sys.exit(main())
