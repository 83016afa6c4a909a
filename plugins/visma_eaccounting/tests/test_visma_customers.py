"""Customers, their reference person, terms of payment."""

from __future__ import annotations

from typing import Any

import pytest
from erpcore_visma_eaccounting.simulator import Behaviour
from erpcore_visma_eaccounting.simulator.seed import TERMS_10, TERMS_30

from erpcore.errors import (
    ConflictError,
    InvalidValueError,
    MissingRecordError,
    NotFoundError,
    RejectedError,
    UnsupportedOperationError,
)
from erpcore.models import Address, ContactPerson, Customer, CustomerQuery, Ref
from plugins.visma_eaccounting.tests.conftest import Company

ANNA = ContactPerson(first_name="Anna", last_name="Ek", email="anna@example.com", phone="08-1", mobile_phone="070-1")


def test_a_new_customer_has_what_visma_requires(company: Company) -> None:
    made = company.connection.create_customer(Customer(name="Ny AB"), company.context)
    held = company.record("customers", CustomerNumber=made.number)
    assert (held["TermsOfPaymentId"], held["IsActive"], held["IsPrivatePerson"]) == (TERMS_30, True, False)
    assert (held["InvoiceCity"], held["InvoicePostalCode"]) == ("Okänd", "000 00")
    assert made.key == held["Id"]


def test_a_customer_without_a_town_is_refused_before_anything_is_sent(connect: Any) -> None:
    company = connect(default_city=None)
    with pytest.raises(InvalidValueError, match="no city") as error:
        company.connection.create_customer(Customer(name="Ny AB"), company.context)
    assert error.value.field == "invoice_address.city"
    with pytest.raises(InvalidValueError, match="name"):
        company.connection.create_customer(Customer(invoice_address=Address(city="Lund")), company.context)
    assert company.asked() == []


@pytest.mark.parametrize("wanted", ["10 Dagar netto", TERMS_10])
def test_new_customers_have_the_chosen_terms_of_payment(connect: Any, wanted: str) -> None:
    company = connect(terms_of_payment=wanted)
    company.connection.create_customer(Customer(name="Ny AB"), company.context)
    own = Customer(name="Egna villkor AB", terms_of_payment="30 dagar netto")
    company.connection.create_customer(own, company.context)
    assert [each["TermsOfPaymentId"] for each in company.simulator.state()["customers"]] == [TERMS_10, TERMS_30]


def test_terms_that_the_company_does_not_have_are_told(connect: Any) -> None:
    company = connect(terms_of_payment="45 dagar")
    with pytest.raises(MissingRecordError, match="terms of payment “45 dagar”"):
        company.connection.create_customer(Customer(name="Ny AB"), company.context)


def test_a_company_without_terms_of_its_own_needs_the_setting(company: Company) -> None:
    books = company.simulator.memory()["books"]
    books["tables"]["termsofpayments"].clear()
    with pytest.raises(InvalidValueError, match="terms of payment"):
        company.connection.create_customer(Customer(name="Ny AB"), company.context)


def test_terms_for_purchases_alone_are_not_offered(company: Company) -> None:
    company.simulator.seed({"termsofpayments": [{"Name": "Leverantör", "AvailableForSales": False}]})
    terms = company.connection.list_register("terms_of_payment", company.context)
    assert [(each.name, each.days) for each in terms] == [("10 dagar netto", 10), ("30 dagar netto", 30), ("Kort", 0)]


def test_changed_terms_are_found_by_name_and_nothing_is_sent_for_nothing(company: Company) -> None:
    company.connection.update_customer(Ref(number="1"), Customer(terms_of_payment="10 dagar netto"), company.context)
    held = company.record("customers", CustomerNumber="1")
    assert (held["TermsOfPaymentId"], held["TermsOfPayment"]["NumberOfDays"]) == (TERMS_10, 10)
    company.asked()
    company.connection.update_customer(Ref(number="1"), Customer(name="Kund AB"), company.context)
    assert [asked.split()[0] for asked in company.asked()] == ["GET", "GET"]


