"""The effect window: each write that makes something in the ERP goes through the ledger here.

The first attempt pays no look-up. Whoever finds an attempt without an answer looks first: what is found is adopted;
what is not found is looked for again once the fence is over, and only then sent again. So a lost answer, a killed
worker and two workers at once end in one document or in a state that people see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import sqlalchemy as sa

from erpcore.errors import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ErpcoreError,
    MalformedReplyError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitedError,
    RecordError,
    RejectedError,
    TurnLostError,
    UnavailableError,
    UncertainEffectError,
    UnsupportedOperationError,
)
from erpcore.models import RecordRef
from erpcore.store import (
    Intent,
    Turn,
    begin_sending,
    record_absent,
    record_done,
    record_not_sent,
    record_refused,
    record_uncertain,
)
from erpcore.sync.shared import story
from erpcore.sync.window import STORE_AWAY, Window, looking, wire_open

LookUp = Callable[[], RecordRef | None]
"""Searches the ERP for what an attempt may have made; raises `UncertainEffectError` for what must not be adopted."""

REFUSALS = (
    RecordError,
    UnsupportedOperationError,
    ConfigurationError,
    AuthenticationError,
    PermissionDeniedError,
    NotFoundError,
    RejectedError,
)
"""Errors that say: surely nothing was made, and the same again gives the same."""

NOT_SENT = (UnavailableError, RateLimitedError, NotSentError)
"""Errors that say: surely nothing was made, and it may be sent again as it is."""

LOST_ANSWERS = (OutcomeUnknownError, MalformedReplyError)
"""Errors after which nobody knows, and time may tell."""

SHORTEST_WAIT = 2.0
"""Seconds that the engine waits at least before it comes back."""

MOST_SENDS = 2
"""Attempts that one call makes at most before it lets the engine wait."""

_TOLD = {"net", "vat", "total", "freight", "fee", "currency", "customer_name", "customer_organisation_number"}
"""What the ledger keeps of a record beside its number and key."""


class ComeBackLater(ErpcoreError):
    """A fence must pass before the work goes on. Nothing has failed.

    Args:
        message: Why, in words for a person.
        seconds: How long.
        connection: Name of the connection.
        record: The record.
    """

    retryable = True

    def __init__(
        self, message: str, *, seconds: float, connection: str | None = None, record: str | None = None
    ) -> None:
        super().__init__(message, connection=connection, record=record)
        self.seconds = seconds


@dataclass(frozen=True)
class Carried:
    """An effect that stands in the ERP.

    Attributes:
        ref: The record.
        how: ``sent`` by this call, ``adopted`` after a look-up, ``known`` from the ledger.
        intent: What the ledger knows of it.
    """

    ref: RecordRef
    how: Literal["sent", "adopted", "known"]
    intent: Intent


class Begun(NamedTuple):
    """A turn that was asked for, and when, by the window's clock."""

    turn: Turn
    at: float


Note = Callable[[sa.Connection, Carried], object]
"""Writes down what follows from an effect, in the transaction in which the ledger learns that it is done."""


def nothing_follows(connection: sa.Connection, carried: Carried) -> None:
    """Write nothing down."""


def begin(ask: Callable[[sa.Connection], Turn], window: Window) -> Begun:
    """Ask for a turn.

    Args:
        ask: Asks the ledger (`plan_and_begin`, `begin_sending`), in the transaction that it is given.
        window: Store, worker and clock.

    Raises:
        TurnLostError: The run is another worker's by now.
    """
    at = window.clock.monotonic()
    with window.begin() as connection:
        return Begun(ask(connection), at)


def _begin_again(intent: Intent, window: Window) -> Begun:
    return begin(lambda connection: begin_sending(connection, intent.id, worker=window.worker), window)


