"""The flow of companies that become customers or change: read, decide and plan, have the plan carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from erpcore.hookspecs import Context
from erpcore.models import CrmEvent, RecordKind
from erpcore.store import Run
from erpcore.sync.attempt import Attempt
from erpcore.sync.company.decide import CompanyView, asks_for_customer, decide_company
from erpcore.sync.company.plan import plan_company
from erpcore.sync.flow import Flow
from erpcore.sync.plan import Plan
from erpcore.sync.shared import mapping, story
from erpcore.sync.shared.customer import organisation_of
from erpcore.sync.shared.history import read_rivals
from erpcore.sync.shared.reading import Asked, fetch_company, linked_view, look_up
from erpcore.sync.steps.customer import UseCustomer


class CompanyCustomer(Flow[CompanyView]):
    """The companies of one sync, as far as they are customers."""

    kind: ClassVar[RecordKind] = "company"
    asking = "company_is_customer"

    def tell_failure(self, run: Run, message: str) -> None:
        """Put the company into error, with the message. See `Flow.tell_failure`."""
        if self.sides.rules.owns_customer_number:
            super().tell_failure(run, message)

    def _read(self, record_id: str, event: CrmEvent | None, context: Context, attempt: Attempt | None) -> CompanyView:
        with self.sides.store.read() as connection:
            rivals = read_rivals(connection, self.sides.sync, self.kind, record_id)
        return CompanyView(company=fetch_company(self.sides, record_id, context), event=event, rivals=rivals)

    def _read_words(self, view: CompanyView) -> str:
        return story.company_read(view.company)

    def _facts(self, view: CompanyView) -> Mapping[str, Any]:
        company = view.company
        seller = company.responsible
        return {"name": company.name, "seller": None if seller is None else seller.name or seller.email}

    def _plan(self, view: CompanyView, context: Context, attempt: Attempt | None) -> Plan:
        company, rules = view.company, self.sides.rules
        wanted = asks_for_customer(view, rules)
        asked = Asked(company.id, company, only_known=not wanted)
        linked = linked_view(self.sides, asked)
        if decide_company(view, linked, rules).action == "make":
            # What is wrong with the company itself stops here, before the ERP is asked for anything.
            mapping.customer_from(company, organisation_of(company, linked, rules), rules)
        erp = look_up(self.sides, asked, linked, context)
        return plan_company(decide_company(view, erp, rules), view, erp, rules, self._losses)

    def _ending(
        self, attempt: Attempt, plan: Plan, made: Sequence[str | None]
    ) -> tuple[Literal["done", "nothing"], str]:
        number = next(filter(None, made), None)
        if number is None:
            return "nothing", plan.why
        if any(isinstance(step, UseCustomer) and step.found_by == "link" for step in plan.steps):
            return "nothing", story.customer_right(number)
        return "done", story.customer_summary(number)
