"""The flow of won deals: read the deal, decide and plan, have the plan carried out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from erpcore.hookspecs import Context
from erpcore.models import CrmEvent, RecordKind
from erpcore.sync.attempt import Attempt
from erpcore.sync.deal.decide import DealView, decide
from erpcore.sync.deal.plan import agreed_by, plan_won_deal, require_company
from erpcore.sync.flow import Flow
from erpcore.sync.plan import Plan
from erpcore.sync.shared import story
from erpcore.sync.shared.prices import with_article_prices
from erpcore.sync.shared.reading import bare_view, linked_view, look_up, read_company
from erpcore.sync.shared.recognising import Asked
from erpcore.sync.shared.rows import worth
from erpcore.sync.shared.view import SeenInCrm


class WonDeal(Flow[DealView]):
    """The won deals of one sync."""

    kind: ClassVar[RecordKind] = "deal"
    asking = "deal_won"

    def _read(
        self, record_id: str, event: CrmEvent | None, context: Context, attempt: Attempt | None, *, as_if: bool = False
    ) -> DealView:
        """Read the deal, and its company when the deal asks for a document."""
        sides = self.sides
        read_at = None if attempt is None else attempt.run.taken_at
        deal = with_article_prices(sides, sides.crm.fetch_deal(record_id, event, context), self._noting(attempt))
        if as_if:
            deal = deal.model_copy(update={"won": True})
        view = DealView(deal=deal, event=event, read_at=read_at, history=self._history(record_id, attempt))
        wanted = decide(view, view.history, sides.rules, self._today()).action == "make"
        if not wanted or not view.deal.company_id:
            return view
        company = read_company(sides, view.deal.company_id, "deal", f"deal {record_id}", context)
        return view.model_copy(update={"company": company})

    def _read_words(self, view: DealView) -> str:
        return story.deal_read(view.deal)

    def _facts(self, view: DealView) -> Mapping[str, Any]:
        deal = view.deal
        return {
            "name": deal.name,
            "customer": None if view.company is None else view.company.name,
            "seller": None if deal.responsible is None else deal.responsible.name or deal.responsible.email,
            "amount": deal.value if deal.value is not None else worth(deal.rows),
            "currency": deal.currency,
        }

    def _seen(self, view: DealView) -> SeenInCrm:
        deal, document = view.deal, view.history.document
        cleared = document is not None and deal.shown("erp_id") and not deal.erp_id
        return SeenInCrm(status=deal.status, revision=deal.revision, cleared=cleared)

    def _plan(self, view: DealView, context: Context, attempt: Attempt | None) -> Plan:
        history, rules, today = view.history, self.sides.rules, self._today()
        decision = decide(view, history, rules, today)
        if decision.action != "make":
            return plan_won_deal(decision, view, None, bare_view(self.sides, context), history, rules, today)
        company = require_company(view)
        asked = Asked(company.id, company, rows=view.deal.rows or (), currency=view.deal.currency)
        linked = linked_view(self.sides, asked, context)
        agreed = agreed_by(view, linked, rules)
        erp = look_up(self.sides, asked, linked, context)
        if attempt is not None:
            self._mend_links(attempt, erp)
        return plan_won_deal(decision, view, agreed, erp, history, rules, today, self._losses, self.sides.erp.held)
