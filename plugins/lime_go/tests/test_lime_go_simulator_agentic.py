"""The Agentic API of the simulated Lime Go: tokens, protocol, lists, the change feed, and changing custom fields."""

import itertools
from collections.abc import Iterator
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_lime_go.simulator.agentic_protocol import integration_id

from erpcore.simulator import Fault
from erpcore.testing.straight import Straight

MEDIA = "application/vnd.api+json"
NOBODY = "00000000-0000-0000-0000-000000000000"
KEYS = itertools.count(1)


@pytest.fixture
def lime() -> LimeGoSimulator:
    return LimeGoSimulator(clients={"demo-client": "demo-secret", "other-client": "other-secret"})


@pytest.fixture
def client(lime: LimeGoSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url="http://lime", headers={"Accept": MEDIA}, transport=Straight(lime)) as client:
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
    assert (reply["token_type"], reply["expires_in"]) == ("Bearer", 1800)
    assert "deals:write" in reply["scope"].split()
    assert "." not in reply["access_token"]
    lime.clock.advance(1799)
    assert client.get("/api/v1/owners").status_code == 200
    lime.clock.advance(2)
    assert error(client.get("/api/v1/owners")) == (401, "unauthorized")


def test_a_wrong_request_for_a_token_is_refused_with_its_code(client):
    for form, status, told in (
        ({"client_secret": "nope"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "moon:read"}, 400, "invalid_scope"),
    ):
        refused = ask_token(client, **form)
        assert (refused.status_code, refused.json()["error"]) == (status, told)


def test_scopes_are_held(lime, client):
    client.headers["Authorization"] = f"Bearer {token(client, scope='deals:read changes:read')}"
    assert client.get("/api/v1/deals").status_code == 200
    assert error(client.get("/api/v1/companies")) == (403, "forbidden")
    assert error(client.get("/api/v1/stages")) == (403, "forbidden")
    assert error(change(client, lime, {"erp_id": "1"})) == (403, "forbidden")


def test_tokens_die_by_fault_and_by_hand(lime, client):
    lime.faults.add(Fault("expired_token"))
    assert error(client.get("/api/v1/deals")) == (401, "unauthorized")
    assert client.get("/api/v1/deals").status_code == 200
    assert lime.expire_tokens() == 1
    assert client.get("/api/v1/deals").status_code == 401


# --- protocol


def test_media_types_are_demanded(lime, client):
    assert error(client.get("/api/v1/deals", headers={"Accept": "text/html"})) == (406, "not_acceptable")
    path, headers = f"/api/v1/deals/{lime.deal(850000).id}", {"Content-Type": "application/json"}
    assert error(client.patch(path, content=b"{}", headers=headers)) == (415, "unsupported_media_type")
    headers["Content-Type"] = MEDIA
    assert error(client.patch(path, content=b"{", headers=headers)) == (400, "invalid_document")
    assert client.get("/api/v1/deals").headers["content-type"] == MEDIA


def test_unknown_addresses_methods_and_records(client):
    assert error(client.get("/api/v1/invoices")) == (404, "not_found")
    assert error(client.get(f"/api/v1/deals/{NOBODY}")) == (404, "not_found")
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
    lime.faults.add(Fault("too_many_requests", headers={"Retry-After": "2"}))
    struck = client.get("/api/v1/owners")
    assert (struck.status_code, struck.json()["errors"][0]["code"]) == (429, "rate_limited")
    assert struck.headers["retry-after"] == "2"
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
        lime.add_company(f"Sida {number}")
    seen: list[str] = []
    path: str | None = "/api/v1/companies?page[size]=3&filter[updated_since]=2020-01-01T00:00:00%2B01:00"
    pages = 0
    while path:
        document = client.get(path).json()
        seen += [each["id"] for each in document["data"]]
        path = document["links"]["next"]
        pages += 1
    assert (pages, len(set(seen))) == (3, 8)
    assert seen == sorted(seen)
    assert len(listed(client, "companies")) == 8
    lime.switch(default_page_size=2)
    assert len(listed(client, "companies")) == 2


def test_unknown_or_bad_parameters_are_invalid_queries(client):
    for query in (
        "filter[business_id]=559900-0014",
        "page[size]=101",
        "page[size]=0",
        "page[after]=%25%25",
        "filter[updated_since]=ig%C3%A5r",
        "moon=1",
    ):
        assert error(client.get(f"/api/v1/companies?{query}")) == (400, "invalid_query"), query
    assert error(client.get("/api/v1/owners?filter[updated_since]=2026-01-01"))[1] == "invalid_query"


