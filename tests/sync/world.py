"""The memory CRM and ERP joined by a sync, handled as the engine does it: runs, events, continuations."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.errors import ErpcoreError, UncertainEffectError
from erpcore.http import Clock
from erpcore.models import Address, Article, Company, Coworker, CrmEvent, Deal, Person
from erpcore.store import (
    Run,
    Store,
    StoryLine,
    finish_run,
    get_run,
    open_run,
    open_store,
    put_event,
    reopen_run,
    start_run,
    story_of_record,
)
from erpcore.sync.articles import KnownArticles
from erpcore.sync.effects import ComeBackLater
from erpcore.sync.rules import SyncRules
from erpcore.sync.steps import WonDeal
from tests.sync.memory_plugin import Books, Desk, MemoryCrm, MemoryErp

SYNC = "lime-fortnox"
ACME = "5560004615"
"""An organisation number with a right check digit."""


class TestTime:
    """Time that stands still until somebody sleeps or a test moves it.

    With `threads`, sleeping takes a moment and moves nothing: one thread's wait must not age another's request.
    """

    __test__ = False

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        self.threads = False
        self.clock = Clock(lambda: self.at.timestamp(), lambda: self.at, self.move)

    def now(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        if self.threads:
            time.sleep(0.03)
        else:
            self.at += timedelta(seconds=seconds)


class World:
    """One sync, and what a test does with it."""

    def __init__(
        self,
        url: str,
        *,
        store: Store | None = None,
        erp_class: type[MemoryErp] = MemoryErp,
        crm_class: type[MemoryCrm] = MemoryCrm,
        **rules: Any,
    ) -> None:
        self.time = TestTime()
        self.store = store or open_store(url, clock=self.time.now, synchronous="OFF")
        self.books = Books(self.time.now)
        self.desk = Desk()
        self.erp = ErpConnection(erp_class(self.books))
        self.crm = CrmConnection(crm_class(self.desk))
        self.articles = KnownArticles(monotonic=lambda: self.time.at.timestamp())
        self.rules(**rules)
        self._events = itertools.count(1)

    def rules(self, **rules: Any) -> None:
        self.won_deal = WonDeal(
            SYNC,
            SyncRules(**rules),
            self.crm,
            self.erp,
            self.store,
            worker="test",
            clock=self.time.clock,
            articles=self.articles,
            today=lambda: date(2026, 11, 20),
        )

    def company(self, company_id: str = "c1", **values: Any) -> Company:
        usual: dict[str, Any] = {
            "name": "Acme AB",
            "organisation_number": ACME,
            "email": "info@acme.example",
            "phone": "08-123 45 67",
            "postal_address": Address(street="Box 1", postal_code="111 22", city="Stockholm", country_code="SE"),
            "visiting_address": Address(street="Storgatan 1", postal_code="111 33", city="Solna", country_code="SE"),
        }
        kept = {name: value for name, value in {**usual, **values}.items() if value is not ...}
        self.desk.companies[company_id] = Company(id=company_id, **kept)
        return self.desk.companies[company_id]

    def deal(self, deal_id: str = "d1", **values: Any) -> Deal:
        usual: dict[str, Any] = {
            "name": "Website",
            "won": True,
            "value": Decimal("12500.50"),
            "company_id": "c1",
            "contact": Person(name="Kim Kund"),
            "responsible": Coworker(name="Sam Säljare"),
        }
        kept = {name: value for name, value in {**usual, **values}.items() if value is not ...}
        self.desk.deals[deal_id] = Deal(id=deal_id, **kept)
        return self.desk.deals[deal_id]

    def article(self, number: str, text: str = "Thing") -> None:
        self.books.articles[number] = Article(number=number, description=text)

    def event(self, deal_id: str, kind: str = "deal_won", *, at: datetime | None = None) -> None:
        number = next(self._events)
        values: dict[str, Any] = {"key": f"e{number}", "kind": kind, "record_id": deal_id}
        if at is not None:
            values["happened_at"] = at
        event = CrmEvent(**values)
        with self.store.begin() as connection:
            put_event(
                connection,
                crm_connection="crm",
                event_key=event.key,
                kind=event.kind,
                record_kind="deal",
                record_id=deal_id,
                payload=event.model_dump(mode="json", exclude_unset=True),
            )

    def open(self, deal_id: str) -> int:
        with self.store.begin() as connection:
            run, _ = open_run(connection, sync=SYNC, crm_connection="crm", record_kind="deal", record_id=deal_id)
            return run.id

    def work(self, run_id: int, *, continuations: int = 30, before_step: Callable[[int], None] | None = None) -> Run:
        """Bring a run to its end, as the engine does: a signal to wait begins it anew later."""
        for _ in range(continuations):
            with self.store.begin() as connection:
                run = start_run(connection, run_id)
            try:
                crm = self.won_deal.read_crm(run.id)
                plan = self.won_deal.make_plan(run.id, crm)
                results: list[dict[str, Any]] = []
                for index in range(len(plan["steps"])):
                    if before_step is not None:
                        before_step(index)
                    results.append(self.won_deal.do_step(run.id, plan, index, results))
                done = self.won_deal.finish(run.id, plan, results)
            except ErpcoreError as error:
                if error.retryable:
                    self.time.move(error.seconds if isinstance(error, ComeBackLater) else 10)
                    continue
                state = "uncertain" if isinstance(error, UncertainEffectError) else "failed"
                return self._end(run.id, state, str(error), error)
            return self._end(run.id, done["state"], done["summary"], None)
        return self._end(run.id, "failed", "never came to an end", None)

    def _end(self, run_id: int, state: Any, summary: str, error: ErpcoreError | None) -> Run:
        with self.store.begin() as connection:
            finish_run(connection, run_id, state=state, summary=summary, error=error)
            return get_run(connection, run_id)

    def handle(self, deal_id: str = "d1", kind: str = "deal_won", *, at: datetime | None = None) -> Run:
        """An event comes in and its run is brought to its end."""
        self.time.move(1)
        self.event(deal_id, kind, at=at)
        return self.work(self.open(deal_id))

    def retry(self, run: Run) -> Run:
        """A person sends a failed or uncertain run again."""
        self.time.move(1)
        with self.store.begin() as connection:
            reopen_run(connection, run.id)
        return self.work(run.id)

    def story(self, deal_id: str = "d1") -> list[StoryLine]:
        with self.store.read() as connection:
            return story_of_record(connection, sync=SYNC, record_kind="deal", record_id=deal_id)

    def told(self, deal_id: str = "d1") -> str:
        return "\n".join(line.text for line in self.story(deal_id))

    @property
    def only_order(self) -> Any:
        (order,) = self.books.orders.values()
        return order

    def close(self) -> None:
        self.store.close()
