"""What every attempt does, whatever record it is about: read, plan, carry out, say how it ended.

There is one way to go on. An attempt keeps nothing in memory for the next one: whatever broke the one before, the next
one reads the systems, the ledger and the links anew, and plans anew from them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, Generic, Literal, TypeVar

import sqlalchemy as sa

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.errors import FieldLossError, InvalidValueError, UncertainEffectError, UnsupportedOperationError
from erpcore.fields import Loss
from erpcore.hookspecs import Context
from erpcore.host import LONGEST_REQUEST, Clock
from erpcore.models import CanonicalModel, CrmEvent, RecordKind, WriteBack
from erpcore.problem import Problem
from erpcore.remedy import words_in_crm
from erpcore.store import Run, Store, cut_link, events_of, hold_run, links_from
from erpcore.sync.attempt import Attempt
from erpcore.sync.plan import Plan
from erpcore.sync.shared import loss_words, story
from erpcore.sync.shared.history import read_history
from erpcore.sync.shared.known_articles import KnownArticles
from erpcore.sync.shared.losses import grouped
from erpcore.sync.shared.reading import Sides, article_link, link_article
from erpcore.sync.shared.reasons import AS_IF, ASKS
from erpcore.sync.shared.registers import KnownRegisters
from erpcore.sync.shared.rows import require_holdable
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.view import ErpView, History, Seen, SeenInCrm
from erpcore.sync.shared.wish import WISH
from erpcore.sync.steps.base import CustomerOf, Step
from erpcore.sync.window import OLDEST_TURN, Window, nothing

V = TypeVar("V", bound=Seen)


@dataclass(frozen=True)
class Ending:
    """How an attempt came to a good end.

    Attributes:
        state: ``done``, or ``nothing`` when there was nothing to do.
        summary: What the run came to, in a line.
        plan: What was carried out, in words.
        customers: Customers that have all now that the CRM shows of their companies, which asks for no more.
    """

    state: Literal["done", "nothing"]
    summary: str
    plan: Mapping[str, Any]
    customers: Sequence[CustomerOf] = ()


class Flow(ABC, Generic[V]):
    """The records of one kind in one sync. One instance per process; safe for threads.

    Args:
        sync: Name of the sync.
        rules: Its rules.
        crm: The CRM.
        erp: The ERP.
        store: The store.
        clock: Today's date, short waits, and a turn's age.
        worker: Who works, for the ledger's history.
        articles: Articles that the ERP is known to have; share one per ERP connection.
        registers: The ERP's registers as they were read; share one per ERP connection.
        requests: Gives the requests sent so far in the current attempt, by connection, for the story.
        failures: Gives the requests that went wrong since it was last asked, as text and data, for the story.
        longest_request: Seconds that one request to the ERP may be under way, from the turn's beginning on.
        oldest_turn: Seconds after which a turn is too old for a request to leave.
        today: Today's date where the company is; without it that of the rules' time zone.
    """

    kind: ClassVar[RecordKind]
    """What its records are."""
    asking: ClassVar[str]
    """The kind of event that asks for something to be made; other events only tell of a change."""

    def __init__(
        self,
        sync: str,
        rules: SyncRules,
        crm: CrmConnection,
        erp: ErpConnection,
        store: Store,
        *,
        clock: Clock,
        worker: str = "worker",
        articles: KnownArticles | None = None,
        registers: KnownRegisters | None = None,
        requests: Callable[[], Mapping[str, int]] = dict,
        failures: Callable[[], Sequence[tuple[str, Mapping[str, object]]]] = tuple,
        longest_request: float = LONGEST_REQUEST,
        oldest_turn: float = OLDEST_TURN,
        today: Callable[[], date] | None = None,
    ) -> None:
        known = (articles or KnownArticles(clock.monotonic), registers or KnownRegisters(clock.monotonic))
        self.sides = Sides(sync, rules, crm, erp, store, *known)
        self._window = Window(store, worker, clock, longest_request=longest_request, oldest_turn=oldest_turn)
        self._requests = requests
        self._failures = failures
        self._today = today or (lambda: rules.day_of(clock.now()))

    @abstractmethod
    def _read(
        self, record_id: str, event: CrmEvent | None, context: Context, attempt: Attempt | None, *, as_if: bool = False
    ) -> V:
        """Read the record, and what belongs to it; with an attempt, the source may be told of it.

        `as_if`: as if the record asked for its document, which it does not yet.
        """

    @abstractmethod
    def _read_words(self, view: V) -> str:
        """Say what was read."""

    @abstractmethod
    def _facts(self, view: V) -> Mapping[str, Any]:
        """Give what lists show of the record: name, customer, seller, amount, currency, as far as they are shown."""

    @abstractmethod
    def _plan(self, view: V, context: Context, attempt: Attempt | None) -> Plan:
        """Read what is needed from the target and plan; with an attempt, note what the look-ups tell."""

    def carry_out(self, run: Run, *, look_again: Callable[[sa.Connection], None] = nothing) -> Ending:
        """Carry out one attempt at a run.

        Args:
            run: As it was taken (`erpcore.store.take_run`); its events are in the inbox.
            look_again: Has the run looked at once more, in the transaction in which a second document turns up.

        Returns:
            How it ended. The caller closes the run.

        Raises:
            ComeBackLater: Not now; the whole run is tried again later.
            RecordError: The record cannot be sent as it is.
            UncertainEffectError: A person must answer first (`erpcore.sync.answers`).
            TurnLostError: Another worker has taken the run over.
            ErpcoreError: A system refused, or did not answer.
        """
        attempt = self._attempt(run, look_again)
        view = self._read(run.record_id, self._event(run.id), attempt.context(), attempt)
        read, facts = ("read", self._read_words(view), None), self._facts(view)
        try:
            plan = self._plan(view, attempt.context(), attempt)
        except Exception:
            attempt.tell_all([read], facts=facts)  # what was read explains why nothing could be planned
            raise
        self._note_plan(attempt, read, facts, plan, self._seen(view))
        self._refuse_unready(plan)
        steps = self._sendable(plan, attempt.context())
        made = [step.do(attempt) for step in steps]
        state, summary = self._ending(attempt, plan, made)
        return Ending(state, summary, plan.summary(), self._seen_to(steps))

    def _seen_to(self, steps: Iterable[Step]) -> Sequence[CustomerOf]:
        """Give the customers for which nothing is left to do; none where the CRM waits for word of its companies."""
        told = self.sides.crm.plugin.field_maps.get("company_write_back")
        word = WriteBack(record_kind="company", record_id="", status=story.SYNCED, erp_id="1")
        if told is None or told.to_native(word):
            return ()
        return tuple(step.sees_to for step in steps if step.sees_to is not None)

    def tell_failure(self, run: Run, problem: Problem) -> None:
        """Tell the CRM that the run's record could not be sent: status and message, where it has a place for them.

        Args:
            run: As it was taken.
            problem: Why. The message is made of it, in the language of the CRM's users.

        Raises:
            ErpcoreError: The CRM could not be told.
        """
        attempt, crm, erp = self._attempt(run), self.sides.crm, self.sides.erp
        if not crm.can("write_back"):
            return
        plugin = erp.plugin if problem.connection == erp.name else crm.plugin
        message = words_in_crm(problem, plugin.remedies, self.sides.rules.language, plugin.remedy_words)
        values = WriteBack(record_kind=self.kind, record_id=run.record_id, status=story.ERROR, message=message)
        # Noted before it leaves: without an answer it may stand there, and the next attempt must know it for its own.
        attempt.tell_all([], failure_told=True)
        if attempt.write_back(values, "telling the CRM of the failure"):
            attempt.tell_all([("failure_told", story.failure_told(message), None)])

    def preview(self, record_id: str) -> Plan:
        """Tell what would happen if the record were sent now, and what would be lost. Nothing is sent or noted.

        A record that does not ask for its document yet is shown as if it did, and the plan says so.

        Args:
            record_id: The source's key of the record.

        Raises:
            RecordError: It cannot be sent as it is.
        """
        context = Context(f"{self.sides.sync}:plan:{record_id}")
        view = self._read(record_id, None, context, None)
        plan = self._plan(view, context, None)
        if words := AS_IF.get(plan.reason):
            as_if = self._read(record_id, None, context, None, as_if=True)
            again = self._preview(as_if, context)
            return again.model_copy(update={"why": f"{plan.why} {words} {again.why}"})
        self._sendable(plan, context)
        return plan

    def _preview(self, view: V, context: Context) -> Plan:
        plan = self._plan(view, context, None)
        self._sendable(plan, context)
        return plan

    def _attempt(self, run: Run, look_again: Callable[[sa.Connection], None] = nothing) -> Attempt:
        window = replace(
            self._window,
            hold=lambda connection: hold_run(connection, run),
            look_again=look_again,
            record=run.record,
        )
        return Attempt(self.sides, window, run, self._requests, self._failures)

    def _seen(self, view: V) -> SeenInCrm | None:
        """Give what the next plan of the record must know of this one's view; None for nothing."""
        return None

    def _note_plan(
        self,
        attempt: Attempt,
        read: tuple[str, str, None],
        facts: Mapping[str, Any],
        plan: Plan,
        seen: SeenInCrm | None,
    ) -> None:
        known = {} if seen is None else {"seen": seen.model_dump()}
        lines: list[tuple[str, str, Mapping[str, object] | None]] = [
            read,
            ("plan", plan.why, {"reason": plan.reason, "steps": [step.name for step in plan.steps], **known}),
            *(("note", note, None) for note in plan.notes),
            *(("loss", loss_words.loss(lost), lost.model_dump(mode="json")) for lost in grouped(plan.losses)),
            *(step.stands for step in plan.steps if step.stands is not None),
        ]
        attempt.tell_all(lines, facts=facts, reason=plan.reason)

    def _ending(
        self, attempt: Attempt, plan: Plan, made: Sequence[str | None]
    ) -> tuple[Literal["done", "nothing"], str]:
        """Say whether something was done, and in a line what the run came to."""
        document, invoice_number = attempt.document() if any(made) else (None, None)
        if document is None:
            return "nothing", plan.why
        return "done", story.summary(document.kind, document.number, invoice_number)

    def _losses(self, record: CanonicalModel, clearing: bool) -> Sequence[Loss]:
        return self.sides.erp.losses(record, clearing=clearing)

    def _sendable(self, plan: Plan, context: Context) -> Sequence[Step]:
        """Give a plan's steps with codes as the ERP's registers spell them.

        A plan that lacks what the ERP demands, or names what its registers do not have, stops before it begins.
        """
        erp = self.sides.erp
        for step in plan.steps:
            if step.sends is not None and not step.changes and (missing := erp.missing(step.sends)):
                raise InvalidValueError(
                    story.missing(type(step.sends).__name__.lower(), missing, erp.plugin.display_name),
                    connection=erp.name,
                    field=missing[0],
                    record=plan.record,
                    advice="Enter it in the CRM, then send the record again.",
                )
            if step.sends is not None:
                require_holdable(step.sends, step.new_rows, erp.plugin, plan.record)
        return [self._coded(step, plan.record, context) for step in plan.steps]

    def _coded(self, step: Step, record: str, context: Context) -> Step:
        if step.sends is None:
            return step
        coded = self.sides.registers.coded(self.sides.erp, step.sends, record, context)
        if coded is step.sends:
            return step
        held = next(name for name in type(step).model_fields if getattr(step, name) is step.sends)
        return step.model_copy(update={held: coded})

    def _refuse_unready(self, plan: Plan) -> None:
        """Stop a plan that must not begin, before anything is sent."""
        record, erp = plan.record, self.sides.erp
        if cause := ASKS.get(plan.reason):
            raise UncertainEffectError(plan.why, cause=cause, record=record, advice=story.HOW_TO_ANSWER[cause])
        for step in plan.steps:
            if step.hook is not None and not erp.can(step.hook):
                raise UnsupportedOperationError(
                    story.cannot(erp.plugin.display_name, step.hook),
                    connection=erp.name,
                    record=record,
                    advice="Nothing was sent. Change the sync's rules so that they do not ask for it.",
                )
        if blocked := [lost for lost in plan.losses if lost.policy == "block"]:
            raise FieldLossError(
                loss_words.blocked(grouped(blocked)),
                connection=erp.name,
                record=record,
                advice="Nothing was sent. Change the values in the CRM, or set on_loss = “warn”.",
            )

    def _mend_links(self, attempt: Attempt, erp: ErpView) -> None:
        """End the links to what the look-ups no longer find: articles, and companies that were merged into another one.

        A link follows an article's new number.
        """
        for gone in erp.gone_companies:
            with attempt.begin() as connection:
                links = links_from(connection, sync=self.sides.sync, source_kind="company", source_id=gone)
                for each in links:
                    if each.cut_at is None:
                        cut_link(connection, each.id, reason=story.company_gone(gone))
                attempt.tell_in(connection, [("note", story.company_gone(gone), None)])
        moved = {
            key: erp.known_articles.get(linked.number)
            for key, linked in erp.article_links.items()
            if linked.number in erp.missing_articles or erp.known_articles.get(linked.number, linked) != linked
        }
        if not moved:
            return
        with attempt.begin() as connection:
            for key, article in moved.items():
                link = article_link(connection, self.sides.sync, key)
                if link is None or link.number != erp.article_links[key].number:
                    continue
                if article is None:
                    cut_link(connection, link.id, reason=story.article_gone(link.number))
                else:
                    link_article(connection, self.sides.sync, key, article)

    @staticmethod
    def _noting(attempt: Attempt | None) -> Callable[[str], None]:
        """Give what puts a note on the story; without an attempt, nothing is noted."""
        return (lambda _: None) if attempt is None else (lambda text: attempt.tell("note", text))

    def _history(self, record_id: str, attempt: Attempt | None) -> History:
        before = attempt is None or not attempt.run.is_first
        with self.sides.store.read() as connection:
            return read_history(connection, self.sides.sync, self.kind, record_id, planned_before=before)

    def _event(self, run_id: int) -> CrmEvent | None:
        """Give the event that matters most: the last that asks for something, one that is no history before others."""
        with self.sides.store.read() as connection:
            told = [event for event in events_of(connection, run_id) if event.kind != WISH]
        events = [CrmEvent.model_validate(event.payload) for event in told]
        events.sort(key=lambda event: (event.kind == self.asking, not event.history))
        return events[-1] if events else None
