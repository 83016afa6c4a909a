"""The Agentic API of the Lime Go simulator: reading, paging, filters, limits and the change feed."""

from collections.abc import Iterator
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_lime_go.simulator.agentic_protocol import integration_id

from erpcore.simulator.faults import Fault
from erpcore.simulator.server import running

MEDIA = "application/vnd.api+json"


@pytest.fixture
def lime() -> LimeGoSimulator:
    return LimeGoSimulator(clients={"demo-client": "demo-secret", "other-client": "other-secret"})


@pytest.fixture
def client(lime: LimeGoSimulator) -> Iterator[httpx.Client]:
    with running(lime) as url, httpx.Client(base_url=url, headers={"Accept": MEDIA}) as client:
        client.headers["Authorization"] = f"Bearer {token(client)}"
        yield client


def ask_token(client: httpx.Client, **form: str) -> httpx.Response:
    asked = {
        "grant_type": "client_credentials",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        **form,
    }
    return client.post("/oauth/token", data=asked)


def token(client: httpx.Client, **form: str) -> str:
    reply = ask_token(client, **form)
    assert reply.status_code == 200, reply.text
    return str(reply.json()["access_token"])


def error(reply: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, after checking the error document's form."""
    assert reply.headers["content-type"] == MEDIA
    (only,) = reply.json()["errors"]
    assert {"status", "code", "title", "detail", "meta"} <= only.keys()
    assert only["status"] == str(reply.status_code)
    assert only["meta"]["request_id"] == reply.headers["x-request-id"]
    return reply.status_code, only["code"]


def listed(client: httpx.Client, path: str, **parameters: str) -> list[dict[str, Any]]:
    reply = client.get(f"/api/v1/{path}", params=parameters)
    assert reply.status_code == 200, reply.text
    data: list[dict[str, Any]] = reply.json()["data"]
    return data


# --- tokens


def test_token_is_opaque_and_lives_half_an_hour(lime, client):
    reply = ask_token(client).json()
    assert reply["token_type"] == "Bearer"
    assert reply["expires_in"] == 1800
    assert "deals:write" in reply["scope"].split()
    assert "." not in reply["access_token"]
    lime.clock.advance(1799)
    assert client.get("/api/v1/owners").status_code == 200
    lime.clock.advance(2)
    assert error(client.get("/api/v1/owners")) == (401, "unauthorized")


def test_token_refusals(client):
    wrong = ask_token(client, client_secret="nope")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert ask_token(client, grant_type="password").json()["error"] == "unsupported_grant_type"
    assert ask_token(client, scope="moon:read").json()["error"] == "invalid_scope"


def test_scopes_are_held(client):
    client.headers["Authorization"] = f"Bearer {token(client, scope='deals:read changes:read')}"
    assert client.get("/api/v1/deals").status_code == 200
    assert error(client.get("/api/v1/companies")) == (403, "forbidden")
    assert error(client.get("/api/v1/stages")) == (403, "forbidden")


def test_expired_token_fault_strikes_once(lime, client):
    lime.faults.add(Fault("expired_token"))
    assert error(client.get("/api/v1/deals")) == (401, "unauthorized")
    assert client.get("/api/v1/deals").status_code == 200


def test_all_tokens_can_be_expired(lime, client):
    assert lime.expire_tokens() == 1
    assert client.get("/api/v1/deals").status_code == 401


# --- protocol


def test_media_types_are_demanded(client):
    assert error(client.get("/api/v1/deals", headers={"Accept": "text/html"})) == (406, "not_acceptable")
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
    reply = client.post("/api/v1/companies", content=b"{}", headers=headers)
    assert error(reply) == (415, "unsupported_media_type")
    headers["Content-Type"] = MEDIA
    assert error(client.post("/api/v1/companies", content=b"{", headers=headers)) == (400, "invalid_document")
    assert client.get("/api/v1/deals").headers["content-type"] == MEDIA


def test_unknown_addresses_methods_and_records(client):
    assert error(client.get("/api/v1/invoices")) == (404, "not_found")
    assert error(client.get("/api/v1/deals/00000000-0000-0000-0000-000000000000")) == (404, "not_found")
    assert error(client.post("/api/v1/stages", headers={"Idempotency-Key": "k"})) == (405, "method_not_allowed")


def test_rate_limit_of_an_integration(lime, client):
    first = client.get("/api/v1/owners")
    assert first.headers["x-ratelimit-policy"] == "per-instance; window=60"
    assert first.headers["x-ratelimit-integration-limit"] == "120"
    assert first.headers["x-ratelimit-integration-remaining"] == "119"
    assert first.headers["x-ratelimit-organization-limit"] == "300"
    assert first.headers["x-ratelimit-organization-remaining"] == "299"
    lime.switch(integration_limit=3)
    assert [client.get("/api/v1/owners").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get("/api/v1/owners")
    assert error(refused) == (429, "rate_limited")
    assert 55 <= int(refused.headers["retry-after"]) <= 60
    lime.switch(retry_after=False)
    assert "retry-after" not in client.get("/api/v1/owners").headers
    lime.clock.advance(60)
    assert client.get("/api/v1/owners").status_code == 200


def test_rate_limit_of_the_organisation_is_shared(lime, client):
    lime.switch(integration_limit=2, organization_limit=3)
    other = token(client, client_id="other-client", client_secret="other-secret")
    headers = {"Authorization": f"Bearer {other}"}
    assert [client.get("/api/v1/owners").status_code for _ in range(3)] == [200, 200, 429]
    replies = [client.get("/api/v1/owners", headers=headers).status_code for _ in range(2)]
    assert replies == [200, 429]


# --- lists


def test_pages_follow_links_to_the_end(lime, client):
    for number in range(5):
        lime.add_company(f"Sida & å+ {number}")
    seen: list[str] = []
    path: str | None = "/api/v1/companies?page[size]=3&filter[name]=sida+%26+%C3%A5%2B"
    pages = 0
    while path:
        document = client.get(path).json()
        seen += [each["id"] for each in document["data"]]
        path = document["links"]["next"]
        pages += 1
    assert pages == 2
    assert seen == sorted(seen)
    assert len(set(seen)) == 5
    backwards = listed(client, "companies", sort="-id", **{"filter[name]": "sida & å+"})
    assert [each["id"] for each in backwards] == seen[::-1]


@pytest.mark.parametrize(
    "query",
    [
        "filter[business_id]=559900-0014",
        "filter[status]=customer&filter[city]=Lund",
        "page[size]=101",
        "page[size]=0",
        "page[after]=%25%25",
        "sort=name",
        "include=tags",
        "fields[companies]=nonsense",
        "moon=1",
    ],
)
def test_unknown_or_bad_parameters_are_invalid_queries(client, query):
    assert error(client.get(f"/api/v1/companies?{query}")) == (400, "invalid_query")


def test_filters(lime, client):
    names = [each["attributes"]["name"] for each in listed(client, "companies", **{"filter[status]": "customer"})]
    assert names == ["Sjöstrand Redovisning AB"]
    lime.clock.advance(600)
    since = lime.clock.now().isoformat()
    assert listed(client, "deals", **{"filter[updated_since]": since}) == []
    lime.edit_deal(850001, name="Ändrad")
    (changed,) = listed(client, "deals", **{"filter[updated_since]": since})
    assert changed["attributes"]["name"] == "Ändrad"
    assert error(client.get("/api/v1/deals?filter[updated_since]=igår"))[1] == "invalid_query"
    assert error(client.get("/api/v1/owners?filter[updated_since]=2026-01-01"))[1] == "invalid_query"


@pytest.mark.parametrize(
    ("way", "text", "found"),
    [("contains", "bygg", 1), ("prefix", "bygg", 0), ("prefix", "gran", 1), ("exact", "gran", 0)],
)
def test_name_filter_is_a_switch(lime, client, way, text, found):
    lime.switch(name_filter=way)
    assert len(listed(client, "companies", **{"filter[name]": text})) == found


def test_sparse_fields_and_include(client):
    reply = client.get("/api/v1/deals", params={"fields[deals]": "name,value", "include": "company,stage"})
    document = reply.json()
    assert all(each["attributes"].keys() == {"name", "value"} for each in document["data"])
    assert {each["type"] for each in document["included"]} == {"companies", "stages"}
    assert len(document["included"]) == 4, "three companies, and the one stage once"
    assert error(client.get("/api/v1/activities?include=company,contact,deal")) == (400, "invalid_query")


def test_deal_as_the_agentic_api_shows_it(lime, client):
    deal = client.get(f"/api/v1/deals/{lime.deal(850001).id}").json()["data"]
    assert deal["attributes"]["value"] == "8375.00"
    assert deal["attributes"]["currency"] == "SEK"
    assert '"LIC-1"' in deal["attributes"]["custom_fields"]["erp_rows"]
    definitions = {d["attributes"]["key"]: d["attributes"]["label"] for d in listed(client, "custom-field-definitions")}
    assert definitions["erp_rows"] == "ERP rows"
    stage = client.get(f"/api/v1/stages/{deal['relationships']['stage']['data']['id']}").json()["data"]
    assert stage["attributes"]["category"] == "open"
    owner = client.get(f"/api/v1/owners/{deal['relationships']['owners']['data'][0]['id']}")
    assert owner.json()["data"]["attributes"]["first_name"] == "Erik"
    assert "etag" not in owner.headers


def test_plain_task_leaves_its_format_out_unless_asked(client):
    headers = {"Content-Type": MEDIA, "Idempotency-Key": "k"}
    body = {"data": {"type": "tasks", "attributes": {"title": "T"}, "relationships": {"owner": {"data": None}}}}
    made = client.post("/api/v1/tasks", json=body, headers=headers).json()["data"]
    assert "description_format" not in made["attributes"]
    (asked,) = listed(client, "tasks", **{"fields[tasks]": "description_format"})
    assert asked["attributes"] == {"description_format": "plain_text"}


# --- change feed


def changes(client: httpx.Client, cursor: str | None = None) -> dict[str, Any]:
    reply = client.get("/api/v1/changes", params={"cursor": cursor} if cursor else None)
    assert reply.status_code == 200, reply.text
    document: dict[str, Any] = reply.json()
    return document


def test_change_feed_starts_with_a_checkpoint_and_pages(lime, client):
    checkpoint = changes(client)
    assert checkpoint["data"] == []
    assert checkpoint["meta"].keys() == {"cursor", "checkpoint"}
    assert checkpoint["meta"]["checkpoint"] is True

    lime.switch(changes_page_size=2)
    lime.win_deal(850000)
    lime.edit_deal(850000, name="Nytt")
    first = changes(client, checkpoint["meta"]["cursor"])
    assert first["meta"]["has_more"] is True
    second = changes(client, first["meta"]["cursor"])
    assert second["meta"]["has_more"] is False
    seen = [(c["attributes"]["resource_type"], c["attributes"]["revision"]) for c in first["data"] + second["data"]]
    assert seen == [("deals", "1"), ("companies", "1"), ("deals", "2")]
    assert changes(client, second["meta"]["cursor"])["data"] == []


def test_change_feed_names_the_integration_that_wrote(lime, client):
    start = changes(client)["meta"]["cursor"]
    headers = {"Content-Type": MEDIA, "Idempotency-Key": "k"}
    body = {"data": {"type": "companies", "attributes": {"name": "Eko AB"}}}
    assert client.put("/api/v1/companies/external/x-1", json=body, headers=headers).status_code == 201
    lime.add_company("Från en människa")
    found = [change["attributes"] for change in changes(client, start)["data"]]
    mine = integration_id("demo-client")
    assert [(c["revision"], c["origin_integration_id"]) for c in found] == [("0", mine), ("1", mine), ("0", None)]
    assert {c["deleted"] for c in found} == {False}


def test_change_feed_shows_only_readable_types(lime, client):
    only_deals = {"Authorization": f"Bearer {token(client, scope='changes:read deals:read')}"}
    start = changes(client)["meta"]["cursor"]
    lime.win_deal(850000)
    reply = client.get("/api/v1/changes", params={"cursor": start}, headers=only_deals).json()
    assert {change["attributes"]["resource_type"] for change in reply["data"]} == {"deals"}
    nothing = {"Authorization": f"Bearer {token(client, scope='changes:read')}"}
    assert client.get("/api/v1/changes", params={"cursor": start}, headers=nothing).json()["data"] == []


def test_cursors_expire_and_bad_ones_are_gone(lime, client):
    cursor = changes(client)["meta"]["cursor"]
    lime.expire_cursors()
    assert error(client.get("/api/v1/changes", params={"cursor": cursor})) == (410, "cursor_expired")
    assert error(client.get("/api/v1/changes", params={"cursor": "moon"})) == (410, "cursor_expired")
    assert error(client.get("/api/v1/changes", params={"after": cursor})) == (400, "invalid_query")
    fresh = changes(client)["meta"]["cursor"]
    lime.clock.advance(8 * 86400)
    client.headers["Authorization"] = f"Bearer {token(client)}"
    assert error(client.get("/api/v1/changes", params={"cursor": fresh})) == (410, "cursor_expired")
