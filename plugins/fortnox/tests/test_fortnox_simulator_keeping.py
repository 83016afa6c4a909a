"""The simulated Fortnox after a restart, and run again: it goes on as if it had never stopped, and repeats itself."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from typing import Any

import httpx  # noqa: TID251 a stranger's client
from erpcore_fortnox.simulator import FortnoxSimulator
from hypothesis import given, settings, strategies as st

from erpcore.simulator import Answered, Clock, Fault, InProcess, running
from plugins.fortnox.tests.fortnox_simulator_stranger import START

BASIC = ("demo-client", "demo-secret")
ROW = {"ArticleNumber": "1", "OrderedQuantity": 2, "DeliveredQuantity": 2, "Price": 99.9}
INVOICE_ROW = {"Description": "Arbete", "DeliveredQuantity": 1, "Price": 10}
SEED: dict[str, Any] = {
    "behaviour": {"index_lag_seconds": 0.0, "codes": {"licence": 2099999}},
    "projects": ["P1"],
    "financial_years": [{"id": 1, "first": "2026-01-01", "last": "2026-12-31"}],
    "locked_until": "2025-12-31",
    "customers": [{"Name": "Ett AB"}, {"Name": "Två AB", "Country": "SE"}, {"Name": "Tre AB"}],
    "articles": [{"Description": "Vara", "Price": 100}],
    "orders": [{"CustomerNumber": "1", "Project": "P1", "OrderRows": [ROW]}] * 2,
    "invoices": [{"CustomerNumber": "1", "InvoiceRows": [INVOICE_ROW], "Booked": True}],
}
Asked = list[tuple[str, str, Any]]
ASKED: Asked = [
    ("POST", "/3/customers", {"Customer": {"Name": "Ny AB"}}),
    ("PUT", "/3/customers/1", {"Customer": {"DefaultTemplates": {"Order": "X"}, "InvoiceDiscount": 5}}),
    ("POST", "/3/customerreferences", {"CustomerReferenceRow": {"CustomerNumber": "1", "Reference": "Eva"}}),
    ("POST", "/3/articles", {"Article": {"Description": "Vara"}}),
    ("POST", "/3/prices", {"Price": {"ArticleNumber": "1", "PriceList": "A", "FromQuantity": 10, "Price": 80}}),
    ("POST", "/3/orders", {"Order": {"CustomerNumber": "1", "DeliveryState": "delivery", "OrderRows": [ROW, ROW]}}),
    ("PUT", "/3/orders/1/createinvoice", None),
    ("POST", "/3/invoices", {"Invoice": {"CustomerNumber": "1", "InvoiceRows": [INVOICE_ROW]}}),
    ("PUT", "/3/invoices/1", {"Invoice": {"ExternalInvoiceReference1": "deal-1"}}),
    ("POST", "/_simulator/cancel_order", {"order": 2}),
    ("POST", "/_simulator/credit_invoice", {"invoice": 1}),
    ("POST", "/_simulator/pay_invoice", {"invoice": 1, "amount": 5}),
    ("GET", "/3/orders?externalinvoicereference1=d", None),
    ("GET", "/3/invoices?filter=unpaid", None),
    ("GET", "/3/customers?lastmodified=2026-03-02%2010:00", None),
    ("GET", "/3/invoicepayments", None),
]


def company(clock: Clock, **options: Any) -> FortnoxSimulator:
    return FortnoxSimulator(rate_limit=None, clock=clock, **options)


def answers(simulator: FortnoxSimulator, token: str, asked: Asked) -> list[Answered]:
    """What a client with this token is answered."""
    call, headers = InProcess(simulator.asgi), {"Authorization": f"Bearer {token}"}
    made = [httpx.Request(method, f"http://fortnox{path}", headers=headers, json=body) for method, path, body in asked]
    return [call(request.method, str(request.url), request.headers.raw, request.content) for request in made]


def told(simulator: FortnoxSimulator, token: str, asked: Asked) -> list[tuple[int, bytes]]:
    return [(answered.status, answered.body) for answered in answers(simulator, token, asked)]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(ASKED), max_size=8), st.lists(st.sampled_from(ASKED), max_size=8))
def test_goes_on_as_the_one_that_never_stopped(before: Asked, after: Asked) -> None:
    clock = Clock(START, ticking=False)
    first, second = company(clock), company(clock, consented=False)
    first.seed(SEED)
    second.seed({"projects": ["not kept"], "customers": [{"Name": "Not kept AB"}] * 5})
    token = first.tokens().access_token
    told(first, token, before)
    clock.advance(60)
    with tempfile.TemporaryDirectory() as folder:
        first.keep(Path(folder) / "kept.json")
        assert second.recall(Path(folder) / "kept.json")
    assert second.state() == first.state()
    assert second.memory() == first.memory()
    assert told(second, token, after) == told(first, token, after)
    assert second.memory() == first.memory()


def test_every_request_of_the_property_is_carried_out() -> None:
    simulator = company(Clock(START, ticking=False))
    simulator.seed(SEED)
    token = simulator.tokens().access_token
    for asked in ASKED:
        ((status, body),) = told(simulator, token, [asked])
        assert status < 300, (asked, body)


def test_a_run_is_repeated_byte_for_byte() -> None:
    def run() -> list[Answered]:
        simulator = company(Clock(START, ticking=False), random=Random(7))
        simulator.seed(SEED)
        return answers(simulator, simulator.tokens().access_token, ASKED)

    first, second = run(), run()
    assert first == second
    assert len({dict(answered.headers).get(b"x-uid") for answered in first}) > 10, "ids differ within a run"


def test_nothing_of_the_books_is_forgotten() -> None:
    books = company(Clock()).books
    told_by_init = {"tenant", "_clock", "_faults"}
    assert books.memory().keys() == {name.lstrip("_") for name in vars(books).keys() - told_by_init}


def test_tokens_and_consents_outlive_the_process(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    back = {"client_id": "demo-client", "redirect_uri": "http://localhost/back", "state": "s", "response_type": "code"}
    asked = {**back, "scope": "customer", "access_type": "offline", "account_type": "service"}
    with running(company(Clock(), consented=False), keep=path) as url:
        location = httpx.get(f"{url}/oauth-v1/auth", params=asked).headers["location"]
    code = httpx.URL(location).params["code"]

    def token(url: str, **form: str) -> httpx.Response:
        return httpx.post(f"{url}/oauth-v1/token", auth=BASIC, data=form, headers={"TenantId": "1234567"})

    with running(company(Clock(), consented=False), keep=path) as url:
        form = {"grant_type": "authorization_code", "redirect_uri": back["redirect_uri"]}
        pair = token(url, **form, code=code).json()
        assert token(url, **form, code=code).status_code == 400
    with running(company(Clock(), consented=False), keep=path) as url:
        assert token(url, grant_type="client_credentials").json()["scope"] == "customer"
        authorised = {"Authorization": f"Bearer {pair['access_token']}"}
        assert httpx.get(f"{url}/3/customers", headers=authorised).status_code == 200
        assert token(url, grant_type="refresh_token", refresh_token=pair["refresh_token"]).status_code == 200
    with running(company(Clock(), consented=False), keep=path) as url:
        assert token(url, grant_type="refresh_token", refresh_token=pair["refresh_token"]).status_code == 400


def test_what_lists_do_not_show_yet_stays_hidden_as_long(tmp_path: Path) -> None:
    clock = Clock(START, ticking=False)
    first, second = company(clock), company(clock)
    token = first.tokens().access_token
    first.faults.add(Fault("index_lag", seconds=30))
    told(first, token, [("POST", "/3/customers", {"Customer": {"Name": "Sen AB"}})])
    first.keep(tmp_path / "kept.json")
    second.recall(tmp_path / "kept.json")
    assert b"Sen AB" not in told(second, token, [("GET", "/3/customers", None)])[0][1]
    clock.advance(31)
    assert b"Sen AB" in told(second, token, [("GET", "/3/customers", None)])[0][1]
