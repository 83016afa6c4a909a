"""The classic API of the Lime Go simulator, as a client written by somebody else meets it."""

import json
from collections.abc import Iterator
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_lime_go.simulator.demo import COMPANY_KEY, FULL_ACCESS_KEY, PERSONAL_KEY

from erpcore.testing.straight import Straight

FULL = {"Authorization": f"go-api:{FULL_ACCESS_KEY}"}
COMPANY = {"Authorization": f"go-api:{COMPANY_KEY}"}
PERSONAL = {"Authorization": f"go-api:{PERSONAL_KEY}"}


@pytest.fixture
def lime() -> LimeGoSimulator:
    return LimeGoSimulator()


@pytest.fixture
def client(lime: LimeGoSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url="http://lime", transport=Straight(lime)) as client:
        yield client


def query(client: httpx.Client, text: str, headers: dict[str, str] = FULL, **variables: Any) -> dict[str, Any]:
    reply = client.post("/v1/graphql", json={"query": text, "variables": variables}, headers=headers)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


def feed(client: httpx.Client, headers: dict[str, str] = FULL, **parameters: str) -> list[dict[str, Any]]:
    reply = client.get("/v1/event/feed/", headers=headers, params=parameters)
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items


def test_every_address_needs_a_key_in_header_or_query(client):
    for headers, parameters, status in (
        (FULL, {}, 200),
        ({}, {"apikey": FULL_ACCESS_KEY}, 200),
        ({}, {}, 401),
        ({"Authorization": "go-api:00000000-0000-0000-0000-000000000000"}, {}, 401),
        ({"Authorization": f"Bearer {FULL_ACCESS_KEY}"}, {}, 401),
    ):
        assert client.get("/v1/event/feed/", headers=headers, params=parameters).status_code == status
    assert client.post("/v1/graphql", json={"query": "{__typename}"}).status_code == 401
    assert client.post("/v1/event/subscription", json={"targeturl": "http://localhost/x"}).status_code == 401


def test_feed_item_can_be_read_once_unless_peeked(lime, client):
    deal = lime.add_deal("Affär", "100.50", responsible="anna@nordverk.example")
    lime.win_deal(deal.number)

    peeked = feed(client, peek="true")
    assert feed(client, peek="true") == peeked
    assert feed(client) == peeked
    assert feed(client) == []

    won = next(item for item in peeked if item["eventType"] == "DealWon")
    assert won == {
        "position": won["position"],
        "eventType": "DealWon",
        "coworker": {"firstName": "Anna", "lastName": "Exempel", "email": "anna@nordverk.example"},
        "deal": {"id": deal.number, "name": "Affär", "value": 100.5},
    }


def test_feed_gives_fifty_oldest_first(lime, client):
    deal = lime.add_deal("Affär")
    for _ in range(30):
        lime.lose_deal(deal.number)
        lime.move_deal(deal.number, "Nyförsäljning")
    first, second = feed(client), feed(client)
    assert len(first) == 50
    positions = [int(item["position"]) for item in first + second]
    assert positions == list(range(1, len(lime.account.events) + 1))


@pytest.mark.parametrize(("cursor", "left_for_the_other"), [("key", True), ("account", False)])
def test_feed_position_is_per_key_or_per_account(lime, client, cursor, left_for_the_other):
    lime.switch(feed_cursor=cursor)
    lime.win_deal(850000)
    assert feed(client)
    assert bool(feed(client, COMPANY)) is left_for_the_other


def test_feed_can_be_closed_to_a_kind_of_key(lime, client):
    lime.switch(feed_keys=["company"])
    assert client.get("/v1/event/feed/", headers=PERSONAL).status_code == 403
    assert client.get("/v1/event/feed/", headers=COMPANY).status_code == 200


