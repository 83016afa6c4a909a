"""The steps that see to the customer and the articles, and tell the CRM of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from erpcore.errors import NotFoundError
from erpcore.models import Article, ArticleQuery, CustomerQuery, WriteBack
from erpcore.store import Link, cut_link, live_link, put_link
from erpcore.sync import lookups, story
from erpcore.sync.effects import ComeBackLater
from erpcore.sync.handling import PLAN_AGAIN, Handling
from erpcore.sync.plan import CreateArticle, CreateCustomer, UpdateCustomer, UseCustomer, WriteBackCustomer


def use_customer(at: Handling, step: UseCustomer) -> dict[str, Any]:
    """Link the company to a customer that is right as it is."""
    _link_company(at, step.company_id, step.number, step.digest)
    at.tell("step", story.customer_found(step.number, step.found_by), {"number": step.number})
    return {"number": step.number}


def update_customer(at: Handling, step: UpdateCustomer) -> dict[str, Any]:
    """Overwrite the customer with what the CRM shows, and link the company to it.

    Raises:
        ComeBackLater: The linked customer is gone; its link is cut and the company is matched anew.
    """
    erp = at.sides.erp
    try:
        at.repeatable(
            f"the update of customer {step.number}",
            lambda: erp.update_customer(step.number, step.customer, at.context()),
        )
    except NotFoundError as error:
        cut_company(at, step.company_id, step.number)
        raise plan_again(at, step.number) from error
    _link_company(at, step.company_id, step.number, step.digest)
    at.tell("step", story.customer_updated(step.number, step.found_by), {"number": step.number})
    return {"number": step.number}


def create_customer(at: Handling, step: CreateCustomer) -> dict[str, Any]:
    """Create the company's customer, once over all its records, and link the company to it."""
    erp = at.sides.erp
    generation = at.generation_of(step.key, "create_customer", lambda number: customer_exists(at, number))
    intent = at.intent(step.key, "create_customer", generation)
    context = at.context(intent.reference)
    customer = step.customer.model_copy(update={"external_reference": intent.reference})
    carried = at.carry_out(
        intent,
        lambda: erp.create_customer(customer, context),
        lookups.created_customer(erp, customer, intent.reference, context),
    )
    # What another record of the company sent may differ from what this one would; only our own is noted as sent.
    _link_company(at, step.company_id, carried.ref.number, step.digest if carried.how == "sent" else None)
    return {"number": carried.ref.number, "how": carried.how}


def mark_in_process(at: Handling) -> dict[str, Any]:
    """Tell the CRM that the run's record is being sent, where the CRM has a field for it."""
    told = {"record_kind": at.run.record_kind, "record_id": at.run.record_id, "status": story.IN_PROCESS}
    stored = at.write_back(WriteBack.model_validate(told), "telling the CRM that the record is being sent")
    return {"stored": stored}


def write_back_customer(at: Handling, step: WriteBackCustomer) -> dict[str, Any]:
    """Tell the CRM the number of the company's customer, where the CRM has a field for it."""
    number = linked_customer(at, step.company_id)
    values = WriteBack(
        record_kind="company", record_id=step.company_id, erp_id=number, status=story.SYNCED, message=None
    )
    if at.write_back(values, f"telling the CRM the customer number {number}"):
        at.tell("step", story.customer_written_back(number))
    return {"customer": number}


def create_article(at: Handling, step: CreateArticle) -> dict[str, Any]:
    """Create an article that the ERP lacks and remember its number; tell the CRM when the rules say so."""
    erp = at.sides.erp
    record = article_record(step.key)
    generation = at.generation_of(record, "create_article", lambda number: article_exists(at, number))
    intent = at.intent(record, "create_article", generation)
    context = at.context(intent.reference)
    article = step.article.model_copy(update={"external_reference": intent.reference})
    carried = at.carry_out(
        intent,
        lambda: erp.create_article(article, context),
        lookups.created_article(erp, article, intent.reference, context),
    )
    number = carried.ref.number
    with at.sides.store.begin() as connection:
        link = live_link(connection, sync=at.sides.sync, kind="article", crm_id=step.key, erp_kind="article")
        if link is not None and link.erp_number != number:
            cut_link(connection, link.id, reason=story.article_gone(link.erp_number))
        put_link(
            connection,
            sync=at.sides.sync,
            kind="article",
            crm_id=step.key,
            erp_kind="article",
            erp_number=number,
            erp_id=carried.ref.id,
        )
    at.sides.articles.add(number)
    if at.sides.rules.report_created_articles:
        _report_article(at, step, number)
    return {"number": number, "how": carried.how}


def _report_article(at: Handling, step: CreateArticle, number: str) -> None:
    crm = at.sides.crm
    if not crm.can("store_article"):
        at.tell("note", story.article_not_reported(number))
        return
    article = Article.model_validate({**dict(step.article), "number": number, "external_reference": step.article_id})
    at.repeatable(f"telling the CRM of article {number}", lambda: crm.store_article(article, at.context()))
    at.tell("step", story.article_reported(number))


def article_record(key: str) -> str:
    """Name an article in the ledger."""
    return f"article {key}"


def customer_exists(at: Handling, number: str) -> bool:
    """Ask the ERP whether it has a customer of this number."""
    found = at.sides.erp.find_customers(CustomerQuery(number=number), at.context())
    return any(customer.number == number for customer in found)


def article_exists(at: Handling, number: str) -> bool:
    """Ask the ERP whether it has an article of this number."""
    found = at.sides.erp.find_articles(ArticleQuery(number=number), at.context())
    return any(article.number == number for article in found)


def cut_company(at: Handling, company_id: str, number: str) -> None:
    """End the company's link to a customer that is no longer in the ERP."""
    with at.sides.store.begin() as connection:
        link = _company_link(at, connection, company_id)
        if link is not None and link.erp_number == number:
            cut_link(connection, link.id, reason=story.customer_gone(number))
    at.tell("note", story.link_cut(number))


def plan_again(at: Handling, number: str) -> ComeBackLater:
    """Give the signal that the company is to be matched anew."""
    return ComeBackLater(story.link_cut(number), seconds=PLAN_AGAIN, connection=at.sides.erp.name, record=at.record)


def linked_customer(at: Handling, company_id: str) -> str:
    """Give the number of the customer that the steps before have linked the company to.

    Raises:
        ComeBackLater: Another run has cut the link meanwhile; the plan is made anew.
    """
    with at.sides.store.read() as connection:
        link = _company_link(at, connection, company_id)
    if link is None:
        raise ComeBackLater(story.link_lost(company_id), seconds=PLAN_AGAIN, record=at.record)
    return link.erp_number


def _link_company(at: Handling, company_id: str, number: str, digest: str | None) -> None:
    with at.sides.store.begin() as connection:
        link = _company_link(at, connection, company_id)
        if link is not None and link.erp_number != number:
            cut_link(connection, link.id, reason=story.matched_anew(number))
        put_link(
            connection,
            sync=at.sides.sync,
            kind="company",
            crm_id=company_id,
            erp_kind="customer",
            erp_number=number,
            sent_digest=digest,
        )


def _company_link(at: Handling, connection: sa.Connection, company_id: str) -> Link | None:
    return live_link(connection, sync=at.sides.sync, kind="company", crm_id=company_id, erp_kind="customer")
