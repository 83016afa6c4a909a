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
from erpcore.sync.customer import customer_step
from erpcore.sync.deal.decide import DealView, may_be_won
from erpcore.sync.draft import Draft
from erpcore.sync.losing import TellLosses
from erpcore.sync.plan import Decision, Plan
from erpcore.sync.shared import mapping
from erpcore.sync.shared.customer import organisation_of
from erpcore.sync.shared.discount import placed
from erpcore.sync.shared.forms import Hold, as_invoice_too, as_they_are
from erpcore.sync.shared.persons import contact_person
from erpcore.sync.shared.rows import require_sendable, require_value, row_fields
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.sums import Reconciled, reconciled, sums_of
from erpcore.sync.shared.view import ErpView, History
from erpcore.sync.steps.comparing import Agreed as AgreedSums, CompareSums
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
        against_value: The rows held against the deal's value.
    """

    company: Company
    rows: tuple[DealRow, ...]
    head: dict[str, Any]
    against_value: Reconciled


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
    deal, record = crm.deal, f"deal {crm.deal.id}"
    rows = deal_rows(deal)
    require_value(rows, rules, "deal", record)
    head = mapping.document_fields(deal, company, rules, linked.own_currency)
    against = reconciled(rows, {"value": deal.value}, deal.currency, rules, record)
    mapping.customer_from(company, organisation_of(company, linked, rules), rules)
    return Agreed(company, rows, head, against)


def money_agreed(deal: Deal, erp: ErpView, rules: SyncRules) -> AgreedSums:
    """Give what the document of a deal should come to.

    Args:
        deal: The deal as the CRM shows it.
        erp: What is known of the company whose books they are.
        rules: The sync's rules.

    Raises:
        InvalidValueError: The deal cannot be sent as it is.
    """
    rows, record = deal_rows(deal), f"deal {deal.id}"
    against = reconciled(rows, {"value": deal.value}, deal.currency, rules, record)
    currency = mapping.currency_field(deal.currency, rules, "deal", record, erp.own_currency).get("currency")
    return AgreedSums.of(sums_of((*rows, *against.extra), rules), currency)


def plan_won_deal(
    decision: Decision,
    crm: DealView,
    agreed: Agreed | None,
    erp: ErpView,
    history: History,
    rules: SyncRules,
    today: date,
    losses: TellLosses = lambda record, clearing: (),
    hold: Hold = as_they_are,
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
        hold: What the ERP makes of a row, from the plugin's field maps.

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
        convert, untold = history.conversion == "wanted" and may_be_won(crm), history.document.told_digest is None
        sums = money_agreed(crm.deal, erp, rules) if convert or untold else None
        if sums is not None:
            draft.steps.append(CompareSums(agreed=sums, company_id=crm.deal.company_id))
        if convert and sums is not None:
            if untold:
                draft.steps.append(WriteBackNumber(agreed=sums))
            draft.steps += [
                ConvertToInvoice(generation=history.document.generation),
                CompareSums(agreed=sums, invoice=True),
            ]
        draft.steps.append(WriteBackNumber(again=decision.reason == "number_not_in_crm", agreed=sums))
    elif agreed is not None:
        _plan_document(draft, crm.deal, agreed, erp, rules, decision, today, hold)
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
    draft: Draft,
    deal: Deal,
    agreed: Agreed,
    erp: ErpView,
    rules: SyncRules,
    decision: Decision,
    today: date,
    hold: Hold,
) -> None:
    head, company, extra = agreed.head, agreed.company, agreed.against_value.extra
    currency = head.get("currency")
    draft.note_currency(deal.currency, head, rules)
    draft.lose_references(deal.responsible, deal.contact, head, rules)
    draft.notes += agreed.against_value.notes
    draft.add_customer(customer_step(company, erp, rules), company, erp, rules)
    head = {**head, **draft.own_address(company, rules)}
    person = None if rules.contact_persons == "text" else contact_person(deal)
    if person is not None:
        create = rules.contact_persons == "create"
        draft.steps.append(FindContactPerson(company_id=company.id, person=person, create=create))
    new_articles: dict[int, str] = {}
    put = placed(agreed.rows, extra, currency, erp, rules)
    draft.notes += put.notes
    if deal.rows:
        built, new_articles = draft.add_rows(put.rows, currency, erp, rules)
    else:
        # The one row of a deal without products is no article.
        built = [row_fields(row, rules) for row in agreed.rows]
    built += [row_fields(row, rules) for row in put.extra] + text_rows(deal, rules)
    sums = draft.agreed((*agreed.rows, *extra), currency, company, erp, rules)
    compare = CompareSums(agreed=sums, company_id=company.id)
    common: dict[str, Any] = {
        "company_id": company.id,
        "generation": decision.generation,
        "new_articles": new_articles,
        "replaces": decision.replaces,
        "person": person,
    }
    if decision.operation == "create_order":
        # An order is dated the day that the deal was won; an invoice today, as its terms of payment count from then.
        convert = mapping.wants_invoice(deal, rules)
        kept = as_invoice_too(hold) if convert else hold
        rows = draft.fit(built, new_articles, OrderRow, currency, kept, rules)
        order = Order(**{"order_date": deal.won_date or today, **head}, rows=rows)
        draft.steps += [CreateOrder(order=order, convert=convert, **common), compare]
        draft.steps.append(WriteBackNumber(agreed=sums))
        if convert:
            draft.steps += [
                ConvertToInvoice(generation=decision.generation),
                CompareSums(agreed=sums, invoice=True),
                WriteBackNumber(agreed=sums),
            ]
    else:
        invoice = Invoice(
            **{"invoice_date": today, **head}, rows=draft.fit(built, new_articles, InvoiceRow, currency, hold, rules)
        )
        draft.steps += [
            CreateInvoice(invoice=invoice, **common),
            compare,
            WriteBackNumber(agreed=sums),
        ]


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
