"""What a system can be told of an article, and what it would show then: from the plugin's field map. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from erpcore.errors import ErpcoreError
from erpcore.fields import Computed, Field, FieldMap
from erpcore.models import Article
from erpcore.sync.article.compare import FIELDS, Values
from erpcore.sync.shared.rule_fields import ArticleField


def values_of(article: Article) -> Values:
    """Give what an article shows of the fields that are kept equal.

    Args:
        article: As a system shows it.
    """
    return {name: getattr(article, name) for name in FIELDS if article.shown(name)}


def article_of(number: str, values: Values) -> Article:
    """Give an article that shows these values and no others.

    Args:
        number: Its number.
        values: From `values_of`, or as they were kept.
    """
    return Article.model_validate({"number": number, **values})


def takes(field_map: FieldMap[Any] | None) -> frozenset[ArticleField]:
    """Give the fields that a system can be told.

    Args:
        field_map: Its table of articles; None where it has none.
    """
    if field_map is None:
        return frozenset()
    told = {
        entry.name
        for entry in field_map.entries
        if isinstance(entry, Computed) or (isinstance(entry, Field) and entry.direction != "read")
    }
    return frozenset(name for name in FIELDS if name in told)


def seen_as(field_map: FieldMap[Any] | None) -> Callable[[Values], Values]:
    """Give a function from values as they are sent to what the system would show.

    What it would not show, because it has no place for it or cannot be emptied, is left out. What cannot be worked out
    from the table is believed to be shown as it is sent.

    Args:
        field_map: As for `takes`.
    """
    carried = takes(field_map)
    worked_out = (
        {entry.name for entry in field_map.entries if isinstance(entry, Computed)} if field_map is not None else set()
    )

    def seen(values: Values) -> Values:
        told: dict[str, Any] = {name: value for name, value in values.items() if name in carried}
        if field_map is None or not told:
            return told
        try:
            shown = field_map.from_native(field_map.to_native(article_of("1", told), clearing=True))
        except (ErpcoreError, ValidationError):
            return told  # it will be refused, in words, when it is sent
        return {
            name: getattr(shown, name) if shown.shown(name) else value
            for name, value in told.items()
            if shown.shown(name) or name in worked_out
        }

    return seen
