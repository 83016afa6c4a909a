"""Runs: one run is one handling of one record of a source by one sync. How they live is in `erpcore.store.attempts`.

At most one run of a record is open. Its generation is part of the name of the work in the queue, so that an event
delivered twice starts one piece of work. An event that comes while the run is at work (it may have read the record
already) waits in the inbox, and `finish_run` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from erpcore.errors import Cause, ErpcoreError
from erpcore.problem import Problem
from erpcore.store.rows import find
from erpcore.store.schema import runs

RunState = Literal["queued", "running", "done", "failed", "waiting", "uncertain", "nothing"]
FinalState = Literal["done", "failed", "uncertain", "nothing"]

OPEN_STATES: tuple[RunState, ...] = ("queued", "running", "waiting")
"""States of a run that has not come to its end; the unique index `uq_erpcore_runs_open` says the same."""


@dataclass(frozen=True)
class Run:
    """One run. Times are aware, in UTC.

    Args:
        id: Our own number of it.
        sync: Name of the sync.
        source: Name of the connection that the record is read from.
        target: Name of the connection that is written to; None on runs of old, from before it was kept.
        record_kind: Such as ``deal``.
        record_id: Its id in the source.
        generation: 1 for the first run of the record in this sync.
        state: ``queued``, ``running``, ``waiting`` (until `resume_at`) are open; ``nothing``: there was nothing to do.
        queued_at: When it was opened.
        started_at: When work on it began.
        finished_at: When it came to its end.
        resume_at: When a waiting one goes on.
        summary: What became of it, in a line.
        cause: What an uncertain one asks a person.
        problem: Why it failed or is uncertain, or what the last attempt met.
        reason: Why its newest plan is what it is.
        planned_at: When that plan was made.
        plan: The plan that was carried out, in words.
        requests: Requests sent by all attempts, by connection.
        attempt: Number of the newest attempt that was enqueued, from 1.
        token: Goes up with each taking; what an older one writes is refused.
        takings: How often the newest attempt was taken.
        taken_by: The worker that took it last.
        taken_at: When; what is read after this is newer than anything that was written before.
        waiting_since: When the first attempt in a row ended in waiting.
        outages: How many attempts in a row ended in an outage.
        marked: Whether it has put the record in process in the source.
        failure_told: Whether the source was told that it failed, or may have been.
    """

    id: int
    sync: str
    source: str
    target: str | None
    record_kind: str
    record_id: str
    generation: int
    state: RunState
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    resume_at: datetime | None
    summary: str | None
    cause: Cause | None
    problem: Problem | None
    reason: str | None
    planned_at: datetime | None
    plan: Any
    requests: Any
    attempt: int
    token: int
    takings: int
    taken_by: str | None
    taken_at: datetime | None
    waiting_since: datetime | None
    outages: int
    marked: bool
    failure_told: bool

    @property
    def record(self) -> str:
        """The record as the ledger and errors name it, such as ``deal 4711``."""
        return f"{self.record_kind} {self.record_id}"

    @property
    def is_first(self) -> bool:
        """Whether this taking is the first that the store knows of the record: no earlier one has left a word."""
        return self.generation == 1 and self.token == 1

    @property
    def correlation_id(self) -> str:
        """What its calls, log lines and requests are known by."""
        return f"{self.sync}:{self.record_kind}:{self.record_id}:{self.generation}"

    @property
    def error_class(self) -> str | None:
        """Name of the class of the error that ended it."""
        return None if self.problem is None else self.problem.error_class

    @property
    def error_text(self) -> str | None:
        """Why it failed or is uncertain, in words."""
        return None if self.problem is None else self.problem.text

    @property
    def advice(self) -> str | None:
        """What a person can do about that."""
        return None if self.problem is None else self.problem.advice


_SAME = (
    runs.c.sync == sa.bindparam("the_sync"),
    runs.c.record_kind == sa.bindparam("the_kind"),
    runs.c.record_id == sa.bindparam("the_id"),
)
_LATEST = sa.select(runs).where(*_SAME).order_by(runs.c.generation.desc()).limit(1)
_REASONS = sa.select(runs.c.reason).where(*_SAME, runs.c.reason.is_not(None)).order_by(runs.c.id)
_REASONS_SINCE = _REASONS.where(runs.c.planned_at > sa.bindparam("since"))


def get_run(connection: sa.Connection, run_id: int, *, lock: bool = False) -> Run:
    """The run of a number.

    Args:
        connection: Of a transaction.
        run_id: `Run.id`.
        lock: Let nobody else change it until the transaction, a writing one, ends.

    Raises:
        ErpcoreError: There is none.
    """
    row = find(connection, runs, {"id": run_id}, lock=lock).one_or_none()
    if row is None:
        raise ErpcoreError(f"there is no run {run_id}.", advice="Look at: erpcore status")
    return run_of(row)


def latest_run(connection: sa.Connection, *, sync: str, record_kind: str, record_id: str) -> Run | None:
    """The newest run of a record, or None when there never was one."""
    same = {"the_sync": sync, "the_kind": record_kind, "the_id": record_id}
    row = connection.execute(_LATEST, same).one_or_none()
    return None if row is None else run_of(row)


def list_runs(connection: sa.Connection, *, states: Sequence[RunState] | None = None, limit: int = 100) -> list[Run]:
    """Runs, newest first.

    Args:
        connection: Of a transaction.
        states: Only in these states.
        limit: At most so many.
    """
    statement = sa.select(runs).order_by(runs.c.id.desc()).limit(limit)
    if states is not None:
        statement = statement.where(runs.c.state.in_(states))
    return [run_of(row) for row in connection.execute(statement).all()]


def reasons_of(
    connection: sa.Connection, *, sync: str, record_kind: str, record_id: str, since: datetime | None = None
) -> list[str]:
    """Why the newest plan of each run of a record was what it was, oldest first.

    Args:
        connection: Of a transaction.
        sync: Name of the sync.
        record_kind: What the record is.
        record_id: Its id in the source.
        since: Only plans that were made later, aware.
    """
    same: dict[str, Any] = {"the_sync": sync, "the_kind": record_kind, "the_id": record_id}
    if since is None:
        return list(connection.execute(_REASONS, same).scalars())
    return list(connection.execute(_REASONS_SINCE, {**same, "since": since}).scalars())


def summaries_of(connection: sa.Connection, run_ids: Sequence[int]) -> dict[int, str]:
    """What runs came to, in a line each, by their number; those that have come to nothing yet are left out."""
    statement = sa.select(runs.c.id, runs.c.summary).where(runs.c.id.in_(run_ids), runs.c.summary.is_not(None))
    return {row.id: row.summary for row in connection.execute(statement).all()}


def open_attempts(connection: sa.Connection, run_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Give those of some runs that are open, each with the number of its newest attempt; a few hundred at once."""
    found = sa.select(runs.c.id, runs.c.attempt).where(runs.c.id.in_(run_ids), runs.c.state.in_(OPEN_STATES))
    return {(row.id, row.attempt) for row in connection.execute(found).all()}


def has_newer_run(states: Sequence[RunState] | None = None) -> sa.ColumnElement[bool]:
    """Condition on `runs`: the record has a later run in the same sync.

    Args:
        states: Only a later run in one of these states counts; any one when None.
    """
    newer = runs.alias("newer")
    found = sa.exists().where(
        newer.c.sync == runs.c.sync,
        newer.c.record_kind == runs.c.record_kind,
        newer.c.record_id == runs.c.record_id,
        newer.c.generation > runs.c.generation,
    )
    return found if states is None else found.where(newer.c.state.in_(states))


def run_of(row: sa.Row[Any]) -> Run:
    """Give the run that a row of `runs` is."""
    return run_of_values(dict(row._mapping))


def run_of_values(values: dict[str, Any]) -> Run:
    """Give the run that the values of a row of `runs` are."""
    problem = values.pop("problem")
    return Run(**values, problem=None if problem is None else Problem.model_validate(problem))
