"""The plan of a won deal: what the CRM shows, what the ERP has and what erpcore remembers, in; steps, out.

Pure: nothing is read or sent here. `erpcore.sync.steps` reads, asks for the plan, and carries it out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from erpcore.errors import AmbiguousMatchError, MissingRecordError
from erpcore.fields import Loss
from erpcore.models import CanonicalModel, Company, Customer, DealRow, Invoice, InvoiceRow, Order, OrderRow
from erpcore.sync import deal_rows, mapping, story
from erpcore.sync.decision import Decision, decide, is_won
from erpcore.sync.plan import (
    ConvertToInvoice,
    CreateArticle,
    CreateCustomer,
    CreateInvoice,
    CreateOrder,
    Plan,
    PlannedLoss,
    SettleDocument,
    Step,
    UpdateCustomer,
    UseCustomer,
    WriteBackNumber,
)
from erpcore.sync.rules import SyncRules
from erpcore.sync.view import CrmView, DealHistory, ErpView

TellLosses = Callable[[CanonicalModel, bool], Sequence[Loss]]
"""Gives what of a record the ERP would lose; the second argument: whether it changes an existing record."""


def plan_won_deal(
    crm: CrmView,
    erp: ErpView,
    history: DealHistory,
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
        The plan. Its losses with the policy `block` are for the caller to stop at (`refuse_blocked`).

    Raises:
        RecordError: The deal cannot be sent as it is; says what to mend.
    """
    decision = decide(crm, history, rules)
    draft = _Draft()
    if decision.action == "settle" and decision.operation is not None:
        draft.steps += [
            SettleDocument(operation=decision.operation, generation=decision.generation),
            WriteBackNumber(),
        ]
    elif decision.action == "complete" and history.document is not None:
        if history.conversion == "wanted" and is_won(crm):
            if history.document.told_digest is None:
                draft.steps.append(WriteBackNumber())
            draft.steps.append(ConvertToInvoice(generation=history.document.generation))
        draft.steps.append(WriteBackNumber())
    elif decision.action == "make":
        _plan_document(draft, crm, erp, rules, decision, today)
    return Plan(
        deal_id=crm.deal.id,
        reason=decision.reason,
        why=decision.why,
        steps=tuple(draft.steps),
        losses=tuple(_losses(draft, rules, losses)),
        notes=tuple(draft.notes),
    )


@dataclass
class _Draft:
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


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


def customer_key(company: Company, number: str | None) -> str:
    """Name a company's customer in the ledger, so that two deals of one new company create one customer.

    Args:
        company: The company.
        number: Its organisation number; two companies in the CRM with the same one are one customer.
    """
    return f"organisation {number}" if number else f"company {company.id}"


def _plan_document(
    draft: _Draft, crm: CrmView, erp: ErpView, rules: SyncRules, decision: Decision, today: date
) -> None:
    company = require_company(crm)
    deal = crm.deal
    rows = deal_rows.deal_rows(deal)
    deal_rows.require_value(deal, rows, rules)
    shared = mapping.document_fields(deal, company, rules)
    draft.steps.append(_customer_step(company, erp, rules))
    built, new_articles = _rows(draft, crm, rows, erp, rules)
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


def _customer_step(company: Company, erp: ErpView, rules: SyncRules) -> UseCustomer | UpdateCustomer | CreateCustomer:
    number = mapping.known_organisation_number(company, rules)
    customer = mapping.customer_from(company, number, rules)
    digest = mapping.digest(customer)
    if erp.customer_link is not None:
        known, found_by, theirs = erp.customer_link.number, "link", None
        right = erp.customer_link.sent_digest == digest
    elif match := _one_match(company, erp.matches):
        found_by = "organisation_number" if number and "organisation_number" in rules.match else "name"
        known, theirs = str(match.number), match
        right = mapping.shows_the_same(customer, theirs)
    else:
        return CreateCustomer(
            company_id=company.id,
            key=customer_key(company, number),
            customer=mapping.new_customer(customer, rules),
            digest=digest,
        )
    found: dict[str, Any] = {"company_id": company.id, "number": known, "found_by": found_by}
    if right or not rules.update_existing_customer:
        return UseCustomer(**found, digest=digest if right else None)
    return UpdateCustomer(**found, digest=digest, customer=customer)


def _one_match(company: Company, matches: Sequence[Customer]) -> Customer | None:
    candidates = [customer for customer in matches if customer.active is not False] or list(matches)
    if len(candidates) > 1:
        raise AmbiguousMatchError(
            f"{len(candidates)} customers in the ERP fit the company.",
            candidates=[story.candidate(customer) for customer in candidates],
            record=mapping.company_words(company),
            advice="Merge them, or make all but one inactive, in the ERP and send the deal again.",
        )
    if candidates and not candidates[0].number:
        raise MissingRecordError(
            "The ERP shows a customer that fits without its number.", record=mapping.company_words(company)
        )
    return candidates[0] if candidates else None


def _rows(
    draft: _Draft, crm: CrmView, rows: Sequence[DealRow], erp: ErpView, rules: SyncRules
) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """Give the rows and, per index, the key of the article that is created first."""
    built: list[dict[str, Any]] = []
    new_articles: dict[int, str] = {}
    created: set[str] = set()
    from_products = bool(crm.deal.rows)
    for index, row in enumerate(rows):
        found = deal_rows.row_fields(row, rules)
        if row.quantity is None and "quantity" in found:
            draft.notes.append(story.assumed_quantity(index + 1, deal_rows.row_words(row)))
        built.append(found)
        if not from_products or deal_rows.row_is_text(row):
            continue
        key = deal_rows.article_key(row)
        number = row.article_number or erp.article_links.get(key)
        if number is not None and number not in erp.missing_articles:
            found["article_number"] = number
            continue
        if rules.missing_article == "stop":
            raise MissingRecordError(
                f"The article “{deal_rows.row_words(row)}”"
                + (f" ({number})" if number else "")
                + " of row "
                + f"{index + 1} is not in the ERP.",
                record=f"deal {crm.deal.id}",
                advice="Create it in the ERP and put its number on the product in the CRM, then send the deal again.",
            )
        if rules.missing_article == "text_row":
            found.setdefault("description", deal_rows.row_words(row))
            draft.notes.append(story.row_without_article(index + 1, deal_rows.row_words(row), row.article_number))
            continue
        new_articles[index] = key
        if key not in created:
            created.add(key)
            article = deal_rows.article_from(row, crm.deal, rules)
            draft.steps.append(CreateArticle(key=key, article_id=row.article_id, article=article))
    return built, new_articles


def _losses(draft: _Draft, rules: SyncRules, losses: TellLosses) -> list[PlannedLoss]:
    found: list[PlannedLoss] = []
    for step in draft.steps:
        record: CanonicalModel
        match step:
            case CreateCustomer() | UpdateCustomer():
                name, record = "customer", step.customer
            case CreateArticle():
                name, record = "article", step.article
            case CreateOrder():
                name, record = "order", step.order
            case CreateInvoice():
                name, record = "invoice", step.invoice
            case _:
                continue
        for loss in losses(record, isinstance(step, UpdateCustomer)):
            policy = rules.loss_policy(_without_index(loss.field))
            if policy != "allow":
                found.append(PlannedLoss.of(name, loss, policy))
    return found


def _without_index(name: str) -> str:
    return "".join(part.partition("]")[2] if index else part for index, part in enumerate(name.split("[")))
