"""Articles, prices and small registers of the simulated Fortnox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plugins.fortnox.tests.fortnox_simulator_stranger import Company, connected


@pytest.fixture
def company() -> Iterator[Company]:
    with connected() as company:
        yield company


class TestArticlesAndPrices:
    def test_create_and_forms(self, company: Company) -> None:
        made = company.article()
        expected = {"ArticleNumber": "1", "Unit": None, "VAT": 25, "SalesPrice": None, "HouseworkType": None}
        assert {name: made[name] for name in expected} == expected
        (entry,) = company.ok("GET", "/articles")["Articles"]
        expected = {"PurchasePrice": "0", "QuantityInStock": 0, "VAT": "25", "SalesPrice": None, "Unit": ""}
        assert {name: entry[name] for name in expected} == expected
        assert {"Active", "Type", "SalesAccount"}.isdisjoint(entry)

    @pytest.mark.parametrize(
        ("members", "code"),
        [
            ({"SalesPrice": 5}, 2000321),
            ({"ArticleNumber": "Å1"}, 2000166),
            ({"ArticleNumber": "a b"}, 2000166),
            ({"ArticleNumber": "a" * 51}, 2000107),
            ({"Description": "a" * 201}, 2000107),
            ({"Description": ""}, 2000699),
            ({"Unit": "X"}, 2000432),
            ({"SalesAccount": 12}, 2001392),
            ({"Type": "GOODS"}, 2001392),
        ],
    )
    def test_refused(self, company: Company, members: dict[str, Any], code: int) -> None:
        body = {"Article": {"Description": "Vara", **members}}
        if members.get("Description") == "":
            body = {"Article": {}}
        assert company.refused("POST", "/articles", body) == code

    def test_number_with_slash_and_change_and_delete(self, company: Company) -> None:
        company.article(5, ArticleNumber="A/1+2")
        assert company.ok("GET", "/articles/A%2F1+2")["Article"]["SalesPrice"] == 5
        assert company.ok("GET", "/prices/A/A%2F1+2/0")["Price"]["Price"] == 5
        company.refused("POST", "/articles", {"Article": {"Description": "x", "ArticleNumber": "A/1+2"}})
        company.refused("PUT", "/articles/A%2F1+2", {"Article": {"ArticleNumber": "B"}})
        changed = company.ok("PUT", "/articles/A%2F1+2", {"Article": {"Description": "Ny", "Unit": "st"}})["Article"]
        assert (changed["Description"], changed["Unit"]) == ("Ny", "st")
        company.ok("DELETE", "/articles/A%2F1+2", status=204)
        assert company.refused("GET", "/articles/A%2F1+2", status=404) == 2000428

    def test_sales_price_is_a_switch(self, company: Company) -> None:
        company.simulator.seed({"behaviour": {"sales_price": "ignored"}})
        assert company.article(SalesPrice=5)["SalesPrice"] is None

    def test_five_steps_are_six_with_the_base_price(self, company: Company) -> None:
        company.article(ArticleNumber="A")
        for quantity in (10, 20, 30, 40, 50):
            price = {"ArticleNumber": "A", "PriceList": "A", "FromQuantity": quantity, "Price": 100 - quantity}
            company.ok("POST", "/prices", {"Price": price}, 201)
        steps = company.ok("GET", "/prices/sublist/A/A")["Prices"]
        assert [step["FromQuantity"] for step in steps] == [0, 10, 20, 30, 40, 50]
        assert list(steps[0]) == ["@url", "ArticleNumber", "FromQuantity", "Price", "PriceList"]
        assert company.ok("GET", "/prices/A/A/20")["Price"]["Price"] == 80
        company.ok("DELETE", "/prices/A/A/20", status=204)
        assert company.refused("GET", "/prices/A/A/20", status=404) == 2000430
        assert company.ok("PUT", "/prices/A/A", {"Price": {"Price": 7}})["Price"]["FromQuantity"] == 0
        assert company.ok("GET", "/articles/A")["Article"]["SalesPrice"] == 7
        assert len(company.ok("GET", "/prices/sublist/A")["Prices"]) == 5

    def test_base_price_before_it_is_written_is_a_switch(self, company: Company) -> None:
        company.article(ArticleNumber="A")
        assert company.ok("GET", "/prices/A/A/0")["Price"]["Price"] == 0
        company.simulator.seed({"behaviour": {"base_price_exists": False}})
        assert company.refused("PUT", "/prices/A/A/0", {"Price": {"Price": 1}}, 404) == 2000430

    def test_price_needs_list_and_article(self, company: Company) -> None:
        company.article(ArticleNumber="A")
        assert company.refused("POST", "/prices", {"Price": {"ArticleNumber": "A"}}) == 2000699
        assert company.refused("POST", "/prices", {"Price": {"ArticleNumber": "B", "PriceList": "A"}}, 404) == 2000428


class TestRegisters:
    @pytest.mark.parametrize(
        ("path", "one", "many", "body", "changed"),
        [
            ("units", "Unit", "Units", {"Code": "kg", "Description": "Kilo"}, {"Description": "Kilogram"}),
            ("currencies", "Currency", "Currencies", {"Code": "GBP", "Description": "Pund"}, {"SellRate": 13.1}),
            (
                "termsofpayments",
                "TermsOfPayment",
                "TermsOfPayments",
                {"Code": "45", "Description": "45 dagar"},
                {"Description": "45 d"},
            ),
            ("pricelists", "PriceList", "PriceLists", {"Code": "B", "Description": "Lista B"}, {"Comments": "x"}),
            (
                "modesofpayments",
                "ModeOfPayment",
                "ModesOfPayments",
                {"Code": "KORT", "AccountNumber": "1580"},
                {"Description": "Kort"},
            ),
        ],
    )
    def test_entry(
        self, company: Company, path: str, one: str, many: str, body: dict[str, str], changed: dict[str, Any]
    ) -> None:
        before = len(company.ok("GET", f"/{path}")[many])
        made = company.ok("POST", f"/{path}", {one: body}, 201)[one]
        assert made["@url"] == f"https://api.fortnox.se/3/{path}/{body['Code']}"
        company.refused("POST", f"/{path}", {one: body})
        after = company.ok("PUT", f"/{path}/{body['Code']}", {one: changed})[one]
        assert after == {**made, **changed}
        assert company.ok("GET", f"/{path}/{body['Code']}")[one] == after
        assert len(company.ok("GET", f"/{path}")[many]) == before + 1
        if path != "pricelists":
            company.ok("DELETE", f"/{path}/{body['Code']}", status=204)
            company.refused("GET", f"/{path}/{body['Code']}", status=404)
        assert company.refused("GET", f"/{path}", lastmodified="2026-01-01") == 2000588
        assert company.refused("POST", f"/{path}", {one: {"Code": "QQQ"}}) == 2000699

    def test_labels_have_no_address_of_their_own_for_reading(self, company: Company) -> None:
        assert company.ok("POST", "/labels", {"Label": {"Description": "A"}}, 201)["Label"] == {
            "Id": 1,
            "Description": "A",
        }
        assert company.http.get("/labels/1").status_code == 405
        assert company.ok("PUT", "/labels/1", {"Label": {"Description": "B"}})["Label"]["Description"] == "B"
        company.ok("DELETE", "/labels/1", status=204)
        assert company.ok("GET", "/labels")["Labels"] == []

    def test_units_ignore_limit(self, company: Company) -> None:
        assert len(company.ok("GET", "/units", limit=1)["Units"]) == 3

    def test_company(self, company: Company) -> None:
        information = company.ok("GET", "/companyinformation")["CompanyInformation"]
        assert (information["DatabaseNumber"], information["OrganizationNumber"]) == (1234567, "556036-0793")
        settings = company.ok("GET", "/settings/company")["CompanySettings"]
        assert (settings["DatabaseNumber"], settings["Name"]) == ("1234567", information["CompanyName"])
        assert company.ok("GET", "/me")["Me"]["SysAdmin"] is True
