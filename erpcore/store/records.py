"""What stands now: one row per record of a sync, which lists and counts read alone.

It is written in the transaction that changes the run. What stands stays until it is over: a record that failed and is
sent again has failed until the new attempt has ended, and that it is being tried is said beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, get_args

import sqlalchemy as sa

from erpcore.errors import ErpcoreError
from erpcore.store.clock import moment
from erpcore.store.rows import change, put
from erpcore.store.runs import OPEN_STATES, Run, RunState
from erpcore.store.schema import links, records
from erpcore.store.story import tell

Standing = Literal["queued", "running", "waiting", "done", "nothing", "failed", "uncertain", "set_aside"]
"""What stands of a record: a run's state, or that a person has set aside what went wrong."""

STANDINGS: tuple[Standing, ...] = get_args(Standing)
NEEDS_A_PERSON: tuple[Standing, ...] = ("failed", "uncertain")
COUNTED = 1_000
"""Records are counted up to this number; then there are more than that."""

_DOCUMENTS = (
    sa.select(links.c.target_kind, links.c.number)
    .where(
        links.c.sync == sa.bindparam("sync"),
        links.c.source_kind == sa.bindparam("kind"),
        links.c.source_id == sa.bindparam("record"),
        links.c.cut_at.is_(None),
    )
    .order_by(links.c.id)
)


@dataclass(frozen=True)
class Record:
    """What stands of one record. Times are aware, in UTC.

    Attributes:
        sync: Name of the sync.
        record_kind: Such as ``deal``.
        record_id: Its id in the source.
        run_id: Its newest run.
        state: What stands.
        trying: The state of the attempt that may change it, when one is under way.
        since: Since when it stands.
        changed_at: When anything of this last changed.
        cause: Key of what must be mended (`Problem.key`).
        name: The record's name in the source.
        customer: Whose it is.
        seller: The responsible person in the source.
        amount: Sum excluding VAT, in `currency`.
        currency: Its currency; None is the ERP's own, or not known.
        documents: What was made for it, number by kind: ``{"order": "1001"}``.
        set_aside_by: Who set it aside.
        set_aside_why: Why.
    """

    sync: str
    record_kind: str
    record_id: str
    run_id: int
    state: Standing
    trying: RunState | None
    since: datetime
    changed_at: datetime
    cause: str | None
    name: str | None
    customer: str | None
    seller: str | None
    amount: Decimal | None
    currency: str | None
    documents: Mapping[str, str] | None
    set_aside_by: str | None
    set_aside_why: str | None

    @property
    def record(self) -> str:
        """The record in words, such as ``deal 4711``."""
        return f"{self.record_kind} {self.record_id}"


@dataclass(frozen=True)
class CauseCount:
    """What must be mended, and how much waits for it.

    Attributes:
        key: The cause's key.
        count: How many records.
        since: Since when the oldest of them stands so.
        run_id: A run that met it last.
    """

    key: str
    count: int
    since: datetime
    run_id: int


def stand(connection: sa.Connection, run: Run) -> None:
    """Write down what stands of a record, in the transaction that has changed its newest run.

    Args:
        connection: Of a writing transaction.
        run: As it stands now.
    """
    at = moment(connection)
    values = {
        "sync": run.sync,
        "record_kind": run.record_kind,
        "record_id": run.record_id,
        "run_id": run.id,
        "state": run.state,
        "since": at,
        "changed_at": at,
        "cause": None if run.problem is None else run.problem.key,
    }
    if run.state in OPEN_STATES:
        put(connection, records, values, merge=_being_tried)
    else:
        over = {"trying": None, "documents": _documents(connection, run), "set_aside_by": None, "set_aside_why": None}
        put(connection, records, {**values, **over})


def _being_tried(new: Any) -> dict[str, Any]:
    """Say what becomes of a record's row when its newest run goes on: what had ended stands as it is."""
    goes_on = records.c.state.in_((*OPEN_STATES, "set_aside"))
    return {
        "run_id": new.run_id,
        "changed_at": new.changed_at,
        "state": sa.case((goes_on, new.state), else_=records.c.state),
        "trying": sa.case((goes_on, None), else_=new.state),
        "since": sa.case((records.c.state == "set_aside", new.since), else_=records.c.since),
        "cause": sa.case((goes_on, new.cause), else_=records.c.cause),
        "set_aside_by": None,
        "set_aside_why": None,
    }


def describe(connection: sa.Connection, run: Run, facts: Mapping[str, Any]) -> None:
    """Write down what the source shows of a record: name, customer, seller, amount, currency.

    Args:
        connection: Of a writing transaction.
        run: The run that read it.
        facts: What is shown; what is not shown stays as it was.
    """
    if shown := {name: value for name, value in facts.items() if value is not None}:
        if "amount" in shown:
            shown["amount"] = f"{shown['amount']:f}"
        key = {"sync": run.sync, "record_kind": run.record_kind, "record_id": run.record_id}
        change(connection, records, key, shown)


