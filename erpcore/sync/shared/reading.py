"""Reading what a plan needs: the record and its company from the CRM, customers and articles from the ERP.

Nothing is changed here, neither in a system nor in the store; `erpcore plan` reads by the same functions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.errors import InvalidValueError, MissingRecordError, NotFoundError
from erpcore.hookspecs import Context
from erpcore.models import Article, ArticleQuery, Company, Customer, CustomerQuery, Document, Ref
from erpcore.store import Link, Store, links_from, links_to, live_link, open_intents, put_link
from erpcore.sync.shared import story
from erpcore.sync.shared.customer import customer_key, organisation_of, usable
from erpcore.sync.shared.identity import KnownAs
from erpcore.sync.shared.known_articles import KnownArticles, unwritten
from erpcore.sync.shared.namesakes import like_articles, named_articles
from erpcore.sync.shared.recognising import Asked, recognise
from erpcore.sync.shared.registers import KnownRegisters
from erpcore.sync.shared.rows import CrmRow, article_key, article_record, row_is_text
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.view import CustomerLink, ErpView


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
        registers: The ERP's registers, as far as they were read.
    """

    sync: str
    rules: SyncRules
    crm: CrmConnection
    erp: ErpConnection
    store: Store
    articles: KnownArticles
    registers: KnownRegisters


def fetch_company(sides: Sides, company_id: str, context: Context) -> Company:
    """Read a company, without a customer number that is another ERP's.

    Args:
        sides: The sync's systems.
        company_id: The CRM's key.
        context: The call's context.

    Raises:
        NotFoundError: The CRM has no such company.
    """
    return as_ours(sides.crm.fetch_customer(company_id, context), sides.rules)


def as_ours(company: Company, rules: SyncRules) -> Company:
    """Give a company without a customer number that is another ERP's.

    Args:
        company: As the CRM shows it.
        rules: The sync's rules.
    """
    return company if rules.owns_customer_number else company.model_copy(update={"erp_number": None})


def read_company(sides: Sides, company_id: str, kind: str, record: str, context: Context) -> Company:
    """Read the company of a deal or an order.

    Args:
        sides: The sync's systems.
        company_id: The CRM's key.
        kind: What names the company: deal or order.
        record: The record that names it, for the error.
        context: The call's context.

    Raises:
        MissingRecordError: The company is not in the CRM.
    """
    try:
        return fetch_company(sides, company_id, context)
    except NotFoundError as error:
        raise MissingRecordError(
            f"The {kind}'s company {company_id} is not in the CRM (any more).",
            connection=sides.crm.name,
            record=record,
            advice=f"Choose another company on the {kind} in the CRM and send the {kind} again.",
        ).about("company") from error


def customer_link(sides: Sides, company_id: str) -> CustomerLink | None:
    """Give the customer that a company is linked to, where the rules go by links.

    Args:
        sides: The sync's systems.
        company_id: The CRM's key.
    """
    with sides.store.read() as connection:
        held = _customers_of(connection, sides.sync, company_id)
    return _living(held, sides.rules)


def _customers_of(connection: sa.Connection, sync: str, company_id: str) -> list[Link]:
    held = links_from(connection, sync=sync, source_kind="company", source_id=company_id)
    return [link for link in held if link.target_kind == "customer"]


def _living(held: Sequence[Link], rules: SyncRules) -> CustomerLink | None:
    """Give the one of a company's links to customers that holds, where the rules go by links."""
    link = next((each for each in held if each.cut_at is None), None) if "link" in rules.match else None
    return None if link is None else CustomerLink(number=link.number, key=link.key, sent_digest=link.sent_digest)


def linked_view(sides: Sides, asked: Asked, context: Context | None = None) -> ErpView:
    """Give what the links alone tell: the company's customer and the articles of the rows.

    Args:
        sides: The sync's systems.
        asked: What the plan is about.
        context: Of the call that asks the ERP for the company's own currency; None where no amount is sent.
    """
    articles, called = dict[str, Ref](), dict[str, str]()
    with sides.store.read() as connection:
        held = _customers_of(connection, sides.sync, asked.company_id)
        for row in asked.rows:
            if row_is_text(row) or row.article_number:
                continue
            key = article_key(row)
            if known := article_link(connection, sides.sync, key):
                articles[key] = Ref(number=known.number, key=known.key)
                if known.key is None and (text := (known.known_as or {}).get("description")):
                    called[known.number] = text
    found = {
        "customer_link": _living(held, sides.rules),
        "customers_before": {each.number: KnownAs.model_validate(each.known_as) for each in held if each.known_as},
        "article_links": articles,
        "articles_before": called,
    }
    return bare_view(sides, context).model_copy(update=found)


