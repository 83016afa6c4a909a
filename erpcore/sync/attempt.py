"""One attempt at a run: the systems, the ledger, the story, and the right to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from erpcore.hookspecs import Context
from erpcore.models import CanonicalModel, RecordRef, Ref, WriteBack
from erpcore.store import (
    Intent,
    Link,
    Run,
    Turn,
    ask_for_invoices,
    describe,
    installation_id,
    intents_of,
    note_result,
    note_run,
    now,
    plan_and_begin,
    plan_intent,
    record_done,
    tell_all,
    tell_once,
)
from erpcore.sync.effect import Carried, ComeBackLater, Note, begin, carry_out
from erpcore.sync.repeat import repeatable
from erpcore.sync.shared import story
from erpcore.sync.shared.history import document_of, read_document
from erpcore.sync.shared.reading import Sides
from erpcore.sync.shared.reference import reference
from erpcore.sync.shared.view import LinkedDocument
from erpcore.sync.window import Window

T = TypeVar("T")

_MAKES_AN_INVOICE = {"convert_to_invoice", "create_invoice"}

PLAN_AGAIN = 1.0
"""Seconds before a plan is made anew because something it rested on no longer held."""


@dataclass
class _Known:
    """What an attempt has written itself, and so need not read: the run is in its hand alone.

    Attributes:
        document: The record's document and the number of its invoice; None where it is to be read.
        intents: Intents as they stand, by record, operation and generation.
    """

    document: tuple[LinkedDocument, str | None] | None = None
    intents: dict[tuple[str, str, int], Intent] = field(default_factory=dict)


@dataclass(frozen=True)
class Attempt:
    """One attempt at work.

    Attributes:
        sides: The sync's systems, rules and store.
        window: What effects are carried out with. Its transactions are refused once the run is another worker's.
        run: The run, as it was taken.
        requests: Gives the requests sent so far in this attempt, by connection.
        failures: Gives the requests that went wrong since it was last asked, as text and data of lines for the story.
    """

    sides: Sides
    window: Window
    run: Run
    requests: Callable[[], Mapping[str, int]]
    failures: Callable[[], Sequence[tuple[str, Mapping[str, object]]]]
    _known: _Known = field(default_factory=_Known, init=False, repr=False, compare=False)

    @property
    def record(self) -> str:
        """The run's record as the ledger and errors name it, such as ``deal 4711``."""
        return self.run.record

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A writing transaction, for as long as the run is in this worker's hand.

        Raises:
            TurnLostError: It is not any more; nothing is written.
        """
        with self.window.begin() as connection:
            yield connection

    def document(self) -> tuple[LinkedDocument | None, str | None]:
        """Give the document that holds for the run's record, and the number of the invoice that it became."""
        if self._known.document is not None:
            return self._known.document
        with self.sides.store.read() as connection:
            return read_document(connection, self.sides.sync, self.run.record_kind, self.run.record_id)

    def note_document(self, link: Link | None, invoice_number: str | None = None) -> None:
        """Remember the document of the run's record, as this attempt has just linked it.

        Args:
            link: The link to it; None where it is to be read when it is asked for.
            invoice_number: Of the invoice that it became.
        """
        document = None if link is None else document_of(link)
        self._known.document = None if document is None else (document, invoice_number)

    def context(self, own_reference: str | None = None) -> Context:
        """Give the context of a call.

        Args:
            own_reference: Our own reference for the record that the call makes.
        """
        return Context(self.run.correlation_id, own_reference, self.sides.registers.keys())

    def tell(self, kind: str, text: str, data: Mapping[str, object] | None = None) -> None:
        """Add a line to the run's story, unless it stands there already from an earlier attempt.

        Args:
            kind: Such as ``plan``, ``step``, ``loss``, ``note``, ``warning``.
            text: In words.
            data: What a page may show beside it.
        """
        self.tell_all([(kind, text, data)])

    def tell_all(
        self,
        lines: Sequence[tuple[str, str, Mapping[str, object] | None]],
        *,
        facts: Mapping[str, object] | None = None,
        **noted: object,
    ) -> None:
        """Add lines to the run's story at once, leaving out those that stand there already.

        Args:
            lines: Kind, text and data of each, as for `tell`.
            facts: What the source shows of the record, for lists (`erpcore.store.describe`).
            **noted: Columns of the run that are noted with them.
        """
        with self.begin() as connection:
            if facts is not None:
                describe(connection, self.run, facts)
            if noted:
                note_run(connection, self.run, **noted)
            self.tell_in(connection, lines)

    def tell_in(self, connection: sa.Connection, lines: Sequence[tuple[str, str, Mapping[str, object] | None]]) -> None:
        """Add lines to the run's story inside a transaction (`begin`), with what they tell of; see `tell_all`."""
        tell_all(connection, self.run.id, [("request", text, data) for text, data in self.failures()])
        tell_once(connection, self.run.id, lines)

    def intent(self, record: str, operation: str, generation: int) -> Intent:
        """Give the ledger's intent for a write, noting it when it is new.

        Args:
            record: What the write is for, such as ``deal 4711``.
            operation: The hook.
            generation: Which document of the record.
        """
        if (kept := self._known.intents.get((record, operation, generation))) is not None:
            return kept
        with self.sides.store.read() as connection:
            intents = intents_of(connection, sync=self.sides.sync, record=record, operation=operation)
        for known in intents:
            if known.generation == generation and not known.part:
                return known
        with self.begin() as connection:
            return self.plan_intent(connection, record, operation, generation)

    def note_result(self, intent: Intent, found: Mapping[str, Any]) -> None:
        """Note more of what a done intent's document is; see `erpcore.store.note_result`."""
        with self.begin() as connection:
            changed = note_result(connection, intent, found)
        self._known.intents[intent.record, intent.operation, intent.generation] = changed

    def plan_intent(self, connection: sa.Connection, record: str, operation: str, generation: int) -> Intent:
        """Give the ledger's intent for a write, inside a transaction; see `intent`."""
        return plan_intent(connection, **self._wanted(connection, record, operation, generation))

    def _turn(self, connection: sa.Connection, record: str, operation: str, generation: int) -> Turn:
        wanted = self._wanted(connection, record, operation, generation)
        return plan_and_begin(connection, **wanted, worker=self.window.worker)

    def _wanted(self, connection: sa.Connection, record: str, operation: str, generation: int) -> dict[str, Any]:
        return {
            "sync": self.sides.sync,
            "record": record,
            "operation": operation,
            "reference": reference(installation_id(connection), self.sides.sync, record, generation, operation),
            "fence_seconds": self.window.fence_seconds(self.sides.erp.effect(operation)),
            "generation": generation,
        }

    def generation_of(self, record: str, operation: str, still_there: Callable[[Ref], bool]) -> int:
        """Give the generation for a record that the target does not show: a new one when what was made before is gone.

        What was made a moment ago is believed to be there, even if the target does not show it yet.

        Args:
            record: What the write is for.
            operation: The hook.
            still_there: Asks the target for a record that an earlier intent made.
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
        known = Ref(number=str(last.number), key=last.key)
        return last.generation if fresh or still_there(known) else last.generation + 1

    def adopt(self, connection: sa.Connection, record: str, operation: str, number: str) -> None:
        """Settle attempts without an answer by what a person, or the source, says is the record.

        Args:
            connection: Of a transaction (`begin`).
            record: What the writes were for.
            operation: The hook.
            number: Number of the record.
        """
        for intent in intents_of(connection, sync=self.sides.sync, record=record, operation=operation):
            if intent.state in ("sending", "uncertain"):
                record_done(connection, intent.id, attempt=intent.attempts, number=number, adopted=True)

    def carry_out(
        self,
        record: str,
        operation: str,
        generation: int,
        send: Callable[[Intent], RecordRef],
        look_up: Callable[[Intent], RecordRef | None],
        link: Note,
    ) -> Carried:
        """Bring about an effect, link it and tell the story of it. See `erpcore.sync.effect.carry_out`.

        Args:
            record: What the write is for, such as ``deal 4711``.
            operation: The hook.
            generation: Which document of the record.
            send: The write, carrying the intent's reference.
            look_up: The search for what an earlier attempt may have made.
            link: Links what was made, in the transaction that notes it.
        """
        before = dict(self.requests())
        begun = begin(lambda connection: self._turn(connection, record, operation, generation), self.window)
        intent = begun.turn.intent

        def note(connection: sa.Connection, carried: Carried) -> None:
            link(connection, carried)
            spent = {name: count - before.get(name, 0) for name, count in self.requests().items()}
            data = {
                "operation": operation,
                "reference": intent.reference,
                "number": carried.ref.number,
                "how": carried.how,
                "attempts": carried.intent.attempts,
                "requests": {name: count for name, count in spent.items() if count},
            }
            if operation in _MAKES_AN_INVOICE:
                ask_for_invoices(connection, self.sides.erp.name, self.sides.sync)
            self.tell_in(connection, [("step", story.made(operation, carried.ref.number, carried.how), data)])

        done = carry_out(intent, lambda: send(intent), lambda: look_up(intent), self.window, begun=begun, note=note)
        self._known.intents[record, operation, generation] = done.intent
        return done

    def write_back(self, values: WriteBack, doing: str, seen: CanonicalModel | None = None) -> bool:
        """Tell the source something about a record, if it can be told.

        Args:
            values: What.
            doing: What that is, for people.
            seen: What the source showed of the record, where that was read.

        Returns:
            Whether it stands there now.

        Raises:
            ComeBackLater: The answer is lost; it is told again.
        """
        crm = self.sides.crm
        context = replace(self.context(), seen=seen)
        return crm.can("write_back") and self.repeatable(doing, lambda: crm.write_back(values, context))

    def repeatable(self, doing: str, call: Callable[[], T]) -> T:
        """Do a write that may be done twice.

        Args:
            doing: What it does, for people.
            call: The write.

        Raises:
            ComeBackLater: Its answer is lost; it is done again.
            TurnLostError: Another worker has the run by now.
        """
        return repeatable(self.window, doing, call)

    def plan_again(self, why: str) -> ComeBackLater:
        """Give the signal to read and plan anew, because something no longer held.

        Args:
            why: What, in words.
        """
        return ComeBackLater(why, seconds=PLAN_AGAIN, connection=self.sides.erp.name, record=self.record)
