"""Reading what a plan needs: the deal and its company from the CRM, customers and articles from the ERP.

Nothing is changed here, neither in a system nor in the store; `erpcore plan` reads by the same functions.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.errors import MissingRecordError, NotFoundError
from erpcore.hookspecs import Context
from erpcore.models import Article, ArticleQuery, CrmEvent, Customer, CustomerQuery
from erpcore.store import Link, Store, live_link
from erpcore.sync import deal_rows, mapping
from erpcore.sync.articles import KnownArticles
from erpcore.sync.decision import decide
from erpcore.sync.rules import SyncRules
from erpcore.sync.view import CrmView, CustomerLink, DealHistory, ErpView
from erpcore.sync.won_deal import require_company


@dataclass(frozen=True)
class Sides:
    """The two systems of a sync, its store and its rules.

    Attributes:
        sync: Name of the sync.
        rules: Its rules.
        crm: The CRM.
        erp: The ERP.
        store: Where links are.
        articles: Articles that the ERP is known to have.
    """

    sync: str
    rules: SyncRules
    crm: CrmConnection
    erp: ErpConnection
    store: Store
    articles: KnownArticles


def read_deal(sides: Sides, deal_id: str, event: CrmEvent | None, history: DealHistory, context: Context) -> CrmView:
    """Read the deal, and its company when the deal asks for a document.

    Args:
        sides: The sync's systems.
        deal_id: The CRM's key.
        event: The event that told of the deal; None when a person asks.
        history: What erpcore remembers of the deal.
        context: The calls' context.

    Raises:
        NotFoundError: No such deal.
        MissingRecordError: The deal's company is not in the CRM.
    """
    view = CrmView(deal=sides.crm.fetch_deal(deal_id, event, context), event=event)
    if decide(view, history, sides.rules).action != "make" or not view.deal.company_id:
        return view
    try:
        company = sides.crm.fetch_customer(view.deal.company_id, context)
    except NotFoundError as error:
        raise MissingRecordError(
            f"The deal's company {view.deal.company_id} is not in the CRM (any more).",
            connection=sides.crm.name,
            record=f"deal {deal_id}",
            advice="Choose another company on the deal in the CRM and send the deal again.",
        ) from error
    return view.model_copy(update={"company": company})


def linked_view(sides: Sides, crm: CrmView) -> ErpView:
    """Give what the links alone tell: the company's customer and the articles of its rows.

    Args:
        sides: The sync's systems.
        crm: The deal with its company.

    Raises:
        RecordError: The deal has no company, or a row cannot be sent.
    """
    company = require_company(crm)
    customer: CustomerLink | None = None
    with sides.store.read() as connection:
        link = live_link(connection, sync=sides.sync, kind="company", crm_id=company.id, erp_kind="customer")
        if link is not None and "link" in sides.rules.match:
            customer = CustomerLink(number=link.erp_number, sent_digest=link.sent_digest)
        articles: dict[str, str] = {}
        for row in crm.deal.rows or ():
            if deal_rows.row_is_text(row) or row.article_number:
                continue
            key = deal_rows.article_key(row)
            if known := article_link(connection, sides.sync, key):
                articles[key] = known.erp_number
    return ErpView(customer_link=customer, article_links=articles)


def article_link(connection: sa.Connection, sync: str, key: str) -> Link | None:
    """Give the link of an article that erpcore created."""
    return live_link(connection, sync=sync, kind="article", crm_id=key, erp_kind="article")


def look_up(sides: Sides, crm: CrmView, linked: ErpView, context: Context) -> ErpView:
    """Ask the ERP for what the links do not tell: the customer, and whether the articles are there.

    Args:
        sides: The sync's systems.
        crm: The deal with its company.
        linked: From `linked_view`.
        context: The calls' context.
    """
    known, missing = set[str](), set[str]()
    if sides.erp.can("find_articles"):
        for number in _numbers(crm, linked):
            (known if _has_article(sides, number, context) else missing).add(number)
    matches = () if linked.customer_link else _matches(sides, crm, context)
    return linked.model_copy(
        update={"matches": matches, "known_articles": frozenset(known), "missing_articles": frozenset(missing)}
    )


def _numbers(crm: CrmView, linked: ErpView) -> list[str]:
    numbers = [row.article_number for row in crm.deal.rows or () if row.article_number]
    return list(dict.fromkeys([*numbers, *linked.article_links.values()]))


def _has_article(sides: Sides, number: str, context: Context) -> bool:
    if number in sides.articles:
        return True
    found: list[Article] = [
        article for article in sides.erp.find_articles(ArticleQuery(number=number), context) if article.number == number
    ]
    if found:
        sides.articles.add(number)
    return bool(found)


def _matches(sides: Sides, crm: CrmView, context: Context) -> tuple[Customer, ...]:
    company = require_company(crm)
    number = mapping.known_organisation_number(company, sides.rules)
    for by in sides.rules.match:
        query: CustomerQuery | None = None
        if by == "organisation_number" and number:
            query = CustomerQuery(organisation_number=number)
        elif by == "name" and company.name:
            query = CustomerQuery(name=company.name)
        if query is not None and (found := tuple(sides.erp.find_customers(query, context))):
            return found
    return ()
