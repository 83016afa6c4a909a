"""Bringing invoices home: what a look costs when k of n invoices changed, and what a first import costs.

The ERP makes its invoices on demand, so that what is measured is erpcore's own memory. The CRM counts what it is told.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.engine.invoices import InvoiceRounds
from erpcore.fields import FieldMap
from erpcore.hookspecs import Context, hookimpl
from erpcore.host import Clock, Host
from erpcore.models import Invoice, InvoiceRow, InvoiceStanding, Moment, Page, RecordRef
from erpcore.plugin import CONTRACT_VERSION, CrmPlugin, Effect, ErpPlugin, PluginSettings
from erpcore.settings import Settings, SyncSettings, WorkerSettings
from erpcore.store import (
    Owner,
    Store,
    Told,
    ask_for_invoices,
    count_invoices,
    mirror_invoices,
    note_told,
    open_store,
)
from erpcore.sync.invoice.home import InvoicesHome

SYNC = "home"
BEGIN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CUSTOMERS = 500
PAGE = 100


class Killed(BaseException):
    """The process ends here."""


def made(number: int, *, paid: bool = False) -> Invoice:
    """Make an invoice with two rows out of its number."""
    rows = tuple(
        InvoiceRow(
            row_id=f"{number}-{place}",
            article_number=f"A{place}",
            description="Konsulttimmar enligt avtal",
            quantity=Decimal(8),
            unit_price=Decimal("950.00"),
            amount=Decimal("7600.00"),
        )
        for place in (1, 2)
    )
    return Invoice(
        number=f"{number:07}",
        kind="invoice",
        booked=True,
        customer_number=str(number % CUSTOMERS),
        customer_name=f"Kund {number % CUSTOMERS} AB",
        currency="SEK",
        invoice_date=date(2026, 11, 1),
        due_date=date(2026, 12, 1),
        net=Decimal("15200.00"),
        vat=Decimal("3800.00"),
        total=Decimal("19000.00"),
        balance=Decimal(0) if paid else Decimal("19000.00"),
        rows=rows,
    )


class OnDemandErp(ErpPlugin[PluginSettings]):
    """An ERP with `count` invoices, of which `changed` have been paid since."""

    name: ClassVar[str] = "on_demand"
    display_name: ClassVar[str] = "On demand"
    contract_version: ClassVar[int] = CONTRACT_VERSION
    Settings: ClassVar[type[PluginSettings]] = PluginSettings
    field_maps: Mapping[str, FieldMap[Any]] = {}
    effects: Mapping[str, Effect] = {}

    def __init__(self, count: int) -> None:
        super().__init__(PluginSettings(), Host.in_memory("erp"))
        self.count = count
        self.changed = range(0)
        self.since: Moment | None = None
        self.requests = 0

    @hookimpl
    def fetch_invoices(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Invoice]:
        self.requests += 1
        everything = changed_since is not None and changed_since < BEGIN
        numbers = range(self.count) if everything else self.changed
        start = int(cursor or 0)
        items = tuple(made(number, paid=number in self.changed) for number in numbers[start : start + PAGE])
        following = start + PAGE
        return Page[Invoice](items=items, next_cursor=str(following) if following < len(numbers) else None)


class CountingCrm(CrmPlugin[PluginSettings]):
    """A CRM that keeps no more of an invoice than whether it was told."""

    name: ClassVar[str] = "counting"
    display_name: ClassVar[str] = "Counting"
    contract_version: ClassVar[int] = CONTRACT_VERSION
    Settings: ClassVar[type[PluginSettings]] = PluginSettings
    field_maps: Mapping[str, FieldMap[Any]] = {}

    def __init__(self, count: int) -> None:
        super().__init__(PluginSettings(), Host.in_memory("crm"))
        self.told = bytearray(count)
        self.again = 0
        self.writes = 0

    @hookimpl
    def store_invoice(self, invoice: Invoice, context: Context) -> RecordRef:
        self.host.before_write(repeatable_call=True)
        self.writes += 1
        number = int(invoice.number or 0)
        self.again += self.told[number]
        self.told[number] = 1
        return RecordRef(number=str(number), key=str(number))

    @property
    def stored(self) -> int:
        """How many invoices it was told."""
        return sum(self.told)

    @hookimpl
    def show_invoices(self, standing: InvoiceStanding, context: Context) -> bool:
        return False


@dataclass
class Scene:
    """An installation to measure on."""

    store: Store
    erp: OnDemandErp
    crm: CountingCrm
    rounds: InvoiceRounds
    now: list[datetime]
    statements: list[int] = field(default_factory=lambda: [0])

    def look(self, kill_after: int | None = None) -> None:
        """Look once; killed between two pieces of work if that is wanted."""
        left = [kill_after]

        def go_on() -> bool:
            if left[0] is not None:
                left[0] -= 1
                if left[0] <= 0:
                    raise Killed
            return True

        self.rounds.look(SYNC, go_on)

    def count(self) -> int:
        """Count the mirror."""
        with self.store.read() as connection:
            return count_invoices(connection, SYNC)


@dataclass(frozen=True)
class Measured:
    """What a look took.

    Attributes:
        requests: To the ERP.
        writes: To the CRM.
        statements: Of SQL.
        cpu: Seconds of this process.
        memory: Bytes that were taken at the most, beyond what was taken before.
    """

    requests: int
    writes: int
    statements: int
    cpu: float
    memory: int


@contextmanager
def scene(folder: Path, count: int, *, first: bool) -> Iterator[Scene]:
    """Build an installation.

    Args:
        folder: For the store.
        count: Invoices in the ERP.
        first: Whether all of them are to be imported; without it, the mirror holds them already.
    """
    now = [BEGIN]
    clock = Clock(lambda: now[0].timestamp(), lambda: now[0], lambda seconds: None)
    store = open_store(f"sqlite:///{folder}/erpcore.db", synchronous="NORMAL", clock=clock)
    erp, crm = OnDemandErp(count), CountingCrm(count)
    rules: dict[str, Any] = {"invoices_since": date(2026, 1, 1)} if first else {}
    sync = SyncSettings(crm="crm", erp="erp", **rules)
    settings = Settings.model_construct(worker=WorkerSettings(), syncs={SYNC: sync})
    home = InvoicesHome(
        SYNC,
        sync,
        CrmConnection(crm),
        ErpConnection(erp),
        store,
        siblings=[SYNC],
        strangers=[],
        today=lambda: now[0].date(),
    )

    def refuse(_connection: Any, run: Any) -> None:
        raise AssertionError(f"{run.record} failed")

    made_scene = Scene(store, erp, crm, InvoiceRounds(store, settings, lambda _: home, refuse, "bench"), now)

    def counted(*_given: Any) -> None:
        made_scene.statements[0] += 1

    try:
        if not first:
            _fill(store, count)
            made_scene.look()
        sa.event.listen(store.engine, "before_cursor_execute", counted)
        yield made_scene
    finally:
        store.close()


def measure_look(on: Scene, changed: int) -> Measured:
    """Let so many invoices be paid, and look.

    Args:
        on: The installation, whose mirror holds all invoices.
        changed: How many are paid.
    """
    on.now[0] += timedelta(minutes=11)
    on.erp.changed = range(0, changed * 3, 3)
    with on.store.begin() as connection:
        ask_for_invoices(connection, "erp", SYNC)
    return _measured(on, on.look)


def measure_import(on: Scene) -> Measured:
    """Import everything for the first time."""

    def everything() -> None:
        while on.count() < on.erp.count:
            on.look()

    return _measured(on, everything)


def _measured(on: Scene, work: Any) -> Measured:
    requests, writes, statements = on.erp.requests, on.crm.writes, on.statements[0]
    usual = gc.get_threshold()
    gc.collect()
    gc.set_threshold(700, 10, 10)  # whatever the process has set: garbage that lies about is memory, too
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    begun = time.process_time()
    work()
    cpu = time.process_time() - begun
    memory = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    gc.set_threshold(*usual)
    return Measured(on.erp.requests - requests, on.crm.writes - writes, on.statements[0] - statements, cpu, memory)


def _fill(store: Store, count: int) -> None:
    """Put invoices into the mirror as if they had been imported and told: by the database alone, which is quick."""
    facts = made(0).model_dump_json(exclude_unset=True).replace('"0000000"', "\"' || printf('%07d', n) || '\"")
    facts = facts.replace('"0"', f"\"' || (n % {CUSTOMERS}) || '\"", 1)
    columns = (
        "sync, key, number, customer_number, invoice_date, due_date, unsettled, facts, version, waiting, by_run, "
        "told_version, told_colour, crm_key, changed_at"
    )
    with store.begin() as connection:
        connection.exec_driver_sql(
            f"WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {count}) "
            f"INSERT INTO erpcore_invoices ({columns}) "
            f"SELECT '{SYNC}', printf('%07d', n), printf('%07d', n), n % {CUSTOMERS}, '2026-11-01', '2026-12-01', 1, "
            f"'{facts}', 1, 0, 0, 1, 'yellow', printf('%07d', n), '2026-11-20 09:00:00.000000' FROM numbers"
        )


def main() -> None:
    """Measure, and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--changed", type=int, nargs="+", default=[0, 1, 250])
    parser.add_argument("--first", type=int, default=20_000, help="invoices of the first import; 0 for none")
    given = parser.parse_args()
    well = True
    print("     n      k   requests   CRM writes   statements   CPU ms   memory kB")
    for count in given.invoices:
        with tempfile.TemporaryDirectory() as folder, scene(Path(folder), count, first=False) as on:
            for changed in given.changed:
                took = measure_look(on, changed)
                expected = max(1, -(-changed // PAGE))
                well &= (took.writes, took.requests, on.count()) == (changed, expected, count)
                on.erp.changed = range(0)
                print(
                    f"{count:>8} {changed:>5} {took.requests:>8} {took.writes:>12} {took.statements:>12} "
                    f"{took.cpu * 1000:>8.0f} {took.memory / 1024:>10.0f}"
                )
                _unpay(on, changed)
    if given.first:
        with tempfile.TemporaryDirectory() as folder, scene(Path(folder), given.first, first=True) as on:
            for _ in range(2):
                try:
                    on.look(kill_after=given.first // 75)
                except Killed:
                    on.now[0] += timedelta(minutes=5)
            took = measure_import(on)
            well &= on.crm.stored == on.count() == given.first
            print(
                f"\nFirst import of {given.first}, killed twice before: requests {on.erp.requests}, stored again "
                f"{on.crm.again}; after the kills {took.statements / max(1, took.writes):.1f} statements and "
                f"{took.cpu / max(1, took.writes) * 1000:.2f} ms of CPU per invoice, {took.memory / 1024:.0f} kB"
            )
    sys.exit(0 if well else 1)


def _unpay(on: Scene, changed: int) -> None:
    """Put the mirror back to where everything is unpaid, for the next measurement."""
    if changed:
        with on.store.begin() as connection:
            connection.exec_driver_sql("DELETE FROM erpcore_invoices WHERE unsettled = 0")
        _refill(on, changed)


def _refill(on: Scene, changed: int) -> None:
    on.erp.changed = range(0, changed * 3, 3)
    with on.store.begin() as connection:
        whole = [made(number) for number in on.erp.changed]
        mirror_invoices(connection, SYNC, [(invoice, Owner()) for invoice in whole])
        told = [Told(str(invoice.number), 1, "yellow", str(invoice.number), Owner()) for invoice in whole]
        note_told(connection, SYNC, told)
    on.erp.changed = range(0)


if __name__ == "__main__":
    main()
