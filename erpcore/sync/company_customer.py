"""The plan of a company that became a customer in the CRM, or was changed there. Pure.

Lime Go's article “Kom igång med Fortnox-kopplingen”: when a company becomes a customer it is added to the ERP; what is
added or changed later may be updated there. A change never makes a customer: most companies of a CRM are none.
"""

from __future__ import annotations

from erpcore.errors import MissingRecordError
from erpcore.sync import story
from erpcore.sync.customer_plan import customer_step
from erpcore.sync.decision import Decision
from erpcore.sync.draft import Draft, TellLosses
from erpcore.sync.mapping import company_words
from erpcore.sync.plan import MarkInProcess, Plan, UseCustomer, WriteBackCustomer
from erpcore.sync.rules import SyncRules
from erpcore.sync.view import CompanyView, ErpView


def plan_company(
    crm: CompanyView, erp: ErpView, rules: SyncRules, losses: TellLosses = lambda record, clearing: ()
) -> Plan:
    """Plan a company.

    Args:
        crm: What the CRM shows.
        erp: What the ERP has.
        rules: The sync's rules.
        losses: What the ERP would lose of a record, from the plugin's field maps.

    Returns:
        The plan.

    Raises:
        RecordError: The company cannot be sent as it is; says what to mend.
    """
    company = crm.company
    draft = Draft("company", company.id)
    decision = decide_company(crm, erp, rules)
    told = rules.owns_customer_number
    if decision.action == "make":
        step = customer_step(company, erp, rules)
        if told and not isinstance(step, UseCustomer):
            draft.steps.append(MarkInProcess())
        draft.add_customer(step, erp)
        # Also when nothing was to be sent: the CRM may wait for the word that the company is right in the ERP. If it
        # does not, nothing is written: what is written is a change, and would be told as one for ever.
        known = isinstance(step, UseCustomer) and company.erp_number == step.number
        if told and not (known and crm.counts_as_synced):
            draft.steps.append(WriteBackCustomer(company_id=company.id))
    return draft.finished(decision, rules, losses)


def asks_for_customer(crm: CompanyView, rules: SyncRules) -> bool:
    """Tell whether the company asks to become a customer of this ERP.

    Args:
        crm: What the CRM shows.
        rules: The sync's rules. Where the number on the company is another ERP's, so is what the company asks for.
    """
    return crm.asks_for_customer and rules.owns_customer_number and not _is_history(crm, rules)


def decide_company(crm: CompanyView, erp: ErpView, rules: SyncRules) -> Decision:
    """Decide whether a company is sent.

    Args:
        crm: What the CRM shows.
        erp: What the ERP has.
        rules: The sync's rules.

    Raises:
        MissingRecordError: The CRM has the company wait for being sent, and it is no customer.
    """
    if _is_history(crm, rules):
        return Decision(action="nothing", reason="company_in_history", why=story.why("company_in_history"))
    if asks_for_customer(crm, rules):
        return Decision(action="make", reason="company_is_customer", why=story.why("company_is_customer"))
    if erp.customer_link is not None or erp.matches:
        return Decision(action="make", reason="company_changed", why=story.why("company_changed"))
    if crm.waits and rules.owns_customer_number and erp.looked_up:
        number = crm.company.erp_number
        raise MissingRecordError(
            f"The company was changed, but the ERP has no customer {number}, which is its customer number."
            if number
            else "The company was changed, but it has no customer number, so it is no customer in the ERP.",
            record=company_words(crm.company),
            advice="Send the company to the ERP in the CRM, as one that is sent for the first time; or correct its "
            "customer number.",
        )
    return Decision(action="nothing", reason="company_no_customer", why=story.why("company_no_customer"))


def _is_history(crm: CompanyView, rules: SyncRules) -> bool:
    return crm.event is not None and crm.event.history and rules.feed_history == "leave"
