"""The simulated PowerOffice Go after a restart: it goes on as if it had never stopped."""

from __future__ import annotations

import json
import tempfile
from base64 import b64encode
from pathlib import Path
from random import Random
from typing import Any

import pytest
from erpcore_poweroffice.simulator import Behaviour, PowerOfficeSimulator
from erpcore_poweroffice.simulator.demo import APPLICATION_KEY, CLIENT_KEY, SECOND_CLIENT_KEY, SUBSCRIPTION_KEY
from hypothesis import given, settings, strategies as st

from erpcore.simulator import Answered, Clock, InProcess
from plugins.poweroffice.tests.poweroffice_simulator_stranger import PATCH, START, Company, line

PRINT = {"DeliveryType": "PdfPrintForDownload"}
SEED: dict[str, Any] = {
    "behaviour": {"sending_seconds": 5.0, "rounding": "order"},
    "integration": {"blocked": ["Employee"]},
    "receivers": ["999999999"],
    "customers": [{"Name": "En AS", "MailAddress": {"City": "Oslo", "ZipCode": "0101"}}, {"Name": "To AS"}],
    "contact_persons": [{"CustomerNo": 10000, "FirstName": "Eva", "LastName": "Ås"}],
    "delivery_addresses": [{"CustomerNo": 10000, "City": "Oslo", "ZipCode": "0101"}],
    "products": [{"Name": "Stol", "Code": "S1", "UnitPrice": 100}],
    "orders": [
        {"CustomerNo": 10000, "SalesOrderLines": [line(2)], "Sent": PRINT},
        {"CustomerNo": 10000, "SalesOrderLines": [line(1)], "ExternalImportReference": "A"},
    ],
    "payments": [{"InvoiceNo": 10001, "Amount": 20}],
    "companies": {SECOND_CLIENT_KEY: {"customers": [{"Name": "Annen AS"}]}},
}


def order_path(company: Company) -> str:
    return f"/SalesOrders/{next(iter(company.values('/SalesOrders', 'Id')), '00000000-0000-4000-8000-000000000000')}"


ASKED: list[tuple[str, str, Any]] = [
    ("POST", "/Customers", {"Name": "Ny AS", "PaymentTerm": 30}),
    (
        "PATCH",
        "/Customers/20400003",
        [{"op": "replace", "path": "/MailAddress", "value": {"City": "Moss", "ZipCode": "1"}}],
    ),
    ("POST", "/ContactPersons/20400003", {"FirstName": "Bo", "LastName": "Li"}),
    ("POST", "/Products", {"Name": "Bord", "UnitPrice": 1.25}),
    ("POST", "/SalesOrders/Complete", {"CustomerNo": 10000, "SalesOrderLines": [line(3, Allowance=7.5)]}),
    ("POST", "/SalesOrders/Complete", {"CustomerNo": 10000, "ExternalImportReference": "A"}),
    ("POST", "{order}/CreateAndSendInvoice", PRINT),
    ("GET", "{order}/Complete", None),
    ("GET", "/SalesOrders/SentState", None),
    ("GET", "/OutgoingInvoices", None),
    ("GET", "/Customerledger/EntriesByMatchId?matchId=3100020", None),
    ("GET", "/Employees", None),
    ("GET", "/ClientIntegrationInformation", None),
]


def built(clock: Clock) -> PowerOfficeSimulator:
    return PowerOfficeSimulator(rate_limit=None, clock=clock)


def answers(company: Company, asked: list[tuple[str, str, Any]]) -> list[tuple[int, str]]:
    replies = []
    for method, path, body in asked:
        headers = PATCH if method == "PATCH" else {}
        path = path.replace("{order}", order_path(company))
        replies.append(company.http.request(method, path, json=body, headers=headers))
    return [(reply.status_code, reply.text) for reply in replies]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(ASKED), max_size=8), st.lists(st.sampled_from(ASKED), max_size=8))
