"""Customers, articles, prices and registers of the simulated Fortnox, and their lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from erpcore.simulator import Fault
from plugins.fortnox.tests.fortnox_simulator_stranger import Company, connected, row

STOCKHOLM = ZoneInfo("Europe/Stockholm")


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

    def test_the_series_goes_round_a_taken_number(self, company: Company) -> None:
        company.customer(CustomerNumber="1")
        assert company.refused("POST", "/customers", {"Customer": {"Name": "B", "CustomerNumber": "1"}}) == 2000637
        assert company.customer()["CustomerNumber"] == "2"

    def test_check_digits_are_swedish(self, company: Company) -> None:
        for members, taken in (
            ({"OrganisationNumber": "556036-0793"}, True),
            ({"OrganisationNumber": "5560360793"}, True),
            ({"OrganisationNumber": "556036-0794"}, False),
            ({"OrganisationNumber": "12"}, False),
            ({"OrganisationNumber": "811228-9874", "Type": "PRIVATE"}, True),
            ({"OrganisationNumber": "556036-0793", "Type": "PRIVATE"}, False),
            ({"OrganisationNumber": "811228-9874"}, True),
            ({"OrganisationNumber": "923609016", "CountryCode": "NO"}, True),
            ({"OrganisationNumber": "923609016"}, False),
        ):
            response = company.http.post("/customers", json={"Customer": {"Name": "A", **members}})
            assert response.status_code == (201 if taken else 400), (members, response.text)

    def test_search_is_a_substring_of_what_is_stored(self, company: Company) -> None:
        company.customer(OrganisationNumber="556036-0793", Name="Björn AB")
        company.customer()
        for search, found in (
            ({"name": "BJÖRN"}, ["1"]),
            ({"name": "ab"}, ["1", "2"]),
            ({"organisationnumber": "556036-0793"}, ["1"]),
            ({"organisationnumber": "5560360793"}, []),
        ):
            assert company.numbers("/customers", "CustomerNumber", **search) == found, search
        company.simulator.seed({"behaviour": {"organisation_number_search": "digits"}})
        assert company.numbers("/customers", "CustomerNumber", organisationnumber="5560360793") == ["1"]

    def test_names_of_contacts_are_a_register_of_their_own(self, company: Company) -> None:
        company.customer()
        body = {"CustomerReferenceRow": {"CustomerNumber": "1", "Reference": "Åsa"}}
        made = company.ok("POST", "/customerreferences", body, 201)
        rows = [{"CustomerNumber": "1", "Id": 1, "Reference": "Åsa"}]
        assert made == {"CustomerReference": {"CustomerReferenceRows": rows}}
        assert company.ok("GET", "/customerreferences", customer="1") == made
        body["CustomerReferenceRow"]["CustomerNumber"] = "9"
        assert company.refused("POST", "/customerreferences", body) == 2000204

    def test_values_that_are_refused(self, company: Company) -> None:
        for members, code in (
            ({"Mobile": "070"}, 2001399),
            ({"Name": "a — b"}, 2000359),
            ({"Name": 'a "b"'}, 2000359),
            ({"Name": "a\U0001f600"}, 2000359),
            ({"Name": "a" * 1025}, 2000107),
            ({"Name": ""}, 2000699),
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
        ):
            assert company.refused("POST", "/customers", {"Customer": {"Name": "A", **members}}) == code, members
        assert company.simulator.books.customers == {}
        response = company.http.post("/customers", json={"Customer": {"Name": "A", "Mobile": "1"}})
        assert response.json()["ErrorInformation"]["message"] == "Felaktigt fältnamn (Mobile)"

    def test_allowed_characters_pass(self, company: Company) -> None:
        name = "Åre Ærlig €½® 100 % (a/b) – x+y=z; Ω`´’²³£$§#@!?&*_\\"
        assert company.customer(Name=name)["Name"] == name

    def test_what_is_unconfirmed_about_values_is_a_switch(self, company: Company) -> None:
        body = {"Customer": {"Name": "D'Artagnan", "City": None, "Country": "Sverige"}}
        made = company.ok("POST", "/customers", body, 201)["Customer"]
        assert (made["City"], made["Country"]) == (None, None)
        for switch, position, members, code in (
            ("apostrophe_allowed", False, {"Name": "D'Artagnan"}, 2000359),
            ("null_members", "refused", {"City": None}, 2000699),
            ("read_only_members", "refused", {"Country": "Sverige"}, 2001399),
            ("codes", {"organisation_number": 2009999}, {"OrganisationNumber": "1"}, 2009999),
        ):
            company.simulator.seed({"behaviour": {switch: position}})
            assert company.refused("POST", "/customers", {"Customer": {"Name": "A", **members}}) == code, switch
        company.simulator.seed({"behaviour": {"long_references": "cut"}})
        assert company.customer(OurReference="a" * 60)["OurReference"] == "a" * 50


class TestArticlesAndPrices:
    def test_an_amount_is_a_number_on_the_card_and_a_text_in_the_list(self, company: Company) -> None:
        made = company.article()
        expected = {"ArticleNumber": "1", "Unit": None, "VAT": 25, "SalesPrice": None, "HouseworkType": None}
        assert {name: made[name] for name in expected} == expected
        (entry,) = company.ok("GET", "/articles")["Articles"]
        company.simulator.seed({"behaviour": {"article_amounts": "strings"}})
        (entry,) = company.ok("GET", "/articles")["Articles"]
        expected = {"PurchasePrice": "0", "QuantityInStock": "0", "VAT": "25", "SalesPrice": None, "Unit": None}
        assert {name: entry[name] for name in expected} == expected
        assert {"Active", "Type", "SalesAccount"}.isdisjoint(entry)
        assert company.ok("GET", "/articles", description="VAR")["Articles"] == [entry]

    def test_values_that_are_refused(self, company: Company) -> None:
        company.article(ArticleNumber="taken")
        for members, code in (
            ({"SalesPrice": 5}, 2000321),
            ({"ArticleNumber": "Å1"}, 2000166),
            ({"ArticleNumber": "a b"}, 2000166),
            ({"ArticleNumber": "a" * 51}, 2000107),
            ({"ArticleNumber": "taken"}, 2001392),
            ({"Description": "a" * 201}, 2000107),
            ({"Description": ""}, 2000699),
            ({"Unit": "X"}, 2000432),
            ({"SalesAccount": 12}, 2001392),
            ({"Type": "GOODS"}, 2001392),
        ):
            assert company.refused("POST", "/articles", {"Article": {"Description": "x", **members}}) == code, members
        company.simulator.seed({"behaviour": {"sales_price": "ignored"}})
        assert company.article(SalesPrice=5)["SalesPrice"] is None

    def test_a_number_with_a_slash_and_a_change(self, company: Company) -> None:
        company.article(5, ArticleNumber="A/1+2")
        assert company.ok("GET", "/articles/A%2F1+2")["Article"]["SalesPrice"] == 5
        assert company.ok("GET", "/prices/A/A%2F1+2")["Price"]["Price"] == 5
        company.refused("PUT", "/articles/A%2F1+2", {"Article": {"ArticleNumber": "B"}})
        changed = company.ok("PUT", "/articles/A%2F1+2", {"Article": {"Description": "Ny", "Unit": "st"}})["Article"]
        assert (changed["Description"], changed["Unit"]) == ("Ny", "st")

    def test_the_lowest_step_is_the_articles_price(self, company: Company) -> None:
        company.article(ArticleNumber="A")
        for quantity in (10, 20):
            price = {"ArticleNumber": "A", "PriceList": "A", "FromQuantity": quantity, "Price": 100 - quantity}
            company.ok("POST", "/prices", {"Price": price}, 201)
        assert company.ok("GET", "/prices/A/A")["Price"]["Price"] == 0, "the base price is there before it is written"
        assert company.ok("PUT", "/prices/A/A", {"Price": {"Price": 7}})["Price"]["FromQuantity"] == 0
        assert company.ok("GET", "/articles/A")["Article"]["SalesPrice"] == 7

    def test_prices_that_are_refused(self, company: Company) -> None:
        company.article(ArticleNumber="A")
        assert company.refused("POST", "/prices", {"Price": {"ArticleNumber": "A"}}) == 2000699
        assert company.refused("POST", "/prices", {"Price": {"ArticleNumber": "B", "PriceList": "A"}}, 404) == 2000428
        assert company.refused("PUT", "/prices/A/A", {"Price": {"FromQuantity": 5}}) == 2001399
        company.simulator.seed({"behaviour": {"base_price_exists": False}})
        assert company.refused("PUT", "/prices/A/A", {"Price": {"Price": 1}}, 404) == 2000430


class TestLists:
    @pytest.fixture
    def many(self, company: Company) -> Company:
        company.simulator.seed({"customers": [{"Name": f"Kund {number:03}"} for number in range(1, 604)]})
        return company

    def test_a_page_holds_a_hundred_or_what_is_asked_for(self, many: Company) -> None:
        reply = many.ok("GET", "/customers")
        assert list(reply) == ["MetaInformation", "Customers"]
        assert reply["MetaInformation"] == {"@TotalResources": 603, "@TotalPages": 7, "@CurrentPage": 1}
        assert len(reply["Customers"]) == 100
        reply = many.ok("GET", "/customers/", limit=500, page=2)
        assert reply["MetaInformation"] == {"@TotalResources": 603, "@TotalPages": 2, "@CurrentPage": 2}
        assert len(reply["Customers"]) == 103
        assert len(many.ok("GET", "/customers", limit=9999)["Customers"]) == 500
        assert many.numbers("/customers", "CustomerNumber", limit=2) == ["1", "2"], "by number, not by text"
        assert many.numbers("/customers", "CustomerNumber", page=8) == []
        many.simulator.seed({"behaviour": {"page_beyond_last": "refused"}})
        assert many.refused("GET", "/customers", page=8) == 2000588

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

    def test_an_empty_list_counts_no_pages(self, company: Company) -> None:
        meta: dict[str, Any] = {"@TotalResources": 0, "@TotalPages": 0, "@CurrentPage": 1}
        assert company.ok("GET", "/orders") == {"MetaInformation": meta, "Orders": []}
        company.simulator.seed({"behaviour": {"meta_as_strings": True}})
        assert company.ok("GET", "/orders")["MetaInformation"] == {name: str(number) for name, number in meta.items()}

    def test_parameters_that_are_refused(self, company: Company) -> None:
        for params, code in (
            ({"filter": "sold"}, 2000587),
            ({"colour": "red"}, 2000588),
            ({"LastModified": "2026-01-01"}, 2000588),
            ({"lastmodified": "yesterday"}, 2000588),
            ({"lastmodified": "2026-01-01T10:00:00Z"}, 2000588),
            ({"page": "0"}, 2000588),
            ({"limit": "x"}, 2000588),
            ({"sortorder": "up"}, 2000588),
            ({"sortby": "colour"}, 2000865),
        ):
            assert company.refused("GET", "/orders", **params) == code, params
        assert company.refused("GET", "/pricelists", lastmodified="2026-01-01") == 2000588

    def test_lastmodified_is_stockholm_time_in_three_forms(self, company: Company) -> None:
        company.customer(Name="Före")
        company.simulator.clock.advance(1500)
        moment = company.simulator.clock.now().astimezone(STOCKHOLM)
        company.customer(Name="Efter")
        for form, shift, expected in (
            ("%Y-%m-%d %H:%M:%S", timedelta(0), ["2"]),
            ("%Y-%m-%d %H:%M", timedelta(0), ["2"]),
            ("%Y-%m-%d %H:%M:%S", timedelta(minutes=5), []),
            ("%Y-%m-%d %H:%M:%S", timedelta(minutes=-30), ["1", "2"]),
            ("%Y-%m-%d", timedelta(0), ["1", "2"]),
        ):
            since = (moment + shift).strftime(form)
            assert company.numbers("/customers", "CustomerNumber", lastmodified=since) == expected, since
        company.simulator.clock.advance(1500)
        since = company.simulator.clock.now().astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M:%S")
        company.ok("PUT", "/customers/1", {"Customer": {"City": "Lund"}})
        assert company.numbers("/customers", "CustomerNumber", lastmodified=since) == ["1"]

    def test_index_lag_is_a_fault_and_a_switch(self, company: Company) -> None:
        company.customer()
        company.simulator.faults.add(Fault("index_lag", path="/3/orders", seconds=30))
        company.order(ExternalInvoiceReference1="deal-1")
        company.order(ExternalInvoiceReference1="deal-2")
        assert company.numbers("/orders", externalinvoicereference1="deal") == ["2"]
        assert company.ok("GET", "/orders/1")["Order"]["DocumentNumber"] == "1"
        company.simulator.clock.advance(30)
        assert company.numbers("/orders", externalinvoicereference1="deal") == ["1", "2"]
        company.simulator.seed({"behaviour": {"index_lag_seconds": 5}})
        company.customer()
        assert company.numbers("/customers", "CustomerNumber") == ["1"]

    def test_registers_are_listed_and_the_company_is_shown(self, company: Company) -> None:
        company.simulator.seed({"termsofpayments": [{"Code": "K", "Description": "Kontant"}]})
        terms = company.ok("GET", "/termsofpayments")["TermsOfPayments"]
        assert [term["Code"] for term in terms] == ["0", "10", "15", "20", "30", "60", "K"]
        assert terms[-1]["@url"] == "https://api.fortnox.se/3/termsofpayments/K"
        assert company.ok("GET", "/currencies", limit=1)["Currencies"][0]["Code"] == "DKK"
        assert [entry["Code"] for entry in company.ok("GET", "/pricelists")["PriceLists"]] == ["A"]
        information = company.ok("GET", "/companyinformation")["CompanyInformation"]
        assert (information["DatabaseNumber"], information["OrganizationNumber"]) == (1234567, "556036-0793")
