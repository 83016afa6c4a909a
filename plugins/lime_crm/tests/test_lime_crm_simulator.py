"""The simulated Lime CRM as a stranger's client sees it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_lime_crm.simulator import LimeCrmSimulator, Model, Switches
from erpcore_lime_crm.simulator.demo import API_KEY, READ_ONLY_KEY

from erpcore.simulator import Clock
from erpcore.testing.straight import Straight

OBJECTS = "/demo/api/v1/limeobject"


@pytest.fixture
def client(lime: LimeCrmSimulator) -> Iterator[httpx.Client]:
    with asking(lime) as client:
        yield client


def asking(lime: LimeCrmSimulator) -> httpx.Client:
    return httpx.Client(base_url="http://lime", headers={"x-api-key": API_KEY}, transport=Straight(lime))


def numbers(reply: httpx.Response) -> list[int]:
    return [each["_id"] for each in reply.json()["_embedded"]["limeobjects"]]


def query(client: httpx.Client, **asked: Any) -> httpx.Response:
    return client.get("/demo/api/v1/query/", params={"q": json.dumps(asked)})


def test_a_key_is_needed(client: httpx.Client) -> None:
    assert client.get("/demo/api/v1/").status_code == 200
    assert client.get("/demo/api/v1/", headers={"x-api-key": "x"}).status_code == 401
    denied = client.post(f"{OBJECTS}/company/", json={"name": "X"}, headers={"x-api-key": READ_ONLY_KEY})
    assert denied.status_code == 403


@pytest.mark.parametrize("next_by", ["offset", "offset_id"])
def test_a_list_is_paged_by_a_count_or_by_the_last_id(
    client: httpx.Client, lime: LimeCrmSimulator, next_by: str
) -> None:
    lime.switch(next_by=next_by)
    first = client.get(f"{OBJECTS}/order/", params={"_limit": 2, "currency": "NOK"})
    assert first.headers["content-type"].startswith("application/hal+json")
    link = first.json()["_links"]["next"]["href"]
    assert link.endswith("&_offset=2" if next_by == "offset" else f"&_offset_id={numbers(first)[-1]}")
    last = client.get(link)
    assert "next" not in last.json()["_links"]
    assert len({*numbers(first), *numbers(last)}) == 3
    lime.switch(largest_limit=1)
    assert len(numbers(client.get(f"{OBJECTS}/order/", params={"_limit": 2}))) == 1


def test_lists_are_filtered_by_equal_values(client: httpx.Client) -> None:
    for params, count in (
        ({"order_status": "notready"}, 3),
        ({"order_status": "synced"}, 0),
        ({"create_invoice_from_order": "true"}, 1),
        ({"company": "1003"}, 2),
        ({"company": "1003", "create_invoice_from_order": "true"}, 0),
    ):
        assert len(numbers(client.get(f"{OBJECTS}/order/", params=params))) == count, params
    for wrong in ({"colour": "x"}, {"min-order_sum": "1"}, {"_sort": "name"}, {"_offset": "-1"}, {"_limit": "0"}):
        assert client.get(f"{OBJECTS}/order/", params=wrong).status_code == 400, wrong


def test_an_option_is_read_as_an_object_and_written_as_its_key(client: httpx.Client, lime: LimeCrmSimulator) -> None:
    order = lime.account.all("order")[0]
    path = f"{OBJECTS}/order/{order.id}/"
    shown = client.put(path, json={"order_status": {"key": "inprocess"}}).json()
    assert shown["order_status"] == {"key": "inprocess", "text": "In process", "id": shown["order_status"]["id"]}
    assert shown["_updateduser"] == 2
    assert shown["customer_reference"] == "Kari Fjell", "a PUT is partial"
    assert client.put(path, json={"order_status": "error"}).json()["order_status"]["key"] == "error"
    lime.switch(bare_option_keys=False)
    assert client.put(path, json={"order_status": "synced"}).status_code == 400
    assert client.put(path, json={"order_status": {"key": "wonderful"}}).status_code == 400


def test_values_that_do_not_fit_are_refused(client: httpx.Client, lime: LimeCrmSimulator) -> None:
    order = lime.account.all("order")[0]
    for values in (
        {"colour": "x"},
        {"order_sum": "12"},
        {"create_invoice_from_order": "yes"},
        {"customer_reference": 5},
        {"currency": "x" * 33},
        {"company": 999999},
        {"company": "1003"},
        {"order_date": "2026-11-22"},
        {"order_date": "soon"},
        {"orderrow": [1]},
        [],
    ):
        assert client.put(f"{OBJECTS}/order/{order.id}/", json=values).status_code == 400, values


def test_a_unique_number_stays_unique(client: httpx.Client, lime: LimeCrmSimulator) -> None:
    company = lime.object("company", "Sundet Handel AS")
    assert client.put(f"{OBJECTS}/company/{company.id}/", json={"erp_id": "10001"}).status_code == 400
    assert client.put(f"{OBJECTS}/company/{company.id}/", json={"erp_id": ""}).status_code == 200


def test_objects_are_made_and_deleted(client: httpx.Client) -> None:
    made = client.post(f"{OBJECTS}/articlegroup/", json={"name": "Ny", "active": True})
    assert made.status_code == 201
    path = f"{OBJECTS}/articlegroup/{made.json()['_id']}/"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.post(f"{OBJECTS}/company/", json={"phone": "1"}).status_code == 400


def test_belongs_to_is_embedded_and_has_many_is_a_list(client: httpx.Client, lime: LimeCrmSimulator) -> None:
    order = lime.account.all("order")[0]
    shown = client.get(f"{OBJECTS}/order/{order.id}/?_embed=company&_embed=coworker&_embed=orderrow").json()
    assert set(shown["_embedded"]) == {"relation_company", "relation_coworker"}
    assert shown["company"] == shown["_embedded"]["relation_company"]["_id"]
    rows = client.get(shown["_links"]["relation_orderrow"]["href"], params={"_embed": "article"})
    assert rows.json()["_embedded"]["limeobjects"][0]["_embedded"]["relation_article"]["articleno"] == "KURS-1"
    for other in ("company", "nonsense"):
        assert client.get(f"{OBJECTS}/order/{order.id}/{other}/").status_code == 404


def test_a_query_asks_for_what_changed_after_a_moment(client: httpx.Client, lime: LimeCrmSimulator) -> None:
    def asked(since: str, **more: Any) -> list[dict[str, Any]]:
        leaf = {"key": "_timestamp", "op": ">", "exp": since}
        wanted = {"object": {"_id": "", "name": "", "erp_status": ""}}
        reply = query(client, limetype="company", responseFormat=wanted, filter=leaf, orderBy=[{"_id": "ASC"}], **more)
        return list(reply.json()["objects"])

    assert [each["name"] for each in asked("2000-01-01T00:00:00Z", limit=2, offset=1)] == [
        "Sundet Handel AS",
        "Granudden Bygg AB",
    ]
    last = lime.account.all("company")[-1].timestamp.isoformat()
    assert asked(last) == []
    lime.edit_company("Sundet Handel AS", phone="1")
    (told,) = asked(last)
    assert told["erp_status"].keys() == {"key", "text", "id"}
    lime.switch(query_options="key")
    assert asked(last)[0]["erp_status"] == told["erp_status"]["key"]


def test_queries_that_make_no_sense_are_refused(client: httpx.Client) -> None:
    for asked in (
        {"responseFormat": []},
        {"responseFormat": {"object": "x"}},
        {"orderBy": "name"},
        {"orderBy": [{"_id": "DESC"}]},
        {"limit": "x"},
        {"limit": -1},
        {"offset": -1},
        {"filter": []},
        {"filter": {"key": "name", "op": "=", "exp": "x"}},
        {"filter": {"key": "_timestamp", "op": ["="], "exp": 1}},
        {"filter": {"key": "_timestamp", "op": ">", "exp": "yesterday"}},
    ):
        assert query(client, limetype="company", **asked).status_code == 400, asked
    assert query(client, limetype="nonsense").status_code == 404
    assert query(client, limetype="company", responseFormat={"object": {"deal": ""}}).status_code == 404


def test_limetypes_tell_their_properties(client: httpx.Client) -> None:
    shown = client.get("/demo/api/v1/limetype/order/?_embed=properties").json()
    held = {each["name"]: each for each in shown["_embedded"]["properties"]}
    assert [each["key"] for each in held["order_status"]["options"]][:2] == ["notready", "readytobesent"]
    assert held["company"]["_links"]["related_type"]["name"] == "company"
    assert held["orderrow"]["type"] == "hasmany"
    assert client.get("/demo/api/v1/limetype/nonsense/").status_code == 404


def test_sums_of_an_order_follow_its_rows(lime: LimeCrmSimulator) -> None:
    rows = [
        {"price": "33.335", "quantity": 1, "vat": "0.25"},
        {"price": "10", "quantity": "3", "discount": "5", "vat": "0.15"},
    ]
    order = lime.add_order("Fjellvik Bygg AS", rows)
    row = lime.account.related(order, "orderrow")[1]
    assert order.values["order_sum"] == Decimal("58.34")
    assert order.values["order_vat"] == Decimal("8.34") + Decimal("3.75")
    lime.edit_row(row.id, discount="0")
    assert order.values["order_sum"] == Decimal("63.34")
    lime.delete("orderrow", row.id)
    assert order.values["order_total_sum"] == Decimal("41.68")


def test_an_order_in_process_is_read_only_for_people(lime: LimeCrmSimulator, client: httpx.Client) -> None:
    order = lime.account.all("order")[0]
    client.put(f"{OBJECTS}/order/{order.id}/", json={"order_status": {"key": "inprocess"}})
    row = lime.account.related(order, "orderrow")[0]
    refusals = [
        lambda: lime.edit_order(order.id, currency="SEK"),
        lambda: lime.set_ready(order.id),
        lambda: lime.edit_row(row.id, description="x"),
    ]
    for refusal in refusals:
        with pytest.raises(ValueError, match="in process"):
            refusal()
    client.put(f"{OBJECTS}/order/{order.id}/", json={"order_status": {"key": "error"}})
    assert lime.set_ready(order.id).values["order_status"] == "readytobesent"


def test_a_changed_company_is_marked(lime: LimeCrmSimulator) -> None:
    assert lime.edit_company("Fjellvik Bygg AS", phone="1").values["erp_status"] == "updatesmade"
    assert lime.edit_company("Sundet Handel AS", phone="1").values["erp_status"] == "empty"


def test_the_limit_of_cloud_holds(still_clock: Clock) -> None:
    with asking(LimeCrmSimulator(Switches(requests=5), clock=still_clock)) as client:
        assert [client.get("/demo/api/v1/").status_code for _ in range(6)] == [200] * 5 + [429]
        refused = client.get("/demo/api/v1/")
        assert 299 <= int(refused.headers["retry-after"]) <= 301
        still_clock.advance(300)
        assert client.get("/demo/api/v1/").status_code == 200


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_subscriptions_and_signatures(client: httpx.Client, lime: LimeCrmSimulator, version: str) -> None:
    path = "/demo/api/v1/subscription/"
    body = {"events": ["order.update"], "target_url": "http://127.0.0.1:9/x", "secret": "s3cret", "name": "a"}
    # How version 2 is asked for is unconfirmed.
    lime.switch(signature_member="signature", delivery_attempts=1)
    assert client.post(path, json=body | {"signature_version": "v2"}).status_code == 400
    made = client.post(path, json=body | ({"signature": "v2"} if version == "v2" else {}))
    assert made.status_code == 201
    assert "secret" not in made.json()
    key = made.json()["id"]
    assert client.get(path).json() == [made.json()]
    lime.set_ready(lime.account.all("order")[0].id)
    assert lime.settle()
    (held,) = lime.deliveries.memory()["refused"]
    headers, told = held.headers(), json.loads(held.body)
    assert told["event"] == "order.update"
    assert told["body"]["original_values"] == {"order_status": "notready"}
    assert told["body"]["values"]["order_status"] == "readytobesent"
    assert told["body"]["values"]["updateduser"] == 3
    if version == "v1":
        signed, prefix = held.body.encode(), "sha256="
    else:
        digest = hashlib.sha256(held.body.encode()).hexdigest()
        stamp = headers["X-Lime-Delivery-Timestamp"]
        signed, prefix = f"v2:{headers['X-Lime-Delivery-Id']}:{stamp}:{digest}".encode(), "v2="
    assert headers["X-Lime-Signature"] == prefix + hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()
    assert client.put(f"{path}{key}/", json={"enabled": False}).json()["enabled"] is False
    lime.edit_order(lime.account.all("order")[1].id, currency="SEK")
    assert lime.settle()
    assert len(lime.deliveries.memory()["refused"]) == 1
    absent = client.put(f"{path}4711/", json={"enabled": False})
    assert (absent.status_code, absent.json()) == (404, {"error": "There is no subscription 4711."})


def test_subscriptions_that_make_no_sense_are_refused(client: httpx.Client) -> None:
    for body in ({}, {"events": ["a"]}, {"events": "a", "target_url": "b"}, {"nonsense": 1}):
        assert client.post("/demo/api/v1/subscription/", json=body).status_code == 400, body
    assert client.get("/demo/api/v1/subscription/", headers={"x-api-key": READ_ONLY_KEY}).status_code == 403


def test_people_act_over_the_control_addresses(client: httpx.Client, lime: LimeCrmSimulator) -> None:
    company = client.post("/_simulator/add_company", json={"name": "Ny AS", "country": "Norge"}).json()
    order = client.post(
        "/_simulator/add_order", json={"company": "Ny AS", "rows": [{"article": "LIS-1", "quantity": "2"}]}
    ).json()
    assert order["values"]["order_sum"] == "2400.00"
    assert client.post("/_simulator/set_ready", json={"order": order["id"]}).status_code == 200
    assert client.post("/_simulator/set_ready", json={"order": 1}).status_code == 400
    assert client.get("/_simulator/switches").json()["requests"] == 3000
    assert client.post("/_simulator/switches", json={"nonsense": 1}).status_code == 400
    state = client.get("/_simulator/state").json()
    assert company["id"] in [each["id"] for each in state["objects"]["company"]]


def test_a_seed_replaces_what_there_is(client: httpx.Client, lime: LimeCrmSimulator) -> None:
    seed = {"replace": True, "companies": [{"name": "Bare AS"}], "switches": {"requests": 10}}
    assert client.post("/_simulator/seed", json=seed).status_code == 204
    assert [each.values["name"] for each in lime.account.all("company")] == ["Bare AS"]
    assert client.post("/_simulator/seed", json={"companies": [{"nonsense": 1}]}).status_code == 400
    assert client.post("/_simulator/seed", json={"nonsense": []}).status_code == 400


def test_a_model_refuses_names_that_it_does_not_have() -> None:
    for wrong in (
        {"renamed": {"order.nonsense": "x"}},
        {"without": ["nonsense"]},
        {"option_keys": {"order.nonsense.x": "y"}},
    ):
        with pytest.raises(ValueError, match="nonsense"):
            Model(**wrong)


# --- held to the examples that stand with the vendor descriptions


@pytest.fixture
def examples(request: pytest.FixtureRequest) -> dict[str, Any]:
    specs = request.config.getoption("--vendor-specs")
    file = Path(specs) / "lime_crm" / "examples.synthetic.json" if specs else None
    if file is None or not file.is_file():
        pytest.skip("needs --vendor-specs DIR with lime_crm/examples.synthetic.json")
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return held


def test_its_answers_have_the_members_of_the_examples(
    examples: dict[str, Any], client: httpx.Client, lime: LimeCrmSimulator
) -> None:
    example = examples["list_page"]["response"]
    page = client.get(f"{OBJECTS}/company/", params={"_limit": 2}).json()
    assert page.keys() == example.keys()
    assert page["_links"].keys() == example["_links"].keys()
    system = {name for name in example["_embedded"]["limeobjects"][0] if name.startswith("_")}
    shown = page["_embedded"]["limeobjects"][0]
    assert system <= shown.keys()
    assert set(example["_embedded"]["limeobjects"][0]["_links"]) <= set(shown["_links"])
    assert shown["erp_status"].keys() == example["_embedded"]["limeobjects"][0]["buyingstatus"].keys()
    deal = lime.account.all("deal")[0]
    embedded = client.get(f"{OBJECTS}/deal/{deal.id}/?_embed=company&_embed=person").json()["_embedded"]
    assert embedded.keys() == examples["single_with_embed"]["response"]["_embedded"].keys()
    limetype = client.get("/demo/api/v1/limetype/person/?_embed=properties").json()
    assert limetype.keys() == examples["limetype"]["response"].keys()
    told = examples["subscription"]["create"]["body"] | {"target_url": "http://127.0.0.1:9/x"}
    made = client.post("/demo/api/v1/subscription/", json=told).json()
    assert made.keys() == examples["subscription"]["read"]["response"].keys()
    lime.edit_company(lime.account.all("company")[0].id, phone="1")
    assert lime.settle()
    body = json.loads(lime.deliveries.memory()["refused"][0].body)
    assert body["body"].keys() == examples["webhook_update"]["body"]["body"].keys()
    flat = examples["webhook_new"]["body"]["body"]["values"].keys() - {"company", "dealstatus", "probability"}
    assert flat <= body["body"]["values"].keys()
