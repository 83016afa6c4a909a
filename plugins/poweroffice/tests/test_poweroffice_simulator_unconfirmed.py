"""Every switch of the simulated PowerOffice Go, in the position that is not its default."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from erpcore_poweroffice.simulator import Behaviour, PowerOfficeSimulator
from erpcore_poweroffice.simulator.demo import APPLICATION_KEY, CLIENT_KEY, SUBSCRIPTION_KEY

from erpcore.simulator import Clock
from plugins.poweroffice.tests.poweroffice_simulator_stranger import START, Company, furnished, line

PRINT = {"DeliveryType": "PdfPrintForDownload"}


def limited(behaviour: Behaviour) -> Company:
    """A company whose rate window is full."""
    simulator = PowerOfficeSimulator(rate_limit=1, clock=Clock(START, ticking=False), behaviour=behaviour)
    company = Company(simulator)
    assert company.http.get("/Customers").status_code == 204
    return company


def retry_after(company: Company) -> None:
    assert limited(company.simulator.behaviour).http.get("/Customers").headers["Retry-After"] == "1"


def throttle_code_as_text(company: Company) -> None:
    assert limited(company.simulator.behaviour).http.get("/Customers").json()["statusCode"] == "429"


def token_calls_count(company: Company) -> None:
    form = {"grant_type": "client_credentials"}
    for behaviour, status in ((Behaviour(), 429), (company.simulator.behaviour, 200)):
        client = limited(behaviour).http
        auth, headers = (APPLICATION_KEY, CLIENT_KEY), {"Ocp-Apim-Subscription-Key": SUBSCRIPTION_KEY}
        url = "http://poweroffice/OAuth/Token"
        assert client.post(url, data=form, auth=auth, headers=headers).status_code == status


def bare_refusals(company: Company) -> None:
    response = company.http.get("/Customers", headers={"Authorization": "Bearer x"})
    assert response.json() == {"title": "Unauthorized", "status": 401}
    company.simulator.seed({"integration": {"privileges": []}})
    assert company.http.get("/Customers").json() == {"title": "Forbidden", "status": 403}


def model_errors(company: Company) -> None:
    told = company.http.post("/Customers", json={"Name": 5}).json()
    assert told.keys() == {"title", "status", "detail"}
    assert "$.Name" in told["detail"]


def unknown_members(company: Company) -> None:
    assert "$.Id" in company.refused("POST", "/Customers", {"Name": "X", "Id": 5})
    assert "$.name" in company.refused("POST", "/Customers", {"Name": "X", "name": "Y"})


def member_case(company: Company) -> None:
    body = {"customerNo": 10000, "salesOrderLines": [{"productcode": "S1", "QUANTITY": 2}]}
    assert company.ok("POST", "/SalesOrders/Complete", body, 201)["NetAmount"] == 200


def patch_as_json(company: Company) -> None:
    path = f"/Customers/{company.values('/Customers', 'Id')[0]}"
    steps = [{"op": "replace", "path": "/Name", "value": "Ny"}]
    assert company.http.patch(path, json=steps).json()["Name"] == "Ny"


def null_members(company: Company) -> None:
    (customer,) = company.ok("GET", "/Customers")
    assert None not in customer.values()
    assert "PhoneNumber" not in customer


def page_size_above_limit(company: Company) -> None:
    assert company.values("/Customers", "Number", PageSize=30000) == [10000]


def last_page(company: Company) -> None:
    assert json.loads(company.http.get("/Customers").headers["X-Pagination"]) == {}
    company.simulator.seed({"behaviour": {"last_page": "no_header"}})
    assert "X-Pagination" not in company.http.get("/Customers").headers
    assert "X-Pagination" in company.http.get("/Products", params={"PageSize": 1}).headers


def replica_seconds(company: Company) -> None:
    made = company.order(ExternalImportReference="A")
    assert company.values("/SalesOrders", "Id") == []
    company.refused("GET", f"/SalesOrders/{made['Id']}", status=404)
    company.refused("POST", "/SalesOrders/Complete", {"ExternalImportReference": "A"})
    company.clock.advance(1.5)
    assert company.values("/SalesOrders", "Id") == [made["Id"]]


def created_product_status(company: Company) -> None:
    company.ok("POST", "/Products", {"Name": "X"}, 200)


def product_codes_unique(company: Company) -> None:
    company.product("S1")
    assert company.values("/Products", "Code", codes="S1") == ["S1", "S1"]


def unknown_credit_days(company: Company) -> None:
    customer = company.customer(PaymentTerm=17)
    assert (customer["PaymentTerm"], customer["PaymentTermId"]) == (17, None)
    invoice = company.invoice(line(), CustomerNo=customer["Number"])
    assert (invoice["PaymentTerm"], invoice["DueDate"]) == (17, "2026-03-19")


def customer_email_checked(company: Company) -> None:
    assert company.customer(EmailAddress="a@b")["EmailAddress"] == "a@b"


def order_reference_length(company: Company) -> None:
    assert company.order(ExternalImportReference="x" * 51)["ExternalImportReference"] == "x" * 51


def duplicate_order_detail(company: Company) -> None:
    company.order(ExternalImportReference="A")
    told = company.refused("POST", "/SalesOrders/Complete", {"ExternalImportReference": "A"})
    assert told == "ExternalImportReference is already in use."


def references_outlive_invoicing(company: Company) -> None:
    first = company.invoice(line(), ExternalImportReference="A")
    second = company.order(line(), ExternalImportReference="A")
    assert second["Id"] != first["Id"]
    company.refused("POST", "/SalesOrders/Complete", {"ExternalImportReference": "A"})


def archived(company: Company) -> None:
    company.simulator.seed({"products": [{"Name": "Krakk", "Code": "S9", "UnitPrice": 100, "IsArchived": True}]})
    assert company.order(line(1, code="S9"))["NetAmount"] == 100


def line_without_product(company: Company) -> None:
    company.simulator.seed({"behaviour": {"line_without_product": "refused"}})
    body = {"SalesOrderLines": [{"Quantity": 1, "ProductUnitPrice": 5}]}
    assert "product is required" in company.refused("POST", "/SalesOrders/Complete", body)
    company.simulator.seed({"behaviour": {"line_without_product": "no_amount"}})
    assert company.order(*body["SalesOrderLines"])["NetAmount"] == 0


def allowance_decimals(company: Company) -> None:
    assert company.order(line(100, Allowance=33.333333))["NetAmount"] == 6667


def price_decimals(company: Company) -> None:
    assert company.order(line(100, ProductUnitPrice=1.005))["NetAmount"] == 101


def rounding(company: Company) -> None:
    lines = [line(ProductUnitPrice=0.5)] * 3
    made = company.order(*lines)
    assert [each["VatAmount"] for each in made["SalesOrderLines"]] == [0.13] * 3
    assert made["TotalAmount"] == 1.88
    company.simulator.seed({"behaviour": {"rounding": "line"}})
    assert company.order(*lines)["TotalAmount"] == 1.89


def sending_seconds(company: Company) -> None:
    order = company.order(line())
    path = f"/SalesOrders/{order['Id']}/CreateAndSendInvoice"
    company.ok("POST", path, PRINT, 202)
    assert company.sent_state(order["Id"])["InvoiceNo"] == 10001


def send_twice(company: Company) -> None:
    order = company.order(line())
    for _ in range(2):
        company.ok("POST", f"/SalesOrders/{order['Id']}/CreateAndSendInvoice", PRINT, 202)
    company.clock.advance(1)
    assert company.values("/OutgoingInvoices", "InvoiceNo") == [10001]


def sent_state_form(company: Company) -> None:
    order = company.order(line())
    assert company.ok("GET", "/SalesOrders/SentState", id=order["Id"])["Id"] == order["Id"]


def unsent_state(company: Company) -> None:
    assert company.http.get("/SalesOrders/SentState", params={"id": company.order()["Id"]}).status_code == 204


def invoiced_order(company: Company) -> None:
    made = company.invoice(line())
    assert company.ok("GET", f"/SalesOrders/{made['Id']}")["SalesOrderNo"] == made["OrderNo"]
    assert company.values("/SalesOrders", "Id") == []
    told = company.refused("POST", f"/SalesOrders/{made['Id']}/CreateAndSendInvoice", {})
    assert told == f"Sales order with id = {made['Id']} is already invoiced."


def credit_note_sign(company: Company) -> None:
    note = company.invoice(line(-1))
    assert (note["VoucherType"], note["TotalAmount"], note["Balance"]) == ("OutgoingCreditNote", 125, 125)
    (made,) = company.ok("GET", f"/OutgoingInvoices/{note['Id']}/Lines")
    assert (made["Quantity"], made["NetAmount"], made["ProductUnitPrice"]) == (1, 100, 100)
    assert [entry["Amount"] for entry in company.simulator.state()["entries"]] == [-125]


def credit_note_settles(company: Company) -> None:
    invoice = company.invoice(line())
    company.invoice(line(-1), RelatedInvoiceNo=invoice["InvoiceNo"])
    assert company.values("/OutgoingInvoices", "Balance") == [125, -125]


def allow_send_shown(company: Company) -> None:
    assert "AllowSendInvoice" not in company.ok("GET", "/ClientIntegrationInformation")


MOVED: dict[Callable[[Company], None], Any] = {
    retry_after: True,
    throttle_code_as_text: True,
    token_calls_count: False,
    bare_refusals: "problem",
    model_errors: "detail",
    unknown_members: "refused",
    member_case: "any",
    patch_as_json: "accepted",
    null_members: "left_out",
    page_size_above_limit: "capped",
    last_page: "no_link",
    replica_seconds: 1.5,
    created_product_status: 200,
    product_codes_unique: False,
    unknown_credit_days: "taken",
    customer_email_checked: False,
    order_reference_length: None,
    duplicate_order_detail: "without_id",
    references_outlive_invoicing: False,
    archived: "taken",
    line_without_product: "no_amount",
    allowance_decimals: 2,
    price_decimals: 2,
    rounding: "order",
    sending_seconds: 0.0,
    send_twice: "accepted",
    sent_state_form: "object",
    unsent_state: "no_content",
    invoiced_order: "shown",
    credit_note_sign: "positive",
    credit_note_settles: False,
    allow_send_shown: False,
}


SHOWN_BOTH_WAYS = (line_without_product, last_page, token_calls_count)
"""What moves its switch by itself."""


@pytest.mark.parametrize(("shows", "position"), MOVED.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_moved_switch_shows_and_the_default_does_not(shows: Callable[[Company], None], position: Any) -> None:
    name = shows.__name__
    assert getattr(Behaviour(), name) != position
    with furnished() as company:
        company.simulator.seed({"behaviour": {name: position}})
        shows(company)
    if shows not in SHOWN_BOTH_WAYS:
        with furnished() as company, pytest.raises((AssertionError, KeyError, TypeError, ValueError)):
            shows(company)


def test_every_switch_is_shown() -> None:
    assert {shows.__name__ for shows in MOVED} == Behaviour.model_fields.keys()
