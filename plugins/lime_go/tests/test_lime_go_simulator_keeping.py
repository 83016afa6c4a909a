"""The simulated Lime Go after a restart, and run again: it goes on as if it had never stopped, and repeats itself."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx  # noqa: TID251 a stranger's client
from erpcore_lime_go.simulator import LimeGoSimulator, Switches
from erpcore_lime_go.simulator.demo import COMPANY_KEY, FULL_ACCESS_KEY
from hypothesis import given, settings, strategies as st

from erpcore.simulator import Answered, Clock, InProcess
from erpcore.testing.straight import Straight

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MEDIA = "application/vnd.api+json"
DEAL = LimeGoSimulator().deal(850000).id
CHANGE = {"data": {"type": "deals", "attributes": {"custom_fields": {"erp_id": "17"}}}}
FIELD = 'mutation { setDealCustomField(dealId: 850000, title: "ERP ID", value: "17") { name } }'
GRAPHQL = "/v1/graphql?apikey=" + FULL_ACCESS_KEY
FEED = "/v1/event/feed/?apikey="
SUBSCRIPTION = "/v1/event/subscription?apikey=" + FULL_ACCESS_KEY
Asked = list[tuple[str, str, Any]]
ASKED: Asked = [
    ("PATCH", f"/api/v1/deals/{DEAL}", CHANGE),
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
    ("POST", GRAPHQL, {"query": FIELD}),
    ("GET", "/api/v1/changes", None),
    ("GET", "/api/v1/deals", None),
]


def account(clock: Clock, **options: Any) -> LimeGoSimulator:
    # No limit, so that the number of requests before the restart makes no difference: windows are not kept.
    switches = Switches(integration_limit=10_000, organization_limit=10_000)
    return LimeGoSimulator(switches, clock=clock, **options)


def asking(lime: LimeGoSimulator) -> httpx.Client:
    return httpx.Client(base_url="http://lime", transport=Straight(lime))


def token_of(lime: LimeGoSimulator) -> str:
    form = {"grant_type": "client_credentials", "client_id": "demo-client", "client_secret": "demo-secret"}
    with asking(lime) as client:
        return str(client.post("/oauth/token", data=form).json()["access_token"])


def requests(token: str, asked: Asked) -> list[httpx.Request]:
    """What a client with this token sends; each Agentic write has one Idempotency-Key for ever."""
    made = []
    for method, path, body in asked:
        headers = {}
        if path.startswith("/api/"):
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{method} {path}"}
            headers |= {"Content-Type": MEDIA, "If-Match": f'"{DEAL}:0"'} if body else {}
        made.append(httpx.Request(method, f"http://lime{path}", headers=headers, json=body))
    return made


def answers(lime: LimeGoSimulator, token: str, asked: Asked) -> list[tuple[int, Any]]:
    """What a client with this token is answered."""
    told = []
    with asking(lime) as client:
        for request in requests(token, asked):
            reply = client.send(request)
            content = reply.json() if reply.content else None
            for error in content.get("errors", []) if isinstance(content, dict) else []:
                error.get("meta", {}).pop("request_id", None)  # another one each time
            told.append((reply.status_code, content))
    return told


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(ASKED), max_size=8), st.lists(st.sampled_from(ASKED), max_size=8))
def test_goes_on_as_the_one_that_never_stopped(before: Asked, after: Asked) -> None:
    clock = Clock(START, ticking=False)
    first, second = account(clock), account(clock, with_demo=False)
    second.add_company("Not kept AB")
    second.deliveries.subscribe("http://127.0.0.1:9/not-kept", [])
    token = token_of(first)
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


def test_every_request_of_the_property_is_carried_out() -> None:
    lime = account(Clock(START, ticking=False))
    token = token_of(lime)
    for asked in ASKED:
        ((status, content),) = answers(lime, token, [asked])
        assert status < 300, (asked, content)
        assert not (isinstance(content, dict) and "errors" in content), (asked, content)


def test_a_run_is_repeated_byte_for_byte() -> None:
    def run() -> list[Answered]:
        lime = account(Clock(START, ticking=False), random=Random(7))
        call = InProcess(lime.asgi)
        sent = requests(token_of(lime), ASKED)
        return [call(each.method, str(each.url), each.headers.raw, each.content) for each in sent]

    first, second = run(), run()
    assert first == second
    assert {answered.status for answered in first} == {200}


def test_nothing_of_the_account_is_forgotten() -> None:
    lime = account(Clock())
    held = {name.lstrip("_").removesuffix("s") for name in vars(lime.account)} - {"lock", "on_event", "now"}
    assert {name.removesuffix("s") for name in lime.account.memory()} == held


def test_a_later_change_does_not_rewrite_an_event() -> None:
    lime = account(Clock())
    lime.win_deal(850000)
    event = next(each for each in lime.account.events if each.event_type == "DealWon")
    fields = dict(event.subject.custom_fields)
    lime.edit_deal(850000, name="Bytt", custom_fields={"Projekt": "Ett annat"})
    assert (event.subject.name, event.subject.custom_fields) == ("Ställningar etapp 1", fields)


def test_recalling_tells_no_subscriber_again_and_numbers_go_on(tmp_path: Path) -> None:
    first, second = account(Clock()), account(Clock())
    first.win_deal(850000)
    assert first.deliveries.subscribe("http://127.0.0.1:9/hook", []) == "1"
    first.keep(tmp_path / "kept.json")
    second.recall(tmp_path / "kept.json")
    assert second.settle()
    assert second.journal.count() == 0
    second.lose_deal(850001)
    assert second.settle()
    assert second.journal.count("POST", "http://127.0.0.1:9/hook") > 0, "new events are told"
    assert second.deliveries.subscribe("http://127.0.0.1:9/hook", []) == "2"
    assert second.add_deal("Ny").number == 850003


def test_an_idempotency_key_dies_in_its_time_though_the_process_did_not_live_on(tmp_path: Path) -> None:
    clock = Clock(START, ticking=False)
    first, second = account(clock), account(clock)
    token = token_of(first)
    made = answers(first, token, ASKED[:1])
    first.keep(tmp_path / "kept.json")
    second.recall(tmp_path / "kept.json")
    assert answers(second, token, ASKED[:1]) == made
    assert second.deal(850000).revision == 1
    clock.advance(24 * 3600)
    assert second.memory()["writes"] == {}
