"""What both contracts of the plugin are checked with: records that are there, and values that the company takes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erpcore.models import RegisterEntry

_PRICED = {"article_number": "S-1", "quantity": Decimal(1), "unit_price": Decimal(100)}

SEED: dict[str, list[dict[str, Any]]] = {
    "CUSTOMER": [
        {"NUMBER": "11", "NAME": "Kund Ett AB", "TIMESTAMP": 1000},
        {"NUMBER": "12", "NAME": "Kund Två AB", "TIMESTAMP": 1000},
    ],
    "ARTICLE": [
        {"NUMBER": "S-1", "NAME": "Vara", "ACCOUNTING_CODE": "1", "TIMESTAMP": 1000},
        {"NUMBER": "S-2", "NAME": "Annan vara", "ACCOUNTING_CODE": "1", "TIMESTAMP": 1000},
    ],
}

SAMPLES: dict[str, Any] = {
    "customer_number": "11",
    "other_customer_number": "12",
    "article_number": "S-1",
    "order_row.*": _PRICED,
    "order_row.article_number": "S-2",
    "invoice_row.*": _PRICED,
    "invoice_row.article_number": "S-2",
    "article.*": {"number": "K-100"},
    "customer.number": "4711",
    "group": "1",
    "cost_center": "KS7",
}

REGISTERS = {"currency": [RegisterEntry(code="EUR", name="EUR", rate=Decimal("11.3"))]}

PAGING = {"page_size": 3}
