"""The plan of a won deal: what was decided, what the CRM shows and what the ERP has, in; steps, out. Pure.

A deal without products becomes one row: the deal's name, quantity 1, the deal's value excluding VAT; the deal's own
fields that are filled in follow as text rows (Lime Go's articles on its connector to Fortnox).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from erpcore.errors import InvalidValueError, MissingRecordError
from erpcore.models import Company, Deal, DealRow, Invoice, InvoiceRow, Order, OrderRow
from erpcore.sync.deal.decide import DealView, is_won
from erpcore.sync.draft import Draft, TellLosses, customer_step
from erpcore.sync.plan import Decision, Plan
from erpcore.sync.shared import mapping
from erpcore.sync.shared.customer import organisation_of
from erpcore.sync.shared.rows import require_sendable, require_value, row_fields
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.view import ErpView, History
from erpcore.sync.steps.document import ConvertToInvoice, CreateInvoice, CreateOrder, SettleDocument
from erpcore.sync.steps.person import FindContactPerson
from erpcore.sync.steps.telling import WriteBackNumber


@dataclass(frozen=True)
class Agreed:
    """What a deal says of the document that it asks for, proven as far as the CRM alone can tell.

    Attributes:
        company: The customer's company.
        rows: The products, or the one row that stands for a deal without products.
        head: Fields of the document's head.
    """

    company: Company
    rows: tuple[DealRow, ...]
    head: dict[str, Any]


def agreed_by(crm: DealView, linked: ErpView, rules: SyncRules) -> Agreed:
    """Give what a deal says of its document; what is wrong with it stops here, before the ERP is asked for anything.

    Args:
        crm: What the CRM shows of the deal and its company.
        linked: What the links alone tell.
        rules: The sync's rules.

    Raises:
        RecordError: The deal cannot be sent as it is; says what to mend.
    """
    company = require_company(crm)
    rows = deal_rows(crm.deal)
    require_value(rows, rules, "deal", f"deal {crm.deal.id}")
    head = mapping.document_fields(crm.deal, company, rules)
    mapping.customer_from(company, organisation_of(company, linked, rules), rules)
    return Agreed(company, rows, head)


def plan_won_deal(
    decision: Decision,
    crm: DealView,
    agreed: Agreed | None,
    erp: ErpView,
    history: History,
    rules: SyncRules,
    today: date,
    losses: TellLosses = lambda record, clearing: (),
) -> Plan:
    """Plan a deal.

    Args:
        decision: From `erpcore.sync.deal.decide.decide`.
        crm: What the CRM shows of the deal.
        agreed: What it says of its document; None where none is to be made.
        erp: What the ERP has; only needed when a document is to be made.
        history: What erpcore remembers of the deal.
        rules: The sync's rules.
        today: Today's date where the company is.
        losses: What the ERP would lose of a record, from the plugin's field maps.

    Returns:
        The plan. Its losses with the policy `block` are for the caller to stop at.

    Raises:
        RecordError: The deal cannot be sent as it is; says what to mend.
    """
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
    elif agreed is not None:
        _plan_document(draft, crm.deal, agreed, erp, rules, decision, today)
    return draft.finished(decision, rules, losses)


def require_company(crm: DealView) -> Company:
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
    ).about("company")


def _plan_document(
    draft: Draft, deal: Deal, agreed: Agreed, erp: ErpView, rules: SyncRules, decision: Decision, today: date
) -> None:
    head, company = agreed.head, agreed.company
    draft.note_currency(head)
    draft.note_our_reference(deal.responsible, head, rules)
    draft.add_customer(customer_step(company, erp, rules), company, erp)
    person = None if rules.contact_persons == "text" else mapping.contact_person(deal)
    if person is not None:
        create = rules.contact_persons == "create"
        draft.steps.append(FindContactPerson(company_id=company.id, person=person, create=create))
    new_articles: dict[int, str] = {}
    if deal.rows:
        built, new_articles = draft.add_rows(agreed.rows, head.get("currency"), erp, rules)
    else:
        # The one row of a deal without products is no article.
        built = [row_fields(row, rules) for row in agreed.rows]
    built += text_rows(deal, rules)
    common: dict[str, Any] = {
        "company_id": company.id,
        "generation": decision.generation,
        "new_articles": new_articles,
        "replaces": decision.replaces,
        "person": person,
    }
    if decision.operation == "create_order":
        # An order is dated the day that the deal was won; an invoice today, as its terms of payment count from then.
        order = Order(
            **{"order_date": deal.won_date or today, **head},
            rows=tuple(OrderRow.model_validate(row) for row in built),
        )
        convert = mapping.wants_invoice(deal, rules)
        draft.steps += [CreateOrder(order=order, convert=convert, **common), WriteBackNumber()]
        if convert:
            draft.steps += [ConvertToInvoice(generation=decision.generation), WriteBackNumber()]
    else:
        invoice = Invoice(
            **{"invoice_date": today, **head}, rows=tuple(InvoiceRow.model_validate(row) for row in built)
        )
        draft.steps += [CreateInvoice(invoice=invoice, **common), WriteBackNumber()]


def deal_rows(deal: Deal) -> tuple[DealRow, ...]:
    """Give the products of a deal, or the one row that stands for a deal without products.

    Args:
        deal: The deal as the CRM shows it.

    Raises:
        InvalidValueError: The deal has neither products nor both a name and a value, or a row cannot be sent.
    """
    record = f"deal {deal.id}"
    if deal.rows:
        require_sendable(deal.rows, "deal", record)
        return deal.rows
    name = mapping.text_of(deal.name)
    if name is None:
        raise InvalidValueError(
            "The deal has no name, which is the text of its row.",
            field="name",
            record=record,
            advice="Give the deal a name in the CRM and send it again.",
        )
    if deal.value is None:
        raise InvalidValueError(
            "The deal has no value." if deal.shown("value") else "The CRM does not show the deal's value.",
            field="value",
            record=record,
            advice="Fill in the deal's value in the CRM and send it again.",
        )
    return (DealRow(description=name, quantity=Decimal(1), unit_price=deal.value),)


def text_rows(deal: Deal, rules: SyncRules) -> list[dict[str, Any]]:
    """Give the text rows that the deal's own fields become: those filled in and not mapped to a field.

    Args:
        deal: The deal.
        rules: The sync's rules.
    """
    if rules.custom_fields == "ignore":
        return []
    return [
        {"description": f"{field.title}: {str(field.value).strip()}"}
        for field in mapping.filled_in(deal)
        if rules.mapped_field(field.title) is None and not mapping.asks_for_invoice(field, rules)
    ]
