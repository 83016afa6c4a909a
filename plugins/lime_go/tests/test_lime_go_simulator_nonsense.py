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
from hypothesis import given, settings, strategies as st

from erpcore.testing.straight import Straight

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
    | st.sampled_from(["relationships", "targeturl", "events"])
    | st.sampled_from(["query", "variables", "operationName", "probability", "expected_close_date", "status", "x"])
)
TEXTS = st.sampled_from(["", "x", "-1", "NaN", "deals", "companies", "850000", "http://[", "DealWon", "{deals{id}}"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=6,
)
ENVELOPES = st.builds(
    lambda kind, attributes: {"data": {"type": kind, "attributes": attributes}},
    st.sampled_from(["deals", "companies"]),
    VALUES | st.builds(lambda custom_fields: {"custom_fields": custom_fields}, VALUES),
)
_keys = itertools.count(1)


@pytest.fixture(scope="module")
def lime() -> LimeGoSimulator:
    return LimeGoSimulator(Switches(integration_limit=1_000_000, organization_limit=1_000_000))


@pytest.fixture(scope="module")
def classic(lime: LimeGoSimulator) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"go-api:{KEY}"}
    with httpx.Client(base_url="http://lime/v1", headers=headers, transport=Straight(lime)) as client:
        yield client


@pytest.fixture(scope="module")
def agentic(lime: LimeGoSimulator) -> Iterator[httpx.Client]:
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    with httpx.Client(base_url="http://lime/api/v1", transport=Straight(lime)) as client:
        token = client.post("http://lime/oauth/token", data=form).json()["access_token"]
        client.headers.update({"Authorization": f"Bearer {token}", "Accept": JSON_API, "Content-Type": JSON_API})
        yield client


def holds(client: httpx.Client, method: str, path: str, body: Any, **headers: str) -> None:
    answer = client.request(method, path, content=json.dumps(body).encode(), headers=headers)
    assert answer.status_code < 500, answer.text


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["/graphql", "/event/subscription"]), VALUES | st.dictionaries(NAMES, VALUES, max_size=5))
def test_the_classic_api(classic: httpx.Client, path: str, body: Any) -> None:
    holds(classic, "POST", path, body)
    everything = '{deals(query: "") {id name} organizations(query: "") {id name}}'
    assert "errors" not in classic.post("/graphql", json={"query": everything}).json()


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["deals", "companies"]), VALUES | ENVELOPES)
def test_the_agentic_api(agentic: httpx.Client, lime: LimeGoSimulator, kind: str, body: Any) -> None:
    record = lime.account.of_type(kind)[0]
    headers = {"Idempotency-Key": str(next(_keys)), "If-Match": f'"{record.id}:{record.revision}"'}
    holds(agentic, "PATCH", f"/{kind}/{record.id}", body, **headers)
    assert [agentic.get(f"/{kind}").status_code for kind in ("deals", "companies")] == [200] * 2
