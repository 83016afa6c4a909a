"""The Agentic API of the Lime Go simulator: writes, idempotency keys, ETags, external ids, relationships."""

import itertools
from collections.abc import Iterator
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_lime_go.simulator import LimeGoSimulator

from erpcore.simulator.faults import Fault
from erpcore.simulator.server import running

MEDIA = "application/vnd.api+json"
KEYS = itertools.count(1)


@pytest.fixture
def lime() -> LimeGoSimulator:
    return LimeGoSimulator()


@pytest.fixture
def client(lime: LimeGoSimulator) -> Iterator[httpx.Client]:
    with running(lime) as url, httpx.Client(base_url=f"{url}/api/v1/", headers={"Accept": MEDIA}) as client:
        form = {"grant_type": "client_credentials", "client_id": "demo-client", "client_secret": "demo-secret"}
        reply = httpx.post(f"{url}/oauth/token", data=form)
        client.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"
        yield client


def write(
    client: httpx.Client, method: str, path: str, data: Any = None, *, etag: str | None = None, key: str | None = None
) -> httpx.Response:
    headers = {"Idempotency-Key": key or f"key-{next(KEYS)}"}
    headers |= {"If-Match": etag} if etag else {}
    if data is None:
        return client.request(method, path, headers=headers)
    return client.request(method, path, json={"data": data}, headers=headers | {"Content-Type": MEDIA})


def company(**attributes: Any) -> dict[str, Any]:
    return {"type": "companies", "attributes": attributes}


def new_deal(**attributes: Any) -> dict[str, Any]:
    return {"type": "deals", "attributes": attributes}


def refusal(reply: httpx.Response) -> tuple[int, str, dict[str, str]]:
    (error,) = reply.json()["errors"]
    return reply.status_code, error["code"], error.get("source", {})


def test_create_read_change_delete(lime, client):
    made = write(client, "POST", "companies", company(name="Ny AB", business_id="559900-0238"))
    assert made.status_code == 201
    record = made.json()["data"]
    assert made.headers["etag"] == f'"{record["id"]}:0"'
    assert made.headers["location"] == f"/api/v1/companies/{record['id']}"
    path = f"companies/{record['id']}"
    assert client.get(path).json() == made.json()

    data = {"type": "companies", "id": record["id"], "attributes": {"email": "x@y.example"}}
    changed = write(client, "PATCH", path, data, etag=made.headers["etag"])
    assert changed.status_code == 200
    assert changed.headers["etag"] == f'"{record["id"]}:1"'
    assert changed.json()["data"]["attributes"]["email"] == "x@y.example"
    assert changed.json()["data"]["attributes"]["name"] == "Ny AB"

    gone = write(client, "DELETE", path, etag=changed.headers["etag"])
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get(path).status_code == 404
    last = lime.account.changes[-1]
    assert (last.resource_id, last.revision, last.deleted) == (record["id"], 2, True)


def test_if_match_missing_stale_and_right(lime, client):
    deal = lime.deal(850000)
    data = {"type": "deals", "attributes": {"name": "Ändrad"}}
    missing = write(client, "PATCH", f"deals/{deal.id}", data)
    assert refusal(missing) == (428, "precondition_required", {"header": "If-Match"})
    stale = client.get(f"deals/{deal.id}").headers["etag"]
    lime.edit_deal(850000, name="En människa hann före")
    assert refusal(write(client, "PATCH", f"deals/{deal.id}", data, etag=stale))[:2] == (412, "precondition_failed")
    assert refusal(write(client, "DELETE", f"deals/{deal.id}", etag=stale))[0] == 412
    assert lime.deal(850000).name == "En människa hann före"
    fresh = client.get(f"deals/{deal.id}").headers["etag"]
    assert write(client, "PATCH", f"deals/{deal.id}", data, etag=fresh).status_code == 200


def test_same_key_same_body_is_done_once(lime, client):
    first = write(client, "POST", "companies", company(name="En gång AB"), key="k1")
    again = write(client, "POST", "companies", company(name="En gång AB"), key="k1")
    assert again.status_code == 201
    assert again.json() == first.json()
    assert again.headers["etag"] == first.headers["etag"]
    assert len(client.get("companies", params={"filter[name]": "En gång"}).json()["data"]) == 1


