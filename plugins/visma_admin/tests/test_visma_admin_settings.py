"""Settings that the other tests leave at their default: each is moved, and something else happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from erpcore.models import Article, Customer, CustomerQuery, DocumentQuery, Invoice, InvoiceRow, OrderRow, VatTreatment
from plugins.visma_admin.tests.visma_admin_company import CONTEXT, Served, an_order, served


@pytest.fixture
def company(dll: str) -> Iterator[Served]:
    with served() as made:
        yield made


@pytest.mark.parametrize(("decimals", "quantity"), [(2, "1.23"), (4, "1.2345")])
def test_how_many_decimals_a_quantity_keeps(company: Served, decimals: int, quantity: str) -> None:
    company.simulator.move_switches(quantity_decimals=decimals)
    erp = company.connect(quantity_decimals=decimals)
    row = OrderRow(article_number="S-1", quantity=Decimal("1.2345"), unit_price=Decimal(100), vat_percent=Decimal(25))
    order = an_order(rows=(row,), order_date=date(2026, 11, 20))
    assert [loss.field for loss in erp.losses(order)] == (["rows[0].quantity"] if decimals == 2 else [])
    made = erp.create_order(order, CONTEXT)
    (read,) = erp.find_orders(DocumentQuery(number=made.number), CONTEXT)
    assert [each.quantity for each in read.rows or ()] == [Decimal(quantity)]


@pytest.mark.parametrize(("decimals", "price"), [(2, "0.13"), (4, "0.1251")])
def test_how_many_decimals_a_price_keeps(company: Served, decimals: int, price: str) -> None:
    company.simulator.move_switches(price_decimals=decimals)
    erp = company.connect(price_decimals=decimals)
    row = OrderRow(article_number="S-1", quantity=Decimal(1000), unit_price=Decimal("0.1251"), vat_percent=Decimal(25))
    made = erp.create_order(an_order(rows=(row,)), CONTEXT)
    (read,) = erp.find_orders(DocumentQuery(number=made.number), CONTEXT)
    assert [each.unit_price for each in read.rows or ()] == [Decimal(price)]


@pytest.mark.parametrize(("field", "left"), [("BALANCE", "40"), ("BALANCE2", "400")])
def test_which_balance_is_left_to_pay(company: Served, field: str, left: str) -> None:
    erp = company.connect(balance_field=field)
    row = InvoiceRow(article_number="S-1", quantity=Decimal(4), unit_price=Decimal(100), vat_percent=Decimal(25))
    made = erp.create_invoice(Invoice(customer_number="11", rows=(row,)), CONTEXT)
    books = company.simulator.company.read()
    books.by("INVOICE_HEAD", "DOCUMENT_NUMBER", float(made.number)).values |= {"BALANCE": 40.0, "BALANCE2": 400.0}
    company.simulator.company.write(books)
    (read,) = erp.find_invoices(DocumentQuery(number=made.number), CONTEXT)
    assert read.balance == Decimal(left)


@pytest.mark.parametrize(
    ("setting", "by_customer", "vat"),
    [("told", 1, "0"), ("told", 0, "25"), ("not_told", 1, "25"), ("not_told", 0, "25")],
)
@pytest.mark.parametrize("treatment", ["export", "eu"])
def test_whether_a_customer_abroad_is_marked(
    company: Served, treatment: VatTreatment, setting: str, by_customer: int, vat: str
) -> None:
    company.simulator.move_switches(vat_by_customer=by_customer)
    erp = company.connect(vat_free_customers=setting)
    customer = Customer(name="Kund utomlands", vat_treatment=treatment)
    assert [loss.field for loss in erp.losses(customer)] == (["vat_treatment"] if setting == "not_told" else [])
    number = erp.create_customer(customer, CONTEXT).number
    (held,) = [each for each in company.held("CUSTOMER") if each["NUMBER"] == number]
    marks = {name for name in ("EXPORT", "EU_CUSTOMER") if held.get(name)}
    expected = {"export": "EXPORT", "eu": "EU_CUSTOMER"}[treatment]
    assert marks == ({expected} if setting == "told" else set())
    (read,) = erp.find_customers(CustomerQuery(number=number), CONTEXT)
    assert read.vat_treatment == (treatment if setting == "told" else None)
    row = OrderRow(article_number="S-1", quantity=Decimal(1), unit_price=Decimal(100))
    assert erp.create_order(an_order(customer_number=number, rows=(row,)), CONTEXT).vat == Decimal(vat)
    # A row that says its rate keeps it, whoever the customer is.
    said = row.model_copy(update={"vat_percent": Decimal(12)})
    assert erp.create_order(an_order(customer_number=number, rows=(said,)), CONTEXT).vat == Decimal(12)


def test_marks_that_contradict_each_other_are_not_shown(company: Served) -> None:
    company.simulator.seed({"CUSTOMER": [{"NUMBER": "77", "NAME": "Bådas kund", "EXPORT": True, "EU_CUSTOMER": True}]})
    (read,) = company.connect().find_customers(CustomerQuery(number="77"), CONTEXT)
    assert not read.shown("vat_treatment")


def test_the_price_list_of_articles_prices(company: Served) -> None:
    company.simulator.seed({"CODE_OF_PRICE_LIST": [{"CODE": "B", "TEXT": "Prislista B"}]})
    company.connect().create_article(Article(number="P-1", description="Vara", price=Decimal(10)), CONTEXT)
    company.connect(price_list="B").create_article(
        Article(number="P-2", description="Vara", price=Decimal(20)), CONTEXT
    )
    lists = {each["ARTICLE_NUMBER"]: each["PRICE_LIST"] for each in company.held("PRICE") if each["ARTICLE_NUMBER"]}
    assert lists["P-2"] == "B"
    assert lists["P-1"] != "B"
