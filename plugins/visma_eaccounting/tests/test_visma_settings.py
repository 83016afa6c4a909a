"""Settings that the other tests leave at their default: each is moved, and something else happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from erpcore_visma_eaccounting.simulator import Behaviour
from erpcore_visma_eaccounting.simulator.seed import CODING_6, CODING_12

from erpcore.hookspecs import Context
from erpcore.host import SYSTEM_CLOCK, MemoryBudget
from erpcore.models import Article, Invoice, InvoiceRow

SEED = {
    "customers": [{"Name": "Kund AB", "CustomerNumber": "1"}],
    "articles": [{"Number": "S-1", "Name": "Stol", "NetPrice": 100, "GrossPrice": 125}],
}


@pytest.mark.parametrize(("days", "found"), [(10, True), (2, False)])
def test_how_far_a_payment_may_be_dated_back(connect: Any, days: int, *, found: bool) -> None:
    company = connect(Behaviour(payment_moves_modified=False), overlap_seconds=0, settlement_days=days)
    company.simulator.seed(SEED)
    rows = (InvoiceRow(article_number="S-1", quantity=Decimal(2), unit_price=Decimal(100)),)
    made = company.connection.create_invoice(Invoice(customer_number="1", rows=rows), Context("test", reference="k-1"))
    number = company.simulator.book_draft(str(made.key))
    company.simulator.pay_invoice(number)
    since = datetime.now(UTC) + timedelta(days=5)
    page = company.connection.fetch_invoices(since, None, company.context)
    read = list(page.items)
    while page.next_cursor is not None:
        page = company.connection.fetch_invoices(since, page.next_cursor, company.context)
        read += page.items
    assert [each.number for each in read] == ([str(number)] if found else [])


@pytest.mark.parametrize(("percent", "coding"), [(12, CODING_12), (6, CODING_6), (6.0, CODING_6)])
def test_the_rate_of_articles_that_show_none(connect: Any, percent: Any, coding: str) -> None:
    company = connect(article_vat_percent=percent)
    company.connection.create_article(Article(number="A-1", description="Bord", price=Decimal(100)), company.context)
    held = company.record("articles", Number="A-1")
    assert held["CodingId"] == coding
    assert held["GrossPrice"] == pytest.approx(100 + float(percent))


def test_when_a_record_is_believed_to_be_found(connect: Any) -> None:
    for settings, seconds in (({}, 10.0), ({"fence_seconds": 25.0}, 25.0)):
        effects = connect(**settings).connection.plugin.effects
        assert {effects[hook].fence_seconds for hook in ("create_customer", "create_order", "create_article")} == {
            seconds
        }


class _Counting(MemoryBudget):
    """A budget that tells how long the windows are that it was asked for."""

    def __init__(self) -> None:
        super().__init__(SYSTEM_CLOCK)
        self.windows: set[float] = set()

    def acquire(self, key: str, limit: int, seconds: float, *, longest_wait: float = 30.0) -> float:
        self.windows.add(seconds)
        return super().acquire(key, limit, seconds, longest_wait=longest_wait)


@pytest.mark.parametrize(
    ("settings", "window"), [({}, 60.5), ({"window_margin_seconds": 2.0, "window_seconds": 30.0}, 32.0)]
)
def test_the_window_of_requests_and_its_margin(connect: Any, settings: dict[str, float], window: float) -> None:
    budget = _Counting()
    company = connect(budget=budget, **settings)
    company.connection.list_register("unit", company.context)
    assert budget.windows == {window}
