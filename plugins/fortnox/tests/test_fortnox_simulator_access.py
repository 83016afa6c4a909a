"""The simulated Fortnox before its resources, through a real server: gate, rate window, faults, seeds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_fortnox.simulator import Behaviour, FortnoxSimulator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erpcore.simulator import Clock, Fault, running


@pytest.fixture
def simulator() -> FortnoxSimulator:
    return FortnoxSimulator(clock=Clock(ticking=False))


@pytest.fixture
def http(simulator: FortnoxSimulator) -> Iterator[httpx.Client]:
    with running(simulator) as base_url, httpx.Client(base_url=base_url, timeout=30) as client:
        yield client


def bearer(simulator: FortnoxSimulator, *scopes: str) -> dict[str, str]:
    tokens = simulator.tokens(scopes) if scopes else simulator.tokens()
    return {"Authorization": f"Bearer {tokens.access_token}"}


class TestGate:
    @pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer x"}, {"Access-Token": "x", "Client-Secret": "y"}])
    def test_no_living_token(self, http: httpx.Client, header: dict[str, str]) -> None:
        reply = http.get("/3/customers", headers=header)
        assert (reply.status_code, reply.json()) == (401, {"message": "unauthorized"})

    def test_token_dies_after_an_hour_or_by_fault(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        headers = bearer(simulator)
        assert http.get("/3/customers", headers=headers).status_code == 200
        simulator.clock.advance(3600)
        assert http.get("/3/customers", headers=headers).status_code == 401
        headers = bearer(simulator)
        simulator.faults.add(Fault("expired_token"))
        assert [http.get("/3/customers", headers=headers).status_code for _ in range(2)] == [401, 401]
        assert http.get("/3/customers", headers=bearer(simulator)).status_code == 200

    def test_scope(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        headers = bearer(simulator, "customer")
        assert http.get("/3/customers", headers=headers).status_code == 200
        for path in (
            "orders",
            "invoices",
            "articles",
            "prices/sublist/A",
            "units",
            "currencies",
            "companyinformation",
            "invoicepayments",
            "me",
        ):
            reply = http.get(f"/3/{path}", headers=headers)
            assert (reply.status_code, reply.json()["ErrorInformation"]["code"]) == (403, 2000663), path
        simulator.seed({"behaviour": {"scope_status": 400}})
        assert http.get("/3/orders", headers=headers).status_code == 400

    def test_missing_licence(self) -> None:
        simulator = FortnoxSimulator(licences_missing=["order"])
        with running(simulator) as base_url:
            reply = httpx.get(f"{base_url}/3/orders", headers=bearer(simulator))
        assert (reply.status_code, reply.json()["ErrorInformation"]["code"]) == (403, 2001101)

    @pytest.mark.parametrize(
        ("accept", "status"),
        [
            ("application/json", 200),
            ("*/*", 200),
            ("text/html, application/json;q=0.9", 200),
            ("text/html", 400),
            ("application/xml", 400),
        ],
    )
    def test_accept(self, simulator: FortnoxSimulator, http: httpx.Client, accept: str, status: int) -> None:
        reply = http.get("/3/customers", headers={**bearer(simulator), "Accept": accept})
        assert reply.status_code == status
        if status == 400:
            assert reply.json()["ErrorInformation"]["code"] == 1000030

    def test_content_type(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        body = b'{"Customer": {"Name": "A"}}'
        headers = {**bearer(simulator), "Content-Type": "text/plain"}
        reply = http.post("/3/customers", content=body, headers=headers)
        assert (reply.status_code, reply.json()["ErrorInformation"]["code"]) == (400, 1000031)
        headers["Content-Type"] = "application/json; charset=utf-8"
        assert http.post("/3/customers", content=body, headers=headers).status_code == 201


class TestRate:
    def test_25_in_any_5_seconds_whatever_the_token(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        first, second = bearer(simulator), bearer(simulator)
        for number in range(25):
            headers = first if number % 2 else second
            assert http.get("/3/orders", headers=headers).status_code == 200
        refused = http.get("/3/orders", headers=bearer(simulator))
        assert refused.status_code == 429
        assert "Retry-After" not in refused.headers
        simulator.clock.advance(5)
        assert http.get("/3/orders", headers=first).status_code == 200

    def test_window_slides(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        headers = bearer(simulator)
        for _ in range(20):
            http.get("/3/orders", headers=headers)
        simulator.clock.advance(4)
        statuses = [http.get("/3/orders", headers=headers).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        simulator.clock.advance(1)
        statuses = [http.get("/3/orders", headers=headers).status_code for _ in range(21)]
        assert statuses == [200] * 20 + [429]

    def test_retry_after_is_a_switch(self) -> None:
        simulator = FortnoxSimulator(rate_limit=1, behaviour=Behaviour(retry_after=True), clock=Clock(ticking=False))
        with running(simulator) as base_url, httpx.Client(base_url=base_url, headers=bearer(simulator)) as http:
            http.get("/3/orders")
            assert http.get("/3/orders").headers["Retry-After"] == "5"

    def test_unauthorized_requests_do_not_count(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        for _ in range(30):
            assert http.get("/3/orders").status_code == 401
        assert http.get("/3/orders", headers=bearer(simulator)).status_code == 200

    def test_fault_looks_the_same(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        simulator.faults.add(Fault("too_many_requests", path="/3/.*"))
        reply = http.get("/3/orders", headers=bearer(simulator))
        assert (reply.status_code, reply.json()) == (429, {"message": "too many requests"})


class TestFaults:
    """What an order's create leaves behind under each fault: the cases an effect ledger has to tell apart."""

    @pytest.fixture(autouse=True)
    def _customer(self, simulator: FortnoxSimulator) -> None:
        simulator.seed({"customers": [{"Name": "Kund AB"}]})

    def create(self, simulator: FortnoxSimulator, http: httpx.Client) -> httpx.Response:
        body = {"Order": {"CustomerNumber": "1", "ExternalInvoiceReference1": "deal-1"}}
        return http.post("/3/orders", json=body, headers=bearer(simulator))

    @pytest.mark.parametrize(
        ("fault", "status", "orders"),
        [
            (Fault("error_before", status=503), 503, 0),
            (Fault("too_many_requests"), 429, 0),
            (Fault("error_after"), 500, 1),
            (Fault("error_after", status=502, form="html"), 502, 1),
            (Fault("garbage"), 201, 1),
            (Fault("empty"), 201, 1),
            (Fault("html"), 200, 1),
        ],
        ids=lambda value: value.kind if isinstance(value, Fault) else "",
    )
    def test_answered(
        self, simulator: FortnoxSimulator, http: httpx.Client, fault: Fault, status: int, orders: int
    ) -> None:
        simulator.faults.add(fault)
        assert self.create(simulator, http).status_code == status
        assert len(simulator.books.orders) == orders

    def test_lost(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        simulator.faults.add(Fault("lose_answer", method="POST", path="/3/orders"))
        with pytest.raises(httpx.TransportError):
            self.create(simulator, http)
        params = {"externalinvoicereference1": "deal-1"}
        found = http.get("/3/orders", params=params, headers=bearer(simulator)).json()["Orders"]
        assert [order["DocumentNumber"] for order in found] == ["1"]
        assert simulator.journal.count("POST", "/3/orders") == 1

    def test_client_gives_up_on_a_held_answer(self, simulator: FortnoxSimulator, http: httpx.Client) -> None:
        simulator.faults.add(Fault("hold", method="POST", path="/3/orders"))
        body = {"Order": {"CustomerNumber": "1"}}
        with pytest.raises(httpx.ReadTimeout):
            http.post("/3/orders", json=body, headers=bearer(simulator), timeout=httpx.Timeout(30, read=0.2))
        until = time.monotonic() + 30
        while not simulator.books.orders and time.monotonic() < until:
            time.sleep(0.01)  # on a slow machine it is made after its client has given up
        assert len(simulator.books.orders) == 1


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

    def test_seed_file(self, simulator: FortnoxSimulator, tmp_path: Path) -> None:
        (tmp_path / "seed.toml").write_text(
            'locked_until = 2025-12-31\n[[customers]]\nName = "Kund AB"\n'
            "[[financial_years]]\nid = 1\nfirst = 2020-01-01\nlast = 2040-12-31\n"
        )
        simulator.load_seed(tmp_path / "seed.toml")
        assert list(simulator.books.customers) == ["1"]

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            ({"kunder": []}, "no kunder"),
            ({"customers": [{"Name": "A"}, {"Namn": "B"}]}, r"customers 2 is refused: 2001399"),
            ({"units": [{"Code": "x"}]}, "units 1 is refused"),
            ({"behaviour": {"colour": 1}}, "no switch colour"),
        ],
    )
    def test_wrong_seed_says_where(self, simulator: FortnoxSimulator, data: dict[str, Any], says: str) -> None:
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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.dictionaries(st.sampled_from(HEAD_MEMBERS), VALUES, max_size=4),
    row=st.dictionaries(st.sampled_from(ROW_MEMBERS), VALUES, max_size=4),
)
def test_no_request_breaks_it(head: dict[str, Any], row: dict[str, Any]) -> None:
    simulator = FortnoxSimulator(rate_limit=None)
    simulator.seed({"customers": [{"Name": "A"}]})
    body = {"Order": {"CustomerNumber": "1", "OrderRows": [row], **head}}

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(simulator.asgi)  # a broken handler raises through it
        async with httpx.AsyncClient(transport=transport, base_url="http://fortnox") as http:
            return await http.post("/3/orders", json=body, headers=bearer(simulator))

    assert asyncio.run(send()).status_code in (201, 400)
