"""The flow of won deals: read the deal, plan it (`erpcore.sync.won_deal`), carry the plan out."""

from __future__ import annotations

from typing import ClassVar

from erpcore.hookspecs import Context
from erpcore.models import CrmEvent
from erpcore.sync import story
from erpcore.sync.decision import decide
from erpcore.sync.flow import Flow
from erpcore.sync.handling import Handling
from erpcore.sync.plan import Plan, RecordKind
from erpcore.sync.reading import Asked, linked_view, look_up, read_company
from erpcore.sync.view import CrmView, ErpView
from erpcore.sync.won_deal import plan_won_deal, require_company


class WonDeal(Flow[CrmView]):
    """The won deals of one sync."""

    kind: ClassVar[RecordKind] = "deal"
    asking = "deal_won"
    view = CrmView

    def _read(self, record_id: str, event: CrmEvent | None, context: Context, at: Handling | None) -> CrmView:
        """Read the deal, and its company when the deal asks for a document."""
        sides = self.sides
        view = CrmView(deal=sides.crm.fetch_deal(record_id, event, context), event=event)
        wanted = decide(view, self._history(record_id), sides.rules, self._today()).action == "make"
        if not wanted or not view.deal.company_id:
            return view
        company = read_company(sides, view.deal.company_id, "deal", f"deal {record_id}", context)
        return view.model_copy(update={"company": company})

    def _read_words(self, view: CrmView) -> str:
        return story.deal_read(view.deal)

    def _plan(self, view: CrmView, context: Context, at: Handling | None) -> Plan:
        history, rules, today = self._history(view.deal.id), self.sides.rules, self._today()
        erp = ErpView()
        if decide(view, history, rules, today).action == "make":
            company = require_company(view)
            asked = Asked(company.id, company, rows=view.deal.rows or ())
            erp = linked_view(self.sides, asked)
            # What is wrong with the deal itself stops here, before the ERP is asked for anything.
            plan_won_deal(view, erp, history, rules, today)
            erp = look_up(self.sides, asked, erp, context)
            if at is not None:
                self._note_found(at, company, erp)
        return plan_won_deal(view, erp, history, rules, today, self._losses)
