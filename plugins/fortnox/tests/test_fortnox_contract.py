"""Fortnox keeps the whole contract."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import ClassVar

from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_fortnox.settings import SCOPES
from erpcore_fortnox.simulator import FortnoxSimulator
from erpcore_fortnox.simulator.errors import Refused

from erpcore.models import Ref, RegisterEntry
from erpcore.testing.contract import Answer, Bench, ErpContract, NativeError
from plugins.fortnox.tests.fortnox_witness import WITNESSES


def refused(status: int, code: int, message: str) -> Answer:
    return Answer(status, body={"ErrorInformation": {"error": 1, "message": message, "code": code}})


def _pay(bench: Bench, number: str, amount: str | None = None) -> None:
    with suppress(Refused):  # it is booked already where a part of it was paid before
        bench.system.book_invoice(number)
    bench.system.pay_invoice(number, amount)


def _credit(bench: Bench, number: str) -> None:
    bench.system.book_invoice(number)
    bench.system.credit_invoice(number)


class TestFortnoxContract(ErpContract):
    plugin_class = FortnoxPlugin
    witnesses = WITNESSES
    simulator = partial(FortnoxSimulator, rate_limit=None)
    settings: ClassVar = {
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "tenant_id": "1234567",
        "scopes": [*SCOPES, "project", "costcenter"],
        "base_url": "{address}",
        "auth_url": "{address}/oauth-v1",
        "requests_per_window": 10_000,
        "request_seconds": 5.0,
    }
    sign_in = "/oauth-v1/.*"
    seed: ClassVar = {
        "projects": ["7"],
        "costcenters": ["KS7"],
        "currencies": [{"Code": "JPY", "Description": "Yen", "SellRate": "7.1", "Unit": 100}],
    }
    native_errors = (
        NativeError("credentials", Answer(401, body={"message": "unauthorized"}), "unauthorized"),
        NativeError("right", refused(403, 2000663, "Har inte behörighet för scope."), "scope", "2000663"),
        NativeError("missing", refused(404, 2000433, "Kan inte hitta kunden."), "Kan inte hitta kunden.", "2000433"),
        NativeError("duplicate", refused(400, 2000637, "Numret används redan."), "Numret", "2000637", of="write"),
        NativeError("values", refused(400, 2000106, "Värdet är fel: Å"), "Värdet är fel: Å", "2000106"),
        NativeError("too_fast", Answer(429, {"Retry-After": "120"}, {"message": "Too many"}), retry_after=120.0),
        NativeError("unavailable", refused(500, 1000003, "Systemfel."), "Systemfel.", "1000003"),
        NativeError("secret", lambda secret: refused(400, 2000106, f"Fel: {secret}"), "Fel:", "2000106"),
    )
    sample_values: ClassVar = {"terms_of_payment": "30", "invoices": (Ref(number="9912"),), "currency": "EUR"}
    companions: ClassVar = {"article.currency": {"price": Decimal(10)}}
    paging: ClassVar = {"page_size": 3, "detailed_page_size": 3}
    search_lag = 9.0
    held_registers: ClassVar = {
        "terms_of_payment": [RegisterEntry(code="15", name="15 dagar", days=15)],
        "currency": [
            RegisterEntry(code="EUR", name="Euro", rate=Decimal("11.3")),
            RegisterEntry(code="JPY", name="Yen", rate=Decimal("0.071")),
        ],
    }
    whole_units = "0.50"
    states: ClassVar = {
        "order.cancelled": lambda bench, number: bench.system.cancel_order(number),
        "invoice.cancelled": lambda bench, number: bench.system.cancel_invoice(number),
        "invoice.booked": lambda bench, number: bench.system.book_invoice(number),
        "invoice.paid": lambda bench, number: _pay(bench, number),
        "invoice.part_paid": lambda bench, number: _pay(bench, number, "10.00"),
        "invoice.credited": lambda bench, number: _credit(bench, number),
    }
    cassettes = Path(__file__).parent / "cassettes"
