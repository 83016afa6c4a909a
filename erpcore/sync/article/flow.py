"""The articles of one sync: read from both sides into the mirror, compared there, and written where they differ.

Writes that change an article that is there may be done twice, so they need no ledger. An article is made by its number,
which the system looks for first; that it is about to be made is noted in the mirror before, and whoever finds that note
waits until the system would show the article.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.errors import (
    ChangedMeanwhileError,
    ConfigurationError,
    ErpcoreError,
    FieldLossError,
    GoneMeanwhileError,
    NotSentError,
    PermissionDeniedError,
    TurnLostError,
    UnsupportedOperationError,
)
from erpcore.hookspecs import Context
from erpcore.host import asking_before_writes
from erpcore.models import Article, ArticleQuery, Page
from erpcore.problem import Problem
from erpcore.store import (
    ArticleSide,
    MirroredArticle,
    Run,
    ShownArticle,
    get_articles,
    hold_lease,
    hold_run,
    note_equal,
    note_gone,
    note_making,
    note_shown,
    note_trouble,
    now,
    tell_once,
)
from erpcore.sync.article import words
from erpcore.sync.article.carried import article_of, seen_as, takes, values_of
from erpcore.sync.article.compare import SIDES, Terms, Verdict, compare
from erpcore.sync.article.naming import Naming
from erpcore.sync.effect import LOST_ANSWERS, ComeBackLater
from erpcore.sync.flow import Ending
from erpcore.sync.shared import story
from erpcore.sync.shared.reading import Sides
from erpcore.sync.shared.rule_fields import ArticleField
from erpcore.sync.window import Window

AT_ONCE = 50
"""Articles that are changed in the ERP with one call at most."""
LEASE_SECONDS = 60.0
"""How long the right to handle a sync's articles lasts after its holder was killed."""
_PATIENCE = 2.0
_OF_ALL = (TurnLostError, ConfigurationError, PermissionDeniedError, UnsupportedOperationError)
"""Errors after which no other article would fare better."""
_REPEAT_AFTER = 5.0


@dataclass(frozen=True)
class Work:
    """An article, and what is to be done about it.

    Attributes:
        article: As the mirror has it.
        verdict: What is to be written where.
    """

    article: MirroredArticle
    verdict: Verdict

    @property
    def number(self) -> str:
        """The article's number."""
        return self.article.number

    def told(self, side: ArticleSide) -> Article | None:
        """Give what a side is told; None for nothing."""
        return article_of(self.number, self.verdict.send[side]) if self.verdict.send[side] else None


