"""The step that creates an article which the ERP lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import sqlalchemy as sa

from erpcore.connection import ErpConnection
from erpcore.errors import UncertainEffectError
from erpcore.hookspecs import Context
from erpcore.models import Article, ArticleQuery, RecordRef
from erpcore.store import Intent, put_link
from erpcore.sync.effect import Carried, LookUp
from erpcore.sync.shared import story
from erpcore.sync.shared.rows import article_record
from erpcore.sync.steps.base import Step

if TYPE_CHECKING:
    from erpcore.sync.attempt import Attempt


class CreateArticle(Step):
    """Create an article that the ERP lacks. `key` names it in the ledger and its link."""

    name: ClassVar[str] = "create_article"
    hook: ClassVar[str | None] = "create_article"
    key: str
    article_id: str | None = None
    article: Article

    @property
    def sends(self) -> Article:
        """The article."""
        return self.article

    def words(self) -> str:
        """Say which article is created."""
        number = self.article.number
        return f"Create the article {f'{number} ' if number else ''}“{self.article.description}”."

    def do(self, attempt: Attempt) -> str:
        """Create it and remember its number; tell the CRM when the rules say so."""
        sides = attempt.sides
        record = article_record(self.key)
        generation = attempt.generation_of(record, self.name, lambda number: _exists(attempt, number))

        def sent(intent: Intent) -> Article:
            return self.article.model_copy(update={"external_reference": intent.reference})

        def send(intent: Intent) -> RecordRef:
            return sides.erp.create_article(sent(intent), attempt.context(intent.reference))

        def look_up(intent: Intent) -> RecordRef | None:
            return created_article(sides.erp, sent(intent), intent.reference, attempt.context(intent.reference))()

        def link(connection: sa.Connection, carried: Carried) -> None:
            put_link(
                connection,
                sync=sides.sync,
                source_kind="article",
                source_id=self.key,
                target_kind="article",
                number=carried.ref.number,
                key=carried.ref.id,
                instead=lambda known: story.article_gone(known.number),
            )

        number = attempt.carry_out(record, self.name, generation, send, look_up, link).ref.number
        sides.articles.add(number)
        if sides.rules.report_created_articles:
            self._report(attempt, number)
        return number

    def _report(self, attempt: Attempt, number: str) -> None:
        crm = attempt.sides.crm
        if not crm.can("store_article"):
            attempt.tell("note", story.article_not_reported(number))
            return
        told = {**dict(self.article), "number": number, "external_reference": self.article_id}
        article = Article.model_validate(told)
        attempt.repeatable(
            f"telling the CRM of article {number}", lambda: crm.store_article(article, attempt.context())
        )
        attempt.tell("step", story.article_reported(number))


def created_article(erp: ErpConnection, article: Article, reference: str, context: Context) -> LookUp:
    """Search an article that may have been created: by its number, else by its exact description and our reference.

    Where the ERP does not show our reference on articles, the description alone decides. Making an article may take
    more than one request (its price has a register of its own at Fortnox), so one that is found is made whole before
    it counts.

    Args:
        erp: Where.
        article: As it was sent.
        reference: Our own reference.
        context: The calls' context.
    """

    def look_up() -> RecordRef | None:
        if article.number:
            found = erp.find_articles(ArticleQuery(number=article.number), context)
        else:
            named = erp.find_articles(ArticleQuery(description=article.description), context)
            found = [match for match in named if match.external_reference in (reference, None)]
        numbers = [match.number for match in found if match.number]
        if len(numbers) > 1:
            raise UncertainEffectError(
                f"{len(numbers)} articles in the ERP fit the one that was being created: {', '.join(numbers)}.",
                advice="Look in the ERP, then say which one it is.",
            )
        if not numbers:
            return None
        if erp.can("sync_articles"):
            erp.sync_articles([article.model_copy(update={"number": numbers[0]})], context)
        return RecordRef(number=numbers[0])

    return look_up


def _exists(attempt: Attempt, number: str) -> bool:
    found = attempt.sides.erp.find_articles(ArticleQuery(number=number), attempt.context())
    return any(article.number == number for article in found)
