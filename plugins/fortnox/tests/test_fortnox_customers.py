"""Customers: found exactly, made once, changed without touching what is not shown."""

from __future__ import annotations

from typing import Any

import pytest
from erpcore_fortnox.simulator import Behaviour, FortnoxSimulator

from erpcore.errors import (
    ConflictError,
    InvalidValueError,
    NotFoundError,
    RejectedError,
    UnsupportedOperationError,
)
from erpcore.hookspecs import Context
from erpcore.models import Address, ArticleQuery, ContactPerson, Customer, CustomerQuery, Ref

ORGANISATION = "556036-0793"


def numbers(company: Any, **query: str) -> list[str | None]:
    return [customer.number for customer in company.connection.find_customers(CustomerQuery(**query), company.context)]


@pytest.mark.parametrize("form", ["dashed", "digits"])
@pytest.mark.parametrize("search", ["stored", "digits"])
@pytest.mark.parametrize("stored", ["556036-0793", "5560360793"])
def test_an_organisation_is_found_in_every_spelling_with_one_search(
    connect: Any, stored: str, search: Any, form: str
) -> None:
    simulator = FortnoxSimulator(rate_limit=None, behaviour=Behaviour(organisation_number_search=search))
    simulator.seed({"customers": [{"Name": "A", "OrganisationNumber": stored}, {"Name": "B"}]})
    company = connect(simulator, organisation_number_form=form)
    for spelling in ("5560360793", "556036-0793", "SE556036079301"):
        assert numbers(company, organisation_number=spelling) == ["1"]
        assert company.asked() == ["GET customers", "GET customers/1"]


def test_an_organisation_that_shares_the_searched_part_is_not_taken_for_it(company: Any) -> None:
    company.simulator.seed({"customers": [{"Name": "A", "OrganisationNumber": "556036-0801"}]})
    assert numbers(company, organisation_number=ORGANISATION) == []


def test_a_customer_number_is_looked_up_and_never_searched(company: Any) -> None:
    company.simulator.seed({"customers": [{"Name": f"Kund {number}"} for number in range(1, 12)]})
    assert numbers(company, number="1") == ["1"]
    assert company.asked() == ["GET customers/1"]
    assert numbers(company, number="99") == []
    assert numbers(company, number="1", name="Kund 10") == []


def test_a_name_is_compared_whole(company: Any) -> None:
    company.simulator.seed({"customers": [{"Name": "Ek"}, {"Name": "Ek & Bo"}, {"Name": "Björkek"}, {"Name": "Ek"}]})
    assert numbers(company, name="Ek") == ["1", "4"]
    assert company.asked() == ["GET customers", "GET customers/1", "GET customers/4"]


def test_an_inactive_customer_and_article_show_that_they_are(company: Any) -> None:
    company.simulator.seed(
        {
            "customers": [{"Name": "Ek", "OrganisationNumber": ORGANISATION, "Active": False}],
            "articles": [{"ArticleNumber": "1", "Description": "Stol", "Active": False}],
        }
    )
    for query in (CustomerQuery(organisation_number=ORGANISATION), CustomerQuery(name="Ek"), CustomerQuery(number="1")):
        (customer,) = company.connection.find_customers(query, company.context)
        assert customer.active is False
    for article_query in (ArticleQuery(number="1"), ArticleQuery(description="Stol")):
        (article,) = company.connection.find_articles(article_query, company.context)
        assert article.active is False


def test_lists_are_read_to_the_end_and_no_further(connect: Any) -> None:
    simulator = FortnoxSimulator(rate_limit=None, behaviour=Behaviour(page_beyond_last="refused"))
    simulator.seed({"customers": [{"Name": "Ek"} for _ in range(501)]})
    company = connect(simulator, page_size=100)
    assert len(numbers(company, name="Ek")) == 501
    assert company.asked() == ["GET customers"] * 6


@pytest.mark.parametrize("count", [0, 99, 100, 101])
def test_a_full_last_page_is_not_followed_by_another_question(connect: Any, count: int) -> None:
    simulator = FortnoxSimulator(rate_limit=None, behaviour=Behaviour(page_beyond_last="refused", meta_as_strings=True))
    simulator.seed({"customers": [{"Name": "Ek"} for _ in range(count)]})
    company = connect(simulator, page_size=100)
    assert len(numbers(company, name="Ek")) == count


def test_our_own_key_tells_customers_of_the_same_name_apart(company: Any) -> None:
    connection = company.connection
    for reference in ("lime:1", "lime:2"):
        connection.create_customer(Customer(name="Ek"), Context("test", reference=reference))
    company.asked()
    assert numbers(company, name="Ek", reference="lime:2") == ["2"]
    assert company.asked() == ["GET customers", "GET customers/1", "GET customers/2"]
    with pytest.raises(UnsupportedOperationError, match="cannot search"):
        numbers(company, reference="lime:2")


