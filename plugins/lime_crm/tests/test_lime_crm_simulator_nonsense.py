"""Nonsense that is sent to the simulated Lime CRM: it is refused or taken, and never breaks the simulator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_lime_crm.simulator import LimeCrmSimulator, Switches
from erpcore_lime_crm.simulator.demo import API_KEY
from hypothesis import given, settings
from hypothesis import strategies as st

from erpcore.simulator import running

API = "/demo/api/v1"
NAMES = (
    st.sampled_from(
        ["name", "value", "company", "order", "quantity", "price", "vat", "order_date", "dealstatus", "coworker", "_id"]
    )
    | st.sampled_from(
        [
            "_timestamp",
            "_embed",
            "_limit",
            "_offset_id",
            "min-price",
            "max-_timestamp",
            "not-company",
            "key",
            "op",
            "exp",
        ]
    )
    | st.sampled_from(
        ["limetype", "filter", "limit", "offset", "orderBy", "responseFormat", "object", "events", "target_url", "x"]
    )
)
TEXTS = st.sampled_from(
    ["", "x", "-1", "1001", "NaN", "1e400", "2026-11-22", "2026-11-22T10:00:00+01:00", "=", "IN", "AND", "DESC", "deal"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=6,
)
LIMETYPES = st.sampled_from(["company", "deal", "order", "orderrow", "article", "x"])
IDS = st.sampled_from(["", "1001/", "1012/", "1012/company/", "1013/orderrow/", "99999999999999999999/"])


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    simulator = LimeCrmSimulator(Switches(requests=1_000_000))
    with running(simulator) as url, httpx.Client(base_url=f"{url}{API}", headers={"x-api-key": API_KEY}) as client:
        yield client


def holds(web: httpx.Client, method: str, path: str, content: Any = None, params: Any = None) -> None:
    body = None if content is None else json.dumps(content).encode()
    answer = web.request(method, path, content=body, params=params)
    assert answer.status_code < 500, answer.text
    lists = [web.get(f"/limeobject/{limetype}/") for limetype in ("order", "orderrow", "deal")]
    assert [each.status_code for each in lists] == [200] * 3


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(["GET", "POST", "PUT"]), LIMETYPES, IDS, VALUES, st.dictionaries(NAMES, TEXTS, max_size=3))
def test_objects(web: httpx.Client, method: str, limetype: str, place: str, body: Any, params: dict[str, str]) -> None:
    holds(web, method, f"/limeobject/{limetype}/{place}", None if method == "GET" else body, params)


@settings(max_examples=80, deadline=None)
@given(VALUES, st.dictionaries(st.sampled_from(["filter", "limit", "offset", "orderBy", "responseFormat"]), VALUES))
def test_queries(web: httpx.Client, body: Any, parts: dict[str, Any]) -> None:
    holds(web, "GET", "/query/", params={"q": json.dumps(body)})
    holds(web, "GET", "/query/", params={"q": json.dumps({"limetype": "order", **parts})})


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["POST", "PUT"]), st.sampled_from(["", "1/"]), VALUES)
def test_subscriptions(web: httpx.Client, method: str, place: str, body: Any) -> None:
    holds(web, method, f"/subscription/{place}", body)


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"min-price": "NaN"}, "'NaN' cannot be compared: it is no number"),
        ({"price": "sNaN"}, "'sNaN' cannot be compared: it is no number"),
        ({"min-price": "x"}, "'x' cannot be compared: "),
    ],
)
def test_a_filter_with_what_is_no_number_is_refused(web: httpx.Client, params: dict[str, str], told: str) -> None:
    answer = web.get("/limeobject/orderrow/", params=params)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(told)


def test_a_query_shows_no_members_of_the_many_behind_an_object(web: httpx.Client) -> None:
    asked = {"limetype": "deal", "responseFormat": {"object": {"company": {"deal": {"name": ""}}}}}
    answer = web.get("/query/", params={"q": json.dumps(asked)})
    assert (answer.status_code, answer.json()) == (404, {"error": "company has no property deal."})


def test_how_large_a_number_may_be_is_a_switch() -> None:
    for digits, status in ((3, 400), (4, 201)):
        simulator = LimeCrmSimulator(Switches(decimal_digits=digits), with_demo=False)
        with running(simulator) as url:
            answer = httpx.post(
                f"{url}{API}/limeobject/orderrow/", json={"quantity": 1000}, headers={"x-api-key": API_KEY}
            )
        assert answer.status_code == status


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e15", b"-1e400"])
def test_a_number_that_no_database_holds_makes_no_object(web: httpx.Client, number: bytes) -> None:
    def rows() -> int:
        return len(web.get("/limeobject/orderrow/", params={"_limit": 200}).json()["_embedded"]["limeobjects"])

    before = rows()
    assert web.post("/limeobject/orderrow/", content=b'{"quantity": ' + number + b"}").status_code == 400
    assert rows() == before


def test_what_is_asked_for_with_a_negative_limit_is_not_the_last_but_one(web: httpx.Client) -> None:
    for part in ({"limit": -1}, {"offset": -1}):
        answer = web.get("/query/", params={"q": json.dumps({"limetype": "company", **part})})
        assert (answer.status_code, answer.json()["error"][-27:]) == (400, "be a whole number from 0 on")


def test_a_subscription_that_is_not_there_is_told(web: httpx.Client) -> None:
    answer = web.get("/subscription/4711/")
    assert (answer.status_code, answer.json()) == (404, {"error": "There is no subscription 4711."})
