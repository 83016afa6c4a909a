"""Runs: one run is one handling of one CRM record by one sync.

At most one run of a record is open. Its generation is part of the name of the work in the durable engine, so that an
event delivered twice starts one piece of work. An event that comes while the run is at work (it may have read the
record already) waits in the inbox, and `finish_run` says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from erpcore.errors import ErpcoreError
from erpcore.store.clock import moment
from erpcore.store.inbox import assign_waiting_events, events_waiting
from erpcore.store.rows import insert_if_new
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
        connection: Name of the CRM connection that the record is in.
        record_kind: Such as ``deal``.
        record_id: Its id in the CRM.
        generation: 1 for the first run of the record in this sync.
        state: ``queued``, ``running``, ``waiting`` (until `resume_at`) are open; ``nothing``: there was nothing to do.
        queued_at: When it was opened.
        started_at: When work on it began.
        finished_at: When it came to its end.
        resume_at: When a waiting one goes on.
        summary: What became of it, in a line.
        error_class: Name of the error's class.
        error_text: The error in words.
        advice: What a person can do.
        plan: The plan that was carried out.
        requests: Requests sent, by connection.
        attempt: Number of the newest attempt that was enqueued, from 1.
    """

    id: int
    sync: str
    connection: str
    record_kind: str
    record_id: str
    generation: int
    state: RunState
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    resume_at: datetime | None
    summary: str | None
    error_class: str | None
    error_text: str | None
    advice: str | None
    plan: Any
    requests: Any
    attempt: int


def open_run(
    connection: sa.Connection, *, sync: str, crm_connection: str, record_kind: str, record_id: str
) -> tuple[Run, bool]:
    """The open run of a record, or a new one with the next generation.

    The run stays locked until the caller's transaction ends, so that it cannot finish without seeing an event that
    this transaction has put into the inbox.

    Args:
        connection: Of a writing transaction (`Store.begin`).
        sync: Name of the sync.
        crm_connection: Name of the CRM connection.
        record_kind: Such as ``deal``.
        record_id: Its id in the CRM.

    Returns:
        The run, and whether it is new (then work must be enqueued for it).
    """
    key = {"sync": sync, "record_kind": record_kind, "record_id": record_id}
    same = [runs.c[name] == value for name, value in key.items()]
    newest = sa.select(sa.func.coalesce(sa.func.max(runs.c.generation), 0)).where(*same)
    while True:
        is_open = sa.select(runs).where(*same, runs.c.state.in_(OPEN_STATES)).with_for_update()
        row = connection.execute(is_open).one_or_none()
        if row is not None:
            return Run(**row._mapping), False
        values = {
            **key,
            "connection": crm_connection,
            "generation": connection.execute(newest).scalar_one() + 1,
            "state": "queued",
            "queued_at": moment(connection),
            "attempt": 1,
        }
        if insert_if_new(connection, runs, values):
            return Run(**connection.execute(is_open).one()._mapping), True
        # Another worker opened one at the same moment; on the next round it is there, or finished already.


def start_run(connection: sa.Connection, run_id: int) -> Run:
    """Work begins: the record is read from the CRM after this, which covers every event received so far.

    Args:
        connection: Of a writing transaction.
        run_id: `Run.id`. A run that is running already (work taken up after a crash) stays so.

    Raises:
        ErpcoreError: The run has come to its end.
    """
    started = sa.func.coalesce(runs.c.started_at, moment(connection))
    values = {"state": "running", "started_at": started, "resume_at": None}
    where = (runs.c.id == run_id, runs.c.state.in_(OPEN_STATES))
    changed = connection.execute(sa.update(runs).where(*where).values(**values)).rowcount
    run = get_run(connection, run_id)
    if changed != 1:
        raise _has_ended(run, "started")
    assign_waiting_events(
        connection,
        run_id=run.id,
        sync=run.sync,
        crm_connection=run.connection,
        record_kind=run.record_kind,
        record_id=run.record_id,
    )
    return run


def keep_waiting(connection: sa.Connection, run_id: int, *, resume_at: datetime, summary: str) -> Run:
    """The run cannot go on now (a system is out of reach, a fence must pass) and goes on later.

    Args:
        connection: Of a writing transaction.
        run_id: `Run.id`.
        resume_at: When, aware.
        summary: Why, in a line.

    Raises:
        ErpcoreError: The run has come to its end.
    """
    where = (runs.c.id == run_id, runs.c.state.in_(OPEN_STATES))
    values = {"state": "waiting", "resume_at": resume_at, "summary": summary}
    changed = connection.execute(sa.update(runs).where(*where).values(**values)).rowcount
    run = get_run(connection, run_id)
    if changed != 1:
        raise _has_ended(run, "kept waiting")
    return run


