"""What nobody has confirmed about Fortnox: the plugin stands every position of the simulator's switches."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from erpcore_fortnox.simulator import Behaviour, FortnoxSimulator

from erpcore.errors import AuthenticationError, ConsentNeededError
from erpcore.hookspecs import Context
from erpcore.models import (
    Address,
    Article,
    ContactPerson,
    Customer,
    CustomerQuery,
    DocumentQuery,
    Invoice,
    InvoiceRow,
    Order,
    OrderRow,
    Ref,
)

KIND = Behaviour(
    page_beyond_last="empty",
    null_members="ignored",
    read_only_members="ignored",
    sales_price="ignored",
    long_references="cut",
)
HARSH = Behaviour(
    createinvoice_reply="invoice",
    references_follow_to_invoice=False,
    page_beyond_last="refused",
    null_members="refused",
    read_only_members="refused",
    sales_price="refused",
    long_references="refused",
    meta_as_strings=True,
    apostrophe_allowed=False,
    base_price_exists=False,
    vat_rounding="row",
    ocr=False,
)
POSITIONS = {
    "kind": KIND,
    "harsh": HARSH,
    "digits": HARSH.changed({"organisation_number_search": "digits"}),
    "no fees": KIND.changed({"fees_from_customer": False, "vat_included_from_customer": False}),
    "young": KIND.changed(
        {
            "warehouse": False,
            "inactive": "taken",
            "missing_financial_year": "taken",
            "most_rows": None,
            "article_amounts": "strings",
        }
    ),
    "numbers": HARSH.changed({"article_amounts": "numbers"}),
    "cents": HARSH.changed({"round_off_currencies": []}),
}


@pytest.mark.parametrize("behaviour", POSITIONS.values(), ids=POSITIONS.keys())
def test_a_won_deal_goes_all_the_way_in_every_position(connect: Any, behaviour: Behaviour) -> None:
    company = connect(FortnoxSimulator(rate_limit=None, behaviour=behaviour))
    fortnox, context = company.connection, company.context
    customer = Customer(
        name="O'Brien & “Ek” AB",
        kind="company",
        organisation_number="556036-0793",
        email="a@example.com",
        phone=None,
        invoice_address=Address(street="Gatan 1", postal_code="111 22", city="Malmö", country_code="SE"),
        our_reference="x" * 60,
    )
    number = fortnox.create_customer(customer, context).number
    fortnox.update_customer(Ref(number=number), customer, context)
    fortnox.create_contact_person(Ref(number=number), ContactPerson(first_name="Anna"), context)
    article = Article(number="A-1", description="Stol", price=Decimal("100.00"), unit="st", kind="goods")
    fortnox.create_article(article, context)
    assert fortnox.sync_articles([article], context).unchanged == ("A-1",)
    rows = (
        OrderRow(description="Text"),
        OrderRow(article_number="A-1", quantity=Decimal(2), unit_price=Decimal(100), discount_percent=Decimal(5)),
    )
    order = Order(
        customer_number=number, your_reference="y" * 60, remarks="rad 1\nrad 2", delivery_date=None, rows=rows
    )
    made = fortnox.create_order(order, Context("test", reference="k:1"))
    assert made.total is not None
    assert abs(made.total - Decimal("237.5")) <= Decimal("0.5")
    (found,) = fortnox.find_orders(DocumentQuery(reference="k:1"), context)
    assert found.number == made.number
    invoice = fortnox.convert_to_invoice(Ref(number=made.number), context)
    (held,) = fortnox.find_orders(DocumentQuery(number=made.number), context)
    assert [each.number for each in held.invoices or ()] == [invoice.number]
    row = InvoiceRow(description="Avgift", quantity=Decimal(1), unit_price=Decimal(10))
    fortnox.create_invoice(Invoice(customer_number=number, rows=(row,)), Context("test", reference="k:2"))
    page = fortnox.fetch_invoices(None, None, context)
    assert [item.state(date(2026, 1, 1)) for item in page.items] == ["draft", "draft"]
    assert len(fortnox.find_customers(CustomerQuery(organisation_number="5560360793"), context)) == 1


@pytest.mark.parametrize("status", [400, 403])
def test_a_missing_scope_is_told_with_either_status(connect: Any, status: Any) -> None:
    simulator = FortnoxSimulator(rate_limit=None, behaviour=Behaviour(scope_status=status))
    company = connect(simulator, scopes=("customer", "companyinformation"))
    report = company.connection.check_connection(company.context)
    (orders,) = [check for check in report.checks if check.name == "orders"]
    assert orders.state == "error"
    assert "lacks the scope" in orders.detail


def test_the_zone_and_the_overlap_of_changes_are_settings(connect: Any) -> None:
    company = connect(timezone="UTC", overlap_seconds=0)
    company.connection.fetch_articles(datetime(2026, 6, 1, 12, 0, tzinfo=UTC), None, company.context)
    (asked,) = company.simulator.journal.entries("GET", "/3/articles")
    assert "lastmodified=2026-06-01+12%3A00%3A00" in asked.query


def test_a_persons_grant_can_be_asked_for_instead_of_a_service_accounts(connect: Any) -> None:
    url = connect(service_account=False).connection.plugin.authorization_url("http://localhost/cb", "s")
    assert "account_type" not in parse_qs(urlsplit(url).query)


@pytest.mark.parametrize(("errors", "gone"), [(["invalid_grant"], False), (["invalid_grant", "invalid_client"], True)])
def test_the_setting_tells_which_refusals_mean_that_the_consent_is_gone(
    connect: Any, errors: list[str], *, gone: bool
) -> None:
    company = connect(client_secret="another-secret", consent_errors=errors)
    with pytest.raises(AuthenticationError) as caught:
        company.connection.find_customers(CustomerQuery(number="1"), company.context)
    assert isinstance(caught.value, ConsentNeededError) is gone


@pytest.mark.parametrize("position", ["invoice", "company"])
def test_what_is_left_to_pay_is_told_in_the_invoices_currency(connect: Any, position: Any) -> None:
    simulator = FortnoxSimulator(rate_limit=None, behaviour=Behaviour(balance_in=position))
    company = connect(simulator, balance_in=position)
    fortnox, context = company.connection, company.context
    number = fortnox.create_customer(Customer(name="Ek AB"), context).number
    row = InvoiceRow(description="Resa", quantity=Decimal(1), unit_price=Decimal(100), vat_percent=Decimal(0))
    euros = Invoice(customer_number=number, currency="EUR", currency_rate=Decimal("11.5"), rows=(row,))
    invoice = fortnox.create_invoice(euros, context).number
    company.simulator.book_invoice(invoice)
    company.simulator.pay_invoice(invoice, Decimal(40))
    assert company.record("invoices", invoice)["Balance"] == (60 if position == "invoice" else 690)
    (read,) = fortnox.find_invoices(DocumentQuery(number=invoice), context)
    without_rows = connect(simulator, balance_in=position, invoice_rows=False).connection
    (listed,) = without_rows.fetch_invoices(None, None, context).items
    assert (read.balance, listed.balance) == (60, 60)


@pytest.mark.parametrize("per", ["row", "unit"])
def test_a_discount_amount_comes_to_the_same_however_fortnox_takes_it(connect: Any, per: Any) -> None:
    behaviour = Behaviour(discount_amount_per=per)
    company = connect(FortnoxSimulator(rate_limit=None, behaviour=behaviour), discount_amount_per=per)
    fortnox, context = company.connection, company.context
    number = fortnox.create_customer(Customer(name="Ek AB"), context).number
    row = OrderRow(description="Stol", quantity=Decimal(4), unit_price=Decimal(100), discount_amount=Decimal(50))
    made = fortnox.create_order(Order(customer_number=number, rows=(row,)), Context("test", reference="k:1"))
    assert made.net == 350
    (found,) = fortnox.find_orders(DocumentQuery(number=made.number), context)
    assert (found.rows or ())[0].discount_amount == 50
