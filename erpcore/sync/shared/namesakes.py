"""Articles of the ERP that may be what a row's article is: offered before a new one is made."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from erpcore.hookspecs import Context
from erpcore.models import ArticleQuery, Ref
from erpcore.sync.shared.mapping import text_of
from erpcore.sync.shared.recognising import Asked
from erpcore.sync.shared.rows import article_key, row_is_free
from erpcore.sync.shared.view import ErpView

if TYPE_CHECKING:
    from erpcore.sync.shared.reading import Sides

_BETWEEN = re.compile(r"[\s\-‐‑‒–—_]+")
"""What people put between the parts of a number, or leave out."""


def named_articles(sides: Sides, asked: Asked, erp: ErpView, context: Context) -> Mapping[str, tuple[Ref, ...]]:
    """Search articles of exactly a row's text, for rows whose article would be created and has no number.

    Args:
        sides: The sync's systems.
        asked: What the plan is about.
        erp: What is known so far.
        context: The calls' context.
    """
    rules = sides.rules
    if rules.article_of_same_name == "create" or not _creates(sides):
        return {}
    found: dict[str, tuple[Ref, ...]] = {}
    for row in asked.rows:
        text = text_of(row.description)
        free = row_is_free(row)
        if text is None or text in found or row.article_number or not (row.article_id or free):
            continue
        if (free and rules.free_row == "row") or article_key(row) in erp.article_links:
            continue
        found[text] = _found(sides, ArticleQuery(description=text), context)
    return found


def like_articles(
    sides: Sides, asked: Asked, missing: Collection[str], context: Context
) -> Mapping[str, tuple[Ref, ...]]:
    """Search articles whose number differs by spaces or hyphens alone, for numbers whose article would be created.

    The number is looked for without them, and among the articles of exactly the row's text.

    Args:
        sides: The sync's systems.
        asked: What the plan is about.
        missing: The numbers that the ERP does not have.
        context: The calls' context.

    Returns:
        By the numbers that rows name.
    """
    if sides.rules.article_of_like_number == "create" or not _creates(sides):
        return {}
    found: dict[str, tuple[Ref, ...]] = {}
    for row in asked.rows:
        number = row.article_number
        if not number or number not in missing or number in found:
            continue
        bare = _BETWEEN.sub("", number)
        queries = [ArticleQuery(number=bare)] if bare not in ("", number) else []
        if text := text_of(row.description):
            queries.append(ArticleQuery(description=text))
        found[number] = ()
        for query in queries:
            there = _found(sides, query, context)
            like = [each for each in there if _BETWEEN.sub("", each.number).casefold() == bare.casefold()]
            if like:
                found[number] = tuple(like)
                break
    return found


def _creates(sides: Sides) -> bool:
    return sides.rules.missing_article == "create" and sides.erp.can("find_articles")


def _found(sides: Sides, query: ArticleQuery, context: Context) -> tuple[Ref, ...]:
    """Give the active articles that fit a query, and remember what they show on rows."""
    refs: list[Ref] = []
    for each in sides.erp.find_articles(query, context):
        if each.number and each.active is not False and query.description in (None, each.description):
            refs.append(Ref(number=each.number, key=each.key))
            sides.articles.add(each.number, refs[-1], each)
    return tuple(refs)
