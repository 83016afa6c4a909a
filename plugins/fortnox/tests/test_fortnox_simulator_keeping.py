"""The simulated Fortnox after a restart: it goes on as if it had never stopped."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_fortnox.simulator import FortnoxSimulator
from hypothesis import given, settings
from hypothesis import strategies as st

from erpcore.simulator import Clock, Fault, running

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BASIC = ("demo-client", "demo-secret")
ROW = {"ArticleNumber": "1", "OrderedQuantity": 2, "DeliveredQuantity": 2, "Price": 99.9}
INVOICE_ROW = {"Description": "Arbete", "DeliveredQuantity": 1, "Price": 10}
SEED: dict[str, Any] = {
    "behaviour": {"index_lag_seconds": 0.0, "codes": {"licence": 2099999}},
    "projects": ["P1"],
    "financial_years": [{"id": 1, "first": "2026-01-01", "last": "2026-12-31"}],
    "locked_until": "2025-12-31",
    "labels": [{"Description": "Viktig"}],
    "customers": [{"Name": "Ett AB"}, {"Name": "Två AB", "Country": "SE"}, {"Name": "Tre AB"}],
    "articles": [{"Description": "Vara", "Price": 100}],
    "orders": [{"CustomerNumber": "1", "Project": "P1", "Labels": [{"Id": 1}], "OrderRows": [ROW]}] * 2,
    "invoices": [{"CustomerNumber": "1", "InvoiceRows": [INVOICE_ROW], "Booked": True}],
}
ASKED: list[tuple[str, str, Any]] = [
    ("POST", "/customers", {"Customer": {"Name": "Ny AB"}}),
    ("PUT", "/customers/1", {"Customer": {"DefaultTemplates": {"Order": "X"}, "InvoiceDiscount": 5}}),
    ("DELETE", "/customers/3", None),
    ("POST", "/customerreferences", {"CustomerReferenceRow": {"CustomerNumber": "1", "Reference": "Eva"}}),
    ("PUT", "/customerreferences/1", {"CustomerReferenceRow": {"Reference": "Eva Å"}}),
    ("POST", "/articles", {"Article": {"Description": "Vara"}}),
    ("POST", "/prices", {"Price": {"ArticleNumber": "1", "PriceList": "A", "FromQuantity": 10, "Price": 80}}),
    ("POST", "/orders", {"Order": {"CustomerNumber": "1", "OrderRows": [ROW, ROW]}}),
    ("PUT", "/orders/1", {"Order": {"Comments": "rader får nya nummer"}}),
    ("PUT", "/orders/1/createinvoice", None),
    ("PUT", "/orders/2/cancel", None),
    ("GET", "/invoices/1/email", None),
    ("PUT", "/invoices/2/bookkeep", None),
    ("PUT", "/invoices/1/credit", None),
    ("POST", "/invoicepayments", {"InvoicePayment": {"InvoiceNumber": 1, "Amount": 5, "ModeOfPayment": "BG"}}),
    ("PUT", "/invoicepayments/1/bookkeep", None),
    ("POST", "/labels", {"Label": {"Description": "Ny"}}),
    ("POST", "/units", {"Unit": {"Code": "kg", "Description": "Kilo"}}),
    ("GET", "/orders?label=1", None),
    ("GET", "/invoices?filter=unpaid", None),
    ("GET", "/customers?lastmodified=2026-03-02 10:00", None),
]


def company(clock: Clock, **options: Any) -> FortnoxSimulator:
    return FortnoxSimulator(rate_limit=None, clock=clock, **options)


def answers(simulator: FortnoxSimulator, token: str, asked: list[tuple[str, str, Any]]) -> list[tuple[int, str]]:
    """What a client with this token is answered."""
    headers = {"Authorization": f"Bearer {token}"}
    with running(simulator) as url, httpx.Client(base_url=f"{url}/3", headers=headers, timeout=30) as client:
        replies = [client.request(method, path, json=body) for method, path, body in asked]
    return [(reply.status_code, reply.text) for reply in replies]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(ASKED), max_size=8), st.lists(st.sampled_from(ASKED), max_size=8))
def test_goes_on_as_the_one_that_never_stopped(
    before: list[tuple[str, str, Any]], after: list[tuple[str, str, Any]]
) -> None:
    clock = Clock(START, ticking=False)
    first, second = company(clock), company(clock, consented=False)
    first.seed(SEED)
    second.seed({"projects": ["not kept"], "customers": [{"Name": "Not kept AB"}] * 5})
    token = first.tokens().access_token
    answers(first, token, before)
    clock.advance(60)
    with tempfile.TemporaryDirectory() as folder:
        first.keep(Path(folder) / "kept.json")
        assert second.recall(Path(folder) / "kept.json")
    assert second.state() == first.state()
    assert second.memory() == first.memory()
    assert answers(second, token, after) == answers(first, token, after)
    assert second.memory() == first.memory()


@pytest.mark.parametrize(("method", "path", "body"), ASKED)
def test_every_request_of_the_property_is_carried_out(method: str, path: str, body: Any) -> None:
    simulator = company(Clock(START, ticking=False))
    simulator.seed(SEED)
    token = simulator.tokens().access_token
    needed = {
        "/customerreferences/1": ASKED[3:4],
        "/invoices/2/bookkeep": ASKED[9:10],
        "/invoicepayments/1/bookkeep": ASKED[14:15],
    }
    status, text = answers(simulator, token, [*needed.get(path, []), (method, path, body)])[-1]
    assert status < 300, text


def test_nothing_of_the_books_is_forgotten() -> None:
    books = company(Clock()).books
    told_by_init = {"tenant", "_clock", "_faults"}
    assert books.memory().keys() == {name.lstrip("_") for name in vars(books).keys() - told_by_init}


def test_numbers_are_not_given_twice(tmp_path: Path) -> None:
    first = company(Clock())
    first.seed({"customers": [{"Name": "Ett AB"}, {"Name": "Två AB"}]})
    token = first.tokens().access_token
    assert answers(first, token, [("DELETE", "/customers/2", None)]) == [(204, "")]
    first.keep(tmp_path / "kept.json")
    second = company(Clock())
    second.recall(tmp_path / "kept.json")
    again = {"Customer": {"Name": "Två AB", "CustomerNumber": "2"}}
    used, made = answers(
        second, token, [("POST", "/customers", again), ("POST", "/customers", {"Customer": {"Name": "Tre"}})]
    )
    assert (used[0], '"code":' in used[1].replace(" ", "")) == (400, True)
    assert (made[0], '"CustomerNumber": "3"' in made[1]) == (201, True)


def test_tokens_and_consents_outlive_the_process(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    first = company(Clock(), consented=False)
    first.oauth.legacy_tokens.add("legacy")
    back = {"client_id": "demo-client", "redirect_uri": "http://localhost/back", "state": "s", "response_type": "code"}
    asked = {**back, "scope": "customer", "access_type": "offline", "account_type": "service"}
    with running(first, keep=path) as url:
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
        migrated = httpx.post(f"{url}/oauth-v1/migrate", auth=BASIC, data={"access_token": "legacy"})
        assert migrated.status_code == 200


def test_what_lists_do_not_show_yet_stays_hidden_as_long(tmp_path: Path) -> None:
    clock = Clock(START, ticking=False)
    first, second = company(clock), company(clock)
    token = first.tokens().access_token
    first.faults.add(Fault("index_lag", seconds=30))
    answers(first, token, [("POST", "/customers", {"Customer": {"Name": "Sen AB"}})])
    first.keep(tmp_path / "kept.json")
    second.recall(tmp_path / "kept.json")
    assert "Sen AB" not in answers(second, token, [("GET", "/customers", None)])[0][1]
    clock.advance(31)
    assert "Sen AB" in answers(second, token, [("GET", "/customers", None)])[0][1]


def test_faults_and_journal_belong_to_one_run(tmp_path: Path) -> None:
    first, second = company(Clock()), company(Clock())
    first.faults.add(Fault("slow", seconds=1, path="/nowhere"))
    answers(first, first.tokens().access_token, [("GET", "/customers", None)])
    first.keep(tmp_path / "kept.json")
    second.recall(tmp_path / "kept.json")
    assert (second.faults.as_json(), second.journal.count()) == ([], 0)
