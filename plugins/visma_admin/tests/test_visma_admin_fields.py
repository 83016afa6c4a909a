"""The field maps: Lime's help page line by line, what is told beforehand, and how values travel."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from erpcore_visma_admin import values
from erpcore_visma_admin.document_fields import order_map
from erpcore_visma_admin.documents import VatRates, prepared, readable
from erpcore_visma_admin.fields import VAT_FLAGS, article_map, customer_map
from erpcore_visma_admin.page import ORDER_PAGE, ORDER_ROW_PAGE
from erpcore_visma_admin.plugin import VismaAdminPlugin
from erpcore_visma_admin.settings import FieldChoices, VismaAdminSettings
from typer.testing import CliRunner

from erpcore.cli import app
from erpcore.errors import InvalidValueError
from erpcore.fields import LossKind
from erpcore.models import Article, Customer, Invoice, Order, OrderRow

TOKEN = "t" * 40
SETTINGS = VismaAdminSettings(url="http://127.0.0.1:1", token=TOKEN)  # type: ignore[arg-type]
RATES = VatRates({"0": Decimal(0), "1": Decimal(25), "2": Decimal(12), "3": Decimal(6), "4": Decimal(0)})
TODAY = date(2026, 11, 30)
ORDER_MAP = VismaAdminPlugin.field_maps["order"]

HELP_PAGE_ORDER = """
Order number | ?
Invoice number | Fakturanr (from the invoice)
Invoice | -
ERP db | -
Company | -
Customer number | Kundnr (from customer)
Create invoice from order | -
Order status | -
Customer reference | Er referens
Coworker | Vår referens
Order date | Orderdatum
Currency | Valuta
Order sum (excl VAT) | -
VAT | -
Order sum (incl VAT) | -
Error message | -
"""
HELP_PAGE_ORDER_ROWS = """
Order | -
Row ID | ?
Description | Benämning
Article | Artikelnummer
Quantity | Levererat antal, beställt antal
Unit | Enhet
Price per unit | A-pris
VAT (%) | Moms
Discount (amount) | Rabatt
VAT account | N/A
Income account | N/A 1
"""
FOOTNOTE = "if the article does not exist in Visma Administration, it will be created towards account with number 1"


@pytest.mark.parametrize(
    ("page", "told"), [(ORDER_PAGE, HELP_PAGE_ORDER), (ORDER_ROW_PAGE, HELP_PAGE_ORDER_ROWS)], ids=["order", "row"]
)
def test_the_help_page_stands_line_by_line(page: Any, told: str) -> None:
    lines = [tuple(part.strip() for part in line.split("|")) for line in told.strip().splitlines()]
    assert [(line.label, line.known_as) for line in page] == lines


@pytest.mark.parametrize(("model", "told"), [("order", HELP_PAGE_ORDER), ("order_row", HELP_PAGE_ORDER_ROWS)])
def test_the_command_prints_the_help_page_in_its_order(model: str, told: str) -> None:
    printed = CliRunner().invoke(app.app, ["fields", "visma_admin", model], env={"COLUMNS": "400"}).output
    cells = [[cell.strip() for cell in line.split("│")[1:3]] for line in printed.splitlines() if line.startswith("│")]
    page = [[part.strip() for part in line.split("|")] for line in told.strip().splitlines()]
    assert cells[: len(page)] == page
    if model == "order_row":
        assert FOOTNOTE in printed


def test_the_footnotes_account_is_a_declared_default() -> None:
    row = OrderRow(article_number="NY", quantity=Decimal(1), unit_price=Decimal(1), income_account="3041")
    (loss,) = VismaAdminPlugin.field_maps["order_row"].losses(row)
    assert (loss.field, loss.kind, loss.becomes) == ("income_account", LossKind.DEFAULTED, "1")
    (loss,) = article_map(FieldChoices(accounting_code="7")).losses(Article(number="NY", income_account="3041"))
    assert (loss.kind, loss.becomes) == (LossKind.DEFAULTED, "7")
    articles = article_map(FieldChoices(accounting_code="7"))
    assert articles.to_native(Article(number="NY"), today=TODAY)["ACCOUNTING_CODE"] == "7"
    assert "ACCOUNTING_CODE" not in articles.to_native(Article(number="NY"), clearing=True, today=TODAY)
    (loss,) = articles.losses(Article(number="NY"), today=TODAY)
    assert (loss.field, loss.kind, loss.value, loss.becomes) == ("income_account", LossKind.DEFAULTED, None, "7")


def native(order: Order, settings: VismaAdminSettings = SETTINGS) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return prepared(order, ORDER_MAP, "vår-nyckel", RATES, settings, today=TODAY)


def test_an_order_goes_as_the_help_page_says() -> None:
    order = Order(
        customer_number="11",
        your_reference="Åsa Örn",
        our_reference="Erik",
        order_date=date(2026, 11, 28),
        currency="EUR",
        rows=(
            OrderRow(
                description="Stol",
                article_number="S-1",
                quantity=Decimal(3),
                unit="st",
                unit_price=Decimal("117.25"),
                vat_percent=Decimal(12),
                discount_amount=Decimal("12.5"),
            ),
            OrderRow(description="bara text"),
        ),
    )
    fields, rows = native(order)
    assert fields == {
        "CUSTOMER_NUMBER": "11",
        "INCLUDING_VAT": False,
        "CURRENCY_CODE": "EUR",
        "OUR_REFERENCE_NAME": "Erik",
        "CUSTOMER_REFERENCE_NAME": "Åsa Örn",
        "DOCUMENT_DATE1": "2026-11-28",
        "LOCAL_REMARK": "vår-nyckel",
    }
    assert native(order.model_copy(update={"order_date": None}))[0]["DOCUMENT_DATE1"] == TODAY.isoformat()
    # The customer brings terms of its own along, and prices are not turned around afterwards.
    assert list(fields)[:2] == ["CUSTOMER_NUMBER", "INCLUDING_VAT"]
    assert rows == [
        {
            "TEXT": "Stol",
            "ARTICLE_NUMBER": "S-1",
            "QUANTITY1": "3",
            "QUANTITY2": "3",
            "UNIT": "st",
            "PRICE_EACH_CURRENT_CURRENCY": "117.25",
            "VAT_CODE": "2",
            "DISCOUNT": "12.5",
            "AMOUNT_DISCOUNT_FLAG": True,
        },
        {"TEXT": "bara text"},
    ]


def row(**values: Any) -> OrderRow:
    return OrderRow(**{"article_number": "S-1", "quantity": Decimal(1), "unit_price": Decimal(100), **values})


@pytest.mark.parametrize(
    ("given", "flag", "sent"),
    [
        (row(), True, {"DISCOUNT": "0"}),
        (row(discount_amount=Decimal(10)), True, {"DISCOUNT": "10", "AMOUNT_DISCOUNT_FLAG": True}),
        (row(discount_amount=Decimal(10)), False, {"DISCOUNT": "10", "AMOUNT_DISCOUNT_FLAG": False}),
        (row(discount_percent=Decimal(8)), True, {"DISCOUNT": "8", "AMOUNT_DISCOUNT_FLAG": False}),
        (row(discount_percent=Decimal(8)), False, {"DISCOUNT": "8", "AMOUNT_DISCOUNT_FLAG": True}),
    ],
)
def test_the_flag_tells_an_amount_from_a_percentage(given: OrderRow, flag: bool, sent: dict[str, Any]) -> None:
    settings = SETTINGS.model_copy(update={"amount_discount_flag": flag})
    plugin_map = order_map(settings)
    _, (made,) = prepared(Order(customer_number="1", rows=(given,)), plugin_map, None, RATES, settings, today=TODAY)
    assert {name: made[name] for name in ("DISCOUNT", "AMOUNT_DISCOUNT_FLAG") if name in made} == sent
    read = readable(
        {"ROWS": [{**made, "AMOUNT_DISCOUNT_FLAG": made.get("AMOUNT_DISCOUNT_FLAG", False)}]}, RATES, settings
    )
    back = plugin_map.from_native(read).rows[0]
    assert (back.discount_amount, back.discount_percent) == (given.discount_amount, given.discount_percent)


def test_a_percentage_beside_an_amount_is_told_as_lost() -> None:
    (loss,) = VismaAdminPlugin.field_maps["order_row"].losses(
        row(discount_amount=Decimal(5), discount_percent=Decimal(5))
    )
    assert (loss.field, loss.kind) == ("discount_percent", LossKind.DROPPED)
    (loss,) = VismaAdminPlugin.field_maps["order_row"].losses(row(discount_percent=Decimal("8.125")))
    assert (loss.kind, loss.becomes) == (LossKind.ROUNDED, Decimal("8.13"))


def test_a_rate_that_the_company_has_not_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(
        InvalidValueError, match="Row 2 has 15 % VAT, and the company has 0 %, 25 %, 12 %, 6 %"
    ) as error:
        native(Order(customer_number="1", rows=(row(), row(vat_percent=Decimal(15)))))
    assert error.value.field == "rows[1].vat_percent"
    _, rows = native(Order(customer_number="1", rows=(row(vat_percent=Decimal(0)), row(vat_percent=Decimal("6.00")))))
    assert [each["VAT_CODE"] for each in rows] == ["0", "3"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (OrderRow(), "neither a text nor an article"),
        (OrderRow(article_number="S-1"), "no quantity"),
        (OrderRow(quantity=Decimal(1), unit_price=Decimal(1)), "a price but no article"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(given: OrderRow, words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        native(Order(customer_number="1", rows=(given,)))


def test_rows_without_an_article_get_the_default_one() -> None:
    settings = SETTINGS.model_copy(update={"default_article": "DIV"})
    _, (made,) = native(
        Order(customer_number="1", rows=(OrderRow(quantity=Decimal(1), unit_price=Decimal(1)),)), settings
    )
    assert made["ARTICLE_NUMBER"] == "DIV"


def test_a_credit_note_is_read_with_its_sign() -> None:
    record = {
        "DOCUMENT_NUMBER": "5002",
        "TYPE_OF_INVOICE": "K",
        "EXCLUDING_OF_VAT": "100",
        "VAT_AMOUNT": "25",
        "TOTAL_AMOUNT": "125",
        "BALANCE": "0",
        "ROWS": [
            {
                "ARTICLE_NUMBER": "S-1",
                "QUANTITY1": "2",
                "QUANTITY2": "2",
                "AMOUNT_CURRENT_CURRENCY": "100",
                "DISCOUNT": "0",
            }
        ],
    }
    invoice: Invoice = VismaAdminPlugin.field_maps["invoice"].from_native(readable(record, RATES, SETTINGS))
    assert (invoice.kind, invoice.net, invoice.vat, invoice.total) == ("credit", -100, -25, -125)
    assert invoice.rows is not None
    assert (invoice.rows[0].quantity, invoice.rows[0].amount) == (-2, -100)


def test_vat_that_the_buyer_owes_at_home_has_no_mark_and_is_told() -> None:
    customer = Customer(name="Byggbolaget AB", vat_treatment="reverse_charge")
    (loss,) = customer_map(FieldChoices()).losses(customer)
    assert (loss.field, loss.kind, loss.becomes) == ("vat_treatment", LossKind.REPLACED, "domestic")
    sent = customer_map(FieldChoices()).to_native(customer)
    assert sent[VAT_FLAGS] == {"EXPORT": False, "EU_CUSTOMER": False}


def test_our_key_and_the_orders_number_share_a_field() -> None:
    read = readable({"LOCAL_REMARK": "Order 1001"}, RATES, SETTINGS)
    assert (read["LOCAL_REMARK"], read["ORDER"]) == ("", "1001")
    assert readable({"LOCAL_REMARK": "vår-nyckel"}, RATES, SETTINGS)["LOCAL_REMARK"] == "vår-nyckel"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("5567037485", "556703-7485"),
        ("16556703-7485", "556703-7485"),
        ("SE556703748501", "556703-7485"),
        ("923609016", "923609016"),
        ("DE 123", "DE 123"),
        ("5567037486", "5567037486"),
    ],
)
def test_organisation_numbers_are_spelt_as_the_program_wants(given: str, written: str) -> None:
    assert values.organisation(given) == written


def test_a_moment_is_asked_for_in_the_programs_own_time() -> None:
    moment = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    assert values.since(moment, "Europe/Stockholm", 0) == "2026-07-01T12:00:00"
    assert values.since(moment, "UTC", 7500) == "2026-07-01T07:55:00"


@pytest.mark.parametrize(("asked", "written"), [("00:30", "01:30"), ("01:30", "01:30"), ("02:30", "03:30")])
def test_the_autumn_hour_that_comes_twice_is_asked_for_from_the_hour_before(asked: str, written: str) -> None:
    """A record that is changed at 2:10 the second time is told as 2:10, which is before 2:30 the first time."""
    moment = datetime.fromisoformat(f"2026-10-25T{asked}:00+00:00")
    assert values.since(moment, "Europe/Stockholm", 0) == f"2026-10-25T{written}:00"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "url is needed"),
        ({"url": "https://server:8743"}, "token is needed"),
        ({"url": "https://server:8743", "token": "short"}, "token is needed"),
        ({"url": "http://server:8743", "token": TOKEN}, "another one's agent is asked over https"),
        ({"url": "ftp://server", "token": TOKEN}, "starts with https"),
        ({"url": "https://server", "token": TOKEN, "time_zone": "Mars/Olympus"}, "no time zone"),
        ({"url": "https://server", "token": TOKEN, "connection_field": 5}, "less than or equal to 4"),
    ],
)
def test_settings_that_are_wrong_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        VismaAdminSettings.model_validate(given)


def test_local_mode_needs_neither_address_nor_token() -> None:
    assert VismaAdminSettings.model_validate({"mode": "local"}).url is None
