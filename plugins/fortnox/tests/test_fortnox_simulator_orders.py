"""Orders of the simulated Fortnox, and the invoices that they become."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from erpcore.simulator import AnswerLost, Fault
from plugins.fortnox.tests.fortnox_simulator_stranger import Company, connected, row


@pytest.fixture
def company() -> Iterator[Company]:
    with connected() as company:
        yield company


class TestOrder:
    @pytest.fixture(autouse=True)
    def _customer(self, company: Company) -> None:
        company.customer(
            Address1="Gatan 1", City="Lund", ZipCode="222 22", OurReference="Åsa", Email="a@b.se", TermsOfPayment="20"
        )

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
            "EmailAddressCC": "",
            "EmailAddressBCC": "",
            "EmailSubject": "Order 1 bifogas",
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

    def test_quantities_are_strings_and_rounded_half_up(self, company: Company) -> None:
        (made,) = company.order(row(1.125, 1.125))["OrderRows"]
        assert (made["OrderedQuantity"], made["DeliveredQuantity"], made["Price"]) == ("1.13", "1.13", 1.13)
        (made,) = company.order(row(quantity="2.50"))["OrderRows"]  # type: ignore[arg-type] # text is taken too
        assert made["OrderedQuantity"] == "2.5"

    @pytest.mark.parametrize(
        ("discount", "total"),
        [
            ({"Discount": 10, "DiscountType": "PERCENT"}, 180),
            ({"Discount": 10, "DiscountType": "AMOUNT"}, 190),
            ({"Discount": 10}, 190),
            ({}, 200),
        ],
    )
    def test_discount(self, company: Company, discount: dict[str, Any], total: int) -> None:
        (made,) = company.order(row(2, 100, **discount))["OrderRows"]
        assert made["Total"] == total
        if not discount:
            assert made["DiscountType"] == "PERCENT"

    def test_customers_discount_fills_rows_without_one(self, company: Company) -> None:
        company.ok("PUT", "/customers/1", {"Customer": {"InvoiceDiscount": 25}})
        made = company.order(row(), row(Discount=0))
        assert [one["Total"] for one in made["OrderRows"]] == [75, 100]

    def test_article_fills_the_row(self, company: Company) -> None:
        number = company.article(
            80, ArticleNumber="A1", Description="Stol", Unit="st", VAT=12, SalesAccount=3005, PurchasePrice=30
        )["ArticleNumber"]
        made = company.order({"ArticleNumber": number, "OrderedQuantity": 2, "DeliveredQuantity": 2})
        (one,) = made["OrderRows"]
        expected = {"Description": "Stol", "Unit": "st", "VAT": 12, "AccountNumber": 3005, "Price": 80, "Total": 160}
        assert {name: one[name] for name in expected} == expected
        assert (one["ContributionValue"], one["ContributionPercent"]) == ("100", "62.5")
        assert company.order(row())["OrderRows"][0]["AccountNumber"] == 3001

    def test_price_steps(self, company: Company) -> None:
        company.article(100, ArticleNumber="A1")
        step = {"ArticleNumber": "A1", "PriceList": "A", "FromQuantity": 10, "Price": 90}
        company.ok("POST", "/prices", {"Price": step}, 201)
        made = company.order(row(9, None, ArticleNumber="A1"), row(10, None, ArticleNumber="A1"))
        assert [one["Price"] for one in made["OrderRows"]] == [100, 90]

    def test_references_must_exist(self, company: Company) -> None:
        order = {"CustomerNumber": "9"}
        assert company.refused("POST", "/orders", {"Order": order}) == 2000204
        assert company.refused("POST", "/orders", {"Order": {}}) == 2000699
        for rows, code in (([row(ArticleNumber="X")], 2001302), ([row(Unit="X")], 2000432), ([row(VAT=17)], 2004167)):
            assert company.refused("POST", "/orders", {"Order": {"CustomerNumber": "1", "OrderRows": rows}}) == code
        assert company.refused("POST", "/orders", {"Order": {"CustomerNumber": "1", "Currency": "XXX"}}) == 2000427
        company.refused("POST", "/orders", {"Order": {"CustomerNumber": "1", "OrderDate": "1999-01-01"}})
        assert company.simulator.books.orders == {}
        assert company.order()["DocumentNumber"] == "1", "a refused order uses no number"

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"Quantity": 1}, 2001399),
            ({"Description": "a" * 256}, 2000107),
            ({"Unit": None}, 2000699),
            ({"HouseWorkType": "COOKING"}, 2003157),
            ({"HouseWork": True, "HouseWorkType": "OTHERCOSTS"}, 2002980),
        ],
    )
    def test_wrong_row(self, company: Company, wrong: dict[str, Any], code: int) -> None:
        body = {"Order": {"CustomerNumber": "1", "OrderRows": [row(**wrong)]}}
        assert company.refused("POST", "/orders", body) == code

    def test_wrong_family_of_house_work(self, company: Company) -> None:
        rows = [row(HouseWork=True, HouseWorkType="CONSTRUCTION")]
        body = {"Order": {"CustomerNumber": "1", "TaxReductionType": "rut", "OrderRows": rows}}
        assert company.refused("POST", "/orders", body) == 2004021

    def test_account_filling_can_be_turned_off(self, company: Company) -> None:
        made = company.order(row(AccountNumber=0), row(AccountNumber=""), row())
        assert [one["AccountNumber"] for one in made["OrderRows"]] == [0, 0, 3001]

    def test_line_breaks_go_from_rows(self, company: Company) -> None:
        made = company.order(row(Description="a\nb"), Remarks="a\nb")
        assert (made["OrderRows"][0]["Description"], made["Remarks"]) == ("a b", "a\nb")

    def test_update_by_position(self, company: Company) -> None:
        before = company.order(row(1, 10, Description="a"), row(2, 20, Description="b"))["OrderRows"]
        after = company.ok("PUT", "/orders/1", {"Order": {"OrderRows": [{"Price": 11}]}})["Order"]["OrderRows"]
        assert [(one["Description"], one["Price"], one["OrderedQuantity"]) for one in after] == [("a", 11, "1")]
        assert {one["RowId"] for one in after}.isdisjoint(one["RowId"] for one in before)

    def test_update_by_row_id(self, company: Company) -> None:
        a, b, _ = company.order(row(Description="a"), row(Description="b"), row(Description="c"))["OrderRows"]
        rows = [row(Description="new"), {"RowId": b["RowId"], "Price": 5}, {"RowId": a["RowId"]}]
        after = company.ok("PUT", "/orders/1", {"Order": {"OrderRows": rows}})["Order"]["OrderRows"]
        assert [(one["Description"], one["Price"]) for one in after] == [("new", 100), ("b", 5), ("a", 100)]
        company.refused("PUT", "/orders/1", {"Order": {"OrderRows": [{"RowId": a["RowId"]}]}})

    def test_every_update_renews_row_ids_and_leaves_rows_alone(self, company: Company) -> None:
        before = company.order(row(Description="a"))["OrderRows"]
        changed = company.ok("PUT", "/orders/1", {"Order": {"Comments": "x"}})["Order"]
        assert changed["OrderRows"][0]["RowId"] > before[0]["RowId"]
        assert changed["OrderRows"][0]["Description"] == "a"
        assert changed["City"] == "Lund"

    def test_clearing_in_rows(self, company: Company) -> None:
        company.article(ArticleNumber="A1")
        company.order(row(ArticleNumber="A1", Unit="st"))
        change = {"Order": {"OrderRows": [{"ArticleNumber": "", "Unit": ""}]}}
        (kept,) = company.ok("PUT", "/orders/1", change)["Order"]["OrderRows"]
        assert (kept["ArticleNumber"], kept["Unit"]) == ("A1", "st")
        change = {"Order": {"OrderRows": [{"ArticleNumber": None, "Price": 0}]}}
        (cleared,) = company.ok("PUT", "/orders/1", change)["Order"]["OrderRows"]
        assert (cleared["ArticleNumber"], cleared["Price"]) == ("", 0)

    def test_empty_rows_are_a_switch(self, company: Company) -> None:
        company.order(row())
        company.refused("PUT", "/orders/1", {"Order": {"OrderRows": []}})
        company.simulator.seed({"behaviour": {"empty_rows": "ignored"}})
        assert len(company.ok("PUT", "/orders/1", {"Order": {"OrderRows": []}})["Order"]["OrderRows"]) == 1

    def test_refused_update_changes_nothing(self, company: Company) -> None:
        before = company.order(row())
        company.refused("PUT", "/orders/1", {"Order": {"Comments": "x", "OrderRows": [{"ArticleNumber": "X"}]}})
        assert company.ok("GET", "/orders/1")["Order"] == before

    def test_cancelled_order_is_locked(self, company: Company) -> None:
        company.order(row())
        assert company.ok("PUT", "/orders/1/cancel")["Order"]["Cancelled"] is True
        company.refused("PUT", "/orders/1", {"Order": {"Comments": "x"}})
        company.refused("PUT", "/orders/1/createinvoice")
        assert company.numbers("/orders", filter="cancelled") == ["1"]

    def test_slim_list(self, company: Company) -> None:
        company.order(row(), YourOrderNumber="PO", ExternalInvoiceReference1="deal-1")
        (entry,) = company.ok("GET", "/orders")["Orders"]
        assert {"InvoiceReference", "YourOrderNumber", "OrderRows"}.isdisjoint(entry)
        assert (entry["ExternalInvoiceReference1"], entry["DeliveryDate"], entry["Total"]) == ("deal-1", "", 125)

    def test_sent_by_external_print_email_and_print(self, company: Company) -> None:
        company.order(row())
        preview = company.http.get("/orders/1/preview")
        assert preview.headers["Content-Type"] == "application/pdf"
        assert preview.content.startswith(b"%PDF")
        assert company.ok("GET", "/orders/1")["Order"]["Sent"] is False
        assert company.ok("PUT", "/orders/1/externalprint")["Order"]["Sent"] is True
        refused = company.http.get("/orders/1/print", headers={"Accept": "application/pdf"})
        assert refused.json()["ErrorInformation"]["code"] == 1000030

    def test_foreign_currency(self, company: Company) -> None:
        made = company.order(row(1, 10.5), Currency="EUR")
        assert (made["CurrencyRate"], made["RoundOff"], made["Total"]) == (11.3, 0, 13.13)
        assert company.order(Currency="EUR", CurrencyRate=11)["CurrencyRate"] == 1
        assert company.order(Currency="EUR", CurrencyRate=11, CurrencyUnit=1)["CurrencyRate"] == 11

    def test_export_customer_pays_no_vat(self, company: Company) -> None:
        company.ok("PUT", "/customers/1", {"Customer": {"VATType": "EXPORT"}})
        made = company.order(row(1, 100, VAT=25))
        assert (made["OrderRows"][0]["VAT"], made["TotalVAT"], made["Total"]) == (0, 0, 100)

    def test_fees(self, company: Company) -> None:
        made = company.order(row(), Freight=40, AdministrationFee=20)
        assert (made["FreightVAT"], made["AdministrationFeeVAT"], made["Net"], made["Total"]) == (10, 5, 100, 200)
        company.ok("PUT", "/customers/1", {"Customer": {"InvoiceFreight": "40"}})
        assert company.order(row())["Freight"] == 40
        company.simulator.seed({"behaviour": {"fees_from_customer": False}})
        assert company.order(row())["Freight"] == 0

    def test_prices_with_vat(self, company: Company) -> None:
        company.ok("PUT", "/customers/1", {"Customer": {"ShowPriceVATIncluded": True}})
        made = company.order(row(1, 125))
        assert (made["VATIncluded"], made["Net"], made["TotalVAT"], made["Total"]) == (True, 100, 25, 125)
        company.simulator.seed({"behaviour": {"vat_included_from_customer": False}})
        assert company.order(row())["VATIncluded"] is False

    def test_vat_rounding_is_a_switch(self, company: Company) -> None:
        rows = [row(1, 0.1), row(1, 0.1)]
        assert company.order(*rows)["TotalVAT"] == 0.05
        company.simulator.seed({"behaviour": {"vat_rounding": "row"}})
        assert company.order(*rows)["TotalVAT"] == 0.06

    def test_labels(self, company: Company) -> None:
        company.ok("POST", "/labels", {"Label": {"Description": "CRM"}}, 201)
        assert company.order(Labels=[{"Id": 1}])["Labels"] == [{"Id": 1}]
        company.order()
        assert company.numbers("/orders", label="1") == ["1"]
        company.refused("POST", "/orders", {"Order": {"CustomerNumber": "1", "Labels": [{"Id": 7}]}})


class TestCreateInvoice:
    @pytest.fixture(autouse=True)
    def _order(self, company: Company) -> None:
        company.customer()
        company.order(row(2, 50), ExternalInvoiceReference1="deal-1", YourReference="Bo", YourOrderNumber="PO")

    def test_answers_with_the_order_and_locks_it(self, company: Company) -> None:
        order = company.ok("PUT", "/orders/1/createinvoice")["Order"]
        assert order["InvoiceReference"] == "1"
        invoice = company.ok("GET", "/invoices/1")["Invoice"]
        expected = {
            "OrderReference": "1",
            "CustomerNumber": "1",
            "YourReference": "Bo",
            "YourOrderNumber": "PO",
            "ExternalInvoiceReference1": "deal-1",
            "Total": 125,
            "Booked": False,
            "InvoiceDate": "2026-03-02",
            "PrintTemplate": "st",
        }
        assert {name: invoice[name] for name in expected} == expected
        assert invoice["InvoiceRows"][0]["DeliveredQuantity"] == "2"
        assert invoice["EmailInformation"]["EmailSubject"] == "Faktura 1 bifogas"
        company.refused("PUT", "/orders/1/createinvoice")
        company.refused("PUT", "/orders/1", {"Order": {"Comments": "x"}})
        company.refused("PUT", "/orders/1/cancel")
        company.refused("PUT", "/invoices/1", {"Invoice": {"InvoiceRows": [{"Price": 1}]}})
        assert company.numbers("/orders", filter="invoicecreated") == ["1"]
        assert company.numbers("/orders", filter="invoicenotcreated") == []
        assert company.numbers("/invoices") == ["1"]

    def test_reply_variant_and_reference_copy_are_switches(self, company: Company) -> None:
        switches = {"createinvoice_reply": "invoice", "references_follow_to_invoice": False}
        company.simulator.seed({"behaviour": switches})
        invoice = company.ok("PUT", "/orders/1/createinvoice")["Invoice"]
        assert (invoice["DocumentNumber"], invoice["ExternalInvoiceReference1"]) == ("1", "")

    def test_lost_answer_leaves_the_invoice_made(self, company: Company) -> None:
        company.simulator.faults.add(Fault("lose_answer", method="PUT", path="/3/orders/1/createinvoice"))
        with pytest.raises(AnswerLost):
            company.http.put("/orders/1/createinvoice")
        assert company.ok("GET", "/orders/1")["Order"]["InvoiceReference"] == "1"
