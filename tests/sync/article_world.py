"""Articles between a CRM and an ERP in memory, kept equal by rounds as the worker goes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from erpcore.engine.articles import ArticleRounds, Round
from erpcore.errors import ChangedMeanwhileError
from erpcore.fields import Field, Unsupported, cut
from erpcore.hookspecs import Context, hookimpl
from erpcore.models import Article, ArticleSync, Moment, Page, RecordRef
from erpcore.plugin import Effect, EffectKind
from erpcore.settings import SyncSettings
from erpcore.store import MirroredArticle, Run, latest_run, list_articles
from erpcore.sync.article.flow import ArticleFlow
from erpcore.sync.shared.reading import Sides
from erpcore.sync.shared.registers import KnownRegisters
from erpcore.sync.window import Window
from tests.sync.memory_crm import MemoryCrm
from tests.sync.memory_plugin import SURELY_NOT, MemoryErp, _map, _raise
from tests.sync.world import SYNC, World

PAGE = 3
"""Articles on a page: few, so that tests need few of them for several pages."""


def article(number: str, **values: Any) -> Article:
    usual: dict[str, Any] = {"description": f"Vara {number}", "price": Decimal(100), "unit": "st", "active": True}
    return Article(number=number, **{**usual, **values})


class Shelf:
    """Articles as one system keeps them, with the time of each change."""

    def __init__(self, now: Callable[[], datetime], held: dict[str, Article]) -> None:
        self.now = now
        self.held = held
        self.changed: dict[str, datetime] = {}
        self.keys: dict[str, str] = {}
        self.asked: list[datetime | None] = []

    def put(self, article: Article) -> None:
        """Store an article as it is, as a person does."""
        number = str(article.number)
        self.held[number] = article
        self.changed[number] = self.now()
        self.keys.setdefault(number, f"k{len(self.keys) + 1}")

    def edit(self, number: str, **values: Any) -> None:
        """Change an article, as a person does."""
        self.put(self.held[number].model_copy(update=values))

    def page(self, changed_since: datetime | None, cursor: str | None) -> Page[Article]:
        """A page of those that were changed, in the order of their numbers."""
        if cursor is None:
            self.asked.append(changed_since)
        after = cursor or ""
        wanted = [
            number
            for number in sorted(self.held)
            if number > after and (changed_since is None or self.changed[number] >= changed_since)
        ]
        items = tuple(
            self.held[number].model_copy(update={"key": self.keys[number], "changed_at": self.changed[number]})
            for number in wanted[:PAGE]
        )
        return Page[Article](items=items, next_cursor=wanted[PAGE - 1] if len(wanted) > PAGE else None)


class ShelfErp(MemoryErp):
    """A memory ERP that keeps articles; it has no groups, and 30 characters for a name."""

    field_maps: ClassVar = {
        **MemoryErp.field_maps,
        "article": _map(
            Article,
            Field("description", "description", narrow=[cut(30)]),
            Unsupported("group", reason="it has no groups"),
            Field("changed_at", "changed_at", direction="read"),
            Field("unit", "unit"),
        ),
    }
    effects: ClassVar = {**MemoryErp.effects, "sync_articles": Effect(EffectKind.NATIVE_KEY, 0, "by number")}

    shelf: Shelf

    def __init__(self, books: Any) -> None:
        super().__init__(books)
        self.shelf = Shelf(books.now, books.articles)

    @hookimpl
    def fetch_articles(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Article]:
        self._read("fetch_articles")
        return self.shelf.page(changed_since, cursor)

    @hookimpl
    def sync_articles(self, articles: Sequence[Article], context: Context) -> ArticleSync:
        made: list[str] = []
        changed: list[str] = []
        same: list[str] = []
        for article in articles:
            number = str(article.number)
            held = self.books.articles.get(number) if self._shown(f"article {number}") else None
            seen = self._kept("article", article, Article, number=number)
            if held is not None and all(getattr(held, name) == getattr(seen, name) for name in seen.model_fields_set):
                same.append(number)
                continue
            (made if held is None else changed).append(number)
            self._write("sync_articles", lambda held=held, seen=seen, number=number: self._stored(held, seen, number))
        return ArticleSync(created=tuple(made), updated=tuple(changed), unchanged=tuple(same))

    def _stored(self, held: Article | None, seen: Article, number: str) -> RecordRef:
        if held is None:
            self._made(f"article {number}")
            self.books.calls["articles made"] += 1
        update = {name: getattr(seen, name) for name in seen.model_fields_set}
        self.shelf.put((held or Article(number=number)).model_copy(update=update))
        return RecordRef(number=number)


class ShelfCrm(MemoryCrm):
    """A memory CRM that keeps articles."""

    field_maps: ClassVar = {"article": _map(Article, Field("changed_at", "changed_at", direction="read"))}
    shelf: Shelf

    @hookimpl
    def fetch_articles(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Article]:
        if fault := self.desk.call("fetch_articles"):
            _raise(fault.partition(":")[2] or fault)
        return self.shelf.page(changed_since, cursor)

    @hookimpl
    def store_article(self, article: Article, context: Context) -> RecordRef:
        self.ask("store_article")
        number = str(article.number)
        try:
            fault = self.desk.call("store_article")
        except SURELY_NOT:
            self.host.had_no_effect()
            raise
        held, seen = self.desk.articles.get(number), context.seen
        if held is not None and seen is not None:
            to_be = {name: getattr(article, name) for name in article.model_fields_set}
            other = [
                name
                for name in seen.model_fields_set - {"number"}
                if getattr(held, name) not in (getattr(seen, name), to_be.get(name, getattr(seen, name)))
            ]
            if other:
                self.host.had_no_effect()
                raise ChangedMeanwhileError(f"Article {number} was changed: {other}.")
        self.desk.calls["articles made"] += held is None
        update = {name: getattr(article, name) for name in article.model_fields_set}
        self.shelf.put((held or Article(number=number)).model_copy(update=update))
        if fault:
            _raise(fault)
        return RecordRef(number=number)


class ArticleWorld(World):
    """One sync that keeps articles equal."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **{"erp_class": ShelfErp, "crm_class": ShelfCrm, "articles": "both", **options})

    def rules(self, **rules: Any) -> None:
        super().rules(**rules)
        self.crm.plugin.shelf = Shelf(self.time.now, self.desk.articles)
        settings = SyncSettings(crm="crm", erp="erp", **rules)
        sides = Sides(
            SYNC, settings, self.crm, self.erp, self.store, self.articles, KnownRegisters(self.time.clock.monotonic)
        )
        self.article_flow = ArticleFlow(sides, Window(self.store, "test", self.time.clock))
        self.rounds = ArticleRounds(self.store, self.queue, lambda _: self.article_flow, {SYNC: settings})

    def flow(self, kind: str) -> Any:
        return self.article_flow if kind == "article" else super().flow(kind)

    @property
    def in_crm(self) -> Shelf:
        return self.crm.plugin.shelf

    @property
    def in_erp(self) -> Shelf:
        return self.erp.plugin.shelf

    def round(self, **options: Any) -> Round:
        """Ten minutes later, a worker goes a round."""
        self.time.move(timedelta(minutes=10).total_seconds())
        return self.rounds.go(SYNC, keep=1000, **options)

    def writes(self) -> int:
        """How many writes both systems were asked for."""
        return self.books.calls["sync_articles"] + self.desk.calls["store_article"]

    def mirror(self) -> dict[str, MirroredArticle]:
        with self.store.read() as connection:
            return {each.number: each for each in list_articles(connection, SYNC, limit=1000)}

    def run_of(self, number: str) -> Run | None:
        with self.store.read() as connection:
            return latest_run(connection, sync=SYNC, record_kind="article", record_id=number)

    def equal(self, number: str, *names: str) -> bool:
        """Whether both sides show the same in these fields."""
        crm, erp = self.desk.articles[number], self.books.articles[number]
        return all(getattr(crm, name) == getattr(erp, name) for name in names)
