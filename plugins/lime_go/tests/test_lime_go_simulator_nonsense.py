"""Nonsense that is sent to the simulated Lime Go: it is refused or taken, and never breaks the simulator."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_lime_go.simulator import LimeGoSimulator, Switches
from erpcore_lime_go.simulator.demo import API_KEYS, CLIENT_ID, CLIENT_SECRET
from hypothesis import given, settings
from hypothesis import strategies as st

from erpcore.simulator import running

KEY = next(key for key, kind in API_KEYS.items() if kind == "full_access")
JSON_API = "application/vnd.api+json"
NAMES = (
    st.sampled_from(
        [
            "name",
            "value",
            "currency",
            "custom_fields",
            "company",
            "owners",
            "contacts",
            "data",
            "type",
            "id",
            "attributes",
        ]
    )
    | st.sampled_from(
        ["relationships", "strength", "organisation", "person", "registrationNumber", "email", "targeturl", "events"]
    )
    | st.sampled_from(["query", "variables", "operationName", "probability", "expected_close_date", "status", "x"])
)
TEXTS = st.sampled_from(["", "x", "-1", "NaN", "deals", "companies", "850000", "http://[", "DealWon", "{deals{id}}"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=6,
)
ENVELOPES = st.builds(
    lambda kind, attributes, relations: {
        "data": {"type": kind, "attributes": attributes, "relationships": relations},
    },
    st.sampled_from(["deals", "companies", "contacts"]),
    VALUES,
    VALUES | st.dictionaries(NAMES, st.builds(lambda data: {"data": data}, VALUES), max_size=2),
)
_keys = itertools.count(1)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    switches = Switches(integration_limit=1_000_000, organization_limit=1_000_000)
    with running(LimeGoSimulator(switches)) as url:
        yield url


@pytest.fixture(scope="module")
def classic(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{url}/v1", headers={"Authorization": f"go-api:{KEY}"}) as client:
        yield client


@pytest.fixture(scope="module")
def agentic(url: str) -> Iterator[httpx.Client]:
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    token = httpx.post(f"{url}/oauth/token", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Accept": JSON_API, "Content-Type": JSON_API}
    with httpx.Client(base_url=f"{url}/api/v1", headers=headers) as client:
        yield client


def holds(client: httpx.Client, method: str, path: str, body: Any, **headers: str) -> None:
    answer = client.request(method, path, content=json.dumps(body).encode(), headers=headers)
    assert answer.status_code < 500, answer.text


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(["/signal", "/graphql", "/event/subscription"]), VALUES | st.dictionaries(NAMES, VALUES, max_size=5)
)
def test_the_classic_api(classic: httpx.Client, path: str, body: Any) -> None:
    holds(classic, "POST", path, body)
    everything = '{deals(query: "") {id name} organizations(query: "") {id name}}'
    assert "errors" not in classic.post("/graphql", json={"query": everything}).json()


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(
        ["POST /deals", "POST /companies", "PUT /companies/external/7", "POST /contacts", "PATCH /deals/x"]
    ),
    VALUES | ENVELOPES,
)
def test_the_agentic_api(agentic: httpx.Client, asked: str, body: Any) -> None:
    method, path = asked.split()
    holds(agentic, method, path, body, **{"Idempotency-Key": str(next(_keys))})
    assert [agentic.get(f"/{kind}").status_code for kind in ("deals", "companies", "contacts")] == [200] * 3


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "name: Field required"),
        ({"name": ""}, "name: "),
        ({"name": "x", "organisation": 5}, "organisation: Input should be an object"),
        ({"name": "x", "person": [1]}, "person: Input should be an object"),
        ({"name": "x", "organisation": {"name": "Y"}, "strength": "much"}, "strength: Input should be a valid integer"),
        ([], "the body: Input should be an object"),
    ],
)
def test_a_signal_that_does_not_fit_is_told(classic: httpx.Client, body: Any, told: str) -> None:
    answer = classic.post("/signal", json=body)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(told)
