"""From order to money in the simulated PowerOffice Go: sending, invoices, payments and the customer ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from erpcore.simulator import Fault
from plugins.poweroffice.tests.poweroffice_simulator_stranger import Company, connected, furnished, line, replace

PRINT = {"DeliveryType": "PdfPrintForDownload"}


@pytest.fixture
def company() -> Iterator[Company]:
    with furnished() as made:
        yield made


def send(company: Company, order: dict[str, Any], body: object = None) -> dict[str, Any]:
    return company.ok("POST", f"/SalesOrders/{order['Id']}/CreateAndSendInvoice", body, 202)


def failure(company: Company, order: dict[str, Any], body: object = None) -> str:
    send(company, order, body)
    company.clock.advance(1)
    state = company.sent_state(order["Id"])
    assert (state["IsInvoiceBeingProcessed"], state["InvoiceNo"], state["SentDateTimeOffset"]) == (False, None, None)
    return state["LastErrorMessage"]


def test_an_order_becomes_an_invoice_while_one_polls(company: Company) -> None:
    order = company.order(line(2, Allowance=10), ExternalImportReference="deal-1", SalesPersonEmployeeNumber=2)
    address = f"/SalesOrders/{order['Id']}/createAndSendInvoice"
    response = company.http.post(address, json={"EmailAddress": "x@example.com"})
    assert response.status_code == 202
    assert response.headers["Location"] == f"http://poweroffice/v2/SalesOrders/SentState?id={order['Id']}"
    assert (
        response.json().items() >= {"Id": order["Id"], "DeliveryType": "Auto", "EmailAddress": "x@example.com"}.items()
    )
    state = company.http.get(response.headers["Location"]).json()[0]
    assert (state["IsInvoiceBeingProcessed"], state["InvoiceNo"], state["SentDateTimeOffset"]) == (True, None, None)
    assert company.values("/OutgoingInvoices", "Id") == []
    company.clock.advance(1)
    state = company.sent_state(order["Id"])
    assert state == {
        "DueDate": "2026-03-16",
        "Id": order["Id"],
        "InvoiceDeliveryType": "PdfByEmail",
        "InvoiceNo": 10001,
        "IsInvoiceBeingProcessed": False,
        "LastErrorMessage": None,
        "SentDateTimeOffset": "2026-03-02T09:00:01.0000000+00:00",
    }
    assert company.values("/SalesOrders", "Id") == []
    company.refused("GET", f"/SalesOrders/{order['Id']}", status=404)
    company.refused("POST", address, None, 404)
    invoice = company.ok("GET", f"/OutgoingInvoices/{order['Id']}")
    shown = {
        "InvoiceNo": 10001,
        "VoucherType": "OutgoingInvoice",
        "VoucherDate": "2026-03-02",
        "DueDate": "2026-03-16",
        "OrderNo": order["SalesOrderNo"],
        "OrderDate": "2026-03-02",
        "ExternalImportReference": "deal-1",
        "NetAmount": 180,
        "TotalAmount": 225,
        "NetPostedAmount": 180,
        "TotalPostedAmount": 225,
        "Balance": 225,
        "MatchId": None,
        "SellersReferenceEmployeeNo": 2,
        "IsCreatedByCurrentIntegration": True,
        "CustomerNo": 10000,
        "PaymentTerm": 14,
    }
    assert invoice.items() >= shown.items()
    (made,) = company.ok("GET", f"/OutgoingInvoices/{order['Id']}/Lines")
    expected = {
        "ProductCode": "S1",
        "Allowance": 10,
        "NetAmount": 180,
        "VatAmount": 45,
        "AccountNo": 3000,
        "VatCode": "3",
    }
    assert made.items() >= expected.items()
    assert isinstance(made["Id"], int)


def test_the_missing_privilege_is_told_before_anything_happens() -> None:
    with connected(may_send=False) as company:
        company.customer()
        order = company.order()
        response = company.http.post(f"/SalesOrders/{order['Id']}/CreateAndSendInvoice", json={})
        assert response.status_code == 400
        assert response.json() == {
            "title": "Missing privilege",
            "status": 400,
            "detail": "The integration does not have the required privileges to send invoices.",
        }
        assert company.ok("GET", "/ClientIntegrationInformation")["AllowSendInvoice"] is False


def test_why_an_order_is_not_sent_is_told_afterwards(company: Company) -> None:
    company.customer(Number=10500)
    company.product("S3", 10)
    assert "no customer" in failure(company, company.order(line(), CustomerNo=None))
    assert "no lines" in failure(company, company.order({"LineType": "Text", "Description": "Hei"}))
    unreachable = company.order(line(), CustomerNo=10500)
    assert "no e-mail address" in failure(company, unreachable)
    assert unreachable["Id"] in company.values("/SalesOrders", "Id")
    send(company, unreachable, PRINT)
    company.clock.advance(1)
    state = company.sent_state(unreachable["Id"])
    assert (state["LastErrorMessage"], state["InvoiceDeliveryType"]) == (None, "Print")


def test_dates_and_the_way_of_delivery_can_be_asked_for(company: Company) -> None:
    company.simulator.seed({"receivers": ["999999999"]})
    company.customer(Number=10500, OrganizationNumber="999999999")
    order = company.order(line(), CustomerNo=10500, SalesOrderDate="2026-01-15", DeliveryDate="2026-01-20")
    send(company, order, {"VoucherDate": "2026-02-01", "OverrideDueDate": "2026-02-28"})
    company.clock.advance(1)
    invoice = company.ok("GET", f"/OutgoingInvoices/{order['Id']}")
    expected = {
        "VoucherDate": "2026-02-01",
        "DueDate": "2026-02-28",
        "InvoiceDeliveryType": "EHF",
        "OrderDate": "2026-01-15",
        "DeliveryDate": "2026-01-20",
    }
    assert invoice.items() >= expected.items()
    assert "DeliveryType" in company.refused(
        "POST", f"/SalesOrders/{company.order()['Id']}/CreateAndSendInvoice", {"DeliveryType": "Pigeon"}
    )


def test_an_order_under_way_is_not_sent_again(company: Company) -> None:
    order = company.order(line())
    company.simulator.faults.add(Fault("sending_stuck"))
    send(company, order)
    company.clock.advance(600)
    assert company.sent_state(order["Id"])["IsInvoiceBeingProcessed"] is True
    path = f"/SalesOrders/{order['Id']}/CreateAndSendInvoice"
    assert "being processed" in company.refused("POST", path, {})


def test_a_failed_sending_can_be_repeated(company: Company) -> None:
    order = company.order(line())
    company.simulator.faults.add(Fault("sending_fails", path=r"/v2/SalesOrders/.*/CreateAndSendInvoice"))
    assert "could not be delivered" in failure(company, order)
    send(company, order)
    company.clock.advance(1)
    state = company.sent_state(order["Id"])
    assert (state["InvoiceNo"], state["LastErrorMessage"]) == (10001, None)
    assert company.values("/SalesOrders/SentState", "InvoiceNo") == [10001]


def test_an_order_that_nobody_sent_has_a_state(company: Company) -> None:
    order = company.order(line())
    state = company.sent_state(order["Id"])
    assert (state["IsInvoiceBeingProcessed"], state["InvoiceNo"], state["LastErrorMessage"]) == (False, None, None)
    assert company.values("/SalesOrders/SentState", "Id") == []
    unknown = "00000000-0000-4000-8000-000000000000"
    company.refused("GET", "/SalesOrders/SentState", status=404, id=unknown)
    company.refused("GET", "/SalesOrders/SentState", id="x")


def test_the_invoice_has_what_the_order_inherits() -> None:
    with furnished() as company:
        customer = company.values("/Customers", "Id")[0]
        employee = company.values("/Employees", "Id")[0]
        company.simulator.seed(
            {
                "contact_persons": [{"CustomerNo": 10000, "FirstName": "Eva", "LastName": "Ås", "IsDefault": True}],
                "delivery_addresses": [
                    {"CustomerNo": 10000, "AddressLine1": "Kaia 1", "City": "Oslo", "ZipCode": "0101"}
                ],
                "projects": [{"Code": "P", "Name": "P", "DepartmentCode": "2"}],
            }
        )
        steps = [replace("/Allowance", 10), replace("/SalesPersonEmployeeId", employee)]
        company.patch(f"/Customers/{customer}", *steps)
        invoice = company.invoice(line(), line(Allowance=0, DepartmentCode="-1"), ProjectCode="P")
        expected = {
            "NetAmount": 190,
            "PaymentTerm": 14,
            "DepartmentCode": "2",
            "ProjectCode": "P",
            "SellersReferenceEmployeeNo": 1,
            "CustomerReference": None,
            "DeliveryAddress1": "Kaia 1",
            "DeliveryAddressCity": "Oslo",
        }
        assert invoice.items() >= expected.items()
        assert invoice["CustomerReferenceContactPersonId"] is not None
        first, second = company.ok("GET", f"/OutgoingInvoices/{invoice['Id']}/Lines")
        assert (first["Allowance"], first["DepartmentCode"], first["SellersReferenceEmployeeNo"]) == (10, "2", 1)
        assert (second["Allowance"], second["DepartmentCode"], second["ProjectCode"]) == (0, "-1", "P")


def test_a_foreign_currency_is_posted_in_kroner(company: Company) -> None:
    invoice = company.invoice(line(ProductUnitPrice=9.99), CurrencyCode="EUR")
    expected = {
        "CurrencyExchangeRate": 11.5,
        "NetAmount": 9.99,
        "TotalAmount": 12.49,
        "NetPostedAmount": 114.89,
        "TotalPostedAmount": 143.64,
        "Balance": 143.64,
    }
    assert invoice.items() >= expected.items()
    (entry,) = company.simulator.state()["entries"]
    assert (entry["Amount"], entry["CurrencyAmount"], entry["CurrencyCode"]) == (143.64, 12.49, "EUR")


def test_payments_move_the_balance_and_are_found_by_the_match_id(company: Company) -> None:
    invoice = company.invoice(line())
    untouched = company.invoice(line())
    company.clock.advance(60)
    company.simulator.seed({"payments": [{"InvoiceNo": 10001, "Amount": 25.5, "PostingDate": "2026-03-10"}]})
    part = company.ok("GET", f"/OutgoingInvoices/{invoice['Id']}")
    assert (part["Balance"], part["LastChangedDateTimeOffset"]) == (99.5, invoice["LastChangedDateTimeOffset"])
    since = {"balanceLastChangedDateTimeOffsetGreaterThan": untouched["BalanceLastChangedDateTimeOffset"]}
    assert company.values("/OutgoingInvoices", "InvoiceNo", **since) == [10001]
    company.simulator.seed({"payments": [{"InvoiceNo": 10001, "PostingDate": "2026-03-20"}]})
    paid = company.ok("GET", f"/OutgoingInvoices/{invoice['Id']}")
    assert (paid["Balance"], paid["MatchId"]) == (0, part["MatchId"])
    entries = company.ok("GET", "/Customerledger/EntriesByMatchId", matchId=paid["MatchId"])
    told = [(entry["VoucherType"], entry["Amount"], entry["Balance"], entry["PostingDate"]) for entry in entries]
    assert told == [
        ("OutgoingInvoice", 125, 0, "2026-03-02"),
        ("IncomingBankRemittance", -25.5, 0, "2026-03-10"),
        ("IncomingBankRemittance", -99.5, 0, "2026-03-20"),
    ]
    assert entries[0].items() >= {"InvoiceNo": "10001", "VoucherId": invoice["Id"], "CustomerAccountNo": 10000}.items()
    assert company.values("/Customerledger/EntriesByMatchId", "Id", matchId=1) == []
    company.refused("GET", "/Customerledger/EntriesByMatchId")


def test_a_write_off_is_no_payment(company: Company) -> None:
    invoice = company.invoice(line())
    company.simulator.seed({"payments": [{"InvoiceNo": 10001, "IsWriteOff": True}]})
    match_id = company.ok("GET", f"/OutgoingInvoices/{invoice['Id']}")["MatchId"]
    entries = company.ok("GET", "/Customerledger/EntriesByMatchId", matchId=match_id)
    assert [(entry["Amount"], entry["IsWriteOff"]) for entry in entries] == [(125, False), (-125, True)]


def test_a_negative_order_is_a_credit_note_that_settles_its_invoice(company: Company) -> None:
    invoice = company.invoice(line(2))
    body = {"CustomerNo": 10000, "RelatedInvoiceNo": 10001, "SalesOrderLines": [line(1)]}
    assert "credit note drafts" in company.refused("POST", "/SalesOrders/Complete", body)
    note = company.invoice(line(-1), RelatedInvoiceNo=10001)
    expected = {"VoucherType": "OutgoingCreditNote", "TotalAmount": -125, "RelatedInvoiceNo": 10001, "Balance": 0}
    assert note.items() >= expected.items()
    credited = company.ok("GET", f"/OutgoingInvoices/{invoice['Id']}")
    assert (credited["Balance"], credited["MatchId"]) == (125, note["MatchId"])


def test_invoices_are_filtered_and_tell_who_sent_them(company: Company) -> None:
    sent = company.invoice(line())["SentDateTimeOffset"]
    company.clock.advance(600)
    company.simulator.seed({"orders": [{"CustomerNo": 10000, "SalesOrderLines": [line()], "Sent": PRINT}]})
    assert company.values("/OutgoingInvoices", "IsCreatedByCurrentIntegration") == [True, False]
    for params, expected in (({"invoiceNos": "10002-"}, [10002]), ({"sentDateTimeOffsetGreaterThan": sent}, [10002])):
        assert company.values("/OutgoingInvoices", "InvoiceNo", **params) == expected, params
