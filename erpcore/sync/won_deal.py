"""The plan of a won deal: what the CRM shows, what the ERP has and what erpcore remembers, in; steps, out.

Pure: nothing is read or sent here. `erpcore.sync.deals` reads, asks for the plan, and has it carried out.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from erpcore.errors import MissingRecordError
from erpcore.models import Company, Invoice, InvoiceRow, Order, OrderRow
from erpcore.sync import deal_rows, mapping
from erpcore.sync.customer_plan import customer_step
from erpcore.sync.decision import Decision, decide, is_won
from erpcore.sync.draft import Draft, TellLosses
from erpcore.sync.plan import ConvertToInvoice, CreateInvoice, CreateOrder, Plan, SettleDocument, WriteBackNumber
from erpcore.sync.rows import require_value, row_fields
from erpcore.sync.rules import SyncRules
from erpcore.sync.view import CrmView, ErpView, History


def plan_won_deal(
    crm: CrmView,
    erp: ErpView,
    history: History,
    rules: SyncRules,
    today: date,
    losses: TellLosses = lambda record, clearing: (),
) -> Plan:
    """Plan a deal.

    Args:
        crm: What the CRM shows of the deal and its company.
        erp: What the ERP has; only needed when the decision is to make a document.
        history: What erpcore remembers of the deal.
        rules: The sync's rules.
        today: Today's date where the company is.
        losses: What the ERP would lose of a record, from the plugin's field maps.

    Returns:
        The plan. Its losses with the policy `block` are for the caller to stop at.

    Raises:
        RecordError: The deal cannot be sent as it is; says what to mend.
    """
    decision = decide(crm, history, rules, today)
    draft = Draft("deal", crm.deal.id)
    if decision.action == "settle" and decision.operation is not None:
        draft.steps += [
            SettleDocument(
                operation=decision.operation, generation=decision.generation, number_in_crm=crm.deal.erp_id or None
            ),
            WriteBackNumber(),
        ]
    elif decision.action == "complete" and history.document is not None:
        if history.conversion == "wanted" and is_won(crm):
            if history.document.told_digest is None:
                draft.steps.append(WriteBackNumber())
            draft.steps.append(ConvertToInvoice(generation=history.document.generation))
        draft.steps.append(WriteBackNumber(again=decision.reason == "number_not_in_crm"))
    elif decision.action == "make":
        _plan_document(draft, crm, erp, rules, decision, today)
    return draft.finished(decision, rules, losses)


def require_company(crm: CrmView) -> Company:
    """Give the deal's company.

    Raises:
        MissingRecordError: The deal has none.
    """
    if crm.company is not None:
        return crm.company
    raise MissingRecordError(
        "The deal has no company." if crm.deal.shown("company_id") else "The CRM does not show the deal's company.",
        record=f"deal {crm.deal.id}",
        advice="Choose the company on the deal in the CRM and send the deal again.",
    )


def _plan_document(draft: Draft, crm: CrmView, erp: ErpView, rules: SyncRules, decision: Decision, today: date) -> None:
    company = require_company(crm)
    deal = crm.deal
    rows = deal_rows.deal_rows(deal)
    require_value(rows, rules, draft.kind, draft.record)
    shared = mapping.document_fields(deal, company, rules)
    draft.note_currency(shared)
    draft.note_our_reference(deal.responsible, shared, rules)
    draft.add_customer(customer_step(company, erp, rules), erp)
    new_articles: dict[int, str] = {}
    if deal.rows:
        built, new_articles = draft.add_rows(rows, shared.get("currency"), erp, rules)
    else:
        # The one row of a deal without products is no article.
        built = [row_fields(row, rules) for row in rows]
    built += deal_rows.text_rows(deal, rules)
    common: dict[str, Any] = {
        "company_id": company.id,
        "generation": decision.generation,
        "new_articles": new_articles,
        "replaces": decision.replaces,
    }
    if decision.operation == "create_order":
        # An order is dated the day that the deal was won; an invoice today, as its terms of payment count from then.
        order = Order(
            **{"order_date": deal.won_date or today, **shared},
            rows=tuple(OrderRow.model_validate(row) for row in built),
        )
        convert = mapping.wants_invoice(deal, rules)
        draft.steps += [CreateOrder(order=order, convert=convert, **common), WriteBackNumber()]
        if convert:
            draft.steps += [ConvertToInvoice(generation=decision.generation), WriteBackNumber()]
    else:
        invoice = Invoice(
            **{"invoice_date": today, **shared}, rows=tuple(InvoiceRow.model_validate(row) for row in built)
        )
        draft.steps += [CreateInvoice(invoice=invoice, **common), WriteBackNumber()]