@pytest.mark.parametrize("status", [422, 409])
def test_same_key_other_body_is_refused(lime, client, status):
    lime.switch(idempotency_conflict_status=status)
    write(client, "POST", "companies", company(name="Ett AB"), key="k1")
    other = write(client, "POST", "companies", company(name="Två AB"), key="k1")
    assert refusal(other)[:2] == (status, "idempotency_key_reused")
    assert client.get("companies", params={"filter[name]": "Två"}).json()["data"] == []


def test_key_is_forgotten_after_its_time_and_refused_writes_do_not_use_it_up(lime, client):
    lime.switch(idempotency_hours=0)
    for _ in range(2):
        write(client, "POST", "companies", company(name="Glömd AB"), key="k1")
    assert len(client.get("companies", params={"filter[name]": "Glömd"}).json()["data"]) == 2
    assert write(client, "POST", "companies", company(nam="fel"), key="k2").status_code == 422
    assert write(client, "POST", "companies", company(name="rätt"), key="k2").status_code == 201


@pytest.mark.parametrize("status", [400, 422, 428])
def test_missing_key_is_refused(lime, client, status):
    lime.switch(missing_idempotency_key_status=status)
    reply = client.post("companies", json={"data": company(name="x")}, headers={"Content-Type": MEDIA})
    assert refusal(reply) == (status, "idempotency_key_required", {"header": "Idempotency-Key"})


@pytest.mark.parametrize(
    ("path", "data", "status", "source"),
    [
        ("companies", company(), 422, {"pointer": "/data/attributes/name"}),
        ("companies", company(name=None), 422, {"pointer": "/data/attributes/name"}),
        ("companies", company(name="x", moon=1), 422, {"pointer": "/data/attributes/moon"}),
        ("companies", company(name="x" * 10_001), 422, {"pointer": "/data/attributes/name"}),
        ("companies", company(name="x", status="unknown"), 422, {"pointer": "/data/attributes/status"}),
        ("deals", new_deal(name="x", value=12.5), 422, {"pointer": "/data/attributes/value"}),
        ("deals", new_deal(name="x", value="1.23456"), 422, {"pointer": "/data/attributes/value"}),
        ("deals", new_deal(name="x", probability=101), 422, {"pointer": "/data/attributes/probability"}),
        ("deals", company(name="x"), 409, {"pointer": "/data/type"}),
        ("tasks", {"type": "tasks", "attributes": {"title": "x"}}, 422, {"pointer": "/data/relationships/owner"}),
        ("companies", [], 400, {"pointer": "/data"}),
        ("companies", company(name="x") | {"id": "17"}, 422, {"pointer": "/data/id"}),
        (
            "companies",
            company(name="x", custom_fields={"no_such": "y"}),
            422,
            {"pointer": "/data/attributes/custom_fields/no_such"},
        ),
    ],
)  # fmt: skip
def test_invalid_documents(client, path, data, status, source):
    reply = write(client, "POST", path, data)
    assert (refusal(reply)[0], refusal(reply)[2]) == (status, source)


def test_relationships_must_point_at_records_of_the_right_type(lime, client):
    stage, deal = lime.account.stages("Nyförsäljning")[0], lime.deal(850000)
    for company_data in ({"type": "stages", "id": stage.id}, {"type": "companies", "id": "x"}):
        data = {"type": "deals", "attributes": {"name": "x"}, "relationships": {"company": {"data": company_data}}}
        assert write(client, "POST", "deals", data).status_code == 422
    data = {"type": "deals", "attributes": {}, "relationships": {"moon": {"data": None}}}
    etag = client.get(f"deals/{deal.id}").headers["etag"]
    assert refusal(write(client, "PATCH", f"deals/{deal.id}", data, etag=etag))[2] == {
        "pointer": "/data/relationships/moon"
    }


def test_winning_over_the_agentic_api_reaches_the_classic_feed(lime, client):
    deal, won = lime.deal(850000), lime.account.stage_named("Order")
    data = {"type": "deals", "relationships": {"stage": {"data": {"type": "stages", "id": won.id}}}}
    reply = write(client, "PATCH", f"deals/{deal.id}", data, etag=client.get(f"deals/{deal.id}").headers["etag"])
    assert reply.json()["data"]["relationships"]["stage"]["data"]["id"] == won.id
    assert reply.json()["data"]["meta"]["revision"] == "1"
    assert [e.event_type for e in lime.account.events] == ["DealStatusChange", "DealWon", "OrganizationIsACustomer"]


