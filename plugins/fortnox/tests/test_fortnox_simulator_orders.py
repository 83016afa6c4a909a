"""Orders of the simulated Fortnox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plugins.fortnox.tests.fortnox_simulator_stranger import Company, connected, row


@pytest.fixture
def company() -> Iterator[Company]:
    with connected() as company:
        company.customer(
            Address1="Gatan 1", City="Lund", ZipCode="222 22", OurReference="Åsa", Email="a@b.se", TermsOfPayment="20"
        )
        yield company


class TestOrder:
    def test_defaults_of_a_minimal_order(self, company: Company) -> None:
        made = company.ok("POST", "/orders", {"Order": {"CustomerNumber": "1"}}, 201)["Order"]
        expected = {
            "DocumentNumber": "1",
            "CustomerName": "Kund AB",
            "Address1": "Gatan 1",
            "City": "Lund",
            "OurReference": "Åsa",
            "OrderDate": "2026-03-02",
            "OutboundDate": "2026-03-02",
            "DeliveryDate": None,
            "Currency": "SEK",
            "CurrencyRate": 1,
            "CurrencyUnit": 1,
            "DeliveryState": "delivery",
            "Language": "SV",
            "PriceList": "A",
            "TermsOfPayment": "20",
            "PrintTemplate": "oc",
            "OrderType": "Order",
            "WarehouseReady": True,
            "InvoiceReference": "0",
            "OfferReference": "0",
            "TaxReductionType": "none",
            "TaxReduction": None,
            "OrderRows": [],
            "Total": 0,
            "Cancelled": False,
            "Sent": False,
            "@url": "https://api.fortnox.se/3/orders/1",
            "@urlTaxReductionList": "https://api.fortnox.se/3/taxreductions?filter=orders&referencenumber=1",
        }
        assert {name: made[name] for name in expected} == expected
        assert made["EmailInformation"] == {
            "EmailAddressFrom": None,
            "EmailAddressTo": "a@b.se",
            "EmailAddressCC": None,
            "EmailAddressBCC": None,
            "EmailSubject": "Order {no} bifogas",
            "EmailBody": " ",
        }
        assert company.order(TermsOfPayment="10")["TermsOfPayment"] == "10", "what is sent wins"

    def test_delivered_quantity_drives_the_money(self, company: Company) -> None:
        made = company.order({"Description": "x", "OrderedQuantity": 3, "Price": 100})
        assert made["OrderRows"][0]["DeliveredQuantity"] == "0"
        assert (made["OrderRows"][0]["Total"], made["Total"]) == (0, 0)

    def test_sums_vat_and_whole_kronor(self, company: Company) -> None:
        made = company.order(row(2, 123.45), row(1, 50, VAT=6), row(1.5, 10, VAT=12))
        assert [one["Total"] for one in made["OrderRows"]] == [246.9, 50, 15]
        assert (made["Net"], made["TotalVAT"]) == (311.9, 66.53)
        assert (made["Total"], made["RoundOff"], made["TotalToPay"]) == (378, -0.43, 378)
        rows = [row(1, 0.1), row(1, 0.1)]
        assert company.order(*rows)["TotalVAT"] == 0.05
        company.simulator.seed({"behaviour": {"vat_rounding": "row"}})
        assert company.order(*rows)["TotalVAT"] == 0.06

    def test_quantities_are_strings_and_rounded_half_up(self, company: Company) -> None:
        (made,) = company.order(row(1.125, 1.125))["OrderRows"]
        assert (made["OrderedQuantity"], made["DeliveredQuantity"], made["Price"]) == ("1.13", "1.13", 1.13)
        (made,) = company.order(row(quantity="2.50"))["OrderRows"]  # type: ignore[arg-type] # text is taken too
        assert made["OrderedQuantity"] == "2.5"

    def test_a_discount_is_an_amount_or_a_percentage_or_the_customers(self, company: Company) -> None:
        for discount, total in (
            ({"Discount": 10, "DiscountType": "PERCENT"}, 180),
            ({"Discount": 10, "DiscountType": "AMOUNT"}, 190),
            ({"Discount": 10}, 190),
            ({}, 200),
        ):
            (made,) = company.order(row(2, 100, **discount))["OrderRows"]
            assert made["Total"] == total, discount
        assert made["DiscountType"] == "PERCENT"
        company.ok("PUT", "/customers/1", {"Customer": {"InvoiceDiscount": 25}})
        made = company.order(row(), row(Discount=0))
        assert [one["Total"] for one in made["OrderRows"]] == [75, 100], "the customer's fills rows without one"

    def test_the_article_fills_the_row(self, company: Company) -> None:
        company.article(
            80, ArticleNumber="A1", Description="Stol", Unit="st", VAT=12, SalesAccount=3005, PurchasePrice=30
        )
        step = {"ArticleNumber": "A1", "PriceList": "A", "FromQuantity": 10, "Price": 70}
        company.ok("POST", "/prices", {"Price": step}, 201)
        (one,) = company.order({"ArticleNumber": "A1", "OrderedQuantity": 2, "DeliveredQuantity": 2})["OrderRows"]
        expected = {"Description": "Stol", "Unit": "st", "VAT": 12, "AccountNumber": 3005, "Price": 80, "Total": 160}
        assert {name: one[name] for name in expected} == expected
        assert (one["ContributionValue"], one["ContributionPercent"]) == ("100", "62.5")
        made = company.order(row(9, None, ArticleNumber="A1"), row(10, None, ArticleNumber="A1"))
        assert [one["Price"] for one in made["OrderRows"]] == [80, 70]

    def test_accounts_are_filled_in_unless_turned_off(self, company: Company) -> None:
        made = company.order(row(AccountNumber=0), row(AccountNumber=""), row())
        assert [one["AccountNumber"] for one in made["OrderRows"]] == [0, 0, 3001]

    def test_what_is_refused_makes_no_order(self, company: Company) -> None:
        for members, code in (
            ({"CustomerNumber": "9"}, 2000204),
            ({"CustomerNumber": None}, 2000699),
            ({"Currency": "XXX"}, 2000427),
            ({"Project": "X"}, 2001161),
            ({"CostCenter": "X"}, 2001392),
            ({"OrderRows": [row(CostCenter="X")]}, 2001392),
            ({"OrderRows": [row()] * 501}, 2001392),
            ({"DeliveryState": "registration", "OrderRows": [row()]}, 2001392),
            ({"OrderDate": "1999-01-01"}, 2001392),
            ({"OrderRows": [row(ArticleNumber="X")]}, 2001302),
            ({"OrderRows": [row(Unit="X")]}, 2000432),
            ({"OrderRows": [row(Unit=None)]}, 2000699),
            ({"OrderRows": [row(VAT=17)]}, 2004167),
            ({"OrderRows": [row(Quantity=1)]}, 2001399),
            ({"OrderRows": [row(Description="a" * 256)]}, 2000107),
        ):
            order = {"CustomerNumber": "1", "DeliveryState": "delivery", **members}
            assert company.refused("POST", "/orders", {"Order": order}) == code, members
        assert company.simulator.books.orders == {}
        assert company.order()["DocumentNumber"] == "1", "a refused order uses no number"

    def test_line_breaks_go_from_rows(self, company: Company) -> None:
        made = company.order(row(Description="a\nb"), Remarks="a\nb")
        assert (made["OrderRows"][0]["Description"], made["Remarks"]) == ("a b", "a\nb")

    def test_a_list_shows_no_rows_and_a_reference_finds_too_much(self, company: Company) -> None:
        for reference in ("deal-1", "deal-10", "other"):
            company.order(row(), YourOrderNumber="PO", ExternalInvoiceReference1=reference)
        entry = company.ok("GET", "/orders")["Orders"][0]
        assert {"InvoiceReference", "YourOrderNumber", "OrderRows"}.isdisjoint(entry)
        assert (entry["ExternalInvoiceReference1"], entry["DeliveryDate"], entry["Total"]) == ("deal-1", None, 125)
        assert company.numbers("/orders", externalinvoicereference1="deal-1") == ["1", "2"], "it finds too much"

    def test_another_currency_has_its_rate_and_is_not_rounded_off(self, company: Company) -> None:
        made = company.order(row(1, 10.5), Currency="EUR")
        assert (made["CurrencyRate"], made["RoundOff"], made["Total"]) == (11.3, 0, 13.13)
        assert company.order(Currency="EUR", CurrencyRate=11)["CurrencyRate"] == 1
        assert company.order(Currency="EUR", CurrencyRate=11, CurrencyUnit=1)["CurrencyRate"] == 11

    def test_export_customer_pays_no_vat(self, company: Company) -> None:
        company.ok("PUT", "/customers/1", {"Customer": {"VATType": "EXPORT"}})
        made = company.order(row(1, 100, VAT=25))
        assert (made["OrderRows"][0]["VAT"], made["TotalVAT"], made["Total"]) == (0, 0, 100)

    def test_fees_bear_vat_and_come_from_the_customer(self, company: Company) -> None:
        made = company.order(row(), Freight=40, AdministrationFee=20)
        assert (made["FreightVAT"], made["AdministrationFeeVAT"], made["Net"], made["Total"]) == (10, 5, 100, 200)
        company.ok("PUT", "/customers/1", {"Customer": {"InvoiceFreight": "40"}})
        assert company.order(row())["Freight"] == 40
        company.simulator.seed({"behaviour": {"fees_from_customer": False}})
        assert company.order(row())["Freight"] == 0

    def test_prices_are_with_vat_where_the_customer_is_shown_them_so(self, company: Company) -> None:
        company.ok("PUT", "/customers/1", {"Customer": {"ShowPriceVATIncluded": True}})
        made = company.order(row(1, 125), Freight=50)
        assert (made["VATIncluded"], made["Net"], made["TotalVAT"], made["Total"]) == (True, 100, 25, 175)
        company.simulator.seed({"behaviour": {"vat_included_from_customer": False}})
        assert company.order(row())["VATIncluded"] is False
