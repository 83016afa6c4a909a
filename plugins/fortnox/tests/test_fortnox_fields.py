"""Field maps: what is sent is what the tables say, what comes back is what was sent, and every loss is told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from erpcore_fortnox.document_fields import invoice_map, invoice_row_map, order_map, order_row_map
from erpcore_fortnox.fields import CONTACT_PERSON, article_map, customer_map
from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_fortnox.settings import FieldChoices
from hypothesis import example, given, settings, strategies as st

from erpcore.errors import InvalidValueError
from erpcore.fields import LossKind
from erpcore.models import (
    Address,
    Article,
    ArticleQuery,
    CanonicalModel,
    ContactPerson,
    Customer,
    CustomerQuery,
    DocumentQuery,
    Invoice,
    InvoiceRow,
    Order,
    OrderRow,
)

CHOICES = FieldChoices()
ROW = order_row_map(CHOICES)
text = st.text(
    st.characters(categories=["L", "Nd"], exclude_characters="", max_codepoint=0x17F), min_size=1, max_size=30
)
money = st.decimals(min_value=0, max_value=10**6, places=2)
quantity = st.decimals(min_value=Decimal("0.01"), max_value=10**4, places=2)
percent = st.decimals(min_value=0, max_value=100, places=2)


def losses(record: CanonicalModel, field_map: Any, *, clearing: bool = False) -> list[tuple[str, LossKind, Any]]:
    return [(loss.field, loss.kind, loss.becomes) for loss in field_map.losses(record, clearing=clearing)]


def read_back(written: CanonicalModel, held: CanonicalModel) -> dict[str, tuple[Any, Any]]:
    """Return what was written but is not read back equal."""
    different = {}
    for name in written.model_fields_set:
        one, other = getattr(written, name), getattr(held, name)
        if isinstance(one, CanonicalModel) and isinstance(other, CanonicalModel):
            inner = read_back(one, other)
            different.update({f"{name}.{field}": pair for field, pair in inner.items()})
        elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
            for index, (row, held_row) in enumerate(zip(one, other, strict=True)):
                inner = read_back(row, held_row)
                different.update({f"{name}[{index}].{field}": pair for field, pair in inner.items()})
        elif one != other and not (one == "" and other is None):
            different[name] = (one, other)
    return different


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def addresses(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[Address]:
    country = st.sampled_from(["SE", "NO", "DE", "US"])
    given_fields = optional(
        street=text, postal_code=text.map(lambda t: t[:10]), city=text, country_code=country, **more
    )
    return given_fields.map(lambda fields: Address(**fields))


customers = st.builds(
    lambda fields: Customer(**fields),
    st.fixed_dictionaries(
        {"name": text},
        optional={
            "kind": st.sampled_from(["company", "person"]),
            "vat_number": text,
            "email": st.just("kund@example.com"),
            "invoice_email": st.just("faktura@example.com"),
            "phone": text,
            "mobile_phone": text,
            "website": text,
            "invoice_address": addresses(street2=text),
            "delivery_address": addresses(street2=text),
            "visiting_address": addresses(),
            "currency": st.sampled_from(["SEK", "EUR"]),
            "terms_of_payment": st.sampled_from(["10", "30"]),
            "our_reference": text,
            "your_reference": text,
            "external_reference": text,
            "active": st.booleans(),
        },
    ),
)
priced_rows = st.fixed_dictionaries(
    {"description": text, "quantity": quantity, "unit_price": money},
    optional={
        "unit": st.sampled_from(["st", "h"]),
        "vat_percent": st.sampled_from([Decimal(n) for n in (25, 12, 6, 0)]),
        "income_account": st.sampled_from(["3001", "3041"]),
    },
)
discounts = st.one_of(
    st.just({}),
    st.builds(lambda value: {"discount_percent": value}, percent),
    st.builds(lambda value: {"discount_amount": value}, money.filter(bool)),
)
row_fields = st.one_of(
    st.builds(lambda value: {"description": value}, text),
    st.builds(lambda row, off: {**row, **off}, priced_rows, discounts),
)
document_fields = optional(
    customer_name=text,
    currency=st.sampled_from(["SEK", "EUR"]),
    our_reference=text,
    your_reference=text,
    your_order_number=text,
    remarks=text,
    comments=text,
    delivery_address=addresses(street2=text),
    terms_of_payment=st.sampled_from(["10", "30"]),
    delivery_date=st.dates(),
)


@settings(max_examples=settings().max_examples // 4)
@given(customer=customers)
def check_customer(company: Any, customer: Customer) -> None:
    assert losses(customer, customer_map(CHOICES)) == []
    made = company.connection.create_customer(customer, company.context)
    (held,) = company.connection.find_customers(CustomerQuery(number=made.number), company.context)
    assert read_back(customer, held) == {}


@pytest.mark.hypothesis
def test_a_customer_is_read_back_as_it_was_written(company: Any) -> None:
    check_customer(company)


@settings(max_examples=settings().max_examples // 4)
@given(fields=document_fields, rows=st.lists(row_fields, min_size=1, max_size=5))
def check_order(company: Any, fields: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    order = Order(customer_number="1", rows=tuple(OrderRow(**row) for row in rows), **fields)
    assert losses(order, order_map(CHOICES)) == []
    made = company.connection.create_order(order, company.context)
    (held,) = company.connection.find_orders(DocumentQuery(number=made.number), company.context)
    assert read_back(order, held) == {}


@settings(max_examples=settings().max_examples // 4)
@given(fields=document_fields, rows=st.lists(row_fields, min_size=1, max_size=5))
def check_invoice(company: Any, fields: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    invoice = Invoice(customer_number="1", rows=tuple(InvoiceRow(**row) for row in rows), **fields)
    assert losses(invoice, invoice_map(CHOICES)) == []
    made = company.connection.create_invoice(invoice, company.context)
    (held,) = company.connection.find_invoices(DocumentQuery(number=made.number), company.context)
    assert read_back(invoice, held) == {}
    assert held.booked is False


@pytest.mark.hypothesis
@pytest.mark.parametrize("check", [check_order, check_invoice])
def test_a_document_is_read_back_as_it_was_written(company: Any, check: Any) -> None:
    company.connection.create_customer(Customer(name="Kund"), company.context)
    check(company)


@settings(max_examples=settings().max_examples // 4)
@given(
    fields=optional(
        kind=st.sampled_from(["goods", "service"]),
        unit=st.sampled_from(["st", "h"]),
        price=money,
        cost_price=money,
        vat_percent=st.sampled_from([Decimal(25), Decimal(6)]),
        income_account=st.just("3041"),
        ean=st.just("7310865004703"),
        note=text,
        active=st.booleans(),
    ),
    description=text,
)
def check_article(company: Any, fields: dict[str, Any], description: str) -> None:
    article = Article(description=description, **fields)
    assert losses(article, article_map(CHOICES)) == []
    made = company.connection.create_article(article, company.context)
    (held,) = company.connection.find_articles(ArticleQuery(number=made.number), company.context)
    assert read_back(article, held) == {}


@pytest.mark.hypothesis
def test_an_article_is_read_back_as_it_was_written(company: Any) -> None:
    check_article(company)


@settings(max_examples=settings().max_examples // 4)
@given(
    description=st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
    amount=st.decimals(min_value=Decimal("0.010"), max_value=1000, places=3),
    your_reference=st.text(st.characters(exclude_categories=["Cs"]), max_size=70),
)
@example(description="\x1f🎉 x", amount=Decimal(1), your_reference="\x1e0")
@example(description="x" * 254 + " y\x1d", amount=Decimal(1), your_reference="\x1c")
def check_losses(company: Any, description: str, amount: Decimal, your_reference: str) -> None:
    row = OrderRow(description=description, quantity=amount, unit_price=amount, discount_amount=amount)
    order = Order(customer_number="1", your_reference=your_reference, rows=(row,))
    told: dict[str, Any] = {loss.field: loss.becomes for loss in company.connection.losses(order)}
    made = company.connection.create_order(order, company.context)
    (held,) = company.connection.find_orders(DocumentQuery(number=made.number), company.context)
    different = read_back(order, held)
    assert {name: arrives or "" for name, (_, arrives) in different.items()} == {
        name: becomes or "" for name, becomes in told.items()
    }


@pytest.mark.hypothesis
def test_what_is_not_read_back_equal_was_told_as_a_loss_and_nothing_else_was(company: Any) -> None:
    company.connection.create_customer(Customer(name="Kund"), company.context)
    check_losses(company)


def test_an_order_row_says_both_quantities_and_always_how_its_discount_counts() -> None:
    row = OrderRow(description="x", quantity=Decimal("2.50"), unit_price=Decimal("99.90"))
    assert ROW.to_native(row) == {
        "Description": "x",
        "OrderedQuantity": "2.5",
        "DeliveredQuantity": "2.5",
        "Price": Decimal("99.90"),
        "Discount": Decimal(0),
        "DiscountType": "PERCENT",
    }
    amount = ROW.to_native(row.model_copy(update={"discount_amount": Decimal(5)}))
    assert (amount["Discount"], amount["DiscountType"]) == (Decimal(5), "AMOUNT")
    rate = ROW.to_native(row.model_copy(update={"discount_percent": Decimal(5)}))
    assert (rate["Discount"], rate["DiscountType"]) == (Decimal(5), "PERCENT")


def test_a_row_whose_price_fortnox_knows_leaves_the_discount_to_fortnox_too() -> None:
    assert ROW.to_native(OrderRow(article_number="A", quantity=Decimal(1))).keys() == {
        "ArticleNumber",
        "OrderedQuantity",
        "DeliveredQuantity",
    }


def test_of_two_discounts_the_amount_is_sent_and_the_other_is_told_unless_it_is_the_same() -> None:
    base = OrderRow(description="x", quantity=Decimal(2), unit_price=Decimal(100), discount_amount=Decimal(20))
    same = base.model_copy(update={"discount_percent": Decimal(10)})
    other = base.model_copy(update={"discount_percent": Decimal(15)})
    same, other = (OrderRow(**row.model_dump(exclude_none=True)) for row in (same, other))
    assert losses(same, ROW) == []
    assert losses(other, ROW) == [("discount_percent", LossKind.DROPPED, None)]
    assert ROW.to_native(other)["Discount"] == Decimal(20)


def test_an_amount_per_unit_is_sent_as_the_setting_says_and_its_rounding_is_told() -> None:
    per_unit = order_row_map(FieldChoices(discount_amount_per="unit"))
    row = OrderRow(description="x", quantity=Decimal(3), unit_price=Decimal(100), discount_amount=Decimal(10))
    sent = per_unit.to_native(row)
    assert (sent["Discount"], sent["DiscountType"]) == (Decimal("3.33"), "AMOUNT")
    assert losses(row, per_unit) == [("discount_amount", LossKind.ROUNDED, Decimal("9.99"))]
    assert per_unit.from_native(sent).discount_amount == Decimal("9.99")


def test_documents_say_that_their_prices_are_without_vat() -> None:
    assert order_map(CHOICES).to_native(Order(customer_number="1")) == {
        "CustomerNumber": "1",
        "VATIncluded": False,
        "DeliveryState": "delivery",
    }
    left = order_map(FieldChoices(delivery_state="not_sent")).to_native(Order(customer_number="1"))
    assert left == {"CustomerNumber": "1", "VATIncluded": False}


def test_a_country_without_a_known_name_is_told() -> None:
    order = Order(customer_number="1", delivery_address=Address(city="X", country_code="ZW"))
    assert "DeliveryCountry" not in order_map(CHOICES).to_native(order)
    assert losses(order, order_map(CHOICES)) == [("delivery_address.country_code", LossKind.DROPPED, None)]


def test_what_fortnox_alone_sets_is_told_as_lost() -> None:
    invoice = Invoice(customer_number="1", kind="credit", booked=True, number="7", total=Decimal(1))
    assert [name for name, _, _ in losses(invoice, invoice_map(CHOICES))] == ["number", "total", "kind", "booked"]
    assert losses(Invoice(customer_number="1", kind="invoice"), invoice_map(CHOICES)) == []


def test_numbers_that_the_account_may_not_see_are_not_shown() -> None:
    row = invoice_row_map(CHOICES).from_native({"ContributionValue": "API_NORIGHT", "Total": "10.50"})
    assert row.amount == Decimal("10.50")
    assert not row.shown("contribution_margin")


@pytest.mark.parametrize(("empty_values", "sent"), [("keep", {}), ("clear", {"Phone1": "API_BLANK"})])
def test_an_empty_value_is_kept_or_cleared_as_the_setting_says(empty_values: Any, sent: dict[str, str]) -> None:
    table = customer_map(FieldChoices(empty_values=empty_values))
    assert table.to_native(Customer(phone=None), clearing=True) == sent
    told = losses(Customer(phone=None), table, clearing=True)
    assert told == ([] if sent else [("phone", LossKind.KEPT, None)])


def test_settings_choose_spelling_reference_field_and_email_addresses() -> None:
    digits = customer_map(FieldChoices(organisation_number_form="digits"))
    assert digits.to_native(Customer(organisation_number="556036-0793")) == {"OrganisationNumber": "5560360793"}
    second = order_map(FieldChoices(reference_field="ExternalInvoiceReference2"))
    assert second.to_native(Order(reference="r")) == {"ExternalInvoiceReference2": "r"}
    two = Customer(email="a@example.com; b@example.com")
    assert customer_map(CHOICES).to_native(two) == {"Email": "a@example.com"}
    assert losses(two, customer_map(CHOICES)) == [("email", LossKind.TRUNCATED, "a@example.com")]
    assert customer_map(FieldChoices(email_addresses="all")).to_native(two) == {"Email": two.email}


def test_prices_in_another_currency_than_the_companys_are_told() -> None:
    article = Article(description="x", price=Decimal(1), currency="EUR")
    assert losses(article, article_map(CHOICES)) == [("currency", LossKind.DEFAULTED, "SEK")]
    assert losses(article, article_map(FieldChoices(currency="EUR"))) == []


def test_a_contact_person_is_a_name() -> None:
    person = ContactPerson(first_name="Anna", last_name="“Ek”", email="anna@example.com")
    assert CONTACT_PERSON.to_native(person) == {"Reference": "Anna ’Ek’"}
    assert losses(person, CONTACT_PERSON) == [("email", LossKind.DROPPED, None)]


def test_an_account_that_is_none_is_not_sent() -> None:
    with pytest.raises(InvalidValueError, match="no account number"):
        ROW.to_native(OrderRow(description="x", income_account="konto"))


def test_each_table_prints_a_line_for_each_field() -> None:
    for table in FortnoxPlugin.field_maps.values():
        assert all(line.note or line.state == "supported" or line.state == "lossy" for line in table.table())