def test_goes_on_as_the_one_that_never_stopped(
    before: list[tuple[str, str, Any]], after: list[tuple[str, str, Any]]
) -> None:
    clock = Clock(START, ticking=False)
    first, second = built(clock), built(clock)
    first.seed(SEED)
    second.seed({"customers": [{"Name": "Not kept AS"}] * 5, "behaviour": {"null_members": "left_out"}})
    asking, asking_again = Company(first), Company(second)
    answers(asking, before)
    clock.advance(4)
    with tempfile.TemporaryDirectory() as folder:
        first.keep(Path(folder) / "kept.json")
        assert second.recall(Path(folder) / "kept.json")
    asking_again.http.headers["Authorization"] = asking.http.headers["Authorization"]
    assert second.memory() == first.memory()
    clock.advance(2)
    assert second.state() == first.state()
    assert answers(asking_again, after) == answers(asking, after)
    assert second.memory() == first.memory()


def test_a_run_is_repeated_byte_for_byte() -> None:
    def run() -> list[Answered]:
        simulator = PowerOfficeSimulator(rate_limit=None, clock=Clock(START, ticking=False), random=Random(7))
        simulator.seed(SEED)
        call, given = InProcess(simulator.asgi), Company(simulator).http.headers.raw
        key = [(b"Ocp-Apim-Subscription-Key", SUBSCRIPTION_KEY.encode())]
        basic = [*key, (b"Authorization", b"Basic " + b64encode(f"{APPLICATION_KEY}:{CLIENT_KEY}".encode()))]
        made = [call("POST", "http://poweroffice/OAuth/Token", basic, b"grant_type=client_credentials")]
        order = f"/SalesOrders/{simulator.state()['orders'][0]['Id']}"
        for method, path, body in ASKED:
            raw = json.dumps(body).encode() if body is not None else b""
            kind = b"application/json-patch+json" if method == "PATCH" else b"application/json"
            url = f"http://poweroffice/v2{path.replace('{order}', order)}"
            made.append(call(method, url, [*given, (b"Content-Type", kind)], raw))
            simulator.clock.advance(1)
        return made

    first, second = run(), run()
    assert first == second
    assert {answered.status for answered in first} <= {200, 201, 202, 204, 400, 403, 404}
    assert first[0].status == 200


def test_companies_are_apart() -> None:
    simulator = built(Clock(START, ticking=False))
    simulator.seed(SEED)
    one, two = Company(simulator), Company(simulator, SECOND_CLIENT_KEY)
    assert one.values("/Customers", "Name") == ["En AS", "To AS"]
    assert two.values("/Customers", "Name") == ["Annen AS"]
    assert two.order(ExternalImportReference="A")["SalesOrderNo"] == 5001
    state = simulator.state()
    assert [order["ExternalImportReference"] for order in state["orders"]] == ["A"]
    (other,) = state["companies"].values()
    assert [order["SalesOrderNo"] for order in other["orders"]] == [5001]


def test_what_was_kept_with_other_companies_or_tables_is_not_recalled(tmp_path: Path) -> None:
    PowerOfficeSimulator(companies={"x": "X AS"}).keep(tmp_path / "kept.json")
    with pytest.raises(ValueError, match="other companies"):
        PowerOfficeSimulator().recall(tmp_path / "kept.json")
    PowerOfficeSimulator().keep(tmp_path / "older.json")
    kept = (tmp_path / "older.json").read_text()
    (tmp_path / "older.json").write_text(kept.replace('"customers":', '"kunder":', 1))
    with pytest.raises(ValueError, match="another version"):
        PowerOfficeSimulator().recall(tmp_path / "older.json")


def test_switches_given_are_not_moved_by_a_seed() -> None:
    given_switches = Behaviour(sending_seconds=3.0)
    simulator = PowerOfficeSimulator(behaviour=given_switches)
    simulator.seed({"behaviour": {"sending_seconds": 1}})
    assert (given_switches.sending_seconds, simulator.behaviour.sending_seconds) == (3.0, 1)
