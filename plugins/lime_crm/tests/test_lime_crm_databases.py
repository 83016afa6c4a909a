"""Invoices of several ERP databases, whose numbers may be the same, stored in one Lime CRM."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from erpcore_lime_crm.simulator import LimeCrmSimulator

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.errors import ConflictError
from erpcore.models import Invoice, WriteBack

CONTEXT = Context(correlation_id="test")
Connect = Callable[..., CrmConnection]


def invoice(**values: Any) -> Invoice:
    told: dict[str, Any] = {
        "number": "90001",
        "customer_number": "10001",
        "total": Decimal("125.00"),
        "balance": Decimal("125.00"),
        "booked": True,
        "order_number": "4711",
    }
    return Invoice.model_validate(told | values)


def numbered(lime: LimeCrmSimulator, crm: CrmConnection, company: str, **values: Any) -> int:
    order = lime.add_order(company, **values)
    told = {"record_kind": "order", "record_id": str(order.id), "order_number": "4711"}
    crm.write_back(WriteBack.model_validate(told), CONTEXT)
    return order.id


def test_an_invoice_is_not_tied_to_another_customer_s_order_of_the_same_number(
    lime: LimeCrmSimulator, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    crm = connect()
    others = numbered(lime, crm, "Sundet Handel AS", customer_number="20002", erp_db="2")
    stored = crm.store_invoice(invoice(), CONTEXT)
    assert lime.object("order", others).values["invoice"] is None, "that order's invoice is another one"
    assert (
        lime.object("invoice", int(stored.key or 0)).values["company"] == lime.object("company", "Fjellvik Bygg AS").id
    )
    assert f"not tied to order {others}" in caplog.text


@pytest.mark.parametrize("copied", ["10001", ""])
def test_of_two_orders_with_one_number_the_customer_s_own_is_tied(
    lime: LimeCrmSimulator, connect: Connect, copied: str
) -> None:
    crm = connect()
    others = numbered(lime, crm, "Sundet Handel AS", customer_number="", erp_db="2")
    ours = numbered(lime, crm, "Fjellvik Bygg AS", customer_number=copied)
    stored = crm.store_invoice(invoice(), CONTEXT)
    assert lime.object("order", ours).values["invoice"] == int(stored.key or 0)
    assert lime.object("order", others).values["invoice"] is None


@pytest.mark.parametrize("told", [("99", "100", "99"), ("100", "99")], ids=["in-turn", "the-newest-first"])
def test_an_order_of_several_invoices_is_tied_to_the_newest_whichever_is_told_last(
    lime: LimeCrmSimulator, connect: Connect, told: tuple[str, ...]
) -> None:
    crm = connect()
    order = numbered(lime, crm, "Fjellvik Bygg AS", customer_number="10001")
    stored = {number: crm.store_invoice(invoice(number=number), CONTEXT).key for number in told}
    assert lime.object("order", order).values["invoice"] == int(stored["100"] or 0)


def test_an_order_stays_tied_to_its_invoice_when_a_credit_note_of_it_comes(
    lime: LimeCrmSimulator, connect: Connect
) -> None:
    crm = connect()
    order = numbered(lime, crm, "Fjellvik Bygg AS", customer_number="10001")
    credited = crm.store_invoice(invoice(number="99"), CONTEXT)
    crm.store_invoice(invoice(number="100", kind="credit", total=Decimal(-125), balance=Decimal(-125)), CONTEXT)
    assert lime.object("order", order).values["invoice"] == int(credited.key or 0)
    crm.store_invoice(invoice(number="99", cancelled=True), CONTEXT)
    again = crm.store_invoice(invoice(number="98"), CONTEXT)
    assert lime.object("order", order).values["invoice"] == int(again.key or 0), "a cancelled one gives way"


def test_an_order_that_became_a_credit_note_is_tied_to_it(lime: LimeCrmSimulator, connect: Connect) -> None:
    crm = connect()
    order = numbered(lime, crm, "Fjellvik Bygg AS", customer_number="10001")
    note = crm.store_invoice(invoice(kind="credit", total=Decimal(-125), balance=Decimal(-125)), CONTEXT)
    assert lime.object("order", order).values["invoice"] == int(note.key or 0)


def test_an_order_that_is_invoiced_to_another_company_s_number_is_tied(
    lime: LimeCrmSimulator, connect: Connect
) -> None:
    crm = connect()
    order = numbered(lime, crm, "Sundet Handel AS", customer_number="10001")
    stored = crm.store_invoice(invoice(), CONTEXT)
    assert lime.object("order", order).values["invoice"] == int(stored.key or 0), "its own customer number says so"


def test_an_invoice_of_another_database_is_not_written_over_one_of_the_same_number(
    lime: LimeCrmSimulator, connect: Connect
) -> None:
    crm = connect()
    stored = crm.store_invoice(invoice(), CONTEXT)
    with pytest.raises(ConflictError, match="to customer 10001 already; this one is to customer 20002"):
        crm.store_invoice(invoice(customer_number="20002", total=Decimal(7), balance=Decimal(7)), CONTEXT)
    held = lime.object("invoice", int(stored.key or 0)).values
    assert (held["customerid"], held["invoice_total_sum"]) == ("10001", Decimal(125))
    crm.store_invoice(invoice(balance=Decimal(0)), CONTEXT)
    assert held["paid"] is True
