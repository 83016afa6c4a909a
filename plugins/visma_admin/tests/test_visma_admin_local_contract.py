"""Visma Administration keeps the whole contract on its own server too, where no agent is between.

The tap is at the native boundary: on the one method that everything is asked of the DLL through.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from erpcore_visma_admin.access.local import LocalAccess
from erpcore_visma_admin.adk.errors import Hung, Refused, Told, TooLate
from erpcore_visma_admin.plugin import VismaAdminPlugin
from erpcore_visma_admin.simulator.books import new_books
from erpcore_visma_admin.simulator.company import IN_LEDGER, Company, day_number, kept_values, read, written
from erpcore_visma_admin.simulator.library import build, compiler

from erpcore.testing.contract import Answer, Bench, CallBench, ErpContract, NativeError
from erpcore.testing.tap import CallTap
from plugins.visma_admin.tests.visma_admin_contract_data import PAGING, REGISTERS, SAMPLES, SEED
from plugins.visma_admin.tests.visma_admin_witness import WITNESSES

if compiler() is None:
    pytest.skip("the simulated library needs a C compiler", allow_module_level=True)


def refused(code: int, text: str) -> Answer:
    return Answer(raises=Refused(Told(code, 187, 188, 81, 0, text)))


class System:
    """A company as the kit holds it."""

    def __init__(self, company: Company) -> None:
        self.company = company

    def state(self) -> Mapping[str, Any]:
        registers = self.company.read().registers
        empty: dict[str, list[Any]] = {"ORDER_HEAD": [], "INVOICE_HEAD": [], "CONTACT": [], "PRICE": []}
        return empty | {table: [record.plain() for record in records] for table, records in registers.items()}

    def restore(self, state: Any) -> None:
        self.company.write(read(self.kept))

    kept = ""


_LEDGER = {IN_LEDGER: 1}


def _mark(bench: Bench, table: str, number: str, **values: float) -> None:
    """Let a person in the program change a document."""
    company = bench.system.company
    books = company.read()
    record = books.by(table, "DOCUMENT_NUMBER", float(number))
    record.values |= {**values, "TIMESTAMP": round(bench.now().timestamp())}
    company.write(books)


def _pay(bench: Bench, number: str) -> None:
    """Let a person take payment of all that is left, today."""
    _mark(bench, "INVOICE_HEAD", number, BALANCE=0.0, BALANCE2=0.0, LAST_PAYMENT=day_number(bench.now().date()))


class LocalBench(CallBench):
    """A company without an agent."""

    def __init__(self, plugin_class: type[VismaAdminPlugin], company: Company, settings: Mapping[str, Any]) -> None:
        super().__init__(
            plugin_class,
            System(company),
            "state",
            settings,
            lost=lambda: Hung("did not come back"),
            broken=lambda: Hung("did not come back"),
            ahead=lambda seconds: company.switch(clock_ahead=round(seconds)),
            lag=lambda seconds: None,
        )
        self.tap = CallTap(LocalAccess, "native", self.state)

    def _save(self) -> None:
        super()._save()
        self.system.kept = written(self.system.company.read())

    def kept_now(self) -> Callable[[], None]:
        kept = written(self.system.company.read())
        return lambda: self.system.company.write(read(kept))


class TestVismaAdminLocalContract(ErpContract):
    plugin_class = VismaAdminPlugin
    witnesses = WITNESSES
    native_errors = (
        NativeError("credentials", refused(676, "Fel användare eller lösenord."), "Fel användare", "676"),
        NativeError("right", refused(583, "Licens för Visma Integration saknas."), "Visma Integration", "583"),
        NativeError("missing", refused(115, "Posten finns inte."), "Posten finns inte.", "115"),
        NativeError("duplicate", refused(214, "Numret är upptaget."), "upptaget", "214", of="write"),
        NativeError("values", refused(47, "Ogiltig enhet: Å"), "Ogiltig enhet: Å", "47"),
        NativeError("too_fast", Answer(raises=TooLate("It was not begun.")), "not begun", "too_late"),
        NativeError("unavailable", Answer(raises=Hung("did not come back")), "did not come back", "hung"),
    )
    sample_values: ClassVar[dict[str, Any]] = SAMPLES
    paging: ClassVar = PAGING
    held_registers: ClassVar = REGISTERS
    search_lag = 0.0
    states: ClassVar = {
        "order.closed": lambda bench, number: _mark(bench, "ORDER_HEAD", number, ORDER_DELIVERED=1),
        "order.cancelled": lambda bench, number: _mark(bench, "ORDER_HEAD", number, DOCUMENT_CANCELLED=1),
        "invoice.cancelled": lambda bench, number: _mark(bench, "INVOICE_HEAD", number, DOCUMENT_CANCELLED=1),
        "invoice.booked": lambda bench, number: _mark(bench, "INVOICE_HEAD", number, DOCUMENT_PRINTED=1, **_LEDGER),
        "invoice.part_paid": lambda bench, number: _mark(bench, "INVOICE_HEAD", number, BALANCE=10.0, BALANCE2=10.0),
        "invoice.paid": _pay,
    }

    @classmethod
    def make_bench(cls) -> Bench:
        folder = Path(tempfile.mkdtemp())
        company = Company(folder)
        books = new_books()
        for table, records in SEED.items():
            for record in records:
                books.put(table, **kept_values(table, record))
        company.write(books)
        settings = {
            "mode": "local",
            "dll": str(build()),
            "system_path": str(company.system_path),
            "company_path": str(company.path),
            "idle_seconds": 0.5,
            "fence_seconds": 0.4,
            "request_seconds": 20.0,
        }
        return LocalBench(cls.plugin_class, company, settings)
