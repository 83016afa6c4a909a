"""The memory CRM and ERP joined by a sync, handled as the engine does it: runs, events, continuations."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.engine.attempts import Attempts
from erpcore.host import Clock
from erpcore.models import Article, Company, CompanyAddress, Coworker, CrmEvent, CrmOrder, CrmOrderRow, Deal, Person
from erpcore.settings import WorkerSettings
from erpcore.store import (
    Run,
    Store,
    StoryLine,
    get_run,
    note_attempt,
    open_run,
    open_store,
    put_event,
    reopen_run,
    story_of_record,
)
from erpcore.sync import answers
from erpcore.sync.company.flow import CompanyCustomer
from erpcore.sync.deal.flow import WonDeal
from erpcore.sync.order.flow import ReadyOrder
from erpcore.sync.shared.known_articles import KnownArticles
from erpcore.sync.shared.rows import worth
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.steps.base import Step
from tests.sync.memory_crm import Desk, MemoryCrm
from tests.sync.memory_plugin import Books, MemoryErp

SYNC = "lime-fortnox"
SWEDEN = {"country_code": "SE", "country": "Sverige"}
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


class WaitingQueue:
    """What a test needs of a queue: how long an attempt is to wait."""

    def __init__(self) -> None:
        self.delays: dict[int, float] = {}

    def enqueue(self, connection: sa.Connection, run: Run, *, attempt: int, delay_seconds: float = 0.0) -> None:
        note_attempt(connection, run.id, attempt)
        self.delays[run.id] = delay_seconds

    def drop(self, run: Run) -> None:
        self.delays.pop(run.id, None)


def kinds_of_step(base: type[Step] = Step) -> list[type[Step]]:
    """Every class of step that has a name."""
    found = [kind for child in base.__subclasses__() for kind in kinds_of_step(child)]
    return [*found, base] if "name" in vars(base) else found


@contextmanager
def stopping(before_step: Callable[[int], None] | None) -> Iterator[None]:
    """Call something before each step of a plan, with the step's place in it."""
    if before_step is None:
        yield
        return
    places = itertools.count()
    with pytest.MonkeyPatch.context() as patch:
        for kind in kinds_of_step():

            def do(step: Step, attempt: Any, real: Any = kind.do) -> Any:
                before_step(next(places))
                return real(step, attempt)

            patch.setattr(kind, "do", do)
        yield


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
        self.store = store or open_store(url, clock=self.time.clock, synchronous="OFF")
        self.books = Books(self.time.now)
        self.desk = Desk()
        self.erp = ErpConnection(erp_class(self.books))
        self.crm = CrmConnection(crm_class(self.desk))
        self.articles = KnownArticles(monotonic=lambda: self.time.at.timestamp())
        self.queue = WaitingQueue()
        self.settings = WorkerSettings(retry_seconds=(10,), take_up_again=1000)
        self.rules(**rules)
        self._events = itertools.count(1)

    def rules(self, *, erp_dbs: tuple[str, ...] = (), **rules: Any) -> None:
        sides = (SYNC, SyncRules(**rules), self.crm, self.erp, self.store)
        shared: dict[str, Any] = {
            "worker": "test",
            "clock": self.time.clock,
            "articles": self.articles,
            "today": lambda: date(2026, 11, 20),
        }
        self.won_deal = WonDeal(*sides, **shared)
        self.ready_order = ReadyOrder(*sides, erp_dbs=erp_dbs, **shared)
        self.customer = CompanyCustomer(*sides, **shared)

    def flow(self, kind: str) -> Any:
        return {"deal": self.won_deal, "order": self.ready_order, "company": self.customer}[kind]

    def company(self, company_id: str = "c1", **values: Any) -> Company:
        usual: dict[str, Any] = {
            "name": "Acme AB",
            "organisation_number": ACME,
            "email": "info@acme.example",
            "phone": "08-123 45 67",
            "postal_address": CompanyAddress(street="Box 1", postal_code="111 22", city="Stockholm", **SWEDEN),
            "visiting_address": CompanyAddress(street="Storgatan 1", postal_code="111 33", city="Solna", **SWEDEN),
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
        if values.get("rows") and "value" not in values:
            usual["value"] = worth(values["rows"])
        kept = {name: value for name, value in {**usual, **values}.items() if value is not ...}
        self.desk.deals[deal_id] = Deal(id=deal_id, **kept)
        return self.desk.deals[deal_id]

    def order(self, order_id: str = "o1", **values: Any) -> CrmOrder:
        usual: dict[str, Any] = {
            "status": "readytobesent",
            "order_number": None,
            "company_id": "c1",
            "your_reference": "Kim Kund",
            "coworker": Coworker(name="Sam Säljare", email="sam@seller.example", number="17"),
            "order_date": date(2026, 11, 18),
            "currency": "SEK",
            "rows": (
                CrmOrderRow(article_number="A1", description="Chair", quantity=Decimal(2), unit_price=Decimal("99.50")),
            ),
        }
        kept = {name: value for name, value in {**usual, **values}.items() if value is not ...}
        self.desk.orders[order_id] = CrmOrder(id=order_id, **kept)
        return self.desk.orders[order_id]

    def article(self, number: str, text: str = "Thing") -> None:
        self.books.articles[number] = Article(number=number, description=text)

    def event(
        self,
        record_id: str,
        kind: str = "deal_won",
        *,
        at: datetime | None = None,
        history: bool = False,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        number = next(self._events)
        values: dict[str, Any] = {"key": f"e{number}", "kind": kind, "record_id": record_id, "facts": facts or {}}
        if history:
            values["history"] = True
        if at is not None:
            values["happened_at"] = at
        event = CrmEvent(**values)
        with self.store.begin() as connection:
            put_event(
                connection,
                source="crm",
                event_key=event.key,
                kind=event.kind,
                record_kind=kind.partition("_")[0],
                record_id=record_id,
                payload=event.model_dump(mode="json", exclude_unset=True),
            )

    def open(self, record_id: str, kind: str = "deal") -> int:
        with self.store.begin() as connection:
            run, _ = open_run(connection, sync=SYNC, source="crm", target="erp", record_kind=kind, record_id=record_id)
            return run.id

    def work(self, run_id: int, *, attempts: int = 30, before_step: Callable[[int], None] | None = None) -> Run:
        """Bring a run to its end, as a worker does: what waits is tried again when its time has come."""
        carrying = Attempts(self.store, self.queue, lambda _sync, kind: self.flow(kind), self.settings, "test")
        for _ in range(attempts):
            with self.store.read() as connection:
                number = get_run(connection, run_id).attempt
            with stopping(before_step):
                state = carrying.carry_out(run_id, number)
            if state == "waiting":
                self.time.move(self.queue.delays.pop(run_id, 0))
            elif state != "queued":
                break
        with self.store.read() as connection:
            return get_run(connection, run_id)

    def handle(self, record_id: str = "d1", kind: str = "deal_won", **event: Any) -> Run:
        """An event comes in and its run is brought to its end."""
        self.time.move(1)
        self.event(record_id, kind, **event)
        return self.work(self.open(record_id, kind.partition("_")[0]))

    def ready(self, order_id: str = "o1") -> Run:
        """A person sets an order ready to be sent, and it is handled."""
        self.change_order(order_id, status="readytobesent")
        return self.handle(order_id, "order_ready")

    def change_order(self, order_id: str = "o1", **values: Any) -> None:
        self.desk.orders[order_id] = self.desk.orders[order_id].model_copy(update=values)

    def send(self, record_id: str, kind: str) -> Run:
        """A person has a record handled without any event."""
        self.time.move(1)
        return self.work(self.open(record_id, kind))

    def retry(self, run: Run) -> Run:
        """A person sends a failed or uncertain run again."""
        self.time.move(1)
        with self.store.begin() as connection:
            again = reopen_run(connection, run.id)
            self.queue.enqueue(connection, again, attempt=again.attempt + 1)
        return self.work(run.id)

    def answer_new_document(self, run: Run, person: str = "Kim") -> int:
        """A person answers, in a transaction that takes nothing further."""
        with self.store.begin() as connection:
            return answers.new_document(connection, run, person)

    def answer_restore(self, run: Run) -> str:
        """A person answers, in a transaction that takes nothing further."""
        with self.store.begin() as connection:
            return answers.restore(connection, run)

    def answer_keep(self, run: Run, number: str, person: str = "Kim") -> None:
        """A person answers which of two documents counts, in a transaction that takes nothing further."""
        with self.store.begin() as connection:
            answers.keep(connection, run, person, number=number)

    def story(self, record_id: str = "d1", kind: str = "deal") -> list[StoryLine]:
        with self.store.read() as connection:
            return story_of_record(connection, sync=SYNC, record_kind=kind, record_id=record_id)

    def told(self, record_id: str = "d1", kind: str = "deal") -> str:
        return "\n".join(line.text for line in self.story(record_id, kind))

    @property
    def only_order(self) -> Any:
        (order,) = self.books.orders.values()
        return order

    def close(self) -> None:
        self.store.close()
