"""The queue of runs, on DBOS: put an attempt in, send a run again, and see what a dead worker had in hand.

Every workflow is one attempt at one run; its id is our own (``sync:kind:record:generation:attempt``), so that the same
attempt enqueued twice is one. A workflow keeps no results of steps. With `erpcore.engine.runtime` the only module that
knows DBOS.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus

from erpcore.engine.bell import Bell
from erpcore.engine.quiet import IDLE_SECONDS, SHARED_IDLE_SECONDS, Quiet
from erpcore.errors import ErpcoreError
from erpcore.store import Portions, Run, Store, get_run, note_attempt, open_attempts, reopen_run

APPLICATION = "erpcore"
QUEUE = "erpcore-runs"
WORKFLOW = "handle_run"

_FINISHED = ["SUCCESS", "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED"]


class RunQueue:
    """The queue of runs.

    One queue for everything. Its partitions are lanes: each target connection has a few, a record always goes the same
    one, and a lane handles one run at a time. So one connection cannot crowd out another, records of one connection go
    side by side (with one at a time, the vendor's budget could not be used up when answers take long), and
    ``partition_concurrency`` stays 1: the setting that is cheap with thousands of partitions, and the only one that
    held when two processes were started on one SQLite file.

    Args:
        store: The store. The queue's tables are in the same database, so that an event and its work commit together.
        lanes: Runs that are handled at the same time towards one target connection.

    Attributes:
        quiet: Is rung when something is put in.
        bell: Tells other processes of it.
    """

    def __init__(self, store: Store, *, lanes: int) -> None:
        self._store = store
        self._lanes = lanes
        self.quiet = Quiet(longest=IDLE_SECONDS if store.is_sqlite else SHARED_IDLE_SECONDS)
        self.bell = Bell(store)
        self.client = DBOSClient(
            system_database_engine=store.engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
        )

    def make_tables(self) -> None:
        """Make the queue's tables, or bring them up to date. Safe to call from several processes at once."""
        DBOS.migrate(self._store.engine.url.render_as_string(hide_password=False))

    def register(self, *, at_once: int, poll_seconds: float) -> None:
        """Write the queue's settings down. Before a runtime starts: one that starts first looks again only later.

        Args:
            at_once: Runs that one worker handles at the same time.
            poll_seconds: Seconds between two looks into the queue. DBOS' own second would cap the throughput.
        """
        self.client.register_queue(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=at_once,
            polling_interval_sec=poll_seconds,
            on_conflict="always_update",
        )

    def enqueue(self, connection: sa.Connection, run: Run, *, attempt: int, delay_seconds: float = 0.0) -> None:
        """Put an attempt at a run into the queue, inside the caller's transaction. Doing it twice changes nothing.

        Args:
            connection: Of a writing transaction of the store.
            run: The run.
            attempt: Which attempt, from 1.
            delay_seconds: How long it must wait.
        """
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": _workflow_id(run, attempt),
            "queue_partition_key": self.lane(run),
        }
        if delay_seconds > 0:
            options["delay_seconds"] = delay_seconds
        self.client.enqueue_in_transaction(connection, options, run.id, attempt)
        self.quiet.ring(delay_seconds)
        self.bell.tell(connection, delay_seconds)
        if attempt > run.attempt:
            note_attempt(connection, run.id, attempt)

    def drop(self, run: Run) -> None:
        """Take out the newest attempt at a run that has ended. One that is in hand already finds that it has.

        Args:
            run: The run.
        """
        self.client.cancel_workflow(_workflow_id(run, run.attempt))

    def lane(self, run: Run) -> str:
        """Give the partition that a run goes: always the same for one record."""
        number = zlib.crc32(f"{run.record_kind}:{run.record_id}".encode()) % self._lanes
        return f"{run.target or run.sync}:{number}"

    def retry(self, run_id: int) -> None:
        """Send a run again: one that failed or is uncertain, or at once one that waits.

        Args:
            run_id: Number of the run.

        Raises:
            ErpcoreError: It did not fail, a newer run of the record is there, or there is no such run.
        """
        with self._store.read() as connection:
            run = get_run(connection, run_id)
        if run.state != "waiting":
            with self._store.begin() as connection:
                self.send_again(connection, run_id)
            return
        waiting = self.client.list_workflows(workflow_ids=[_workflow_id(run, run.attempt)], status=["DELAYED"])
        if not waiting:
            raise ErpcoreError("it is being taken up again at this moment.", record=run.record)
        self.client.set_workflow_delay(waiting[0].workflow_id, delay_seconds=0)
        self.quiet.ring()
        with self._store.begin() as connection:
            self.bell.tell(connection, 0.0)

    def send_again(self, connection: sa.Connection, run_id: int) -> None:
        """Send a run that failed or is uncertain again, inside the caller's transaction.

        Args:
            connection: Of a writing transaction of the store.
            run_id: Number of the run.

        Raises:
            ErpcoreError: As for `retry`.
        """
        run = reopen_run(connection, run_id)
        self.enqueue(connection, run, attempt=run.attempt + 1)

    def hand_over(self, executor_id: str) -> int:
        """Put back what a dead worker had in hand.

        Args:
            executor_id: The worker.

        Returns:
            How many attempts.
        """
        found = self.client.list_workflows(
            name=WORKFLOW,
            application_name=APPLICATION,
            status=["PENDING"],
            executor_id=executor_id,
            load_input=False,
            load_output=False,
        )
        if found:
            self.client.resume_workflows([workflow.workflow_id for workflow in found], queue_name=QUEUE)
            self.quiet.ring()
        return len(found)

    def dropped(self, runs: Sequence[Run]) -> list[Run]:
        """Tell which of some open runs DBOS does not carry any more, such as one whose work somebody has cancelled.

        Args:
            runs: Open runs.
        """
        if not runs:
            return []  # asked for none of them, DBOS gives all that ever ended
        ids = {_workflow_id(run, run.attempt): run for run in runs}
        found = self.client.list_workflows(
            workflow_ids=list(ids), status=_FINISHED, load_input=False, load_output=False
        )
        return [ids[workflow.workflow_id] for workflow in found]

    def delete_finished(self, before: datetime, may_go_on: Callable[[], bool] = lambda: True) -> int:
        """Delete what DBOS remembers of attempts that ended before a moment, unless their run is open: see `dropped`.

        Args:
            before: Aware.
            may_go_on: Asked before each portion; what is left then goes another time.

        Returns:
            How many.
        """
        count, kept, portions = 0, 0, Portions(self._store.clock)
        while may_go_on():
            old = self.client.list_workflows(
                status=_FINISHED,
                completed_before=before.isoformat(),
                application_name=APPLICATION,
                limit=portions.size,
                offset=kept,
                load_output=False,
            )
            if not old:
                break
            gone = self._of_ended_runs(old)
            with portions.one():
                self.client.delete_workflows(gone)
            count, kept = count + len(gone), kept + len(old) - len(gone)
        return count

    def _of_ended_runs(self, workflows: Sequence[WorkflowStatus]) -> list[str]:
        """Give the ids of those workflows that are not the newest attempt at a run that is open."""
        attempts = {each.workflow_id: arguments(each.input["args"]) for each in workflows if each.input is not None}
        with self._store.read() as connection:
            newest = open_attempts(connection, [run_id for run_id, _ in attempts.values()])
        return [each.workflow_id for each in workflows if attempts.get(each.workflow_id) not in newest]

    def close(self) -> None:
        """Let go of what the client holds; the store's own engine stays open."""
        self.client.destroy()


def _workflow_id(run: Run, attempt: int) -> str:
    record = quote(run.record_id, safe="")  # a colon in a record's id must not look like ours
    return f"{run.sync}:{run.record_kind}:{record}:{run.generation}:{attempt}"


def arguments(given: Sequence[Any]) -> tuple[int, int]:
    """Read what a workflow was given: number of the run, and which attempt.

    Work that was enqueued before attempts kept nothing carries a third value, which is not needed any more.
    """
    run_id, attempt, *_ = given
    return run_id, attempt
