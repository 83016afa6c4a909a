"""Rounds of articles: both sides are read to the end, then what differs is made equal.

Nothing is compared before every list that counts was read to its end, else an article that has not been read yet would
be taken for one that is missing. Only an article that fails, or that a person must decide about, becomes a run.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import sqlalchemy as sa

from erpcore.engine.attempts import Queue
from erpcore.engine.pages import PageInHand, TakenIn, read_pages
from erpcore.engine.troubles import Troubles
from erpcore.errors import ChangedMeanwhileError, ErpcoreError, InvalidValueError, RejectedError, TurnLostError
from erpcore.problem import Problem
from erpcore.settings import SyncSettings
from erpcore.store import (
    ArticleSide,
    MirroredArticle,
    ShownArticle,
    Store,
    article_list,
    due_articles,
    get_articles,
    get_cursor,
    note_failing,
    note_shown,
    note_trouble,
    note_well,
    note_whole,
    now,
    open_run,
    put_cursor,
)
from erpcore.sync.article.compare import SIDES
from erpcore.sync.article.flow import ArticleFlow, Work
from erpcore.sync.window import STORE_AWAY

_log = logging.getLogger(__name__)

_AT_ONCE = 50
_SOON = 60.0
"""Seconds until a round that failed is gone again; more each time that it fails."""


@dataclass(frozen=True)
class Reading:
    """How far a side's list has been read: what the cursor of the list says.

    Attributes:
        begun: When the reading that is under way began, or the last one that was finished; aware.
        since: What it asks for: changes since then; None for all articles.
        page: The page to go on with; None when the reading is finished.
    """

    begun: datetime
    since: datetime | None
    page: str | None

    @classmethod
    def of(cls, cursor: str) -> Reading:
        """Read a cursor that `cursor` made."""
        held = json.loads(cursor)
        since = held["since"]
        begun = datetime.fromisoformat(held["begun"])
        return cls(begun, None if since is None else datetime.fromisoformat(since), held["page"])

    @property
    def cursor(self) -> str:
        """The same as text."""
        since = None if self.since is None else self.since.isoformat()
        return json.dumps({"begun": self.begun.isoformat(), "since": since, "page": self.page})


@dataclass
class Round:
    """What became of a round.

    Attributes:
        finished: Whether every list that counts was read to its end; nothing was compared if not.
        works: Articles that differ, with what was to be done, as many as were asked for.
        settled: How many were looked at and are equal now.
        failed: What went wrong, by the article's number; each has become a run.
    """

    finished: bool
    works: list[Work] = field(default_factory=list)
    settled: int = 0
    failed: dict[str, ErpcoreError] = field(default_factory=dict)


class ArticleRounds:
    """Keeps the articles of syncs equal.

    Args:
        store: The store.
        queue: Where runs are put.
        flow_of: Gives the articles of a sync, by its name.
        syncs: The syncs by name.
        go_on: Asked between two pages, and two portions of articles, whether to go on.
        troubles: What goes wrong in this process; None keeps its own.
    """

    def __init__(
        self,
        store: Store,
        queue: Queue,
        flow_of: Callable[[str], ArticleFlow],
        syncs: Mapping[str, SyncSettings],
        go_on: Callable[[], bool] = lambda: True,
        troubles: Troubles | None = None,
    ) -> None:
        self._store = store
        self._queue = queue
        self._flow_of = flow_of
        self._syncs = syncs
        self._go_on = go_on
        self._troubles = troubles or Troubles(store.clock)
        self._next: dict[str, float] = {}

    def go_all(self) -> None:
        """Go a round for each sync whose time it is. One that fails is noted, gone again soon, and hinders no other."""
        for name, rules in self._syncs.items():
            at = self._store.clock.monotonic()
            if rules.articles == "off" or at < self._next.get(name, at):
                continue
            self._next[name] = at + rules.article_minutes * 60
            try:
                self.go(name)
            except (TimeoutError, TurnLostError):
                continue  # another worker, or a person's command, is at it
            except STORE_AWAY as error:
                self._troubles.note_store(error)
                self._next[name] = at + _SOON
            except Exception as error:
                # A plugin's fault must not end the loop for the other syncs.
                self._note_failing(name, rules, error)
                self._next[name] = min(self._next[name], at + self._troubles.wait(_about(name), _SOON))
            else:
                self._note_well(name, rules)

    def go(self, name: str, *, whole: bool = False, keep: int = 0, wait: float = 0.0) -> Round:
        """Go one round: read what changed on each side, and make equal what differs.

        Args:
            name: Name of the sync.
            whole: Read all articles of both sides, and find those that are gone.
            keep: How many of the articles that differed are to be told.
            wait: Seconds to wait for somebody else who handles this sync's articles.

        Raises:
            TimeoutError: Somebody else handles them.
            ErpcoreError: A system is out of reach, or refuses this connection as a whole. What was done is noted.
        """
        flow = self._flow_of(name)
        with flow.held(wait) as renew:
            if not self._read_all(flow, renew, whole=whole):
                return Round(finished=False)
            return self._settle(flow, renew, keep)

    def differences(self, name: str, *, whole: bool = False, wait: float = 0.0) -> Iterator[Work]:
        """Read both sides, and tell what a round would do. Nothing is sent.

        Args:
            name: Name of the sync.
            whole: As for `go`.
            wait: As for `go`.

        Raises:
            TimeoutError: Somebody else handles them.
            ErpcoreError: A system is out of reach.
        """
        flow = self._flow_of(name)
        with flow.held(wait) as renew:
            if not self._read_all(flow, renew, whole=whole):
                raise ErpcoreError("The articles were not read to their end.")
            for portion in self._due(name):
                for work in map(flow.judged, portion):
                    if any(work.verdict.send.values()) or work.verdict.asks:
                        yield work

    def _read_all(self, flow: ArticleFlow, renew: Callable[[], bool], *, whole: bool) -> bool:
        """Read every list that counts to its end; tell whether it came to that."""
        finished = self._read(flow, renew, whole=whole)
        while not finished and renew() and self._go_on():
            # What has been read to its end meanwhile is asked for changes since.
            finished = self._read(flow, renew, whole=False)
        return finished

    def _read(self, flow: ArticleFlow, renew: Callable[[], bool], *, whole: bool) -> bool:
        """Read every list that counts; tell whether all were read to their end."""
        finished = [self._read_side(flow, side, renew, whole=whole) for side in SIDES if flow.readable(side)]
        return all(finished)

    def _read_side(self, flow: ArticleFlow, side: ArticleSide, renew: Callable[[], bool], *, whole: bool) -> bool:
        rules = self._syncs[flow.name]
        owner, name = (rules.crm if side == "crm" else rules.erp), article_list(flow.name)
        held = self._reading(owner, name)
        if held is not None and held.page is None and side not in flow.terms.sources and not whole:
            return True  # its changes do not travel, and what it had at the beginning is known
        fresh = whole and held is not None and held.page is None
        if fresh or held is None:
            with self._store.begin() as connection:
                put_cursor(connection, owner, name, Reading(now(connection), None, "").cursor)
        elif held.page is None:
            with self._store.begin() as connection:
                put_cursor(connection, owner, name, Reading(now(connection), held.begun, "").cursor)

        def read(cursor: str | None) -> PageInHand:
            assert cursor is not None  # noqa: S101  a reading was begun above
            reading = Reading.of(cursor)
            try:
                page = flow.read(side, reading.since, reading.page or None)
            except (InvalidValueError, RejectedError):
                if reading.page:
                    # The place is not known any more: the same is read from its beginning the next time.
                    with self._store.begin() as connection:
                        put_cursor(connection, owner, name, replace(reading, page="").cursor)
                raise
            shown = flow.shown(side, page.items)
            keep = partial(self._keep, flow.name, side, shown, reading, last=page.next_cursor is None)
            following = replace(reading, page=page.next_cursor).cursor
            return PageInHand(keep, following, page.next_cursor is not None, lambda: None)

        read_pages(self._store, owner, name, read, lambda: renew() and self._go_on())
        after = self._reading(owner, name)
        return after is not None and after.page is None

    def _reading(self, owner: str, name: str) -> Reading | None:
        with self._store.read() as connection:
            cursor = get_cursor(connection, owner, name)
        return None if cursor is None else Reading.of(cursor)

    @staticmethod
    def _keep(
        name: str,
        side: ArticleSide,
        shown: Sequence[ShownArticle],
        reading: Reading,
        connection: sa.Connection,
        *,
        last: bool,
    ) -> TakenIn:
        whole = reading.since is None
        due = note_shown(connection, name, side, shown, read_at=reading.begun, whole=whole)
        if whole and last:
            due += note_whole(connection, name, side, read_at=reading.begun)
        return TakenIn(new=due, known=len(shown) - due)

    def _due(self, name: str) -> Iterator[list[MirroredArticle]]:
        """Give the articles that are due, a portion at a time."""
        after = ""
        while True:
            with self._store.read() as connection:
                portion = due_articles(connection, name, after=after, limit=_AT_ONCE)
            if not portion:
                return
            after = portion[-1].number
            yield portion

    def _settle(self, flow: ArticleFlow, renew: Callable[[], bool], keep: int) -> Round:
        done = Round(finished=True)
        since = self._begun(flow.name)
        for due in self._due(flow.name):
            portion, since = self._looked_at_again(flow, due, since)
            works = [flow.judged(article) for article in portion if not article.troubled]
            stopped = flow.settle(works, renew)
            # What somebody has changed since it was read stays due: the next round reads and compares it anew.
            failed = {name: why for name, why in stopped.items() if not isinstance(why, ChangedMeanwhileError)}
            self._open_runs(flow.name, [*failed, *(article.number for article in portion if article.troubled)])
            done.failed |= failed
            done.settled += len(works) - len(stopped)
            overtaken = stopped.keys() - failed.keys()
            known = [work for work in works if work.number not in overtaken]
            differing = [work for work in known if any(work.verdict.send.values()) or work.verdict.asks]
            done.works += differing[: max(keep - len(done.works), 0)]
            if not (renew() and self._go_on()):
                break
        return done

    def _begun(self, name: str) -> datetime | None:
        """When the reading of the ERP's list began that is compared with; None where it cannot be read."""
        held = self._reading(self._syncs[name].erp, article_list(name))
        return None if held is None else held.begun

    def _looked_at_again(
        self, flow: ArticleFlow, portion: list[MirroredArticle], since: datetime | None
    ) -> tuple[list[MirroredArticle], datetime | None]:
        """Read what was changed in the ERP since it was read, so that it is not written over.

        Args:
            flow: The articles.
            portion: Articles that are due.
            since: When they were read.

        Returns:
            The portion as it is now, and when it was read.
        """
        written_over = [each for each in portion if flow.changes_in_erp(each)]
        if since is None or not written_over or not flow.readable("erp"):
            return portion, since
        with self._store.read() as connection:
            begun = now(connection)
        wanted, page = {each.number for each in portion}, None
        while True:
            found = flow.read("erp", since, page)
            shown = [each for each in flow.shown("erp", found.items) if each.number in wanted]
            with self._store.begin() as connection:
                note_shown(connection, flow.name, "erp", shown, read_at=begun, whole=False)
            if (page := found.next_cursor) is None:
                break
        with self._store.read() as connection:
            known = get_articles(connection, flow.name, sorted(wanted))
        return [known[each.number] for each in portion], begun

    def _open_runs(self, name: str, numbers: Sequence[str]) -> None:
        if not numbers:
            return
        rules = self._syncs[name]
        with self._store.begin() as connection:
            for number in numbers:
                note_trouble(connection, name, number)
                run, new = open_run(
                    connection, sync=name, source=rules.crm, target=rules.erp, record_kind="article", record_id=number
                )
                if new:
                    self._queue.enqueue(connection, run, attempt=1)

    def _note_well(self, name: str, rules: SyncSettings) -> None:
        self._troubles.over(_about(name))
        with self._store.begin() as connection:
            for connection_name in (rules.crm, rules.erp):
                note_well(connection, connection_name, "articles")

    def _note_failing(self, name: str, rules: SyncSettings, error: Exception) -> None:
        problem = Problem.of(error)
        name_of_connection = problem.connection if problem.connection in (rules.crm, rules.erp) else rules.erp
        self._troubles.note(_about(name), str(error), fault=None if isinstance(error, ErpcoreError) else error)
        with self._store.begin() as connection:
            note_failing(connection, name_of_connection, "articles", problem)


def _about(name: str) -> str:
    return f"{name}: its articles"
