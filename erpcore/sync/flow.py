"""What the flows of deals, orders and companies share: each method is a durable step of the engine, safe to repeat.

What goes in and out can be written as JSON. Steps hand numbers to each other through links and the ledger, not through
memory, so a step that runs again, in another process or after a crash, finds what was done and sends nothing twice.
Every step adds to the story of its run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Generic, Literal, TypeVar

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.errors import FieldLossError, UncertainEffectError, UnsupportedOperationError
from erpcore.fields import Loss
from erpcore.hookspecs import Context
from erpcore.http import SYSTEM_CLOCK, Clock
from erpcore.models import CanonicalModel, Company, CrmEvent, WriteBack
from erpcore.store import Store, cut_link, events_of, get_run
from erpcore.sync import story
from erpcore.sync.articles import KnownArticles
from erpcore.sync.customer_plan import customer_key, organisation_of
from erpcore.sync.customers import article_record
from erpcore.sync.effects import LONGEST_REQUEST, Window
from erpcore.sync.handling import Handling
from erpcore.sync.history import read_history
from erpcore.sync.losses import grouped
from erpcore.sync.plan import Plan, RecordKind
from erpcore.sync.reading import Sides, article_link
from erpcore.sync.rules import SyncRules
from erpcore.sync.steps import NO_OPERATION, carry_out_step
from erpcore.sync.view import ErpView, History, Kept

V = TypeVar("V", bound=Kept)

FAILURE_TOLD = "failure_told"
"""Kind of the story's line that says that the CRM shows a failure."""

Ending = Literal["done", "nothing"]
"""How a run comes to a good end."""


