"""Orders, as the company holds them afterwards."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from erpcore_poweroffice.simulator import Behaviour
from hypothesis import HealthCheck, given, settings, strategies as st

from erpcore.errors import InvalidValueError, MissingRecordError, RejectedError
from erpcore.hookspecs import Context
from erpcore.models import Address, Article, ArticleQuery, Customer, CustomerQuery, DocumentQuery, Order, OrderRow, Ref

KEY = Context("test", reference="lime-order-1")
ROW = OrderRow(article_number="S-1", quantity=Decimal(2), unit="st", unit_price=Decimal(100))


def order(*rows: OrderRow, **fields: Any) -> Order:
    return Order(customer_number="10001", rows=rows or (ROW,), **fields)


def test_an_order_is_made_in_one_request_with_its_rows_and_sums(furnished: Any) -> None:
    rows = (
        OrderRow(description="Leveres på døren"),
        OrderRow(article_number="S-1", description="Stol, blå", quantity=Decimal("1.5"), unit_price=Decimal("100.50")),
        OrderRow(article_number="S-1", quantity=Decimal(2), unit_price=Decimal(50), discount_amount=Decimal(25)),
    )
    furnished.asked()
    ref = furnished.connection.create_order(order(*rows, your_reference="Kari", order_date=date(2026, 11, 22)), KEY)
    assert furnished.asked() == ["POST SalesOrders/Complete"]
    assert ref.total == Decimal("282.19")  # 225.75 and VAT of 37.69 and 18.75
    (made,) = furnished.connection.find_orders(DocumentQuery(number=ref.number), furnished.context)
    assert (made.reference, made.your_reference, made.order_date) == ("lime-order-1", "Kari", date(2026, 11, 22))
    assert (made.net, made.vat, made.total) == (Decimal("225.75"), ref.total - Decimal("225.75"), ref.total)
    assert made.rows is not None
    assert [row.description for row in made.rows] == ["Leveres på døren", "Stol, blå", "Stol"]
    assert made.rows[0].is_text
    assert made.rows[2].discount_percent == 25
    assert all(row.row_id for row in made.rows)


def test_an_order_is_found_by_number_and_by_our_key_and_by_both(furnished: Any) -> None:
    ref = furnished.connection.create_order(order(), KEY)
    furnished.connection.create_order(order(), Context("test", reference="lime-order-11"))

    def numbers(**query: str) -> list[str | None]:
        found = furnished.connection.find_orders(DocumentQuery(**query), furnished.context)
        return [made.number for made in found]

    assert numbers(reference="lime-order-1") == [ref.number]
    assert numbers(number=ref.number) == [ref.number]
    assert numbers(number=ref.number, reference="lime-order-1") == [ref.number]
    assert numbers(number=ref.number, reference="lime-order-11") == []
    assert numbers(number="1") == []
    assert numbers() == []


def test_a_key_that_is_too_long_is_found_again_in_full(furnished: Any) -> None:
    key = "lime-go-installation-with-a-long-name-deal-4711-1-abcdefghijkl"
    ref = furnished.connection.create_order(order(), Context("test", reference=key))
    (found,) = furnished.connection.find_orders(DocumentQuery(reference=key), furnished.context)
    assert (found.number, found.reference) == (ref.number, key)


@pytest.mark.parametrize("detail", ["with_id", "without_id"])
def test_a_second_order_with_the_key_is_refused_and_the_first_is_the_answer(furnish: Any, detail: Any) -> None:
    company = furnish(Behaviour(duplicate_order_detail=detail))
    first = company.connection.create_order(order(), KEY)
    again = company.connection.create_order(order(), KEY)
    assert (again.number, again.key, again.total) == (first.number, first.key, first.total)
    assert len(company.simulator.state()["orders"]) == 1


def test_our_reference_is_an_employee_by_number_address_or_name(furnished: Any) -> None:
    employee = furnished.employee()
    for told in (
        str(employee["Number"]),
        employee["EmailAddress"].upper(),
        f"{employee['FirstName']} {employee['LastName']}",
    ):
        ref = furnished.connection.create_order(order(our_reference=told), furnished.context)
        (made,) = furnished.connection.find_orders(DocumentQuery(number=ref.number), furnished.context)
        assert made.our_reference == str(employee["Number"])
    with pytest.raises(MissingRecordError, match="none of PowerOffice's employees"):
        furnished.connection.create_order(order(our_reference="Ingen Alls"), furnished.context)


def test_a_delivery_address_is_one_of_the_customers(furnished: Any) -> None:
    address = Address(street="Lager 2", postal_code="5003", city="Bergen", country_code="NO")
    for _ in range(2):
        ref = furnished.connection.create_order(order(delivery_address=address), furnished.context)
        (made,) = furnished.connection.find_orders(DocumentQuery(number=ref.number), furnished.context)
        assert made.delivery_address == address
    assert len(furnished.simulator.state()["delivery_addresses"]) == 1


def test_currency_terms_and_the_customers_order_number_are_kept(furnished: Any) -> None:
    terms = furnished.connection.list_register("terms_of_payment", furnished.context)[0].code
    wanted = {"currency": "EUR", "terms_of_payment": terms, "your_order_number": "PO-7"}
    ref = furnished.connection.create_order(order(**wanted), KEY)
    (made,) = furnished.connection.find_orders(DocumentQuery(number=ref.number), furnished.context)
    assert {name: getattr(made, name) for name in wanted} == wanted


def test_a_priced_row_without_article_gets_the_default_product_or_is_refused(furnish: Any) -> None:
    row = OrderRow(description="Konsulent", quantity=Decimal(1), unit_price=Decimal(900))
    company = furnish()
    company.asked()
    with pytest.raises(InvalidValueError, match="default_product") as caught:
        company.connection.create_order(order(row), KEY)
    assert caught.value.field == "rows[0].article_number"
    assert company.asked() == []
    company = furnish(default_product="S-1")
    ref = company.connection.create_order(order(row), KEY)
    (made,) = company.connection.find_orders(DocumentQuery(number=ref.number), company.context)
    assert made.rows is not None
    assert (made.rows[0].article_number, made.rows[0].description) == ("S-1", "Konsulent")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (OrderRow(unit="st"), "description"),
        (OrderRow(article_number="S-1"), "quantity"),
        (ROW.model_copy(update={"discount_amount": Decimal(201)}), "discount_amount"),
        (OrderRow(article_number="S-1", quantity=Decimal(1), discount_amount=Decimal(1)), "discount_amount"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_before_anything_is_sent(
    furnished: Any, row: OrderRow, field: str
) -> None:
    furnished.asked()
    with pytest.raises(InvalidValueError, match="Row 2") as caught:
        furnished.connection.create_order(order(ROW, row), KEY)
    assert caught.value.field == f"rows[1].{field}"
    assert furnished.asked() == []


@pytest.mark.parametrize(
    "wrong",
    [
        order(OrderRow(article_number="FINS-EJ", quantity=Decimal(1), unit_price=Decimal(1))),
        order().model_copy(update={"customer_number": "19999"}),
        order(project="P-404"),
    ],
)
def test_what_an_order_names_and_is_not_there_is_told_in_poweroffices_words(furnished: Any, wrong: Order) -> None:
    with pytest.raises((MissingRecordError, RejectedError)) as caught:
        furnished.connection.create_order(wrong, KEY)
    assert any(word in str(caught.value) for word in ("FINS-EJ", "19999", "P-404"))
    assert furnished.simulator.state()["orders"] == []


def test_the_customers_own_discount_is_not_taken_off_a_row_without_one(furnished: Any) -> None:
    furnished.simulator.books.by("customers", "Number", 10001).values["Allowance"] = Decimal(50)
    assert furnished.connection.create_order(order(), KEY).total == Decimal(250)


@settings(max_examples=settings().max_examples // 4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    quantity=st.decimals(1, 1000, places=2),
    price=st.decimals(1, 100_000, places=2),
    part=st.decimals(0, 1, places=4),
    decimals=st.sampled_from([None, 10, 4, 2]),
)
def test_the_sum_in_poweroffice_is_the_crms_within_an_ore_or_a_loss_was_told(
    furnished: Any, quantity: Decimal, price: Decimal, part: Decimal, decimals: int | None
) -> None:
    amount = min((quantity * price * part).quantize(Decimal("0.01")), quantity * price)
    row = OrderRow(article_number="S-1", quantity=quantity, unit_price=price, discount_amount=amount)
    furnished.simulator.books.behaviour.allowance_decimals = decimals
    connection = furnished.with_settings(discount_decimals=10 if decimals is None else decimals)
    losses = connection.losses(order(row))
    ref = connection.create_order(order(row), furnished.context)
    net = Decimal(str(ref.raw["NetAmount"]))
    assert losses or abs(net - (quantity * price - amount)) <= Decimal("0.01")


def test_what_is_archived_is_shown_so_and_named_by_no_order_unless_poweroffice_takes_it(furnished: Any) -> None:
    erp, context = furnished.connection, furnished.context
    erp.update_customer(Ref(number="10001"), Customer(active=False), context)
    (customer,) = erp.find_customers(CustomerQuery(number="10001"), context)
    assert customer.active is False
    with pytest.raises(RejectedError, match="archived"):
        erp.create_order(order(), KEY)
    erp.update_customer(Ref(number="10001"), Customer(active=True), context)
    erp.sync_articles([Article(number="S-1", active=False)], context)
    (article,) = erp.find_articles(ArticleQuery(number="S-1"), context)
    assert article.active is False
    with pytest.raises(RejectedError, match="S-1 is archived"):
        erp.create_order(order(), KEY)
    furnished.simulator.seed({"behaviour": {"archived": "taken"}})
    assert erp.create_order(order(), KEY).number


@pytest.mark.parametrize(
    ("setting", "treatment", "vat"),
    [("export", "export", 0), ("export", "domestic", 25), ("export", "eu", 25), ("not_told", "export", 25)],
)
def test_who_buys_free_of_vat_is_told_where_the_setting_says_so(
    connect: Any, setting: str, treatment: Any, vat: int
) -> None:
    company = connect(vat_free_customers=setting)
    erp, context = company.connection, company.context
    company.simulator.seed({"products": [{"Code": "V-1", "Name": "Vare"}]})
    customer = Customer(name="Kund AB", vat_treatment=treatment)
    told = [loss.field for loss in erp.losses(customer)]
    assert ("vat_treatment" in told) is (vat == 25 and treatment != "domestic")
    ref = erp.create_customer(customer, context)
    row = OrderRow(article_number="V-1", quantity=Decimal(1), unit_price=Decimal(100))
    made = erp.create_order(Order(customer_number=ref.number, rows=(row,)), context)
    (order,) = erp.find_orders(DocumentQuery(number=made.number), context)
    assert (order.net, order.vat) == (Decimal(100), Decimal(vat))
