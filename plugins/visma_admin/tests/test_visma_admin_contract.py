"""Visma Administration keeps the whole contract, through its agent."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from erpcore_visma_admin.plugin import VismaAdminPlugin
from erpcore_visma_admin.simulator import TOKEN, VismaAdminSimulator
from erpcore_visma_admin.simulator.library import compiler

from erpcore.testing.contract import Answer, ErpContract, NativeError
from plugins.visma_admin.tests.visma_admin_contract_data import PAGING, REGISTERS, SAMPLES, SEED
from plugins.visma_admin.tests.visma_admin_witness import WITNESSES

if compiler() is None:
    pytest.skip("the simulated library needs a C compiler", allow_module_level=True)


def refused(code: int, text: str) -> Answer:
    told = {"code": code, "name": "", "table": 187, "field": 188, "function": 81, "part": 0, "text": text}
    return Answer(422, body={"error": {"kind": "refused", "message": text, "told": told}})


def problem(status: int, kind: str, message: str) -> Answer:
    return Answer(status, body={"error": {"kind": kind, "message": message, "told": None}})


class TestVismaAdminContract(ErpContract):
    plugin_class = VismaAdminPlugin
    witnesses = WITNESSES
    simulator = VismaAdminSimulator
    settings: ClassVar = {"url": "{address}", "token": TOKEN, "fence_seconds": 0.4, "request_seconds": 20.0}
    seed: ClassVar = SEED
    native_errors = (
        NativeError("credentials", problem(401, "token", "The request is not signed."), "not signed", "token"),
        NativeError("right", refused(583, "Licens för Visma Integration saknas."), "Visma Integration", "583"),
        NativeError("missing", refused(115, "Posten finns inte."), "Posten finns inte.", "115"),
        NativeError("duplicate", refused(214, "Numret är upptaget."), "upptaget", "214", of="write"),
        NativeError("values", refused(47, "Ogiltig enhet: Å"), "Ogiltig enhet: Å", "47"),
        NativeError("too_fast", problem(503, "too_late", "It was not begun."), "not begun", "too_late"),
        NativeError("unavailable", problem(503, "broken", "The agent failed."), "failed"),
        NativeError("secret", lambda secret: refused(47, f"Fel: {secret}"), "Fel:", "47"),
    )
    sample_values: ClassVar[dict[str, Any]] = SAMPLES
    paging: ClassVar = PAGING
    held_registers: ClassVar = REGISTERS
    search_lag = 0.0
    judges_time = True
    unlimited = "the agent runs on the customer's own computer"
    states: ClassVar = {
        "order.closed": lambda bench, number: bench.system.deliver(int(number)),
        "order.cancelled": lambda bench, number: bench.system.cancel(int(number), "ORDER_HEAD"),
        "invoice.cancelled": lambda bench, number: bench.system.cancel(int(number)),
        "invoice.booked": lambda bench, number: bench.system.enter_in_ledger(int(number)),
        "invoice.paid": lambda bench, number: bench.system.pay(int(number)),
        "invoice.part_paid": lambda bench, number: bench.system.pay(int(number), "10.00"),
    }
    cassettes = Path(__file__).parent / "cassettes"
