"""Customers of the simulated Fortnox, and how values, bodies and addresses are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plugins.fortnox.tests.fortnox_simulator_stranger import Company, connected, row


@pytest.fixture
def company() -> Iterator[Company]:
    with connected() as company:
        yield company


class TestCustomer:
    def test_a_name_is_enough_and_the_rest_has_its_recorded_forms(self, company: Company) -> None:
        made = company.customer()
        assert made["@url"] == "https://api.fortnox.se/3/customers/1"
        assert list(made)[:4] == ["@url", "Address1", "Address2", "City"]
        expected = {
            "CustomerNumber": "1",
            "Type": "COMPANY",
            "VATType": "SEVAT",
            "Currency": "SEK",
            "Active": True,
            "PriceList": "A",
            "Address1": None,
            "Email": "",
            "OrganisationNumber": "",
            "GLN": None,
            "YourReference": "",
            "DefaultDeliveryTypes": {"Invoice": "PRINT", "Order": "PRINT", "Offer": "PRINT"},
        }
        assert {name: made[name] for name in expected} == expected
        assert set(made["DefaultTemplates"].values()) == {"DEFAULTTEMPLATE"}
        assert company.ok("GET", "/customers/1") == {"Customer": made}

    def test_created_names_its_collection(self, company: Company) -> None:
        response = company.http.post("/customers", json={"Customer": {"Name": "A"}})
        assert response.headers["Location"] == "customers"
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["Server"] == "Fortnox"
        assert response.headers["X-Uid"]

    def test_lists_are_slim_and_show_empty_text_for_null(self, company: Company) -> None:
        company.customer(Phone1="08-1", OrganisationNumber="556036-0793")
        (entry,) = company.ok("GET", "/customers")["Customers"]
        assert entry == {
            "@url": "https://api.fortnox.se/3/customers/1",
            "Address1": "",
            "Address2": "",
            "City": "",
            "CustomerNumber": "1",
            "Email": "",
            "Name": "Kund AB",
            "OrganisationNumber": "556036-0793",
            "Phone": "08-1",
            "ZipCode": "",
        }

    def test_empty_text_does_not_clear_and_api_blank_does(self, company: Company) -> None:
        company.customer(City="Lund", Comments="x", Email="a@b.se")
        kept = company.ok("PUT", "/customers/1", {"Customer": {"City": "", "Comments": "API_BLANK"}})["Customer"]
        assert (kept["City"], kept["Comments"], kept["Email"]) == ("Lund", None, "a@b.se")
        assert company.ok("PUT", "/customers/1", {"Customer": {"Email": "API_BLANK"}})["Customer"]["Email"] == ""

    def test_country_names_follow_the_codes(self, company: Company) -> None:
        made = company.customer(CountryCode="NO", DeliveryCountryCode="SE", VisitingCountryCode="XX")
        assert (made["Country"], made["DeliveryCountry"], made["VisitingCountry"]) == ("Norge", "Sverige", "XX")
        order = company.order(row())
        assert (order["Country"], order["DeliveryCountry"]) == ("Norway", "Sverige")

    def test_sales_account_is_a_number_once_and_a_string_then(self, company: Company) -> None:
        assert company.customer(SalesAccount="3041")["SalesAccount"] == 3041
        assert company.ok("GET", "/customers/1")["Customer"]["SalesAccount"] == "3041"

    def test_numbers_are_never_used_twice(self, company: Company) -> None:
        assert company.customer(CustomerNumber="K-1")["CustomerNumber"] == "K-1"
        assert company.refused("POST", "/customers", {"Customer": {"Name": "B", "CustomerNumber": "K-1"}}) == 2000637
        company.ok("DELETE", "/customers/K-1", status=204)
        assert company.refused("GET", "/customers/K-1", status=404) == 2000433
        assert company.refused("POST", "/customers", {"Customer": {"Name": "B", "CustomerNumber": "K-1"}}) == 2000637
        company.customer(CustomerNumber="1")
        assert company.customer()["CustomerNumber"] == "2", "the series goes round a taken number"

    def test_customer_with_documents_stays(self, company: Company) -> None:
        company.customer()
        company.order(row())
        company.refused("DELETE", "/customers/1")

    @pytest.mark.parametrize(
        ("members", "taken"),
        [
            ({"OrganisationNumber": "556036-0793"}, True),
            ({"OrganisationNumber": "5560360793"}, True),
            ({"OrganisationNumber": "556036-0794"}, False),
            ({"OrganisationNumber": "12"}, False),
            ({"OrganisationNumber": "811228-9874", "Type": "PRIVATE"}, True),
            ({"OrganisationNumber": "556036-0793", "Type": "PRIVATE"}, False),
            ({"OrganisationNumber": "811228-9874"}, True),
            ({"OrganisationNumber": "923609016", "CountryCode": "NO"}, True),
            ({"OrganisationNumber": "923609016"}, False),
        ],
    )
    def test_check_digit(self, company: Company, members: dict[str, str], taken: bool) -> None:
        response = company.http.post("/customers", json={"Customer": {"Name": "A", **members}})
        assert response.status_code == (201 if taken else 400), response.text

    def test_search_is_a_substring_of_what_is_stored(self, company: Company) -> None:
        company.customer(OrganisationNumber="556036-0793", Name="Björn AB")
        for _ in range(10):
            company.customer()
        assert company.numbers("/customers", "CustomerNumber", customernumber="1") == ["1", "10", "11"]
        assert company.numbers("/customers", "CustomerNumber", name="BJÖRN") == ["1"]
        assert company.numbers("/customers", "CustomerNumber", organisationnumber="556036-0793") == ["1"]
        assert company.numbers("/customers", "CustomerNumber", organisationnumber="5560360793") == []
        company.simulator.seed({"behaviour": {"organisation_number_search": "digits"}})
        assert company.numbers("/customers", "CustomerNumber", organisationnumber="5560360793") == ["1"]

    def test_active_filter(self, company: Company) -> None:
        company.customer()
        company.customer(Active=False)
        assert company.numbers("/customers", "CustomerNumber", filter="inactive") == ["2"]
        assert company.numbers("/customers", "CustomerNumber", filter="active") == ["1"]

    def test_contact_names(self, company: Company) -> None:
        company.customer()
        body = {"CustomerReferenceRow": {"CustomerNumber": "1", "Reference": "Åsa"}}
        made = company.ok("POST", "/customerreferences", body, 201)
        assert made == {
            "CustomerReference": {"CustomerReferenceRows": [{"CustomerNumber": "1", "Id": 1, "Reference": "Åsa"}]}
        }
        assert company.ok("GET", "/customerreferences", customer="1") == made
        assert company.ok("GET", "/customerreferences/1") == made
        changed = company.ok("PUT", "/customerreferences/1", {"CustomerReferenceRow": {"Reference": "Bo"}})
        assert changed["CustomerReference"]["CustomerReferenceRows"][0]["Reference"] == "Bo"
        company.ok("DELETE", "/customerreferences/1", status=204)
        assert company.ok("GET", "/customerreferences")["CustomerReference"]["CustomerReferenceRows"] == []


class TestRefusals:
    @pytest.mark.parametrize(
        ("members", "code"),
        [
            ({"Mobile": "070"}, 2001399),
            ({"Name": "a — b"}, 2000359),
            ({"Name": 'a "b"'}, 2000359),
            ({"Name": "a\U0001f600"}, 2000359),
            ({"Name": "a" * 1025}, 2000107),
            ({"ZipCode": "1" * 11}, 2000107),
            ({"YourReference": "a" * 51}, 2000107),
            ({"Active": "yes"}, 2000134),
            ({"InvoiceDiscount": "ten"}, 2000108),
            ({"City": ["Lund"]}, 2000106),
            ({"TermsOfPayment": "77"}, 2000429),
            ({"Currency": "XYZ"}, 2000427),
            ({"PriceList": "Z"}, 2000431),
            ({"Project": "9"}, 2001161),
            ({"Email": "a@b.se, c@d.se"}, 2001392),
            ({"Type": "FIRM"}, 2001392),
            ({"CountryCode": "S"}, 2001392),
        ],
    )
    def test_value(self, company: Company, members: dict[str, Any], code: int) -> None:
        assert company.refused("POST", "/customers", {"Customer": {"Name": "A", **members}}) == code
        assert company.simulator.books.customers == {}

    def test_swedish_text_names_the_member(self, company: Company) -> None:
        response = company.http.post("/customers", json={"Customer": {"Name": "A", "Mobile": "1"}})
        assert response.json()["ErrorInformation"]["message"] == "Felaktigt fältnamn (Mobile)"

    def test_name_is_required(self, company: Company) -> None:
        assert company.refused("POST", "/customers", {"Customer": {}}) == 2000699

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b'{"Customer": ', 2002115),
            (b'{"Customer": {"InvoiceDiscount": NaN}}', 2002115),
            (b"", 2001392),
            (b"[]", 2001392),
            (b'{"Kund": {}}', 2001392),
            (b'{"Customer": []}', 2001392),
            (b'{"Customer": {}, "Order": {}}', 2001399),
        ],
    )
    def test_body(self, company: Company, content: bytes, code: int) -> None:
        headers = {"Content-Type": "application/json"}
        response = company.http.post("/customers", content=content, headers=headers)
        assert (response.status_code, response.json()["ErrorInformation"]["code"]) == (400, code)

    def test_allowed_characters_pass(self, company: Company) -> None:
        name = "Åre Ærlig €½® 100 % (a/b) – x+y=z; «".replace("«", "") + "Ω`´’'²³£$§#@!?&*_\\"
        assert company.customer(Name=name)["Name"] == name

    def test_apostrophe_is_a_switch(self, company: Company) -> None:
        company.customer(Name="D'Artagnan")
        company.simulator.seed({"behaviour": {"apostrophe_allowed": False}})
        assert company.refused("POST", "/customers", {"Customer": {"Name": "D'Artagnan"}}) == 2000359

    def test_long_reference_is_a_switch(self, company: Company) -> None:
        company.simulator.seed({"behaviour": {"long_references": "cut"}})
        assert company.customer(OurReference="a" * 60)["OurReference"] == "a" * 50

    def test_read_only_member_is_a_switch(self, company: Company) -> None:
        assert company.customer(Country="Sverige")["Country"] is None
        company.simulator.seed({"behaviour": {"read_only_members": "refused"}})
        company.refused("POST", "/customers", {"Customer": {"Name": "A", "Country": "Sverige"}})

    def test_null_is_a_switch(self, company: Company) -> None:
        assert company.customer(City=None)["City"] is None
        company.simulator.seed({"behaviour": {"null_members": "refused"}})
        assert company.refused("POST", "/customers", {"Customer": {"Name": "A", "City": None}}) == 2000699

    def test_guessed_codes_are_switches(self, company: Company) -> None:
        company.simulator.seed({"behaviour": {"codes": {"organisation_number": 2009999}}})
        body = {"Customer": {"Name": "A", "OrganisationNumber": "1"}}
        assert company.refused("POST", "/customers", body) == 2009999

    @pytest.mark.parametrize(
        ("path", "code"),
        [
            ("/customers/9", 2000433),
            ("/orders/9", 2000439),
            ("/invoices/9", 2000434),
            ("/articles/9", 2000428),
            ("/units/9", 2000432),
            ("/termsofpayments/9", 2000429),
            ("/currencies/XXX", 2000427),
            ("/pricelists/9", 2000431),
            ("/prices/B/9", 2000431),
        ],
    )
    def test_not_found(self, company: Company, path: str, code: int) -> None:
        assert company.refused("GET", path, status=404) == code

    def test_unknown_address_and_wrong_verb(self, company: Company) -> None:
        company.refused("GET", "/nothing", status=404)
        assert company.http.delete("/orders/1").status_code == 405