def carry_out(
    intent: Intent,
    send: Callable[[], RecordRef],
    look_up: LookUp,
    window: Window,
    *,
    begun: Begun | None = None,
    note: Note = nothing_follows,
) -> Carried:
    """Bring about one wanted effect, once.

    Args:
        intent: From the ledger (`plan_intent`).
        send: The write, carrying the intent's reference.
        look_up: The search for what an earlier attempt may have made.
        window: Store, worker and clock.
        begun: The first turn, where it was asked for already.
        note: Writes down what follows from it.

    Returns:
        The record in the ERP.

    Raises:
        ComeBackLater: A fence must pass first.
        UncertainEffectError: A person must decide.
        ErpcoreError: What the write or the look-up raised; the ledger knows what it means for the effect.
    """
    sends, naps = 0, 0
    while True:
        begun = begun or _begin_again(intent, window)
        turn = begun.turn
        if carried := _settled(turn):
            with window.begin() as connection:
                note(connection, carried)
        elif turn.action == "send":
            sends += 1
            carried = _send(begun, send, look_up, window, note)
        else:
            carried = _look(turn, look_up, window, note)
            if carried is None:
                _wait(turn, window, may_nap=naps == 0, may_send=sends < MOST_SENDS)
                naps += 1
        if carried is not None:
            return carried
        begun = None


def settle(intent: Intent, look_up: LookUp, window: Window) -> Carried | None:
    """Find out what became of an attempt that is not wanted any more, without sending.

    Args:
        intent: From the ledger.
        look_up: The search for what the attempt may have made.
        window: Store, worker and clock.

    Returns:
        What it had made; None when it surely made nothing.

    Raises:
        ComeBackLater: A fence must pass first.
        UncertainEffectError: A person must decide.
    """
    while True:
        turn = _begin_again(intent, window).turn
        if carried := _settled(turn):
            return carried
        if turn.action == "send":
            with window.begin() as connection:
                record_not_sent(connection, turn, story.not_made())
            return None
        if carried := _look(turn, look_up, window, nothing_follows):
            return carried
        _wait(turn, window, may_nap=False, may_send=True)


def _settled(turn: Turn) -> Carried | None:
    """Give what the ledger knows already."""
    if turn.action == "done":
        _refuse_two(turn.intent)
        return Carried(_ref(turn.intent), "known", turn.intent)
    if turn.action == "decide":
        raise UncertainEffectError(
            f"Nobody can tell whether {turn.intent.operation} was carried out in the ERP: "
            f"{turn.intent.error or 'the answer is missing'}",
            record=turn.intent.record,
            advice=story.HOW_TO_ANSWER["made_or_not"],
        )
    return None


def _send(begun: Begun, send: Callable[[], RecordRef], look_up: LookUp, window: Window, note: Note) -> Carried | None:
    """Send once. None: the answer is lost, which the ledger knows."""
    turn = begun.turn
    try:
        with wire_open(window, turn, begun.at):
            ref = send()
    except (TurnLostError, *STORE_AWAY):
        # Nothing can be noted, and need not be: who has the run now, or takes it next, looks for what was sent.
        raise
    except NOT_SENT as error:
        with window.begin() as connection:
            record_not_sent(connection, turn, str(error))
        raise
    except REFUSALS as error:
        with window.begin() as connection:
            record_refused(connection, turn, str(error))
        raise
    except ConflictError as error:
        # It exists already: made by an attempt whose answer was lost, or by somebody else under the same key.
        found = _search(turn, look_up, window, begun.at)
        if found is not None:
            return _done(turn, found, window, note, adopted=True)
        with window.begin() as connection:
            record_refused(connection, turn, str(error))
        raise
    except LOST_ANSWERS as error:
        with window.begin() as connection:
            record_uncertain(connection, turn, str(error))
        return None
    except Exception as error:
        # A fault in a plugin says nothing about what it sent before it broke.
        with window.begin() as connection:
            record_uncertain(connection, turn, f"{type(error).__name__}: {error}")
        found = _search(turn, look_up, window)
        if found is not None:
            return _done(turn, found, window, note, adopted=True)
        raise UncertainEffectError(
            f"{turn.intent.operation} broke off, and the ERP does not show whether it was carried out: {error}",
            record=turn.intent.record,
            advice="Report the fault to the plugin's author. Sent again, it is looked for in the ERP first.",
        ) from error
    return _done(turn, ref, window, note, adopted=False)