def test_company_status_over_the_agentic_api_emits_the_relation(lime, client):
    target = next(c for c in lime.account.of_type("companies") if c.number == 100001)
    etag = client.get(f"companies/{target.id}").headers["etag"]
    reply = write(client, "PATCH", f"companies/{target.id}", company(status="churned"), etag=etag)
    assert reply.json()["data"]["meta"]["revision"] == "1"
    assert [e.event_type for e in lime.account.events] == ["OrganizationWasACustomer"]


@pytest.mark.parametrize(("way", "kept"), [("merge", True), ("replace", False)])
def test_custom_fields_merge_or_replace(lime, client, way, kept):
    lime.switch(custom_fields_patch=way)
    deal = lime.deal(850000)
    data = {"type": "deals", "attributes": {"custom_fields": {"erp_id": "1042"}}}
    write(client, "PATCH", f"deals/{deal.id}", data, etag=client.get(f"deals/{deal.id}").headers["etag"])
    assert lime.custom_field(850000, "ERP ID") == "1042"
    assert (lime.custom_field(850000, "Projekt") == "Etapp 1") is kept
    data = {"type": "deals", "attributes": {"custom_fields": {"erp_id": None}}}
    write(client, "PATCH", f"deals/{deal.id}", data, etag=client.get(f"deals/{deal.id}").headers["etag"])
    assert lime.custom_field(850000, "ERP ID") is None


def test_writing_all_custom_fields_back_does_not_freeze_the_rows(lime, client):
    deal = lime.deal(850001)
    reply = client.get(f"deals/{deal.id}")
    fields = reply.json()["data"]["attributes"]["custom_fields"] | {"erp_id": "7"}
    data = {"type": "deals", "attributes": {"custom_fields": fields}}
    write(client, "PATCH", f"deals/{deal.id}", data, etag=reply.headers["etag"])
    lime.edit_deal(850001, rows=[{"text": "Bara en", "price": "1"}])
    shown = client.get(f"deals/{deal.id}").json()["data"]["attributes"]["custom_fields"]
    assert "Bara en" in shown["erp_rows"]
    assert shown["erp_id"] == "7"


def test_external_id_creates_once_and_then_wants_patch(lime, client):
    task = {"type": "tasks", "attributes": {"title": "Fel"}, "relationships": {"owner": {"data": None}}}
    made = write(client, "PUT", "tasks/external/deal%2F850000", task)
    assert made.status_code == 201
    assert made.json()["data"]["meta"]["revision"] == "1", "one upsert, two revisions"
    task["attributes"] = {"title": "Annat fel"}
    assert refusal(write(client, "PUT", "tasks/external/deal%2F850000", task))[:2] == (428, "precondition_required")
    etag = made.headers["etag"]
    assert refusal(write(client, "PUT", "tasks/external/deal%2F850000", task, etag=etag))[:2] == (409, "conflict")
    lime.switch(upsert_existing="update")
    changed = write(client, "PUT", "tasks/external/deal%2F850000", task, etag=etag)
    assert changed.status_code == 200
    assert changed.json()["data"]["attributes"]["title"] == "Annat fel"
    assert write(client, "PUT", f"tasks/external/{'x' * 129}", task).status_code == 422


def test_relationship_add_remove_replace(lime, client):
    deal = lime.deal(850000)
    people = [contact.id for contact in lime.account.of_type("contacts")]
    path = f"deals/{deal.id}/relationships/contacts"
    page = client.get(path)
    assert page.json()["data"] == [{"id": people[0], "type": "contacts"}]
    assert page.json()["meta"] == {"truncated": False}

    def linkage(*ids: str) -> list[dict[str, str]]:
        return [{"type": "contacts", "id": each} for each in ids]

    added = write(client, "POST", path, linkage(people[1]), etag=page.headers["etag"])
    assert {each["id"] for each in added.json()["data"]} == set(people[:2])
    removed = write(client, "DELETE", path, linkage(people[0]), etag=added.headers["etag"])
    assert [each["id"] for each in removed.json()["data"]] == [people[1]]
    replaced = write(client, "PATCH", path, linkage(people[2]), etag=removed.headers["etag"])
    assert [each["id"] for each in replaced.json()["data"]] == [people[2]]
    assert refusal(write(client, "POST", path, linkage(people[0])))[0] == 428
    assert refusal(write(client, "POST", path, linkage(people[0]), etag=added.headers["etag"]))[0] == 412
    many = write(client, "PATCH", path, linkage(*people * 40), etag=replaced.headers["etag"])
    assert refusal(many)[:2] == (409, "relationship_too_large")


