"""The intent ledger: at most one document per intent, or a state that people see.

::

    planned ──begin──▶ sending ──▶ done          the ERP has it; its number is noted
       ▲                  │ ├────▶ refused       the ERP said no: surely not made; may be sent again
       └── surely not ────┘ └────▶ uncertain     the answer is lost: look before sending again
           left

A crash leaves `sending` behind, which is treated like `uncertain`: nobody can know whether the request left. From both
the way to another send leads over a look-up by our own reference that began after the fence was over and found
nothing. The fence is the time that the ERP may need until it shows what it has made; it must be longer than the
client's time-out. An intent without a fence cannot be looked up: then a person decides.

Every change of state is one guarded UPDATE, so of several workers one makes it. What is called `done` is true whoever
says it and however late, also a worker that has lost its turn: a document that exists, exists. A second one that turns
up is noted beside the first, until a person has decided between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from erpcore.errors import ErpcoreError
from erpcore.store.clock import moment, now
from erpcore.store.intents import Intent, change_intent, get_intent, half_made, note_event, note_events, settle_intent
from erpcore.store.rows import find, insert_new
from erpcore.store.schema import intents

Action = Literal["send", "look_up", "done", "decide"]
_UNSETTLED = intents.c.state.in_(("sending", "uncertain"))


@dataclass(frozen=True)
class Turn:
    """What the caller of `begin_sending` may do, and must not do.

    Args:
        action: ``send``: this caller, and nobody else, sends now, once. ``look_up``: search the reference; call
            `record_done` with what is found, else `record_absent` with this turn, and begin again (after `wait_until`
            when that is given). ``done``: it was made before. ``decide``: a person must say whether it was made.
        intent: As it stands after this call.
        attempt: Number of the attempt; goes back into the `record_` functions.
        at: When the turn was given; a look-up begins after it.
        wait_until: When a look-up begins to count; None when one that begins now does.
    """

    action: Action
    intent: Intent
    attempt: int
    at: datetime
    wait_until: datetime | None = None


def plan_intent(
    connection: sa.Connection,
    *,
    sync: str,
    record: str,
    operation: str,
    reference: str,
    fence_seconds: float | None,
    generation: int = 1,
    part: str = "",
) -> Intent:
    """Note what is wanted; the intent of the same key when it was noted before, with its first reference.

    Args:
        connection: Of a writing transaction.
        sync: See `Intent`, as for the others.
        record: The CRM record.
        operation: The hook.
        reference: Our key for the ERP.
        fence_seconds: As the plugin declares it; None when a document cannot be looked up.
        generation: Which document of the record.
        part: Which of several documents.

    Raises:
        ErpcoreError: The reference belongs to another intent.
    """
    fresh = {"state": "planned", "attempts": 0, "planned_at": moment(connection), "fence_seconds": fence_seconds}
    key = {"sync": sync, "record": record, "operation": operation, "generation": generation, "part": part}
    new = insert_new(connection, intents, {**key, **fresh, "reference": reference})
    if new is None:
        return _known(connection, key, reference)
    intent = Intent(**new._mapping)
    note_event(connection, intent, "planned")
    return intent


def plan_and_begin(
    connection: sa.Connection,
    *,
    sync: str,
    record: str,
    operation: str,
    reference: str,
    fence_seconds: float | None,
    generation: int,
    worker: str,
) -> Turn:
    """Note what is wanted and ask for the right to send it, in one: `plan_intent` and `begin_sending`.

    Args:
        connection: Of a writing transaction, to be committed before doing what the turn allows.
        sync: See `plan_intent`, as for the others.
        record: The CRM record.
        operation: The hook.
        reference: Our key for the ERP.
        fence_seconds: As the plugin declares it; None when a document cannot be looked up.
        generation: Which document of the record.
        worker: Who asks, for the history.

    Raises:
        ErpcoreError: The reference belongs to another intent.
    """
    at = now(connection)
    key = {"sync": sync, "record": record, "operation": operation, "generation": generation, "part": ""}
    fresh = {"state": "sending", "attempts": 1, "planned_at": at, "fence_seconds": fence_seconds}
    sent = {"sending_at": at, "fence_until": _fence(fence_seconds, at), "worker": worker}
    new = insert_new(connection, intents, {**key, **fresh, **sent, "reference": reference})
    if new is None:
        return begin_sending(connection, _known(connection, key, reference), worker=worker)
    intent = Intent(**new._mapping)
    note_events(connection, intent, [("planned", 0, None), ("sending", 1, worker)])
    return Turn("send", intent, 1, at)


def _known(connection: sa.Connection, key: Mapping[str, Any], reference: str) -> Intent:
    """Give the intent that was noted before, with its first reference."""
    found = find(connection, intents, key).one_or_none()
    if found is None:
        raise ErpcoreError(
            f"the reference {reference} of {key['operation']} belongs to another document already.",
            record=key["record"],
            advice="Nothing was sent. Two records must not share a reference: check the sync's rule for it.",
        )
    return Intent(**found._mapping)


def _fence(seconds: float | None, at: datetime) -> datetime | None:
    return None if seconds is None else at + timedelta(seconds=seconds)


def begin_sending(connection: sa.Connection, wanted: Intent | int, *, worker: str) -> Turn:
    """Ask for the right to send. Commit before doing what the turn allows.

    Args:
        connection: Of a writing transaction.
        wanted: The intent as this transaction has read it, or its `Intent.id`.
        worker: Who asks, for the history.

    Returns:
        What to do. One caller at most gets ``send`` per attempt.
    """
    intent = get_intent(connection, wanted) if isinstance(wanted, int) else wanted
    at = now(connection)
    if intent.state == "done":
        return Turn("done", intent, intent.attempts, at)
    surely_absent = sa.and_(_UNSETTLED, intents.c.absent_at >= intents.c.fence_until)
    taken = _move(
        connection,
        intent,
        sa.or_(intents.c.state.in_(("planned", "refused")), surely_absent),
        state="sending",
        attempts=intent.attempts + 1,
        sending_at=at,
        fence_until=_fence(intent.fence_seconds, at),
        absent_at=None,
        settled_at=None,
        worker=worker,
    )
    if taken is not None:
        note_event(connection, taken, "sending", who=worker)
        return Turn("send", taken, taken.attempts, at)
    # Somebody else may have taken this very attempt meanwhile; what stands now decides.
    intent = get_intent(connection, intent.id)
    if intent.state == "done":
        return Turn("done", intent, intent.attempts, at)
    if intent.fence_until is None:
        moved = _move(connection, intent, intents.c.state == "sending", state="uncertain")
        if moved is not None:
            note_event(connection, moved, "uncertain", who=worker, text="it cannot be looked up")
        return Turn("decide", moved or intent, intent.attempts, at)
    fresh = _fence(intent.fence_seconds, at)
    if fresh is not None and intent.fence_until > fresh:  # the clock was set back; what was sent, was sent before now
        intent = _move(connection, intent, sa.true(), sending_at=at, fence_until=fresh, absent_at=None) or intent
    wait_until = intent.fence_until if intent.fence_until is not None and intent.fence_until > at else None
    return Turn("look_up", intent, intent.attempts, at, wait_until)


def record_absent(connection: sa.Connection, turn: Turn) -> bool:
    """Note that a look-up found nothing.

    Args:
        connection: Of a writing transaction.
        turn: The ``look_up`` turn; the look-up began after it was given.

    Returns:
        False when another attempt or fence has begun meanwhile, or it is done: then this look-up counts for nothing.

    Raises:
        ValueError: The turn was not for a look-up.
    """
    if turn.action != "look_up":
        raise ValueError(f"a turn to {turn.action} is no look-up")
    same_fence = intents.c.fence_until == turn.intent.fence_until  # else the clock may have been set back meanwhile
    moved = _move(connection, turn.intent, sa.and_(_UNSETTLED, same_fence), absent_at=turn.at)
    if moved is not None:
        note_event(connection, moved, "absent", text=f"looked up at {turn.at.isoformat()}")
    return moved is not None


def record_done(
    connection: sa.Connection,
    intent_id: int,
    *,
    attempt: int,
    number: str,
    key: str | None = None,
    result: Mapping[str, Any] | None = None,
    adopted: bool = False,
    asker: str | None = None,
) -> Intent:
    """Note the document. True even when another attempt has begun since, or a person has decided otherwise.

    Args:
        connection: Of a writing transaction.
        intent_id: `Intent.id`.
        attempt: `Turn.attempt`.
        number: The document's number.
        key: The target's own key, when it is another one.
        result: What else the hook gave back (JSON values, Decimal).
        adopted: Whether a look-up found it, rather than an answer saying so.
        asker: The record whose run asks when it is a second document; the intent's own when left out.

    Returns:
        The intent, done. When it has a `second`, there are two documents: a person must decide.
    """
    intent = settle_intent(connection, intent_id, attempt=attempt, number=number, key=key, result=result)
    if intent is not None:
        note_event(connection, intent, "adopted" if adopted else "done", text=number, attempt=attempt)
        return intent
    intent = get_intent(connection, intent_id)
    if intent.number == number or (key is not None and intent.key == key):
        return intent
    asks = {"second": number, "asker": asker or intent.record}
    intent = change_intent(connection, intents.c.id == intent_id, **asks) or intent
    note_event(connection, intent, "second", text=number, attempt=attempt)
    return intent


def note_result(connection: sa.Connection, intent: Intent, found: Mapping[str, Any], *, person: str = "") -> Intent:
    """Note more of what a done intent's document is: what was read of it later, or what a person says of it.

    Args:
        connection: Of a writing transaction.
        intent: It, as this transaction has read it.
        found: JSON values, in addition to what is noted; the same name again is noted anew.
        person: Who says it, where a person does.
    """
    changed = change_intent(connection, intents.c.id == intent.id, result={**(intent.result or {}), **found}) or intent
    if person:
        note_event(connection, changed, "decided", who=person, text=", ".join(found))
    return changed


def renew_sending(connection: sa.Connection, turn: Turn) -> bool:
    """Let the fence of an attempt that is still to leave begin anew: it has waited for sign-in or budget.

    Args:
        connection: Of a writing transaction.
        turn: The ``send`` turn.

    Returns:
        False when another attempt has begun, or it is settled: then nothing may be sent.
    """
    at = now(connection)
    anew = {"sending_at": at, "fence_until": _fence(turn.intent.fence_seconds, at), "absent_at": None}
    return _move(connection, turn.intent, intents.c.state == "sending", **anew) is not None


def record_refused(connection: sa.Connection, turn: Turn, error: str) -> bool:
    """Note that the ERP said no: surely nothing was made.

    Args:
        connection: Of a writing transaction.
        turn: The ``send`` turn.
        error: What it said, for a person.

    Returns:
        False when another attempt has begun, or it is done; then nothing is changed.
    """
    changed = {"state": "refused", "settled_at": moment(connection), "error": error}
    return _settle_attempt(connection, turn, "refused", error, **changed)


def record_not_sent(connection: sa.Connection, turn: Turn, error: str) -> bool:
    """Note that the request surely did not leave (connection refused): it may be sent without a look-up.

    Args:
        connection: Of a writing transaction.
        turn: The ``send`` turn.
        error: Why, for a person.

    Returns:
        False when another attempt has begun, or it is done; then nothing is changed.
    """
    return _settle_attempt(connection, turn, "not_sent", error, state="planned", error=error)


def record_uncertain(connection: sa.Connection, turn: Turn, error: str) -> bool:
    """Note that the answer is lost. The fence begins anew: the ERP may have been at work until this moment.

    Args:
        connection: Of a writing transaction.
        turn: The ``send`` turn.
        error: What happened, for a person.

    Returns:
        False when another attempt has begun, or it is done; then nothing is changed.
    """
    fence = _fence(turn.intent.fence_seconds, now(connection))
    changed = {"state": "uncertain", "fence_until": fence, "absent_at": None, "error": error}
    return _settle_attempt(connection, turn, "uncertain", error, **changed)


def decide_intent(connection: sa.Connection, intent_id: int, *, person: str, number: str | None) -> Intent:
    """A person says what became of an uncertain intent.

    Args:
        connection: Of a writing transaction.
        intent_id: `Intent.id`.
        person: Who.
        number: Number of the document that was made; None when none was, and it may be sent.

    Raises:
        ErpcoreError: It is not uncertain (any more).
    """
    intent = get_intent(connection, intent_id)
    made = {"state": "done", "settled_at": moment(connection), "number": number}
    values: dict[str, Any] = {"state": "planned"} if number is None else made
    decided = _move(connection, intent, intents.c.state == "uncertain", **values, decided_by=person, error=None)
    if decided is None:
        raise ErpcoreError(
            f"{intent.operation} is {intent.state}, not uncertain: there is nothing to decide.",
            record=intent.record,
            advice="Look at its history.",
        )
    text = "was not made" if number is None else f"was made: {number}"
    note_event(connection, decided, "decided", who=person, text=text)
    return decided


def keep_one(connection: sa.Connection, intent_id: int, *, person: str, number: str) -> Intent:
    """A person says which of two documents counts; the other one was annulled in the target.

    Args:
        connection: Of a writing transaction.
        intent_id: `Intent.id`.
        person: Who.
        number: Number of the one that counts.

    Raises:
        ErpcoreError: It has no second document, or neither of the two has that number.
    """
    intent = get_intent(connection, intent_id)
    if intent.second is None or number not in (intent.number, intent.second):
        known = " and ".join(filter(None, (intent.number, intent.second)))
        raise ErpcoreError(
            f"{number} is not one of the documents of {intent.operation}, which are {known}.", record=intent.record
        )
    values: dict[str, Any] = {"number": number, "second": None, "asker": None, "decided_by": person}
    if number != intent.number:
        values |= {"key": None, "result": None}
    kept = change_intent(connection, intents.c.id == intent_id, **values) or intent
    note_event(connection, kept, "decided", who=person, text=f"{number} counts")
    return kept


def _settle_attempt(connection: sa.Connection, turn: Turn, what: str, text: str, **values: Any) -> bool:
    if turn.action != "send":
        raise ValueError(f"a turn to {turn.action} has sent nothing")
    if what != "uncertain" and half_made(connection, turn.intent):
        at = moment(connection)  # this attempt made nothing, so the next one need not look first
        values = {"state": "uncertain", "fence_until": at, "absent_at": at, "error": text}
    moved = _move(connection, turn.intent, _UNSETTLED, **values)
    if moved is not None:
        note_event(connection, moved, what, who=turn.intent.worker, text=text, attempt=turn.attempt)
    return moved is not None


def _move(connection: sa.Connection, seen: Intent, guard: sa.ColumnElement[bool], **values: Any) -> Intent | None:
    """Change the intent if no attempt has begun since it was seen, and the guard holds; as it stands then."""
    return change_intent(connection, intents.c.id == seen.id, intents.c.attempts == seen.attempts, guard, **values)
