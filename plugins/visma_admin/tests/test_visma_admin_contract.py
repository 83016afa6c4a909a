"""Visma Administration keeps the whole contract, through its agent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from erpcore_visma_admin.plugin import VismaAdminPlugin
from erpcore_visma_admin.simulator import TOKEN, VismaAdminSimulator

from erpcore.testing.contract import Answer, ErpContract, NativeError


def refused(code: int, text: str) -> Answer:
    told = {"code": code, "name": "", "table": 187, "field": 188, "function": 81, "part": 0, "text": text}
    return Answer(422, body={"error": {"kind": "refused", "message": text, "told": told}})


def problem(status: int, kind: str, message: str) -> Answer:
    return Answer(status, body={"error": {"kind": kind, "message": message, "told": None}})


PRICED = {"article_number": "S-1", "quantity": Decimal(1), "unit_price": Decimal(100)}


class TestVismaAdminContract(ErpContract):
    plugin_class = VismaAdminPlugin
    simulator = VismaAdminSimulator
    settings: ClassVar = {"url": "{address}", "token": TOKEN, "fence_seconds": 0.4, "request_seconds": 20.0}
    seed: ClassVar = {
        "CUSTOMER": [
            {"NUMBER": "11", "NAME": "Kund Ett AB", "TIMESTAMP": 1000},
            {"NUMBER": "12", "NAME": "Kund Två AB", "TIMESTAMP": 1000},
        ],
        "ARTICLE": [
            {"NUMBER": "S-1", "NAME": "Vara", "ACCOUNTING_CODE": "1", "TIMESTAMP": 1000},
            {"NUMBER": "S-2", "NAME": "Annan vara", "ACCOUNTING_CODE": "1", "TIMESTAMP": 1000},
        ],
    }
    native_errors = (
        NativeError("credentials", problem(401, "token", "The request is not signed."), "not signed", "token"),
        NativeError("right", refused(583, "Licens för Visma Integration saknas."), "Visma Integration", "583"),
        NativeError("missing", refused(115, "Posten finns inte."), "Posten finns inte.", "115"),
        NativeError("duplicate", refused(214, "Numret är upptaget."), "upptaget", "214", of="write"),
        NativeError("values", refused(47, "Ogiltig enhet: Å"), "Ogiltig enhet: Å", "47"),
        NativeError("too_fast", problem(429, "too_fast", "Too Many Requests"), "Too Many Requests"),
        NativeError("unavailable", problem(503, "broken", "The agent failed."), "failed"),
        NativeError("secret", lambda secret: refused(47, f"Fel: {secret}"), "Fel:", "47"),
    )
    sample_values: ClassVar[dict[str, Any]] = {
        "customer_number": "11",
        "other_customer_number": "12",
        "article_number": "S-1",
        "order_row.*": PRICED,
        "order_row.article_number": "S-2",
        "invoice_row.*": PRICED,
        "invoice_row.article_number": "S-2",
        "article.*": {"number": "K-100"},
        "customer.number": "4711",
        "group": "1",
        "cost_center": "KS7",
    }
    paging: ClassVar = {"page_size": 3}
    search_lag = 0.0
