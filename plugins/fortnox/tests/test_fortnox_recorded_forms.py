"""The forms that recorded answers of real companies have, of the simulator and as the plugin reads them.

Recorded exchanges of 2015 to 2024 show them; each test names what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from erpcore_fortnox.simulator import FortnoxSimulator

from erpcore.errors import InvalidValueError, RejectedError
from erpcore.models import Article, Customer, CustomerQuery, DocumentQuery, Order, OrderRow, Ref
from erpcore.simulator import Clock
from plugins.fortnox.tests.fortnox_simulator_stranger import START, Company


@pytest.fixture
def stranger() -> Iterator[Company]:
    """A stranger's client of one company with a customer."""
    company = Company(FortnoxSimulator(rate_limit=None, clock=Clock(START, ticking=False)))
    company.customer(CountryCode="SE")
    yield company
    company.http.close()


def test_empty_members_of_documents_are_null(stranger: Company) -> None:
    order, invoice = stranger.order(), stranger.invoice()
    for document in (order, invoice):
        shown = document["EmailInformation"]
        assert (shown["EmailAddressCC"], shown["EmailAddressBCC"]) == (None, None)
    edi = {name: value for name, value in invoice["EDIInformation"].items() if name != "EDIStatus"}
    assert (len(edi), set(edi.values())) == (6, {None})
    assert invoice["ContractReference"] == "0"
    assert stranger.ok("GET", "/orders")["Orders"][0]["DeliveryDate"] is None


def test_small_forms_of_an_invoice(stranger: Company, company: Any) -> None:
    for each in (stranger, company):
        each.simulator.seed({"behaviour": {"ocr": False}})
    invoice = stranger.invoice({"Description": "x", "DeliveredQuantity": 1, "Price": 1})
    assert (invoice["TimeBasisReference"], invoice["InvoiceRows"][0]["CostCenter"]) == (0, None)
    assert stranger.ok("GET", "/invoices")["Invoices"][0]["OCR"] is None
    number = company.connection.create_customer(Customer(name="Ek"), company.context).number
    company.simulator.seed({"invoices": [{"CustomerNumber": number, "InvoiceRows": [{"Description": "Text"}]}]})
    (read,) = company.connection.fetch_invoices(None, None, company.context).items
    assert read.ocr is None


@pytest.mark.parametrize("nothing", [0, "0", ""])
def test_project_0_is_no_project(company: Any, nothing: Any) -> None:
    # In replies of 2015.
    shown = company.connection.plugin.field_maps["order"].from_native({"Project": nothing})
    assert (shown.shown("project"), shown.project) == (True, None)


def test_the_subject_of_an_e_mail_is_the_template(stranger: Company) -> None:
    assert stranger.order()["EmailInformation"]["EmailSubject"] == "Order {no} bifogas"
    assert stranger.invoice()["EmailInformation"]["EmailSubject"] == "Faktura {no} bifogas"
    stranger.ok("PUT", "/orders/1/createinvoice")
    assert stranger.ok("GET", "/invoices/2")["Invoice"]["EmailInformation"]["EmailSubject"] == "Faktura {no} bifogas"


def test_empty_members_of_an_article(stranger: Company) -> None:
    made = stranger.article()
    for name in ("DirectCost", "FreightCost", "OtherCost", "Manufacturer"):
        assert made[name] is None, name
    assert (made["StockWarning"], made["CommodityCode"]) == (0, "")


def test_an_article_has_the_vat_of_its_sales_account(stranger: Company) -> None:
    assert stranger.article(SalesAccount=1250)["VAT"] == 0
    assert stranger.article(SalesAccount=3002)["VAT"] == 12
    assert stranger.article(SalesAccount=1250, VAT=25)["VAT"] == 25
    assert stranger.article()["VAT"] == 25


def test_an_article_made_with_an_account_has_the_vat_that_fortnox_gives_it(company: Any) -> None:
    account = Article(number="1", description="Stol", income_account="1250")
    company.connection.create_article(account, company.context)
    assert company.record("articles", "1")["VAT"] == 0


def test_stock_is_rounded_and_what_is_reserved_comes_off(stranger: Company) -> None:
    made = stranger.article(QuantityInStock=1.123)
    assert (made["QuantityInStock"], made["DisposableQuantity"]) == (1.12, 1.12)
    least = stranger.article(QuantityInStock=-99999999999999.9)
    assert least["QuantityInStock"] == -100000000000000


