"""The invoices of the simulated Fortnox, from orders or by themselves, and what people do with them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from plugins.fortnox.tests.fortnox_simulator_stranger import Company, connected, line, row

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def company() -> Iterator[Company]:
    with connected() as company:
        company.customer(
            Address1="Gatan 1", City="Lund", ZipCode="222 22", OurReference="Åsa", Email="a@b.se", TermsOfPayment="20"
        )
        yield company


def shown(company: Company, number: int | str = 1) -> dict[str, Any]:
    return company.ok("GET", f"/invoices/{number}")["Invoice"]


class TestCreateInvoice:
    @pytest.fixture(autouse=True)
    def _order(self, company: Company) -> None:
        company.order(row(2, 50), ExternalInvoiceReference1="deal-1", YourReference="Bo", YourOrderNumber="PO")

    def test_answers_with_the_order_once(self, company: Company) -> None:
        assert company.ok("PUT", "/orders/1/createinvoice")["Order"]["InvoiceReference"] == "1"
        invoice = shown(company)
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
        assert invoice["EmailInformation"]["EmailSubject"] == "Faktura {no} bifogas"
        company.refused("PUT", "/orders/1/createinvoice")
        assert company.numbers("/invoices") == ["1"]

    def test_reply_variant_and_reference_copy_are_switches(self, company: Company) -> None:
        switches = {"createinvoice_reply": "invoice", "references_follow_to_invoice": False}
        company.simulator.seed({"behaviour": switches})
        invoice = company.ok("PUT", "/orders/1/createinvoice")["Invoice"]
        assert (invoice["DocumentNumber"], invoice["ExternalInvoiceReference1"]) == ("1", "")
        change = {"Invoice": {"ExternalInvoiceReference1": "deal-1"}}
        assert company.ok("PUT", "/invoices/1", change)["Invoice"]["ExternalInvoiceReference1"] == "deal-1"
        assert company.refused("PUT", "/invoices/1", {"Invoice": {"Freight": 5}}) == 2001243

    def test_a_person_cancels_what_is_not_invoiced(self, company: Company) -> None:
        company.order(row())
        assert company.simulator.cancel_order(2)["Cancelled"] is True
        assert company.refused("PUT", "/orders/2/createinvoice") == 2001243
        company.ok("PUT", "/orders/1/createinvoice")
        for order in (1, 2):
            with pytest.raises(ValueError, match="2001243"):
                company.simulator.cancel_order(order)


class TestInvoice:
    def test_what_is_not_sent_has_its_default(self, company: Company) -> None:
        made = company.invoice(InvoiceDate="2026-01-30")
        expected = {
            "DueDate": "2026-02-19",
            "InvoiceType": "INVOICE",
            "Credit": "false",
            "CreditInvoiceReference": "0",
            "InvoiceReference": "0",
            "OrderReference": "0",
            "OfferReference": "0",
            "ContractReference": "0",
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

    def test_its_payment_reference_is_its_number_with_length_and_check_digit(self, company: Company) -> None:
        for number, ocr in (("1", "133"), ("3", "331"), ("18", "1842"), ("20", "2048"), ("37", "3749")):
            assert company.invoice(DocumentNumber=number)["OCR"] == ocr
        assert company.invoice(OCR="999")["OCR"] == "999"
        company.simulator.seed({"behaviour": {"ocr": False}})
        assert company.invoice()["OCR"] == ""

    def test_a_number_may_be_given_but_once(self, company: Company) -> None:
        assert company.invoice(DocumentNumber="5000000000")["DocumentNumber"] == "5000000000"
        company.refused("POST", "/invoices", {"Invoice": {"CustomerNumber": "1", "DocumentNumber": "5000000000"}})
        assert company.invoice()["DocumentNumber"] == "1"

    def test_its_rows_have_delivered_quantities_and_its_net_prices(self, company: Company) -> None:
        for members, code in (
            ({"InvoiceRows": [{"Quantity": 1}]}, 2001399),
            ({"InvoiceRows": [{"OrderedQuantity": 1}]}, 2001399),
            ({"InvoiceRows": [{"DeliveredQuantity": 1, "Price": 1}]}, 2003977),
            ({"VATType": "SEVAT"}, 2001399),
        ):
            assert company.refused("POST", "/invoices", {"Invoice": {"CustomerNumber": "1", **members}}) == code
        (made,) = company.invoice(line(2, 125), VATIncluded=True)["InvoiceRows"]
        assert (made["Total"], made["TotalExcludingVAT"], made["PriceExcludingVAT"]) == (250, 200, 100)

    def test_a_list_shows_neither_rows_nor_references(self, company: Company) -> None:
        company.invoice(line())
        (entry,) = company.ok("GET", "/invoices")["Invoices"]
        assert (entry["CurrencyRate"], entry["FinalPayDate"], entry["Balance"]) == ("1", None, 125)
        assert {"InvoiceRows", "Credit", "OrderReference"}.isdisjoint(entry)

    def test_booked_by_a_person_it_has_a_voucher(self, company: Company) -> None:
        assert company.invoice(line())["Balance"] == 125
        booked = company.simulator.book_invoice(1)
        assert booked == shown(company)
        assert (booked["Booked"], booked["VoucherSeries"], booked["VoucherNumber"]) == (True, "B", 1)
        assert isinstance(booked["VoucherYear"], int)
        for act in (company.simulator.book_invoice, company.simulator.cancel_invoice):
            with pytest.raises(ValueError, match="2001243"):
                act(1)

    def test_an_invoice_of_nothing_is_paid_when_it_is_booked(self, company: Company) -> None:
        company.invoice()
        assert company.simulator.book_invoice("1")["FinalPayDate"] == "2026-03-02"
        assert company.numbers("/invoices", filter="fullypaid") == ["1"]

    def test_a_locked_period_and_a_missing_year_keep_it_unbooked(self, company: Company) -> None:
        company.invoice(line())
        company.simulator.seed({"locked_until": "2026-03-31"})
        with pytest.raises(ValueError, match="Perioden är låst"):
            company.simulator.book_invoice(1)
        company.simulator.seed({"financial_years": [{"id": 1, "first": "2025-01-01", "last": "2025-12-31"}]})
        with pytest.raises(ValueError, match="räkenskapsår"):
            company.simulator.book_invoice(1)

    def test_a_cancelled_one_owes_nothing(self, company: Company) -> None:
        company.invoice(line())
        cancelled = company.simulator.cancel_invoice(1)
        assert (cancelled["Cancelled"], cancelled["Balance"]) == (True, 0)
        with pytest.raises(ValueError, match="2001243"):
            company.simulator.book_invoice(1)
        company.refused("PUT", "/invoices/1", {"Invoice": {"ExternalInvoiceReference1": "x"}})

    @pytest.mark.parametrize(("settles", "balances"), [(True, [0, 0]), (False, [238, -238])])
    def test_a_credit_note(self, company: Company, settles: bool, balances: list[int]) -> None:
        company.simulator.seed({"behaviour": {"credit_settles_original": settles}})
        company.invoice(line(2, 100, Discount=10, DiscountType="AMOUNT"))
        company.simulator.book_invoice(1)
        note = company.simulator.credit_invoice(1)
        assert (note["Credit"], note["CreditInvoiceReference"], note["Booked"]) == ("true", "1", False)
        assert (note["Total"], note["Balance"], note["InvoiceRows"][0]["DeliveredQuantity"]) == (-238, -238, "-2")
        assert shown(company)["CreditInvoiceReference"] == "2"
        with pytest.raises(ValueError, match="krediterad"):
            company.simulator.credit_invoice(1)
        company.simulator.book_invoice(2)
        assert [shown(company, number)["Balance"] for number in (1, 2)] == balances

    def test_a_status_finds_the_invoices_that_stand_so(self, company: Company) -> None:
        for due in (None, "2026-03-01", None, None):
            company.invoice(line(), DueDate=due)
        for number in (1, 2):
            company.simulator.book_invoice(number)
        company.simulator.cancel_invoice(4)
        for status, found in (
            ("unpaid", ["1", "2"]),
            ("unpaidoverdue", ["2"]),
            ("unbooked", ["3"]),
            ("cancelled", ["4"]),
            ("fullypaid", []),
        ):
            assert company.numbers("/invoices", filter=status) == found, status
        assert company.numbers("/invoices", sortby="documentnumber", sortorder="descending") == ["4", "3", "2", "1"]


class TestPayment:
    @pytest.fixture(autouse=True)
    def _invoice(self, company: Company) -> None:
        company.invoice(line(1, 800), ExternalInvoiceReference1="deal-1")
        company.simulator.book_invoice(1)

    def test_a_person_pays_in_part_and_then_the_rest(self, company: Company) -> None:
        paid = company.simulator.pay_invoice(1, amount="400", day="2026-03-05")
        assert (paid["Balance"], paid["FinalPayDate"]) == (600, None)
        (payment,) = company.simulator.state()["invoicepayments"]
        expected = {
            "Number": "1",
            "InvoiceNumber": 1,
            "Booked": True,
            "Amount": 400,
            "AmountCurrency": 400,
            "Currency": "SEK",
            "InvoiceTotal": "1000",
            "InvoiceCustomerNumber": "1",
            "ModeOfPayment": "BG",
            "ModeOfPaymentAccount": 1920,
            "ExternalInvoiceReference1": "deal-1",
            "VoucherSeries": "C",
        }
        assert {name: payment[name] for name in expected} == expected
        paid = company.simulator.pay_invoice("1", day="2026-03-06")
        assert (paid["Balance"], paid["FinalPayDate"]) == (0, "2026-03-06")
        assert paid == shown(company)

    def test_a_draft_pays_nothing_and_a_write_off_counts(self, company: Company) -> None:
        company.simulator.seed({"invoicepayments": [{"InvoiceNumber": 1, "Amount": 1000}]})
        assert shown(company)["Balance"] == 1000
        off = {"InvoiceNumber": 1, "Amount": 999.5, "WriteOffs": [{"AccountNumber": 3740, "Amount": 0.5}]}
        company.simulator.seed({"invoicepayments": [{**off, "Booked": True}]})
        assert shown(company)["Balance"] == 0
        draft, booked = company.ok("GET", "/invoicepayments")["InvoicePayments"]
        assert (draft["Booked"], booked["Booked"], booked["WriteOffExist"]) == (False, True, True)
        assert list(booked) == [
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

    def test_payments_that_are_refused(self, company: Company) -> None:
        company.invoice(line())
        company.simulator.cancel_invoice(2)
        company.invoice(line())
        for members in (
            {"InvoiceNumber": None},
            {"InvoiceNumber": 9},
            {"InvoiceNumber": 2},
            {"InvoiceNumber": 3},
            {"PaymentDate": "2026-01-01"},
            {"Currency": "EUR"},
            {"ModeOfPayment": "X"},
            {"WriteOffs": [{"Konto": 1}]},
        ):
            with pytest.raises(ValueError, match="invoicepayments 1 is refused"):
                company.simulator.seed({"invoicepayments": [{"InvoiceNumber": 1, **members}]})
        company.simulator.seed({"behaviour": {"payment_needs_booked_invoice": False}})
        assert company.simulator.pay_invoice(3)["Balance"] == 0

    def test_whether_it_moves_the_invoices_lastmodified_is_a_switch(self, company: Company) -> None:
        for moves, expected in ((False, []), (True, ["1"])):
            company.simulator.seed({"behaviour": {"payment_moves_lastmodified": moves}})
            company.simulator.clock.advance(600)
            since = company.simulator.clock.now().astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M:%S")
            company.simulator.pay_invoice(1, amount=1)
            assert company.numbers("/invoices", lastmodified=since) == expected
            assert len(company.numbers("/invoicepayments", "Number", lastmodified=since)) == 1

    def test_a_payment_in_another_currency_is_kept_in_both(self, company: Company) -> None:
        company.invoice(line(1, 80), Currency="EUR")
        company.simulator.book_invoice(2)
        assert company.simulator.pay_invoice(2, amount=50)["Balance"] == 50
        (payment,) = company.simulator.state()["invoicepayments"]
        assert (payment["Amount"], payment["AmountCurrency"], payment["Currency"]) == (565, 50, "EUR")


def test_people_act_over_the_control_addresses(company: Company) -> None:
    company.order(row())
    company.invoice(line(1, 80))
    company.invoice(line(1, 80))

    def act(name: str, **arguments: Any) -> Any:
        return company.http.post(f"http://fortnox/_simulator/{name}", json=arguments)

    assert act("cancel_order", order=1).json()["Cancelled"] is True
    assert act("book_invoice", invoice="1").json()["Booked"] is True
    assert act("pay_invoice", invoice=1, amount="40.00").json()["Balance"] == float(Decimal("60.00"))
    assert act("credit_invoice", invoice=1).json()["Total"] == -100
    assert act("cancel_invoice", invoice=2).json()["Cancelled"] is True
    refused = act("book_invoice", invoice=9)
    assert (refused.status_code, refused.json()) == (400, {"error": "book_invoice: 2000434: Kan inte hitta fakturan."})