def test_what_the_crm_shows_as_empty_is_kept_or_emptied(connect: Any) -> None:
    for empty_values, left in (("keep", "08-1"), ("clear", None)):
        company = connect(empty_values=empty_values)
        company.simulator.seed({"customers": [{"Name": "Kund AB", "CustomerNumber": "1", "Telephone": "08-1"}]})
        company.connection.update_customer(Ref(number="1"), Customer(phone=None), company.context)
        assert company.record("customers")["Telephone"] == left


def test_a_customer_is_found_by_its_name_and_not_by_our_key_alone(company: Company) -> None:
    company.simulator.seed({"customers": [{"Name": "Kund AB & Co"}, {"Name": "x" * 50}]})
    query = CustomerQuery(name="Kund AB", reference="k-1")
    assert [each.number for each in company.connection.find_customers(query, company.context)] == ["1"]
    assert len(company.connection.find_customers(CustomerQuery(name="x" * 60), company.context)) == 1
    assert list(company.connection.find_customers(CustomerQuery(), company.context)) == []
    with pytest.raises(UnsupportedOperationError):
        company.connection.find_customers(CustomerQuery(reference="k-1"), company.context)


def test_a_foreign_organisation_number_is_found_as_it_is_written(company: Company) -> None:
    company.connection.create_customer(Customer(name="GmbH", organisation_number="HRB 12345"), company.context)
    query = CustomerQuery(organisation_number="HRB 12345")
    assert len(company.connection.find_customers(query, company.context)) == 1


def test_a_second_customer_with_a_number_is_a_conflict(company: Company) -> None:
    with pytest.raises(ConflictError):
        company.connection.create_customer(Customer(name="Ny AB", number="1"), company.context)


def test_a_vat_number_is_the_vendor_s_to_judge(connect: Any) -> None:
    company = connect(Behaviour(refusal_status="own"))
    with pytest.raises(RejectedError) as error:
        company.connection.create_customer(Customer(name="Ny AB", vat_number="x"), company.context)
    assert "VatNumber" in str(error.value.vendor_text)


def test_a_contact_person_becomes_the_reference_person(company: Company) -> None:
    made = company.connection.create_contact_person(Ref(number="1"), ANNA, company.context)
    held = company.record("customers", CustomerNumber="1")
    assert (made.number, made.key) == ("Anna Ek", None)
    assert [held[f"ContactPerson{part}"] for part in ("Name", "Email", "Phone", "Mobile")] == [
        "Anna Ek",
        "anna@example.com",
        "08-1",
        "070-1",
    ]
    person = ContactPerson(first_name="Anna", last_name="Ek", phone="08-2")
    company.connection.create_contact_person(Ref(number="1"), person, company.context)
    held = company.record("customers", CustomerNumber="1")
    assert (held["ContactPersonPhone"], held["ContactPersonEmail"]) == ("08-2", "anna@example.com")


def test_another_reference_person_is_replaced_whole_or_stays(connect: Any) -> None:
    bo = ContactPerson(first_name="Bo", email="bo@example.com")
    for taken, name, phone in (("replace", "Bo", None), ("refuse", "Anna Ek", "08-1")):
        company = connect(taken_contact_person=taken)
        company.simulator.seed({"customers": [{"Name": "Kund AB", "CustomerNumber": "1"}]})
        company.connection.create_contact_person(Ref(number="1"), ANNA, company.context)
        if taken == "refuse":
            with pytest.raises(ConflictError, match="Anna Ek"):
                company.connection.create_contact_person(Ref(number="1"), bo, company.context)
        else:
            company.connection.create_contact_person(Ref(number="1"), bo, company.context)
        held = company.record("customers")
        assert (held["ContactPersonName"], held["ContactPersonPhone"]) == (name, phone)


def test_a_contact_person_needs_a_name_and_a_customer(company: Company) -> None:
    with pytest.raises(InvalidValueError):
        company.connection.create_contact_person(Ref(number="1"), ContactPerson(email="a@example.com"), company.context)
    with pytest.raises(NotFoundError):
        company.connection.create_contact_person(Ref(number="404"), ANNA, company.context)
    long = ContactPerson(first_name="x" * 60, last_name="y" * 60)
    (loss,) = company.connection.losses(long)
    company.connection.create_contact_person(Ref(number="1"), long, company.context)
    assert company.record("customers", CustomerNumber="1")["ContactPersonName"] == loss.becomes