def bare_view(sides: Sides, context: Context | None) -> ErpView:
    """Give what is known of the company whose books they are; `context` is as for `linked_view`."""
    own = None if context is None else sides.registers.own_currency(sides.erp, context)
    plugin = sides.erp.plugin
    return ErpView(
        own_currency=own,
        country=sides.rules.company_country or plugin.country,
        rows_say_vat="vat_percent" not in unwritten(plugin),
    )


def article_link(connection: sa.Connection, sync: str, key: str) -> Link | None:
    """Give the link of an article that erpcore created."""
    return live_link(connection, sync=sync, source_kind="article", source_id=key, target_kind="article")


def link_article(
    connection: sa.Connection, sync: str, key: str, article: Ref, *, text: str | None = None, told: bool = False
) -> None:
    """Link an article of the CRM to the one in the ERP; a live link follows its new number.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync.
        key: What names the article in the CRM.
        article: The one in the ERP.
        text: What it is called there; None where it is not known.
        told: Whether the CRM has just been told of it.
    """
    put_link(
        connection,
        sync=sync,
        source_kind="article",
        source_id=key,
        target_kind="article",
        number=article.number,
        key=article.key,
        known_as=None if text is None else {"description": text},
        told=told,
        instead=lambda known: story.article_gone(known.number),
    )


def look_up(sides: Sides, asked: Asked, linked: ErpView, context: Context) -> ErpView:
    """Ask the ERP for what the links do not tell: the customer, and whether the articles are there.

    Args:
        sides: The sync's systems.
        asked: What the plan is about.
        linked: From `linked_view`.
        context: The calls' context.
    """
    known, missing, inactive, free = dict[str, Ref](), set[str](), set[str](), sides.erp.plugin.free_row_article
    if sides.erp.can("find_articles"):
        wanted = {row.article_number: Ref(number=row.article_number) for row in asked.rows if row.article_number}
        wanted |= {ref.number: ref for ref in linked.article_links.values()}
        articles = _articles(sides, wanted, context)
        for spell in (str.upper, str.lower):
            # A number that people write in other letters is the same article: a new one would be its duplicate.
            absent = [ref.number for number, ref in wanted.items() if number not in articles and ref.key is None]
            others = {number: Ref(number=spell(number)) for number in absent if spell(number) != number}
            articles |= _articles(sides, others, context)
        for number in wanted:
            article = articles.get(number)
            if article is None:
                missing.add(number)
            elif not article[1]:
                inactive.add(number)
            else:
                known[number] = article[0]
        of_discount = sides.rules.value_differs == "discount_row" and not linked.rows_say_vat and bool(asked.rows)
        of_rows = any(_tells_more(row, sides) for row in asked.rows if row.article_number not in known)
        if free is not None and (of_rows or of_discount):
            _articles(sides, {free: Ref(number=free)}, context)
    found = {
        "known_articles": known,
        "article_of_free_rows": {} if free is None else sides.articles.values(free),
        "missing_articles": frozenset(missing),
        "inactive_articles": frozenset(inactive),
        "looked_up": True,
    }

    def find(query: CustomerQuery) -> tuple[Customer, ...]:
        return tuple(sides.erp.find_customers(query, context))

    erp = recognise(asked, linked.model_copy(update=found), sides.rules, find)
    customer = _customer(asked, erp)
    shared: str | None = None
    gone: list[str] = []
    while customer is not None:
        shared = shared_with(sides, asked.company_id, customer.number, customer.key, without=gone)
        if shared is None or _is_in_crm(sides, shared, context):
            break
        gone.append(shared)
    codes = sides.registers.units(sides.erp, [row.unit for row in asked.rows if row.unit], context)
    found = {"unanswered": unanswered(sides, asked, erp), "shared_with": shared, "units": codes}
    found["gone_companies"] = tuple(gone)
    if sides.rules.foreign_price == "convert" and asked.currency not in (None, erp.own_currency):
        found["rate"] = sides.registers.rate(sides.erp, str(asked.currency), context)
    named = named_articles(sides, asked, erp, context)
    like = like_articles(sides, asked, missing, context)
    if any((*named.values(), *like.values())):
        # Another run may have made one of them since the first look: then it is the row's article, and nobody is asked.
        found["unanswered"] = unanswered(sides, asked, erp)
        found["article_links"] = linked_view(sides, asked).article_links
        made = {number: ref for number, refs in like.items() for ref in refs if ref.number.upper() == number.upper()}
        found |= {"known_articles": known | made, "missing_articles": frozenset(missing - made.keys())}
        known |= made
    numbers = {*known, *(each.number for refs in (*named.values(), *like.values()) for each in refs)}
    values = {number: sides.articles.values(number) for number in numbers}
    texts = {number: text for number in linked.articles_before if (text := sides.articles.text(number))}
    return erp.model_copy(
        update={
            **found,
            "named_articles": named,
            "like_articles": like,
            "article_values": values,
            "article_texts": texts,
        }
    )


