"""What the document of a new customer abroad comes to, and what of an ordinary new customer is lost, with every ERP."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from tests.agreed.conftest import MakeVendorWorld
from tests.agreed.vendor_shop import CITIES, NUMBERS, Shop, row
from tests.agreed.vendor_world import VENDORS, AdministrationBooks, FortnoxBooks, PowerOfficeBooks, Vendor


class UntoldAdministration(AdministrationBooks):
    """Visma Administration that is not told which customers are charged no VAT."""

    settings: ClassVar = {**AdministrationBooks.settings, "vat_free_customers": "not_told"}


NEVER_TOLD = (PowerOfficeBooks, UntoldAdministration)
"""ERPs that are not told which customers are charged no VAT."""


def abroad(shop: Shop, **values: Any) -> None:
    """Put a company of the neighbouring country into the CRM."""
    country = "NO" if shop.vendor.home == "SE" else "SE"
    postal_code, city, name = CITIES[country]
    address = {"postal_code": postal_code, "city": city, "country": name, "country_code": country}
    shop.company(address=address, **{"organisation_number": NUMBERS[country], **values})


@pytest.mark.parametrize("vendor", NEVER_TOLD, ids=lambda vendor: vendor.name)
@pytest.mark.parametrize("converts", [False, True], ids=["order", "invoice of an order"])
def test_vat_that_the_erp_charges_a_new_customer_abroad_waits_for_a_person(
    make_world: MakeVendorWorld, vendor: type[Vendor], converts: bool
) -> None:
    shop = Shop(make_world(vendor, convert_to_invoice=converts, real_invoices=True), "order")
    abroad(shop)
    run = shop.win(rows=(row("1", "1000"),))
    assert (run.state, run.cause) == ("uncertain", "sums_differ")
    assert f"computed 250.00 {shop.vendor.currency} as VAT, and the customer is a new one abroad" in shop.told()
    # The attempt after it knows no more of the customer than its number.
    again = shop.world.retry(run)
    assert (again.state, again.cause) == ("uncertain", "sums_differ")
    assert shop.documents() == 1, "the order alone"


@pytest.mark.parametrize("vendor", [FortnoxBooks, AdministrationBooks], ids=lambda vendor: vendor.name)
@pytest.mark.parametrize("converts", [False, True], ids=["order", "invoice of an order"])
def test_a_new_customer_abroad_that_is_charged_no_vat_needs_nobody(
    make_world: MakeVendorWorld, vendor: type[Vendor], converts: bool
) -> None:
    shop = Shop(make_world(vendor, convert_to_invoice=converts, real_invoices=True), "order")
    abroad(shop)
    assert shop.win(rows=(row("1", "1000"),)).state == "done"
    assert shop.held().vat == 0
    assert "which is to be charged none" in shop.told()


def test_vat_that_visma_administration_computes_by_the_coding_alone_waits_for_a_person(
    make_world: MakeVendorWorld,
) -> None:
    world = make_world(AdministrationBooks)
    world.vendor.simulator.move_switches(vat_by_customer=0)
    shop = Shop(world, "order")
    abroad(shop)
    run = shop.win(rows=(row("1", "1000"),))
    assert (run.state, run.cause) == ("uncertain", "sums_differ")
    assert "computed 250.00 SEK as VAT, and the customer is a new one abroad" in shop.told()


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
@pytest.mark.parametrize("written", ["plain", "as a VAT number"])
def test_an_ordinary_new_customer_loses_nothing_that_could_stop_it(
    make_world: MakeVendorWorld, vendor: type[Vendor], written: str
) -> None:
    shop = Shop(make_world(vendor, on_loss="block"), "order")
    as_vat = {"SE": "SE556000461501", "NO": "NO 923 609 016 MVA"}[vendor.home]
    shop.company(organisation_number=shop.number if written == "plain" else as_vat)
    run = shop.win(rows=(row("1", "1000"),))
    assert (run.state, run.error_text) == ("done", None)


@pytest.mark.parametrize("vendor", NEVER_TOLD, ids=lambda vendor: vendor.name)
def test_vat_that_the_erp_charges_a_customer_abroad_of_old_is_told(
    make_world: MakeVendorWorld, vendor: type[Vendor]
) -> None:
    shop = Shop(make_world(vendor), "order")
    abroad(shop)
    country = "NO" if vendor.home == "SE" else "SE"
    shop.vendor.add_customer(number="15950", name="Bolaget", organisation_number=NUMBERS[country])
    assert shop.win(rows=(row("1", "1000"),)).state == "done"
    assert "the company is abroad and ought to be charged none" in shop.told()
