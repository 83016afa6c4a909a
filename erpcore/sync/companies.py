"""The flow of companies that become customers or change: read, plan (`erpcore.sync.company_customer`), carry out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from erpcore.hookspecs import Context
from erpcore.models import CrmEvent
from erpcore.sync import story
from erpcore.sync.company_customer import asks_for_customer, plan_company
from erpcore.sync.flow import Ending, Flow
from erpcore.sync.handling import Handling
from erpcore.sync.plan import Plan, RecordKind
from erpcore.sync.reading import Asked, fetch_company, linked_view, look_up
from erpcore.sync.view import CompanyView


class CompanyCustomer(Flow[CompanyView]):
    """The companies of one sync, as far as they are customers."""

    kind: ClassVar[RecordKind] = "company"
    asking = "company_is_customer"
    view = CompanyView

    def tell_failure(self, run_id: int, message: str) -> None:
        """Put the company into error, with the message. See `Flow.tell_failure`."""
        if not self.sides.rules.owns_customer_number:
            return
        super().tell_failure(run_id, message)

    def _read(self, record_id: str, event: CrmEvent | None, context: Context, at: Handling | None) -> CompanyView:
        return CompanyView(company=fetch_company(self.sides, record_id, context), event=event)

    def _read_words(self, view: CompanyView) -> str:
        return story.company_read(view.company)

    def _plan(self, view: CompanyView, context: Context, at: Handling | None) -> Plan:
        company, rules = view.company, self.sides.rules
        asked = Asked(company.id, company, only_known=not asks_for_customer(view, rules))
        erp = linked_view(self.sides, asked)
        # What is wrong with the company itself stops here, before the ERP is asked for anything.
        plan_company(view, erp, rules)
        erp = look_up(self.sides, asked, erp, context)
        if at is not None and asks_for_customer(view, rules):
            self._note_found(at, company, erp)
        return plan_company(view, erp, rules, self._losses)

    def _ending(self, at: Handling, plan: Plan, results: Sequence[Mapping[str, Any]]) -> tuple[Ending, str]:
        number = next((str(result["number"]) for result in results if result.get("number")), None)
        if number is None:
            return "nothing", plan.why
        if any(step.step == "use_customer" and step.found_by == "link" for step in plan.steps):
            return "nothing", story.customer_right(number)
        return "done", story.customer_summary(number)
