"""Lime Go's article “Visma eAccounting integration”, sentence by sentence: each test quotes the one that it shows."""

from __future__ import annotations

import json

import pytest
from erpcore_lime_go.simulator.records import Company
from erpcore_visma_eaccounting.simulator.seed import TERMS_10, TERMS_30

from erpcore.engine.worker import Worker
from erpcore.settings import load_settings
from erpcore.worker import open_worker_store
from tests.e2e.world import organisation_number
from tests.sources.conftest import KIM, Pair

OVERWRITTEN = {
    "Name": "Nordverk Bygg AB",
    "CorporateIdentityNumber": "559900-0121",
    "InvoiceAddress1": "Nygatan 9",
    "InvoicePostalCode": "411 14",
    "InvoiceCity": "Göteborg",
    "Telephone": "031-999 88 77",
    "EmailAddress": "ny@nordverk.example",
    "WwwAddress": "nytt.example",
}


def chosen_terms(pair: Pair, name: str) -> None:
    pair.rule(f'[syncs.won.customer_defaults]\nterms_of_payment = "{name}"')


def test_you_may_select_what_terms_of_payment_to_use_of_the_different_options_available(pair: Pair) -> None:
    """“Lime Go will receive the different Terms of Payment options available, so that you may select what payment terms
    to use when linking your new companies.”"""
    shown = pair.cli("check", "books").out
    for terms in ("30 dagar netto", "10 dagar netto", "Kort"):
        assert terms in shown


