"""Kinds of faults that users of such syncs report, each tried with every ERP: a won deal that becomes an order or an
invoice, and an order of the CRM."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erpcore.fields import country
from tests.agreed.vendor_shop import CITIES, NUMBERS, everywhere, row, stopped, words
from tests.agreed.vendor_world import (
    VENDORS,
    AdministrationBooks,
    FortnoxBooks,
    Vendor,
)


@everywhere(1)
@pytest.mark.parametrize(("quantity", "price", "net"), [("0.125", "1200", "150"), ("10000", "0.0125", "125")])
def test_money_is_not_changed_by_narrowing(
    make_shop: Any, vendor: type[Vendor], made: str, quantity: str, price: str, net: str
) -> None:
    shop = make_shop(vendor, made)
    shop.company()
    run = shop.win(rows=(row(quantity, price),), value=Decimal(net))
    if stopped(run):
        assert f"{net}.00" in words(run)
        assert shop.documents() == 0
        return
    assert run.state == "done"
    assert shop.held().net == Decimal(net)


@everywhere(2)
def test_a_deal_that_is_worth_less_than_its_rows(make_shop: Any, vendor: type[Vendor], made: str) -> None:
    shop = make_shop(vendor, made)
    shop.company()
    run = shop.win(rows=(row("1", "1000"),), value=Decimal(900))
    assert stopped(run)
    assert "900" in words(run)
    assert "1000" in words(run)
    assert shop.documents() == 0
    assert "900" in shop.told()


@everywhere(3)
def test_a_customer_card_in_another_currency_changes_no_currency(
    make_shop: Any, vendor: type[Vendor], made: str
) -> None:
    shop = make_shop(vendor, made)
    shop.company()
    shop.vendor.add_customer(number="15900", name="Bolaget", organisation_number=shop.number, currency="EUR")
    run = shop.win(rows=(row("1", "1000"),), currency=...)
    if stopped(run):
        assert "EUR" in words(run)
        return
    held = shop.held()
    assert (held.currency, held.net) == (vendor.currency, 1000)


@everywhere(4)
@pytest.mark.parametrize(
    ("written", "code"),
    [("Tyskland", "DE"), ("GERMANY", "DE"), ("Deutschland", "DE"), ("Suomi", "FI"), ("danmark", "DK"), ("Noreg", "NO")],
)
def test_countries_are_read_by_their_names(
    make_shop: Any, vendor: type[Vendor], made: str, written: str, code: str
) -> None:
    shop = make_shop(vendor, made, undecided_vat="note", foreign_organisation_number="as_written")
    number = {"FI": "FI20774740", "DK": "DK13585628", "DE": "DE136695976", "NO": "923609016"}[code]
    # As the plugins of CRMs read what is written.
    shop.company(address={"country": written, "country_code": country(written)}, organisation_number=number)
    assert shop.win(rows=(row("1", "1000", article_number="A0"),)).state == "done"
    (customer,) = shop.vendor.customers()
    assert customer["country"] == code


@everywhere(5)
def test_a_country_that_nobody_can_read_is_told(make_shop: Any, vendor: type[Vendor], made: str) -> None:
    shop = make_shop(vendor, made, foreign_organisation_number="as_written")
    shop.company(address={"country": "Ruritanien", "country_code": ...}, organisation_number="RU-77")
    run = shop.win(rows=(row("1", "1000"),))
    assert "Ruritanien" in f"{words(run)} {shop.told()}"


@everywhere(6)
def test_a_new_customer_abroad_is_not_charged_vat_without_a_word(
    make_shop: Any, vendor: type[Vendor], made: str
) -> None:
    shop = make_shop(vendor, made)
    abroad = "NO" if vendor.home == "SE" else "SE"
    postal_code, city, country = CITIES[abroad]
    shop.company(
        address={"postal_code": postal_code, "city": city, "country": country, "country_code": abroad},
        organisation_number=NUMBERS[abroad],
    )
    run = shop.win(rows=(row("1", "1000"),))
    if run.state == "done":
        assert shop.held().vat == 0 or "VAT" in shop.told()
        return
    assert "VAT" in words(run)


@everywhere(7)
def test_two_companies_with_one_number_each_have_their_own_document(
    make_shop: Any, vendor: type[Vendor], made: str
) -> None:
    shop = make_shop(vendor, made)
    shop.company("c1", name="Kvarnen Ett", address={"street": "Ettan 1"})
    shop.company("c2", name="Kvarnen Två", address={"street": "Tvåan 2"})
    runs = [shop.win(deal, company_id=company) for deal, company in (("d1", "c1"), ("d2", "c2"), ("d3", "c1"))]
    (customer,) = shop.vendor.customers()
    assert customer["name"] == "Kvarnen Ett", "the second company changes nothing of the first one's customer"
    assert [run.state for run in runs[::2]] == ["done", "done"]
    if runs[1].state == "done":
        assert "Kvarnen Ett" in shop.told("d2") or "share" in shop.told("d2").casefold()


@everywhere(8)
def test_a_customer_that_is_inactive_is_not_used_without_a_word(
    make_shop: Any, vendor: type[Vendor], made: str
) -> None:
    shop = make_shop(vendor, made)
    shop.company()
    shop.vendor.add_customer(number="15901", name="Bolaget", organisation_number=shop.number, **inactive(vendor))
    run = shop.win(rows=(row("1", "1000"),))
    assert stopped(run)
    assert "inactive" in words(run)
    assert shop.documents() == 0


@everywhere(9)
def test_of_two_customers_with_one_number_the_active_one_is_used(
    make_shop: Any, vendor: type[Vendor], made: str
) -> None:
    shop = make_shop(vendor, made)
    shop.company()
    shop.vendor.add_customer(number="15910", name="Gamla", organisation_number=shop.number, **inactive(vendor))
    shop.vendor.add_customer(number="15911", name="Bolaget", organisation_number=shop.number)
    assert shop.win(rows=(row("1", "1000"),)).state == "done"
    assert shop.held().net == 1000
    assert len(shop.vendor.customers()) == 2


def inactive(vendor: type[Vendor]) -> dict[str, bool]:
    return {"active": False} if "active" in vendor.card else {"retired": True}


@everywhere(10)
@pytest.mark.parametrize(
    ("written", "kept", "told"),
    [
        ("Anna Ek <anna@ek.example>; bo@ek.example", "anna@ek.example", None),
        ("a@x.example, b@x.example", "a@x.example", None),
        ("saknas", None, "saknas"),
        ("mailto:post@x.example", "post@x.example", None),
    ],
)
def test_an_optional_e_mail_address_never_stops_a_document(
    make_shop: Any, vendor: type[Vendor], made: str, written: str, kept: str | None, told: str | None
) -> None:
    shop = make_shop(vendor, made)
    shop.company(email=written)
    assert shop.win(rows=(row("1", "1000"),)).state == "done"
    (customer,) = shop.vendor.customers()
    assert (customer["email"] or None) == kept
    assert told is None or told in shop.told()


@everywhere(11)
def test_invoices_go_to_the_address_for_invoices(make_shop: Any, vendor: type[Vendor], made: str) -> None:
    shop = make_shop(vendor, made)
    shop.company(email="info@x.example", invoice_email="faktura@x.example")
    assert shop.win(rows=(row("1", "1000"),)).state == "done"
    (customer,) = shop.vendor.customers()
    assert customer["inbox"] == "faktura@x.example"


@everywhere(12)
def test_a_unit_that_the_erp_lacks_is_named_with_its_row(make_shop: Any, vendor: type[Vendor], made: str) -> None:
    shop = make_shop(vendor, made)
    shop.company()
    rows = (row("1", "10"), row("1", "10"), row("1", "10", unit="flak"))
    run = shop.win(rows=rows, value=Decimal(30))
    text = f"{words(run)} {shop.told()}".casefold()
    assert "flak" in text
    assert "row 3" in text


@everywhere(13, deals_alone=True)
def test_a_cost_centre_that_the_erp_lacks_is_named(make_shop: Any, vendor: type[Vendor], made: str) -> None:
    shop = make_shop(vendor, made, field_mapping={"KS": "cost_center"})
    shop.company()
    custom = ({"title": "KS", "value": "FINNS-EJ"},)
    run = shop.win(rows=(row("1", "1000"),), custom_fields=custom)
    assert "FINNS-EJ" in f"{words(run)} {shop.told()}"
    assert run.state == "done" or shop.documents() == 0


@everywhere(14)
def test_an_article_of_the_rows_text_is_not_made_again(make_shop: Any, vendor: type[Vendor], made: str) -> None:
    shop = make_shop(vendor, made)
    shop.company()
    name = "Vare 25" if vendor.home == "NO" else "Vara 25"
    run = shop.win(rows=(row("1", "1000", article_number=None, article_id="crm-7", description=name),))
    assert run.state == "done"
    assert shop.held().net == 1000
    assert shop.vendor.articles() == len(vendor.rates)
    assert "A25" in shop.told()


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
def test_an_invoice_waits_where_the_vat_is_another_one(make_shop: Any, vendor: type[Vendor]) -> None:
    shop = make_shop(vendor, "order", convert_to_invoice=True, real_invoices=True)
    shop.company()
    run = shop.win(rows=(row("1", "1000", vat_percent=Decimal(vendor.rates[1])),))
    if vendor.says_vat:
        assert run.state == "done"
        assert shop.held().vat == 10 * vendor.rates[1]
        return
    assert (run.state, run.cause) == ("uncertain", "sums_differ")
    assert "VAT" in shop.told()
    assert shop.documents() == 1, "the order alone"


@pytest.mark.parametrize("made", ["order", "invoice"])
def test_freight_and_fee_of_a_customer_card_are_told(make_shop: Any, made: str) -> None:
    shop = make_shop(FortnoxBooks, made)
    shop.company()
    fees = {"InvoiceFreight": "99", "InvoiceAdministrationFee": "29"}
    seeded = {"CustomerNumber": "912", "Name": "Bolaget", "OrganisationNumber": shop.number, **fees}
    shop.vendor.simulator.seed({"customers": [seeded]})
    assert shop.win(rows=(row("1", "1000"),)).state == "done"
    assert "99" in shop.told()
    assert "29" in shop.told()


@pytest.mark.parametrize("made", ["order", "invoice"])
def test_a_currency_that_the_program_writes_over_in_the_end_stops(make_shop: Any, made: str) -> None:
    # Whether the customer's terms stand from the beginning, and ours after them, is unconfirmed.
    shop = make_shop(AdministrationBooks, made)
    shop.vendor.simulator.seed({"switches": {"defaults_at_set": 0}})
    shop.company()
    assert shop.win("d1", rows=(row("1", "1000"),)).state == "done"
    run = shop.win("d2", rows=(row("1", "1000"),), currency="EUR")
    assert (run.state, run.cause) == ("uncertain", "sums_differ")
    assert "SEK" in shop.told("d2")