@pytest.mark.parametrize(("form", "kinds"), [("strings", {str}), ("numbers", {int}), ("mixed", {str, int})])
def test_lists_of_articles_have_amounts_in_one_form_per_article(stranger: Company, form: str, kinds: set[type]) -> None:
    stranger.simulator.seed({"behaviour": {"article_amounts": form}})
    for number in range(4):
        stranger.article(5, ArticleNumber=f"A{number}", VAT=0 if number else 25)
    entries = stranger.ok("GET", "/articles")["Articles"]
    amounts = ("DisposableQuantity", "PurchasePrice", "QuantityInStock", "ReservedQuantity", "StockValue")
    seen = [{type(entry[name]) for name in amounts} for entry in entries]
    assert all(len(each) == 1 for each in seen)
    assert set().union(*seen) == kinds
    assert [entry["VAT"] for entry in entries] == ["25", None, None, None]
    assert {entry["SalesPrice"] for entry in entries} == {"5"}
    assert {(entry["Unit"], entry["StockPlace"]) for entry in entries} == {(None, None)}


@pytest.mark.parametrize("form", ["strings", "numbers", "mixed"])
def test_articles_without_vat_are_not_written_again_in_every_sync(company: Any, form: str) -> None:
    company.simulator.seed({"behaviour": {"article_amounts": form}})
    articles = [
        Article(number=f"A{number}", description=f"Vara {number}", vat_percent=Decimal(0), cost_price=Decimal("2.50"))
        for number in range(21)
    ]
    assert len(company.connection.sync_articles(articles, company.context).created) == 21
    company.asked()
    assert len(company.connection.sync_articles(articles, company.context).unchanged) == 21
    assert not [asked for asked in company.asked() if asked.startswith("PUT")]
    page = company.connection.fetch_articles(None, None, company.context)
    assert {(article.vat_percent, article.cost_price) for article in page.items} == {(Decimal(0), Decimal("2.50"))}


def test_a_unit_shows_its_english_code_and_addresses_are_encoded(stranger: Company) -> None:
    made = stranger.ok("POST", "/units", {"Unit": {"Code": "förp", "Description": "Förpackning"}}, 201)["Unit"]
    assert made["CodeEnglish"] == ""
    assert made["@url"] == "https://api.fortnox.se/3/units/f%C3%B6rp"
    assert stranger.ok("GET", "/units/f%C3%B6rp")["Unit"] == made
    assert stranger.refused("GET", "/units/x", status=404) == 2000432


def test_terms_of_payment_are_listed_by_their_code_as_text(stranger: Company, company: Any) -> None:
    terms = {"TermsOfPayment": {"Code": "19DAYS", "Description": "19 dagar"}}
    response = stranger.http.post("/termsofpayments", json=terms)
    assert (response.status_code, response.headers["Location"]) == (201, "paymentterms")
    listed = [entry["Code"] for entry in stranger.ok("GET", "/termsofpayments")["TermsOfPayments"]]
    assert listed == ["0", "10", "15", "19DAYS", "20", "30", "60"]
    company.simulator.seed({"termsofpayments": [terms["TermsOfPayment"]]})
    read = company.connection.list_register("terms_of_payment", company.context)
    assert {entry.code: entry.days for entry in read}["19DAYS"] is None


def test_a_contribution_of_nothing_is_written_with_a_sign(stranger: Company, company: Any) -> None:
    order = stranger.order({"Description": "Text"})
    assert order["OrderRows"][0]["ContributionValue"] == "-0"
    number = company.connection.create_customer(Customer(name="Ek"), company.context).number
    company.simulator.seed({"invoices": [{"CustomerNumber": number, "InvoiceRows": [{"Description": "Text"}]}]})
    (invoice,) = company.connection.find_invoices(DocumentQuery(number="1"), company.context)
    assert [row.description for row in invoice.rows] == ["Text"]


def test_an_order_with_house_work_says_no_at_its_head(stranger: Company) -> None:
    assert stranger.order({"Description": "Arbete", "DeliveredQuantity": 1, "Price": 1})["HouseWork"] is False


