"""Invoices and payments, brought home."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from erpcore.errors import InvalidValueError
from erpcore.hookspecs import Context
from erpcore.models import DocumentQuery, Invoice, Order, OrderRow, Ref

ROWS = (
    OrderRow(description="Takk for sist"),
    OrderRow(article_number="S-1", quantity=Decimal(2), unit_price=Decimal(100), discount_percent=Decimal(10)),
)


def invoiced(company: Any, key: str = "lime-order-1", **fields: Any) -> str:
    """Make an order and have it turned into an invoice; return the invoice's number."""
    order = Order(customer_number="10001", rows=ROWS, **fields)
    number = company.connection.create_order(order, Context("test", reference=key)).number
    return str(company.connection.convert_to_invoice(Ref(number=number), company.context).number)


def only(company: Any, **query: str) -> Invoice:
    (found,) = company.connection.find_invoices(DocumentQuery(**query), company.context)
    assert isinstance(found, Invoice)
    return found


def everything(company: Any, since: Any) -> list[Invoice]:
    items, cursor = [], None
    while True:
        page = company.connection.fetch_invoices(since, cursor, company.context)
        items += page.items
        if (cursor := page.next_cursor) is None:
            return items


def test_an_invoice_comes_home_with_what_other_registers_know_of_it(furnished: Any) -> None:
    employee = furnished.employee()
    number = invoiced(furnished, our_reference=str(employee["Number"]), your_reference="Kari")
    invoice = only(furnished, number=number)
    assert invoice.customer_name == "Fjord AS"
    assert invoice.our_reference == f"{employee['FirstName']} {employee['LastName']}"
    assert (invoice.your_reference, invoice.reference, invoice.kind) == ("Kari", "lime-order-1", "invoice")
    assert (invoice.net, invoice.vat, invoice.total) == (Decimal(180), Decimal(45), Decimal(225))
    assert (invoice.booked, invoice.sent, invoice.balance) == (True, True, Decimal(225))
    assert invoice.payment_date is None
    assert invoice.rows is not None
    text, row = invoice.rows
    assert text.is_text
    assert (row.article_number, row.quantity, row.vat_percent, row.discount_percent, row.amount) == (
        "S-1",
        Decimal(2),
        Decimal(25),
        Decimal(10),
        Decimal(180),
    )


def test_an_invoice_is_found_by_our_key_too(furnished: Any) -> None:
    number = invoiced(furnished)
    assert only(furnished, reference="lime-order-1").number == number
    assert only(furnished, reference="lime-order-1", number=number).number == number
    for query in ({"number": "1"}, {"number": "F-1"}, {"reference": "lime-order"}, {}):
        assert furnished.connection.find_invoices(DocumentQuery(**query), furnished.context) == []


def test_part_payment_then_the_rest_then_its_day(furnished: Any) -> None:
    number = invoiced(furnished)
    furnished.pay(number, Decimal(100), date(2026, 11, 25))
    invoice = only(furnished, number=number)
    assert (invoice.balance, invoice.payment_date) == (Decimal(125), None)
    furnished.pay(number, Decimal(125), date(2026, 11, 30))
    invoice = only(furnished, number=number)
    assert (invoice.balance, invoice.payment_date) == (Decimal(0), date(2026, 11, 30))
    assert invoice.state(date(2026, 12, 31)) == "paid"


def test_an_invoice_that_is_not_paid_in_full_says_that_it_has_no_day_of_payment(furnished: Any) -> None:
    """Left out, the day that was shown before would stay: a payment that is taken back would leave the invoice paid."""
    invoice = only(furnished, number=invoiced(furnished))
    assert (invoice.shown("payment_date"), invoice.payment_date) == (True, None)


def test_an_invoice_that_was_written_off_is_paid_without_a_day(furnished: Any) -> None:
    number = invoiced(furnished)
    furnished.pay(number, None, date(2026, 11, 25), write_off=True)
    invoice = only(furnished, number=number)
    assert (invoice.balance, invoice.payment_date) == (Decimal(0), None)


def test_invoices_in_foreign_currency_show_their_balance_in_it(furnished: Any) -> None:
    furnished.simulator.books.settings["rates"] = {"EUR": Decimal("11.5")}
    number = invoiced(furnished, currency="EUR")
    invoice = only(furnished, number=number)
    assert (invoice.currency, invoice.total, invoice.balance) == ("EUR", Decimal(225), Decimal(225))
    furnished.pay(number, Decimal("1293.75"), date(2026, 11, 25))
    assert only(furnished, number=number).balance == Decimal("112.50")


def test_a_payment_brings_an_old_invoice_home_again(furnish: Any) -> None:
    company = furnish(detailed_page_size=2)
    numbers = [invoiced(company, f"key-{index}") for index in range(5)]
    first = everything(company, None)
    assert [invoice.number for invoice in first] == numbers
    company.simulator.clock.advance(7200)
    since = company.simulator.clock.now() - timedelta(minutes=30)
    assert everything(company, since) == []
    company.pay(numbers[1], None, date(2026, 11, 30))
    (paid,) = everything(company, since)
    assert (paid.number, paid.balance) == (numbers[1], Decimal(0))
    new = invoiced(company, "key-new")
    assert {invoice.number for invoice in everything(company, since)} == {numbers[1], new}


def test_an_invoice_that_a_person_sent_comes_home_like_any_other(furnished: Any) -> None:
    order = Order(customer_number="10001", rows=ROWS)
    number = furnished.connection.create_order(order, Context("test", reference="by-hand")).number
    furnished.send_by_hand(number)
    (made,) = furnished.connection.find_orders(DocumentQuery(number=number), furnished.context)
    assert [each.number for each in made.invoices] == [only(furnished, reference="by-hand").number]


def test_without_rows_an_invoice_costs_no_request_of_its_own(furnish: Any) -> None:
    company = furnish(invoice_rows=False)
    number = invoiced(company)
    company.asked()
    invoice = only(company, number=number)
    assert not invoice.shown("rows")
    assert not any("Lines" in line for line in company.asked())


@pytest.mark.parametrize("cursor", ["balance:0", "balance:x", "2nd"])
def test_a_cursor_that_is_none_is_told(furnished: Any, cursor: str) -> None:
    with pytest.raises(InvalidValueError, match="no cursor"):
        furnished.connection.fetch_invoices(furnished.simulator.clock.now(), cursor, furnished.context)


def test_a_cursor_of_changes_needs_the_question_for_changes(furnished: Any) -> None:
    with pytest.raises(InvalidValueError, match="question for changes"):
        furnished.connection.fetch_invoices(None, "balance:1", furnished.context)
