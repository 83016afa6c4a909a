"""The life of a run: opened, taken, held, kept waiting, ended, sent again.

Whoever takes a run gets a new `Run.token`. Every transaction of an attempt that writes asks for it (`hold_run`), so a
worker that was asleep while another one took the run over writes nothing more. What an older attempt concludes does not
count either: the newest one's number stands in the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from erpcore.errors import ErpcoreError, TurnLostError
from erpcore.problem import Problem
from erpcore.store.clock import moment, timed
from erpcore.store.inbox import WAITING, assign_waiting_events, events_waiting
from erpcore.store.records import stand
from erpcore.store.rows import change, insert_new
from erpcore.store.runs import OPEN_STATES, FinalState, Run, RunState, get_run, latest_run, run_of, run_of_values
from erpcore.store.schema import inbox, links, runs

_THIS = runs.c.id == sa.bindparam("the_run")
_OPEN = runs.c.state.in_(OPEN_STATES)
_SAME = [runs.c[name] == sa.bindparam(name) for name in ("sync", "record_kind", "record_id")]
_NEWEST = sa.select(runs).where(*_SAME).order_by(runs.c.generation.desc()).limit(1).with_for_update()
_HOLD = sa.select(runs.c.id).where(_THIS, runs.c.token == sa.bindparam("the_token")).with_for_update()
_NOTE_ATTEMPT = (
    sa.update(runs)
    .where(_THIS, runs.c.attempt < sa.bindparam("newest"))
    .values(attempt=sa.bindparam("newest"), takings=0)
)


_SAYS_MORE = sa.exists().where(
    inbox.c.id.in_(WAITING),
    sa.or_(
        inbox.c.kind != "company_is_customer",
        inbox.c.received_at >= sa.bindparam("read_at", type_=runs.c.taken_at.type),
    ),
)
_NOTHING_LEFT = (
    sa.select(runs, links.c.number)
    .join(links, sa.and_(links.c.sync == runs.c.sync, links.c.source_id == runs.c.record_id))
    .where(*_SAME, runs.c.state == "queued", runs.c.token == 0, ~_SAYS_MORE)
    .where(links.c.source_kind == "company", links.c.target_kind == "customer", links.c.cut_at.is_(None))
    .where(links.c.sent_digest == sa.bindparam("digest"))
    .with_for_update(of=runs)
)


def _take(at: sa.ColumnElement[datetime]) -> Any:
    taken = sa.update(runs).where(_THIS, _OPEN, runs.c.attempt <= sa.bindparam("newest"))
    return taken.values(
        state="running",
        started_at=sa.func.coalesce(runs.c.started_at, at),
        resume_at=None,
        token=runs.c.token + 1,
        takings=runs.c.takings + sa.bindparam("counted"),
        taken_at=at,
    ).returning(runs)


def _finish(at: sa.ColumnElement[datetime]) -> Any:
    return sa.update(runs).where(_THIS, _OPEN).values(finished_at=at).returning(runs)


def open_run(
    connection: sa.Connection, *, sync: str, source: str, target: str, record_kind: str, record_id: str
) -> tuple[Run, bool]:
    """The open run of a record, or a new one with the next generation.

    The run stays locked until the caller's transaction ends, so that it cannot finish without seeing an event that
    this transaction has put into the inbox.

    Args:
        connection: Of a writing transaction (`Store.begin`).
        sync: Name of the sync.
        source: Name of the connection that the record is in.
        target: Name of the connection that is written to.
        record_kind: Such as ``deal``.
        record_id: Its id in the source.

    Returns:
        The run, and whether it is new (then work must be enqueued for it).
    """
    key = {"sync": sync, "record_kind": record_kind, "record_id": record_id}
    while True:
        # Nobody sends an older one again once there is a newer one: only the newest may be open.
        newest = connection.execute(_NEWEST, key).one_or_none()
        if newest is not None and newest.state in OPEN_STATES:
            return run_of(newest), False
        values = {
            **key,
            "source": source,
            "target": target,
            "generation": 1 if newest is None else newest.generation + 1,
            "state": "queued",
            "queued_at": moment(connection),
        }
        if (new := insert_new(connection, runs, values)) is not None:
            run = run_of(new)
            stand(connection, run)
            return run, True
        # Another worker opened one at the same moment; on the next round it is there, or finished already.


def take_run(connection: sa.Connection, run_id: int, attempt: int, *, worker: str, counts: bool = True) -> Run | None:
    """Take a run to carry out an attempt at it. It is read from the source after this, which covers every event so far.

    Whoever had it before loses it: `hold_run` refuses the older token.

    Args:
        connection: Of a writing transaction.
        run_id: `Run.id`.
        attempt: The attempt that was enqueued.
        worker: Who takes it.
        counts: Whether it counts among the takings after which a run is given up.

    Returns:
        The run with the new token; None when there is nothing to do: it has ended, or a newer attempt was enqueued.
    """
    given = {"the_run": run_id, "newest": attempt, "taken_by": worker, "counted": int(counts)}
    row = timed(connection, _take, given).one_or_none()
    if row is None:
        return None
    run = run_of(row)
    stand(connection, run)
    assign_waiting_events(
        connection,
        run_id=run.id,
        sync=run.sync,
        source=run.source,
        record_kind=run.record_kind,
        record_id=run.record_id,
    )
    return run


def hold_run(connection: sa.Connection, run: Run) -> None:
    """Make sure that a run is still in the hand of who took it, until the transaction ends.

    Args:
        connection: Of a transaction; a writing one keeps others from taking the run meanwhile.
        run: As `take_run` gave it.

    Raises:
        TurnLostError: Somebody else has taken it.
    """
    if connection.execute(_HOLD, {"the_run": run.id, "the_token": run.token}).first() is None:
        raise TurnLostError(
            "Another worker has taken this over: nothing more is written or sent here.",
            record=run.record,
        )


def note_run(connection: sa.Connection, run: Run, **values: Any) -> None:
    """Change columns of a run that is in hand; the caller's transaction has asked `hold_run`.

    Args:
        connection: Of a writing transaction.
        run: As `take_run` gave it.
        **values: Columns and their new values; with a `reason` the time of the plan is noted.
    """
    if "reason" in values:
        values["planned_at"] = moment(connection)
    change(connection, runs, {"id": run.id}, values)


def keep_waiting(
    connection: sa.Connection, run_id: int, *, resume_at: datetime, summary: str, problem: Problem, **values: Any
) -> None:
    """The run cannot go on now (a system is out of reach, a fence must pass) and goes on later.

    Args:
        connection: Of a writing transaction that holds the run.
        run_id: `Run.id`.
        resume_at: When, aware.
        summary: Why, in a line.
        problem: Why.
        **values: More columns to note.
    """
    known = {"state": "waiting", "resume_at": resume_at, "summary": summary, "problem": _as_json(problem), **values}
    change(connection, runs, {"id": run_id}, known)
    stand(connection, get_run(connection, run_id))


def finish_run(
    connection: sa.Connection,
    run_id: int,
    *,
    state: FinalState,
    summary: str,
    problem: Problem | None = None,
    plan: Mapping[str, Any] | Sequence[Any] | None = None,
    requests: Mapping[str, int] | None = None,
) -> bool:
    """The run comes to its end. Finishing it again in the same state changes nothing.

    Args:
        connection: Of a writing transaction.
        run_id: `Run.id`.
        state: How it ended.
        summary: What became of it, in a line.
        problem: Why it failed or is uncertain.
        plan: What was to be done, in words (JSON values).
        requests: Requests sent, by connection.

    Returns:
        Whether events came while it was at work and nobody has handled them: open the next run.

    Raises:
        ErpcoreError: It has ended in another state.
    """
    values = {
        "the_run": run_id,
        "state": state,
        "resume_at": None,
        "waiting_since": None,
        "outages": 0,
        "summary": summary,
        "cause": None if problem is None else problem.cause,
        "problem": _as_json(problem),
        "plan": plan,
        "requests": requests,
    }
    changed = timed(connection, _finish, values).one_or_none()
    run = get_run(connection, run_id) if changed is None else run_of(changed)
    if run.state != state:
        raise _has_ended(run, f"finished as {state}")
    if changed is not None:
        stand(connection, run)
    return events_waiting(
        connection, sync=run.sync, source=run.source, record_kind=run.record_kind, record_id=run.record_id
    )


def run_of_new_customer(connection: sa.Connection, run: Run, company_id: str, digest: str) -> tuple[Run, str] | None:
    """The open run of a company that has nothing left to do, because another record's run has made its customer.

    Nobody has taken it yet; all it knows is that the company became a customer, which that run has read later; and what
    that run has sent is what the link says was sent last. It covers its events from now on.

    Args:
        connection: Of a writing transaction.
        run: The other record's, as it was taken.
        company_id: The company's id in the source.
        digest: Of what was sent.

    Returns:
        The run, and the customer's number; None where there is no such run.
    """
    same = {"sync": run.sync, "record_kind": "company", "record_id": company_id}
    events = {"the_sync": run.sync, "the_source": run.source, "the_kind": "company", "the_id": company_id}
    given = {**same, **events, "digest": digest, "read_at": run.taken_at}
    row = connection.execute(_NOTHING_LEFT, given).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)
    number: str = values.pop("number")
    covered = run_of_values(values)
    assign_waiting_events(connection, run_id=covered.id, source=run.source, **same)
    return covered, number


def reopen_run(connection: sa.Connection, run_id: int, *, states: Sequence[RunState] = ("failed", "uncertain")) -> Run:
    """A run that has ended is tried again, under its own generation.

    Args:
        connection: Of a writing transaction.
        run_id: `Run.id`.
        states: States from which that is allowed.

    Raises:
        ErpcoreError: It is in no such state, or a newer run of the record is there.
    """
    run = get_run(connection, run_id)
    newer = latest_run(connection, sync=run.sync, record_kind=run.record_kind, record_id=run.record_id)
    if newer is not None and newer.id != run.id:
        raise ErpcoreError(
            f"run {run.id} was followed by run {newer.id}, which is {newer.state}.",
            record=run.record,
            advice="Send the newer one again.",
        )
    where = (runs.c.id == run_id, runs.c.state.in_(states))
    values = {"state": "queued", "finished_at": None, "cause": None, "problem": None, "waiting_since": None}
    if connection.execute(sa.update(runs).where(*where).values(**values)).rowcount != 1:
        raise _has_ended(get_run(connection, run_id), "sent again")
    run = get_run(connection, run_id)
    stand(connection, run)
    return run


def note_attempt(connection: sa.Connection, run_id: int, attempt: int) -> None:
    """A new attempt at a run is enqueued: what an older one concludes no longer counts. A number never goes down."""
    connection.execute(_NOTE_ATTEMPT, {"the_run": run_id, "newest": attempt})


def _as_json(problem: Problem | None) -> dict[str, Any] | None:
    return None if problem is None else problem.model_dump(mode="json", exclude_none=True)


def _has_ended(run: Run, wish: str) -> ErpcoreError:
    return ErpcoreError(
        f"run {run.id} is {run.state} and cannot be {wish}.",
        record=run.record,
        advice=(
            f"To have the record looked at anew: erpcore send {run.sync} {run.record_id} --kind {run.record_kind}"
            if run.state in ("done", "nothing") and run.record_kind in ("deal", "order", "company")
            else f"Its story: erpcore status {run.id}"
        ),
    )
