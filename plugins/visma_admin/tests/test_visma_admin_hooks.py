"""What the hooks do in a company, and every position of what is unconfirmed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from erpcore.connection import ErpConnection
from erpcore.errors import (
    AuthenticationError,
    ConflictError,
    MissingRecordError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RejectedError,
    UnavailableError,
    UnsupportedOperationError,
)
from erpcore.hookspecs import Context
from erpcore.models import (
    Article,
    ArticleQuery,
    Customer,
    CustomerQuery,
    DocumentQuery,
    Invoice,
    OrderRow,
    Ref,
    Register,
)
from plugins.visma_admin.tests.visma_admin_company import CONTEXT, Served, an_order, served

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def company(dll: str) -> Iterator[Served]:
    with served() as made:
        yield made


def invoices(erp: ErpConnection, since: datetime | None) -> list[Invoice]:
    found: list[Invoice] = []
    cursor: str | None = None
    while True:
        page = erp.fetch_invoices(since, cursor, CONTEXT)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("invoicing", ["connection", "copy"])
def test_an_order_becomes_an_invoice_either_way(company: Served, invoicing: str) -> None:
    erp = company.connect(invoicing=invoicing)
    rows = (*(an_order().rows or ()), OrderRow(description="tack"))
    order = erp.create_order(an_order(rows=rows, your_reference="Åsa"), Context("test", reference="k-1"))
    made = erp.convert_to_invoice(Ref(number=order.number), CONTEXT)
    assert (made.number, made.net, made.total) == ("5001", Decimal(200), Decimal(250))
    (invoice,) = erp.find_invoices(DocumentQuery(number="5001"), CONTEXT)
    assert (invoice.order_number, invoice.your_reference, invoice.reference) == (order.number, "Åsa", None)
    assert [row.description for row in invoice.rows or ()] == ["Vara", "tack"]
    assert invoice.customer_name == company.held("CUSTOMER")[0]["NAME"]
    assert (invoice.booked, invoice.sent, invoice.state(date.today())) == (False, False, "draft")  # noqa: DTZ011 a day
    (read,) = erp.find_orders(DocumentQuery(reference="k-1"), CONTEXT)
    assert read.invoices == (Ref(number="5001"),)
    with pytest.raises(ConflictError, match="invoice 5001"):
        erp.convert_to_invoice(Ref(number=order.number), CONTEXT)
    assert len(company.held("INVOICE_HEAD")) == 1


@pytest.mark.parametrize("field", [1, 2, 3, 4])
@pytest.mark.parametrize("tells", [0, 1])
def test_the_order_stands_in_whichever_connection_number(company: Served, field: int, tells: int) -> None:
    company.simulator.move_switches(connection_field=field, order_tells_invoice=tells)
    erp = company.connect(connection_field=field)
    order = erp.create_order(an_order(), CONTEXT)
    assert erp.convert_to_invoice(Ref(number=order.number), CONTEXT).total == Decimal(250)
    (read,) = erp.find_orders(DocumentQuery(number=order.number), CONTEXT)
    assert read.invoices == (Ref(number="5001"),)


def test_a_wrong_connection_number_makes_no_empty_invoice(company: Served) -> None:
    company.simulator.move_switches(connection_field=2)
    erp = company.connect(connection_field=1)
    order = erp.create_order(an_order(), CONTEXT)
    with pytest.raises(MissingRecordError, match="customer"):
        erp.convert_to_invoice(Ref(number=order.number), CONTEXT)
    assert company.held("INVOICE_HEAD") == []


@pytest.mark.parametrize("copies", [0, 1])
def test_an_invoice_that_takes_over_the_orders_remark_is_still_the_orders(company: Served, copies: int) -> None:
    company.simulator.move_switches(copies_remark=copies)
    erp = company.connect()
    order = erp.create_order(an_order(), Context("test", reference="k-1"))
    erp.convert_to_invoice(Ref(number=order.number), CONTEXT)
    (read,) = erp.find_orders(DocumentQuery(number=order.number), CONTEXT)
    assert read.invoices == (Ref(number="5001"),)
    with pytest.raises(ConflictError):
        erp.convert_to_invoice(Ref(number=order.number), CONTEXT)


@pytest.mark.parametrize("deliver", [False, True])
def test_an_order_is_delivered_first_where_that_is_asked_for(company: Served, deliver: bool) -> None:
    company.simulator.move_switches(need_delivered=1)
    erp = company.connect(deliver_before_invoicing=deliver)
    order = erp.create_order(an_order(), CONTEXT)
    if deliver:
        assert erp.convert_to_invoice(Ref(number=order.number), CONTEXT).number == "5001"
    else:
        with pytest.raises(RejectedError, match="not delivered"):
            erp.convert_to_invoice(Ref(number=order.number), CONTEXT)


@pytest.mark.parametrize("booked_by", ["printed", "ledger"])
def test_an_invoice_comes_home_with_its_state(company: Served, booked_by: str) -> None:
    erp = company.connect(booked_by=booked_by)
    order = erp.create_order(an_order(), CONTEXT)
    erp.convert_to_invoice(Ref(number=order.number), CONTEXT)
    assert [each.booked for each in invoices(erp, None)] == [False]
    act = company.simulator.print_invoice if booked_by == "printed" else company.simulator.enter_in_ledger
    act(5001)
    (invoice,) = invoices(erp, LONG_AGO)
    assert (invoice.booked, invoice.balance, invoice.payment_date) == (True, Decimal(250), None)
    company.simulator.pay(5001, "100.00", "2026-11-20")
    (invoice,) = invoices(erp, LONG_AGO)
    assert (invoice.balance, invoice.payment_date) == (Decimal(150), None)
    company.simulator.pay(5001, None, "2026-11-21")
    (invoice,) = invoices(erp, LONG_AGO)
    assert (invoice.balance, invoice.payment_date) == (Decimal(0), date(2026, 11, 21))
    company.simulator.cancel(5001)
    assert [each.cancelled for each in invoices(erp, LONG_AGO)] == [True]


@pytest.mark.parametrize("payment_day", ["last_payment", "payments"])
def test_the_day_of_payment_is_read_either_way(company: Served, payment_day: str) -> None:
    erp = company.connect(payment_day=payment_day)
    erp.convert_to_invoice(Ref(number=erp.create_order(an_order(), CONTEXT).number), CONTEXT)
    company.simulator.pay(5001, "100.00", "2026-11-20")
    assert [each.payment_date for each in invoices(erp, None)] == [None]
    company.simulator.pay(5001, None, "2026-11-21")
    assert [each.payment_date for each in invoices(erp, None)] == [date(2026, 11, 21)]


def test_a_rate_is_for_one_unit_of_the_currency(company: Served) -> None:
    erp = company.connect()
    erp.create_invoice(Invoice(customer_number="11", rows=()), CONTEXT)
    books = company.simulator.company.read()
    books.registers["INVOICE_HEAD"][0].values |= {"CURRENCY_RATE": 8.5, "CURRENCY_UNIT": 100.0}
    company.simulator.company.write(books)
    assert [each.currency_rate for each in invoices(erp, None)] == [Decimal("0.085")]


@pytest.mark.parametrize(("code", "worth"), [("EUR", "11.3"), ("NOK", "0.97"), ("SEK", "1")])
def test_an_invoice_that_says_no_rate_of_another_currency_has_that_of_the_register(
    company: Served, code: str, worth: str
) -> None:
    """Taken for 1, a thousand euros would be told as a thousand kronor that the customer owes."""
    erp = company.connect()
    erp.create_invoice(Invoice(customer_number="11", rows=(), currency=code), CONTEXT)
    assert [each.currency_rate for each in invoices(erp, None)] == [Decimal(worth)]


@pytest.mark.parametrize("stamps", [True, False])
@pytest.mark.parametrize("newest_first", [0, 1])
def test_a_payment_is_news_whether_or_not_it_stamps_the_invoice(
    company: Served, stamps: bool, newest_first: int
) -> None:
    company.simulator.move_switches(newest_first=newest_first)
    erp = company.connect(overlap_seconds=0, page_size=1)
    for _ in range(3):
        order = erp.create_order(an_order(), CONTEXT)
        erp.convert_to_invoice(Ref(number=order.number), CONTEXT)
    company.simulator.clock.advance(86_400)
    since = company.simulator.clock.now()
    company.simulator.clock.advance(60)
    assert invoices(erp, since) == []
    company.simulator.pay(5002, stamps_invoice=stamps)
    assert [each.number for each in invoices(erp, since)] == ["5002"]


@pytest.mark.parametrize(("utc", "zone"), [(0, "Europe/Stockholm"), (1, "UTC")])
def test_times_are_read_in_the_zone_of_the_settings(company: Served, utc: int, zone: str) -> None:
    company.simulator.move_switches(times_in_utc=utc)
    erp = company.connect(time_zone=zone, overlap_seconds=0)
    before = datetime.now(UTC) - timedelta(seconds=5)
    erp.create_customer(Customer(name="Ny"), CONTEXT)
    erp.create_invoice(Invoice(customer_number="11", rows=()), CONTEXT)
    assert len(invoices(erp, before)) == 1
    assert invoices(erp, datetime.now(UTC) + timedelta(seconds=5)) == []


def test_a_price_that_changed_is_news_of_its_article(company: Served) -> None:
    erp = company.connect(overlap_seconds=0)
    erp.create_article(Article(number="A-1", description="Ett", price=Decimal(10)), CONTEXT)
    company.simulator.clock.advance(86_400)
    since = company.simulator.clock.now()
    company.simulator.clock.advance(60)
    erp.sync_articles([Article(number="A-1", price=Decimal(12))], CONTEXT)
    first = erp.fetch_articles(since, None, CONTEXT)
    second = erp.fetch_articles(since, first.next_cursor, CONTEXT)
    assert first.items == ()
    assert [(each.number, each.price) for each in second.items] == [("A-1", Decimal(12))]


def test_a_new_article_is_made_towards_the_coding_of_the_settings(company: Served) -> None:
    company.connect().create_article(Article(number="A-1", description="Ett"), CONTEXT)
    company.connect(accounting_code="2").create_article(Article(number="A-2", description="Två"), CONTEXT)
    made = {each["NUMBER"]: each["ACCOUNTING_CODE"] for each in company.held("ARTICLE")}
    assert (made["A-1"], made["A-2"]) == ("1", "2")


def test_an_article_that_was_made_without_its_price_is_made_whole(company: Served) -> None:
    erp = company.connect()
    article = Article(number="A-1", description="Ett", price=Decimal(10))
    company.simulator.company.strike("error_before", "AdkAdd", 1)
    company.simulator.company.strike("error_after", "AdkAdd", 1)
    for _ in range(2):
        with pytest.raises(OutcomeUnknownError):
            erp.create_article(article, CONTEXT)
    erp.create_article(article, CONTEXT)
    (held,) = erp.find_articles(ArticleQuery(number="A-1"), CONTEXT)
    assert held.price == Decimal(10)
    assert len([each for each in company.held("ARTICLE") if each["NUMBER"] == "A-1"]) == 1
    assert len(company.held("PRICE")) == 1
    with pytest.raises(ConflictError, match="another article A-1"):
        erp.create_article(Article(number="A-1", description="Annan"), CONTEXT)


@pytest.mark.parametrize("nearest", [0, 1])
def test_what_is_not_there_is_not_found(company: Served, nearest: int) -> None:
    company.simulator.move_switches(find_nearest=nearest)
    erp = company.connect()
    assert erp.find_customers(CustomerQuery(number="10"), CONTEXT) == []
    assert erp.find_articles(ArticleQuery(number="S"), CONTEXT) == []
    assert erp.find_orders(DocumentQuery(number="1"), CONTEXT) == []
    assert erp.find_orders(DocumentQuery(number="tolv"), CONTEXT) == []


@pytest.mark.parametrize("field", ["LOCAL_REMARK", "TEXT2", "TEXT3"])
def test_our_key_stands_in_the_field_of_the_settings(company: Served, field: str) -> None:
    erp = company.connect(reference_field=field)
    order = an_order(**({} if field == "LOCAL_REMARK" else {"comments": "internt"}))
    erp.create_order(order, Context("test", reference="k-1"))
    (held,) = company.held("ORDER_HEAD")
    assert held[field] == "k-1"
    (read,) = erp.find_orders(DocumentQuery(reference="k-1"), CONTEXT)
    assert read.comments == order.comments


def test_no_more_documents_are_searched_than_the_settings_say(company: Served) -> None:
    erp = company.connect()
    for number in range(3):
        erp.create_order(an_order(), Context("test", reference=f"k-{number}"))
    assert erp.find_orders(DocumentQuery(reference="k-0"), CONTEXT)
    assert company.connect(search_documents=2).find_orders(DocumentQuery(reference="k-0"), CONTEXT) == []


@pytest.mark.parametrize("code", [1, 216])
def test_a_card_that_somebody_has_open_is_tried_again_later(company: Served, code: int) -> None:
    company.simulator.move_switches(locked_code=code)
    company.simulator.open_card("CUSTOMER", "11")
    erp = company.connect()
    with pytest.raises(UnavailableError, match="may have the card open") as error:
        erp.update_customer(Ref(number="11"), Customer(name="Nytt namn"), CONTEXT)
    assert error.value.retryable
    company.simulator.close_cards()
    erp.update_customer(Ref(number="11"), Customer(name="Nytt namn"), CONTEXT)
    (held,) = erp.find_customers(CustomerQuery(number="11"), CONTEXT)
    assert held.name == "Nytt namn"


@pytest.mark.parametrize(
    ("switches", "error", "words"),
    [
        ({"refuse_open": 135}, UnavailableError, "all licences are in use"),
        ({"refuse_open": 486}, UnavailableError, "somebody holds the company"),
        ({"refuse_open": 583}, PermissionDeniedError, "Visma Integration"),
        ({"refuse_open": 223}, PermissionDeniedError, "different versions"),
        ({"refuse_open": 676}, AuthenticationError, "user name or password"),
        ({"refuse_write": 560}, UnavailableError, "a journal is being made"),
        ({"edition": 3}, PermissionDeniedError, "the edition has no such table"),
    ],
)
def test_what_is_wrong_with_the_installation_is_told_in_words(
    company: Served, switches: dict[str, int], error: type[Exception], words: str
) -> None:
    time.sleep(0.6)  # an agent that has the company open already does not open it again
    company.simulator.move_switches(**switches)
    with pytest.raises(error, match=words):
        company.connect().create_order(an_order(), CONTEXT)
    assert company.held("ORDER_HEAD") == []


def test_an_edition_without_orders_is_a_warning_of_the_check(company: Served) -> None:
    company.simulator.move_switches(edition=3)
    report = company.connect().check_connection(CONTEXT)
    assert {check.name: check.state for check in report.checks}["edition"] == "warning"


def test_settings_that_do_not_fit_the_company_are_errors_of_the_check(company: Served) -> None:
    erp = company.connect(accounting_code="9", currency="NOK", default_article="FINNS INTE")
    states = {check.name: check.state for check in erp.check_connection(CONTEXT).checks}
    assert (states["coding"], states["own currency"], states["default article"]) == ("error", "error", "error")


def test_a_call_that_hangs_is_unknown_and_lets_no_second_writer_in(company: Served) -> None:
    erp = company.connect(request_seconds=6.0)  # one second for the library, five for the way
    erp.find_customers(CustomerQuery(number="11"), CONTEXT)
    company.simulator.company.strike("hang_after", "AdkAdd", 2.5)
    with pytest.raises(OutcomeUnknownError, match="not known"):
        erp.create_order(an_order(), Context("test", reference="k-1"))
    with pytest.raises(UnavailableError, match="restart the service"):
        erp.create_order(an_order(), Context("test", reference="k-1"))
    while company.simulator.owner.state().stuck:
        time.sleep(0.05)
    assert [each["LOCAL_REMARK"] for each in company.held("ORDER_HEAD")] == ["k-1"]
    assert erp.find_orders(DocumentQuery(reference="k-1"), CONTEXT)


def test_requests_are_told_by_company_table_and_call(company: Served) -> None:
    company.connect().create_order(an_order(), CONTEXT)
    told = [(each.path, each.write, each.ok) for each in company.exchanges]
    assert told == [
        ("/v1/companies/main/PRM2/find", False, True),
        ("/v1/companies/main/ORDER_HEAD/add", True, True),
    ]


def test_an_order_in_another_currency_carries_it(company: Served) -> None:
    erp = company.connect()
    number = erp.create_order(an_order(currency="EUR"), CONTEXT).number
    (read,) = erp.find_orders(DocumentQuery(number=number), CONTEXT)
    assert read.currency == "EUR"
    number = erp.create_order(an_order(), CONTEXT).number
    (read,) = erp.find_orders(DocumentQuery(number=number), CONTEXT)
    assert read.currency == "SEK"
    with pytest.raises(RejectedError, match="currency is not in the register"):
        erp.create_order(an_order(currency="USD"), CONTEXT)


def test_whole_kronor_are_the_companys_to_round(company: Served) -> None:
    company.simulator.move_switches(whole_kronor=1)
    erp = company.connect()
    row: Any = (an_order().rows or ())[0].model_copy(update={"unit_price": Decimal("10.10")})
    ref = erp.create_order(an_order(rows=(row,)), CONTEXT)
    assert (ref.net, ref.vat, ref.total) == (Decimal("20.2"), Decimal("5.05"), Decimal(25))


def test_registers_are_listed_each_code_once(company: Served) -> None:
    books = company.simulator.company.read()
    books.put("CODE_OF_PROFIT_CENTRE", CODE="KS7", NAME="Samma i år")
    company.simulator.company.write(books)
    erp = company.connect()

    def listed(register: Register) -> list[tuple[str, str]]:
        return [(each.code, each.name) for each in erp.list_register(register, CONTEXT)]

    assert listed("unit") == [("kg", "Kilogram"), ("st", "Styck"), ("tim", "Timme")]
    assert listed("currency") == [("EUR", "EUR"), ("NOK", "NOK"), ("SEK", "SEK")]
    assert listed("project") == [("7", "Projekt sju")]
    assert [code for code, _ in listed("cost_center")] == ["KS7"]
    with pytest.raises(UnsupportedOperationError):
        listed("account")


@pytest.mark.parametrize(("rate", "euro"), [("sell", "11.3"), ("buy", "11.2")])
def test_a_currency_has_the_rate_of_one_unit(company: Served, rate: str, euro: str) -> None:
    entries = company.connect(currency_rate=rate).list_register("currency", CONTEXT)
    rates = {each.code: each.rate for each in entries}
    assert rates["EUR"] == Decimal(euro)
    assert rates["NOK"] == (Decimal("0.97") if rate == "sell" else Decimal("0.96"))


def test_the_companys_own_currency_is_told(company: Served) -> None:
    assert company.connect().identify_account(CONTEXT).currency == "SEK"