def set_aside(connection: sa.Connection, run: Run, *, person: str, why: str) -> None:
    """A person says that what went wrong is dealt with elsewhere. A new event of the record starts anew.

    Args:
        connection: Of a writing transaction.
        run: The run that failed or asks.
        person: Who.
        why: Why, in words.

    Raises:
        ErpcoreError: It has not failed and does not ask, or is not the newest of its record.
    """
    where = (*_same(run), records.c.run_id == run.id, records.c.state.in_(NEEDS_A_PERSON), records.c.trying.is_(None))
    at = moment(connection)
    values = {"state": "set_aside", "since": at, "changed_at": at, "set_aside_by": person, "set_aside_why": why}
    if connection.execute(sa.update(records).where(*where).values(**values)).rowcount != 1:
        raise ErpcoreError(
            f"run {run.id} is {run.state}, or not the newest of its record: there is nothing to set aside.",
            record=run.record,
            advice="Look at: erpcore status",
        )
    tell(connection, run.id, "set_aside", f"{person} set this aside: {why}")


def list_records(
    connection: sa.Connection,
    *,
    sync: str | None = None,
    states: Sequence[Standing] | None = None,
    but: Sequence[Standing] = (),
    record_id: str | None = None,
    cause: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before_run: int | None = None,
    limit: int = 100,
) -> list[Record]:
    """Records, the one with the newest run first.

    Args:
        connection: Of a transaction.
        sync: Only of this sync.
        states: Only those that stand so.
        but: Not those that stand so.
        record_id: Only of this id in the source.
        cause: Only of this cause, by its key or the beginning of it.
        since: Only what changed then or later, aware.
        until: Only what changed before, aware.
        before_run: Only with an older newest run than this: how the next page is asked for.
        limit: At most so many.
    """
    where: list[sa.ColumnElement[bool]] = []
    wanted = {"sync": sync, "record_id": record_id}
    where += [records.c[name] == value for name, value in wanted.items() if value is not None]
    if states is not None:
        where.append(records.c.state.in_(states))
    if but:
        where.append(records.c.state.not_in(but))
    if cause is not None:
        where.append(records.c.cause.startswith(cause, autoescape=True))
    if since is not None:
        where.append(records.c.changed_at >= since)
    if until is not None:
        where.append(records.c.changed_at < until)
    if before_run is not None:
        where.append(records.c.run_id < before_run)
    statement = sa.select(records).where(*where).order_by(records.c.run_id.desc()).limit(limit)
    return [_record_of(row) for row in connection.execute(statement).all()]


def waiting_runs(connection: sa.Connection, causes: Collection[str], *, limit: int = 1_000) -> list[int]:
    """Give the runs that wait for what they are to be tried again after.

    Args:
        connection: Of a transaction.
        causes: Keys of the causes that they wait for.
        limit: At most so many.
    """
    where = (records.c.cause.in_(causes), records.c.state == "waiting")
    tried = (records.c.cause.in_(causes), records.c.trying == "waiting")
    found = sa.select(records.c.run_id).where(sa.or_(sa.and_(*where), sa.and_(*tried)))
    return list(connection.execute(found.order_by(records.c.run_id).limit(limit)).scalars())


def count_records(connection: sa.Connection, *, sync: str | None = None, most: int = COUNTED) -> dict[Standing, int]:
    """How many records stand how.

    Args:
        connection: Of a transaction.
        sync: Only of this sync.
        most: Each is counted up to this number and one more, which says that there are more.
    """
    counts: dict[Standing, int] = {}
    for state in STANDINGS:
        own = sa.select(records.c.run_id).where(records.c.state == state)
        if sync is not None:
            own = own.where(records.c.sync == sync)
        counted = sa.select(sa.func.count()).select_from(own.limit(most + 1).subquery())
        if found := connection.execute(counted).scalar_one():
            counts[state] = found
    return counts


def causes(connection: sa.Connection) -> list[CauseCount]:
    """What must be mended, the oldest first: causes of records that wait for a person and are not being tried."""
    columns = (
        records.c.cause,
        sa.func.count().label("records"),
        sa.func.min(records.c.since).label("since"),
        sa.func.max(records.c.run_id).label("run_id"),
    )
    wanted = (records.c.state.in_(NEEDS_A_PERSON), records.c.cause.is_not(None), records.c.trying.is_(None))
    statement = sa.select(*columns).where(*wanted).group_by(records.c.cause).order_by(sa.func.min(records.c.since))
    return [CauseCount(row.cause, row.records, row.since, row.run_id) for row in connection.execute(statement).all()]


def refresh_documents(connection: sa.Connection, run: Run) -> None:
    """Write down anew what was made for a record, after its links were changed by hand.

    Args:
        connection: Of a writing transaction.
        run: Its newest run.
    """
    values = {"documents": _documents(connection, run), "changed_at": moment(connection)}
    connection.execute(sa.update(records).where(*_same(run)).values(**values))


def _documents(connection: sa.Connection, run: Run) -> dict[str, str] | None:
    of_run = {"sync": run.sync, "kind": run.record_kind, "record": run.record_id}
    return {row.target_kind: row.number for row in connection.execute(_DOCUMENTS, of_run).all()} or None


def _same(run: Run) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        records.c.sync == run.sync,
        records.c.record_kind == run.record_kind,
        records.c.record_id == run.record_id,
    )


def _record_of(row: sa.Row[Any]) -> Record:
    values = dict(row._mapping)
    amount = values.pop("amount")
    del values["told_cause"]  # what people were told is in `erpcore.store.notices`
    return Record(**values, amount=None if amount is None else Decimal(amount))
