"""An ERP whose invoices change, a CRM that keeps copies of them, and the rounds that bring them home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.engine.invoices import InvoiceRounds
from erpcore.engine.pages import TakenIn
from erpcore.errors import NotFoundError, RejectedError
from erpcore.hookspecs import Context, hookimpl
from erpcore.models import Invoice, InvoiceStanding, Moment, Page, RecordRef, WriteBack
from erpcore.settings import Settings, SyncSettings, WorkerSettings
from erpcore.store import MirroredInvoice, cut_link, get_invoice, list_invoices, live_link, put_link
from erpcore.sync.invoice.flow import InvoiceRun
from erpcore.sync.invoice.home import InvoicesHome
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.window import Window
from tests.sync.memory_crm import Desk, MemoryCrm
from tests.sync.memory_plugin import Books, MemoryErp, _raise
from tests.sync.world import SYNC, World


@dataclass
class InvoiceBooks(Books):
    """Books that know when each invoice changed, and each payment."""

    changed: dict[str, datetime] = field(default_factory=dict)
    page_size: int = 3
    asked: list[Moment | None] = field(default_factory=list)

    def put(self, number: str, **values: Any) -> Invoice:
        """Make an invoice, or change it."""
        usual = self.invoices.get(number) or Invoice(
            number=number,
            kind="invoice",
            booked=True,
            customer_number="50",
            customer_name="Acme AB",
            currency="SEK",
            invoice_date=date(2026, 11, 10),
            due_date=date(2026, 12, 10),
            net=Decimal(800),
            vat=Decimal(200),
            total=Decimal(1000),
            balance=Decimal(1000),
        )
        self.invoices[number] = Invoice.model_validate({**dict_of(usual), **values})
        self.changed[number] = self.now()
        return self.invoices[number]

    def pay(self, number: str, amount: str | None = None) -> Invoice:
        """Pay an invoice, in full unless an amount is given."""
        left = (self.invoices[number].balance or Decimal(0)) - Decimal(amount or self.invoices[number].balance or 0)
        return self.put(number, balance=left, **({} if left else {"payment_date": self.now().date()}))


def dict_of(invoice: Invoice) -> dict[str, Any]:
    return {name: getattr(invoice, name) for name in invoice.model_fields_set}


class InvoicingErp(MemoryErp):
    books: InvoiceBooks

    @hookimpl
    def fetch_invoices(self, changed_since: Moment | None, cursor: str | None, context: Context) -> Page[Invoice]:
        self._read("fetch_invoices")
        if cursor is None:
            self.books.asked.append(changed_since)
        overlap = timedelta(seconds=60)
        numbers = [
            number
            for number in sorted(self.books.changed)
            if changed_since is None or self.books.changed[number] >= changed_since - overlap
        ]
        start = int(cursor or 0)
        end = start + self.books.page_size
        items = tuple(self.books.invoices[number] for number in numbers[start:end])
        return Page[Invoice](items=items, next_cursor=str(end) if end < len(numbers) else None)


@dataclass
class CopyDesk(Desk):
    """A desk with copies of invoices by number, and what was said of deals, companies and copies."""

    copies: dict[str, list[Invoice]] = field(default_factory=dict)
    said: list[InvoiceStanding] = field(default_factory=list)
    keeps_colours: bool = True
    refused: set[str] = field(default_factory=set)
    wrote: list[WriteBack] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)

    def colours(self, kind: str, record_id: str) -> list[str | None]:
        """Every colour that was told of a record, in turn."""
        return [each.colour for each in self.said if (each.record_kind, each.record_id) == (kind, record_id)]

    def last(self, kind: str, record_id: str) -> InvoiceStanding:
        return [each for each in self.said if (each.record_kind, each.record_id) == (kind, record_id)][-1]


class CopyingCrm(MemoryCrm):
    desk: CopyDesk

    @hookimpl
    def store_invoice(self, invoice: Invoice, context: Context) -> RecordRef:
        number = str(invoice.number)
        if number in self.desk.refused:
            raise RejectedError("The field currency is read-only.", vendor_code="422")
        held = self.desk.copies.get(number)
        if held is None or held[-1] != invoice:
            self.ask("store_invoice")
            when, _, fault = (self._fault("store_invoice") or "").partition(":")
            if when == "before":
                _raise(fault)
            self.desk.copies.setdefault(number, []).append(invoice)
            if when == "after":
                _raise(fault)
        return RecordRef(number=number, key=f"copy {number}")

    @hookimpl
    def write_back(self, values: WriteBack, context: Context) -> bool:
        if not values.shown("message"):
            return super().write_back(values, context)
        self.ask("write_back")
        when, _, fault = (self._fault("write_back") or "").partition(":")
        if when == "before":
            _raise(fault)
        self.desk.wrote.append(values)
        if when == "after":
            _raise(fault)
        return True

    @hookimpl
    def show_invoices(self, standing: InvoiceStanding, context: Context) -> bool:
        if standing.record_id in self.desk.deleted:
            raise NotFoundError("There is no such record.", vendor_code="404")
        if not self.desk.keeps_colours:
            return False
        self.ask("show_invoices")
        when, _, fault = (self._fault("show_invoices") or "").partition(":")
        if when == "before":
            _raise(fault)
        self.desk.said.append(standing)
        if when == "after":
            _raise(fault)
        return True

    def _fault(self, operation: str) -> str | None:
        self.desk.calls[operation] += 1
        waiting = self.desk.faults.get(operation)
        return waiting.pop(0) if waiting else None


class InvoiceWorld(World):
    """A sync that brings invoices home."""

    books: InvoiceBooks
    desk: CopyDesk

    def __init__(self, url: str, *, strangers: tuple[str, ...] = (), sync: str = SYNC, **rules: Any) -> None:
        self._strangers, self._name = strangers, sync
        super().__init__(url, erp_class=InvoicingErp, crm_class=CopyingCrm, **rules)
        self.books = InvoiceBooks(self.time.now)
        self.desk = CopyDesk()
        self.erp = ErpConnection(InvoicingErp(self.books))
        self.crm = CrmConnection(CopyingCrm(self.desk))
        self.restart(**rules)

    def restart(self, **rules: Any) -> None:
        """Begin a new process with these rules."""
        self.rules(**rules)
        self.home = InvoicesHome(
            self._name,
            SyncRules(**rules),
            self.crm,
            self.erp,
            self.store,
            siblings=[self._name],
            strangers=self._strangers,
            today=lambda: self.home.rules.day_of(self.time.at),
        )
        sides = SyncSettings(crm="crm", erp="erp", **rules)
        settings = Settings.model_construct(worker=WorkerSettings(), syncs={self._name: sides})
        first = partial(self.queue.enqueue, attempt=1)
        self.rounds = InvoiceRounds(self.store, settings, lambda _: self.home, first, "test")

    def flow(self, kind: str) -> Any:
        if kind == "invoice":
            return InvoiceRun(self.home, Window(self.store, "test", self.time.clock))
        return super().flow(kind)

    def link(self, source_kind: str, source_id: str, target_kind: str, number: str, key: str | None = None) -> None:
        with self.store.begin() as connection:
            put_link(
                connection,
                sync=self._name,
                source_kind=source_kind,
                source_id=source_id,
                target_kind=target_kind,
                number=number,
                key=key,
            )

    def cut(self, source_kind: str, source_id: str, target_kind: str) -> None:
        """Cut a link, as a person does."""
        same = {"sync": self._name, "source_kind": source_kind, "source_id": source_id, "target_kind": target_kind}
        with self.store.begin() as connection:
            link = live_link(connection, **same)
            assert link is not None
            cut_link(connection, link.id, reason="merged in the CRM")

    def minutes(self, count: float) -> TakenIn:
        """Let time pass, and look once."""
        self.time.move(60 * count)
        return self.look()

    def look(self, go_on: Callable[[], bool] = lambda: True) -> TakenIn:
        return self.rounds.look(self._name, go_on)

    def look_for_all(self) -> list[MirroredInvoice]:
        """Look for all that something is to come of, as a person asks for it."""
        self.time.move(60)
        return list(self.rounds.look_for_all(self._name))

    def mirror(self, **wanted: Any) -> list[MirroredInvoice]:
        with self.store.read() as connection:
            return list_invoices(connection, self._name, today=self.home.today(), **wanted)

    def mirrored(self, key: str) -> MirroredInvoice:
        with self.store.read() as connection:
            found = get_invoice(connection, self._name, key)
        assert found is not None
        return found

    def invoice_of_deal(self, number: str, deal: str = "d1", **values: Any) -> Invoice:
        """An invoice of an order that a deal has become, to a company that is linked."""
        if not self.mirror_links:
            self.link("company", "c1", "customer", "50")
        self.link("deal", deal, "order", f"order of {deal}")
        return self.books.put(number, order_number=f"order of {deal}", **values)

    @property
    def mirror_links(self) -> bool:
        with self.store.read() as connection:
            known = live_link(
                connection, sync=self._name, source_kind="company", source_id="c1", target_kind="customer"
            )
            return known is not None