def test_projects_and_cost_centres_are_registers(stranger: Company) -> None:
    made = stranger.ok("POST", "/projects", {"Project": {"ProjectNumber": "7", "Description": "Bygget"}}, 201)
    assert stranger.ok("GET", "/projects/7") == made
    assert stranger.refused("GET", "/projects/8", status=404) == 2001161
    assert [each["ProjectNumber"] for each in stranger.ok("GET", "/projects")["Projects"]] == ["7"]
    stranger.simulator.seed({"costcenters": ["SALJ"]})
    assert [each["Code"] for each in stranger.ok("GET", "/costcenters")["CostCenters"]] == ["SALJ"]
    assert stranger.order(Project="7", CostCenter="SALJ")["CostCenter"] == "SALJ"


@pytest.mark.parametrize(("field", "says"), [("project", "projektet"), ("cost_center", "kostnadsstället")])
def test_a_project_or_cost_centre_that_is_not_there_is_named(company: Any, field: str, says: str) -> None:
    number = company.connection.create_customer(Customer(name="Ek"), company.context).number
    order = Order(customer_number=number, rows=(OrderRow(description="x"),), **{field: "FINNS-EJ"})
    with pytest.raises(Exception, match="FINNS-EJ") as caught:
        company.connection.create_order(order, company.context)
    assert says in str(caught.value)


def test_prices_are_listed_and_a_wrong_verb_is_refused_in_fortnox_s_form(stranger: Company) -> None:
    stranger.article(5, ArticleNumber="A")
    assert [each["Price"] for each in stranger.ok("GET", "/prices")["Prices"]] == [5]
    response = stranger.http.delete("/customers/1")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, PUT")
    assert response.json()["ErrorInformation"]["error"] == 1


def test_more_rows_than_fortnox_takes_stop_before_anything_is_sent(connect: Any) -> None:
    rows = tuple(OrderRow(description="Del", quantity=Decimal(1), unit_price=Decimal(1)) for _ in range(501))
    company = connect()
    number = company.connection.create_customer(Customer(name="Ek"), company.context).number
    company.asked()
    with pytest.raises(InvalidValueError, match=r"501 rows.*500"):
        company.connection.create_order(Order(customer_number=number, rows=rows), company.context)
    assert company.asked() == []
    free = connect(most_rows=0)
    number = free.connection.create_customer(Customer(name="Ek"), free.context).number
    with pytest.raises(RejectedError, match="501 > 500"):
        free.connection.create_order(Order(customer_number=number, rows=rows), free.context)
    free.simulator.seed({"behaviour": {"most_rows": None}})
    assert free.connection.create_order(Order(customer_number=number, rows=rows), free.context).number == "1"


def test_what_is_inactive_is_named_by_no_document_unless_fortnox_takes_it(company: Any) -> None:
    company.simulator.seed(
        {
            "customers": [
                {"CustomerNumber": "1", "Name": "Ek", "Active": False},
                {"CustomerNumber": "2", "Name": "Bo"},
            ],
            "articles": [{"ArticleNumber": "A", "Description": "Stol", "Active": False}],
        }
    )
    row = OrderRow(article_number="A", quantity=Decimal(1), unit_price=Decimal(1))
    orders = (Order(customer_number="1", rows=()), Order(customer_number="2", rows=(row,)))
    for order in orders:
        with pytest.raises(RejectedError, match="inte aktiv"):
            company.connection.create_order(order, company.context)
    company.connection.update_customer(Ref(number="1"), Customer(active=True), company.context)
    (found,) = company.connection.find_customers(CustomerQuery(number="1"), company.context)
    assert found.active is True
    company.simulator.seed({"behaviour": {"inactive": "taken"}})
    for order in orders:
        company.connection.create_order(order, company.context)


def test_a_date_outside_all_financial_years_is_a_switch(stranger: Company) -> None:
    order = {"Order": {"CustomerNumber": "1", "OrderDate": "1999-01-01"}}
    assert stranger.refused("POST", "/orders", order) == 2001392
    stranger.simulator.seed({"behaviour": {"missing_financial_year": "taken"}})
    assert stranger.order(OrderDate="1999-01-01")["OrderDate"] == "1999-01-01"


def test_with_the_warehouse_module_orders_are_made_in_the_state_delivery(connect: Any) -> None:
    row = OrderRow(description="x", quantity=Decimal(1), unit_price=Decimal(1))
    company = connect(delivery_state="not_sent")
    number = company.connection.create_customer(Customer(name="Ek"), company.context).number
    order = Order(customer_number=number, rows=(row,))
    with pytest.raises(RejectedError, match="leverans"):
        company.connection.create_order(order, company.context)
    company.simulator.seed({"behaviour": {"warehouse": False}})
    assert company.connection.create_order(order, company.context).total == Decimal(1)