def finish_run(
    connection: sa.Connection,
    run_id: int,
    *,
    state: FinalState,
    summary: str,
    error: BaseException | None = None,
    plan: Mapping[str, Any] | Sequence[Any] | None = None,
    requests: Mapping[str, int] | None = None,
) -> bool:
    """The run comes to its end. Finishing it again in the same state changes nothing.

    Args:
        connection: Of a writing transaction.
        run_id: `Run.id`.
        state: How it ended.
        summary: What became of it, in a line.
        error: Why it failed or is uncertain; its advice is kept.
        plan: What was to be done (JSON values, Decimal).
        requests: Requests sent, by connection.

    Returns:
        Whether events came while it was at work and nobody has handled them: open the next run.

    Raises:
        ErpcoreError: It has ended in another state.
    """
    message = getattr(error, "message", str(error)) if error is not None else None
    values = {
        "state": state,
        "finished_at": moment(connection),
        "resume_at": None,
        "summary": summary,
        "error_class": type(error).__name__ if error is not None else None,
        "error_text": message,
        "advice": getattr(error, "advice", None),
        "plan": plan,
        "requests": requests,
    }
    where = (runs.c.id == run_id, runs.c.state.in_(OPEN_STATES))
    changed = connection.execute(sa.update(runs).where(*where).values(**values)).rowcount
    run = get_run(connection, run_id)
    if changed != 1 and run.state != state:
        raise _has_ended(run, f"finished as {state}")
    return events_waiting(
        connection,
        sync=run.sync,
        crm_connection=run.connection,
        record_kind=run.record_kind,
        record_id=run.record_id,
    )


def reopen_run(connection: sa.Connection, run_id: int) -> Run:
    """A person sends a failed or uncertain run again, under its own generation.

    Raises:
        ErpcoreError: It did not fail, or a newer run of the record is open.
    """
    run = get_run(connection, run_id)
    newer = latest_run(connection, sync=run.sync, record_kind=run.record_kind, record_id=run.record_id)
    if newer is not None and newer.id != run.id:
        raise ErpcoreError(
            f"run {run.generation} was followed by run {newer.generation}, which is {newer.state}.",
            record=f"{run.record_kind} {run.record_id}",
            advice="Send the newer one again.",
        )
    where = (runs.c.id == run_id, runs.c.state.in_(("failed", "uncertain")))
    values = {"state": "queued", "finished_at": None, "error_class": None, "error_text": None, "advice": None}
    if connection.execute(sa.update(runs).where(*where).values(**values)).rowcount != 1:
        raise _has_ended(get_run(connection, run_id), "sent again")
    return get_run(connection, run_id)


def note_attempt(connection: sa.Connection, run_id: int, attempt: int) -> None:
    """A new attempt at a run is enqueued: what an older one concludes no longer counts. A number never goes down."""
    older = (runs.c.id == run_id, runs.c.attempt < attempt)
    connection.execute(sa.update(runs).where(*older).values(attempt=attempt))


def get_run(connection: sa.Connection, run_id: int, *, lock: bool = False) -> Run:
    """The run of a number.

    Args:
        connection: Of a transaction.
        run_id: `Run.id`.
        lock: Let nobody else change it until the transaction, a writing one, ends.

    Raises:
        ErpcoreError: There is none.
    """
    statement = sa.select(runs).where(runs.c.id == run_id)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise ErpcoreError(f"there is no run {run_id}.", advice="Look at: erpcore status")
    return Run(**row._mapping)


def latest_run(connection: sa.Connection, *, sync: str, record_kind: str, record_id: str) -> Run | None:
    """The newest run of a record, or None when there never was one."""
    same = (runs.c.sync == sync, runs.c.record_kind == record_kind, runs.c.record_id == record_id)
    statement = sa.select(runs).where(*same).order_by(runs.c.generation.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return None if row is None else Run(**row._mapping)


def list_runs(
    connection: sa.Connection,
    *,
    sync: str | None = None,
    states: Sequence[RunState] | None = None,
    record_kind: str | None = None,
    record_id: str | None = None,
    latest_only: bool = False,
    before_id: int | None = None,
    limit: int = 100,
) -> list[Run]:
    """Runs, newest first.

    Args:
        connection: Of a transaction.
        sync: Only of this sync.
        states: Only in these states.
        record_kind: Only of records of this kind.
        record_id: Only of this record.
        latest_only: Only the newest run of each record.
        before_id: Only older than this run: how the next page is asked for.
        limit: At most so many.
    """
    statement = sa.select(runs).order_by(runs.c.id.desc()).limit(limit)
    wanted = {"sync": sync, "record_kind": record_kind, "record_id": record_id}
    for name, value in wanted.items():
        if value is not None:
            statement = statement.where(runs.c[name] == value)
    if states is not None:
        statement = statement.where(runs.c.state.in_(states))
    if before_id is not None:
        statement = statement.where(runs.c.id < before_id)
    if latest_only:
        statement = statement.where(~has_newer_run())
    return [Run(**row._mapping) for row in connection.execute(statement).all()]


def count_runs(connection: sa.Connection, *, sync: str | None = None) -> dict[str, int]:
    """How many records stand in which state, by the newest run of each."""
    statement = sa.select(runs.c.state, sa.func.count()).where(~has_newer_run()).group_by(runs.c.state)
    if sync is not None:
        statement = statement.where(runs.c.sync == sync)
    return {row[0]: row[1] for row in connection.execute(statement).all()}


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


def _has_ended(run: Run, wish: str) -> ErpcoreError:
    return ErpcoreError(
        f"run {run.generation} is {run.state} and cannot be {wish}.",
        record=f"{run.record_kind} {run.record_id}",
        advice="Look at: erpcore status",
    )
