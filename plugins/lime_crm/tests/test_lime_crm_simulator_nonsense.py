"""Nonsense that is sent to the simulated Lime CRM: it is refused or taken, and never breaks the simulator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_lime_crm.simulator import LimeCrmSimulator, Switches
from erpcore_lime_crm.simulator.demo import API_KEY
from hypothesis import given, settings, strategies as st

from erpcore.testing.straight import Straight

API = "/demo/api/v1"
NAMES = (
    st.sampled_from(
        ["name", "value", "company", "order", "quantity", "price", "vat", "order_date", "dealstatus", "coworker", "_id"]
    )
    | st.sampled_from(["_timestamp", "_embed", "_limit", "_offset_id", "min-price", "key", "op", "exp"])
    | st.sampled_from(
        ["limetype", "filter", "limit", "offset", "orderBy", "responseFormat", "object", "events", "target_url", "x"]
    )
)
TEXTS = st.sampled_from(
    ["", "x", "-1", "1001", "NaN", "1e400", "2026-11-22", "2026-11-22T10:00:00+01:00", ">", "_timestamp", "ASC", "deal"]
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
    with asking(LimeCrmSimulator(Switches(requests=1_000_000))) as client:
        yield client


def asking(lime: LimeCrmSimulator) -> httpx.Client:
    return httpx.Client(base_url=f"http://lime{API}", headers={"x-api-key": API_KEY}, transport=Straight(lime))


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


def test_how_large_a_number_may_be_is_a_switch() -> None:
    for digits, status in ((3, 400), (4, 201)):
        with asking(LimeCrmSimulator(Switches(decimal_digits=digits), with_demo=False)) as client:
            assert client.post("/limeobject/orderrow/", json={"quantity": 1000}).status_code == status


def test_a_number_that_no_database_holds_makes_no_object(web: httpx.Client) -> None:
    def rows() -> int:
        return len(web.get("/limeobject/orderrow/", params={"_limit": 200}).json()["_embedded"]["limeobjects"])

    before = rows()
    for number in (b"NaN", b"Infinity", b"1e15", b"-1e400"):
        assert web.post("/limeobject/orderrow/", content=b'{"quantity": ' + number + b"}").status_code == 400, number
    assert rows() == before
