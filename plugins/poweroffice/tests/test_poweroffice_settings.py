"""Settings that the other tests leave at their default: each is moved, and something else happens."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from erpcore_poweroffice.auth import rate_limit
from erpcore_poweroffice.settings import PowerOfficeSettings

from erpcore.hookspecs import Context
from erpcore.models import Customer, Order, OrderRow, Ref

KEYS = {"application_key": "a", "client_key": "b", "subscription_key": "c"}


@pytest.mark.parametrize("delivery_type", ["PdfPrintForDownload", "PdfByEmail", "Auto"])
def test_how_an_invoice_is_delivered(furnish: Any, delivery_type: str) -> None:
    company = furnish(delivery_type=delivery_type)
    inbox = Customer(invoice_email="faktura@fjord.example")
    company.connection.update_customer(Ref(number="10001"), inbox, company.context)
    rows = (OrderRow(article_number="S-1", quantity=Decimal(2), unit_price=Decimal(100)),)
    order = company.connection.create_order(Order(customer_number="10001", rows=rows), Context("test", reference="k"))
    company.connection.convert_to_invoice(Ref(number=order.number), company.context)
    (sent,) = company.simulator.books.sendings.values()
    assert sent.wanted["DeliveryType"] == delivery_type


def test_the_window_of_requests_and_its_margin() -> None:
    usual = rate_limit(PowerOfficeSettings.model_validate(KEYS))
    assert (usual.limit, usual.seconds, usual.margin) == (10, 1.0, 0.02)
    told = {"requests_per_window": 5, "window_seconds": 2.0, "window_margin_seconds": 0.5}
    moved = rate_limit(PowerOfficeSettings.model_validate(KEYS | told))
    assert (moved.limit, moved.seconds, moved.margin) == (5, 2.0, 0.5)


@pytest.mark.parametrize(("overlap", "found"), [(0.0, False), (7200.0, True)])
def test_how_far_back_a_question_for_changes_goes(furnish: Any, overlap: float, *, found: bool) -> None:
    company = furnish(overlap_seconds=overlap)
    company.simulator.clock.advance(3600)
    since = company.simulator.clock.now()
    page = company.connection.fetch_articles(since, None, company.context)
    assert bool(page.items) is found
    assert since > datetime(2020, 1, 1, tzinfo=UTC)
