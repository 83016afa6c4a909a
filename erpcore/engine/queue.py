"""The durable engine as the rest of erpcore sees it: put a run in, send it again, see what is there.

Every workflow is one attempt at one run; its id is our own (``sync:kind:record:generation:attempt``), so that the same
attempt enqueued twice is one. With `erpcore.engine.runtime` the only module that knows DBOS.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus

from erpcore.errors import ErpcoreError
from erpcore.store.database import Store
from erpcore.store.runs import Run, get_run, note_attempt, reopen_run

APPLICATION = "erpcore"
QUEUE = "erpcore-runs"
WORKFLOW = "handle_run"

APPLICATION_VERSION = "2"
"""Goes up by hand when the names or the order of a workflow's steps change; a test holds it. Work that an older version
left in the middle is then begun anew under this one (`erpcore.engine.recovery`)."""

_UNFINISHED = ["PENDING", "ENQUEUED", "DELAYED"]
_BROKEN = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED"]
_FINISHED = ["SUCCESS", *_BROKEN]
_DELETED_AT_ONCE = 500


@dataclass(frozen=True)
class Attempt:
    """One attempt at a run, as the durable engine knows it.

    Attributes:
        workflow_id: Its id.
        run_id: Number of the run.
        number: Which attempt, from 1.
        carried: What it was given by the attempt before.
        status: The engine's word for its state.
        executor_id: The worker that has it or had it.
        version: The version that began it; None before it is begun.
    """

    workflow_id: str
    run_id: int
    number: int
    carried: Mapping[str, Any]
    status: str
    executor_id: str | None
    version: str | None


class RunQueue:
    """The queue of runs.

    One queue for everything. Its partitions are lanes: each ERP connection has a few, a record always goes the same
    one, and a lane handles one run at a time. So one connection cannot crowd out another, records of one connection go
    side by side (with one at a time, the vendor's budget could not be used up when answers take long), and
    ``partition_concurrency`` stays 1: the setting that is cheap with thousands of partitions, and the only one that
    held when two processes were started on one SQLite file.

    Args:
        store: The store. The engine's tables are in the same database, so that an event and its work commit together.
        erp_of_sync: Name of the ERP connection of each sync.
        lanes: Runs that are handled at the same time towards one ERP connection.
    """

    def __init__(self, store: Store, *, erp_of_sync: Mapping[str, str], lanes: int) -> None:
        self._store = store
        self._erp_of_sync = erp_of_sync
        self._lanes = lanes
        self.client = DBOSClient(
            system_database_engine=store.engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
        )

    def make_tables(self) -> None:
        """Make the engine's tables, or bring them up to date. Safe to call from several processes at once."""
        # The public entry takes an address and opens the database by itself; on SQLite that would be without the
        # function that old libraries lack. So the same call on our own engine.
        self.client._sys_db.run_migrations()

    def register(self, *, at_once: int, poll_seconds: float) -> None:
        """Write the queue's settings down. Before a runtime starts: one that starts first looks again only later.

        Args:
            at_once: Runs that one worker handles at the same time.
            poll_seconds: Seconds between two looks into the queue. The engine's own second would cap the throughput.
        """
        self.client.register_queue(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=at_once,
            polling_interval_sec=poll_seconds,
            on_conflict="always_update",
        )

    def enqueue(
        self,
        connection: sa.Connection,
        run: Run,
        *,
        attempt: int = 1,
        carried: Mapping[str, Any] | None = None,
        delay_seconds: float = 0.0,
    ) -> str:
        """Put an attempt at a run into the queue, inside the caller's transaction. Doing it twice changes nothing.

        Args:
            connection: Of a writing transaction of the store.
            run: The run.
            attempt: Which attempt, from 1.
            carried: What this attempt shall know of the ones before (JSON values).
            delay_seconds: How long it must wait.

        Returns:
            The workflow's id.
        """
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": f"{_prefix(run)}{attempt}",
            "queue_partition_key": self.lane(run),
        }
        if delay_seconds > 0:
            options["delay_seconds"] = delay_seconds
        self.client.enqueue_in_transaction(connection, options, run.id, attempt, dict(carried or {}))
        note_attempt(connection, run.id, attempt)
        return options["workflow_id"]

    def lane(self, run: Run) -> str:
        """Give the partition that a run goes: always the same for one record."""
        erp = self._erp_of_sync.get(run.sync, run.sync)
        return f"{erp}:{zlib.crc32(f'{run.record_kind}:{run.record_id}'.encode()) % self._lanes}"

    def retry(self, run_id: int) -> str:
        """Send a run again: one that failed or is uncertain, or at once one that waits.

        It is a new attempt, which reads everything anew: a person has mended something, so steps that are done must
        not be replayed. (The engine's own ``resume`` silently does nothing for failed work, and its ``rewind`` replays
        what was done.)

        Args:
            run_id: Number of the run.

        Returns:
            The workflow's id.

        Raises:
            ErpcoreError: It did not fail, a newer run of the record is there, or there is no such run.
        """
        with self._store.read() as connection:
            run = get_run(connection, run_id)
        known = self.attempts(run)
        if run.state == "waiting":
            waiting = [attempt for attempt in known if attempt.status == "DELAYED"]
            for attempt in waiting:
                self.client.set_workflow_delay(attempt.workflow_id, delay_seconds=0)
            if waiting:
                return waiting[-1].workflow_id
            raise ErpcoreError(
                "it is being taken up again at this moment.", record=f"{run.record_kind} {run.record_id}"
            )
        with self._store.begin() as connection:
            return self.send_again(connection, run_id, known)

    def send_again(self, connection: sa.Connection, run_id: int, known: Sequence[Attempt]) -> str:
        """Send a run that failed or is uncertain again, inside the caller's transaction.

        Args:
            connection: Of a writing transaction of the store.
            run_id: Number of the run.
            known: Its attempts (`attempts`), read before the transaction.

        Returns:
            The workflow's id.

        Raises:
            ErpcoreError: As for `retry`.
        """
        run = reopen_run(connection, run_id)
        # The run's own number, read in this transaction, is the truth; what the engine remembered a moment ago matters
        # only for runs from before the store kept the number.
        newest = max([run.attempt, *(attempt.number for attempt in known)])
        return self.enqueue(connection, run, attempt=newest + 1)

    def attempts(self, run: Run) -> list[Attempt]:
        """List the attempts at a run that the engine remembers, the first one first."""
        return sorted(self._list(workflow_id_prefix=_prefix(run)), key=lambda attempt: attempt.number)

    def unfinished(self, executor_id: str | None = None) -> list[Attempt]:
        """List the attempts in the queue and at work.

        Args:
            executor_id: Only those at work with this worker.
        """
        if executor_id is None:
            return self._list(status=_UNFINISHED)
        return self._list(status=["PENDING"], executor_id=executor_id)

    def broken(self, limit: int = 200) -> list[Attempt]:
        """List the newest attempts that the engine itself gave up, such as one that killed its process repeatedly."""
        return self._list(status=_BROKEN, limit=limit, sort_desc=True)

    def hand_over(self, attempts: Sequence[Attempt]) -> None:
        """Put attempts of a dead worker back into the queue; finished ones are left alone."""
        if attempts:
            self.client.resume_workflows([attempt.workflow_id for attempt in attempts], queue_name=QUEUE)

    def cancel(self, attempt: Attempt) -> None:
        """End an attempt; a worker that has it in hand stops before its next step."""
        self.client.cancel_workflow(attempt.workflow_id)

    def delete_finished(self, before: datetime) -> int:
        """Delete what the engine remembers of attempts that ended before a moment.

        Args:
            before: Aware.

        Returns:
            How many.
        """
        count = 0
        while True:
            old = self.client.list_workflows(
                status=_FINISHED,
                completed_before=before.isoformat(),
                application_name=APPLICATION,
                limit=_DELETED_AT_ONCE,
                load_input=False,
                load_output=False,
            )
            if not old:
                return count
            self.client.delete_workflows([workflow.workflow_id for workflow in old])
            count += len(old)

    def close(self) -> None:
        """Let go of what the client holds; the store's own engine stays open."""
        self.client.destroy()

    def _list(self, **filters: Any) -> list[Attempt]:
        found = self.client.list_workflows(name=WORKFLOW, application_name=APPLICATION, load_output=False, **filters)
        return [_attempt(workflow) for workflow in found]


def _attempt(workflow: WorkflowStatus) -> Attempt:
    given: Any = workflow.input
    run_id, number, carried = given["args"]
    return Attempt(
        workflow_id=workflow.workflow_id,
        run_id=run_id,
        number=number,
        carried=carried,
        status=workflow.status,
        executor_id=workflow.executor_id,
        version=workflow.app_version,
    )


def _prefix(run: Run) -> str:
    record = quote(run.record_id, safe="")  # a colon in a record's id must not look like ours
    return f"{run.sync}:{run.record_kind}:{record}:{run.generation}:"