def test_event_keys_can_be_renamed_and_left_out(lime, client):
    lime.switch(event_keys={"deal": "affar", "deal.value": "", "eventType": "type"})
    lime.win_deal(850000)
    won = next(item for item in feed(client) if item["type"] == "DealWon")
    assert won["affar"] == {"id": 850000, "name": "Ställningar etapp 1"}
    assert "deal" not in won
    assert "eventType" not in won


DEAL = """query ($id: Int!) { deal(id: $id) {
  id name customerName status source tags value customerContact { name email phoneNumber }
  responsibleCoworker { id name email phoneNumber } customFields { title type value }
  customer { id name city email phoneNumber organizationNumber customerRelation
    postalAddress { street zipCode city countryCode } visitAddress { street zipCode city countryCode }
    employees(first: 5) { name } deals { id name status tags } } } }"""


def test_full_access_key_sees_a_deal_with_its_customer(client):
    deal = query(client, DEAL, id=850000)["data"]["deal"]
    assert deal["status"] == "Kontakt"
    assert deal["value"] == 12500
    assert deal["customerContact"] == {
        "name": "Karin Gran",
        "email": "karin@granudden.example",
        "phoneNumber": ["070-000 10 01"],
    }
    assert {"title": "Projekt", "type": "String", "value": "Etapp 1"} in deal["customFields"]
    customer = deal["customer"]
    assert customer["id"] == "pase100001"
    assert customer["phoneNumber"] == ["08-000 10 00"]
    assert customer["customerRelation"] == "WORKING_ON_IT"
    assert customer["postalAddress"]["street"] == "Boxgatan 1"
    assert customer["visitAddress"]["street"] == "Byggvägen 7"
    assert [each["name"] for each in customer["employees"]] == ["Karin Gran"]
    assert [each["id"] for each in customer["deals"]] == [850000]


def test_company_key_is_not_shown_contact_data(lime, client):
    deal = query(client, DEAL, COMPANY, id=850000)["data"]["deal"]
    customer = deal["customer"]
    assert customer["organizationNumber"] == "559900-0014"
    assert [customer[f] for f in ("email", "phoneNumber", "city", "postalAddress", "visitAddress")] == [None] * 5
    assert deal["customerContact"]["phoneNumber"] is None
    assert deal["customerContact"]["email"] == "karin@granudden.example"
    lime.switch(hidden_contact_data="absent")
    customer = query(client, DEAL, COMPANY, id=850000)["data"]["deal"]["customer"]
    assert "email" not in customer
    assert "postalAddress" not in customer
    assert customer["name"] == "Granudden Bygg AB"


def test_lookups_by_id_and_number_and_their_misses(client):
    text = 'query { a: organization(id: "pase100002") { name } b: organization(id: "100002") { name } '
    text += 'c: organization(id: "pase9") { name } d: deal(id: 1) { name } }'
    data = query(client, text)["data"]
    assert data["a"] == data["b"] == {"name": "Sjöstrand Redovisning AB"}
    assert (data["c"], data["d"]) == (None, None)


def test_lists_search_and_give_at_most_twenty(lime, client):
    for number in range(25):
        lime.add_company(f"Många {number:02} AB")
    text = "query ($q: String!, $first: Int, $offset: Int) "
    text += "{ organizations(query: $q, first: $first, offset: $offset) { name } }"

    def names(**variables: Any) -> list[str]:
        return [each["name"] for each in query(client, text, **variables)["data"]["organizations"]]

    assert len(query(client, '{ organizations(query: "många") { name } }')["data"]["organizations"]) == 10
    assert len(names(q="många", first=100)) == 20
    assert names(q="många", first=20, offset=20) == [f"Många {n} AB" for n in range(20, 25)]
    assert names(q="559900-0121", first=5) == ["Sjöstrand Redovisning AB"]
    lime.switch(first_over_max="error")
    assert "errors" in query(client, text, q="", first=21)