def test_a_list_is_filtered_by_time(lime, client):
    lime.clock.advance(600)
    since = lime.clock.now().isoformat()
    assert listed(client, "deals", **{"filter[updated_since]": since}) == []
    lime.edit_deal(850001, name="Ändrad")
    (changed,) = listed(client, "deals", **{"filter[updated_since]": since})
    assert changed["attributes"]["name"] == "Ändrad"


def test_deal_as_the_agentic_api_shows_it(lime, client):
    deal = client.get(f"/api/v1/deals/{lime.deal(850001).id}").json()["data"]
    assert (deal["attributes"]["value"], deal["attributes"]["currency"]) == ("8375.00", "SEK")
    assert '"LIC-1"' in deal["attributes"]["custom_fields"]["erp_rows"]
    definitions = {d["attributes"]["key"]: d["attributes"]["label"] for d in listed(client, "custom-field-definitions")}
    assert definitions["erp_rows"] == "ERP rows"
    stages = {each["id"]: each["attributes"] for each in listed(client, "stages")}
    assert stages[deal["relationships"]["stage"]["data"]["id"]]["category"] == "open"
    owners = {each["id"]: each["attributes"] for each in listed(client, "owners")}
    assert owners[deal["relationships"]["owners"]["data"][0]["id"]]["first_name"] == "Erik"


def test_a_large_relationship_is_shown_in_part(lime, client):
    contacts = [lime.add_contact(f"Person {n:03}").id for n in range(150)]
    deal = lime.edit_deal(850000, contacts=contacts)
    inline = client.get(f"/api/v1/deals/{deal.id}").json()["data"]["relationships"]["contacts"]
    assert (len(inline["data"]), inline["meta"]) == (100, {"truncated": True})
    assert inline["links"]["next"].startswith(f"{inline['links']['self']}&page[after]=")


# --- change feed


def changes(client: httpx.Client, cursor: str | None = None, **headers: str) -> dict[str, Any]:
    reply = client.get("/api/v1/changes", params={"cursor": cursor} if cursor else None, headers=headers)
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
    change(client, lime, {"erp_id": "1042"})
    lime.add_company("Från en människa")
    found = [each["attributes"] for each in changes(client, start)["data"]]
    mine = integration_id("demo-client")
    assert [(c["revision"], c["origin_integration_id"]) for c in found] == [("1", mine), ("0", None)]
    assert {c["deleted"] for c in found} == {False}


def test_change_feed_shows_only_readable_types(lime, client):
    only_deals = f"Bearer {token(client, scope='changes:read deals:read')}"
    start = changes(client)["meta"]["cursor"]
    lime.win_deal(850000)
    shown = changes(client, start, Authorization=only_deals)["data"]
    assert {change["attributes"]["resource_type"] for change in shown} == {"deals"}
    assert changes(client, start, Authorization=f"Bearer {token(client, scope='changes:read')}")["data"] == []


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
    lime.switch(cursor_days=9)
    assert client.get("/api/v1/changes", params={"cursor": fresh}).status_code == 200


# --- changing custom fields


def change(
    client: httpx.Client,
    lime: LimeGoSimulator,
    custom_fields: Any,
    *,
    number: int = 850000,
    etag: str | None = None,
    key: str | None = None,
) -> httpx.Response:
    """PATCH a deal as it is now, under a new key unless one is given."""
    deal = lime.deal(number)
    headers = {
        "If-Match": etag or f'"{deal.id}:{deal.revision}"',
        "Idempotency-Key": key or f"key-{next(KEYS)}",
        "Content-Type": MEDIA,
    }
    data = {"type": "deals", "id": deal.id, "attributes": {"custom_fields": custom_fields}}
    return client.patch(f"/api/v1/deals/{deal.id}", json={"data": data}, headers=headers)


def test_a_change_gives_the_next_revision(lime, client):
    before = client.get(f"/api/v1/deals/{lime.deal(850000).id}")
    changed = change(client, lime, {"erp_id": "1042"})
    assert changed.status_code == 200
    assert before.headers["etag"].endswith(':0"')
    assert changed.headers["etag"].endswith(':1"')
    assert changed.json() == client.get(f"/api/v1/deals/{lime.deal(850000).id}").json()
    assert lime.custom_field(850000, "ERP ID") == "1042"
    company = next(each for each in lime.account.of_type("companies") if each.number == 100001)
    headers = {"If-Match": f'"{company.id}:0"', "Idempotency-Key": "c", "Content-Type": MEDIA}
    data = {"type": "companies", "attributes": {"custom_fields": {"kundgrupp": "A"}}}
    told = client.patch(f"/api/v1/companies/{company.id}", json={"data": data}, headers=headers).json()
    assert told["data"]["attributes"]["custom_fields"] == {"kundgrupp": "A"}


