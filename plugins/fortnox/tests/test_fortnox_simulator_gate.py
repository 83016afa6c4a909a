"""The simulated Fortnox before its resources: sign-in, gate, rate window, seeds, and nonsense."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_fortnox.simulator import Behaviour, FortnoxSimulator
from hypothesis import given, settings, strategies as st

from erpcore.simulator import Clock, Fault
from erpcore.testing.straight import Straight
from plugins.fortnox.tests.fortnox_simulator_stranger import connected

BASIC = ("demo-client", "demo-secret")
TENANT = {"TenantId": "1234567"}
BACK = "http://127.0.0.1:9/callback"
ASKED = {
    "client_id": "demo-client",
    "redirect_uri": BACK,
    "scope": "customer order",
    "state": "s1",
    "access_type": "offline",
    "response_type": "code",
    "account_type": "service",
}


def asking(simulator: FortnoxSimulator) -> httpx.Client:
    return httpx.Client(base_url="http://fortnox", transport=Straight(simulator))


@pytest.fixture
def simulator() -> FortnoxSimulator:
    return FortnoxSimulator(clock=Clock(ticking=False))


@pytest.fixture
def http(simulator: FortnoxSimulator) -> Iterator[httpx.Client]:
    with asking(simulator) as client:
        yield client


def bearer(simulator: FortnoxSimulator, *scopes: str) -> dict[str, str]:
    tokens = simulator.tokens(scopes) if scopes else simulator.tokens()
    return {"Authorization": f"Bearer {tokens.access_token}"}


def token(http: httpx.Client, **form: str) -> httpx.Response:
    return http.post("/oauth-v1/token", auth=BASIC, data=form, headers=TENANT)


def answered(http: httpx.Client, **changes: str) -> dict[str, str]:
    response = http.get("/oauth-v1/auth", params={**ASKED, **changes})
    assert response.status_code == 302, response.text
    location = urlsplit(response.headers["Location"])
    assert location.path == "/callback"
    return {name: values[0] for name, values in parse_qs(location.query).items()}


class TestSignIn:
    """What the kit's OAuth server does for every vendor is tested with the kit; this is Fortnox's own wording."""

    def test_the_whole_way_of_a_code(self, http: httpx.Client) -> None:
        answer = answered(http)
        assert answer["state"] == "s1"
        form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": BACK}
        body = token(http, **form).json()
        assert body.keys() == {"access_token", "refresh_token", "scope", "expires_in", "token_type"}
        assert (body["scope"], body["expires_in"], body["token_type"]) == ("customer order", 3600, "bearer")
        payload = body["access_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert (claims["tenantId"], claims["sub"]) == (1234567, "1@1234567")
        headers = {"Authorization": f"Bearer {body['access_token']}"}
        assert http.get("/3/customers", headers=headers).status_code == 200
        assert token(http, **form).json()["error"] == "invalid_grant"

    def test_without_offline_there_is_no_refresh_token(self, http: httpx.Client) -> None:
        code = answered(http, access_type="online")["code"]
        assert "refresh_token" not in token(http, grant_type="authorization_code", code=code, redirect_uri=BACK).json()

    def test_what_the_callback_is_told(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        for changes, error in (
            ({"scope": "customer everything"}, "invalid_scope"),
            ({"scope": ""}, "invalid_scope"),
            ({"response_type": "token"}, "invalid_request"),
            ({"state": ""}, "invalid_request"),
        ):
            assert answered(http, **changes)["error"] == error, changes
        for kind, error in (
            ("consent_denied", "access_denied"),
            ("missing_license", "error_missing_license"),
            ("missing_app_license", "error_missing_app_license"),
        ):
            simulator.faults.add(Fault(kind))
            assert answered(http)["error"] == error
        for nobody in ({"client_id": "x"}, {"redirect_uri": ""}):
            assert http.get("/oauth-v1/auth", params={**ASKED, **nobody}).status_code == 400, "nowhere to send it"

    def test_a_person_at_the_consent_page(self) -> None:
        with asking(FortnoxSimulator(auto_consent=False)) as http:
            page = http.get("/oauth-v1/auth", params=ASKED)
            assert (page.status_code, "customer order" in page.text) == (200, True)
            assert answered(http, answer="deny")["error"] == "access_denied"
            assert "code" in answered(http, answer="allow")
            assert "code" in answered(http, auto="1")

    def test_a_refresh_token_is_used_once(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        old = simulator.tokens().refresh_token or ""
        simulator.clock.advance(45 * 86400 - 60)
        new = token(http, grant_type="refresh_token", refresh_token=old).json()["refresh_token"]
        dead = token(http, grant_type="refresh_token", refresh_token=old)
        assert (dead.status_code, dead.headers["Content-Type"]) == (400, "text/html; charset=UTF-8")
        assert dead.json() == {"error": "invalid_grant", "error_description": "Invalid refresh token"}
        simulator.clock.advance(45 * 86400)
        assert token(http, grant_type="refresh_token", refresh_token=new).status_code == 400

    def test_wrong_clients_and_grants(self, http: httpx.Client) -> None:
        for auth in (("demo-client", "wrong"), ("other", "demo-secret"), None):
            reply = http.post("/oauth-v1/token", auth=auth, data={"grant_type": "client_credentials"})
            assert (reply.status_code, reply.headers["Content-Type"]) == (401, "text/plain;charset=UTF-8")
            body = {"error": "invalid_client", "error_description": "The client credentials are invalid"}
            assert reply.json() == body
        assert token(http, grant_type="password").json()["error"] == "unsupported_grant_type"

    def test_client_credentials_need_the_tenants_consent_with_a_service_account(self) -> None:
        with asking(FortnoxSimulator(consented=False)) as http:
            form = {"grant_type": "client_credentials", "scope": "order nonsense"}
            answered(http, account_type="")
            assert token(http, **form).json()["error"] == "invalid_grant"
            answered(http)
            reply = token(http, **form).json()
            assert reply.keys() == {"access_token", "scope", "expires_in", "token_type"}
            assert reply["scope"] == "order"
            stranger = http.post("/oauth-v1/token", auth=BASIC, data=form, headers={"TenantId": "1"})
            assert stranger.json()["error"] == "invalid_grant"

    def test_a_withdrawn_consent_ends_everything(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        tokens = simulator.tokens()
        simulator.faults.add(Fault("consent_withdrawn", path="/3/orders"))
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        assert http.get("/3/orders", headers=headers).status_code == 401
        assert token(http, grant_type="refresh_token", refresh_token=tokens.refresh_token or "").status_code == 400
        assert token(http, grant_type="client_credentials").status_code == 400


class TestGate:
    def test_a_living_token_is_needed(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        for headers in ({}, {"Authorization": "Bearer x"}, {"Access-Token": "x", "Client-Secret": "y"}):
            reply = http.get("/3/customers", headers=headers)
            assert (reply.status_code, reply.json()) == (401, {"message": "unauthorized"})
        headers = bearer(simulator)
        assert http.get("/3/customers", headers=headers).status_code == 200
        simulator.clock.advance(3600)
        assert http.get("/3/customers", headers=headers).status_code == 401
        headers = bearer(simulator)
        simulator.faults.add(Fault("expired_token"))
        assert [http.get("/3/customers", headers=headers).status_code for _ in range(2)] == [401, 401]

    def test_each_resource_has_its_scope_and_its_licence(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        headers = bearer(simulator, "customer")
        assert http.get("/3/customers", headers=headers).status_code == 200
        paths = ["orders", "invoices", "articles", "prices/A/1", "currencies", "companyinformation", "invoicepayments"]
        for path in paths:
            reply = http.get(f"/3/{path}", headers=headers)
            assert (reply.status_code, reply.json()["ErrorInformation"]["code"]) == (403, 2000663), path
        simulator.seed({"behaviour": {"scope_status": 400}})
        assert http.get("/3/orders", headers=headers).status_code == 400
        unlicensed = FortnoxSimulator(licences_missing=["order"])
        with asking(unlicensed) as other:
            reply = other.get("/3/orders", headers=bearer(unlicensed))
        assert (reply.status_code, reply.json()["ErrorInformation"]["code"]) == (403, 2001101)

    def test_it_speaks_json_alone(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        for accept, status in (
            ("application/json", 200),
            ("*/*", 200),
            ("text/html, application/json;q=0.9", 200),
            ("text/html", 400),
            ("application/xml", 400),
        ):
            reply = http.get("/3/customers", headers={**bearer(simulator), "Accept": accept})
            assert reply.status_code == status, accept
        assert reply.json()["ErrorInformation"]["code"] == 1000030
        body = b'{"Customer": {"Name": "A"}}'
        for content_type, status in (("text/plain", 400), ("application/json; charset=utf-8", 201)):
            headers = {**bearer(simulator), "Content-Type": content_type}
            reply = http.post("/3/customers", content=body, headers=headers)
            assert reply.status_code == status
        assert (reply.headers["Location"], reply.headers["Server"]) == ("customers", "Fortnox")

    def test_what_is_not_there(self) -> None:
        with connected() as company:
            for path, code in (
                ("/customers/9", 2000433),
                ("/orders/9", 2000439),
                ("/invoices/9", 2000434),
                ("/articles/9", 2000428),
                ("/prices/B/9", 2000431),
                ("/nothing", 2000588),
            ):
                assert company.refused("GET", path, status=404) == code, path
            assert company.http.delete("/orders/1").status_code == 405

    def test_bodies_that_are_no_record(self) -> None:
        with connected() as company:
            for content, code in (
                (b'{"Customer": ', 2002115),
                (b'{"Customer": {"InvoiceDiscount": NaN}}', 2002115),
                (b"", 2001392),
                (b"[]", 2001392),
                (b'{"Kund": {}}', 2001392),
                (b'{"Customer": []}', 2001392),
                (b'{"Customer": {}, "Order": {}}', 2001399),
            ):
                headers = {"Content-Type": "application/json"}
                reply = company.http.post("/customers", content=content, headers=headers)
                assert (reply.status_code, reply.json()["ErrorInformation"]["code"]) == (400, code), content


class TestRate:
    def test_25_in_any_5_seconds_whatever_the_token(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        for _ in range(30):
            assert http.get("/3/orders").status_code == 401, "they do not count"
        for _ in range(20):
            assert http.get("/3/orders", headers=bearer(simulator)).status_code == 200
        simulator.clock.advance(4)
        headers = bearer(simulator)
        assert [http.get("/3/orders", headers=headers).status_code for _ in range(6)] == [200] * 5 + [429]
        simulator.clock.advance(1)
        replies = [http.get("/3/orders", headers=headers) for _ in range(21)]
        assert [reply.status_code for reply in replies] == [200] * 20 + [429]
        assert "Retry-After" not in replies[-1].headers
        simulator.clock.advance(5)
        simulator.faults.add(Fault("too_many_requests", path="/3/.*"))
        struck = http.get("/3/orders", headers=headers)
        assert (struck.status_code, struck.content) == (429, replies[-1].content)

    def test_retry_after_is_a_switch(self) -> None:
        behaviour = Behaviour(retry_after=True)
        simulator = FortnoxSimulator(rate_limit=1, behaviour=behaviour, clock=Clock(ticking=False))
        with asking(simulator) as http:
            replies = [http.get("/3/orders", headers=bearer(simulator)) for _ in range(2)]
        assert replies[1].headers["Retry-After"] == "5"


class TestSeed:
    SEED: dict[str, Any] = {  # noqa: RUF012 never changed
        "projects": ["P1"],
        "customers": [{"Name": "Kund AB", "OrganisationNumber": "556036-0793", "Project": "P1"}],
        "articles": [{"ArticleNumber": "A1", "Description": "Stol", "Price": 100, "Unit": "st"}],
        "orders": [
            {"CustomerNumber": "1", "Cancelled": True},
            {"CustomerNumber": "1", "OrderRows": [{"ArticleNumber": "A1", "DeliveredQuantity": 1}], "Invoiced": True},
        ],
        "invoices": [
            {
                "CustomerNumber": "1",
                "InvoiceRows": [{"ArticleNumber": "A1", "DeliveredQuantity": 2}],
                "Sent": True,
                "Booked": True,
            },
            {"CustomerNumber": "1", "Cancelled": True},
        ],
        "invoicepayments": [{"InvoiceNumber": 2, "Booked": True}],
        "behaviour": {"retry_after": True},
    }

    def test_state_shows_what_a_seed_put_in(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        assert http.post("/_simulator/seed", json=self.SEED).status_code == 204
        state = http.get("/_simulator/state").json()
        assert state["articles"][0]["SalesPrice"] == 100
        assert [order["InvoiceReference"] for order in state["orders"]] == ["0", "1"]
        invoices = {invoice["DocumentNumber"]: invoice for invoice in state["invoices"]}
        assert (invoices["1"]["OrderReference"], invoices["1"]["Total"]) == ("2", 125)
        assert (invoices["2"]["Sent"], invoices["2"]["Balance"], invoices["3"]["Cancelled"]) == (True, 0, True)
        assert state["invoicepayments"][0]["Booked"] is True
        assert simulator.books.behaviour.retry_after is True
        assert simulator.journal.count() == 0

    def test_a_seed_file_may_have_the_days_of_toml(self, simulator: FortnoxSimulator, tmp_path: Path) -> None:
        (tmp_path / "seed.toml").write_text(
            'locked_until = 2025-12-31\n[[customers]]\nName = "Kund AB"\n'
            "[[financial_years]]\nid = 1\nfirst = 2020-01-01\nlast = 2040-12-31\n"
        )
        simulator.load_seed(tmp_path / "seed.toml")
        assert list(simulator.books.customers) == ["1"]

    def test_a_wrong_seed_says_where(self, simulator: FortnoxSimulator) -> None:
        for data, says in (
            ({"kunder": []}, "no kunder"),
            ({"customers": [{"Name": "A"}, {"Namn": "B"}]}, r"customers 2 is refused: 2001399"),
            ({"units": [{"Code": "x"}]}, "units 1 is refused"),
            ({"behaviour": {"colour": 1}}, "no switch colour"),
        ):
            with pytest.raises(ValueError, match=says):
                simulator.seed(data)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
ROW_MEMBERS = ("ArticleNumber", "Description", "DeliveredQuantity", "Price", "Discount", "VAT", "Unit", "AccountNumber")
HEAD_MEMBERS = (
    "OrderDate",
    "DeliveryDate",
    "Freight",
    "Currency",
    "CurrencyRate",
    "Labels",
    "EmailInformation",
    "OrderRows",
    "DocumentNumber",
    "NotCompleted",
    "TermsOfPayment",
)


@settings(max_examples=100, deadline=None)
@given(
    head=st.dictionaries(st.sampled_from(HEAD_MEMBERS), VALUES, max_size=4),
    row=st.dictionaries(st.sampled_from(ROW_MEMBERS), VALUES, max_size=4),
)
def test_no_request_breaks_it(head: dict[str, Any], row: dict[str, Any]) -> None:
    simulator = FortnoxSimulator(rate_limit=None)
    simulator.seed({"customers": [{"Name": "A"}]})
    body = {"Order": {"CustomerNumber": "1", "OrderRows": [row], **head}}
    with asking(simulator) as http:
        assert http.post("/3/orders", json=body, headers=bearer(simulator)).status_code in (201, 400)