def test_a_choice_that_is_wrong_is_told_when_the_worker_starts(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """“Note that you will have to check that the option selected is correct.” The worker checks it too."""
    chosen_terms(pair, "20 dagar netto")
    settings = load_settings(pair.settings_file)
    store = open_worker_store(settings)
    worker = Worker(settings, store, executor_id="starting")
    worker.run(on_ready=worker.stop)
    store.close()
    assert "a choice that the ERP does not have" in caplog.text
    assert "syncs.won.customer_defaults.terms_of_payment" in caplog.text


def test_you_will_have_to_check_that_the_option_selected_is_correct(pair: Pair) -> None:
    """“Note that you will have to check that the option selected is correct.”"""
    chosen_terms(pair, "20 dagar netto")
    company = pair.company()
    refused = pair.link(company, "--create")
    assert refused.code == 1
    assert "has no “20 dagar netto” among its terms of payment" in refused.err
    checked = pair.cli("check", "books")
    assert checked.code == 1
    assert "syncs.won.customer_defaults.terms_of_payment" in checked.out
    assert "has no “20 dagar netto” among its terms of payment" in checked.out
    assert "30 dagar netto" in checked.out
    assert not json.loads(pair.cli("check", "books", "--json").out)["ok"]
    assert pair.customers() == []
    assert pair.runs() == [], "a choice that is wrong is told before anything is noted"


def test_if_the_company_does_not_already_exist_you_may_create_it(pair: Pair) -> None:
    """“If the company doesn’t already exist in Visma eAccounting you may create it.”"""
    company = pair.company()
    made = pair.link(company, "--create")
    assert made.code == 0, made.err + made.out
    (customer,) = pair.customers()
    assert (customer["Name"], customer["CorporateIdentityNumber"]) == ("Nordverk AB", "559900-0246")
    (link,) = pair.links("company", company)
    assert (link.number, link.key) == (customer["CustomerNumber"], customer["Id"])
    assert customer["CustomerNumber"] in made.out
    (run,) = pair.runs()
    assert (run.state, run.reason) == ("done", "asked_create")
    again = pair.link(company, "--create")
    assert again.code == 1
    assert "linked to a customer already" in again.err
    assert len(pair.customers()) == 1


def test_if_the_company_already_exists_it_is_proposed_instead_of_the_duplicate(pair: Pair) -> None:
    """“If the company already exists a duplicate will be created.” Here it is proposed instead."""
    pair.visma.seed(
        {
            "customers": [
                {"Name": "Nordverk i Lund AB", "CustomerNumber": "7", "CorporateIdentityNumber": "5599000246"},
                {"Name": "Nordverk AB", "CustomerNumber": "8", "CorporateIdentityNumber": "556016-0680"},
                {"Name": "Sydverk AB", "CustomerNumber": "9"},
            ]
        }
    )
    company = pair.company()
    refused = pair.link(company, "--create")
    assert refused.code == 1
    assert "duplicate" in refused.err
    assert "--to 7" in refused.err
    assert "--to 8" not in refused.err, "another organisation's number makes it another company"
    assert len(pair.customers()) == 3
    proposed = json.loads(pair.link(company, "--propose", "--json").out)["proposals"]
    assert [(each["customer"]["number"], each["by"], each["other_organisation"]) for each in proposed] == [
        ("7", "organisation_number", False),
        ("8", "name", True),
    ]
    shown = pair.link(company, "--propose").out
    assert "another organisation" in shown
    assert "Sydverk" not in shown
    assert pair.links("company", company) == []


@pytest.mark.parametrize("name", ["10 dagar netto", TERMS_10])
def test_the_new_company_will_get_the_terms_of_payment_setting(pair: Pair, name: str) -> None:
    """“The new company will get the Terms of payment setting provided in Lime Go.”"""
    chosen_terms(pair, name)
    made = pair.link(pair.company(), "--create")
    assert made.code == 0, made.err + made.out
    (customer,) = pair.customers()
    assert customer["TermsOfPaymentId"] == TERMS_10


def test_a_company_may_choose_its_own_terms_of_the_options_available(pair: Pair) -> None:
    """“… so that you may select what payment terms to use when linking your new companies.”"""
    chosen_terms(pair, "30 dagar netto")
    pair.rule('terms_of_payment_field = "Betalningsvillkor"')
    for terms, id_in_visma in (("10 dagar netto", TERMS_10), (None, TERMS_30)):
        company = pair.company(f"Nordverk {terms} AB", business_id=organisation_number())
        held = pair.lime.account.get(Company, company)
        pair.lime.account.put_custom_field(held, "Betalningsvillkor", terms)
        made = pair.link(company, "--create")
        assert made.code == 0, made.err + made.out
        assert pair.customers()[-1]["TermsOfPaymentId"] == id_in_visma


def test_terms_that_the_company_names_and_visma_does_not_have_are_told(pair: Pair) -> None:
    """“Note that you will have to check that the option selected is correct.”"""
    pair.rule('[syncs.won.customer_defaults]\nterms_of_payment_field = "Betalningsvillkor"')
    company = pair.company()
    held = pair.lime.account.get(Company, company)
    pair.lime.account.put_custom_field(held, "Betalningsvillkor", "20 dagar netto")
    refused = pair.link(company, "--create")
    assert refused.code == 1
    assert "has no “20 dagar netto” among its terms of payment" in refused.err
    assert pair.customers() == []


@pytest.mark.parametrize(
    "pasted",
    [
        "{number}",
        "{key}",
        "https://eaccounting.vismaonline.com/#/customer/edit/{key}",
        "https://eaccounting.vismaonline.com/customers/{key}/statistics",
    ],
)
def test_if_the_company_already_exists_you_may_copy_the_customer_reference(pair: Pair, pasted: str) -> None:
    """“… copy the last characters of the URL (everything after the last /) … and paste it in the field Company
    Reference.”"""
    pair.visma.seed({"customers": [{"Name": "Nordverk i Lund AB", "CustomerNumber": "77"}]})
    (customer,) = pair.customers()
    company = pair.company()
    linked = pair.link(company, "--to", pasted.format(number="77", key=customer["Id"]))
    assert linked.code == 0, linked.err
    (link,) = pair.links("company", company)
    assert (link.number, link.key) == ("77", customer["Id"])


def test_a_reference_that_visma_does_not_have_links_nothing(pair: Pair) -> None:
    """“… it looks something like this: 38fe43cc-c843-48e0-9efe-fa7b262a8191.”"""
    company = pair.company()
    for pasted in ("38fe43cc-c843-48e0-9efe-fa7b262a8191", "https://eaccounting.vismaonline.com/", "4711"):
        refused = pair.link(company, "--to", pasted)
        assert refused.code == 1
        assert "Nothing was changed" in refused.err
    assert pair.links("company", company) == []


def test_add_a_contact_person_adds_to_the_reference_person_fields(pair: Pair) -> None:
    """“On the company card, click Add a contact person. This will add information to the reference person fields.”"""
    company = pair.company()
    person = pair.person("Kim Kontrakt", company, **KIM)
    assert pair.link(company, "--create").code == 0
    before = pair.customers()[0]
    added = pair.link(company, "--contact", "kim kontrakt")
    assert added.code == 0, added.err + added.out
    after = pair.customers()[0]
    assert changed(before, after) == {
        "ContactPersonName": "Kim Kontrakt",
        "ContactPersonEmail": KIM["email"],
        "ContactPersonPhone": KIM["phone"],
        "ContactPersonMobile": KIM["mobile_phone"],
    }
    assert [link.number for link in pair.links("person", person)] == ["Kim Kontrakt"]
    unknown = pair.link(company, "--contact", "Nobody")
    assert unknown.code == 1
    assert f"It has: Kim Kontrakt ({person})." in unknown.err


def test_update_overwrites_this_information_and_no_other(pair: Pair) -> None:
    """“Please note that this information in Visma eAccounting will be overwritten: name, registration number, postal
    address, phone number, email, website; contact person: first and last name, email, direct phone number, mobile
    number.”"""
    chosen_terms(pair, "30 dagar netto")
    company = pair.company(visiting_address={"street": "Portgatan 1", "postal_code": "222 22", "city": "Lund"})
    person = pair.person("Kim Kontrakt", company, **KIM)
    pair.person("Någon Annan", company, email="annan@nordverk.example")
    assert pair.link(company, "--create").code == 0
    assert pair.link(company, "--contact", person).code == 0
    before = pair.customers()[0]
    pair.lime.edit_company(
        company,
        name="Nordverk Bygg AB",
        business_id="559900-0121",
        street="Nygatan 9",
        postal_code="411 14",
        city="Göteborg",
        phone="031-999 88 77",
        email="ny@nordverk.example",
        domain="nytt.example",
        visiting_address={"street": "Annangatan 2", "postal_code": "333 33", "city": "Malmö"},
    )
    pair.lime.edit_contact(
        int(person), first_name="Kim", last_name="Lind", email="k@x.example", phone="1", mobile_phone="2"
    )
    contact = {
        "ContactPersonName": "Kim Lind",
        "ContactPersonEmail": "k@x.example",
        "ContactPersonPhone": "1",
        "ContactPersonMobile": "2",
    }
    told = json.loads(pair.link(company, "--update", "--dry-run", "--json").out)
    fields = {each["field"]: each["becomes"] for each in told["changes"][f"customer {before['CustomerNumber']}"]}
    assert fields == {
        "name": "Nordverk Bygg AB",
        "organisation_number": "559900-0121",
        "email": "ny@nordverk.example",
        "phone": "031-999 88 77",
        "website": "nytt.example",
        "invoice_address.street": "Nygatan 9",
        "invoice_address.postal_code": "411 14",
        "invoice_address.city": "Göteborg",
    }
    assert {each["field"] for each in told["changes"]["contact person Kim Lind"]} == {
        "last_name",
        "email",
        "phone",
        "mobile_phone",
    }
    assert pair.customers() == [before], "a dry run sends nothing"
    shown = pair.link(company, "--update", "--dry-run").out
    assert "Nothing was sent." in shown
    assert "Postgatan 4" in shown
    done = pair.link(company, "--update")
    assert done.code == 0, done.err + done.out
    assert changed(before, pair.customers()[0]) == OVERWRITTEN | contact


def test_terms_of_payment_will_not_be_updated(pair: Pair) -> None:
    """“Terms of Payment will not be updated.”"""
    chosen_terms(pair, "10 dagar netto")
    pair.visma.seed({"customers": [{"Name": "Nordverk", "CustomerNumber": "7", "TermsOfPaymentId": TERMS_30}]})
    company = pair.company()
    assert pair.link(company, "--to", "7").code == 0
    done = pair.link(company, "--update")
    assert done.code == 0, done.err + done.out
    (customer,) = pair.customers()
    assert customer["Name"] == "Nordverk AB"
    assert customer["TermsOfPaymentId"] == TERMS_30


def test_update_and_contact_need_a_linked_company(pair: Pair) -> None:
    """“Once the integration is established, you may link a company” comes before everything else."""
    company = pair.company()
    pair.person("Kim Kontrakt", company)
    for options in (("--update",), ("--contact", "Kim Kontrakt"), ("--update", "--dry-run")):
        refused = pair.link(company, *options)
        assert refused.code == 1
        assert "not linked to a customer" in refused.err
    assert pair.runs() == []


def changed(before: dict[str, object], after: dict[str, object]) -> dict[str, object]:
    """What of a customer is another value now, leaving out when it was changed."""
    return {name: value for name, value in after.items() if value != before[name] and name != "ChangedUtc"}
