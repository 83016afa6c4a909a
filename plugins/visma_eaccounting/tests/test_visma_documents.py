"""Orders and invoice drafts: what is sent, what Visma makes of it, and how it is read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from erpcore_visma_eaccounting import discount, marks
from erpcore_visma_eaccounting.simulator import Behaviour
from erpcore_visma_eaccounting.simulator.seed import CODING_BUILDING, TERMS_10

from erpcore.errors import InvalidValueError, MissingRecordError
from erpcore.hookspecs import Context
from erpcore.models import DocumentQuery, Invoice, InvoiceRow, Order, OrderRow
from plugins.visma_eaccounting.tests.conftest import Company

ROW = {"article_number": "S-1", "quantity": Decimal(2), "unit_price": Decimal("99.50")}


def order(**fields: Any) -> Order:
    return Order(customer_number="1", **{"rows": (OrderRow(**ROW),), **fields})


def invoice(*rows: InvoiceRow, **fields: Any) -> Invoice:
    return Invoice(customer_number="1", rows=rows or (InvoiceRow(**ROW),), **fields)


def test_an_order_is_ongoing_and_carries_our_key_as_its_last_row(company: Company) -> None:
    given = order(terms_of_payment="10 dagar netto", your_reference="Anna", your_order_number="PO 7")
    made = company.connection.create_order(given, Context("t", reference="k-1"))
    held = company.record("orders")
    assert (held["Status"], held["CurrencyCode"], held["TermsOfPaymentId"]) == (2, "SEK", TERMS_10)
    assert [row["Text"] for row in held["Rows"]] == ["Stol", "Ref: k-1"]
    assert (made.number, made.key, made.net, made.vat, made.total) == ("1", held["Id"], 199, Decimal("49.75"), 248.75)
    (found,) = company.connection.find_orders(DocumentQuery(reference="k-1"), company.context)
    assert (found.number, found.your_order_number, len(found.rows or ())) == ("1", "PO 7", 1)


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Etc/GMT-14"])  # at no moment on the same day
def test_an_order_without_a_day_has_the_company_s(connect: Any, zone: str) -> None:
    company = connect(zone=ZoneInfo(zone))
    company.simulator.seed({"customers": [{"Name": "Kund AB"}], "articles": [{"Number": "S-1", "Name": "Stol"}]})
    days = {company.host.today().isoformat()}
    company.connection.create_order(order(), company.context)
    days.add(company.host.today().isoformat())  # midnight may lie in between
    assert company.record("orders")["OrderDate"] in days


def test_an_order_costs_three_requests(company: Company) -> None:
    company.connection.create_order(order(rows=(OrderRow(**ROW), OrderRow(**ROW))), company.context)
    assert company.asked() == ["GET customers", "GET articles", "POST orders"]


def test_a_key_can_be_left_out_and_then_a_person_decides(connect: Any) -> None:
    company = connect(references="none")
    company.simulator.seed({"customers": [{"Name": "Kund AB"}], "articles": [{"Number": "S-1", "Name": "Stol"}]})
    company.connection.create_order(order(), Context("t", reference="k-1"))
    assert len(company.record("orders")["Rows"]) == 1
    assert company.connection.effect("create_order").kind == "none"
    losses = company.connection.losses(Order(customer_number="1", reference="k-1"))
    assert [(loss.field, loss.kind) for loss in losses] == [("reference", "dropped"), ("order_date", "defaulted")]


def test_what_a_document_names_must_be_there(company: Company) -> None:
    for given in (
        order().model_copy(update={"customer_number": "404"}),
        order(rows=(OrderRow(article_number="404", quantity=Decimal(1)),)),
        order(terms_of_payment="45 dagar"),
    ):
        with pytest.raises(MissingRecordError):
            company.connection.create_order(given, company.context)
    with pytest.raises(InvalidValueError):
        company.connection.create_order(Order(rows=(OrderRow(**ROW),)), company.context)
    assert company.simulator.state()["orders"] == []


def test_rows_make_sense_or_nothing_is_sent(connect: Any) -> None:
    company = connect(default_article=None)
    for row, field in (
        (OrderRow(), "rows[0].description"),
        (OrderRow(unit_price=Decimal(1)), "rows[0].quantity"),
        (OrderRow(unit_price=Decimal(1), quantity=Decimal(1)), "rows[0].article_number"),
    ):
        with pytest.raises(InvalidValueError) as error:
            company.connection.create_order(order(rows=(row,)), company.context)
        assert error.value.field == field
    assert company.asked() == []


def test_a_row_without_an_article_has_the_default_one_and_one_without_a_price_the_article_s(company: Company) -> None:
    rows = (
        OrderRow(description="Frakt", quantity=Decimal(1), unit_price=Decimal(5)),
        OrderRow(article_number="S-1", quantity=Decimal(1)),
    )
    company.connection.create_order(order(rows=rows), company.context)
    held = company.record("orders")["Rows"]
    assert [(row["ArticleNumber"], row["Text"], row["UnitPrice"]) for row in held] == [
        ("S-1", "Frakt", 5),
        ("S-1", "Stol", 100),
    ]


@pytest.mark.parametrize("vat_scale", ["fraction", "percent"])
@pytest.mark.parametrize("shows_net", [False, True])
def test_private_persons_are_told_prices_as_visma_counts_them(connect: Any, vat_scale: Any, shows_net: bool) -> None:
    company = connect(Behaviour(vat_scale=vat_scale))
    company.simulator.seed(
        {
            "company": {"ShowPricesExclVatPC": shows_net},
            "customers": [{"Name": "Anna Ek", "IsPrivatePerson": True, "CustomerNumber": "1"}],
            "articles": [{"Number": "S-1", "Name": "Stol", "NetPrice": 100, "GrossPrice": 125}],
        }
    )
    rows = (InvoiceRow(**ROW), InvoiceRow(article_number="S-1", quantity=Decimal(1)))
    made = company.connection.create_invoice(invoice(*rows), company.context)
    held = company.record("customerinvoicedrafts")
    assert held["IncludesVat"] is not shows_net
    assert [row["UnitPrice"] for row in held["Rows"]] == ([99.5, 100] if shows_net else [124.38, 125])
    assert made.total == (Decimal("373.75") if shows_net else Decimal("373.76"))
    (found,) = company.connection.find_invoices(DocumentQuery(number=made.number), company.context)
    assert [(row.unit_price, row.vat_percent) for row in found.rows or ()] == [(Decimal("99.50"), 25), (100, 25)]


@pytest.mark.parametrize(("coding", "vat"), [(CODING_BUILDING, 0), (None, 25)])
def test_vat_is_reversed_for_building_services_of_a_customer_who_pays_it(
    company: Company, coding: str | None, vat: int
) -> None:
    builder = {"Name": "Bygg AB", "ReverseChargeOnConstructionServices": True, "VatNumber": "SE556036079301"}
    company.simulator.seed(
        {
            "customers": [{**builder, "CustomerNumber": "7"}],
            "articles": [{"Number": "B-1", "Name": "Arbete", **({"CodingId": coding} if coding else {})}],
        }
    )
    row = {"article_number": "B-1", "quantity": Decimal(1), "unit_price": Decimal(100)}
    company.connection.create_order(Order(customer_number="7", rows=(OrderRow(**row),)), company.context)
    company.connection.create_invoice(Invoice(customer_number="7", rows=(InvoiceRow(**row),)), company.context)
    assert company.record("orders")["VatAmount"] == vat
    assert company.record("customerinvoicedrafts")["TotalVatAmount"] == vat


def test_a_draft_is_in_the_customer_s_currency_or_not_made(company: Company) -> None:
    with pytest.raises(InvalidValueError, match="is in EUR"):
        company.connection.create_invoice(invoice(currency="EUR"), company.context)
    assert company.simulator.state()["customerinvoicedrafts"] == []
    made = company.connection.create_invoice(invoice(currency="SEK", invoice_date=date(2026, 12, 1)), company.context)
    (found,) = company.connection.find_invoices(DocumentQuery(number=made.number), company.context)
    assert (found.number, found.booked, found.currency, found.customer_name) == (made.number, False, "SEK", "Kund AB")
    assert (found.invoice_date, found.net, found.total) == (date(2026, 12, 1), 199, Decimal("248.75"))


@pytest.mark.parametrize(
    ("row", "sent", "arrives"),
    [
        ({"discount_amount": Decimal(20)}, Decimal("0.1005"), None),
        ({"discount_amount": Decimal("19.90")}, Decimal("0.1"), None),
        ({"discount_percent": Decimal("12.5")}, Decimal("0.125"), None),
        ({"discount_percent": Decimal("12.345")}, Decimal("0.1235"), Decimal("12.35")),
        ({"discount_amount": Decimal(1), "quantity": Decimal(3000)}, Decimal(0), Decimal(0)),
        ({"discount_amount": Decimal("19.90"), "discount_percent": Decimal(10)}, Decimal("0.1"), None),
        ({}, Decimal(0), None),
    ],
)
def test_a_discount_is_a_fraction_and_what_it_misses_is_told(row: Any, sent: Decimal, arrives: Any) -> None:
    given = OrderRow(**{**ROW, **row})
    assert discount.of_row(given) == sent
    losses = [loss for loss in (discount.amount_loss(given), discount.percent_loss(given)) if loss is not None]
    assert [loss.becomes for loss in losses] == ([] if arrives is None else [arrives])


@pytest.mark.parametrize("row", [{"discount_percent": Decimal(101)}, {"discount_amount": Decimal(-1)}])
def test_a_discount_that_visma_does_not_take_is_dropped_and_told(row: Any) -> None:
    given = OrderRow(**{**ROW, **row})
    (loss,) = [each for each in (discount.amount_loss(given), discount.percent_loss(given)) if each is not None]
    assert loss.kind == "dropped"
    without = OrderRow(article_number="S-1", quantity=Decimal(1), discount_amount=Decimal(1))
    lost = discount.amount_loss(without)
    assert lost is not None
    assert "without quantity and price" in lost.reason


def test_marks_are_taken_off_the_end_alone() -> None:
    text = [{"IsTextRow": True, "Text": each} for each in ("Order 55", "Rad", "Ref: k-1", "Order 12")]
    rows, key, number = marks.split(text)
    assert ([row["Text"] for row in rows], key, number) == (["Order 55", "Rad"], "k-1", "12")
    assert marks.split([{"IsTextRow": False, "Text": "Ref: k-1"}])[1] is None
    assert marks.split([{"IsTextRow": True, "Text": "Ref: "}]) == ([{"IsTextRow": True, "Text": "Ref: "}], None, None)
    assert marks.split([]) == ([], None, None)
    assert marks.row_filter("Ref: Bo's") == "Rows/any(c: contains(c/Text,'Ref: Bo''s'))"
