"""Customers, their persons and addresses, as the company holds them afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from erpcore.errors import AmbiguousMatchError, InvalidValueError, MissingRecordError, NotFoundError, RejectedError
from erpcore.hookspecs import Context
from erpcore.models import Address, ContactPerson, Customer, CustomerQuery, Ref

OSLO = Address(street="Gata 1", postal_code="0150", city="Oslo", country_code="NO")
KEY = Context("test", reference="lime-customer-1")
CUSTOMER = Customer(
    name="Fjord AS",
    kind="company",
    organisation_number="923 609 016",
    email="post@example.com",
    invoice_email="faktura@example.com",
    phone="22 22 22 22",
    website="example.com",
    invoice_address=OSLO,
)


def find(company: Any, **query: str) -> list[Customer]:
    return list(company.connection.find_customers(CustomerQuery(**query), company.context))


def test_a_customer_is_made_with_our_key_and_found_in_every_way(company: Any) -> None:
    ref = company.connection.create_customer(CUSTOMER, KEY)
    assert ref.key
    ways = (
        {"number": ref.number},
        {"organisation_number": "NO 923609016 MVA"},
        {"reference": "lime-customer-1"},
        {"name": "Fjord AS"},
        {"name": "Fjord AS", "reference": "lime-customer-1"},
    )
    for way in ways:
        (found,) = find(company, **way)
        assert found.number == ref.number
        assert found.external_reference == "lime-customer-1"
    (held,) = find(company, number=ref.number)
    assert held.invoice_address == OSLO
    assert (held.kind, held.email, held.invoice_email) == ("company", "post@example.com", "faktura@example.com")
    assert held.active is True


@pytest.mark.parametrize(
    "query",
    [
        {"number": "999999999"},
        {"number": "K-1"},
        {"organisation_number": "985 399 077"},
        {"name": "Fjord"},
        {"reference": "lime-customer"},
        {},
    ],
)
def test_what_does_not_fit_exactly_is_not_found(company: Any, query: dict[str, str]) -> None:
    company.connection.create_customer(CUSTOMER, KEY)
    assert find(company, **query) == []


def test_a_second_customer_with_the_key_is_refused_and_the_first_is_the_answer(company: Any) -> None:
    first = company.connection.create_customer(CUSTOMER, KEY)
    again = company.connection.create_customer(CUSTOMER, KEY)
    assert again.number == first.number
    assert len(find(company, name="Fjord AS")) == 1


def test_a_key_that_is_too_long_is_found_again_in_full(company: Any) -> None:
    key = "lime-go-installation-with-a-long-name-deal-4711-1-abcdefghijkl"
    ref = company.connection.create_customer(CUSTOMER, Context("test", reference=key))
    (found,) = find(company, reference=key)
    assert (found.number, found.external_reference) == (ref.number, key)
    assert len(company.record("customers", ref.number)["ExternalImportReference"]) == 50


def test_a_customer_gets_the_number_that_it_shows(company: Any) -> None:
    ref = company.connection.create_customer(CUSTOMER.model_copy(update={"number": "15000"}), KEY)
    assert ref.number == "15000"
    with pytest.raises(RejectedError) as caught:
        company.connection.create_customer(CUSTOMER.model_copy(update={"number": "7"}), company.context)
    assert caught.value.vendor_text


def test_a_private_person_has_two_names_there_and_one_here(company: Any) -> None:
    ref = company.connection.create_customer(Customer(name="Kari Marie Nordmann", kind="person"), KEY)
    held = company.record("customers", ref.number)
    assert (held["FirstName"], held["LastName"], held["IsPerson"]) == ("Kari Marie", "Nordmann", True)
    (found,) = find(company, name="Kari Marie Nordmann")
    assert found.kind == "person"
    company.connection.update_customer(Ref(number=ref.number), Customer(name="Kari Hansen"), company.context)
    assert company.record("customers", ref.number)["LastName"] == "Hansen"


def test_a_change_touches_what_is_shown_and_nothing_else(company: Any) -> None:
    ref = company.connection.create_customer(CUSTOMER, KEY)
    before = company.record("customers", ref.number)
    change = Customer(phone="33 33 33 33", invoice_address=Address(street="Ny gate 2"))
    company.connection.update_customer(Ref(number=ref.number), change, company.context)
    after = company.record("customers", ref.number)
    changed = {name for name in after if after[name] != before.get(name) and name != "LastChangedDateTimeOffset"}
    assert changed == {"PhoneNumber", "MailAddress"}
    assert (after["MailAddress"]["AddressLine1"], after["MailAddress"]["City"]) == ("Ny gate 2", "Oslo")
    company.connection.update_customer(Ref(number=ref.number), change, company.context)
    assert company.record("customers", ref.number)["PhoneNumber"] == "33 33 33 33"


def test_a_change_of_the_sales_person_goes_by_key(company: Any) -> None:
    ref = company.connection.create_customer(CUSTOMER, KEY)
    employee = company.employee()
    company.connection.update_customer(
        Ref(number=ref.number), Customer(our_reference=employee["EmailAddress"]), company.context
    )
    assert company.record("customers", ref.number)["SalesPersonEmployeeId"] == employee["Id"]
    (held,) = find(company, number=ref.number)
    assert held.our_reference == str(employee["Number"])


def test_an_unknown_sales_person_is_refused_or_left_out_as_the_setting_says(connect: Any) -> None:
    customer = CUSTOMER.model_copy(update={"our_reference": "ingen@example.com"})
    with pytest.raises(MissingRecordError, match="none of PowerOffice's employees"):
        connect().connection.create_customer(customer, KEY)
    company = connect(unknown_our_reference="leave_out")
    ref = company.connection.create_customer(customer, KEY)
    assert company.record("customers", ref.number).get("SalesPersonEmployeeNumber") is None


def test_a_name_that_two_employees_have_is_told_with_both(company: Any) -> None:
    employee = company.employee()
    company.simulator.seed({"employees": [{"FirstName": employee["FirstName"], "LastName": employee["LastName"]}]})
    name = f"{employee['FirstName']} {employee['LastName']}"
    with pytest.raises(AmbiguousMatchError, match=name):
        company.connection.create_customer(CUSTOMER.model_copy(update={"our_reference": name}), KEY)


def test_a_change_of_a_customer_that_is_not_there_is_told(connect: Any) -> None:
    company = connect(fence_seconds=0)
    with pytest.raises(NotFoundError, match="no customer 4711"):
        company.connection.update_customer(Ref(number="4711"), Customer(name="x"), company.context)


def test_an_emptied_field_is_emptied_where_the_setting_says_so(connect: Any) -> None:
    company = connect(empty_values="clear")
    ref = company.connection.create_customer(CUSTOMER, KEY)
    company.connection.update_customer(Ref(number=ref.number), Customer(phone=None), company.context)
    (held,) = find(company, number=ref.number)
    assert held.phone is None
    bare = company.connection.create_customer(Customer(name="Bar AS"), company.context)
    company.connection.update_customer(Ref(number=bare.number), Customer(invoice_address=None), company.context)


@pytest.mark.parametrize("field", ["invoice_address", "delivery_address"])
def test_an_incomplete_address_is_refused_before_anything_is_sent(company: Any, field: str) -> None:
    customer = Customer.model_validate({"name": "Fjord AS", field: {"street": "Gata 1", "city": "Oslo"}})
    with pytest.raises(InvalidValueError, match="postal code") as caught:
        company.connection.create_customer(customer, KEY)
    assert caught.value.field == f"{field}.postal_code"
    assert company.asked() == []


def test_a_customer_without_a_name_is_refused_before_anything_is_sent(company: Any) -> None:
    with pytest.raises(InvalidValueError, match="name"):
        company.connection.create_customer(Customer(email="a@example.com"), KEY)
    assert company.asked() == []


def test_a_delivery_address_is_stored_once_and_kept_when_it_comes_again(company: Any) -> None:
    customer = CUSTOMER.model_copy(update={"delivery_address": OSLO})
    ref = company.connection.create_customer(customer, KEY)
    company.connection.update_customer(Ref(number=ref.number), Customer(delivery_address=OSLO), company.context)
    held = company.simulator.state()["delivery_addresses"]
    assert [(address["AddressLine1"], address["IsPrimary"]) for address in held] == [("Gata 1", True)]
    other = Address(street="Lager 2", postal_code="5003", city="Bergen")
    company.connection.update_customer(Ref(number=ref.number), Customer(delivery_address=other), company.context)
    held = company.simulator.state()["delivery_addresses"]
    assert {address["AddressLine1"]: address["IsPrimary"] for address in held} == {"Gata 1": False, "Lager 2": True}


def test_a_contact_person_is_added_once(company: Any) -> None:
    number = company.connection.create_customer(CUSTOMER, KEY).number
    person = ContactPerson(first_name="Ola", last_name="Nordmann", email="ola@example.com", phone="1")
    first = company.connection.create_contact_person(Ref(number=number), person, company.context)
    assert company.connection.create_contact_person(Ref(number=number), person, company.context).number == first.number
    (held,) = company.simulator.state()["contact_persons"]
    assert (held["FirstName"], held["EmailAddress"]) == ("Ola", "ola@example.com")


def test_a_contact_person_needs_both_names(company: Any) -> None:
    with pytest.raises(InvalidValueError, match="first and a last name"):
        company.connection.create_contact_person(Ref(number="10000"), ContactPerson(first_name="Ola"), company.context)


def test_a_contact_person_is_changed_where_it_is_and_nobody_elses(company: Any) -> None:
    erp, context = company.connection, company.context
    one, other = (erp.create_customer(Customer(name=name), context) for name in ("En AS", "To AS"))
    ref = erp.create_contact_person(one, ContactPerson(first_name="Kari", last_name="Nordmann"), context)
    erp.update_contact_person(Ref(number=one.number), ref, ContactPerson(email="kari@example.com"), context)
    erp.update_contact_person(one, ref, ContactPerson(), context)
    (person,) = erp.find_contact_persons(one, context)
    assert (person.first_name, person.email) == ("Kari", "kari@example.com")
    for customer, wrong in ((other, ref), (one, Ref(number="404404"))):
        with pytest.raises(NotFoundError):
            erp.update_contact_person(customer, wrong, ContactPerson(email="x@example.com"), context)
