"""The flow of orders that the CRM keeps: pick the order up, decide and plan, have the plan carried out.

The order's relation to its invoice is set later, when the booked invoice is stored (`CrmHooks.store_invoice`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal

from erpcore.hookspecs import Context
from erpcore.models import CrmEvent, CrmOrder, OrderHead, RecordKind, WriteBack
from erpcore.store import get_run
from erpcore.sync.attempt import Attempt
from erpcore.sync.flow import Flow
from erpcore.sync.order.decide import OrderView, decide_order, require_known_db
from erpcore.sync.order.plan import agreed_by, plan_ready_order
from erpcore.sync.plan import Plan
from erpcore.sync.shared import mapping, story
from erpcore.sync.shared.prices import with_article_prices
from erpcore.sync.shared.reading import bare_view, customer_link, linked_view, look_up, read_company, shared_with
from erpcore.sync.shared.recognising import Asked
from erpcore.sync.shared.rows import worth
from erpcore.sync.steps.telling import mark_in_process


class ReadyOrder(Flow[OrderView]):
    """The orders of one sync.

    Args:
        *arguments: As for `Flow`.
        erp_dbs: Keys of the ERP databases that the syncs of this CRM are for; empty when they are not told apart.
        **options: As for `Flow`.
    """

    kind: ClassVar[RecordKind] = "order"
    asking = "order_ready"

    def __init__(self, *arguments: Any, erp_dbs: Collection[str] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._erp_dbs = erp_dbs

    def _read(
        self, record_id: str, event: CrmEvent | None, context: Context, attempt: Attempt | None, *, as_if: bool = False
    ) -> OrderView:
        """Read the order, and its company when that may be needed.

        An order that is picked up is put in process, which makes it read-only in the CRM, and what is sent is read
        after that: so nothing is lost that somebody wrote in the last moment.
        """
        sides, run = self.sides, None if attempt is None else attempt.run
        seen = sides.crm.fetch_order_head(record_id, context) if sides.crm.can("fetch_order_head") else None
        order = self._order(record_id, context, attempt) if seen is None else self._as_ours(seen)
        if as_if:
            order = order.model_copy(update={"status": "readytobesent"})
        view = OrderView(
            order=order,
            event=event,
            asked_again=run is not None and run.failure_told,
            read_at=None if run is None else run.taken_at,
            history=self._history(record_id, attempt),
        )
        decision = decide_order(view, view.history, sides.rules)
        if decision.reason == "order_of_other_db":
            require_known_db(view, self._erp_dbs)
            self._hand_over(view, attempt)
        if decision.action not in ("make", "complete"):
            return view
        marked = False
        if attempt is not None and view.order.status != story.IN_PROCESS:
            marked, seen = self._mark(attempt, seen)
        if marked or seen is not None:
            order = self._order(record_id, context, attempt, seen)
            if as_if:
                order = order.model_copy(update={"status": "readytobesent"})
            view = view.model_copy(update={"order": order})
        if marked:
            self._hand_over(view, attempt)
        if decision.action == "make" and view.order.company_id and self._needs_company(view):
            company = read_company(sides, view.order.company_id, "order", f"order {record_id}", context)
            view = view.model_copy(update={"company": company})
        return view

    def _mark(self, attempt: Attempt, seen: OrderHead | None) -> tuple[bool, OrderHead | None]:
        """Put the order in process.

        Returns:
            Whether it shows that, and its head after it; None for the head where all of it is to be read anew.
        """
        crm = self.sides.crm
        if seen is None or not crm.can("take_order"):
            if not mark_in_process(attempt):
                return False, seen
            marked, after = True, None
        else:
            taken = attempt.repeatable(story.MARKING, lambda: crm.take_order(seen, attempt.context()))
            marked, after = taken.status == story.IN_PROCESS, taken
        if marked:
            attempt.tell_all([("marked", story.marked(), None)], marked=True)
        return marked, after

    def _hand_over(self, view: OrderView, attempt: Attempt | None) -> None:
        """Set an order back to ready that this run has put in process and that is another sync's by now.

        Nobody looks at an order in process but who has put it there.
        """
        order, ours = view.order, self.sides.rules.erp_db
        if attempt is None or ours in (None, order.erp_db) or order.status != story.IN_PROCESS:
            return
        with self.sides.store.read() as connection:
            marked = get_run(connection, attempt.run.id).marked
        if marked and attempt.write_back(_ready(order), "handing the order over"):
            attempt.tell("step", story.handed_over(order.erp_db))

    def _order(
        self, record_id: str, context: Context, attempt: Attempt | None, seen: OrderHead | None = None
    ) -> CrmOrder:
        order = self.sides.crm.fetch_order(record_id, replace(context, seen=seen))
        return self._as_ours(with_article_prices(self.sides, order, self._noting(attempt)))

    def _as_ours(self, order: CrmOrder) -> CrmOrder:
        """Give an order without a customer number that is another ERP's, and with the only ERP db that there is."""
        rules = self.sides.rules
        if not rules.owns_customer_number:
            order = order.model_copy(update={"customer_number": None})
        if self._fills_db(order):
            order = order.model_copy(update={"erp_db": rules.erp_db})
        return order

    def _fills_db(self, order: CrmOrder) -> bool:
        """Tell whether an order says no ERP db, and there is one alone that it can go to."""
        ours = self.sides.rules.erp_db
        return ours is not None and set(self._erp_dbs) == {ours} and order.shown("erp_db") and not order.erp_db

    def _needs_company(self, view: OrderView) -> bool:
        """Tell whether the CRM may not know the customer number yet, or another one than erpcore; or whether another
        company is the same customer, so that the order carries its own company's address."""
        link = customer_link(self.sides, str(view.company_id))
        if link is None or mapping.text_of(view.order.customer_number) != link.number:
            return True
        return shared_with(self.sides, str(view.company_id), link.number, link.key) is not None

    def _ending(
        self, attempt: Attempt, plan: Plan, made: Sequence[str | None]
    ) -> tuple[Literal["done", "nothing"], str]:
        state, summary = super()._ending(attempt, plan, made)
        if state == "nothing" and plan.reason == "unsettled":
            self._hand_over(OrderView(order=self._order(attempt.run.record_id, attempt.context(), attempt)), attempt)
        return state, summary

    def _read_words(self, view: OrderView) -> str:
        return story.order_read(view.order)

    def _facts(self, view: OrderView) -> Mapping[str, Any]:
        order = view.order
        return {
            "customer": None if view.company is None else view.company.name,
            "seller": None if order.coworker is None else order.coworker.name or order.coworker.email,
            "amount": order.net if order.net is not None else worth(order.rows),
            "currency": order.currency,
        }

    def _plan(self, view: OrderView, context: Context, attempt: Attempt | None) -> Plan:
        order, history, rules, today = view.order, view.history, self.sides.rules, self._today()
        decision = decide_order(view, history, rules)
        if decision.action != "make":
            return plan_ready_order(decision, view, None, bare_view(self.sides, context), history, rules, today)
        number = mapping.text_of(order.customer_number)
        asked = Asked(str(view.company_id), view.company, number, order.rows or (), order.currency)
        linked = linked_view(self.sides, asked, context)
        agreed = agreed_by(view, linked, rules)
        erp = look_up(self.sides, asked, linked, context)
        if attempt is not None:
            self._mend_links(attempt, erp)
        return plan_ready_order(decision, view, agreed, erp, history, rules, today, self._losses, self.sides.erp.held)


def _ready(order: CrmOrder) -> WriteBack:
    return WriteBack(record_kind="order", record_id=order.id, status="readytobesent")
