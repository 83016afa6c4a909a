"""When the network or Fortnox fails: a write is never repeated blindly, and what became of it can be found out."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from erpcore_fortnox.simulator import FortnoxSimulator

from erpcore.errors import MalformedReplyError, OutcomeUnknownError, RateLimitedError, UnavailableError
from erpcore.hookspecs import Context
from erpcore.models import Customer, CustomerQuery, DocumentQuery, Order, OrderRow, Ref
from erpcore.plugin import EffectKind
from erpcore.simulator import Fault

KEY = Context("test", reference="lime:1:order:1")
ORDER = Order(customer_number="1", rows=(OrderRow(description="x", quantity=Decimal(1), unit_price=Decimal(100)),))


@pytest.fixture
def company(connect: Any, request: pytest.FixtureRequest) -> Any:
    """A company; impatient where the test's fault is an answer that does not come."""
    fault = getattr(request.node, "callspec", None) and request.node.callspec.params.get("fault")
    options = {"request_seconds": 1.0} if fault and fault.kind == "slow" else {}
    simulator = FortnoxSimulator(rate_limit=None)
    simulator.seed({"customers": [{"Name": "Kund"}]})
    return connect(simulator, **options)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("lose_answer", method="POST", path="/3/orders"),
        Fault("error_after", method="POST", path="/3/orders"),
        Fault("error_after", method="POST", path="/3/orders", status=502, form="html"),
        Fault("slow", method="POST", path="/3/orders", seconds=600),
        Fault("garbage", method="POST", path="/3/orders"),
        Fault("empty", method="POST", path="/3/orders"),
        Fault("html", method="POST", path="/3/orders"),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.form}",
)
def test_an_order_whose_answer_is_lost_is_unknown_sent_once_and_found_by_our_key(company: Any, fault: Fault) -> None:
    company.simulator.faults.add(fault)
    with pytest.raises(OutcomeUnknownError) as caught:
        company.connection.create_order(ORDER, KEY)
    assert not caught.value.retryable
    assert "looked up" in str(caught.value)
    company.simulator.held.release()
    assert company.asked() == ["POST orders"]
    (found,) = company.connection.find_orders(DocumentQuery(reference=KEY.reference), company.context)
    assert found.number == "1"


def test_an_order_that_met_an_error_before_anything_was_done_is_unknown_too(company: Any) -> None:
    company.simulator.faults.add(Fault("error_before", method="POST", path="/3/orders", status=503))
    with pytest.raises(OutcomeUnknownError):
        company.connection.create_order(ORDER, KEY)
    assert company.connection.find_orders(DocumentQuery(reference=KEY.reference), company.context) == []


def test_a_change_of_a_customer_is_repeated_by_itself(company: Any) -> None:
    company.simulator.faults.add(Fault("lose_answer", method="PUT"))
    company.connection.update_customer(Ref(number="1"), Customer(name="Ek"), company.context)
    assert company.asked() == ["PUT customers/1", "PUT customers/1"]


def test_a_read_is_repeated_by_itself_and_then_told_as_out_of_reach(company: Any) -> None:
    company.simulator.faults.add(Fault("error_before", method="GET", status=503, form="html"))
    query = CustomerQuery(number="1")
    assert len(company.connection.find_customers(query, company.context)) == 1
    company.simulator.faults.add(Fault("error_before", method="GET", times=3))
    with pytest.raises(UnavailableError):
        company.connection.find_customers(query, company.context)


def test_an_answer_in_an_unknown_form_is_told_and_not_guessed_at(company: Any) -> None:
    company.simulator.faults.add(Fault("html", method="GET"))
    with pytest.raises(MalformedReplyError, match="web page"):
        company.connection.find_customers(CustomerQuery(number="1"), company.context)


def test_nobody_listening_means_that_nothing_was_sent(connect: Any) -> None:
    company = connect(base_url="http://127.0.0.1:9")
    with pytest.raises(UnavailableError, match="Nothing was changed") as caught:
        company.connection.create_order(ORDER, KEY)
    assert caught.value.retryable


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0.1"}])
def test_a_429_is_waited_out_with_and_without_retry_after(company: Any, headers: dict[str, str]) -> None:
    company.simulator.faults.add(Fault("too_many_requests", method="POST", path="/3/orders", headers=headers))
    assert company.connection.create_order(ORDER, KEY).number == "1"
    assert company.asked() == ["POST orders", "POST orders"]


def test_a_429_that_lasts_is_told_with_the_vendors_time(company: Any) -> None:
    company.simulator.faults.add(Fault("too_many_requests", path="/3/orders", headers={"Retry-After": "600"}))
    with pytest.raises(RateLimitedError) as caught:
        company.connection.create_order(ORDER, KEY)
    assert caught.value.retry_after == 600


def test_the_budget_keeps_within_fortnoxs_window(connect: Any) -> None:
    simulator = FortnoxSimulator(rate_limit=6, rate_seconds=0.4)
    company = connect(simulator, requests_per_window=6, window_seconds=0.4, window_margin_seconds=0.05)
    for _ in range(20):
        company.connection.find_customers(CustomerQuery(number="1"), company.context)
    statuses = {entry.status for entry in simulator.journal.entries("GET")}
    assert statuses == {404}


def test_a_new_order_that_searches_do_not_show_yet_is_why_there_is_a_fence(connect: Any) -> None:
    company = connect(fence_seconds=25)
    company.simulator.seed({"customers": [{"Name": "Kund"}]})
    company.simulator.faults.add(Fault("index_lag", method="POST", path="/3/orders", seconds=20))
    company.connection.create_order(ORDER, KEY)
    query = DocumentQuery(reference=KEY.reference)
    assert company.connection.find_orders(query, company.context) == []
    effect = company.connection.effect("create_order")
    assert effect.kind is EffectKind.SEARCHABLE_REFERENCE
    company.simulator.clock.advance(effect.fence_seconds)
    assert len(company.connection.find_orders(query, company.context)) == 1


def test_every_write_declares_how_a_repeat_is_kept_harmless(company: Any) -> None:
    writes = list(company.connection.plugin.effects)
    assert all(company.connection.can(name) for name in writes)
    assert {company.connection.effect(name).kind for name in writes} >= {
        EffectKind.SEARCHABLE_REFERENCE,
        EffectKind.BUSINESS_KEY,
        EffectKind.NATIVE_KEY,
    }
    assert all(company.connection.effect(name).why for name in writes)


def test_a_value_in_a_form_that_nobody_expects_is_told(company: Any) -> None:
    company.connection.create_order(ORDER, KEY)
    company.simulator.books.orders["1"].values["OrderDate"] = "i går"
    with pytest.raises(MalformedReplyError, match="order 1: The system shows it in a form that is not known"):
        company.connection.find_orders(DocumentQuery(number="1"), company.context)


def test_a_moment_in_any_zone_is_asked_for_in_swedish_time(company: Any) -> None:
    company.connection.fetch_articles(datetime(2026, 6, 1, 12, 0, tzinfo=UTC), None, company.context)
    (asked,) = company.simulator.journal.entries("GET", "/3/articles")
    assert "lastmodified=2026-06-01+13%3A58%3A00" in asked.query