def test_a_customer_is_made_with_one_request(company: Any) -> None:
    customer = Customer(
        name="Ek AB", kind="company", organisation_number="5560360793", invoice_address=Address(country_code="SE")
    )
    made = company.connection.create_customer(customer, Context("test", reference="lime:7"))
    assert company.asked() == ["POST customers"]
    assert made.number == "1"
    held = company.record("customers", "1")
    assert (held["Type"], held["OrganisationNumber"], held["CountryCode"]) == ("COMPANY", "556036-0793", "SE")
    assert held["ExternalReference"] == "lime:7"


def test_an_own_key_of_the_record_goes_before_that_of_the_call(company: Any) -> None:
    company.connection.create_customer(Customer(name="Ek", external_reference="own"), Context("test", reference="call"))
    assert company.record("customers", "1")["ExternalReference"] == "own"


def test_a_customer_without_a_name_that_fortnox_takes_is_not_sent(company: Any) -> None:
    with pytest.raises(InvalidValueError, match="needs a name"):
        company.connection.create_customer(Customer(name="🎉"), company.context)
    assert company.asked() == []


def test_a_number_that_is_in_use_is_a_conflict(company: Any) -> None:
    company.connection.create_customer(Customer(name="Ek", number="7"), company.context)
    with pytest.raises(ConflictError) as caught:
        company.connection.create_customer(Customer(name="Bo", number="7"), company.context)
    assert caught.value.vendor_code == "2000637"


def test_only_what_is_shown_is_changed(company: Any) -> None:
    company.simulator.seed({"customers": [{"Name": "Ek", "Phone1": "08-1", "DeliveryCity": "Lund"}]})
    company.connection.update_customer(Ref(number="1"), Customer(number="1", name="Ek AB", email=None), company.context)
    assert company.asked() == ["PUT customers/1"]
    held = company.record("customers", "1")
    assert (held["Name"], held["Phone1"], held["DeliveryCity"]) == ("Ek AB", "08-1", "Lund")


@pytest.mark.parametrize(("empty_values", "left"), [("keep", "08-1"), ("clear", None)])
def test_an_empty_value_is_kept_or_cleared_as_the_setting_says(connect: Any, empty_values: str, left: Any) -> None:
    company = connect(empty_values=empty_values)
    company.simulator.seed({"customers": [{"Name": "Ek", "Phone1": "08-1"}]})
    made = company.connection.update_customer(Ref(number="1"), Customer(phone=None), company.context)
    assert made.number == "1"
    assert company.record("customers", "1")["Phone1"] == left


def test_a_customer_that_is_not_there_is_told(company: Any) -> None:
    for changes in (Customer(name="Ek"), Customer()):
        with pytest.raises(NotFoundError) as caught:
            company.connection.update_customer(Ref(number="9"), changes, company.context)
        assert caught.value.vendor_code == "2000433"


def test_fortnox_decides_about_foreign_organisation_numbers(company: Any) -> None:
    made = company.connection.create_customer(
        Customer(name="GmbH", organisation_number="HRB 1234", invoice_address=Address(country_code="DE")),
        company.context,
    )
    assert numbers(company, organisation_number="hrb 1234") == [made.number]
    assert numbers(company, organisation_number="HRB 12") == []


def test_a_contact_person_is_put_into_the_customers_list_once(company: Any) -> None:
    company.simulator.seed({"customers": [{"Name": "Ek"}]})
    person = ContactPerson(first_name="Anna", last_name="Ek")
    first = company.connection.create_contact_person(Ref(number="1"), person, company.context)
    again = company.connection.create_contact_person(Ref(number="1"), person, company.context)
    assert first.key == again.key
    assert company.asked().count("POST customerreferences") == 1
    with pytest.raises(InvalidValueError, match="needs a name"):
        company.connection.create_contact_person(Ref(number="1"), ContactPerson(email="a@example.com"), company.context)
    with pytest.raises(RejectedError):
        company.connection.create_contact_person(Ref(number="9"), person, company.context)


def test_a_contact_persons_name_is_changed_and_the_rest_of_it_stays(company: Any) -> None:
    erp, context = company.connection, company.context
    customers = [erp.create_customer(Customer(name=name), context) for name in ("Ett AB", "Två AB")]
    ref = erp.create_contact_person(customers[0], ContactPerson(first_name="Kari Anne", last_name="Ek"), context)
    erp.update_contact_person(customers[0], ref, ContactPerson(last_name="By", email="k@example.com"), context)
    company.asked()
    erp.update_contact_person(customers[0], ref, ContactPerson(last_name="By"), context)
    assert company.asked() == ["GET customerreferences"], "the same again is not sent"
    (person,) = erp.find_contact_persons(customers[0], context)
    assert (person.key, person.first_name, person.last_name) == (ref.key, "Kari Anne", "By")
    with pytest.raises(NotFoundError):
        erp.update_contact_person(customers[1], ref, ContactPerson(first_name="Eva"), context)
