"""The field maps: forms of values, what is lost, and what is read out of replies."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from erpcore_poweroffice import values
from erpcore_poweroffice.document_fields import INVOICE_ROW, invoice_map, order_map, order_row_map
from erpcore_poweroffice.fields import article_map, customer_map
from erpcore_poweroffice.settings import FieldChoices
from erpcore_poweroffice.units import CODES, unit_code
from hypothesis import given, strategies as st

from erpcore.errors import InvalidValueError
from erpcore.fields import LossKind
from erpcore.models import Address, Article, Customer, Order, OrderRow, Ref
from erpcore.sync.shared.reference import reference
from erpcore.testing.witness import differences, unnoticed_swaps
from plugins.poweroffice.tests.poweroffice_witness import WITNESSES_WITH_VAT

CHOICES = FieldChoices()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("st", "EA"),
        ("Stk.", "EA"),
        (" tim ", "HUR"),
        ("kg", "KGM"),
        ("m²", "MTK"),
        ("mån", "MON"),
        ("hur", "HUR"),
        ("XPK", "XPK"),
        ("flak", None),
        ("", None),
    ],
)
def test_words_for_units_become_codes(written: str, code: str | None) -> None:
    assert unit_code(written, {}) == code


def test_every_word_leads_to_a_code_that_poweroffice_has() -> None:
    words = (
        "stk",
        "tim",
        "dag",
        "uke",
        "mån",
        "år",
        "m",
        "km",
        "kg",
        "g",
        "tonn",
        "l",
        "kwh",
        "par",
        "eske",
        "kvartal",
    )
    assert {unit_code(word, {}) for word in words} <= CODES


def test_the_companys_own_words_go_first_and_unknown_ones_are_told() -> None:
    own = order_row_map(FieldChoices(units={"Flak ": "xpx", "st": "PR"}))
    assert own.to_native(OrderRow(unit="FLAK"))["UnitOfMeasureCode"] == "XPX"
    assert own.to_native(OrderRow(unit="st"))["UnitOfMeasureCode"] == "PR"
    row = OrderRow(article_number="1", quantity=Decimal(1), unit="flak")
    assert "UnitOfMeasureCode" not in order_row_map(CHOICES).to_native(row)
    (loss,) = order_row_map(CHOICES).losses(row)
    assert (loss.field, loss.kind, loss.value) == ("unit", LossKind.DROPPED, "flak")
    assert "this word is none of them" in loss.reason
    # The table speaks of words in general, where no one word has been refused.
    (line,) = [line for line in order_row_map(CHOICES).table() if line.field == "unit"]
    assert "this word" not in line.note
    assert "a word for none of them is dropped" in line.note


def test_vat_and_accounts_of_a_row_are_told_to_follow_the_product() -> None:
    row = OrderRow(
        article_number="1", quantity=Decimal(1), vat_percent=Decimal(25), vat_account="2610", income_account="3000"
    )
    losses = {loss.field: loss for loss in order_row_map(CHOICES).losses(row)}
    assert losses.keys() == {"vat_percent", "vat_account", "income_account"}
    assert all(loss.kind is LossKind.DERIVED and "product" in loss.reason for loss in losses.values())


def test_an_order_goes_out_in_poweroffices_names() -> None:
    order = Order(
        reference="lime-7",
        customer_number="10001",
        currency="SEK",
        our_reference="12",
        your_reference="Kari",
        your_order_number="PO-1",
        terms_of_payment="3",
        project="P1",
        cost_center="D1",
        order_date=date(2026, 11, 22),
        delivery_date=date(2026, 12, 1),
        delivery_address=Address(street="Gata 1", postal_code="0150", city="Oslo", country_code="NO"),
        rows=(OrderRow(article_number="A", quantity=Decimal("1.5"), unit_price=Decimal("9.99")),),
    )
    assert order_map(CHOICES).to_native(order) == {
        "ExternalImportReference": "lime-7",
        "CustomerNo": 10001,
        "CurrencyCode": "SEK",
        "SalesPersonEmployeeNumber": 12,
        "CustomerReference": "Kari",
        "PurchaseOrderReference": "PO-1",
        "PaymentTermId": 3,
        "ProjectCode": "P1",
        "DepartmentCode": "D1",
        "SalesOrderDate": "2026-11-22",
        "DeliveryDate": "2026-12-01",
        "ContactDeliveryAddress": {"AddressLine1": "Gata 1", "ZipCode": "0150", "City": "Oslo", "CountryCode": "NO"},
        "SalesOrderLines": [
            {"ProductCode": "A", "Quantity": Decimal("1.5"), "ProductUnitPrice": Decimal("9.99"), "Allowance": 0}
        ],
    }
    assert order_map(CHOICES).losses(order) == []


@pytest.mark.parametrize(
    ("field", "value"), [("customer_number", "K-1"), ("terms_of_payment", "30d"), ("our_reference", "x")]
)
def test_a_number_that_is_none_is_refused_before_anything_is_sent(field: str, value: str) -> None:
    with pytest.raises(InvalidValueError, match="digits") as caught:
        order_map(CHOICES).to_native(Order.model_validate({field: value}))
    assert caught.value.field == field


def test_what_poweroffice_alone_sets_is_told_when_an_order_has_it() -> None:
    order = Order(number="1", net=Decimal(1), vat=Decimal(1), total=Decimal(2), invoices=(Ref(number="3"),))
    assert {loss.field for loss in order_map(CHOICES).losses(order)} == {
        "number",
        "net",
        "vat",
        "total",
        "invoices",
    }
    assert order_map(CHOICES).to_native(order) == {}


INVOICE: dict[str, Any] = {
    "InvoiceNo": 20001,
    "CustomerNo": 10001,
    "CurrencyCode": "EUR",
    "CurrencyExchangeRate": Decimal("11.5"),
    "NetAmount": Decimal("100"),
    "TotalAmount": Decimal("125.00"),
    "NetPostedAmount": Decimal("1150"),
    "TotalPostedAmount": Decimal("1437.50"),
    "Balance": Decimal("718.75"),
    "VoucherType": "OutgoingInvoice",
    "VoucherDate": "2026-11-22",
    "DueDate": "2026-12-06",
    "VoucherNo": 5,
    "OrderNo": 7,
    "Cid": "0123",
    "SentDateTimeOffset": "2026-11-22T10:00:00.1234567+00:00",
}


def test_an_invoice_in_foreign_currency_is_read_in_its_own() -> None:
    invoice = invoice_map().from_native(INVOICE)
    assert (invoice.net, invoice.vat, invoice.total, invoice.balance) == (
        Decimal(100),
        Decimal(25),
        Decimal(125),
        Decimal("62.50"),
    )
    assert (invoice.number, invoice.order_number, invoice.kind) == ("20001", "7", "invoice")
    assert (invoice.booked, invoice.sent, invoice.currency_rate) == (True, True, Decimal("11.5"))
    assert invoice.state(date(2026, 12, 1)) == "open"
    assert invoice.state(date(2026, 12, 31)) == "overdue"


@given(st.decimals(0, 100_000, places=2), st.decimals("0.1", 20, places=4))
def test_a_balance_in_another_currency_is_the_whole_or_nothing_at_its_ends(total: Decimal, rate: Decimal) -> None:
    posted = values.cents(total * rate)
    record = {"Balance": posted, "TotalPostedAmount": posted, "TotalAmount": total}
    read = invoice_map().from_native(record).balance
    assert read == (values.cents(total) if posted else posted)
    assert invoice_map().from_native({**record, "Balance": 0}).balance == 0


def test_a_credit_note_and_an_imported_invoice_are_told_apart() -> None:
    read = invoice_map().from_native({**INVOICE, "VoucherType": "OutgoingCreditNote", "SentDateTimeOffset": None})
    assert (read.kind, read.sent) == ("credit", False)


def test_an_invoice_row_shows_vat_in_percent_and_its_margin() -> None:
    line = {"Id": 1, "VatRate": Decimal("0.25"), "NetAmount": Decimal(90), "ProductUnitCost": 20, "Quantity": 2}
    row = INVOICE_ROW.from_native(line)
    assert (row.vat_percent, row.amount, row.contribution_margin) == (Decimal(25), Decimal(90), Decimal(50))


def test_a_customer_goes_out_and_comes_back() -> None:
    customer = Customer(
        name="Kunde AS",
        kind="company",
        organisation_number="923 609 016",
        email="a@example.com",
        invoice_address=Address(street="Gata 1", postal_code="0150", city="Oslo", country_code="NO"),
        currency="NOK",
        terms_of_payment="1",
        active=True,
    )
    payload = customer_map(CHOICES).to_native(customer)
    assert payload["OrganizationNumber"] == "923609016"
    assert (payload["IsPerson"], payload["IsArchived"]) == (False, False)
    back = customer_map(CHOICES).from_native(payload)
    assert back == customer.model_copy(update={"organisation_number": "923609016"})


def test_an_emptied_field_is_kept_and_told_or_emptied_as_the_setting_says() -> None:
    change = Customer(phone=None)
    assert customer_map(CHOICES).to_native(change, clearing=True) == {}
    assert [loss.kind for loss in customer_map(CHOICES).losses(change, clearing=True)] == [LossKind.KEPT]
    clearing = customer_map(FieldChoices(empty_values="clear"))
    assert clearing.to_native(change, clearing=True) == {"PhoneNumber": None}
    assert clearing.losses(change, clearing=True) == []


def test_an_article_goes_out_and_its_vat_is_told_as_lost() -> None:
    article = Article(
        number="A-1", description="Stol", kind="goods", unit="st", price=Decimal("99.5"), vat_percent=Decimal(25)
    )
    assert article_map(CHOICES).to_native(article) == {
        "Code": "A-1",
        "Name": "Stol",
        "ProductType": "Product",
        "UnitOfMeasureCode": "EA",
        "UnitPrice": Decimal("99.5"),
    }
    assert [loss.field for loss in article_map(CHOICES).losses(article)] == ["vat_percent"]
    (loss,) = article_map(CHOICES).losses(Article(currency="SEK", price=Decimal(1)))
    assert (loss.kind, loss.becomes) == (LossKind.DEFAULTED, "NOK")


@given(st.text(min_size=1, max_size=120))
def test_a_key_always_fits_and_two_keys_never_become_one(key: str) -> None:
    fitting = values.fitting_reference(key)
    assert len(fitting) <= 50
    assert (fitting == key) == (len(key) <= 50)
    assert values.fitting_reference(key + "x") != fitting


def test_an_organisation_number_is_sent_as_digits_and_an_unknown_one_as_it_is() -> None:
    assert values.organisation_digits("NO 923 609 016 MVA") == "923609016"
    assert values.organisation_digits("556000-4615") == "5560004615"
    assert values.organisation_digits("DK-1234") == "DK-1234"
    assert values.organisation_digits("923609017 ") == "923609017"


def test_a_moment_in_any_zone_is_asked_for_in_utc() -> None:
    oslo = timezone(timedelta(hours=2))
    assert values.moment(datetime(2026, 6, 1, 12, 2, tzinfo=oslo), 120) == "2026-06-01 10:00:00.000000+00:00"
    assert values.moment(datetime(2026, 6, 1, 12, 2, 0, 7, tzinfo=UTC), 0) == "2026-06-01 12:02:00.000007+00:00"


def test_a_key_of_erpcore_is_sent_as_it_is_so_that_people_find_it() -> None:
    key = reference("abcdefghijkl", "orders_to_power_office", "order 1234567890", 12, "convert_to_invoice")
    assert values.fitting_reference(key) == key
    assert key.startswith("abcdefghijkl-orde-order-1234567890-12-")


def test_longer_keys_end_in_their_hash() -> None:
    made = {values.fitting_reference("x" * 60 + tail) for tail in "ab"}
    assert len(made) == 2
    assert {len(key) for key in made} == {50}


def test_who_buys_free_of_vat_is_told_where_the_setting_says_so() -> None:
    table = customer_map(FieldChoices(vat_free_customers="export"))
    assert differences(table, *WITNESSES_WITH_VAT["customer"]) == []
    assert unnoticed_swaps(table, *WITNESSES_WITH_VAT["customer"]) == []