def _tells_more(row: CrmRow, sides: Sides) -> bool:
    """Tell whether a row without article shows what the ERP has from the article that it puts there."""
    return not row_is_text(row) and any(getattr(row, name, None) for name in unwritten(sides.erp.plugin))


def _customer(asked: Asked, erp: ErpView) -> Ref | None:
    """Give the customer that the company is linked to, or the only one that fits."""
    link, active = erp.customer_link, usable(erp.matches)
    if link is not None and asked.number in (None, link.number):
        return Ref(number=link.number, key=link.key)
    if len(active) == 1 and active[0].number:
        return Ref(number=active[0].number, key=active[0].key)
    return None


def _is_in_crm(sides: Sides, company_id: str, context: Context) -> bool:
    """Tell whether the CRM still has a company: one that was merged into another there shares a customer no more."""
    try:
        sides.crm.fetch_customer(company_id, context)
    except NotFoundError:
        return False
    return True


def shared_with(
    sides: Sides, company_id: str, number: str, key: str | None, *, without: Collection[str] = ()
) -> str | None:
    """Give the company that was a customer before this one was; None when this one was the first.

    Args:
        sides: The sync's systems.
        company_id: The CRM's key of this company.
        number: The customer's number in the ERP.
        key: The ERP's own key of it.
        without: Companies that do not count, because the CRM does not have them any more.
    """
    with sides.store.read() as connection:
        held = links_to(connection, sync=sides.sync, target_kind="customer", number=number)
    return first_of_others([each for each in held if each.source_id not in without], company_id, number, key)


def first_of_others(held: Sequence[Link], company_id: str, number: str, key: str | None) -> str | None:
    """Give the company that was a customer first; None when it is this one.

    Args:
        held: The live links to the customer's number, oldest first.
        company_id: The CRM's key of this company.
        number: The customer's number in the ERP.
        key: The ERP's own key of it.
    """
    theirs = (each for each in held if each.source_kind == "company" and (key is None or each.key in (None, key)))
    first = next(theirs, None)
    # An order that names no company is linked under its customer number, and is nobody's workplace.
    if first is None or first.source_id in (company_id, f"customer {number}"):
        return None
    return first.source_id


def unanswered(sides: Sides, asked: Asked, erp: ErpView) -> frozenset[str]:
    """Give the ledger's names of the customer and the articles that are not made in all their parts.

    Args:
        sides: The sync's systems.
        asked: What the plan is about.
        erp: What is known of the ERP.
    """
    names = {article_record(article_key(row)) for row in asked.rows if not row_is_text(row)}
    if asked.company is not None and not asked.only_known:
        # A number that is wrong is told by the plan, if the plan needs it at all.
        with suppress(InvalidValueError):
            names.add(customer_key(asked.company, organisation_of(asked.company, erp, sides.rules)))
    with sides.store.read() as connection:
        found = {intent.record for intent in open_intents(connection, sync=sides.sync, records=names)}
        if sides.rules.report_created_articles and sides.crm.can("store_article"):
            # One that is made is whole when the CRM has been told of it.
            for key in {article_key(row) for row in asked.rows if not row_is_text(row)}:
                link = article_link(connection, sides.sync, key)
                if link is not None and link.told_at is None:
                    found.add(article_record(key))
    return frozenset(found)


def _articles(sides: Sides, wanted: Mapping[str, Ref], context: Context) -> dict[str, tuple[Ref, bool]]:
    """Give those of some articles that the ERP has, and whether each is active, by the numbers that they are known by.

    Those that are not known yet are asked for at once, where the ERP's plugin can.
    """
    found = {number: (known, True) for number in wanted if (known := sides.articles.get(number)) is not None}
    asked = {number: ref for number, ref in wanted.items() if number not in found}
    erp = sides.erp
    if len(asked) > 1 and erp.can("find_many_articles"):
        told = [article for article in erp.find_many_articles(list(asked.values()), context) if article.number]
    else:
        queries = [ArticleQuery(number=ref.number, key=ref.key) for ref in asked.values()]
        told = [article for query in queries for article in erp.find_articles(query, context) if article.number]
    # Of several that fit, the first one counts.
    keyed = {article.key: article for article in reversed(told) if article.key is not None}
    numbered = {article.number: article for article in reversed(told)}
    for number, ref in asked.items():
        held = keyed.get(ref.key) if ref.key in keyed else numbered.get(ref.number)
        if held is None or not is_record(held, ref):
            continue
        article, active = Ref(number=str(held.number), key=held.key), held.active is not False
        if active:
            sides.articles.add(number, article, held)
        found[number] = article, active
    return found


def is_record(found: Article | Customer | Document, wanted: Ref) -> bool:
    """Tell whether a record that a search gave is the one that was meant: by its key, else by its number.

    Args:
        found: What the search gave.
        wanted: What was searched for.
    """
    if wanted.key is not None and found.key is not None:
        return found.key == wanted.key
    return found.number == wanted.number
