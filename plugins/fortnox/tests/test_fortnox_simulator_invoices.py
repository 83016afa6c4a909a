"""Invoices of the simulated Fortnox and their payments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from plugins.fortnox.tests.fortnox_simulator_stranger import Company, connected, line

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def company() -> Iterator[Company]:
    with connected() as company:
        yield company


class TestInvoice:
    @pytest.fixture(autouse=True)
    def _customer(self, company: Company) -> None:
        company.customer(TermsOfPayment="30")

    def test_defaults(self, company: Company) -> None:
        made = company.invoice(InvoiceDate="2026-01-30")
        expected = {
            "DueDate": "2026-03-01",
            "InvoiceType": "INVOICE",
            "Credit": "false",
            "CreditInvoiceReference": "0",
            "InvoiceReference": "0",
            "OrderReference": "0",
            "OfferReference": "0",
            "ContractReference": 0,
            "PrintTemplate": "st",
            "AccountingMethod": "ACCRUAL",
            "OCR": "133",
            "VoucherNumber": None,
            "VoucherSeries": None,
            "FinalPayDate": None,
            "PaymentWay": "",
            "InvoicePeriodStart": "",
            "TaxReduction": None,
        }
        assert {name: made[name] for name in expected} == expected
        assert "InvoiceNumber" not in made

    @pytest.mark.parametrize(
        ("number", "ocr"), [("1", "133"), ("3", "331"), ("18", "1842"), ("20", "2048"), ("37", "3749")]
    )
    def test_ocr(self, company: Company, number: str, ocr: str) -> None:
        assert company.invoice(DocumentNumber=number)["OCR"] == ocr

    def test_ocr_may_be_off_or_given(self, company: Company) -> None:
        assert company.invoice(OCR="999")["OCR"] == "999"
        company.simulator.seed({"behaviour": {"ocr": False}})
        assert company.invoice()["OCR"] == ""

    def test_number_may_be_given_but_once(self, company: Company) -> None:
        assert company.invoice(DocumentNumber="5000000000")["DocumentNumber"] == "5000000000"
        company.refused("POST", "/invoices", {"Invoice": {"CustomerNumber": "1", "DocumentNumber": "5000000000"}})
        assert company.invoice()["DocumentNumber"] == "1"

    def test_rows(self, company: Company) -> None:
        for wrong, code in (({"Quantity": 1}, 2001399), ({"OrderedQuantity": 1}, 2001399)):
            body = {"Invoice": {"CustomerNumber": "1", "InvoiceRows": [wrong]}}
            assert company.refused("POST", "/invoices", body) == code
        body = {"Invoice": {"CustomerNumber": "1", "InvoiceRows": [{"DeliveredQuantity": 1, "Price": 1}]}}
        assert company.refused("POST", "/invoices", body) == 2003977
        assert company.refused("POST", "/invoices", {"Invoice": {"CustomerNumber": "1", "VATType": "SEVAT"}}) == 2001399
        (made,) = company.invoice(line(2, 125), VATIncluded=True)["InvoiceRows"]
        assert (made["Total"], made["TotalExcludingVAT"], made["PriceExcludingVAT"]) == (250, 200, 100)

    def test_balance_follows_the_draft(self, company: Company) -> None:
        assert company.invoice(line())["Balance"] == 125
        changed = company.ok("PUT", "/invoices/1", {"Invoice": {"InvoiceRows": [{"Price": 200}]}})["Invoice"]
        assert (changed["Total"], changed["Balance"]) == (250, 250)

    def test_bookkeep_gives_a_voucher_and_locks_the_money(self, company: Company) -> None:
        company.invoice(line())
        booked = company.ok("PUT", "/invoices/1/bookkeep")["Invoice"]
        assert (booked["Booked"], booked["VoucherSeries"], booked["VoucherNumber"]) == (True, "B", 1)
        assert isinstance(booked["VoucherYear"], int)
        company.refused("PUT", "/invoices/1", {"Invoice": {"InvoiceRows": [{"Price": 1}]}})
        assert company.ok("PUT", "/invoices/1", {"Invoice": {"Comments": "x"}})["Invoice"]["Comments"] == "x"
        company.refused("PUT", "/invoices/1/bookkeep")
        company.refused("PUT", "/invoices/1/cancel")

    def test_zero_invoice_is_paid_when_booked(self, company: Company) -> None:
        company.invoice()
        assert company.ok("PUT", "/invoices/1/bookkeep")["Invoice"]["FinalPayDate"] == "2026-03-02"
        assert company.numbers("/invoices", filter="fullypaid") == ["1"]

    def test_locked_period_and_missing_year(self, company: Company) -> None:
        company.invoice(line())
        company.simulator.seed({"locked_until": "2026-03-31"})
        assert company.ok("GET", "/settings/lockedperiod")["LockedPeriod"]["EndDate"] == "2026-03-31"
        company.refused("PUT", "/invoices/1/bookkeep")
        company.simulator.seed({"financial_years": [{"id": 1, "first": "2025-01-01", "last": "2025-12-31"}]})
        company.refused("POST", "/invoices", {"Invoice": {"CustomerNumber": "1"}})

    def test_cancel_only_unbooked(self, company: Company) -> None:
        company.invoice(line())
        cancelled = company.ok("PUT", "/invoices/1/cancel")["Invoice"]
        assert (cancelled["Cancelled"], cancelled["Balance"]) == (True, 0)
        company.refused("PUT", "/invoices/1/bookkeep")
        company.refused("PUT", "/invoices/1", {"Invoice": {"Comments": "x"}})

    def test_credit_makes_a_new_invoice_and_names_it(self, company: Company) -> None:
        company.invoice(line(2, 100, Discount=10, DiscountType="AMOUNT"))
        company.ok("PUT", "/invoices/1/bookkeep")
        original = company.ok("PUT", "/invoices/1/credit")["Invoice"]
        assert (original["DocumentNumber"], original["CreditInvoiceReference"]) == ("1", "2")
        note = company.ok("GET", "/invoices/2")["Invoice"]
        assert (note["Credit"], note["CreditInvoiceReference"], note["Booked"]) == ("true", "1", False)
        assert (note["Total"], note["Balance"], note["InvoiceRows"][0]["DeliveredQuantity"]) == (-238, -238, "-2")
        company.refused("PUT", "/invoices/1/credit")
        assert company.numbers("/invoices", credit="true") == ["2"]
        company.ok("PUT", "/invoices/2/bookkeep")
        balances = [company.ok("GET", f"/invoices/{number}")["Invoice"]["Balance"] for number in (1, 2)]
        assert balances == [0, 0]

    def test_credit_that_settles_nothing_is_a_switch(self, company: Company) -> None:
        company.simulator.seed({"behaviour": {"credit_settles_original": False}})
        company.invoice(line())
        company.ok("PUT", "/invoices/1/bookkeep")
        company.ok("PUT", "/invoices/1/credit")
        company.ok("PUT", "/invoices/2/bookkeep")
        assert company.ok("GET", "/invoices/1")["Invoice"]["Balance"] == 125

    def test_status_filters(self, company: Company) -> None:
        company.invoice(line())
        company.invoice(line(), DueDate="2026-03-01")
        company.invoice(line())
        for number in (1, 2):
            company.ok("PUT", f"/invoices/{number}/bookkeep")
        assert company.numbers("/invoices", filter="unpaid") == ["1", "2"]
        assert company.numbers("/invoices", filter="unpaidoverdue") == ["2"]
        assert company.numbers("/invoices", filter="unbooked") == ["3"]

    def test_search_parameters(self, company: Company) -> None:
        company.article(ArticleNumber="STOL", Description="Stol")
        company.invoice(line(ArticleNumber="STOL"), YourOrderNumber="PO-17", InvoiceDate="2026-02-01")
        company.invoice(line(1, 999, AccountNumber=3500))
        for search in (
            {"yourordernumber": "po-1"},
            {"articlenumber": "sto"},
            {"todate": "2026-02-15"},
            {"accountnumberto": "3400"},
            {"ocr": "133"},
        ):
            assert company.numbers("/invoices", **search) == ["1"], search
        assert company.numbers("/invoices", fromdate="2026-02-15") == ["2"]
        assert company.numbers("/invoices", accountnumberfrom="3400") == ["2"]
        assert company.numbers("/invoices", sortby="total", sortorder="descending") == ["2", "1"]
        assert company.refused("GET", "/invoices", ordertype="x") == 2000588
        assert company.refused("GET", "/invoices", accountnumberto="x") == 2000588

    def test_slim_list(self, company: Company) -> None:
        company.invoice(line())
        (entry,) = company.ok("GET", "/invoices")["Invoices"]
        assert (entry["CurrencyRate"], entry["FinalPayDate"], entry["Balance"]) == ("1", None, 125)
        assert {"InvoiceRows", "Credit", "OrderReference"}.isdisjoint(entry)

    def test_sending_needs_bank_details(self, company: Company) -> None:
        company.invoice(line())
        assert company.ok("GET", "/invoices/1/email")["Invoice"]["Sent"] is True
        company.simulator.seed({"company": {"BG": ""}})
        response = company.http.get("/invoices/1/einvoice")
        assert "Bankuppgifter saknas" in response.json()["ErrorInformation"]["message"]
        assert company.http.get("/invoices/1/print").content.startswith(b"%PDF")

    def test_reminders_and_warehouse(self, company: Company) -> None:
        company.invoice(line())
        company.http.get("/invoices/1/printreminder")
        reminded = company.ok("GET", "/invoices/1")["Invoice"]
        assert (reminded["Reminders"], reminded["LastRemindDate"]) == (1, "2026-03-02")
        assert company.refused("PUT", "/invoices/1/warehouseready") == 2003127


class TestPayment:
    @pytest.fixture(autouse=True)
    def _invoice(self, company: Company) -> None:
        company.customer()
        company.invoice(line(1, 800), ExternalInvoiceReference1="deal-1")
        company.ok("PUT", "/invoices/1/bookkeep")

    def pay(self, company: Company, **members: Any) -> dict[str, Any]:
        body = {"InvoicePayment": {"InvoiceNumber": 1, **members}}
        return company.ok("POST", "/invoicepayments", body, 201)["InvoicePayment"]

    def test_draft_then_booked(self, company: Company) -> None:
        made = self.pay(company, Amount=400, PaymentDate="2026-03-05")
        expected = {
            "Number": "1",
            "InvoiceNumber": 1,
            "Booked": False,
            "AmountCurrency": 400,
            "Currency": "SEK",
            "InvoiceTotal": "1000",
            "InvoiceCustomerNumber": "1",
            "ModeOfPayment": "BG",
            "ModeOfPaymentAccount": 1920,
            "ExternalInvoiceReference1": "deal-1",
            "VoucherNumber": None,
        }
        assert {name: made[name] for name in expected} == expected
        assert company.ok("GET", "/invoices/1")["Invoice"]["Balance"] == 1000, "a draft pays nothing"
        booked = company.ok("PUT", "/invoicepayments/1/bookkeep")["InvoicePayment"]
        assert (booked["Booked"], booked["VoucherSeries"]) == (True, "C")
        invoice = company.ok("GET", "/invoices/1")["Invoice"]
        assert (invoice["Balance"], invoice["FinalPayDate"]) == (600, None)
        self.pay(company, PaymentDate="2026-03-06")
        company.ok("PUT", "/invoicepayments/2/bookkeep")
        invoice = company.ok("GET", "/invoices/1")["Invoice"]
        assert (invoice["Balance"], invoice["FinalPayDate"]) == (0, "2026-03-06")
        assert company.numbers("/invoices", fromfinalpaydate="2026-03-06") == ["1"]
        assert company.numbers("/invoices", tofinalpaydate="2026-03-05") == []

    def test_booked_payment_is_locked_and_a_draft_can_go(self, company: Company) -> None:
        self.pay(company, Amount=1)
        changed = company.ok("PUT", "/invoicepayments/1", {"InvoicePayment": {"Amount": 2}})["InvoicePayment"]
        assert (changed["Amount"], changed["AmountCurrency"]) == (2, 2)
        company.ok("PUT", "/invoicepayments/1/bookkeep")
        company.refused("PUT", "/invoicepayments/1/bookkeep")
        company.refused("PUT", "/invoicepayments/1", {"InvoicePayment": {"Amount": 3}})
        company.refused("DELETE", "/invoicepayments/1")
        self.pay(company, Amount=1)
        company.ok("DELETE", "/invoicepayments/2", status=204)
        company.refused("GET", "/invoicepayments/2", status=404)

    def test_write_off_counts(self, company: Company) -> None:
        self.pay(company, Amount=999.5, WriteOffs=[{"AccountNumber": 3740, "Amount": 0.5}])
        company.ok("PUT", "/invoicepayments/1/bookkeep")
        assert company.ok("GET", "/invoices/1")["Invoice"]["Balance"] == 0
        (entry,) = company.ok("GET", "/invoicepayments")["InvoicePayments"]
        assert list(entry) == [
            "@url",
            "Amount",
            "Booked",
            "Currency",
            "CurrencyRate",
            "CurrencyUnit",
            "InvoiceNumber",
            "Number",
            "PaymentDate",
            "Source",
            "WriteOffExist",
        ]
        assert entry["WriteOffExist"] is True

    @pytest.mark.parametrize(
        "members",
        [
            {"InvoiceNumber": 9},
            {"PaymentDate": "2026-01-01"},
            {"Currency": "EUR"},
            {"ModeOfPayment": "X"},
            {"InvoiceNumber": None},
            {"WriteOffs": [{"Konto": 1}]},
        ],
        ids=str,
    )
    def test_refused(self, company: Company, members: dict[str, Any]) -> None:
        company.refused("POST", "/invoicepayments", {"InvoicePayment": {"InvoiceNumber": 1, **members}})

    def test_unbooked_invoice_is_a_switch(self, company: Company) -> None:
        company.invoice(line())
        company.refused("POST", "/invoicepayments", {"InvoicePayment": {"InvoiceNumber": 2}})
        company.simulator.seed({"behaviour": {"payment_needs_booked_invoice": False}})
        assert self.pay(company, InvoiceNumber=2)["Amount"] == 125

    def test_whether_it_moves_the_invoices_lastmodified_is_a_switch(self, company: Company) -> None:
        for moves, expected in ((False, []), (True, ["1"])):
            company.simulator.seed({"behaviour": {"payment_moves_lastmodified": moves}})
            company.simulator.clock.advance(600)
            since = company.simulator.clock.now().astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M:%S")
            number = self.pay(company, Amount=1)["Number"]
            company.ok("PUT", f"/invoicepayments/{number}/bookkeep")
            assert company.numbers("/invoices", lastmodified=since) == expected
            assert company.numbers("/invoicepayments", "Number", lastmodified=since) == [number]

    def test_foreign_currency(self, company: Company) -> None:
        company.invoice(line(1, 80), Currency="EUR")
        company.ok("PUT", "/invoices/2/bookkeep")
        made = self.pay(company, InvoiceNumber=2, AmountCurrency=50)
        assert (made["Amount"], made["AmountCurrency"], made["Currency"]) == (565, 50, "EUR")
        company.ok("PUT", f"/invoicepayments/{made['Number']}/bookkeep")
        assert company.ok("GET", "/invoices/2")["Invoice"]["Balance"] == 50
