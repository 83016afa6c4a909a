"""Orders and invoices: one request each, with our key on them, found again, and never made twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from erpcore_fortnox.documents import readable
from erpcore_fortnox.settings import FortnoxSettings
from erpcore_fortnox.simulator import Behaviour, FortnoxSimulator

from erpcore.errors import (
    ConflictError,
    InvalidValueError,
    MissingRecordError,
    NotFoundError,
    OutcomeUnknownError,
)
from erpcore.hookspecs import Context
from erpcore.models import Address, DocumentQuery, Invoice, InvoiceRow, Order, OrderRow, Ref
from erpcore.simulator import Clock, Fault

KEY = Context("test", reference="lime:4711:order:1")
ROW = OrderRow(description="Konsulttimmar", quantity=Decimal("2.5"), unit_price=Decimal(1000))
ORDER = Order(customer_number="1", rows=(ROW,))
INVOICE = Invoice(
    customer_number="1", rows=(InvoiceRow(description="Avgift", quantity=Decimal(1), unit_price=Decimal(100)),)
)
CUSTOMER = {"Name": "Kund AB"}


@pytest.fixture
def company(connect: Any) -> Any:
    return with_customer(connect)


def with_customer(
    connect: Any, *, behaviour: Behaviour | None = None, clock: Clock | None = None, **settings: Any
) -> Any:
    simulator = FortnoxSimulator(rate_limit=None, behaviour=behaviour, clock=clock)
    simulator.seed({"customers": [CUSTOMER]})
    return connect(simulator, **settings)


def test_an_order_is_made_with_one_request_and_its_total_comes_back(company: Any) -> None:
    made = company.connection.create_order(ORDER, KEY)
    assert company.asked() == ["POST orders"]
    assert (made.number, made.total) == ("1", Decimal(3125))
    held = company.record("orders", "1")
    assert held["ExternalInvoiceReference1"] == "lime:4711:order:1"
    assert held["OrderRows"][0]["DeliveredQuantity"] == held["OrderRows"][0]["OrderedQuantity"] == "2.5"


def test_the_customers_own_discount_is_not_taken_off_prices_of_the_crm(company: Any) -> None:
    company.simulator.seed({"customers": [{"Name": "Rabattkund", "InvoiceDiscount": 10}]})
    made = company.connection.create_order(ORDER.model_copy(update={"customer_number": "2"}), company.context)
    assert made.total == Decimal(3125)


def test_prices_are_without_vat_whatever_the_customer_shows(company: Any) -> None:
    company.simulator.seed({"customers": [{"Name": "Privatkund", "Type": "PRIVATE", "ShowPriceVATIncluded": True}]})
    made = company.connection.create_order(ORDER.model_copy(update={"customer_number": "2"}), company.context)
    assert made.total == Decimal(3125)


@pytest.mark.parametrize("text_rows", ["cleared", "plain"])
def test_text_rows_stay_text_rows_even_two_in_a_row(connect: Any, text_rows: str) -> None:
    company = with_customer(connect, text_rows=text_rows)
    rows = (OrderRow(description="Projekt: Lund"), OrderRow(description="Kostnadsställe: 7"), ROW)
    made = company.connection.create_order(Order(customer_number="1", rows=rows), company.context)
    (held,) = company.connection.find_orders(DocumentQuery(number=made.number), company.context)
    assert [(row.description, row.quantity, row.unit_price) for row in held.rows or ()] == [
        ("Projekt: Lund", None, None),
        ("Kostnadsställe: 7", None, None),
        ("Konsulttimmar", Decimal("2.5"), Decimal(1000)),
    ]
    sent = company.record("orders", "1")["OrderRows"][0]
    assert (sent["AccountNumber"], sent["VAT"]) == (
        (0, 0) if text_rows == "cleared" else (sent["AccountNumber"], sent["VAT"])
    )
    assert made.total == Decimal(3125)


def test_a_row_that_costs_nothing_is_no_text_row(company: Any) -> None:
    nothing = {"quantity": Decimal(0), "unit_price": Decimal(0)}
    rows = (
        OrderRow(description="Gåva", **nothing),
        OrderRow(description="Prov", unit="h", vat_percent=Decimal(6), **nothing),
        OrderRow(description="Utan moms", vat_percent=Decimal(0), income_account="3041", **nothing),
        ROW,
    )
    made = company.connection.create_order(Order(customer_number="1", rows=rows), company.context)
    (held,) = company.connection.find_orders(DocumentQuery(number=made.number), company.context)
    read = [(row.quantity, row.unit_price, row.unit, row.vat_percent, row.income_account) for row in held.rows or ()]
    assert read[:3] == [(0, 0, None, 25, "3001"), (0, 0, "h", 6, "3001"), (0, 0, None, 0, "3041")]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (OrderRow(description="x", unit_price=Decimal(1)), "no quantity"),
        (OrderRow(article_number="A"), "no quantity"),
        (OrderRow(), "neither a text nor an article"),
    ],
)
def test_a_row_that_would_cost_nothing_or_say_nothing_is_not_sent(company: Any, row: OrderRow, problem: str) -> None:
    with pytest.raises(InvalidValueError, match=f"Row 2 .*{problem}"):
        company.connection.create_order(Order(customer_number="1", rows=(ROW, row)), company.context)
    assert company.asked() == []


@pytest.mark.parametrize("key", ["x" * 81, "a<b", ""])
def test_a_key_that_does_not_fit_is_not_cut(company: Any, key: str) -> None:
    with pytest.raises(InvalidValueError, match="does not fit"):
        company.connection.create_order(ORDER, Context("test", reference=key))
    assert company.asked() == []


@pytest.mark.parametrize(
    ("order", "what"),
    [
        (Order(customer_number="9", rows=(ROW,)), "customer"),
        (Order(customer_number="1", rows=(OrderRow(article_number="X", quantity=Decimal(1)),)), "article"),
    ],
)
def test_what_an_order_refers_to_and_is_not_there_is_named(company: Any, order: Order, what: str) -> None:
    with pytest.raises(MissingRecordError, match=f"its {what} is not there"):
        company.connection.create_order(order, company.context)


def test_an_order_is_found_by_exactly_our_key(company: Any) -> None:
    for reference in ("lime:1", "lime:10", "lime:1"):
        company.connection.create_order(ORDER, Context("test", reference=reference))
    company.asked()
    found = company.connection.find_orders(DocumentQuery(reference="lime:1"), company.context)
    assert [order.number for order in found] == ["1", "3"]
    assert company.asked() == ["GET orders", "GET orders/1", "GET orders/3"]
    assert company.connection.find_orders(DocumentQuery(reference="lime:2"), company.context) == []
    assert company.connection.find_orders(DocumentQuery(), company.context) == []


def test_annulled_orders_and_invoices_are_found_and_marked(company: Any) -> None:
    company.simulator.seed({"orders": [{"CustomerNumber": "1", "ExternalInvoiceReference1": "k", "Cancelled": True}]})
    company.simulator.seed({"invoices": [{"CustomerNumber": "1", "ExternalInvoiceReference1": "k", "Cancelled": True}]})
    (order,) = company.connection.find_orders(DocumentQuery(reference="k"), company.context)
    (invoice,) = company.connection.find_invoices(DocumentQuery(reference="k"), company.context)
    assert order.cancelled is True
    assert invoice.state(date(2026, 11, 22)) == "cancelled"


def test_a_number_that_is_not_there_finds_nothing(company: Any) -> None:
    assert company.connection.find_orders(DocumentQuery(number="9"), company.context) == []
    assert company.connection.find_invoices(DocumentQuery(number="9"), company.context) == []


@pytest.mark.parametrize("reply", ["order", "invoice"])
def test_an_order_becomes_an_invoice_with_one_request(connect: Any, reply: Any) -> None:
    company = with_customer(connect, behaviour=Behaviour(createinvoice_reply=reply))
    company.connection.create_order(ORDER, KEY)
    company.asked()
    made = company.connection.convert_to_invoice(Ref(number="1"), company.context)
    assert company.asked() == ["PUT orders/1/createinvoice"]
    assert (made.number, made.total) == ("1", Decimal(3125))
    (order,) = company.connection.find_orders(DocumentQuery(reference=KEY.reference), company.context)
    assert order.invoices == (Ref(number="1"),)
    (invoice,) = company.connection.find_invoices(DocumentQuery(number="1"), company.context)
    assert (invoice.order_number, invoice.booked, invoice.kind) == ("1", False, "invoice")


@pytest.mark.parametrize("code", [2001243, 2009999])
def test_the_second_time_is_a_conflict_that_names_the_invoice_whatever_its_code(connect: Any, code: int) -> None:
    company = with_customer(connect, behaviour=Behaviour(codes={"already_invoiced": code}))
    company.connection.create_order(ORDER, KEY)
    company.connection.convert_to_invoice(Ref(number="1"), company.context)
    with pytest.raises(ConflictError, match="Order 1 was made into invoice 1 before"):
        company.connection.convert_to_invoice(Ref(number="1"), company.context)


def test_an_order_that_cannot_be_invoiced_for_another_reason_is_not_called_invoiced(company: Any) -> None:
    company.simulator.seed({"orders": [{"CustomerNumber": "1", "Cancelled": True}]})
    with pytest.raises(ConflictError) as caught:
        company.connection.convert_to_invoice(Ref(number="1"), company.context)
    assert "before" not in caught.value.message
    with pytest.raises(NotFoundError):
        company.connection.convert_to_invoice(Ref(number="9"), company.context)


def test_a_lost_answer_of_the_conversion_shows_in_the_order(company: Any) -> None:
    company.connection.create_order(ORDER, KEY)
    company.simulator.faults.add(Fault("lose_answer", method="PUT", path="/3/orders/1/createinvoice"))
    with pytest.raises(OutcomeUnknownError):
        company.connection.convert_to_invoice(Ref(number="1"), company.context)
    (order,) = company.connection.find_orders(DocumentQuery(number="1"), company.context)
    assert order.invoices == (Ref(number="1"),)


@pytest.mark.parametrize(("follows", "requests"), [(True, 3), (False, 4)])
def test_our_key_is_put_on_the_invoice_where_the_setting_says(connect: Any, requests: int, *, follows: bool) -> None:
    company = with_customer(
        connect, behaviour=Behaviour(references_follow_to_invoice=follows), copy_reference_to_invoice=True
    )
    company.connection.create_order(ORDER, KEY)
    company.asked()
    company.connection.convert_to_invoice(Ref(number="1"), company.context)
    assert len(company.asked()) == requests
    (invoice,) = company.connection.find_invoices(DocumentQuery(reference=KEY.reference), company.context)
    assert invoice.number == "1"


def test_a_key_that_cannot_be_put_on_the_invoice_does_not_undo_it(
    connect: Any, caplog: pytest.LogCaptureFixture
) -> None:
    company = with_customer(
        connect, behaviour=Behaviour(references_follow_to_invoice=False), copy_reference_to_invoice=True
    )
    company.connection.create_order(ORDER, KEY)
    company.simulator.faults.add(Fault("lose_answer", method="GET", path="/3/invoices/1", times=3))
    assert company.connection.convert_to_invoice(Ref(number="1"), company.context).number == "1"
    assert "does not carry our key" in caplog.text


def test_an_invoice_is_a_draft_with_our_key(company: Any) -> None:
    made = company.connection.create_invoice(INVOICE, Context("test", reference="lime:1:invoice"))
    assert company.asked() == ["POST invoices"]
    assert (made.number, made.total) == ("1", Decimal(125))
    (held,) = company.connection.find_invoices(DocumentQuery(reference="lime:1:invoice"), company.context)
    assert (held.booked, held.sent, held.balance) == (False, False, Decimal(125))
    assert held.rows is not None
    assert held.rows[0].amount == Decimal(100)


@pytest.mark.parametrize("field", ["ExternalInvoiceReference1", "ExternalInvoiceReference2"])
def test_the_setting_chooses_where_our_key_stands(connect: Any, field: str) -> None:
    company = with_customer(connect, reference_field=field)
    company.connection.create_order(ORDER, KEY)
    assert company.record("orders", "1")[field] == KEY.reference
    assert len(company.connection.find_orders(DocumentQuery(reference=KEY.reference), company.context)) == 1
    assert field in company.connection.effect("create_order").why


def test_a_delivery_address_of_its_own_goes_along(company: Any) -> None:
    address = Address(street="Hamnen 1", postal_code="0150", city="Oslo", country_code="NO")
    company.connection.create_order(ORDER.model_copy(update={"delivery_address": address}), company.context)
    assert company.record("orders", "1")["DeliveryCountry"] == "Norway"
    (held,) = company.connection.find_orders(DocumentQuery(number="1"), company.context)
    assert held.delivery_address is not None
    assert held.delivery_address.country_code == "NO"


def test_documents_that_count_with_vat_are_read_without_it() -> None:
    gross = {"ArticleNumber": "A", "DeliveredQuantity": "2", "Price": 125, "VAT": 25, "Total": "200", "Discount": 50}
    document = {"VATIncluded": True, "InvoiceRows": [{**gross, "DiscountType": "AMOUNT"}], "CurrencyRate": "11.2"}
    settings = FortnoxSettings.model_construct(balance_in="invoice", text_rows="cleared")
    (row,) = readable({**document, "CurrencyUnit": 100}, "InvoiceRows", settings)["InvoiceRows"]
    assert (row["Price"], row["Total"], row["Discount"]) == (Decimal(100), Decimal(160), Decimal(40))
    assert readable({**document, "CurrencyUnit": 100}, "InvoiceRows", settings)["CurrencyRate"] == Decimal("0.112")
    told = {**document, "InvoiceRows": [{**gross, "PriceExcludingVAT": "99.99", "TotalExcludingVAT": 199.98}]}
    (row,) = readable(told, "InvoiceRows", settings)["InvoiceRows"]
    assert (row["Price"], row["Total"]) == ("99.99", 199.98)


START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def fetched(company: Any, since: datetime | None) -> list[Invoice]:
    invoices, cursor = [], None
    while True:
        page = company.connection.fetch_invoices(since, cursor, company.context)
        invoices += page.items
        if (cursor := page.next_cursor) is None:
            return invoices


def invoices_of(connect: Any, count: int, **settings: Any) -> tuple[Any, Clock]:
    clock = Clock(START)
    company = with_customer(connect, clock=clock, **settings)
    row = {"Description": "x", "DeliveredQuantity": "1", "Price": 100}
    company.simulator.seed(
        {"invoices": [{"CustomerNumber": "1", "InvoiceRows": [row], "Booked": True} for _ in range(count)]}
    )
    return company, clock


def test_invoices_are_fetched_in_full_page_by_page(connect: Any) -> None:
    company, _ = invoices_of(connect, 5, detailed_page_size=2)
    invoices = fetched(company, None)
    assert [invoice.number for invoice in invoices] == ["1", "2", "3", "4", "5"]
    assert all(invoice.rows for invoice in invoices)
    assert company.asked().count("GET invoices") == 3


def test_without_rows_a_page_is_one_request(connect: Any) -> None:
    company, _ = invoices_of(connect, 5, invoice_rows=False)
    invoices = fetched(company, None)
    assert company.asked() == ["GET invoices"]
    assert [(invoice.total, invoice.balance, invoice.booked) for invoice in invoices] == [
        (Decimal(125), Decimal(125), True)
    ] * 5
    assert not invoices[0].shown("rows")
    assert invoices[0].currency_rate == Decimal(1)


@pytest.mark.parametrize(("settlements", "found"), [("payments", ["2"]), ("lastmodified", [])])
def test_a_paid_invoice_is_found_through_its_payment(connect: Any, settlements: str, found: list[str]) -> None:
    company, clock = invoices_of(connect, 3, settlements=settlements)
    clock.advance(3600)
    since = clock.now()
    clock.advance(60)
    payment = {"InvoiceNumber": 2, "Amount": 125, "PaymentDate": "2026-11-22", "ModeOfPayment": "BG", "Booked": True}
    company.simulator.seed({"invoicepayments": [payment]})
    invoices = fetched(company, since)
    assert [invoice.number for invoice in invoices] == found
    assert all(invoice.state(date(2026, 11, 23)) == "paid" for invoice in invoices)


@pytest.mark.parametrize("detailed", [True, False])
def test_a_cash_invoice_made_by_hand_is_one_and_is_paid(connect: Any, *, detailed: bool) -> None:
    company, _ = invoices_of(connect, 1, invoice_rows=detailed)
    made = {"CustomerNumber": "1", "InvoiceType": "CASHINVOICE", "Booked": True, "DueDate": "2026-11-22"}
    rows = [{"Description": "x", "DeliveredQuantity": 1, "Price": 100}]
    company.simulator.seed({"invoices": [{**made, "InvoiceRows": rows}]})
    found = fetched(company, None)
    assert [each.kind for each in found] == ["invoice" if detailed else None, "cash"]
    assert [each.state(date(2027, 1, 1)) for each in found] == ["overdue", "paid"]


def test_states_are_derived_as_sales_sees_them(connect: Any) -> None:
    company, _ = invoices_of(connect, 1)
    company.connection.create_invoice(INVOICE, company.context)
    booked, draft = fetched(company, None)
    assert booked.due_date is not None
    assert booked.state(booked.due_date) == "open"
    assert booked.state(booked.due_date + timedelta(days=1)) == "overdue"
    assert draft.state(date(2027, 1, 1)) == "draft"


def test_changes_are_asked_for_in_swedish_time(connect: Any) -> None:
    company, _ = invoices_of(connect, 1, settlements="lastmodified")
    fetched(company, START)
    (asked,) = company.simulator.journal.entries("GET", "/3/invoices")
    assert "lastmodified=2026-11-22+12%3A58%3A00" in asked.query
