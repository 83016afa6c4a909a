"""The plan of a company that became a customer in the CRM, or was changed there. Pure."""

from __future__ import annotations

from erpcore.sync.company.decide import CompanyView
from erpcore.sync.customer import customer_step
from erpcore.sync.draft import Draft
from erpcore.sync.losing import TellLosses
from erpcore.sync.plan import Decision, Plan
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.view import ErpView
from erpcore.sync.steps.customer import UseCustomer, WriteBackCustomer
from erpcore.sync.steps.telling import MarkInProcess


def plan_company(
    decision: Decision,
    crm: CompanyView,
    erp: ErpView,
    rules: SyncRules,
    losses: TellLosses = lambda record, clearing: (),
) -> Plan:
    """Plan a company.

    Args:
        decision: From `erpcore.sync.company.decide.decide_company`.
        crm: What the CRM shows.
        erp: What the ERP has.
        rules: The sync's rules.
        losses: What the ERP would lose of a record, from the plugin's field maps.

    Raises:
        RecordError: The company cannot be sent as it is; says what to mend.
    """
    company = crm.company
    draft = Draft("company", company.id)
    told = rules.owns_customer_number
    if decision.action == "make":
        step = customer_step(company, erp, rules)
        if told and not isinstance(step, UseCustomer):
            draft.steps.append(MarkInProcess())
        draft.add_customer(step, company, erp, rules)
        # Also when nothing was to be sent: the CRM may wait for the word that the company is right in the ERP. If it
        # does not, nothing is written: what is written is a change, and would be told as one for ever.
        known = isinstance(step, UseCustomer) and company.erp_number == step.number
        if told and not (known and crm.counts_as_synced):
            shared = isinstance(step, UseCustomer) and step.shared_with is not None
            draft.steps.append(WriteBackCustomer(company_id=company.id, shared=shared, seen=company))
    return draft.finished(decision, rules, losses)
