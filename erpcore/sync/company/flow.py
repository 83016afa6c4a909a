"""The flow of companies that become customers or change: read, decide and plan, have the plan carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from erpcore.hookspecs import Context
from erpcore.models import CrmEvent, RecordKind, Ref
from erpcore.problem import Problem
from erpcore.store import Run, events_of
from erpcore.sync.attempt import Attempt
from erpcore.sync.company.decide import CompanyView, asks_for_customer, decide_company
from erpcore.sync.company.linking import plan_contact, plan_create, plan_update, require_link
from erpcore.sync.company.plan import plan_company
from erpcore.sync.company.proposing import proposals, read_contacts
from erpcore.sync.flow import Flow
from erpcore.sync.plan import Plan
from erpcore.sync.shared import mapping, story
from erpcore.sync.shared.customer import organisation_of
from erpcore.sync.shared.history import read_rivals
from erpcore.sync.shared.reading import fetch_company, linked_view, look_up, unanswered
from erpcore.sync.shared.recognising import Asked
from erpcore.sync.shared.wish import WISH, Wish
from erpcore.sync.steps.customer import UseCustomer


class CompanyCustomer(Flow[CompanyView]):
    """The companies of one sync, as far as they are customers."""

    kind: ClassVar[RecordKind] = "company"
    asking = "company_is_customer"

    def shows(self, company_id: str) -> str:
        """Give the digest of what a company shows now, to hold against what its customer was last sent.

        Args:
            company_id: The CRM's key.

        Raises:
            NotFoundError: The CRM has no such company.
            RecordError: It cannot be sent as it is.
        """
        rules = self.sides.rules
        company = fetch_company(self.sides, company_id, Context(f"{self.sides.sync}:look:{company_id}"))
        number = organisation_of(company, linked_view(self.sides, Asked(company_id, company)), rules)
        return mapping.digest(mapping.customer_from(company, number, rules))

    def tell_failure(self, run: Run, problem: Problem) -> None:
        """Put the company into error, with the message. See `Flow.tell_failure`."""
        if self.sides.rules.owns_customer_number:
            super().tell_failure(run, problem)

    def _read(
        self, record_id: str, event: CrmEvent | None, context: Context, attempt: Attempt | None, *, as_if: bool = False
    ) -> CompanyView:
        with self.sides.store.read() as connection:
            rivals = read_rivals(connection, self.sides.sync, self.kind, record_id)
        wish = None if attempt is None else self._wish(attempt.run.id)
        company = fetch_company(self.sides, record_id, context)
        return CompanyView(company=company, event=event, rivals=rivals, wish=wish)

    def _read_words(self, view: CompanyView) -> str:
        return story.company_read(view.company)

    def _facts(self, view: CompanyView) -> Mapping[str, Any]:
        company = view.company
        seller = company.responsible
        return {"name": company.name, "seller": None if seller is None else seller.name or seller.email}

    def preview_wish(self, company_id: str, wish: Wish) -> Plan:
        """Tell what a wish would do. Nothing is sent or noted.

        Args:
            company_id: The CRM's key.
            wish: What is asked.

        Raises:
            RecordError: It cannot be done as it is.
        """
        context = Context(f"{self.sides.sync}:plan:{company_id}")
        view = self._read(company_id, None, context, None)
        return self._preview(view.model_copy(update={"wish": wish}), context)

    def _plan(self, view: CompanyView, context: Context, attempt: Attempt | None) -> Plan:
        if view.wish is None or view.rivals:
            return self._plan_event(view, context)
        plan = self._plan_wish(view, view.wish, context)
        if view.event is None or view.wish.action == "create":
            return plan
        # The CRM told of the company in the same moment: both are done.
        told = self._plan_event(view, context)
        return plan.model_copy(update={"steps": (*told.steps, *plan.steps), "losses": (*told.losses, *plan.losses)})

    def _plan_wish(self, view: CompanyView, wish: Wish, context: Context) -> Plan:
        company, rules = view.company, self.sides.rules
        asked = Asked(company.id, company)
        linked = linked_view(self.sides, asked)
        if wish.action == "create":
            # What is wrong with the company itself stops here, before the ERP is asked for anything.
            mapping.customer_from(company, mapping.known_organisation_number(company, rules), rules)
            erp = linked.model_copy(update={"unanswered": unanswered(self.sides, asked, linked)})
            found = [] if linked.customer_link else proposals(self.sides, company, context)
            return plan_create(view, erp, found, rules, self._losses)
        link = require_link(company, linked)
        contacts = read_contacts(self.sides, company.id, Ref(number=link.number, key=link.key), wish, context)
        plan = plan_update if wish.action == "update" else plan_contact
        return plan(view, linked, contacts, rules, self._losses)

    def _wish(self, run_id: int) -> Wish | None:
        """Give what a person has asked this sync, the last of several."""
        with self.sides.store.read() as connection:
            kept = [Wish.model_validate(event.payload) for event in events_of(connection, run_id) if event.kind == WISH]
        return next((wish for wish in reversed(kept) if wish.sync == self.sides.sync), None)

    def _plan_event(self, view: CompanyView, context: Context) -> Plan:
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
        if plan.reason == "asked_contact":
            return "done", f"Contact person {number}."
        if any(isinstance(step, UseCustomer) and step.found_by == "link" for step in plan.steps):
            return "nothing", story.customer_right(number)
        return "done", story.customer_summary(number)
