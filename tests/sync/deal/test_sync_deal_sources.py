"""The sentences of Lime Go's two articles on its connector to Fortnox that concern a won deal, one test each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from erpcore.models import Address, CompanyAddress, Customer, CustomField, DealRow, Ref
from tests.sync.conftest import MakeWorld
from tests.sync.memory_crm import ReportingCrm
from tests.sync.world import ACME, World

CHAIR = DealRow(article_id="p1", article_number="A1", description="Chair", quantity=Decimal(2), unit_price=Decimal(100))


def only_customer(world: World) -> Customer:
    (customer,) = world.books.customers.values()
    return customer


# How the new ERP sync works


def test_a_deal_put_in_a_positive_last_step_sends_customer_and_deal_and_an_order_is_created(world: World) -> None:
    run = world.handle()
    assert (run.state, run.summary) == ("done", "Order 1001.")
    assert world.only_order.customer_number == only_customer(world).number


def test_a_deal_put_in_a_positive_last_step_makes_an_invoice_where_that_is_chosen(make_world: MakeWorld) -> None:
    world = make_world(won_deal="invoice")
    world.company()
    world.deal()
    assert world.handle().summary == "Invoice draft 1."
    (invoice,) = world.books.invoices.values()
    assert invoice.booked is False, "a draft of an invoice"
    assert invoice.invoice_date == date(2026, 11, 20)
    assert not world.books.orders


def test_a_won_deal_makes_nothing_where_that_is_chosen(make_world: MakeWorld) -> None:
    world = make_world(won_deal="nothing")
    world.company()
    world.deal()
    assert world.handle().state == "nothing"
    assert not world.books.calls


def test_the_number_is_sent_back_as_the_deal_erp_id(world: World) -> None:
    world.handle()
    assert world.desk.deals["d1"].erp_id == "1001"
    assert world.desk.told[0].order_number == "1001"


def test_existing_customer_data_is_overridden_as_the_crm_is_the_master(world: World) -> None:
    world.books.customers["77"] = Customer(
        number="77", name="Acme Old", organisation_number="556000-4615", phone="1", email="old@acme.example"
    )
    world.handle()
    customer = only_customer(world)
    assert (customer.name, customer.phone, customer.email) == ("Acme AB", "08-123 45 67", "info@acme.example")
    assert world.only_order.customer_number == "77"


def test_existing_customer_data_is_left_alone_where_the_rule_says_so(make_world: MakeWorld) -> None:
    world = make_world(update_existing_customer=False)
    world.company()
    world.deal()
    world.books.customers["77"] = Customer(number="77", name="Acme Old", organisation_number="556000-4615")
    world.handle()
    assert only_customer(world).name == "Acme Old"


def test_the_delivery_address_is_not_affected_where_the_rule_says_so(make_world: MakeWorld) -> None:
    world = make_world(deliver_to_visiting_address=False)
    world.company()
    world.deal()
    old = Address(street="Lagret 9")
    world.books.customers["77"] = Customer(
        number="77", name="Acme", organisation_number="556000-4615", delivery_address=old
    )
    world.handle()
    assert only_customer(world).delivery_address == old


def test_new_customers_are_sent(world: World) -> None:
    world.handle()
    assert only_customer(world).kind == "company"


@pytest.mark.parametrize("spelling", [ACME, "556000-4615", "16556000-4615", "SE556000461501", " 556000 4615 "])
def test_the_registration_number_is_the_key_field_in_any_spelling(world: World, spelling: str) -> None:
    world.company(organisation_number=spelling)
    world.books.customers["77"] = Customer(number="77", name="Somebody", organisation_number="556000-4615")
    world.handle()
    assert world.only_order.customer_number == "77"


def test_name_email_and_phone_are_copied(world: World) -> None:
    world.handle()
    customer = only_customer(world)
    assert (customer.name, customer.organisation_number) == ("Acme AB", "556000-4615")
    assert (customer.email, customer.phone) == ("info@acme.example", "08-123 45 67")


def test_the_postal_address_becomes_the_invoice_address(world: World) -> None:
    world.handle()
    address = only_customer(world).invoice_address
    assert address is not None
    assert (address.street, address.postal_code, address.city) == ("Box 1", "111 22", "Stockholm")


def test_the_visiting_address_becomes_the_delivery_address_with_its_country(world: World) -> None:
    world.handle()
    address = only_customer(world).delivery_address
    assert address is not None
    assert (address.street, address.postal_code, address.city) == ("Storgatan 1", "111 33", "Solna")
    assert address.country_code == "SE"


def test_the_deal_name_is_the_main_article_and_the_value_goes_pre_tax_with_quantity_one(world: World) -> None:
    world.handle()
    (row,) = world.only_order.rows
    assert (row.description, row.quantity, row.unit_price) == ("Website", Decimal(1), Decimal("12500.50"))
    assert row.vat_percent is None
    assert row.article_number is None


def test_custom_fields_of_the_deal_follow_when_they_are_filled_in(world: World) -> None:
    world.desk.change(
        "d1",
        custom_fields=(
            CustomField(title="Discount", value="10 % first year"),
            CustomField(title="Empty", value="  "),
            CustomField(title="None", value=None),
        ),
    )
    world.handle()
    texts = [row.description for row in world.only_order.rows if row.is_text]
    assert texts == ["Discount: 10 % first year"]


def test_custom_fields_may_fill_fields_of_the_document_instead(make_world: MakeWorld) -> None:
    mapping = {"PO number": "your_order_number", "Message": "remarks", "More": "remarks", "Delivery": "delivery_date"}
    world = make_world(field_mapping=mapping)
    world.company()
    fields = {
        "po  NUMBER": "4500",
        "Message": "Call first",
        "More": "Then ring",
        "Delivery": "2026-12-01",
        "Other": "x",
    }
    world.deal(custom_fields=tuple(CustomField(title=title, value=value) for title, value in fields.items()))
    world.handle()
    order = world.only_order
    assert (order.your_order_number, order.delivery_date) == ("4500", date(2026, 12, 1))
    assert order.remarks == "Call first\nThen ring"
    assert [row.description for row in order.rows if row.is_text] == ["Other: x"]


def test_custom_fields_may_be_left_out(make_world: MakeWorld) -> None:
    world = make_world(custom_fields="ignore")
    world.company()
    world.deal(custom_fields=(CustomField(title="Secret", value="x"),))
    world.handle()
    assert len(world.only_order.rows) == 1


def test_a_first_win_fills_the_erp_id_and_as_long_as_it_has_a_value_no_new_document_is_made(world: World) -> None:
    world.handle()
    for _ in range(3):
        assert world.handle().state == "nothing"
    assert len(world.books.orders) == 1
    assert "has its document 1001" in world.told()


def test_a_cleared_erp_id_and_a_new_win_make_a_new_document_and_the_story_says_why(world: World) -> None:
    world.handle()
    world.desk.change("d1", erp_id=None)
    assert world.handle().state == "done"
    assert list(world.books.orders) == ["1001", "1002"]
    assert world.books.orders["1001"].reference != world.books.orders["1002"].reference
    assert world.desk.deals["d1"].erp_id == "1002"
    assert "ERP ID was cleared and the deal was won again" in world.told()
    assert "The earlier one, 1001, stays in the ERP" in world.told()


def test_a_cleared_erp_id_without_a_new_win_makes_nothing_until_the_deal_is_won_again(world: World) -> None:
    world.handle()
    world.desk.change("d1", erp_id=None)
    assert world.handle(kind="deal_changed").state == "nothing"
    assert len(world.books.orders) == 1
    world.desk.change("d1", won=False)
    assert world.handle(kind="deal_changed").state == "nothing"
    world.desk.change("d1", won=True)
    assert world.handle(kind="deal_changed").state == "done"
    assert len(world.books.orders) == 2


def test_a_re_win_that_was_answered_counts_no_more_when_the_erp_id_is_cleared_later(world: World) -> None:
    world.handle()
    world.desk.change("d1", erp_id=None, won=False)
    world.handle(kind="deal_changed")
    world.desk.change("d1", erp_id="1001", won=True)
    world.handle()
    world.desk.change("d1", erp_id=None)
    assert world.handle(kind="deal_changed").state == "nothing"
    assert len(world.books.orders) == 1


def test_a_late_event_of_the_first_win_makes_nothing_although_the_erp_id_was_cleared(world: World) -> None:
    first_win = world.time.at
    world.handle(at=first_win)
    world.desk.change("d1", erp_id=None)
    assert world.handle(at=first_win).state == "nothing"
    assert len(world.books.orders) == 1


def test_a_deal_won_in_pipeline_1_and_then_in_pipeline_2_makes_nothing_more(world: World) -> None:
    world.handle()
    world.desk.change("d1", status="Won in pipeline 2")
    assert world.handle().state == "nothing"
    assert world.books.calls["create_order"] == 1


def test_changes_made_after_the_win_are_not_synced(world: World) -> None:
    world.handle()
    world.desk.change("d1", name="Other", value=Decimal(1))
    assert world.handle(kind="deal_changed").state == "nothing"
    assert world.only_order.rows[0].unit_price == Decimal("12500.50")


def test_an_article_without_erp_number_is_created_and_its_number_not_reported_back(make_world: MakeWorld) -> None:
    world = make_world(crm_class=ReportingCrm)
    world.company()
    world.deal(rows=(CHAIR.model_copy(update={"article_number": None}),))
    world.handle()
    (article,) = world.books.articles.values()
    assert (article.description, article.price) == ("Chair", Decimal(100))
    assert world.only_order.rows[0].article_number == article.number
    assert not world.desk.articles


def test_the_created_article_is_used_by_the_next_deal_and_reported_where_the_rule_says_so(
    make_world: MakeWorld,
) -> None:
    world = make_world(crm_class=ReportingCrm, report_created_articles=True)
    world.company()
    row = CHAIR.model_copy(update={"article_number": None})
    world.deal(rows=(row, row))
    world.deal("d2", rows=(row,))
    world.handle()
    world.handle("d2")
    assert list(world.books.articles) == ["A1"]
    assert world.desk.articles["A1"].external_reference == "p1"
    rows = [row for order in world.books.orders.values() for row in order.rows]
    assert [row.article_number for row in rows] == ["A1", "A1", "A1"]


def test_a_failure_says_what_failed_to_sync(world: World) -> None:
    world.desk.change("d1", company_id=None)
    run = world.handle()
    assert (run.state, run.error_class) == ("failed", "MissingRecordError")
    assert "no company" in str(run.error_text)
    assert "Choose the company" in str(run.advice)


# Kom igång med Fortnox-kopplingen


def test_er_referens_is_the_contact_and_var_referens_the_responsible(world: World) -> None:
    world.handle()
    assert world.only_order.your_reference == "Kim Kund"
    assert world.only_order.our_reference == "Sam Säljare"
    assert world.only_order.customer_name == "Acme AB"


def test_information_added_or_changed_in_the_crm_is_updated_in_the_erp(world: World) -> None:
    world.handle()
    world.company(phone="08-99 99 99", postal_address=CompanyAddress(street="Ny gata 2"))
    world.deal("d2")
    world.handle("d2")
    customer = only_customer(world)
    assert customer.phone == "08-99 99 99"
    assert customer.invoice_address is not None
    assert customer.invoice_address.street == "Ny gata 2"
    assert "was updated" in world.told("d2")


# What follows from both, and from fields that a CRM's key cannot see


def test_fields_that_the_crm_does_not_show_are_never_written_as_blanks(world: World) -> None:
    world.handle()
    world.company(name="Acme Group AB", email=..., phone=..., postal_address=..., visiting_address=...)
    world.deal("d2")
    world.handle("d2")
    customer = only_customer(world)
    assert (customer.name, customer.phone, customer.email) == ("Acme Group AB", "08-123 45 67", "info@acme.example")
    assert customer.invoice_address is not None
    assert customer.invoice_address.street == "Box 1"


def test_an_empty_text_never_becomes_a_blank(world: World) -> None:
    world.company(email="", phone="  ", postal_address=CompanyAddress(street="", city=" "))
    world.handle()
    customer = only_customer(world)
    assert not customer.shown("email")
    assert not customer.shown("phone")
    assert not customer.shown("invoice_address")


def test_a_crm_without_erp_id_field_is_remembered_by_the_links(world: World) -> None:
    world.desk.has_erp_id = False
    assert world.handle().state == "done"
    assert "does not take the number" in world.told()
    assert world.handle().state == "nothing"
    assert len(world.books.orders) == 1
    assert world.desk.calls["write_back"] == 1


def test_an_erp_id_set_by_hand_makes_nothing_and_the_story_says_so(world: World) -> None:
    world.desk.change("d1", erp_id="by hand")
    assert world.handle().state == "nothing"
    assert "which erpcore did not write" in world.told()
    assert not world.books.calls


def test_a_deal_that_is_not_won_makes_nothing(world: World) -> None:
    world.desk.change("d1", won=False)
    assert world.handle().state == "nothing"
    assert not world.books.calls


def test_a_crm_that_does_not_show_whether_a_deal_is_won_is_believed_by_its_event(world: World) -> None:
    world.deal(won=...)
    assert world.handle(kind="deal_changed").state == "nothing"
    assert world.handle(kind="deal_won").state == "done"


def test_deals_won_before_the_sync_began_are_left_alone(make_world: MakeWorld) -> None:
    world = make_world(won_since=date(2026, 11, 1))
    world.company()
    world.deal(won_date=date(2026, 10, 31))
    world.deal("d2", won_date=date(2026, 11, 1))
    assert world.handle("d1").state == "nothing"
    assert world.handle("d2").state == "done"
    assert world.only_order.order_date == date(2026, 11, 1)


def test_an_order_becomes_an_invoice_where_the_rule_or_the_deal_asks_for_it(make_world: MakeWorld) -> None:
    world = make_world(convert_field="Invoice now")
    world.company()
    world.deal("d1", custom_fields=(CustomField(title="invoice NOW", value="Ja"),))
    world.deal("d2", custom_fields=(CustomField(title="Invoice now", value="no"),))
    assert world.handle("d1").summary == "Order 1001, invoice 1."
    assert world.handle("d2").summary == "Order 1002."
    assert world.books.orders["1001"].invoices == (Ref(number="1"),)
    assert [row.description for row in world.books.orders["1001"].rows] == ["Website"]
