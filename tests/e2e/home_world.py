"""An ERP whose invoices are booked and paid, a CRM, and what brings them home. Both are simulators on loopback."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from erpcore.engine.assembly import Assembly
from erpcore.engine.invoices import InvoiceRounds
from erpcore.hookspecs import Context
from erpcore.host import Clock
from erpcore.models import Address, Article, Customer, DocumentQuery, Order, OrderRow, Ref
from erpcore.settings import Settings
from erpcore.simulator import Simulator
from erpcore.store import (
    MirroredInvoice,
    Run,
    Store,
    ask_for_invoices,
    get_invoice,
    list_invoices,
    open_store,
    put_link,
)
from erpcore.testing.straight import straight
from tests.e2e.home_systems import Books, Sales
from tests.e2e.world import organisation_number

SYNC = "home"
CONTEXT = Context("test", reference=None)
_references = itertools.count(1)


@dataclass
class HomeWorld:
    """One installation, without a worker: a look is a call."""

    books: Books
    sales: Sales
    settings: Settings
    store: Store
    assembly: Assembly
    ahead: list[timedelta]
    opened: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        def enqueue(_connection: Any, run: Run) -> None:
            self.opened.append(run)

        self.rounds = InvoiceRounds(self.store, self.settings, self.assembly.invoices, enqueue, "test")
        self.rounds.look(SYNC)  # from now on what changes comes home

    def days(self, count: float) -> None:
        """Let days pass here; in the ERP it stays today."""
        self.ahead[0] += timedelta(days=count)

    def look(self, *, ask: bool = True) -> None:
        """Look once; the ERP is asked only if it is wanted, since the next look would be long from now."""
        if ask:
            with self.store.begin() as connection:
                ask_for_invoices(connection, "erp", SYNC)
        self.rounds.look(SYNC)
        assert not self.opened, [run.record for run in self.opened]

    def customer(self) -> tuple[str, str]:
        """Have a company be a customer in the ERP; give its number there and its key in the CRM."""
        erp = self.assembly.erp("erp")
        number = organisation_number()
        ref = erp.create_customer(
            Customer(
                name=f"Kund {number} AB",
                organisation_number=number,
                email="faktura@kund.example",
                invoice_address=Address(
                    street="Storgatan 1", postal_code="111 22", city="Stockholm", country_code="SE"
                ),
            ),
            self._context(),
        )
        company = self.sales.company(ref.number)
        self._link("company", company, "customer", ref)
        return ref.number, company

    def invoice(self, customer: str, company: str | None, *, book: bool = True, **values: Any) -> tuple[str, str]:
        """Have an order of a deal or order in the CRM become an invoice; without company it is made by hand in the ERP.

        Returns:
            The invoice's number, and the key of the deal or order.
        """
        erp = self.assembly.erp("erp")
        row = OrderRow(article_number="S-1", description="Stol", quantity=Decimal(10), unit_price=Decimal("80.00"))
        order = erp.create_order(Order(customer_number=customer, rows=(row,), **values), self._context())
        number = erp.convert_to_invoice(Ref(number=order.number, key=order.key), self._context()).number
        record = ""
        if company is not None:
            record = self.sales.record(company, order.number)
            self._link(self.sales.kind, record, "order", order)
        return (self.books.book(number) if book else number), record

    def mirrored(self, number: str) -> MirroredInvoice:
        """Give an invoice of the mirror by its number."""
        with self.store.read() as connection:
            found = list_invoices(connection, SYNC, today=self.assembly.invoices(SYNC).today(), limit=1000)
            (one,) = [each for each in found if each.invoice.number == number]
            assert get_invoice(connection, SYNC, one.key) == one
        return one

    def mirror(self, customer: str) -> list[MirroredInvoice]:
        """Give the mirror's invoices of a customer."""
        with self.store.read() as connection:
            today = self.assembly.invoices(SYNC).today()
            return list_invoices(connection, SYNC, today=today, company=customer)

    def in_the_erp(self, number: str) -> Any:
        """Read an invoice from the ERP."""
        (found,) = self.assembly.erp("erp").find_invoices(DocumentQuery(number=number), CONTEXT)
        return found

    def _context(self) -> Context:
        return Context("test", reference=f"T{next(_references)}")

    def _link(self, source_kind: str, source_id: str, target_kind: str, ref: Ref) -> None:
        with self.store.begin() as connection:
            put_link(
                connection,
                sync=SYNC,
                source_kind=source_kind,
                source_id=source_id,
                target_kind=target_kind,
                number=ref.number,
                key=ref.key,
            )


@contextmanager
def home_world(
    folder: Path,
    books: Books,
    sales: Sales,
    *,
    worker: Mapping[str, Any] | None = None,
    serve: Callable[[Simulator], AbstractContextManager[str]] = straight,
    **rules: Any,
) -> Iterator[HomeWorld]:
    """Build an installation.

    Args:
        folder: For the store.
        books: The ERP.
        sales: The CRM.
        worker: Settings of the worker beside the defaults.
        serve: Serves a simulator; `running` where sockets count.
        rules: Rules of the sync beside the defaults.
    """
    ahead = [timedelta()]
    clock = Clock(lambda: monotonic() + ahead[0].total_seconds(), lambda: datetime.now(UTC) + ahead[0], sleep)
    with ExitStack() as stack:
        erp_url, crm_url = (stack.enter_context(serve(each)) for each in (books.simulator, sales.simulator))
        settings = Settings.model_validate(
            {
                "worker": worker or {},
                "connections": {"erp": books.settings(erp_url), "crm": sales.settings(crm_url)},
                "syncs": {SYNC: {"crm": "crm", "erp": "erp", "invoice_minutes": 10_000_000, **rules}},
            }
        )
        store = open_store(f"sqlite:///{folder}/erpcore.db", synchronous="OFF", clock=clock)
        stack.callback(store.close)
        assembly = Assembly(settings, store, worker="test", tokens=books.tokens())
        stack.callback(assembly.close)
        article = Article(number="S-1", description="Stol", price=Decimal(80))
        assembly.erp("erp").create_article(article, Context("test", reference="S-1"))
        yield HomeWorld(books, sales, settings, store, assembly, ahead)
