"""Orders that people change under erpcore's hands, and rows that no ERP could take as they are meant."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erpcore.models import Coworker, CrmOrderRow, Customer
from tests.sync.conftest import MakeShop
from tests.sync.memory_plugin import Killed
from tests.sync.world import World

ANOTHER = "556016-0680"


# Status


def test_an_order_whose_status_is_none_that_erpcore_knows_is_not_sent(shop: World) -> None:
    shop.change_order(status=None)
    run = shop.handle("o1", "order_ready")
    assert (run.state, len(shop.books.orders)) == ("nothing", 0), "taken back before it was picked up"
    assert not shop.desk.told
    assert "empty" in str(run.summary)


# The customer


def test_a_customer_number_left_from_another_company_stops_the_order(shop: World) -> None:
    shop.company("c2", name="Berg AB", organisation_number=ANOTHER, erp_number=None)
    shop.change_order(company_id="c2")
    run = shop.ready()
    assert (run.state, len(shop.books.orders)) == ("failed", 0)
    message = str(shop.desk.orders["o1"].message)
    assert "customer 50 is “Acme AB” (556000-4615)" in message
    assert "company c2 (Berg AB)" in message
    assert shop.desk.companies["c2"].erp_number is None, "nor is the company told that it is that customer"
    shop.change_order(customer_number=None)
    assert shop.ready().state == "done"
    assert shop.books.customers[str(shop.only_order.customer_number)].organisation_number == ANOTHER


def test_a_company_may_itself_say_that_it_is_another_organisations_customer(shop: World) -> None:
    shop.company(organisation_number=ANOTHER, erp_number="50")
    assert shop.ready().state == "done"
    assert shop.only_order.customer_number == "50", "such as a group whose head office is invoiced"


def test_a_customer_whose_organisation_number_is_unknown_is_believed(shop: World) -> None:
    shop.books.customers["60"] = Customer(number="60", name="Acme Syd")
    shop.change_order(customer_number="60")
    assert shop.ready().state == "done"
    assert shop.only_order.customer_number == "60"


# Rows


@pytest.mark.parametrize("amount", [Decimal(500), Decimal(-500)])
def test_a_discount_on_a_row_without_anything_to_take_it_off_stops_the_order(shop: World, amount: Decimal) -> None:
    chair = CrmOrderRow(article_number="A1", description="Chair", quantity=Decimal(2), unit_price=Decimal(400))
    shop.change_order(rows=(chair, CrmOrderRow(description="Rebate", discount_amount=amount)))
    run = shop.ready()
    assert (run.state, len(shop.books.orders)) == ("failed", 0)
    message = str(shop.desk.orders["o1"].message)
    assert "Row 2 (“Rebate”)" in message
    assert "discount" in message


def test_a_row_without_a_price_is_noted(shop: World) -> None:
    chair = CrmOrderRow(article_number="A1", description="Chair", quantity=Decimal(2))
    gift = CrmOrderRow(article_number="A1", description="Gift", quantity=Decimal(2), unit_price=Decimal(0))
    shop.change_order(rows=(chair, gift, CrmOrderRow(description="Thank you")))
    assert shop.ready().state == "done"
    assert "Row 1 (“Chair”) has no price in the CRM" in shop.told("o1", "order")
    assert shop.told("o1", "order").count("no price") == 1, "0 is a price, and a text has none"


def test_a_text_row_with_the_discount_0_is_a_text_row(shop: World) -> None:
    chair = CrmOrderRow(article_number="A1", description="Chair", quantity=Decimal(2), unit_price=Decimal(400))
    shop.change_order(rows=(chair, CrmOrderRow(description="Thank you", discount_amount=Decimal(0))))
    assert shop.ready().state == "done"
    assert shop.only_order.rows[1].is_text


# Our reference


@pytest.mark.parametrize(
    ("coworker", "who"),
    [(Coworker(id="7", name="Sam Säljare", email=None), "Sam Säljare"), (Coworker(id="7"), "coworker 7")],
)
def test_a_coworker_whom_the_erp_cannot_be_told_is_lost(make_shop: MakeShop, coworker: Coworker, who: str) -> None:
    shop = make_shop(our_reference=("number", "email"))
    shop.change_order(coworker=coworker)
    assert shop.ready().state == "done"
    assert f"our_reference: “{who}” is left out" in shop.told("o1", "order")
    assert "no number and no email" in shop.told("o1", "order")


@pytest.mark.parametrize("coworker", [None, Coworker(id=None, name=None), Coworker(name="Sam", number="17")])
def test_no_coworker_and_one_who_is_told_are_no_loss(make_shop: MakeShop, coworker: Coworker | None) -> None:
    shop = make_shop(our_reference=("number",))
    shop.change_order(coworker=coworker)
    assert shop.ready().state == "done"
    assert "our_reference" not in shop.told("o1", "order")


# What happens in the middle


def lost_in_the_middle(shop: World) -> None:
    shop.books.faults["create_order"] = ["after:killed"]
    shop.event("o1", "order_ready")
    with pytest.raises(Killed):
        shop.work(shop.open("o1", "order"))
    assert len(shop.books.orders) == 1


def test_an_order_that_got_another_number_meanwhile_keeps_it_and_the_second_document_is_told(shop: World) -> None:
    lost_in_the_middle(shop)
    shop.change_order(order_number="7", status="synced")
    run = shop.work(shop.open("o1", "order"))
    order = shop.desk.orders["o1"]
    assert (run.state, run.cause, order.order_number) == ("uncertain", "two_documents", "7")
    assert order.status == "error"
    assert "1001 and 7" in str(order.message)
    assert "“keep”" in str(order.message)
    shop.answer_keep(run, "1001")
    shop.change_order(order_number="1001")
    assert shop.ready().state == "done"
    assert len(shop.books.orders) == 1


def test_an_order_whose_number_was_entered_by_hand_meanwhile_is_settled(shop: World) -> None:
    lost_in_the_middle(shop)
    shop.change_order(order_number="1001")
    run = shop.work(shop.open("o1", "order"))
    assert (run.state, shop.desk.orders["o1"].status) == ("done", "synced")
    assert len(shop.books.orders) == 1


@pytest.mark.parametrize("waited", [False, True])
def test_an_order_given_to_another_erp_db_while_in_process_is_handed_over(make_shop: MakeShop, waited: bool) -> None:
    shop = make_shop(erp_db="se", erp_dbs=("se", "no"))
    shop.change_order(erp_db="se")
    write_back, create_order = shop.crm.write_back, shop.erp.create_order

    def given_away_before_it_is_read_again(values: Any, context: Any) -> bool:
        done = write_back(values, context)
        if values.status == "inprocess":
            shop.change_order(erp_db="no")
        return done

    def given_away_while_it_is_waited_for(order: Any, context: Any) -> Any:
        shop.change_order(erp_db="no")
        return create_order(order, context)

    if waited:
        shop.books.faults["create_order"] = ["before:unreachable"]
        shop.erp.create_order = given_away_while_it_is_waited_for  # type: ignore[method-assign]  # what happens meanwhile
    else:
        shop.crm.write_back = given_away_before_it_is_read_again  # type: ignore[method-assign]  # what happens meanwhile
    run = shop.ready()
    assert (run.state, len(shop.books.orders)) == ("nothing", 0)
    assert shop.desk.orders["o1"].status == "readytobesent", "or no sync would ever look at it"
    assert "handed over" in shop.told("o1", "order")


def test_an_order_given_away_after_a_lost_attempt_is_handed_over_once_that_is_settled(make_shop: MakeShop) -> None:
    shop = make_shop(erp_db="se", erp_dbs=("se", "no"))
    shop.change_order(erp_db="se")
    shop.books.faults["create_order"] = ["before:killed"]
    shop.event("o1", "order_ready")
    with pytest.raises(Killed):
        shop.work(shop.open("o1", "order"))
    shop.change_order(erp_db="no")
    run = shop.work(shop.open("o1", "order"))
    assert (run.state, len(shop.books.orders)) == ("nothing", 0)
    assert shop.desk.orders["o1"].status == "readytobesent"


def test_an_order_that_another_sync_has_in_process_is_left_alone(make_shop: MakeShop) -> None:
    shop = make_shop(erp_db="se", erp_dbs=("se", "no"))
    shop.change_order(erp_db="no", status="inprocess")
    assert shop.handle("o1", "order_ready").state == "nothing"
    assert shop.desk.orders["o1"].status == "inprocess"


# After success


def test_what_is_not_done_is_said_in_the_language_of_the_crm_s_users(make_shop: MakeShop) -> None:
    shop = make_shop(language="nb")
    shop.ready()
    shop.change_order(create_invoice=True)
    shop.ready()
    assert "finnes allerede i økonomisystemet som 1001" in str(shop.desk.orders["o1"].message)


def test_an_invoice_that_is_wished_for_after_success_is_answered_on_the_order(shop: World) -> None:
    shop.ready()
    shop.change_order(create_invoice=True)
    assert shop.ready().state == "done"
    order = shop.desk.orders["o1"]
    assert (order.status, len(shop.books.invoices)) == ("synced", 0)
    assert "is 1001 in the ERP already" in str(order.message)
    assert "invoice" in str(order.message)
    told = len(shop.desk.told)
    assert shop.handle("o1", "order_ready").state == "nothing", "told once"
    assert len(shop.desk.told) == told
