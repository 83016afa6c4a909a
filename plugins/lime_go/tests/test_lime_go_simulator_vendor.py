"""The simulator's Agentic replies have the keys and the kinds of value of replies recorded from the live service.

Run with ``--vendor-specs DIR``; the recordings are in ``DIR/lime_go/agentic_samples``.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_lime_go.simulator import LimeGoSimulator

from erpcore.testing.straight import Straight

RESOURCES = ("companies", "contacts", "custom-field-definitions", "deals", "owners", "stages")
MEDIA = "application/vnd.api+json"


@pytest.fixture
def samples(request: pytest.FixtureRequest) -> Path:
    specs = request.config.getoption("--vendor-specs")
    folder = Path(specs) / "lime_go" / "agentic_samples" if specs else None
    if folder is None or not folder.is_dir():
        pytest.skip("needs --vendor-specs DIR with lime_go/agentic_samples")
    return folder


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    transport = Straight(LimeGoSimulator())
    with httpx.Client(base_url="http://lime", headers={"Accept": MEDIA}, transport=transport) as client:
        form = {"grant_type": "client_credentials", "client_id": "demo-client", "client_secret": "demo-secret"}
        client.headers["Authorization"] = f"Bearer {client.post('/oauth/token', data=form).json()['access_token']}"
        yield client


def kind(value: Any) -> str:
    """What kind of value a JSON value is; times and UUIDs are told apart from other text."""
    if not isinstance(value, str):
        return type(value).__name__
    try:
        UUID(value)
        return "uuid"
    except ValueError:
        pass
    try:
        return "time" if datetime.fromisoformat(value) and value.endswith("Z") else "str"
    except ValueError:
        return "str"


def differences(ours: Any, theirs: Any, where: str = "") -> list[str]:
    """Where ours has other keys, or another kind of value; null stands for any kind, since samples are sparse."""
    if ours is None or theirs is None:
        return []
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if where.endswith("custom_fields"):
            return []
        found = [f"{where}: only in {side}: {key}" for key, side in _lone_keys(ours, theirs)]
        for key in ours.keys() & theirs.keys():
            found += differences(ours[key], theirs[key], f"{where}.{key}")
        return found
    if isinstance(ours, list) and isinstance(theirs, list):
        return differences(ours[0], theirs[0], f"{where}[0]") if ours and theirs else []
    return [] if kind(ours) == kind(theirs) else [f"{where}: ours is {kind(ours)}, theirs {kind(theirs)}"]


def _lone_keys(ours: dict[str, Any], theirs: dict[str, Any]) -> list[tuple[str, str]]:
    return [(k, "ours") for k in ours.keys() - theirs.keys()] + [(k, "theirs") for k in theirs.keys() - ours.keys()]


@pytest.mark.parametrize("resource", RESOURCES)
def test_list_has_the_recorded_shape(samples, client, resource):
    recorded = json.loads((samples / f"{resource}_list.json").read_text())["body"]
    reply = client.get(f"/api/v1/{resource}", params={"page[size]": "1"})
    assert reply.status_code == 200
    assert reply.json()["data"], "an empty list would compare nothing"
    assert differences(reply.json(), recorded) == []


@pytest.mark.parametrize("resource", ["companies", "contacts"])
def test_single_has_the_recorded_shape_and_etag(samples, client, resource):
    recorded = json.loads((samples / f"{resource}_get.json").read_text())
    (first,) = client.get(f"/api/v1/{resource}", params={"page[size]": "1"}).json()["data"]
    reply = client.get(f"/api/v1/{resource}/{first['id']}")
    assert differences(reply.json(), recorded["body"]) == []
    for etag, data in ((recorded["etag"], recorded["body"]["data"]), (reply.headers["etag"], reply.json()["data"])):
        assert etag == f'"{data["id"]}:{data["meta"]["revision"]}"'


def test_change_feed_has_the_recorded_shape(samples, client):
    checkpoint = client.get("/api/v1/changes").json()
    assert differences(checkpoint, json.loads((samples / "changes_checkpoint.json").read_text())["body"]) == []
    page = client.get("/api/v1/changes", params={"cursor": checkpoint["meta"]["cursor"]}).json()
    assert differences(page, json.loads((samples / "changes_page.json").read_text())["body"]) == []


def test_next_link_has_the_recorded_form(samples, client):
    recorded = json.loads((samples / "companies_list.json").read_text())["body"]["links"]["next"]
    ours = client.get("/api/v1/companies?page[size]=2").json()["links"]["next"]
    cursor = ours.partition("page[after]=")[2].partition("&")[0]
    assert ours.replace(cursor, "CURSOR") == recorded


def test_comparison_notices_a_difference():
    sample = {"a": "x", "b": [{"c": 1}]}
    assert differences(sample, sample) == []
    assert differences({"a": "x"}, sample) == [": only in theirs: b"]
    assert sorted(differences({"a": 1, "b": [{"c": "1"}]}, sample)) == [
        ".a: ours is int, theirs str",
        ".b[0].c: ours is str, theirs int",
    ]