def test_introspection_shows_fields_and_mutations(lime, client):
    text = (
        '{ deal: __type(name: "Deal") { fields { name } } __schema { mutationType { fields { name args { name } } } } }'
    )
    data = query(client, text)["data"]
    assert {"id", "status", "customFields", "value"} <= {f["name"] for f in data["deal"]["fields"]}
    assert "currency" not in {f["name"] for f in data["deal"]["fields"]}
    mutations = {f["name"]: [a["name"] for a in f["args"]] for f in data["__schema"]["mutationType"]["fields"]}
    assert mutations["setDealCustomField"] == ["dealId", "title", "value"]

    lime.switch(custom_field_mutation=None, deal_fields={"currency": "valuta"})
    data = query(client, text)["data"]
    assert data["__schema"]["mutationType"] is None
    assert "valuta" in {f["name"] for f in data["deal"]["fields"]}
    assert "value" not in {f["name"] for f in data["deal"]["fields"]}


def test_unknown_field_is_a_graphql_error(lime, client):
    answer = query(client, "{ deal(id: 850000) { rows } }")
    assert "Cannot query field 'rows'" in answer["errors"][0]["message"]
    lime.switch(graphql_error_status=400)
    assert client.post("/v1/graphql", json={"query": "{ nonsense"}, headers=FULL).status_code == 400
    assert client.post("/v1/graphql", content=b"no json", headers=FULL).status_code == 400


def test_mutation_sets_and_empties_the_erp_id_under_the_name_that_is_switched(lime, client):
    text = """mutation ($value: String) { NAME(dealId: 850000, title: "ERP ID", value: $value)
        { customFields { title value } } }"""
    fields = query(client, text.replace("NAME", "setDealCustomField"), value="1042")["data"]["setDealCustomField"]
    assert {"title": "ERP ID", "value": "1042"} in fields["customFields"]
    assert lime.custom_field(850000, "ERP ID") == "1042"
    lime.switch(custom_field_mutation="updateDealCustomField")
    assert "errors" in query(client, text.replace("NAME", "setDealCustomField"), value=None)
    query(client, text.replace("NAME", "updateDealCustomField"), value=None)
    assert lime.custom_field(850000, "ERP ID") is None


def test_mutation_refuses_company_keys_unknown_fields_and_unknown_deals(lime, client):
    text = 'mutation ($id: Int!, $t: String!) { setDealCustomField(dealId: $id, title: $t, value: "7") { id } }'
    assert "may not change" in query(client, text, COMPANY, id=850000, t="ERP ID")["errors"][0]["message"]
    lime.switch(mutating_keys=["company"])
    assert "may not change" in query(client, text, id=850000, t="ERP ID")["errors"][0]["message"]
    lime.switch(mutating_keys=["company", "full_access"])
    assert "no custom field" in query(client, text, id=850000, t="Nonsens")["errors"][0]["message"]
    assert "no deal" in query(client, text, id=1, t="ERP ID")["errors"][0]["message"]
    assert lime.custom_field(850000, "ERP ID") is None


def test_rows_are_json_text_in_a_custom_field(lime, client):
    text = "{ deal(id: 850001) { customFields { title value } } }"

    def shown() -> dict[str, str]:
        return {f["title"]: f["value"] for f in query(client, text)["data"]["deal"]["customFields"]}

    rows = json.loads(shown()["ERP rows"])
    assert rows[1] == {
        "text": "Support, timme",
        "quantity": "2.5",
        "price": "950.00",
        "article_number": "SUP-1",
        "discount": "0",
    }
    lime.switch(rows_in_custom_field=False)
    assert "ERP rows" not in shown()


def test_custom_field_without_a_value_is_absent_or_null(lime, client):
    text = "{ deal(id: 850000) { customFields { title value } } }"

    def shown() -> dict[str, str | None]:
        return {f["title"]: f["value"] for f in query(client, text)["data"]["deal"]["customFields"]}

    assert "ERP ID" not in shown()
    lime.switch(empty_custom_fields="null")
    assert shown()["ERP ID"] is None
    assert shown()["Projekt"] == "Etapp 1"