def _look(turn: Turn, look_up: LookUp, window: Window, note: Note) -> Carried | None:
    """Search once, and note what came of it."""
    found = _search(turn, look_up, window)
    if found is not None:
        return _done(turn, found, window, note, adopted=True)
    with window.begin() as connection:
        record_absent(connection, turn)
    return None


def _search(turn: Turn, look_up: LookUp, window: Window, begun: float | None = None) -> RecordRef | None:
    """Search, and call the effect uncertain when the search fails for good.

    What it finds half made is made whole. `begun`: when the turn to send was asked for, where it is this worker's.
    """
    try:
        with looking(window) if begun is None else wire_open(window, turn, begun):
            return look_up()
    except ErpcoreError as error:
        if error.retryable or isinstance(error, TurnLostError):
            raise
        with window.begin() as connection:
            # The ledger opens the decision to a person once an attempt is called uncertain.
            record_uncertain(connection, replace(turn, action="send"), str(error))
        if isinstance(error, UncertainEffectError):
            error.record = error.record or turn.intent.record
            raise
        raise UncertainEffectError(
            f"An earlier attempt at {turn.intent.operation} has no answer, and it cannot be looked for: {error}",
            record=turn.intent.record,
            advice="Mend what the message says and send the record again.",
        ) from error


def _wait(turn: Turn, window: Window, *, may_nap: bool, may_send: bool) -> None:
    """Wait until a look-up counts, or let the engine wait.

    A nap comes first: another worker's request mostly ends within it, and an ERP mostly shows what it made.
    """
    seconds = 0.0 if turn.wait_until is None else (turn.wait_until - turn.at).total_seconds()
    if may_send and 0 < seconds <= window.patience:
        window.clock.sleep(seconds)
    elif may_nap and seconds > 0:
        window.clock.sleep(window.patience)
    elif seconds > 0 or not may_send:
        if turn.intent.state == "sending" and turn.intent.sending_at is not None:
            # Perhaps somebody is at it: ask again soon at first, and at longer intervals then.
            seconds = min(seconds, (turn.at - turn.intent.sending_at).total_seconds())
        seconds = max(seconds, SHORTEST_WAIT)
        raise ComeBackLater(story.come_back(seconds, turn.intent.operation), seconds=seconds, record=turn.intent.record)


def _done(turn: Turn, ref: RecordRef, window: Window, note: Note, *, adopted: bool) -> Carried:
    result: Mapping[str, object] = ref.model_dump(mode="json", exclude_unset=True, include=_TOLD)

    def done(connection: sa.Connection) -> Intent:
        return record_done(
            connection,
            turn.intent.id,
            attempt=turn.attempt,
            number=ref.number,
            key=ref.key,
            result=result,
            adopted=adopted,
            asker=window.record,
        )

    lost: TurnLostError | None = None
    try:
        with window.store.begin() as connection:
            try:
                window.hold(connection)
            except TurnLostError as error:
                lost = error
            # Without the turn, too: a document that exists, exists, whoever says it and however late.
            intent = done(connection)
            carried = Carried(ref, "adopted" if adopted else "sent", intent)
            if intent.second is not None:
                window.look_again(connection)
            elif lost is None:
                note(connection, carried)
    except RecordError:
        # And whatever keeps anybody from writing down what follows.
        with window.store.begin() as connection:
            done(connection)
        raise
    if lost is not None:
        raise lost
    _refuse_two(intent)
    return carried


def _refuse_two(intent: Intent) -> None:
    if intent.second is not None:
        raise two_documents(intent.record, intent.operation, str(intent.number), intent.second)


def two_documents(record: str, operation: str, *numbers: str) -> UncertainEffectError:
    """Give the error that asks which of several documents counts.

    Args:
        record: What they were made for.
        operation: The hook that made them.
        *numbers: Their numbers in the target.
    """
    return UncertainEffectError(
        story.two_documents(story.rivals(operation, *numbers)),
        cause="two_documents",
        record=record,
        advice=story.HOW_TO_ANSWER["two_documents"],
    )


def _ref(intent: Intent) -> RecordRef:
    found = {"number": intent.number, "key": intent.key}
    found |= {name: (intent.result or {}).get(name) for name in _TOLD}
    return RecordRef.model_validate({name: value for name, value in found.items() if value is not None})
