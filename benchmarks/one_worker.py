"""The measured process of `runs_per_second`: one worker that works runs off, counting what it asks of its store.

Uses only what erpcore has had for long, so that another checkout's interpreter can run this same file.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from scene import Control

import erpcore.worker
from erpcore.engine.assembly import Assembly
from erpcore.engine.worker import Worker
from erpcore.models import CrmEvent
from erpcore.settings import load_settings
from erpcore.worker import open_worker_store

CRM = "lime_go"
LONGEST = 300.0
EMPTY_STEPS = 3


class EmptySteps:
    """A flow whose steps do nothing, for the engine of this checkout and for one that keeps each step's result."""

    def carry_out(self, run: Any, **_given: Any) -> Any:
        """Carry out an attempt."""
        return SimpleNamespace(state="done", summary="nothing", plan={"steps": ["empty"] * EMPTY_STEPS}, customers=())

    def read_crm(self, run_id: int) -> Mapping[str, Any]:
        """Read the record, as the step of that name."""
        return {"run": run_id}

    def make_plan(self, run_id: int, crm: Any) -> Mapping[str, Any]:
        """Plan, as the step of that name."""
        return {"steps": [{"step": f"empty_{number}"} for number in range(EMPTY_STEPS)], "of": crm}

    def do_step(self, run_id: int, plan: Any, index: int, results: Sequence[Any]) -> Mapping[str, Any]:
        """Do one step of the plan."""
        return {"number": index}

    def finish(self, run_id: int, plan: Any, results: Sequence[Any]) -> Mapping[str, Any]:
        """Say how it ended."""
        return {"state": "done", "summary": f"{len(results)} steps"}

    def tell_failure(self, run: Any, message: str) -> None:
        """Tell of a failure; there is none."""
        raise AssertionError(message)


class Counted:
    """Counts the statements and commits of a store, but for those of this thread.

    Args:
        engine: The store's.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.counts = Counter[str]()
        self.statements = Counter[str]()
        self._lock = threading.Lock()
        self._not_this = threading.get_ident()
        sa.event.listen(engine, "before_cursor_execute", self._statement)
        sa.event.listen(engine, "commit", self._commit)

    def _statement(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self._count("statements")
        if threading.get_ident() != self._not_this:
            with self._lock:
                self.statements[" ".join(statement.split())] += 1

    def _commit(self, _connection: Any) -> None:
        self._count("commits")

    def _count(self, what: str) -> None:
        if threading.get_ident() != self._not_this:
            with self._lock:
                self.counts[what] += 1

    def clear(self) -> None:
        """Begin anew."""
        with self._lock:
            self.counts.clear()
            self.statements.clear()


@contextmanager
def at_work(worker: Worker) -> Iterator[None]:
    """Have a worker work in a thread while the block runs."""
    ready, failed = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            worker.run(ready.set)
        except BaseException as error:
            failed.append(error)
            ready.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        ready.wait(LONGEST)
        if failed:
            raise failed[0]
        yield
    finally:
        worker.stop()
        thread.join()


def win_all(lime: Control) -> list[str]:
    """Win every deal in Lime Go; give their keys."""
    deals = [deal["number"] for deal in lime.ask("GET", "state")["records"]["deals"]]
    for number in deals:
        lime.ask("POST", "win_deal", {"deal_id": number})
    return [str(number) for number in deals]


def worked_off(worker: Worker, deals: Sequence[str], open_runs: Callable[[], int]) -> tuple[float, float]:
    """Tell of won deals and wait until nothing is open; give wall and processor seconds."""
    events = [CrmEvent(key=f"{deal} is won", kind="deal_won", record_id=deal) for deal in deals]
    taken = worker.intake.take_in(CRM, events)
    begun, cpu = time.monotonic(), time.process_time()
    assert taken.runs == len(deals), f"{taken} of {len(deals)} deals"
    while open_runs():
        if time.monotonic() > begun + LONGEST:
            raise TimeoutError(f"not at an end after {LONGEST:.0f} s")
        time.sleep(0.05)
    return time.monotonic() - begun, time.process_time() - cpu


def filled(engine: sa.Engine, runs: int, like: int) -> float:
    """Put finished runs in, which are copies of so many that there are; give the bytes that one takes."""
    from finished import multiply, size

    before, copies = size(engine), max(1, runs // like)
    multiply(engine, copies)
    return (size(engine) - before) / (copies * like)


def main() -> int:
    """Measure, and print the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings", type=Path)
    parser.add_argument("lime_go", help="address of the simulator")
    parser.add_argument("--empty", type=int, help="so many runs with steps that do nothing, instead of real deals")
    parser.add_argument(
        "--finished", type=int, default=0, help="so many finished runs in the store before it is measured"
    )
    parser.add_argument("--warm-up", type=int, required=True, help="of them that go before what is measured")
    asked = parser.parse_args()
    settings = load_settings(asked.settings)
    store, lime = open_worker_store(settings), Control(asked.lime_go)
    if asked.empty:
        empty: Any = EmptySteps()
        Assembly._make_flow = lambda *_: empty  # type: ignore[method-assign]  # what is measured is all around it
    worker = Worker(settings, store, executor_id="measured")
    nothing: Any = SimpleNamespace(new=0, known=0, runs=0, later=0)
    worker.poll_feeds = lambda **_: nothing  # type: ignore[method-assign]  # no runs but ours
    counted = Counted(store.engine)
    runs = sa.table("erpcore_runs", sa.column("state"), sa.column("summary"))

    def open_runs() -> int:
        with store.read() as connection:
            is_open = runs.c.state.in_(("queued", "running", "waiting"))
            return int(connection.execute(sa.select(sa.func.count()).select_from(runs).where(is_open)).scalar_one())

    deals = [str(number) for number in range(asked.empty)] if asked.empty else win_all(lime)
    with at_work(worker):
        worked_off(worker, deals[: asked.warm_up], open_runs)
        bytes_per_run = filled(store.engine, asked.finished, asked.warm_up) if asked.finished else None
        getattr(erpcore.worker, "settle", list)()  # as a real worker does once it is ready; an older one does not
        counted.clear()
        wall, cpu = worked_off(worker, deals[asked.warm_up :], open_runs)
        counts, statements = dict(counted.counts), counted.statements.most_common(100)
    with store.read() as connection:
        others = connection.execute(sa.select(runs).where(runs.c.state != "done").limit(3)).all()
    store.close()
    assert not others, f"not done: {others}"
    runs_measured = len(deals) - asked.warm_up
    found = {"erpcore": erpcore.__file__, "runs": runs_measured, "wall": wall, "cpu": cpu, **counts}
    found |= {"by_statement": statements, "bytes_per_run": bytes_per_run}
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