def test_large_relationship_is_shown_in_pages(lime, client):
    contacts = [lime.add_contact(f"Person {n:03}").id for n in range(150)]
    deal = lime.edit_deal(850000, contacts=contacts)
    inline = client.get(f"deals/{deal.id}").json()["data"]["relationships"]["contacts"]
    assert len(inline["data"]) == 100
    assert inline["meta"] == {"truncated": True}
    rest = client.get(client.base_url.join(inline["links"]["next"])).json()
    assert {each["id"] for each in inline["data"] + rest["data"]} == set(contacts)
    assert rest["links"]["next"] is None


def test_deleting_a_company_lets_go_of_its_deals(lime, client):
    owner = lime.deal(850000).company
    etag = client.get(f"companies/{owner}").headers["etag"]
    assert write(client, "DELETE", f"companies/{owner}", etag=etag).status_code == 204
    assert client.get(f"deals/{lime.deal(850000).id}").json()["data"]["relationships"]["company"] == {"data": None}


def test_activity_belongs_where_it_was_made_and_task_format_needs_text(lime, client):
    deal = lime.deal(850000)
    to_deal = {"deal": {"data": {"type": "deals", "id": deal.id}}}
    note = {"type": "activities", "attributes": {"type": "note", "content": "Order 1042"}, "relationships": to_deal}
    made = write(client, "POST", "activities", note)
    assert made.json()["data"]["relationships"]["deal"]["data"]["id"] == deal.id
    path = f"activities/{made.json()['data']['id']}"
    moved = {"type": "activities", "attributes": {}, "relationships": {"deal": {"data": None}}}
    assert write(client, "PATCH", path, moved, etag=made.headers["etag"]).status_code == 422
    other_time = {"type": "activities", "attributes": {"occurred_at": "2026-01-01T00:00:00Z"}}
    assert write(client, "PATCH", path, other_time, etag=made.headers["etag"]).status_code == 422

    task = {"type": "tasks", "attributes": {"title": "T"}, "relationships": {"owner": {"data": None}}}
    made = write(client, "POST", "tasks", task)
    path = f"tasks/{made.json()['data']['id']}"
    only_format = {"type": "tasks", "attributes": {"description_format": "markdown"}}
    assert write(client, "PATCH", path, only_format, etag=made.headers["etag"]).status_code == 422
    only_format["attributes"] = {"description_format": "markdown", "description": "**x**"}
    changed = write(client, "PATCH", path, only_format, etag=made.headers["etag"]).json()["data"]
    assert changed["attributes"]["description_format"] == "markdown"


def test_lost_answer_and_the_same_key_again_make_one_record(lime, client):
    lime.faults.add(Fault("lose_answer", method="POST", path="/api/v1/companies"))
    with pytest.raises(httpx.RemoteProtocolError):
        write(client, "POST", "companies", company(name="Tappad AB"), key="k1")
    again = write(client, "POST", "companies", company(name="Tappad AB"), key="k1")
    assert again.status_code == 201
    assert len(client.get("companies", params={"filter[name]": "Tappad"}).json()["data"]) == 1
    tries = lime.journal.entries("POST", "/api/v1/companies")
    assert [(entry.status, entry.kind) for entry in tries] == [(None, "lose_answer"), (201, "")]


def test_too_many_requests_fault_is_the_apis_own_refusal(lime, client):
    lime.faults.add(Fault("too_many_requests", headers={"Retry-After": "2"}))
    reply = client.get("deals")
    assert refusal(reply)[:2] == (429, "rate_limited")
    assert reply.headers["retry-after"] == "2"
    assert client.get("deals").status_code == 200
