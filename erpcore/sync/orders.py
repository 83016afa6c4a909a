"""The flow of orders that the CRM keeps: pick the order up, plan it (`erpcore.sync.ready_order`), carry the plan out.

The order's relation to its invoice is set later, when the booked invoice is stored (`CrmHooks.store_invoice`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from erpcore.hookspecs import Context
from erpcore.models import CrmEvent, CrmOrder, WriteBack
from erpcore.store import story_of_run
from erpcore.sync import mapping, story
from erpcore.sync.customers import mark_in_process
from erpcore.sync.flow import FAILURE_TOLD, Ending, Flow
from erpcore.sync.handling import Handling
from erpcore.sync.order_decision import decide_order, require_known_db
from erpcore.sync.plan import Plan, RecordKind
from erpcore.sync.reading import Asked, customer_link, linked_view, look_up, read_company
from erpcore.sync.ready_order import order_rows, plan_ready_order
from erpcore.sync.view import ErpView, OrderView

_MARKED = "marked"
"""Kind of the story's line that says that the CRM shows the order as in process."""


class ReadyOrder(Flow[OrderView]):
    """The orders of one sync.

    Args:
        *arguments: As for `Flow`.
        erp_dbs: Keys of the ERP databases that the syncs of this CRM are for; empty when they are not told apart.
        **options: As for `Flow`.
    """

    kind: ClassVar[RecordKind] = "order"
    asking = "order_ready"
    view = OrderView

    def __init__(self, *arguments: Any, erp_dbs: Collection[str] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._erp_dbs = erp_dbs

    def _read(self, record_id: str, event: CrmEvent | None, context: Context, at: Handling | None) -> OrderView:
        """Read the order, and its company when that may be needed.

        An order that is picked up is put in process, which makes it read-only in the CRM, and what is sent is read
        after that: so nothing is lost that somebody wrote in the last moment.
        """
        sides = self.sides
        view = OrderView(
            order=self._order(record_id, context),
            event=event,
            asked_again=at is not None and self._failed_before(at),
        )
        decision = decide_order(view, self._history(record_id), sides.rules)
        if decision.reason == "order_of_other_db":
            require_known_db(view, self._erp_dbs)
            self._hand_over(view, at)
        if decision.action not in ("make", "complete"):
            return view
        if at is not None and view.order.status != story.IN_PROCESS and mark_in_process(at)["stored"]:
            at.tell(_MARKED, story.marked())
            view = view.model_copy(update={"order": self._order(record_id, context)})
            self._hand_over(view, at)
        if decision.action == "make" and view.order.company_id and self._needs_company(view):
            company = read_company(sides, view.order.company_id, "order", f"order {record_id}", context)
            view = view.model_copy(update={"company": company})
        return view

    def _hand_over(self, view: OrderView, at: Handling | None) -> None:
        """Set an order back to ready that this run has put in process and that is another sync's by now.

        Nobody looks at an order in process but who has put it there.
        """
        order, ours = view.order, self.sides.rules.erp_db
        if at is None or ours in (None, order.erp_db) or order.status != story.IN_PROCESS or not self._marked(at):
            return
        if at.write_back(_ready(order), "handing the order over"):
            at.tell("step", story.handed_over(order.erp_db))

    def _order(self, record_id: str, context: Context) -> CrmOrder:
        order = self.sides.crm.fetch_order(record_id, context)
        if not self.sides.rules.owns_customer_number:
            return order.model_copy(update={"customer_number": None})
        return order

    def _needs_company(self, view: OrderView) -> bool:
        """Tell whether the CRM may not know the customer number yet, or another one than erpcore."""
        link = customer_link(self.sides, str(view.company_id))
        return link is None or mapping.text_of(view.order.customer_number) != link.number

    def _failed_before(self, at: Handling) -> bool:
        """Tell whether this very run has failed before, so that a person sends it again now."""
        return self._has_told(at, FAILURE_TOLD)

    def _marked(self, at: Handling) -> bool:
        """Tell whether this very run has put the order in process."""
        return self._has_told(at, _MARKED)

    def _has_told(self, at: Handling, kind: str) -> bool:
        with self.sides.store.read() as connection:
            return any(line.kind == kind for line in story_of_run(connection, at.run.id))

    def _ending(self, at: Handling, plan: Plan, results: Sequence[Mapping[str, Any]]) -> tuple[Ending, str]:
        state, summary = super()._ending(at, plan, results)
        if state == "nothing" and plan.reason == "unsettled":
            self._hand_over(OrderView(order=self._order(at.run.record_id, at.context())), at)
        return state, summary

    def _read_words(self, view: OrderView) -> str:
        return story.order_read(view.order)

    def _plan(self, view: OrderView, context: Context, at: Handling | None) -> Plan:
        order, history, rules, today = view.order, self._history(view.order.id), self.sides.rules, self._today()
        erp = ErpView()
        if decide_order(view, history, rules).action == "make":
            number = mapping.text_of(order.customer_number)
            asked = Asked(str(view.company_id), view.company, number, order.rows or ())
            order_rows(order)
            erp = linked_view(self.sides, asked)
            # What is wrong with the order itself stops here, before the ERP is asked for anything.
            plan_ready_order(view, erp, history, rules, today)
            erp = look_up(self.sides, asked, erp, context)
            if at is not None:
                self._note_found(at, view.company, erp)
        return plan_ready_order(view, erp, history, rules, today, self._losses)


def _ready(order: CrmOrder) -> WriteBack:
    return WriteBack(record_kind="order", record_id=order.id, status="readytobesent")
