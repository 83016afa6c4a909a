"""The step that creates an article which the ERP lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import sqlalchemy as sa

from erpcore.connection import ErpConnection
from erpcore.errors import RecordError, RejectedError, UncertainEffectError
from erpcore.hookspecs import Context
from erpcore.models import Article, ArticleQuery, RecordRef, Ref
from erpcore.store import Intent
from erpcore.sync.effect import Carried, LookUp
from erpcore.sync.shared import story
from erpcore.sync.shared.reading import is_record, link_article
from erpcore.sync.shared.rows import article_record
from erpcore.sync.steps.base import Step
from erpcore.sync.window import OthersLookError

if TYPE_CHECKING:
    from erpcore.sync.attempt import Attempt


class CreateArticle(Step):
    """Create an article that the ERP lacks. `key` names it in the ledger and its link; `rows` are for whom, from 1."""

    name: ClassVar[str] = "create_article"
    hook: ClassVar[str | None] = "create_article"
    key: str
    article_id: str | None = None
    article: Article
    rows: tuple[int, ...] = ()

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
        generation = attempt.generation_of(record, self.name, lambda made: _exists(attempt, made))

        def sent(intent: Intent) -> Article:
            return self.article.model_copy(update={"external_reference": intent.reference})

        def send(intent: Intent) -> RecordRef:
            return sides.erp.create_article(sent(intent), attempt.context(intent.reference))

        def look_up(intent: Intent) -> RecordRef | None:
            return created_article(sides.erp, sent(intent), intent.reference, attempt.context(intent.reference))()

        def link(connection: sa.Connection, carried: Carried) -> None:
            link_article(connection, sides.sync, self.key, carried.ref, text=self.article.description)

        try:
            made = attempt.carry_out(record, self.name, generation, send, look_up, link).ref
        except (RecordError, RejectedError) as error:
            name = self.article.number or self.article.description or ""
            error.message = story.article_refused(self.rows, name, error.message)
            raise
        number = made.number
        sides.articles.add(number, Ref(number=number, key=made.key), self.article)
        if sides.rules.report_created_articles:
            self._report(attempt, made)
        return number

    def _report(self, attempt: Attempt, made: RecordRef) -> None:
        crm, number = attempt.sides.crm, made.number
        if not crm.can("store_article"):
            attempt.tell("note", story.article_not_reported(number))
            return
        told = {**dict(self.article), "number": number, "external_reference": self.article_id}
        article = Article.model_validate(told)
        attempt.repeatable(
            f"telling the CRM of article {number}", lambda: crm.store_article(article, attempt.context())
        )
        with attempt.begin() as connection:
            link_article(connection, attempt.sides.sync, self.key, made, told=True)
        attempt.tell("step", story.article_reported(number))


def created_article(erp: ErpConnection, article: Article, reference: str, context: Context) -> LookUp:
    """Search an article that may have been created: by its number, else by its exact description and our reference.

    Where the ERP does not show our reference on articles, the description alone decides. Making an article may take
    more than one request (its price has a register of its own at Fortnox), so one that is found is made whole before
    it counts. What must not be written twice is left to whoever has the next turn to make the article; until then it
    counts as not there.

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
        refs = [RecordRef(number=match.number, key=match.key) for match in found if match.number]
        if len(refs) > 1:
            numbers = ", ".join(ref.number for ref in refs)
            raise UncertainEffectError(
                f"{len(refs)} articles in the ERP fit the one that was being created: {numbers}.",
                advice="Look in the ERP, then say which one it is.",
            )
        if not refs:
            return None
        if not erp.can("sync_articles"):
            return refs[0]
        whole = article.model_copy(update={"number": refs[0].number})
        try:
            erp.sync_articles([whole], context)
        except OthersLookError:
            if not article.number:
                raise  # it cannot be made anew: the ERP would number another one
            return None
        return refs[0]

    return look_up


def _exists(attempt: Attempt, made: Ref) -> bool:
    query = ArticleQuery(number=made.number, key=made.key)
    return any(is_record(article, made) for article in attempt.sides.erp.find_articles(query, attempt.context()))
