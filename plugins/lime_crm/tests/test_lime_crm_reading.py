"""Companies, deals and orders as erpcore sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from erpcore_lime_crm.records import from_hal, from_webhook
from erpcore_lime_crm.simulator import LimeCrmSimulator, Model
from erpcore_lime_crm.simulator.account import Happened
from erpcore_lime_crm.simulator.views import ZONE, Views

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.errors import InvalidValueError, NotFoundError, UnsupportedOperationError
from erpcore.host import Exchange
from erpcore.models import Invoice
from erpcore.simulator import running

CONTEXT = Context(correlation_id="test")
Connect = Callable[..., CrmConnection]


def order_id(lime: LimeCrmSimulator, number: int = 0) -> str:
    return str(lime.account.all("order")[number].id)


def company_id(lime: LimeCrmSimulator, name: str) -> str:
    return str(lime.object("company", name).id)


def test_an_order_is_read_with_its_rows(lime: LimeCrmSimulator, connect: Connect, exchanges: list[Exchange]) -> None:
    order = connect().fetch_order(order_id(lime, 1), CONTEXT)
    assert order.status == "notready"
    assert order.create_invoice is True
    assert order.erp_db == "1"
    assert order.your_reference == "Innkjøp"
    assert order.order_date == date(2026, 11, 21)
    assert order.currency == "NOK"
    assert (order.net, order.vat, order.total) == (Decimal(8280), Decimal(2070), Decimal(10350))
    assert order.coworker is not None
    assert (order.coworker.name, order.coworker.number) == ("Erik Provsson", "102")
    assert order.rows is not None
    assert [(row.article_number, row.quantity, row.unit_price) for row in order.rows] == [
        ("LIS-1", Decimal(5), Decimal(1200)),
        ("TIME-1", Decimal("2.5"), Decimal(950)),
    ]
    assert order.rows[1].discount_amount == Decimal(95)
    assert order.rows[0].vat_percent == Decimal(25)
    assert order.rows[0].income_account == "3020"
    assert order.rows[0].row_id
    assert len(exchanges) == 2


def test_a_row_without_article_quantity_and_price_is_a_text_row(lime: LimeCrmSimulator, connect: Connect) -> None:
    order = connect().fetch_order(order_id(lime), CONTEXT)
    assert order.rows is not None
    text = order.rows[1]
    assert text.description == "Sal og lunsj etter avtale"
    assert (text.quantity, text.unit_price, text.discount_amount, text.article_number) == (None, None, None, None)


def test_the_customer_number_is_the_company_s_and_else_the_order_s(lime: LimeCrmSimulator, connect: Connect) -> None:
    crm = connect()
    assert crm.fetch_order(order_id(lime, 0), CONTEXT).customer_number == "10001"
    without = crm.fetch_order(order_id(lime, 1), CONTEXT)
    assert without.customer_number is None
    assert without.shown("customer_number")
    lime.edit_order(int(order_id(lime, 1)), customer_number="77")
    assert crm.fetch_order(order_id(lime, 1), CONTEXT).customer_number == "77"


@pytest.mark.parametrize("embedded", [True, False])
def test_a_row_whose_number_stands_only_on_its_article_has_it_all_the_same(
    lime: LimeCrmSimulator, connect: Connect, embedded: bool
) -> None:
    lime.switch(embed_on_related_lists=embedded)
    first = lime.add_order("Fjellvik Bygg AS", [{"article": "KURS-1", "quantity": 1, "articleno": ""}] * 2)
    order = connect().fetch_order(str(first.id), CONTEXT)
    assert [row.article_number for row in order.rows or ()] == ["KURS-1", "KURS-1"]
    assert lime.journal.count("GET", r".*/limeobject/article/\d+/") == (0 if embedded else 1)


def test_what_a_relation_only_links_to_is_read(
    lime: LimeCrmSimulator, connect: Connect, exchanges: list[Exchange]
) -> None:
    crm = connect()
    embedded = crm.fetch_order(order_id(lime), CONTEXT)
    lime.switch(embed_on_objects=False)
    exchanges.clear()
    linked = crm.fetch_order(order_id(lime), CONTEXT)
    assert linked == embedded
    assert embedded.coworker is not None
    assert embedded.coworker.name == "Anna Exempel"
    assert len(exchanges) == 4


def test_an_order_without_coworker_has_none(
    lime: LimeCrmSimulator, connect: Connect, exchanges: list[Exchange]
) -> None:
    lime.edit_order(int(order_id(lime)), coworker=None)
    order = connect().fetch_order(order_id(lime), CONTEXT)
    assert order.coworker is not None
    assert (order.coworker.id, order.coworker.name) == (None, None)
    assert len(exchanges) == 2


def test_rows_come_from_all_pages(lime: LimeCrmSimulator, connect: Connect) -> None:
    rows = [{"description": f"Rad {number}", "quantity": 1, "price": "1.10"} for number in range(23)]
    order = lime.add_order("Fjellvik Bygg AS", rows)
    read = connect(page_size=5).fetch_order(str(order.id), CONTEXT)
    assert [row.description for row in read.rows or ()] == [f"Rad {number}" for number in range(23)]


def test_links_with_the_server_s_inner_host_are_followed_at_our_address(
    lime: LimeCrmSimulator, connect: Connect
) -> None:
    lime.switch(own_host_in_links=False)
    order = lime.add_order("Fjellvik Bygg AS", [{"description": str(each), "price": 1} for each in range(5)])
    assert len(connect(page_size=2).fetch_order(str(order.id), CONTEXT).rows or ()) == 5


def test_a_status_key_that_nobody_knows_is_shown_as_no_status(lime: LimeCrmSimulator, connect: Connect) -> None:
    order = connect(order_status_keys={"notready": "draft"}).fetch_order(order_id(lime), CONTEXT)
    assert (order.shown("status"), order.status) == (True, None), "or it would be taken for a CRM without statuses"


def test_a_company_is_read_with_its_number_and_coworker(lime: LimeCrmSimulator, connect: Connect) -> None:
    company = connect().fetch_customer(company_id(lime, "Fjellvik Bygg AS"), CONTEXT)
    assert company.name == "Fjellvik Bygg AS"
    assert company.erp_number == "10001"
    assert company.organisation_number == "910 000 012"
    assert company.invoice_email == "faktura@fjellvik.example"
    assert company.responsible is not None
    assert company.responsible.email == "anna@nordverk.example"
    assert company.postal_address is not None
    assert (company.postal_address.street, company.postal_address.country_code) == ("Postboks 1", "NO")
    assert company.visiting_address is not None
    assert company.visiting_address.postal_code == "0152"
    assert not company.shown("custom_fields")


def test_an_empty_number_is_shown_as_empty(lime: LimeCrmSimulator, connect: Connect) -> None:
    company = connect().fetch_customer(company_id(lime, "Sundet Handel AS"), CONTEXT)
    assert company.shown("erp_number")
    assert company.erp_number is None


def test_the_invoice_address_goes_before_the_postal_one(lime: LimeCrmSimulator, connect: Connect) -> None:
    key = company_id(lime, "Granudden Bygg AB")
    address = connect().fetch_customer(key, CONTEXT).postal_address
    assert address is not None
    assert (address.street, address.postal_code, address.city) == ("Fakturagatan 9", "111 99", "Stockholm")
    lime.edit_company(int(key), invoiceaddress1="", invoicezipcode="", invoicecity="")
    address = connect().fetch_customer(key, CONTEXT).postal_address
    assert address is not None
    assert address.street == "Boxgatan 1"


@pytest.mark.parametrize(
    ("country", "code"),
    [("SE", "SE"), ("sverige", "SE"), ("Tyskland", "DE"), ("Suomi", "FI"), ("SPECIAL", "DK"), ("Atlantis", None)],
)
def test_a_country_is_read_by_code_name_or_setting_and_else_kept_as_it_is_written(
    lime: LimeCrmSimulator, connect: Connect, country: str, code: str | None
) -> None:
    lime.edit_company("Granudden Bygg AB", country=country)
    connection = connect(countries={"special": "DK"})
    address = connection.fetch_customer(company_id(lime, "Granudden Bygg AB"), CONTEXT).postal_address
    assert address is not None
    assert (address.country_code, address.country) == (code, country)
    assert address.shown("country_code") == (code is not None)


def test_further_properties_are_custom_fields(lime: LimeCrmSimulator, connect: Connect) -> None:
    crm = connect(company_custom_fields=["country", "visitingaddress2"])
    company = crm.fetch_customer(company_id(lime, "Fjellvik Bygg AS"), CONTEXT)
    assert [(each.title, each.value) for each in company.custom_fields or ()] == [("country", "Norge")]


def test_a_deal_is_read_with_its_contact(lime: LimeCrmSimulator, connect: Connect) -> None:
    deal = lime.object("deal", "Kurspakke høst")
    read = connect().fetch_deal(str(deal.id), None, CONTEXT)
    assert (read.won, read.status, read.value) == (False, "contact", Decimal(22500))
    assert read.contact is not None
    assert read.contact.mobile_phone == "400 00 001"
    assert not read.shown("erp_id")
    assert not read.shown("rows")
    lime.win_deal(deal.id)
    won = connect(deal={"erp_id": "erp_ordernumber"}).fetch_deal(str(deal.id), None, CONTEXT)
    assert won.won is True
    assert won.won_date is not None
    assert won.shown("erp_id")
    assert won.erp_id is None


def test_other_names_and_keys_are_settings(connector: Connect) -> None:
    renamed = {
        "order": "salesorder",
        "order.order_status": "orderstatus",
        "order.customer_reference": "yourref",
        "orderrow": "salesorderrow",
        "company.erp_id": "customerno",
    }
    lime = LimeCrmSimulator(model=Model(renamed, option_keys={"order.order_status.notready": "draft"}))
    names = {"limetype": "salesorder", "status": "orderstatus", "your_reference": "yourref", "rows": "orderrow"}
    with running(lime) as url:
        crm = connector(
            url,
            order=names,
            order_row={"limetype": "salesorderrow"},
            company={"erp_id": "customerno"},
            order_status_keys={"notready": "draft"},
        )
        order = crm.fetch_order(order_id(lime), CONTEXT)
        assert (order.status, order.your_reference, order.customer_number) == ("notready", "Kari Fjell", "10001")
        assert len(order.rows or ()) == 2


def test_a_property_that_is_not_there_is_not_shown(connector: Connect) -> None:
    lime = LimeCrmSimulator(model=Model(without=["order.erp_db", "company.www", "coworker.employeeno"]))
    with running(lime) as url:
        order = connector(url).fetch_order(order_id(lime), CONTEXT)
    assert not order.shown("erp_db")
    assert order.coworker is not None
    assert not order.coworker.shown("number")


@pytest.mark.parametrize("key", ["", "x", "1/2", "../company/1", "٣"])
def test_a_key_that_lime_never_gave_is_no_record(connect: Connect, key: str) -> None:
    with pytest.raises(NotFoundError):
        connect().fetch_order(key, CONTEXT)


def test_a_record_that_is_gone_is_told(lime: LimeCrmSimulator, connect: Connect) -> None:
    lime.delete("order", int(order_id(lime)))
    with pytest.raises(NotFoundError) as caught:
        connect().fetch_order("1013", CONTEXT)
    assert caught.value.status == 404
    assert caught.value.vendor_text == "There is no order 1013."


def test_a_coworker_who_was_deleted_is_only_an_id(lime: LimeCrmSimulator, connect: Connect) -> None:
    lime.delete("coworker", lime.object("coworker", "Anna Exempel").id)
    order = connect().fetch_order(order_id(lime), CONTEXT)
    assert order.coworker is not None
    assert not order.coworker.shown("name")


def test_an_odd_currency_is_a_person_s_to_mend(lime: LimeCrmSimulator, connect: Connect) -> None:
    lime.edit_order(int(order_id(lime)), currency="kronor")
    with pytest.raises(InvalidValueError) as caught:
        connect().fetch_order(order_id(lime), CONTEXT)
    assert caught.value.record == f"order {order_id(lime)}"
    assert "kronor" in caught.value.message


def test_both_forms_read_the_same(lime: LimeCrmSimulator) -> None:
    for limetype in ("order", "company", "orderrow", "deal"):
        thing = lime.account.all(limetype)[0]
        views = Views(lime.account)
        hal = from_hal(limetype, views.hal(thing, "http://lime.invalid/api/v1"), ZONE)
        flat = from_webhook(views.delivery(Happened("new", thing))["body"], ZONE)
        assert hal is not None
        assert flat is not None
        assert {name: value for name, value in hal.values.items() if name != "_id"} == flat.values
        assert (hal.id, hal.timestamp, hal.updated_by) == (flat.id, flat.timestamp, flat.updated_by)


def test_without_invoices_there_is_no_such_operation(connect: Connect) -> None:
    with pytest.raises(UnsupportedOperationError):
        connect(invoice={"limetype": ""}).store_invoice(Invoice(number="1"), CONTEXT)


@pytest.mark.parametrize("keeps", [True, False], ids=["whole link", "bare link"])
@pytest.mark.parametrize("next_by", ["offset", "offset_id"])
def test_rows_articles_and_ready_orders_are_read_over_three_pages(
    lime: LimeCrmSimulator, connect: Connect, next_by: str, keeps: bool
) -> None:
    lime.switch(next_by=next_by, next_keeps_query=keeps)
    crm = connect(page_size=3, watch_changes=False)
    order = lime.add_order("Fjellvik Bygg AS", [{"description": f"Rad {each}", "price": 1} for each in range(8)])
    rows = crm.fetch_order(str(order.id), CONTEXT).rows or ()
    assert [row.description for row in rows] == [f"Rad {each}" for each in range(8)]
    for number in range(8):
        lime.add_article(f"SIDE-{number}", f"Artikel {number}")
    numbers, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        page = crm.fetch_articles(None, cursor, CONTEXT)
        numbers += [article.number for article in page.items]
        cursor, pages = page.next_cursor, pages + 1
    assert pages >= 3
    assert sorted(map(str, numbers)) == sorted(str(each.values["articleno"]) for each in lime.account.all("article"))
    ready = set()
    for _ in range(8):
        made = lime.add_order("Fjellvik Bygg AS", [{"description": "Rad", "price": 1}])
        ready.add(str(lime.set_ready(made.id).id))
    seen, place, more = set(), None, True
    while more:
        told = crm.fetch_events(place, CONTEXT)
        seen |= {event.record_id for event in told.events if event.kind == "order_ready"}
        place, more = told.next_cursor, told.more
    assert seen == ready
