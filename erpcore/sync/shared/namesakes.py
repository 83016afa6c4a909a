"""Articles of the ERP that have exactly a row's text: offered before a new one is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from erpcore.hookspecs import Context
from erpcore.models import ArticleQuery, Ref
from erpcore.sync.shared.mapping import text_of
from erpcore.sync.shared.rows import article_key, row_is_free
from erpcore.sync.shared.view import ErpView

if TYPE_CHECKING:
    from erpcore.sync.shared.reading import Asked, Sides


def named_articles(sides: Sides, asked: Asked, erp: ErpView, context: Context) -> Mapping[str, tuple[Ref, ...]]:
    """Search articles of exactly a row's text, for rows whose article would be created and has no number.

    Args:
        sides: The sync's systems.
        asked: What the plan is about.
        erp: What is known so far.
        context: The calls' context.
    """
    rules = sides.rules
    if (
        rules.missing_article != "create"
        or rules.article_of_same_name == "create"
        or not sides.erp.can("find_articles")
    ):
        return {}
    found: dict[str, tuple[Ref, ...]] = {}
    for row in asked.rows:
        text = text_of(row.description)
        free = row_is_free(row)
        if text is None or text in found or row.article_number or not (row.article_id or free):
            continue
        if (free and rules.free_row == "row") or article_key(row) in erp.article_links:
            continue
        named = sides.erp.find_articles(ArticleQuery(description=text), context)
        same = [each for each in named if each.description == text and each.active is not False]
        refs = [(each, Ref(number=each.number, key=each.key)) for each in same if each.number]
        for article, ref in refs:
            sides.articles.add(ref.number, ref, article)
        found[text] = tuple(ref for _, ref in refs)
    return found
