"""Carrying out a won deal: each method is one durable step of the engine, small, and safe to run again.

What goes in and out can be written as JSON. Steps hand numbers to each other through links and the ledger, not through
memory, so a step that runs again, in another process or after a crash, finds what was done and sends nothing twice.
Every step adds to the story of its run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.errors import FieldLossError, UncertainEffectError, UnsupportedOperationError
from erpcore.hookspecs import Context
from erpcore.http import SYSTEM_CLOCK, Clock
from erpcore.models import CrmEvent
from erpcore.store import Store, cut_link, events_of, get_run
from erpcore.sync import customers, documents, mapping, story
from erpcore.sync.articles import KnownArticles
from erpcore.sync.customers import article_record
from erpcore.sync.decision import decide
from erpcore.sync.effects import LONGEST_REQUEST, Window
from erpcore.sync.handling import Handling
from erpcore.sync.history import read_history
from erpcore.sync.plan import (
    ConvertToInvoice,
    CreateArticle,
    CreateCustomer,
    CreateInvoice,
    CreateOrder,
    Plan,
    SettleDocument,
    UpdateCustomer,
    UseCustomer,
    WriteBackNumber,
)
from erpcore.sync.reading import Sides, article_link, linked_view, look_up, read_deal
from erpcore.sync.rules import SyncRules
from erpcore.sync.view import CrmView, DealHistory, ErpView
from erpcore.sync.won_deal import customer_key, plan_won_deal, require_company

OWN_OPERATION = {"use_customer": None, "settle_document": None, "write_back": None}
"""Steps that need no hook of the ERP of their own."""


class WonDeal:
    """The won deals of one sync. One instance per process; safe for threads.

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
        today: Today's date where the company is; without it that of the machine.
    """

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
        self._today = today or (lambda: clock.now().astimezone().date())

    def read_crm(self, run_id: int) -> dict[str, Any]:
        """Read the run's deal, and its company when a document is asked for.

        Args:
            run_id: Number of the run; its events are in the inbox.

        Returns:
            `CrmView` as JSON.

        Raises:
            ErpcoreError: The CRM did not give it.
        """
        at = self._handling(run_id)
        crm = read_deal(self.sides, at.deal_id, self._event(run_id), self._history(at.deal_id), at.context())
        at.tell("read", story.deal_read(crm.deal))
        return crm.to_json()

    def make_plan(self, run_id: int, crm: Mapping[str, Any]) -> dict[str, Any]:
        """Plan the deal, after reading what is needed from the ERP. Nothing is sent.

        Args:
            run_id: Number of the run.
            crm: From `read_crm`.

        Returns:
            `Plan` as JSON: steps, losses, notes, reason, why.

        Raises:
            RecordError: The deal cannot be sent as it is.
            FieldLossError: A value would be lost and the rules say stop.
            UncertainEffectError: A person must answer first (`erpcore.sync.answers`).
            UnsupportedOperationError: The ERP cannot do a step of the plan.
        """
        at = self._handling(run_id)
        plan = self._plan(CrmView.from_json(crm), at.context(), at)
        at.tell("plan", plan.why, {"reason": plan.reason, "steps": [step.step for step in plan.steps]})
        for note in plan.notes:
            at.tell("note", note)
        for lost in plan.losses:
            at.tell("loss", story.loss(lost), lost.to_json())
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
        at = self._handling(run_id)
        step = Plan.from_json(plan).steps[index]
        match step:
            case UseCustomer():
                done = customers.use_customer(at, step)
            case UpdateCustomer():
                done = customers.update_customer(at, step)
            case CreateCustomer():
                done = customers.create_customer(at, step)
            case CreateArticle():
                done = customers.create_article(at, step)
            case CreateOrder():
                done = documents.create_order(at, step)
            case CreateInvoice():
                done = documents.create_invoice(at, step)
            case ConvertToInvoice():
                done = documents.convert_to_invoice(at, step)
            case SettleDocument():
                done = documents.settle_document(at, step)
            case WriteBackNumber():
                done = documents.write_back(at, step)
        return {"step": step.step, **done}

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
        history = self._history(at.deal_id)
        made = [result for result in results if result.get("number")]
        why = Plan.from_json(plan).why
        if not made or history.document is None:
            return {"state": "nothing", "summary": why}
        summary = story.summary(history.document.kind, history.document.number, history.invoice_number)
        at.tell("done", summary)
        return {"state": "done", "summary": summary}

    def preview(self, deal_id: str) -> Plan:
        """Tell what would happen if the deal were sent now, and what would be lost. Nothing is sent or noted.

        Args:
            deal_id: The CRM's key of the deal.

        Raises:
            RecordError: The deal cannot be sent as it is.
        """
        context = Context(f"{self.sides.sync}:plan:{deal_id}")
        crm = read_deal(self.sides, deal_id, None, self._history(deal_id), context)
        return self._plan(crm, context, None)

    def _plan(self, crm: CrmView, context: Context, at: Handling | None) -> Plan:
        """Read what is needed and plan; with a handling, note what the look-ups tell about links and intents."""
        history, rules, today = self._history(crm.deal.id), self.sides.rules, self._today()
        erp = ErpView()
        if decide(crm, history, rules).action == "make":
            erp = linked_view(self.sides, crm)
            # What is wrong with the deal itself stops here, before the ERP is asked for anything.
            plan_won_deal(crm, erp, history, rules, today)
            erp = look_up(self.sides, crm, erp, context)
            if at is not None:
                self._note_found(at, crm, erp)
                self._cut_gone_articles(erp)
        return plan_won_deal(
            crm,
            erp,
            history,
            rules,
            today,
            lambda record, clearing: self.sides.erp.losses(record, clearing=clearing),
        )

    def _refuse_unready(self, plan: Plan) -> None:
        """Stop a plan that must not begin, before anything is sent."""
        record, erp = f"deal {plan.deal_id}", self.sides.erp
        for step in plan.steps:
            if step.step not in OWN_OPERATION and not erp.can(step.step):
                raise UnsupportedOperationError(
                    story.cannot(erp.plugin.display_name, step.step),
                    connection=erp.name,
                    record=record,
                    advice="Nothing was sent. Change the sync's rules so that they do not ask for it.",
                )
        if blocked := [lost for lost in plan.losses if lost.policy == "block"]:
            raise FieldLossError(
                story.blocked(blocked),
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

    def _note_found(self, at: Handling, crm: CrmView, erp: ErpView) -> None:
        company = require_company(crm)
        if len(erp.matches) == 1 and erp.matches[0].number:
            key = customer_key(company, mapping.known_organisation_number(company, self.sides.rules))
            at.adopt(key, "create_customer", erp.matches[0].number)
        for number in sorted(erp.known_articles):
            at.adopt(article_record(f"number {number}"), "create_article", number)

    def _cut_gone_articles(self, erp: ErpView) -> None:
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

    def _history(self, deal_id: str) -> DealHistory:
        with self.sides.store.read() as connection:
            return read_history(connection, self.sides.sync, deal_id)

    def _event(self, run_id: int) -> CrmEvent | None:
        """Give the event that matters most: the last win, else the last of all."""
        with self.sides.store.read() as connection:
            events = [CrmEvent.model_validate(event.payload) for event in events_of(connection, run_id)]
        wins = [event for event in events if event.kind == "deal_won"]
        told = wins or events
        return told[-1] if told else None
