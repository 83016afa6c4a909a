"""Orders of a CRM: each sentence of Lime's tables of order fields that concerns the flow."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from erpcore.models import Article, CrmOrderRow, Customer, Ref
from tests.sync.conftest import MakeShop
from tests.sync.world import World


def statuses(world: World, record_id: str = "o1") -> list[str | None]:
    return [values.status for values in world.desk.told if values.record_id == record_id]


# The head


def test_the_order_number_is_written_back(shop: World) -> None:
    run = shop.ready()
    assert (run.state, run.summary) == ("done", "Order 1001.")
    order = shop.desk.orders["o1"]
    assert (order.order_number, order.invoice_number, order.status, order.message) == ("1001", None, "synced", None)


def test_create_invoice_from_order_converts_the_order_and_writes_the_invoice_number_back(shop: World) -> None:
    shop.change_order(create_invoice=True)
    assert shop.ready().summary == "Order 1001, invoice 1."
    assert shop.books.orders["1001"].invoices == (Ref(number="1"),)
    assert shop.books.invoices["1"].booked is False
    order = shop.desk.orders["o1"]
    assert (order.order_number, order.invoice_number, order.status) == ("1001", "1", "synced")
    assert statuses(shop) == ["inprocess", "inprocess", "synced"], "it is not synced before it is an invoice"


def test_without_create_invoice_from_order_there_is_no_invoice(shop: World) -> None:
    shop.change_order(create_invoice=False)
    shop.ready()
    assert not shop.books.invoices


def test_the_erp_db_chooses_the_sync(make_shop: MakeShop) -> None:
    shop = make_shop(erp_db="se", erp_dbs=("se", "no"))
    shop.change_order(erp_db="no")
    run = shop.ready()
    assert (run.state, shop.desk.orders["o1"].status) == ("nothing", "readytobesent"), "the other sync takes it"
    assert "“no”, and this sync is for “se”" in str(run.summary)
    shop.change_order(erp_db="se")
    assert shop.ready().state == "done"


@pytest.mark.parametrize(("key", "words"), [("dk", "No sync is for"), (None, "does not say which ERP db")])
def test_an_erp_db_that_no_sync_is_for_is_told(make_shop: MakeShop, key: str | None, words: str) -> None:
    shop = make_shop(erp_db="se", erp_dbs=("se", "no"))
    shop.change_order(erp_db=key)
    run = shop.ready()
    assert run.state == "failed"
    assert words in str(shop.desk.orders["o1"].message)
    assert "There are no, se" in str(shop.desk.orders["o1"].message)


def test_a_sync_without_erp_db_takes_every_order(shop: World) -> None:
    shop.change_order(erp_db="whatever")
    assert shop.ready().state == "done"


def test_the_customer_number_is_the_key_to_the_customer(shop: World) -> None:
    shop.books.customers["51"] = Customer(number="51", name="Acme AB", organisation_number="556000-4615")
    shop.ready()
    assert shop.only_order.customer_number == "50", "although two have the company's organisation number"
    assert shop.books.calls["find_customers"] == 1
    assert shop.desk.companies["c1"].erp_number == "50"
    shop.order("o2", customer_number="50")
    shop.ready("o2")
    assert shop.books.calls["find_customers"] == 1, "known by its link now"
    assert shop.books.calls["update_customer"] == 0


def test_a_customer_number_of_another_erp_is_neither_believed_nor_overwritten(make_shop: MakeShop) -> None:
    shop = make_shop(customer_number_in_crm="another_erp")
    shop.books.customers["50"] = Customer(number="50", name="Somebody else AB", organisation_number="556036-0793")
    shop.company(erp_number="50")
    shop.order("o2", customer_number="50")
    run = shop.ready("o2")
    assert run.state == "done"
    assert shop.only_order.customer_number not in (None, "50")
    made = shop.books.customers[str(shop.only_order.customer_number)]
    assert (made.name, made.organisation_number) == ("Acme AB", "556000-4615")
    assert shop.books.customers["50"].name == "Somebody else AB"
    assert shop.desk.companies["c1"].erp_number == "50", "the CRM keeps the other ERP's number"


def test_a_company_without_organisation_number_is_no_hindrance_to_a_customer_number(shop: World) -> None:
    shop.company(organisation_number=None)
    assert shop.ready().state == "done"
    assert shop.only_order.customer_number == "50"


def test_a_customer_number_goes_before_the_link(shop: World) -> None:
    shop.ready()
    shop.books.customers["60"] = Customer(number="60", name="Acme Syd AB")
    shop.order("o2", customer_number="60")
    shop.ready("o2")
    assert shop.books.orders["1002"].customer_number == "60"


def test_an_order_without_company_goes_by_its_customer_number(shop: World) -> None:
    shop.change_order(company_id=None)
    shop.ready()
    assert shop.only_order.customer_number == "50"


def test_an_order_without_customer_number_goes_by_the_organisation_number_of_its_company(shop: World) -> None:
    shop.company()
    shop.change_order(customer_number=None)
    shop.ready()
    assert shop.only_order.customer_number == "50"
    assert shop.desk.companies["c1"].erp_number == "50", "written back to the company"


def test_a_customer_that_the_erp_lacks_is_created_and_its_number_written_back(shop: World) -> None:
    shop.books.customers.clear()
    shop.company()
    shop.change_order(customer_number=None)
    shop.ready()
    assert shop.only_order.customer_number == "1"
    assert shop.books.customers["1"].organisation_number == "556000-4615"
    assert shop.desk.companies["c1"].erp_number == "1"


def test_a_customer_that_the_erp_lacks_stops_the_order_where_the_rule_says_so(make_shop: MakeShop) -> None:
    shop = make_shop(missing_customer="stop")
    shop.books.customers.clear()
    shop.change_order(customer_number=None)
    shop.company()
    run = shop.ready()
    assert (run.state, run.error_class) == ("failed", "MissingRecordError")
    assert not shop.books.customers
    shop.books.customers["9"] = Customer(number="9", name="Acme", organisation_number="556000-4615")
    assert shop.ready().state == "done"


def test_an_unknown_customer_number_goes_on_to_the_company_and_is_told(shop: World) -> None:
    shop.change_order(customer_number="4711")
    assert shop.ready().state == "done"
    assert shop.only_order.customer_number == "50"
    assert "customer number 4711, which the ERP has not" in shop.told("o1", "order")


def test_an_unknown_customer_number_stops_where_the_rule_says_so(make_shop: MakeShop) -> None:
    shop = make_shop(unknown_customer_number="stop")
    shop.change_order(customer_number="4711")
    run = shop.ready()
    assert (run.state, run.error_class) == ("failed", "MissingRecordError")
    assert "no customer 4711" in str(shop.desk.orders["o1"].message)
    assert not shop.books.orders


def test_an_unknown_customer_number_without_company_and_none_at_all_are_told(shop: World) -> None:
    shop.change_order(customer_number="4711", company_id=None)
    assert "names no company" in str(shop.ready().error_text)
    shop.change_order(customer_number=None)
    assert "neither a customer number nor a company" in str(shop.ready().error_text)


def test_customer_reference_coworker_date_and_currency_go_over(shop: World) -> None:
    shop.change_order(currency="EUR")
    shop.ready()
    order = shop.only_order
    assert (order.your_reference, order.our_reference) == ("Kim Kund", "Sam Säljare")
    assert (order.order_date, order.currency) == (date(2026, 11, 18), "EUR")


@pytest.mark.parametrize(
    ("rule", "sent"), [(("number",), "17"), (("email", "name"), "sam@seller.example"), (("name",), "Sam Säljare")]
)
def test_our_reference_is_what_the_erp_knows_its_employees_by(make_shop: MakeShop, rule: Any, sent: str) -> None:
    shop = make_shop(our_reference=rule)
    shop.ready()
    assert shop.only_order.our_reference == sent


def test_an_order_without_date_is_dated_today_and_an_unknown_currency_stops(make_shop: MakeShop) -> None:
    shop = make_shop(currencies=("SEK",))
    shop.change_order(order_date=None)
    shop.ready()
    assert shop.only_order.order_date == date(2026, 11, 20)
    shop.order("o2", customer_number="50", currency="USD")
    assert "The order's currency USD" in str(shop.ready("o2").error_text)


# The rows


def test_each_field_of_a_row_goes_over(shop: World) -> None:
    row = CrmOrderRow(
        row_id="7",
        article_number="A1",
        description="Chair, blue",
        quantity=Decimal("2.5"),
        unit="h",
        unit_price=Decimal("99.50"),
        vat_percent=Decimal(12),
        discount_amount=Decimal("10.25"),
        vat_account="2611",
        income_account="3001",
    )
    shop.change_order(rows=(row, CrmOrderRow(description="Only text")))
    shop.ready()
    first, text = shop.only_order.rows
    sent = {name: getattr(row, name) for name in type(row).model_fields if name not in ("row_id", "article_id")}
    assert {name: getattr(first, name) for name in sent} == sent
    assert first.row_id is None, "the ERP numbers its rows"
    assert (text.is_text, text.description) == (True, "Only text")


def test_an_article_that_the_erp_lacks_is_created_towards_the_rows_income_account(shop: World) -> None:
    row = CrmOrderRow(article_id="p9", description="Lamp", quantity=Decimal(1), income_account="3001")
    shop.change_order(rows=(row, row))
    shop.ready()
    assert len(shop.books.articles) == 2
    new = next(article for number, article in shop.books.articles.items() if number != "A1")
    assert (new.description, new.income_account, new.currency) == ("Lamp", "3001", "SEK")
    assert [row.article_number for row in shop.only_order.rows] == [new.number, new.number]


def test_an_article_that_the_erp_lacks_stops_the_order_where_the_rule_says_so_until_it_is_mended(
    make_shop: MakeShop,
) -> None:
    shop = make_shop(missing_article="stop")
    shop.books.articles.clear()
    run = shop.ready()
    assert run.state == "failed"
    order = shop.desk.orders["o1"]
    assert order.status == "error"
    assert "The article “Chair” (A1) of row 1 is not in the ERP" in str(order.message)
    assert "send the order again" in str(order.message)
    assert not shop.books.orders
    shop.books.articles["A1"] = Article(number="A1", description="Chair")
    assert shop.ready().state == "done"
    order = shop.desk.orders["o1"]
    assert (order.status, order.order_number, order.message) == ("synced", "1001", None)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("sv", "En rad anger artikeln A1, som inte finns i affärssystemet. Lägg upp artikeln A1 i affärssystemet"),
        ("nb", "En linje oppgir varen A1, som ikke finnes i økonomisystemet. Opprett varen A1 i økonomisystemet"),
    ],
)
def test_a_failure_is_told_in_the_language_of_the_crm_s_users(make_shop: MakeShop, language: Any, words: str) -> None:
    shop = make_shop(missing_article="stop", language=language)
    shop.books.articles.clear()
    shop.ready()
    message = str(shop.desk.orders["o1"].message)
    assert message.startswith(words)
    assert "erpcore retry" not in message, "a salesperson has no command line"


def test_what_is_wrong_with_a_single_value_is_told_in_any_language(make_shop: MakeShop) -> None:
    shop = make_shop(language="sv")
    shop.order(customer_number="50", rows=())
    run = shop.ready()
    message = str(shop.desk.orders["o1"].message)
    assert message.startswith("Ett värde kan inte skickas som det är.")
    assert run.problem.message == "The order has no rows."
    assert message.endswith("Ordern har inga rader.")


@pytest.mark.parametrize("rows", [(), None, ...])
def test_an_order_without_rows_is_told(shop: World, rows: Any) -> None:
    shop.order(customer_number="50", rows=rows)
    run = shop.ready()
    assert run.error_class == "InvalidValueError"
    assert "rows" in str(shop.desk.orders["o1"].message)
    assert not shop.books.calls
