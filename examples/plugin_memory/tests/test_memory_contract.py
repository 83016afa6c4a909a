"""The smallest plugin keeps the whole contract."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from erpcore_memory import ledger
from erpcore_memory.plugin import MemoryPlugin

from erpcore.models import RegisterEntry
from erpcore.testing.contract import Answer, Bench, CallBench, ErpContract, NativeError
from examples.plugin_memory.tests.memory_witness import WITNESSES


def error(code: str, text: str, wait: float | None = None) -> Answer:
    return Answer(raises=ledger.LedgerError(code, text, wait))


class TestMemoryContract(ErpContract):
    plugin_class = MemoryPlugin
    witnesses = WITNESSES
    native_errors = (
        NativeError("credentials", error("KEY", "The key is wrong"), "The key is wrong", "KEY"),
        NativeError("right", error("RIGHT", "Not for you"), "Not for you", "RIGHT"),
        NativeError("missing", error("MISSING", "There is none"), "There is none", "MISSING"),
        NativeError("duplicate", error("TAKEN", "There is one"), "There is one", "TAKEN", of="write"),
        NativeError("values", error("VALUE", "Fel värde på Å"), "Fel värde på Å", "VALUE"),
        NativeError("too_fast", error("BUSY", "Wait", 7.5), "Wait", "BUSY", retry_after=7.5),
        NativeError("unavailable", error("INTERNAL", "Broken"), "Broken", "INTERNAL"),
        NativeError("secret", lambda secret: error("VALUE", f"Not with {secret}"), "Not with", "VALUE"),
    )
    held_registers: ClassVar = {
        "terms_of_payment": [RegisterEntry(code="10", name="10 days", days=10)],
        "vat_code": [RegisterEntry(code="VK7", name="Food", percent=Decimal(12))],
        "currency": [RegisterEntry(code="EUR", name="EUR", rate=Decimal("11.25"))],
    }
    paging: ClassVar = {}  # the program's lists have three records on a page, whatever one wants; its searches have all
    search_lag = 4.0
    states: ClassVar = {
        "order.closed": lambda bench, number: bench.system.mark("orders", number, Closed=True),
        "order.cancelled": lambda bench, number: bench.system.mark("orders", number, Annulled=True),
        "invoice.cancelled": lambda bench, number: bench.system.mark("invoices", number, Annulled=True),
        "invoice.booked": lambda bench, number: bench.system.mark("invoices", number, Booked=True),
    }

    @classmethod
    def make_bench(cls) -> Bench:
        books = ledger.Ledger("contract", "key-of-the-contract-company")
        ledger.install(books)
        return CallBench(
            cls.plugin_class,
            books,
            "call",
            {"company": "contract", "key": "key-of-the-contract-company"},
            lost=lambda: ConnectionResetError("the line broke"),
            broken=lambda: ledger.LedgerError("INTERNAL", "Broken inside"),
            ahead=lambda seconds: setattr(books, "ahead", timedelta(seconds=seconds)),
            lag=lambda seconds: setattr(books, "lag", timedelta(seconds=seconds)),
            credentials=1,
        )
