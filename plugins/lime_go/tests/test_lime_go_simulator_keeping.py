"""The simulated Lime Go after a restart: records, feeds, positions, subscriptions and keys go on."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx  # noqa: TID251 a stranger's client
import pytest
from erpcore_lime_go.simulator import LimeGoSimulator, Switches
from erpcore_lime_go.simulator.demo import COMPANY_KEY, FULL_ACCESS_KEY
from hypothesis import given, settings
from hypothesis import strategies as st

from erpcore.simulator import Clock, running

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MEDIA = "application/vnd.api+json"
COMPANY = {"data": {"type": "companies", "attributes": {"name": "Ny AB", "custom_fields": {"kundgrupp": "A"}}}}
TASK = {"type": "tasks", "attributes": {"title": "Ring"}, "relationships": {"owner": {"data": None}}}
FIELD = 'mutation { setDealCustomField(dealId: 850000, title: "ERP ID", value: "17") { name } }'
RELATION = 'mutation { setOrganizationRelation(organizationId: "pase100003", relation: IS_A_CUSTOMER) { name } }'
GRAPHQL = "/v1/graphql?apikey=" + FULL_ACCESS_KEY
FEED = "/v1/event/feed/?apikey="
SUBSCRIPTION = "/v1/event/subscription?apikey=" + FULL_ACCESS_KEY
ASKED: list[tuple[str, str, Any]] = [
    ("POST", "/_simulator/win_deal", {"deal_id": 850000}),
    ("POST", "/_simulator/lose_deal", {"deal_id": 850001}),
    ("POST", "/_simulator/move_deal", {"deal_id": 850002, "pipeline": "Merförsäljning"}),
    (
        "POST",
        "/_simulator/edit_deal",
        {"deal_id": 850000, "name": "Bytt namn", "rows": [{"text": "x", "price": "1.50"}]},
    ),
    ("POST", "/_simulator/clear_erp_id", {"deal_id": 850000}),
    ("POST", "/_simulator/add_company", {"name": "Tillagd AB", "visiting_address": {"city": "Umeå"}}),
    ("POST", "/_simulator/add_contact", {"name": "Ny Person"}),
    ("POST", "/_simulator/add_deal", {"name": "Ny affär", "value": "12.50"}),
    ("POST", "/_simulator/switches", {"feed_page": 2}),
    ("POST", "/_simulator/expire_cursors", None),
    ("GET", FEED + FULL_ACCESS_KEY, None),
    ("GET", FEED + FULL_ACCESS_KEY + "&peek=true", None),
    ("GET", FEED + COMPANY_KEY, None),
    ("POST", SUBSCRIPTION, {"targeturl": "http://127.0.0.1:9/hook", "events": ["CallPositive"]}),
    ("DELETE", SUBSCRIPTION + "&id=1", None),
    ("POST", GRAPHQL, {"query": FIELD}),
    ("POST", GRAPHQL, {"query": RELATION}),
    ("POST", "/api/v1/companies", COMPANY),
    ("PUT", "/api/v1/companies/external/E-1", COMPANY),
    ("POST", "/api/v1/tasks", {"data": TASK}),
    ("GET", "/api/v1/changes", None),
    ("GET", "/api/v1/deals", None),
]


def account(clock: Clock, **options: Any) -> LimeGoSimulator:
    # No limit, so that the number of requests before the restart makes no difference: windows are not kept.
    switches = Switches(integration_limit=10_000, organization_limit=10_000)
    return LimeGoSimulator(switches, clock=clock, **options)


def token_of(url: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": "demo-client", "client_secret": "demo-secret"}
    return str(httpx.post(f"{url}/oauth/token", data=form).json()["access_token"])


def answers(lime: LimeGoSimulator, token: str, asked: list[tuple[str, str, Any]]) -> list[tuple[int, Any]]:
    """What a client with this token is answered; each Agentic write has one Idempotency-Key for ever."""
    with running(lime) as url, httpx.Client(base_url=url, timeout=30) as client:
        return [_answer(client, token, *each) for each in asked]


def _answer(client: httpx.Client, token: str, method: str, path: str, body: Any) -> tuple[int, Any]:
    headers = {}
    if path.startswith("/api/"):
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{method} {path}"}
        headers |= {"Content-Type": MEDIA} if body else {}
    reply = client.request(method, path, json=body, headers=headers)
    content = reply.json() if reply.content else None
    for error in content.get("errors", []) if isinstance(content, dict) else []:
        error.get("meta", {}).pop("request_id", None)  # another one each time
    return reply.status_code, content


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(ASKED), max_size=8), st.lists(st.sampled_from(ASKED), max_size=8))
def test_goes_on_as_the_one_that_never_stopped(
    before: list[tuple[str, str, Any]], after: list[tuple[str, str, Any]]
) -> None:
    clock = Clock(START, ticking=False)
    first, second = account(clock), account(clock, with_demo=False)
    second.add_company("Not kept AB")
    second.deliveries.subscribe("http://127.0.0.1:9/not-kept", [])
    with running(first) as url:
        token = token_of(url)
    # A page of changes from before the restart, so that its cursor is there to go on with.
    checkpoint = answers(first, token, [("GET", "/api/v1/changes", None)])[0][1]["meta"]["cursor"]
    answers(first, token, before)
    clock.advance(60)
    with tempfile.TemporaryDirectory() as folder:
        first.keep(Path(folder) / "kept.json")
        assert second.recall(Path(folder) / "kept.json")
    assert second.state() == first.state()
    assert second.memory() == first.memory()
    after = [
        *after,
        ("GET", f"/api/v1/changes?cursor={checkpoint}", None),
        *(("GET", p, b) for m, p, b in ASKED if m == "GET"),
    ]
    assert answers(second, token, after) == answers(first, token, after)
    assert second.memory() == first.memory()


@pytest.mark.parametrize(("method", "path", "body"), ASKED)
def test_every_request_of_the_property_is_carried_out(method: str, path: str, body: Any) -> None:
    lime = account(Clock(START, ticking=False))
    with running(lime) as url:
        token = token_of(url)
    needed = [ASKED[13]] if method == "DELETE" else []
    status, content = answers(lime, token, [*needed, (method, path, body)])[-1]
    assert status < 300, content
    assert not (isinstance(content, dict) and "errors" in content), content


def test_nothing_of_the_account_is_forgotten() -> None:
    lime = account(Clock())
    held = {name.lstrip("_").removesuffix("s") for name in vars(lime.account)} - {"lock", "on_event", "now"}
    assert {name.removesuffix("s") for name in lime.account.memory()} == held


def test_events_feed_and_subscription_numbers_go_on(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"

    def feed(url: str, **params: str) -> list[str]:
        reply = httpx.get(f"{url}/v1/event/feed/", params={"apikey": FULL_ACCESS_KEY, **params})
        return [f"{item['position']} {item['eventType']}" for item in reply.json()["items"]]

    def subscribe(url: str) -> str:
        return str(
            httpx.post(
                url + SUBSCRIPTION, json={"targeturl": "http://127.0.0.1:9/x", "events": ["CallPositive"]}
            ).json()["id"]
        )

    with running(account(Clock()), keep=path) as url:
        httpx.post(f"{url}/_simulator/win_deal", json={"deal_id": 850000})
        read = feed(url)
        assert subscribe(url) == "1"
    assert read
    with running(account(Clock()), keep=path) as url:
        assert feed(url, peek="true") == [], "read before the restart"
        httpx.post(f"{url}/_simulator/lose_deal", json={"deal_id": 850001})
        waiting = feed(url, peek="true")
        assert waiting[-1] == f"{len(read) + len(waiting)} DealLost"
        assert subscribe(url) == "2"
        made = httpx.post(f"{url}/_simulator/add_deal", json={"name": "Ny"}).json()
        assert made["number"] == 850003
    with running(account(Clock()), keep=path) as url:
        assert feed(url) == waiting


def test_a_later_change_does_not_rewrite_an_event() -> None:
    lime = account(Clock())
    lime.win_deal(850000)
    event = next(each for each in lime.account.events if each.event_type == "DealWon")
    fields = dict(event.subject.custom_fields)
    lime.edit_deal(850000, name="Bytt", custom_fields={"Projekt": "Ett annat"})
    assert (event.subject.name, event.subject.custom_fields) == ("Ställningar etapp 1", fields)


def test_recalling_tells_no_subscriber_again(tmp_path: Path) -> None:
    first, second = account(Clock()), account(Clock())
    first.win_deal(850000)
    first.deliveries.subscribe("http://127.0.0.1:9/hook", [])
    first.keep(tmp_path / "kept.json")
    second.recall(tmp_path / "kept.json")
    assert second.settle()
    assert second.journal.count() == 0
    second.lose_deal(850001)
    assert second.settle()
    assert second.journal.count("POST", "http://127.0.0.1:9/hook") > 0, "new events are told"


def test_an_idempotency_key_dies_in_its_time_though_the_process_did_not_live_on(tmp_path: Path) -> None:
    clock = Clock(START, ticking=False)
    first, second = account(clock), account(clock)
    with running(first) as url:
        token = token_of(url)
    asked = [("POST", "/api/v1/companies", COMPANY)]
    made = answers(first, token, asked)
    first.keep(tmp_path / "kept.json")
    second.recall(tmp_path / "kept.json")
    assert answers(second, token, asked) == made
    clock.advance(24 * 3600)
    second.keep(tmp_path / "kept.json")
    assert second.memory()["writes"]["idempotency_keys"] == {}
