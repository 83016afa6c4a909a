"""What people do in the simulated Lime Go, and who is told: feed, subscribers, change feed, control routes."""

import http.server
import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_lime_go.simulator import LimeGoSimulator, Switches
from erpcore_lime_go.simulator.account import UnknownRecordError
from erpcore_lime_go.simulator.demo import FULL_ACCESS_KEY

from erpcore.testing.straight import Straight

KEY = {"Authorization": f"go-api:{FULL_ACCESS_KEY}"}


@pytest.fixture
def lime() -> LimeGoSimulator:
    return LimeGoSimulator()


@pytest.fixture
def client(lime: LimeGoSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url="http://lime", transport=Straight(lime)) as client:
        yield client


def types(lime: LimeGoSimulator) -> list[str]:
    return [event.event_type for event in lime.account.events]


class Subscriber:
    """A listener on loopback that remembers what it was sent; ``status`` is what it answers."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.status = 200
        subscriber = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                subscriber.got.append(json.loads(body))
                self.send_response(subscriber.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Keep the test's output clean."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook/token"


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    subscriber = Subscriber()
    thread = threading.Thread(target=subscriber.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield subscriber
    subscriber.server.shutdown()
    thread.join()
    subscriber.server.server_close()


def subscribe(client: httpx.Client, url: str, *events: str) -> Any:
    return client.post("/v1/event/subscription", json={"targeturl": url, "events": list(events)}, headers=KEY)


# --- actions


def test_win_emits_won_and_makes_the_company_a_customer(lime):
    lime.win_deal(850000)
    assert types(lime) == ["DealStatusChange", "DealWon", "OrganizationIsACustomer"]
    assert lime.account.stage_of(lime.deal(850000)).name == "Order"
    without = LimeGoSimulator(Switches(won_emits_status_change=False, win_makes_customer=False))
    without.win_deal(850000)
    assert types(without) == ["DealWon"]


@pytest.mark.parametrize(("pipeline", "changes"), [("Merförsäljning", 2), (None, 3)])
def test_win_again_emits_won_again_by_way_of_the_first_stage_of_its_pipeline(lime, pipeline, changes):
    lime.win_deal(850000)
    lime.win_deal(850000, pipeline)
    assert (types(lime).count("DealWon"), types(lime).count("DealStatusChange")) == (2, changes)
    assert lime.account.stage_of(lime.deal(850000)).pipeline == (pipeline or "Nyförsäljning")


def test_a_deal_that_is_lost_or_moved_tells_its_new_status_once(lime):
    lime.move_deal(850000, stage="Offert")
    lime.lose_deal(850000)
    lime.move_deal(850000, "Merförsäljning")
    assert types(lime) == ["DealStatusChange", "DealStatusChange", "DealLost", "DealStatusChange"]
    lime.move_deal(850000, stage="Behov")
    assert len(types(lime)) == 4, "a deal that stays where it is says nothing"


def test_each_action_is_a_revision_without_an_origin(lime):
    before = len(lime.account.changes)
    lime.win_deal(850000)
    lime.edit_deal(850000, name="Nytt namn", value="99.90", custom_fields={"Projekt": "B"})
    lime.clear_erp_id(850000)
    changes = [c for c in lime.account.changes[before:] if c.resource_type == "deals"]
    assert [change.revision for change in changes] == [1, 2, 3]
    assert {change.origin for change in changes} == {None}
    assert lime.deal(850000).value == Decimal("99.90")
    assert lime.custom_field(850000, "Projekt") == "B"


def test_edit_deal_refuses_what_a_person_cannot_edit(lime):
    with pytest.raises(ValueError, match="no field revision"):
        lime.edit_deal(850000, revision=7)
    with pytest.raises(UnknownRecordError, match="no deal 1"):
        lime.edit_deal(1, name="x")


def test_deal_value_is_the_sum_of_its_rows_when_none_is_given(lime):
    assert lime.deal(850001).value == Decimal("8375.00")
    assert lime.deal(850002).value == Decimal("3222.00")


def test_same_seed_gives_the_same_ids(lime):
    assert LimeGoSimulator().deal(850000).id == lime.deal(850000).id


# --- subscribers


def test_subscriber_gets_the_events_it_asked_for_in_order(lime, client, subscriber):
    reply = subscribe(client, subscriber.url, "DealWon", "OrganizationIsACustomer")
    assert reply.json() == {"id": "1"}
    lime.win_deal(850000)
    assert lime.settle()
    assert [event["eventType"] for event in subscriber.got] == ["DealWon", "OrganizationIsACustomer"]
    assert subscriber.got[0]["deal"]["id"] == 850000
    attempts = lime.journal.entries("POST", ".*/hook/token")
    assert [(entry.status, entry.kind) for entry in attempts] == [(200, "delivery")] * 2


def test_an_empty_list_means_all_events(lime, client, subscriber):
    subscribe(client, subscriber.url)
    lime.move_deal(850000, stage="Offert")
    lime.win_deal(850000)
    assert lime.settle()
    assert [event["eventType"] for event in subscriber.got] == types(lime)


def test_the_reply_of_a_subscription_is_a_switch(lime, client):
    lime.switch(subscription_reply="bare")
    assert subscribe(client, "http://127.0.0.1:9/x").json() == "1"


def test_subscriptions_that_are_refused(client):
    for url in ("/relative", "not a url", "ftp://127.0.0.1/x", "", "http://["):
        assert subscribe(client, url).status_code == 400, url
    assert subscribe(client, "http://127.0.0.1:9/x", "DealUpdated").status_code == 400


def test_each_event_can_come_twice(lime, client, subscriber):
    lime.switch(deliver_twice=True)
    subscribe(client, subscriber.url, "DealWon")
    lime.win_deal(850000)
    assert lime.settle()
    assert len(subscriber.got) == 2
    assert subscriber.got[0] == subscriber.got[1]


@pytest.mark.parametrize("attempts", [1, 3])
def test_failed_delivery_is_tried_as_often_as_switched(lime, client, subscriber, attempts):
    lime.switch(delivery_attempts=attempts)
    subscriber.status = 500
    subscribe(client, subscriber.url, "DealWon")
    lime.win_deal(850000)
    assert lime.settle()
    assert [entry.status for entry in lime.journal.entries("POST", ".*/hook/token")] == [500] * attempts


# --- control routes, seeds


def test_actions_are_control_routes(lime, client):
    company = client.post("/_simulator/add_company", json={"name": "Ny AB", "business_id": "559900-0238"}).json()
    body = {
        "name": "Affär",
        "company": company["id"],
        "custom_fields": {"Projekt": "X"},
        "rows": [{"text": "Rad", "quantity": "2", "price": "10.25"}],
    }
    deal = client.post("/_simulator/add_deal", json=body).json()
    assert deal["value"] == "20.50"
    won = client.post("/_simulator/win_deal", json={"deal_id": deal["number"]})
    assert won.status_code == 200
    client.post("/_simulator/edit_deal", json={"deal_id": deal["number"], "custom_fields": {"ERP ID": "5"}})
    client.post("/_simulator/clear_erp_id", json={"deal_id": deal["number"]})
    client.post("/_simulator/move_deal", json={"deal_id": deal["number"], "pipeline": "Merförsäljning"})
    client.post("/_simulator/lose_deal", json={"deal_id": deal["number"]})
    assert types(lime) == [
        "DealStatusChange",
        "DealWon",
        "OrganizationIsACustomer",
        "DealStatusChange",
        "DealStatusChange",
        "DealLost",
    ]
    assert lime.custom_field(deal["number"], "ERP ID") is None


def test_control_route_says_what_is_wrong(client):
    reply = client.post("/_simulator/win_deal", json={"deal_id": 1})
    assert reply.status_code == 400
    assert reply.json() == {"error": "win_deal: the account has no deal 1"}
    assert client.post("/_simulator/win_deal", json={"nonsense": 1}).status_code == 400
    assert client.post("/_simulator/switches", json={"no_such": True}).status_code == 400
    assert client.post("/_simulator/switches", json={"feed_cursor": "moon"}).status_code == 400


def test_switches_by_control_route(lime, client):
    assert client.get("/_simulator/switches").json()["deliver_twice"] is False
    assert client.post("/_simulator/switches", json={"deliver_twice": True}).json()["deliver_twice"] is True
    assert lime.switches.deliver_twice is True


def test_seed_replaces_and_sets_switches(lime, tmp_path):
    seed = tmp_path / "seed.toml"
    seed.write_text(
        """
