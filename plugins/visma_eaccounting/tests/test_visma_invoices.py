"""Invoices that come home: drafts, booked, paid, credited, those of orders, and where Visma cannot search."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from erpcore_visma_eaccounting.simulator import Behaviour

from erpcore.hookspecs import Context
from erpcore.models import DocumentQuery, Invoice, InvoiceRow, Ref
from plugins.visma_eaccounting.tests.conftest import Company
from plugins.visma_eaccounting.tests.test_visma_invoicing import furnished

ROW = InvoiceRow(article_number="S-1", quantity=Decimal(2), unit_price=Decimal(100))


def drafted(company: Company, reference: str = "k-1") -> str:
    invoice = Invoice(customer_number="1", rows=(ROW,))
    return company.connection.create_invoice(invoice, Context("t", reference=reference)).number


def fetched(company: Company, since: datetime | None = None) -> list[Invoice]:
    found: list[Invoice] = []
    cursor: str | None = None
    while True:
        page = company.connection.fetch_invoices(since, cursor, company.context)
        found += page.items
        if (cursor := page.next_cursor) is None:
            return found


@pytest.mark.parametrize("dates", ["plain", "moment"])
def test_an_invoice_goes_from_draft_to_paid(connect: Any, dates: Any) -> None:
    company = furnished(connect, Behaviour(dates=dates))
    draft = drafted(company)
    today = date.today()  # noqa: DTZ011 the simulated company's is compared with its own day below
    (before,) = fetched(company)
    assert (before.number, before.booked, before.balance, before.state(today)) == (draft, False, None, "draft")
    number = company.simulator.book_draft(draft)
    (booked,) = fetched(company)
    assert (booked.number, booked.booked, booked.balance, booked.ocr) == (str(number), True, 250, "10011")
    assert booked.due_date == (booked.invoice_date or today) + timedelta(days=30)
    assert booked.state(booked.due_date) == "open"
    assert booked.state(booked.due_date + timedelta(days=1)) == "overdue"
    company.simulator.pay_invoice(number, "100", "2026-11-21")
    (part,) = fetched(company)
    assert (part.balance, part.payment_date) == (150, None)
    company.simulator.pay_invoice(number, day="2026-11-25")
    (paid,) = fetched(company)
    assert (paid.balance, paid.payment_date, paid.state(today)) == (0, date(2026, 11, 25), "paid")
    assert (paid.net, paid.vat, paid.total) == (200, 50, 250)
    (row,) = paid.rows or ()
    assert (row.amount, row.vat_percent, row.unit_price) == (200, 25, 100)


def test_what_was_paid_since_comes_and_what_is_older_does_not(connect: Any) -> None:
    company = furnished(connect, overlap_seconds=0)
    numbers = [company.simulator.book_draft(drafted(company, f"k-{n}")) for n in range(3)]
    company.simulator.clock.advance(3600)
    since = datetime.now(UTC) + timedelta(seconds=1800)
    company.simulator.pay_invoice(numbers[1])
    late = drafted(company, "k-late")
    assert {each.number for each in fetched(company, since)} == {str(numbers[1]), late}


@pytest.mark.parametrize(("settlements", "found"), [("payment_date", True), ("modified", False)])
def test_a_payment_that_is_no_change_of_its_invoice_is_found_by_its_day(
    connect: Any, settlements: str, *, found: bool
) -> None:
    company = furnished(connect, Behaviour(payment_moves_modified=False), overlap_seconds=0, settlements=settlements)
    number = company.simulator.book_draft(drafted(company))
    company.simulator.clock.advance(3600)
    since = datetime.now(UTC) + timedelta(seconds=1800)
    company.simulator.pay_invoice(number, "100")
    assert [each.number for each in fetched(company, since)] == ([str(number)] if found else [])
    assert [each.balance for each in fetched(company, since)] == ([150] if found else [])


def test_a_credit_note_is_one_and_has_a_negative_balance(company: Company) -> None:
    customer, article = company.record("customers"), company.record("articles")
    row = {"ArticleId": article["Id"], "IsTextRow": False, "ReversedConstructionServicesVatFree": False, "Quantity": 1}
    least = {"EuThirdParty": False, "RotReducedInvoicingType": 0, "IsCreditInvoice": True}
    company.simulator.seed({"customerinvoicedrafts": [{**least, "CustomerId": customer["Id"], "Rows": [row]}]})
    company.simulator.book_draft(company.record("customerinvoicedrafts")["Id"])
    (invoice,) = fetched(company)
    assert (invoice.kind, invoice.total, invoice.balance) == ("credit", -125, -125)
    (loss,) = company.connection.losses(Invoice(customer_number="1", kind="credit"))
    assert loss.kind == "defaulted"


def test_a_credit_note_of_an_invoice_names_it(connect: Any) -> None:
    company = furnished(connect)
    draft = drafted(company)
    number = company.simulator.book_draft(draft)
    note = str(company.simulator.credit_invoice(number))
    (credit,) = [each for each in fetched(company) if each.number == note]
    assert credit.credits == Ref(number=str(number), key=draft)


def test_a_draft_that_stays_after_booking_is_told_once(connect: Any) -> None:
    company = furnished(connect, Behaviour(converted_draft="kept"))
    company.simulator.book_draft(drafted(company))
    (found,) = company.connection.find_invoices(DocumentQuery(reference="k-1"), company.context)
    assert found.number == "1001"


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(row_text_filter=("customerinvoices", "customerinvoicedrafts", "orders")),
        Behaviour(row_text_filter=()),
        Behaviour(row_text_filter=(), unfilterable=("CreatedUtc", "Number", "InvoiceNumber", "CreatedFromDraftId")),
    ],
)
def test_documents_are_found_whatever_visma_can_search(connect: Any, behaviour: Behaviour) -> None:
    company = furnished(connect, behaviour, page_size=2)
    drafts = {key: drafted(company, key) for key in ("k-1", "k-11", "k-2")}
    company.simulator.book_draft(drafts["k-1"])
    for key, number in {"k-1": "1001", "k-11": drafts["k-11"]}.items():
        (found,) = company.connection.find_invoices(DocumentQuery(reference=key), company.context)
        assert (found.number, found.reference) == (number, key)
    for number in ("1001", drafts["k-1"]):
        (found,) = company.connection.find_invoices(DocumentQuery(number=number), company.context)
        assert found.number == "1001"
    assert list(company.connection.find_invoices(DocumentQuery(), company.context)) == []


def test_receivables_of_an_earlier_program_come_where_they_are_asked_for(connect: Any) -> None:
    for asked_for in (False, True):
        company = furnished(connect, opening_receivables=asked_for, page_size=1, overlap_seconds=0)
        customer = company.record("customers")
        least = {"CurrencyCode": "SEK", "InvoiceDate": "2026-01-02", "DueDate": "2026-02-01", "IsCreditInvoice": False}
        least |= {"CustomerId": customer["Id"], "VoucherId": customer["Id"], "VATAmountInvoiceCurrency": 25}
        items = [
            {"InvoiceNumber": number, "TotalAmountInvoiceCurrency": 125, "RemainingAmountInvoiceCurrency": left}
            for number, left in ((7, 125), (8, 0))
        ]
        company.simulator.seed({"customerledgeritems": [{**least, **item} for item in items]})
        drafted(company)
        found = [each for each in fetched(company) if each.booked]
        assert [(each.number, each.balance, each.customer_number, each.net) for each in found] == (
            [("7", 125, "1", 100), ("8", 0, "1", 100)] if asked_for else []
        )
        company.simulator.clock.advance(3600)
        assert fetched(company, datetime.now(UTC) + timedelta(seconds=1800)) == []


def test_whatever_comes_home_is_found_again_by_its_key_and_by_its_number(connect: Any) -> None:
    company = furnished(connect, opening_receivables=True)
    customer = company.record("customers")
    item = {"CurrencyCode": "SEK", "InvoiceDate": "2026-01-02", "DueDate": "2026-02-01", "IsCreditInvoice": False}
    item |= {"CustomerId": customer["Id"], "VoucherId": customer["Id"], "VATAmountInvoiceCurrency": 25}
    amounts = {"InvoiceNumber": 7, "TotalAmountInvoiceCurrency": 125, "RemainingAmountInvoiceCurrency": 125}
    company.simulator.seed({"customerledgeritems": [{**item, **amounts}]})
    drafted(company, "k-1")
    company.simulator.book_draft(drafted(company, "k-2"))
    every = fetched(company)
    assert [each.booked for each in every] == [False, True, True]
    for each in every:
        by_number = company.connection.find_invoices(DocumentQuery(number=each.number), company.context)
        assert [found.key for found in by_number] == [each.key]
        if each.number != "7":
            by_key = company.connection.find_invoices(DocumentQuery(key=each.key, number=each.number), company.context)
            assert [found.number for found in by_key] == [each.number]


def test_a_foreign_invoice_is_told_in_its_currency(company: Company) -> None:
    company.simulator.seed({"customers": [{"Name": "GmbH", "CustomerNumber": "2", "CurrencyCode": "EUR"}]})
    made = company.connection.create_invoice(Invoice(customer_number="2", rows=(ROW,)), company.context)
    number = company.simulator.book_draft(made.number)
    (found,) = company.connection.find_invoices(DocumentQuery(number=str(number)), company.context)
    assert (found.currency, found.total, found.balance, found.currency_rate) == ("EUR", 250, 250, Decimal("11.5"))