class Flow(ABC, Generic[V]):
    """The records of one kind in one sync. One instance per process; safe for threads.

    A continuation of a run begins at `read_crm` again: what was done meanwhile is found in the ledger and the links.

    Args:
        sync: Name of the sync.
        rules: Its rules.
        crm: The CRM.
        erp: The ERP.
        store: The store.
        worker: Who works, for the ledger's history.
        clock: Today's date and short waits.
        articles: Articles that the ERP is known to have; share one per ERP connection.
        requests: Gives the requests sent so far in the current run, by connection, for the story.
        longest_request: Seconds that one request to the ERP may be under way, time-outs included.
        today: Today's date where the company is; without it that of the rules' time zone.
    """

    kind: ClassVar[RecordKind]
    """What its records are."""
    asking: ClassVar[str]
    """The kind of event that asks for something to be made; other events only tell of a change."""
    view: ClassVar[type[Kept]]
    """What the CRM shows of a record."""

    def __init__(
        self,
        sync: str,
        rules: SyncRules,
        crm: CrmConnection,
        erp: ErpConnection,
        store: Store,
        *,
        worker: str = "worker",
        clock: Clock = SYSTEM_CLOCK,
        articles: KnownArticles | None = None,
        requests: Callable[[], Mapping[str, int]] = dict,
        longest_request: float = LONGEST_REQUEST,
        today: Callable[[], date] | None = None,
    ) -> None:
        self.sides = Sides(sync, rules, crm, erp, store, articles or KnownArticles())
        self._window = Window(store, worker, clock, longest_request=longest_request)
        self._requests = requests
        self._today = today or (lambda: rules.day_of(clock.now()))

    @abstractmethod
    def _read(self, record_id: str, event: CrmEvent | None, context: Context, at: Handling | None) -> V:
        """Read the record, and what belongs to it, from the CRM; with a handling, the CRM may be told of it."""

    @abstractmethod
    def _read_words(self, view: V) -> str:
        """Say what was read."""

    @abstractmethod
    def _plan(self, view: V, context: Context, at: Handling | None) -> Plan:
        """Read what is needed from the ERP and plan; with a handling, note what the look-ups tell."""

    def read_crm(self, run_id: int) -> dict[str, Any]:
        """Read the run's record from the CRM.

        Args:
            run_id: Number of the run; its events are in the inbox.

        Returns:
            The CRM's view as JSON.

        Raises:
            ErpcoreError: The CRM did not give it.
        """
        at = self._handling(run_id)
        view = self._read(at.run.record_id, self._event(run_id), at.context(), at)
        at.tell("read", self._read_words(view))
        return view.to_json()

    def make_plan(self, run_id: int, crm: Mapping[str, Any]) -> dict[str, Any]:
        """Plan the record, after reading what is needed from the ERP. Nothing is sent.

        Args:
            run_id: Number of the run.
            crm: From `read_crm`.

        Returns:
            `Plan` as JSON: steps, losses, notes, reason, why.

        Raises:
            RecordError: The record cannot be sent as it is.
            FieldLossError: A value would be lost and the rules say stop.
            UncertainEffectError: A person must answer first (`erpcore.sync.answers`).
            UnsupportedOperationError: The ERP cannot do a step of the plan.
        """
        at = self._handling(run_id)
        view: Any = self.view.from_json(crm)
        plan = self._plan(view, at.context(), at)
        at.tell_all(
            [
                ("plan", plan.why, {"reason": plan.reason, "steps": [step.step for step in plan.steps]}),
                *(("note", note, None) for note in plan.notes),
                *(("loss", story.loss(lost), lost.to_json()) for lost in grouped(plan.losses)),
            ]
        )
        self._refuse_unready(plan)
        return plan.to_json()

    def do_step(
        self, run_id: int, plan: Mapping[str, Any], index: int, results: Sequence[Mapping[str, Any]] = ()
    ) -> dict[str, Any]:
        """Do one step of a plan.

        Args:
            run_id: Number of the run.
            plan: From `make_plan`.
            index: Which step.
            results: What the steps before gave back; they hand on what they made through the store.

        Returns:
            What was done: ``step``, ``number`` and more, as JSON.

        Raises:
            ComeBackLater: Later, from `read_crm` on.
            UncertainEffectError: A person must decide.
            ErpcoreError: A system refused, or did not answer.
        """
        # This step alone: reading all of a plan of a thousand steps for each of them takes minutes.
        only = Plan.from_json({**plan, "steps": [plan["steps"][index]], "losses": []})
        return carry_out_step(self._handling(run_id), only.steps[0])

    def finish(self, run_id: int, plan: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Sum a run up. The caller closes the run.

        Args:
            run_id: Number of the run.
            plan: From `make_plan`.
            results: What each step gave back.

        Returns:
            ``state`` (``done``, or ``nothing`` when nothing was there to do) and ``summary`` in words.
        """
        at = self._handling(run_id)
        state, summary = self._ending(at, Plan.from_json(plan), results)
        if state == "done":
            at.tell("done", summary)
        return {"state": state, "summary": summary}

    def tell_failure(self, run_id: int, message: str) -> None:
        """Tell the CRM that the run's record could not be sent: status and message, where it has a place for them.

        Args:
            run_id: Number of the run.
            message: Why, and what to do, in words.

        Raises:
            ErpcoreError: The CRM could not be told.
        """
        at = self._handling(run_id)
        values = WriteBack(record_kind=self.kind, record_id=at.run.record_id, status=story.ERROR, message=message)
        if at.write_back(values, "telling the CRM of the failure"):
            at.tell(FAILURE_TOLD, story.failure_told(message))

    def preview(self, record_id: str) -> Plan:
        """Tell what would happen if the record were sent now, and what would be lost. Nothing is sent or noted.

        Args:
            record_id: The CRM's key of the record.

        Raises:
            RecordError: It cannot be sent as it is.
        """
        context = Context(f"{self.sides.sync}:plan:{record_id}")
        return self._plan(self._read(record_id, None, context, None), context, None)

    def _ending(self, at: Handling, plan: Plan, results: Sequence[Mapping[str, Any]]) -> tuple[Ending, str]:
        """Say whether something was done, and in a line what the run came to."""
        history = self._history(at.run.record_id)
        made = [result for result in results if result.get("number")]
        if not made or history.document is None:
            return "nothing", plan.why
        return "done", story.summary(history.document.kind, history.document.number, history.invoice_number)

    def _losses(self, record: CanonicalModel, clearing: bool) -> Sequence[Loss]:
        return self.sides.erp.losses(record, clearing=clearing)

    def _refuse_unready(self, plan: Plan) -> None:
        """Stop a plan that must not begin, before anything is sent."""
        record, erp = plan.record, self.sides.erp
        for step in plan.steps:
            if step.step not in NO_OPERATION and not erp.can(step.step):
                raise UnsupportedOperationError(
                    story.cannot(erp.plugin.display_name, step.step),
                    connection=erp.name,
                    record=record,
                    advice="Nothing was sent. Change the sync's rules so that they do not ask for it.",
                )
        if blocked := [lost for lost in plan.losses if lost.policy == "block"]:
            raise FieldLossError(
                story.blocked(grouped(blocked)),
                connection=erp.name,
                record=record,
                advice="Nothing was sent. Shorten the values in the CRM, or set on_loss = “warn”.",
            )
        if plan.waits_for_person:
            raise UncertainEffectError(
                plan.why,
                record=record,
                advice="Answer “new document” to have one made, or “restore” to have the number written back.",
            )

    def _note_found(self, at: Handling, company: Company | None, erp: ErpView) -> None:
        """Note in the ledger and the links what the look-ups tell."""
        created_by_us = company is not None and erp.matched_by != "customer_number"
        if company is not None and created_by_us and len(erp.matches) == 1 and erp.matches[0].number:
            key = customer_key(company, organisation_of(company, erp, self.sides.rules))
            at.adopt(key, "create_customer", erp.matches[0].number)
        for number in sorted(erp.known_articles):
            at.adopt(article_record(f"number {number}"), "create_article", number)
        gone = {key: number for key, number in erp.article_links.items() if number in erp.missing_articles}
        if not gone:
            return
        with self.sides.store.begin() as connection:
            for key, number in gone.items():
                link = article_link(connection, self.sides.sync, key)
                if link is not None and link.erp_number == number:
                    cut_link(connection, link.id, reason=story.article_gone(number))

    def _handling(self, run_id: int) -> Handling:
        with self.sides.store.read() as connection:
            run = get_run(connection, run_id)
        return Handling(self.sides, self._window, run, self._requests)

    def _history(self, record_id: str) -> History:
        with self.sides.store.read() as connection:
            return read_history(connection, self.sides.sync, self.kind, record_id)

    def _event(self, run_id: int) -> CrmEvent | None:
        """Give the event that matters most: the last that asks for something, one that is no history before others."""
        with self.sides.store.read() as connection:
            events = [CrmEvent.model_validate(event.payload) for event in events_of(connection, run_id)]
        events.sort(key=lambda event: (event.kind == self.asking, not event.history))
        return events[-1] if events else None