class ArticleFlow:
    """The articles of one sync. One instance per process; safe for threads.

    Args:
        sides: The sync's systems, rules and store.
        window: Clock, and how long a request may be under way.

    Raises:
        ConfigurationError: The rules ask for what a plugin cannot do.
    """

    def __init__(self, sides: Sides, window: Window) -> None:
        self.sides = sides
        self._window = window
        rules, crm, erp = sides.rules, sides.crm, sides.erp
        self._naming = Naming(rules)
        maps = {side: each.plugin.field_maps.get("article") for side, each in (("crm", crm), ("erp", erp))}
        hooks = {"crm": crm.can("store_article"), "erp": erp.can("sync_articles")}
        self.terms = Terms(
            rules.articles,
            rules.article_rule,
            takes={side: self._told(side, takes(maps[side])) if hooks[side] else frozenset() for side in SIDES},
            seen_as={side: seen_as(maps[side]) for side in SIDES},
        )
        self._require_able()

    @property
    def name(self) -> str:
        """Name of the sync."""
        return self.sides.sync

    def readable(self, side: ArticleSide) -> bool:
        """Tell whether a side can be read."""
        return self._connection(side).can("fetch_articles")

    def read(self, side: ArticleSide, changed_since: datetime | None, cursor: str | None) -> Page[Article]:
        """Read a page of a side's articles; see `erpcore.hookspecs.ErpHooks.fetch_articles`."""
        connection = self._connection(side)
        since = None if changed_since is None else connection.plugin.host.by_its_clock(changed_since)
        return connection.fetch_articles(since, cursor, self._context())

    def shown(self, side: ArticleSide, articles: Sequence[Article]) -> list[ShownArticle]:
        """Give articles of a side as the mirror keeps them; those without number are left out.

        Args:
            side: Which side shows them.
            articles: As it shows them.
        """
        numbered = [article for article in articles if article.number]
        if side == "crm":
            words = [article.unit for article in numbered if article.unit]
            units = self.sides.registers.units(self.sides.erp, words, self._context())
            numbered = [self._naming.by_erp(article, units) for article in numbered]
        return [
            ShownArticle(str(article.number), values_of(article), article.key, article.changed_at)
            for article in numbered
        ]

    @contextmanager
    def held(self, wait: float) -> Iterator[Callable[[], bool]]:
        """Hold the sole right to handle this sync's articles, over all processes.

        Args:
            wait: Seconds to wait for it.

        Yields:
            What renews it, and says whether it is still held.

        Raises:
            TimeoutError: Somebody else held it all that time.
        """
        with hold_lease(self.sides.store, f"articles:{self.name}", seconds=LEASE_SECONDS, wait=wait) as lease:
            yield lease.renew

    def judged(self, article: MirroredArticle) -> Work:
        """Compare an article.

        Args:
            article: As the mirror has it.
        """
        return Work(article, compare(article.halves, self.terms, article.chosen))

    def changes_in_erp(self, article: MirroredArticle) -> bool:
        """Tell whether something that the ERP has would be changed there.

        Args:
            article: As the mirror has it.
        """
        verdict = self.judged(article).verdict
        return bool(verdict.send["erp"]) and "erp" not in verdict.makes

    def settle(self, works: Sequence[Work], renew: Callable[[], bool]) -> dict[str, ErpcoreError]:
        """Write what differs, and note what stands then.

        Args:
            works: Articles of this sync that are due, each once.
            renew: Renews the right to (`held`).

        Returns:
            What went wrong, by the article's number. Articles that wait for an earlier making to show are left due.

        Raises:
            ErpcoreError: A system is out of reach, or refuses this connection as a whole. What was settled is noted.
        """
        failed: dict[str, ErpcoreError] = {}
        ready = [work for work in works if not self._waits(work)]
        for work in ready:
            if work.verdict.asks:
                failed[work.number] = words.asks(work.number, work.verdict.asks)
        singles = [work for work in ready if work.verdict.makes]
        changes = [work for work in ready if not work.verdict.makes]
        for start in range(0, len(changes), AT_ONCE):
            portion = changes[start : start + AT_ONCE]
            # What the ERP refuses of one article must not stop the others: then they go one by one.
            if len(portion) == 1 or self._attempt(portion, renew) is not None:
                singles += portion
        for work in singles:
            if (error := self._attempt([work], renew)) is not None:
                failed[work.number] = error
        return failed

    def carry_out(self, run: Run, *, look_again: Callable[[sa.Connection], None] = lambda _: None) -> Ending:
        """Carry out one attempt at a run about one article. See `erpcore.sync.flow.Flow.carry_out`."""
        del look_again  # an article has no second document
        try:
            with self.held(_PATIENCE) as renew:
                return self._carry_out(run, renew)
        except TimeoutError as error:
            raise ComeBackLater(words.others_at_work(), seconds=_REPEAT_AFTER, record=run.record) from error

    def tell_failure(self, run: Run, problem: Problem) -> None:
        """Tell nobody: a CRM keeps no status of an article."""

    def _carry_out(self, run: Run, renew: Callable[[], bool]) -> Ending:
        store, number = self.sides.store, run.record_id
        self._look_in_erp(number)
        with store.read() as connection:
            article = get_articles(connection, self.name, [number]).get(number)
        if article is None:
            return Ending("nothing", words.unknown(number), {})
        work = self.judged(article)
        if self._waits(work):
            raise ComeBackLater(words.being_made(number), seconds=self._fence.total_seconds(), record=run.record)
        said = words.done(work.number, work.verdict)
        with store.begin() as connection:
            hold_run(connection, run)
            tell_once(connection, run.id, [("plan", line, None) for line in words.plan(work.verdict)])
        error = self.settle([work], renew).get(number)
        if isinstance(error, ChangedMeanwhileError):
            raise ComeBackLater(
                words.changed_meanwhile(number), seconds=self.sides.rules.article_minutes * 60, record=run.record
            )
        if error is not None:
            with store.begin() as connection:
                hold_run(connection, run)
                note_trouble(connection, self.name, number)
            if isinstance(error, LOST_ANSWERS):
                raise ComeBackLater(story.repeated(said, str(error)), seconds=_REPEAT_AFTER, record=run.record)
            raise error
        wrote = any(work.verdict.send.values())
        return Ending("done" if wrote else "nothing", said, {"article": number})

    def _look_in_erp(self, number: str) -> None:
        """Read the article anew where one record can be read, so that a run compares what stands now."""
        erp, store = self.sides.erp, self.sides.store
        if not erp.can("find_articles"):
            return
        found = erp.find_articles(ArticleQuery(number=number), self._context())
        with store.begin() as connection:
            note_shown(connection, self.name, "erp", self.shown("erp", found), read_at=now(connection), whole=False)

    def _attempt(self, works: Sequence[Work], renew: Callable[[], bool]) -> ErpcoreError | None:
        """Write some articles, all of them or as far as it goes; give what stopped it."""
        store = self.sides.store
        making = [work.number for work in works if work.verdict.makes]
        try:
            self._refuse_losses(works)
            with self._wire(making, renew):
                if told := [article for work in works if (article := work.told("erp")) is not None]:
                    there = None if any("erp" in work.verdict.makes for work in works) else Article()
                    self.sides.erp.sync_articles(self._coded(told), replace(self._context(), seen=there))
                for work in works:
                    if (article := work.told("crm")) is not None:
                        known = self._naming.by_crm(article)
                        context = replace(self._context(), seen=self._seen_in_crm(work))
                        self.sides.crm.store_article(known, context)
        except ErpcoreError as error:
            if isinstance(error, GoneMeanwhileError) and len(works) == 1:
                with store.begin() as connection:
                    side: ArticleSide = "crm" if error.connection == self.sides.crm.name else "erp"
                    note_gone(connection, self.name, works[0].number, side)
            if error.retryable or isinstance(error, _OF_ALL) or Problem.of(error).is_of_the_connection:
                raise
            return error
        with store.begin() as connection:
            for work in works:
                self._note(connection, work)
        return None

    def _seen_in_crm(self, work: Work) -> Article | None:
        """What the CRM showed when that was decided: where its changes do not count, that it has the number."""
        shown = work.article.halves["crm"].shown
        if shown is None or "crm" in work.verdict.makes:
            return None
        # The mirror has the ERP's names of these two, and several of the CRM's may be one there.
        counting = shown.keys() - {"group", "unit"} if "crm" in self.terms.sources else ()
        return article_of(work.number, {name: shown[name] for name in counting})

    def _note(self, connection: sa.Connection, work: Work) -> None:
        verdict, shown = work.verdict, dict[ArticleSide, Mapping[str, Any] | None]()
        for side in SIDES:
            half, told = work.article.halves[side], verdict.send[side]
            agreed = {name: value for name, value in verdict.agreed[side].items() if name in told}
            shown[side] = agreed if side in verdict.makes else None if half.shown is None else {**half.shown, **agreed}
        note_equal(connection, work.article, shown, verdict.agreed, verdict.makes)

    @contextmanager
    def _wire(self, making: Sequence[str], renew: Callable[[], bool]) -> Iterator[None]:
        """Let writes leave inside the block, as long as the articles are in this worker's hand.

        What is being made is noted before the first write, and anew before one that leaves late: the fence begins
        there.
        """
        store, clock = self.sides.store, self._window.clock
        begun = float("-inf")

        def ask() -> None:
            nonlocal begun
            if clock.monotonic() - begun <= self._window.oldest_turn:
                return
            begun = clock.monotonic()
            if not renew():
                raise TurnLostError("Another worker handles the articles by now: nothing is sent here.")
            if making:
                with store.begin() as connection:
                    note_making(connection, self.name, making)
            if clock.monotonic() - begun > self._window.oldest_turn:
                raise NotSentError(story.too_old())

        with asking_before_writes(ask):
            yield

    def _waits(self, work: Work) -> bool:
        """Whether an earlier making has no answer, and the system may not show yet what it made."""
        begun = work.article.sending_at
        if begun is None or not work.verdict.makes:
            return False
        with self.sides.store.read() as connection:
            return now(connection) < begun + self._fence

    @property
    def _fence(self) -> timedelta:
        effects = self.sides.erp.plugin.effects
        declared = max(effects[name].fence_seconds for name in ("create_article", "sync_articles") if name in effects)
        return timedelta(seconds=declared + self._window.longest_request)

    def _coded(self, told: Sequence[Article]) -> list[Article]:
        registers, erp = self.sides.registers, self.sides.erp
        return [registers.coded(erp, each, f"article {each.number}", self._context()) for each in told]

    def _refuse_losses(self, works: Sequence[Work]) -> None:
        """Stop an article of which the rules say that nothing may be lost."""
        for work in works:
            for side in SIDES:
                article = work.told(side)
                if article is None:
                    continue
                connection = self._connection(side)
                losses = connection.losses(article, clearing=side not in work.verdict.makes)
                if blocked := [loss for loss in losses if self.sides.rules.loss_policy(loss.field) == "block"]:
                    raise FieldLossError(
                        words.blocked(blocked),
                        connection=connection.name,
                        record=f"article {work.number}",
                        advice="Nothing was sent. Change the values where they come from, or set on_loss = “warn”.",
                    )

    def _told(self, side: ArticleSide, can: frozenset[ArticleField]) -> frozenset[ArticleField]:
        """Give what a side is told of the fields that it can be told."""
        return can - {"group"} if side == "erp" and not self._naming.groups else can

    def _connection(self, side: ArticleSide) -> CrmConnection | ErpConnection:
        return self.sides.crm if side == "crm" else self.sides.erp

    def _context(self) -> Context:
        return Context(f"{self.name}:articles", None, self.sides.registers.keys())

    def _require_able(self) -> None:
        """Refuse rules that a plugin cannot carry out. Without a place in the CRM, the mirror alone keeps articles."""
        if not self.terms.sources:
            raise ConfigurationError(
                "articles are not kept equal.",
                setting=f"syncs.{self.name}.articles",
                advice="Set it to “to_crm”, “to_erp” or “both”; --dry-run then shows what would be changed.",
            )
        for side in SIDES:
            plugin = self._connection(side).plugin
            if side in self.terms.sources and not self.readable(side):
                what = f"{plugin.display_name} shows no articles, so that none can be sent from there"
            elif side == "erp" and "crm" in self.terms.sources and not self.terms.takes[side]:
                what = f"{plugin.display_name} takes no articles"
            else:
                continue
            raise ConfigurationError(
                f"{what}.",
                setting=f"syncs.{self.name}.articles",
                advice="Set articles = “to_crm”, which keeps the ERP's articles at hand, or “off”.",
            )
