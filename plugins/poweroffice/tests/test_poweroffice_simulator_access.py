"""Who gets in to the simulated PowerOffice Go: keys, tokens, the rate window, privileges, and what the rest is told."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_poweroffice.simulator import Behaviour, PowerOfficeSimulator
from erpcore_poweroffice.simulator.demo import APPLICATION_KEY, CLIENT_KEY, SECOND_CLIENT_KEY, SUBSCRIPTION_KEY

from erpcore.simulator import Clock, Fault
from erpcore.testing.straight import Straight
from plugins.poweroffice.tests.poweroffice_simulator_stranger import START, Company, connected

SUBSCRIBED = {"Ocp-Apim-Subscription-Key": SUBSCRIPTION_KEY}
FORM = {"grant_type": "client_credentials"}


@pytest.fixture
def simulator() -> PowerOfficeSimulator:
    return PowerOfficeSimulator(rate_limit=None, clock=Clock(START, ticking=False))


@pytest.fixture
def stranger(simulator: PowerOfficeSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url="http://poweroffice", transport=Straight(simulator)) as client:
        yield client


def token(client: httpx.Client, client_key: str = CLIENT_KEY, path: str = "/OAuth/Token") -> dict[str, Any]:
    response = client.post(path, data=FORM, auth=(APPLICATION_KEY, client_key), headers=SUBSCRIBED)
    assert response.status_code == 200, response.text
    return response.json()


def asked(client: httpx.Client, access_token: str, path: str = "/v2/ClientIntegrationInformation") -> httpx.Response:
    return client.get(path, headers={**SUBSCRIBED, "Authorization": f"Bearer {access_token}"})


def test_a_token_opens_its_company_for_twenty_minutes(stranger: httpx.Client, simulator: PowerOfficeSimulator) -> None:
    issued = token(stranger)
    assert issued == {"access_token": issued["access_token"], "token_type": "bearer", "expires_in": 1200}
    assert asked(stranger, issued["access_token"]).json()["ClientName"] == "Demobedriften AS"
    other = token(stranger, SECOND_CLIENT_KEY)["access_token"]
    assert asked(stranger, other).json()["ClientName"] == "Søsterbedriften AS"
    simulator.clock.advance(1199)
    assert asked(stranger, issued["access_token"]).status_code == 200
    simulator.clock.advance(1)
    refused = asked(stranger, issued["access_token"])
    assert (refused.status_code, refused.content) == (401, b"")


def test_a_token_says_what_the_integration_may_do(stranger: httpx.Client, simulator: PowerOfficeSimulator) -> None:
    simulator.seed({"integration": {"may_send": False, "privileges": ["Customer"], "blocked": ["Customer"]}})
    part = token(stranger)["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert claims["goClientName"] == "Demobedriften AS"
    assert (claims["role"], claims["goInvalidPrivileges"], claims["goAllowSendInvoice"]) == ([], ["Customer"], False)
    assert claims["exp"] - claims["iat"] == 1200


def test_wrong_keys_get_no_token(stranger: httpx.Client) -> None:
    for auth, form, error in (
        ((APPLICATION_KEY, "wrong"), FORM, "invalid_client"),
        (("wrong", CLIENT_KEY), FORM, "invalid_client"),
        (None, FORM, "invalid_client"),
        ((APPLICATION_KEY, CLIENT_KEY), {"grant_type": "password"}, "unsupported_grant_type"),
    ):
        response = stranger.post("/OAuth/Token", data=form, auth=auth, headers=SUBSCRIBED)
        assert response.status_code == 400
        assert response.json().keys() == {"error", "error_description"}
        assert response.json()["error"] == error


def test_nothing_works_without_a_subscription_key(stranger: httpx.Client) -> None:
    for method, path in (("POST", "/OAuth/Token"), ("GET", "/v2/Customers")):
        for headers, word in (({}, "missing"), ({"Ocp-Apim-Subscription-Key": "wrong"}, "invalid")):
            response = stranger.request(method, path, headers=headers)
            assert (response.status_code, response.json()["statusCode"]) == (401, 401)
            assert f"{word} subscription key" in response.json()["message"]
        in_query = stranger.request(method, path, params={"subscription-key": SUBSCRIPTION_KEY})
        assert in_query.status_code in (400, 401)
        assert "subscription key" not in in_query.text


def test_a_token_of_the_demo_is_no_good_in_production(stranger: httpx.Client) -> None:
    demo, production = token(stranger, path="/Demo/OAuth/Token"), token(stranger)
    assert asked(stranger, demo["access_token"], "/demo/v2/ClientIntegrationInformation").status_code == 200
    assert asked(stranger, demo["access_token"]).status_code == 401
    assert asked(stranger, production["access_token"], "/Demo/v2/ClientIntegrationInformation").status_code == 401


def test_ten_requests_a_second_for_all_companies_on_one_subscription_key() -> None:
    clock = Clock(START, ticking=False)
    simulator = PowerOfficeSimulator(clock=clock)
    one, two = Company(simulator), Company(simulator, SECOND_CLIENT_KEY)
    for company in (one, two) * 5:
        company.ok("GET", "/ClientIntegrationInformation")
    refused = two.http.get("/Customers")
    assert refused.status_code == 429
    assert refused.json() == {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 1 seconds."}
    assert "retry-after" not in refused.headers
    clock.advance(0.99)
    assert one.http.get("/Customers").status_code == 429
    clock.advance(0.01)
    assert one.http.get("/Customers").status_code == 204


def test_each_subscription_key_has_a_window_of_its_own() -> None:
    simulator = PowerOfficeSimulator(
        clock=Clock(START, ticking=False), rate_limit=1, subscription_keys=(SUBSCRIPTION_KEY, "another")
    )
    company = Company(simulator)
    assert company.http.get("/Customers").status_code == 204
    assert company.http.get("/Customers").status_code == 429
    assert company.http.get("/Customers", headers={"Ocp-Apim-Subscription-Key": "another"}).status_code == 204


def test_what_is_not_there_is_told_by_the_gateway_and_paths_may_be_in_any_case() -> None:
    with connected() as company:
        for method, path in (
            ("POST", "/SalesOrders"),
            ("POST", "/OutgoingInvoices"),
            ("GET", "/Nothing"),
            ("PUT", "/Customers/1"),
        ):
            response = company.http.request(method, path, json={})
            assert response.status_code == 404
            assert response.json() == {"statusCode": 404, "message": "Resource not found"}
        made = company.customer()
        assert company.ok("GET", "/customers") == [made]
        assert company.values("/customers", "Number", CUSTOMERNOS="10000") == [10000]


def test_a_missing_privilege_or_module_is_forbidden() -> None:
    with connected(privileges=("Customer", "Product_Full", "Employee"), blocked=("Employee",)) as company:
        assert company.values("/Customers", "Id") == []
        refused = company.http.post("/Customers", json={"Name": "X"})
        assert (refused.status_code, refused.content) == (403, b"")
        assert company.http.get("/SalesOrders").status_code == 403
        assert company.http.get("/Employees").status_code == 403
        told = company.ok("GET", "/ClientIntegrationInformation")
        assert told["ValidPrivileges"] == ["Customer", "Product_Full"]
        assert told["InvalidPrivileges"] == ["Employee"]
        assert told["AllowSendInvoice"] is True


def test_customers_let_one_read_contact_persons_too() -> None:
    with connected(privileges=("Customer_Full",)) as company:
        made = company.customer()
        company.ok("POST", f"/ContactPersons/{made['Id']}", {"FirstName": "Bo", "LastName": "Li"}, 201)
        assert company.values("/ContactPersons", "LastName", contactIds=made["Id"]) == ["Li"]


def test_bodies_have_their_types() -> None:
    with connected() as company:
        made = company.customer()
        plain = company.http.patch(f"/Customers/{made['Id']}", json=[])
        assert plain.status_code == 415
        text = company.http.post("/Customers", content="Name=X", headers={"Content-Type": "text/plain"})
        assert text.status_code == 415
        assert "could not be converted" in company.refused("POST", "/Customers", [])
        torn = company.http.post("/Customers", content="{", headers={"Content-Type": "application/json"})
        assert torn.status_code == 400


def test_ids_of_a_wrong_kind_are_refused() -> None:
    with connected() as company:
        assert "'abc' is not valid" in company.refused("PATCH", "/Customers/abc", [])
        assert "'123' is not valid" in company.refused("GET", "/SalesOrders/123")
        unknown = "00000000-0000-4000-8000-000000000000"
        told = company.refused("GET", f"/SalesOrders/{unknown}", status=404)
        assert told == f"Sales order with id = {unknown} not found."
        assert company.refused("PATCH", "/Customers/12345", [], 404) == "Customer with id = 12345 not found."


def test_it_can_refuse_lag_and_let_a_token_expire() -> None:
    with connected() as company:
        faults = company.simulator.faults
        faults.add(Fault("too_many_requests", path="/v2/Customers"))
        assert company.http.get("/Customers").json()["statusCode"] == 429
        faults.add(Fault("replica_lag", method="POST", path="/v2/Customers", seconds=2))
        made = company.customer(ExternalImportReference="X")
        assert company.values("/Customers", "Id", externalImportReference="X") == []
        assert "already in use" in company.refused("POST", "/Customers", {"Name": "B", "ExternalImportReference": "X"})
        company.clock.advance(2)
        assert company.values("/Customers", "Id", externalImportReference="X") == [made["Id"]]
        faults.add(Fault("expired_token"))
        assert company.http.get("/Customers").status_code == 401
        assert company.http.get("/Customers").status_code == 401


def test_people_send_orders_and_pay_invoices(stranger: httpx.Client) -> None:
    seed = {"customers": [{"Name": "Kunde AS"}], "products": [{"Name": "X", "Code": "S1"}]}
    assert stranger.post("/_simulator/seed", json=seed).is_success
    stranger.headers.update({**SUBSCRIBED, "Authorization": f"Bearer {token(stranger)['access_token']}"})
    order = {"CustomerNo": 10000, "SalesOrderLines": [{"ProductCode": "S1", "Quantity": 1, "ProductUnitPrice": 8}]}
    made = stranger.post("/v2/SalesOrders/Complete", json=order).json()
    wanted = {"SalesOrderNo": made["SalesOrderNo"], "DeliveryType": "PdfPrintForDownload"}
    sent = stranger.post("/_simulator/send", json=wanted).json()
    assert (sent["TotalAmount"], sent["IsCreatedByCurrentIntegration"]) == (10, False)
    assert stranger.post("/_simulator/send", json=wanted).status_code == 400
    paid = stranger.post("/_simulator/payments", json={"InvoiceNo": sent["InvoiceNo"], "Amount": 4})
    assert (paid.status_code, paid.json()["Amount"]) == (201, -4)
    assert stranger.get("/_simulator/state").json()["invoices"][0]["Balance"] == 6


def test_a_seed_that_does_not_fit_is_refused_in_words() -> None:
    simulator = PowerOfficeSimulator(behaviour=Behaviour())
    for seed, told in (
        ({"customer": []}, "has no customer"),
        ({"customers": [{"Name": "A"}, {}]}, "customers 2"),
        ({"employees": [{"Nummer": 1}]}, "no member Nummer"),
        ({"accounts": [{"AccountNo": "x"}]}, "accounts 1"),
        ({"settings": {"StandardSalesAccount": 1}}, "no account 1"),
        ({"settings": {"Colour": 1}}, "no setting Colour"),
        ({"behaviour": {"speed": 1}}, "no switch speed"),
        ({"behaviour": {"last_page": "torn"}}, "no position 'torn'"),
        ({"behaviour": {"replica_seconds": -1}}, "no position -1"),
        ({"integration": {"role": 1}}, "no role"),
        ({"companies": {"x": {}}}, "client key x"),
        ({"contact_persons": [{"CustomerNo": 1}]}, "no customer 1"),
        ({"orders": [{"CustomerNo": 10000, "Sent": {}}]}, "orders 1"),
        ({"payments": [{"InvoiceNo": 5}]}, "payments 1"),
    ):
        with pytest.raises(ValueError, match=told):
            simulator.seed(seed)


def test_what_a_person_asks_for_wrongly_is_told(stranger: httpx.Client) -> None:
    for path, body, told in (
        ("payments", b"x", "Expecting value"),
        ("payments", b"[1]", "The body must be an object"),
        ("payments", b'{"Amount": 1}', "a payment needs an InvoiceNo"),
        ("payments", b'{"InvoiceNo": 1, "Amount": NaN}', "NaN is not JSON"),
        ("payments", b'{"InvoiceNo": 1, "Sum": 1}', "a payment has no Sum"),
        ("payments", b'{"InvoiceNo": 1, "ClientKey": "x"}', "There is no company with the client key x"),
        ("send", b"", "Expecting value"),
        ("send", b'{"SalesOrderNo": 1}', "There is no such order"),
    ):
        answer = stranger.post(f"/_simulator/{path}", content=body)
        assert (answer.status_code, answer.json()["message"][: len(told)]) == (400, told)


def test_a_seed_of_other_kinds_than_a_seed_has_is_told() -> None:
    with httpx.Client(base_url="http://poweroffice", transport=Straight(PowerOfficeSimulator())) as http:
        for seed in ({"customers": 5}, {"settings": [1]}, {"behaviour": 5}, {"companies": [1]}):
            answer = http.post("/_simulator/seed", json=seed)
            assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
