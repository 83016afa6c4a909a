"""A document goes to the company's customer, also where its number was given to somebody else in the ERP meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from erpcore.models import Company
from erpcore.store import Link, live_link
from erpcore.sync import answers
from tests.agreed.vendor_shop import Shop, row, words
from tests.agreed.vendor_world import AdministrationBooks, FortnoxBooks, Vendor
from tests.sync.world import SYNC

ELSE = {"name": "Främling AB", "organisation_number": "556016-0680"}
numbered = pytest.mark.parametrize("vendor", [FortnoxBooks, AdministrationBooks])
"""ERPs that know a customer by its number alone."""


def sold(make_shop: Any, vendor: type[Vendor], made: str = "order", **company: Any) -> Shop:
    """A company whose customer is linked, because a deal of it was sent."""
    shop: Shop = make_shop(vendor, made, without_organisation_number="create", match=("link", "organisation_number"))
    shop.company(**company)
    assert shop.win("d1", rows=(row("1", "1000"),)).state == "done"
    shop.world.time.move(4000)
    return shop


def change(shop: Shop, **values: str) -> None:
    """People change the customer in the ERP, by the names of `Vendor.card`."""
    vendor: Any = shop.vendor
    changed = {vendor.card[name]: value for name, value in values.items()}
    if isinstance(vendor, FortnoxBooks):
        (customer,) = vendor.simulator.books.customers.values()
        customer.values.update(changed)
        return
    books = vendor.visma.company.read()
    (customer,) = books.registers["CUSTOMER"]
    customer.values.update(changed)
    vendor.visma.company.write(books)


def link_of(shop: Shop) -> Link | None:
    with shop.world.store.read() as connection:
        return live_link(connection, sync=SYNC, source_kind="company", source_id="c1", target_kind="customer")


@numbered
@pytest.mark.parametrize("made", ["order", "invoice", "order of an order"])
def test_a_document_for_a_number_that_is_somebody_elses_now_is_asked_about(
    make_shop: Any, vendor: type[Vendor], made: str
) -> None:
    shop = sold(make_shop, vendor, made)
    change(shop, **ELSE)
    run = shop.win("d2", rows=(row("1", "1000"),))
    assert (run.state, run.cause) == ("uncertain", "other_customer")
    assert all(each in words(run) for each in ("Främling AB", "Bolaget", "go-on", "stop"))
    assert shop.world.retry(run).cause == "other_customer"
    assert shop.win("d3", rows=(row("1", "1000"),)).state == "done"  # to a customer that was matched anew
    with shop.world.store.begin() as connection:
        answers.stop(connection, run, "Kim")
    again = shop.win("d2", rows=(row("1", "1000"),))
    assert again.state == "done"
    link = link_of(shop)
    assert link is not None
    assert {each["number"]: each["name"] for each in shop.vendor.customers()}[link.number] == "Bolaget"


@numbered
def test_no_invoice_follows_an_order_for_another_customer(make_shop: Any, vendor: type[Vendor]) -> None:
    shop = sold(make_shop, vendor)
    shop.world.rules(convert_to_invoice=True)
    change(shop, **ELSE)
    assert shop.win("d2", rows=(row("1", "1000"),)).cause == "other_customer"
    assert shop.documents() == 2


@numbered
@pytest.mark.parametrize(
    "changed", [{"name": "Bolaget i Lund AB"}, {"organisation_number": "556016-0680"}], ids=["renamed", "corrected"]
)
def test_a_customer_that_is_renamed_or_whose_number_is_corrected_is_the_same(
    make_shop: Any, vendor: type[Vendor], changed: dict[str, str]
) -> None:
    shop = sold(make_shop, vendor)
    change(shop, **changed)
    assert shop.win("d2", rows=(row("1", "1000"),)).state == "done"


@numbered
def test_a_person_under_another_name_is_asked_about_and_believed(make_shop: Any, vendor: type[Vendor]) -> None:
    shop = sold(make_shop, vendor, name="Lisa Ek", organisation_number=None)
    change(shop, name="Lisa Gran")
    run = shop.win("d2", rows=(row("1", "1000"),))
    assert run.cause == "other_customer"
    with shop.world.store.begin() as connection:
        answers.go_on(connection, run, "Kim")
    assert shop.world.retry(run).state == "done"
    assert shop.win("d3", rows=(row("1", "1000"),)).state == "done"


@numbered
def test_a_stranger_is_not_overwritten_and_the_company_matched_anew(make_shop: Any, vendor: type[Vendor]) -> None:
    shop = sold(make_shop, vendor)
    change(shop, **ELSE)
    shop.company(phone="08-99 99 99")
    run = shop.win("d2", rows=(row("1", "1000"),))
    assert run.state == "done"
    assert "Its link is cut, and the company is matched anew." in shop.told("d2")
    names = [each["name"] for each in shop.vendor.customers()]
    assert names == ["Främling AB", "Bolaget"]


@numbered
def test_somebody_of_another_name_is_not_overwritten(make_shop: Any, vendor: type[Vendor]) -> None:
    shop = sold(make_shop, vendor, name="Lisa Ek", organisation_number=None)
    change(shop, name="Karl Borg")
    shop.company(name="Lisa Ek", organisation_number=None, phone="08-99 99 99")
    run = shop.win("d2", rows=(row("1", "1000"),))
    assert run.state == "failed"
    assert "Karl Borg" in words(run)
    assert "erpcore link" in words(run)
    assert [each["name"] for each in shop.vendor.customers()] == ["Karl Borg"]


@numbered
def test_a_number_that_erpcore_wrote_into_the_crm_is_not_believed_when_it_is_somebody_elses(
    make_shop: Any, vendor: type[Vendor]
) -> None:
    shop = sold(make_shop, vendor, "order of an order")
    shop.world.rules(match=("link", "customer_number", "organisation_number"))
    company: Company = shop.world.desk.companies["c1"]
    link = link_of(shop)
    assert link is not None
    assert company.erp_number == link.number
    change(shop, **ELSE)
    run = shop.win("d2", rows=(row("1", "1000"),))
    with shop.world.store.begin() as connection:
        answers.stop(connection, run, "Kim")
    assert shop.win("d2", rows=(row("1", "1000"),)).state == "done"
    assert "is another customer's in the ERP now" in shop.told("d2")
    assert shop.world.desk.companies["c1"].erp_number != link.number


@numbered
def test_a_document_for_a_stranger_is_asked_about_when_the_company_has_another_customer_by_then(
    make_shop: Any, vendor: type[Vendor]
) -> None:
    shop = sold(make_shop, vendor)
    change(shop, **ELSE)
    run = shop.win("d2", rows=(row("1", "1000"),))
    shop.company(phone="08-99 99 99")
    assert shop.win("d3", rows=(row("1", "1000"),)).state == "done"
    assert shop.world.retry(run).cause == "other_customer"


@numbered
def test_a_customer_that_became_another_organisation_is_the_companys_again_when_a_person_says_so(
    make_shop: Any, vendor: type[Vendor]
) -> None:
    shop = sold(make_shop, vendor)
    change(shop, **ELSE)
    run = shop.win("d2", rows=(row("1", "1000"),))
    assert link_of(shop) is None
    with shop.world.store.begin() as connection:
        answers.go_on(connection, run, "Kim")
    assert shop.world.retry(run).state == "done"
    link = link_of(shop)
    assert link is not None
    assert link.number == shop.vendor.customers()[0]["number"]
    assert shop.win("d3", rows=(row("1", "1000"),)).state == "done"
    assert len(shop.vendor.customers()) == 1
