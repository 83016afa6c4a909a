"""What every step needs at hand: the systems, the ledger, and the story of the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import sqlalchemy as sa

from erpcore.errors import MalformedReplyError, OutcomeUnknownError
from erpcore.hookspecs import Context
from erpcore.models import RecordRef, WriteBack
from erpcore.store import (
    Intent,
    Run,
    installation_id,
    intents_of,
    now,
    plan_intent,
    record_done,
    tell_once,
)
from erpcore.sync import story
from erpcore.sync.effects import Carried, ComeBackLater, LookUp, Window, carry_out
from erpcore.sync.history import ledger_record, read_history
from erpcore.sync.reading import Sides
from erpcore.sync.reference import reference
from erpcore.sync.view import History

T = TypeVar("T")

REPEAT_AFTER = 5.0
"""Seconds before a harmless write whose answer was lost is done again."""

PLAN_AGAIN = 1.0
"""Seconds before a plan is made anew because a link no longer held."""


@dataclass(frozen=True)
class Handling:
    """One run at work.

    Attributes:
        sides: The sync's systems, rules and store.
        window: What effects are carried out with.
        run: The run.
        requests: Gives the requests sent so far for this run, by connection.
    """

    sides: Sides
    window: Window
    run: Run
    requests: Callable[[], Mapping[str, int]]

    @property
    def record(self) -> str:
        """The run's record as the ledger and errors name it, such as ``deal 4711``."""
        return ledger_record(self.run.record_kind, self.run.record_id)

    def history(self, connection: sa.Connection) -> History:
        """Read what erpcore remembers of the run's record.

        Args:
            connection: Of a transaction.
        """
        return read_history(connection, self.sides.sync, self.run.record_kind, self.run.record_id)

    def context(self, own_reference: str | None = None) -> Context:
        """Give the context of a call.

        Args:
            own_reference: Our key for the record that the call makes.
        """
        run = self.run
        return Context(f"{run.sync}:{run.record_kind}:{run.record_id}:{run.generation}", own_reference)

    def tell(self, kind: str, text: str, data: Mapping[str, object] | None = None) -> None:
        """Add a line to the run's story, unless it stands there already from an earlier attempt.

        Args:
            kind: Such as ``plan``, ``step``, ``loss``, ``note``, ``warning``.
            text: In words.
            data: What a page may show beside it.
        """
        self.tell_all([(kind, text, data)])

    def tell_all(self, lines: Sequence[tuple[str, str, Mapping[str, object] | None]]) -> None:
        """Add lines to the run's story at once, leaving out those that stand there already.

        Args:
            lines: Kind, text and data of each, as for `tell`.
        """
        with self.sides.store.begin() as connection:
            tell_once(connection, self.run.id, lines)

    def intent(self, record: str, operation: str, generation: int) -> Intent:
        """Give the ledger's intent for a write, noting it when it is new.

        Args:
            record: What the write is for, such as ``deal 4711``.
            operation: The hook.
            generation: Which document of the record.
        """
        effect = self.sides.erp.effect(operation)
        with self.sides.store.begin() as connection:
            own = reference(installation_id(connection), self.sides.sync, record, generation, operation)
            return plan_intent(
                connection,
                sync=self.sides.sync,
                record=record,
                operation=operation,
                reference=own,
                fence_seconds=self.window.fence_seconds(effect),
                generation=generation,
            )

    def generation_of(self, record: str, operation: str, still_there: Callable[[str], bool]) -> int:
        """Give the generation for a record that the ERP does not show: a new one when what was made before is gone.

        What was made a moment ago is believed to be there, even if the ERP does not show it yet.

        Args:
            record: What the write is for.
            operation: The hook.
            still_there: Asks the ERP for a number that an earlier intent made.
        """
        with self.sides.store.read() as connection:
            intents = intents_of(connection, sync=self.sides.sync, record=record, operation=operation)
            moment = now(connection)
        if not intents:
            return 1
        last = max(intents, key=lambda intent: intent.generation)
        if last.state != "done" or last.settled_at is None:
            return last.generation
        fresh = moment < last.settled_at + timedelta(seconds=last.fence_seconds or 0)
        return last.generation if fresh or still_there(str(last.erp_number)) else last.generation + 1

    def adopt(self, record: str, operation: str, number: str) -> None:
        """Note that a look-up for the plan has found what an unanswered attempt made.

        Args:
            record: What the write was for.
            operation: The hook.
            number: What was found.
        """
        with self.sides.store.read() as connection:
            intents = intents_of(connection, sync=self.sides.sync, record=record, operation=operation)
        open_ones = [intent for intent in intents if intent.state in ("sending", "uncertain")]
        if not open_ones:
            return
        with self.sides.store.begin() as connection:
            for intent in open_ones:
                record_done(connection, intent.id, attempt=intent.attempts, erp_number=number, adopted=True)
        self.tell("step", story.made(operation, number, "adopted"), {"operation": operation, "number": number})

    def carry_out(self, intent: Intent, send: Callable[[], RecordRef], look_up: LookUp) -> Carried:
        """Bring about an effect and tell the story of it. See `erpcore.sync.effects.carry_out`."""
        before = dict(self.requests())
        carried = carry_out(intent, send, look_up, self.window)
        self._tell_carried(intent, carried, before)
        return carried

    def _tell_carried(self, intent: Intent, carried: Carried, before: Mapping[str, int]) -> None:
        spent = {name: count - before.get(name, 0) for name, count in self.requests().items()}
        data = {
            "operation": intent.operation,
            "reference": intent.reference,
            "number": carried.ref.number,
            "how": carried.how,
            "attempts": carried.attempts,
            "requests": {name: count for name, count in spent.items() if count},
        }
        self.tell("step", story.made(intent.operation, carried.ref.number, carried.how), data)
        if carried.warning:
            self.tell("warning", carried.warning)

    def write_back(self, values: WriteBack, doing: str) -> bool:
        """Tell the CRM something about a record, if it can be told.

        Args:
            values: What.
            doing: What that is, for people.

        Returns:
            Whether it stands in the CRM now.

        Raises:
            ComeBackLater: The answer is lost; it is told again.
        """
        crm = self.sides.crm
        return crm.can("write_back") and self.repeatable(doing, lambda: crm.write_back(values, self.context()))

    def repeatable(self, doing: str, call: Callable[[], T]) -> T:
        """Do a write that may be done twice.

        Args:
            doing: What it does, for people.
            call: The write.

        Raises:
            ComeBackLater: Its answer is lost; it is done again.
        """
        try:
            return call()
        except (OutcomeUnknownError, MalformedReplyError) as error:
            raise ComeBackLater(
                story.repeated(doing, str(error)), seconds=REPEAT_AFTER, connection=error.connection
            ) from error
