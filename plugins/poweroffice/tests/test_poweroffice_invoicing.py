"""From order to invoice: asked for once, waited for, and told in words when it does not work."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from erpcore_poweroffice.simulator import Behaviour, sending

from erpcore.connection import ErpConnection
from erpcore.errors import ConflictError, NotFoundError, OutcomeUnknownError, PermissionDeniedError, RejectedError
from erpcore.hookspecs import Context
from erpcore.host import SYSTEM_CLOCK
from erpcore.models import DocumentQuery, Order, OrderRow, Ref
from erpcore.plugin import EffectKind
from erpcore.simulator import Fault

KEY = Context("test", reference="lime-order-1")
ORDER = Order(
    customer_number="10001",
    rows=(OrderRow(article_number="S-1", quantity=Decimal(2), unit_price=Decimal(100)),),
)


def asked_to_send(company: Any) -> int:
    return len([line for line in company.asked() if line.endswith("/CreateAndSendInvoice")])


def sends(kind: str, **more: Any) -> Fault:
    """A fault that strikes the request to send."""
    return Fault(kind, method="POST", path="/v2/SalesOrders/[^/]+/CreateAndSendInvoice", **more)


@pytest.mark.parametrize("form", ["array", "object"])
@pytest.mark.parametrize("unsent", ["record", "no_content"])
def test_an_order_becomes_an_invoice_and_tells_its_number(furnish: Any, form: Any, unsent: Any) -> None:
    company = furnish(Behaviour(sent_state_form=form, unsent_state=unsent, sending_seconds=0.02))
    order = company.connection.create_order(ORDER, KEY)
    ref = company.connection.convert_to_invoice(Ref(number=order.number), company.context)
    assert ref.number
    assert (ref.key, ref.total) == (order.key, Decimal(250))
    (made,) = company.connection.find_orders(DocumentQuery(number=order.number), company.context)
    assert (made.invoices, made.reference, made.total) == ((Ref(number=ref.number),), "lime-order-1", Decimal(250))
    (by_key,) = company.connection.find_orders(DocumentQuery(reference="lime-order-1"), company.context)
    assert by_key.number == order.number


def test_by_default_nothing_is_delivered_to_the_customer(furnished: Any) -> None:
    order = furnished.connection.create_order(ORDER, KEY)
    furnished.connection.convert_to_invoice(Ref(number=order.number), furnished.context)
    (sending,) = furnished.simulator.books.sendings.values()
    assert sending.wanted["DeliveryType"] == "PdfPrintForDownload"


def test_an_order_that_is_an_invoice_already_is_told_with_its_number(furnished: Any) -> None:
    order = furnished.connection.create_order(ORDER, KEY)
    ref = furnished.connection.convert_to_invoice(Ref(number=order.number), furnished.context)
    furnished.asked()
    with pytest.raises(ConflictError, match=f"invoice {ref.number} before"):
        furnished.connection.convert_to_invoice(Ref(number=order.number), furnished.context)
    assert asked_to_send(furnished) == 0
    # The key stays taken, and the answer to another attempt at the order is the order that became the invoice.
    assert furnished.connection.create_order(ORDER, KEY).number == order.number


def test_an_order_that_is_not_there_is_told(furnish: Any) -> None:
    company = furnish(fence_seconds=0)
    with pytest.raises(NotFoundError, match="no order 4711"):
        company.connection.convert_to_invoice(Ref(number="4711"), company.context)


def test_an_order_that_was_just_made_is_waited_for_when_reading_lags_behind(furnish: Any) -> None:
    company = furnish(Behaviour(replica_seconds=0.3, sending_seconds=0.02), fence_seconds=0.8)
    order = company.connection.create_order(ORDER, KEY)
    assert company.connection.convert_to_invoice(Ref(number=order.number), company.context).number


def test_a_missing_privilege_is_told_as_such(furnished: Any) -> None:
    order = furnished.connection.create_order(ORDER, KEY)
    furnished.simulator.books.integration.may_send = False
    with pytest.raises(PermissionDeniedError, match="lacks a privilege") as caught:
        furnished.connection.convert_to_invoice(Ref(number=order.number), furnished.context)
    assert "required privileges to send invoices" in str(caught.value)
    (still,) = furnished.connection.find_orders(DocumentQuery(number=order.number), furnished.context)
    assert not still.invoices


def test_what_poweroffice_fails_on_is_told_in_its_words_and_can_be_tried_again(furnished: Any) -> None:
    order = furnished.connection.create_order(ORDER, KEY)
    furnished.simulator.faults.add(sends("sending_fails"))
    with pytest.raises(RejectedError, match="could not turn order") as caught:
        furnished.connection.convert_to_invoice(Ref(number=order.number), furnished.context)
    assert caught.value.vendor_text
    ref = furnished.connection.convert_to_invoice(Ref(number=order.number), furnished.context)
    assert ref.number


def test_invoicing_that_takes_too_long_is_unknown_and_then_waited_for_without_asking_again(furnish: Any) -> None:
    company = furnish(Behaviour(sending_seconds=100))
    order = company.connection.create_order(ORDER, KEY)
    with pytest.raises(OutcomeUnknownError, match="has not done it"):
        company.connection.convert_to_invoice(Ref(number=order.number), company.context)
    assert asked_to_send(company) == 1
    with pytest.raises(OutcomeUnknownError):
        company.connection.convert_to_invoice(Ref(number=order.number), company.context)
    assert asked_to_send(company) == 0
    company.simulator.clock.advance(101)
    (made,) = company.connection.find_orders(DocumentQuery(number=order.number), company.context)
    (made_of_it,) = made.invoices
    with pytest.raises(ConflictError, match=f"invoice {made_of_it.number}"):
        company.connection.convert_to_invoice(Ref(number=order.number), company.context)


@pytest.mark.parametrize("kind", ["lose_answer", "error_after", "garbage", "html"])
def test_a_request_whose_answer_is_lost_makes_one_invoice(furnish: Any, kind: str) -> None:
    company = furnish(Behaviour(sending_seconds=0.02))
    order = company.connection.create_order(ORDER, KEY)
    company.simulator.faults.add(sends(kind))
    try:
        first = company.connection.convert_to_invoice(Ref(number=order.number), company.context).number
    except OutcomeUnknownError:
        with suppress(ConflictError):
            company.connection.convert_to_invoice(Ref(number=order.number), company.context)
        (made,) = company.connection.find_orders(DocumentQuery(number=order.number), company.context)
        first = made.invoices[0].number
    assert first
    assert len(company.simulator.state()["invoices"]) == 1
    assert asked_to_send(company) == 1


def test_a_state_that_cannot_be_asked_is_an_unknown_outcome_and_no_refusal(furnish: Any) -> None:
    company = furnish(Behaviour(sending_seconds=5), sent_state_waits=[0.01])
    order = company.connection.create_order(ORDER, KEY)
    plugin = company.connection.plugin

    def forbid(_seconds: float) -> None:
        # Between the request and the first question for its result.
        company.simulator.books.integration.privileges = ()

    host = replace(company.host, clock=replace(SYSTEM_CLOCK, sleep=forbid))
    forbidden = ErpConnection(type(plugin)(plugin.settings, host))
    with closing(forbidden), pytest.raises(OutcomeUnknownError, match="could not be asked"):
        forbidden.convert_to_invoice(Ref(number=order.number), company.context)


def test_the_fence_covers_the_time_that_is_waited_for_the_invoice(furnish: Any) -> None:
    effect = furnish(sent_state_waits=[1, 2], fence_seconds=4).connection.effect("convert_to_invoice")
    assert (effect.kind, effect.fence_seconds) == (EffectKind.NATIVE_KEY, 7)


@pytest.mark.parametrize(("old_for", "made"), [(2, True), (99, False)])
def test_the_problem_of_an_earlier_request_is_not_taken_for_an_answer_to_this_one(
    furnished: Any, monkeypatch: pytest.MonkeyPatch, old_for: int, made: bool
) -> None:
    """A queue that takes its time shows what the request before came to; an order told as failed would be invoiced."""
    order = furnished.connection.create_order(ORDER, KEY)
    furnished.simulator.faults.add(sends("sending_fails"))
    with pytest.raises(RejectedError) as caught:
        furnished.connection.convert_to_invoice(Ref(number=order.number), furnished.context)
    present, asked = sending._state, []

    def late(books: Any, order_id: str) -> Any:
        asked.append(order_id)
        state = present(books, order_id)
        old = {"IsInvoiceBeingProcessed": False, "LastErrorMessage": caught.value.vendor_text}
        return (
            {**state, **old, "SentDateTimeOffset": None, "InvoiceNo": None} if 1 < len(asked) <= 1 + old_for else state
        )

    monkeypatch.setattr(sending, "_state", late)
    if made:
        assert furnished.connection.convert_to_invoice(Ref(number=order.number), furnished.context).number
    else:
        with pytest.raises(RejectedError, match="could not turn order"):
            furnished.connection.convert_to_invoice(Ref(number=order.number), furnished.context)
        assert len(asked) == 1 + 4, "as often as sent_state_waits says"
