"""Turning orders into invoices: a draft that names its order, or Visma's own way that books at once."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import pytest
from erpcore_visma_eaccounting.simulator import Behaviour

from erpcore.errors import ConflictError, InvalidValueError, NotFoundError, OutcomeUnknownError, RejectedError
from erpcore.hookspecs import Context
from erpcore.models import DocumentQuery, Order, OrderRow, Ref
from erpcore.simulator import Fault
from plugins.visma_eaccounting.tests.conftest import Company

ROWS = (
    OrderRow(article_number="S-1", quantity=Decimal("2.5"), unit_price=Decimal(80), discount_percent=Decimal(10)),
    OrderRow(description="Port 7"),
)
SEED = {
    "customers": [{"Name": "Kund AB", "CustomerNumber": "1"}],
    "articles": [{"Number": "S-1", "Name": "Stol", "NetPrice": 100, "GrossPrice": 125}],
}


def furnished(connect: Any, behaviour: Behaviour | None = None, **settings: Any) -> Company:
    company: Company = connect(behaviour, **settings)
    company.simulator.seed(dict(SEED))
    return company


def ordered(company: Company, **fields: Any) -> str:
    order = Order(customer_number="1", rows=ROWS, your_reference="Anna", **fields)
    return company.connection.create_order(order, Context("t", reference="k-1")).number


def seeded_order(company: Company, **members: Any) -> str:
    """An order that a person made in Visma."""
    customer, article = company.record("customers"), company.record("articles")
    row = {"ArticleId": article["Id"], "IsTextRow": False, "IsWorkCost": False, "LineNumber": 1, "Quantity": 1}
    row |= {"EligibleForReverseChargeOnVat": False, "UnitPrice": 100, **members.pop("row", {})}
    least = {
        "CustomerId": customer["Id"],
        "CurrencyCode": "SEK",
        "OrderDate": "2026-11-20",
        "Status": 2,
        "EuThirdParty": False,
        "RotReducedInvoicingType": 0,
        "ReverseChargeOnConstructionServices": False,
        "Rows": [row],
    }
    company.simulator.seed({"orders": [{**least, **members}]})
    order = company.simulator.state()["orders"][-1]
    return str(order["Number"] or order["Id"])


def test_an_order_becomes_a_draft_that_a_person_books(company: Company) -> None:
    number = ordered(company)
    made = company.connection.convert_to_invoice(Ref(number=number), company.context)
    draft = company.record("customerinvoicedrafts")
    assert (made.number, made.key, made.total) == (draft["Id"], draft["Id"], 225)
    assert [row["Text"] for row in draft["Rows"]] == ["Stol", "Port 7", "Ref: k-1", "Order 1"]
    assert draft["YourReference"] == "Anna"
    assert company.record("orders")["Status"] == 4
    for query in (DocumentQuery(number=draft["Id"]), DocumentQuery(reference="k-1")):
        (invoice,) = company.connection.find_invoices(query, company.context)
        assert (invoice.number, invoice.order_number, invoice.reference) == (draft["Id"], "1", "k-1")
        assert (invoice.booked, invoice.total, len(invoice.rows or ())) == (False, 225, 2)


def test_a_booked_draft_is_found_by_its_id_by_our_key_and_by_its_order(company: Company) -> None:
    made = company.connection.convert_to_invoice(Ref(number=ordered(company)), company.context)
    company.simulator.book_draft(made.number)
    for query in (DocumentQuery(number=made.number), DocumentQuery(reference="k-1"), DocumentQuery(number="1001")):
        (invoice,) = company.connection.find_invoices(query, company.context)
        assert (invoice.number, invoice.booked, invoice.order_number) == ("1001", True, "1")
    (order,) = company.connection.find_orders(DocumentQuery(number="1"), company.context)
    assert order.invoices == (Ref(number="1001"),)
    with pytest.raises(ConflictError, match="invoice 1001"):
        company.connection.convert_to_invoice(Ref(number="1"), company.context)


def test_an_order_can_be_left_open_and_is_not_invoiced_twice(connect: Any) -> None:
    company = furnished(connect, order_after_draft="left")
    made = company.connection.convert_to_invoice(Ref(number=ordered(company)), company.context)
    assert company.record("orders")["Status"] == 2
    with pytest.raises(ConflictError, match=made.number):
        company.connection.convert_to_invoice(Ref(number="1"), company.context)
    assert len(company.simulator.state()["customerinvoicedrafts"]) == 1


@pytest.mark.parametrize("put", ["ignored", "refused"])
def test_a_state_that_visma_does_not_take_loses_no_draft(connect: Any, put: Any, caplog: Any) -> None:
    company = furnished(connect, Behaviour(order_status_by_put=put))
    with caplog.at_level(logging.WARNING):
        made = company.connection.convert_to_invoice(Ref(number=ordered(company)), company.context)
    assert made.number == company.record("customerinvoicedrafts")["Id"]
    assert ("is not marked" in caplog.text) is (put == "refused")


def test_an_order_that_was_not_marked_is_marked_when_its_draft_is_there(company: Company) -> None:
    number = ordered(company)
    company.simulator.faults.add(Fault("error_before", path=r".*/orders/.+", method="PUT", status=503, times=None))
    with pytest.raises(OutcomeUnknownError):
        company.connection.convert_to_invoice(Ref(number=number), company.context)
    assert company.record("orders")["Status"] == 2
    company.simulator.faults.clear()
    for _ in range(2):
        with pytest.raises(ConflictError, match="was made into"):
            company.connection.convert_to_invoice(Ref(number=number), company.context)
        assert company.record("orders")["Status"] == 4
    assert len(company.simulator.state()["customerinvoicedrafts"]) == 1


def test_an_order_that_a_person_made_is_turned_too(company: Company) -> None:
    number = seeded_order(company)
    made = company.connection.convert_to_invoice(Ref(number=number), company.context)
    (order,) = company.connection.find_orders(DocumentQuery(number=number), company.context)
    assert (order.invoices, order.reference) == ((Ref(number=made.number, key=made.key),), None)


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"Status": 1}, "is a draft"),
        ({"RotReducedInvoicingType": 1}, "house work"),
        ({"CurrencyCode": "EUR"}, "EUR"),
        ({"row": {"Quantity": 1.234}}, "two decimals"),
        ({"row": {"Quantity": 2, "DeliveredQuantity": 1}}, "in part"),
    ],
)
def test_what_a_draft_cannot_say_is_left_to_a_person(company: Company, members: Any, why: str) -> None:
    number = seeded_order(company, **members)
    with pytest.raises(InvalidValueError, match=why):
        company.connection.convert_to_invoice(Ref(number=number), company.context)
    assert company.simulator.state()["customerinvoicedrafts"] == []


def test_an_order_that_is_not_there_is_not_found(company: Company) -> None:
    for number in ("404", "no number", "38fe43cc-c843-48e0-9efe-fa7b262a8191"):
        assert list(company.connection.find_orders(DocumentQuery(number=number), company.context)) == []
        with pytest.raises(NotFoundError):
            company.connection.convert_to_invoice(Ref(number=number), company.context)


@pytest.mark.parametrize("convert_from", ["any", "shipped"])
def test_visma_s_own_way_books_at_once_where_that_is_asked_for(connect: Any, convert_from: Any) -> None:
    company = furnished(connect, Behaviour(convert_from=convert_from), order_becomes="invoice")
    made = company.connection.convert_to_invoice(Ref(number=ordered(company)), company.context)
    assert (made.number, made.net, made.total) == ("1001", 180, 225)
    (invoice,) = company.connection.find_invoices(DocumentQuery(reference="k-1"), company.context)
    assert (invoice.number, invoice.booked, invoice.order_number, invoice.total) == ("1001", True, "1", 225)
    (order,) = company.connection.find_orders(DocumentQuery(reference="k-1"), company.context)
    assert order.invoices == (Ref(number="1001"),)
    with pytest.raises(ConflictError, match="invoice 1001"):
        company.connection.convert_to_invoice(Ref(number="1"), company.context)
    assert company.simulator.state()["customerinvoicedrafts"] == []


def test_a_lost_answer_of_visma_s_own_way_leaves_one_invoice(connect: Any) -> None:
    company = furnished(connect, order_becomes="invoice")
    number = ordered(company)
    for path in ("completed", "convert"):
        company.simulator.faults.add(Fault("lose_answer", method="POST", path=f"/v2/orders/.*/{path}"))
        with pytest.raises(OutcomeUnknownError):
            company.connection.convert_to_invoice(Ref(number=number), company.context)
    with pytest.raises(ConflictError, match="1001"):
        company.connection.convert_to_invoice(Ref(number=number), company.context)
    assert len(company.simulator.state()["customerinvoices"]) == 1


def test_an_order_that_visma_does_not_invoice_says_why(connect: Any) -> None:
    company = furnished(connect, order_becomes="invoice")
    number = seeded_order(company, Rows=[])
    with pytest.raises(RejectedError, match="no articles"):
        company.connection.convert_to_invoice(Ref(number=number), company.context)


def test_an_invoiced_order_whose_invoice_cannot_be_found_is_not_invoiced_again(company: Company) -> None:
    number = seeded_order(company, Status=4)
    with pytest.raises(ConflictError, match="cannot be found"):
        company.connection.convert_to_invoice(Ref(number=number), company.context)