@pytest.mark.parametrize(("way", "kept"), [("merge", True), ("replace", False)])
def test_custom_fields_merge_or_replace_and_null_removes(lime, client, way, kept):
    lime.switch(custom_fields_patch=way)
    change(client, lime, {"erp_id": "1042"})
    assert lime.custom_field(850000, "ERP ID") == "1042"
    assert (lime.custom_field(850000, "Projekt") == "Etapp 1") is kept
    change(client, lime, {"erp_id": None})
    assert lime.custom_field(850000, "ERP ID") is None


def test_writing_all_custom_fields_back_does_not_freeze_the_rows(lime, client):
    shown = client.get(f"/api/v1/deals/{lime.deal(850001).id}").json()["data"]["attributes"]["custom_fields"]
    change(client, lime, shown | {"erp_id": "7"}, number=850001)
    lime.edit_deal(850001, rows=[{"text": "Bara en", "price": "1"}])
    shown = client.get(f"/api/v1/deals/{lime.deal(850001).id}").json()["data"]["attributes"]["custom_fields"]
    assert "Bara en" in shown["erp_rows"]
    assert shown["erp_id"] == "7"


def test_a_version_must_be_named_and_be_the_newest(lime, client):
    deal = lime.deal(850000)
    headers = {"Idempotency-Key": "k", "Content-Type": MEDIA}
    data = {"data": {"type": "deals", "attributes": {}}}
    missing = client.patch(f"/api/v1/deals/{deal.id}", json=data, headers=headers)
    assert error(missing) == (428, "precondition_required")
    lime.edit_deal(850000, name="En människa hann före")
    assert error(change(client, lime, {"erp_id": "1"}, etag=f'"{deal.id}:0"')) == (412, "precondition_failed")
    assert lime.custom_field(850000, "ERP ID") is None


def test_the_same_key_is_done_once_though_its_answer_was_lost(lime, client):
    etag = client.get(f"/api/v1/deals/{lime.deal(850000).id}").headers["etag"]
    lime.faults.add(Fault("lose_answer", method="PATCH"))
    with pytest.raises(httpx.RemoteProtocolError):
        change(client, lime, {"erp_id": "1"}, etag=etag, key="k1")
    again = change(client, lime, {"erp_id": "1"}, etag=etag, key="k1")
    assert (again.status_code, again.headers["etag"][-3:]) == (200, ':1"')
    assert lime.deal(850000).revision == 1


def test_keys_that_are_missing_used_or_forgotten(lime, client):
    lime.switch(idempotency_conflict_status=409, missing_idempotency_key_status=428)
    change(client, lime, {"erp_id": "1"}, key="k1")
    assert error(change(client, lime, {"erp_id": "2"}, key="k1")) == (409, "idempotency_key_reused")
    missing = client.patch(f"/api/v1/deals/{lime.deal(850000).id}", headers={"If-Match": "x"})
    assert error(missing) == (428, "idempotency_key_required")
    assert error(change(client, lime, {"moon": "1"}, key="k2"))[0] == 422
    assert change(client, lime, {"erp_id": "3"}, key="k2").status_code == 200, "a refused write does not use it up"
    lime.clock.advance(24 * 3600)
    client.headers["Authorization"] = f"Bearer {token(client)}"
    assert change(client, lime, {"erp_id": "4"}, key="k1").status_code == 200
    lime.switch(idempotency_hours=1)
    change(client, lime, {"erp_id": "5"}, key="k3")
    lime.clock.advance(3600)
    client.headers["Authorization"] = f"Bearer {token(client)}"
    assert change(client, lime, {"erp_id": "6"}, key="k3").status_code == 200


def test_documents_that_do_not_fit(lime, client):
    deal = lime.deal(850000)
    headers = {"If-Match": f'"{deal.id}:0"', "Content-Type": MEDIA}
    for data, status, source in (
        ([], 400, "/data"),
        ({"type": "companies"}, 409, "/data/type"),
        ({"type": "deals", "id": NOBODY}, 409, "/data/id"),
        ({"type": "deals", "attributes": {"moon": 1}}, 422, "/data/attributes/moon"),
        ({"type": "deals", "attributes": {"custom_fields": 1}}, 422, "/data/attributes/custom_fields"),
        ({"type": "deals", "attributes": {"custom_fields": {"x": 1}}}, 422, "/data/attributes/custom_fields/x"),
    ):
        reply = client.patch(
            f"/api/v1/deals/{deal.id}", json={"data": data}, headers={**headers, "Idempotency-Key": str(next(KEYS))}
        )
        (told,) = reply.json()["errors"]
        assert (reply.status_code, told["source"]) == (status, {"pointer": source})
    assert deal.revision == 0
