"""Intents as they stand in the store, and what happened to them. How they change is in `erpcore.store.ledger`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from erpcore.errors import ErpcoreError
from erpcore.store.clock import moment, timed
from erpcore.store.rows import add, add_all, find
from erpcore.store.schema import intent_events, intents

IntentState = Literal["planned", "sending", "done", "refused", "uncertain"]


_SYNC = intents.c.sync == sa.bindparam("sync")
_RECORD: sa.BindParameter[str] = sa.bindparam("record")
# Two look-ups, each by an index of its own: for an "or" SQLite goes through every intent of the sync.
_OWN = sa.select(intents.c.id).where(_SYNC, intents.c.record == _RECORD)
_ASKED = sa.select(intents.c.id).where(intents.c.asker == _RECORD, _SYNC)
_ABOUT = sa.select(intents).where(intents.c.id.in_(sa.union_all(_OWN, _ASKED))).order_by(intents.c.id)

_BEGUN = (
    sa.select(intents)
    .where(
        _SYNC,
        intents.c.record.in_(sa.bindparam("records", expanding=True)),
        intents.c.state.in_(("sending", "uncertain")),
    )
    .order_by(intents.c.id)
)


@dataclass(frozen=True)
class Intent:
    """One wanted remote effect. Times are aware, in UTC.

    Args:
        id: Our own number of it.
        sync: Name of the sync.
        record: The record that it is made for, such as ``deal 4711``.
        operation: The hook, such as ``create_order``.
        generation: Which document of the record.
        part: Which of several documents of one kind, else empty.
        reference: Our own reference, which the target keeps with the record.
        state: See the drawing in `erpcore.store.ledger`.
        attempts: How often sending was begun.
        fence_seconds: Seconds until a made document surely shows in a look-up; None when it cannot be looked up.
        planned_at: When it was wanted first.
        sending_at: When the last attempt began.
        fence_until: When a look-up for the last attempt begins to count.
        absent_at: Start of the last look-up, since the last attempt, that found nothing.
        settled_at: When it became done or refused.
        worker: Who began the last attempt.
        number: The record's number in the target, when done.
        key: The target's own key, when it is another one.
        second: Number of a second record that turned up, until a person has decided which one counts.
        asker: The record whose run asks which one counts; another one where several records share what is made.
        result: What else the hook gave back.
        error: The last error in words.
        decided_by: The person who decided an uncertain one.
    """

    id: int
    sync: str
    record: str
    operation: str
    generation: int
    part: str
    reference: str
    state: IntentState
    attempts: int
    fence_seconds: float | None
    planned_at: datetime
    sending_at: datetime | None
    fence_until: datetime | None
    absent_at: datetime | None
    settled_at: datetime | None
    worker: str | None
    number: str | None
    key: str | None
    second: str | None
    asker: str | None
    result: Any
    error: str | None
    decided_by: str | None


@dataclass(frozen=True)
class IntentEvent:
    """One line of an intent's history.

    Args:
        at: When, aware, in UTC.
        what: Such as ``planned``, ``sending``, ``absent``, ``done``.
        attempt: Number of the attempt.
        who: Worker or person.
        text: Error, number or reason.
    """

    at: datetime
    what: str
    attempt: int
    who: str | None
    text: str | None


def get_intent(connection: sa.Connection, intent_id: int) -> Intent:
    """The intent of a number.

    Raises:
        ErpcoreError: There is none.
    """
    found = [Intent(**row._mapping) for row in find(connection, intents, {"id": intent_id}).all()]
    if not found:
        raise ErpcoreError(f"there is no intent {intent_id} in the ledger.")
    return found[0]


def intents_of(connection: sa.Connection, *, sync: str, record: str, operation: str | None = None) -> list[Intent]:
    """Every intent of a record, oldest first."""
    wanted = {"sync": sync, "record": record} | ({} if operation is None else {"operation": operation})
    return [Intent(**row._mapping) for row in find(connection, intents, wanted).all()]


def open_intents(connection: sa.Connection, *, sync: str, records: Collection[str]) -> list[Intent]:
    """The intents of records that were begun and have no answer yet, oldest first."""
    wanted = {"sync": sync, "records": sorted(records)}
    return [Intent(**row._mapping) for row in connection.execute(_BEGUN, wanted).all()]


def uncertain_intents(connection: sa.Connection, *, sync: str | None = None) -> list[Intent]:
    """What a person may have to decide: uncertain, or done with a second document."""
    where = [sa.or_(intents.c.state == "uncertain", intents.c.second.is_not(None))]
    if sync is not None:
        where.append(intents.c.sync == sync)
    return read_intents(connection, *where)


def intents_about(connection: sa.Connection, *, sync: str, record: str) -> list[Intent]:
    """Every intent of a record, and those with a second record about which its run asks, oldest first."""
    return [Intent(**row._mapping) for row in connection.execute(_ABOUT, {"sync": sync, "record": record}).all()]


def rivals_of(connection: sa.Connection, *, sync: str, record: str) -> list[Intent]:
    """Every intent with a second record about which the run of this record asks, oldest first."""
    return [Intent(**row._mapping) for row in find(connection, intents, {"sync": sync, "asker": record}).all()]


def history_of(connection: sa.Connection, intent_id: int) -> list[IntentEvent]:
    """Everything that happened to an intent, oldest first."""
    columns = [intent_events.c[name] for name in ("at", "what", "attempt", "who", "text")]
    statement = sa.select(*columns).where(intent_events.c.intent_id == intent_id).order_by(intent_events.c.id)
    return [IntentEvent(**row._mapping) for row in connection.execute(statement).all()]


def read_intents(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Intent]:
    """The intents that fit all conditions, oldest first."""
    rows = connection.execute(sa.select(intents).where(*where).order_by(intents.c.id)).all()
    return [Intent(**row._mapping) for row in rows]


def change_intent(connection: sa.Connection, *where: sa.ColumnElement[bool], **values: Any) -> Intent | None:
    """Change the one intent that fits all conditions, in one statement.

    Args:
        connection: Of a writing transaction.
        *where: Conditions that one intent at most fulfils.
        **values: Columns and their new values.

    Returns:
        The intent as it stands now; None when none fits.
    """
    statement = sa.update(intents).where(*where).values(**values).returning(intents)
    row = connection.execute(statement).one_or_none()
    return None if row is None else Intent(**row._mapping)


def settle_intent(connection: sa.Connection, intent_id: int, *, attempt: int, **made: Any) -> Intent | None:
    """Change an intent to done, unless it is done already, or has not come to that attempt.

    Args:
        connection: Of a writing transaction.
        intent_id: `Intent.id`.
        attempt: Number of the attempt that has made the document.
        **made: The columns that name it.

    Returns:
        The intent as it stands now; None when it was left alone.
    """
    settled = {"the_intent": intent_id, "counted": attempt, **made, "state": "done", "error": None}
    row = timed(connection, _settle, settled).one_or_none()
    return None if row is None else Intent(**row._mapping)


def _settle(at: sa.ColumnElement[datetime]) -> Any:
    attempts = intents.c.attempts >= sa.bindparam("counted", type_=sa.Integer)
    this = (intents.c.id == sa.bindparam("the_intent"), intents.c.state != "done", attempts)
    return sa.update(intents).where(*this).values(settled_at=at).returning(intents)


def half_made(connection: sa.Connection, intent: Intent) -> bool:
    """Whether a part of a record may be there, since an attempt at it had no answer and no person has decided since.

    An article is made in parts: its price may have a register of its own, and what is found without it is called not
    there (`erpcore.sync.steps.article.created_article`). So what a later attempt comes to says nothing of the first.

    Args:
        connection: Of a transaction of the store.
        intent: What was wanted.
    """
    if intent.operation != "create_article":
        return False
    told = sa.and_(intent_events.c.intent_id == intent.id, intent_events.c.what.in_(("absent", "decided")))
    newest = sa.select(intent_events.c.what).where(told).order_by(intent_events.c.id.desc()).limit(1)
    return connection.execute(newest).scalar() == "absent"


def note_event(
    connection: sa.Connection,
    intent: Intent,
    what: str,
    *,
    who: str | None = None,
    text: str | None = None,
    attempt: int | None = None,
) -> None:
    """Add a line to an intent's history.

    Args:
        connection: Of the transaction that changed the intent.
        intent: The intent, as it stands after the change.
        what: What happened.
        who: Worker or person.
        text: Error, number or reason.
        attempt: Number of the attempt; the intent's when not given.
    """
    number = intent.attempts if attempt is None else attempt
    values = {"intent_id": intent.id, "what": what, "attempt": number, "who": who, "text": text}
    add(connection, intent_events, {**values, "at": moment(connection)})


def note_events(connection: sa.Connection, intent: Intent, events: Sequence[tuple[str, int, str | None]]) -> None:
    """Add several lines to an intent's history at once.

    Args:
        connection: Of the transaction that changed the intent.
        intent: The intent.
        events: What happened, the attempt's number, and who, of each.
    """
    at = moment(connection)
    lines = [{"what": what, "attempt": attempt, "who": who, "text": None} for what, attempt, who in events]
    add_all(connection, intent_events, [{"intent_id": intent.id, "at": at, **line} for line in lines])