replace = true
[switches]
deal_fields = { value = "amount" }
[[coworkers]]
name = "Ove Ansvarig"
email = "ove@x.example"
[[pipelines]]
name = "Rör"
stages = [{ name = "Start" }, { name = "Klar", category = "won" }]
[[companies]]
name = "Frö AB"
contacts = [{ name = "Eva Frö" }]
[[deals]]
name = "Fröaffär"
value = "10.00"
company = "Frö AB"
contact = "Eva Frö"
responsible = "Ove Ansvarig"
custom_fields = { Projekt = "P" }
""",
        encoding="utf-8",
    )
    lime.load_seed(seed)
    state = lime.state()
    assert [deal["name"] for deal in state["records"]["deals"]] == ["Fröaffär"]
    assert state["records"]["deals"][0]["number"] == 850000
    assert state["switches"]["deal_fields"] == {"value": "amount"}
    lime.win_deal(850000)
    assert types(lime)[-2:] == ["DealWon", "OrganizationIsACustomer"]


def test_a_bad_seed_names_the_entry(lime):
    for seed, says in (
        ({"dealz": []}, "no dealz"),
        ({"deals": [{"name": "x", "company": "Finns inte"}]}, "deals 1 is refused: .*Finns inte"),
        ({"companies": [{"name": "ok"}, {"nam": "fel"}]}, "companies 2"),
        ({"switches": {"feed_cursor": "moon"}}, "feed_cursor"),
    ):
        with pytest.raises(ValueError, match=says):
            lime.seed(seed)


def test_state_is_plain_json(lime):
    lime.win_deal(850001)
    assert json.loads(json.dumps(lime.state()))["events"][1]["eventType"] == "DealWon"
